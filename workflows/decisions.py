"""Deciding: one officer's verdict on the open stage of a case, and what follows from it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Text, and_, bindparam, select, type_coerce
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tenants.database import transaction
from tenants.officers import ROLE_LABELS, Actor
from tenants.words import instant_id
from workflows import audit, notices, rows
from workflows.calendars import calendar_of
from workflows.definitions import kept_definition
from workflows.errors import CaseMoved, CommentRequired, FourEyes, NoSuchCase, NotYourStage, VerdictIncomplete
from workflows.models import AuditEvent, Case, Decision, DefinitionVersion
from workflows.sight import durations
from workflows.stages import Definition, Stage, clean
from workflows.subjects import SubjectType, subject_type
from workflows.submission import close, open_stage
from workflows.verifying import decision_payload, state_payload

OUTCOMES = {"approve": "approved", "return": "returned", "reject": "rejected"}
"""Each outcome and the state in which it closes a case; an approval does so at the last stage alone."""
VERBS = {"approve": "menyetujui", "return": "mengembalikan", "reject": "menolak"}
MAX_REQUESTS = 50
_LOCKED = (
    select(Case, Decision, type_coerce(DefinitionVersion.document, Text).label("raw"))
    .join(DefinitionVersion, and_(DefinitionVersion.id == Case.definition_id))
    .outerjoin(Decision, and_(Decision.case_id == Case.id))
    .where(Case.id == bindparam("case_id"))
    .order_by(Decision.stage_no)
    .with_for_update(of=Case)
    .execution_options(populate_existing=True)
)


@dataclass(frozen=True)
class Verdict:
    """What an officer says. `stage` and `version` name what he was looking at; left out, the open stage is
    meant.

    `checklist` maps an item's key to its answer; `requests` are ``{"field", "text"}``, at least one for a
    return.
    """

    outcome: str
    comment: str = ""
    checklist: Mapping[str, Any] = field(default_factory=dict)
    requests: Sequence[Mapping[str, Any]] = ()
    stage: str | None = None
    version: int | None = None


def decide(case_id: int, verdict: Verdict, *, by: Actor, key: str, now: datetime) -> Decision:
    """Record one officer's verdict on the open stage of a case, and move the case.

    Repeating the call with the same idempotency key returns the first decision. One transaction; the case
    locked with its decisions and definition (1 statement), case, decision, event (3), notices (1), the
    subject's hook at the end of the way (2 to 3). PostgreSQL is told the scope in one more.

    Raises:
        NoSuchCase: there is none within the scope.
        CaseMoved: the case is no longer at the stage that `verdict` names (somebody decided first).
        NotYourStage: `by` holds no role that decides this stage.
        FourEyes: `by` submitted or edited the revision, or decided an earlier stage of it.
        CommentRequired: a return or a rejection without a reason.
        VerdictIncomplete: answers or requests are missing or wrong; `fields` says which.
    Source: SE PAS-08.OT.02.02/2024 (pembinaan, pemantauan, pengendalian).
    """
    key = _key(key)
    with transaction() as session:
        case, definition, decisions = _locked(session, case_id)
        subject = subject_type(case.subject_type)
        if not subject.may_view(by, case):
            raise NoSuchCase()
        for earlier in decisions:
            if earlier.officer_id == by.id and earlier.key == key:
                return earlier
        stage = _open_stage(session, case, definition, decisions, verdict, by)
        _four_eyes(case, stage, decisions, by)
        if subject.before_decide is not None:
            subject.before_decide(session, case, verdict, by)
        decision = _decision(case, stage, subject, verdict, by, key, now)
        durations.of_decision(decision, case, decisions, calendar_of(session))
        seen = case.version
        with session.no_autoflush:  # `rows` writes the case
            following = _move(session, case, definition, decision, now)
            payload = {"decision": decision_payload(decision), "after": state_payload(case)}
            event = audit.next_event(case, "case.decided", payload, by=by.id, now=now)
            _write(session, case, decision, event, seen)
        notices.tell(session, notices.of_decision(case, decision, stage, following, subject), now)
        if not case.is_open:
            hook = {
                "approved": subject.on_approved,
                "returned": subject.on_returned,
                "rejected": subject.on_rejected,
            }
            hook[case.state](session, case, now)
        return decision


def _write(session: Session, case: Case, decision: Decision, event: AuditEvent, seen: int) -> None:
    """Decision, event and move. The case is locked; should somebody be faster all the same, the database refuses."""
    try:
        moved = rows.move_case(session, case, seen=seen)
        rows.add_decision(session, decision)
    except IntegrityError as error:
        raise CaseMoved("Kasus ini baru saja diputuskan orang lain. Muat ulang halamannya.") from error
    if not moved:
        raise CaseMoved("Kasus ini baru saja diputuskan orang lain. Muat ulang halamannya.")
    rows.add_event(session, event)


def why_not(case: Case, definition: Definition, decisions: Sequence[Decision], by: Actor) -> str | None:
    """Why `by` can't decide the open stage of this case, in words for the page; None when he can."""
    stage = definition.stage(case.stage_key)
    if not case.is_open or stage is None:
        return "Kasus ini sudah selesai."
    if stage.role not in by.roles:
        return f"Menunggu {ROLE_LABELS.get(stage.role, stage.role)}."
    try:
        _four_eyes(case, stage, decisions, by)
    except FourEyes as error:
        return error.message
    return None


def _key(key: str) -> str:
    key = (key or "").strip()
    if not key or len(key) > 200 or "\x00" in key:
        raise VerdictIncomplete(
            "Kunci permintaan (Idempotency-Key) wajib, paling panjang 200 huruf.", fields={"key": "Wajib."}
        )
    return key


def _locked(session: Session, case_id: int) -> tuple[Case, Definition, list[Decision]]:
    """The case, locked until the transaction ends, with its definition and decisions in order."""
    found = session.execute(_LOCKED, {"case_id": case_id}).all()
    if not found:
        raise NoSuchCase()
    case: Case = found[0][0]
    decisions = [row[1] for row in found if row[1] is not None]
    # PostgreSQL gives the case as it is after the wait for its lock, the joined decisions as they were.
    if len(decisions) < case.stage_no - (0 if case.state in OUTCOMES.values() else 1):
        decisions = list(
            session.scalars(select(Decision).where(Decision.case_id == case_id).order_by(Decision.stage_no))
        )
    return case, kept_definition(case.definition_id, found[0][2]), decisions


def _open_stage(
    session: Session,
    case: Case,
    definition: Definition,
    decisions: Sequence[Decision],
    verdict: Verdict,
    by: Actor,
) -> Stage:
    """The stage that the verdict is about, if it is open and the officer's."""
    stage = definition.stage(case.stage_key)
    if not any(one.role in by.roles for one in definition.stages):
        raise NotYourStage("Anda tidak memegang peran yang memutuskan kasus ini.")
    if stage is None or not case.is_open:
        raise _moved(session, case, definition, decisions)
    elsewhere = verdict.stage is not None and verdict.stage != stage.key
    if elsewhere or (verdict.version is not None and verdict.version != case.version):
        raise _moved(session, case, definition, decisions)
    if stage.role not in by.roles:
        decided = {one.stage_key for one in decisions}
        if any(one.role in by.roles and one.key in decided for one in definition.stages):
            raise _moved(session, case, definition, decisions)
        raise NotYourStage(f"Tahap {stage.name} diputuskan oleh {ROLE_LABELS.get(stage.role, stage.role)}.")
    return stage


def _moved(session: Session, case: Case, definition: Definition, decisions: Sequence[Decision]) -> CaseMoved:
    """Who decided what and when, in words and as facts."""
    if not decisions:
        words = "Kasus ini sudah ditarik oleh pengajunya." if not case.is_open else "Kasus ini sudah berubah."
        return CaseMoved(words, detail={"case_id": case.id, "state": case.state, "stage": case.stage_key})
    last = decisions[-1]
    stage = definition.stage(last.stage_key)
    zone = ZoneInfo(calendar_of(session).timezone)
    return CaseMoved(
        f"{last.officer_name} ({last.acting_as}) sudah {VERBS[last.outcome]}"
        f" tahap {stage.name if stage else last.stage_key}"
        f" pada {instant_id(last.decided_at, zone)}.",
        detail={
            "case_id": case.id,
            "state": case.state,
            "stage": case.stage_key,
            "decision": {
                "stage": last.stage_key,
                "outcome": last.outcome,
                "officer": last.officer_name,
                "decided_at": last.decided_at.isoformat(),
            },
        },
    )


def _four_eyes(case: Case, stage: Stage, decisions: Sequence[Decision], by: Actor) -> None:
    if not stage.four_eyes:
        return
    if by.id == case.submitted_by or by.id in case.editor_ids:
        raise FourEyes("Anda ikut menyusun revisi ini; keputusannya perlu orang lain.")
    if any(earlier.officer_id == by.id for earlier in decisions):
        raise FourEyes("Anda sudah memutuskan tahap lain dari kasus ini; tahap ini perlu orang lain.")


def _decision(
    case: Case, stage: Stage, subject: SubjectType, verdict: Verdict, by: Actor, key: str, now: datetime
) -> Decision:
    """The decision row, once everything it must hold is there."""
    wrong: dict[str, Any] = {}
    if verdict.outcome not in OUTCOMES:
        raise VerdictIncomplete(fields={"outcome": "Pilih setujui, kembalikan, atau tolak."})
    given = verdict.checklist if isinstance(verdict.checklist, Mapping) else {}
    answers, faults = stage.answers(given, case.fields, complete=verdict.outcome == "approve")
    wrong |= {f"checklist.{name}": why for name, why in faults.items()}
    comment = ""
    try:
        comment = clean(str(verdict.comment or ""))
    except ValueError as error:
        wrong["comment"] = str(error)
    requests = _requests(case, subject, verdict, wrong) if verdict.outcome == "return" else []
    if verdict.outcome != "approve" and not comment and "comment" not in wrong:
        wrong["comment"] = "Tulis alasannya: UPT perlu tahu sebabnya."
        raise CommentRequired(fields=wrong)
    if wrong:
        raise VerdictIncomplete(_incomplete(stage, wrong), fields=wrong)
    return Decision(
        case_id=case.id,
        tenant_id=case.tenant_id,
        upt_id=case.upt_id,
        stage_no=case.stage_no,
        stage_key=stage.key,
        outcome=verdict.outcome,
        officer_id=by.id,
        officer_name=by.name,
        acting_as=ROLE_LABELS.get(stage.role, stage.role),
        checklist=json.loads(json.dumps(answers)),
        comment=comment,
        requests=requests,
        key=key,
        decided_at=now,
    )


def _requests(
    case: Case, subject: SubjectType, verdict: Verdict, wrong: dict[str, Any]
) -> list[dict[str, str]]:
    requests: list[dict[str, str]] = []
    given = verdict.requests if isinstance(verdict.requests, list | tuple) else []
    for at, one in enumerate(given[:MAX_REQUESTS]):
        name = str(one.get("field") or "") if isinstance(one, Mapping) else ""
        if name not in subject.field_labels:
            wrong[f"requests.{at}.field"] = "Pilih isian yang harus diperbaiki."
            continue
        try:
            words = clean(str(one.get("text") or ""), 2000)
        except ValueError as error:
            wrong[f"requests.{at}.text"] = str(error)
            continue
        if not words:
            wrong[f"requests.{at}.text"] = "Tulis apa yang harus diperbaiki."
            continue
        requests.append(
            {"id": f"{case.id}-{case.stage_no}-{len(requests) + 1}", "field": name, "text": words}
        )
    if not requests and not any(name.startswith("requests.") for name in wrong):
        wrong["requests"] = "Sebutkan paling sedikit satu isian yang harus diperbaiki."
    return requests


def _incomplete(stage: Stage, wrong: Mapping[str, Any]) -> str:
    missing = [item.question for item in stage.checklist if f"checklist.{item.key}" in wrong]
    if len(missing) == 1:
        return f"Satu butir perlu diperiksa: {missing[0]}."
    if missing:
        return f"{len(missing)} butir perlu diperiksa, mulai dari: {missing[0]}."
    return "Putusan ini belum lengkap."


def _move(
    session: Session, case: Case, definition: Definition, decision: Decision, now: datetime
) -> Stage | None:
    """Move the case on, or close it; returns the stage that follows."""
    following = None
    if decision.outcome == "approve":
        following = definition.following(decision.stage_key, case.fields)
    if following is None:
        close(case, OUTCOMES[decision.outcome], now)
        durations.of_case(case, calendar_of(session))
        return None
    case.version += 1
    case.stage_no += 1
    open_stage(session, case, following, now)
    return following
