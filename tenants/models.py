"""Tables: Kanwil, UPT, the public directory of both, officers, settings of a Kanwil."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from flask_appbuilder.security.sqla.models import Role as Role
from flask_appbuilder.security.sqla.models import User, assoc_user_role
from sqlalchemy import (
    Boolean,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column

from tenants.base import Base, Instant, JSONText, TenantShared, own_args

officer_roles = assoc_user_role
"""Which officer holds which role."""


class Kanwil(Base):
    """A regional office: the tenant. Its names are data with a valid-from date, never text in a template."""

    __tablename__ = "kanwil"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True, nullable=False)
    name_kemenkumham: Mapped[str] = mapped_column(String(200), nullable=False)
    name_ditjenpas: Mapped[str] = mapped_column(String(200), nullable=False)
    province: Mapped[str] = mapped_column(String(80), nullable=False)
    capital: Mapped[str] = mapped_column(String(80), nullable=False)
    timezone: Mapped[str] = mapped_column(String(40), nullable=False)
    state: Mapped[str] = mapped_column(String(12), nullable=False, default="active")
    """``active`` or ``suspended``: nobody of a suspended Kanwil signs in, nothing of it is published."""

    @property
    def short_name(self) -> str:
        return f"Kanwil {self.province}"


NAMED_DITJENPAS_FROM = date(2024, 11, 5)
"""From this day the office stands under Kementerian Imigrasi dan Pemasyarakatan (Perpres 157/2024)."""


def office_name(kanwil: Kanwil, on: date) -> str:
    """The office's full name on a given day."""
    return kanwil.name_kemenkumham if on < NAMED_DITJENPAS_FROM else kanwil.name_ditjenpas


def ministry_name(on: date) -> str:
    """The ministry over the office on a given day."""
    if on < NAMED_DITJENPAS_FROM:
        return "Kementerian Hukum dan Hak Asasi Manusia Republik Indonesia"
    return "Kementerian Imigrasi dan Pemasyarakatan Republik Indonesia"


SUBJECT_PATTERN = "Rekapitulasi produk hasil karya warga binaan {period}"


class KanwilSettings(TenantShared, Base):
    """What a Kanwil sets for itself: letterhead, number pattern, price band."""

    __tablename__ = "kanwil_settings"
    __table_args__ = own_args(TenantShared, UniqueConstraint("tenant_id"))

    address: Mapped[str] = mapped_column(String(300), nullable=False, default="")
    phone: Mapped[str] = mapped_column(String(60), nullable=False, default="")
    email: Mapped[str] = mapped_column(String(120), nullable=False, default="")
    emblem_sha256: Mapped[str | None] = mapped_column(String(64))
    number_pattern: Mapped[str] = mapped_column(
        String(120), nullable=False, default="W.{kanwil}-PAS-{seq}.OT.02.02 Tahun {year}"
    )
    """Letter number; ``{seq}``, ``{year}`` and ``{kanwil}`` are filled in when signed."""
    price_band: Mapped[int] = mapped_column(Integer, nullable=False, default=25)
    """Percent above or below the median of like products inside which a price needs no reason."""
    inspection_months: Mapped[int] = mapped_column(Integer, nullable=False, default=6, server_default="6")
    """Months after which a published product is inspected again."""
    person_years: Mapped[int] = mapped_column(Integer, nullable=False, default=5, server_default="5")
    """Years after a person's release, or his last participation, after which his record is erased."""
    copies: Mapped[Any] = mapped_column(JSONText, nullable=False, default=list)
    """Tembusan: a list of addressees."""
    auto_draft: Mapped[bool] = mapped_column(Boolean, nullable=False, default=True, server_default=true())
    """Whether the recap of the month before is drafted by itself on the first working day."""
    auto_draft_longer: Mapped[str] = mapped_column(String(3), nullable=False, default="", server_default="")
    """Which longer recaps are drafted by themselves as well: Q (quarters), S (halves), Y (years)."""
    classification: Mapped[str] = mapped_column(
        String(40), nullable=False, default="Biasa", server_default="Biasa"
    )
    """Sifat of a recap's letter."""
    enclosures: Mapped[str] = mapped_column(
        String(60), nullable=False, default="1 (satu) berkas", server_default="1 (satu) berkas"
    )
    """Lampiran of a recap's letter."""
    subject_pattern: Mapped[str] = mapped_column(
        String(160), nullable=False, default=SUBJECT_PATTERN, server_default=SUBJECT_PATTERN
    )
    """Hal of a recap's letter; ``{period}`` is filled in when it is drafted."""


class Upt(TenantShared, Base):
    """A prison, remand centre, probation office or like unit of a Kanwil."""

    __tablename__ = "upt"
    __table_args__ = own_args(TenantShared, UniqueConstraint("tenant_id", "code"), UniqueConstraint("slug"))

    code: Mapped[str] = mapped_column(String(80), nullable=False)
    type: Mapped[str] = mapped_column(String(40), nullable=False)
    unit_class: Mapped[str] = mapped_column(String(10), nullable=False, default="-")
    name: Mapped[str] = mapped_column(String(200), nullable=False)
    short_name: Mapped[str] = mapped_column(String(120), nullable=False)
    city: Mapped[str] = mapped_column(String(80), nullable=False)
    slug: Mapped[str] = mapped_column(String(120), nullable=False)
    active: Mapped[bool] = mapped_column(Boolean, nullable=False, default=True)

    def __str__(self) -> str:
        return self.short_name


class DirectoryUpt(Base):
    """Every UPT of the country as anyone may read it in a public register; kept by `register.save_upt`."""

    __tablename__ = "directory_upt"
    __table_args__ = (Index("ix_directory_upt_name", "name"), Index("ix_directory_upt_kanwil", "kanwil_id"))

    upt_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    code: Mapped[str] = mapped_column(String(80), nullable=False)
    name: Mapped[str] = mapped_column(String(200), nullable=False)
    short_name: Mapped[str] = mapped_column(String(120), nullable=False)
    slug: Mapped[str] = mapped_column(String(120), nullable=False, unique=True)
    type: Mapped[str] = mapped_column(String(40), nullable=False)
    city: Mapped[str] = mapped_column(String(80), nullable=False)
    kanwil_id: Mapped[int] = mapped_column(Integer, ForeignKey("kanwil.id"), nullable=False)
    kanwil_code: Mapped[str] = mapped_column(String(40), nullable=False)
    kanwil_name: Mapped[str] = mapped_column(String(120), nullable=False)


class Officer(User):
    """A person who signs in. FAB keeps the password and the roles; where the person works is ours.

    `tenant_id` is None for the centre (Dirjen, admin pusat, auditor); `upt_id` is set for officers of a UPT.
    """

    __tablename__ = "ab_user"

    tenant_id: Mapped[int | None] = mapped_column(Integer, ForeignKey("kanwil.id"))
    upt_id: Mapped[int | None] = mapped_column(Integer)
    office: Mapped[str | None] = mapped_column(String(160))
    rank: Mapped[str | None] = mapped_column(String(80))
    nip: Mapped[str | None] = mapped_column(String(18))
    locked_until: Mapped[datetime | None] = mapped_column(Instant)
    session_version: Mapped[int | None] = mapped_column(Integer, default=0)
    """Counted up when a password changes or an account is closed, which ends the sessions opened before."""
    language: Mapped[str | None] = mapped_column(String(5))
    """What he reads pages and mails in (`tongues.LANGUAGES`); empty until he chooses."""

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


User.__table__.append_constraint(
    ForeignKeyConstraint(["tenant_id", "upt_id"], ["upt.tenant_id", "upt.id"], name="fk_ab_user_upt")
)
Index("ix_ab_user_tenant", User.__table__.c.tenant_id, User.__table__.c.upt_id)


class Substitution(TenantShared, Base):
    """A letter that lends an officer a role for some days: Plh. for a holder who is away, Plt. for a vacant office.

    `principal_id` is empty for a vacant office; `upt_id` is set for an office of a UPT. Ended early: `revoked_at`.
    """

    __tablename__ = "substitution"
    __table_args__ = own_args(
        TenantShared,
        ForeignKeyConstraint(["tenant_id", "upt_id"], ["upt.tenant_id", "upt.id"]),
        Index("ix_substitution_substitute", "tenant_id", "substitute_id", "until_on"),
        Index("ix_substitution_until", "tenant_id", "until_on", "id"),
    )

    upt_id: Mapped[int | None] = mapped_column(Integer)
    role: Mapped[str] = mapped_column(String(50), nullable=False)
    kind: Mapped[str] = mapped_column(String(3), nullable=False)
    principal_id: Mapped[int | None] = mapped_column(Integer)
    principal_name: Mapped[str] = mapped_column(String(200), nullable=False, default="")
    substitute_id: Mapped[int] = mapped_column(Integer, nullable=False)
    substitute_name: Mapped[str] = mapped_column(String(200), nullable=False)
    from_on: Mapped[date] = mapped_column(Date, nullable=False)
    until_on: Mapped[date] = mapped_column(Date, nullable=False)
    letter_number: Mapped[str] = mapped_column(String(120), nullable=False)
    created_by: Mapped[int] = mapped_column(Integer, nullable=False)
    created_at: Mapped[datetime] = mapped_column(Instant, nullable=False)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)
    revoked_by: Mapped[int | None] = mapped_column(Integer)


class CentreSubstitution(Base):
    """A letter that makes an officer of the centre Plh. or Plt. Direktur Jenderal for some days; no tenant's row.

    `principal_id` is empty for a vacant office. Ended early: `revoked_at`.
    """

    __tablename__ = "centre_substitution"
    __table_args__ = (Index("ix_centre_substitution_substitute", "substitute_id", "until_on"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    kind: Mapped[str] = mapped_column(String(3), nullable=False)
    principal_id: Mapped[int | None] = mapped_column(Integer)
    principal_name: Mapped[str] = mapped_column(String(200), nullable=False, default="")
    substitute_id: Mapped[int] = mapped_column(Integer, nullable=False)
    substitute_name: Mapped[str] = mapped_column(String(200), nullable=False)
    from_on: Mapped[date] = mapped_column(Date, nullable=False)
    until_on: Mapped[date] = mapped_column(Date, nullable=False)
    letter_number: Mapped[str] = mapped_column(String(120), nullable=False)
    created_by: Mapped[int] = mapped_column(Integer, nullable=False)
    created_at: Mapped[datetime] = mapped_column(Instant, nullable=False)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)
    revoked_by: Mapped[int | None] = mapped_column(Integer)


class RequestKey(Base):
    """An idempotency key that was used, and what came of it. Bound to the officer who used it."""

    __tablename__ = "request_key"
    __table_args__ = (UniqueConstraint("officer_id", "operation", "key"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    officer_id: Mapped[int] = mapped_column(Integer, nullable=False)
    operation: Mapped[str] = mapped_column(String(120), nullable=False)
    key: Mapped[str] = mapped_column(String(200), nullable=False)
    fingerprint: Mapped[str] = mapped_column(String(64), nullable=False, default="")
    result_id: Mapped[int | None] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(Instant, nullable=False)


class ReachLog(Base):
    """Each time the centre entered a Kanwil's scope to act there (the Dirjen's acknowledgement)."""

    __tablename__ = "reach_log"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    officer_id: Mapped[int] = mapped_column(Integer, nullable=False)
    kanwil_id: Mapped[int] = mapped_column(Integer, ForeignKey("kanwil.id"), nullable=False)
    purpose: Mapped[str] = mapped_column(Text, nullable=False)
    at: Mapped[datetime] = mapped_column(Instant, nullable=False)
