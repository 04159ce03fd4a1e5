"""The tables of partners: the party, each agreement with it, and which reminder of an agreement's end went out."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Boolean, Date, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tenants.base import Base, Instant, KanwilOwned, TenantShared, own_args, own_key


class Partner(TenantShared, Base):
    """An agency or a private party. `agreed_until` repeats the last day of its longest agreement in force, for
    lists; None where there is none."""

    __tablename__ = "partner"
    __table_args__ = own_args(
        TenantShared,
        UniqueConstraint("tenant_id", "name"),
        Index("ix_partner_until", "tenant_id", "agreed_until", "id"),
    )

    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(20))
    contact: Mapped[str] = mapped_column(String(160), default="")
    phone: Mapped[str] = mapped_column(String(60), default="")
    email: Mapped[str] = mapped_column(String(120), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    """Whether new products and trainings may name it; old ones go on naming it."""
    agreed_from: Mapped[date | None] = mapped_column(Date)
    agreed_until: Mapped[date | None] = mapped_column(Date)
    created_by: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(Instant)
    updated_at: Mapped[datetime] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(Integer, default=1)


class Agreement(TenantShared, Base):
    """What was agreed with a partner: number, days, scope, and the signed paper. Ended early: `ended_on`."""

    __tablename__ = "partner_agreement"
    __table_args__ = own_args(
        TenantShared,
        own_key("partner_id", "partner"),
        UniqueConstraint("tenant_id", "partner_id", "number"),
        Index("ix_agreement_until", "tenant_id", "until_on", "id"),
    )

    partner_id: Mapped[int] = mapped_column(Integer)
    number: Mapped[str] = mapped_column(String(120))
    scope: Mapped[str] = mapped_column(Text)
    from_on: Mapped[date] = mapped_column(Date)
    until_on: Mapped[date] = mapped_column(Date)
    file_sha256: Mapped[str | None] = mapped_column(String(64))
    file_name: Mapped[str | None] = mapped_column(String(120))
    file_kind: Mapped[str | None] = mapped_column(String(8))
    ended_on: Mapped[date | None] = mapped_column(Date)
    ended_why: Mapped[str] = mapped_column(String(500), default="")
    recorded_by: Mapped[int] = mapped_column(Integer)
    recorded_by_name: Mapped[str] = mapped_column(String(130))
    recorded_at: Mapped[datetime] = mapped_column(Instant)

    @property
    def name(self) -> str:
        """The name under which its paper is saved."""
        return self.file_name or "perjanjian"

    @property
    def last_on(self) -> date:
        """The last day on which it holds."""
        return min(self.until_on, self.ended_on) if self.ended_on else self.until_on

    def holds_on(self, day: date) -> bool:
        """Whether it is in force on that day."""
        return self.from_on <= day <= self.last_on


class AgreementReminder(KanwilOwned, Base):
    """The end of an agreement was told of: `step` is 90, 30, 7 or 0 days before, `until_on` the end that was meant."""

    __tablename__ = "agreement_reminder"
    __table_args__ = own_args(
        KanwilOwned,
        own_key("agreement_id", "partner_agreement"),
        UniqueConstraint("tenant_id", "agreement_id", "until_on", "step"),
    )

    agreement_id: Mapped[int] = mapped_column(Integer)
    until_on: Mapped[date] = mapped_column(Date)
    step: Mapped[int] = mapped_column(Integer)
    told_at: Mapped[datetime] = mapped_column(Instant)
