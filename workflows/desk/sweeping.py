"""What the desk leaves behind is taken away: looks that lapsed, holds that ended, runs of last month."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import and_, delete, exists, or_, select

from tenants.database import transaction
from tenants.jobs import alone_in, every_tenant, scheduled
from workflows.desk.models import BulkRun, CaseHold, CaseViewer
from workflows.desk.presence import LAPSES
from workflows.models import OPEN, Case

KEEP_RUNS = timedelta(days=30)


@scheduled("*/15 * * * *", "desk.sweep")
def sweep(planned: datetime) -> None:
    """Tidy the desk of every Kanwil. Every quarter of an hour."""
    for scope in every_tenant():
        with alone_in(scope):
            tidy(planned)


def tidy(now: datetime) -> int:
    """Take away what no longer counts; returns how many rows. Three statements."""
    lives = and_(CaseHold.case_id == Case.id, CaseHold.step_no == Case.step_no, Case.state == OPEN)
    over = or_(
        and_(CaseHold.until_at.is_not(None), CaseHold.until_at <= now), ~exists(select(Case.id).where(lives))
    )
    old = (
        delete(CaseViewer).where(CaseViewer.seen_at <= now - LAPSES),
        delete(CaseHold).where(over),
        delete(BulkRun).where(BulkRun.created_at < now - KEEP_RUNS),
    )
    with transaction() as session:
        gone = 0
        for one in old:
            done = session.execute(one.execution_options(synchronize_session=False))
            gone += int(done.rowcount)  # type: ignore[attr-defined]
        return gone
