"""A recap has come: the Direktur Jenderal hears of it by mail, once. In the app the bell counts what waits for him.

The job is enqueued in the transaction that delivers the recap, under the recap's own number. The Kanwil's rows are
read in its scope; the officers of the centre, who belong to no Kanwil, outside of it.
"""

from __future__ import annotations

from datetime import UTC
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import select

from config import Settings
from recaps.delivery import words
from recaps.drafting import load
from recaps.models import DELIVERED, Recap
from tenants import database, files
from tenants.database import session
from tenants.jobs import enqueue, job
from tenants.models import Kanwil, Officer
from tenants.said import joined, say, spoken
from tenants.scope import NationalScope, entered
from tenants.tongues import INDONESIAN, tongue
from tenants.words import N_
from workflows import mailing

READER = "dirjen"


def announce(recap: Recap) -> None:
    """Have the mail written, in the open transaction that delivers the recap."""
    enqueue("recap.arrived", {"recap_id": recap.id}, key=str(recap.id))


@job("recap.arrived")
def _mail(payload: dict[str, Any]) -> dict[str, Any]:
    words.keep(int(payload["recap_id"]))
    return {"mails": mail_arrival(int(payload["recap_id"]))}


def mail_arrival(recap_id: int) -> int:
    """Write to whoever receives recaps; how many mails left. None of a recap that was received or replaced meanwhile.

    A second run writes the same mails under the same names.
    """
    recap = load(recap_id)
    if recap.state != DELIVERED:
        return 0
    office = session().get_one(Kanwil, recap.tenant_id).short_name
    session().expunge(recap)
    settings = database.db.settings
    file = _file(recap, settings)
    with entered(NationalScope()):
        asked = select(Officer).where(
            Officer.tenant_id.is_(None), Officer.active.is_(True), Officer.roles.any(name=READER)
        )
        mails = [
            (f"{recap.tenant_id}-rekap-{recap.id}-{one.id}", letter(recap, office, one, settings, file))
            for one in session().scalars(asked.order_by(Officer.id))
            if one.email
        ]
    return len(mails) - len(mailing.send(mails, settings))


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
    speak = tongue(officer.language)
    host = urlsplit(settings.base_url).hostname or "karya"
    mail = EmailMessage()
    subject = say(
        N_("Rekap %(label)s dari %(office)s menunggu tanda terima"), label=recap.label, office=office
    )
    mail["Subject"] = spoken(subject.parts, speak)
    mail["From"], mail["To"] = settings.mail_from, officer.email
    mail["Date"] = format_datetime((recap.delivered_at or recap.created_at).astimezone(UTC))
    mail["Message-ID"] = f"<rekap-{recap.tenant_id}-{recap.id}-{officer.id}@{host}>"
    mail["Auto-Submitted"] = "auto-generated"
    sent = N_(
        "%(office)s mengirim rekap %(label)s, nomor %(number)s, ditandatangani %(signer)s. "
        "Rekap ini menunggu tanda terima Anda."
    )
    parts = [
        say(N_("Yth. %(name)s,"), name=officer.name),
        say(sent, office=office, label=recap.label, number=recap.number, signer=recap.signer_name),
        f"{settings.base_url}/rekap/{recap.id}",
        "Karya",
    ]
    mail.set_content(spoken(joined(parts, "\n\n").parts, speak) + "\n")
    mail["Content-Language"] = officer.language or INDONESIAN
    if file is not None:
        name = f"rekap-{recap.period}-{recap.code}.pdf"
        mail.add_attachment(file, maintype="application", subtype="pdf", filename=name)
    return mail
