"""The needs board: what is posted and offered, what is agreed, who is told, and what the clock does."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from catalogue.content import Unreadable
from catalogue.needs import agreeing, contacts, counting, expiring, matching, offering, places, posting
from catalogue.needs.errors import NeedInvalid, NeedMoved, NeedNotFound, NotYourNeed, OfferNotFound
from catalogue.needs.models import Offer
from catalogue.needs.reading import words
from tenants import database
from tenants.database import session
from tenants.scope import NationalScope, entered
from tests.catalogue.market import NEED, NOW, OFFER, A, B, C, D, Market
from tests.support.worlds import World
from workflows.verifying import verify


@pytest.fixture
def market(world: World) -> Market:
    return Market(world)


def test_a_need_is_agreed_in_parts_with_an_own_and_a_foreign_upt(market: Market) -> None:
    need = market.post()
    assert (need.state, need.quantity, need.ceiling_rupiah) == ("open", 100, 120_000)
    market.offer(B, need)
    far = market.offer(C, need, quantity=50, price_rupiah=98_000)
    near, other = market.incoming()
    assert [(one.from_upt_name, one.quantity, one.state) for one in (near, other)] == [
        ("Rutan IIA Pontianak", 60, "sent"),
        ("Lapas I Tangerang", 50, "sent"),
    ]
    assert other.message == "Dijahit di bengkel kami."
    market.accept(near)
    assert market.need(need.id).state == "partly_agreed"
    assert market.accept(near).agreed_quantity == 60  # a second click
    with market.as_(A) as by, pytest.raises(NeedInvalid) as refused:
        agreeing.accept(other.id, 41, by=by, now=NOW)
    assert "Paling banyak 40" in refused.value.fields["quantity"]
    done = market.accept(other)
    assert done.agreed_quantity == 40  # what was left of it
    need = market.need(need.id)
    assert (need.state, need.agreed, need.remaining) == ("agreed", 100, 0)
    mine = market.own_offer(C, far.id)
    assert (mine.state, mine.agreed_quantity) == ("agreed", 40)
    assert market.notices(C) == ["offer.accepted"]
    assert market.notices(A) == ["need.offered", "need.offered"]
    assert market.actions(A, need.chain) == [
        *("need.posted", "need.offered", "need.offered", "need.accepted", "need.accepted"),
    ]
    assert market.actions(C, far.chain) == ["offer.sent", "offer.accepted"]
    for kanwil in ("kalbar", "banten"):
        with market.as_(kanwil, "kadiv"):
            assert verify() == []


def test_what_is_wrong_is_named_by_its_field_and_roles_are_kept_apart(market: Market, world: World) -> None:
    blank = dict.fromkeys(NEED, "")
    with market.as_(A) as by, pytest.raises(NeedInvalid) as refused:
        posting.post(blank, by=by, now=NOW)
    assert set(refused.value.fields) == {"title", "category", "group", "quantity", "unit", "needed_by"}
    wrong = {
        **NEED,
        "quantity": "0",
        "needed_by": "2024-03-13",
        "ceiling_rupiah": "murah",
        "audience": "semua",
    }
    with market.as_(A) as by, pytest.raises(NeedInvalid) as refused:
        posting.post(wrong, by=by, now=NOW)
    assert set(refused.value.fields) == {"quantity", "needed_by", "ceiling_rupiah", "audience"}
    need = market.post(audience="kanwil")
    with market.as_("kalbar", "kadiv") as by, pytest.raises(NotYourNeed):
        posting.post(NEED, by=by, now=NOW)
    with market.as_(B) as by:
        for act in (
            lambda: posting.change(need.id, NEED, by=by, now=NOW),
            lambda: posting.withdraw(need.id, "Tidak jadi", by=by, now=NOW),
            lambda: matching.invite(need.id, "produk-1", by=by, now=NOW),
        ):
            with pytest.raises(NotYourNeed):
                act()
        with pytest.raises(NeedInvalid) as refused:
            offering.offer(dict.fromkeys(OFFER, ""), need_id=need.id, by=by, now=NOW)
        assert set(refused.value.fields) == {"quantity", "price_rupiah", "deliver_on"}
        with pytest.raises(NeedInvalid) as refused:
            offering.offer({**OFFER, "quantity": 101, "product_id": 77}, need_id=need.id, by=by, now=NOW)
        assert "100" in refused.value.fields["quantity"]
    with market.as_(A) as by, pytest.raises(NeedMoved):  # one's own
        offering.offer(OFFER, need_id=need.id, by=by, now=NOW)
    with market.as_(C) as by, pytest.raises(NeedNotFound):
        offering.offer(OFFER, need_id=need.id, by=by, now=NOW)
    offer = market.offer(B, need)
    with market.as_(B) as by, pytest.raises(NeedMoved):  # one open offer a need
        offering.offer(OFFER, need_id=need.id, by=by, now=NOW)
    [arrived] = market.incoming()
    with market.as_(B) as by, pytest.raises(OfferNotFound):
        agreeing.accept(arrived.id, by=by, now=NOW)
    with market.as_(D) as by, pytest.raises(OfferNotFound):
        offering.take_back(offer.id, by=by, now=NOW)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Hubungi 0812 3456 7890", False),
        ("Telepon +62-812-3456-7890.", False),
        ("WA 6281234567890", False),
        ("kantor (021) 5551234 atau 021-5551234", False),
        ("tulis ke budi@contoh.go.id ya", False),
        ("Ukuran 62 90 120 45, harga 100.000.000, sampai 2024-05-31", True),
        ("Kode 0812 dan nomor 12", True),
    ],
)
def test_contacts_are_not_written_where_everybody_reads(text: str, kept: bool) -> None:
    if kept:
        assert words(200)(text) == text
    else:
        with pytest.raises(Unreadable, match="kontak dibagikan setelah sepakat"):
            words(200)(text)


def test_a_key_that_comes_twice_does_it_once(market: Market) -> None:
    with market.as_(A) as by:
        first, again = (posting.post(NEED, by=by, now=NOW, key="k") for _ in range(2))
    assert first.id == again.id
    with market.as_(B) as by:
        one, two = (offering.offer(OFFER, need_id=first.id, by=by, now=NOW, key="k") for _ in range(2))
        assert one.id == two.id
    market.carry()
    assert market.carry() == 0
    [arrived] = market.incoming()
    with market.as_(A) as by:
        for _ in range(2):
            agreeing.accept(arrived.id, by=by, now=NOW, key="k")
    assert market.need(first.id).agreed == 60


def test_a_price_above_the_ceiling_and_a_part_of_an_undivided_offer_are_not_accepted(market: Market) -> None:
    need = market.post(quantity=50)
    market.offer(B, need, quantity=50, price_rupiah=130_000, partial="")
    [one] = market.incoming()
    with market.as_(A) as by:
        with pytest.raises(NeedInvalid) as refused:
            agreeing.accept(one.id, 20, by=by, now=NOW)
        assert set(refused.value.fields) == {"price_rupiah", "quantity"}
        raised = {**NEED, "quantity": 50, "ceiling_rupiah": 130_000}
        changed = posting.change(need.id, raised, by=by, now=NOW, version=need.version)
        with pytest.raises(NeedMoved):  # seen before that
            posting.change(need.id, NEED, by=by, now=NOW, version=need.version)
        assert posting.change(need.id, raised, by=by, now=NOW).version == changed.version  # nothing differs
    assert market.accept(one).agreed_quantity == 50
    with market.as_(A) as by, pytest.raises(NeedMoved):
        posting.change(need.id, NEED, by=by, now=NOW)


def test_an_agreement_is_cancelled_with_a_reason_and_its_amount_is_sought_again(market: Market) -> None:
    need, offer, one = market.agreed(C, quantity=100, need={"quantity": 100})
    assert market.copy(need).state == "closed"
    with market.as_(A) as by:
        with pytest.raises(NeedInvalid):
            agreeing.cancel(one.id, " ", by=by, now=NOW)
        for _ in range(2):
            agreeing.cancel(one.id, "Bahan tidak sesuai", by=by, now=NOW)
    market.carry()
    need = market.need(need.id)
    assert (need.state, need.agreed, need.agreed_at) == ("open", 0, None)
    assert (market.copy(need).state, market.copy(need).quantity) == ("open", 100)
    mine = market.own_offer(C, offer.id)
    assert (mine.state, mine.reason, mine.agreed_quantity) == ("cancelled", "Bahan tidak sesuai", 0)
    assert market.notices(C) == ["offer.accepted", "offer.cancelled"]
    assert market.offer(C, need).state == "sent"  # and may offer anew


def test_withdrawing_and_expiry_close_what_waits_and_keep_what_was_agreed(market: Market) -> None:
    need = market.post()
    market.offer(B, need)
    market.accept(market.incoming()[0])
    waiting = market.offer(C, need, quantity=30)
    with market.as_(A) as by:
        with pytest.raises(NeedInvalid):
            posting.withdraw(need.id, "", by=by, now=NOW)
        for _ in range(2):
            posting.withdraw(need.id, "Sudah cukup", by=by, now=NOW)
    market.carry()
    need = market.need(need.id)
    assert (need.state, need.agreed, need.reason) == ("withdrawn", 60, "Sudah cukup")
    assert (market.own_offer(C, waiting.id).state, market.own_offer(C, waiting.id).reason) == (
        "lapsed",
        "withdrawn",
    )
    assert market.copy(need).state == "closed"

    second = market.post(title="Sajadah untuk masjid", needed_by="2024-03-15")
    late = market.offer(B, second, quantity=10)
    assert _expired(market, NOW + timedelta(days=1)) == 0  # its day isn't over
    assert _expired(market, NOW + timedelta(days=2)) == 1
    assert _expired(market, NOW + timedelta(days=2)) == 0
    market.carry()
    assert market.need(second.id).state == "expired"
    assert market.own_offer(B, late.id).reason == "expired"
    assert market.notices(A)[-1] == "need.expired"
    assert market.notices(B)[-1] == "offer.lapsed"
    assert market.copy(second).state == "closed"
    with market.as_(A) as by, pytest.raises(NeedMoved):
        agreeing.accept(market.incoming()[-1].id, by=by, now=NOW)
    with market.as_(C) as by, pytest.raises(NeedMoved):
        offering.offer(OFFER, national_id=market.copy(second).id, by=by, now=NOW)


def _expired(market: Market, now) -> int:
    with market.as_("kalbar", "kadiv"):
        return expiring.expire(now)


def test_an_offer_taken_back_is_gone_once_the_other_side_has_heard_and_accepted_before_it_stands(
    market: Market,
) -> None:
    need = market.post()
    near, far = market.offer(B, need), market.offer(C, need, quantity=40)
    with market.as_(B) as by:
        assert offering.take_back(near.id, by=by, now=NOW).state == "withdrawing"
        assert offering.take_back(near.id, by=by, now=NOW).state == "withdrawing"
    market.carry()
    assert market.own_offer(B, near.id).state == "withdrawn"
    assert market.incoming()[0].state == "withdrawn"
    assert market.notices(A)[-1] == "need.offer_withdrawn"
    with market.as_(C) as by:
        offering.take_back(far.id, by=by, now=NOW)
    with market.as_(A) as by:  # before the letter arrived
        agreeing.accept(market.incoming()[1].id, by=by, now=NOW)
    market.carry()
    assert market.own_offer(C, far.id).state == "agreed"
    with market.as_(A) as by, pytest.raises(NeedMoved):
        agreeing.accept(market.incoming()[0].id, by=by, now=NOW)
    with market.as_(C) as by, pytest.raises(NeedMoved):
        offering.take_back(far.id, by=by, now=NOW)


def test_a_declined_offer_tells_its_maker_why(market: Market) -> None:
    need = market.post()
    offer = market.offer(C, need)
    with market.as_(A) as by:
        for _ in range(2):
            agreeing.decline(market.incoming()[0].id, "Terlalu jauh", by=by, now=NOW)
    market.carry()
    mine = market.own_offer(C, offer.id)
    assert (mine.state, mine.reason) == ("declined", "Terlalu jauh")
    assert market.notices(C) == ["offer.declined"]


def test_contacts_are_told_only_when_both_ends_want_to(market: Market) -> None:
    _, offer, one = market.agreed(C)
    first = {"name": "Siti Aminah", "phone": "0812 3456 7890", "email": ""}
    second = {"name": "Budi", "phone": "", "email": "budi@contoh.go.id"}
    with market.as_(A) as by:
        with pytest.raises(NeedInvalid) as refused:
            contacts.share({"name": "", "phone": "x", "email": "y"}, incoming_id=one.id, by=by, now=NOW)
        assert set(refused.value.fields) == {"name", "phone", "email"}
        contacts.share(first, incoming_id=one.id, by=by, now=NOW)
    market.carry()
    mine = market.own_offer(C, offer.id)
    assert mine.other_ready_at is not None
    assert mine.other_contact is None  # ready is all that was said
    with market.as_(A) as by:
        contacts.take_back(incoming_id=one.id, by=by, now=NOW)
    with market.as_(C) as by:  # thinks that the other end is ready, and sends
        contacts.share(second, offer_id=offer.id, by=by, now=NOW)
    market.carry()
    [arrived] = market.incoming()
    assert arrived.other_contact is None  # this end doesn't want to any more
    assert market.own_offer(C, offer.id).other_ready_at is None
    with market.as_(C) as by, pytest.raises(NeedMoved):  # what was sent can't be taken back
        contacts.take_back(offer_id=offer.id, by=by, now=NOW)

    _, offer, one = market.agreed(B, need={"title": "Kaus olahraga"})
    with market.as_(B) as by:
        contacts.share(second, offer_id=offer.id, by=by, now=NOW)
    with market.as_(A) as by:  # both at once, neither knowing of the other
        for _ in range(2):
            contacts.share(first, incoming_id=one.id, by=by, now=NOW)
    market.carry()
    assert market.own_offer(B, offer.id).other_contact == first
    assert market.incoming()[-1].other_contact == second
    assert market.notices(A)[-2:] == ["need.contact", "need.contact"]


def test_products_that_fit_are_proposed_the_own_kanwil_first(market: Market) -> None:
    market.shelve(C, "Seragam kerja biru", stock=200)
    market.shelve(B, "Kaus seragam", stock=0, capacity_per_month=6)
    market.shelve(D, "Baju kerja untuk bengkel", stock=150, price_rupiah=125_000)
    market.shelve(D, "Tas anyaman")
    market.shelve(A, "Seragam kerja sendiri")
    need = market.post()
    with market.as_(A):
        found = matching.proposals(need, today=NOW.date())
    assert [one.product.name for one in found.near] == ["Baju kerja untuk bengkel", "Kaus seragam"]
    [far] = found.far
    assert (far.product.name, far.enough, far.within_ceiling, far.own_kanwil) == (
        "Seragam kerja biru",
        True,
        True,
        False,
    )
    assert far.distance_km == pytest.approx(747, abs=15)
    shirt = found.near[1]
    assert (shirt.by_the_day, shirt.enough) == (6 * (78 - 7) // 30, False)
    assert found.near[0].within_ceiling is False
    assert found.near[0].distance_km == 0
    with market.as_(A) as by:
        for _ in range(2):
            matching.invite(need.id, far.product.slug, by=by, now=NOW)
        with pytest.raises(NeedInvalid):
            matching.invite(need.id, "tidak-ada", by=by, now=NOW)
        assert matching.proposals(need, today=NOW.date()).far[0].invited
    market.carry()
    assert market.notices(C) == ["need.invited"]
    assert market.letters(A) == [("invite", "done")]
    closed = market.post(title="Seragam satpam", audience="kanwil")
    with market.as_(A) as by, pytest.raises(NeedMoved):
        matching.invite(closed.id, far.product.slug, by=by, now=NOW)
    with market.as_(A):
        assert matching.proposals(market.post(title="100 kg"), today=NOW.date()).near == []


def test_distances_are_told_where_both_towns_are_known() -> None:
    assert places.distance_km(("kalbar", "Pontianak"), ("kalbar", "pontianak")) == 0
    assert places.distance_km(("kalbar", "Pontianak"), ("kalbar", "Singkawang")) == pytest.approx(110, abs=15)
    assert places.distance_km(("dki", "Jakarta"), ("papua", "Jayapura")) == pytest.approx(3780, abs=60)
    assert places.distance_km(("kalbar", "Pontianak"), ("kalbar", "Kota Baru Nanti")) is None


def test_counts_are_of_the_period_and_tell_nobodys_words(market: Market) -> None:
    market.agreed(C, quantity=100, need={"quantity": 100})
    market.post(title="Sabun mandi", audience="kanwil")
    begin, end = counting.year_span(2024, "Asia/Pontianak")
    with market.as_("kalbar", "kadiv"):
        rows = {one.name: one for one in counting.of_units(begin, end)}
        mine = rows["Lapas IIA Pontianak"]
        assert (mine.posted, mine.seeking, mine.agreed, mine.fulfilled) == (2, 1, 1, 0)
        assert counting.in_period(begin, end) == {"posted": 2, "agreed": 1, "fulfilled": 0}
        assert counting.of_units(*counting.year_span(2023, "Asia/Pontianak")) == []
    with entered(NationalScope(1)), database.national("kebutuhan nasional") as reader:
        nation = {one.name: one for one in counting.of_kanwils(reader, begin, end)}
    assert (nation["Kanwil Kalimantan Barat"].posted, nation["Kanwil Banten"].accepted) == (2, 1)


def test_an_upt_reads_no_other_upts_offers(market: Market) -> None:
    need = market.post()
    market.offer(B, need)
    market.offer(C, need)
    assert market.incoming(B) == market.incoming(D) == []
    for unit, count in ((A, 0), (B, 1), (C, 1), (D, 0)):
        with market.as_(unit):
            assert len(session().scalars(select(Offer)).all()) == count
