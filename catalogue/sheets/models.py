"""A sheet that was brought in, and which of its rows became which draft."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tenants.base import Base, Instant, UptOwned, own_args, own_key


class ProductImport(UptOwned, Base):
    """A sheet of one UPT, by its content: the same file is the same import."""

    __tablename__ = "product_import"
    __table_args__ = own_args(UptOwned, UniqueConstraint("tenant_id", "upt_id", "sha256"))

    name: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(String(64))
    size_bytes: Mapped[int] = mapped_column(Integer)
    asked_by: Mapped[int] = mapped_column(Integer)
    asked_by_name: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(Instant)


class ProductImportRow(UptOwned, Base):
    """A row of a sheet (its number in the sheet) that became a draft."""

    __tablename__ = "product_import_row"
    __table_args__ = own_args(
        UptOwned,
        own_key("import_id", "product_import"),
        own_key("product_id", "product"),
        UniqueConstraint("tenant_id", "import_id", "row"),
    )

    import_id: Mapped[int] = mapped_column(Integer)
    row: Mapped[int] = mapped_column(Integer)
    product_id: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(Instant)
