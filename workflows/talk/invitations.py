"""Inviting an expert from outside, who has no account: a link for one person to one case, once, for a while.

The token leaves the house in the mail and on the page of who invited, once; kept is its SHA-256 alone.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select, update

from tenants import database
from tenants.database import session as scoped_session
from tenants.database import transaction
from tenants.idempotency import once
from tenants.officers import Actor
from tenants.said import say
from tenants.words import N_, instant_id
from workflows import audit, mailing
from workflows.calendars import calendar_of
from workflows.errors import CaseMoved
from workflows.proof.whole import sealed
from workflows.stages import clean
from workflows.subjects import subject_type
from workflows.talk.comments import content_of, locked
from workflows.talk.errors import InvitationInvalid, NoSuchInvitation
from workflows.talk.models import GuestLink, Invitation
from workflows.talk.opinions import ASKERS

DEFAULT_DAYS = 7
MAX_DAYS = 30
MAX_OPEN = 10
TOKEN_BYTES = 24  # 192 bits
_EMAIL = re.compile(r"[^\s@<>,;:\"()\[\]\\]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?\.[A-Za-z]{2,}")


@dataclass(frozen=True)
class Invited:
    """An invitation and its token; without the token when the same form came a second time."""

    row: Invitation
    token: str | None


def token_hash(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def invite(
    case_id: int,
    *,
    name: str,
    office: str,
    email: str,
    question: str,
    days: int = DEFAULT_DAYS,
    by: Actor,
    now: datetime,
    key: str | None = None,
) -> Invited:
    """Make a link for one expert to one open case, for `days` days (1 to 30).

    Repeating the call with the same key returns the first invitation, without its token. One transaction, seven
    statements. `letter` and `send` bring it on its way.

    Raises:
        Forbidden: `by` decides nothing in this Kanwil.
        NoSuchCase: there is none within the scope.
        CaseMoved: the case is closed.
        InvitationInvalid: what is missing or wrong, by field.
    """
    by.require(*ASKERS)
    asked = {"name": name, "office": office, "email": email, "question": question, "days": days}
    made, _ = once(
        key,
        "talk.invite",
        lambda: _invite(case_id, asked, by, now),
        lambda invited: invited.row.id,
        lambda id_: Invited(_invitation(id_), None),
        content=content_of(case_id, asked),
    )
    return made


def _invite(case_id: int, asked: dict[str, Any], by: Actor, now: datetime) -> Invited:
    with transaction() as session:
        case = locked(session, case_id, by=by)
        if not case.is_open:
            raise CaseMoved(N_("Kasus ini sudah selesai, jadi tidak ada lagi yang perlu ditanyakan."))
        if subject_type(case.subject_type).outside is None:
            raise InvitationInvalid(N_("Kasus jenis ini tidak dapat diperlihatkan kepada orang luar."))
        fields = _fields(asked)
        standing = select(Invitation.id).where(
            Invitation.case_id == case.id,
            Invitation.used_at.is_(None),
            Invitation.revoked_at.is_(None),
            Invitation.expires_at > now,
        )
        if len(session.scalars(standing.limit(MAX_OPEN)).all()) >= MAX_OPEN:
            raise InvitationInvalid(
                say(
                    N_("Paling banyak %(max_open)s undangan terbuka untuk satu kasus; cabut yang lama."),
                    max_open=MAX_OPEN,
                )
            )
        token = secrets.token_urlsafe(TOKEN_BYTES)
        row = Invitation(
            case_id=case.id,
            token_sha256=token_hash(token),
            invited_by=by.id,
            invited_by_name=by.name[:200],
            invited_at=now,
            expires_at=now + timedelta(days=asked["days"]),
            **fields,
        )
        session.add(row)
        session.flush()
        session.add(
            GuestLink(
                token_sha256=row.token_sha256,
                tenant_id=row.tenant_id,
                invitation_id=row.id,
                expires_at=row.expires_at,
            )
        )
        payload = {"invitation": row.id, "token": row.token_sha256, **sealed(row)}
        audit.link_case(session, case, "case.expert_invited", payload, by=by.id, now=now)
        session.flush()
        return Invited(row, token)


def revoke(invitation_id: int, *, by: Actor, now: datetime) -> Invitation:
    """Make a link worthless from now on; one that is used or revoked stays what it is. Five statements.

    Raises:
        Forbidden: `by` decides nothing in this Kanwil.
        NoSuchInvitation: there is none within the scope.
    """
    by.require(*ASKERS)
    with transaction() as session:
        row = _invitation(invitation_id)
        case = locked(session, row.case_id, by=by)
        session.refresh(row)
        if row.used_at is not None or row.revoked_at is not None:
            return row
        row.revoked_at = now
        payload = {"invitation": row.id, **sealed(row)}
        audit.link_case(session, case, "case.expert_revoked", payload, by=by.id, now=now)
        session.flush()
        return row


def letter(row: Invitation, address: str, *, title: str, office: str, now: datetime) -> EmailMessage:
    """The mail to the expert: who asks, about what, until when, and the link."""
    settings = database.db.settings
    zone = ZoneInfo(calendar_of(scoped_session()).timezone)
    mail = EmailMessage()
    mail["Subject"] = " ".join(f"Permintaan pendapat: {title}".split())
    mail["From"] = settings.mail_from
    mail["To"] = row.email
    mail["Date"] = format_datetime(now.astimezone(UTC))
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(
        f"Yth. {row.name}\n{row.office}\n\n"
        f"{office} meminta pendapat Anda tentang “{title}”, hasil kerja warga binaan pemasyarakatan:\n\n"
        f"{row.question}\n\n"
        f"Buka tautan ini, baca isinya, lalu tulis pendapat Anda satu kali. Anda tidak memerlukan akun.\n\n"
        f"{address}\n\n"
        f"Tautan ini hanya untuk Anda dan berlaku sampai {instant_id(row.expires_at, zone)}.\n\n"
        f"Karya, {office}\n"
    )
    return mail


def send(row: Invitation, mail: EmailMessage) -> bool:
    """Bring the letter on its way, after the invitation is kept; says whether it left. The link can be copied too."""
    try:
        return not mailing.send([(f"{row.tenant_id}-undangan-{row.id}", mail)], database.db.settings)
    except OSError:
        return False


def use(row: Invitation, note_id: int, *, key: str, now: datetime) -> bool:
    """Use a link up, if it still is open; says whether it was. One statement, in the open transaction."""
    with transaction() as session:
        done = session.execute(
            update(Invitation)
            .where(Invitation.id == row.id, Invitation.used_at.is_(None), Invitation.revoked_at.is_(None))
            .values(used_at=now, used_key=token_hash(key), note_id=note_id)
            .execution_options(synchronize_session=False)
        )
    return bool(done.rowcount == 1)  # type: ignore[attr-defined]


def _invitation(invitation_id: int) -> Invitation:
    row = scoped_session().scalars(select(Invitation).where(Invitation.id == invitation_id)).first()
    if row is None:
        raise NoSuchInvitation()
    return row


def _fields(asked: dict[str, Any]) -> dict[str, str]:
    """Raises:
    InvitationInvalid: what is missing or wrong, by field.
    """
    wrong: dict[str, str] = {}
    found: dict[str, str] = {}
    for field, longest, missing in (
        ("name", 120, say(N_("Tulis nama ahlinya."))),
        ("office", 160, say(N_("Tulis kantornya, misalnya Dinas Kesehatan Kota Pontianak."))),
        ("email", 254, say(N_("Tulis alamat surelnya."))),
        ("question", 2000, say(N_("Tulis apa yang ingin Anda tanyakan."))),
    ):
        try:
            words = clean(str(asked[field] or ""), longest)
        except ValueError as error:
            wrong[field] = str(error)
            continue
        found[field] = words if field == "question" else " ".join(words.split())
        if not words:
            wrong[field] = missing
    if "email" not in wrong and not _EMAIL.fullmatch(found["email"]):
        wrong["email"] = N_("Alamat surel ini tidak lengkap, misalnya nama@dinkes.contoh.id.")
    if type(asked["days"]) is not int or not 1 <= asked["days"] <= MAX_DAYS:
        wrong["days"] = say(N_("Pilih 1 sampai %(max_days)s hari."), max_days=MAX_DAYS)
    if wrong:
        raise InvitationInvalid(fields=wrong)
    return found


__all__ = ["Invited", "invite", "letter", "revoke", "send", "token_hash", "use"]
