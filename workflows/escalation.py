"""Escalation: a stage past its deadline is named, once, to whom its definition says: the Kadiv, if to nobody else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, exists, select
from sqlalchemy.orm import Session

from tenants.database import transaction
from tenants.jobs import alone_in, every_tenant, scheduled
from workflows import audit, notices
from workflows.definitions import definition_of
from workflows.models import OPEN, Case, CaseSeat
from workflows.stages import Stage
from workflows.subjects import subject_type

BATCH = 200


@scheduled("10 * * * *", "cases.overdue")
def sweep(planned: datetime) -> None:
    """Escalate what is overdue in every Kanwil. Once an hour."""
    for scope in every_tenant():
        with alone_in(scope):
            while escalate(planned) == BATCH:
                pass
            sweep_seats()


def escalate(now: datetime) -> int:
    """Tell of the overdue stages that were not told of; returns how many, at most a batch."""
    with transaction() as session:
        cases = session.scalars(
            select(Case)
            .where(
                Case.state == OPEN,
                Case.due_at <= now,
                Case.escalated_at.is_(None),
                Case.stage_role.is_not(None),
            )
            .order_by(Case.due_at, Case.id)
            .limit(BATCH)
            .with_for_update(skip_locked=True)
            .execution_options(populate_existing=True)
        ).all()
        late: list[tuple[Case | CaseSeat, Case, str | None]] = [
            (case, case, case.stage_key) for case in cases
        ]
        if len(late) < BATCH:
            late += [
                (seat, case, seat.stage_key) for seat, case in _late_seats(session, now, BATCH - len(late))
            ]
        definitions = definition_of(session, {case.definition_id for _, case, _ in late})
        drafts = []
        for row, case, key in late:
            stage = definitions[case.definition_id].stage(key)
            row.escalated_at = now
            if stage is not None:
                drafts += _tell(session, case, stage, now)
        session.flush()
        notices.tell(session, drafts, now)
        return len(late)


def _late_seats(session: Session, now: datetime, most: int) -> Sequence[tuple[CaseSeat, Case]]:
    rows = session.execute(
        select(CaseSeat, Case)
        .join(Case, seat_counts())
        .where(CaseSeat.stage_role.is_not(None), CaseSeat.due_at <= now, CaseSeat.escalated_at.is_(None))
        .order_by(CaseSeat.due_at, CaseSeat.id)
        .limit(most)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    return [(row[0], row[1]) for row in rows]


def seat_counts() -> ColumnElement[bool]:
    """A seat beside its case, while it counts."""
    return and_(CaseSeat.case_id == Case.id, CaseSeat.step_no == Case.step_no, Case.state == OPEN)


def _tell(session: Session, case: Case, stage: Stage, now: datetime) -> list[notices.Draft]:
    payload = {"stage_key": stage.key, "to_role": stage.escalate_to}
    audit.link_case(session, case, "case.overdue", payload, by=None, now=now)
    return notices.of_overdue(case, stage, subject_type(case.subject_type))


def sweep_seats() -> int:
    """Take away the seats that cases left behind when they moved on. One statement."""
    with transaction() as session:
        stale = ~exists(select(Case.id).where(seat_counts()))
        done = session.execute(delete(CaseSeat).where(stale).execution_options(synchronize_session=False))
        return int(done.rowcount)  # type: ignore[attr-defined]
