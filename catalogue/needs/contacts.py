"""Sharing whom to ring: only after an agreement, and only once both ends have said that they want to.

The first one's consent is told without the contact. The second one's sends his own contact, and then the first one's is
sent, too; what is sent to an end that does not consent (any more) is dropped there unread.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from catalogue.needs import agreeing, letters, offering
from catalogue.needs.errors import NeedMoved
from catalogue.needs.models import Incoming, Offer
from catalogue.needs.posting import own_upt
from catalogue.needs.reading import Entered, contact_in
from catalogue.needs.terms import ACCEPTED
from tenants.database import transaction
from tenants.idempotency import once
from tenants.officers import Actor
from tenants.words import N_
from workflows import audit

End = Offer | Incoming


def share(
    entered: Entered,
    *,
    offer_id: int | None = None,
    incoming_id: int | None = None,
    by: Actor,
    now: datetime,
    key: str | None = None,
) -> End:
    """Agree to share ``name, phone, email`` of the own end of an agreement: `offer_id` of who made the offer,
    `incoming_id` of who accepted it. Saying it again changes the contact until it was sent.

    Raises:
        OfferNotFound: there is no such end within the scope.
        NotYourNeed: `by` is no officer of an UPT.
        NeedInvalid: what is missing or wrong, by field.
        NeedMoved: there is no agreement, or the contact was sent already.
    """
    own_upt(by)

    def act() -> End:
        contact = contact_in(entered)
        with transaction() as session:
            end = _held(session, offer_id, incoming_id)
            if end.contact_sent_at is not None:
                if end.contact == contact:
                    return end
                raise NeedMoved(N_("Kontak Anda sudah terkirim kepada UPT itu."))
            if end.state != ACCEPTED:
                raise NeedMoved(N_("Kontak hanya dibagikan setelah ada kesepakatan."))
            again = end.contact_at is not None
            end.contact, end.contact_at, end.updated_at = contact, now, now
            if not again:
                _record(end, "contact.shared", by=by, now=now)
                if end.other_ready_at is None:
                    _write(session, end, "contact_ready", {}, by=by, now=now)
            send_if_both(session, end, by=by, now=now)
            session.flush()
            return end

    return _once(key, "share", offer_id, incoming_id, act, dict(entered))


def take_back(
    *,
    offer_id: int | None = None,
    incoming_id: int | None = None,
    by: Actor,
    now: datetime,
    key: str | None = None,
) -> End:
    """Take one's consent back, as long as the contact was not sent. A second click changes nothing.

    Raises:
        OfferNotFound, NotYourNeed: as `share`.
        NeedMoved: the contact was sent already.
    """
    own_upt(by)

    def act() -> End:
        with transaction() as session:
            end = _held(session, offer_id, incoming_id)
            if end.contact_sent_at is not None:
                raise NeedMoved(N_("Kontak Anda sudah terkirim kepada UPT itu."))
            if end.contact_at is None:
                return end
            end.contact, end.contact_at, end.updated_at = None, None, now
            _record(end, "contact.kept", by=by, now=now)
            _write(session, end, "contact_unready", {}, by=by, now=now)
            session.flush()
            return end

    return _once(key, "unshare", offer_id, incoming_id, act, None)


def send_if_both(session: Session, end: End, *, by: Actor | None, now: datetime) -> None:
    """Send the own contact once both ends consent, one time."""
    if end.contact is None or end.other_ready_at is None or end.contact_sent_at is not None:
        return
    end.contact_sent_at = now
    _write(session, end, "contact", dict(end.contact), by=by, now=now)


def _held(session: Session, offer_id: int | None, incoming_id: int | None) -> End:
    if offer_id is not None:
        return offering.locked(session, offer_id)
    return agreeing.held(session, incoming_id or 0)[1]


def _write(
    session: Session, end: End, kind: str, body: dict[str, str], *, by: Actor | None, now: datetime
) -> None:
    letters.write(
        session,
        kind,
        to=end.other,
        upt_id=end.upt_id,
        need_ref=end.need_ref,
        offer_ref=end.offer_ref,
        body=body,
        by=by,
        now=now,
    )


def _record(end: End, action: str, *, by: Actor | None, now: datetime) -> None:
    """Consent is an event; the contact itself is in no chain."""
    payload = {"offer_id" if isinstance(end, Offer) else "incoming_id": end.id}
    audit.record(end.chain, action, payload, by=by, now=now, upt_id=end.upt_id)


def _once(
    key: str | None, verb: str, offer_id: int | None, incoming_id: int | None, act: Any, content: Any
) -> End:
    which = f"offer:{offer_id}" if offer_id is not None else f"incoming:{incoming_id}"

    def load(number: int) -> End:
        return offering.load(number) if offer_id is not None else agreeing.load(number)

    done: End = once(key, f"contact.{verb}:{which}", act, lambda end: end.id, load, content=content)[0]
    return done
