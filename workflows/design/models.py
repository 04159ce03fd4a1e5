"""The tables of the design: a Kanwil's drafts and simulations, the centre's default with its draft.

`NationalDefinition` and `NationalDraft` belong to no Kanwil; every Kanwil reads the first when it publishes.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tenants.base import Base, Instant, JSONText, KanwilOwned, own_args


class DefinitionDraft(KanwilOwned, Base):
    """The one draft that a Kanwil has of a subject's workflow, as it was typed. `version` counts its savings;
    `based_on` is the published version it was begun from, empty where that was the national default."""

    __tablename__ = "definition_draft"
    __table_args__ = own_args(KanwilOwned, UniqueConstraint("tenant_id", "subject_type"))

    subject_type: Mapped[str] = mapped_column(String(50))
    text: Mapped[str] = mapped_column(Text)
    based_on: Mapped[int | None] = mapped_column(Integer)
    version: Mapped[int] = mapped_column(Integer)
    edited_by: Mapped[int] = mapped_column(Integer)
    edited_by_name: Mapped[str] = mapped_column(String(200))
    edited_at: Mapped[datetime] = mapped_column(Instant)


class DefinitionSimulation(KanwilOwned, Base):
    """A definition tried on closed cases: `document` is what was tried, `result` what would have changed.

    `state` is running, done or failed; `done` of `asked` cases were read so far.
    """

    __tablename__ = "definition_simulation"
    __table_args__ = own_args(
        KanwilOwned, Index("ix_definition_simulation_subject", "tenant_id", "subject_type", "id")
    )

    subject_type: Mapped[str] = mapped_column(String(50))
    document: Mapped[dict[str, Any]] = mapped_column(JSONText)
    sha256: Mapped[str] = mapped_column(String(64))
    asked: Mapped[int] = mapped_column(Integer)
    done: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(10))
    result: Mapped[dict[str, Any] | None] = mapped_column(JSONText)
    asked_by: Mapped[int] = mapped_column(Integer)
    asked_by_name: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(Instant)
    finished_at: Mapped[datetime | None] = mapped_column(Instant)


class NationalDefinition(Base):
    """One version of the national default of a subject; the highest is in force. `locked` are the keys of the stages
    that no Kanwil may drop or weaken. Immutable once published."""

    __tablename__ = "national_definition"
    __table_args__ = (UniqueConstraint("subject_type", "version"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    subject_type: Mapped[str] = mapped_column(String(50))
    version: Mapped[int] = mapped_column(Integer)
    document: Mapped[dict[str, Any]] = mapped_column(JSONText)
    sha256: Mapped[str] = mapped_column(String(64))
    locked: Mapped[list[str]] = mapped_column(JSONText)
    note: Mapped[str] = mapped_column(String(500))
    published_at: Mapped[datetime] = mapped_column(Instant)
    published_by: Mapped[int] = mapped_column(Integer)
    published_by_name: Mapped[str] = mapped_column(String(200))


class NationalDraft(Base):
    """The centre's draft of a subject's default, with the stages it means to lock."""

    __tablename__ = "national_draft"

    subject_type: Mapped[str] = mapped_column(String(50), primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    locked: Mapped[list[str]] = mapped_column(JSONText)
    based_on: Mapped[int | None] = mapped_column(Integer)
    version: Mapped[int] = mapped_column(Integer)
    edited_by: Mapped[int] = mapped_column(Integer)
    edited_by_name: Mapped[str] = mapped_column(String(200))
    edited_at: Mapped[datetime] = mapped_column(Instant)
