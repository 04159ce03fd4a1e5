"""What each UPT meant to reach in a year, and what it reached: turnover and PNBP."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from sales.checks import COMPLETED
from sales.figures import share_of
from sales.models import MonthFigure, Target
from sales.sight.comparing import shares
from tenants.database import session as scoped_session
from tenants.models import Upt


@dataclass(frozen=True)
class Reached:
    """One UPT's year. A target of 0 is none; shares are fractions, None without a target."""

    upt_id: int
    upt: str
    packages: int
    omzet_rupiah: int
    omzet_target_rupiah: int
    pnbp_rupiah: int
    pnbp_target_rupiah: int
    earlier_omzet_rupiah: int
    """Of the year before."""

    @property
    def omzet_share(self) -> float | None:
        return self.omzet_rupiah / self.omzet_target_rupiah if self.omzet_target_rupiah else None

    @property
    def pnbp_share(self) -> float | None:
        return self.pnbp_rupiah / self.pnbp_target_rupiah if self.pnbp_target_rupiah else None


@dataclass(frozen=True)
class Achievement:
    """A year: its UPT, those with the largest target first, and their sum. PNBP of the sum is the share of the whole
    turnover, so that it is the figure of the letter; the UPT's own shares are rounded each for itself."""

    year: int
    share_bp: int
    rows: list[Reached]
    total: Reached


def achievement(year: int) -> Achievement:
    """Targets and realisation of a year within the scope. Four statements, on rollups."""
    here = scoped_session()
    share_bp = shares({str(year)})[str(year)]
    of_year = func.substr(MonthFigure.month, 1, 4)
    sold: dict[tuple[str, int], tuple[int, int]] = {
        (row[0], row[1]): (int(row[2]), int(row[3]))
        for row in here.execute(
            select(
                of_year,
                MonthFigure.upt_id,
                func.sum(MonthFigure.packages),
                func.sum(MonthFigure.value_rupiah),
            )
            .where(
                MonthFigure.month >= f"{year - 1}-01",
                MonthFigure.month <= f"{year}-12",
                MonthFigure.status == COMPLETED,
            )
            .group_by(of_year, MonthFigure.upt_id)
        )
    }
    aims = {row.upt_id: row for row in here.scalars(select(Target).where(Target.year == year))}
    concerned = {upt for _, upt in sold} | set(aims)
    names = here.execute(select(Upt.id, Upt.short_name, Upt.active).order_by(Upt.short_name)).all()
    rows = []
    for upt_id, name, active in names:
        if upt_id not in concerned and not active:
            continue
        packages, omzet = sold.get((str(year), upt_id), (0, 0))
        aim = aims.get(upt_id)
        rows.append(
            Reached(
                *(upt_id, name, packages, omzet, aim.omzet_rupiah if aim else 0),
                *(share_of(omzet, share_bp), aim.pnbp_rupiah if aim else 0),
                sold.get((str(year - 1), upt_id), (0, 0))[1],
            )
        )
    rows.sort(key=lambda row: (-row.omzet_target_rupiah, -row.omzet_rupiah, row.upt))
    omzet = sum(row.omzet_rupiah for row in rows)
    total = Reached(
        *(0, "", sum(row.packages for row in rows), omzet, sum(row.omzet_target_rupiah for row in rows)),
        *(share_of(omzet, share_bp), sum(row.pnbp_target_rupiah for row in rows)),
        sum(row.earlier_omzet_rupiah for row in rows),
    )
    return Achievement(year, share_bp, rows, total)
