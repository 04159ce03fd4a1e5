"""What sells, when and how much of it, of a year: for the scope, or with a national session for the country by Kanwil.

All of it is read from `month_figure`, a row an UPT, commodity and month, whatever the number of purchases.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sales.checks import COMPLETED
from sales.figures import DEFAULT_SHARE_BP, Sums, share_of
from sales.models import MonthFigure, PnbpRule, Target
from tenants.database import session as scoped_session
from tenants.models import Kanwil
from tenants.periods import months_of
from tenants.words import month_id

BEST: Final = 12
"""Commodities of the list of what sells best."""


@dataclass(frozen=True)
class Sold:
    """One row: what it is of, and the completed sales of the year and of the year before."""

    key: str
    name: str
    sums: Sums
    before: Sums


@dataclass(frozen=True)
class KanwilReached:
    """One Kanwil's year against what it meant to reach; a target of 0 is none."""

    kanwil_id: int
    code: str
    kanwil: str
    packages: int
    omzet_rupiah: int
    omzet_target_rupiah: int
    pnbp_rupiah: int
    pnbp_target_rupiah: int
    earlier_omzet_rupiah: int

    @property
    def omzet_share(self) -> float | None:
        return self.omzet_rupiah / self.omzet_target_rupiah if self.omzet_target_rupiah else None

    @property
    def pnbp_share(self) -> float | None:
        return self.pnbp_rupiah / self.pnbp_target_rupiah if self.pnbp_target_rupiah else None


def best(year: int, *, session: Session | None = None, limit: int = BEST) -> list[Sold]:
    """The commodities that sold best in a year, by value, beside the year before. One statement."""
    of_year = func.substr(MonthFigure.month, 1, 4)
    rows = (session or scoped_session()).execute(
        select(MonthFigure.category, of_year, *_SUMS)
        .where(*_of_years(year))
        .group_by(MonthFigure.category, of_year)
    )
    found: dict[str, tuple[Sums, Sums]] = {}
    for name, found_year, *amounts in rows:
        now, before = found.setdefault(name, (Sums(), Sums()))
        (now if found_year == str(year) else before).add(*amounts)
    ordered = sorted(found.items(), key=lambda one: (-one[1][0].value_rupiah, -one[1][0].packages, one[0]))
    return [Sold(name, name or "Lainnya", *both) for name, both in ordered if both[0].packages][:limit]


def by_month(year: int, *, session: Session | None = None) -> list[Sold]:
    """Each month of a year beside the same month of the year before. One statement."""
    rows = (session or scoped_session()).execute(
        select(MonthFigure.month, *_SUMS).where(*_of_years(year)).group_by(MonthFigure.month)
    )
    found: dict[str, Sums] = {}
    for month, *amounts in rows:
        found.setdefault(month, Sums()).add(*amounts)
    return [
        Sold(
            month,
            month_id(year, int(month[5:])),
            found.get(month, Sums()),
            found.get(f"{year - 1}{month[4:]}", Sums()),
        )
        for month in months_of(str(year))
    ]


def quantities(year: int, *, session: Session | None = None, by_kanwil: bool = False) -> dict[int, int]:
    """Pieces sold in a year by UPT, or by Kanwil. One statement."""
    place = MonthFigure.tenant_id if by_kanwil else MonthFigure.upt_id
    rows = (session or scoped_session()).execute(
        select(place, func.sum(MonthFigure.quantity))
        .where(MonthFigure.month.in_(months_of(str(year))), MonthFigure.status == COMPLETED)
        .group_by(place)
    )
    return {int(place_id): int(n) for place_id, n in rows}


def reached_by_kanwil(year: int, *, session: Session) -> list[KanwilReached]:
    """Turnover and PNBP of every Kanwil against its targets, the largest turnover first. Four statements; `session`
    has the national reach. PNBP at each Kanwil's own share."""
    of_year = func.substr(MonthFigure.month, 1, 4)
    sold: dict[tuple[int, str], tuple[int, int]] = {
        (tenant, found_year): (int(packages), int(value))
        for tenant, found_year, packages, value in session.execute(
            select(
                MonthFigure.tenant_id,
                of_year,
                func.sum(MonthFigure.packages),
                func.sum(MonthFigure.value_rupiah),
            )
            .where(*_of_years(year))
            .group_by(MonthFigure.tenant_id, of_year)
        )
    }
    aims = {
        tenant: (int(omzet or 0), int(pnbp or 0))
        for tenant, omzet, pnbp in session.execute(
            select(Target.tenant_id, func.sum(Target.omzet_rupiah), func.sum(Target.pnbp_rupiah))
            .where(Target.year == year)
            .group_by(Target.tenant_id)
        )
    }
    shares: dict[int, int] = {
        tenant: round(share * 10_000)
        for tenant, share in session.execute(
            select(PnbpRule.tenant_id, PnbpRule.share).where(PnbpRule.year == year)
        )
    }
    rows = []
    for kanwil in session.scalars(select(Kanwil).order_by(Kanwil.province)):
        packages, omzet = sold.get((kanwil.id, str(year)), (0, 0))
        omzet_target, pnbp_target = aims.get(kanwil.id, (0, 0))
        rows.append(
            KanwilReached(
                *(kanwil.id, kanwil.code, kanwil.short_name, packages, omzet, omzet_target),
                *(share_of(omzet, shares.get(kanwil.id, DEFAULT_SHARE_BP)), pnbp_target),
                sold.get((kanwil.id, str(year - 1)), (0, 0))[1],
            )
        )
    return sorted(rows, key=lambda row: (-row.omzet_rupiah, row.kanwil))


_SUMS: Final = (
    func.sum(MonthFigure.packages),
    func.sum(MonthFigure.quantity),
    func.sum(MonthFigure.value_rupiah),
)


def _of_years(year: int) -> tuple[Any, ...]:
    return (
        MonthFigure.month.in_([*months_of(str(year)), *months_of(str(year - 1))]),
        MonthFigure.status == COMPLETED,
    )
