"""The centre's own tables: the recap of the country, its numbers, its letter's settings, and the chain of its acts.

No row here belongs to a Kanwil; the ordinary session reaches them under the national scope.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from recaps.models import Archived, Revocable
from tenants.base import Base, Instant, JSONText

DRAFT, IN_REVIEW, SIGNED, REPLACED, REVOKED = "draft", "in_review", "signed", "replaced", "revoked"
NUMBER_PATTERN = "PAS-{seq}.OT.02.02 Tahun {year}"
SUBJECT_PATTERN = "Rekapitulasi nasional produk hasil karya warga binaan {period}"


class NationalRecap(Revocable, Archived, Base):
    """One period of the country. `in_review`: it lies before the Direktur Jenderal."""

    __tablename__ = "national_recap"
    __table_args__ = (
        UniqueConstraint("number"),
        Index("ix_national_recap_period", "period_from", "id"),
        Index(
            "uq_national_recap_one_underway",
            "period",
            unique=True,
            sqlite_where=text("signed_at IS NULL"),
            postgresql_where=text("signed_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    period: Mapped[str] = mapped_column(String(8))
    period_from: Mapped[date] = mapped_column(Date)
    period_until: Mapped[date] = mapped_column(Date)
    label: Mapped[str] = mapped_column(String(60))
    state: Mapped[str] = mapped_column(String(12), default=DRAFT)
    revision_no: Mapped[int] = mapped_column(Integer, default=1)
    replaces_id: Mapped[int | None] = mapped_column(Integer, ForeignKey("national_recap.id"))
    drafted_by: Mapped[int] = mapped_column(Integer)
    drafted_by_name: Mapped[str] = mapped_column(String(200))
    drafted_at: Mapped[datetime] = mapped_column(Instant)

    frozen_at: Mapped[datetime | None] = mapped_column(Instant)
    figures_sha256: Mapped[str | None] = mapped_column(String(64))
    history_sha256: Mapped[str | None] = mapped_column(String(64))
    preview_sha256: Mapped[str | None] = mapped_column(String(64))
    summary: Mapped[Any] = mapped_column(JSONText, default=dict)
    """The headline figures, how many recaps are inside and which Kanwil are missing."""
    submitted_by: Mapped[int | None] = mapped_column(Integer)
    submitted_at: Mapped[datetime | None] = mapped_column(Instant)
    note: Mapped[str | None] = mapped_column(Text)
    """Why it came back, in the Direktur Jenderal's words."""

    attempt: Mapped[int] = mapped_column(Integer, default=0)
    signing_by: Mapped[int | None] = mapped_column(Integer)
    signing_since: Mapped[datetime | None] = mapped_column(Instant)
    problem: Mapped[str | None] = mapped_column(Text)
    number: Mapped[str | None] = mapped_column(String(160))
    code: Mapped[str | None] = mapped_column(String(24))
    signed_sha256: Mapped[str | None] = mapped_column(String(64))
    signed_by: Mapped[int | None] = mapped_column(Integer)
    signer_name: Mapped[str | None] = mapped_column(String(200))
    signer_office: Mapped[str | None] = mapped_column(String(200))
    signed_at: Mapped[datetime | None] = mapped_column(Instant)

    @property
    def is_ready(self) -> bool:
        """Figures frozen and the letter rendered."""
        return self.preview_sha256 is not None

    @property
    def is_working(self) -> bool:
        """A job still has to prepare or sign it."""
        signing = self.signing_since is not None and self.signed_at is None
        return not self.problem and (not self.is_ready or signing)

    @property
    def file_sha256(self) -> str | None:
        """The newest file."""
        return self.archived_sha256 or self.signed_sha256 or self.preview_sha256


class NationalSequence(Base):
    """The centre's next letter number of a year; taken when a letter is signed, in the same transaction."""

    __tablename__ = "national_sequence"

    year: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    next: Mapped[int] = mapped_column(BigInteger, default=1)


class NationalLetter(Base):
    """What the centre sets for its letter, and by which working day of the month the Kanwil send theirs. One row."""

    __tablename__ = "national_letter"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    address: Mapped[str] = mapped_column(String(300), default="Jalan Veteran Nomor 11, Jakarta Pusat")
    contact: Mapped[str] = mapped_column(String(200), default="")
    number_pattern: Mapped[str] = mapped_column(String(120), default=NUMBER_PATTERN)
    addressee: Mapped[str] = mapped_column(String(160), default="")
    """Empty: the minister of the day."""
    addressee_place: Mapped[str] = mapped_column(String(80), default="Jakarta")
    classification: Mapped[str] = mapped_column(String(40), default="Biasa")
    enclosures: Mapped[str] = mapped_column(String(60), default="1 (satu) berkas")
    subject_pattern: Mapped[str] = mapped_column(String(160), default=SUBJECT_PATTERN)
    copies: Mapped[Any] = mapped_column(JSONText, default=list)
    due_workday: Mapped[int] = mapped_column(Integer, default=5)


class NationalEvent(Base):
    """One act on the centre's recaps; each is hashed over the one before. The application may not change or delete
    any."""

    __tablename__ = "national_event"
    __table_args__ = (UniqueConstraint("chain", "seq"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    chain: Mapped[str] = mapped_column(String(80))
    seq: Mapped[int] = mapped_column(Integer)
    prev_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(Instant)
    officer_id: Mapped[int | None] = mapped_column(Integer)
    action: Mapped[str] = mapped_column(String(60))
    payload: Mapped[str] = mapped_column(Text)
