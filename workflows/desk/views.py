"""Views of the inbox that an officer keeps under a name. His alone; one of them may be how his inbox opens."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from tenants.database import session as scoped_session
from tenants.database import transaction
from tenants.errors import Conflict, Invalid, NotFound
from tenants.officers import Actor
from tenants.said import say
from tenants.words import N_
from workflows.desk.models import SavedView
from workflows.stages import clean

MOST = 20


def saved_views(by: Actor) -> list[SavedView]:
    """The officer's views, by name. One statement."""
    asked = select(SavedView).where(SavedView.officer_id == by.id).order_by(SavedView.name, SavedView.id)
    return list(scoped_session().scalars(asked))


def save_view(name: str, query: str, *, by: Actor, now: datetime, default: bool = False) -> SavedView:
    """Keep filters (a query string) under a name; a name that is there already gets the new filters.

    Raises:
        Invalid: without a name, or it is too long. Conflict: the officer has `MOST` views.
    """
    name = _name(name)
    if len(query) > 400:
        raise Invalid(fields={"name": N_("Saringan ini terlalu panjang untuk disimpan.")})
    with transaction() as session:
        row = session.scalars(
            select(SavedView).where(SavedView.officer_id == by.id, SavedView.name == name).with_for_update()
        ).first()
        if row is None:
            held = session.scalar(
                select(func.count()).select_from(SavedView).where(SavedView.officer_id == by.id)
            )
            if (held or 0) >= MOST:
                raise Conflict(
                    say(N_("Paling banyak %(most)s tampilan; hapus dulu yang tidak dipakai."), most=MOST)
                )
            row = SavedView(officer_id=by.id, name=name, query=query, is_default=False, created_at=now)
            session.add(row)
        row.query = query
        session.flush()
        if default:
            _make_default(session, row.id, by)
        return row


def rename_view(view_id: int, name: str, *, by: Actor) -> SavedView:
    """Call a view something else.

    Raises:
        NotFound: no such view of his. Invalid: without a name, too long, or another has it.
    """
    name = _name(name)
    with transaction() as session:
        row = _own(session, view_id, by)
        taken = select(SavedView.id).where(
            SavedView.officer_id == by.id, SavedView.name == name, SavedView.id != view_id
        )
        if session.scalar(taken) is not None:
            raise Invalid(fields={"name": N_("Nama ini sudah dipakai tampilan lain.")})
        row.name = name
        session.flush()
        return row


def remove_view(view_id: int, *, by: Actor) -> None:
    """Take a view away.

    Raises:
        NotFound: no such view of his.
    """
    with transaction() as session:
        session.delete(_own(session, view_id, by))
        session.flush()


def choose_default(view_id: int, *, by: Actor) -> SavedView:
    """Open the inbox with this view from now on; asked of the one that is it already, with none.

    Raises:
        NotFound: no such view of his.
    """
    with transaction() as session:
        row = _own(session, view_id, by)
        _make_default(session, None if row.is_default else row.id, by)
        session.refresh(row)
        return row


def _make_default(session: Session, view_id: int | None, by: Actor) -> None:
    session.execute(
        update(SavedView)
        .where(SavedView.officer_id == by.id)
        .values(is_default=SavedView.id == (view_id or 0))
        .execution_options(synchronize_session=False)
    )


def _own(session: Session, view_id: int, by: Actor) -> SavedView:
    asked = select(SavedView).where(SavedView.id == view_id, SavedView.officer_id == by.id)
    row = session.scalars(asked.with_for_update()).first()
    if row is None:
        raise NotFound()
    return row


def _name(name: str) -> str:
    try:
        name = " ".join(clean(name, 60).split())
    except ValueError as error:
        raise Invalid(fields={"name": str(error)}) from None
    if not name:
        raise Invalid(fields={"name": N_("Beri nama tampilan ini.")})
    return name
