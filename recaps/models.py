"""The tables of recaps: the recap on its way, its numbers, obstacles, and what the public may know of a signed file.

Files (figures, purchases, history, preview, signed versions) are kept by content; the rows name them by SHA-256.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Date, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from tenants.base import Base, Instant, JSONText, KanwilOwned, UptOwned, own_args, own_key

DRAFT, IN_REVIEW, READY, DELIVERED, ACKNOWLEDGED, REPLACED, REVOKED = (
    *("draft", "in_review", "ready_to_sign"),
    *("delivered", "acknowledged", "replaced", "revoked"),
)
STANDING = (DELIVERED, ACKNOWLEDGED)
"""Signed, and what holds today."""
SIGNED = (*STANDING, REPLACED, REVOKED)


class Revocable:
    """What a signed recap says once it was revoked."""

    revoked_at: Mapped[datetime | None] = mapped_column(Instant)
    revoked_by: Mapped[int | None] = mapped_column(Integer)
    revoked_name: Mapped[str | None] = mapped_column(String(200))
    revoked_office: Mapped[str | None] = mapped_column(String(200))
    revoked_reason: Mapped[str | None] = mapped_column(Text)
    """For everybody who verifies the file."""


class Archived:
    """The version of a signed file that the archive stamped last."""

    archived_sha256: Mapped[str | None] = mapped_column(String(64))
    archived_at: Mapped[datetime | None] = mapped_column(Instant)
    restamp_at: Mapped[datetime | None] = mapped_column(Instant)
    """When the newest signed file needs its next time stamp of the archive (`archiving`)."""


class Recap(Revocable, Archived, KanwilOwned, Base):
    """One period's recap. `revision_no` counts how often it was drafted anew; `attempt` how often a
    signature was asked.

    `ready_to_sign` is not stored: a recap `in_review` whose case stands at the signing stage is (see `queries`).
    """

    __tablename__ = "recap"
    __table_args__ = own_args(
        KanwilOwned,
        own_key("case_id", "case_file"),
        own_key("replaces_id", "recap"),
        UniqueConstraint("tenant_id", "number"),
        Index("ix_recap_period", "tenant_id", "period_from", "id"),
        Index("ix_recap_state", "state", "delivered_at", "id"),
        Index(
            "uq_recap_one_underway",
            "tenant_id",
            "period",
            unique=True,
            sqlite_where=text("signed_at IS NULL"),
            postgresql_where=text("signed_at IS NULL"),
        ),
    )

    period: Mapped[str] = mapped_column(String(8))
    period_from: Mapped[date] = mapped_column(Date)
    period_until: Mapped[date] = mapped_column(Date)
    label: Mapped[str] = mapped_column(String(60))
    state: Mapped[str] = mapped_column(String(16))
    revision_no: Mapped[int] = mapped_column(Integer, default=1)
    case_id: Mapped[int | None] = mapped_column(Integer)
    replaces_id: Mapped[int | None] = mapped_column(Integer)
    drafted_by: Mapped[int] = mapped_column(Integer)
    drafted_by_name: Mapped[str] = mapped_column(String(200))
    drafted_at: Mapped[datetime] = mapped_column(Instant)

    frozen_at: Mapped[datetime | None] = mapped_column(Instant)
    figures_sha256: Mapped[str | None] = mapped_column(String(64))
    purchases_sha256: Mapped[str | None] = mapped_column(String(64))
    history_sha256: Mapped[str | None] = mapped_column(String(64))
    preview_sha256: Mapped[str | None] = mapped_column(String(64))
    summary: Mapped[Any] = mapped_column(JSONText, default=dict)
    """The headline figures, so that a list opens no file."""
    submitted_at: Mapped[datetime | None] = mapped_column(Instant)
    note: Mapped[str | None] = mapped_column(Text)
    """Why it came back, in the words of who returned it."""

    attempt: Mapped[int] = mapped_column(Integer, default=0)
    signing_by: Mapped[int | None] = mapped_column(Integer)
    signing_since: Mapped[datetime | None] = mapped_column(Instant)
    problem: Mapped[str | None] = mapped_column(Text)
    """Why the last rendering or signing did not succeed, for people."""
    number: Mapped[str | None] = mapped_column(String(160))
    code: Mapped[str | None] = mapped_column(String(24))
    signed_sha256: Mapped[str | None] = mapped_column(String(64))
    signed_by: Mapped[int | None] = mapped_column(Integer)
    signer_name: Mapped[str | None] = mapped_column(String(200))
    signer_office: Mapped[str | None] = mapped_column(String(200))
    signed_at: Mapped[datetime | None] = mapped_column(Instant)
    delivered_at: Mapped[datetime | None] = mapped_column(Instant)

    receiving_since: Mapped[datetime | None] = mapped_column(Instant)
    acknowledged_sha256: Mapped[str | None] = mapped_column(String(64))
    acknowledged_by: Mapped[int | None] = mapped_column(Integer)
    acknowledged_name: Mapped[str | None] = mapped_column(String(200))
    acknowledged_at: Mapped[datetime | None] = mapped_column(Instant)

    @property
    def is_ready(self) -> bool:
        """Figures frozen and the letter rendered."""
        return self.preview_sha256 is not None

    @property
    def file_sha256(self) -> str | None:
        """The newest file of the recap."""
        return self.archived_sha256 or self.acknowledged_sha256 or self.signed_sha256 or self.preview_sha256


class LetterSequence(KanwilOwned, Base):
    """The next letter number of a year; taken when a letter is signed, in the same transaction, so that
    none is missing.
    """

    __tablename__ = "letter_sequence"
    __table_args__ = own_args(KanwilOwned, UniqueConstraint("tenant_id", "year"))

    year: Mapped[int] = mapped_column(Integer)
    next: Mapped[int] = mapped_column(BigInteger, default=1)


class Obstacle(UptOwned, Base):
    """What stood in the way and what is done about it: part IV of the recap. Open ones carry over to the
    next period.
    """

    __tablename__ = "obstacle"
    upt_optional = True
    __table_args__ = own_args(UptOwned, Index("ix_obstacle_state", "tenant_id", "state", "id"))

    category: Mapped[str] = mapped_column(String(40))
    description: Mapped[str] = mapped_column(Text)
    action: Mapped[str] = mapped_column(Text)
    who: Mapped[str] = mapped_column(String(160))
    due_on: Mapped[date | None] = mapped_column(Date)
    state: Mapped[str] = mapped_column(String(12), default="open")
    """``open`` or ``done``; ``removed`` once it was taken back as written down by mistake."""
    noticed_on: Mapped[date] = mapped_column(Date)
    done_on: Mapped[date | None] = mapped_column(Date)
    created_by: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(Instant)
    updated_at: Mapped[datetime] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(Integer, default=1)


class ObstacleChange(UptOwned, Base):
    """One change of an obstacle, written once: version 1 is how it was written down."""

    __tablename__ = "obstacle_change"
    upt_optional = True
    __table_args__ = own_args(
        UptOwned,
        own_key("obstacle_id", "obstacle"),
        UniqueConstraint("tenant_id", "obstacle_id", "version"),
    )

    obstacle_id: Mapped[int] = mapped_column(Integer)
    version: Mapped[int] = mapped_column(Integer)
    changes: Mapped[Any] = mapped_column(JSONText)
    """{field: [before, after]}; before is None where it was not there yet."""
    by_id: Mapped[int] = mapped_column(Integer)
    by_name: Mapped[str] = mapped_column(String(200))
    by_office: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime] = mapped_column(Instant)


class VerificationRecord(Base):
    """What anyone may know of a signed document: who, when, what of, whether it still holds. No tenant data."""

    __tablename__ = "published_verification"
    __table_args__ = (UniqueConstraint("identifier"),)

    code: Mapped[str] = mapped_column(String(24), primary_key=True)
    identifier: Mapped[str] = mapped_column(String(32))
    """The PDF's own identifier, by which an altered file is still recognised."""
    kind: Mapped[str] = mapped_column(String(12), default="recap", server_default="recap")
    """``recap``, ``national`` (the country's; `kanwil_code` is then ``pusat``) or ``minutes``; of minutes `label` is
    what was approved, `period` empty, `figures_sha256` the hash of the case file inside."""
    recap_id: Mapped[int] = mapped_column(Integer)
    """The recap's number, or the minutes'."""
    kanwil_code: Mapped[str] = mapped_column(String(40))
    kanwil_name: Mapped[str] = mapped_column(String(200))
    timezone: Mapped[str] = mapped_column(String(40))
    period: Mapped[str] = mapped_column(String(8))
    label: Mapped[str] = mapped_column(String(60))
    number: Mapped[str] = mapped_column(String(160))
    figures_sha256: Mapped[str] = mapped_column(String(64))
    signer: Mapped[str] = mapped_column(String(200))
    office: Mapped[str] = mapped_column(String(200))
    signed_at: Mapped[datetime] = mapped_column(Instant)
    state: Mapped[str] = mapped_column(String(12))
    """``signed``, ``acknowledged``, ``replaced`` or ``revoked``."""
    acknowledged_at: Mapped[datetime | None] = mapped_column(Instant)
    acknowledged_by: Mapped[str | None] = mapped_column(String(200))
    replaced_by: Mapped[str | None] = mapped_column(String(24))
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)
    revoked_by: Mapped[str | None] = mapped_column(String(200))
    """The office that revoked it."""
    revoked_reason: Mapped[str | None] = mapped_column(Text)


class VerificationFile(Base):
    """Each version of a signed file that we gave out, by its SHA-256."""

    __tablename__ = "published_verification_file"
    __table_args__ = (Index("ix_published_verification_file_code", "code"),)

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    code: Mapped[str] = mapped_column(String(24))
    kind: Mapped[str] = mapped_column(String(12))
    """``signed``, ``acknowledged`` or, with a time stamp of the archive, ``archived``."""
    at: Mapped[datetime] = mapped_column(Instant)
