"""Carrying out an inspection: its checklist is answered, also in parts, and comes to a result.

Four eyes: nobody inspects a revision that he edited or submitted. Every accepted change is an event on the chain of the
product's newest case, where what was decided about the product stands too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalogue.content import LABELS
from catalogue.models import Product, Revision
from catalogue.oversight import notices as messages
from catalogue.oversight.checklist import questions
from catalogue.oversight.errors import (
    InspectionIncomplete,
    InspectionMoved,
    InspectionNotFound,
    InspectorInvolved,
    NotAnInspector,
)
from catalogue.oversight.models import DONE, OPEN, UNDER_WAY, UPT, WAITING, Finding, Inspection
from catalogue.publication import PUBLISHED, WITHDRAWN, carry_out
from tenants.clock import local_day
from tenants.database import session as scoped_session
from tenants.database import transaction
from tenants.idempotency import once
from tenants.officers import Actor
from tenants.said import say
from tenants.words import N_, date_id
from workflows import audit, notices
from workflows.calendars import calendar_of
from workflows.deadlines import CLOSING, Calendar, due
from workflows.proof.whole import sealed
from workflows.stages import clean

NOTHING, CORRECT, SUSPEND = "nothing", "correct", "suspend"
OUTCOMES = (NOTHING, CORRECT, SUSPEND)
GENERAL = "general"
"""A finding that is about no single field."""
MOST_FINDINGS = 20
LONGEST_TEXT = 2000
LONGEST_COMMENT = 2000
FURTHEST = timedelta(days=366)
REMIND_DAYS = 3
"""Working days before the date of a finding on which it is called to mind."""


@dataclass(frozen=True)
class Result:
    """What came of an inspection. `findings`: `[{field, text}]`; `correct_by`: the day by which they are mended."""

    outcome: str
    answers: Mapping[str, Any] = field(default_factory=dict)
    comment: str = ""
    correct_by: date | None = None
    findings: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True)
class Subject:
    """An inspection, locked, with the product and the revision that the public sees."""

    inspection: Inspection
    product: Product
    revision: Revision


def take_up(inspection_id: int, answers: Mapping[str, Any], *, by: Actor, now: datetime) -> Inspection:
    """Begin an inspection, or keep what was answered so far; an empty answer takes an earlier one back.

    Whoever keeps last is its inspector. One transaction.

    Raises:
        InspectionNotFound: there is none within the scope.
        NotAnInspector, InspectorInvolved: `by` may not inspect it.
        InspectionMoved: its result is there already, or the product was withdrawn.
        InspectionIncomplete: an answer of the wrong kind; nothing is kept then.
    """
    with transaction() as session:
        subject = locked(session, inspection_id)
        inspection = subject.inspection
        _may_conclude(subject, by)
        read, wrong = questions().answers(answers, subject.revision.content, complete=False)
        if wrong:
            raise InspectionIncomplete(fields={f"checklist.{key}": words for key, words in wrong.items()})
        kept = {key: value for key, value in inspection.answers.items() if key not in answers} | read
        if inspection.state == UNDER_WAY and kept == inspection.answers and inspection.inspector_id == by.id:
            return inspection  # a second click
        inspection.state, inspection.answers = UNDER_WAY, kept
        inspection.inspector_id, inspection.inspector_name = by.id, by.name
        inspection.version += 1
        payload = {"inspection_id": inspection.id, "answers": kept, **sealed(inspection)}
        audit.record(f"case:{subject.product.case_id}", "inspection.begun", payload, by=by, now=now)
        session.flush()
        return inspection


def conclude(
    inspection_id: int, result: Result, *, by: Actor, now: datetime, key: str | None = None
) -> Inspection:
    """Record what came of an inspection: nothing, findings to be mended by a date, or a suspension at once.

    One transaction with what follows from it; the same `key` gives the result that stands.

    Raises:
        InspectionNotFound, NotAnInspector, InspectorInvolved, InspectionMoved: as `take_up`.
        InspectionIncomplete: what is missing or can't be accepted, by field (``checklist.<key>``, ``comment``,
            ``correct_by``, ``findings``, ``findings.<n>.text``).
    """
    done, _ = once(
        key,
        f"inspection.result:{inspection_id}",
        lambda: _concluded(inspection_id, result, by, now),
        lambda inspection: inspection.id,
        lambda id_: scoped_session().scalars(select(Inspection).where(Inspection.id == id_)).one(),
        content=[
            result.outcome,
            dict(result.answers),
            result.comment,
            result.correct_by,
            list(result.findings),
        ],
    )
    return done


def _concluded(inspection_id: int, result: Result, by: Actor, now: datetime) -> Inspection:
    with transaction() as session:
        subject = locked(session, inspection_id)
        inspection, product = subject.inspection, subject.product
        _may_conclude(subject, by)
        calendar = calendar_of(session)
        answers, comment, findings = _read(result, subject, calendar, local_day(now, calendar.timezone))
        inspection.inspector_id, inspection.inspector_name = by.id, by.name
        inspection.answers, inspection.outcome, inspection.comment = answers, result.outcome, comment or None
        inspection.revision_no = subject.revision.no
        inspection.concluded_at = now
        inspection.version += 1
        made = []
        if result.outcome == CORRECT and result.correct_by is not None:
            made = _found(session, inspection, findings, result.correct_by, calendar, now)
            inspection.state, inspection.turn = WAITING, UPT
            inspection.due_at, inspection.due_on = made[0].due_at, made[0].due_on
        else:
            inspection.state, inspection.turn, inspection.closed_at = DONE, None, now
        payload = {
            "inspection_id": inspection.id,
            "outcome": result.outcome,
            "answers": answers,
            "comment": comment,
            "findings": [{"id": one.id, "field": one.field, "text": one.text} for one in made],
            "correct_by": result.correct_by.isoformat() if made and result.correct_by else None,
            **sealed(inspection, *made),
        }
        audit.record(f"case:{product.case_id}", "inspection.concluded", payload, by=by, now=now)
        if result.outcome == SUSPEND and product.public_state == PUBLISHED:
            carry_out(session, product.id, "suspend", comment, by=by, now=now)
        notices.tell(session, messages.of_result(inspection, made, by.name), now)
        session.flush()
        return inspection


def locked(session: Session, inspection_id: int) -> Subject:
    """An inspection, locked until the transaction ends, with its product and the published revision. One statement.

    Raises:
        InspectionNotFound: there is none within the scope.
    """
    row = session.execute(
        select(Inspection, Product, Revision)
        .join(Product, Product.id == Inspection.product_id)
        .join(
            Revision,
            (Revision.product_id == Product.id) & (Revision.no == Product.published_revision_no),
        )
        .where(Inspection.id == inspection_id)
        .with_for_update(of=Inspection)
        .execution_options(populate_existing=True)
    ).first()
    if row is None:
        raise InspectionNotFound(N_("Pemeriksaan ini tidak ada."))
    return Subject(*row)


def why_not(revision: Revision, by: Actor) -> str | None:
    """Why `by` may not inspect this revision; None when he may."""
    if not by.has(*messages.INSPECTORS):
        return NotAnInspector.title
    if by.id == revision.submitted_by or by.id in revision.edited_by:
        return say(N_("Anda ikut menyusun atau mengajukan revisi ini; pemeriksaannya oleh orang lain."))
    return None


def may_inspect(revision: Revision, by: Actor) -> None:
    """Raises:
    NotAnInspector, InspectorInvolved: `by` may not inspect this revision.
    """
    why = why_not(revision, by)
    if why is not None:
        raise NotAnInspector() if not by.has(*messages.INSPECTORS) else InspectorInvolved(why)


def read_day(day: date | None, calendar: Calendar, after: date) -> str | None:
    """What is wrong with the day by which something is to be mended; None where nothing is."""
    if day is None:
        return say(N_("Pilih tanggalnya."))
    if day <= after:
        return say(N_("Harus sesudah %(day)s."), day=date_id(after))
    if day - after > FURTHEST:
        return say(N_("Paling jauh setahun."))
    if not calendar.works_on(day):
        following = day
        while not calendar.works_on(following):
            following += timedelta(days=1)
        return say(N_("Itu hari libur. Pilih hari kerja, misalnya %(day)s."), day=date_id(following))
    return None


def end_of(day: date, calendar: Calendar) -> datetime:
    """The instant at which a working day ends for the Kanwil: 16.00 on its own clock."""
    return datetime.combine(day, CLOSING, ZoneInfo(calendar.timezone))


def is_near(day: date, calendar: Calendar, now: datetime) -> bool:
    """Whether a day is no more than three working days ahead."""
    return day <= due(now, REMIND_DAYS, calendar.timezone, calendar.days_off)[1]


def _may_conclude(subject: Subject, by: Actor) -> None:
    may_inspect(subject.revision, by)
    if subject.product.public_state == WITHDRAWN:
        raise InspectionMoved(N_("Produk ini sudah ditarik; tidak ada lagi yang diperiksa."))
    if not subject.inspection.is_open:
        raise InspectionMoved(
            N_("Pemeriksaan ini sudah ada hasilnya. Muat ulang halamannya."),
            detail={"state": subject.inspection.state, "outcome": subject.inspection.outcome},
        )


def _read(
    result: Result, subject: Subject, calendar: Calendar, today: date
) -> tuple[dict[str, Any], str, list[tuple[str, str]]]:
    """The answers, the comment and the findings of a result, in their types."""
    wrong: dict[str, str] = {}
    if result.outcome not in OUTCOMES:
        wrong["outcome"] = say(N_("Salah satu dari %(outcomes)s."), outcomes=", ".join(OUTCOMES))
    given = {**subject.inspection.answers, **result.answers}
    answers, bad = questions().answers(given, subject.revision.content, complete=result.outcome == NOTHING)
    for key, words in bad.items():
        said_no = answers.get(key) is False
        wrong[f"checklist.{key}"] = (
            N_("Dijawab tidak: catat temuannya, atau tangguhkan.") if said_no else words
        )
    try:
        comment = clean(result.comment, LONGEST_COMMENT)
    except ValueError as error:
        comment, wrong["comment"] = "", str(error)
    if result.outcome == SUSPEND and not comment and "comment" not in wrong:
        wrong["comment"] = N_("Tulis alasannya: publik dan UPT akan membacanya.")
    findings: list[tuple[str, str]] = []
    if result.outcome == CORRECT:
        findings = _findings(result.findings, wrong)
        day = read_day(result.correct_by, calendar, today)
        if day is not None:
            wrong["correct_by"] = day
    if wrong:
        raise InspectionIncomplete(fields=wrong)
    return answers, comment, findings


def _findings(given: Sequence[Mapping[str, Any]], wrong: dict[str, str]) -> list[tuple[str, str]]:
    read: list[tuple[str, str]] = []
    for at, one in enumerate(given):
        name, words = str(one.get("field") or GENERAL), one.get("text") or ""
        if name != GENERAL and name not in LABELS:
            wrong[f"findings.{at}.field"] = N_("Isian ini tidak ada.")
            continue
        try:
            said = clean(words if isinstance(words, str) else "", LONGEST_TEXT)
        except ValueError as error:
            wrong[f"findings.{at}.text"] = str(error)
            continue
        if not said:
            wrong[f"findings.{at}.text"] = N_("Tulis apa yang perlu diperbaiki.")
        read.append((name, said))
    if not given:
        wrong["findings"] = N_("Catat sedikitnya satu temuan.")
    if len(given) > MOST_FINDINGS:
        wrong["findings"] = say(N_("Paling banyak %(most_findings)s temuan."), most_findings=MOST_FINDINGS)
    return read


def _found(
    session: Session,
    inspection: Inspection,
    findings: list[tuple[str, str]],
    day: date,
    calendar: Calendar,
    now: datetime,
) -> list[Finding]:
    made = [
        Finding(
            inspection_id=inspection.id,
            product_id=inspection.product_id,
            upt_id=inspection.upt_id,
            no=no,
            field=name,
            text=words,
            state=OPEN,
            due_on=day,
            due_at=end_of(day, calendar),
            created_at=now,
            # So near that the message of the finding itself is the reminder.
            reminded_at=now if is_near(day, calendar, now) else None,
        )
        for no, (name, words) in enumerate(findings, 1)
    ]
    session.add_all(made)
    session.flush()
    return made
