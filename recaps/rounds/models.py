"""What the round of a period has done in a Kanwil, so that it does it once."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tenants.base import Base, Instant, KanwilOwned, own_args


class RecapRound(KanwilOwned, Base):
    """One period in one Kanwil. `drafted_at`: the schedule has seen to its draft, whether it made one or found one."""

    __tablename__ = "recap_round"
    __table_args__ = own_args(KanwilOwned, UniqueConstraint("tenant_id", "period"))

    period: Mapped[str] = mapped_column(String(8))
    drafted_at: Mapped[datetime | None] = mapped_column(Instant)
    reminders: Mapped[int] = mapped_column(Integer, default=0)
    """How many reminders the schedule has sent."""
    reminded_at: Mapped[datetime | None] = mapped_column(Instant)
    """The last reminder, the schedule's or the centre's."""
