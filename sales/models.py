"""The tables of purchases: imports and their lines, purchases and their earlier versions, rollups, rules
and targets.

Amounts are whole rupiah. A purchase counts on its own date (`purchased_on`, the Kanwil's calendar); `month`
is that date's "YYYY-MM". Rollups change in the transaction of the purchase and are never written by hand.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Date,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    text,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from sales.providers import plain
from tenants.base import Base, Instant, JSONText, KanwilOwned, TenantShared, UptOwned, own_args, own_key
from tenants.models import Upt


class NationalImport(Base):
    """A file of the whole country on its way: its columns explained where nobody knows them (``mapping``), read,
    previewed by Kanwil, then handed to each Kanwil as an import there.

    No tenant's row: it holds what the centre uploaded, how many lines went where, and the lines that nobody owns.
    """

    __tablename__ = "national_import"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(String(64))
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(10), default="running")
    accepted: Mapped[bool] = mapped_column(Boolean, default=False)
    as_of: Mapped[date] = mapped_column(Date)
    lines_read: Mapped[int] = mapped_column(Integer, default=0)
    good: Mapped[int] = mapped_column(Integer, default=0)
    bad: Mapped[int] = mapped_column(Integer, default=0)
    total_rupiah: Mapped[int] = mapped_column(BigInteger, default=0)
    """Completed turnover of the good lines."""
    parts: Mapped[Any] = mapped_column(JSONText, default=list)
    """[{kanwil_id, kanwil, good, total_rupiah, import_id}] by Kanwil; `import_id` is set once it was handed over."""
    lines: Mapped[Any] = mapped_column(JSONText, default=list)
    """[{line, field, reason, level}], the first `national.MOST_REMARKS` of them."""
    layout: Mapped[Any] = mapped_column(JSONText, nullable=True)
    """{fingerprint: {key: position}} of a header that the centre explained; None where the usual names are there."""
    problem: Mapped[str | None] = mapped_column(Text)
    asked_by: Mapped[int] = mapped_column(Integer)
    asked_by_name: Mapped[str] = mapped_column(String(160))
    created_at: Mapped[datetime] = mapped_column(Instant)
    finished_at: Mapped[datetime | None] = mapped_column(Instant)


class NationalLayout(Base):
    """Which column is which in a header of the country's files, as the centre explained it once. No tenant's row."""

    __tablename__ = "national_layout"
    __table_args__ = (UniqueConstraint("fingerprint"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    names: Mapped[Any] = mapped_column(JSONText)
    positions: Mapped[Any] = mapped_column(JSONText)
    set_by: Mapped[int] = mapped_column(Integer)
    set_by_name: Mapped[str] = mapped_column(String(160))
    set_at: Mapped[datetime] = mapped_column(Instant)


class PurchaseImport(KanwilOwned, Base):
    """One uploaded file on its way: mapping (its columns are not known yet) -> running (being read) -> preview ->
    running (being imported) -> done -> undoing -> undone, or failed."""

    __tablename__ = "purchase_import"
    __table_args__ = own_args(
        KanwilOwned, Index("ix_purchase_import_recent", "tenant_id", "created_at", "id")
    )

    name: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(String(64))
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(10), default="running")
    accepted: Mapped[bool] = mapped_column(Boolean, default=False)
    """Whether it was told to import: from the start, or after its preview."""
    chosen: Mapped[Any | None] = mapped_column(JSONText)
    """Line numbers to import; None for every good line."""
    as_of: Mapped[date] = mapped_column(Date)
    """The day of the upload in the Kanwil's calendar; later dates are in the future."""
    lines_total: Mapped[int | None] = mapped_column(Integer)
    """About how many lines the file holds, for the progress; blank lines and titles count in it."""
    lines_read: Mapped[int] = mapped_column(Integer, default=0)
    written: Mapped[Any | None] = mapped_column(JSONText)
    """How far the importing is: {line, lines, new, changed, totals, months}; a resumed one goes on after `line`."""
    good: Mapped[int] = mapped_column(Integer, default=0)
    """Lines that an import writes; once done, those that it wrote."""
    bad: Mapped[int] = mapped_column(Integer, default=0)
    left_out: Mapped[int] = mapped_column(Integer, default=0)
    known: Mapped[int] = mapped_column(Integer, default=0)
    """Lines that change nothing: already there with the same content, in the register or earlier in the
    file."""
    total_rupiah: Mapped[int] = mapped_column(BigInteger, default=0)
    """Completed turnover of the good lines."""
    totals: Mapped[Any] = mapped_column(JSONText, default=dict)
    """Of the good lines by status: {"Selesai": {"packages": 1, "value_rupiah": 2}}."""
    months: Mapped[Any] = mapped_column(JSONText, default=list)
    """Months that the good lines touch, in order."""
    problem: Mapped[str | None] = mapped_column(Text)
    """Why the file as a whole could not be read, for people."""
    national_id: Mapped[int | None] = mapped_column(Integer, ForeignKey("national_import.id"))
    """The country's file that this import is a part of; the lines of others are then not mentioned."""
    asked_by: Mapped[int | None] = mapped_column(Integer)
    asked_by_name: Mapped[str] = mapped_column(String(160))
    created_at: Mapped[datetime] = mapped_column(Instant)
    finished_at: Mapped[datetime | None] = mapped_column(Instant)
    undone_at: Mapped[datetime | None] = mapped_column(Instant)
    undone_by_name: Mapped[str | None] = mapped_column(String(160))
    undone: Mapped[Any | None] = mapped_column(JSONText)
    """What the undoing did: {removed, restored, kept}, in packages."""


class ImportLine(KanwilOwned, Base):
    """A line of a file that has something said about it. Good lines without a remark stay in the file
    alone."""

    __tablename__ = "import_line"
    __table_args__ = own_args(
        KanwilOwned,
        own_key("import_id", "purchase_import", ondelete="CASCADE"),
        Index("ix_import_line", "tenant_id", "import_id", "line", "id"),
    )

    import_id: Mapped[int] = mapped_column(Integer)
    line: Mapped[int] = mapped_column(Integer)
    level: Mapped[str] = mapped_column(String(10))
    issues: Mapped[Any] = mapped_column(JSONText)
    """[{field, reason, level}]"""
    raw: Mapped[Any] = mapped_column(JSONText)
    """The cells as they stand in the file, by column key."""


class Purchase(UptOwned, Base):
    """A package bought on the e-Katalog, as the latest import that named it states it. `upt_id` is the
    provider."""

    __tablename__ = "purchase"
    __table_args__ = own_args(
        UptOwned,
        own_key("import_id", "purchase_import"),
        UniqueConstraint("tenant_id", "package_id"),
        Index("ix_purchase_recent", "tenant_id", "purchased_on", "id"),
        Index("ix_purchase_upt_recent", "tenant_id", "upt_id", "purchased_on", "id"),
        Index("ix_purchase_month", "tenant_id", "month", "status", "purchased_on", "id"),
        Index("ix_purchase_import", "tenant_id", "import_id"),
        Index(
            "ix_purchase_unsettled",
            "tenant_id",
            "buyer_unit",
            sqlite_where=text("buyer_known = 0"),
            postgresql_where=text("NOT buyer_known"),
        ),
    )

    package_id: Mapped[str] = mapped_column(String(64))
    commodity: Mapped[str] = mapped_column(String(300))
    product_name: Mapped[str] = mapped_column(String(300))
    provider_name: Mapped[str] = mapped_column(String(300))
    buyer_unit: Mapped[str] = mapped_column(String(300))
    buyer_institution: Mapped[str] = mapped_column(String(300))
    buyer_kind: Mapped[str] = mapped_column(String(12))
    """``upt``, ``government`` or ``other``."""
    buyer_upt_id: Mapped[int | None] = mapped_column(Integer)
    """The buying UPT in the public directory; it may belong to another Kanwil."""
    buyer_known: Mapped[bool] = mapped_column(Boolean, default=True, server_default=true())
    """Whether the kind is certain; what is not waits to be settled (`buyers`)."""
    purchased_on: Mapped[date] = mapped_column(Date)
    month: Mapped[str] = mapped_column(String(7))
    quantity: Mapped[int] = mapped_column(BigInteger)
    unit_price_rupiah: Mapped[int] = mapped_column(BigInteger)
    shipping_rupiah: Mapped[int] = mapped_column(BigInteger)
    total_rupiah: Mapped[int] = mapped_column(BigInteger)
    status: Mapped[str] = mapped_column(String(10))
    version: Mapped[int] = mapped_column(Integer, default=1)
    import_id: Mapped[int | None] = mapped_column(Integer)
    """The import that its present content comes from; None where an officer wrote it."""
    line: Mapped[int | None] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(Instant)
    updated_at: Mapped[datetime] = mapped_column(Instant)


class PurchaseVersion(UptOwned, Base):
    """What a purchase said before an import, a correction or an undoing changed it; written once."""

    __tablename__ = "purchase_version"
    __table_args__ = own_args(
        UptOwned,
        own_key("purchase_id", "purchase"),
        UniqueConstraint("tenant_id", "purchase_id", "version"),
        Index("ix_purchase_version_import", "tenant_id", "import_id"),
        Index("ix_purchase_version_replaced", "tenant_id", "replaced_by_import_id"),
    )

    purchase_id: Mapped[int] = mapped_column(Integer)
    version: Mapped[int] = mapped_column(Integer)
    content: Mapped[Any] = mapped_column(JSONText)
    import_id: Mapped[int | None] = mapped_column(Integer)
    replaced_by_import_id: Mapped[int | None] = mapped_column(Integer)
    replaced_at: Mapped[datetime] = mapped_column(Instant)
    replaced_by_name: Mapped[str | None] = mapped_column(String(160))
    """The officer who corrected it or undid an import; None where an import changed it."""
    reason: Mapped[str | None] = mapped_column(String(500))


class MonthFigure(UptOwned, Base):
    """Rollup: what one UPT sold in a month, by commodity, status and kind of buyer."""

    __tablename__ = "month_figure"
    __table_args__ = own_args(
        UptOwned,
        UniqueConstraint("tenant_id", "month", "upt_id", "category", "status", "buyer_kind"),
        Index("ix_month_figure_month", "month", "tenant_id", "status"),
    )

    month: Mapped[str] = mapped_column(String(7))
    category: Mapped[str] = mapped_column(String(300))
    status: Mapped[str] = mapped_column(String(10))
    buyer_kind: Mapped[str] = mapped_column(String(12))
    packages: Mapped[int] = mapped_column(Integer)
    quantity: Mapped[int] = mapped_column(BigInteger)
    value_rupiah: Mapped[int] = mapped_column(BigInteger)


class BuyerFigure(KanwilOwned, Base):
    """Rollup: completed purchases of one buyer from the Kanwil's UPT in a month; an UPT each, others by
    institution."""

    __tablename__ = "buyer_figure"
    __table_args__ = own_args(
        KanwilOwned,
        UniqueConstraint("tenant_id", "month", "buyer_key"),
        Index("ix_buyer_figure_month", "month", "tenant_id", "buyer_kind"),
    )

    month: Mapped[str] = mapped_column(String(7))
    buyer_key: Mapped[str] = mapped_column(String(310))
    """``upt:<id of the directory>`` or ``inst:<name>``."""
    buyer_kind: Mapped[str] = mapped_column(String(12))
    packages: Mapped[int] = mapped_column(Integer)
    quantity: Mapped[int] = mapped_column(BigInteger)
    value_rupiah: Mapped[int] = mapped_column(BigInteger)


class UptAlias(TenantShared, Base):
    """Another name under which exports write one of the Kanwil's UPT, as buyer or provider."""

    __tablename__ = "upt_alias"
    __table_args__ = own_args(
        TenantShared,
        ForeignKeyConstraint(["tenant_id", "upt_id"], ["upt.tenant_id", "upt.id"]),
        UniqueConstraint("tenant_id", "plain_name"),
    )

    name: Mapped[str] = mapped_column(String(300))
    plain_name: Mapped[str] = mapped_column(String(300))
    upt_id: Mapped[int] = mapped_column(Integer)
    upt: Mapped[Upt] = relationship(
        Upt,
        primaryjoin=lambda: UptAlias.upt_id == Upt.id,
        foreign_keys=lambda: [UptAlias.upt_id],
        lazy="joined",
    )

    @validates("name")
    def _follow(self, _: str, name: str) -> str:
        self.plain_name = plain(name)
        return name

    def __str__(self) -> str:
        return self.name


class ColumnLayout(KanwilOwned, Base):
    """Which column is which in a header that a Kanwil once explained; the same header is recognised from then on."""

    __tablename__ = "column_layout"
    __table_args__ = own_args(KanwilOwned, UniqueConstraint("tenant_id", "fingerprint"))

    fingerprint: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the header's names without case and signs (`columns.fingerprint`)."""
    names: Mapped[Any] = mapped_column(JSONText)
    """The header's cells as they stood."""
    positions: Mapped[Any] = mapped_column(JSONText)
    """Key of a column -> its position from 0."""
    set_by_name: Mapped[str] = mapped_column(String(160))
    set_at: Mapped[datetime] = mapped_column(Instant)


class SettledBuyer(KanwilOwned, Base):
    """What a Kanwil said about a buyer whom no register and no institution explains."""

    __tablename__ = "settled_buyer"
    __table_args__ = own_args(KanwilOwned, UniqueConstraint("tenant_id", "plain_name"))

    unit: Mapped[str] = mapped_column(String(300))
    institution: Mapped[str] = mapped_column(String(300))
    plain_name: Mapped[str] = mapped_column(String(700))
    """Unit and institution without case and signs (`aliases.buyer_name`)."""
    kind: Mapped[str] = mapped_column(String(12))
    """``upt``, ``government`` or ``other``."""
    upt_id: Mapped[int | None] = mapped_column(Integer)
    """The UPT in the public directory, where it is one."""
    settled_by_name: Mapped[str] = mapped_column(String(160))
    settled_at: Mapped[datetime] = mapped_column(Instant)


class PnbpRule(TenantShared, Base):
    """The share of completed turnover that is PNBP in a year, and the rule that it rests on."""

    __tablename__ = "pnbp_rule"
    __table_args__ = own_args(TenantShared, UniqueConstraint("tenant_id", "year"))

    year: Mapped[int] = mapped_column(Integer)
    share: Mapped[float] = mapped_column(Float)
    """From 0 to 1."""
    basis: Mapped[str] = mapped_column(String(300))


class Target(UptOwned, Base):
    """What one UPT means to reach in a year."""

    __tablename__ = "target"
    __table_args__ = own_args(UptOwned, UniqueConstraint("tenant_id", "upt_id", "year"))

    year: Mapped[int] = mapped_column(Integer)
    omzet_rupiah: Mapped[int] = mapped_column(BigInteger)
    pnbp_rupiah: Mapped[int] = mapped_column(BigInteger)
