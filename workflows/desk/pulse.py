"""Whether a list changed, for almost nothing: how much is in it, and the newest thing that happened to any case."""

from __future__ import annotations

import hashlib
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func, or_, select

from tenants.database import session as scoped_session
from tenants.officers import Actor
from workflows.calendars import calendar_of
from workflows.desk.models import CaseHold
from workflows.models import AuditEvent
from workflows.narrowing import ALL, BOUND, Filters, count_of

CASES = "case."


def pulse(by: Actor, now: datetime, *, tab: str = "mine", filters: Filters = ALL) -> str:
    """A mark that differs once the list may differ: another count, a case event, a claim that lapsed. One statement."""
    session = scoped_session()
    newest = (
        select(AuditEvent.id)
        .where(AuditEvent.action.startswith(CASES))
        .order_by(AuditEvent.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    lasting = select(CaseHold.id).where(or_(CaseHold.until_at.is_(None), CaseHold.until_at > now))
    held = select(func.count()).select_from(lasting.limit(BOUND).subquery()).scalar_subquery()
    row = session.execute(
        select(count_of(by, tab, filters, now).label("n"), newest.label("newest"), held.label("held"))
    ).one()
    day = now.astimezone(ZoneInfo(calendar_of(session).timezone)).date()
    said = f"{by.id}:{sorted(by.roles)}:{tab}:{filters}:{row.n}:{row.newest}:{row.held}:{day}"
    return hashlib.sha256(said.encode()).hexdigest()[:32]
