"""The tables of trainings: the course and its sessions, and, in the UPT's reach alone, who takes part and was there."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Date, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tenants.base import Base, Instant, UptOwned, UptPrivate, own_args, own_key

OPEN, CLOSED = "open", "closed"


class Training(UptOwned, Base):
    """A course. The counts repeat what its rows say, changed in the same transaction: they stay when persons are
    erased."""

    __tablename__ = "training"
    __table_args__ = own_args(
        UptOwned,
        own_key("partner_id", "partner"),
        Index("ix_training_upt", "tenant_id", "upt_id", "from_on", "id"),
        Index("ix_training_from", "tenant_id", "from_on", "id"),
        Index("ix_training_partner", "tenant_id", "partner_id", "id"),
    )

    title: Mapped[str] = mapped_column(String(150))
    skill: Mapped[str] = mapped_column(String(60))
    """What a certificate says that its holder can do; the public reads it there."""
    partner_id: Mapped[int | None] = mapped_column(Integer)
    instructor: Mapped[str] = mapped_column(String(150))
    place: Mapped[str] = mapped_column(String(150), default="")
    from_on: Mapped[date] = mapped_column(Date)
    until_on: Mapped[date] = mapped_column(Date)
    hours: Mapped[int] = mapped_column(Integer)
    """Hours that are planned; attendance is held against them."""
    least_share: Mapped[int] = mapped_column(Integer, default=80)
    """Percent of the hours that somebody must have been there to pass."""
    state: Mapped[str] = mapped_column(String(8), default=OPEN)
    sessions: Mapped[int] = mapped_column(Integer, default=0)
    session_hours: Mapped[int] = mapped_column(Integer, default=0)
    participants: Mapped[int] = mapped_column(Integer, default=0)
    passed: Mapped[int] = mapped_column(Integer, default=0)
    attended_hours: Mapped[int] = mapped_column(Integer, default=0)
    certificates: Mapped[int] = mapped_column(Integer, default=0)
    created_by: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(Instant)
    updated_at: Mapped[datetime] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(Integer, default=1)

    @property
    def is_open(self) -> bool:
        return self.state == OPEN


class TrainingSession(UptOwned, Base):
    """One meeting of a training, and how many were there."""

    __tablename__ = "training_session"
    __table_args__ = own_args(
        UptOwned,
        own_key("training_id", "training"),
        Index("ix_training_session", "tenant_id", "training_id", "held_on", "id"),
    )

    training_id: Mapped[int] = mapped_column(Integer)
    held_on: Mapped[date] = mapped_column(Date)
    hours: Mapped[int] = mapped_column(Integer)
    topic: Mapped[str] = mapped_column(String(200), default="")
    present: Mapped[int] = mapped_column(Integer, default=0)


class Trainee(UptPrivate, Base):
    """A person in a training; `hours` repeats what the sessions say that he was at."""

    __tablename__ = "trainee"
    __table_args__ = own_args(
        UptPrivate,
        own_key("training_id", "training"),
        own_key("person_id", "person"),
        UniqueConstraint("tenant_id", "training_id", "person_id"),
        Index("ix_trainee_person", "tenant_id", "person_id", "id"),
    )

    training_id: Mapped[int] = mapped_column(Integer)
    person_id: Mapped[int] = mapped_column(Integer)
    hours: Mapped[int] = mapped_column(Integer, default=0)
    outcome: Mapped[str | None] = mapped_column(String(8))
    """``passed`` or ``failed`` once the training is closed."""
    added_at: Mapped[datetime] = mapped_column(Instant)


class Attendance(UptPrivate, Base):
    """A trainee was at a session."""

    __tablename__ = "attendance"
    __table_args__ = own_args(
        UptPrivate,
        own_key("session_id", "training_session"),
        own_key("trainee_id", "trainee"),
        UniqueConstraint("tenant_id", "session_id", "trainee_id"),
        Index("ix_attendance_trainee", "tenant_id", "trainee_id"),
    )

    session_id: Mapped[int] = mapped_column(Integer)
    trainee_id: Mapped[int] = mapped_column(Integer)
    marked_at: Mapped[datetime] = mapped_column(Instant)
