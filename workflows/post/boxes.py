"""Which mailboxes are left in peace, and until when; the admin hears once of one that refuses for good."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from tenants.database import session as scoped_session
from tenants.models import Officer
from tenants.said import say
from tenants.words import N_
from workflows import notices, rows
from workflows.post.carrying import Refusal
from workflows.post.models import MailRefusal

OPEN, WAITS, SHUT = "open", "waits", "shut"
FOR_NOW = (timedelta(minutes=5), timedelta(hours=6))
"""The first pause and the longest, doubled from one to the other: a mailbox that is full, or wants us to come again."""
FOR_GOOD = (timedelta(days=1), timedelta(days=16))
"""No such mailbox: servers err, mailboxes come back, so that it is tried again, ever more rarely."""


@dataclass(frozen=True)
class Box:
    """A mailbox as the last refusal left it."""

    officer_id: int
    address: str
    code: int
    answer: str
    for_good: bool
    tries: int
    refused_at: datetime
    again_at: datetime


class Boxes:
    """The refusing mailboxes of the Kanwil in scope, read once; what changes is written with `keep`. One statement."""

    def __init__(self, session: Session) -> None:
        self._kept = {row.officer_id: _box(row) for row in session.scalars(select(MailRefusal))}
        self._changed: dict[int, tuple[Box | None, str]] = {}

    def state(self, officer: Officer, now: datetime) -> str:
        """``open``; ``waits``: a mail stays owed; ``shut``: there is no use in owing one."""
        box = self._of(officer)
        if box is None or box.again_at <= now:
            return OPEN
        return SHUT if box.for_good else WAITS

    def refused(self, officer: Officer, refusal: Refusal, now: datetime) -> None:
        """Note a refusal; the pause grows with each of the same kind."""
        before = self._of(officer)
        tries = before.tries + 1 if before is not None and before.for_good == refusal.for_good else 1
        first, most = FOR_GOOD if refusal.for_good else FOR_NOW
        pause = min(first * 2 ** min(tries - 1, 10), most)
        box = Box(
            officer.id, officer.email, refusal.code, refusal.answer, refusal.for_good, tries, now, now + pause
        )
        self._kept[officer.id] = box
        self._changed[officer.id] = (box, officer.name)

    def took(self, officer: Officer) -> None:
        """A mail was taken: whatever was noted is over."""
        if self._kept.pop(officer.id, None) is not None:
            self._changed[officer.id] = (None, officer.name)

    def keep(self, session: Session, now: datetime) -> None:
        """Write what changed, in the open transaction. Nothing changed: no statement."""
        if not self._changed:
            return
        session.execute(
            delete(MailRefusal)
            .where(MailRefusal.officer_id.in_(self._changed))
            .execution_options(synchronize_session=False)
        )
        found = [(box, name) for box, name in self._changed.values() if box is not None]
        rows.add_unless_there(session, MailRefusal, [vars(box) for box, _ in found])
        told = [_told(box, name) for box, name in found if box.for_good and box.tries == 1]
        notices.tell(session, told, now)
        self._changed.clear()

    def _of(self, officer: Officer) -> Box | None:
        box = self._kept.get(officer.id)
        return box if box is not None and box.address == officer.email else None


def refusing(officers: Iterable[Officer]) -> dict[int, Box]:
    """The mailboxes of these officers that refused the last mail, by officer. One statement, none for nobody."""
    addresses = {one.id: one.email for one in officers}
    if not addresses:
        return {}
    rows = scoped_session().scalars(select(MailRefusal).where(MailRefusal.officer_id.in_(addresses)))
    return {row.officer_id: _box(row) for row in rows if row.address == addresses[row.officer_id]}


def _box(row: MailRefusal) -> Box:
    return Box(
        row.officer_id,
        row.address,
        row.code,
        row.answer,
        row.for_good,
        row.tries,
        row.refused_at,
        row.again_at,
    )


def _told(box: Box, name: str) -> notices.Draft:
    return notices.draft(
        "mail.refused",
        say(N_("Surel untuk %(name)s ditolak"), name=name),
        say(
            N_(
                "Server surel tidak mengenal alamatnya. Periksa alamat itu; pemberitahuannya tetap ada di aplikasi."
            )
        ),
        f"/petugas/{box.officer_id}",
        role="admin_kanwil",
    )
