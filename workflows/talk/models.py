"""The tables of the talk about a case.

A comment or a note is never changed but for `struck_at`, and that once; `ddl` gives the triggers. Its `sha256` covers
every word and file of it with a `salt`, and stands in the case's chain: whoever reads the chain alone can't try words
against it.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tenants.base import Base, Instant, JSONText, KanwilOwned, UptOwned, own_args, own_key
from workflows.canonical import digest, new_salt

NOTE, OPINION, EXPERT = "note", "opinion", "expert"
"""What a note is: an officer's own, the answer of a colleague who was asked, the answer of an expert from outside."""


class Said:
    """What somebody said. `author_id` is empty for an expert from outside."""

    case_id: Mapped[int] = mapped_column(Integer)
    author_id: Mapped[int | None] = mapped_column(Integer)
    author_name: Mapped[str] = mapped_column(String(200))
    author_office: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)
    mentions: Mapped[list[str]] = mapped_column(JSONText)
    salt: Mapped[str] = mapped_column(String(32))
    sha256: Mapped[str] = mapped_column(String(64))
    said_at: Mapped[datetime] = mapped_column(Instant)
    struck_at: Mapped[datetime | None] = mapped_column(Instant)

    def fingerprint(self, files: list[str]) -> str:
        """SHA-256 over all of it; `files` are the hashes of what hangs on it, in order."""
        return digest(
            {
                "case": self.case_id,
                "kind": getattr(self, "kind", "comment"),
                "author": self.author_id,
                "name": self.author_name,
                "office": self.author_office,
                "body": self.body,
                "mentions": self.mentions,
                "files": files,
                "at": self.said_at.isoformat(timespec="microseconds"),
                "salt": self.salt,
            }
        )


class Kept:
    """A file under its hash. `key` is its address: it can't be counted through."""

    case_id: Mapped[int] = mapped_column(Integer)
    key: Mapped[str] = mapped_column(String(32))
    sha256: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(String(120))
    bytes: Mapped[int] = mapped_column(Integer)


class Comment(Said, UptOwned, Base):
    """A comment that the UPT reads too."""

    __tablename__ = "case_comment"
    upt_optional = True
    __table_args__ = own_args(
        UptOwned,
        own_key("case_id", "case_file"),
        Index("ix_case_comment_case", "tenant_id", "case_id", "said_at", "id"),
    )


class Note(Said, KanwilOwned, Base):
    """An internal note, a colleague's opinion or an expert's: of the Kanwil alone."""

    __tablename__ = "case_note"
    __table_args__ = own_args(
        KanwilOwned,
        own_key("case_id", "case_file"),
        Index("ix_case_note_case", "tenant_id", "case_id", "said_at", "id"),
    )

    kind: Mapped[str] = mapped_column(String(10))


class CommentFile(Kept, UptOwned, Base):
    """A file of a comment."""

    __tablename__ = "comment_file"
    upt_optional = True
    __table_args__ = own_args(
        UptOwned,
        own_key("case_id", "case_file"),
        own_key("comment_id", "case_comment"),
        UniqueConstraint("tenant_id", "key"),
        Index("ix_comment_file_case", "tenant_id", "case_id", "id"),
    )

    comment_id: Mapped[int] = mapped_column(Integer)


class NoteFile(Kept, KanwilOwned, Base):
    """A file of a note."""

    __tablename__ = "note_file"
    __table_args__ = own_args(
        KanwilOwned,
        own_key("case_id", "case_file"),
        own_key("note_id", "case_note"),
        UniqueConstraint("tenant_id", "key"),
        Index("ix_note_file_case", "tenant_id", "case_id", "id"),
    )

    note_id: Mapped[int] = mapped_column(Integer)


class Opinion(KanwilOwned, Base):
    """What a colleague was asked. It is open until he answers or the case closes; the answer is a note."""

    __tablename__ = "case_opinion"
    __table_args__ = own_args(
        KanwilOwned,
        own_key("case_id", "case_file"),
        own_key("note_id", "case_note"),
        Index("ix_case_opinion_case", "tenant_id", "case_id", "id"),
        Index("ix_case_opinion_asked", "tenant_id", "asked_id", "answered_at", "id"),
    )

    case_id: Mapped[int] = mapped_column(Integer)
    asker_id: Mapped[int] = mapped_column(Integer)
    asker_name: Mapped[str] = mapped_column(String(200))
    asked_id: Mapped[int] = mapped_column(Integer)
    asked_name: Mapped[str] = mapped_column(String(200))
    question: Mapped[str] = mapped_column(Text)
    until_on: Mapped[date | None] = mapped_column(Date)
    asked_at: Mapped[datetime] = mapped_column(Instant)
    answered_at: Mapped[datetime | None] = mapped_column(Instant)
    note_id: Mapped[int | None] = mapped_column(Integer)
    salt: Mapped[str | None] = mapped_column(String(32), default=new_salt)


class Invitation(KanwilOwned, Base):
    """A link for one expert from outside to one case. The token itself is nowhere kept."""

    __tablename__ = "case_invitation"
    __table_args__ = own_args(
        KanwilOwned,
        own_key("case_id", "case_file"),
        own_key("note_id", "case_note"),
        UniqueConstraint("tenant_id", "token_sha256"),
        Index("ix_case_invitation_case", "tenant_id", "case_id", "id"),
    )

    case_id: Mapped[int] = mapped_column(Integer)
    token_sha256: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(120))
    office: Mapped[str] = mapped_column(String(160))
    email: Mapped[str] = mapped_column(String(254))
    question: Mapped[str] = mapped_column(Text)
    invited_by: Mapped[int] = mapped_column(Integer)
    invited_by_name: Mapped[str] = mapped_column(String(200))
    invited_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)
    used_key: Mapped[str | None] = mapped_column(String(64))
    """Hash of the form's own key: the same form sent twice is thanked twice, and counts once."""
    note_id: Mapped[int | None] = mapped_column(Integer)
    salt: Mapped[str | None] = mapped_column(String(32), default=new_salt)

    def is_open(self, now: datetime) -> bool:
        return self.revoked_at is None and self.used_at is None and now < self.expires_at

    def state(self, now: datetime) -> str:
        """``used``, ``revoked``, ``expired`` or ``open``."""
        if self.used_at is not None:
            return "used"
        if self.revoked_at is not None:
            return "revoked"
        return "open" if now < self.expires_at else "expired"


class GuestLink(Base):
    """Which Kanwil a token's hash leads to: the one thing that is read before there is a scope, by the whole hash."""

    __tablename__ = "guest_link"

    token_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    tenant_id: Mapped[int] = mapped_column(Integer, nullable=False)
    invitation_id: Mapped[int] = mapped_column(Integer, nullable=False)
    expires_at: Mapped[datetime] = mapped_column(Instant, nullable=False)


FILES: dict[Any, Any] = {Comment: CommentFile, Note: NoteFile}
