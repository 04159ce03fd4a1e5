"""The way of a notice out of the house: by mail, from the table of notices, once a person.

A sweep enqueues a job for each Kanwil that has unsent notices; the job writes the mails and marks the
notices. It may run twice: a file has the name of its notice and reader, and a message its Message-ID, so that
a second run says the same thing in the same place. In the demonstration a mail is an .eml file in the data
folder, which the app shows.
"""

from __future__ import annotations

import os
import smtplib
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any, cast
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.orm import Session, selectinload

from config import Settings
from tenants import clock, database
from tenants.database import session as scoped_session
from tenants.database import transaction
from tenants.jobs import alone_in, enqueue, every_tenant, job, scheduled
from tenants.models import Kanwil, Officer
from tenants.scope import current
from tenants.words import date_id
from workflows import choices
from workflows.calendars import calendar_of
from workflows.models import Notice, NoticeDigest

BATCH = 100
KEEP_TRYING = timedelta(days=7)
"""A notice that could not be mailed for a week is given up; it stays in the app."""
DIGEST_FROM = time(7, 30)
"""The Kanwil's own clock, on its working days."""
DIGEST_MOST = 200
_MORE = "Yang lebih lama ada di aplikasi."


@scheduled("* * * * *", "notices.mail")
def sweep(planned: datetime) -> None:
    """Enqueue the mail of each Kanwil that has some. Once a minute."""
    for scope in every_tenant():
        with alone_in(scope):
            newest = scoped_session().scalar(
                select(func.max(Notice.id)).where(
                    Notice.mailed_at.is_(None), Notice.created_at > planned - KEEP_TRYING
                )
            )
            if newest is not None:
                with transaction():
                    enqueue("notices.mail", {}, key=f"{newest}:{planned:%Y%m%d%H%M}")


@job("notices.mail")
def mail(payload: dict[str, Any]) -> dict[str, Any]:
    """Mail what the Kanwil in scope has not mailed yet; returns how many mails left."""
    sent = 0
    while True:
        done = _batch(clock.now())
        if done is None:
            return {"mails": sent}
        sent += done


def _batch(now: datetime) -> int | None:
    """One batch: mails first, then the marks, so that what is interrupted between is written again, not lost."""
    settings = database.db.settings
    session = scoped_session()
    notices = session.scalars(
        select(Notice)
        .where(Notice.mailed_at.is_(None), Notice.created_at > now - KEEP_TRYING)
        .order_by(Notice.id)
        .limit(BATCH)
    ).all()
    if not notices:
        return None
    officers = _officers(session)
    chosen = choices.ways(session)
    office = session.scalar(select(Kanwil.province).where(Kanwil.id == current().tenant_id)) or ""
    mails = [
        (f"{current().tenant_id}-{one.id}-{officer.id}", message(one, officer, office, settings))
        for one in notices
        for officer in readers(one, officers)
        if chosen.get((officer.id, one.kind), choices.usual(one.kind)) == choices.EACH
    ]
    send(mails, settings)
    with transaction() as writing:
        writing.execute(
            update(Notice)
            .where(Notice.id.in_([one.id for one in notices]))
            .values(mailed_at=now)
            .execution_options(synchronize_session=False)
        )
    for one in notices:
        session.expunge(one)
    return len(mails)


@scheduled("*/15 * * * *", "notices.digest")
def digests(planned: datetime) -> None:
    """Enqueue the digest of each Kanwil whose working morning has begun. Each quarter of an hour."""
    for scope in every_tenant():
        with alone_in(scope):
            calendar = calendar_of(scoped_session())
            local = planned.astimezone(ZoneInfo(calendar.timezone))
            if calendar.works_on(local.date()) and local.time() >= DIGEST_FROM:
                day = local.date().isoformat()
                with transaction():
                    enqueue("notices.digest", {"day": day}, key=day)


@job("notices.digest")
def digest(payload: dict[str, Any]) -> dict[str, Any]:
    """Mail each officer of the Kanwil in scope what he asked to have in one mail a day; returns how many left."""
    day, now = date.fromisoformat(payload["day"]), clock.now()
    settings, session = database.db.settings, scoped_session()
    chosen = choices.ways(session)
    office = session.scalar(select(Kanwil.province).where(Kanwil.id == current().tenant_id)) or ""
    sent = 0
    for officer in _officers(session):
        sent += _digest_for(officer, day, now, chosen, office, settings)
    return {"mails": sent}


def _digest_for(
    officer: Officer,
    day: date,
    now: datetime,
    chosen: dict[tuple[int, str], str],
    office: str,
    settings: Settings,
) -> int:
    """One officer's digest: mailed first, then marked; a second run finds the mark, or writes the same mail again."""
    session = scoped_session()
    last = session.scalars(
        select(NoticeDigest)
        .where(NoticeDigest.officer_id == officer.id)
        .order_by(NoticeDigest.day.desc())
        .limit(1)
    ).first()
    if last is not None and last.day >= day:
        return 0
    found = [
        one
        for one in _addressed(session, officer, last.until_notice_id if last else 0, now)
        if chosen.get((officer.id, one.kind), choices.usual(one.kind)) == choices.DIGEST
    ]
    if not found:
        return 0
    newest = max(one.id for one in found)
    send(
        [
            (
                f"{current().tenant_id}-digest-{officer.id}-{day}",
                summary(found, officer, office, day, settings),
            )
        ],
        settings,
    )
    with transaction() as writing:
        writing.add(NoticeDigest(officer_id=officer.id, day=day, until_notice_id=newest, sent_at=now))
        writing.flush()
    return 1


def _addressed(session: Session, officer: Officer, after: int, now: datetime) -> list[Notice]:
    """The unread notices of an officer since his last digest, newest first, at most `DIGEST_MOST`."""
    roles = [role.name for role in officer.roles]
    to_role = and_(
        Notice.to_role.in_(roles), or_(Notice.to_upt_id.is_(None), Notice.to_upt_id == officer.upt_id)
    )
    return list(
        session.scalars(
            select(Notice)
            .where(
                or_(Notice.to_officer_id == officer.id, to_role),
                Notice.id > after,
                Notice.read_at.is_(None),
                Notice.created_at > now - KEEP_TRYING,
            )
            .order_by(Notice.id.desc())
            .limit(DIGEST_MOST)
        )
    )


def summary(
    found: list[Notice], officer: Officer, office: str, day: date, settings: Settings
) -> EmailMessage:
    """The digest as a mail: how many, then each with the address of its page."""
    mail = EmailMessage()
    mail["Subject"] = f"Karya, {date_id(day)}: {len(found)} pemberitahuan"
    mail["From"], mail["To"] = settings.mail_from, officer.email
    mail["Date"] = format_datetime(found[0].created_at.astimezone(UTC))
    host = urlsplit(settings.base_url).hostname or "karya"
    mail["Message-ID"] = f"<digest-{found[0].tenant_id}-{officer.id}-{day}@{host}>"
    mail["Auto-Submitted"] = "auto-generated"
    lines = [f"- {one.title}\n  {settings.base_url}{one.link}" for one in found]
    more = f"\n\n{_MORE}" if len(found) == DIGEST_MOST else ""
    mail.set_content(
        f"Yth. {officer.name},\n\n" + "\n".join(lines) + more + f"\n\nAtur surel ini: {settings.base_url}"
        f"/pemberitahuan/pilihan\n\nKarya, Kanwil {office}\n"
    )
    return mail


def _officers(session: Session) -> list[Officer]:
    """The officers of the Kanwil who can be written to, with their roles."""
    found = session.scalars(
        select(Officer)
        .where(Officer.tenant_id == current().tenant_id, Officer.active.is_(True))
        .options(selectinload(Officer.roles))
    )
    return [one for one in found if one.email]


def readers(notice: Notice, officers: Iterable[Officer]) -> list[Officer]:
    """To whom of these a notice goes."""
    if notice.to_officer_id is not None:
        return [one for one in officers if one.id == notice.to_officer_id]
    return [
        one
        for one in officers
        if any(role.name == notice.to_role for role in one.roles)
        and (notice.to_upt_id is None or one.upt_id == notice.to_upt_id)
    ]


def message(notice: Notice, officer: Officer, office: str, settings: Settings) -> EmailMessage:
    """The mail of one notice to one officer: plain text, and the address of the page."""
    mail = EmailMessage()
    mail["Subject"] = " ".join(notice.title.split())
    mail["From"] = settings.mail_from
    mail["To"] = officer.email
    mail["Date"] = format_datetime(notice.created_at.astimezone(UTC))
    host = urlsplit(settings.base_url).hostname or "karya"
    mail["Message-ID"] = f"<notice-{notice.tenant_id}-{notice.id}-{officer.id}@{host}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(
        f"Yth. {officer.name},\n\n{notice.title}\n\n{notice.body}\n\n{settings.base_url}{notice.link}\n\n"
        f"Karya, Kanwil {office}\n"
    )
    return mail


def mail_folder(settings: Settings) -> Path:
    """Where mails lie while no mail server is configured."""
    return settings.data / "mail"


def send(mails: list[tuple[str, EmailMessage]], settings: Settings) -> None:
    """Hand mails, each with its stable name, to the mail server, or write them as .eml files.

    Raises:
        OSError: the server or the folder can't take them; nothing is marked, the next run tries again.
    """
    if not mails:
        return
    if settings.smtp_url:
        address = urlsplit(settings.smtp_url)
        kind = cast(Any, smtplib.SMTP_SSL if address.scheme == "smtps" else smtplib.SMTP)
        with kind(address.hostname or "localhost", address.port or 0, timeout=30) as server:
            if address.scheme == "smtp+tls":
                server.starttls()
            if address.username:
                server.login(unquote(address.username), unquote(address.password or ""))
            for _, mail in mails:
                server.send_message(mail)
        return
    folder = mail_folder(settings)
    folder.mkdir(parents=True, exist_ok=True)
    for name, mail in mails:
        part = folder / f".{name}.part"
        part.write_bytes(mail.as_bytes())
        os.replace(part, folder / f"{name}.eml")
