"""Substitutes by letter: who holds a role for somebody else, and until when (Plh. and Plt.).

A lent role is never lent on: only a role held in one's own right can be. Days are those of the Kanwil's calendar.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from tenants.database import session
from tenants.models import Kanwil, Officer, Substitution
from tenants.officers import Acting, Actor, actor_of


def acting_of(officer_id: int, now: datetime) -> tuple[Acting, ...]:
    """The roles that letters lend an officer of the Kanwil in scope at this instant. One statement."""
    day = now.date()
    rows = session().execute(
        select(Substitution, Kanwil.timezone)
        .join(Kanwil, Kanwil.id == Substitution.tenant_id)
        .where(
            Substitution.substitute_id == officer_id,
            Substitution.revoked_at.is_(None),
            Substitution.from_on <= day + timedelta(days=1),
            Substitution.until_on >= day - timedelta(days=1),
        )
        .order_by(Substitution.id)
    )
    return tuple(
        Acting(one.role, one.kind, one.principal_id, one.principal_name, one.until_on, one.letter_number)
        for one, timezone in rows
        if in_force(one, local_day(now, timezone))
    )


def in_force(one: Substitution, on: date) -> bool:
    """Whether a letter lends its role on this day."""
    return one.revoked_at is None and one.from_on <= on <= one.until_on


def local_day(now: datetime, timezone: str) -> date:
    """The day of the Kanwil's calendar at this instant."""
    return now.astimezone(ZoneInfo(timezone)).date()


def actor_at(officer: Officer, now: datetime) -> Actor:
    """The actor behind an officer, with what letters lend him at this instant. One statement, none for the centre."""
    return actor_of(officer, acting_of(officer.id, now) if officer.tenant_id is not None else ())
