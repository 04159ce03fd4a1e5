"""A training on its way: planned, filled with people, closed with who passed. Its sessions: `sessions`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from catalogue.content import Unreadable, count, day, line
from catalogue.partners.models import Partner
from catalogue.people.access import within_upt
from catalogue.people.errors import NoSuchPerson
from catalogue.people.models import Person
from catalogue.people.recording import WRITER
from catalogue.trainings.errors import NoSuchTraining, TrainingInvalid, TrainingMoved
from catalogue.trainings.models import CLOSED, OPEN, Attendance, Trainee, Training, TrainingSession
from tenants.database import session, transaction
from tenants.idempotency import once
from tenants.officers import Actor
from tenants.said import say
from tenants.words import N_
from workflows import audit

PASSED, FAILED = "passed", "failed"
MOST_HOURS: Final = 2000
MOST_TRAINEES: Final = 200
LEAST_SHARE: Final = 80
_LENGTHS: Final = {"title": (3, 150), "skill": (3, 60), "instructor": (3, 150), "place": (0, 150)}


def plan(
    given: Mapping[str, Any], *, by: Actor, now: datetime, key: str | None = None
) -> tuple[Training, bool]:
    """Plan a training of the UPT; it, and whether the call was a repetition of `key`.

    Raises:
        Forbidden: `by` is no operator; NotInThisUpt. TrainingInvalid: a field.
    """
    by.require(WRITER)
    upt_id = within_upt(by)

    def act() -> Training:
        with transaction() as here:
            row = Training(
                **_read(here, given, None),
                upt_id=upt_id,
                state=OPEN,
                created_by=by.id,
                created_at=now,
                updated_at=now,
                version=1,
            )
            here.add(row)
            here.flush()
            said = {"training": row.id, "title": row.title, "skill": row.skill, "partner": row.partner_id}
            tell("training.planned", row, said, by, now)
            return row

    return once(key, "training.plan", act, lambda row: row.id, load, content=dict(given))


def change(
    training_id: int, given: Mapping[str, Any], *, by: Actor, now: datetime, version: int | None = None
) -> Training:
    """Correct an open training. Where all stays as it was, nothing is written.

    Raises:
        Forbidden, NotInThisUpt, NoSuchTraining, TrainingInvalid; TrainingMoved: closed, or changed since `version`.
    """
    by.require(WRITER)
    within_upt(by)
    with transaction() as here:
        row = opened(training_id)
        if version is not None and version != row.version:
            raise TrainingMoved(N_("Pelatihan ini baru saja diubah orang lain. Muat ulang halamannya."))
        names = (*_LENGTHS, "from_on", "until_on", "hours", "least_share", "partner_id")
        kept = {name: getattr(row, name) for name in names}
        values = _read(here, {**kept, **given}, row.partner_id)
        changed = {name: value for name, value in values.items() if kept[name] != value}
        if not changed:
            return row
        for name, value in changed.items():
            setattr(row, name, value)
        row.updated_at, row.version = now, row.version + 1
        here.flush()
        tell("training.changed", row, {"training": row.id, **_plain(changed)}, by, now)
        return row


def enrol(training_id: int, person_ids: Sequence[int], *, by: Actor, now: datetime) -> Training:
    """Add persons to an open training; who is in it already stays. Six statements, however many.

    Raises:
        Forbidden, NotInThisUpt, NoSuchTraining, TrainingMoved; NoSuchPerson: one isn't of this UPT.
        TrainingInvalid: none (``people``), or more than 200 in all.
    """
    by.require(WRITER)
    upt_id = within_upt(by)
    wanted = sorted(set(person_ids))
    with transaction() as here:
        row = opened(training_id)
        if not wanted or row.participants + len(wanted) > MOST_TRAINEES:
            raise TrainingInvalid(
                fields={"people": say(N_("Pilih satu sampai %(most)s peserta."), most=MOST_TRAINEES)}
            )
        there = set(here.scalars(select(Person.id).where(Person.id.in_(wanted), Person.erased_at.is_(None))))
        if there != set(wanted):
            raise NoSuchPerson(N_("Salah satu peserta tidak ada di UPT ini."))
        inside = set(here.scalars(select(Trainee.person_id).where(Trainee.training_id == training_id)))
        new = [one for one in wanted if one not in inside]
        if not new:
            return row
        here.add_all(
            Trainee(training_id=training_id, upt_id=upt_id, person_id=one, added_at=now) for one in new
        )
        row.participants += len(new)
        touch(row, now)
        here.flush()
        tell("training.enrolled", row, {"training": row.id, "people": new}, by, now)
        return row


def leave(trainee_id: int, *, by: Actor, now: datetime) -> Training:
    """Take a person out of an open training, with the attendance that was noted.

    Raises:
        Forbidden, NotInThisUpt; NoSuchPerson: no such trainee; TrainingMoved.
    """
    by.require(WRITER)
    within_upt(by)
    with transaction() as here:
        trainee = here.scalars(select(Trainee).where(Trainee.id == trainee_id)).first()
        if trainee is None:
            raise NoSuchPerson(N_("Peserta ini tidak ada di pelatihan ini."))
        row = opened(trainee.training_id)
        were = list(here.scalars(select(Attendance.session_id).where(Attendance.trainee_id == trainee_id)))
        for meeting in here.scalars(select(TrainingSession).where(TrainingSession.id.in_(were))):
            meeting.present -= 1
        here.execute(
            delete(Attendance)
            .where(Attendance.trainee_id == trainee_id)
            .execution_options(synchronize_session=False)
        )
        person_id = trainee.person_id
        row.participants -= 1
        row.attended_hours -= trainee.hours
        here.delete(trainee)
        touch(row, now)
        here.flush()
        tell("training.left", row, {"training": row.id, "person": person_id}, by, now)
        return row


def close(training_id: int, failed: Sequence[int], *, by: Actor, now: datetime) -> Training:
    """Close a training: whoever was there often enough passes, but for those whom the instructor let fail (`failed`,
    by their numbers in the training). Closed already, nothing more happens. Five statements, however many.

    Raises:
        Forbidden, NotInThisUpt, NoSuchTraining; TrainingMoved: nobody is in it, or no session was held.
    """
    by.require(WRITER)
    within_upt(by)
    with transaction() as here:
        row = locked(training_id)
        if not row.is_open:
            return row
        if not row.participants or not row.sessions:
            raise TrainingMoved(N_("Catat dahulu peserta dan pertemuannya."))
        least = least_hours(row)
        fails = set(failed)
        passed = 0
        for trainee in here.scalars(select(Trainee).where(Trainee.training_id == training_id)):
            good = trainee.hours >= least and trainee.id not in fails
            trainee.outcome = PASSED if good else FAILED
            passed += good
        row.state, row.passed = CLOSED, passed
        touch(row, now)
        here.flush()
        said = {"training": row.id, "participants": row.participants, "passed": passed}
        tell("training.closed", row, said, by, now)
        return row


def least_hours(row: Training) -> int:
    """Hours that somebody must have been there to pass: the share of what was planned, which a certificate names."""
    return -(-row.hours * row.least_share // 100)


def load(training_id: int) -> Training:
    """One training within the scope. One statement.

    Raises:
        NoSuchTraining: there is none.
    """
    return _one(select(Training).where(Training.id == training_id))


def locked(training_id: int) -> Training:
    """The same, locked until the open transaction ends."""
    return _one(select(Training).where(Training.id == training_id).with_for_update())


def opened(training_id: int) -> Training:
    """An open training, locked.

    Raises:
        NoSuchTraining; TrainingMoved: it is closed.
    """
    row = locked(training_id)
    if not row.is_open:
        raise TrainingMoved(N_("Pelatihan ini sudah ditutup."))
    return row


def touch(row: Training, now: datetime) -> None:
    """Count the version up."""
    row.updated_at, row.version = now, row.version + 1


def _read(here: Session, given: Mapping[str, Any], partner: int | None) -> dict[str, Any]:
    wrong: dict[str, str] = {}
    values: dict[str, Any] = {}
    for name, (least, most) in _LENGTHS.items():
        try:
            values[name] = line(given.get(name) or "", most) or ""
        except Unreadable as error:
            wrong[name] = str(error)
            continue
        if len(values[name]) < least:
            wrong[name] = say(N_("Tulis sedikitnya %(least)s huruf."), least=least)
    for name in ("from_on", "until_on"):
        value = given.get(name)
        try:
            values[name] = value if isinstance(value, date) else day(value or "")
        except Unreadable as error:
            wrong[name] = str(error)
    if not {"from_on", "until_on"} & wrong.keys() and values["until_on"] < values["from_on"]:
        wrong["until_on"] = N_("Tidak boleh sebelum tanggal mulai.")
    share = given.get("least_share")
    for name, value, low, high in (
        ("hours", given.get("hours") or "", 1, MOST_HOURS),
        ("least_share", LEAST_SHARE if share in (None, "") else share, 1, 100),
    ):
        try:
            values[name] = count(value, low, high)
        except Unreadable as error:
            wrong[name] = str(error)
    values["partner_id"] = _partner(here, given.get("partner_id"), partner, wrong)
    if wrong:
        raise TrainingInvalid(fields=wrong)
    return values


def _partner(here: Session, given: Any, kept: int | None, wrong: dict[str, str]) -> int | None:
    text = str(given or "")
    if not text:
        return None
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
    found = here.execute(select(Partner.id, Partner.active).where(Partner.id == number)).first()
    if found is None or not (found.active or found.id == kept):
        wrong["partner_id"] = N_("Pilih salah satu dari daftar.")
        return None
    return int(found.id)


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}


def tell(action: str, row: Training, said: Mapping[str, Any], by: Actor, now: datetime) -> None:
    """The audit event of a change, which the UPT reads as well as its Kanwil: numbers alone of persons."""
    audit.record(audit.KANWIL, action, said, by=by, now=now, upt_id=row.upt_id)


def _one(asked: Any) -> Training:
    row: Training | None = session().scalars(asked.execution_options(populate_existing=True)).first()
    if row is None:
        raise NoSuchTraining(N_("Pelatihan ini tidak ada."))
    return row
