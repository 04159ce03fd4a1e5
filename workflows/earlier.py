"""What an earlier revision left to the one that is looked at: requests, their answers, and a checklist's answers.

Pure: cases and decisions in, values out; `queries` reads them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tenants.officers import Actor
from workflows.models import Case, Decision
from workflows.settling import carried_over
from workflows.stages import Definition, Item, Stage
from workflows.subjects import SubjectType


@dataclass(frozen=True)
class Answered:
    """A request for change of an earlier case, what the UPT answered, and who ticked it off. `stage` is the key of the
    stage that asked."""

    id: str
    field: str
    label: str
    text: str
    by: str
    by_id: int
    answer: str
    stage: str = ""
    settled_by: str = ""
    settled_by_id: int | None = None
    settled_at: datetime | None = None


@dataclass(frozen=True)
class Earlier:
    """The revision before that the open stage's items are held against: the last one that this stage decided, else the
    previous one. `answers` are those to questions that are still the same."""

    case: Case
    answers: Mapping[str, Any]
    decision_id: int | None


def answered_by(
    case: Case, earlier: list[Decision], decisions: list[Decision], subject: SubjectType
) -> list[Answered]:
    """What this revision answers for. `earlier`: the previous case's decisions, read where nothing was frozen."""
    asked = case.asked
    if asked is None:
        asked = carried_over(case, earlier)
    ticks = {id_: one for one in decisions for id_ in one.settled or []}
    found = []
    for one in asked:
        tick = ticks.get(one["id"])
        found.append(
            Answered(
                id=one["id"],
                field=one["field"],
                label=subject.field_labels.get(one["field"], one["field"]),
                text=one["text"],
                by=one["by"],
                by_id=one["by_id"],
                answer=case.answers.get(one["id"]) or one.get("answer", ""),
                stage=one["stage_key"],
                settled_by=tick.officer_name if tick else "",
                settled_by_id=tick.officer_id if tick else None,
                settled_at=tick.decided_at if tick else None,
            )
        )
    return found


def earlier_of(
    stage: Stage | None,
    previous: Case | None,
    cases: Mapping[int, Case],
    decisions: Mapping[int, list[Decision]],
    definitions: Mapping[int, Definition],
    by: Actor | None,
) -> Earlier | None:
    """Where the stage was decided last; of several votes, the reader's own, else the last. An answer counts only
    where the question is the same to the letter in both workflows."""
    if previous is None:
        return None
    before = [one for one in cases.values() if stage is not None and one.id <= previous.id]
    for case in reversed(before):
        votes = [one for one in decisions[case.id] if stage is not None and one.stage_key == stage.key]
        if not votes:
            continue
        last = next((one for one in reversed(votes) if by is not None and one.officer_id == by.id), votes[-1])
        then = definitions[case.definition_id].stage(last.stage_key)
        asked = {item.key: _wording(item) for item in then.checklist} if then else {}
        same = {
            item.key for item in (stage.checklist if stage else ()) if asked.get(item.key) == _wording(item)
        }
        return Earlier(case, {key: said for key, said in last.checklist.items() if key in same}, last.id)
    return Earlier(previous, {}, None)


def _wording(item: Item) -> tuple[Any, ...]:
    """What makes a question the same question."""
    return item.question, item.type, item.choices, item.unit, item.fields
