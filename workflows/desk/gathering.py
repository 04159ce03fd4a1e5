"""The cases that an officer picked, put together by what is asked of them: one checklist a group."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from tenants.database import session as scoped_session
from tenants.officers import Actor
from tenants.said import say
from tenants.words import N_
from workflows.calendars import calendar_of
from workflows.decisions import seat_words
from workflows.definitions import definition_of
from workflows.desk.holds import refusal, stops
from workflows.desk.models import CaseHold
from workflows.models import Case, Decision
from workflows.settling import asked_by
from workflows.stages import Item, Stage
from workflows.steps import standing
from workflows.subjects import SubjectType, subject_type


@dataclass(frozen=True)
class Picked:
    """One picked case: the version and stage that will be decided, or why it can't be."""

    case: Case
    link: str
    version: int
    stage: Stage | None
    why_not: str | None


@dataclass(frozen=True)
class Group:
    """Cases of which the same is asked: one stage of one definition with the same questions. `name` follows from these,
    so that it is the same however the cases move."""

    name: str
    subject: SubjectType
    stage: Stage
    items: list[Item]
    cases: list[Picked]


def gather(
    picked: Mapping[int, tuple[int | None, str | None]], *, by: Actor, now: datetime, approving: bool = False
) -> tuple[list[Group], list[Picked]]:
    """The groups of the picked cases (case -> version and stage that were seen; None: as it is now), and those that
    can't be decided, with the reason. Cases outside the scope are left out. Three statements.

    `approving`: what needs a file or the tick of an earlier request is decided on its own page.
    """
    session = scoped_session()
    cases = list(
        session.scalars(select(Case).where(Case.id.in_(list(picked))).order_by(Case.due_at, Case.id))
    )
    decisions: dict[int, list[Decision]] = {case.id: [] for case in cases}
    asked_of = Decision.case_id.in_(list(decisions))
    for decision in session.scalars(select(Decision).where(asked_of).order_by(Decision.stage_no)):
        decisions[decision.case_id].append(decision)
    holds: dict[int, list[CaseHold]] = {}
    for hold in session.scalars(select(CaseHold).where(CaseHold.case_id.in_(list(decisions)))):
        holds.setdefault(hold.case_id, []).append(hold)
    definitions = definition_of(session, {case.definition_id for case in cases})
    zone = calendar_of(session).timezone
    groups: dict[Any, Group] = {}
    left: list[Picked] = []
    for case in cases:
        subject = subject_type(case.subject_type)
        if not subject.may_view(by, case):
            continue
        definition = definitions[case.definition_id]
        version, seen = picked[case.id]
        here = standing(case, definition, decisions[case.id])
        stage, why = seat_words(case, definition, decisions[case.id], by)
        votes = here.votes if here else ()
        if why is None and version is not None and not case.version - len(votes) <= version <= case.version:
            why = say(N_("Kasus ini sudah berpindah sejak Anda memilihnya."))
        if why is None and seen and stage and stage.key != seen and here and here.step.key != seen:
            why = say(N_("Kasus ini sudah berpindah sejak Anda memilihnya."))
        if why is None and stage is not None:
            held = stops(holds.get(case.id, ()), case, stage, votes, by, now)
            if held is not None:
                why = refusal(held, now, zone).message
        if why is None and stage is not None and not stage.decides:
            why = say(N_("Tahap ini meminta pendapat: tulis di halaman kasusnya."))
        if why is None and stage is not None and approving:
            why = _by_itself(case, stage, subject)
        one = Picked(case, subject.page(case), version or case.version, stage, why)
        if why is not None or stage is None:
            left.append(one)
            continue
        items = stage.items(case.fields)
        asked = (case.definition_id, stage.key, tuple(item.key for item in items))
        if asked not in groups:
            groups[asked] = Group(_name(asked), subject, stage, items, [])
        groups[asked].cases.append(one)
    return list(groups.values()), left


def _by_itself(case: Case, stage: Stage, subject: SubjectType) -> str | None:
    """Why an approval of it has to be given on its own page; None when it can go with others."""
    if asked_by(case, stage, subject):
        return say(N_("Permintaan tahap ini dicentang satu per satu: putuskan di halaman kasusnya."))
    if any(item.type == "file" and item.required for item in stage.items(case.fields)):
        return say(N_("Tahap ini meminta berkas: putuskan di halaman kasusnya."))
    return None


def _name(asked: tuple[Any, ...]) -> str:
    return "g" + hashlib.sha256(repr(asked).encode()).hexdigest()[:10]
