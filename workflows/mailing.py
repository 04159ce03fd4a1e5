"""The way of a notice out of the house: by mail, from the table of notices, once a person.

A sweep enqueues a job for each Kanwil that has unsent notices; the job writes the mails and marks the
notices. It may run twice: a file has the name of its notice and reader, and a message its Message-ID, so that
a second run says the same thing in the same place. In the demonstration a mail is an .eml file in the data
folder, which the app shows. How a mail is handed over, and what a refusal means, is `post`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from sqlalchemy import and_, delete, func, or_, select, update
from sqlalchemy.orm import Session, selectinload

from config import Settings
from tenants import clock, database
from tenants.database import session as scoped_session
from tenants.database import transaction
from tenants.jobs import alone_in, enqueue, every_tenant, job, scheduled
from tenants.models import Kanwil, Officer, Substitution
from tenants.said import joined, say, spoken
from tenants.scope import current
from tenants.substitutes import in_force, local_day
from tenants.tongues import INDONESIAN, day_in, tongue
from tenants.words import N_
from workflows import choices, notices, rows
from workflows.calendars import calendar_of
from workflows.deadlines import Calendar
from workflows.models import Notice, NoticeDigest
from workflows.post.boxes import OPEN, WAITS, Boxes
from workflows.post.carrying import Carrier, carrier, mail_folder, send
from workflows.post.models import MailOwed

__all__ = ["mail_folder", "send"]

BATCH = 100
KEEP_TRYING = timedelta(days=7)
"""A notice that could not be mailed for a week is given up; it stays in the app."""
DIGEST_FROM = time(7, 30)
"""The Kanwil's own clock, on its working days."""
DIGEST_MOST = 200
FIRST_DIGEST = 7
"""Working days that an officer's first digest looks back; each later one begins where the one before ended."""


@dataclass(frozen=True)
class Reader:
    """An officer who can be written to, with the roles whose notices are his: his own, and those that a letter lends
    him today. Who is away keeps his: the office is still his, the app shows him its notices too, and he comes back to
    what happened meanwhile; whoever wants no mail then says so under Pemberitahuan."""

    officer: Officer
    roles: frozenset[str]

    def reads(self, notice: Notice) -> bool:
        """Whether a notice is addressed to him."""
        if notice.to_officer_id is not None:
            return bool(notice.to_officer_id == self.officer.id)
        here = notice.to_upt_id in (None, self.officer.upt_id)
        return here and notice.to_role in self.roles


@scheduled("* * * * *", "notices.mail")
def sweep(planned: datetime) -> None:
    """Enqueue the mail of each Kanwil that has some. Once a minute, two statements a Kanwil."""
    for scope in every_tenant():
        with alone_in(scope):
            newest = scoped_session().scalar(
                select(func.max(Notice.id)).where(
                    Notice.mailed_at.is_(None), Notice.created_at > planned - KEEP_TRYING
                )
            )
            if newest is None:
                newest = scoped_session().scalar(select(func.max(MailOwed.notice_id)))
            if newest is not None:
                with transaction():
                    enqueue("notices.mail", {}, key=f"{newest}:{planned:%Y%m%d%H%M}")


@job("notices.mail")
def mail(payload: dict[str, Any]) -> dict[str, Any]:
    """Mail what the Kanwil in scope has not mailed yet; returns how many mails left.

    Raises:
        OSError: the server is not there, or went away; what left until then is marked, the next run does the rest.
    """
    now, settings = clock.now(), database.db.settings
    with carrier(settings) as post:
        round_ = _Round(post, now)
        round_.pay()
        while round_.batch():
            pass
        return {"mails": round_.sent}


class _Round:
    """One run through the mail of the Kanwil in scope: first what is owed, then what is new, batch by batch.

    Mails first, then the marks, so that what is interrupted between is written again, not lost. What a mailbox does not
    take is noted of that mailbox; a notice counts as mailed once each of its readers has his mail or is owed it.
    """

    def __init__(self, post: Carrier, now: datetime) -> None:
        session = scoped_session()
        self._post, self._now, self._settings = post, now, database.db.settings
        self._readers = readers_here(session, now)
        self._chosen = choices.ways(session)
        self._boxes = Boxes(session)
        self._office = _office(session)
        self._place = 0
        self.sent = 0

    def pay(self) -> None:
        """Carry what is owed and may be tried now; what is too old, or has no mailbox any more, is owed no longer."""
        owed = scoped_session().execute(
            select(MailOwed.id, MailOwed.officer_id, Notice)
            .join(Notice, Notice.id == MailOwed.notice_id)
            .order_by(MailOwed.id)
        )
        readers = {one.officer.id: one for one in self._readers}
        done: list[int] = []
        try:
            for number, officer_id, notice in owed.all():
                reader = readers.get(officer_id)
                late = notice.created_at <= self._now - KEEP_TRYING
                wanted = reader is not None and reader.reads(notice) and not late
                if reader is None or not wanted or not self._waits(notice, reader.officer):
                    done.append(number)
        finally:
            with transaction() as writing:
                self._boxes.keep(writing, self._now)
                if done:
                    writing.execute(
                        delete(MailOwed)
                        .where(MailOwed.id.in_(done))
                        .execution_options(synchronize_session=False)
                    )

    def batch(self) -> bool:
        """The next notices; whether there were some."""
        session = scoped_session()
        waiting = session.scalars(
            select(Notice)
            .where(
                Notice.mailed_at.is_(None),
                Notice.created_at > self._now - KEEP_TRYING,
                Notice.id > self._place,
            )
            .order_by(Notice.id)
            .limit(BATCH)
        ).all()
        mailed: list[int] = []
        owed: list[tuple[int, int]] = []
        try:
            for one in waiting:
                self._place = one.id
                self._deliver(one, owed)
                mailed.append(one.id)
        except OSError:
            if any(notice_id == self._place for notice_id, _ in owed):
                mailed.append(self._place)
            raise
        finally:
            with transaction() as writing:
                self._mark(writing, mailed, owed)
            for one in waiting:
                session.expunge(one)
        return bool(waiting)

    def _deliver(self, notice: Notice, owed: list[tuple[int, int]]) -> None:
        """One notice to each of its readers who wants it at once. Where the server goes away in the middle of it, the
        others' mails are owed, so that nobody gets his twice."""
        wanted = [
            one.officer for one in readers(notice, self._readers) if self._way(one, notice) == choices.EACH
        ]
        for place, officer in enumerate(wanted):
            try:
                if self._waits(notice, officer):
                    owed.append((notice.id, officer.id))
            except OSError:
                if place:
                    owed += [(notice.id, one.id) for one in wanted[place:]]
                raise

    def _waits(self, notice: Notice, officer: Officer) -> bool:
        """Carry one mail; whether it has to wait for its mailbox."""
        state = self._boxes.state(officer, self._now)
        if state != OPEN:
            return state == WAITS
        written = message(notice, officer, self._office, self._settings)
        refusal = self._post.carry(f"{current().tenant_id}-{notice.id}-{officer.id}", written)
        if refusal is None:
            self._boxes.took(officer)
            self.sent += 1
            return False
        self._boxes.refused(officer, refusal, self._now)
        return not refusal.for_good

    def _mark(self, writing: Session, mailed: list[int], owed: list[tuple[int, int]]) -> None:
        self._boxes.keep(writing, self._now)
        rows.add_unless_there(
            writing, MailOwed, [{"notice_id": notice, "officer_id": officer} for notice, officer in owed]
        )
        if mailed:
            writing.execute(
                update(Notice)
                .where(Notice.id.in_(mailed))
                .values(mailed_at=self._now)
                .execution_options(synchronize_session=False)
            )

    def _way(self, reader: Reader, notice: Notice) -> str:
        return self._chosen.get((reader.officer.id, notice.kind), choices.usual(notice.kind))


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
    """Mail each officer of the Kanwil in scope what he asked to have in one mail a day; returns how many left.

    Raises:
        OSError: the server is not there, or went away; who has his mail is marked.
    """
    day, now = date.fromisoformat(payload["day"]), clock.now()
    session = scoped_session()
    chosen, boxes, office = choices.ways(session), Boxes(session), _office(session)
    since = _since(day, calendar_of(session))
    sent = 0
    with carrier(database.db.settings) as post:
        for reader in readers_here(session, now):
            kinds = choices.kinds_by(choices.DIGEST, reader.officer.id, chosen)
            if boxes.state(reader.officer, now) == OPEN and kinds:
                sent += _digest_for(reader, kinds, day, now, since, office, post, boxes)
    return {"mails": sent}


def _digest_for(
    reader: Reader,
    kinds: frozenset[str],
    day: date,
    now: datetime,
    since: datetime,
    office: str,
    post: Carrier,
    boxes: Boxes,
) -> int:
    """One officer's digest: mailed first, then marked; a second run finds the mark, or writes the same mail again. One
    that his mailbox refuses is not marked: the next one that it takes tells of that, too."""
    session, officer = scoped_session(), reader.officer
    last = session.scalars(
        select(NoticeDigest)
        .where(NoticeDigest.officer_id == officer.id)
        .order_by(NoticeDigest.day.desc())
        .limit(1)
    ).first()
    if last is not None and last.day >= day:
        return 0
    newer = Notice.id > last.until_notice_id if last is not None else Notice.created_at >= since
    found = _addressed(session, reader, kinds, newer, now)
    if not found:
        return 0
    newest = max(one.id for one in found)
    written = summary(found, officer, office, day, database.db.settings)
    refusal = post.carry(f"{current().tenant_id}-digest-{officer.id}-{day}", written)
    if refusal is None:
        boxes.took(officer)
    else:
        boxes.refused(officer, refusal, now)
    with transaction() as writing:
        boxes.keep(writing, now)
        if refusal is None:
            mark = {"officer_id": officer.id, "day": day, "until_notice_id": newest, "sent_at": now}
            rows.add_unless_there(writing, NoticeDigest, [mark])
    return int(refusal is None)


def _since(day: date, calendar: Calendar) -> datetime:
    """The beginning of the working day that is `FIRST_DIGEST` working days before `day`."""
    left = FIRST_DIGEST
    while left:
        day -= timedelta(days=1)
        left -= calendar.works_on(day)
    return datetime.combine(day, time(), ZoneInfo(calendar.timezone))


def _addressed(
    session: Session, reader: Reader, kinds: frozenset[str], newer: Any, now: datetime
) -> list[Notice]:
    """What an officer has not read of these kinds, newest first, at most `DIGEST_MOST`. What is not yet
    `notices.SETTLED` comes the next time: one with an earlier number may still appear."""
    to_role = and_(
        Notice.to_role.in_(sorted(reader.roles)),
        or_(Notice.to_upt_id.is_(None), Notice.to_upt_id == reader.officer.upt_id),
    )
    return list(
        session.scalars(
            select(Notice)
            .where(
                or_(Notice.to_officer_id == reader.officer.id, to_role),
                Notice.kind.in_(sorted(kinds)),
                newer,
                notices.unread_by(reader.officer.id),
                Notice.created_at <= now - notices.SETTLED,
            )
            .order_by(Notice.id.desc())
            .limit(DIGEST_MOST)
        )
    )


def summary(
    found: list[Notice], officer: Officer, office: str, day: date, settings: Settings
) -> EmailMessage:
    """The digest as a mail in the officer's language: how many, then each with the address of its page."""
    mail, speak = EmailMessage(), tongue(officer.language)
    heading = say(N_("Karya, %(day)s: %(n)s pemberitahuan"), day=day_in(officer.language, day), n=len(found))
    mail["Subject"] = spoken(heading.parts, speak)
    mail["From"], mail["To"] = settings.mail_from, officer.email
    mail["Date"] = format_datetime(found[0].created_at.astimezone(UTC))
    host = urlsplit(settings.base_url).hostname or "karya"
    mail["Message-ID"] = f"<digest-{found[0].tenant_id}-{officer.id}-{day}@{host}>"
    mail["Auto-Submitted"] = "auto-generated"
    lines = [f"- {notices.told_in(one, 'title', speak)}\n  {settings.base_url}{one.link}" for one in found]
    chosen = say(N_("Atur surel ini: %(link)s"), link=f"{settings.base_url}/pemberitahuan/pilihan")
    parts: list[str] = [
        say(N_("Yth. %(name)s,"), name=officer.name),
        "\n".join(lines),
        *([say(N_("Yang lebih lama ada di aplikasi."))] if len(found) == DIGEST_MOST else []),
        chosen,
        say(N_("Karya, Kanwil %(office)s"), office=office),
    ]
    mail.set_content(spoken(joined(parts, "\n\n").parts, speak) + "\n")
    mail["Content-Language"] = officer.language or INDONESIAN
    return mail


def readers_here(session: Session, now: datetime) -> list[Reader]:
    """The officers of the Kanwil who can be written to, with what letters lend them today. Three statements."""
    found = session.scalars(
        select(Officer)
        .where(Officer.tenant_id == current().tenant_id, Officer.active.is_(True))
        .options(selectinload(Officer.roles))
    ).all()
    today = local_day(now, calendar_of(session).timezone)
    letters = session.scalars(
        select(Substitution).where(
            Substitution.revoked_at.is_(None), Substitution.from_on <= today, Substitution.until_on >= today
        )
    ).all()
    lent: dict[int, list[Substitution]] = {}
    for one in letters:
        if in_force(one, today):
            lent.setdefault(one.substitute_id, []).append(one)
    return [
        Reader(
            officer,
            frozenset(role.name for role in officer.roles)
            | {one.role for one in lent.get(officer.id, ()) if one.upt_id in (None, officer.upt_id)},
        )
        for officer in found
        if officer.email
    ]


def readers(notice: Notice, found: Iterable[Reader]) -> list[Reader]:
    """To whom of these a notice goes."""
    return [one for one in found if one.reads(notice)]


def _office(session: Session) -> str:
    return session.scalar(select(Kanwil.province).where(Kanwil.id == current().tenant_id)) or ""


def message(notice: Notice, officer: Officer, office: str, settings: Settings) -> EmailMessage:
    """The mail of one notice to one officer, in his language: plain text, and the address of the page."""
    mail, speak = EmailMessage(), tongue(officer.language)
    title, body = (notices.told_in(notice, part, speak) for part in ("title", "body"))
    mail["Subject"] = " ".join(title.split())
    mail["From"] = settings.mail_from
    mail["To"] = officer.email
    mail["Date"] = format_datetime(notice.created_at.astimezone(UTC))
    host = urlsplit(settings.base_url).hostname or "karya"
    mail["Message-ID"] = f"<notice-{notice.tenant_id}-{notice.id}-{officer.id}@{host}>"
    mail["Auto-Submitted"] = "auto-generated"
    parts = [
        say(N_("Yth. %(name)s,"), name=officer.name),
        title,
        body,
        f"{settings.base_url}{notice.link}",
        say(N_("Karya, Kanwil %(office)s"), office=office),
    ]
    mail.set_content(spoken(joined(parts, "\n\n").parts, speak) + "\n")
    mail["Content-Language"] = officer.language or INDONESIAN
    return mail
