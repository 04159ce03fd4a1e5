"""The open step of a case: which stages are open, who has voted, and what the votes come to.

Pure rules over a case, its definition and its decisions; opening and closing change the case in memory, the caller
writes it. A step is carried once it has the approvals it needs, and lost once it can no longer get them: then the
case is rejected where one vote was a rejection, else returned.

An opinion is no vote. Beside deciding stages it is heard as long as the step is open, and holds nothing up; a step of
opinions alone is over once each stage has spoken, and leads on: it never ends a case.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from workflows.deadlines import Calendar, due, remind_at
from workflows.models import Case, CaseSeat, Decision
from workflows.stages import Definition, Stage, Step

APPROVE, RETURN, REJECT, OPINION = "approve", "return", "reject", "opinion"


@dataclass(frozen=True)
class Standing:
    """Where a case stands: its open step, the stages of it that this revision opened, the votes cast so far."""

    step: Step
    stages: tuple[Stage, ...]
    need: int
    votes: tuple[Decision, ...]

    @property
    def is_plain(self) -> bool:
        """Whether the next decision settles the step."""
        return self.seats == 1

    @property
    def seats(self) -> int:
        """How many votes there are to cast; none where opinions alone are given."""
        return sum(stage.votes for stage in self.stages if stage.decides)

    @property
    def approvals(self) -> int:
        return sum(vote.outcome == APPROVE for vote in self.votes)

    def cast(self, stage: Stage) -> int:
        """How many have voted at one of its stages."""
        return sum(vote.stage_key == stage.key for vote in self.votes)

    def open_stages(self) -> list[Stage]:
        """The stages that still want votes."""
        return [stage for stage in self.stages if self.cast(stage) < stage.votes]

    def is_full_with(self, stage: Stage) -> bool:
        """Whether one more vote fills the stage."""
        return self.cast(stage) + 1 >= stage.votes

    def result_with(self, outcome: str) -> str | None:
        """What the step comes to with one more vote: an outcome, or None while it stays open."""
        if outcome == OPINION:
            spoken = len(self.votes) + 1
            return OPINION if not self.seats and spoken >= len(self.stages) else None
        outcomes = [*(vote.outcome for vote in self.votes if vote.outcome != OPINION), outcome]
        approvals = outcomes.count(APPROVE)
        if approvals >= self.need:
            return APPROVE
        if approvals + self.seats - len(outcomes) >= self.need:
            return None
        return REJECT if REJECT in outcomes else RETURN


def standing(case: Case, definition: Definition, decisions: Sequence[Decision]) -> Standing | None:
    """Where an open case stands; None where it is closed."""
    step = definition.step(case.stage_key) if case.is_open else None
    if step is None:
        return None
    votes = tuple(one for one in decisions if one.stage_no >= case.step_no)
    return Standing(step, step.opened(case.fields), step.needed(case.fields), votes)


def open_step(case: Case, step: Step, now: datetime, calendar: Calendar) -> list[CaseSeat]:
    """Put a case at a step, with its deadlines; the seats come back where several are open at once. The caller
    counts version and stage number, and gives the seats their case once it has a number."""
    opened = step.opened(case.fields)
    days = [due(now, stage.deadline_days, calendar.timezone, calendar.days_off) for stage in opened]
    case.due_at, case.due_on = min(days)
    case.step_no = case.stage_no
    reminders = [
        remind_at(day, stage.remind_days, now, calendar) for stage, (_, day) in zip(opened, days, strict=True)
    ]
    case.remind_at = case.escalated_at = None
    if len(opened) == 1:
        case.stage_key = opened[0].key
        case.stage_role = opened[0].role if opened[0].votes == 1 else None
    else:
        case.stage_key, case.stage_role = step.key, None
    if case.stage_role is not None:
        case.remind_at = reminders[0]
        return []
    return [
        CaseSeat(
            tenant_id=case.tenant_id,
            upt_id=case.upt_id,
            case_id=case.id,
            step_no=case.step_no,
            stage_key=stage.key,
            stage_role=stage.role,
            votes=stage.votes,
            due_at=due_at,
            due_on=due_on,
            remind_at=reminder,
            urgent=case.urgent,
            submitted_at=case.submitted_at,
        )
        for stage, (due_at, due_on), reminder in zip(opened, days, reminders, strict=True)
    ]


def close(case: Case, state: str, now: datetime) -> None:
    """End a case in `state`; it leaves every inbox."""
    case.state = state
    case.stage_key = case.stage_role = case.due_at = case.due_on = case.remind_at = None
    case.closed_at = now
    case.version += 1
