"""Letters of the centre, kept in its chain: who is Plh. or Plt. Direktur Jenderal (`tenants.centre`)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any, Final
from urllib.parse import urlsplit

from recaps.national import events
from tenants import centre, clock, database
from tenants.database import session, transaction
from tenants.jobs import enqueue, job
from tenants.models import CentreSubstitution, Officer
from tenants.officers import ACTING_WORDS, ROLE_LABELS, Actor
from tenants.words import date_id
from workflows import mailing

CHAIN: Final = "nasional:pengganti"


def appoint(values: Mapping[str, str], *, by: Actor, now: datetime) -> CentreSubstitution:
    """Lend the office of the Direktur Jenderal by letter.

    Raises:
        Invalid, Forbidden: see `tenants.centre.appoint`.
    """
    with transaction():
        one = centre.appoint(values, by=by, now=now)
        events.record(CHAIN, "substitute.appointed", _letter(one), by=by, now=now)
        enqueue("substitute.centre_mail", {"substitution_id": one.id}, key=str(one.id))
    return one


def revoke(substitution_id: int, *, by: Actor, now: datetime) -> CentreSubstitution:
    """End a letter before its day.

    Raises:
        NotFound, Forbidden: see `tenants.centre.revoke`.
    """
    with transaction():
        one, ended = centre.revoke(substitution_id, by=by, now=now)
        if ended:
            events.record(CHAIN, "substitute.revoked", _letter(one), by=by, now=now)
    return one


def _letter(one: CentreSubstitution) -> dict[str, Any]:
    return {
        "substitution": one.id,
        "kind": one.kind,
        "principal": one.principal_id,
        "substitute": one.substitute_id,
        "from_on": one.from_on.isoformat(),
        "until_on": one.until_on.isoformat(),
        "letter_number": one.letter_number,
    }


@job("substitute.centre_mail")
def _mail(payload: dict[str, Any]) -> dict[str, Any]:
    return {"mails": mail(int(payload["substitution_id"]), now=clock.now())}


def mail(substitution_id: int, *, now: datetime) -> int:
    """Write to whoever stands in; how many mails left. None once the letter has ended."""
    found = centre.letter(substitution_id, now)
    settings, one = database.db.settings, found.row
    officer = session().get(Officer, one.substitute_id)
    if found.state not in ("now", "soon") or officer is None or not officer.email:
        return 0
    host = urlsplit(settings.base_url).hostname or "karya"
    written = EmailMessage()
    written["Subject"] = f"Anda {ACTING_WORDS[one.kind]} {ROLE_LABELS[centre.ROLE]}"
    written["From"], written["To"] = settings.mail_from, officer.email
    written["Date"] = format_datetime(one.created_at.astimezone(UTC))
    written["Message-ID"] = f"<pengganti-pusat-{one.id}@{host}>"
    written["Auto-Submitted"] = "auto-generated"
    written.set_content(
        f"Yth. {officer.name},\n\n{date_id(one.from_on)} sampai {date_id(one.until_on)}, surat {one.letter_number}. "
        f"Selama itu Anda menerima, memberi disposisi, dan menandatangani rekap.\n\n{settings.base_url}/beranda/\n\n"
        "Karya\n"
    )
    return 1 - len(mailing.send([(f"pengganti-pusat-{one.id}", written)], settings))
