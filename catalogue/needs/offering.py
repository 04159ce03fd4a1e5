"""Offers as who makes them: to a need of the own Kanwil or one on the national board, and taking one back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from catalogue.models import Product
from catalogue.needs import board, letters
from catalogue.needs.errors import NeedInvalid, NeedMoved, NeedNotFound, OfferNotFound
from catalogue.needs.models import NationalNeed, Need, Offer, new_ref
from catalogue.needs.posting import own_upt, today_of
from catalogue.needs.reading import Entered, offer_in
from catalogue.needs.terms import LIVE, SEEKING, SENT, WITHDRAWING
from catalogue.publication import PUBLISHED
from tenants.database import session as scoped_session
from tenants.database import transaction
from tenants.idempotency import once
from tenants.models import DirectoryUpt, Kanwil
from tenants.officers import Actor
from tenants.said import say
from tenants.scope import current
from tenants.words import N_
from workflows import audit


@dataclass(frozen=True)
class Sought:
    """What an UPT may know of a need that it offers to: its own Kanwil's row, or the national board's copy."""

    ref: str
    kanwil_id: int
    upt_id: int
    upt_name: str
    kanwil_name: str
    title: str
    remaining: int
    unit: str
    needed_by: date
    is_open: bool


def of_kanwil(session: Session, need_id: int) -> Sought:
    """A need of the own Kanwil. One statement.

    Raises:
        NeedNotFound: there is none.
    """
    asked = (
        select(Need, DirectoryUpt)
        .join(DirectoryUpt, DirectoryUpt.upt_id == Need.upt_id)
        .where(Need.id == need_id)
        .execution_options(populate_existing=True)
    )
    found = session.execute(asked).first()
    if found is None:
        raise NeedNotFound(N_("Kebutuhan ini tidak ada."))
    need, unit = found
    return Sought(
        ref=need.ref,
        kanwil_id=unit.kanwil_id,
        upt_id=need.upt_id,
        upt_name=unit.short_name,
        kanwil_name=unit.kanwil_name,
        title=need.title,
        remaining=need.remaining,
        unit=need.unit,
        needed_by=need.needed_by,
        is_open=need.state in SEEKING,
    )


def of_country(session: Session, national_id: int) -> Sought:
    """A need of the national board, of a Kanwil that is not suspended. One statement.

    Raises:
        NeedNotFound: there is none.
    """
    copy = session.scalars(
        select(NationalNeed)
        .join(Kanwil, Kanwil.id == NationalNeed.kanwil_id)
        .where(NationalNeed.id == national_id, Kanwil.state == "active")
        .execution_options(populate_existing=True)
    ).first()
    if copy is None:
        raise NeedNotFound(N_("Kebutuhan ini tidak ada."))
    return Sought(
        ref=copy.ref,
        kanwil_id=copy.kanwil_id,
        upt_id=copy.upt_id,
        upt_name=copy.upt_name,
        kanwil_name=copy.kanwil_name,
        title=copy.title,
        remaining=copy.quantity,
        unit=copy.unit,
        needed_by=copy.needed_by,
        is_open=copy.state == board.ON_BOARD,
    )


def offer(
    entered: Entered,
    *,
    need_id: int | None = None,
    national_id: int | None = None,
    by: Actor,
    now: datetime,
    key: str | None = None,
) -> Offer:
    """Offer to a need: `need_id` of the own Kanwil, or `national_id` of the national board. `entered`: ``quantity,
    price_rupiah, deliver_on, message, partial, product_id``. The other UPT is told by a letter.

    Raises:
        NotYourNeed: `by` is no officer of an UPT.
        NeedNotFound: there is no such need in his reach.
        NeedInvalid: what is missing or wrong, by field.
        NeedMoved: it is his own UPT's, nothing is sought any more, or his UPT has an open offer for it.
    """
    upt_id = own_upt(by)
    which = f"national:{national_id}" if need_id is None else str(need_id)
    made, _ = once(
        key,
        f"need.offer:{which}",
        lambda: _offered(entered, need_id, national_id, upt_id, by, now),
        lambda one: one.id,
        load,
        content=dict(entered),
    )
    return made


def take_back(offer_id: int, *, by: Actor, now: datetime, key: str | None = None) -> Offer:
    """Take an open offer back. It is gone once the other UPT's side has heard of it; accepted before that, it stands.
    A second click changes nothing.

    Raises:
        OfferNotFound: there is none within the scope.
        NotYourNeed: `by` is no officer of an UPT.
        NeedMoved: it isn't open any more.
    """
    own_upt(by)
    done, _ = once(
        key,
        f"offer.withdraw:{offer_id}",
        lambda: _taken_back(offer_id, by, now),
        lambda one: one.id,
        load,
    )
    return done


def _offered(
    entered: Entered, need_id: int | None, national_id: int | None, upt_id: int, by: Actor, now: datetime
) -> Offer:
    with transaction() as session:
        if need_id is not None:
            sought = of_kanwil(session, need_id)
        else:
            sought = of_country(session, national_id or 0)
        if sought.upt_id == upt_id:
            raise NeedMoved(N_("Ini kebutuhan UPT Anda sendiri."))
        if not sought.is_open:
            raise NeedMoved(N_("Kebutuhan ini sudah ditutup; tidak ada lagi yang dicari."))
        found = offer_in(entered, today_of(session, now), sought.remaining)
        product = _product(session, found["product_id"])
        one = Offer(
            **found,
            offer_ref=new_ref(),
            need_ref=sought.ref,
            upt_id=upt_id,
            product_name=product.name if product else None,
            product_slug=product.slug if product else None,
            to_kanwil_id=sought.kanwil_id,
            to_upt_id=sought.upt_id,
            to_upt_name=sought.upt_name,
            to_kanwil_name=sought.kanwil_name,
            title=sought.title,
            unit=sought.unit,
            needed_by=sought.needed_by,
            state=SENT,
            sent_by=by.id,
            sent_by_name=by.name,
            sent_at=now,
            updated_at=now,
            packages=[],
        )
        try:
            with session.begin_nested():
                session.add(one)
                session.flush()
        except IntegrityError:
            raise NeedMoved(
                N_("UPT Anda sudah menawar kebutuhan ini. Tarik dulu penawaran itu bila ingin mengubahnya.")
            ) from None
        said = {name: getattr(one, name) for name in letters.SAYS["offer"]}
        said["deliver_on"] = one.deliver_on.isoformat()
        _write(session, one, "offer", said, by=by, now=now)
        facts = {name: said[name] for name in ("quantity", "price_rupiah", "deliver_on", "partial")}
        record(one, "offer.sent", {**facts, "title": one.title, "to_upt_id": one.to_upt_id}, by=by, now=now)
        session.flush()
        return one


def _taken_back(offer_id: int, by: Actor, now: datetime) -> Offer:
    with transaction() as session:
        one = locked(session, offer_id)
        if one.state == WITHDRAWING:
            return one
        if one.state not in LIVE:
            raise NeedMoved(N_("Penawaran ini sudah dijawab atau ditutup; tidak dapat ditarik lagi."))
        one.state, one.updated_at = WITHDRAWING, now
        _write(session, one, "offer_withdrawn", {}, by=by, now=now)
        record(one, "offer.withdrawn", {}, by=by, now=now)
        session.flush()
        return one


def locked(session: Session, offer_id: int) -> Offer:
    """An offer of the scope under its lock.

    Raises:
        OfferNotFound: there is none.
    """
    one = session.scalars(
        select(Offer).where(Offer.id == offer_id).with_for_update().execution_options(populate_existing=True)
    ).first()
    if one is None:
        raise OfferNotFound(N_("Penawaran ini tidak ada."))
    return one


def load(offer_id: int) -> Offer:
    """An offer of the scope. One statement.

    Raises:
        OfferNotFound: there is none.
    """
    one = scoped_session().scalars(select(Offer).where(Offer.id == offer_id)).first()
    if one is None:
        raise OfferNotFound(N_("Penawaran ini tidak ada."))
    return one


def record(one: Offer, action: str, facts: dict[str, object], *, by: Actor | None, now: datetime) -> None:
    """An event of the offer's chain, in the open transaction; its UPT reads it."""
    payload = {"offer_id": one.id, **facts} | ({} if by else {"automatic": True})
    audit.record(one.chain, action, payload, by=by, now=now, upt_id=one.upt_id)


def _write(
    session: Session, one: Offer, kind: str, body: dict[str, object], *, by: Actor, now: datetime
) -> None:
    letters.write(
        session,
        kind,
        to=one.other,
        upt_id=one.upt_id,
        need_ref=one.need_ref,
        offer_ref=one.offer_ref,
        body=body,
        by=by,
        now=now,
    )


def _product(session: Session, product_id: int | None) -> Product | None:
    """The published product of the own UPT that is offered."""
    if product_id is None:
        return None
    scope = current()
    product = session.scalars(
        select(Product).where(
            Product.id == product_id, Product.upt_id == scope.upt_id, Product.public_state == PUBLISHED
        )
    ).first()
    if product is None:
        raise NeedInvalid(
            fields={"product_id": say(N_("Pilih produk UPT Anda yang terbit, atau kosongkan."))}
        )
    return product
