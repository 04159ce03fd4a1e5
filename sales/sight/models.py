"""The rollup of who bought from whom, and to which group of goods a commodity belongs."""

from __future__ import annotations

from sqlalchemy import BigInteger, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tenants.base import Base, TenantShared, UptOwned, own_args


class TradeFigure(UptOwned, Base):
    """Rollup: completed purchases of one buyer from one UPT in a month. `upt_id` is who sold."""

    __tablename__ = "trade_figure"
    __table_args__ = own_args(
        UptOwned,
        UniqueConstraint("tenant_id", "month", "upt_id", "buyer_key", "buyer_kind"),
        Index("ix_trade_figure_buyer", "tenant_id", "buyer_key", "month"),
    )

    month: Mapped[str] = mapped_column(String(7))
    buyer_key: Mapped[str] = mapped_column(String(310))
    """``upt:<id of the directory>`` or ``inst:<name>``."""
    buyer_kind: Mapped[str] = mapped_column(String(12))
    packages: Mapped[int] = mapped_column(Integer)
    quantity: Mapped[int] = mapped_column(BigInteger)
    value_rupiah: Mapped[int] = mapped_column(BigInteger)


class CommodityGroup(TenantShared, Base):
    """The group of goods (Surat Edaran) that a Kanwil says a commodity of the e-Katalog belongs to."""

    __tablename__ = "commodity_group"
    __table_args__ = own_args(TenantShared, UniqueConstraint("tenant_id", "commodity"))

    commodity: Mapped[str] = mapped_column(String(300))
    goods_group: Mapped[str] = mapped_column(String(20))
    """A key of `catalogue.terms.GROUPS`."""
