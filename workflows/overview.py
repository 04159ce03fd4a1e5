"""Where cases pile up: what each role has before it, and how much of that is late. Bounded counts, one statement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, select

from tenants.database import session as scoped_session
from tenants.officers import Actor
from workflows import notices
from workflows.models import OPEN, Case, CaseSeat
from workflows.narrowing import ALL, BOUND, count_of, either

ROLES = ("kepala_upt", "pembina", "pemantau", "pengendali", "kadiv", "kakanwil")


def waiting(
    by: Actor, now: datetime, *, decides: bool, more: Mapping[str, Any] | None = None
) -> dict[str, int]:
    """What the rail and the bell count for an officer: ``notices``, ``inbox`` where he decides, and what other rooms
    count (`more`: name -> scalar subquery). One statement."""
    parts = {"notices": notices.unread(by), **(more or {})}
    if decides:
        parts["inbox"] = count_of(by, "mine", ALL, now)
    row = scoped_session().execute(select(*(part.label(name) for name, part in parts.items()))).one()
    return {name: min(int(getattr(row, name)), BOUND) for name in parts}


@dataclass(frozen=True)
class Pile:
    """What waits before one role; neither count exceeds `BOUND`."""

    role: str
    waiting: int
    late: int


def piles(now: datetime) -> list[Pile]:
    """What waits before each role within the scope, roles without cases left out. One statement."""

    def counted(role: str, late: bool) -> object:
        plain = select(Case.id).where(Case.stage_role == role)
        seats = (
            select(CaseSeat.id)
            .join_from(CaseSeat, Case, and_(Case.id == CaseSeat.case_id, Case.step_no == CaseSeat.step_no))
            .where(CaseSeat.stage_role == role, Case.state == OPEN)
        )
        if late:
            plain = plain.where(either(Case), Case.due_at <= now)
            seats = seats.where(either(CaseSeat), CaseSeat.due_at <= now)
        counts = [
            select(func.count()).select_from(asked.limit(BOUND).subquery()).scalar_subquery()
            for asked in (plain, seats)
        ]
        return counts[0] + counts[1]

    columns = [
        counted(role, late).label(f"{role}_{late:d}")  # type: ignore[attr-defined]
        for role in ROLES
        for late in (False, True)
    ]
    row = scoped_session().execute(select(*columns)).one()
    found = [
        Pile(role, min(row[2 * at], BOUND), min(row[2 * at + 1], BOUND)) for at, role in enumerate(ROLES)
    ]
    return [pile for pile in found if pile.waiting]
