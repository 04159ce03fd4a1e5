"""The tables of certificates: one row for each that was asked for, and the next number of a UPT's year."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from tenants import clock
from tenants.base import Base, Instant, UptPrivate, own_args, own_key

PATIENCE: Final = timedelta(minutes=5)
"""After this a certificate that was asked for and did not come may be asked for again."""


class Award(UptPrivate, Base):
    """A person's certificate of a training. Signed once `issued_at` is set. His name is in no column: it is in the
    signed file, which lies sealed with his key (`file_sha256`) until he is erased."""

    __tablename__ = "award"
    __table_args__ = own_args(
        UptPrivate,
        own_key("person_id", "person"),
        own_key("training_id", "training"),
        UniqueConstraint("tenant_id", "upt_id", "number"),
        Index("ix_award_training", "tenant_id", "training_id", "id"),
        Index("ix_award_person", "tenant_id", "person_id", "id"),
        Index(
            "uq_award_standing",
            "tenant_id",
            "training_id",
            "person_id",
            unique=True,
            sqlite_where=text("revoked_at IS NULL"),
            postgresql_where=text("revoked_at IS NULL"),
        ),
    )

    person_id: Mapped[int] = mapped_column(Integer)
    training_id: Mapped[int] = mapped_column(Integer)
    skill: Mapped[str] = mapped_column(String(60))
    hours: Mapped[int] = mapped_column(Integer)
    attempt: Mapped[int] = mapped_column(Integer)
    asked_by: Mapped[int] = mapped_column(Integer)
    asked_at: Mapped[datetime] = mapped_column(Instant)
    problem: Mapped[str | None] = mapped_column(Text)
    """Why the last rendering or signing did not succeed, for people."""
    number: Mapped[str | None] = mapped_column(String(120))
    code: Mapped[str | None] = mapped_column(String(24))
    signed_sha256: Mapped[str | None] = mapped_column(String(64))
    """Of the signed PDF, as its holder has it."""
    file_sha256: Mapped[str | None] = mapped_column(String(64))
    """Of the sealed bytes in the store."""
    signer_name: Mapped[str | None] = mapped_column(String(200))
    signer_office: Mapped[str | None] = mapped_column(String(200))
    issued_at: Mapped[datetime | None] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)
    revoked_by_name: Mapped[str | None] = mapped_column(String(130))
    revoked_why_sealed: Mapped[str | None] = mapped_column(Text)

    @property
    def is_working(self) -> bool:
        """Whether it is still being rendered and signed; what did not come within `PATIENCE` does not come."""
        return self.issued_at is None and self.problem is None and clock.now() - self.asked_at < PATIENCE


class AwardSequence(UptPrivate, Base):
    """The next certificate number of a UPT's year; taken in the signature's transaction, so that none is missing."""

    __tablename__ = "award_sequence"
    __table_args__ = own_args(UptPrivate, UniqueConstraint("tenant_id", "upt_id", "year"))

    year: Mapped[int] = mapped_column(Integer)
    next: Mapped[int] = mapped_column(Integer)
