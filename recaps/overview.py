"""Recaps at a glance: the newest of a Kanwil; and for the centre, whose recap of a period has come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from recaps.models import DELIVERED, STANDING, Recap
from tenants.database import session as scoped_session
from tenants.models import Kanwil


def newest(limit: int = 4) -> list[Recap]:
    """The Kanwil's newest recaps by period. One statement."""
    asked = select(Recap).order_by(Recap.period_from.desc(), Recap.id.desc()).limit(limit)
    return list(scoped_session().scalars(asked))


@dataclass(frozen=True)
class Arrived:
    """A recap that came to the centre and waits for its receipt."""

    id: int
    kanwil_id: int
    kanwil: str
    label: str
    delivered_at: datetime | None


def to_acknowledge(session: Session, limit: int = 8) -> tuple[list[Arrived], int]:
    """Delivered recaps without a receipt, the oldest first, and how many there are. Two statements."""
    waiting = Recap.state == DELIVERED
    rows = session.execute(
        select(Recap.id, Recap.tenant_id, Kanwil.province, Recap.label, Recap.delivered_at)
        .join(Kanwil, Kanwil.id == Recap.tenant_id)
        .where(waiting)
        .order_by(Recap.delivered_at, Recap.id)
        .limit(limit)
    )
    found = [
        Arrived(one, kanwil, f"Kanwil {province}", label, at) for one, kanwil, province, label, at in rows
    ]
    total = session.scalar(select(func.count()).select_from(Recap).where(waiting)) or 0
    return found, int(total)


def states_of(session: Session, period: str) -> dict[str, str]:
    """Kanwil code -> ``delivered`` or ``acknowledged`` for those whose recap of the period has come. One statement."""
    rows = session.execute(
        select(Kanwil.code, Recap.state)
        .join(Kanwil, Kanwil.id == Recap.tenant_id)
        .where(Recap.period == period, Recap.state.in_(STANDING))
    )
    return dict(rows.all())


def standing_of(session: Session, period: str) -> dict[int, int]:
    """Kanwil -> its standing signed recap of the period. One statement."""
    rows = session.execute(
        select(Recap.tenant_id, Recap.id)
        .where(Recap.period == period, Recap.state.in_(STANDING))
        .order_by(Recap.id)
    )
    return {int(tenant_id): int(recap_id) for tenant_id, recap_id in rows}


def newest_period(session: Session) -> str | None:
    """The period of the recap that came last. One statement."""
    return session.scalar(
        select(Recap.period)
        .where(Recap.state.in_(STANDING))
        .order_by(Recap.delivered_at.desc(), Recap.id.desc())
        .limit(1)
    )
