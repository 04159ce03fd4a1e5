"""The figures of what was sold: a month, a quarter, a half or a year, for a Kanwil or for the country.

All of it is read from the rollups, never from the purchases, so that ten million purchases cost what ten
do. A period is written "2024-03", "2024-Q1", "2024-S1" or "2024"; amounts are whole rupiah, shares of PNBP
basis points (1000 = 10 %).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import Integer, String, bindparam, case, cast, func, select
from sqlalchemy.orm import Session

from sales.checks import COMPLETED
from sales.models import BuyerFigure, MonthFigure, PnbpRule, Target
from sales.rollups import Difference, recount
from tenants.database import national as national_session
from tenants.database import session as scoped_session
from tenants.models import DirectoryUpt, Kanwil
from tenants.periods import months_of
from tenants.prepared import Prepared, together
from tenants.words import month_id

__all__ = [
    "Difference",
    "Pnbp",
    "Sums",
    "months_of",
    "national",
    "period",
    "pnbp",
    "recount",
    "targets",
    "year",
]

DEFAULT_SHARE_BP: Final = 1000
DEFAULT_BASIS: Final = (
    "PP Nomor 28 Tahun 2019 tentang Jenis dan Tarif atas Jenis PNBP yang Berlaku pada "
    "Kementerian Hukum dan Hak Asasi Manusia"
)


@dataclass
class Sums:
    """Packages, pieces and rupiah."""

    packages: int = 0
    quantity: int = 0
    value_rupiah: int = 0

    def add(self, packages: int, quantity: int, value_rupiah: int) -> None:
        self.packages += int(packages)
        self.quantity += int(quantity)
        self.value_rupiah += int(value_rupiah)

    def told(self) -> dict[str, int]:
        return {"packages": self.packages, "quantity": self.quantity, "value_rupiah": self.value_rupiah}


_STATES: Final = {"Selesai": "completed", "Proses": "in_process", "Batal": "cancelled"}


def period(key: str, *, session: Session | None = None, tenant_id: int | None = None) -> dict[str, Any]:
    """What the Kanwil in scope (a UPT's scope: that UPT) sold in a period. Two statements, on rollups alone.

    Answers `{"transactions": {completed, in_process, cancelled, by_upt, by_commodity, by_month}, "buyers":
    {total, packages, value_rupiah, by_upt, other, by_institution}}`; lists are sorted by value, largest
    first. With a national `session`, `tenant_id` says whose figures.
    """
    months = months_of(key)
    given = {"first": months[0], "last": months[-1]}
    if session is None:
        (sold, _), (bought, _) = together(scoped_session(), [(_SOLD, given), (_BOUGHT, given)])
    else:
        sold = list(session.execute(_of(_MONTH_SUMS, MonthFigure, tenant_id), given))
        bought = list(session.execute(_of(_BUYER_SUMS, BuyerFigure, tenant_id), given))
    return {"transactions": _transactions(sold, months), "buyers": _buyers(bought)}


_FIRST, _LAST = bindparam("first", type_=String()), bindparam("last", type_=String())
_MONTH_SUMS: Final = (
    select(
        *(MonthFigure.month, MonthFigure.upt_id, MonthFigure.category, MonthFigure.status),
        DirectoryUpt.short_name,
        *(func.sum(MonthFigure.packages), func.sum(MonthFigure.quantity), func.sum(MonthFigure.value_rupiah)),
    )
    .outerjoin(DirectoryUpt, DirectoryUpt.upt_id == MonthFigure.upt_id)
    .where(MonthFigure.month.between(_FIRST, _LAST))
    .group_by(
        *(MonthFigure.month, MonthFigure.upt_id, MonthFigure.category, MonthFigure.status),
        DirectoryUpt.short_name,
    )
)
# The number is read out of the key, so that the name is found by the directory's own.
_BUYER_UPT: Final = case(
    (BuyerFigure.buyer_key.like("upt:%"), cast(func.substr(BuyerFigure.buyer_key, 5), Integer)), else_=None
)
_BUYER_SUMS: Final = (
    select(
        *(BuyerFigure.buyer_key, DirectoryUpt.short_name),
        *(func.sum(BuyerFigure.packages), func.sum(BuyerFigure.quantity), func.sum(BuyerFigure.value_rupiah)),
    )
    .outerjoin(DirectoryUpt, DirectoryUpt.upt_id == _BUYER_UPT)
    .where(BuyerFigure.month.between(_FIRST, _LAST))
    .group_by(BuyerFigure.buyer_key, DirectoryUpt.short_name)
)
_SOLD, _BOUGHT = Prepared(_MONTH_SUMS), Prepared(_BUYER_SUMS)


def _of(asked: Any, model: Any, tenant_id: int | None) -> Any:
    return asked if tenant_id is None else asked.where(model.tenant_id == tenant_id)


def _transactions(rows: Iterable[Any], months: list[str]) -> dict[str, Any]:
    states = {name: Sums() for name in _STATES.values()}
    by_upt: dict[int, dict[str, Sums]] = defaultdict(lambda: {name: Sums() for name in _STATES.values()})
    by_commodity: dict[str, Sums] = defaultdict(Sums)
    by_month = {month: Sums() for month in months}
    names: dict[int, str] = {}
    for month, upt_id, category, status, name, *amounts in rows:
        if name is not None:
            names[upt_id] = name
        by_upt[upt_id][_STATES[status]].add(*amounts)
        if status == COMPLETED:
            by_commodity[category].add(*amounts)
            by_month[month].add(*amounts)
    for sums in by_upt.values():
        for state, of_state in sums.items():
            states[state].add(of_state.packages, of_state.quantity, of_state.value_rupiah)
    upts = [
        {
            "upt_id": upt_id,
            "upt": names.get(upt_id, f"UPT {upt_id}"),
            **sums["completed"].told(),
            "in_process": sums["in_process"].packages,
            "cancelled": sums["cancelled"].packages,
        }
        for upt_id, sums in by_upt.items()
    ]
    return {
        **{name: sums.told() for name, sums in states.items()},
        "by_upt": _largest(upts, "upt"),
        "by_commodity": _largest(
            [{"label": n or "Lainnya", **s.told()} for n, s in by_commodity.items()], "label"
        ),
        "by_month": [
            {"month": month, "label": month_id(int(month[:4]), int(month[5:])), **sums.told()}
            for month, sums in by_month.items()
        ],
    }


def _buyers(rows: Iterable[Any]) -> dict[str, Any]:
    upts: list[dict[str, Any]] = []
    institutions: list[dict[str, Any]] = []
    for key, short_name, packages, _, value_rupiah in rows:
        sums = {"packages": int(packages), "value_rupiah": int(value_rupiah)}
        source, _, name = key.partition(":")
        if source == "upt":
            upts.append({"upt_id": int(name), "upt": short_name or f"UPT {name}", **sums})
        else:
            institutions.append({"institution": name, **sums})
    return {
        "total": len(upts),
        **_summed(upts),
        "by_upt": _largest(upts, "upt"),
        "other": _summed(institutions),
        "by_institution": _largest(institutions, "institution"),
    }


def _summed(rows: list[dict[str, Any]]) -> dict[str, int]:
    return {name: sum(row[name] for row in rows) for name in ("packages", "value_rupiah")}


def _largest(rows: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: (-row["value_rupiah"], -row["packages"], row[name]))


# --- PNBP and targets ---


@dataclass(frozen=True)
class Pnbp:
    """PNBP of a period and of its year so far, against the year's target."""

    year: int
    share_bp: int
    basis: str
    realisation_rupiah: int
    year_rupiah: int
    target_rupiah: int
    omzet_rupiah: int
    """Completed turnover of the period."""
    year_omzet_rupiah: int
    omzet_target_rupiah: int


def share_of(value_rupiah: int, share_bp: int) -> int:
    """PNBP of a turnover, rounded half up to whole rupiah."""
    return (value_rupiah * share_bp + 5_000) // 10_000


def pnbp(key: str, *, session: Session | None = None, tenant_id: int | None = None) -> Pnbp:
    """PNBP of a period, and of its year up to the period's end, for the scope's Kanwil or UPT. Three
    statements."""
    reader = session or scoped_session()
    months = months_of(key)
    year_of = int(key[:4])
    until = months[-1]
    asked = (
        select(MonthFigure.month, func.sum(MonthFigure.value_rupiah))
        .where(
            MonthFigure.month >= f"{year_of}-01", MonthFigure.month <= until, MonthFigure.status == COMPLETED
        )
        .group_by(MonthFigure.month)
    )
    rule = select(PnbpRule.share, PnbpRule.basis).where(PnbpRule.year == year_of)
    wanted = select(func.sum(Target.omzet_rupiah), func.sum(Target.pnbp_rupiah)).where(Target.year == year_of)
    if tenant_id is not None:
        asked = asked.where(MonthFigure.tenant_id == tenant_id)
        rule = rule.where(PnbpRule.tenant_id == tenant_id)
        wanted = wanted.where(Target.tenant_id == tenant_id)
    turnover = {month: int(value) for month, value in reader.execute(asked)}
    share, basis = reader.execute(rule).first() or (DEFAULT_SHARE_BP / 10_000, DEFAULT_BASIS)
    omzet_target, pnbp_target = reader.execute(wanted).one()
    share_bp = round(share * 10_000)
    of_period = sum(turnover.get(month, 0) for month in months)
    of_year = sum(turnover.values())
    return Pnbp(
        year=year_of,
        share_bp=share_bp,
        basis=basis,
        realisation_rupiah=share_of(of_period, share_bp),
        year_rupiah=share_of(of_year, share_bp),
        target_rupiah=int(pnbp_target or 0),
        omzet_rupiah=of_period,
        year_omzet_rupiah=of_year,
        omzet_target_rupiah=int(omzet_target or 0),
    )


def targets(year_of: int) -> dict[int, Target]:
    """The year's targets by UPT, within the scope. One statement."""
    return {row.upt_id: row for row in scoped_session().scalars(select(Target).where(Target.year == year_of))}


def year(year_of: int, today: date | None = None) -> list[dict[str, Any]]:
    """Completed turnover of each month of a year, for a chart; months after `today` are left out. One
    statement."""
    months = months_of(str(year_of))
    if today is not None:
        months = [month for month in months if month <= f"{today:%Y-%m}"]
    asked = (
        select(MonthFigure.month, func.sum(MonthFigure.packages), func.sum(MonthFigure.value_rupiah))
        .where(MonthFigure.month.in_(months), MonthFigure.status == COMPLETED)
        .group_by(MonthFigure.month)
    )
    found = {month: (int(packages), int(value)) for month, packages, value in scoped_session().execute(asked)}
    return [
        {
            "month": month,
            "label": month_id(year_of, int(month[5:])),
            "packages": found.get(month, (0, 0))[0],
            "value_rupiah": found.get(month, (0, 0))[1],
        }
        for month in months
    ]


# --- the country ---


def national(key: str, *, session: Session | None = None) -> dict[str, Any]:
    """Completed turnover of every Kanwil in a period, largest first, with the country's sums. Two statements.

    Without a `session` it takes the national reach itself.
    """
    if session is None:
        with national_session("angka penjualan nasional") as opened:
            return national(key, session=opened)
    asked = (
        select(
            MonthFigure.tenant_id,
            func.sum(MonthFigure.packages),
            func.sum(MonthFigure.quantity),
            func.sum(MonthFigure.value_rupiah),
        )
        .where(MonthFigure.month.in_(months_of(key)), MonthFigure.status == COMPLETED)
        .group_by(MonthFigure.tenant_id)
    )
    found = {tenant_id: Sums(*map(int, amounts)) for tenant_id, *amounts in session.execute(asked)}
    total = Sums()
    rows = []
    for kanwil in session.scalars(select(Kanwil).order_by(Kanwil.code)):
        sums = found.get(kanwil.id, Sums())
        total.add(sums.packages, sums.quantity, sums.value_rupiah)
        rows.append({"kanwil_id": kanwil.id, "code": kanwil.code, "kanwil": kanwil.short_name, **sums.told()})
    return {"completed": total.told(), "by_kanwil": _largest(rows, "kanwil")}
