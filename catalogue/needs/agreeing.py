"""The needing UPT's answer to an offer: accept it (it is then an agreement), decline it, or cancel an agreement.

What is accepted changes `Need.agreed` under the need's lock, so that however many are accepted at once, their sum never
passes what is needed; the table refuses it besides.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalogue.needs import letters, posting
from catalogue.needs.errors import NeedInvalid, NeedMoved, OfferNotFound
from catalogue.needs.models import Incoming, Need
from catalogue.needs.posting import FILLED, own_upt
from catalogue.needs.reading import Reader, amount, reason_in
from catalogue.needs.terms import ACCEPTED, CANCELLED, DECLINED, SEEKING, SENT
from tenants.database import session as scoped_session
from tenants.database import transaction
from tenants.idempotency import once
from tenants.officers import Actor
from tenants.said import say
from tenants.words import N_, number_id, rupiah


def accept(
    incoming_id: int, quantity: Any = None, *, by: Actor, now: datetime, key: str | None = None
) -> Incoming:
    """Accept an offer: all of it, or `quantity` of it where its maker allows a part. The need's amounts and state, the
    letter to the maker and the audit event are one transaction; a second click changes nothing.

    Raises:
        OfferNotFound: there is none within the scope.
        NotYourNeed: `by` is no officer of an UPT.
        NeedInvalid: the amount is none, more than is sought or offered, a part that isn't allowed, or the price lies
            above the need's ceiling.
        NeedMoved: the offer was answered or taken back, or nothing is sought any more.
    """
    own_upt(by)
    return _once(
        key,
        f"need.accept:{incoming_id}",
        incoming_id,
        lambda: _accepted(incoming_id, quantity, by, now),
        quantity,
    )


def decline(
    incoming_id: int, reason: str = "", *, by: Actor, now: datetime, key: str | None = None
) -> Incoming:
    """Decline an offer; the reason, where there is one, is told to its maker. A second click changes nothing.

    Raises:
        OfferNotFound, NotYourNeed, NeedMoved: as `accept`.
        NeedInvalid: the reason is too long.
    """
    own_upt(by)
    return _once(
        key,
        f"need.decline:{incoming_id}",
        incoming_id,
        lambda: _declined(incoming_id, reason, by, now),
        reason,
    )


def cancel(incoming_id: int, reason: str, *, by: Actor, now: datetime, key: str | None = None) -> Incoming:
    """Cancel an agreement of which nothing was bought yet; what it held is sought again, unless the need has ended.

    Raises:
        OfferNotFound, NotYourNeed: as `accept`.
        NeedInvalid: no reason.
        NeedMoved: it is no agreement, or a purchase met a part of it.
    """
    own_upt(by)
    return _once(
        key,
        f"need.cancel:{incoming_id}",
        incoming_id,
        lambda: _cancelled(incoming_id, reason, by, now),
        reason,
    )


def _accepted(incoming_id: int, quantity: Any, by: Actor, now: datetime) -> Incoming:
    with transaction() as session:
        need, one = held(session, incoming_id, by)
        asked = Reader({"quantity": quantity})
        wanted = asked.take("quantity", amount)
        asked.done()
        if one.state == ACCEPTED and wanted in (None, one.agreed_quantity):
            return one
        if one.state != SENT:
            raise NeedMoved(N_("Penawaran ini sudah dijawab, ditarik, atau ditutup. Muat ulang halamannya."))
        if need.state not in SEEKING:
            raise NeedMoved(N_("Kebutuhan ini sudah ditutup; tidak ada lagi yang dicari."))
        taken = _how_much(need, one, wanted)
        one.state, one.agreed_quantity = ACCEPTED, taken
        _answered(one, by, now)
        need.agreed += taken
        posting.follow(session, need, now)
        tell(session, need, one, "accepted", {"quantity": taken}, by=by, now=now)
        facts = {**_facts(one), "quantity": taken, "price_rupiah": one.price_rupiah, "agreed": need.agreed}
        posting.record(need, "need.accepted", facts, by=by, now=now)
        if need.state not in SEEKING:
            posting.lapse(session, need, FILLED, by=by, now=now)
        session.flush()
        return one


def _how_much(need: Need, one: Incoming, wanted: int | None) -> int:
    """How much of an offer is accepted; left open it is as much as is offered and sought."""
    wrong: dict[str, str] = {}
    most = min(one.quantity, need.remaining)
    taken = most if wanted is None else wanted
    if taken > most:
        wrong["quantity"] = say(
            N_("Paling banyak %(n)s: yang ditawarkan %(offered)s, yang masih dicari %(sought)s."),
            n=number_id(most),
            offered=number_id(one.quantity),
            sought=number_id(need.remaining),
        )
    elif taken < one.quantity and not one.partial:
        wrong["quantity"] = say(
            N_("Penawaran ini hanya untuk seluruhnya, %(n)s; yang masih dicari %(sought)s."),
            n=number_id(one.quantity),
            sought=number_id(need.remaining),
        )
    if need.ceiling_rupiah is not None and one.price_rupiah > need.ceiling_rupiah:
        wrong["price_rupiah"] = say(
            N_(
                "Harganya %(price)s, di atas harga tertinggi %(ceiling)s. Naikkan dulu harga tertinggi kebutuhan ini."
            ),
            price=rupiah(one.price_rupiah),
            ceiling=rupiah(need.ceiling_rupiah),
        )
    if wrong:
        raise NeedInvalid(fields=wrong)
    return taken


def _declined(incoming_id: int, reason: str, by: Actor, now: datetime) -> Incoming:
    why = reason_in(reason, required=False)
    with transaction() as session:
        need, one = held(session, incoming_id, by)
        if one.state == DECLINED:
            return one
        if one.state != SENT:
            raise NeedMoved(N_("Penawaran ini sudah dijawab, ditarik, atau ditutup. Muat ulang halamannya."))
        one.state, one.reason = DECLINED, why or None
        _answered(one, by, now)
        tell(session, need, one, "declined", {"reason": why}, by=by, now=now)
        posting.record(need, "need.declined", {**_facts(one), "reason": why}, by=by, now=now)
        session.flush()
        return one


def _cancelled(incoming_id: int, reason: str, by: Actor, now: datetime) -> Incoming:
    why = reason_in(reason, required=True)
    with transaction() as session:
        need, one = held(session, incoming_id, by)
        if one.state == CANCELLED:
            return one
        if one.state != ACCEPTED:
            raise NeedMoved(N_("Penawaran ini bukan kesepakatan yang berjalan."))
        if one.fulfilled:
            raise NeedMoved(
                N_("Sebagian sudah dipenuhi pembelian e-Katalog; kesepakatan ini tidak dapat dibatalkan.")
            )
        given_back, one.agreed_quantity = one.agreed_quantity, 0
        one.state, one.reason = CANCELLED, why
        _answered(one, by, now)
        need.agreed -= given_back
        posting.follow(session, need, now)
        tell(session, need, one, "cancelled", {"reason": why}, by=by, now=now)
        facts = {**_facts(one), "quantity": given_back, "reason": why, "agreed": need.agreed}
        posting.record(need, "need.cancelled", facts, by=by, now=now)
        session.flush()
        return one


def held(session: Session, incoming_id: int, by: Actor | None = None) -> tuple[Need, Incoming]:
    """An offer that arrived, read under the lock of its need: always the need first.

    Raises:
        OfferNotFound: there is none within the scope.
    """
    need_id = session.scalars(select(Incoming.need_id).where(Incoming.id == incoming_id)).first()
    if need_id is None:
        raise OfferNotFound(N_("Penawaran ini tidak ada."))
    need = posting.locked(session, need_id, by)
    one = session.scalars(
        select(Incoming)
        .where(Incoming.id == incoming_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    return need, one


def load(incoming_id: int) -> Incoming:
    """An offer that arrived, of the scope. One statement.

    Raises:
        OfferNotFound: there is none.
    """
    one = scoped_session().scalars(select(Incoming).where(Incoming.id == incoming_id)).first()
    if one is None:
        raise OfferNotFound(N_("Penawaran ini tidak ada."))
    return one


def tell(
    session: Session,
    need: Need,
    one: Incoming,
    kind: str,
    body: dict[str, Any],
    *,
    by: Actor | None,
    now: datetime,
) -> None:
    """Write to who made an offer."""
    letters.write(
        session,
        kind,
        to=one.other,
        upt_id=need.upt_id,
        need_ref=need.ref,
        offer_ref=one.offer_ref,
        body=body,
        by=by,
        now=now,
    )


def _answered(one: Incoming, by: Actor, now: datetime) -> None:
    one.decided_by, one.decided_by_name = by.id, by.name
    one.decided_at = one.updated_at = now


def _facts(one: Incoming) -> dict[str, Any]:
    return {"incoming_id": one.id, "from_upt_id": one.from_upt_id}


def _once(
    key: str | None, operation: str, incoming_id: int, act: Callable[[], Incoming], content: Any
) -> Incoming:
    done, _ = once(key, operation, act, lambda _: incoming_id, load, content=content)
    return done
