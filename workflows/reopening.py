"""Opening a rejected case again: by the Kadiv, with a reason. The rejection stays told; its stage decides anew."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tenants.database import session as scoped_session
from tenants.database import transaction
from tenants.errors import Invalid
from tenants.idempotency import once
from tenants.officers import Actor
from tenants.said import say
from tenants.words import N_
from workflows import audit, notices, rows
from workflows.calendars import calendar_of
from workflows.definitions import definition_of
from workflows.errors import AlreadySubmitted, CaseMoved, CommentRequired, NoSuchCase
from workflows.models import OPEN, Case, Decision
from workflows.stages import clean
from workflows.steps import open_step
from workflows.subjects import subject_type
from workflows.verifying import state_payload

REOPENED = "case.reopened"


def reopen(case_id: int, *, reason: str, by: Actor, now: datetime, key: str | None = None) -> Case:
    """Open a rejected case at the step that rejected it. The same `key` gives the same case; without one, a second
    call finds it open and says so.

    Raises:
        Forbidden: `by` is not the Kadiv.
        NoSuchCase: there is none within the scope.
        CommentRequired: without a reason; Invalid: it is too long.
        CaseMoved: it was not rejected, or a newer revision was submitted since.
        AlreadySubmitted: the subject has an open case.
    """
    by.require("kadiv")
    try:
        reason = clean(reason, 2000)
    except ValueError as error:
        raise Invalid(fields={"reason": str(error)}) from None
    if not reason:
        raise CommentRequired(fields={"reason": N_("Tulis alasan membuka kembali kasus ini.")})
    case, _ = once(
        key,
        f"case.reopen:{case_id}",
        lambda: _reopened(case_id, reason, by, now),
        lambda case: case.id,
        lambda found: scoped_session().scalars(select(Case).where(Case.id == found)).one(),
        content={"reason": reason},
    )
    return case


def _reopened(case_id: int, reason: str, by: Actor, now: datetime) -> Case:
    with transaction() as session:
        case = _rejected(session, case_id)
        subject = subject_type(case.subject_type)
        if not subject.may_view(by, case):
            raise NoSuchCase()
        definition = definition_of(session, {case.definition_id})[case.definition_id]
        last = session.scalars(
            select(Decision).where(Decision.case_id == case.id).order_by(Decision.stage_no.desc()).limit(1)
        ).one()
        step = definition.step(last.stage_key)
        if step is None:
            raise CaseMoved(N_("Tahap yang menolak kasus ini tidak ada lagi pada alurnya."))
        case.state, case.closed_at = OPEN, None
        case.version += 1
        case.stage_no = last.stage_no + 1
        seats = open_step(case, step, now, calendar_of(session))
        payload = {
            "reason": reason,
            "by_name": by.name,
            "acting_as": by.title("kadiv"),
            "after": state_payload(case),
        }
        audit.link_case(session, case, REOPENED, payload, by=by.id, now=now)
        try:
            session.flush()
        except IntegrityError as error:
            raise AlreadySubmitted(
                say(N_("%(label)s ini sudah diajukan lagi dan menunggu keputusan."), label=say(subject.label))
            ) from error
        if seats:
            rows.add_seats(session, seats)
        who = f"{by.name} ({by.title('kadiv')})"
        opened = step.opened(case.fields)
        notices.tell(session, notices.of_reopening(case, opened, subject, who, reason), now)
        subject.on_reopened(session, case, now)
        return case


def _rejected(session: Session, case_id: int) -> Case:
    """The case, locked, if it can be opened again."""
    case = session.scalars(
        select(Case).where(Case.id == case_id).with_for_update().execution_options(populate_existing=True)
    ).first()
    if case is None:
        raise NoSuchCase()
    if case.state != "rejected":
        words = (
            say(N_("Kasus ini sudah dibuka kembali."))
            if case.is_open
            else say(N_("Hanya kasus yang ditolak dapat dibuka kembali."))
        )
        raise CaseMoved(words, detail={"state": case.state})
    newer = exists().where(
        Case.subject_type == case.subject_type, Case.subject_id == case.subject_id, Case.id > case.id
    )
    if session.scalar(select(newer)):
        raise CaseMoved(
            N_("Revisi yang lebih baru sudah diajukan; kasus lama ini tidak dapat dibuka kembali.")
        )
    return case
