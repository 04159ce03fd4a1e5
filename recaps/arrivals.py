"""A recap has come, or was revoked: the Direktur Jenderal hears of it by mail, once. In the app the bell counts what
waits for him.

The job is enqueued in the transaction that delivers or revokes the recap, under the recap's own number. The Kanwil's
rows are read in its scope; the officers of the centre, who belong to no Kanwil, outside of it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import select

from config import Settings
from recaps.delivery import words
from recaps.drafting import load
from recaps.models import DELIVERED, REVOKED, Recap
from tenants import clock, database, files
from tenants.centre import reads_as_dirjen
from tenants.database import session
from tenants.jobs import enqueue, job
from tenants.models import Kanwil, Officer
from tenants.said import Said, joined, say, spoken
from tenants.scope import NationalScope, entered
from tenants.tongues import INDONESIAN, tongue
from tenants.words import N_
from workflows import mailing


def announce(recap: Recap) -> None:
    """Have the mail written, in the open transaction that delivers the recap."""
    enqueue("recap.arrived", {"recap_id": recap.id}, key=str(recap.id))


@job("recap.arrived")
def _mail(payload: dict[str, Any]) -> dict[str, Any]:
    words.keep(int(payload["recap_id"]))
    return {"mails": mail_arrival(int(payload["recap_id"]))}


def announce_revocation(recap: Recap) -> None:
    """Have the mail written that a recap is revoked, in the open transaction that revokes it."""
    enqueue("recap.revoked", {"recap_id": recap.id}, key=str(recap.id))


@job("recap.revoked")
def _mail_revocation(payload: dict[str, Any]) -> dict[str, Any]:
    return {"mails": mail_revocation(int(payload["recap_id"]))}


def mail_arrival(recap_id: int) -> int:
    """Write to whoever receives recaps; how many mails left. None of a recap that was received or replaced meanwhile.

    A second run writes the same mails under the same names.
    """
    recap = load(recap_id)
    if recap.state != DELIVERED:
        return 0
    settings = database.db.settings
    file = _file(recap, settings)
    return _mail_to_readers(
        recap, "rekap", lambda office, officer: letter(recap, office, officer, settings, file)
    )


def mail_revocation(recap_id: int) -> int:
    """Write that a recap no longer holds; how many mails left. A second run writes the same under the same names."""
    recap = load(recap_id)
    if recap.state != REVOKED:
        return 0
    settings = database.db.settings
    return _mail_to_readers(
        recap, "pencabutan", lambda office, officer: notice_of_revocation(recap, office, officer, settings)
    )


def _mail_to_readers(recap: Recap, name: str, written: Callable[[str, Officer], EmailMessage]) -> int:
    office = session().get_one(Kanwil, recap.tenant_id).short_name
    session().expunge(recap)
    with entered(NationalScope()):
        asked = select(Officer).where(reads_as_dirjen(clock.now()))
        mails = [
            (f"{recap.tenant_id}-{name}-{recap.id}-{one.id}", written(office, one))
            for one in session().scalars(asked.order_by(Officer.id))
            if one.email
        ]
    return len(mails) - len(mailing.send(mails, database.db.settings))


def _file(recap: Recap, settings: Settings) -> bytes | None:
    """The signed file where the installation sends files and this one is not too large for a mail."""
    place = files.path(recap.signed_sha256) if settings.recap_mail == "file" and recap.signed_sha256 else None
    if place is None or place.stat().st_size > settings.recap_mail_mb * 1024 * 1024:
        return None
    return place.read_bytes()


def letter(
    recap: Recap, office: str, officer: Officer, settings: Settings, file: bytes | None = None
) -> EmailMessage:
    """The mail of one recap to one officer, in his language, with the signed `file` where it brings one."""
    mail = _addressed(recap, officer, settings, "rekap", recap.delivered_at)
    subject = say(
        N_("Rekap %(label)s dari %(office)s menunggu tanda terima"), label=recap.label, office=office
    )
    sent = N_(
        "%(office)s mengirim rekap %(label)s, nomor %(number)s, ditandatangani %(signer)s. "
        "Rekap ini menunggu tanda terima Anda."
    )
    said = say(sent, office=office, label=recap.label, number=recap.number, signer=recap.signer_name)
    _write(mail, officer, subject, said, f"{settings.base_url}/rekap/{recap.id}")
    if file is not None:
        name = f"rekap-{recap.period}-{recap.code}.pdf"
        mail.add_attachment(file, maintype="application", subtype="pdf", filename=name)
    return mail


def notice_of_revocation(recap: Recap, office: str, officer: Officer, settings: Settings) -> EmailMessage:
    """The mail that a recap was revoked, with the reason."""
    mail = _addressed(recap, officer, settings, "pencabutan", recap.revoked_at)
    subject = say(N_("Rekap %(label)s dari %(office)s dicabut"), label=recap.label, office=office)
    told = N_(
        "Rekap %(label)s dari %(office)s, nomor %(number)s, dicabut oleh %(by_office)s (%(by)s) dan tidak berlaku "
        "lagi. Alasannya:"
    )
    said = say(
        told,
        label=recap.label,
        office=office,
        number=recap.number,
        by_office=recap.revoked_office,
        by=recap.revoked_name,
    )
    following = say(N_("Rekap baru untuk periode itu menyusul."))
    address = f"{settings.base_url}/rekap/{recap.id}"
    _write(mail, officer, subject, said, str(recap.revoked_reason), following, address)
    return mail


def _write(mail: EmailMessage, officer: Officer, subject: Said, *parts: str) -> None:
    """Subject and text, in the officer's language."""
    speak = tongue(officer.language)
    mail["Subject"] = spoken(subject.parts, speak)
    greeting = say(N_("Yth. %(name)s,"), name=officer.name)
    mail.set_content(spoken(joined([greeting, *parts, "Karya"], "\n\n").parts, speak) + "\n")
    mail["Content-Language"] = officer.language or INDONESIAN


def _addressed(
    recap: Recap, officer: Officer, settings: Settings, name: str, at: datetime | None
) -> EmailMessage:
    host = urlsplit(settings.base_url).hostname or "karya"
    mail = EmailMessage()
    mail["From"], mail["To"] = settings.mail_from, officer.email
    mail["Date"] = format_datetime((at or recap.drafted_at).astimezone(UTC))
    mail["Message-ID"] = f"<{name}-{recap.tenant_id}-{recap.id}-{officer.id}@{host}>"
    mail["Auto-Submitted"] = "auto-generated"
    return mail
