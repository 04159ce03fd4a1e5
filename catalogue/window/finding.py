"""Finding products: by words in any Indonesian form, within filters, sorted, a page at a time.

However common a word is, a page reads a bounded number of rows. Newest first, the index itself hands out its hits in
that order. For any other order of a search the newest `WINDOW` hits are taken and put in order, and when they are all
shown the next ones: ranking every match of a common word would cost a quarter of a second at a million products.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, NamedTuple

from sqlalchemy import Select, and_, func, literal, or_, select, union_all
from sqlalchemy.orm import Session, defer

from catalogue.models import PublishedFacet, PublishedProduct
from catalogue.queries import bounded
from catalogue.stemming import asked, stem, words
from catalogue.window.filters import CHEAPEST, DEAREST, FITTING, NEWEST, SORTS, Filters, checked
from catalogue.window.index import Asked, hits_of
from catalogue.window.nearest import nearest, unknown_words
from catalogue.window.tally import tally
from tenants.errors import Invalid
from tenants.words import N_
from workflows.queries import Page

LIMIT: Final = 24
LONGEST_QUERY: Final = 200
WINDOW: Final = 240
"""How many of the newest hits are put in order at a time."""
FEW: Final = 2000
"""So many products are read and put in order rather than looked for in the order of their price."""
_SHORTEST_BEGUN: Final = 2
_number: Any = PublishedFacet.product_id
_price: Any = PublishedFacet.price_rupiah


@dataclass(frozen=True)
class Found(Page[PublishedProduct]):
    """A page of products. `meant`: the query that was searched instead of a mistyped one; `windowed`: there are more
    hits than are put in order at a time; `sought`: what the index was asked in the end; `order`: one of `SORTS`."""

    meant: str | None = None
    windowed: bool = False
    sought: Asked = field(default_factory=Asked)
    order: str = NEWEST


class Hit(NamedTuple):
    """What putting in order needs to know of a product."""

    product_id: int
    name: str
    price_rupiah: int


@dataclass(frozen=True)
class Place:
    """Where a page ended: the window that its last product is of, that product's rank in it, and its number."""

    window: int | None = None
    rank: int | None = None
    last: int | None = None


def search(
    session: Session,
    q: str = "",
    filters: Filters | None = None,
    *,
    sort: str = "",
    cursor: str | None = None,
    limit: int = LIMIT,
) -> Found:
    """The published products that `q` finds within `filters`. Two statements; a few more where nothing has these words.

    Every word must occur, in any of its Indonesian forms. Where nothing is found, and the shelf doesn't know a word,
    the last one may be only begun, and at last the nearest words of the shelf are tried. `sort`: one of `SORTS`; by
    default what fits best, or the newest where nothing is searched.

    Raises:
        Invalid: an unknown filter, order or cursor.
    """
    narrowed = checked(filters or Filters())
    said = tuple(asked(q[:LONGEST_QUERY]))
    if sort and sort not in SORTS:
        raise Invalid(fields={"sort": N_("Urutan ini tidak dikenal.")})
    order = sort or (FITTING if said else NEWEST)
    if order == FITTING and not said:
        order = NEWEST
    place = _place(cursor, order)
    begun = cursor is not None and cursor.endswith("~")
    page = _page(session, Asked(said, begun), narrowed, order, place, limit)
    if page.items or cursor or not said:
        return page
    unknown = unknown_words(session, said)
    if said[-1] in unknown and len(said[-1]) >= _SHORTEST_BEGUN:
        wider = _page(session, Asked(said, True), narrowed, order, place, limit)
        if wider.items:
            return wider
    meant = nearest(session, said, unknown)
    if meant is None:
        return page
    again = _page(session, Asked(meant), narrowed, order, place, limit)
    return replace(again, meant=" ".join(meant)) if again.items else page


def words_alone(session: Session, sought: Asked, *, most: int = 100) -> list[tuple[str, int]]:
    """How many products each of several words finds by itself, counted up to `most`; those that find any. One
    statement, none for a single word."""
    if len(sought.words) < 2:
        return []
    parts = []
    for word in sought.words:
        some = hits_of(session, Asked((word,)), Filters(), (), limit=most).subquery()
        parts.append(select(literal(word), func.count()).select_from(some))
    return [(word, int(amount)) for word, amount in session.execute(union_all(*parts)) if amount]


def _page(session: Session, sought: Asked, filters: Filters, order: str, place: Place, limit: int) -> Found:
    return replace(
        _ordered(session, sought, filters, order, place, bounded(limit)), sought=sought, order=order
    )


def _ordered(session: Session, sought: Asked, filters: Filters, order: str, place: Place, size: int) -> Found:
    if order == NEWEST:
        hits = newest_hits(session, sought, filters, before=place.last, limit=size + 1)
        following = str(hits[size - 1].product_id) if len(hits) > size else None
        return _shown(session, hits[:size], following, sought)
    if not sought.words:
        return _by_price(session, filters, order, place, size)
    return _in_windows(session, sought, filters, order, place, size)


def _in_windows(
    session: Session, sought: Asked, filters: Filters, order: str, place: Place, size: int
) -> Found:
    shown: list[Hit] = []
    at, windowed = place, False
    while True:
        window = newest_hits(session, sought, filters, before=at.window, limit=WINDOW + 1)
        whole = len(window) <= WINDOW
        windowed = windowed or not whole or at.window is not None
        window = window[:WINDOW]
        ranked = sorted((rank(hit, sought, order), -hit.product_id, hit) for hit in window)
        if at.rank is not None and at.last is not None:
            ranked = [one for one in ranked if one[:2] > (at.rank, -at.last)]
        room = size - len(shown)
        shown += [hit for _, _, hit in ranked[:room]]
        if len(ranked) > room:
            return _shown(session, shown, _cursor(at.window, ranked[room - 1]), sought, windowed)
        if whole:
            return _shown(session, shown, None, sought, windowed)
        at = Place(window[-1].product_id)
        if len(shown) == size:
            return _shown(session, shown, f"{at.window}..", sought, windowed)


def rank(hit: Hit, sought: Asked, order: str) -> int:
    """A hit's rank within its window, the lowest first: its price, or how far its name is from the words asked for."""
    if order == CHEAPEST:
        return hit.price_rupiah
    if order == DEAREST:
        return -hit.price_rupiah
    named = words(hit.name)
    stems = {stem(word) for word in named}
    missing = 0
    for place, word in enumerate(sought.words):
        if word in named:
            continue
        begun = sought.begun and place == len(sought.words) - 1 and any(n.startswith(word) for n in named)
        missing += 1 if begun or stem(word) in stems else 4
    return 2 * missing + (0 if named[: len(sought.words)] == list(sought.words) else 1)


def newest_hits(
    session: Session, sought: Asked, filters: Filters, *, before: int | None = None, limit: int
) -> list[Hit]:
    """The newest published products that hold every word within the filters. One statement."""
    columns = (PublishedFacet.name, _price)
    found = hits_of(session, sought, filters, columns, before=before, limit=limit)
    return [Hit(*row) for row in session.execute(found)]


def _by_price(session: Session, filters: Filters, order: str, place: Place, size: int) -> Found:
    """The shelf by price, from the index that holds price and filters; where the facets leave few products, those are
    read and put in order. One statement and the page's, and the tally's where it isn't kept."""
    if filters.narrows() and tally(session).total(filters) <= FEW:
        some = newest_hits(session, Asked(), filters, limit=2 * FEW)
        ranked = sorted((rank(hit, Asked(), order), -hit.product_id, hit) for hit in some)
        if place.rank is not None and place.last is not None:
            ranked = [one for one in ranked if one[:2] > (place.rank, -place.last)]
        more = _cursor(None, ranked[size - 1]) if len(ranked) > size else None
        return _shown(session, [hit for _, _, hit in ranked[:size]], more, Asked())
    down = order == DEAREST
    statement = select(_number, PublishedFacet.name, _price).where(*filters.conditions())
    if place.rank is not None and place.last is not None:
        price = -place.rank if down else place.rank
        beyond = _price < price if down else _price > price
        statement = statement.where(
            _price <= price if down else _price >= price,
            or_(beyond, and_(_price == price, _number < place.last)),
        )
    statement = statement.order_by(_price.desc() if down else _price, _number.desc())
    hits = [Hit(*row) for row in session.execute(statement.limit(size + 1))]
    following = None
    if len(hits) > size:
        last = hits[size - 1]
        following = f".{-last.price_rupiah if down else last.price_rupiah}.{last.product_id}"
    return _shown(session, hits[:size], following, Asked())


def _shown(
    session: Session, hits: list[Hit], following: str | None, sought: Asked, windowed: bool = False
) -> Found:
    """The products of these hits, in their order. One statement, none for nothing."""
    if not hits:
        return Found([], None, None, windowed)
    rows = {row.product_id: row for row in session.scalars(cards([hit.product_id for hit in hits]))}
    if following is not None and sought.begun:
        following += "~"
    items = [rows[hit.product_id] for hit in hits if hit.product_id in rows]
    return Found(items, following, None, windowed)


def cards(numbers: Sequence[int]) -> Select[PublishedProduct]:
    """The products of these numbers that are on the shelf, with what a card shows."""
    return (
        select(PublishedProduct)
        .options(defer(PublishedProduct.search), defer(PublishedProduct.words))
        .where(PublishedProduct.product_id.in_(numbers), PublishedProduct.state == "published")
    )


def _cursor(window: int | None, last: tuple[int, int, Hit]) -> str:
    return f"{'' if window is None else window}.{last[0]}.{-last[1]}"


def _place(cursor: str | None, order: str) -> Place:
    """Where a page begins.

    Raises:
        Invalid: it isn't a cursor that we gave for this order.
    """
    if not cursor:
        return Place()
    parts = cursor.removesuffix("~").split(".")
    try:
        numbers = [int(part) if part else None for part in parts]
    except ValueError:
        numbers = []
    fits = len(parts) == (1 if order == NEWEST else 3) and len(cursor) < 60 and cursor.isascii()
    fits = fits and not (order == NEWEST and numbers == [None])
    if not fits or not numbers or any(abs(one) >= 2**62 for one in numbers if one is not None):
        raise Invalid(fields={"cursor": N_("Penanda halaman ini tidak dikenal.")})
    if order == NEWEST:
        return Place(last=numbers[0])
    return Place(*numbers)
