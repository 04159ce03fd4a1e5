"""Which package of the e-Katalog was named for which agreement, at the UPT that provides."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tenants.base import Base, Instant, UptOwned, own_args, own_key

PROVIDER, BUYER = "provider", "buyer"


class NeedPackage(UptOwned, Base):
    """A package that was named. The purchase is found by its package id, which stays the same when an import is undone
    and made anew; a key to its row would not.

    `state` is a key of `needs.terms.PACKAGE_STATES`; `quantity` what of the package counts for the agreement.
    """

    __tablename__ = "need_package"
    __table_args__ = own_args(
        UptOwned,
        own_key("offer_id", "need_offer"),
        UniqueConstraint("tenant_id", "package_id"),
        Index("ix_need_package_offer", "tenant_id", "offer_id", "id"),
    )

    offer_id: Mapped[int] = mapped_column(Integer)
    package_id: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(20))
    quantity: Mapped[int] = mapped_column(Integer, default=0)
    seen_at: Mapped[datetime | None] = mapped_column(Instant)
    """`Purchase.updated_at` when it was last counted; empty where there is no such purchase."""
    named_by: Mapped[str] = mapped_column(String(10))
    """``provider`` or ``buyer``."""
    named_by_name: Mapped[str] = mapped_column(String(160))
    named_at: Mapped[datetime] = mapped_column(Instant)
