"""How often something may be tried: fixed windows kept in the database, so that every process counts together.

Keys name an address or a typed name, never a secret. Used by sign-in (page and API alike) and by public verification.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Integer, String, delete, select, update
from sqlalchemy.orm import Mapped, mapped_column

from tenants.base import Base, Instant
from tenants.database import transaction
from tenants.errors import TooMany
from tenants.said import say
from tenants.words import N_


class RateWindow(Base):
    """How often a key was hit since its window began."""

    __tablename__ = "rate_window"

    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    began_at: Mapped[datetime] = mapped_column(Instant, nullable=False, index=True)
    hits: Mapped[int] = mapped_column(Integer, nullable=False)


def hit(key: str, *, limit: int, within: timedelta, now: datetime) -> int:
    """Count one try of `key`; how many there were in this window comes back. One short transaction.

    Raises:
        TooMany: it was the try after the `limit`-th; the message says when to try again.
    """
    key = key[:200]
    with transaction() as session:
        changed = session.execute(
            update(RateWindow)
            .where(RateWindow.key == key, RateWindow.began_at > now - within)
            .values(hits=RateWindow.hits + 1)
            .returning(RateWindow.hits, RateWindow.began_at)
        ).first()
        if changed is None:
            session.execute(delete(RateWindow).where(RateWindow.key == key))
            session.add(RateWindow(key=key, began_at=now, hits=1))
            return 1
    hits, began_at = changed
    if hits > limit:
        raise _refused(began_at + within - now)
    return int(hits)


def require_free(key: str, *, limit: int, within: timedelta, now: datetime) -> None:
    """Raises:
    TooMany: `key` was hit `limit` times already in its window. Counts nothing.
    """
    with transaction() as session:
        row = session.execute(
            select(RateWindow.hits, RateWindow.began_at).where(
                RateWindow.key == key[:200], RateWindow.began_at > now - within
            )
        ).first()
    if row is not None and row.hits >= limit:
        raise _refused(row.began_at + within - now)


def clear(key: str) -> None:
    """Forget the tries of `key` (a sign-in succeeded)."""
    with transaction() as session:
        session.execute(delete(RateWindow).where(RateWindow.key == key[:200]))


def sweep(now: datetime, *, older_than: timedelta = timedelta(days=1)) -> int:
    """Drop windows long over; returns how many."""
    with transaction() as session:
        return int(session.execute(delete(RateWindow).where(RateWindow.began_at < now - older_than)).rowcount)  # type: ignore[attr-defined]


def _refused(left: timedelta) -> TooMany:
    minutes = max(1, -(-int(left.total_seconds()) // 60))
    return TooMany(
        say(N_("Terlalu banyak percobaan. Coba lagi dalam %(minutes)s menit."), minutes=minutes),
        detail={"retry_minutes": minutes},
    )
