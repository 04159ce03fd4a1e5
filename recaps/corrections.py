"""What came late: purchases of periods whose recap is signed already, told in the next recap as a correction.

A signed recap is never changed. What it said of its period, and what later recaps corrected of it, is held against the
rollups as they stand now; only a difference that no letter has told yet is told.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from recaps.models import STANDING, Recap
from sales.checks import COMPLETED
from sales.models import MonthFigure
from tenants.database import session
from tenants.models import Kanwil
from tenants.periods import months_of

REACH = timedelta(days=3 * 366)
"""How long a period is looked back at."""


def corrections_for(recap: Recap, kanwil: Kanwil) -> list[dict[str, Any]]:
    """The corrections that this recap tells, by period: ``{period, label, number, day, packages_before, packages,
    value_before_rupiah, value_rupiah}``; "before" is what was told last. Two statements, on recaps and rollups."""
    told = _told(recap, kanwil)
    if not told:
        return []
    first = min(months_of(period)[0] for period in told)
    asked = (
        select(MonthFigure.month, func.sum(MonthFigure.packages), func.sum(MonthFigure.value_rupiah))
        .where(MonthFigure.status == COMPLETED, MonthFigure.month >= first)
        .group_by(MonthFigure.month)
    )
    now = {month: (int(packages), int(value)) for month, packages, value in session().execute(asked)}
    found = []
    for period, one in sorted(told.items(), key=lambda item: (months_of(item[0])[0], item[0])):
        months = [now.get(month, (0, 0)) for month in months_of(period)]
        packages, value = sum(month[0] for month in months), sum(month[1] for month in months)
        if (packages, value) != (one["packages_before"], one["value_before_rupiah"]):
            found.append({**one, "packages": packages, "value_rupiah": value})
    return found


def _told(recap: Recap, kanwil: Kanwil) -> dict[str, dict[str, Any]]:
    """What the standing letters before this recap's period said last of each period. The one that this recap is the
    "ralat" of no longer counts."""
    zone = ZoneInfo(kanwil.timezone)
    standing = session().execute(
        select(Recap.period, Recap.label, Recap.number, Recap.signed_at, Recap.summary)
        .where(
            Recap.state.in_(STANDING),
            Recap.period_from >= recap.period_from - REACH,
            Recap.id != (recap.replaces_id or 0),
        )
        .order_by(Recap.signed_at, Recap.id)
    )
    said: dict[str, dict[str, Any]] = {}
    for period, label, number, signed_at, summary in standing:
        said[period] = {
            "period": period,
            "label": label,
            "number": number,
            "day": signed_at.astimezone(zone).date().isoformat(),
            "packages_before": int(summary["packages"]),
            "value_before_rupiah": int(summary["value_rupiah"]),
        }
        for one in summary.get("corrections", ()):
            if one["period"] in said:
                said[one["period"]] |= {
                    "packages_before": int(one["packages"]),
                    "value_before_rupiah": int(one["value_rupiah"]),
                }
    before = f"{recap.period_from:%Y-%m}"
    return {period: one for period, one in said.items() if months_of(period)[-1] < before}
