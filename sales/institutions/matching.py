"""Who ought to buy and who does: the register beside the institutions that the rollups name.

Read from `trade_figure` alone, one row a buyer, UPT and month: never from the purchases.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sales.figures import Sums
from sales.institutions.models import BuyingInstitution
from sales.providers import plain
from sales.sight.models import TradeFigure
from tenants.database import session as scoped_session
from tenants.periods import months_of

MOST = 2000
"""Institutions of a year that are looked at, the largest first."""


@dataclass
class Bought:
    """An institution and what it bought in a year; `id` is None where the register does not know it."""

    id: int | None
    name: str
    kind: str | None
    sums: Sums = field(default_factory=Sums)
    before: Sums = field(default_factory=Sums)
    """Of the year before."""
    keys: list[str] = field(default_factory=list)
    """Under which keys of the rollup it bought this year: one a name."""

    @property
    def buys(self) -> bool:
        return self.sums.packages > 0


@dataclass(frozen=True)
class Buyers:
    """A year: those that ought to buy, with and without purchases, and those that buy all the same."""

    year: int
    expected: list[Bought]
    others: list[Bought]

    @property
    def buying(self) -> list[Bought]:
        return [one for one in self.expected if one.buys]

    @property
    def silent(self) -> list[Bought]:
        """Those that ought to buy and bought nothing."""
        return [one for one in self.expected if not one.buys]


def buyers(year: int, register: Sequence[BuyingInstitution], *, session: Session | None = None) -> Buyers:
    """Who of the register bought in a year, and who else: within the scope, or with a national `session` in the
    country. One statement, on the rollup."""
    months = [*months_of(str(year)), *months_of(str(year - 1))]
    of_year = func.substr(TradeFigure.month, 1, 4)
    rows = (session or scoped_session()).execute(
        select(
            TradeFigure.buyer_key,
            of_year,
            func.sum(TradeFigure.packages),
            func.sum(TradeFigure.quantity),
            func.sum(TradeFigure.value_rupiah).label("value"),
        )
        .where(TradeFigure.month.in_(months), TradeFigure.buyer_kind != "upt")
        .group_by(TradeFigure.buyer_key, of_year)
        .order_by(func.sum(TradeFigure.value_rupiah).desc())
        .limit(2 * MOST)
    )
    expected = {row.id: Bought(row.id, row.name, row.kind) for row in register}
    by_name = {name: row.id for row in register for name in (row.plain_name, *map(plain, row.names))}
    others: dict[str, Bought] = {}
    for key, found_year, *amounts in rows:
        name = key.partition(":")[2]
        known = by_name.get(plain(name))
        one = expected[known] if known is not None else others.setdefault(key, Bought(None, name, None))
        (one.sums if found_year == str(year) else one.before).add(*amounts)
        if found_year == str(year):
            one.keys.append(key)
    return Buyers(year, _ordered(expected.values()), _ordered(others.values()))


def _ordered(found: Iterable[Bought]) -> list[Bought]:
    return sorted(
        found,
        key=lambda one: (-one.sums.value_rupiah, -one.before.value_rupiah, one.name),
    )
