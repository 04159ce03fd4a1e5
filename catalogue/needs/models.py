"""Needs, offers at both of their ends, letters between UPT, and the copies on the national board.

A need is read by its whole Kanwil. An offer is two rows: `Offer` of who made it, `Incoming` of whose need it is about;
neither UPT reads the other's. What one must tell the other is a `Letter` (`letters`). `offer_ref` and `need_ref` are
names that both ends know, and nobody guesses.
"""

from __future__ import annotations

from datetime import date, datetime
from secrets import token_hex
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Date,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from tenants.base import Base, Instant, JSONText, NationalBoard, TenantShared, UptOwned, own_args, own_key

_LIVE = text("state IN ('sent', 'withdrawing')")


def new_ref() -> str:
    """A name that nobody guesses."""
    return token_hex(8)


class Need(TenantShared, Base):
    """What an UPT needs. `agreed` and `fulfilled` are parts of `quantity`; both change under the row's lock alone.

    `audience`: ``kanwil``, or ``national`` where a copy stands on the board of the country. The ceiling is whole rupiah
    for one unit and is told within the Kanwil only.
    """

    __tablename__ = "need"
    __table_args__ = own_args(
        TenantShared,
        ForeignKeyConstraint(["tenant_id", "upt_id"], ["upt.tenant_id", "upt.id"]),
        UniqueConstraint("tenant_id", "ref"),
        CheckConstraint(
            "fulfilled >= 0 AND fulfilled <= agreed AND agreed <= quantity", name="ck_need_amounts"
        ),
        Index("ix_need_board", "tenant_id", "state", "needed_by", "id"),
        Index("ix_need_upt", "tenant_id", "upt_id", "id"),
        Index("ix_need_posted", "tenant_id", "posted_at"),
    )

    ref: Mapped[str] = mapped_column(String(16), default=new_ref)
    upt_id: Mapped[int] = mapped_column(Integer)
    title: Mapped[str] = mapped_column(String(150))
    category: Mapped[str] = mapped_column(String(20))
    goods_group: Mapped[str] = mapped_column(String(20))
    quantity: Mapped[int] = mapped_column(Integer)
    agreed: Mapped[int] = mapped_column(Integer, default=0)
    fulfilled: Mapped[int] = mapped_column(Integer, default=0)
    unit: Mapped[str] = mapped_column(String(30))
    needed_by: Mapped[date] = mapped_column(Date)
    ceiling_rupiah: Mapped[int | None] = mapped_column(BigInteger)
    note: Mapped[str] = mapped_column(Text, default="")
    audience: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str | None] = mapped_column(Text)
    search: Mapped[str] = mapped_column(Text)
    posted_by: Mapped[int] = mapped_column(Integer)
    posted_by_name: Mapped[str] = mapped_column(String(160))
    posted_at: Mapped[datetime] = mapped_column(Instant)
    updated_at: Mapped[datetime] = mapped_column(Instant)
    agreed_at: Mapped[datetime | None] = mapped_column(Instant)
    """When all of it was agreed; empty again where that no longer holds. The same for `fulfilled_at`."""
    fulfilled_at: Mapped[datetime | None] = mapped_column(Instant)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(Integer, default=1)

    @property
    def remaining(self) -> int:
        """How much is still sought."""
        return self.quantity - self.agreed

    @property
    def chain(self) -> str:
        """Its chain of the audit."""
        return f"need:{self.id}"


class NationalNeed(NationalBoard, Base):
    """A need as every UPT of the country reads it: who, what, how much is still sought, by when. Nothing else."""

    __tablename__ = "national_need"
    __table_args__ = (
        UniqueConstraint("ref"),
        Index("ix_national_need_board", "state", "needed_by", "id"),
    )

    ref: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(10))
    """``open`` or ``closed``."""
    kanwil_name: Mapped[str] = mapped_column(String(120))
    upt_name: Mapped[str] = mapped_column(String(200))
    upt_slug: Mapped[str] = mapped_column(String(120))
    title: Mapped[str] = mapped_column(String(150))
    category: Mapped[str] = mapped_column(String(20))
    goods_group: Mapped[str] = mapped_column(String(20))
    quantity: Mapped[int] = mapped_column(Integer)
    unit: Mapped[str] = mapped_column(String(30))
    needed_by: Mapped[date] = mapped_column(Date)
    posted_at: Mapped[datetime] = mapped_column(Instant)
    search: Mapped[str] = mapped_column(Text)


class Terms:
    """What an offer says, and what became of it; the same at both ends. The price is whole rupiah for one unit."""

    offer_ref: Mapped[str] = mapped_column(String(16))
    need_ref: Mapped[str] = mapped_column(String(16))
    product_name: Mapped[str | None] = mapped_column(String(150))
    product_slug: Mapped[str | None] = mapped_column(String(120))
    quantity: Mapped[int] = mapped_column(Integer)
    partial: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    """Whether less than all of it may be accepted."""
    price_rupiah: Mapped[int] = mapped_column(BigInteger)
    deliver_on: Mapped[date] = mapped_column(Date)
    message: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str | None] = mapped_column(Text)
    agreed_quantity: Mapped[int] = mapped_column(Integer, default=0)
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    fulfilled: Mapped[int] = mapped_column(Integer, default=0)
    packages: Mapped[list[dict[str, Any]]] = mapped_column(JSONText, default=list)
    """[{package_id, state, quantity, purchased_on}] of the e-Katalog packages that were named for it."""
    told: Mapped[int] = mapped_column(Integer, default=0)
    """The number of the newest letter about its packages."""
    contact: Mapped[dict[str, str] | None] = mapped_column(JSONText)
    """{name, phone, email} that this end agreed to share."""
    contact_at: Mapped[datetime | None] = mapped_column(Instant)
    contact_sent_at: Mapped[datetime | None] = mapped_column(Instant)
    """When it was told to the other end: once both had agreed."""
    other_ready_at: Mapped[datetime | None] = mapped_column(Instant)
    """When the other end agreed to share."""
    other_contact: Mapped[dict[str, str] | None] = mapped_column(JSONText)
    updated_at: Mapped[datetime] = mapped_column(Instant)


class Offer(UptOwned, Terms, Base):
    """An offer as its maker keeps it, with what he knew of the need. `to_upt_id`: of the public directory."""

    __tablename__ = "need_offer"
    __table_args__ = own_args(
        UptOwned,
        own_key("product_id", "product"),
        UniqueConstraint("tenant_id", "offer_ref"),
        Index("ix_need_offer_own", "tenant_id", "upt_id", "id"),
        # However many click, an UPT has one open offer for a need.
        Index(
            "uq_need_offer_live",
            "tenant_id",
            "upt_id",
            "need_ref",
            unique=True,
            sqlite_where=_LIVE,
            postgresql_where=_LIVE,
        ),
    )

    to_kanwil_id: Mapped[int] = mapped_column(Integer)
    to_upt_id: Mapped[int] = mapped_column(Integer)
    to_upt_name: Mapped[str] = mapped_column(String(200))
    to_kanwil_name: Mapped[str] = mapped_column(String(120))
    title: Mapped[str] = mapped_column(String(150))
    unit: Mapped[str] = mapped_column(String(30))
    needed_by: Mapped[date] = mapped_column(Date)
    product_id: Mapped[int | None] = mapped_column(Integer)
    sent_by: Mapped[int] = mapped_column(Integer)
    sent_by_name: Mapped[str] = mapped_column(String(160))
    sent_at: Mapped[datetime] = mapped_column(Instant)

    @property
    def other(self) -> tuple[int, int]:
        """(Kanwil, UPT) of the other end."""
        return self.to_kanwil_id, self.to_upt_id

    @property
    def chain(self) -> str:
        """Its chain of the audit."""
        return f"offer:{self.id}"


class Incoming(UptOwned, Terms, Base):
    """An offer as it arrived at the UPT whose need it is about; accepted, it is the agreement."""

    __tablename__ = "need_incoming"
    __table_args__ = own_args(
        UptOwned,
        own_key("need_id", "need"),
        UniqueConstraint("tenant_id", "from_kanwil_id", "offer_ref"),
        Index("ix_need_incoming_need", "tenant_id", "need_id", "id"),
        Index("ix_need_incoming_state", "tenant_id", "upt_id", "state", "id"),
    )

    need_id: Mapped[int] = mapped_column(Integer)
    from_kanwil_id: Mapped[int] = mapped_column(Integer)
    from_upt_id: Mapped[int] = mapped_column(Integer)
    from_upt_name: Mapped[str] = mapped_column(String(200))
    from_kanwil_name: Mapped[str] = mapped_column(String(120))
    received_at: Mapped[datetime] = mapped_column(Instant)
    decided_by: Mapped[int | None] = mapped_column(Integer)
    decided_by_name: Mapped[str | None] = mapped_column(String(160))

    @property
    def other(self) -> tuple[int, int]:
        """(Kanwil, UPT) of the other end."""
        return self.from_kanwil_id, self.from_upt_id

    @property
    def chain(self) -> str:
        """Its chain of the audit: its need's."""
        return f"need:{self.need_id}"


class Letter(UptOwned, Base):
    """What an UPT tells another one, as it was written; `carried_at` and `outcome` are set once, by the carrier."""

    __tablename__ = "need_letter"
    __table_args__ = own_args(
        UptOwned,
        Index(
            "ix_need_letter_waiting",
            "tenant_id",
            "id",
            sqlite_where=text("carried_at IS NULL"),
            postgresql_where=text("carried_at IS NULL"),
        ),
        Index("ix_need_letter_need", "tenant_id", "need_ref", "kind"),
    )

    kind: Mapped[str] = mapped_column(String(20))
    to_kanwil_id: Mapped[int] = mapped_column(Integer)
    to_upt_id: Mapped[int] = mapped_column(Integer)
    need_ref: Mapped[str] = mapped_column(String(16))
    offer_ref: Mapped[str | None] = mapped_column(String(16))
    body: Mapped[dict[str, Any]] = mapped_column(JSONText)
    written_at: Mapped[datetime] = mapped_column(Instant)
    written_by: Mapped[int | None] = mapped_column(Integer)
    carried_at: Mapped[datetime | None] = mapped_column(Instant)
    outcome: Mapped[str | None] = mapped_column(String(60))
