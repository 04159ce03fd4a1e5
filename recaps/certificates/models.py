"""The table of warnings: one row for each step towards a certificate's end that was told of."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tenants.base import Base, Instant, KanwilOwned, own_args


class CertificateWarning(KanwilOwned, Base):
    """An officer was told that a certificate (by its serial number) ends, or has ended: `step` is ``30``, ``7`` or
    ``0`` days before."""

    __tablename__ = "certificate_warning"
    __table_args__ = own_args(KanwilOwned, UniqueConstraint("tenant_id", "officer_id", "serial", "step"))

    officer_id: Mapped[int] = mapped_column(Integer)
    serial: Mapped[str] = mapped_column(String(80))
    step: Mapped[int] = mapped_column(Integer)
    told_at: Mapped[datetime] = mapped_column(Instant)
