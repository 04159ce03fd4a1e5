"""The table of minutes: one row for each head of a case over which minutes were asked for."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tenants import clock
from tenants.base import Base, Instant, UptOwned, own_args, own_key

PATIENCE: Final = timedelta(minutes=5)
"""After this minutes that were asked for and did not come may be asked for again."""


class Minutes(UptOwned, Base):
    """The minutes of a case as its chain stood at `head`. Signed once `issued_at` is set; asked for again while the
    chain stands there, the same row answers."""

    __tablename__ = "minutes"
    upt_optional = True
    __table_args__ = own_args(
        UptOwned,
        own_key("case_id", "case_file"),
        UniqueConstraint("tenant_id", "case_id", "head"),
        UniqueConstraint("tenant_id", "number"),
    )

    case_id: Mapped[int] = mapped_column(Integer)
    title: Mapped[str] = mapped_column(String(300))
    seq: Mapped[int] = mapped_column(Integer)
    head: Mapped[str] = mapped_column(String(64))
    case_sha256: Mapped[str] = mapped_column(String(64))
    """The frozen case file (`kasus.json`) in the store."""
    number: Mapped[str] = mapped_column(String(160))
    attempt: Mapped[int] = mapped_column(Integer)
    asked_by: Mapped[int] = mapped_column(Integer)
    asked_at: Mapped[datetime] = mapped_column(Instant)
    problem: Mapped[str | None] = mapped_column(Text)
    """Why the last rendering or signing did not succeed, for people."""
    code: Mapped[str | None] = mapped_column(String(24))
    signed_sha256: Mapped[str | None] = mapped_column(String(64))
    signer_name: Mapped[str | None] = mapped_column(String(200))
    signer_office: Mapped[str | None] = mapped_column(String(200))
    issued_at: Mapped[datetime | None] = mapped_column(Instant)

    archived_sha256: Mapped[str | None] = mapped_column(String(64))
    archived_at: Mapped[datetime | None] = mapped_column(Instant)
    restamp_at: Mapped[datetime | None] = mapped_column(Instant)
    """When the signed file needs its next time stamp of the archive (`archiving`)."""

    @property
    def file_sha256(self) -> str | None:
        """The newest version of the signed file."""
        return self.archived_sha256 or self.signed_sha256

    @property
    def is_working(self) -> bool:
        """Whether it is still being rendered and signed; what did not come within `PATIENCE` does not come."""
        return self.issued_at is None and self.problem is None and clock.now() - self.asked_at < PATIENCE
