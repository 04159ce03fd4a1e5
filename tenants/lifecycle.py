"""A Kanwil's life as a tenant: suspended, resumed; and what the centre sees of all of them.

Rooms above say what a suspension means to them by `on_change`: their function runs in the same transaction, inside the
Kanwil's scope. Taking a tenant out and bringing it back is `archive`.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from tenants import database
from tenants.archive import export, restore
from tenants.database import transaction
from tenants.errors import Conflict, Forbidden, Invalid, NotFound
from tenants.models import DirectoryUpt, Kanwil, Officer, ReachLog
from tenants.officers import Actor, acting_in
from tenants.said import say
from tenants.scope import Scope, entered
from tenants.words import N_

__all__ = [
    "ACTIVE",
    "SUSPENDED",
    "export",
    "on_change",
    "reaches",
    "restore",
    "resume",
    "suspend",
    "tenants_list",
]

ACTIVE, SUSPENDED = "active", "suspended"
Listener = Callable[[Kanwil, str, "Actor | None", datetime], None]
_listeners: list[Listener] = []


def on_change(listener: Listener) -> Listener:
    """Have `listener(kanwil, reason, by, now)` called when a Kanwil is suspended or resumed."""
    if listener not in _listeners:
        _listeners.append(listener)
    return listener


def suspend(kanwil_id: int, *, reason: str, now: datetime, by: Actor | None = None) -> Kanwil:
    """Stop a Kanwil: nobody of it signs in, open sessions end at their next request, its products leave the shelf.

    `by` is None for a command.

    Raises:
        Invalid: no reason. Conflict: it is suspended already. Forbidden: `by` doesn't keep tenants.
    """
    reason = " ".join(reason.split())
    if not reason or len(reason) > 500:
        raise Invalid(fields={"reason": N_("Tulis alasannya, paling panjang 500 huruf.")})
    return _move(kanwil_id, ACTIVE, SUSPENDED, reason, by, now)


def resume(kanwil_id: int, *, now: datetime, by: Actor | None = None) -> Kanwil:
    """Let a suspended Kanwil work again; what its suspension took off the shelf is back.

    Raises:
        Conflict: it is not suspended. Forbidden: `by` doesn't keep tenants.
    """
    return _move(kanwil_id, SUSPENDED, ACTIVE, "", by, now)


def _move(kanwil_id: int, source: str, target: str, reason: str, by: Actor | None, now: datetime) -> Kanwil:
    if by is not None and not by.has("admin_pusat"):
        raise Forbidden()
    with database.public() as reader:
        if reader.scalar(select(Kanwil.id).where(Kanwil.id == kanwil_id)) is None:
            raise NotFound()
    with _inside(kanwil_id, by, f"kanwil.{target}", now), transaction() as db:
        asked = select(Kanwil).where(Kanwil.id == kanwil_id).with_for_update()
        kanwil = db.scalars(asked.execution_options(populate_existing=True)).first()
        if kanwil is None:
            raise NotFound()
        if kanwil.state != source:
            raise Conflict(
                say(
                    N_("%(kanwil)s sudah ditangguhkan.")
                    if target == SUSPENDED
                    else N_("%(kanwil)s sudah aktif."),
                    kanwil=kanwil.short_name,
                )
            )
        kanwil.state = target
        db.flush()
        for listener in _listeners:
            listener(kanwil, reason, by, now)
    return kanwil


def _inside(kanwil_id: int, by: Actor | None, purpose: str, now: datetime) -> AbstractContextManager[None]:
    if by is None:
        return entered(Scope(kanwil_id))
    return acting_in(kanwil_id, by=by, purpose=purpose, now=now)


@dataclass(frozen=True)
class TenantRow:
    """A Kanwil as the centre's list shows it."""

    id: int
    code: str
    name: str
    capital: str
    timezone: str
    state: str
    upts: int


def tenants_list() -> list[TenantRow]:
    """Every Kanwil with the number of its UPT, by code. One statement on public tables."""
    asked = (
        select(Kanwil, func.count(DirectoryUpt.upt_id))
        .outerjoin(DirectoryUpt, DirectoryUpt.kanwil_id == Kanwil.id)
        .group_by(Kanwil.id)
        .order_by(Kanwil.code)
    )
    with database.public() as reader:
        return [
            TenantRow(k.id, k.code, k.short_name, k.capital, k.timezone, k.state, int(upts))
            for k, upts in reader.execute(asked)
        ]


def suspended() -> list[Kanwil]:
    """The Kanwil that are suspended, by code. One statement on public tables."""
    with database.public() as reader:
        return list(reader.scalars(select(Kanwil).where(Kanwil.state == SUSPENDED).order_by(Kanwil.code)))


@dataclass(frozen=True)
class Reach:
    """One time that an officer of the centre acted inside a Kanwil."""

    at: datetime
    who: str
    kanwil: str
    purpose: str


def reaches_since(at: datetime) -> int:
    """How often the centre entered a Kanwil's scope since then. One statement; outside any Kanwil's scope."""
    asked = select(func.count()).select_from(ReachLog).where(ReachLog.at >= at)
    return int(database.session().scalar(asked) or 0)


def reaches(*, limit: int = 50) -> list[Reach]:
    """The newest entries of the centre into a Kanwil's scope. One statement; outside any Kanwil's scope."""
    asked = (
        select(ReachLog.at, ReachLog.purpose, Officer.first_name, Officer.last_name, Kanwil.province)
        .join(Kanwil, Kanwil.id == ReachLog.kanwil_id)
        .outerjoin(Officer, Officer.id == ReachLog.officer_id)
        .order_by(ReachLog.id.desc())
        .limit(limit)
    )
    rows = database.session().execute(asked)
    return [
        Reach(at, f"{first or ''} {last or ''}".strip(), f"Kanwil {province}", purpose)
        for at, purpose, first, last, province in rows
    ]
