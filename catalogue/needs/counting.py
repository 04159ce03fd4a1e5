"""How many needs were posted, agreed and fulfilled: by UPT of a Kanwil, by Kanwil of the country, and for a recap."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from catalogue.needs.models import Need, Offer
from catalogue.needs.terms import ACCEPTED, EXPIRED, SEEKING
from tenants.database import session as scoped_session
from tenants.models import Kanwil, Upt


@dataclass(frozen=True)
class Counts:
    """Of one UPT, a Kanwil or all: needs posted in the period and what became of them; offers made, and accepted."""

    name: str
    posted: int = 0
    seeking: int = 0
    agreed: int = 0
    fulfilled: int = 0
    expired: int = 0
    offers: int = 0
    accepted: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.name, *(getattr(self, name) + getattr(other, name) for name in AMOUNTS))


AMOUNTS = ("posted", "seeking", "agreed", "fulfilled", "expired", "offers", "accepted")


def year_span(year: int, timezone: str) -> tuple[datetime, datetime]:
    """The first instant of a year and of the next one, on a wall clock."""
    zone = ZoneInfo(timezone)
    begin, end = (datetime.combine(date(one, 1, 1), time(), zone) for one in (year, year + 1))
    return begin.astimezone(UTC), end.astimezone(UTC)


def of_units(begin: datetime, end: datetime) -> list[Counts]:
    """Each UPT of the Kanwil that posted or offered, by name. Three statements."""
    session = scoped_session()
    names = {row.id: row.short_name for row in session.execute(select(Upt.id, Upt.short_name))}
    return _made(session, Need.upt_id, Offer.upt_id, names, begin, end)


def of_kanwils(reader: Session, begin: datetime, end: datetime) -> list[Counts]:
    """Each Kanwil of the country that posted or offered: counts alone. Three statements, in the national reach."""
    kanwils = reader.scalars(select(Kanwil))
    names = {one.id: one.short_name for one in kanwils}
    return _made(reader, Need.tenant_id, Offer.tenant_id, names, begin, end)


def in_period(begin: datetime, end: datetime) -> dict[str, int]:
    """What a recap says of the board: needs posted, wholly agreed and wholly fulfilled within the period. One
    statement."""
    columns = (Need.posted_at, Need.agreed_at, Need.fulfilled_at)
    asked = select(*(_within(column, begin, end) for column in columns)).select_from(Need)
    found = scoped_session().execute(asked).one()
    return dict(zip(("posted", "agreed", "fulfilled"), (int(one or 0) for one in found), strict=True))


def _made(
    session: Session, by_need: Any, by_offer: Any, names: dict[int, str], begin: datetime, end: datetime
) -> list[Counts]:
    needs = session.execute(
        select(
            by_need,
            func.count(),
            _sum(Need.state.in_(SEEKING)),
            _sum(Need.agreed >= Need.quantity),
            _sum(Need.fulfilled >= Need.quantity),
            _sum(Need.state == EXPIRED),
        )
        .where(Need.posted_at >= begin, Need.posted_at < end)
        .group_by(by_need)
    ).all()
    offers = session.execute(
        select(by_offer, func.count(), _sum(Offer.state == ACCEPTED))
        .where(Offer.sent_at >= begin, Offer.sent_at < end)
        .group_by(by_offer)
    ).all()
    asked = {row[0]: [int(one) for one in row[1:]] for row in needs}
    given = {row[0]: [int(one) for one in row[1:]] for row in offers}
    made = [
        Counts(names.get(key, ""), *asked.get(key, [0] * 5), *given.get(key, [0] * 2))
        for key in asked.keys() | given.keys()
    ]
    return sorted(made, key=lambda one: one.name)


def _sum(condition: Any) -> Any:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def _within(column: Any, begin: datetime, end: datetime) -> Any:
    return func.sum(case(((column >= begin) & (column < end), 1), else_=0))
