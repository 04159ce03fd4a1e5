"""The last month that has purchases: what a home page shows before anyone chose a period."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sales.models import MonthFigure
from tenants.database import session as scoped_session


def last_month(*, session: Session | None = None) -> str | None:
    """The newest "YYYY-MM" with purchases within the scope, or None. One statement on the rollups."""
    return (session or scoped_session()).scalar(select(func.max(MonthFigure.month)))
