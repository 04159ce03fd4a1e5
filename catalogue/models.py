"""Products, their revisions and photos; and the public tables that an approved revision is copied into.

A submitted revision never changes (`ddl` holds it with a trigger). The public tables carry no tenant: the
public site reads them with a role that can read nothing else.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Date, Float, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from tenants.base import Base, Instant, JSONText, UptOwned, own_args, own_key

_NOT_MODERN = text("modern = 0")


class Product(UptOwned, Base):
    """What an UPT makes. `state`: where its newest revision stands; `public_state`: what the public sees.

    `name`, `category`, `price_rupiah` and `cover` repeat the newest revision's for lists.
    """

    __tablename__ = "product"
    __table_args__ = own_args(
        UptOwned,
        own_key("case_id", "case_file"),
        UniqueConstraint("slug"),
        # A list of one UPT or of the whole Kanwil, in one state or in all: each page is a range of one index.
        Index("ix_product_upt", "tenant_id", "upt_id", "id"),
        Index("ix_product_upt_state", "tenant_id", "upt_id", "state", "id"),
        Index("ix_product_state", "tenant_id", "state", "id"),
        Index("ix_product_public", "tenant_id", "public_state", "published_at"),
    )

    slug: Mapped[str] = mapped_column(String(120))
    state: Mapped[str] = mapped_column(String(20))
    public_state: Mapped[str | None] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(150), default="")
    category: Mapped[str | None] = mapped_column(String(20))
    price_rupiah: Mapped[int | None] = mapped_column(BigInteger)
    cover: Mapped[dict[str, Any] | None] = mapped_column(JSONText)
    revision_no: Mapped[int] = mapped_column(Integer)
    published_revision_no: Mapped[int | None] = mapped_column(Integer)
    published_at: Mapped[datetime | None] = mapped_column(Instant)
    case_id: Mapped[int | None] = mapped_column(Integer)
    reason: Mapped[str | None] = mapped_column(Text)
    created_by: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(Instant)
    updated_at: Mapped[datetime] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(Integer, default=1)
    ekatalog_id: Mapped[str | None] = mapped_column(String(60))
    ekatalog_url: Mapped[str | None] = mapped_column(String(300))
    ekatalog_registered_on: Mapped[date | None] = mapped_column(Date)
    ekatalog_delisted_on: Mapped[date | None] = mapped_column(Date)

    @property
    def is_public(self) -> bool:
        return self.public_state == "published"


class Revision(UptOwned, Base):
    """One revision of a product's content; immutable once `submitted_at` is set."""

    __tablename__ = "product_revision"
    __table_args__ = own_args(
        UptOwned, own_key("product_id", "product"), UniqueConstraint("tenant_id", "product_id", "no")
    )

    product_id: Mapped[int] = mapped_column(Integer)
    no: Mapped[int] = mapped_column(Integer)
    content: Mapped[dict[str, Any]] = mapped_column(JSONText)
    answers: Mapped[dict[str, str]] = mapped_column(JSONText)
    edited_by: Mapped[list[int]] = mapped_column(JSONText)
    created_at: Mapped[datetime] = mapped_column(Instant)
    submitted_at: Mapped[datetime | None] = mapped_column(Instant)
    submitted_by: Mapped[int | None] = mapped_column(Integer)


class Photo(UptOwned, Base):
    """A photo as it is kept: our own WebP under its SHA-256, and a smaller one for each thumbnail side."""

    __tablename__ = "product_photo"
    __table_args__ = own_args(
        UptOwned, own_key("product_id", "product"), Index("ix_product_photo", "tenant_id", "product_id")
    )

    product_id: Mapped[int] = mapped_column(Integer)
    sha256: Mapped[str] = mapped_column(String(64))
    width: Mapped[int] = mapped_column(Integer)
    height: Mapped[int] = mapped_column(Integer)
    bytes: Mapped[int] = mapped_column(Integer)
    thumbs: Mapped[dict[str, str]] = mapped_column(JSONText)
    name: Mapped[str] = mapped_column(String(120))
    created_at: Mapped[datetime] = mapped_column(Instant)

    def in_content(self) -> dict[str, Any]:
        """The photo as a revision's content names it."""
        return {
            "photo_id": self.id,
            "sha256": self.sha256,
            "width": self.width,
            "height": self.height,
            "thumbs": dict(self.thumbs),
        }


class PublishedProduct(Base):
    """A product as the public sees it. A row stays when it is suspended or withdrawn: its page says why."""

    __tablename__ = "published_product"
    __table_args__ = (
        UniqueConstraint("slug"),
        Index("ix_published_category", "state", "category", "product_id"),
        Index("ix_published_kanwil", "state", "kanwil_code", "product_id"),
    )

    product_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    slug: Mapped[str] = mapped_column(String(120))
    state: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str | None] = mapped_column(Text)
    name: Mapped[str] = mapped_column(String(150))
    description: Mapped[str] = mapped_column(Text)
    category: Mapped[str] = mapped_column(String(20))
    goods_group: Mapped[str] = mapped_column(String(20))
    market_level: Mapped[str] = mapped_column(String(20))
    unit: Mapped[str] = mapped_column(String(30))
    price_rupiah: Mapped[int] = mapped_column(BigInteger)
    stock: Mapped[int] = mapped_column(Integer)
    capacity_per_month: Mapped[int] = mapped_column(Integer)
    lead_time_days: Mapped[int] = mapped_column(Integer)
    materials: Mapped[str | None] = mapped_column(String(500))
    weight_gram: Mapped[int | None] = mapped_column(Integer)
    size: Mapped[str | None] = mapped_column(String(100))
    tkdn_share: Mapped[float | None] = mapped_column(Float)
    papers: Mapped[dict[str, str]] = mapped_column(JSONText)
    """Numbers of the licences and the days on which they end: ``pirt_number``, ``pirt_expires_on`` and so on."""
    makers: Mapped[list[str]] = mapped_column(JSONText)
    photos: Mapped[list[dict[str, Any]]] = mapped_column(JSONText)
    kanwil_code: Mapped[str] = mapped_column(String(40))
    kanwil_name: Mapped[str] = mapped_column(String(120))
    upt_slug: Mapped[str] = mapped_column(String(120))
    upt_name: Mapped[str] = mapped_column(String(200))
    ekatalog_url: Mapped[str | None] = mapped_column(String(300))
    revision_no: Mapped[int] = mapped_column(Integer)
    published_at: Mapped[datetime] = mapped_column(Instant)
    updated_at: Mapped[datetime] = mapped_column(Instant)
    search: Mapped[str] = mapped_column(Text)
    words: Mapped[str] = mapped_column(Text, default="", server_default="")
    """The words of its name, materials and place, once each: what a mistyped word is compared with."""


class PublishedFacet(Base):
    """What the shelf is searched, narrowed and sorted by: a narrow row for each product that is on it.

    Kept by a trigger, so that a list or a count reads no description and no photos. On PostgreSQL the database adds the
    words as a tsvector; on SQLite they are in the full-text index of the same number.
    """

    __tablename__ = "published_facet"
    __table_args__ = (
        Index("ix_facet_category", "category", "product_id"),
        Index("ix_facet_kanwil", "kanwil_code", "product_id"),
        Index("ix_facet_upt", "upt_slug", "product_id"),
        Index(
            "ix_facet_price",
            *("price_rupiah", "product_id", "category", "goods_group"),
            *("market_level", "kanwil_code", "upt_slug", "ready"),
        ),
    )

    product_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(150))
    category: Mapped[str] = mapped_column(String(20))
    goods_group: Mapped[str] = mapped_column(String(20))
    market_level: Mapped[str] = mapped_column(String(20))
    kanwil_code: Mapped[str] = mapped_column(String(40))
    upt_slug: Mapped[str] = mapped_column(String(120))
    price_rupiah: Mapped[int] = mapped_column(BigInteger)
    ready: Mapped[int] = mapped_column(Integer)
    """1 where something is in stock, else 0."""


class PublishedWord(Base):
    """A word that occurs in a product's name, materials or place, with its first and its last two letters. Kept by a
    trigger."""

    __tablename__ = "published_word"
    __table_args__ = (
        Index("ix_published_word_head", "head", "word"),
        Index("ix_published_word_tail", "tail", "word"),
    )

    word: Mapped[str] = mapped_column(String(40), primary_key=True)
    head: Mapped[str] = mapped_column(String(2))
    tail: Mapped[str] = mapped_column(String(2))


class PublishedPhoto(Base):
    """Which stored pictures the public may fetch: kept by a trigger from the photos of published products."""

    __tablename__ = "published_photo"
    __table_args__ = (
        Index("ix_published_photo_product", "product_id"),
        Index(
            "ix_published_photo_modern",
            "modern",
            "product_id",
            sqlite_where=_NOT_MODERN,
            postgresql_where=_NOT_MODERN,
        ),
    )

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    product_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    modern: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    """1 once its AVIF is made: see `catalogue.window.modern`."""


class PublishedTally(Base):
    """How many products each UPT has on the shelf, by what they can be narrowed to: kept by a trigger, never counted
    anew."""

    __tablename__ = "published_tally"

    kanwil_code: Mapped[str] = mapped_column(String(40), primary_key=True)
    upt_slug: Mapped[str] = mapped_column(String(120), primary_key=True)
    category: Mapped[str] = mapped_column(String(20), primary_key=True)
    goods_group: Mapped[str] = mapped_column(String(20), primary_key=True)
    market_level: Mapped[str] = mapped_column(String(20), primary_key=True)
    ready: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    kanwil_name: Mapped[str] = mapped_column(String(120))
    upt_name: Mapped[str] = mapped_column(String(200))
    products: Mapped[int] = mapped_column(Integer)


def ddl(dialect: str) -> list[str]:
    """The triggers and the search index of these tables; see `catalogue.ddl`."""
    from catalogue.ddl import statements

    return statements(dialect)
