"""Readiness in the recap: the radar that page and letter share, and the figures of the letter's annex.

The annex belongs to the recap of a half-year or a year, the periods in which readiness is judged; its figures are
frozen with the others, so that a recap drafted before there was an annex stays as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from catalogue.readiness import queries
from catalogue.readiness.profile import Axis, axes
from catalogue.readiness.terms import DIMENSIONS, HIGHEST, WHOLE, label_of, shown
from recaps.radar import Series, radar
from tenants.clock import local_day
from tenants.database import session
from tenants.words import N_
from workflows.calendars import calendar_of

PRINTED_GAPS: Final = 20
OWN, COUNTS, BEFORE = N_("Penilaian sendiri"), N_("Terverifikasi"), N_("Tahun sebelumnya")
OWN_SHORT, BEFORE_SHORT = N_("sendiri"), N_("tahun lalu")


def picture(
    found: Sequence[Axis], *, title: str, counts: str = COUNTS, say: Callable[[str], str] = str
) -> str:
    """The radar of the five dimensions as SVG. `counts` names what counts; `say` puts words into the reader's
    language."""
    labels = [(say(axis.label), _printed(axis, say)) for axis in found]
    lines = [
        Series(say(counts), [axis.value for axis in found]),
        Series(say(OWN), [axis.own for axis in found], "soft"),
        Series(say(BEFORE), [axis.before for axis in found], "past"),
    ]
    return radar(labels, lines, most=HIGHEST * WHOLE, title=title)


def _printed(axis: Axis, say: Callable[[str], str]) -> str:
    parts = [shown(axis.value)]
    if axis.own is not None and axis.own != axis.value:
        parts.append(f"{say(OWN_SHORT)} {shown(axis.own)}")
    if axis.before is not None:
        parts.append(f"{say(BEFORE_SHORT)} {shown(axis.before)}")
    return " · ".join(parts)


def annexed(period: str) -> bool:
    """Whether the recap of a period ("2024", "2024-S1") has the annex."""
    return len(period) == 4 or period[5:6] == "S"


def gather(period: str, *, now: datetime) -> dict[str, Any]:
    """The annex as it is frozen: whole numbers alone, means in hundredths. Verified figures only."""
    year = int(period[:4])
    found = queries.year(year, now=now)
    today = local_day(now, calendar_of(session()).timezone)
    rows = [row for row in found.rows if row.is_verified]
    gaps = [one for one in found.gaps if one.year <= year]
    return {
        "year": year,
        "upts": len(found.rows),
        "verified": len(rows),
        "means": found.means,
        "total": found.total,
        "before": found.means_before,
        "by_upt": [
            {"upt": row.upt, **{name: row.scores.get(name) for name in DIMENSIONS}, "total": row.total,
             "before": row.before}
            for row in sorted(rows, key=lambda row: (-(row.total or 0), row.upt))
        ],
        "gaps": queries.gap_states(year, today),
        "gap_items": [
            {
                "upt": one.upt,
                "question": str(label_of(one.gap.question)),
                "action": one.gap.action,
                "who": one.gap.who,
                "due_on": one.gap.due_on.isoformat(),
                "late": one.late,
            }
            for one in gaps[:PRINTED_GAPS]
        ],
        "gap_rest": max(0, len(gaps) - PRINTED_GAPS),
    }  # fmt: skip


def picture_of(annex: Mapping[str, Any]) -> str:
    """The radar of a frozen annex, the same as on the Kanwil's page of that year."""
    return picture(
        axes(annex["means"], before=annex["before"]),
        title=f"Kesiapan UPT {annex['year']}, rata-rata yang terverifikasi",
    )
