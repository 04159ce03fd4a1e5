"""Simulations are tried, read and forgotten: what is older than three months goes, a night's work in small pieces."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, select

from tenants.database import transaction
from tenants.jobs import alone_in, every_tenant, scheduled
from workflows.design.models import DefinitionSimulation

KEEP = timedelta(days=90)
BATCH = 200
"""A simulation holds a whole definition and its result: so many go in one transaction."""


@scheduled("50 19 * * *", "simulations.prune")
def sweep(planned: datetime) -> None:
    """Drop the old simulations of every Kanwil. Once a night."""
    for scope in every_tenant():
        with alone_in(scope):
            while prune(planned) == BATCH:
                pass


def prune(now: datetime) -> int:
    """Drop simulations that were begun before `KEEP`, at most a batch; returns how many. One statement."""
    old = select(DefinitionSimulation.id).where(DefinitionSimulation.created_at < now - KEEP).limit(BATCH)
    with transaction() as session:
        done = session.execute(
            delete(DefinitionSimulation)
            .where(DefinitionSimulation.id.in_(old))
            .execution_options(synchronize_session=False)
        )
        return int(done.rowcount)  # type: ignore[attr-defined]
