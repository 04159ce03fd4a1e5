"""The tables of the approval: definitions, cases, decisions, the audit chain, the calendar, notices.

A decision and an audit event are never changed: `audit.ddl` gives the triggers that refuse it on both
databases. One decision a stage of a case, and one open case a subject, are unique keys: the database holds
what the rules promise.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    Date,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from tenants.base import Base, Instant, JSONText, TenantShared, UptOwned, own_args, own_key

OPEN = "open"
CLOSED = ("returned", "approved", "rejected", "withdrawn")


class DefinitionVersion(TenantShared, Base):
    """One published version of a Kanwil's workflow for a kind of subject. Immutable; the highest version is
    in force."""

    __tablename__ = "definition_version"
    __table_args__ = own_args(TenantShared, UniqueConstraint("tenant_id", "subject_type", "version"))

    subject_type: Mapped[str] = mapped_column(String(50))
    version: Mapped[int] = mapped_column(Integer)
    document: Mapped[dict[str, Any]] = mapped_column(JSONText)
    sha256: Mapped[str] = mapped_column(String(64))
    published_at: Mapped[datetime] = mapped_column(Instant)
    published_by_name: Mapped[str | None] = mapped_column(String(200))


class Case(UptOwned, Base):
    """One revision of one subject on its way. `stage_key`, `stage_role` and `due_at` are empty once it is closed.

    `stage_key` is the key of the open step; while several seats are open at once (`CaseSeat`), `stage_role` is
    empty. `stage_no` is the number of the decision that comes next, `step_no` that of the open step's first.
    `remind_at` is when its role is next reminded.
    """

    __tablename__ = "case_file"
    upt_optional = True
    __table_args__ = own_args(
        UptOwned,
        own_key("definition_id", "definition_version"),
        own_key("previous_case_id", "case_file"),
        # The inbox of a role, of the whole Kanwil, of one UPT: each keyset page is one range of one of these for the
        # urgent, and one for the rest.
        Index("ix_case_file_role_due", "tenant_id", "stage_role", "urgent", "due_at", "id"),
        Index("ix_case_file_role_facet_due", "tenant_id", "stage_role", "facet", "urgent", "due_at", "id"),
        Index("ix_case_file_role_again_due", "tenant_id", "stage_role", "again", "urgent", "due_at", "id"),
        Index("ix_case_file_state_due", "tenant_id", "state", "due_at", "id"),
        Index("ix_case_file_state_urgent_due", "tenant_id", "state", "urgent", "due_at", "id"),
        Index("ix_case_file_stage_due", "tenant_id", "stage_key", "urgent", "due_at", "id"),
        Index("ix_case_file_role_submitted", "tenant_id", "stage_role", "urgent", "submitted_at", "id"),
        Index("ix_case_file_state_submitted", "tenant_id", "state", "urgent", "submitted_at", "id"),
        Index("ix_case_file_upt_due", "tenant_id", "upt_id", "state", "urgent", "due_at", "id"),
        Index("ix_case_file_remind", "tenant_id", "remind_at", "id"),
        Index("ix_case_file_subject", "tenant_id", "subject_type", "subject_id", "id"),
        # The report (`workflows.sight`) counts what waits, what ended, what came back from these indexes alone.
        Index(
            "ix_case_file_waiting",
            *("tenant_id", "subject_type", "stage_key", "due_at", "id", "upt_id", "stage_role"),
            sqlite_where=text("stage_key IS NOT NULL"),
            postgresql_where=text("stage_key IS NOT NULL"),
        ),
        Index(
            "ix_case_file_ended",
            *("tenant_id", "subject_type", "closed_at", "id", "state", "upt_id"),
            *("office_days", "office_calendar_days"),
            sqlite_where=text("closed_at IS NOT NULL"),
            postgresql_where=text("closed_at IS NOT NULL"),
        ),
        Index(
            "ix_case_file_revised",
            *("tenant_id", "subject_type", "submitted_at", "upt_id", "upt_days", "upt_calendar_days"),
            sqlite_where=text("upt_days IS NOT NULL"),
            postgresql_where=text("upt_days IS NOT NULL"),
        ),
        Index(
            "uq_case_file_one_open",
            "tenant_id",
            "subject_type",
            "subject_id",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
    )

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805
        # An UPDATE names the version it saw: when somebody came first it finds no row. The use cases count.
        return {"version_id_col": cls.__table__.c.version, "version_id_generator": False}

    subject_type: Mapped[str] = mapped_column(String(50))
    subject_id: Mapped[int] = mapped_column(Integer)
    revision_no: Mapped[int] = mapped_column(Integer)
    previous_case_id: Mapped[int | None] = mapped_column(Integer)
    definition_id: Mapped[int] = mapped_column(Integer)
    definition_version: Mapped[int] = mapped_column(Integer)
    stage_key: Mapped[str | None] = mapped_column(String(50))
    stage_role: Mapped[str | None] = mapped_column(String(50))
    stage_no: Mapped[int] = mapped_column(Integer)
    step_no: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(20))
    urgent: Mapped[bool] = mapped_column(Boolean, default=False)
    version: Mapped[int] = mapped_column(Integer)
    due_at: Mapped[datetime | None] = mapped_column(Instant)
    due_on: Mapped[date | None] = mapped_column(Date)
    remind_at: Mapped[datetime | None] = mapped_column(Instant)
    escalated_at: Mapped[datetime | None] = mapped_column(Instant)
    title: Mapped[str] = mapped_column(String(300))
    facet: Mapped[str | None] = mapped_column(String(50))
    again: Mapped[bool] = mapped_column(Boolean)
    fields: Mapped[dict[str, Any]] = mapped_column(JSONText)
    answers: Mapped[dict[str, str]] = mapped_column(JSONText)
    # What this revision has to answer for (`workflows.settling`), frozen; empty of cases from before it was kept.
    asked: Mapped[list[dict[str, Any]] | None] = mapped_column(JSONText)
    editor_ids: Mapped[list[int]] = mapped_column(JSONText)
    submitted_by: Mapped[int] = mapped_column(Integer)
    submitted_by_name: Mapped[str] = mapped_column(String(200))
    submitted_at: Mapped[datetime] = mapped_column(Instant)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
    # How long the office had it, set when it ends, and how long the UPT had it back before, set when it begins.
    office_days: Mapped[int | None] = mapped_column(Integer)
    office_calendar_days: Mapped[int | None] = mapped_column(Integer)
    upt_days: Mapped[int | None] = mapped_column(Integer)
    upt_calendar_days: Mapped[int | None] = mapped_column(Integer)
    chain_seq: Mapped[int] = mapped_column(Integer)
    chain_head: Mapped[str] = mapped_column(String(64))

    @property
    def is_open(self) -> bool:
        return self.state == OPEN

    @property
    def chain(self) -> str:
        """The name of the case's audit chain."""
        return f"case:{self.id}"


class CaseSeat(UptOwned, Base):
    """A stage that is open beside others, as the inbox of its role finds it.

    It counts only while its case is open at `step_no`; who may decide follows from the definition and the decisions
    alone. `stage_role` is empty once the stage has its `votes`; `urgent` is that of the case. What a case left behind
    is swept away (`escalation`).
    """

    __tablename__ = "case_seat"
    upt_optional = True
    __table_args__ = own_args(
        UptOwned,
        own_key("case_id", "case_file"),
        UniqueConstraint("tenant_id", "case_id", "step_no", "stage_key"),
        Index("ix_case_seat_role_due", "tenant_id", "stage_role", "urgent", "due_at", "case_id"),
        Index("ix_case_seat_remind", "tenant_id", "remind_at", "id"),
        Index("ix_case_seat_role_submitted", "tenant_id", "stage_role", "urgent", "submitted_at", "case_id"),
    )

    case_id: Mapped[int] = mapped_column(Integer)
    step_no: Mapped[int] = mapped_column(Integer)
    stage_key: Mapped[str] = mapped_column(String(50))
    stage_role: Mapped[str | None] = mapped_column(String(50))
    votes: Mapped[int] = mapped_column(Integer, default=1)
    due_at: Mapped[datetime] = mapped_column(Instant)
    due_on: Mapped[date] = mapped_column(Date)
    urgent: Mapped[bool] = mapped_column(Boolean, default=False)
    submitted_at: Mapped[datetime] = mapped_column(Instant)
    remind_at: Mapped[datetime | None] = mapped_column(Instant)
    escalated_at: Mapped[datetime | None] = mapped_column(Instant)


class Decision(UptOwned, Base):
    """One officer's verdict on one stage of a case. Never changed.

    `acting_as` is the office as it reads ("Plh. Pemantau"); a substitute's decision names the letter that made him
    one and, where there is one, the officer he stands in for.
    """

    __tablename__ = "decision"
    upt_optional = True
    __table_args__ = own_args(
        UptOwned,
        own_key("case_id", "case_file"),
        UniqueConstraint("tenant_id", "case_id", "stage_no"),
        UniqueConstraint("tenant_id", "case_id", "officer_id", "key"),
        Index("ix_decision_officer", "tenant_id", "officer_id", "decided_at"),
        # The report (`workflows.sight`): counted from the index alone.
        Index(
            "ix_decision_sight",
            *(
                "tenant_id",
                "subject_type",
                "decided_at",
                "id",
                "stage_key",
                "outcome",
                "upt_id",
                "officer_id",
            ),
            *("due_at", "waited_days"),
        ),
        Index(
            "ix_decision_asked",
            *("tenant_id", "subject_type", "decided_at", "id", "stage_key", "upt_id", "asked"),
            sqlite_where=text("asked IS NOT NULL"),
            postgresql_where=text("asked IS NOT NULL"),
        ),
    )

    case_id: Mapped[int] = mapped_column(Integer)
    stage_no: Mapped[int] = mapped_column(Integer)
    stage_key: Mapped[str] = mapped_column(String(50))
    outcome: Mapped[str] = mapped_column(String(20))
    officer_id: Mapped[int] = mapped_column(Integer)
    officer_name: Mapped[str] = mapped_column(String(200))
    acting_as: Mapped[str] = mapped_column(String(120))
    on_behalf_of: Mapped[int | None] = mapped_column(Integer)
    letter_number: Mapped[str | None] = mapped_column(String(120))
    checklist: Mapped[dict[str, Any]] = mapped_column(JSONText)
    comment: Mapped[str] = mapped_column(Text)
    requests: Mapped[list[dict[str, str]]] = mapped_column(JSONText)
    settled: Mapped[list[str] | None] = mapped_column(JSONText)
    key: Mapped[str] = mapped_column(String(200))
    decided_at: Mapped[datetime] = mapped_column(Instant)
    # What the report counts by (`workflows.sight.durations`): the deadline that held, working days at this stage,
    # the fields that a return asks to change ("name price_rupiah").
    subject_type: Mapped[str | None] = mapped_column(String(50))
    due_at: Mapped[datetime | None] = mapped_column(Instant)
    waited_days: Mapped[int | None] = mapped_column(Integer)
    asked: Mapped[str | None] = mapped_column(String(500))


class AuditEvent(UptOwned, Base):
    """One link of a chain: what happened, in canonical JSON, and the hash over it and the link before. Never
    changed."""

    __tablename__ = "audit_event"
    upt_optional = True
    __table_args__ = own_args(
        UptOwned,
        UniqueConstraint("tenant_id", "chain", "seq"),
        Index("ix_audit_event_at", "tenant_id", "at", "chain", "seq"),
    )

    chain: Mapped[str] = mapped_column(String(60))
    seq: Mapped[int] = mapped_column(Integer)
    prev_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(Instant)
    officer_id: Mapped[int | None] = mapped_column(Integer)
    action: Mapped[str] = mapped_column(String(60))
    payload: Mapped[str] = mapped_column(Text)


class AuditChain(TenantShared, Base):
    """The head of a chain that has no case to keep it: sign-ins, imports, settings of a Kanwil."""

    __tablename__ = "audit_chain"
    __table_args__ = own_args(TenantShared, UniqueConstraint("tenant_id", "chain"))

    chain: Mapped[str] = mapped_column(String(60))
    seq: Mapped[int] = mapped_column(Integer)
    head: Mapped[str] = mapped_column(String(64))


class Holiday(Base):
    """A day off of the whole country: ``national`` or ``collective_leave``. Kept by the centre; belongs to no
    Kanwil."""

    __tablename__ = "holiday"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(120))


class Closure(TenantShared, Base):
    """A day on which this Kanwil alone does not work."""

    __tablename__ = "closure"
    __table_args__ = own_args(TenantShared, UniqueConstraint("tenant_id", "day"))

    day: Mapped[date] = mapped_column(Date)
    reason: Mapped[str] = mapped_column(String(200))


class Notice(TenantShared, Base):
    """A message to one officer, or to everyone of a role (of one UPT, where set). `mailed_at`: left by mail.

    Who read it is a `NoticeRead` of his own. `read_at` is of the time before those, when one reader's mark was
    everybody's: such a notice stays read; nothing writes it any more.
    """

    __tablename__ = "notice"
    __table_args__ = own_args(
        TenantShared,
        ForeignKeyConstraint(["tenant_id", "to_upt_id"], ["upt.tenant_id", "upt.id"]),
        Index("ix_notice_officer", "tenant_id", "to_officer_id", "id"),
        Index("ix_notice_role", "tenant_id", "to_role", "id"),
        Index("ix_notice_unmailed", "tenant_id", "mailed_at", "id"),
    )

    to_officer_id: Mapped[int | None] = mapped_column(Integer)
    to_role: Mapped[str | None] = mapped_column(String(50))
    to_upt_id: Mapped[int | None] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(50))
    title: Mapped[str] = mapped_column(String(300))
    body: Mapped[str] = mapped_column(Text)
    # What title and body are made of (`tenants.said`), to say them in another language; empty of notices from before.
    said: Mapped[dict[str, Any] | None] = mapped_column(JSONText)
    link: Mapped[str] = mapped_column(String(300))
    created_at: Mapped[datetime] = mapped_column(Instant)
    read_at: Mapped[datetime | None] = mapped_column(Instant)
    mailed_at: Mapped[datetime | None] = mapped_column(Instant)


class NoticeRead(TenantShared, Base):
    """An officer read a notice."""

    __tablename__ = "notice_read"
    __table_args__ = own_args(
        TenantShared,
        own_key("notice_id", "notice"),
        UniqueConstraint("tenant_id", "officer_id", "notice_id"),
    )

    officer_id: Mapped[int] = mapped_column(Integer)
    notice_id: Mapped[int] = mapped_column(Integer)
    read_at: Mapped[datetime] = mapped_column(Instant)


class NoticeMark(TenantShared, Base):
    """Up to which notice an officer has read everything: his "semua dibaca" is one row, and what he is to be told is
    looked for above it."""

    __tablename__ = "notice_mark"
    __table_args__ = own_args(TenantShared, UniqueConstraint("tenant_id", "officer_id"))

    officer_id: Mapped[int] = mapped_column(Integer)
    until_notice_id: Mapped[int] = mapped_column(Integer)
    at: Mapped[datetime] = mapped_column(Instant)


class NoticeChoice(TenantShared, Base):
    """How an officer wants one kind of notice: by mail at once (``each``), in the daily digest, or not (``none``); and
    whether the app shows it. No row: as `choices.usual` says."""

    __tablename__ = "notice_choice"
    __table_args__ = own_args(TenantShared, UniqueConstraint("tenant_id", "officer_id", "kind"))

    officer_id: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(50))
    mail: Mapped[str] = mapped_column(String(10))
    in_app: Mapped[bool] = mapped_column(Boolean)


class NoticeDigest(TenantShared, Base):
    """The digest that an officer got on a day: the newest notice that it told of."""

    __tablename__ = "notice_digest"
    __table_args__ = own_args(TenantShared, UniqueConstraint("tenant_id", "officer_id", "day"))

    officer_id: Mapped[int] = mapped_column(Integer)
    day: Mapped[date] = mapped_column(Date)
    until_notice_id: Mapped[int] = mapped_column(Integer)
    sent_at: Mapped[datetime] = mapped_column(Instant)
