"""Deadlines that move: a day off recorded later counts for the cases that are already under way.

What an open stage was given stays its number of working days from the day it arrived; when the calendar changes, the
day on which they end is reckoned anew. The move is told in the case's chain; reminders follow, and what was escalated
is escalated again should the new deadline pass, too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tenants import clock
from tenants.database import transaction
from tenants.jobs import enqueue, job
from workflows import audit
from workflows.calendars import calendar_of, forget_calendars
from workflows.deadlines import Calendar, due, remind_at
from workflows.definitions import definition_of
from workflows.models import OPEN, AuditEvent, Case, CaseSeat, Decision
from workflows.proof.payloads import state_payload
from workflows.stages import Definition, Stage

BATCH = 200
MOVED = "case.deadline_moved"


def ask(event: AuditEvent) -> None:
    """Have the deadlines of the Kanwil in scope reckoned anew, because of this event; in the open transaction."""
    enqueue("cases.deadlines", {"because": event.action}, key=f"deadlines-{event.hash}")


@job("cases.deadlines")
def _carry_out(payload: dict[str, Any]) -> int:
    forget_calendars()  # another process may have changed the calendar
    after, moved = 0, 0
    while True:
        last, count = reckon(after, str(payload["because"]), now=clock.now())
        moved += count
        if last is None:
            return moved
        after = last


def reckon(after: int, because: str, *, now: datetime) -> tuple[int | None, int]:
    """Move the deadlines of the next open cases with a number above `after`, at most a batch; says the last number it
    looked at (None at the end) and how many moved. One transaction; 5 statements and 2 for each case that moves.

    Doing it again moves nothing.
    """
    with transaction() as session:
        cases = session.scalars(
            select(Case)
            .where(Case.state == OPEN, Case.id > after)
            .order_by(Case.id)
            .limit(BATCH)
            .with_for_update()
            .execution_options(populate_existing=True)
        ).all()
        if not cases:
            return None, 0
        definitions = definition_of(session, {case.definition_id for case in cases})
        seats, began = _seats(session, cases), _arrivals(session, cases)
        calendar = calendar_of(session)
        moved = 0
        for case in cases:
            changes = _move(
                case, definitions[case.definition_id], seats[case.id], began[case.id], calendar, now
            )
            if changes:
                payload = {"because": because, "stages": changes, "after": state_payload(case)}
                audit.link_case(session, case, MOVED, payload, by=None, now=now)
                moved += 1
        session.flush()
        return cases[-1].id, moved


def _move(
    case: Case,
    definition: Definition,
    seats: Sequence[CaseSeat],
    began: datetime,
    calendar: Calendar,
    now: datetime,
) -> list[dict[str, str]]:
    """Give the open stages of a case their new day; what changed, for the chain."""
    rows: list[Case | CaseSeat] = [case] if case.stage_role is not None else list(seats)
    changes = []
    for row in rows:
        stage = definition.stage(row.stage_key)
        if stage is None or row.due_on is None:
            continue
        due_at, due_on = due(began, stage.deadline_days, calendar.timezone, calendar.days_off)
        if due_on != row.due_on:
            changes.append(_change(stage, row.due_on, due_on))
            row.due_at, row.due_on = due_at, due_on
            row.remind_at = remind_at(due_on, stage.remind_days, now, calendar)
            if due_at > now:
                row.escalated_at = None
    waiting = [(seat.due_at, seat.due_on) for seat in seats if seat.stage_role is not None]
    if case.stage_role is None and waiting and changes:
        case.due_at, case.due_on = min(waiting)
    return changes


def _change(stage: Stage, before: date, after: date) -> dict[str, str]:
    return {"stage": stage.key, "from": before.isoformat(), "to": after.isoformat()}


def _seats(session: Session, cases: Sequence[Case]) -> dict[int, list[CaseSeat]]:
    """The seats of the open steps. One statement."""
    steps = {case.id: case.step_no for case in cases}
    found: dict[int, list[CaseSeat]] = defaultdict(list)
    for seat in session.scalars(select(CaseSeat).where(CaseSeat.case_id.in_(steps)).order_by(CaseSeat.id)):
        if seat.step_no == steps[seat.case_id]:
            found[seat.case_id].append(seat)
    return found


def _arrivals(session: Session, cases: Sequence[Case]) -> dict[int, datetime]:
    """When each case came to its open step: submitted, moved on by the last decision before it, or opened again. Two
    statements."""
    began = {case.id: case.submitted_at for case in cases}
    decided = (
        select(Decision.case_id, func.max(Decision.decided_at))
        .join(Case, (Case.id == Decision.case_id) & (Decision.stage_no < Case.step_no))
        .where(Decision.case_id.in_(list(began)))
        .group_by(Decision.case_id)
    )
    for case_id, at in session.execute(decided):
        began[case_id] = max(began[case_id], at)
    chains = {case.chain: case.id for case in cases}
    reopened = (
        select(AuditEvent.chain, func.max(AuditEvent.at))
        .where(AuditEvent.chain.in_(list(chains)), AuditEvent.action == "case.reopened")
        .group_by(AuditEvent.chain)
    )
    for chain, at in session.execute(reopened):
        began[chains[chain]] = max(began[chains[chain]], at)
    return began
