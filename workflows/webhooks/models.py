"""A webhook, and each message to it. Both are the Kanwil's own: no UPT sees them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tenants.base import Base, Instant, JSONText, KanwilOwned, own_args, own_key

WAITING, DELIVERED, DEAD = "waiting", "delivered", "dead"


class Webhook(KanwilOwned, Base):
    """An address that hears of events. `after_event_id` and `seen_event_id` say how far the audit was read: see
    `sweeping`. Secrets are sealed; the previous one signs beside the new one until `previous_until`."""

    __tablename__ = "webhook"
    __table_args__ = own_args(KanwilOwned, Index("ix_webhook_active", "tenant_id", "active"))

    address: Mapped[str] = mapped_column(String(500))
    events: Mapped[list[str]] = mapped_column(JSONText)
    active: Mapped[bool] = mapped_column(Boolean)
    secret: Mapped[str] = mapped_column(Text)
    secret_at: Mapped[datetime] = mapped_column(Instant)
    previous_secret: Mapped[str | None] = mapped_column(Text)
    previous_until: Mapped[datetime | None] = mapped_column(Instant)
    after_event_id: Mapped[int] = mapped_column(Integer)
    seen_event_id: Mapped[int] = mapped_column(Integer)
    seen_at: Mapped[datetime] = mapped_column(Instant)
    created_by: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(Instant)


class Delivery(KanwilOwned, Base):
    """One message: its body as it is sent each time, and what came of it. `event_id` is empty for a test message.

    `uid` is what the receiver drops repetitions by. `next_at` is when it may be sent (again).
    """

    __tablename__ = "webhook_delivery"
    __table_args__ = own_args(
        KanwilOwned,
        own_key("webhook_id", "webhook", ondelete="CASCADE"),
        UniqueConstraint("tenant_id", "webhook_id", "event_id", "event"),
        UniqueConstraint("tenant_id", "uid"),
        Index("ix_webhook_delivery_due", "tenant_id", "state", "next_at", "id"),
        Index("ix_webhook_delivery_of", "tenant_id", "webhook_id", "id"),
    )

    webhook_id: Mapped[int] = mapped_column(Integer)
    event_id: Mapped[int | None] = mapped_column(Integer)
    event: Mapped[str] = mapped_column(String(60))
    uid: Mapped[str] = mapped_column(String(36))
    body: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(20))
    attempts: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(Instant)
    next_at: Mapped[datetime] = mapped_column(Instant)
    tried_at: Mapped[datetime | None] = mapped_column(Instant)
    status: Mapped[int | None] = mapped_column(Integer)
    answer: Mapped[str] = mapped_column(String(500))
    finished_at: Mapped[datetime | None] = mapped_column(Instant)
