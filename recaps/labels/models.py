"""The table of label runs."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from tenants import clock
from tenants.base import Base, Instant, JSONText, UptOwned, own_args

PATIENCE: Final = timedelta(minutes=5)


class LabelRun(UptOwned, Base):
    """Labels that somebody asked for: what each says is frozen in `content`; a job prints it."""

    __tablename__ = "label_run"
    __table_args__ = own_args(UptOwned, Index("ix_label_run_recent", "tenant_id", "upt_id", "id"))

    title: Mapped[str] = mapped_column(String(200))
    content: Mapped[Any] = mapped_column(JSONText)
    """What is printed, frozen (`catalogue.labels.content`)."""
    labels: Mapped[int] = mapped_column(Integer)
    """How many are printed."""
    pages: Mapped[int] = mapped_column(Integer)
    attempt: Mapped[int] = mapped_column(Integer)
    asked_by: Mapped[int] = mapped_column(Integer)
    asked_by_name: Mapped[str] = mapped_column(String(160))
    asked_at: Mapped[datetime] = mapped_column(Instant)
    problem: Mapped[str | None] = mapped_column(Text)
    sha256: Mapped[str | None] = mapped_column(String(64))
    printed_at: Mapped[datetime | None] = mapped_column(Instant)

    @property
    def is_working(self) -> bool:
        return self.printed_at is None and self.problem is None and clock.now() - self.asked_at < PATIENCE
