"""Deciding: one officer's verdict on the open stage of a case, and what follows from it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import and_, bindparam, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased

from tenants.database import transaction
from tenants.officers import ROLE_LABELS, Actor
from tenants.prepared import Part, Prepared, held, made
from tenants.said import say
from tenants.words import N_, instant_id
from workflows import audit, enclosures, notices, rows, settling
from workflows.calendars import calendar_of
from workflows.definitions import definition_of
from workflows.desk.holds import refusal, stops
from workflows.desk.models import CaseHold
from workflows.errors import CaseMoved, CommentRequired, FourEyes, NoSuchCase, NotYourStage, VerdictIncomplete
from workflows.models import Case, CaseSeat, Decision
from workflows.sight import durations
from workflows.stages import Definition, Stage, Step, clean
from workflows.steps import APPROVE, OPINION, Standing, close, open_step, standing
from workflows.subjects import Ending, SubjectType, subject_type
from workflows.verifying import decision_payload, state_payload

OUTCOMES = {"approve": "approved", "return": "returned", "reject": "rejected"}
"""Each outcome and the state in which it closes a case; an approval does so at the last stage alone. An opinion is none
of them: it closes nothing."""
ADVISED = "case.advised"
"""What the chain calls an opinion, so that nobody who counts decisions counts it."""
DECIDED = {
    "approve": N_("%(officer)s (%(role)s) sudah menyetujui tahap %(stage)s pada %(at)s."),
    "return": N_("%(officer)s (%(role)s) sudah mengembalikan tahap %(stage)s pada %(at)s."),
    "reject": N_("%(officer)s (%(role)s) sudah menolak tahap %(stage)s pada %(at)s."),
    OPINION: N_("%(officer)s (%(role)s) sudah memberi pendapat pada tahap %(stage)s pada %(at)s."),
}
NO_OUTCOME = N_("Pilih setujui, kembalikan, atau tolak.")
ONLY_OPINION = N_("Tahap ini hanya memberi pendapat: tidak menyetujui, mengembalikan, atau menolak.")
MAX_REQUESTS = 50
_seen = aliased(Case)
"""The case as it was before the wait for its lock."""
_CASE, _DECISION, _HOLD = (("id", *rows.columns_of(model)) for model in (Case, Decision, CaseHold))
_LOCKED = Prepared(
    select(
        *(getattr(Case, name) for name in _CASE),
        *(getattr(Decision, name) for name in _DECISION),
        *(getattr(CaseHold, name) for name in _HOLD),
        _seen.chain_seq,
    )
    .join(_seen, and_(_seen.id == Case.id))
    .outerjoin(Decision, and_(Decision.case_id == Case.id))
    .outerjoin(CaseHold, and_(CaseHold.case_id == Case.id))
    .where(Case.id == bindparam("case_id"))
    .order_by(Decision.stage_no)
    .with_for_update(of=Case)
)


@dataclass(frozen=True)
class Locked:
    """A case, locked until the transaction ends, with its definition, its decisions in order and who holds it."""

    case: Case
    definition: Definition
    decisions: list[Decision]
    holds: list[CaseHold]


@dataclass(frozen=True)
class Verdict:
    """What an officer says. `stage` and `version` name what he was looking at; left out, the open stage is
    meant.

    `checklist` maps an item's key to its answer; `requests` are ``{"field", "text"}``, at least one for a
    return; `settled` the ids of earlier requests that are met.
    """

    outcome: str
    comment: str = ""
    checklist: Mapping[str, Any] = field(default_factory=dict)
    requests: Sequence[Mapping[str, Any]] = ()
    settled: Sequence[str] = ()
    stage: str | None = None
    version: int | None = None


def decide(case_id: int, verdict: Verdict, *, by: Actor, key: str, now: datetime) -> Decision:
    """Record one officer's verdict on the open stage of a case, and move the case.

    Repeating the call with the same idempotency key returns the first decision. One transaction; the case
    locked with its decisions, its holds and its definition (1 statement), case, decision, event (3), notices (1), the
    subject's hook at the end of the way (2 to 3). PostgreSQL is told the scope in one more.

    Raises:
        NoSuchCase: there is none within the scope.
        CaseMoved: the case is no longer at the stage that `verdict` names (somebody decided first).
        NotYourStage: `by` holds no role that decides this stage.
        FourEyes: `by` submitted or edited the revision, or decided an earlier stage of it.
        CaseHeld: others have taken the stage's seats, or were given them; the Kadiv decides all the same.
        CommentRequired: a return or a rejection without a reason, an opinion without a word.
        VerdictIncomplete: answers or requests are missing or wrong, an opinion where a decision is asked or the other
            way round; `fields` says which.
    Source: SE PAS-08.OT.02.02/2024 (pembinaan, pemantauan, pengendalian).
    """
    key = _key(key)
    with transaction() as session:
        at = lock_case(session, case_id, by)
        case, definition, decisions = at.case, at.definition, at.decisions
        subject = subject_type(case.subject_type)
        for earlier in decisions:
            if earlier.officer_id == by.id and earlier.key == key:
                return earlier
        here, stage = seat(session, at, verdict, by)
        hold = stops(at.holds, case, stage, here.votes, by, now)
        if hold is not None:
            raise refusal(hold, now, calendar_of(session).timezone)
        if subject.before_decide is not None:
            subject.before_decide(session, case, verdict, by)
        decision = _decision(case, stage, subject, verdict, by, key, now)
        enclosures.keep({one: verdict.checklist[one] for one in decision.checklist})
        before = [one for one in decisions if one.stage_no < case.step_no]
        dues = rows.due_seats(session, case) if len(here.stages) > 1 else {}
        due_at = dues.get(stage.key, (case.due_at,))[0]
        durations.of_decision(decision, case, before, due_at, calendar_of(session))
        seen = case.version
        with session.no_autoflush:  # `rows` writes the case
            following, seats = _move(session, case, definition, here, decision, now)
            full = case.is_open and following is None and here.is_full_with(stage)
            if full:
                dues.pop(stage.key, None)
                case.due_at, case.due_on = min(dues.values(), default=(case.due_at, case.due_on))
            payload = {"decision": decision_payload(decision), "after": state_payload(case)}
            action = ADVISED if decision.outcome == OPINION else "case.decided"
            event = audit.next_event(case, action, payload, by=by.id, now=now)
            parts = [rows.moving(case, seen=seen), rows.deciding(decision), rows.chaining(event)]
            if seats:
                parts.append(rows.seating(seats))
            elif full:
                parts.append(rows.filling(case, stage.key))
            opened = following.opened(case.fields) if following else ()
            told = notices.of_decision(case, decision, stage, opened, subject) if case.is_open else []
            if told:
                parts.append(rows.telling(told, now))
            _write(session, case, decision, parts)
        if not case.is_open:
            hook: dict[str, Ending] = {
                "approved": subject.on_approved,
                "returned": subject.on_returned,
                "rejected": subject.on_rejected,
            }
            became = hook[case.state](session, case, now)
            notices.tell(session, notices.of_decision(case, decision, stage, (), subject, became), now)
        return decision


def _write(session: Session, case: Case, decision: Decision, parts: Sequence[Part]) -> None:
    """Move, decision, event and what goes with them. The case is locked; should somebody be faster all the same, the
    database refuses."""
    try:
        moved = rows.decided(session, case, decision, parts)
    except IntegrityError as error:
        raise CaseMoved(N_("Kasus ini baru saja diputuskan orang lain. Muat ulang halamannya.")) from error
    if not moved:
        raise CaseMoved(N_("Kasus ini baru saja diputuskan orang lain. Muat ulang halamannya."))


def why_not(case: Case, definition: Definition, decisions: Sequence[Decision], by: Actor) -> str | None:
    """Why `by` can't decide the open stage of this case, in words for the page; None when he can."""
    return seat_words(case, definition, decisions, by)[1]


def stage_for(case: Case, definition: Definition, decisions: Sequence[Decision], by: Actor) -> Stage | None:
    """The stage that `by` may decide now, else the first that is open; None where the case is closed."""
    return seat_words(case, definition, decisions, by)[0]


def seat_words(
    case: Case, definition: Definition, decisions: Sequence[Decision], by: Actor
) -> tuple[Stage | None, str | None]:
    """The stage of `stage_for`, and the words of `why_not`."""
    here = standing(case, definition, decisions)
    if here is None:
        return None, say(N_("Kasus ini sudah selesai."))
    try:
        return _choose(case, here, decisions, by, None), None
    except (FourEyes, NotYourStage) as error:
        return next(iter(here.open_stages()), None), error.message


def _key(key: str) -> str:
    key = (key or "").strip()
    if not key or len(key) > 200 or "\x00" in key:
        raise VerdictIncomplete(
            N_("Kunci permintaan (Idempotency-Key) wajib, paling panjang 200 huruf."),
            fields={"key": "Wajib."},
        )
    return key


def lock_case(session: Session, case_id: int, by: Actor) -> Locked:
    """The case, locked, as whoever decides or takes it needs it. One statement, and one more the first time that its
    definition is met.

    Raises:
        NoSuchCase: there is none within the scope, or its subject hides it from `by`.
    """
    found = _LOCKED.all(session, {"case_id": case_id})
    if not found:
        raise NoSuchCase()
    ours, theirs = len(_CASE), len(_CASE) + len(_DECISION)
    case: Case = held(session, Case, dict(zip(_CASE, found[0], strict=False)))
    if not subject_type(case.subject_type).may_view(by, case):
        raise NoSuchCase()
    decisions: list[Decision] = []
    holds: dict[int, CaseHold] = {}
    known = set()
    for row in found:
        if (one := row[ours]) is not None and one not in known:
            known.add(one)
            decisions.append(made(Decision, dict(zip(_DECISION, row[ours:theirs], strict=True))))
        if (one := row[theirs]) is not None and one not in holds:
            holds[one] = held(session, CaseHold, dict(zip(_HOLD, row[theirs:], strict=False)))
    # PostgreSQL gives the case as it is after the wait for its lock, what is joined to it as it was before.
    if case.chain_seq != found[0][-1]:
        fresh = {"populate_existing": True}
        asked = select(Decision).where(Decision.case_id == case_id).order_by(Decision.stage_no)
        decisions = list(session.scalars(asked.execution_options(**fresh)))
        again = select(CaseHold).where(CaseHold.case_id == case_id).execution_options(**fresh)
        holds = {one.id: one for one in session.scalars(again)}
    definition = definition_of(session, {case.definition_id})[case.definition_id]
    return Locked(case, definition, decisions, list(holds.values()))


def seat(session: Session, at: Locked, verdict: Verdict, by: Actor) -> tuple[Standing, Stage]:
    """Where the case stands, and the open stage that the verdict is about and `by` decides. Holds are not minded."""
    case, definition, decisions = at.case, at.definition, at.decisions
    if not any(one.role in by.roles for one in definition.stages):
        raise NotYourStage(N_("Anda tidak memegang peran yang memutuskan kasus ini."))
    here = standing(case, definition, decisions)
    if here is None:
        raise _moved(session, case, definition, decisions)
    # Votes beside one's own move the version and nothing that one was looking at.
    if verdict.version is not None and not case.version - len(here.votes) <= verdict.version <= case.version:
        raise _moved(session, case, definition, decisions)
    named = None if verdict.stage == here.step.key else verdict.stage
    if named is not None and all(stage.key != named for stage in here.open_stages()):
        raise _moved(session, case, definition, decisions)
    try:
        return here, _choose(case, here, decisions, by, named)
    except NotYourStage:
        decided = {one.stage_key for one in decisions}
        if any(one.role in by.roles and one.key in decided for one in definition.stages):
            raise _moved(session, case, definition, decisions) from None
        raise


def _choose(case: Case, here: Standing, decisions: Sequence[Decision], by: Actor, named: str | None) -> Stage:
    """The open stage that `by` decides: the named one, or the first that he may; one that decides before one that gives
    an opinion, since he has one voice in a step."""
    opened = [stage for stage in here.open_stages() if named in (None, stage.key)]
    own = sorted((one for one in opened if one.role in by.roles), key=lambda one: not one.decides)
    if not own:
        if named is None and here.votes and any(vote.officer_id == by.id for vote in here.votes):
            raise FourEyes(N_("Anda sudah memberi suara pada tahap ini."))
        roles = dict.fromkeys(ROLE_LABELS.get(stage.role, stage.role) for stage in opened)
        raise NotYourStage(say(N_("Menunggu %(roles)s."), roles=" dan ".join(roles)))
    refused: FourEyes | None = None
    for stage in own:
        try:
            _four_eyes(case, here, stage, decisions, by)
        except FourEyes as error:
            refused = refused or error
            continue
        return stage
    raise refused or NotYourStage()


def _moved(session: Session, case: Case, definition: Definition, decisions: Sequence[Decision]) -> CaseMoved:
    """Who decided what and when, in words and as facts."""
    if not decisions:
        words = (
            say(N_("Kasus ini sudah ditarik oleh pengajunya."))
            if not case.is_open
            else say(N_("Kasus ini sudah berubah."))
        )
        return CaseMoved(words, detail={"case_id": case.id, "state": case.state, "stage": case.stage_key})
    last = decisions[-1]
    stage = definition.stage(last.stage_key)
    zone = ZoneInfo(calendar_of(session).timezone)
    return CaseMoved(
        say(
            DECIDED[last.outcome],
            officer=last.officer_name,
            role=last.acting_as,
            stage=stage.name if stage else last.stage_key,
            at=instant_id(last.decided_at, zone),
        ),
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


def _four_eyes(case: Case, here: Standing, stage: Stage, decisions: Sequence[Decision], by: Actor) -> None:
    """One person speaks once in a step; the rest as the definition says. What a re-opened step decided the first time
    binds nobody, nor does an opinion that was given at another step: it decided nothing."""
    if any(vote.officer_id == by.id for vote in here.votes):
        raise FourEyes(N_("Anda sudah memberi suara pada tahap ini; suara berikutnya perlu orang lain."))
    if not stage.four_eyes:
        return
    if by.id == case.submitted_by or by.id in case.editor_ids:
        raise FourEyes(N_("Anda ikut menyusun revisi ini; keputusannya perlu orang lain."))
    again = {one.key for one in here.step.stages}
    decided = [one for one in decisions if one.outcome != OPINION and one.stage_key not in again]
    if any(earlier.officer_id == by.id for earlier in decided):
        raise FourEyes(N_("Anda sudah memutuskan tahap lain dari kasus ini; tahap ini perlu orang lain."))


def _decision(
    case: Case, stage: Stage, subject: SubjectType, verdict: Verdict, by: Actor, key: str, now: datetime
) -> Decision:
    """The decision row, once everything it must hold is there."""
    wrong: dict[str, Any] = {}
    if verdict.outcome not in (OUTCOMES if stage.decides else (OPINION,)):
        raise VerdictIncomplete(fields={"outcome": NO_OUTCOME if stage.decides else ONLY_OPINION})
    given = verdict.checklist if isinstance(verdict.checklist, Mapping) else {}
    answers, faults = stage.answers(given, case.fields, complete=verdict.outcome in (APPROVE, OPINION))
    wrong |= {f"checklist.{name}": why for name, why in faults.items()}
    asked = settling.asked_by(case, stage, subject)
    settled = settling.settled(asked, verdict.settled, complete=verdict.outcome == APPROVE, wrong=wrong)
    comment = ""
    try:
        comment = clean(str(verdict.comment or ""))
    except ValueError as error:
        wrong["comment"] = str(error)
    requests = _requests(case, subject, verdict, wrong) if verdict.outcome == "return" else []
    if verdict.outcome == OPINION and not comment and "comment" not in wrong:
        wrong["comment"] = N_("Tulis pendapat Anda: tanpa itu tidak ada yang dapat dibaca pemutus.")
        raise CommentRequired(N_("Pendapat perlu ditulis."), fields=wrong)
    if verdict.outcome != APPROVE and not comment and "comment" not in wrong:
        wrong["comment"] = N_("Tulis alasannya: UPT perlu tahu sebabnya.")
        raise CommentRequired(fields=wrong)
    if wrong:
        raise VerdictIncomplete(_incomplete(stage, wrong), fields=wrong)
    return made(
        Decision,
        {
            "case_id": case.id,
            "tenant_id": case.tenant_id,
            "upt_id": case.upt_id,
            "stage_no": case.stage_no,
            "stage_key": stage.key,
            "outcome": verdict.outcome,
            "officer_id": by.id,
            "officer_name": by.name,
            "acting_as": by.title(stage.role),
            "on_behalf_of": acting.principal_id if (acting := by.substitution(stage.role)) else None,
            "letter_number": acting.letter_number if acting else None,
            "checklist": json.loads(json.dumps(answers)),
            "comment": comment,
            "requests": requests,
            "settled": settled,
            "key": key,
            "decided_at": now,
        },
    )


def _requests(
    case: Case, subject: SubjectType, verdict: Verdict, wrong: dict[str, Any]
) -> list[dict[str, str]]:
    requests: list[dict[str, str]] = []
    given = verdict.requests if isinstance(verdict.requests, list | tuple) else []
    for at, one in enumerate(given[:MAX_REQUESTS]):
        name = str(one.get("field") or "") if isinstance(one, Mapping) else ""
        if name not in subject.field_labels:
            wrong[f"requests.{at}.field"] = N_("Pilih isian yang harus diperbaiki.")
            continue
        try:
            words = clean(str(one.get("text") or ""), 2000)
        except ValueError as error:
            wrong[f"requests.{at}.text"] = str(error)
            continue
        if not words:
            wrong[f"requests.{at}.text"] = N_("Tulis apa yang harus diperbaiki.")
            continue
        requests.append(
            {"id": f"{case.id}-{case.stage_no}-{len(requests) + 1}", "field": name, "text": words}
        )
    if not requests and not any(name.startswith("requests.") for name in wrong):
        wrong["requests"] = N_("Sebutkan paling sedikit satu isian yang harus diperbaiki.")
    return requests


def _incomplete(stage: Stage, wrong: Mapping[str, Any]) -> str:
    missing = [item.question for item in stage.checklist if f"checklist.{item.key}" in wrong]
    if len(missing) == 1:
        return say(N_("Satu butir perlu diperiksa: %(missing)s."), missing=missing[0])
    if missing:
        return say(
            N_("%(count)s butir perlu diperiksa, mulai dari: %(missing)s."),
            count=len(missing),
            missing=missing[0],
        )
    unmet = sum(why == settling.UNMET for why in wrong.values())
    if unmet:
        return say(N_("%(unmet)s permintaan perubahan belum dicentang sebagai dipenuhi."), unmet=unmet)
    return say(N_("Putusan ini belum lengkap."))


def _move(
    session: Session, case: Case, definition: Definition, here: Standing, decision: Decision, now: datetime
) -> tuple[Step | None, list[CaseSeat]]:
    """Move the case on, or close it, or leave it open for more votes; returns the step that follows, and its seats
    where several are open at once."""
    result = here.result_with(decision.outcome)
    following = None
    if result in (APPROVE, OPINION):
        following = definition.following(here.step.key, case.fields)
    if result is not None and following is None:
        # No definition lets a way end on an opinion (`documents`); `OUTCOMES` has no state for it either.
        close(case, OUTCOMES[result], now)
        durations.of_case(case, calendar_of(session))
        return None, []
    case.version += 1
    case.stage_no += 1
    if following is None:
        return None, []
    return following, open_step(case, following, now, calendar_of(session))
