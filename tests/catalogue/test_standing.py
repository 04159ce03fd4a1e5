"""Products by state and what UPT could make: bounded counts and sums that triggers keep."""

from __future__ import annotations

from sqlalchemy import func, select

from catalogue import capacity, publication, standing
from catalogue.capacity import PublishedCapacity
from catalogue.models import PublishedProduct
from tenants import database
from tenants.database import session
from tenants.scope import NationalScope, entered
from tests.catalogue.conftest import NOW, House, statements


def recounted(code: str) -> dict[str, tuple[int, int]]:
    rows = session().execute(
        select(PublishedProduct.upt_slug, func.count(), func.sum(PublishedProduct.capacity_per_month))
        .where(PublishedProduct.kanwil_code == code, PublishedProduct.state == "published")
        .group_by(PublishedProduct.upt_slug)
    )
    return {slug: (int(n), int(total)) for slug, n, total in rows}


def test_the_sums_of_capacity_follow_what_is_on_the_shelf(house: House) -> None:
    first = house.published(capacity_per_month=120).id
    house.published(capacity_per_month=30)
    house.draft(capacity_per_month=999)

    def kept() -> dict[str, tuple[int, int]]:
        found = capacity.of_upts(session(), house.code)
        assert {slug: sums for (_, slug), sums in found.items() if sums[0]} == recounted(house.code)
        return {slug: sums for (_, slug), sums in found.items()}

    with house.as_(house.pengendali) as by:
        assert kept() == {house.upt_slug: (2, 150)}
        publication.suspend(first, reason="Stok habis", by=by, now=NOW)
        assert kept() == {house.upt_slug: (1, 30)}
        publication.restore(first, reason="Stok ada", by=by, now=NOW)
        assert kept() == {house.upt_slug: (2, 150)}
        publication.withdraw(first, reason="Tidak dibuat lagi", by=by, now=NOW)
        assert kept() == {house.upt_slug: (1, 30)}
        row = (
            session()
            .scalars(select(PublishedCapacity).where(PublishedCapacity.kanwil_code == house.code))
            .one()
        )
        assert (row.products, row.capacity_per_month) == (1, 30)


def test_products_are_counted_by_state_in_one_statement_up_to_a_bound(house: House, monkeypatch) -> None:
    house.published()
    house.submit(house.draft().id)
    for _ in range(3):
        house.draft()
    with house.as_(house.pengendali):
        with statements() as seen:
            found = standing.by_upt(session(), [house.upt, house.other_upt])
        assert len(seen) == 1
        assert found[house.upt] == {
            **dict.fromkeys(standing.STATES, 0), "draft": 3, "in_review": 1, "published": 1,
        }  # fmt: skip
        assert sum(found[house.other_upt].values()) == 0
        monkeypatch.setattr(standing, "BOUND", 2)
        assert standing.by_upt(session(), [house.upt])[house.upt]["draft"] == 2
        monkeypatch.setattr(standing, "_TERMS", 5)
        assert len(standing.by_upt(session(), [house.upt, house.other_upt])) == 2
    with house.as_(house.other_operator):
        assert sum(standing.by_upt(session(), [house.upt])[house.upt].values()) == 0  # not in this scope
    with entered(NationalScope(1)), database.national("uji") as reader:
        country = standing.by_kanwil(reader, [house.kanwil, house.other_kanwil])
    assert (country[house.kanwil]["in_review"], country[house.other_kanwil]["in_review"]) == (1, 0)
