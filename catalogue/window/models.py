"""What the centre chooses to show first, and how it came to be chosen."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Date, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tenants.base import Base, Instant


class PublishedFeature(Base):
    """A product that a page shows first from one day to another. It shows only while the product is on the shelf."""

    __tablename__ = "published_feature"
    __table_args__ = (UniqueConstraint("page", "product_id"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    page: Mapped[str] = mapped_column(String(20))
    """``front``, or a category: see `featuring.PAGES`."""
    product_id: Mapped[int] = mapped_column(Integer)
    position: Mapped[int] = mapped_column(Integer)
    from_on: Mapped[date] = mapped_column(Date)
    until_on: Mapped[date | None] = mapped_column(Date)
    version: Mapped[int] = mapped_column(Integer, default=1)


class FeatureChange(Base):
    """What was done to the choice, by whom and when. Rows are only added: `catalogue.ddl` refuses anything else."""

    __tablename__ = "feature_change"
    __table_args__ = (Index("ix_feature_change_page", "page", "id"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant)
    officer_id: Mapped[int] = mapped_column(Integer)
    officer_name: Mapped[str] = mapped_column(String(200))
    action: Mapped[str] = mapped_column(String(20))
    page: Mapped[str] = mapped_column(String(20))
    product_id: Mapped[int] = mapped_column(Integer)
    product_name: Mapped[str] = mapped_column(String(150))
    position: Mapped[int] = mapped_column(Integer)
    from_on: Mapped[date] = mapped_column(Date)
    until_on: Mapped[date | None] = mapped_column(Date)
