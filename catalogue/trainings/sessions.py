"""The sessions of a training: held with who was there, corrected, taken back. The counts move with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from catalogue.content import Unreadable, count, day, line
from catalogue.people.access import within_upt
from catalogue.people.errors import NoSuchPerson
from catalogue.people.models import Person
from catalogue.people.recording import WRITER, today_here, was_there
from catalogue.trainings.errors import NoSuchSession, TrainingInvalid
from catalogue.trainings.models import Attendance, Trainee, Training, TrainingSession
from catalogue.trainings.planning import opened, tell, touch
from tenants.database import session, transaction
from tenants.idempotency import once
from tenants.officers import Actor
from tenants.said import say
from tenants.words import N_, date_id


def hold(
    training_id: int,
    given: Mapping[str, Any],
    present: Sequence[int],
    *,
    by: Actor,
    now: datetime,
    key: str | None = None,
) -> tuple[TrainingSession, bool]:
    """Note a session that was held, and which trainees (by their numbers in the training) were there.

    Raises:
        Forbidden, NotInThisUpt, NoSuchTraining, TrainingMoved; NoSuchPerson: one isn't in this training.
        TrainingInvalid: ``held_on``, ``hours`` or ``topic``.
    """
    by.require(WRITER)
    upt_id = within_upt(by)
    ids = sorted(set(present))

    def act() -> TrainingSession:
        with transaction() as here:
            row = opened(training_id)
            values = _read_session(given, row, today_here(now))
            held = TrainingSession(training_id=row.id, upt_id=upt_id, **values, present=0)
            here.add(held)
            here.flush()
            row.sessions += 1
            row.session_hours += held.hours
            _attend(here, row, held, ids, now)
            touch(row, now)
            here.flush()
            said = {"training": row.id, "session": held.id, "present": len(ids)}
            tell("training.held", row, said, by, now)
            return held

    content = {**dict(given), "present": ids}
    return once(key, f"training.hold:{training_id}", act, lambda one: one.id, meeting, content=content)


def correct_attendance(
    session_id: int, present: Sequence[int], *, by: Actor, now: datetime
) -> TrainingSession:
    """Say anew who was at a session of an open training.

    Raises:
        Forbidden, NotInThisUpt, NoSuchSession, TrainingMoved; NoSuchPerson: one isn't in this training.
    """
    by.require(WRITER)
    within_upt(by)
    ids = sorted(set(present))
    with transaction() as here:
        held = meeting(session_id)
        row = opened(held.training_id)
        asked = select(Attendance.trainee_id).where(Attendance.session_id == session_id)
        before = sorted(here.scalars(asked))
        if before == ids:
            return held
        _unattend(here, row, held, before)
        _attend(here, row, held, ids, now)
        touch(row, now)
        here.flush()
        said = {"training": row.id, "session": held.id, "present": len(ids)}
        tell("training.attendance", row, said, by, now)
        return held


def cancel_session(session_id: int, *, by: Actor, now: datetime) -> Training:
    """Take back a session that was noted by mistake, with its attendance.

    Raises:
        Forbidden, NotInThisUpt, NoSuchSession, TrainingMoved.
    """
    by.require(WRITER)
    within_upt(by)
    with transaction() as here:
        held = meeting(session_id)
        row = opened(held.training_id)
        asked = select(Attendance.trainee_id).where(Attendance.session_id == session_id)
        _unattend(here, row, held, list(here.scalars(asked)))
        row.sessions -= 1
        row.session_hours -= held.hours
        here.delete(held)
        touch(row, now)
        here.flush()
        tell("training.session_removed", row, {"training": row.id, "session": session_id}, by, now)
        return row


def meeting(session_id: int) -> TrainingSession:
    """One session within the scope. One statement.

    Raises:
        NoSuchSession: there is none.
    """
    row = session().scalars(select(TrainingSession).where(TrainingSession.id == session_id)).first()
    if row is None:
        raise NoSuchSession(N_("Pertemuan ini tidak ada."))
    return row


def _attend(
    here: Session, row: Training, held: TrainingSession, trainee_ids: Sequence[int], now: datetime
) -> None:
    asked = (
        select(Trainee, Person)
        .join(Person, Person.id == Trainee.person_id)
        .where(Trainee.training_id == row.id, Trainee.id.in_(trainee_ids))
    )
    found = here.execute(asked).all()
    if len(found) != len(trainee_ids):
        raise NoSuchPerson(N_("Salah satu peserta tidak ada di pelatihan ini."))
    for trainee, person in found:
        here.add(Attendance(session_id=held.id, upt_id=row.upt_id, trainee_id=trainee.id, marked_at=now))
        trainee.hours += held.hours
        was_there(person, held.held_on)
    held.present = len(found)
    row.attended_hours += held.hours * len(found)
    here.flush()


def _unattend(here: Session, row: Training, held: TrainingSession, trainee_ids: Sequence[int]) -> None:
    here.execute(
        update(Trainee)
        .where(Trainee.id.in_(trainee_ids))
        .values(hours=Trainee.hours - held.hours)
        .execution_options(synchronize_session="fetch")
    )
    here.execute(
        delete(Attendance)
        .where(Attendance.session_id == held.id)
        .execution_options(synchronize_session=False)
    )
    row.attended_hours -= held.hours * len(trainee_ids)
    held.present = 0
    here.flush()


def _read_session(given: Mapping[str, Any], row: Training, today: date) -> dict[str, Any]:
    wrong: dict[str, str] = {}
    values: dict[str, Any] = {}
    value = given.get("held_on")
    try:
        values["held_on"] = value if isinstance(value, date) else day(value or "")
    except Unreadable as error:
        wrong["held_on"] = str(error)
    else:
        if values["held_on"] > today:
            wrong["held_on"] = N_("Tanggal ini belum tiba.")
        elif not row.from_on <= values["held_on"] <= row.until_on:
            words = N_("Antara %(first)s dan %(last)s, selama pelatihan berlangsung.")
            wrong["held_on"] = say(words, first=date_id(row.from_on), last=date_id(row.until_on))
    try:
        values["hours"] = count(given.get("hours") or "", 1, 24)
    except Unreadable as error:
        wrong["hours"] = str(error)
    try:
        values["topic"] = line(given.get("topic") or "", 200) or ""
    except Unreadable as error:
        wrong["topic"] = str(error)
    if wrong:
        raise TrainingInvalid(fields=wrong)
    return values
