"""Submitting a revision: a case begins at the first stage of the workflow in force; or it is taken back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tenants.database import transaction
from tenants.errors import Conflict, Invalid
from tenants.officers import Actor
from tenants.said import say
from tenants.words import N_
from workflows import audit, notices, rows, settling
from workflows.calendars import calendar_of
from workflows.canonical import digest
from workflows.chains import genesis
from workflows.definitions import definition_of, in_force
from workflows.desk.holds import holds_on, is_full
from workflows.desk.models import CaseHold
from workflows.errors import AlreadySubmitted, CaseMoved, NoSuchCase
from workflows.models import OPEN, Case, Decision
from workflows.sight import durations
from workflows.stages import Stage, clean
from workflows.steps import close, open_step, standing
from workflows.subjects import subject_type as registered_subject
from workflows.verifying import state_payload, submission_payload


def submit(
    subject_type: str,
    subject_id: int,
    *,
    revision_no: int,
    title: str,
    fields: dict[str, Any],
    upt_id: int | None,
    editor_ids: list[int],
    by: Actor,
    now: datetime,
    previous_case_id: int | None = None,
    answers: dict[str, str] | None = None,
) -> Case:
    """Open a case for a revision of a subject.

    `fields` is the revision's content, frozen; `answers` maps the id of a request of the previous case to
    what the UPT answers. One transaction: definition, previous case, case, its chain's first event, notices,
    the subject's hook.

    Raises:
        AlreadySubmitted: the subject has an open case.
        NoSuchDefinition: the Kanwil has no workflow for this subject.
        Invalid: the content can't be frozen (a number beyond 2**53), or an answer is too long.
    """
    subject = registered_subject(subject_type)
    try:
        digest(fields)
    except ValueError:
        raise Invalid(N_("Isi revisi ini memuat angka atau teks yang tidak dapat disimpan.")) from None
    with transaction() as session:
        definition_id, version, definition = in_force(session, subject_type)
        step = definition.first(fields)
        if step is None:
            raise Invalid(N_("Alur kerja ini tidak punya tahap untuk isian tersebut."))
        previous = _previous(session, previous_case_id, subject_type, subject_id)
        case = Case(
            subject_type=subject_type,
            subject_id=subject_id,
            revision_no=revision_no,
            previous_case_id=previous_case_id,
            upt_id=upt_id,
            definition_id=definition_id,
            definition_version=version,
            state=OPEN,
            version=1,
            stage_no=1,
            urgent=previous is not None and previous.urgent,
            title=title[:300],
            facet=(subject.facet(fields) or "")[:50] or None if subject.facet else None,
            again=previous is not None and previous.state == "returned",
            fields=fields,
            answers=answers_kept(answers),
            asked=_asked(session, previous),
            editor_ids=sorted(set(editor_ids)),
            submitted_by=by.id,
            submitted_by_name=by.name,
            submitted_at=now,
            chain_seq=0,
            chain_head=previous.chain_head if previous is not None else "",
        )
        seats = open_step(case, step, now, calendar_of(session))
        durations.of_revision(case, previous, calendar_of(session))
        session.add(case)
        try:
            session.flush()
        except IntegrityError as error:
            raise AlreadySubmitted(
                say(
                    N_("%(label)s ini sudah diajukan dan masih menunggu keputusan."), label=say(subject.label)
                ),
                detail={"subject_type": subject_type, "subject_id": subject_id},
            ) from error
        if previous is None:
            case.chain_head = genesis(case.chain)
        for seat in seats:
            seat.case_id, seat.tenant_id = case.id, case.tenant_id
        payload = {
            "submission": submission_payload(case),
            "definition": {"sha256": definition.sha256},
            "after": state_payload(case),
        }
        audit.link_case(session, case, "case.submitted", payload, by=by.id, now=now)
        session.flush()
        if seats:
            rows.add_seats(session, seats)
        notices.tell(session, notices.of_submission(case, step.opened(fields), subject), now)
        subject.on_submitted(session, case, now)
        return case


def withdraw(case_id: int, *, reason: str, by: Actor, now: datetime) -> Case:
    """Take an open case back. For those who submitted or edited it, and the Kadiv. Whose turn it was hears of it: who
    held the stage, else its role; and so does who submitted it, where somebody else takes it back.

    Raises:
        NoSuchCase: there is none within the scope.
        CaseMoved: it is no longer open.
        Conflict: `by` has no part in it.
    """
    with transaction() as session:
        case = session.scalars(
            select(Case).where(Case.id == case_id).with_for_update().execution_options(populate_existing=True)
        ).first()
        if case is None:
            raise NoSuchCase()
        if not case.is_open:
            raise CaseMoved(
                N_("Kasus ini sudah diputuskan, jadi tidak dapat ditarik lagi."), detail={"state": case.state}
            )
        if by.id not in (case.submitted_by, *case.editor_ids) and not by.has("kadiv"):
            raise Conflict(N_("Hanya pengaju atau Kadiv yang dapat menarik pengajuan ini."))
        turns = _turns(session, case, now)
        close(case, "withdrawn", now)
        durations.of_case(case, calendar_of(session))
        reason = clean(reason)
        payload = {"reason": reason, "after": state_payload(case)}
        audit.link_case(session, case, "case.withdrawn", payload, by=by.id, now=now)
        session.flush()
        subject = registered_subject(case.subject_type)
        notices.tell(session, notices.of_withdrawal(case, turns, subject, by, reason), now)
        subject.on_withdrawn(session, case, now)
        return case


def _turns(session: Session, case: Case, now: datetime) -> list[tuple[Stage, int | None]]:
    """Whose turn it is: each stage that wants votes, with the officer who holds it, if any. Three statements."""
    definition = definition_of(session, {case.definition_id})[case.definition_id]
    votes = session.scalars(
        select(Decision).where(Decision.case_id == case.id, Decision.stage_no >= case.step_no)
    ).all()
    here = standing(case, definition, votes)
    holds = session.scalars(select(CaseHold).where(CaseHold.case_id == case.id)).all()
    turns: list[tuple[Stage, int | None]] = []
    for stage in here.open_stages() if here else ():
        counting = holds_on(holds, case, stage.key, votes, now)
        full = is_full(counting, stage, votes)
        turns += [(stage, one.officer_id) for one in counting] if full else [(stage, None)]
    return turns


def _previous(session: Session, case_id: int | None, subject_type: str, subject_id: int) -> Case | None:
    if case_id is None:
        return None
    previous = session.scalars(select(Case).where(Case.id == case_id)).first()
    if previous is None or previous.subject_type != subject_type or previous.subject_id != subject_id:
        raise NoSuchCase()
    if previous.is_open:
        raise AlreadySubmitted(
            N_("Revisi sebelumnya masih menunggu keputusan."), detail={"case_id": previous.id}
        )
    return previous


def _asked(session: Session, previous: Case | None) -> list[dict[str, Any]]:
    if previous is None or previous.state == "approved":
        return []
    decisions = session.scalars(
        select(Decision).where(Decision.case_id == previous.id).order_by(Decision.stage_no)
    )
    return settling.carried_over(previous, list(decisions))


def answers_kept(answers: dict[str, str] | None) -> dict[str, str]:
    """The answers as a case keeps them: cleaned, without empty ones.

    Raises:
        Invalid: one is too long.
    """
    try:
        return {
            str(key)[:60]: clean(str(text), 2000)
            for key, text in (answers or {}).items()
            if str(text).strip()
        }
    except ValueError as error:
        raise Invalid(str(error), fields={"answers": str(error)}) from None
