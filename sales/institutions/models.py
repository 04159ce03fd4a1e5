"""The register of institutions that ought to buy: the country's, no tenant's."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tenants.base import Base, Instant, JSONText


class BuyingInstitution(Base):
    """An institution that ought to buy. `names` are the other names under which exports write it."""

    __tablename__ = "buying_institution"
    __table_args__ = (UniqueConstraint("plain_name"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    plain_name: Mapped[str] = mapped_column(String(300))
    """The name without case and signs: the same institution is not registered twice."""
    kind: Mapped[str] = mapped_column(String(20))
    names: Mapped[list[str]] = mapped_column(JSONText, default=list)
    basis: Mapped[str] = mapped_column(Text, default="")
    """The rule by which it ought to buy."""
    is_active: Mapped[bool] = mapped_column(Boolean, default=True)
    created_by_name: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(Instant)
    updated_by_name: Mapped[str] = mapped_column(String(200))
    updated_at: Mapped[datetime] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(Integer, default=1)
