"""Products counted by state: the rollups move with the product, whatever moves it; `recount` finds no difference."""

from __future__ import annotations

import random
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from catalogue import drafts, figures, publication, queries, submission
from catalogue.figures import ON_SHELF
from catalogue.models import Product, ProductFigure, PublishedFigure, PublishedProduct
from catalogue.terms import CATEGORIES, GROUPS, STATES
from tenants.database import national, session, transaction
from tenants.errors import KaryaError
from tests.catalogue.conftest import NOW, House
from tests.support.statements import counted_statements
from workflows.submission import withdraw

REASON = "Diperiksa ulang karena ada keluhan."


def acted(house: House, dice: random.Random) -> None:
    """One act on one product, or its refusal."""
    with house.as_(house.operator) as by:
        ids = list(session().scalars(select(Product.id)))
    if not ids or dice.random() < 0.2:
        house.draft(category=dice.choice(list(CATEGORIES)), group=dice.choice([*GROUPS, None]))
        return
    product_id, act = (
        dice.choice(ids),
        dice.choice(("change", "submit", "approve", "approve", "return", "move", "back")),
    )
    with suppress(KaryaError):
        if act == "change":
            with house.as_(house.operator) as by:
                changed = {"category": dice.choice(list(CATEGORIES)), "group": dice.choice(list(GROUPS))}
                drafts.save(product_id, changed, by=by, now=NOW)
        elif act == "submit":
            with house.as_(house.operator) as by:
                submission.submit(product_id, by=by, now=NOW)
        elif act == "move":
            with house.as_(house.pengendali) as by:
                move = dice.choice((publication.suspend, publication.restore, publication.withdraw))
                move(product_id, reason=REASON, by=by, now=NOW)
        else:
            with house.as_(house.operator) as by:
                case_id = session().get_one(Product, product_id).case_id
                if act == "back" and case_id:
                    withdraw(case_id, reason="Keliru unggah.", by=by, now=NOW)
            for role in ("pembina", "pemantau", "pengendali") if case_id and act != "back" else ():
                house.decide(case_id, role, act)


@pytest.mark.parametrize("seed", range(3))
def test_no_order_of_acts_leaves_a_difference(house: House, seed: int) -> None:
    dice = random.Random(seed)
    for step in range(25):
        acted(house, dice)
        if step % 5 == 4:
            with house.as_(house.pengendali):
                assert figures.recount() == []
    with house.as_(house.pengendali):
        states = Counter(session().scalars(select(Product.state)))
        assert queries.counts() == {state: states[state] for state in STATES}
        with counted_statements() as seen:
            lines = figures.by_state("category")
        assert len(seen) == 1, "\n".join(seen)
        kept = {
            (category, state): count
            for category, state, count in session().execute(
                select(Product.category, Product.state, func.count()).group_by(
                    Product.category, Product.state
                )
            )
        }
        assert {(line.key, state): n for line in lines for state, n in line.states.items() if n} == kept


def test_what_was_tampered_with_is_found_and_put_right(house: House) -> None:
    house.published()
    house.draft(category=None)
    with house.as_(house.pengendali):
        with transaction() as here:
            here.execute(update(ProductFigure).where(ProductFigure.state == "draft").values(products=7))
            here.execute(update(PublishedFigure).values(category="art"))
        found = figures.recount(fix=True)
        assert sorted((one.rollup, one.stands, one.should) for one in found) == [
            ("product_figure", 7, 0),  # the draft that was published since
            ("product_figure", 7, 1),
            ("published_figure", 0, 1),
            ("published_figure", 1, 0),
        ]
        assert figures.recount() == []


def test_the_shelf_of_a_period_is_what_counting_each_product_gives(house: House) -> None:
    """Published before, within and after the period; suspended counts, withdrawn does not."""
    begin, end = datetime(2024, 2, 29, 17, tzinfo=UTC), datetime(2024, 3, 31, 17, tzinfo=UTC)
    made = [house.published(category=category) for category in ("craft", "craft", "art", "fashion", "craft")]
    moments = (begin - timedelta(days=40), begin, end - timedelta(seconds=1), end, end + timedelta(days=60))
    with house.as_(house.pengendali) as by:
        for product, at in zip(made, moments, strict=True):
            with transaction() as here:
                here.execute(
                    update(PublishedProduct)
                    .where(PublishedProduct.product_id == product.id)
                    .values(published_at=at)
                )
        publication.suspend(made[1].id, reason=REASON, by=by, now=NOW)
        publication.withdraw(made[2].id, reason=REASON, by=by, now=NOW)
        with counted_statements() as seen:
            found = figures.shelf(session(), house.code, begin, end)
        assert len(seen) == 2, "\n".join(seen)
        on_shelf = (
            PublishedProduct.kanwil_code == house.code,
            PublishedProduct.state.in_(ON_SHELF),
            PublishedProduct.published_at < end,
        )
        rows = list(session().scalars(select(PublishedProduct).where(*on_shelf)))
    assert (found.total, found.added) == (len(rows), sum(row.published_at >= begin for row in rows)) == (2, 1)
    assert {key: n for key, n in found.by_category.items() if n} == Counter(row.category for row in rows)
    assert dict(found.added_by_upt) == {house.upt_slug: 1}
    with national("uji") as reader:
        assert figures.of_kanwils(reader)[house.kanwil]["suspended"] == 1


def test_an_upt_counts_its_own_alone(house: House) -> None:
    house.draft()
    with house.as_(house.other_operator) as by:
        drafts.create({"name": "Kursi rotan", "category": "manufacture"}, by=by, now=NOW)
        assert queries.counts()["draft"] == 1
        assert [line.key for line in figures.by_state("category")] == ["manufacture"]
    with house.as_(house.pengendali):
        assert queries.counts()["draft"] == 2
        lines = figures.by_state("group", upt_id=house.other_upt)
        assert [(line.key, line.label, line.total) for line in lines] == [("", "", 1)]
