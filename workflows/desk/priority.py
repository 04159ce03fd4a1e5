"""Priority: a case is urgent because somebody said so, with a reason, and only until he takes it back."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update

from tenants.database import transaction
from tenants.errors import Forbidden, Invalid
from tenants.officers import UPT_ROLES, Actor
from tenants.said import say
from tenants.words import N_
from workflows import audit, notices
from workflows.decisions import lock_case
from workflows.errors import CaseMoved, CommentRequired
from workflows.models import Case, CaseSeat
from workflows.proof.payloads import state_payload
from workflows.stages import Stage, clean
from workflows.steps import standing
from workflows.subjects import subject_type

MARKED, UNMARKED = "case.marked_urgent", "case.unmarked_urgent"


def set_urgent(case_id: int, urgent: bool, *, reason: str, by: Actor, now: datetime) -> Case:
    """Mark an open case urgent, or take the mark away; the roles whose turn it is hear of it. As it is already: nothing
    happens. One transaction.

    Raises:
        NoSuchCase: there is none within the scope.
        CaseMoved: it is closed.
        Forbidden: `by` is neither the Kadiv nor of a role that decides an open stage.
        CommentRequired: without a reason; Invalid: it is too long.
    """
    try:
        reason = clean(reason, 500)
    except ValueError as error:
        raise Invalid(fields={"urgent_reason": str(error)}) from None
    with transaction() as session:
        at = lock_case(session, case_id, by)
        case, here = at.case, standing(at.case, at.definition, at.decisions)
        if here is None:
            raise CaseMoved(N_("Kasus ini sudah selesai."))
        if not by.has("kadiv", *(one.role for one in here.stages)):
            raise Forbidden(N_("Prioritas diatur Kepala Divisi atau pemutus tahap yang sedang berjalan."))
        if case.urgent == urgent:
            return case
        if not reason:
            raise CommentRequired(fields={"urgent_reason": N_("Tulis alasannya.")})
        case.urgent = urgent
        session.execute(
            update(CaseSeat)
            .where(CaseSeat.case_id == case.id)
            .values(urgent=urgent)
            .execution_options(synchronize_session=False)
        )
        role = next((one.role for one in here.stages if by.has(one.role)), "kadiv")
        payload = {
            "reason": reason,
            "by_name": by.name,
            "acting_as": by.title(role),
            "after": state_payload(case),
        }
        audit.link_case(session, case, MARKED if urgent else UNMARKED, payload, by=by.id, now=now)
        session.flush()
        said = f"{by.name} ({by.title(role)}): {reason}"
        notices.tell(session, [_told(case, stage, urgent, said) for stage in _roles(here.stages)], now)
        return case


def _roles(stages: tuple[Stage, ...]) -> list[Stage]:
    return list({stage.role: stage for stage in stages}.values())


def _told(case: Case, stage: Stage, urgent: bool, said: str) -> notices.Draft:
    words = N_("%(title)s: ditandai mendesak") if urgent else N_("%(title)s: tidak lagi mendesak")
    return notices.draft(
        "case.urgent",
        say(words, title=case.title),
        said,
        subject_type(case.subject_type).page(case),
        role=stage.role,
        upt_id=case.upt_id if stage.role in UPT_ROLES else None,
    )
