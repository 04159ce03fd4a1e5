"""What the night does to needs: those whose day has passed stop being sought, and the board is mended."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from catalogue.needs import board, posting
from catalogue.needs.models import Need
from catalogue.needs.terms import EXPIRED, SEEKING
from tenants.database import transaction
from tenants.jobs import alone_in, every_tenant, scheduled

BATCH = 100


@scheduled("10 17 * * *", "needs.expire")
def nightly(planned: datetime) -> None:
    """Once a night, ten minutes past midnight in Jakarta; further east their day has begun as well."""
    for scope in every_tenant():
        with alone_in(scope):
            while expire(planned) == BATCH:
                pass
            with transaction() as session:
                board.mend(session, planned)


def expire(now: datetime) -> int:
    """End the needs of the Kanwil in scope whose day lies before today; how many, at most a batch. Running it again,
    also after it was killed, ends nothing twice."""
    with transaction() as session:
        today = posting.today_of(session, now)
        found = list(
            session.scalars(
                select(Need)
                .where(Need.state.in_(SEEKING), Need.needed_by < today)
                .order_by(Need.needed_by, Need.id)
                .limit(BATCH)
                .with_for_update(skip_locked=True)
                .execution_options(populate_existing=True)
            )
        )
        for need in found:
            posting.end(session, need, EXPIRED, None, by=None, now=now)
        return len(found)
