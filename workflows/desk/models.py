"""The tables of the desk: holds on cases, views that officers keep, who looks at a case, runs of many verdicts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tenants.base import Base, Instant, JSONText, TenantShared, UptOwned, own_args, own_key

CLAIM, ASSIGNED = "claim", "assigned"


class CaseHold(UptOwned, Base):
    """One seat of a stage of a case in one officer's hands: taken by himself for a while, or given by the Kadiv.

    It counts only while its case is open at `step_no`, its holder has not voted there and `until_at` (empty for what
    was given) lies ahead: a decision ends it without touching it. What is left behind is swept away.
    """

    __tablename__ = "case_hold"
    upt_optional = True
    __table_args__ = own_args(
        UptOwned,
        own_key("case_id", "case_file"),
        UniqueConstraint("tenant_id", "case_id", "stage_key", "officer_id"),
        Index("ix_case_hold_officer", "tenant_id", "officer_id", "id"),
    )

    case_id: Mapped[int] = mapped_column(Integer)
    stage_key: Mapped[str] = mapped_column(String(50))
    step_no: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(10))
    officer_id: Mapped[int] = mapped_column(Integer)
    officer_name: Mapped[str] = mapped_column(String(200))
    until_at: Mapped[datetime | None] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant)


class SavedView(TenantShared, Base):
    """Filters of the inbox under a name. Its officer's alone: every query names him."""

    __tablename__ = "saved_view"
    __table_args__ = own_args(TenantShared, UniqueConstraint("tenant_id", "officer_id", "name"))

    officer_id: Mapped[int] = mapped_column(Integer)
    name: Mapped[str] = mapped_column(String(60))
    query: Mapped[str] = mapped_column(String(400))
    is_default: Mapped[bool] = mapped_column(Boolean)
    created_at: Mapped[datetime] = mapped_column(Instant)


class CaseViewer(TenantShared, Base):
    """An officer of the Kanwil who has a case before him, as his page last told. Not audited; swept away."""

    __tablename__ = "case_viewer"
    __table_args__ = own_args(
        TenantShared,
        own_key("case_id", "case_file"),
        UniqueConstraint("tenant_id", "case_id", "officer_id"),
        Index("ix_case_viewer_seen", "tenant_id", "seen_at"),
    )

    case_id: Mapped[int] = mapped_column(Integer)
    officer_id: Mapped[int] = mapped_column(Integer)
    officer_name: Mapped[str] = mapped_column(String(200))
    office: Mapped[str] = mapped_column(String(160))
    seen_at: Mapped[datetime] = mapped_column(Instant)


class BulkRun(UptOwned, Base):
    """One verdict said of many cases, and what came of each. Its officer's alone.

    `asked` is what was said: outcome, comment, requests, and the items with their checklists; `results` is one entry
    an item, in order, as far as it is carried out.
    """

    __tablename__ = "bulk_run"
    upt_optional = True
    __table_args__ = own_args(UptOwned, Index("ix_bulk_run_officer", "tenant_id", "officer_id", "id"))

    officer_id: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(10))
    total: Mapped[int] = mapped_column(Integer)
    asked: Mapped[dict[str, Any]] = mapped_column(JSONText)
    results: Mapped[list[dict[str, Any]]] = mapped_column(JSONText)
    created_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
