"""What tenancy costs: the same page of products read inside a scope, and with the tenant written by hand.

Inside the scope the guard adds the condition and, on PostgreSQL, row level security checks it again as `karya_app`. By
hand: a bare ORM session of the owner, whom no guard and no policy holds.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from bench.ground import Ground, Result, interleaved, owner_engine
from catalogue.models import Product
from tenants import database
from tenants.scope import Scope, entered
from tests.catalogue.conftest import NOW

ROWS = 30_000
PAGE = 50
PAGES = 40


def measure(ground: Ground) -> Iterator[Result]:
    """scope_<database>: milliseconds a page of 50 rows, the session opened and closed each time."""
    with ground.world() as (settings, world):
        owner = owner_engine(settings)
        tenants = sorted(world.kanwil.values())
        upt_of = {world.kanwil["kalbar"]: "lapas-iia-pontianak", world.kanwil["banten"]: "lapas-i-tangerang"}
        rows = [_row(number, tenants, world.upt, upt_of) for number in range(ROWS)]
        with owner.begin() as connection:
            connection.execute(insert(Product.__table__), rows)
            if ground.dialect == "postgresql":
                connection.exec_driver_sql("ANALYZE product")
        kalbar = world.kanwil["kalbar"]
        starts = [int(ROWS / PAGES * number) for number in range(PAGES)]
        turn = {"ours": 0, "hand": 0}

        def ours() -> None:
            after = starts[turn["ours"] % PAGES]
            turn["ours"] += 1
            with entered(Scope(kalbar, None, 1)):
                page = select(Product).where(Product.id > after).order_by(Product.id).limit(PAGE)
                assert len(database.session().scalars(page).all()) == PAGE

        def hand() -> None:
            after = starts[turn["hand"] % PAGES]
            turn["hand"] += 1
            with Session(owner) as session:
                page = select(Product).where(Product.tenant_id == kalbar, Product.id > after)
                assert len(session.scalars(page.order_by(Product.id).limit(PAGE)).all()) == PAGE

        value, floor = interleaved(ours, hand, rounds=400, warm=20)
        owner.dispose()
    size = f"{PAGE} of {ROWS:,} rows"
    yield Result(f"scope_{ground.dialect}", ground.dialect, 1000 * value, "ms", 1000 * floor, size)


def _row(number: int, tenants: list[int], upts: dict[str, int], upt_of: dict[int, str]) -> dict[str, Any]:
    tenant = list(upt_of)[number % len(upt_of)]
    return {
        "tenant_id": tenant,
        "upt_id": upts[upt_of[tenant]],
        "slug": f"bench-{number}",
        "state": "draft",
        "name": f"Produk {number}",
        "category": "craft",
        "price_rupiah": 50_000 + number,
        "revision_no": 1,
        "created_by": 1,
        "version": 1,
        "created_at": NOW,
        "updated_at": NOW,
    }
