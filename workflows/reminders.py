"""Reminders: who decides a stage hears of its deadline on a morning before it and on its day; each once.

A stage whose mornings all went by unheard (the clock jumped, nothing ran) is reminded of once when it is found. What
comes after the deadline is `escalation`.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tenants.database import transaction
from tenants.jobs import alone_in, every_tenant, scheduled
from workflows import notices
from workflows.calendars import calendar_of
from workflows.deadlines import Calendar, in_words, remind_at
from workflows.definitions import definition_of
from workflows.escalation import BATCH, seat_counts
from workflows.models import OPEN, Case, CaseSeat
from workflows.subjects import subject_type


@scheduled("5,20,35,50 * * * *", "cases.reminders")
def sweep(planned: datetime) -> None:
    """Remind in every Kanwil. Each quarter of an hour."""
    for scope in every_tenant():
        with alone_in(scope):
            while remind(planned) == BATCH:
                pass


def remind(now: datetime) -> int:
    """Remind of the stages whose time has come; returns how many, at most a batch."""
    with transaction() as session:
        found = _due(session, now)
        definitions = definition_of(session, {case.definition_id for _, case, _ in found})
        calendar = calendar_of(session)
        drafts = []
        for row, case, key in found:
            row.remind_at = _following(row, now, calendar)
            stage = definitions[case.definition_id].stage(key)
            if stage is not None and row.due_at is not None and row.due_on is not None:
                deadline = in_words(row.due_at, row.due_on, now, calendar)
                drafts += notices.of_reminder(case, stage, subject_type(case.subject_type), deadline)
        session.flush()
        notices.tell(session, drafts, now)
        return len(found)


def _following(row: Case | CaseSeat, now: datetime, calendar: Calendar) -> datetime | None:
    return remind_at(row.due_on, 0, now, calendar) if row.due_on is not None else None


def _due(session: Session, now: datetime) -> list[tuple[Case | CaseSeat, Case, str | None]]:
    cases = session.scalars(
        select(Case)
        .where(Case.state == OPEN, Case.remind_at <= now)
        .order_by(Case.remind_at, Case.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    found: list[tuple[Case | CaseSeat, Case, str | None]] = [(case, case, case.stage_key) for case in cases]
    if len(found) < BATCH:
        rows = session.execute(
            select(CaseSeat, Case)
            .join(Case, seat_counts())
            .where(CaseSeat.stage_role.is_not(None), CaseSeat.remind_at <= now)
            .order_by(CaseSeat.remind_at, CaseSeat.id)
            .limit(BATCH - len(found))
            .with_for_update(skip_locked=True)
            .execution_options(populate_existing=True)
        )
        found += [(seat, case, seat.stage_key) for seat, case in rows]
    return found
