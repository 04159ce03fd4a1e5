"""The Dirjen's dispositions on a recap: what is to be done, by whom, until when; and that it was done.

To the Kanwil: a row in its own tenant, entered by the logged reach, with an event in its chain and a notice to the
Kakanwil and the Kadiv. To an officer of the centre: a row of no tenant and a mail. Nothing is ever rewritten: a
disposition is open, then done or withdrawn.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

from sqlalchemy import Select, or_, select

from catalogue.content import Unreadable, text
from config import Settings
from recaps.delivery.models import DONE, OPEN, WITHDRAWN, CentreDisposition, Disposition
from recaps.errors import NoSuchDisposition, NoSuchRecap, NotThisState
from recaps.models import REVOKED, SIGNED, STANDING, Recap
from tenants import database
from tenants.database import session, transaction
from tenants.errors import Forbidden, Invalid
from tenants.idempotency import once
from tenants.jobs import enqueue, job
from tenants.models import Kanwil, Officer
from tenants.officers import Actor, acting_in
from tenants.said import joined, say, spoken
from tenants.tongues import INDONESIAN, day_in, tongue
from tenants.words import N_, date_id, read_date
from workflows import audit, mailing, notices

KANWIL, CENTRE = "kanwil", "centre"
READERS: Final = ("dirjen", "admin_pusat")
"""Roles of the centre whose officers may be named: those that read recaps."""
DOERS: Final = ("kakanwil", "kadiv")
LENGTH: Final = 2000
Given = Disposition | CentreDisposition
T = TypeVar("T", Disposition, CentreDisposition)


@dataclass(frozen=True)
class _About:
    tenant_id: int
    kanwil: str
    label: str


def give(
    recap_id: int, entered: Mapping[str, Any], *, by: Actor, now: datetime, key: str | None = None
) -> tuple[Given, bool]:
    """Write a disposition on a delivered recap. `entered`: ``instruction``, ``to`` ("kanwil", or the username of an
    officer of the centre), ``due_on``. Returns it and whether the call was a repetition.

    Raises:
        Forbidden: not the Dirjen; NoSuchRecap; NotThisState: replaced by another; Invalid: by field.
    """
    by.require("dirjen")
    about = _about(recap_id)
    instruction, due_on, wrong = _read(entered, now)
    to = str(entered.get("to") or "").strip()
    officer = None if to in ("", KANWIL) else _officer(to)
    if to != KANWIL and officer is None:
        wrong["to"] = N_("Pilih penerima disposisi.")
    if wrong:
        raise Invalid(fields=wrong)
    said = {
        "recap_id": recap_id,
        "instruction": instruction,
        "due_on": due_on,
        "given_by": by.id,
        "given_by_name": by.name,
        "given_at": now,
        "state": OPEN,
    }
    operation = f"disposition.give:{recap_id}"
    content = {**dict(entered), "to": to}
    if officer is not None:
        chosen = officer
        return once(
            key,
            operation,
            lambda: _to_officer(said, chosen, about),
            lambda row: row.id,
            centre_one,
            content=content,
        )
    with acting_in(about.tenant_id, by=by, purpose=f"disposisi rekap {recap_id}", now=now):
        made, replayed = once(
            key,
            operation,
            lambda: _to_kanwil(said, about, by, now),
            lambda row: row.id,
            kanwil_one,
            content=content,
        )
        session().expunge(made)
        return made, replayed


def _to_kanwil(said: dict[str, Any], about: _About, by: Actor, now: datetime) -> Disposition:
    with transaction() as here:
        made = Disposition(**said, to_name=about.kanwil)
        here.add(made)
        here.flush()
        payload = {
            "disposition": made.id,
            "recap": made.recap_id,
            "instruction": made.instruction,
            "due_on": made.due_on.isoformat() if made.due_on else None,
        }
        audit.record(audit.KANWIL, "disposition.given", payload, by=by, now=now)
        until = f" Paling lambat {date_id(made.due_on)}." if made.due_on else ""
        title, link = f"Disposisi Direktur Jenderal atas rekap {about.label}", f"/rekap/{made.recap_id}"
        drafts = [
            notices.draft("disposition.given", title, f"{made.instruction}{until}", link, role=role)
            for role in DOERS
        ]
        notices.tell(here, drafts, now)
        return made


def _to_officer(said: dict[str, Any], officer: Officer, about: _About) -> CentreDisposition:
    with transaction() as here:
        made = CentreDisposition(
            **said,
            kanwil_id=about.tenant_id,
            to_officer_id=officer.id,
            to_name=officer.name,
            about=f"{about.label}, {about.kanwil}"[:300],
        )
        here.add(made)
        here.flush()
        enqueue("disposition.mail", {"disposition_id": made.id}, key=str(made.id))
        return made


def finish(disposition_id: int, note: str, *, by: Actor, now: datetime) -> Disposition:
    """The Kanwil says what it did. Repeated once it is done, nothing more happens.

    Raises:
        Forbidden: neither Kakanwil nor Kadiv; NoSuchDisposition; NotThisState: withdrawn; Invalid: no words.
    """
    by.require(*DOERS)
    said = _note(note)
    with transaction() as here:
        found = _locked(Disposition, disposition_id)
        if not _close(found, DONE, said, by, now):
            return found
        payload = {"disposition": found.id, "recap": found.recap_id, "note": said}
        audit.record(audit.KANWIL, "disposition.done", payload, by=by, now=now)
        here.flush()
        return found


def finish_centre(disposition_id: int, note: str, *, by: Actor, now: datetime) -> CentreDisposition:
    """Who is named says what he did. Repeated once it is done, nothing more happens.

    Raises:
        NoSuchDisposition: none that names `by`; NotThisState: withdrawn; Invalid: no words.
    """
    said = _note(note)
    with transaction() as here:
        found = _locked(CentreDisposition, disposition_id)
        if found.to_officer_id != by.id:
            if by.has("dirjen"):
                raise Forbidden(N_("Yang menyelesaikan disposisi ini ialah penerimanya."))
            raise NoSuchDisposition()
        _close(found, DONE, said, by, now)
        here.flush()
        return found


def withdraw(
    kind: str, disposition_id: int, note: str, *, by: Actor, now: datetime, key: str | None = None
) -> Given:
    """The Dirjen takes an open disposition back, with a reason. Repeated, nothing more happens.

    Raises:
        Forbidden: not the Dirjen; NoSuchDisposition; NotThisState: it is done; Invalid: no reason.
    """
    by.require("dirjen")
    said = _note(note)
    operation = f"disposition.withdraw:{kind}:{disposition_id}"
    if kind == CENTRE:

        def inside() -> CentreDisposition:
            row = _locked(CentreDisposition, disposition_id)
            _close(row, WITHDRAWN, said, by, now)
            session().flush()
            return row

        return once(key, operation, inside, lambda row: row.id, centre_one, content=note)[0]
    with database.national("tarik disposisi") as reader:
        asked = select(Disposition.tenant_id).where(Disposition.id == disposition_id)
        tenant_id = reader.scalar(asked) if kind == KANWIL else None
    if tenant_id is None:
        raise NoSuchDisposition()

    def in_the_kanwil() -> Disposition:
        row = _locked(Disposition, disposition_id)
        if _close(row, WITHDRAWN, said, by, now):
            payload = {"disposition": row.id, "recap": row.recap_id, "note": said}
            audit.record(audit.KANWIL, "disposition.withdrawn", payload, by=by, now=now)
        session().flush()
        return row

    with acting_in(int(tenant_id), by=by, purpose=f"tarik disposisi {disposition_id}", now=now):
        found, _ = once(key, operation, in_the_kanwil, lambda row: row.id, kanwil_one, content=note)
        session().expunge(found)
        return found


def kanwil_one(disposition_id: int) -> Disposition:
    """One disposition to the Kanwil in scope.

    Raises:
        NoSuchDisposition: there is none.
    """
    return _found(Disposition, select(Disposition).where(Disposition.id == disposition_id))


def centre_one(disposition_id: int) -> CentreDisposition:
    """One disposition within the centre, whoever it names.

    Raises:
        NoSuchDisposition: there is none.
    """
    return _found(CentreDisposition, select(CentreDisposition).where(CentreDisposition.id == disposition_id))


def concerns(row: CentreDisposition, by: Actor) -> None:
    """Raises:
    NoSuchDisposition: it neither names `by` nor is he the Dirjen.
    """
    if row.to_officer_id != by.id and not by.has("dirjen"):
        raise NoSuchDisposition()


def for_centre(disposition_id: int, *, by: Actor) -> Disposition:
    """A disposition to a Kanwil as the Dirjen reads it. One statement in the national reach.

    Raises:
        NoSuchDisposition: there is none, or `by` is not the Dirjen.
    """
    if not by.has("dirjen"):
        raise NoSuchDisposition()
    with database.national("disposisi") as reader:
        row = reader.scalars(select(Disposition).where(Disposition.id == disposition_id)).first()
    if row is None:
        raise NoSuchDisposition()
    return row


def officers() -> list[Officer]:
    """The officers of the centre who may be named. One statement, outside of every Kanwil's scope."""
    asked = select(Officer).where(
        Officer.tenant_id.is_(None),
        Officer.active.is_(True),
        or_(*(Officer.roles.any(name=role) for role in READERS)),
    )
    return list(session().scalars(asked.order_by(Officer.id)))


def _officer(username: str) -> Officer | None:
    return next((one for one in officers() if one.username == username), None)


def _about(recap_id: int) -> _About:
    with database.national("disposisi rekap") as reader:
        found = reader.execute(
            select(Recap, Kanwil)
            .join(Kanwil, Kanwil.id == Recap.tenant_id)
            .where(Recap.id == recap_id, Recap.state.in_(SIGNED))
        ).first()
    if found is None:
        raise NoSuchRecap()
    recap, kanwil = found
    if recap.state == REVOKED:
        raise NotThisState(N_("Rekap ini sudah dicabut; disposisi ditulis pada rekap barunya."))
    if recap.state not in STANDING:
        raise NotThisState(N_("Rekap ini sudah digantikan; disposisi ditulis pada penggantinya."))
    return _About(recap.tenant_id, kanwil.short_name, recap.label)


def _read(entered: Mapping[str, Any], now: datetime) -> tuple[str, date | None, dict[str, Any]]:
    wrong: dict[str, Any] = {}
    instruction: str | None = ""
    try:
        instruction = text(str(entered.get("instruction") or ""), LENGTH)
    except Unreadable as error:
        wrong["instruction"] = str(error)
    if not instruction and "instruction" not in wrong:
        wrong["instruction"] = N_("Tulis apa yang perlu dilakukan.")
    due_on = None
    if due := str(entered.get("due_on") or "").strip():
        try:
            due_on = read_date(due)
        except ValueError as error:
            wrong["due_on"] = str(error)
    if due_on is not None and due_on < now.date():
        wrong["due_on"] = N_("Tenggat ini sudah lewat.")
    return instruction or "", due_on, wrong


def _note(note: str) -> str:
    try:
        said = text(note, LENGTH)
    except Unreadable as error:
        raise Invalid(fields={"note": str(error)}) from error
    if not said:
        raise Invalid(fields={"note": N_("Tulis apa yang sudah dilakukan, atau alasannya.")})
    return said


def _close(row: Given, state: str, note: str, by: Actor, now: datetime) -> bool:
    """End an open disposition; False where it ended so before.

    Raises:
        NotThisState: it ended otherwise.
    """
    if row.state == state:
        return False
    if row.state != OPEN:
        raise NotThisState(
            N_("Disposisi ini sudah selesai.") if row.state == DONE else N_("Disposisi ini sudah ditarik.")
        )
    row.state, row.done_note, row.done_at = state, note, now
    row.done_by, row.done_by_name = by.id, by.name
    return True


def _locked(model: type[T], disposition_id: int) -> T:
    return _found(model, select(model).where(model.id == disposition_id).with_for_update())


def _found(model: type[T], asked: Select[T]) -> T:
    row = session().scalars(asked.execution_options(populate_existing=True)).first()
    if row is None:
        raise NoSuchDisposition()
    return row


# --- the mail to who is named ---


@job("disposition.mail")
def _mail(payload: dict[str, Any]) -> dict[str, Any]:
    return {"mails": mail(int(payload["disposition_id"]))}


def mail(disposition_id: int) -> int:
    """Write to the officer that a disposition names; how many mails left. None once it is no longer open."""
    row = centre_one(disposition_id)
    settings = database.db.settings
    officer = (
        session()
        .scalars(select(Officer).where(Officer.id == row.to_officer_id, Officer.active.is_(True)))
        .first()
    )
    if row.state != OPEN or officer is None or not officer.email:
        return 0
    refused = mailing.send([(f"disposisi-{row.id}-{officer.id}", letter(row, officer, settings))], settings)
    return 1 - len(refused)


def letter(row: CentreDisposition, officer: Officer, settings: Settings) -> EmailMessage:
    """The mail of one disposition, in the language of who gets it."""
    speak = tongue(officer.language)
    host = urlsplit(settings.base_url).hostname or "karya"
    written = EmailMessage()
    written["Subject"] = spoken(say(N_("Disposisi atas rekap %(about)s"), about=row.about).parts, speak)
    written["From"], written["To"] = settings.mail_from, officer.email
    written["Date"] = format_datetime(row.given_at.astimezone(UTC))
    written["Message-ID"] = f"<disposisi-{row.id}-{officer.id}@{host}>"
    written["Auto-Submitted"] = "auto-generated"
    day = day_in(officer.language, row.due_on) if row.due_on else ""
    parts = [
        say(N_("Yth. %(name)s,"), name=officer.name),
        say(N_("%(who)s memberi disposisi atas rekap %(about)s:"), who=row.given_by_name, about=row.about),
        row.instruction,
        *([say(N_("Paling lambat %(day)s."), day=day)] if day else []),
        f"{settings.base_url}/rekap-masuk/{row.recap_id}",
        "Karya",
    ]
    written.set_content(spoken(joined(parts, "\n\n").parts, speak) + "\n")
    written["Content-Language"] = officer.language or INDONESIAN
    return written
