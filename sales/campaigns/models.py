"""The tables of campaigns: the campaign itself, who takes part, what was sold, the counters, and their public copies.

`campaign` is no tenant's row: a national one belongs to all (`kanwil_id` NULL). Everything that a Kanwil or a UPT says
in it is a tenant's. Days are those of the Kanwil's calendar; money is whole rupiah.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    or_,
    select,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from tenants.base import Base, Instant, JSONText, UptOwned, own_args, own_key

DRAFT, ANNOUNCED, CLOSED = "draft", "announced", "closed"
INVITED, JOINED, DECLINED = "invited", "joined", "declined"
STANDING, STRUCK = "standing", "struck"
NATIONAL: Final = "pusat"
"""What stands for the country where a Kanwil's code would."""


class Campaign(Base):
    """A campaign: when, with what target, whose. Whether it runs follows from its days and a clock (`terms`)."""

    __tablename__ = "campaign"
    __table_args__ = (
        UniqueConstraint("slug"),
        Index("ix_campaign_days", "starts_on", "id"),
        Index("ix_campaign_state", "state", "ends_on"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    kanwil_id: Mapped[int | None] = mapped_column(Integer, ForeignKey("kanwil.id"))
    """Whose it is; None: the country's."""
    slug: Mapped[str] = mapped_column(String(120))
    title: Mapped[str] = mapped_column(String(150))
    summary: Mapped[str] = mapped_column(Text, default="")
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date] = mapped_column(Date)
    late_days: Mapped[int] = mapped_column(Integer)
    """So many days after the last one its sales may still be entered."""
    target_rupiah: Mapped[int | None] = mapped_column(BigInteger)
    counts_purchases: Mapped[bool] = mapped_column(Boolean)
    """Whether completed e-Katalog purchases of its days count by themselves."""
    state: Mapped[str] = mapped_column(String(10), default=DRAFT)
    """``draft``, ``announced`` or ``closed``; running and waiting to be closed follow from the days."""
    version: Mapped[int] = mapped_column(Integer, default=1)
    created_by: Mapped[int] = mapped_column(Integer)
    created_by_name: Mapped[str] = mapped_column(String(160))
    created_at: Mapped[datetime] = mapped_column(Instant)
    announced_at: Mapped[datetime | None] = mapped_column(Instant)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
    closed_by_name: Mapped[str | None] = mapped_column(String(160))
    figures_sha256: Mapped[str | None] = mapped_column(String(64))
    """The frozen figures (canonical JSON) in the store, once it is closed."""

    @property
    def days(self) -> int:
        return (self.ends_on - self.starts_on).days + 1

    @property
    def late_until_on(self) -> date:
        """The last day on which a sale of its days may be entered."""
        return self.ends_on + timedelta(days=self.late_days)

    @classmethod
    def archived_with(cls, kanwil_id: int) -> ColumnElement[bool]:
        """Which rows go with a Kanwil that is exported: its own, and the national ones that its sales name."""
        return or_(cls.kanwil_id == kanwil_id, cls.kanwil_id.is_(None) & (cls.state != DRAFT))


class CampaignChange(Base):
    """One act on a campaign's terms, written once: version 1 is how it was begun."""

    __tablename__ = "campaign_change"
    __table_args__ = (UniqueConstraint("campaign_id", "version"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    campaign_id: Mapped[int] = mapped_column(Integer, ForeignKey("campaign.id"))
    version: Mapped[int] = mapped_column(Integer)
    action: Mapped[str] = mapped_column(String(20))
    """``begun``, ``changed``, ``announced``, ``retracted`` or ``closed``."""
    changes: Mapped[Any] = mapped_column(JSONText)
    """{field: [before, after]}"""
    by_id: Mapped[int] = mapped_column(Integer)
    by_name: Mapped[str] = mapped_column(String(160))
    at: Mapped[datetime] = mapped_column(Instant)

    @classmethod
    def archived_with(cls, kanwil_id: int) -> ColumnElement[bool]:
        return cls.campaign_id.in_(select(Campaign.id).where(Campaign.archived_with(kanwil_id)))


class CampaignUnit(UptOwned, Base):
    """A UPT in a campaign: invited, joined or declined, with its pledge and the day on which it shows its product."""

    __tablename__ = "campaign_unit"
    __table_args__ = own_args(
        UptOwned,
        UniqueConstraint("tenant_id", "campaign_id", "upt_id"),
        Index("ix_campaign_unit_campaign", "campaign_id", "state"),
    )

    campaign_id: Mapped[int] = mapped_column(Integer, ForeignKey("campaign.id"))
    state: Mapped[str] = mapped_column(String(10))
    pledge_rupiah: Mapped[int | None] = mapped_column(BigInteger)
    pledge_text: Mapped[str] = mapped_column(String(300), default="")
    show_on: Mapped[date | None] = mapped_column(Date)
    """The day that is this UPT's."""
    invited_by_name: Mapped[str | None] = mapped_column(String(160))
    joined_by_name: Mapped[str | None] = mapped_column(String(160))
    updated_at: Mapped[datetime] = mapped_column(Instant)


class CampaignSale(UptOwned, Base):
    """What a UPT sold on a day of a campaign, as its officer entered it."""

    __tablename__ = "campaign_sale"
    __table_args__ = own_args(
        UptOwned,
        own_key("product_id", "product"),
        Index("ix_campaign_sale_recent", "tenant_id", "campaign_id", "id"),
        Index("ix_campaign_sale_unit", "tenant_id", "campaign_id", "upt_id", "sold_on", "id"),
        Index(
            "uq_campaign_sale_package",
            *("tenant_id", "campaign_id", "upt_id", "package_id"),
            unique=True,
            sqlite_where=text("state = 'standing' AND package_id IS NOT NULL"),
            postgresql_where=text("state = 'standing' AND package_id IS NOT NULL"),
        ),
    )

    campaign_id: Mapped[int] = mapped_column(Integer, ForeignKey("campaign.id"))
    sold_on: Mapped[date] = mapped_column(Date)
    product_id: Mapped[int | None] = mapped_column(Integer)
    product_name: Mapped[str] = mapped_column(String(150))
    quantity: Mapped[int] = mapped_column(BigInteger)
    value_rupiah: Mapped[int] = mapped_column(BigInteger)
    package_id: Mapped[str | None] = mapped_column(String(64))
    """The e-Katalog package that this sale is; its purchase is then not counted beside it."""
    state: Mapped[str] = mapped_column(String(10), default=STANDING)
    version: Mapped[int] = mapped_column(Integer, default=1)
    entered_by: Mapped[int] = mapped_column(Integer)
    entered_by_name: Mapped[str] = mapped_column(String(160))
    created_at: Mapped[datetime] = mapped_column(Instant)
    updated_at: Mapped[datetime] = mapped_column(Instant)


class CampaignSaleChange(UptOwned, Base):
    """One change of a sale, written once: version 1 is how it was entered."""

    __tablename__ = "campaign_sale_change"
    __table_args__ = own_args(
        UptOwned, own_key("sale_id", "campaign_sale"), UniqueConstraint("tenant_id", "sale_id", "version")
    )

    sale_id: Mapped[int] = mapped_column(Integer)
    version: Mapped[int] = mapped_column(Integer)
    changes: Mapped[Any] = mapped_column(JSONText)
    """{field: [before, after]}"""
    reason: Mapped[str] = mapped_column(String(500), default="")
    by_id: Mapped[int] = mapped_column(Integer)
    by_name: Mapped[str] = mapped_column(String(160))
    at: Mapped[datetime] = mapped_column(Instant)


class CampaignFigure(UptOwned, Base):
    """Rollup: what one UPT sold on one day of a campaign, entered and bought together. Frozen once it is closed."""

    __tablename__ = "campaign_figure"
    __table_args__ = own_args(
        UptOwned,
        UniqueConstraint("tenant_id", "campaign_id", "upt_id", "sold_on"),
        Index("ix_campaign_figure_campaign", "campaign_id", "tenant_id"),
    )

    campaign_id: Mapped[int] = mapped_column(Integer, ForeignKey("campaign.id"))
    sold_on: Mapped[date] = mapped_column(Date)
    sales: Mapped[int] = mapped_column(Integer)
    """Entries."""
    packages: Mapped[int] = mapped_column(Integer)
    """Purchases that no entry names."""
    quantity: Mapped[int] = mapped_column(BigInteger)
    value_rupiah: Mapped[int] = mapped_column(BigInteger)
    purchase_rupiah: Mapped[int] = mapped_column(BigInteger)
    """The part of the value that came from purchases."""


class PublishedCampaign(Base):
    """A campaign as anyone may read it, from its announcement on."""

    __tablename__ = "published_campaign"
    __table_args__ = (UniqueConstraint("slug"), Index("ix_published_campaign_days", "ends_on", "campaign_id"))

    campaign_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    kanwil_code: Mapped[str] = mapped_column(String(40))
    """Whose it is; ``pusat``: the country's."""
    kanwil_name: Mapped[str] = mapped_column(String(120))
    timezone: Mapped[str] = mapped_column(String(40))
    slug: Mapped[str] = mapped_column(String(120))
    title: Mapped[str] = mapped_column(String(150))
    summary: Mapped[str] = mapped_column(Text)
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date] = mapped_column(Date)
    late_until_on: Mapped[date] = mapped_column(Date)
    target_rupiah: Mapped[int | None] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(10))
    announced_at: Mapped[datetime] = mapped_column(Instant)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
    figures_sha256: Mapped[str | None] = mapped_column(String(64))


class PublishedCampaignUnit(Base):
    """A UPT that takes part, as anyone may read it."""

    __tablename__ = "published_campaign_unit"

    campaign_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    upt_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    kanwil_code: Mapped[str] = mapped_column(String(40))
    pledge_rupiah: Mapped[int | None] = mapped_column(BigInteger)
    show_on: Mapped[date | None] = mapped_column(Date)


class PublishedCampaignFigure(Base):
    """The public copy of a rollup's row, written in the same transaction."""

    __tablename__ = "published_campaign_figure"

    campaign_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    upt_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    sold_on: Mapped[date] = mapped_column(Date, primary_key=True)
    kanwil_code: Mapped[str] = mapped_column(String(40))
    sales: Mapped[int] = mapped_column(Integer)
    """Entries and purchases together."""
    quantity: Mapped[int] = mapped_column(BigInteger)
    value_rupiah: Mapped[int] = mapped_column(BigInteger)
