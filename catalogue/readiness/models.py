"""The national questionnaire; an UPT's yearly assessment with its answers, evidence and gaps; the year's figures.

`Score` holds what the Kanwil verified, and it alone is what the centre reads of an UPT.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from tenants.base import Base, Instant, JSONText, UptOwned, own_args, own_key

_OPEN = text("state = 'open'")


class Questionnaire(Base):
    """One version of the national questionnaire, no tenant's: a draft until `published_at`, then unchangeable.

    Version 1 is the file that Karya brings along; the centre's own begin at 2.
    """

    __tablename__ = "readiness_questionnaire"
    __table_args__ = (UniqueConstraint("version"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    version: Mapped[int] = mapped_column(Integer)
    document: Mapped[dict[str, Any]] = mapped_column(JSONText)
    edit_no: Mapped[int] = mapped_column(Integer, default=1)
    edited_by_name: Mapped[str] = mapped_column(String(200))
    edited_at: Mapped[datetime] = mapped_column(Instant)
    sha256: Mapped[str | None] = mapped_column(String(64))
    published_at: Mapped[datetime | None] = mapped_column(Instant)
    published_by_name: Mapped[str | None] = mapped_column(String(200))


class Assessment(UptOwned, Base):
    """The readiness of one UPT in one year. It stays with the questionnaire that it began with.

    `self_scores` and `verified_scores` map a dimension to its mean in hundredths, None where answers are missing.
    """

    __tablename__ = "readiness"
    __table_args__ = own_args(
        UptOwned,
        own_key("case_id", "case_file"),
        UniqueConstraint("tenant_id", "upt_id", "year"),
        Index("ix_readiness_year", "tenant_id", "year", "state", "id"),
    )

    year: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(20))
    revision_no: Mapped[int] = mapped_column(Integer, default=1)
    questionnaire_version: Mapped[int] = mapped_column(Integer)
    case_id: Mapped[int | None] = mapped_column(Integer)
    answered: Mapped[int] = mapped_column(Integer, default=0)
    """How many questions have a score and evidence."""
    self_scores: Mapped[dict[str, Any]] = mapped_column(JSONText, default=dict)
    verified_scores: Mapped[dict[str, Any] | None] = mapped_column(JSONText)
    replies: Mapped[dict[str, str]] = mapped_column(JSONText, default=dict)
    """What the UPT answers to the requests of a return, by their id, until it is submitted."""
    edited_by: Mapped[list[int]] = mapped_column(JSONText, default=list)
    created_at: Mapped[datetime] = mapped_column(Instant)
    updated_at: Mapped[datetime] = mapped_column(Instant)
    submitted_at: Mapped[datetime | None] = mapped_column(Instant)
    verified_at: Mapped[datetime | None] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(Integer, default=1)


class Answer(UptOwned, Base):
    """An answer to one question: the UPT's own score with its evidence, and what the Kanwil verified.

    `changed_version` is the assessment's version at its last change, so that two windows don't overwrite each other.
    """

    __tablename__ = "readiness_answer"
    __table_args__ = own_args(
        UptOwned,
        own_key("readiness_id", "readiness"),
        UniqueConstraint("tenant_id", "readiness_id", "question"),
    )

    readiness_id: Mapped[int] = mapped_column(Integer)
    question: Mapped[str] = mapped_column(String(40))
    score: Mapped[int | None] = mapped_column(Integer)
    evidence: Mapped[str] = mapped_column(Text, default="")
    changed_version: Mapped[int] = mapped_column(Integer, default=1)
    changed_by: Mapped[int | None] = mapped_column(Integer)
    verified_score: Mapped[int | None] = mapped_column(Integer)
    reason: Mapped[str] = mapped_column(Text, default="")
    verified_by: Mapped[int | None] = mapped_column(Integer)
    verified_by_name: Mapped[str | None] = mapped_column(String(200))
    verified_at: Mapped[datetime | None] = mapped_column(Instant)


class Evidence(UptOwned, Base):
    """A file beside an answer, judged by its content. What was once submitted stays, `removed_at` set."""

    __tablename__ = "readiness_evidence"
    __table_args__ = own_args(
        UptOwned,
        own_key("readiness_id", "readiness"),
        UniqueConstraint("tenant_id", "key"),
        Index("ix_readiness_evidence", "tenant_id", "readiness_id", "id"),
    )

    readiness_id: Mapped[int] = mapped_column(Integer)
    question: Mapped[str] = mapped_column(String(40))
    key: Mapped[str] = mapped_column(String(32))
    """What its address names: nobody guesses it."""
    name: Mapped[str] = mapped_column(String(120))
    sha256: Mapped[str] = mapped_column(String(64))
    size_bytes: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(10))
    added_by: Mapped[int] = mapped_column(Integer)
    added_at: Mapped[datetime] = mapped_column(Instant)
    removed_at: Mapped[datetime | None] = mapped_column(Instant)

    def told(self) -> dict[str, Any]:
        """The file as the frozen assessment names it."""
        return {"name": self.name, "sha256": self.sha256, "size": self.size_bytes, "kind": self.kind}


class Gap(UptOwned, Base):
    """What is missing and what is done about it: by whom, until when, how far. Open ones go on into the next year."""

    __tablename__ = "readiness_gap"
    __table_args__ = own_args(
        UptOwned,
        own_key("readiness_id", "readiness"),
        Index("ix_readiness_gap", "tenant_id", "readiness_id", "id"),
        Index(
            "ix_readiness_gap_open",
            "tenant_id",
            "due_on",
            "id",
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
    )

    readiness_id: Mapped[int] = mapped_column(Integer)
    question: Mapped[str] = mapped_column(String(40))
    action: Mapped[str] = mapped_column(Text)
    who: Mapped[str] = mapped_column(String(160))
    due_on: Mapped[date] = mapped_column(Date)
    state: Mapped[str] = mapped_column(String(12), default="open")
    note: Mapped[str] = mapped_column(Text, default="")
    """What came of it."""
    ended_on: Mapped[date | None] = mapped_column(Date)
    created_by_name: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(Instant)
    updated_at: Mapped[datetime] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(Integer, default=1)


class Score(UptOwned, Base):
    """The verified figures of one UPT in one year, in hundredths: written once, when the Kanwil approves.

    The only rows of readiness that the national reach reads.
    """

    __tablename__ = "readiness_score"
    __table_args__ = own_args(
        UptOwned,
        own_key("readiness_id", "readiness"),
        own_key("case_id", "case_file"),
        UniqueConstraint("tenant_id", "upt_id", "year"),
        Index("ix_readiness_score_year", "year", "tenant_id"),
    )

    readiness_id: Mapped[int] = mapped_column(Integer)
    case_id: Mapped[int] = mapped_column(Integer)
    year: Mapped[int] = mapped_column(Integer)
    questionnaire_version: Mapped[int] = mapped_column(Integer)
    organisation: Mapped[int] = mapped_column(Integer)
    people: Mapped[int] = mapped_column(Integer)
    budget: Mapped[int] = mapped_column(Integer)
    marketing: Mapped[int] = mapped_column(Integer)
    cooperation: Mapped[int] = mapped_column(Integer)
    total: Mapped[int] = mapped_column(Integer)
    verified_at: Mapped[datetime] = mapped_column(Instant)

    def by_dimension(self) -> dict[str, int]:
        """Dimension -> its mean in hundredths, in the order of `terms.DIMENSIONS`."""
        return {
            "organisation": self.organisation,
            "people": self.people,
            "budget": self.budget,
            "marketing": self.marketing,
            "cooperation": self.cooperation,
        }
