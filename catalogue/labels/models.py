"""A Kanwil's own label: its colours, its mark, its line."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tenants.base import Base, Instant, TenantShared, own_args


class LabelDesign(TenantShared, Base):
    """How the labels of a Kanwil's UPT look. One row; without it the house's own design holds."""

    __tablename__ = "label_design"
    __table_args__ = own_args(TenantShared, UniqueConstraint("tenant_id"))

    ink: Mapped[str] = mapped_column(String(12))
    ground: Mapped[str] = mapped_column(String(12))
    """Keys of `design.INKS` and `design.GROUNDS`."""
    motif: Mapped[str] = mapped_column(String(12))
    """A key of `design.MOTIFS`; ``upt``: each UPT's own."""
    line: Mapped[str] = mapped_column(String(60), default="")
    logo_sha256: Mapped[str | None] = mapped_column(String(64))
    version: Mapped[int] = mapped_column(Integer, default=1)
    changed_by_name: Mapped[str] = mapped_column(String(160))
    changed_at: Mapped[datetime] = mapped_column(Instant)
