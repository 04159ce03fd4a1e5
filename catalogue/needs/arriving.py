"""What an addressee does with each kind of letter, inside its own scope (`letters` carries them).

Nothing here trusts a letter to name whose it is: a row is found by its reference and by the UPT that the carrier says
wrote. Each handler may meet the same letter again and then changes nothing.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalogue.needs import letters, offering, posting
from catalogue.needs import notices as messages
from catalogue.needs.contacts import End, send_if_both
from catalogue.needs.letters import Arrived, receives
from catalogue.needs.models import Incoming, NationalNeed, Need, Offer
from catalogue.needs.terms import (
    ACCEPTED,
    CANCELLED,
    DECLINED,
    LAPSED,
    LIVE,
    SEEKING,
    SENT,
    TAKEN_BACK,
    WITHDRAWING,
)
from tenants.errors import NoScope
from tenants.said import say
from tenants.scope import current
from workflows import notices

DONE, KNOWN, PASSED_OVER = "done", "known", "passed over"


# -- at the UPT that needs -------------------------------------------------------------------------------------


@receives("offer")
def offer_arrived(session: Session, letter: Arrived, now: datetime) -> str:
    """Keep the offer beside its need; where nothing is sought any more its maker hears so at once."""
    need = _need(session, letter)
    if need is None or need.state not in SEEKING:
        why = "gone" if need is None else need.state if need.state in messages.WHY else posting.FILLED
        _reply(session, letter, "closed", {"why": why}, now)
        return PASSED_OVER
    if _incoming(session, letter) is not None:
        return KNOWN
    said = {**letter.body, "deliver_on": date.fromisoformat(letter.body["deliver_on"])}
    one = Incoming(
        **said,
        need_id=need.id,
        upt_id=need.upt_id,
        need_ref=need.ref,
        offer_ref=letter.offer_ref,
        from_kanwil_id=letter.kanwil_id,
        from_upt_id=letter.upt_id,
        from_upt_name=letter.upt_name,
        from_kanwil_name=letter.kanwil_name,
        state=SENT,
        received_at=now,
        updated_at=now,
        packages=[],
    )
    session.add(one)
    session.flush()
    facts = {
        "incoming_id": one.id,
        "from_upt_id": one.from_upt_id,
        **{name: letter.body[name] for name in ("quantity", "price_rupiah", "deliver_on", "partial")},
    }
    posting.record(need, "need.offered", facts, by=None, now=now)
    notices.tell(session, messages.of_offer(need, one), now)
    return DONE


@receives("offer_withdrawn")
def offer_taken_back(session: Session, letter: Arrived, now: datetime) -> str:
    """Close the offer, unless it was accepted before: then the agreement stands, and its maker hears of that."""
    found = _held(session, letter)
    if found is None:
        return PASSED_OVER
    need, one = found
    if one.state == TAKEN_BACK:
        return KNOWN
    if one.state != SENT:
        return PASSED_OVER
    one.state, one.decided_at, one.updated_at = TAKEN_BACK, now, now
    facts = {"incoming_id": one.id, "from_upt_id": one.from_upt_id}
    posting.record(need, "need.offer_withdrawn", facts, by=None, now=now)
    _reply(session, letter, "released", {}, now)
    notices.tell(session, messages.of_taking_back(need, one), now)
    return DONE


@receives("delivery")
def delivered(session: Session, letter: Arrived, now: datetime) -> str:
    """Keep what the provider's register of purchases says of an agreement; the newest letter counts."""
    found = _held(session, letter)
    if found is None:
        return PASSED_OVER
    need, one = found
    number = int(letter.body["number"])
    if number <= one.told:
        return KNOWN
    if one.state != ACCEPTED:
        return PASSED_OVER
    fulfilled = max(0, min(int(letter.body["fulfilled"]), one.agreed_quantity))
    more = fulfilled - one.fulfilled
    one.told, one.packages, one.fulfilled, one.updated_at = number, letter.body["packages"], fulfilled, now
    facts: dict[str, Any] = {"incoming_id": one.id, "packages": one.packages, "fulfilled": fulfilled}
    if more:
        need.fulfilled += more
        posting.follow(session, need, now)
    posting.record(need, "need.delivered", facts | {"need_fulfilled": need.fulfilled}, by=None, now=now)
    if more > 0:
        notices.tell(session, messages.of_fulfilment(need, one), now)
    return DONE


# -- at the UPT that offers ------------------------------------------------------------------------------------


@receives("accepted")
def accepted(session: Session, letter: Arrived, now: datetime) -> str:
    """The offer is an agreement, also where its maker was just taking it back: the acceptance came first."""
    one = offer_of(session, letter)
    if one is None or one.state not in LIVE:
        return KNOWN if one is not None and one.state == ACCEPTED else PASSED_OVER
    quantity = int(letter.body["quantity"])
    if not 0 < quantity <= one.quantity:
        return PASSED_OVER
    one.agreed_quantity = quantity
    _decided(one, ACCEPTED, None, now)
    offering.record(one, "offer.accepted", {"quantity": quantity}, by=None, now=now)
    notices.tell(session, messages.of_acceptance(one), now)
    return DONE


@receives("declined")
def declined(session: Session, letter: Arrived, now: datetime) -> str:
    return _ended(session, letter, LIVE, DECLINED, "declined", str(letter.body["reason"]), now)


@receives("cancelled")
def cancelled(session: Session, letter: Arrived, now: datetime) -> str:
    return _ended(session, letter, (ACCEPTED,), CANCELLED, "cancelled", str(letter.body["reason"]), now)


@receives("closed")
def closed(session: Session, letter: Arrived, now: datetime) -> str:
    why = str(letter.body["why"])
    return _ended(session, letter, LIVE, LAPSED, "lapsed", why if why in messages.WHY else "gone", now)


@receives("released")
def released(session: Session, letter: Arrived, now: datetime) -> str:
    """What was to be taken back is: the other side has heard of it."""
    one = offer_of(session, letter)
    if one is None or one.state != WITHDRAWING:
        return KNOWN
    _decided(one, TAKEN_BACK, None, now)
    offering.record(one, "offer.released", {}, by=None, now=now)
    return DONE


@receives("invite")
def invited(session: Session, letter: Arrived, now: datetime) -> str:
    """Tell the UPT of a need that one of its products fits; it reads the need where it may read it anyway."""
    upt_id = _own_upt()
    need_id = session.scalars(select(Need.id).where(Need.ref == letter.need_ref)).first()
    page = messages.page_of(need_id) if need_id is not None else ""
    if need_id is None:
        number = session.scalars(select(NationalNeed.id).where(NationalNeed.ref == letter.need_ref)).first()
        if number is None:
            return PASSED_OVER
        page = f"/kebutuhan/nasional/{number}"
    told = messages.of_invitation(
        upt_id,
        str(letter.body["title"]),
        letter.upt_name,
        messages.amount(int(letter.body["quantity"]), str(letter.body["unit"])),
        date.fromisoformat(str(letter.body["needed_by"])),
        page,
    )
    notices.tell(session, told, now)
    return DONE


# -- at either -------------------------------------------------------------------------------------------------


@receives("contact_ready")
def other_is_ready(session: Session, letter: Arrived, now: datetime) -> str:
    end = _end(session, letter)
    if end is None or end.state != ACCEPTED:
        return PASSED_OVER
    if end.other_ready_at is not None:
        return KNOWN
    end.other_ready_at = end.updated_at = now
    send_if_both(session, end, by=None, now=now)
    _tell_of_contact(session, end, letter, given=False, now=now)
    return DONE


@receives("contact_unready")
def other_is_not_ready(session: Session, letter: Arrived, now: datetime) -> str:
    end = _end(session, letter)
    if end is None or end.other_ready_at is None or end.other_contact is not None:
        return PASSED_OVER
    end.other_ready_at, end.updated_at = None, now
    return DONE


@receives("contact")
def contact_arrived(session: Session, letter: Arrived, now: datetime) -> str:
    """Keep the other's contact, if this end still consents; else it is dropped, and in no row."""
    end = _end(session, letter)
    if end is None or end.contact_at is None:
        return PASSED_OVER
    if end.other_contact is not None:
        return KNOWN
    end.other_contact = {name: str(letter.body[name]) for name in letters.SAYS["contact"]}
    end.other_ready_at, end.updated_at = end.other_ready_at or now, now
    send_if_both(session, end, by=None, now=now)
    _tell_of_contact(session, end, letter, given=True, now=now)
    return DONE


def _tell_of_contact(session: Session, end: End, letter: Arrived, *, given: bool, now: datetime) -> None:
    if isinstance(end, Offer):
        title, page = end.title, messages.page_of_offer(end.id)
    else:
        title, page = posting.load(end.need_id).title, messages.page_of(end.need_id)
    notices.tell(session, messages.of_contact(end.upt_id, title, letter.upt_name, given, page), now)


# -- finding the row that a letter is about --------------------------------------------------------------------


def _own_upt() -> int:
    upt_id = current().upt_id
    if upt_id is None:
        raise NoScope("A letter is carried to an UPT.")
    return upt_id


def _need(session: Session, letter: Arrived) -> Need | None:
    """The addressee's own need, under its lock."""
    return session.scalars(
        select(Need)
        .where(Need.ref == letter.need_ref, Need.upt_id == _own_upt())
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()


def _incoming(session: Session, letter: Arrived) -> Incoming | None:
    return session.scalars(
        select(Incoming)
        .where(
            Incoming.offer_ref == letter.offer_ref,
            Incoming.from_kanwil_id == letter.kanwil_id,
            Incoming.from_upt_id == letter.upt_id,
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()


def _held(session: Session, letter: Arrived) -> tuple[Need, Incoming] | None:
    need = _need(session, letter)
    one = _incoming(session, letter) if need is not None else None
    return None if need is None or one is None or one.need_id != need.id else (need, one)


def offer_of(session: Session, letter: Arrived) -> Offer | None:
    """The addressee's own offer that a letter of the needing UPT is about, under its lock."""
    return session.scalars(
        select(Offer)
        .where(
            Offer.offer_ref == letter.offer_ref,
            Offer.need_ref == letter.need_ref,
            Offer.to_kanwil_id == letter.kanwil_id,
            Offer.to_upt_id == letter.upt_id,
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()


def _end(session: Session, letter: Arrived) -> End | None:
    """The addressee's end of an agreement, whichever it is."""
    return offer_of(session, letter) or next(iter((_held(session, letter) or ())[1:]), None)


def _decided(one: Offer, state: str, reason: str | None, now: datetime) -> None:
    one.state, one.reason = state, reason
    one.decided_at = one.updated_at = now


def _ended(
    session: Session,
    letter: Arrived,
    sources: tuple[str, ...],
    state: str,
    kind: str,
    reason: str,
    now: datetime,
) -> str:
    """An offer or an agreement came to nothing at the other side."""
    one = offer_of(session, letter)
    if one is None or one.state not in sources:
        return KNOWN if one is not None and one.state == state else PASSED_OVER
    if state == CANCELLED:
        one.agreed_quantity = 0
    _decided(one, state, reason or None, now)
    offering.record(one, f"offer.{kind}", {"reason": reason}, by=None, now=now)
    words = say(messages.WHY[reason]) if kind == "lapsed" else reason
    notices.tell(session, messages.of_ending(one, kind, words), now)
    return DONE


def _reply(session: Session, letter: Arrived, kind: str, body: dict[str, Any], now: datetime) -> None:
    letters.write(
        session,
        kind,
        to=(letter.kanwil_id, letter.upt_id),
        upt_id=_own_upt(),
        need_ref=letter.need_ref,
        offer_ref=letter.offer_ref,
        body=body,
        by=None,
        now=now,
    )
