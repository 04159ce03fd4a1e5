"""Needs and offers as officers read them: the two boards, one's own, one need with its offers, and counts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session

from catalogue.needs import places
from catalogue.needs.board import ON_BOARD
from catalogue.needs.errors import NeedNotFound, OfferNotFound
from catalogue.needs.matching import meets, terms_of
from catalogue.needs.models import Incoming, NationalNeed, Need, Offer
from catalogue.needs.rows import EXPORTED, LIMIT, Filters, day_and_id, fits, fitting, kinds, shelf_of
from catalogue.needs.terms import LIVE, OFFER_STATES, SEEKING, SENT, STATES
from catalogue.queries import bounded, position
from tenants.database import session as scoped_session
from tenants.errors import Invalid
from tenants.models import DirectoryUpt, Kanwil, Upt
from tenants.officers import Actor
from tenants.said import say
from tenants.scope import current
from tenants.words import N_
from workflows.queries import BOUND, Page


@dataclass(frozen=True)
class NeedRow:
    """One need as a list, an export and the API show it; `offers` still wait for an answer (the own UPT's alone)."""

    id: int
    title: str
    category: str
    group: str
    quantity: int
    remaining: int
    agreed: int
    fulfilled: int
    unit: str
    needed_by: date
    ceiling_rupiah: int | None
    state: str
    audience: str
    upt: str
    upt_id: int
    posted_at: datetime
    late: bool
    fits: bool
    offers: int = 0


def board(
    by: Actor,
    filters: Filters,
    *,
    own: bool = False,
    cursor: str | None = None,
    limit: int = LIMIT,
    today: date,
) -> Page[NeedRow]:
    """The needs of the own Kanwil: what is sought by its day, all else (and one's own) newest first. Three statements.

    Raises:
        Invalid: a filter or a cursor that there isn't.
    """
    size = bounded(limit)
    asked = _asked(by, filters, own)
    by_day = filters.state == "seeking" and not own
    if by_day:
        asked = asked.order_by(Need.needed_by, Need.id)
        if cursor:
            day, last = day_and_id(cursor)
            asked = asked.where(or_(Need.needed_by > day, and_(Need.needed_by == day, Need.id > last)))
    else:
        asked = asked.order_by(Need.id.desc())
        if cursor:
            asked = asked.where(Need.id < position(cursor))
    session = scoped_session()
    found = session.execute(asked.limit(size + 1)).all()
    shown = found[:size]
    fits = fitting(session, by)
    offers = _waiting(session, [need.id for need, _ in shown]) if own else {}
    rows = [_row(need, upt, today, fits, offers.get(need.id, 0)) for need, upt in shown]
    following = None
    if len(found) > size:
        last_one = shown[-1][0]
        following = f"{last_one.needed_by.isoformat()}.{last_one.id}" if by_day else str(last_one.id)
    return Page(rows, following)


def every(by: Actor, filters: Filters, *, own: bool = False, today: date) -> Iterator[NeedRow]:
    """The same for an export, newest first, at most 5,000. One statement."""
    asked = _asked(by, filters, own).order_by(Need.id.desc()).limit(EXPORTED)
    for need, upt in scoped_session().execute(asked).all():
        yield _row(need, upt, today, [], 0)


@dataclass(frozen=True)
class NeedView:
    """One need with what its reader may see of its offers: all that arrived at its UPT, or the reader's own."""

    need: Need
    upt: Upt
    row: NeedRow
    incoming: list[tuple[Incoming, int | None]]
    """Each with the distance in km where known."""
    own_offers: list[Offer]


def need_view(need_id: int, by: Actor, *, today: date) -> NeedView:
    """One need of the Kanwil. At most five statements.

    Raises:
        NeedNotFound: there is none within the scope.
    """
    session = scoped_session()
    found = session.execute(
        select(Need, Upt).join(Upt, Upt.id == Need.upt_id).where(Need.id == need_id)
    ).first()
    if found is None:
        raise NeedNotFound(N_("Kebutuhan ini tidak ada."))
    need, upt = found
    asked = (
        select(Incoming, DirectoryUpt.kanwil_code, DirectoryUpt.city)
        .outerjoin(DirectoryUpt, DirectoryUpt.upt_id == Incoming.from_upt_id)
        .where(Incoming.need_id == need_id)
        .order_by(Incoming.id.desc())
        .limit(200)
    )
    arrived = session.execute(asked).all()
    code = session.scalar(select(Kanwil.code).where(Kanwil.id == need.tenant_id)) if arrived else ""
    home = (code or "", upt.city)
    incoming = [(one, places.distance_km((there or "", city or ""), home)) for one, there, city in arrived]
    own = own_offers_for(need.ref) if by.upt_id not in (None, need.upt_id) else []
    waiting = sum(1 for one, _ in incoming if one.state == SENT)
    return NeedView(need, upt, _row(need, upt.short_name, today, [], waiting), incoming, own)


def own_offers_for(need_ref: str) -> list[Offer]:
    """What the scope's UPT has offered to a need, newest first. One statement."""
    asked = select(Offer).where(Offer.need_ref == need_ref).order_by(Offer.id.desc()).limit(20)
    return list(scoped_session().scalars(asked))


def offers(state: str = "", *, cursor: str | None = None, limit: int = LIMIT) -> Page[Offer]:
    """What the scope's UPT offered, newest first; ``live`` for what still waits. One statement.

    Raises:
        Invalid: a state or a cursor that there isn't.
    """
    size = bounded(limit)
    asked = _offers(state)
    if cursor:
        asked = asked.where(Offer.id < position(cursor))
    found = list(scoped_session().scalars(asked.limit(size + 1)))
    return Page(found[:size], str(found[size - 1].id) if len(found) > size else None)


def every_offer(state: str = "") -> Iterator[Offer]:
    """The same for an export, at most 5,000. One statement."""
    yield from scoped_session().scalars(_offers(state).limit(EXPORTED))


def offer_one(offer_id: int) -> Offer:
    """One offer that the scope's UPT made. One statement.

    Raises:
        OfferNotFound: there is none within the scope.
    """
    one = scoped_session().scalars(select(Offer).where(Offer.id == offer_id)).first()
    if one is None:
        raise OfferNotFound(N_("Penawaran ini tidak ada."))
    return one


@dataclass(frozen=True)
class OwnProduct:
    """A published product of the own UPT to offer with; `fits`: a word of the need finds it."""

    id: int
    name: str
    unit: str
    price_rupiah: int
    stock: int
    fits: bool


def own_products(by: Actor, title: str) -> list[OwnProduct]:
    """The own UPT's published products, those that fit `title` first. One statement."""
    asked = terms_of(title)
    found = [
        OwnProduct(
            one.product_id, one.name, one.unit, one.price_rupiah, one.stock, meets(asked, one.search) > 0
        )
        for one in shelf_of(scoped_session(), by)
    ]
    return sorted(found, key=lambda one: (not one.fits, one.name))


def waiting_offers() -> Any:
    """How many offers wait for the own UPT's answer, as a part of a larger statement: the number in the rail."""
    some = select(Incoming.id).where(Incoming.state == SENT).limit(BOUND).subquery()
    return select(func.count()).select_from(some).scalar_subquery()


def tallies(by: Actor) -> dict[str, int]:
    """What each tab holds, bounded: sought in the Kanwil, nationally, one's own, offers that wait. One statement."""
    national = (
        select(NationalNeed.id)
        .join(Kanwil, Kanwil.id == NationalNeed.kanwil_id)
        .where(
            NationalNeed.state == ON_BOARD,
            NationalNeed.kanwil_id != current().tenant_id,
            Kanwil.state == "active",
        )
    )
    columns = {
        "kanwil": select(Need.id).where(Need.state.in_(SEEKING)),
        "national": national,
        "own": select(Need.id).where(Need.upt_id == (by.upt_id or 0)),
        "offers": select(Offer.id).where(Offer.state.in_(LIVE)),
    }
    counted = [
        select(func.count()).select_from(asked.limit(BOUND).subquery()).scalar_subquery().label(name)
        for name, asked in columns.items()
    ]
    row = scoped_session().execute(select(*counted)).one()
    return {name: int(getattr(row, name)) for name in columns}


def units() -> list[tuple[int, str]]:
    """(id, short name) of the UPT of the Kanwil. One statement."""
    rows = scoped_session().execute(select(Upt.id, Upt.short_name).order_by(Upt.short_name))
    return [(row.id, row.short_name) for row in rows]


def _asked(by: Actor, filters: Filters, own: bool) -> Any:
    asked: Any = select(Need, Upt.short_name).join(Upt, Upt.id == Need.upt_id)
    if own:
        asked = asked.where(Need.upt_id == (by.upt_id or 0))
    elif filters.upt_id is not None:
        asked = asked.where(Need.upt_id == filters.upt_id)
    if filters.state == "seeking":
        asked = asked.where(Need.state.in_(SEEKING))
    elif filters.state:
        if filters.state not in STATES:
            raise Invalid(fields={"state": say(N_("Salah satu dari %(tabs)s."), tabs=", ".join(STATES))})
        asked = asked.where(Need.state == filters.state)
    return asked.where(*kinds(Need, filters))


def _offers(state: str) -> Select[Any]:
    asked = select(Offer).order_by(Offer.id.desc())
    if state == "live":
        return asked.where(Offer.state.in_(LIVE))
    if state and state not in OFFER_STATES:
        raise Invalid(fields={"state": say(N_("Salah satu dari %(tabs)s."), tabs=", ".join(OFFER_STATES))})
    return asked.where(Offer.state == state) if state else asked


def _waiting(session: Session, need_ids: list[int]) -> dict[int, int]:
    if not need_ids:
        return {}
    rows = session.execute(
        select(Incoming.need_id, func.count())
        .where(Incoming.need_id.in_(need_ids), Incoming.state == SENT)
        .group_by(Incoming.need_id)
    )
    return {need_id: int(count) for need_id, count in rows}


def _row(need: Need, upt: str, today: date, shelf: list[str], offers: int) -> NeedRow:
    return NeedRow(
        id=need.id,
        title=need.title,
        category=need.category,
        group=need.goods_group,
        quantity=need.quantity,
        remaining=need.remaining,
        agreed=need.agreed,
        fulfilled=need.fulfilled,
        unit=need.unit,
        needed_by=need.needed_by,
        ceiling_rupiah=need.ceiling_rupiah,
        state=need.state,
        audience=need.audience,
        upt=upt,
        upt_id=need.upt_id,
        posted_at=need.posted_at,
        late=need.needed_by < today and need.state in ("agreed", *SEEKING),
        fits=fits(need.title, shelf),
        offers=offers,
    )
