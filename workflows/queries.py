"""Reading a case: where it stands, what was decided, what changed, and the whole history behind it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import Session, aliased

from tenants import files
from tenants.database import session as scoped_session
from tenants.errors import NotFound
from tenants.models import Upt
from tenants.officers import ACTING_WORDS, Actor
from workflows.calendars import calendar_of
from workflows.deadlines import Calendar
from workflows.decisions import stage_for, why_not
from workflows.definitions import definition_of
from workflows.desk.holds import all_words, holds_on, in_the_way, own_or_first, refusal, stops
from workflows.desk.models import CaseHold
from workflows.earlier import Answered, Earlier, answered_by, earlier_of
from workflows.enclosures import Enclosure
from workflows.errors import NoSuchCase, NoSuchEnclosure
from workflows.inbox import (
    BOUND,
    Filters,
    InboxCounts,
    InboxRow,
    Page,
    StageChoice,
    choices,
    grouped,
    inbox,
    inbox_counts,
    next_case,
    waiting,
)
from workflows.models import AuditEvent, Case, Decision
from workflows.reopening import REOPENED
from workflows.settling import asked_by
from workflows.stages import Definition, Item, Stage, Step
from workflows.steps import OPINION, Standing, standing
from workflows.subjects import SubjectType, subject_type
from workflows.talk.checking import KINDS

__all__ = [
    "BOUND",
    "Answered",
    "CaseView",
    "Earlier",
    "Filters",
    "HistoryEntry",
    "InboxCounts",
    "InboxRow",
    "Page",
    "StageChoice",
    "TrackStep",
    "case_preview",
    "case_view",
    "cases_of",
    "choices",
    "enclosure",
    "grouped",
    "inbox",
    "inbox_counts",
    "next_case",
    "open_requests",
    "open_subjects",
    "waiting",
]


@dataclass(frozen=True)
class TrackStep:
    """One stop on a case's way: `state` is done, current, waiting, returned, rejected or withdrawn. `votes` are the
    stages of a step where several are open: name, how many spoke, of how many, whether it decides. `decides`: whether
    anybody decides here; where opinions alone are given, `need` is 0."""

    key: str
    name: str
    state: str
    at: datetime | None = None
    who: str = ""
    votes: tuple[tuple[str, int, int, bool], ...] = ()
    approvals: int = 0
    need: int = 1
    decides: bool = True


@dataclass(frozen=True)
class HistoryEntry:
    """One thing that happened to the subject, newest first on the page. `outcome` is submit, approve, return,
    reject, opinion, withdraw or reopen; `files` are what a decision's items were answered with, by their key; `office`
    is that of a substitute ("Plh. Pemantau"), `letter` the one that made him that."""

    at: datetime
    who: str
    outcome: str
    stage: str
    revision_no: int
    case_id: int
    comment: str
    requests: list[dict[str, str]]
    officer_id: int
    decision_id: int | None = None
    files: tuple[tuple[str, dict[str, Any]], ...] = ()
    office: str = ""
    letter: str = ""


@dataclass(frozen=True)
class CaseView:
    """Everything a page or the API says of a case."""

    case: Case
    subject: SubjectType
    definition: Definition
    stage: Stage | None
    decisions: list[Decision]
    standing: Standing | None
    previous: Case | None
    earlier: Earlier | None
    track: list[TrackStep]
    history: list[HistoryEntry]
    events: list[AuditEvent]
    answered: list[Answered]
    upt: Upt | None
    calendar: Calendar
    holds: list[CaseHold]

    def items(self) -> list[Item]:
        """The open stage's checklist, for this revision."""
        return self.stage.items(self.case.fields) if self.stage else []

    def carried(self) -> dict[str, str]:
        """For each item of the open stage that names fields: ``same`` or ``changed`` since the revision of `earlier`;
        nothing on the first."""
        if self.earlier is None:
            return {}
        before, after = self.earlier.case.fields, self.case.fields
        return {
            item.key: "changed"
            if any(before.get(name) != after.get(name) for name in item.fields)
            else "same"
            for item in self.items()
            if item.fields
        }

    def earlier_answers(self) -> dict[str, Any]:
        """What the open stage last answered to its items, on whichever revision before."""
        return dict(self.earlier.answers) if self.earlier else {}

    def to_settle(self) -> list[Answered]:
        """The requests that the open stage has to tick off before it approves."""
        if self.stage is None:
            return []
        asked = {one["id"] for one in asked_by(self.case, self.stage, self.subject)}
        return [one for one in self.answered if one.id in asked]

    def held_here(self, now: datetime) -> list[CaseHold]:
        """The holds on the stage that is shown, as far as they count."""
        if self.stage is None or self.standing is None:
            return []
        return holds_on(self.holds, self.case, self.stage.key, self.standing.votes, now)

    def held(self, by: Actor, now: datetime) -> CaseHold | None:
        """The officer's own hold on the stage that is shown, else the oldest."""
        return own_or_first(self.held_here(now), by.id)

    def may_take(self, by: Actor, now: datetime) -> bool:
        """Whether a seat of the stage that is shown is free for `by`, who holds none of it yet."""
        if self.stage is None or self.standing is None or self.why_not(by, now) is not None:
            return False
        counting = self.held_here(now)
        own = any(one.officer_id == by.id for one in counting)
        return not own and in_the_way(counting, self.stage, self.standing.votes, by.id) is None

    def held_all(self, now: datetime) -> list[CaseHold]:
        """The holds that count, of every open stage."""
        if self.standing is None:
            return []
        votes = self.standing.votes
        return [
            hold
            for one in self.standing.open_stages()
            for hold in holds_on(self.holds, self.case, one.key, votes, now)
        ]

    def held_words(self, now: datetime) -> str | None:
        """Who holds it: "dipegang Dedi sampai 14.20"."""
        return all_words(self.held_here(now), now, self.calendar.timezone)

    def opinions(self) -> list[Decision]:
        """The opinions that this revision was given, oldest first, for who decides."""
        return [one for one in self.decisions if one.outcome == OPINION]

    def opinions_missing(self) -> list[Stage]:
        """The stages of the open step whose opinion was not given yet, and which it does not wait for."""
        if self.standing is None or not self.standing.seats:
            return []
        return [one for one in self.standing.open_stages() if not one.decides]

    def why_not(self, by: Actor, now: datetime) -> str | None:
        """Why `by` can't decide now; None when he can."""
        reason = why_not(self.case, self.definition, self.decisions, by)
        if reason is not None or self.stage is None or self.standing is None:
            return reason
        hold = stops(self.holds, self.case, self.stage, self.standing.votes, by, now)
        return refusal(hold, now, self.calendar.timezone).message if hold is not None else None


@dataclass(frozen=True)
class Preview:
    """What the preview beside the inbox says of a case."""

    case: Case
    subject: SubjectType
    stage: Stage | None
    stage_name: str
    upt: Upt | None
    previous: Case | None
    answered: list[Answered]
    hold: CaseHold | None
    held: str | None


def case_preview(case_id: int, *, by: Actor, now: datetime) -> Preview:
    """A case in short, with the revision before it. Two statements; of a case from before requests were frozen, three.

    Raises:
        NoSuchCase: there is none within the scope, or its subject hides it from `by`.
    """
    session = scoped_session()
    before = aliased(Case)
    rows = session.execute(
        select(Case, Upt, before, CaseHold)
        .outerjoin(Upt, and_(Upt.id == Case.upt_id))
        .outerjoin(before, and_(before.id == Case.previous_case_id))
        .outerjoin(CaseHold, and_(CaseHold.case_id == Case.id))
        .where(Case.id == case_id)
    ).all()
    if not rows:
        raise NoSuchCase()
    case, upt, previous, _ = rows[0]
    subject = subject_type(case.subject_type)
    if not subject.may_view(by, case):
        raise NoSuchCase()
    earlier: list[Decision] = []
    if previous is not None and case.asked is None:
        earlier = list(session.scalars(select(Decision).where(Decision.case_id == previous.id)))
    definition = definition_of(session, {case.definition_id})[case.definition_id]
    answered = answered_by(case, earlier, [], subject)
    step = definition.step(case.stage_key) if case.is_open else None
    opened = step.opened(case.fields) if step else ()
    stage = next((one for one in opened if one.role in by.roles), next(iter(opened), None))
    holds = [row[3] for row in rows if row[3] is not None]
    counting = holds_on(holds, case, stage.key, (), now) if stage else []
    hold = own_or_first(counting, by.id)
    held = all_words(counting, now, calendar_of(session).timezone) if counting else None
    return Preview(case, subject, stage, step.name if step else "", upt, previous, answered, hold, held)


def case_view(case_id: int, *, by: Actor | None = None) -> CaseView:
    """A case with everything around it. Five statements.

    Raises:
        NoSuchCase: there is none within the scope, or its subject hides it from `by`.
    """
    session = scoped_session()
    rows = session.execute(
        select(Case, Upt, CaseHold)
        .outerjoin(Upt, and_(Upt.id == Case.upt_id))
        .outerjoin(CaseHold, and_(CaseHold.case_id == Case.id))
        .where(Case.id == case_id)
    ).all()
    if not rows:
        raise NoSuchCase()
    case, upt, _ = rows[0]
    subject = subject_type(case.subject_type)
    if by is not None and not subject.may_view(by, case):
        raise NoSuchCase()
    cases = {one.id: one for one in cases_of(case.subject_type, case.subject_id, until=case.id)}
    by_case: dict[int, list[Decision]] = {one: [] for one in cases}
    for decision in session.scalars(
        select(Decision)
        .where(Decision.case_id.in_(list(cases)))
        .order_by(Decision.case_id, Decision.stage_no)
    ):
        by_case[decision.case_id].append(decision)
    events = list(
        session.scalars(select(AuditEvent).where(AuditEvent.chain == case.chain).order_by(AuditEvent.seq))
    )
    definitions = definition_of(session, {one.definition_id for one in cases.values()})
    definition = definitions[case.definition_id]
    previous = cases.get(case.previous_case_id) if case.previous_case_id else None
    stage = _stage_of(case, definition, by_case[case.id], by)
    return CaseView(
        case=case,
        subject=subject,
        definition=definition,
        stage=stage,
        decisions=by_case[case.id],
        standing=standing(case, definition, by_case[case.id]),
        previous=previous,
        earlier=earlier_of(stage, previous, cases, by_case, definitions, by),
        track=_track(case, definition, by_case[case.id], subject),
        history=_history(cases, by_case, definitions, events),
        events=events,
        answered=answered_by(case, by_case[previous.id] if previous else [], by_case[case.id], subject),
        upt=upt,
        calendar=calendar_of(session),
        holds=[row[2] for row in rows if row[2] is not None],
    )


def enclosure(case_id: int, decision_id: int, key: str, *, by: Actor) -> tuple[bytes, Enclosure, str]:
    """The bytes of a file that a decision's item was answered with, what it is, and its media type. One statement.

    Raises:
        NoSuchEnclosure: there is none within the scope, or its case is hidden from `by`.
    """
    row = (
        scoped_session()
        .execute(
            select(Case, Decision)
            .join(Decision, and_(Decision.case_id == Case.id))
            .where(Case.id == case_id, Decision.id == decision_id)
        )
        .first()
    )
    if row is None or not subject_type(row[0].subject_type).may_view(by, row[0]):
        raise NoSuchEnclosure()
    told = row[1].checklist.get(key)
    if not isinstance(told, dict) or told.get("kind") not in KINDS:
        raise NoSuchEnclosure()
    try:
        return files.get(told["sha256"]), Enclosure(**told), KINDS[told["kind"]]
    except NotFound:
        raise NoSuchEnclosure() from None


def cases_of(subject_type: str, subject_id: int, *, until: int | None = None) -> list[Case]:
    """The newest cases of a subject, oldest first, at most 50. One statement."""
    asked = select(Case).where(Case.subject_type == subject_type, Case.subject_id == subject_id)
    if until is not None:
        asked = asked.where(Case.id <= until)
    return list(scoped_session().scalars(asked.order_by(Case.id.desc()).limit(50)))[::-1]


def open_requests(case_id: int) -> list[dict[str, str]]:
    """What a returned case asks to change, whoever asked: ``{"id", "field", "text", "by"}``. One statement."""
    decisions = scoped_session().scalars(
        select(Decision)
        .where(Decision.case_id == case_id, Decision.outcome == "return")
        .order_by(Decision.stage_no)
    )
    return [{**one, "by": decision.officer_name} for decision in decisions for one in decision.requests]


def open_subjects(session: Session, subject_type: str, subject_ids: list[int]) -> dict[int, Case]:
    """The open case of each of these subjects that has one. One statement."""
    found = session.scalars(
        select(Case).where(
            Case.subject_type == subject_type, Case.subject_id.in_(subject_ids), Case.state == "open"
        )
    )
    return {case.subject_id: case for case in found}


def _stage_of(
    case: Case, definition: Definition, decisions: list[Decision], by: Actor | None
) -> Stage | None:
    """The open stage that a page or the API speaks of: the one that `by` may decide, else the first."""
    if by is not None:
        return stage_for(case, definition, decisions, by)
    here = standing(case, definition, decisions)
    return next(iter(here.open_stages()), None) if here else None


def _track(
    case: Case, definition: Definition, decisions: list[Decision], subject: SubjectType
) -> list[TrackStep]:
    steps = [TrackStep("submitted", "Diajukan", "done", case.submitted_at, case.submitted_by_name)]
    path = definition.path(case.fields)
    here = definition.step(case.stage_key) if case.is_open else None
    ended = next((one for one in reversed(path) if _votes(one, decisions)), None) if here is None else None
    for step in path:
        votes = _votes(step, decisions)
        steps.append(_track_step(case, step, votes, here=here, ended=ended))
    last = "done" if case.state == "approved" else "withdrawn" if case.state == "withdrawn" else "waiting"
    name = "Ditarik" if case.state == "withdrawn" else subject.approved_word
    steps.append(TrackStep("end", name, last, case.closed_at if last != "waiting" else None))
    return steps


def _votes(step: Step, decisions: list[Decision]) -> list[Decision]:
    """The decisions at a step; of a re-opened one, those since the last rejection that was taken back come last."""
    keys = {stage.key for stage in step.stages}
    return [one for one in decisions if one.stage_key in keys]


def _track_step(
    case: Case, step: Step, votes: list[Decision], *, here: Step | None, ended: Step | None
) -> TrackStep:
    state = "waiting"
    if step is here:
        state = "current"
        votes = [one for one in votes if one.stage_no >= case.step_no]
    elif votes:
        refused = step is ended and case.state in ("returned", "rejected")
        state = case.state if refused else "done"
    last = votes[-1] if votes and state != "current" else None
    opened = step.opened(case.fields)
    several = sum(stage.votes for stage in opened) > 1
    need = step.needed(case.fields)
    return TrackStep(
        step.key if several else opened[0].key,
        step.name if several else opened[0].name,
        state,
        last.decided_at if last else None,
        last.officer_name if last else "",
        tuple(
            (one.name, sum(vote.stage_key == one.key for vote in votes), one.votes, one.decides)
            for one in opened
        )
        if several
        else (),
        sum(one.outcome == "approve" for one in votes),
        need,
        need > 0,
    )


def _history(
    cases: Mapping[int, Case],
    decisions: Mapping[int, list[Decision]],
    definitions: Mapping[int, Definition],
    events: Sequence[AuditEvent],
) -> list[HistoryEntry]:
    entries = [_reopening(cases, event) for event in events if event.action == REOPENED]
    for case in cases.values():
        entries.append(
            HistoryEntry(
                case.submitted_at,
                case.submitted_by_name,
                "submit",
                "",
                case.revision_no,
                case.id,
                "",
                [],
                case.submitted_by,
            )
        )
        for one in decisions[case.id]:
            stage = definitions[case.definition_id].stage(one.stage_key)
            entries.append(
                HistoryEntry(
                    at=one.decided_at,
                    who=one.officer_name,
                    outcome=one.outcome,
                    stage=stage.name if stage else one.stage_key,
                    revision_no=case.revision_no,
                    case_id=case.id,
                    comment=one.comment,
                    requests=one.requests,
                    officer_id=one.officer_id,
                    decision_id=one.id,
                    files=tuple((key, said) for key, said in one.checklist.items() if isinstance(said, dict)),
                    office=_lent(one.acting_as),
                    letter=one.letter_number or "",
                )
            )
        if case.state == "withdrawn" and case.closed_at is not None:
            entries.append(
                HistoryEntry(
                    case.closed_at,
                    case.submitted_by_name,
                    "withdraw",
                    "",
                    case.revision_no,
                    case.id,
                    "",
                    [],
                    case.submitted_by,
                )
            )
    order = {"submit": 0, "reopen": 2}
    return sorted(entries, key=lambda one: (one.case_id, one.at, order.get(one.outcome, 1)), reverse=True)


def _reopening(cases: Mapping[int, Case], event: AuditEvent) -> HistoryEntry:
    case = cases[int(event.chain.removeprefix("case:"))]
    said = json.loads(event.payload)
    return HistoryEntry(
        event.at,
        said["by_name"],
        "reopen",
        "",
        case.revision_no,
        case.id,
        said["reason"],
        [],
        event.officer_id or 0,
        office=_lent(said.get("acting_as", "")),
    )


def _lent(acting_as: str) -> str:
    """An office that a letter lends, as it reads; that of a holder is in the stage's own name."""
    return acting_as if acting_as.startswith(tuple(f"{word} " for word in ACTING_WORDS.values())) else ""
