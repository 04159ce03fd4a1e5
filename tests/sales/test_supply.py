"""An agreement of the needs board and the e-Katalog packages that fulfil it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from catalogue.needs import agreeing
from catalogue.needs.errors import NeedInvalid, NeedMoved, NotYourNeed, OfferNotFound
from catalogue.needs.models import Need, Offer
from sales import entering
from sales.supply import linking, queries
from tests.catalogue.market import KANWIL, NOW, A, B, C, Market
from tests.support.worlds import World


@pytest.fixture
def market(world: World) -> Market:
    return Market(world)


def name(market: Market, unit: str, offer: Offer, package: Any) -> Offer:
    with market.as_(unit) as by:
        done = linking.name_package(offer.id, package, by=by, now=NOW)
    market.carry()
    return done


def correct(market: Market, unit: str, purchase: Any, **changes: Any) -> None:
    later = NOW + timedelta(hours=1)
    with market.as_(KANWIL[unit], "kadiv") as by:
        entering.correct(
            purchase.id, changes, version=purchase.version, reason="Salah ketik", by=by, now=later
        )


def recount(market: Market, unit: str) -> None:
    """What the clock does."""
    with market.as_(KANWIL[unit], "kadiv"):
        after: int | None = 0
        while after is not None:
            after = linking.recount(NOW, after=after)
    market.carry()


def standing(need: Need) -> tuple[str, int]:
    return need.state, need.fulfilled


def test_a_purchase_fulfils_the_agreement_of_an_upt_in_another_kanwil(market: Market) -> None:
    need, offer, _ = market.agreed(C, quantity=60, need={"quantity": 60})
    purchase = market.sell(C, "EKAT-77")
    with market.as_(C):
        assert [one.package_id for one in queries.candidates(offer)] == ["EKAT-77"]
    for _ in range(2):  # a second click
        name(market, C, offer, "EKAT-77")
    assert standing(market.need(need.id)) == ("fulfilled", 60)
    [arrived] = market.incoming()
    expected = {"package_id": "EKAT-77", "state": "counted", "quantity": 60, "purchased_on": "2024-03-14"}
    assert arrived.packages == [expected] == market.own_offer(C, offer.id).packages
    assert market.notices(A)[-1] == "need.fulfilled"
    assert market.letters(C) == [("offer", "done"), ("delivery", "done")]
    with market.as_(C):
        assert queries.candidates(market.own_offer(C, offer.id)) == []
        found = queries.agreement_of(purchase.package_id)
        assert found is not None
        assert found.id == offer.id
    with market.as_(A) as by, pytest.raises(NeedMoved):
        agreeing.cancel(arrived.id, "Tidak jadi", by=by, now=NOW)
    need = market.need(need.id)
    assert need.fulfilled_at == NOW
    correct(market, C, purchase, status="Batal")
    recount(market, C)
    assert standing(market.need(need.id)) == ("agreed", 0)  # what was counted no longer holds
    assert market.incoming()[0].packages[0]["state"] == "cancelled"
    recount(market, C)
    assert [kind for kind, _ in market.letters(C)].count("delivery") == 2  # told once


def test_a_package_that_is_named_before_it_is_imported_counts_once_it_is_there(market: Market) -> None:
    need, offer, one = market.agreed(B)
    with market.as_(A) as by:
        for _ in range(2):
            linking.name_as_buyer(one.id, "EKAT-9", by=by, now=NOW)
    market.carry()
    mine = market.own_offer(B, offer.id)
    assert [row["state"] for row in mine.packages] == ["waiting"]
    assert market.notices(B)[-1] == "offer.package"
    assert standing(market.need(need.id)) == ("partly_agreed", 0)
    recount(market, B)  # nothing there yet
    purchase = market.sell(B, "EKAT-9", status="Proses", quantity=40)
    recount(market, B)
    assert [row["state"] for row in market.incoming()[0].packages] == ["in_process"]
    correct(market, B, purchase, status="Selesai")
    recount(market, B)
    assert standing(market.need(need.id)) == ("partly_agreed", 40)
    market.sell(B, "EKAT-10", quantity=40)
    market.sell(B, "EKAT-11", quantity=5)
    for package in ("EKAT-10", "EKAT-11"):
        name(market, B, offer, package)
    rows = market.incoming()[0].packages
    assert [(row["state"], row["quantity"]) for row in rows] == [
        ("counted", 40),
        ("counted", 20),
        ("surplus", 0),
    ]
    assert standing(market.need(need.id)) == ("partly_agreed", 60)
    with market.as_(B) as by:
        for _ in range(2):
            linking.drop_package(offer.id, "EKAT-9", by=by, now=NOW)
    market.carry()
    assert standing(market.need(need.id)) == ("partly_agreed", 45)


def test_a_package_of_somebody_else_or_of_another_agreement_is_refused(market: Market) -> None:
    _, offer, _ = market.agreed(B)
    _, other, second = market.agreed(B, need={"title": "Sabun mandi"}, quantity=10)
    market.sell(B, "EKAT-1", buyer=C)
    with market.as_(B) as by:
        for package in ("", "x", "paket ini", "A" * 80):
            with pytest.raises(NeedInvalid):
                linking.name_package(offer.id, package, by=by, now=NOW)
        with pytest.raises(NeedInvalid) as refused:
            linking.name_package(offer.id, "EKAT-1", by=by, now=NOW)
        assert "bukan Lapas IIA Pontianak" in refused.value.fields["package_id"]
        linking.name_package(offer.id, "EKAT-2", by=by, now=NOW)
        with pytest.raises(NeedMoved):
            linking.name_package(other.id, "EKAT-2", by=by, now=NOW)
    with market.as_(A) as by:  # the buyer's word doesn't move it either
        linking.name_as_buyer(second.id, "EKAT-2", by=by, now=NOW)
    market.carry()
    assert market.letters(A)[-1] == ("package", "passed over")
    assert market.incoming()[1].packages == []
    with market.as_(C) as by, pytest.raises(OfferNotFound):
        linking.name_package(offer.id, "EKAT-3", by=by, now=NOW)
    with market.as_("kalbar", "kadiv") as by, pytest.raises(NotYourNeed):
        linking.name_package(offer.id, "EKAT-3", by=by, now=NOW)
    open_one = market.offer(B, market.post(title="Kaus olahraga"))
    with market.as_(B) as by, pytest.raises(NeedMoved):
        linking.name_package(open_one.id, "EKAT-4", by=by, now=NOW)
