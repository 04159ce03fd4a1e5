"""Reading the register of obstacles: a list in keyset pages with its filters, the history of one, and what stands in
the way most often in the country."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import Session

from recaps.models import Obstacle, ObstacleChange
from recaps.obstacles import CATEGORIES, REMOVED, STATES
from tenants.database import session
from tenants.errors import Invalid
from tenants.models import Upt
from tenants.words import N_

MOST = 100


@dataclass(frozen=True)
class Narrowed:
    """What the register is narrowed to. `upt_id` 0 is the Kanwil itself; `late`: open and past its day; `q` looks into
    description, action and who."""

    state: str | None = None
    category: str | None = None
    upt_id: int | None = None
    late: bool = False
    q: str = ""


@dataclass(frozen=True)
class Listed:
    """One obstacle in a list: with its UPT's name, and whether its day has passed."""

    obstacle: Obstacle
    upt: str
    category: str
    late: bool


def listed(
    asked: Narrowed, *, today: date, after: int | None = None, limit: int = 50
) -> tuple[list[Listed], int | None]:
    """Obstacles within the scope, newest first; the second value continues the list. One statement.

    Raises:
        Invalid: a state or a category that is none.
    """
    limit = max(1, min(limit, MOST))
    statement = (
        select(Obstacle, Upt.short_name)
        .outerjoin(Upt, and_(Upt.id == Obstacle.upt_id))
        .where(*_conditions(asked, today))
    )
    if after is not None:
        statement = statement.where(Obstacle.id < after)
    rows = session().execute(statement.order_by(Obstacle.id.desc()).limit(limit + 1)).all()
    items = [
        Listed(row, upt or N_("Kanwil"), CATEGORIES.get(row.category, row.category), is_late(row, today))
        for row, upt in rows[:limit]
    ]
    return items, (rows[limit - 1][0].id if len(rows) > limit else None)


def every(asked: Narrowed, *, today: date) -> Iterator[Listed]:
    """All obstacles that the filters leave, newest first, a page at a time: for files."""
    after: int | None = None
    while True:
        items, after = listed(asked, today=today, after=after, limit=MOST)
        yield from items
        if after is None:
            return


def counts(today: date) -> dict[str, int]:
    """How many are open, done and late, within the scope. One statement."""
    late = func.sum(case((and_(Obstacle.state == "open", Obstacle.due_on < today), 1), else_=0))
    rows = session().execute(
        select(Obstacle.state, func.count(), late).where(Obstacle.state != REMOVED).group_by(Obstacle.state)
    )
    found = {state: (int(count), int(overdue or 0)) for state, count, overdue in rows}
    return {
        **{state: found.get(state, (0, 0))[0] for state in STATES},
        "late": sum(overdue for _, overdue in found.values()),
    }


def is_late(obstacle: Obstacle, today: date) -> bool:
    """Open, and the day by which it was to be settled has passed."""
    return obstacle.state == "open" and obstacle.due_on is not None and obstacle.due_on < today


def history(obstacle_id: int) -> list[ObstacleChange]:
    """Every change of an obstacle within the scope, newest first. One statement."""
    asked = select(ObstacleChange).where(ObstacleChange.obstacle_id == obstacle_id)
    return list(session().scalars(asked.order_by(ObstacleChange.version.desc()).limit(200)))


@dataclass(frozen=True)
class Common:
    """How often a category stands in the way, in the country."""

    category: str
    label: str
    total: int
    open: int
    late: int
    done: int
    kanwils: int
    upts: int


def commonest(reader: Session, *, year: int | None, today: date) -> list[Common]:
    """The categories of the whole country, the commonest first: counts alone, nobody's words. One statement, in the
    national reach. `year`: noticed in it, or still open when it began."""
    is_open = Obstacle.state == "open"
    asked = (
        select(
            Obstacle.category,
            func.count(),
            func.sum(case((is_open, 1), else_=0)),
            func.sum(case((and_(is_open, Obstacle.due_on < today), 1), else_=0)),
            func.count(Obstacle.tenant_id.distinct()),
            func.count(Obstacle.upt_id.distinct()),
        )
        .where(Obstacle.state != REMOVED)
        .group_by(Obstacle.category)
    )
    if year is not None:
        first, following = date(year, 1, 1), date(year + 1, 1, 1)
        carried = or_(Obstacle.done_on.is_(None), Obstacle.done_on >= first)
        asked = asked.where(Obstacle.noticed_on < following, or_(Obstacle.noticed_on >= first, carried))
    rows = [
        Common(category, CATEGORIES.get(category, category), total, open_, late, total - open_, kanwils, upts)
        for category, total, open_, late, kanwils, upts in (
            (row[0], *map(int, row[1:])) for row in reader.execute(asked)
        )
    ]
    return sorted(rows, key=lambda row: (-row.total, row.label))


def as_json(row: Listed) -> dict[str, Any]:
    """An obstacle as the API shows it."""
    o = row.obstacle
    return {
        "id": o.id,
        "upt_id": o.upt_id,
        "upt": row.upt,
        "category": o.category,
        "description": o.description,
        "action": o.action,
        "who": o.who,
        "due_on": o.due_on.isoformat() if o.due_on else None,
        "state": o.state,
        "late": row.late,
        "noticed_on": o.noticed_on.isoformat(),
        "done_on": o.done_on.isoformat() if o.done_on else None,
        "version": o.version,
    }


def _conditions(asked: Narrowed, today: date) -> list[ColumnElement[bool]]:
    wrong = {}
    if asked.state is not None and asked.state not in STATES:
        wrong["state"] = f"{', '.join(STATES)}."
    if asked.category is not None and asked.category not in CATEGORIES:
        wrong["category"] = f"{', '.join(CATEGORIES)}."
    if wrong:
        raise Invalid(N_("Saringan ini tidak dikenal."), fields=wrong)
    found: list[ColumnElement[bool]] = [Obstacle.state != REMOVED]
    if asked.state:
        found.append(Obstacle.state == asked.state)
    if asked.category:
        found.append(Obstacle.category == asked.category)
    if asked.upt_id is not None:
        found.append(Obstacle.upt_id == asked.upt_id if asked.upt_id else Obstacle.upt_id.is_(None))
    if asked.late:
        found += [Obstacle.state == "open", Obstacle.due_on < today]
    for word in asked.q.split()[:6]:
        columns = (Obstacle.description, Obstacle.action, Obstacle.who)
        found.append(or_(*(func.lower(column).contains(word.lower(), autoescape=True) for column in columns)))
    return found
