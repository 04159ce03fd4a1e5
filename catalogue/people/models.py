"""The tables of persons, of what they agreed to, of who saw their names, and of the work that they did.

Everything here but `ProductCredit` belongs to a UPT alone. A column called `..._sealed` holds ciphertext, under the
person's own key, which is gone once he is erased.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Date, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tenants.base import Base, Instant, JSONText, UptOwned, UptPrivate, own_args, own_key


class Person(UptPrivate, Base):
    """Somebody in custody or under guidance. Erased, the row stays as a number that counts point to, and no more.

    `since_on` is the day from which the years of retention are counted; `words` are keyed hashes of the words of his
    name, so that he is found by them without being read.
    """

    __tablename__ = "person"
    __table_args__ = own_args(
        UptPrivate,
        UniqueConstraint("tenant_id", "upt_id", "number_index"),
        Index("ix_person_upt", "tenant_id", "upt_id", "id"),
        Index("ix_person_since", "tenant_id", "upt_id", "since_on", "id"),
    )

    key_sealed: Mapped[str | None] = mapped_column(Text)
    name_sealed: Mapped[str | None] = mapped_column(Text)
    number_sealed: Mapped[str | None] = mapped_column(Text)
    number_index: Mapped[str | None] = mapped_column(String(64))
    words: Mapped[list[str]] = mapped_column(JSONText, default=list)
    kind: Mapped[str] = mapped_column(String(20))
    released_on: Mapped[date | None] = mapped_column(Date)
    """When he was, or is expected to be, released."""
    last_on: Mapped[date | None] = mapped_column(Date)
    """The last day on which he worked or learned."""
    since_on: Mapped[date] = mapped_column(Date)
    recorded_on: Mapped[date] = mapped_column(Date)
    warned_on: Mapped[date | None] = mapped_column(Date)
    """The `since_on` for which the UPT was warned of the coming erasure."""
    erased_at: Mapped[datetime | None] = mapped_column(Instant)
    erased_why: Mapped[str | None] = mapped_column(String(12))
    """``rule`` or ``request``."""
    created_by: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(Integer, default=1)

    @property
    def code(self) -> str:
        """What he is called wherever his name has no business."""
        return f"WB-{self.id}"

    @property
    def is_erased(self) -> bool:
        return self.erased_at is not None


class PersonAccess(UptPrivate, Base):
    """Somebody was shown a name: who, when, whose, and why. Written once; `purpose` is sealed with the person's key, as
    people write names into it."""

    __tablename__ = "person_access"
    __table_args__ = own_args(
        UptPrivate,
        own_key("person_id", "person"),
        Index("ix_person_access_upt", "tenant_id", "upt_id", "id"),
        Index("ix_person_access_person", "tenant_id", "person_id", "id"),
    )

    person_id: Mapped[int] = mapped_column(Integer)
    officer_id: Mapped[int] = mapped_column(Integer)
    officer_name: Mapped[str] = mapped_column(String(130))
    office: Mapped[str] = mapped_column(String(160))
    at: Mapped[datetime] = mapped_column(Instant)
    act: Mapped[str] = mapped_column(String(20))
    purpose_sealed: Mapped[str | None] = mapped_column(Text)
    sha256: Mapped[str | None] = mapped_column(String(64))
    """Of what was printed and handed over, where something was; it is kept nowhere."""


class Consent(UptPrivate, Base):
    """A person's written agreement to be named as a maker, under the words that he chose. Withdrawn, it stays with the
    day, its paper too; erased, the row is gone."""

    __tablename__ = "maker_consent"
    __table_args__ = own_args(
        UptPrivate,
        own_key("person_id", "person"),
        Index("ix_consent_person", "tenant_id", "person_id", "id"),
    )

    person_id: Mapped[int] = mapped_column(Integer)
    credit_sealed: Mapped[str] = mapped_column(Text)
    signed_on: Mapped[date] = mapped_column(Date)
    file_sha256: Mapped[str] = mapped_column(String(64))
    """Of the sealed bytes as they lie in the store."""
    file_name_sealed: Mapped[str] = mapped_column(Text)
    file_kind: Mapped[str] = mapped_column(String(8))
    recorded_by: Mapped[int] = mapped_column(Integer)
    recorded_by_name: Mapped[str] = mapped_column(String(130))
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    withdrawn_at: Mapped[datetime | None] = mapped_column(Instant)
    withdrawn_by_name: Mapped[str | None] = mapped_column(String(130))

    @property
    def holds(self) -> bool:
        return self.withdrawn_at is None


class ProductCredit(UptOwned, Base):
    """The name that a product will carry, or carries, with its maker's consent. The Kanwil reads it, as it publishes
    what carries it; withdrawn, the row is gone.

    `consent_id` is no foreign key: the consent is in the UPT's reach alone, and the two are deleted together.
    """

    __tablename__ = "product_credit"
    leaves_home = False
    __table_args__ = own_args(
        UptOwned,
        own_key("product_id", "product"),
        UniqueConstraint("tenant_id", "product_id", "consent_id"),
        Index("ix_product_credit_consent", "tenant_id", "consent_id"),
    )

    product_id: Mapped[int] = mapped_column(Integer)
    consent_id: Mapped[int] = mapped_column(Integer)
    name_sealed: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Instant)


class Participation(UptPrivate, Base):
    """Work that a person did: what, from when to when, how many hours in all."""

    __tablename__ = "participation"
    __table_args__ = own_args(
        UptPrivate,
        own_key("person_id", "person"),
        own_key("product_id", "product"),
        Index("ix_participation_person", "tenant_id", "person_id", "from_on", "id"),
    )

    person_id: Mapped[int] = mapped_column(Integer)
    product_id: Mapped[int | None] = mapped_column(Integer)
    activity: Mapped[str] = mapped_column(String(150))
    from_on: Mapped[date] = mapped_column(Date)
    until_on: Mapped[date | None] = mapped_column(Date)
    hours: Mapped[int] = mapped_column(Integer)
    recorded_by_name: Mapped[str] = mapped_column(String(130))
    recorded_at: Mapped[datetime] = mapped_column(Instant)
