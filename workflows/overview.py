"""Where cases pile up: what each role has before it, and how much of that is late. Bounded counts, one statement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from tenants.database import session as scoped_session
from workflows.inbox import BOUND
from workflows.models import Case

ROLES = ("kepala_upt", "pembina", "pemantau", "pengendali", "kadiv", "kakanwil")


@dataclass(frozen=True)
class Pile:
    """What waits before one role; neither count exceeds `BOUND`."""

    role: str
    waiting: int
    late: int


def piles(now: datetime) -> list[Pile]:
    """What waits before each role within the scope, roles without cases left out. One statement."""

    def counted(role: str, late: bool) -> object:
        asked = select(Case.id).where(Case.stage_role == role)
        if late:
            asked = asked.where(Case.due_at <= now)
        return select(func.count()).select_from(asked.limit(BOUND).subquery()).scalar_subquery()

    columns = [
        counted(role, late).label(f"{role}_{late:d}")  # type: ignore[attr-defined]
        for role in ROLES
        for late in (False, True)
    ]
    row = scoped_session().execute(select(*columns)).one()
    found = [Pile(role, row[2 * at], row[2 * at + 1]) for at, role in enumerate(ROLES)]
    return [pile for pile in found if pile.waiting]
