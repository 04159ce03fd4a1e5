"""The shop window at some size: what is found, narrowed and counted is what a reader of every row would find."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from bench import shelf
from bench.ground import owner_engine
from catalogue import shop
from catalogue.models import PublishedFacet, PublishedProduct
from catalogue.stemming import asked, stem
from catalogue.window import finding, index
from catalogue.window.facets import BOUND
from config import Settings
from tenants.database import public
from tenants.errors import Invalid
from tests.support.statements import counted_statements

ROWS = 900


@pytest.fixture
def window(settings: Settings) -> None:
    """A shelf of 900 products with every combination."""
    engine = owner_engine(settings)
    shelf.fill(engine, ROWS)
    engine.dispose()


def everything() -> list[Any]:
    with public() as reader:
        rows = reader.execute(
            select(PublishedFacet, PublishedProduct.search)
            .join(PublishedProduct, PublishedProduct.product_id == PublishedFacet.product_id)
            .order_by(PublishedFacet.product_id.desc())
        )
        return [(row[0], set(row[1].split())) for row in rows]


def fits(row: Any, words: set[str], asked_for: list[str], filters: shop.Filters, but: str = "") -> bool:
    values = {
        "category": row.category,
        "group": row.goods_group,
        "market_level": row.market_level,
        "kanwil": row.kanwil_code,
        "upt": row.upt_slug,
    }
    for name, value in values.items():
        wanted = getattr(filters, name)
        aside = name == but or (but == "kanwil" and name == "upt")
        if wanted and wanted != value and not aside:
            return False
    if filters.ready and not row.ready and but != "ready":
        return False
    if filters.price_from is not None and row.price_rupiah < filters.price_from:
        return False
    if filters.price_to is not None and row.price_rupiah > filters.price_to:
        return False
    return all({word, stem(word)} & words for word in asked_for)


COLUMNS: dict[str, Callable[[Any], Any]] = {
    "category": lambda row: row.category,
    "group": lambda row: row.goods_group,
    "market_level": lambda row: row.market_level,
    "kanwil": lambda row: row.kanwil_code,
}
FILTERS = [
    shop.Filters(),
    shop.Filters(category="craft"),
    shop.Filters(kanwil="banten"),
    shop.Filters(upt="upt-7", kanwil="banten"),
    shop.Filters(upt="upt-7"),
    shop.Filters(market_level="export", group="craft"),
    shop.Filters(ready=True, category="culinary"),
    shop.Filters(price_from=50_000, price_to=90_000),
    shop.Filters(price_from=99_000, price_to=99_000, category="fashion", ready=True),
    shop.Filters(category="services", market_level="export", kanwil="bali", group="basic_needs"),
]


def test_what_is_shown_and_counted_is_what_a_reader_of_every_row_finds(
    window: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "WINDOW", 30)  # so that nine hundred products are many
    monkeypatch.setattr(finding, "FEW", 20)
    monkeypatch.setattr(index, "NEAR", 150)
    monkeypatch.setattr(index, "MIDDLE", 300)
    rows = everything()
    assert len(rows) == ROWS
    for q, filters in [*itertools.product(("", "tas"), FILTERS), ("anyaman banten", FILTERS[0])]:
        words = asked(q)
        wanted = [row for row, held in rows if fits(row, held, words, filters)]
        for sort in shop.SORTS:
            got = pages(q, filters, sort)
            assert sorted([one.product_id for one in got], reverse=True) == [
                row.product_id for row in wanted
            ], (q, filters, sort)
            prices = [one.price_rupiah for one in got]
            whole = not q or len(wanted) <= 30
            if sort == "terbaru":
                assert [one.product_id for one in got] == [row.product_id for row in wanted]
            elif sort == "termurah" and whole:
                assert prices == sorted(prices)
            elif sort == "termahal" and whole:
                assert prices == sorted(prices, reverse=True)
        check_facets(rows, q, filters)


def pages(q: str, filters: shop.Filters, sort: str) -> list[PublishedProduct]:
    """Every page of a search, one after the other."""
    seen: list[PublishedProduct] = []
    with public() as reader:
        cursor = None
        while True:
            page = shop.search(reader, q, filters, sort=sort, cursor=cursor, limit=100 if not q else 24)
            seen += page.items
            cursor = page.next_cursor
            if cursor is None:
                return seen


def check_facets(rows: list[Any], q: str, filters: shop.Filters) -> None:
    """Every facet is counted without its own filter."""
    words = asked(q)
    with public() as reader:
        counted = shop.facets(reader, shop.search(reader, q, filters).sought, filters, shop.tally(reader))
    total = sum(fits(row, held, words, filters) for row, held in rows)
    assert counted.total == (BOUND if counted.at_least else total), (q, filters)
    for facet, value in COLUMNS.items():
        wanted = Counter(value(row) for row, held in rows if fits(row, held, words, filters, but=facet))
        for choice in counted.of[facet]:
            if choice.at_least:
                assert choice.products <= wanted[choice.value]
            else:
                assert choice.products == wanted[choice.value], (q, filters, facet, choice)
    ready = counted.ready()
    assert ready is not None
    stocked = sum(fits(row, held, words, filters, but="ready") and row.ready for row, held in rows)
    assert ready.products <= stocked if ready.at_least else ready.products == stocked


def test_what_is_named_so_comes_first_and_few_statements_are_enough(window: None) -> None:
    with public() as reader:
        with counted_statements() as seen:
            page = shop.search(reader, "tas")
            shop.facets(reader, page.sought, shop.Filters(), shop.tally(reader))
        assert len([one for one in seen if "set_config" not in one]) <= 5, "\n".join(seen)
        assert page.windowed is False
        assert all(one.name.startswith("tas") for one in page.items[:10])
        near = shop.search(reader, "keripk banten")
        assert near.meant == "keripik banten"
        begun = shop.search(reader, "kerami")
        assert begun.items
        assert "keramik" in begun.items[0].name
        with pytest.raises(Invalid):
            shop.search(reader, "tas", sort="acak")
        for odd in ("1.2.3.4", "a.b.c", "~", "9" * 70, "1..~~", "-5", "٣"):
            for sort in shop.SORTS:
                try:
                    shop.search(reader, "tas", sort=sort, cursor=odd)
                except Invalid:
                    continue
                assert odd in ("-5", "1..~~"), (odd, sort)  # a number, and a place in the order that fits


@pytest.mark.parametrize(
    ("word", "other", "same"),
    [
        ("menganyam", "anyaman", True),
        ("dianyam", "anyaman", True),
        ("pengrajin", "kerajinan", True),
        ("batiknya", "batik", True),
        ("kemeja", "meja", False),
        ("kelapa", "lapa", False),
        ("keripik", "ripik", False),
        ("sepatu", "patu", False),
        ("ukiran", "ukir", True),
        ("mengukir", "ukiran", True),
        ("kopi", "kop", False),
    ],
)
def test_forms_of_a_word_meet_and_other_goods_do_not(word: str, other: str, same: bool) -> None:
    assert (stem(word) == stem(other)) is same


def test_small_words_ask_for_nothing() -> None:
    assert asked("tas dari purun untuk tas") == ["tas", "purun"]
    assert asked("dari") == ["dari"]


def test_the_page_offers_what_it_counted_and_a_way_on(window: None, client: Any) -> None:
    page = client.get("/katalog?q=tas&kanwil=banten&sort=termurah").text
    assert 'href="/katalog?q=tas&amp;sort=termurah"' in page  # the Kanwil's filter taken back
    assert 'href="/katalog?q=tas&amp;kanwil=banten&amp;sort=termurah&amp;category=craft"' in page
    nothing = client.get("/katalog?q=warisan+xyzzyq&category=art&ready=1")
    assert nothing.status_code == 200
    for words in ("Tidak ada produk dengan “warisan xyzzyq”", "“warisan”", "Lihat semua produk"):
        assert words in nothing.text, words
    assert "≥" not in nothing.text
    api = client.get("/api/v1/catalogue/products?category=craft&facets=1&limit=5").json
    assert api["total"] == sum(
        one["products"] for one in api["facets"]["category"] if one["value"] == "craft"
    )
    assert client.get("/api/v1/catalogue/products?group=nix").status_code == 422
    assert client.get("/api/v1/catalogue/products?sort=acak").status_code == 422
    for odd in ("price_from=-1", "cursor=zz", "sort=acak", "group=nix", "ready=0&cursor=1.1.1", "q=%00"):
        assert client.get(f"/katalog?{odd}").status_code == 200, odd
