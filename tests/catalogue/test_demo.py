"""The demonstration's products, made by the use cases on a small country."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select

from catalogue import demo, queries, shop
from catalogue.models import Product
from tenants.database import public, session
from tenants.scope import Scope, entered
from tests.support.worlds import World
from workflows import audit
from workflows.models import Case
from workflows.queries import inbox

NOW = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)  # Monday noon in Pontianak
DRAWINGS = Path(__file__).parents[2] / "webapp" / "drawings"


def test_the_shelves_are_filled_and_every_state_is_there(world: World) -> None:
    drawings = {path.stem: path.read_bytes() for path in DRAWINGS.glob("*.webp")}
    here = {"kalbar", "banten", "sumbar"}
    plans = [plan for plan in demo.all_plans() if plan.kanwil in here and plan.upt_code in world.upt]
    demo.load(drawings=drawings, now=NOW, plans=plans)
    with public() as reader:
        names = [product.name for product in shop.search(reader, "").items]
    assert {"Gitar akustik kayu mahoni", "Batik tulis motif kawung", "Tas anyaman manik"} <= set(names)
    with entered(Scope(world.kanwil["kalbar"])):
        states = set(session().scalars(select(Product.state)))
        assert states >= {"draft", "in_review", "returned", "rejected", "published"}
        waiting = inbox(world.actor("pembina.kalbar"), now=NOW).items
        assert {row.urgency for row in waiting} >= {"today", "week"}
        again = next(row for row in waiting if row.title == "Tas anyaman purun")
        assert again.revision_no == 2
        assert session().scalars(select(Case.answers).where(Case.id == again.id)).one()
        assert audit.verify(None) == []
        assert queries.counts()["in_review"] >= 3
