"""Who signs with which certificate, and the warnings before one ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select

from recaps.certificates.models import CertificateWarning
from recaps.errors import SignerUnavailable
from recaps.receiving import ORGANISATION
from recaps.signer import Certificate, Holder
from recaps.signers.fitness import WARN_DAYS, ends_soon, is_of
from recaps.signing import signer
from tenants import clock
from tenants.database import session, transaction
from tenants.jobs import alone_in, every_tenant, scheduled
from tenants.models import Kanwil, Officer, Substitution, office_name
from tenants.officers import Actor
from tenants.scope import current
from tenants.words import date_id
from workflows import notices

SIGNERS: Final = ("kakanwil", "kadiv")
STEPS: Final = (0, 7, WARN_DAYS)
"""Days before the end at which is warned, nearest first."""
PAGE: Final = "/rekap/sertifikat"


@dataclass(frozen=True)
class Held:
    """An officer who may sign, and his certificate: None where it is known only with his PIN, or not at all."""

    officer_id: int
    name: str
    office: str
    certificate: Certificate | None
    state: str
    """``fine``, ``ending`` (within `WARN_DAYS`), ``ended``, ``other`` (somebody else's name) or ``unknown``."""


def held_here(now: datetime) -> list[Held]:
    """Those of this Kanwil who sign, and who stands in for them today. Two statements; the signer is asked for each,
    but makes nothing: development certificates renew themselves and are not listed."""
    if signer().development:
        return []
    here = session()
    kanwil = here.get_one(Kanwil, current().tenant_id)
    today = now.astimezone(ZoneInfo(kanwil.timezone)).date()
    stands_in = select(Substitution.substitute_id).where(
        Substitution.role.in_(SIGNERS),
        Substitution.revoked_at.is_(None),
        Substitution.from_on <= today,
        Substitution.until_on >= today,
    )
    asked = select(Officer).where(
        Officer.active.is_(True),
        Officer.tenant_id == kanwil.id,
        or_(*(Officer.roles.any(name=role) for role in SIGNERS), Officer.id.in_(stands_in)),
    )
    organisation = office_name(kanwil, today)
    people = [
        Holder(one.id, one.name, one.office or "", organisation, one.username, one.nip or "")
        for one in here.scalars(asked.order_by(Officer.id))
    ]
    here.rollback()  # nothing is held while the signer is asked
    return [_held(one, now) for one in people]


def held_by(by: Actor, now: datetime) -> Held | None:
    """The certificate of an officer of the centre. One statement; None where nothing is to be said of it."""
    if signer().development:
        return None
    officer = session().get(Officer, by.id)
    if officer is None:
        return None
    return _held(
        Holder(officer.id, officer.name, by.office, ORGANISATION, officer.username, officer.nip or ""), now
    )


def _held(holder: Holder, now: datetime) -> Held:
    try:
        found = signer().certificate(holder, now=now)
    except SignerUnavailable:
        found = None
    if found is None:
        state = "unknown"
    elif found.valid_until <= now:
        state = "ended"
    elif not is_of({"common_name": found.holder, "serial_number": found.number}, holder):
        state = "other"
    else:
        state = "ending" if ends_soon(found.valid_until, now) else "fine"
    return Held(holder.officer_id, holder.name, holder.office, found, state)


@scheduled("20 0 * * *", "certificates.expiring")
def sweep(planned: datetime) -> None:
    """Warn in every Kanwil. Every morning."""
    for scope in every_tenant():
        with alone_in(scope):
            warn(clock.now())


def warn(now: datetime) -> int:
    """Tell officers, and the Kanwil's admin, of certificates that end soon; each step once. How many were told of.

    One transaction for each certificate that is near its end.
    """
    return sum(_told(one, now) for one in held_here(now) if one.certificate is not None)


def _told(one: Held, now: datetime) -> bool:
    certificate = one.certificate
    if certificate is None:
        return False
    left = certificate.valid_until - now
    step = next((days for days in STEPS if left <= timedelta(days=days)), None)
    if step is None:
        return False
    with transaction() as here:
        known = here.scalar(
            select(CertificateWarning.id).where(
                CertificateWarning.officer_id == one.officer_id,
                CertificateWarning.serial == certificate.serial[:80],
                CertificateWarning.step <= step,
            )
        )
        if known is not None:
            return False
        here.add(
            CertificateWarning(
                officer_id=one.officer_id, serial=certificate.serial[:80], step=step, told_at=now
            )
        )
        here.flush()
        day = date_id(certificate.valid_until.date())
        title = f"Sertifikat {one.name} {'sudah berakhir' if step == 0 else 'akan berakhir'} pada {day}"
        body = "Perpanjang pada penerbitnya; sesudah berakhir, surat tidak dapat ditandatangani."
        drafts = [
            notices.draft("certificate.ending", title, body, PAGE, officer_id=one.officer_id),
            notices.draft("certificate.ending", title, body, PAGE, role="admin_kanwil"),
        ]
        notices.tell(here, drafts, now)
    return True
