"""Naming the packages of an agreement, and counting what of them was bought."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from catalogue.needs import agreeing, letters, notices, offering, posting
from catalogue.needs.arriving import DONE, KNOWN, PASSED_OVER, offer_of
from catalogue.needs.errors import NeedInvalid, NeedMoved, OfferNotFound
from catalogue.needs.letters import Arrived, receives
from catalogue.needs.models import Incoming, Offer
from catalogue.needs.posting import own_upt
from catalogue.needs.reading import package_in
from catalogue.needs.terms import ACCEPTED
from sales.checks import COMPLETED
from sales.models import Purchase
from sales.supply.models import BUYER, PROVIDER, NeedPackage
from tenants.database import transaction
from tenants.idempotency import once
from tenants.jobs import alone_in, every_tenant, scheduled
from tenants.officers import Actor
from tenants.said import say
from tenants.words import N_
from workflows import notices as told

BATCH = 100
MOST = 20
"""Packages that one agreement may be spread over."""
_STATES = {"Selesai": "counted", "Proses": "in_process", "Batal": "cancelled"}


def name_package(
    offer_id: int, package_id: Any, *, by: Actor, now: datetime, key: str | None = None
) -> Offer:
    """The provider names a package that fulfils an agreement. Naming it again changes nothing.

    Raises:
        OfferNotFound: there is no such offer within the scope.
        NotYourNeed: `by` is no officer of an UPT.
        NeedInvalid: no package id, or its purchase was made by somebody else.
        NeedMoved: there is no agreement, it has too many packages, or the package stands for another one.
    """
    own_upt(by)
    done, _ = once(
        key,
        f"offer.package:{offer_id}",
        lambda: _named(offer_id, package_id, by, now),
        lambda one: one.id,
        offering.load,
        content=package_id,
    )
    return done


def drop_package(
    offer_id: int, package_id: Any, *, by: Actor, now: datetime, key: str | None = None
) -> Offer:
    """Take a package away that was named by mistake, whoever named it. A second click changes nothing.

    Raises:
        OfferNotFound, NotYourNeed, NeedInvalid: as `name_package`.
    """
    own_upt(by)
    done, _ = once(
        key,
        f"offer.package_drop:{offer_id}",
        lambda: _dropped(offer_id, package_id, by, now),
        lambda one: one.id,
        offering.load,
        content=package_id,
    )
    return done


def name_as_buyer(
    incoming_id: int, package_id: Any, *, by: Actor, now: datetime, key: str | None = None
) -> Incoming:
    """The buyer names the package by which it bought; the provider's register says whether it counts.

    Raises:
        OfferNotFound, NotYourNeed, NeedInvalid: as `name_package`.
        NeedMoved: there is no agreement, or it has too many packages.
    """
    own_upt(by)
    done, _ = once(
        key,
        f"need.package:{incoming_id}",
        lambda: _named_by_buyer(incoming_id, package_id, by, now),
        lambda one: one.id,
        agreeing.load,
        content=package_id,
    )
    return done


def _named(offer_id: int, package_id: Any, by: Actor, now: datetime) -> Offer:
    package = package_in(package_id)
    with transaction() as session:
        one = offering.locked(session, offer_id)
        if one.state != ACCEPTED:
            raise NeedMoved(N_("Paket dicatat setelah ada kesepakatan."))
        bought = session.scalars(select(Purchase).where(Purchase.package_id == package)).first()
        if bought is not None and _state(bought, one) == "other_buyer":
            who = bought.buyer_unit
            raise NeedInvalid(
                fields={
                    "package_id": say(
                        N_("Paket ini dibeli %(who)s, bukan %(upt)s."), who=who, upt=one.to_upt_name
                    )
                }
            )
        if _added(session, one, package, PROVIDER, by.name, now):
            settle(session, one, by=by, now=now)
            offering.record(one, "offer.package_named", {"package_id": package}, by=by, now=now)
        session.flush()
        return one


def _dropped(offer_id: int, package_id: Any, by: Actor, now: datetime) -> Offer:
    with transaction() as session:
        one = offering.locked(session, offer_id)
        package = package_in(package_id)
        row = session.scalars(
            select(NeedPackage).where(NeedPackage.offer_id == one.id, NeedPackage.package_id == package)
        ).first()
        if row is not None:
            session.delete(row)
            session.flush()
            settle(session, one, by=by, now=now)
            offering.record(one, "offer.package_dropped", {"package_id": package}, by=by, now=now)
        session.flush()
        return one


def _named_by_buyer(incoming_id: int, package_id: Any, by: Actor, now: datetime) -> Incoming:
    package = package_in(package_id)
    with transaction() as session:
        need, one = agreeing.held(session, incoming_id, by)
        if one.state != ACCEPTED:
            raise NeedMoved(N_("Paket dicatat setelah ada kesepakatan."))
        if any(row["package_id"] == package for row in one.packages):
            return one
        if len(one.packages) >= MOST:
            raise NeedMoved(N_("Kesepakatan ini sudah memuat terlalu banyak paket."))
        waiting = {"package_id": package, "state": "waiting", "quantity": 0, "purchased_on": None}
        one.packages = [*one.packages, waiting]
        one.updated_at = now
        agreeing.tell(session, need, one, "package", {"package_id": package}, by=by, now=now)
        facts = {"incoming_id": one.id, "package_id": package}
        posting.record(need, "need.package_named", facts, by=by, now=now)
        session.flush()
        return one


@receives("package")
def package_named(session: Session, letter: Arrived, now: datetime) -> str:
    """The buyer named a package: it stands beside those that the provider named. One that stands for another agreement
    is not taken, and the answer says so by leaving it out."""
    one = offer_of(session, letter)
    if one is None or one.state != ACCEPTED:
        return PASSED_OVER
    package = package_in(letter.body["package_id"])
    try:
        fresh = _added(session, one, package, BUYER, letter.upt_name, now)
    except NeedMoved:
        settle(session, one, by=None, now=now, always=True)
        return PASSED_OVER
    if not fresh:
        return KNOWN
    settle(session, one, by=None, now=now)
    facts = {"package_id": package, "by_buyer": True}
    offering.record(one, "offer.package_named", facts, by=None, now=now)
    told.tell(session, notices.of_package(one, package), now)
    return DONE


def _added(session: Session, one: Offer, package: str, named_by: str, who: str, now: datetime) -> bool:
    """Keep a package beside an agreement; False where it stands there already.

    Raises:
        NeedMoved: it stands for another agreement, or there are too many.
    """
    there = session.scalars(select(NeedPackage).where(NeedPackage.package_id == package)).first()
    if there is not None:
        if there.offer_id == one.id:
            return False
        raise NeedMoved(N_("Paket ini sudah dicatat untuk kesepakatan lain."))
    rows = session.scalars(select(NeedPackage.id).where(NeedPackage.offer_id == one.id)).all()
    if len(rows) >= MOST:
        raise NeedMoved(N_("Kesepakatan ini sudah memuat terlalu banyak paket."))
    row = NeedPackage(
        offer_id=one.id,
        upt_id=one.upt_id,
        package_id=package,
        state="waiting",
        quantity=0,
        named_by=named_by,
        named_by_name=who[:160],
        named_at=now,
    )
    try:
        with session.begin_nested():
            session.add(row)
            session.flush()
    except IntegrityError:
        raise NeedMoved(N_("Paket ini sudah dicatat untuk kesepakatan lain.")) from None
    return True


def settle(session: Session, one: Offer, *, by: Actor | None, now: datetime, always: bool = False) -> bool:
    """Count the packages of an agreement, which the caller holds locked, by what the register of purchases says of them
    now; the buyer's side is told what changed (`always`: told anyhow). Whether something changed."""
    rows = session.execute(
        select(NeedPackage, Purchase)
        .outerjoin(
            Purchase,
            and_(Purchase.tenant_id == NeedPackage.tenant_id, Purchase.package_id == NeedPackage.package_id),
        )
        .where(NeedPackage.offer_id == one.id)
        .order_by(NeedPackage.id)
        .execution_options(populate_existing=True)
    ).all()
    left, packages = one.agreed_quantity, []
    for row, bought in rows:
        state = "waiting" if bought is None else _state(bought, one)
        counted = min(bought.quantity, left) if bought is not None and state == "counted" else 0
        left -= counted
        row.state = "surplus" if state == "counted" and not counted else state
        row.quantity, row.seen_at = counted, None if bought is None else bought.updated_at
        packages.append(
            {
                "package_id": row.package_id,
                "state": row.state,
                "quantity": counted,
                "purchased_on": None if bought is None else bought.purchased_on.isoformat(),
            }
        )
    fulfilled = one.agreed_quantity - left
    if packages == one.packages and not always:
        return False
    one.packages, one.fulfilled, one.told, one.updated_at = packages, fulfilled, one.told + 1, now
    letters.write(
        session,
        "delivery",
        to=one.other,
        upt_id=one.upt_id,
        need_ref=one.need_ref,
        offer_ref=one.offer_ref,
        body={"number": one.told, "packages": packages, "fulfilled": fulfilled},
        by=by,
        now=now,
    )
    session.flush()
    return True


def _state(bought: Purchase, one: Offer) -> str:
    """What a purchase means for an agreement: it counts once it is completed and the buyer is the UPT that needs."""
    if bought.buyer_upt_id != one.to_upt_id:
        return "other_buyer" if bought.buyer_known else "waiting"
    return _STATES.get(bought.status, "waiting")


@scheduled("50 * * * *", "needs.purchases")
def hourly(planned: datetime) -> None:
    """Count anew where the register of purchases says something else than was counted. Once an hour."""
    for scope in every_tenant():
        with alone_in(scope):
            after = 0
            while (last := recount(planned, after=after)) is not None:
                after = last


def recount(now: datetime, *, after: int = 0) -> int | None:
    """Settle the next agreements of the Kanwil in scope, by id beyond `after`, whose purchases came, changed or went;
    the last one's id, None when there is none left. One transaction an agreement."""
    with transaction() as session:
        ids = list(session.scalars(_stale().where(NeedPackage.offer_id > after).limit(BATCH)))
    for offer_id in ids:
        with transaction() as session:
            try:
                one = offering.locked(session, offer_id)
            except OfferNotFound:
                continue
            if one.state == ACCEPTED and settle(session, one, by=None, now=now):
                facts = {"packages": one.packages, "fulfilled": one.fulfilled}
                offering.record(one, "offer.recounted", facts, by=None, now=now)
    return ids[-1] if ids else None


def _stale() -> Any:
    """The agreements with a package that the register now says something else of."""
    known = and_(Purchase.tenant_id == NeedPackage.tenant_id, Purchase.package_id == NeedPackage.package_id)
    settled_since = and_(NeedPackage.state == "other_buyer", Purchase.buyer_upt_id == Offer.to_upt_id)
    recognised = and_(
        NeedPackage.state == "waiting",
        Purchase.status == COMPLETED,
        or_(Purchase.buyer_known, Purchase.buyer_upt_id == Offer.to_upt_id),
    )
    return (
        select(NeedPackage.offer_id)
        .join(Offer, Offer.id == NeedPackage.offer_id)
        .outerjoin(Purchase, known)
        .where(
            Offer.state == ACCEPTED,
            or_(NeedPackage.seen_at.is_distinct_from(Purchase.updated_at), settled_since, recognised),
        )
        .order_by(NeedPackage.offer_id)
        .distinct()
    )
