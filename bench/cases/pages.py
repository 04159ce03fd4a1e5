"""Whole requests at many rows beside the same request at a thousand: inbox, product list, catalogue page and search.

Rows are multiplied in the database itself from ones that the use cases made, so that every column is as in life.
"""

from __future__ import annotations

import os
import re
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, Table, text

from bench.cases.decision import OPERATOR, steps, submitted
from bench.ground import Ground, Result, owner_engine
from catalogue import shop
from catalogue.models import Product, PublishedProduct
from tenants import database
from tests.support.statements import counted_statements
from tests.support.worlds import PASSWORD, World
from workflows.models import Case

SMALL = 1_000
CASES = 100_000
PRODUCTS = int(os.environ.get("KARYA_BENCH_ROWS", "200000"))
ROUNDS = 60
NARROWED = "/kotak-masuk?tab=tim&tahap=pembinaan&urut=pengajuan&kategori=craft"
WORDS = (
    "tas anyaman purun ukir kayu batik tulis kopi bubuk meja lipat sepatu kulit gitar keripik bayam".split()
)


def measure(ground: Ground) -> Iterator[Result]:
    """inbox (and narrowed), products, catalogue: ms a request, floor at 1,000 rows; search: the 95th percentile."""
    from webapp import create_app

    with ground.world() as (settings, world):
        cases = submitted(world, 6)
        for step in steps(world, cases[:3]):
            step()
        app = create_app(settings)
        owner = owner_engine(settings)
        public = app.test_client()
        pembina, operator = _signed_in(app, "pembina.kalbar"), _signed_in(app, OPERATOR)
        pages: dict[str, tuple[int, Callable[[], Any]]] = {
            "inbox": (CASES, lambda: pembina.get("/kotak-masuk")),
            "inbox_narrowed": (CASES, lambda: pembina.get(NARROWED)),
            "products": (PRODUCTS, lambda: operator.get("/produk-saya")),
            "catalogue": (PRODUCTS, lambda: public.get("/katalog")),
        }
        found: dict[str, list[float]] = {name: [] for name in pages}
        queries: dict[str, int] = {}
        grown = 0
        for rows in (SMALL, max(PRODUCTS, CASES)):
            _grow(owner, world, cases, grown, rows)
            grown = rows
            shop.forget()
            for name, (_, ask) in pages.items():
                if ground.wants(name):
                    with counted_statements() as seen:
                        assert ask().status_code == 200, name
                    queries[name] = len(seen)
                    found[name].append(_median(ask))
        for name, (most, _) in pages.items():
            if found[name]:
                size = f"{min(grown, most):,} rows beside {SMALL:,}; {queries[name]} SQL"
                small, big = found[name]
                yield Result(f"{name}_{ground.dialect}", ground.dialect, 1000 * big, "ms", 1000 * small, size)
        if ground.wants("catalogue") or ground.wants("search"):
            taken = _searches(public)
            size = f"{PRODUCTS:,} products, {len(taken)} searches, whole request"
            yield Result(
                f"search_{ground.dialect}", ground.dialect, 1000 * taken[-len(taken) // 20], "ms", None, size
            )
        owner.dispose()


def _signed_in(app: Any, username: str) -> Any:
    client = app.test_client()
    page = client.get("/login/").get_data(as_text=True)
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    form = {"username": username, "password": PASSWORD, "csrf_token": token.group(1) if token else ""}
    assert client.post("/login/", data=form).status_code == 302
    return client


def _median(ask: Callable[[], Any]) -> float:
    for _ in range(5):
        ask()
    taken = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        ask()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


def _searches(public: Any) -> list[float]:
    taken = []
    for first in WORDS:
        for second in WORDS[::3]:
            began = time.perf_counter()
            assert public.get(f"/katalog?q={first}+{second}").status_code == 200
            taken.append(time.perf_counter() - began)
    return sorted(taken)


def _grow(owner: Engine, world: World, cases: list[int], start: int, end: int) -> None:
    """From `start` to `end` rows of open cases (to 100,000), of products and of published products."""
    with owner.begin() as connection:
        first = connection.execute(text("SELECT product_id FROM published_product LIMIT 1")).scalar_one()
    number, words = "2000000 + n.i", " || ' ' || ".join(_word(step) for step in (1, 3, 7))
    unique = {"slug": "'bench-' || n.i", "name": f"{words} || ' ' || n.i"}
    _multiply(owner, Case.__table__, cases[-1], start, min(end, CASES), {"id": number, "subject_id": number})
    _multiply(owner, Product.__table__, first, start, end, {"id": number, "case_id": "NULL", **unique})
    published = {"product_id": number, "search": f"lower({words})", "photos": "'[]'", **unique}
    with _tallied_once(owner):
        _multiply(owner, PublishedProduct.__table__, first, start, end, published)
    if owner.dialect.name == "postgresql":
        with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
    database.db.dispose()


@contextmanager
def _tallied_once(owner: Engine) -> Iterator[None]:
    """On PostgreSQL the tally of the shelf is counted when the rows are there. Its trigger would change the one row
    that all of them share once for each, and PostgreSQL keeps what a row was before until the transaction ends."""
    if owner.dialect.name != "postgresql":
        yield
        return
    with owner.begin() as connection:
        connection.execute(text("ALTER TABLE published_product DISABLE TRIGGER published_kept"))
    yield
    with owner.begin() as connection:
        connection.execute(text("ALTER TABLE published_product ENABLE TRIGGER published_kept"))
        connection.execute(
            text(
                "INSERT INTO published_tally (kanwil_code, upt_slug, category, kanwil_name, upt_name, products)"
                " SELECT kanwil_code, upt_slug, category, min(kanwil_name), min(upt_name), count(*)"
                " FROM published_product WHERE state = 'published' GROUP BY kanwil_code, upt_slug, category"
                " ON CONFLICT (kanwil_code, upt_slug, category) DO UPDATE SET products = excluded.products"
            )
        )


def _word(step: int) -> str:
    """An expression for one of the words, turning with the row's number."""
    whens = " ".join(f"WHEN {place} THEN '{word}'" for place, word in enumerate(WORDS))
    return f"(CASE (n.i / {step}) % {len(WORDS)} {whens} END)"


def _multiply(
    owner: Engine, table: Table, source: int, start: int, end: int, changed: dict[str, str]
) -> None:
    if end <= start:
        return
    columns = [column.name for column in table.columns]
    key = next(iter(table.primary_key.columns)).name
    values = ", ".join(changed.get(name, f't."{name}"') for name in columns)
    names = ", ".join(f'"{name}"' for name in columns)
    with owner.begin() as connection:
        connection.execute(
            text(
                f"INSERT INTO {table.name} ({names}) "
                f"WITH RECURSIVE n(i) AS (SELECT {start} UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {end}) "
                f"SELECT {values} FROM n, {table.name} t WHERE t.{key} = {source}"
            )
        )
