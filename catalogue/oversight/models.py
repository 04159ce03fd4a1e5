"""Inspections, the findings that they lead to, and the complaints that caused some of them.

A complaint stays with the Kanwil: an UPT's scope reads none, so that who complained is not told to those complained of.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from tenants.base import Base, Instant, JSONText, KanwilOwned, UptOwned, own_args, own_key
from workflows.canonical import new_salt

DUE, UNDER_WAY, WAITING, DONE = "due", "under_way", "waiting", "done"
OPEN, ANSWERED, SETTLED = "open", "answered", "settled"
SCHEDULE, SPOT = "schedule", "spot"
INSPECTOR, UPT = "inspector", "upt"
_PLANNED = text("kind = 'schedule' AND state <> 'done'")
_UNSETTLED = text("settled_at IS NULL")


class Complaint(KanwilOwned, Base):
    """What somebody outside said of a product: from whom, what, on which day."""

    __tablename__ = "product_complaint"
    __table_args__ = own_args(KanwilOwned, own_key("product_id", "product"))

    product_id: Mapped[int] = mapped_column(Integer)
    source: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text)
    received_on: Mapped[date] = mapped_column(Date)
    recorded_by: Mapped[int] = mapped_column(Integer)
    recorded_by_name: Mapped[str] = mapped_column(String(130))
    created_at: Mapped[datetime] = mapped_column(Instant)
    salt: Mapped[str | None] = mapped_column(String(32), default=new_salt)
    """The UPT reads the chain that holds the row's hash, and not the row."""


class Inspection(UptOwned, Base):
    """One inspection of a published product.

    `turn`: whose next step it is, ``inspector`` or ``upt``; None when done. `due_at`: by when that step is due, for
    findings the earliest of their dates. `title` and `category` repeat the product's for lists.
    """

    __tablename__ = "inspection"
    __table_args__ = own_args(
        UptOwned,
        own_key("product_id", "product"),
        own_key("complaint_id", "product_complaint"),
        # However many plan, a product has one planned inspection at a time.
        Index(
            "uq_inspection_planned",
            "tenant_id",
            "product_id",
            unique=True,
            sqlite_where=_PLANNED,
            postgresql_where=_PLANNED,
        ),
        Index("ix_inspection_state", "tenant_id", "state", "due_at", "id"),
        Index("ix_inspection_turn", "tenant_id", "turn", "due_at", "id"),
        Index("ix_inspection_closed", "tenant_id", "state", "closed_at", "id"),
        Index("ix_inspection_product", "tenant_id", "product_id", "id"),
    )

    product_id: Mapped[int] = mapped_column(Integer)
    complaint_id: Mapped[int | None] = mapped_column(Integer)
    title: Mapped[str] = mapped_column(String(150))
    category: Mapped[str | None] = mapped_column(String(20))
    revision_no: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20))
    turn: Mapped[str | None] = mapped_column(String(20))
    planned_on: Mapped[date] = mapped_column(Date)
    due_on: Mapped[date] = mapped_column(Date)
    due_at: Mapped[datetime] = mapped_column(Instant)
    opened_by: Mapped[int | None] = mapped_column(Integer)
    opened_by_name: Mapped[str | None] = mapped_column(String(130))
    created_at: Mapped[datetime] = mapped_column(Instant)
    inspector_id: Mapped[int | None] = mapped_column(Integer)
    inspector_name: Mapped[str | None] = mapped_column(String(130))
    answers: Mapped[dict[str, Any]] = mapped_column(JSONText, default=dict)
    outcome: Mapped[str | None] = mapped_column(String(20))
    comment: Mapped[str | None] = mapped_column(Text)
    concluded_at: Mapped[datetime | None] = mapped_column(Instant)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(Integer, default=1)

    @property
    def is_open(self) -> bool:
        """Whether its result is still to come."""
        return self.state in (DUE, UNDER_WAY)


class Finding(UptOwned, Base):
    """Something that the UPT must mend by a date, bound to a field of the product.

    `lapsed_at`: when the date passed without its being settled, and the product went off the shelf.
    """

    __tablename__ = "inspection_finding"
    __table_args__ = own_args(
        UptOwned,
        own_key("inspection_id", "inspection"),
        own_key("product_id", "product"),
        UniqueConstraint("tenant_id", "inspection_id", "no"),
        Index(
            "ix_finding_unsettled",
            "tenant_id",
            "due_at",
            "id",
            sqlite_where=_UNSETTLED,
            postgresql_where=_UNSETTLED,
        ),
        Index("ix_finding_product", "tenant_id", "product_id", "id"),
    )

    inspection_id: Mapped[int] = mapped_column(Integer)
    product_id: Mapped[int] = mapped_column(Integer)
    no: Mapped[int] = mapped_column(Integer)
    field: Mapped[str] = mapped_column(String(60))
    text: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(20))
    due_on: Mapped[date] = mapped_column(Date)
    due_at: Mapped[datetime] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant)
    answer: Mapped[str | None] = mapped_column(Text)
    answered_at: Mapped[datetime | None] = mapped_column(Instant)
    answered_by: Mapped[int | None] = mapped_column(Integer)
    answered_by_name: Mapped[str | None] = mapped_column(String(130))
    extended_at: Mapped[datetime | None] = mapped_column(Instant)
    extended_by_name: Mapped[str | None] = mapped_column(String(130))
    extension_reason: Mapped[str | None] = mapped_column(Text)
    settled_at: Mapped[datetime | None] = mapped_column(Instant)
    settled_by_name: Mapped[str | None] = mapped_column(String(130))
    reminded_at: Mapped[datetime | None] = mapped_column(Instant)
    lapsed_at: Mapped[datetime | None] = mapped_column(Instant)
