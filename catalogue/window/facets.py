"""What each choice would leave: every facet counted without its own filter.

Without words and price the tally says it exactly. With them the newest `BOUND` hits are counted, and the page says "at
least" where there are more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import func, literal, select, union_all
from sqlalchemy.orm import Session

from catalogue.terms import CATEGORIES, GROUPS, MARKET_LEVELS
from catalogue.window.filters import COLUMNS, FACETS, Filters
from catalogue.window.index import Asked, hits_of
from catalogue.window.tally import Tally

BOUND: Final = 500
"""How many hits are counted at most."""
MOST_UPTS: Final = 40
LABELS: Final[Mapping[str, Mapping[str, str]]] = {
    "category": CATEGORIES,
    "group": GROUPS,
    "market_level": MARKET_LEVELS,
}


@dataclass(frozen=True)
class Choice:
    """One value of a facet: what it would leave. `at_least`: there are more, uncounted. `label` is a word of the house
    for a closed list, else a name."""

    value: str
    label: str
    products: int
    chosen: bool
    at_least: bool = False


@dataclass(frozen=True)
class Facets:
    """The choices of each facet, and how many products are shown in all."""

    of: dict[str, list[Choice]]
    total: int
    at_least: bool = False

    def ready(self) -> Choice | None:
        return next(iter(self.of["ready"]), None)


def facets(session: Session, sought: Asked, filters: Filters, tally: Tally) -> Facets:
    """The facets of a search. No statement without words and price, else one."""
    if not sought.words and not filters.has_price():
        counted = tally.count(filters)
        return Facets(_choices(counted, filters, tally, set()), tally.total(filters))
    asked = dict(filters.of_facets())
    # What holds nothing at all, whatever is searched in it, is not looked up.
    groups = {
        facet: filters.without(facet)
        for facet in FACETS
        if facet in asked and tally.total(filters.without(facet))
    }
    parts = [_part(session, sought, narrowed, facet) for facet, narrowed in groups.items()]
    if tally.total(filters):
        parts.append(_part(session, sought, filters, ""))
    totals: Counter[str] = Counter()
    found: Counter[str] = Counter()
    for part, *values, amount in session.execute(union_all(*parts)) if parts else ():
        totals[part] += amount
        for facet, value in zip(FACETS, values, strict=True):
            if part == (facet if facet in asked else ""):
                found[f"{facet}:{value}"] += amount
    more = {facet for facet in FACETS if totals[facet if facet in asked else ""] >= BOUND}
    return Facets(_choices(found, filters, tally, more), totals[""], totals[""] >= BOUND)


def _part(session: Session, sought: Asked, filters: Filters, name: str) -> Any:
    """The newest hits within these filters, counted by everything that they could be narrowed to."""
    some = hits_of(session, sought, filters, tuple(COLUMNS.values()), limit=BOUND).subquery()
    values = list(some.c)[1:]
    return select(literal(name), *values, func.count()).group_by(*values)


def _choices(
    counted: Counter[str], filters: Filters, tally: Tally, more: set[str]
) -> dict[str, list[Choice]]:
    found: dict[str, list[Choice]] = {}
    for facet, labels in LABELS.items():
        chosen = getattr(filters, facet)
        found[facet] = [
            Choice(value, label, counted[f"{facet}:{value}"], value == chosen, facet in more)
            for value, label in labels.items()
        ]
    for facet in ("kanwil", "upt"):
        chosen = getattr(filters, facet)
        values = {key.partition(":")[2] for key in counted if key.startswith(f"{facet}:")}
        if chosen:
            values.add(chosen)
        rows = [
            Choice(
                value,
                tally.names.get(value, value),
                counted[f"{facet}:{value}"],
                value == chosen,
                facet in more,
            )
            for value in values
        ]
        found[facet] = sorted(rows, key=lambda one: (-one.products, one.label))[:MOST_UPTS]
    if not (filters.kanwil or filters.upt):
        found["upt"] = []
    found["ready"] = [Choice("1", "", counted["ready:1"], filters.ready, "ready" in more)]
    return found
