"""A period's figures beside those of the period before and of the same period a year before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import ColumnElement, case, func, select

from catalogue.terms import GROUPS
from sales.checks import COMPLETED
from sales.figures import DEFAULT_SHARE_BP, Sums, share_of
from sales.models import MonthFigure, PnbpRule, Target
from sales.sight.grouping import NONE, chosen, group_of
from sales.sight.models import TradeFigure
from tenants.database import session as scoped_session
from tenants.models import DirectoryUpt
from tenants.periods import label_of, months_of
from tenants.words import month_id

STATUSES: Final = (COMPLETED, "Proses", "Batal")


@dataclass
class Three:
    """Sums of the period, of the period before and of the year before. A period that there is no key for is empty."""

    now: Sums = field(default_factory=Sums)
    before: Sums = field(default_factory=Sums)
    year_before: Sums = field(default_factory=Sums)

    def __iter__(self) -> Any:
        return iter((self.now, self.before, self.year_before))


@dataclass
class Line:
    """One line of a table: what it is of (`key`: an UPT's id, a commodity, a group, a month, a buyer), and its sums.
    `seller` is set where the line is of a buyer and one UPT."""

    key: str
    name: str
    sums: Three = field(default_factory=Three)
    seller_id: int | None = None
    seller: str = ""
    place: str = ""
    """The province of an UPT, where the line is one of the country."""


@dataclass(frozen=True)
class Compared:
    """Everything that the page of figures says of a period. Lists are sorted by value, largest first."""

    period: str
    label: str
    before: str | None
    year_before: str | None
    states: dict[str, Three]
    by_upt: list[Line]
    by_group: list[Line]
    by_commodity: list[Line]
    by_month: list[Line]
    buyers: list[Line]
    """UPT that bought, of any Kanwil."""
    trades: list[Line]
    """UPT that bought, each with the UPT that it bought from."""
    institutions: list[Line]
    share_bp: dict[str, int]
    """PNBP's share by year."""
    omzet_target_rupiah: int
    pnbp_target_rupiah: int

    @property
    def completed(self) -> Three:
        return self.states[COMPLETED]

    @property
    def pnbp(self) -> tuple[int, int, int]:
        """PNBP of the period, the one before, the year before; each at its own year's share."""
        found = []
        for key, sums in zip(self.keys, self.completed, strict=True):
            found.append(share_of(sums.value_rupiah, self.share_bp[key[:4]]) if key else 0)
        return found[0], found[1], found[2]

    @property
    def buying_upts(self) -> tuple[int, int, int]:
        """How many UPT bought."""
        found = [0, 0, 0]
        for line in self.buyers:
            for at, sums in enumerate(line.sums):
                found[at] += sums.packages > 0
        return found[0], found[1], found[2]

    @property
    def keys(self) -> tuple[str, str | None, str | None]:
        return self.period, self.before, self.year_before


def before(key: str) -> str | None:
    """The period of the same length that ends where this one begins: "2024-Q1" -> "2023-Q4"; None before 2000.

    Raises:
        Invalid: not a period.
    """
    year = int(months_of(key)[0][:4])
    kind, number = key[5:6], key[6:]
    if len(key) == 4:
        return _earlier(f"{year - 1}")
    if kind == "Q":
        return f"{year}-Q{int(number) - 1}" if number != "1" else _earlier(f"{year - 1}-Q4")
    if kind == "S":
        return f"{year}-S1" if number == "2" else _earlier(f"{year - 1}-S2")
    month = int(key[5:])
    return f"{year}-{month - 1:02}" if month > 1 else _earlier(f"{year - 1}-12")


def year_before(key: str) -> str | None:
    """The same period a year before; None before 2000.

    Raises:
        Invalid: not a period.
    """
    months_of(key)
    return _earlier(f"{int(key[:4]) - 1}{key[4:]}")


def _earlier(key: str) -> str | None:
    return key if key >= "2000" else None


def compared(key: str) -> Compared:
    """The figures of a period for the Kanwil (or the UPT) in scope, with their comparisons. Eight statements, on
    rollups.

    Raises:
        Invalid: not a period.
    """
    keys = (key, before(key), year_before(key))
    spans = [months_of(one) if one else [] for one in keys]
    states: dict[str, Three] = {status: Three() for status in STATUSES}
    by_upt: dict[int, Line] = defaultdict(lambda: Line("", ""))
    by_commodity: dict[str, Line] = defaultdict(lambda: Line("", ""))
    by_group = {group: Line(group, GROUPS.get(group, "")) for group in (*GROUPS, NONE)}
    said = chosen()
    for bucket, upt_id, category, status, *amounts in _months(spans):
        for at in places(bucket, keys):
            add(states[status], at, amounts)
            if status == COMPLETED:
                add(by_upt[upt_id].sums, at, amounts)
                add(by_commodity[category].sums, at, amounts)
                add(by_group[group_of(category, said)].sums, at, amounts)
    trades: dict[tuple[str, int], Line] = defaultdict(lambda: Line("", ""))
    buyers: dict[str, Line] = defaultdict(lambda: Line("", ""))
    institutions: dict[str, Line] = defaultdict(lambda: Line("", ""))
    for bucket, upt_id, buyer, *amounts in _trades(spans, of_upts=True):
        for at in places(bucket, keys):
            add(buyers[buyer].sums, at, amounts)
            add(trades[buyer, upt_id].sums, at, amounts)
    for bucket, buyer, *amounts in _trades(spans, of_upts=False):
        for at in places(bucket, keys):
            add(institutions[buyer].sums, at, amounts)
    names = _names([*by_upt, *(int(buyer.partition(":")[2]) for buyer in buyers)])
    _name(by_upt, lambda upt: (str(upt), names.get(upt, f"UPT {upt}")))
    _name(by_commodity, lambda name: (name, name or "Lainnya"))
    _name(buyers, lambda buyer: (buyer, names.get(int(buyer[4:]), buyer)))
    _name(institutions, lambda buyer: (buyer, buyer[5:]))
    for (buyer, upt_id), line in trades.items():
        line.key, line.name = buyer, names.get(int(buyer[4:]), buyer)
        line.seller_id, line.seller = upt_id, names.get(upt_id, f"UPT {upt_id}")
    omzet_target, pnbp_target = _targets(int(key[:4]))
    return Compared(
        *(key, label_of(key), keys[1], keys[2], states),
        by_upt=largest(by_upt.values()),
        by_group=[
            line for line in by_group.values() if line.key != NONE or any(s.packages for s in line.sums)
        ],
        by_commodity=largest(by_commodity.values()),
        by_month=_by_month(spans[0]),
        buyers=largest(buyers.values()),
        trades=largest(trades.values()),
        institutions=largest(institutions.values()),
        share_bp=shares({one[:4] for one in keys if one}),
        omzet_target_rupiah=omzet_target,
        pnbp_target_rupiah=pnbp_target,
    )


def bucket_of(month: Any, spans: list[list[str]]) -> ColumnElement[int]:
    """Which of the three a month lies in. The before of a year is its year before: one bucket for both."""
    return case((month.in_(spans[0]), 0), (month.in_(spans[1] or ["-"]), 1), else_=2)


def places(bucket: int, keys: tuple[str, str | None, str | None]) -> tuple[int, ...]:
    """Which of the three a bucket counts for."""
    return (1, 2) if bucket == 1 and keys[1] == keys[2] else (bucket,)


def _months(spans: list[list[str]]) -> Iterable[Any]:
    of = bucket_of(MonthFigure.month, spans)
    asked = (
        select(of, MonthFigure.upt_id, MonthFigure.category, MonthFigure.status, *sums_of(MonthFigure))
        .where(MonthFigure.month.in_({month for span in spans for month in span}))
        .group_by(of, MonthFigure.upt_id, MonthFigure.category, MonthFigure.status)
    )
    return scoped_session().execute(asked)


def _trades(spans: list[list[str]], *, of_upts: bool) -> Iterable[Any]:
    of = bucket_of(TradeFigure.month, spans)
    by = (TradeFigure.upt_id, TradeFigure.buyer_key) if of_upts else (TradeFigure.buyer_key,)
    kind = TradeFigure.buyer_kind == "upt" if of_upts else TradeFigure.buyer_kind != "upt"
    asked = (
        select(of, *by, *sums_of(TradeFigure))
        .where(TradeFigure.month.in_({month for span in spans for month in span}), kind)
        .group_by(of, *by)
    )
    return scoped_session().execute(asked)


def _by_month(months: list[str]) -> list[Line]:
    """Each month of the period beside the month before and the same month a year before. One statement."""
    wanted = {m: (m, before(m), year_before(m)) for m in months}
    asked = (
        select(MonthFigure.month, *sums_of(MonthFigure))
        .where(
            MonthFigure.month.in_({one for three in wanted.values() for one in three if one}),
            MonthFigure.status == COMPLETED,
        )
        .group_by(MonthFigure.month)
    )
    found = {month: Sums(*map(int, amounts)) for month, *amounts in scoped_session().execute(asked)}
    return [
        Line(
            month,
            month_id(int(month[:4]), int(month[5:])),
            Three(*(found.get(one or "", Sums()) for one in three)),
        )
        for month, three in wanted.items()
    ]


def sums_of(model: Any) -> tuple[Any, ...]:
    """Packages, pieces and rupiah of a rollup, summed."""
    return func.sum(model.packages), func.sum(model.quantity), func.sum(model.value_rupiah)


def add(three: Three, at: int, amounts: list[int]) -> None:
    """Add to one of the three."""
    (three.now, three.before, three.year_before)[at].add(*amounts)


def _name(lines: dict[Any, Line], named: Callable[[Any], tuple[str, str]]) -> None:
    for key, line in lines.items():
        line.key, line.name = named(key)


def _names(ids: list[int]) -> dict[int, str]:
    asked = select(DirectoryUpt.upt_id, DirectoryUpt.short_name).where(DirectoryUpt.upt_id.in_(set(ids)))
    return {int(upt_id): str(name) for upt_id, name in scoped_session().execute(asked)} if ids else {}


def shares(years: set[str]) -> dict[str, int]:
    """The share of PNBP of each year, in basis points. One statement."""
    asked = select(PnbpRule.year, PnbpRule.share).where(PnbpRule.year.in_([int(year) for year in years]))
    ruled = {str(year): round(share * 10_000) for year, share in scoped_session().execute(asked)}
    return {year: ruled.get(year, DEFAULT_SHARE_BP) for year in years}


def _targets(year: int) -> tuple[int, int]:
    asked = select(func.sum(Target.omzet_rupiah), func.sum(Target.pnbp_rupiah)).where(Target.year == year)
    omzet, pnbp = scoped_session().execute(asked).one()
    return int(omzet or 0), int(pnbp or 0)


def largest(lines: Iterable[Line]) -> list[Line]:
    """The largest of the period first."""
    return sorted(
        lines,
        key=lambda line: (
            *(-line.sums.now.value_rupiah, -line.sums.now.packages),
            *(-line.sums.year_before.value_rupiah, line.name, line.seller),
        ),
    )
