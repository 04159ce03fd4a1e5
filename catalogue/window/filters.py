"""What a shelf may be narrowed to and sorted by, and how that is asked of the index."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import Any, Final

from catalogue.models import PublishedFacet
from catalogue.publication import STEPS, mark, price_step
from catalogue.terms import CATEGORIES, GROUPS, MARKET_LEVELS
from tenants.errors import Invalid
from tenants.words import N_

NEWEST, FITTING, CHEAPEST, DEAREST = "terbaru", "cocok", "termurah", "termahal"
SORTS: Final[dict[str, str]] = {
    FITTING: N_("Paling cocok"),
    NEWEST: N_("Terbaru"),
    CHEAPEST: N_("Termurah"),
    DEAREST: N_("Termahal"),
}
EITHER: Final = "/"
"""Between alternatives, in a term that `finding` says in the words of the database."""
FACETS: Final = ("category", "group", "market_level", "kanwil", "upt", "ready")
_MARKS: Final = {"category": "c", "group": "g", "market_level": "m", "kanwil": "k", "upt": "u", "ready": "r"}
COLUMNS: Final[dict[str, Any]] = {
    "category": PublishedFacet.category,
    "group": PublishedFacet.goods_group,
    "market_level": PublishedFacet.market_level,
    "kanwil": PublishedFacet.kanwil_code,
    "upt": PublishedFacet.upt_slug,
    "ready": PublishedFacet.ready,
}
_CLOSED: Final = (
    ("category", CATEGORIES, N_("Kategori ini tidak dikenal.")),
    ("group", GROUPS, N_("Kelompok barang ini tidak dikenal.")),
    ("market_level", MARKET_LEVELS, N_("Jangkauan pasar ini tidak dikenal.")),
)


@dataclass(frozen=True)
class Filters:
    """What a shelf is narrowed to; amounts in whole rupiah, `ready`: only what is in stock today."""

    category: str | None = None
    kanwil: str | None = None
    upt: str | None = None
    price_from: int | None = None
    price_to: int | None = None
    group: str | None = None
    market_level: str | None = None
    ready: bool = False

    def any(self) -> bool:
        return any(getattr(self, one.name) not in (None, False) for one in fields(self))

    def narrows(self) -> bool:
        """Whether a facet is chosen, whatever the price."""
        return next(self.of_facets(), None) is not None

    def has_price(self) -> bool:
        return self.price_from is not None or self.price_to is not None

    def without(self, facet: str) -> Filters:
        """The same but for one facet; a Kanwil goes with its UPT."""
        changed: dict[str, Any] = {facet: False if facet == "ready" else None}
        if facet == "kanwil":
            changed["upt"] = None
        return replace(self, **changed)

    def of_facets(self) -> Iterator[tuple[str, Any]]:
        """(facet, value as its column holds it) of each facet that narrows."""
        for name in FACETS:
            value = getattr(self, name)
            if value:
                yield name, 1 if name == "ready" else value

    def marks(self) -> list[str]:
        """What the index is asked for: the mark of each facet. An UPT's alone, where there is one: it has few."""
        if self.upt:
            return [mark(_MARKS["upt"], self.upt)]
        return [mark(_MARKS[name], str(value)) for name, value in self.of_facets()]

    def price_marks(self) -> list[str]:
        """The marks of the price steps that the range touches, as alternatives."""
        if not self.has_price():
            return []
        first = price_step(max(1, self.price_from or 1))
        last = price_step(self.price_to) if self.price_to else STEPS
        steps = range(first, max(first, min(last, STEPS)) + 1)
        return [EITHER.join(mark("p", str(step)) for step in steps)]

    def conditions(self, *, plain: bool = True) -> list[Any]:
        """The same on the columns of `PublishedFacet`, exactly. Not `plain`: so that no index of theirs is considered
        beside the one that holds the marks."""
        found = [
            (COLUMNS[name] if plain else COLUMNS[name] + ("" if isinstance(value, str) else 0)) == value
            for name, value in self.of_facets()
        ]
        if self.price_from is not None:
            found.append(PublishedFacet.price_rupiah >= self.price_from)
        if self.price_to is not None:
            found.append(PublishedFacet.price_rupiah <= self.price_to)
        return found


def checked(filters: Filters) -> Filters:
    """The filters as they are.

    Raises:
        Invalid: a category, a group or a market level that there isn't.
    """
    for name, known, words in _CLOSED:
        value = getattr(filters, name)
        if value is not None and value not in known:
            raise Invalid(fields={name: words})
    return filters
