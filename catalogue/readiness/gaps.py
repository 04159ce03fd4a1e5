"""Gaps: for what is missing, what is done about it, by whom, until when, and what came of it.

The UPT writes them at any time of the year, also after the verification; what is open goes on into the next year.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import select

from catalogue.readiness import questions
from catalogue.readiness.errors import GapNotFound, NotYourReadiness, ReadinessIncomplete, ReadinessMoved
from catalogue.readiness.filling import loaded
from catalogue.readiness.models import Gap
from catalogue.readiness.terms import DONE, GAP_STATES, OPEN
from tenants.clock import local_day
from tenants.database import session as scoped_session
from tenants.database import transaction
from tenants.idempotency import once
from tenants.officers import Actor
from tenants.said import say
from tenants.words import N_, read_date
from workflows import audit
from workflows.calendars import calendar_of
from workflows.stages import clean

WRITERS: Final = ("operator_upt", "kepala_upt")
FIELDS: Final = ("action", "who", "due_on", "state", "note")
LENGTHS: Final = {"action": 1000, "who": 160, "note": 1000}
FURTHEST: Final = timedelta(days=3 * 366)


def add(
    readiness_id: int, entered: Mapping[str, Any], *, by: Actor, now: datetime, key: str | None = None
) -> Gap:
    """Write down what is done about a gap: ``{question, action, who, due_on}``; the same `key` gives the same one.

    Raises:
        ReadinessNotFound: there is none within the scope. NotYourReadiness: not of this UPT.
        ReadinessIncomplete: what is missing or can't be accepted, by field.
    """
    _may_write(by)

    def act() -> Gap:
        with transaction() as session:
            row = loaded(readiness_id)
            if row.upt_id != by.upt_id:
                raise NotYourReadiness()
            question = str(entered.get("question") or "")
            values, wrong = _read(entered, _today(now))
            if question not in questions.of_version(row.questionnaire_version, session).keys:
                wrong["question"] = N_("Pilih pertanyaannya.")
            if wrong:
                raise ReadinessIncomplete(fields=wrong)
            gap = Gap(
                upt_id=row.upt_id,
                readiness_id=row.id,
                question=question,
                action=values["action"],
                who=values["who"],
                due_on=values["due_on"],
                state=OPEN,
                note="",
                created_by_name=by.name,
                created_at=now,
                updated_at=now,
            )
            session.add(gap)
            session.flush()
            _tell("readiness.gap_added", gap, by, now)
            return gap

    return once(key, f"readiness.gap:{readiness_id}", act, lambda gap: gap.id, one, content=dict(entered))[0]


def change(
    gap_id: int, entered: Mapping[str, Any], *, by: Actor, now: datetime, version: int | None = None
) -> Gap:
    """Correct a gap, or end it (``state`` done or dropped, with a `note`), or open it again. What stays as it was
    writes nothing.

    Raises:
        GapNotFound: there is none within the scope. NotYourReadiness: not of this UPT.
        ReadinessMoved: somebody changed it since `version`. ReadinessIncomplete: by field.
    """
    _may_write(by)
    with transaction() as session:
        gap = session.scalars(
            select(Gap).where(Gap.id == gap_id).with_for_update().execution_options(populate_existing=True)
        ).first()
        if gap is None:
            raise GapNotFound()
        if gap.upt_id != by.upt_id:
            raise NotYourReadiness()
        if version is not None and version != gap.version:
            raise ReadinessMoved(N_("Tindakan ini baru saja diubah orang lain. Muat ulang halamannya."))
        was = {name: getattr(gap, name) for name in FIELDS}
        values, wrong = _read({**was, **entered}, _today(now), was=gap)
        if wrong:
            raise ReadinessIncomplete(fields=wrong)
        if values == was:
            return gap
        for name, value in values.items():
            setattr(gap, name, value)
        if gap.state != was["state"]:
            gap.ended_on = None if gap.state == OPEN else _today(now)
        gap.updated_at, gap.version = now, gap.version + 1
        session.flush()
        _tell("readiness.gap_changed", gap, by, now)
        return gap


def one(gap_id: int) -> Gap:
    """One gap within the scope. One statement.

    Raises:
        GapNotFound: there is none.
    """
    found = scoped_session().scalars(select(Gap).where(Gap.id == gap_id)).first()
    if found is None:
        raise GapNotFound()
    return found


def is_late(gap: Gap, today: date) -> bool:
    """Whether it is open past its date."""
    return gap.state == OPEN and gap.due_on < today


def _read(
    entered: Mapping[str, Any], today: date, *, was: Gap | None = None
) -> tuple[dict[str, Any], dict[str, str]]:
    values: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    empty = {"action": N_("Tulis apa yang dilakukan."), "who": N_("Tulis siapa yang bertanggung jawab.")}
    for name, longest in LENGTHS.items():
        text = entered.get(name)
        try:
            values[name] = clean(text if isinstance(text, str) else "", longest)
        except ValueError as error:
            values[name], wrong[name] = "", str(error)
            continue
        if name in empty and not values[name]:
            wrong[name] = empty[name]
    values["due_on"], why = _day(entered.get("due_on"), today, was)
    if why:
        wrong["due_on"] = why
    values["state"] = str(entered.get("state") or OPEN)
    if values["state"] not in GAP_STATES:
        wrong["state"] = N_("Pilih terbuka, selesai, atau tidak dilanjutkan.")
    elif values["state"] != OPEN and not values["note"] and "note" not in wrong:
        wrong["note"] = (
            N_("Tulis hasilnya.") if values["state"] == DONE else N_("Tulis mengapa tidak dilanjutkan.")
        )
    return values, wrong


def _day(given: Any, today: date, was: Gap | None) -> tuple[date | None, str | None]:
    try:
        day = given if isinstance(given, date) else read_date(str(given or ""))
    except ValueError:
        return None, say(N_("Tulis tanggalnya."))
    if was is not None and day == was.due_on:
        return day, None
    if day < today:
        return day, say(N_("Pilih tanggal yang akan datang."))
    if day - today > FURTHEST:
        return day, say(N_("Paling jauh tiga tahun."))
    return day, None


def _today(now: datetime) -> date:
    return local_day(now, calendar_of(scoped_session()).timezone)


def _may_write(by: Actor) -> None:
    if by.upt_id is None or not by.has(*WRITERS):
        raise NotYourReadiness(N_("Tindakan atas kesenjangan dicatat operator atau kepala UPT."))


def _tell(action: str, gap: Gap, by: Actor, now: datetime) -> None:
    payload = {
        "gap": gap.id,
        "readiness": gap.readiness_id,
        "question": gap.question,
        "action": gap.action,
        "who": gap.who,
        "due_on": gap.due_on.isoformat(),
        "state": gap.state,
        "note": gap.note,
    }
    audit.record(audit.KANWIL, action, payload, by=by, now=now, upt_id=gap.upt_id)
