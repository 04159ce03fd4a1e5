"""Escalation: a case past its deadline is named to the Kadiv, once a stage."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from tenants.database import transaction
from tenants.jobs import every_tenant, scheduled
from tenants.scope import entered
from workflows import audit, notices
from workflows.definitions import definition_of
from workflows.models import OPEN, Case
from workflows.subjects import subject_type

BATCH = 200


@scheduled("10 * * * *", "cases.overdue")
def sweep(planned: datetime) -> None:
    """Escalate what is overdue in every Kanwil. Once an hour."""
    for scope in every_tenant():
        with entered(scope):
            while escalate(planned) == BATCH:
                pass


def escalate(now: datetime) -> int:
    """Tell the Kadiv of the overdue cases he was not told of; returns how many, at most a batch."""
    with transaction() as session:
        cases = session.scalars(
            select(Case)
            .where(Case.state == OPEN, Case.due_at <= now, Case.escalated_at.is_(None))
            .order_by(Case.due_at, Case.id)
            .limit(BATCH)
            .with_for_update(skip_locked=True)
            .execution_options(populate_existing=True)
        ).all()
        definitions = definition_of(session, {case.definition_id for case in cases})
        drafts = []
        for case in cases:
            stage = definitions[case.definition_id].stage(case.stage_key)
            case.escalated_at = now
            if stage is None:
                continue
            payload = {"stage_key": stage.key, "to_role": "kadiv"}
            audit.link_case(session, case, "case.overdue", payload, by=None, now=now)
            drafts += notices.of_overdue(case, stage, subject_type(case.subject_type))
        session.flush()
        notices.tell(session, drafts, now)
        return len(cases)
