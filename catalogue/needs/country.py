"""The national board as an UPT reads it, and as files: what UPT of other Kanwil seek."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from catalogue.needs import places
from catalogue.needs.board import ON_BOARD
from catalogue.needs.errors import NeedNotFound
from catalogue.needs.models import NationalNeed
from catalogue.needs.rows import EXPORTED, LIMIT, Filters, day_and_id, fits, fitting, kinds
from catalogue.queries import bounded
from tenants.database import session as scoped_session
from tenants.models import DirectoryUpt, Kanwil
from tenants.officers import Actor
from tenants.scope import current
from tenants.words import N_
from workflows.queries import Page


@dataclass(frozen=True)
class NationalRow:
    """One need of the national board."""

    id: int
    title: str
    category: str
    group: str
    quantity: int
    unit: str
    needed_by: date
    upt: str
    upt_slug: str
    kanwil: str
    is_open: bool
    distance_km: int | None
    fits: bool
    own: bool


def national_board(
    by: Actor, filters: Filters, *, cursor: str | None = None, limit: int = LIMIT
) -> Page[NationalRow]:
    """What other Kanwil's UPT seek, by its day. Three statements.

    Raises:
        Invalid: a filter or a cursor that there isn't.
    """
    size = bounded(limit)
    session = scoped_session()
    asked = _national(filters).where(
        NationalNeed.state == ON_BOARD, NationalNeed.kanwil_id != current().tenant_id
    )
    asked = asked.order_by(NationalNeed.needed_by, NationalNeed.id)
    if cursor:
        day, last = day_and_id(cursor)
        beyond = and_(NationalNeed.needed_by == day, NationalNeed.id > last)
        asked = asked.where(or_(NationalNeed.needed_by > day, beyond))
    found = session.execute(asked.limit(size + 1)).all()
    here, shelf = _own_unit(session, by), fitting(session, by)
    rows = [_national_row(one, here, shelf) for one in found[:size]]
    following = f"{rows[-1].needed_by.isoformat()}.{rows[-1].id}" if len(found) > size else None
    return Page(rows, following)


def every_national(by: Actor, filters: Filters) -> Iterator[NationalRow]:
    """The same for an export, at most 5,000. Two statements."""
    session = scoped_session()
    asked = _national(filters).where(
        NationalNeed.state == ON_BOARD, NationalNeed.kanwil_id != current().tenant_id
    )
    here = _own_unit(session, by)
    asked = asked.order_by(NationalNeed.needed_by, NationalNeed.id).limit(EXPORTED)
    for one in session.execute(asked).all():
        yield _national_row(one, here, [])


def national_one(national_id: int, by: Actor) -> NationalRow:
    """One need of the national board, closed ones too. Three statements.

    Raises:
        NeedNotFound: there is none.
    """
    session = scoped_session()
    found = session.execute(_national(Filters()).where(NationalNeed.id == national_id)).first()
    if found is None:
        raise NeedNotFound(N_("Kebutuhan ini tidak ada."))
    return _national_row(found, _own_unit(session, by), fitting(session, by))


def need_ref_of(national_id: int) -> str | None:
    """The reference of a need on the national board. One statement."""
    return scoped_session().scalar(select(NationalNeed.ref).where(NationalNeed.id == national_id))


def _national(filters: Filters) -> Any:
    asked: Any = (
        select(NationalNeed, DirectoryUpt.kanwil_code, DirectoryUpt.city)
        .join(Kanwil, Kanwil.id == NationalNeed.kanwil_id)
        .join(DirectoryUpt, DirectoryUpt.upt_id == NationalNeed.upt_id)
        .where(Kanwil.state == "active")
    )
    if filters.kanwil:
        asked = asked.where(Kanwil.code == filters.kanwil)
    return asked.where(*kinds(NationalNeed, filters))


def _own_unit(session: Session, by: Actor) -> tuple[str, str]:
    found = session.execute(
        select(DirectoryUpt.kanwil_code, DirectoryUpt.city).where(DirectoryUpt.upt_id == (by.upt_id or 0))
    ).first()
    return (found.kanwil_code, found.city) if found else ("", "")


def _national_row(found: Any, here: tuple[str, str], shelf: list[str]) -> NationalRow:
    copy, kanwil_code, city = found
    return NationalRow(
        id=copy.id,
        title=copy.title,
        category=copy.category,
        group=copy.goods_group,
        quantity=copy.quantity,
        unit=copy.unit,
        needed_by=copy.needed_by,
        upt=copy.upt_name,
        upt_slug=copy.upt_slug,
        kanwil=copy.kanwil_name,
        is_open=copy.state == ON_BOARD,
        distance_km=places.distance_km((kanwil_code, city), here),
        fits=fits(copy.title, shelf),
        own=copy.kanwil_id == current().tenant_id,
    )
