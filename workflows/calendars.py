"""The calendar of a Kanwil, read from the database: national holidays, collective leave, its own closures.

`data/holidays.csv` holds 2024 to 2027 as the `holidays` library (0.109) knows them: dates of the Islamic
calendar that lie ahead are estimates and say so. The centre corrects them in the table; a process follows
within five minutes.
"""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

from sqlalchemy import select, true, union_all
from sqlalchemy.orm import Session

from tenants.database import session as scoped_session
from tenants.database import transaction
from tenants.errors import Invalid, NotFound
from tenants.models import Kanwil
from tenants.scope import current
from tenants.words import N_
from workflows.deadlines import Calendar
from workflows.kept import Kept
from workflows.models import Closure, Holiday

HOLIDAYS = Path(__file__).parent / "data" / "holidays.csv"
HOLIDAY_KINDS = ("national", "collective_leave")
_calendars: Kept[Calendar] = Kept(64, seconds=300)


def calendar_of(session: Session) -> Calendar:
    """The calendar of the Kanwil in scope. One statement, none while it is kept."""
    tenant = current().tenant_id
    kept = _calendars.get(tenant)
    if kept is not None:
        return kept
    days = union_all(select(Closure.day), select(Holiday.day)).subquery()
    with session.no_autoflush:
        rows = session.execute(
            select(Kanwil.timezone, days.c.day).outerjoin(days, true()).where(Kanwil.id == tenant)
        ).all()
    off = frozenset(row.day for row in rows if row.day is not None)
    return _calendars.put(tenant, Calendar(rows[0].timezone, off))


def forget_calendars() -> None:
    """Read the calendars anew; whoever changes one calls this."""
    _calendars.forget()


def holidays_of(year: int) -> list[Holiday]:
    """The country's days off of a year, in order. One statement."""
    asked = select(Holiday).where(Holiday.day >= date(year, 1, 1), Holiday.day <= date(year, 12, 31))
    return list(scoped_session().scalars(asked.order_by(Holiday.day)))


def is_holiday(day: date, kind: str, name: str) -> bool:
    """Whether the day stands so in the country's calendar. One statement."""
    row = scoped_session().scalars(select(Holiday).where(Holiday.day == day)).first()
    return row is not None and (row.kind, row.name) == (kind, " ".join(name.split()))


def add_holiday(day: date, kind: str, name: str) -> Holiday:
    """Add a day off of the whole country, or correct its name and kind. Done by the centre.

    Raises:
        Invalid: no name, or a kind that is neither ``national`` nor ``collective_leave``.
    """
    name = " ".join(name.split())
    wrong = {} if 0 < len(name) <= 120 else {"name": N_("Tulis namanya, paling panjang 120 huruf.")}
    if kind not in HOLIDAY_KINDS:
        wrong["kind"] = N_("Pilih libur nasional atau cuti bersama.")
    if wrong:
        raise Invalid(fields=wrong)
    with transaction() as session:
        row = session.merge(Holiday(day=day, kind=kind, name=name))
    forget_calendars()
    return row


def remove_holiday(day: date) -> None:
    """Take a day off back.

    Raises:
        NotFound: it is none.
    """
    with transaction() as session:
        row = session.scalars(select(Holiday).where(Holiday.day == day)).first()
        if row is None:
            raise NotFound(N_("Hari ini tidak tercatat sebagai hari libur."))
        session.delete(row)
    forget_calendars()


def closures() -> list[Closure]:
    """The Kanwil's own days off, the latest first, at most a hundred. One statement."""
    return list(scoped_session().scalars(select(Closure).order_by(Closure.day.desc()).limit(100)))


def closure(closure_id: int) -> Closure:
    """One of them. One statement.

    Raises:
        NotFound: there is none within the scope.
    """
    row = scoped_session().scalars(select(Closure).where(Closure.id == closure_id)).first()
    if row is None:
        raise NotFound()
    return row


def ensure_holidays() -> int:
    """Write the holidays of the file that the table lacks; returns how many. Days the centre changed are left
    alone."""
    with transaction() as session:
        known = set(session.scalars(select(Holiday.day)))
        with HOLIDAYS.open(encoding="utf-8", newline="") as lines:
            rows = [
                Holiday(day=date.fromisoformat(r["day"]), kind=r["kind"], name=r["name"])
                for r in csv.DictReader(lines)
            ]
        missing = [row for row in rows if row.day not in known]
        session.add_all(missing)
    forget_calendars()
    return len(missing)
