"""The tables of what follows a delivered recap."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, Date, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tenants.base import Base, Instant, KanwilOwned, own_args, own_key

OPEN, DONE, WITHDRAWN = "open", "done", "withdrawn"


class Instructed:
    """What every disposition says, whoever it is for. Written once; afterwards only finished or withdrawn."""

    recap_id: Mapped[int] = mapped_column(Integer)
    instruction: Mapped[str] = mapped_column(Text)
    to_name: Mapped[str] = mapped_column(String(200))
    due_on: Mapped[date | None] = mapped_column(Date)
    state: Mapped[str] = mapped_column(String(12), default=OPEN)
    """``open``, ``done`` or ``withdrawn``."""
    given_by: Mapped[int] = mapped_column(Integer)
    given_by_name: Mapped[str] = mapped_column(String(200))
    given_at: Mapped[datetime] = mapped_column(Instant)
    done_by: Mapped[int | None] = mapped_column(Integer)
    done_by_name: Mapped[str | None] = mapped_column(String(200))
    done_note: Mapped[str | None] = mapped_column(Text)
    """What was done, in the words of who did it; or why it was withdrawn."""
    done_at: Mapped[datetime | None] = mapped_column(Instant)


class Disposition(Instructed, KanwilOwned, Base):
    """The Dirjen's instruction to a Kanwil."""

    __tablename__ = "disposition"
    __table_args__ = own_args(
        KanwilOwned,
        own_key("recap_id", "recap"),
        Index("ix_disposition_state", "tenant_id", "state", "id"),
        Index("ix_disposition_recap", "recap_id"),
        Index("ix_disposition_open", "state", "id"),
    )


class CentreDisposition(Instructed, Base):
    """The Dirjen's instruction to an officer of the centre. No tenant's row: it is read by the Dirjen and by whom it
    names."""

    __tablename__ = "centre_disposition"
    __table_args__ = (
        Index("ix_centre_disposition_to", "to_officer_id", "state", "id"),
        Index("ix_centre_disposition_recap", "recap_id"),
        Index("ix_centre_disposition_state", "state", "id"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    kanwil_id: Mapped[int] = mapped_column(Integer, ForeignKey("kanwil.id"))
    to_officer_id: Mapped[int] = mapped_column(Integer)
    about: Mapped[str] = mapped_column(String(300))
    """What the recap is called: "Maret 2024, Kanwil Banten"."""


class RecapText(KanwilOwned, Base):
    """The words by which the archive finds a signed recap. A search index stands over it (`recaps.ddl`)."""

    __tablename__ = "recap_text"
    __table_args__ = own_args(
        KanwilOwned, own_key("recap_id", "recap"), UniqueConstraint("tenant_id", "recap_id")
    )

    recap_id: Mapped[int] = mapped_column(Integer)
    search: Mapped[str] = mapped_column(Text)
    """Plain words in lower case, a space before each."""


class Bundled:
    """A year's signed recaps as one ZIP on its way: running -> done or failed; ``expired`` once its file is gone."""

    year: Mapped[int] = mapped_column(Integer)
    title: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(10), default="running")
    files_total: Mapped[int] = mapped_column(Integer, default=0)
    files_done: Mapped[int] = mapped_column(Integer, default=0)
    size_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    sha256: Mapped[str | None] = mapped_column(String(64))
    problem: Mapped[str | None] = mapped_column(Text)
    asked_by: Mapped[int] = mapped_column(Integer)
    asked_by_name: Mapped[str] = mapped_column(String(200))
    asked_by_office: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(Instant)
    finished_at: Mapped[datetime | None] = mapped_column(Instant)


class RecapBundle(Bundled, Base):
    """What the centre asked for; no tenant's row."""

    __tablename__ = "recap_bundle"
    __table_args__ = (Index("ix_recap_bundle_state", "state", "finished_at"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    kanwil_id: Mapped[int | None] = mapped_column(Integer, ForeignKey("kanwil.id"))
    """The one Kanwil that it is of; None for all of them."""


class KanwilBundle(Bundled, KanwilOwned, Base):
    """What a Kanwil asked for of its own."""

    __tablename__ = "kanwil_bundle"
    __table_args__ = own_args(
        KanwilOwned, Index("ix_kanwil_bundle_state", "tenant_id", "state", "finished_at")
    )
