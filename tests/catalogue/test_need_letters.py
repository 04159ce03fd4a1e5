"""What crosses between UPT and Kanwil, and that nothing else does: letters, the national board, and races."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import SQLAlchemyError

from catalogue.needs import agreeing, arriving, board, letters, offering, posting
from catalogue.needs.errors import NeedInvalid, NeedMoved
from catalogue.needs.models import Incoming, Letter, NationalNeed, Need, Offer
from sales.supply import linking
from tenants import database, lifecycle
from tenants.database import session, transaction
from tenants.errors import KaryaError
from tenants.scope import Scope, entered
from tests.catalogue.market import NOW, OFFER, A, B, C, Market
from tests.support.worlds import World

REFUSED = (KaryaError, SQLAlchemyError)


@pytest.fixture
def market(world: World) -> Market:
    return Market(world)


def test_the_national_board_holds_what_is_public_and_no_more(market: Market) -> None:
    need = market.post()
    copy = market.copy(need)
    assert copy is not None
    assert {column.name for column in NationalNeed.__table__.columns} == {
        *("id", "ref", "state", "kanwil_id", "kanwil_name", "upt_id", "upt_name", "upt_slug"),
        *("title", "category", "goods_group", "quantity", "unit", "needed_by", "posted_at", "search"),
    }
    told = json.dumps({column.name: str(getattr(copy, column.name)) for column in copy.__table__.columns})
    for secret in ("Rahasia", "rahasia", "ukuran", "120000", "120_000", need.posted_by_name):
        assert secret not in told
    with market.as_(A) as by:
        posting.change(
            need.id, {"quantity": 90, "needed_by": "2024-06-01", "audience": "kanwil"}, by=by, now=NOW
        )
    assert market.copy(need) is None
    kept = market.post(title="Sabun mandi", audience="kanwil")
    assert market.copy(kept) is None


def test_only_the_own_kanwil_and_upt_write_to_the_board(market: Market, world: World) -> None:
    need = market.post()
    copy = market.copy(need)
    assert copy is not None
    row = {c.name: getattr(copy, c.name) for c in NationalNeed.__table__.columns if c.name != "id"}
    writes = (
        update(NationalNeed).values(title="Diubah"),
        update(NationalNeed).where(NationalNeed.id == copy.id).values(kanwil_id=world.kanwil["banten"]),
        delete(NationalNeed),
        insert(NationalNeed).values(**{**row, "ref": "x"}),
        insert(NationalNeed).values([{**row, "ref": "y"}]),
        insert(NationalNeed).from_select(
            list(row), select(*[NationalNeed.__table__.c[name] for name in row])
        ),
    )
    for scope in (
        Scope(world.kanwil["banten"], world.upt[C]),
        Scope(world.kanwil["banten"]),
        Scope(world.kanwil["kalbar"], world.upt[B]),
    ):
        for write in writes:
            with entered(scope), transaction() as db:
                try:
                    with db.begin_nested():
                        done = db.execute(write.execution_options(synchronize_session=False))
                except REFUSED:
                    continue
                assert done.rowcount == 0, write  # type: ignore[attr-defined]
    with entered(None), transaction() as db, pytest.raises(REFUSED):
        db.execute(writes[0])
    if database.db.dialect == "postgresql":  # below the guard, row level security alone
        with entered(Scope(world.kanwil["banten"], world.upt[C])), transaction() as db:
            raw: Any = db.connection().connection.driver_connection
            assert raw.cursor().execute("UPDATE national_need SET title = 'x'").rowcount == 0
            assert len(raw.cursor().execute("SELECT id FROM national_need").fetchall()) == 1
    unchanged = market.copy(need)
    assert unchanged is not None
    assert (unchanged.title, unchanged.kanwil_id) == (need.title, world.kanwil["kalbar"])
    with market.as_(A), transaction() as db:  # the own UPT may
        mine = db.execute(update(NationalNeed).where(NationalNeed.id == copy.id).values(quantity=99))
        assert mine.rowcount == 1  # type: ignore[attr-defined]


def test_every_kind_of_letter_is_received_and_says_only_what_it_may(market: Market) -> None:
    assert set(letters._handlers) == set(letters.SAYS)
    assert arriving.DONE
    assert linking.MOST
    need = market.post()
    with market.as_(A) as by, transaction() as db:
        to = (need.tenant_id, 1)
        for body in ({}, {"quantity": 1, "note": need.note}):
            with pytest.raises(KeyError):
                letters.write(
                    db, "accepted", to=to, upt_id=need.upt_id, need_ref=need.ref, body=body, by=by, now=NOW
                )


def test_a_letter_that_is_handed_over_twice_does_its_work_once(market: Market) -> None:
    """As when the process dies before the letter was marked."""
    need = market.post()
    with market.as_(B) as by:
        offer = offering.offer(OFFER, need_id=need.id, by=by, now=NOW)

    def handed_over_twice() -> None:
        for unit in (A, B):
            with market.as_(unit):
                waiting = letters._waiting(0)
                for letter in waiting:
                    assert letters._hand_over(letter, Scope(letter.tenant_id, letter.upt_id), NOW) == "done"
        market.carry()

    handed_over_twice()
    [one] = market.incoming()
    with market.as_(A) as by:
        agreeing.accept(one.id, by=by, now=NOW)
    handed_over_twice()
    assert market.own_offer(B, offer.id).state == "agreed"
    assert market.letters(A) == [("accepted", "known")]
    assert market.letters(B) == [("offer", "known")]
    assert market.notices(A) == ["need.offered"]
    assert market.notices(B) == ["offer.accepted"]
    assert market.actions(B, offer.chain) == ["offer.sent", "offer.accepted"]


def test_a_suspended_kanwil_gets_its_letters_in_order_when_it_is_back(market: Market, world: World) -> None:
    need = market.post()
    near, far = market.offer(B, need, quantity=10), market.offer(C, need, quantity=20)
    lifecycle.suspend(world.kanwil["banten"], reason="Pemeriksaan", now=NOW)
    first, second = market.incoming()
    with market.as_(A) as by:
        agreeing.accept(second.id, by=by, now=NOW)
        agreeing.cancel(second.id, "Tidak jadi", by=by, now=NOW)
        agreeing.accept(first.id, by=by, now=NOW)
    market.carry()
    assert market.own_offer(B, near.id).state == "agreed"  # holds up nobody else
    assert market.letters(A) == [("accepted", None), ("cancelled", None), ("accepted", "done")]
    lifecycle.resume(world.kanwil["banten"], now=NOW)
    market.carry()
    assert market.own_offer(C, far.id).state == "cancelled"
    assert market.notices(C) == ["offer.accepted", "offer.cancelled"]
    lifecycle.suspend(world.kanwil["kalbar"], reason="Pemeriksaan", now=NOW)
    with market.as_(C) as by, pytest.raises(KaryaError):  # nothing of a suspended Kanwil is on the board
        offering.offer(OFFER, national_id=_copy_id(market, need), by=by, now=NOW)


def _copy_id(market: Market, need: Need) -> int:
    copy = market.copy(need)
    assert copy is not None
    return copy.id


def test_a_letter_moves_nothing_that_its_writer_is_no_party_to(market: Market) -> None:
    need = market.post()
    offer = market.offer(B, need)
    [one] = market.incoming()
    forged = (
        ("offer_withdrawn", A, {}),
        ("contact_ready", A, {}),
        ("delivery", A, {"number": 9, "packages": [], "fulfilled": 60}),
        ("accepted", B, {"quantity": 60}),
        ("cancelled", B, {"reason": "x"}),
        ("package", B, {"package_id": "EKAT-1"}),
    )
    for kind, to, body in forged:
        with market.as_(C) as by, transaction() as db:
            letters.write(
                db,
                kind,
                to=(market.world.kanwil["kalbar"], market.world.upt[to]),
                upt_id=market.world.upt[C],
                need_ref=need.ref,
                offer_ref=offer.offer_ref,
                body=body,
                by=by,
                now=NOW,
            )
    market.carry()
    assert {outcome for _, outcome in market.letters(C)} <= {"passed over", "known"}
    assert market.own_offer(B, offer.id).state == "sent"
    assert market.incoming()[0].state == one.state == "sent"
    assert market.incoming()[0].told == 0


def test_an_offer_to_what_is_no_longer_sought_comes_back(market: Market) -> None:
    need = market.post()
    with market.as_(C) as by:
        late = offering.offer(OFFER, national_id=_copy_id(market, need), by=by, now=NOW)
    with market.as_(A) as by:
        posting.withdraw(need.id, "Cukup", by=by, now=NOW)
    market.carry()
    assert market.incoming() == []
    assert (market.own_offer(C, late.id).state, market.own_offer(C, late.id).reason) == (
        "lapsed",
        "withdrawn",
    )


def test_a_letter_stays_as_it_was_written(market: Market) -> None:
    market.offer(B, market.post())
    for change in ({"kind": "accepted"}, {"outcome": "lain"}, {"body": {}}):
        with market.as_(B), transaction() as db, pytest.raises(SQLAlchemyError), db.begin_nested():
            db.execute(update(Letter).values(**change).execution_options(synchronize_session=False))
    with market.as_(B), transaction() as db, pytest.raises(SQLAlchemyError), db.begin_nested():
        db.execute(delete(Letter).execution_options(synchronize_session=False))


def test_the_board_is_mended_after_a_kanwil_came_back_without_its_copies(market: Market) -> None:
    need, other = market.post(), market.post(title="Sabun mandi")
    with market.as_(A), transaction() as db:
        db.execute(delete(NationalNeed).where(NationalNeed.ref == need.ref))
        db.execute(
            update(Need).where(Need.id == other.id).values(state="expired")
        )  # by a repair that forgot it
    with market.as_("kalbar", "kadiv"), transaction() as db:
        assert board.mend(db, NOW) == 2
        assert board.mend(db, NOW) == 0
    states = [one.state for one in (market.copy(need), market.copy(other)) if one]
    assert states == ["open", "closed"]


# -- races -----------------------------------------------------------------------------------------------------


def _at_once(market: Market, calls: list[tuple[str, Callable[[Any], Any]]]) -> list[Any]:
    """What each call gave, all begun at the same moment; an error of ours is an answer, too."""
    people = [market.world.actor(f"operator.{unit}") for unit, _ in calls]
    database.db.release()
    gate = Barrier(len(calls))

    def run(number: int) -> Any:
        by, act = people[number], calls[number][1]
        with entered(Scope(by.tenant_id or 0, by.upt_id, by.id)):
            gate.wait()
            try:
                return act(by)
            except KaryaError as refused:
                return refused

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, range(len(calls))))


def test_offers_accepted_at_once_never_exceed_what_is_needed(market: Market) -> None:
    need = market.post()
    market.offer(B, need, quantity=60, partial="")
    market.offer(C, need, quantity=60, partial="")
    ids = [one.id for one in market.incoming()]
    answers = _at_once(
        market,
        [(A, lambda by, number=number: agreeing.accept(number, by=by, now=NOW)) for number in (*ids, *ids)],
    )
    taken = [one for one in answers if isinstance(one, Incoming)]
    refused = [one for one in answers if isinstance(one, KaryaError)]
    assert len({one.id for one in taken}) == 1  # one offer, accepted twice by two clicks
    assert len(refused) == 2
    assert all(isinstance(one, NeedInvalid | NeedMoved) for one in refused)
    need = market.need(need.id)
    assert (need.agreed, need.state) == (60, "partly_agreed")
    with market.as_(A):
        agreed = session().scalars(select(Incoming).where(Incoming.state == "agreed")).all()
        assert sum(one.agreed_quantity for one in agreed) == need.agreed
    assert market.letters(A) == [("accepted", None)]


def test_the_table_itself_refuses_more_than_is_needed(market: Market) -> None:
    need = market.post()
    for column in ("agreed", "fulfilled"):
        with market.as_(A), transaction() as db, pytest.raises(SQLAlchemyError), db.begin_nested():
            db.execute(update(Need).where(Need.id == need.id).values(**{column: 101}))


def test_an_upt_that_clicks_twice_at_once_offers_once(market: Market) -> None:
    need = market.post()
    answers = _at_once(
        market, [(B, lambda by: offering.offer(OFFER, need_id=need.id, by=by, now=NOW)) for _ in range(3)]
    )
    assert [type(one) for one in answers].count(Offer) == 1
    assert all(isinstance(one, Offer | NeedMoved) for one in answers)


def test_two_carriers_at_once_deliver_once(market: Market) -> None:
    need = market.post()
    with market.as_(B) as by:
        offering.offer(OFFER, need_id=need.id, by=by, now=NOW)
    _at_once(market, [(B, lambda by: letters.carry(NOW)) for _ in range(3)])
    assert len(market.incoming()) == 1
    assert market.notices(A) == ["need.offered"]
