"""Trying a definition on what has been decided: how the closed cases of the Kanwil would have gone under it.

Each case goes its own way again: the steps that its revision passes under the definition it had, and under the new one,
up to where it ended. Only counts and a few examples are kept, so memory stays flat whatever the number of cases. Few
cases are read while the officer waits, many by a job that says how far it is; a job that runs again starts over.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Text, select, type_coerce, update
from sqlalchemy.orm import Session

from tenants import clock, jobs
from tenants.database import session as scoped_session
from tenants.database import transaction
from tenants.errors import Invalid, NotFound
from tenants.idempotency import once
from tenants.officers import Actor
from tenants.said import say
from tenants.words import N_
from workflows.calendars import calendar_of
from workflows.deadlines import Calendar, working_days
from workflows.definitions import definition_of, in_force
from workflows.design import rules
from workflows.design.drafts import EDITORS
from workflows.design.models import DefinitionDraft, DefinitionSimulation
from workflows.documents import from_document, parse
from workflows.errors import NoSuchDefinition
from workflows.models import Case, Decision
from workflows.stages import Definition, Step

JOB = "definition.simulate"
DEFAULT_CASES = 200
MOST_CASES = 10_000
AT_ONCE = 300
"""Up to so many cases are tried while the officer waits; more go to a job."""
BATCH = 250
EXAMPLES = 5
ENDED = ("approved", "returned", "rejected")
"""A case that was withdrawn says nothing about the way."""


class NoSuchSimulation(NotFound):
    """There is no such simulation in this Kanwil."""

    code = "simulasi-tidak-ditemukan"
    title = N_("Simulasi tidak ditemukan")


@dataclass(frozen=True)
class Past:
    """A closed case, as the trial needs it."""

    id: int
    title: str
    state: str
    fields: dict[str, Any]
    before: Definition
    submitted_on: date
    decided: tuple[tuple[str, date], ...]


@jobs.job(JOB)
def simulate_job(payload: dict[str, Any]) -> None:
    run(int(payload["simulation_id"]), now=clock.now())


def begin(
    subject_type: str, cases: int = DEFAULT_CASES, *, by: Actor, now: datetime, key: str | None = None
) -> tuple[DefinitionSimulation, bool]:
    """Try the draft, or what is in force where there is none, on the newest `cases` that were decided. The same `key`
    gives the same simulation; whether it is a repetition comes with it.

    Raises:
        DefinitionInvalid: the draft has faults, by place and line.
        Invalid: fewer than 1 or more than `MOST_CASES`. NoSuchDefinition, Forbidden: as in `drafts`.
    """
    by.require(*EDITORS)
    if not 1 <= cases <= MOST_CASES:
        raise Invalid(fields={"cases": say(N_("Bilangan 1 sampai %(most_cases)s."), most_cases=MOST_CASES)})

    def act() -> DefinitionSimulation:
        with transaction() as session:
            definition = _subject_of_trial(session, subject_type)
            row = DefinitionSimulation(
                subject_type=subject_type,
                document=definition.document,
                sha256=definition.sha256,
                asked=cases,
                done=0,
                state="running",
                asked_by=by.id,
                asked_by_name=by.name,
                created_at=now,
            )
            session.add(row)
            session.flush()
            if cases > AT_ONCE:
                jobs.enqueue(JOB, {"simulation_id": row.id}, key=str(row.id))
            return row

    row, repeated = once(
        key,
        f"{JOB}:{subject_type}",
        act,
        lambda made: made.id,
        find,
        content=[subject_type, cases],
    )
    if not repeated and cases <= AT_ONCE:
        row = run(row.id, now=now)
    return row, repeated


def find(simulation_id: int) -> DefinitionSimulation:
    """One simulation of the Kanwil in scope. One statement.

    Raises:
        NoSuchSimulation: there is none.
    """
    row = (
        scoped_session()
        .scalars(
            select(DefinitionSimulation)
            .where(DefinitionSimulation.id == simulation_id)
            .execution_options(populate_existing=True)
        )
        .first()
    )
    if row is None:
        raise NoSuchSimulation()
    return row


def run(simulation_id: int, *, now: datetime) -> DefinitionSimulation:
    """Carry a simulation out; two statements a batch of `BATCH` cases, and one that says how far it is.

    Raises:
        NoSuchSimulation: there is none.
    """
    row = find(simulation_id)
    if row.state != "running":
        return row
    definition, asked, subject = from_document(row.document), row.asked, row.subject_type
    tally = Tally(definition)
    for batch in past_cases(subject, asked):
        for past in batch:
            tally.add(past)
        _progress(simulation_id, done=tally.cases)
    _progress(simulation_id, done=tally.cases, state="done", result=tally.result(), finished_at=now)
    return find(simulation_id)


def past_cases(subject_type: str, most: int) -> Iterator[list[Past]]:
    """The newest decided cases in batches, by keyset. Two statements a batch."""
    before_id: int | None = None
    while most > 0:
        session = scoped_session()
        asked = (
            select(
                Case.id,
                Case.title,
                Case.state,
                Case.definition_id,
                Case.submitted_at,
                type_coerce(Case.fields, Text).label("raw"),
            )
            .where(Case.subject_type == subject_type, Case.state.in_(ENDED))
            .order_by(Case.id.desc())
            .limit(min(BATCH, most))
        )
        if before_id is not None:
            asked = asked.where(Case.id < before_id)
        rows = session.execute(asked).all()
        if not rows:
            return
        calendar = calendar_of(session)
        zone = ZoneInfo(calendar.timezone)
        known = definition_of(session, {row.definition_id for row in rows})
        decided: dict[int, list[tuple[str, date]]] = {}
        for case_id, key, at in session.execute(
            select(Decision.case_id, Decision.stage_key, Decision.decided_at)
            .where(Decision.case_id.in_([row.id for row in rows]))
            .order_by(Decision.case_id, Decision.stage_no)
        ):
            decided.setdefault(case_id, []).append((key, at.astimezone(zone).date()))
        yield [
            Past(
                row.id,
                row.title,
                row.state,
                json.loads(row.raw),
                known[row.definition_id],
                row.submitted_at.astimezone(zone).date(),
                tuple(decided.get(row.id, ())),
            )
            for row in rows
        ]
        before_id, most = rows[-1].id, most - len(rows)


@dataclass
class Change:
    """A step that cases would pass beside the ones they passed, or no longer pass."""

    key: str
    name: str
    kind: str
    count: int = 0
    examples: list[dict[str, Any]] = field(default_factory=list)

    def note(self, past: Past) -> None:
        self.count += 1
        if len(self.examples) < EXAMPLES:
            self.examples.append({"id": past.id, "title": past.title})


class Tally:
    """Adds up what would have changed, case by case."""

    def __init__(self, definition: Definition, calendar: Calendar | None = None) -> None:
        self.definition = definition
        self.calendar = calendar
        self.cases = self.changed = self.more_seats = self.fewer_seats = self.other_roles = 0
        self.changes: dict[tuple[str, str], Change] = {}
        self.roles_before: Counter[str] = Counter()
        self.roles_after: Counter[str] = Counter()
        self.opinions_before = self.opinions_after = 0
        self.allowed_before = self.allowed_after = self.taken = self.expected = 0
        self.states: Counter[str] = Counter()
        self._days: Any = None

    def add(self, past: Past) -> None:
        """One more case."""
        before = _up_to(past.before.path(past.fields), past)
        after = _up_to(self.definition.path(past.fields), past)
        self.cases += 1
        self.states[past.state] += 1
        added = _without(after, before, past.fields)
        dropped = _without(before, after, past.fields)
        for kind, names in (("added", added), ("dropped", dropped)):
            for key, name in names:
                self.changes.setdefault((kind, key), Change(key, name, kind)).note(past)
        was, becomes = _seats(before, past.fields), _seats(after, past.fields)
        self.roles_before += was
        self.roles_after += becomes
        told, tells = _opinions(before, past.fields), _opinions(after, past.fields)
        self.opinions_before += told
        self.opinions_after += tells
        self.more_seats += becomes.total() > was.total()
        self.fewer_seats += becomes.total() < was.total()
        self.other_roles += set(becomes) != set(was)
        self.changed += bool(added or dropped or was != becomes or told != tells)
        self._time(past, before, after)

    def _time(self, past: Past, before: Sequence[Step], after: Sequence[Step]) -> None:
        """Working days: what the deadlines allow, what was taken, and what to expect: a step that stays takes what it
        took, a new one all of its deadline."""
        days = self._counter()
        took: dict[str, int] = {}
        since = past.submitted_on
        for step in before:
            keys = {stage.key for stage in step.stages}
            until = max((on for key, on in past.decided if key in keys), default=since)
            spent = max(0, days(since, until))
            took |= dict.fromkeys(keys, spent)
            self.taken += spent
            since = max(since, until)
        self.allowed_before += sum(_allowed(step, past.fields) for step in before)
        for step in after:
            allowed = _allowed(step, past.fields)
            self.allowed_after += allowed
            awaited = step.awaited(past.fields)
            kept = [took[stage.key] for stage in awaited if stage.key in took]
            fresh = len(kept) < len(awaited)
            self.expected += max([*kept, allowed if fresh else 0])

    def _counter(self) -> Any:
        if self._days is None:
            calendar = self.calendar or calendar_of(scoped_session())

            @cache
            def days(after: date, until: date) -> int:
                return working_days(after, until, calendar.days_off)

            self._days = days
        return self._days

    def result(self) -> dict[str, Any]:
        """The whole of it, for the page and the API."""
        order = {
            key: at
            for at, step in enumerate(self.definition.steps)
            for key in (step.key, *(stage.key for stage in step.stages))
        }
        changes = sorted(self.changes.values(), key=lambda one: (one.kind, order.get(one.key, 99)))
        roles = sorted({*self.roles_before, *self.roles_after})
        return {
            "cases": self.cases,
            "changed": self.changed,
            "states": dict(self.states),
            "steps": [
                {
                    "key": one.key,
                    "name": one.name,
                    "change": one.kind,
                    "count": one.count,
                    "examples": one.examples,
                }
                for one in changes
            ],
            "deciders": {
                "before": self.roles_before.total(),
                "after": self.roles_after.total(),
                "more": self.more_seats,
                "fewer": self.fewer_seats,
                "other_roles": self.other_roles,
                "roles": [
                    {"role": role, "before": self.roles_before[role], "after": self.roles_after[role]}
                    for role in roles
                ],
            },
            "opinions": {"before": self.opinions_before, "after": self.opinions_after},
            "days": {
                "allowed_before": self._mean(self.allowed_before),
                "allowed_after": self._mean(self.allowed_after),
                "taken": self._mean(self.taken),
                "expected": self._mean(self.expected),
            },
        }

    def _mean(self, total: int) -> float:
        return round(total / self.cases, 2) if self.cases else 0.0


def _subject_of_trial(session: Session, subject_type: str) -> Definition:
    draft = session.scalars(
        select(DefinitionDraft).where(DefinitionDraft.subject_type == subject_type)
    ).first()
    also = rules.checker(session, subject_type)
    if draft is not None:
        return parse(draft.text, also=also)

    try:
        _id, _version, definition = in_force(session, subject_type)
    except NoSuchDefinition:
        raise NoSuchDefinition(N_("Belum ada konsep untuk dicoba.")) from None
    return definition


def _progress(simulation_id: int, **values: Any) -> None:
    with transaction() as session:
        session.execute(
            update(DefinitionSimulation)
            .where(DefinitionSimulation.id == simulation_id, DefinitionSimulation.state == "running")
            .values(**values)
            .execution_options(synchronize_session=False)
        )


def _up_to(path: Sequence[Step], past: Past) -> list[Step]:
    """The way up to where the case ended; all of it where it was approved, or ended at a step that is not on it."""
    if past.state == "approved" or not past.decided:
        return list(path)
    last = past.decided[-1][0]
    for at, step in enumerate(path):
        if any(stage.key == last for stage in step.stages):
            return list(path[: at + 1])
    return list(path)


def _without(steps: Sequence[Step], others: Sequence[Step], fields: dict[str, Any]) -> list[tuple[str, str]]:
    """Key and name of what the others don't have: a whole step, or single stages of one that they do have."""
    known = {stage.key for step in others for stage in step.opened(fields)}
    found: list[tuple[str, str]] = []
    for step in steps:
        opened = step.opened(fields)
        fresh = [stage for stage in opened if stage.key not in known]
        if len(fresh) == len(opened):
            found.append((step.key, step.name))
        else:
            found += [(stage.key, stage.name) for stage in fresh]
    return found


def _seats(steps: Sequence[Step], fields: dict[str, Any]) -> Counter[str]:
    seats: Counter[str] = Counter()
    for step in steps:
        for stage in step.opened(fields):
            if stage.decides:
                seats[stage.role] += stage.votes
    return seats


def _opinions(steps: Sequence[Step], fields: dict[str, Any]) -> int:
    """How many opinions are asked on the way; they are no decisions."""
    return sum(not stage.decides for step in steps for stage in step.opened(fields))


def _allowed(step: Step, fields: dict[str, Any]) -> int:
    """Working days that a step's deadlines allow: those of the slowest stage that it waits for."""
    return max((stage.deadline_days for stage in step.awaited(fields)), default=0)
