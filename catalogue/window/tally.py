"""True figures of the shelf, from the tally that a trigger keeps: never counted anew."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from catalogue.models import PublishedFacet, PublishedTally
from catalogue.terms import CATEGORIES
from catalogue.window.filters import FACETS, Filters
from tenants.models import DirectoryUpt
from workflows.kept import Kept


@dataclass(frozen=True)
class Facts:
    """True figures of the shelf: how many products, how many UPT, and both by Kanwil, most products first."""

    products: int
    upts: int
    registered_upts: int
    kanwil: list[tuple[str, str, int, int]]
    """(code, name, products, UPT)"""
    categories: dict[str, int] = field(default_factory=dict)


class Combination(NamedTuple):
    """How many products have these values; the values stand in the order of `FACETS`."""

    category: str
    group: str
    market_level: str
    kanwil: str
    upt: str
    ready: int
    products: int


@dataclass(frozen=True)
class Tally:
    """The whole tally as a process keeps it for half a minute."""

    facts: Facts
    everywhere: list[Combination]
    """Without the UPT, which is empty: a few hundred combinations."""
    in_kanwil: dict[str, list[Combination]]
    names: dict[str, str]
    """Names of Kanwil by code and of UPT by slug."""
    homes: dict[str, str]
    """The Kanwil of each UPT that has something on the shelf."""
    last: int
    """The highest product number on the shelf."""

    def count(self, filters: Filters) -> Counter[str]:
        """How many products each value of each facet would leave, the facet's own filter aside: "category:craft".

        The price is not in the tally. UPT are counted within the Kanwil that is asked for, or the UPT's own.
        """
        asked = [(_PLACES[name], value) for name, value in filters.of_facets()]
        upt, kanwil = _PLACES["upt"], _PLACES["kanwil"]
        home = filters.kanwil or self._home(filters.upt)
        found = _counted(self._rows(filters.upt), asked, FACETS[:3] + FACETS[5:])
        # A Kanwil goes with its UPT, and UPT are named within a Kanwil alone.
        others = [one for one in asked if one[0] != upt]
        found += _counted(self.everywhere, others, ("kanwil",))
        if home is not None:
            found += _counted(
                self.in_kanwil.get(home, []), [one for one in asked if one[0] != kanwil], ("upt",)
            )
        return found

    def total(self, filters: Filters) -> int:
        """How many products the facets leave, whatever their price."""
        asked = [(_PLACES[name], value) for name, value in filters.of_facets()]
        rows = self._rows(filters.upt)
        return sum(one.products for one in rows if all(one[place] == value for place, value in asked))

    def _rows(self, upt: str | None) -> list[Combination]:
        if upt is None:
            return self.everywhere
        return self.in_kanwil.get(self._home(upt) or "", [])

    def _home(self, upt: str | None) -> str | None:
        return self.homes.get(upt or "")


_PLACES = {name: place for place, name in enumerate(FACETS)}


def _counted(
    rows: list[Combination], asked: list[tuple[int, object]], facets: tuple[str, ...]
) -> Counter[str]:
    """How many products each value of these facets would leave; a row counts for a facet where at most its own value is
    another than the one asked for."""
    counted: list[dict[object, int]] = [{} for _ in facets]
    places = [_PLACES[facet] for facet in facets]
    for row in rows:
        missed = [place for place, value in asked if row[place] != value]
        if len(missed) > 1:
            continue
        for place, of in zip(places, counted, strict=True):
            if not missed or missed[0] == place:
                of[row[place]] = of.get(row[place], 0) + row.products
    return Counter(
        {
            f"{facet}:{value}": amount
            for facet, of in zip(facets, counted, strict=True)
            for value, amount in of.items()
        }
    )


_kept: Kept[Tally] = Kept(1, seconds=30)


def tally(session: Session) -> Tally:
    """The whole tally, kept for half a minute. Two statements, or none."""
    return _kept.get("tally") or _kept.put("tally", _read(session))


def facts(session: Session) -> Facts:
    """True figures of the shelf. Two statements, kept 30 s."""
    return tally(session).facts


def products_by_upt(session: Session) -> dict[str, int]:
    """How many published products each UPT has, by its slug. One statement."""
    rows = session.execute(
        select(PublishedTally.upt_slug, func.sum(PublishedTally.products))
        .where(PublishedTally.products > 0)
        .group_by(PublishedTally.upt_slug)
    )
    return {slug: int(amount) for slug, amount in rows}


def forget() -> None:
    """Read it anew on the next use; for tests and after a bulk load."""
    _kept.forget()


def _read(session: Session) -> Tally:
    rows = session.execute(
        select(
            PublishedTally.category,
            PublishedTally.goods_group,
            PublishedTally.market_level,
            PublishedTally.kanwil_code,
            PublishedTally.upt_slug,
            PublishedTally.ready,
            PublishedTally.products,
            PublishedTally.kanwil_name,
            PublishedTally.upt_name,
        ).where(PublishedTally.products > 0)
    ).all()
    registered, last = session.execute(
        select(
            select(func.count()).select_from(DirectoryUpt).scalar_subquery(),
            select(func.max(PublishedFacet.product_id)).scalar_subquery(),
        )
    ).one()
    everywhere: Counter[tuple[str, str, str, str, str, int]] = Counter()
    in_kanwil: dict[str, list[Combination]] = {}
    names: dict[str, str] = {}
    upts: dict[str, set[str]] = {}
    for row in rows:
        one = Combination(*row[:7])
        everywhere[(*one[:4], "", one.ready)] += one.products
        in_kanwil.setdefault(one.kanwil, []).append(one)
        upts.setdefault(one.kanwil, set()).add(one.upt)
        names[one.kanwil], names[one.upt] = row.kanwil_name, row.upt_name
    combined = [Combination(*key, amount) for key, amount in everywhere.items()]
    homes = {upt: kanwil for kanwil, some in upts.items() for upt in some}
    return Tally(_facts(combined, names, upts, registered), combined, in_kanwil, names, homes, last or 0)


def _facts(
    rows: list[Combination], names: dict[str, str], upts: dict[str, set[str]], registered: int
) -> Facts:
    by_kanwil: Counter[str] = Counter()
    categories: Counter[str] = Counter(dict.fromkeys(CATEGORIES, 0))
    for one in rows:
        by_kanwil[one.kanwil] += one.products
        categories[one.category] += one.products
    ranked = [(code, names[code], amount, len(upts[code])) for code, amount in by_kanwil.items()]
    ranked.sort(key=lambda entry: (-entry[2], entry[1]))
    return Facts(
        sum(by_kanwil.values()), sum(len(one) for one in upts.values()), registered, ranked, dict(categories)
    )
