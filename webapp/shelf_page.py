"""What the catalogue's page shows around its products: filters read from the address, facets, chips, ways on.

Everything that narrows stands in the address, so that a shelf can be shared, kept and gone back to.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import request
from flask_babel import gettext as _

from catalogue import shop
from catalogue.terms import CATEGORIES, GROUPS, MARKET_LEVELS
from tenants.words import N_, number_id, read_rupiah, rupiah

CARRIED = (
    "q",
    "category",
    "group",
    "market_level",
    "kanwil",
    "upt",
    "price_from",
    "price_to",
    "ready",
    "sort",
    "lang",
)
TITLES = {
    "category": N_("Kategori"),
    "group": N_("Kelompok barang"),
    "market_level": N_("Jangkauan pasar"),
    "kanwil": N_("Wilayah"),
    "upt": N_("UPT"),
}
_CLOSED = {"category": CATEGORIES, "group": GROUPS, "market_level": MARKET_LEVELS}
_FOLDED = 8
"""A longer list of choices is folded behind its first ones."""


@dataclass(frozen=True)
class Link:
    """A choice: its words, how many products it leaves in words, and the address that makes or takes it back."""

    label: str
    amount: str
    url: str
    chosen: bool = False


@dataclass(frozen=True)
class Group:
    """A facet as the page shows it: the first choices, and those that are folded."""

    key: str
    title: str
    links: list[Link]
    more: list[Link]


def read() -> tuple[shop.Filters, str, dict[str, str]]:
    """The shelf's filters and order from the address; what can't be read is left out, a price is named."""
    args = request.args
    problems: dict[str, str] = {}
    closed = {name: args[name] if args.get(name) in known else None for name, known in _CLOSED.items()}
    prices: dict[str, int | None] = {}
    for name in ("price_from", "price_to"):
        text = args.get(name, "").strip()
        try:
            amount = read_rupiah(text) if text else None
            prices[name] = amount if amount is None or 0 <= amount < 10**12 else None
        except ValueError:
            prices[name] = None
            problems[name] = _("Tulis harga, misalnya 50.000.")
    filters = shop.Filters(
        kanwil=args.get("kanwil") or None,
        upt=args.get("upt") or None,
        ready=bool(args.get("ready")),
        **closed,
        **prices,
    )
    sort = args.get("sort", "")
    return filters, sort if sort in shop.SORTS else "", problems


def address(path: str = "", **changes: str | None) -> str:
    """The address of this shelf with some of it changed; a page's cursor is never carried on."""
    kept = {name: request.args[name] for name in CARRIED if request.args.get(name)}
    for name, value in changes.items():
        kept.pop(name, None)
        if value:
            kept[name] = value
    return (path or shelf()) + (f"?{urlencode(kept)}" if kept else "")


def shelf() -> str:
    """Where this shelf stands: an UPT's or a Kanwil's own page, or the catalogue."""
    own = request.endpoint in ("public.unit", "public.office")
    return request.path if own else "/katalog"


def groups(facets: shop.Facets) -> list[Group]:
    """The facets that have something to choose. A chosen value's link takes it back."""
    found = []
    for key, title in TITLES.items():
        links = [_link(key, one) for one in facets.of[key] if one.products or one.chosen or one.at_least]
        if len(links) > 1 or any(link.chosen for link in links):
            found.append(Group(key, _(title), links[:_FOLDED], links[_FOLDED:]))
    return found


def ready(facets: shop.Facets) -> Link | None:
    """The one choice of what is in stock today."""
    choice = facets.ready()
    if choice is None or not (choice.products or choice.chosen):
        return None
    return Link(
        _("Stok siap kirim"), amount(choice), address(ready=None if choice.chosen else "1"), choice.chosen
    )


def chips(facets: shop.Facets, filters: shop.Filters, own: Set[str] = frozenset()) -> list[Link]:
    """Everything that narrows, each with the address without it."""
    found = []
    for key in TITLES:
        chosen = next((one for one in facets.of[key] if one.chosen), None)
        if chosen is not None and key not in own:
            found.append(Link(_named(key, chosen), "", _without(key)))
    if filters.has_price():
        found.append(Link(price_range(filters), "", address(price_from=None, price_to=None)))
    if filters.ready:
        found.append(Link(_("Stok siap kirim"), "", address(ready=None)))
    return found


def ways_on(
    facets: shop.Facets, filters: shop.Filters, alone: list[tuple[str, int]], own: Set[str]
) -> list[Link]:
    """Where nothing is found: what one filter less would show, and what each word finds by itself."""
    found = []
    for key in TITLES:
        chosen = next((one for one in facets.of[key] if one.chosen), None)
        left = sum(one.products for one in facets.of[key])
        if chosen is not None and left and key not in own:
            words = _("Tanpa %(filter)s", filter=_named(key, chosen))
            found.append(Link(words, _products(left, any(c.at_least for c in facets.of[key])), _without(key)))
    if filters.has_price():
        found.append(Link(_("Tanpa batas harga"), "", address(price_from=None, price_to=None)))
    if filters.ready:
        found.append(Link(_("Termasuk yang dibuat menurut pesanan"), "", address(ready=None)))
    for word, n in alone:
        here = {name: None for name in CARRIED if name not in ("q", "lang")}
        found.append(Link(f"“{word}”", _products(n, n >= 100), address("/katalog", **here, q=word)))
    return found


def sorts(order: str, searched: bool) -> list[Link]:
    """The orders that make sense here."""
    return [
        Link(_(label), "", address(sort=key), key == order)
        for key, label in shop.SORTS.items()
        if searched or key != "cocok"
    ]


def price_range(filters: shop.Filters) -> str:
    if filters.price_from is None:
        return _("sampai %(price)s", price=rupiah(filters.price_to or 0))
    if filters.price_to is None:
        return _("mulai %(price)s", price=rupiah(filters.price_from))
    return _("%(low)s sampai %(high)s", low=rupiah(filters.price_from), high=rupiah(filters.price_to))


def amount(choice: shop.Choice) -> str:
    """How many products a choice leaves: "12", or "500+" where no more were counted."""
    if not choice.products:
        return ""
    return number_id(choice.products) + ("+" if choice.at_least else "")


def _products(n: int, at_least: bool) -> str:
    return _("%(n)s produk", n=number_id(n) + ("+" if at_least else ""))


def _link(key: str, choice: shop.Choice) -> Link:
    url = _without(key) if choice.chosen else address(**_with(key, choice.value))
    return Link(_named(key, choice), amount(choice), url, choice.chosen)


def _named(key: str, choice: shop.Choice) -> str:
    if key in _CLOSED:
        return _(choice.label)
    return choice.label.removeprefix("Kanwil ") if key == "kanwil" else short(choice.label)


def _with(key: str, value: str) -> dict[str, str | None]:
    return {key: value, **({"upt": None} if key == "kanwil" else {})}


def _without(key: str) -> str:
    if key == "kanwil":
        return address(kanwil=None, upt=None)
    return address(**{key: None})


def short(name: str) -> str:
    """An UPT's name as screens write it."""
    for long, instead in (
        ("Lembaga Pemasyarakatan", "Lapas"),
        ("Lembaga Pembinaan Khusus Anak", "LPKA"),
        ("Cabang Rumah Tahanan Negara", "Cabang Rutan"),
        ("Rumah Tahanan Negara", "Rutan"),
        ("Balai Pemasyarakatan", "Bapas"),
        ("Rumah Penyimpanan Benda Sitaan Negara", "Rupbasan"),
    ):
        if name.startswith(long):
            return instead + name[len(long) :]
    return name


def context(
    session: Any, q: str, found: shop.Found, filters: shop.Filters, *, own: Set[str] = frozenset()
) -> dict[str, Any]:
    """What the page of a shelf shows beside its products. No statement for a shelf without words and price; else one,
    and one more where nothing was found. `own`: what the page itself is narrowed to, which nobody can take back."""
    facets = shop.facets(session, found.sought, filters, shop.tally(session))
    alone = [] if found.items or not q else shop.words_alone(session, found.sought)
    return {
        "facets": facets,
        "groups": [
            one for one in groups(facets) if one.key not in own and not ("upt" in own and one.key == "kanwil")
        ],
        "ready": ready(facets),
        "chips": chips(facets, filters, own),
        "sorts": sorts(found.order, bool(found.sought.words)),
        "ways_on": [] if found.items else ways_on(facets, filters, alone, own),
        "home": shelf(),
        "address": address,
        "carried": [(name, request.args[name]) for name in CARRIED if request.args.get(name)],
    }
