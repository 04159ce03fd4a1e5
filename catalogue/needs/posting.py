"""Needs as their UPT writes them: posting, changing, withdrawing; and the state that follows from what was agreed."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalogue.needs import board, letters
from catalogue.needs import notices as messages
from catalogue.needs.errors import NeedMoved, NeedNotFound, NotYourNeed
from catalogue.needs.models import Incoming, Need
from catalogue.needs.reading import Entered, change_in, need_in, reason_in
from catalogue.needs.terms import (
    AGREED,
    ENDED,
    FULFILLED,
    LAPSED,
    OPEN,
    PARTLY,
    SEEKING,
    SENT,
    WITHDRAWN,
)
from catalogue.stemming import indexed
from catalogue.terms import CATEGORIES
from tenants.clock import local_day
from tenants.database import session as scoped_session
from tenants.database import transaction
from tenants.idempotency import once
from tenants.models import Kanwil
from tenants.officers import UPT_ROLES, Actor
from tenants.scope import current
from tenants.words import N_
from workflows import audit, notices

FILLED = "filled"


def post(entered: Entered, *, by: Actor, now: datetime, key: str | None = None) -> Need:
    """Post a need of the officer's UPT. `entered`: ``title, category, group, quantity, unit, needed_by,
    ceiling_rupiah, note, audience``. One transaction; the same `key` gives the same need.

    Raises:
        NotYourNeed: `by` is no officer of an UPT.
        NeedInvalid: what is missing or wrong, by field.
    """
    upt_id = own_upt(by)
    made, _ = once(
        key,
        "need.post",
        lambda: _posted(entered, upt_id, by, now),
        lambda need: need.id,
        load,
        content=dict(entered),
    )
    return made


def change(need_id: int, entered: Entered, *, by: Actor, now: datetime, version: int | None = None) -> Need:
    """Change how much is needed, by when, the ceiling, the note, or who reads it. All else stays: offers were made
    on it.

    Raises:
        NeedNotFound: there is none within the scope.
        NotYourNeed: it is another UPT's.
        NeedInvalid: what is missing or wrong, by field.
        NeedMoved: nothing is sought any more, or it was changed since `version`.
    """
    own_upt(by)
    with transaction() as session:
        need = locked(session, need_id, by)
        if need.state not in SEEKING:
            raise NeedMoved(N_("Kebutuhan ini sudah ditutup dan tidak dapat diubah lagi."))
        if version is not None and version != need.version:
            raise NeedMoved(
                N_("Kebutuhan ini diubah orang lain sementara Anda mengisi. Muat ulang halamannya.")
            )
        found = change_in(entered, today_of(session, now), need.agreed)
        before = {name: getattr(need, name) for name in found}
        changed = {name: value for name, value in found.items() if before[name] != value}
        if not changed:
            return need
        for name, value in changed.items():
            setattr(need, name, value)
        need.search = _search(need)
        follow(session, need, now)
        facts = {name: [_plain(before[name]), _plain(value)] for name, value in changed.items()}
        record(need, "need.changed", {"changed": facts}, by=by, now=now)
        if need.state not in SEEKING:
            lapse(session, need, FILLED, by=by, now=now)
        session.flush()
        return need


def withdraw(need_id: int, reason: str, *, by: Actor, now: datetime, key: str | None = None) -> Need:
    """Seek no longer what has not been agreed; agreements stand. A second click changes nothing.

    Raises:
        NeedNotFound, NotYourNeed: as `change`.
        NeedInvalid: no reason.
        NeedMoved: nothing is sought any more.
    """
    own_upt(by)
    done, _ = once(
        key,
        f"need.withdraw:{need_id}",
        lambda: _withdrawn(need_id, reason, by, now),
        lambda need: need.id,
        load,
        content=reason,
    )
    return done


def _posted(entered: Entered, upt_id: int, by: Actor, now: datetime) -> Need:
    with transaction() as session:
        found = need_in(entered, today_of(session, now))
        need = Need(
            **found,
            upt_id=upt_id,
            agreed=0,
            fulfilled=0,
            state=OPEN,
            posted_by=by.id,
            posted_by_name=by.name,
            posted_at=now,
            updated_at=now,
            version=1,
        )
        need.search = _search(need)
        session.add(need)
        session.flush()
        board.follow(session, need)
        record(need, "need.posted", {name: _plain(value) for name, value in found.items()}, by=by, now=now)
        session.flush()
        return need


def _withdrawn(need_id: int, reason: str, by: Actor, now: datetime) -> Need:
    why = reason_in(reason, required=True)
    with transaction() as session:
        need = locked(session, need_id, by)
        if need.state == WITHDRAWN:
            return need
        if need.state not in SEEKING:
            raise NeedMoved(N_("Kebutuhan ini sudah ditutup; batalkan kesepakatannya bila tidak jadi."))
        end(session, need, WITHDRAWN, why, by=by, now=now)
        return need


def end(
    session: Session, need: Need, state: str, why: str | None, *, by: Actor | None, now: datetime
) -> None:
    """Stop seeking: ``withdrawn`` or ``expired``, with whoever still waits for an answer told so."""
    need.state, need.reason, need.closed_at = state, why, now
    need.updated_at, need.version = now, need.version + 1
    board.follow(session, need)
    lapsed = lapse(session, need, state, by=by, now=now)
    facts = {"reason": why, "agreed": need.agreed, "quantity": need.quantity, "offers_closed": lapsed}
    record(need, f"need.{state}", facts, by=by, now=now)
    if by is None:
        notices.tell(session, messages.of_expiry(need), now)
    session.flush()


def lapse(session: Session, need: Need, why: str, *, by: Actor | None, now: datetime) -> int:
    """Close the offers that still wait for an answer and tell their makers; how many."""
    waiting = list(
        session.scalars(
            select(Incoming)
            .where(Incoming.need_id == need.id, Incoming.state == SENT)
            .order_by(Incoming.id)
            .execution_options(populate_existing=True)
        )
    )
    for one in waiting:
        one.state, one.reason, one.decided_at, one.updated_at = LAPSED, why, now, now
        letters.write(
            session,
            "closed",
            to=one.other,
            upt_id=need.upt_id,
            need_ref=need.ref,
            offer_ref=one.offer_ref,
            body={"why": why},
            by=by,
            now=now,
        )
    return len(waiting)


def follow(session: Session, need: Need, now: datetime) -> None:
    """The need after its amounts changed: its state, the instants that go with it, and its copy on the board."""
    if need.state not in ENDED:
        if need.fulfilled >= need.quantity:
            need.state = FULFILLED
        elif need.agreed >= need.quantity:
            need.state = AGREED
        else:
            need.state = PARTLY if need.agreed else OPEN
        need.closed_at = None if need.state in SEEKING else need.closed_at or now
    need.agreed_at = (need.agreed_at or now) if need.agreed >= need.quantity else None
    need.fulfilled_at = (need.fulfilled_at or now) if need.fulfilled >= need.quantity else None
    need.updated_at, need.version = now, need.version + 1
    board.follow(session, need)


def locked(session: Session, need_id: int, by: Actor | None = None) -> Need:
    """A need of the scope under its lock; of `by`'s UPT where he is given.

    Raises:
        NeedNotFound: there is none within the scope.
        NotYourNeed: it is another UPT's.
    """
    need = session.scalars(
        select(Need).where(Need.id == need_id).with_for_update().execution_options(populate_existing=True)
    ).first()
    if need is None:
        raise NeedNotFound(N_("Kebutuhan ini tidak ada."))
    if by is not None and need.upt_id != by.upt_id:
        raise NotYourNeed(N_("Hanya UPT yang memasang kebutuhan ini yang dapat mengubahnya."))
    return need


def load(need_id: int) -> Need:
    """A need of the scope. One statement.

    Raises:
        NeedNotFound: there is none.
    """
    need = scoped_session().scalars(select(Need).where(Need.id == need_id)).first()
    if need is None:
        raise NeedNotFound(N_("Kebutuhan ini tidak ada."))
    return need


def own_upt(by: Actor) -> int:
    """The UPT for which an officer writes needs and offers.

    Raises:
        NotYourNeed: he is no officer of an UPT.
    """
    if by.upt_id is None or not by.has(*UPT_ROLES):
        raise NotYourNeed()
    return by.upt_id


def record(need: Need, action: str, facts: dict[str, Any], *, by: Actor | None, now: datetime) -> None:
    """An event of the need's chain, in the open transaction; its UPT reads it."""
    payload = {"need_id": need.id, **facts} | ({} if by else {"automatic": True})
    audit.record(need.chain, action, payload, by=by, now=now, upt_id=need.upt_id)


def today_of(session: Session, now: datetime) -> date:
    """Today in the Kanwil's calendar. One statement."""
    zone = session.scalar(select(Kanwil.timezone).where(Kanwil.id == current().tenant_id))
    return local_day(now, zone or "Asia/Jakarta")


def _search(need: Need) -> str:
    return indexed(need.title, CATEGORIES[need.category], need.note)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
