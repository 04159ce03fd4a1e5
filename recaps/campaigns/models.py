"""The tables of signed campaign papers: a Kanwil's report and its UPT's certificates, and the country's report."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tenants import clock
from tenants.base import Base, Instant, UptOwned, own_args

PATIENCE: Final = timedelta(minutes=5)
"""After this a paper that was asked for and did not come may be asked for again."""
REPORT, CERTIFICATE = "report", "certificate"


class Signed:
    """What every paper is: frozen when it is asked for, then printed and signed by a job."""

    paper_sha256: Mapped[str] = mapped_column(String(64))
    """What it says (`kampanye.json`), in the store."""
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

    @property
    def is_working(self) -> bool:
        """Whether it is still being rendered and signed; what did not come within `PATIENCE` does not come."""
        return self.issued_at is None and self.problem is None and clock.now() - self.asked_at < PATIENCE


class CampaignPaper(Signed, UptOwned, Base):
    """A Kanwil's report on its part in a campaign (no UPT), or a UPT's certificate. One of each, asked again if it
    failed."""

    __tablename__ = "campaign_paper"
    upt_optional = True
    __table_args__ = own_args(
        UptOwned,
        UniqueConstraint("tenant_id", "number"),
        Index("ix_campaign_paper_campaign", "tenant_id", "campaign_id", "kind", "upt_id"),
    )

    campaign_id: Mapped[int] = mapped_column(Integer, ForeignKey("campaign.id"))
    kind: Mapped[str] = mapped_column(String(12))
    """``report`` or ``certificate``."""
    archived_sha256: Mapped[str | None] = mapped_column(String(64))
    archived_at: Mapped[datetime | None] = mapped_column(Instant)
    restamp_at: Mapped[datetime | None] = mapped_column(Instant)
    """When the signed file needs its next time stamp of the archive (`archiving`)."""

    @property
    def file_sha256(self) -> str | None:
        """The newest version of the signed file."""
        return self.archived_sha256 or self.signed_sha256


class NationalCampaignPaper(Signed, Base):
    """The report of the country on one of its campaigns. No tenant's row."""

    __tablename__ = "national_campaign_paper"
    __table_args__ = (UniqueConstraint("campaign_id"), UniqueConstraint("number"))

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    campaign_id: Mapped[int] = mapped_column(Integer, ForeignKey("campaign.id"))

    @property
    def file_sha256(self) -> str | None:
        return self.signed_sha256
