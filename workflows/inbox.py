"""The inbox: the open cases that wait for an officer, by deadline, a page at a time.

Pages are keyset pages by (due_at, id): the tenth costs what the first did, and 100,000 open cases what 1,000
did. Counts stop at a bound and say so.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar, cast

from sqlalchemy import Select, and_, func, or_, select, true
from sqlalchemy.orm import defer

from tenants.database import session as scoped_session
from tenants.errors import Invalid
from tenants.models import Upt
from tenants.officers import Actor
from workflows.calendars import calendar_of
from workflows.deadlines import URGENCIES, Calendar, boundaries, in_words, urgency
from workflows.definitions import definition_of
from workflows.errors import NoSuchCase
from workflows.models import OPEN, Case, Decision
from workflows.stages import Definition
from workflows.subjects import subject_type

T = TypeVar("T")
BOUND = 500
"""Counts stop here: a page says "500+"."""
LIMIT = 100
TABS = ("mine", "team")


@dataclass(frozen=True)
class Page(Generic[T]):
    """One keyset page; `next_cursor` is None on the last."""

    items: list[T]
    next_cursor: str | None


@dataclass(frozen=True)
class Filters:
    """What the inbox is narrowed to: one UPT, one facet (a product's category), those that were returned
    before."""

    upt_id: int | None = None
    facet: str | None = None
    again: bool = False


@dataclass(frozen=True)
class InboxRow:
    """One case as a list shows it."""

    id: int
    title: str
    subject_type: str
    subject_id: int
    revision_no: int
    again: bool
    upt_id: int | None
    upt: str
    upt_slug: str
    stage_key: str
    stage: str
    due_at: datetime
    due_on: Any
    urgency: str
    deadline: str
    submitted_by_name: str
    submitted_at: datetime
    facet: str | None
    link: str
    picture: dict[str, Any] | None


@dataclass(frozen=True)
class InboxCounts:
    """How many wait: for the officer, by urgency (within the filters), returned before, in the whole team.

    A count never exceeds `BOUND`.
    """

    mine: int
    again: int
    team: int
    late: int
    today: int
    week: int
    later: int


def inbox(
    by: Actor,
    *,
    tab: str = "mine",
    cursor: str | None = None,
    limit: int = 25,
    now: datetime,
    filters: Filters = Filters(),
) -> Page[InboxRow]:
    """The open cases that wait for `by` (``mine``) or for anyone of the Kanwil (``team``), the most urgent
    first.

    One statement for the rows; calendar and definitions cost three more the first time.

    Raises:
        Invalid: a cursor that this list did not give.
    """
    session = scoped_session()
    limit = max(1, min(limit, LIMIT))
    calendar = calendar_of(session)
    asked = (
        _narrowed(cast("Select[Any]", select(Case, Upt.short_name, Upt.slug)), by, tab, filters)
        .outerjoin(Upt, and_(Upt.id == Case.upt_id))
        .options(defer(Case.answers), defer(Case.editor_ids))
        .order_by(Case.due_at, Case.id)
        .limit(limit + 1)
    )
    if cursor:
        due_at, last = _read(cursor)
        asked = asked.where(Case.due_at >= due_at, or_(Case.due_at > due_at, Case.id > last))
    found = session.execute(asked).all()
    rows = found[:limit]
    definitions = definition_of(session, {row[0].definition_id for row in rows})
    items = [
        _row(case, upt, slug, definitions[case.definition_id], calendar, now) for case, upt, slug in rows
    ]
    following = _cursor(rows[-1][0]) if len(found) > limit else None
    return Page(items, following)


def inbox_counts(by: Actor, now: datetime, *, tab: str = "mine", filters: Filters = Filters()) -> InboxCounts:
    """How many wait, bounded. One statement."""
    session = scoped_session()
    late, today, week = boundaries(now, calendar_of(session))
    within = [
        Case.due_at <= late,
        and_(Case.due_at > late, Case.due_at < today),
        and_(Case.due_at >= max(late, today), Case.due_at < week),
        Case.due_at >= max(week, today),
    ]
    none = Filters()
    counted = [
        _count(_narrowed(select(Case.id), by, "mine", none)),
        _count(_narrowed(select(Case.id), by, "mine", Filters(again=True))),
        _count(_narrowed(select(Case.id), by, "team", none)),
        *(_count(_narrowed(select(Case.id), by, tab, filters).where(one)) for one in within),
    ]
    row = session.execute(select(*(one.label(f"n{at}") for at, one in enumerate(counted)))).one()
    return InboxCounts(*row)


def waiting(by: Actor) -> int:
    """How many cases wait for the officer, bounded: the number in the rail. One statement."""
    return int(
        scoped_session().scalar(select(_count(_narrowed(select(Case.id), by, "mine", Filters())))) or 0
    )


def next_case(by: Actor, *, tab: str = "mine", filters: Filters = Filters()) -> tuple[int, str] | None:
    """The most urgent case that `by` may decide, four eyes minded: its id and page. One statement."""
    decided = select(Decision.id).where(Decision.case_id == Case.id, Decision.officer_id == by.id).exists()
    asked = (
        _narrowed(select(Case), by, tab, filters)
        .where(Case.stage_role.in_(sorted(by.roles)), Case.submitted_by != by.id, ~decided)
        .options(defer(Case.answers), defer(Case.fields))
        .order_by(Case.due_at, Case.id)
        .limit(20)
    )
    for case in scoped_session().scalars(asked):
        if by.id not in case.editor_ids:
            return case.id, subject_type(case.subject_type).page(case)
    return None


def upts_waiting() -> list[tuple[int, str]]:
    """The UPT of the Kanwil, by name: what the inbox may be narrowed to. One statement."""
    rows = scoped_session().execute(select(Upt.id, Upt.short_name).order_by(Upt.short_name))
    return [(row.id, row.short_name) for row in rows]


def grouped(rows: Sequence[InboxRow]) -> list[tuple[str, list[InboxRow]]]:
    """Rows under their urgency, in order; groups without rows are left out."""
    return [(name, found) for name in URGENCIES if (found := [row for row in rows if row.urgency == name])]


def _narrowed(asked: Select[Any], by: Actor, tab: str, filters: Filters) -> Select[Any]:
    if tab == "team":
        asked = asked.where(Case.state == OPEN)
    else:
        roles = sorted(by.roles)
        asked = asked.where(Case.stage_role == roles[0] if len(roles) == 1 else Case.stage_role.in_(roles))
    if filters.upt_id is not None:
        asked = asked.where(Case.upt_id == filters.upt_id)
    if filters.facet:
        asked = asked.where(Case.facet == filters.facet)
    if filters.again:
        asked = asked.where(Case.again == true())
    return asked


def _count(asked: Select[Any]) -> Any:
    return select(func.count()).select_from(asked.limit(BOUND).subquery()).scalar_subquery()


def _row(
    case: Case, upt: str | None, slug: str | None, definition: Definition, calendar: Calendar, now: datetime
) -> InboxRow:
    subject = subject_type(case.subject_type)
    stage = definition.stage(case.stage_key)
    if case.due_at is None or case.due_on is None or stage is None:
        raise NoSuchCase()
    return InboxRow(
        id=case.id,
        title=case.title,
        subject_type=case.subject_type,
        subject_id=case.subject_id,
        revision_no=case.revision_no,
        again=case.again,
        upt_id=case.upt_id,
        upt=upt or "Kanwil",
        upt_slug=slug or "",
        stage_key=stage.key,
        stage=stage.name,
        due_at=case.due_at,
        due_on=case.due_on,
        urgency=urgency(case.due_at, case.due_on, now, calendar),
        deadline=in_words(case.due_at, case.due_on, now, calendar),
        submitted_by_name=case.submitted_by_name,
        submitted_at=case.submitted_at,
        facet=case.facet,
        link=subject.page(case),
        picture=subject.picture(case) if subject.picture else None,
    )


def _cursor(case: Case) -> str:
    text = json.dumps([case.due_at.isoformat() if case.due_at else "", case.id])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read(cursor: str) -> tuple[datetime, int]:
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        due_at, last = json.loads(text)
        at = datetime.fromisoformat(due_at)
        if (
            at.tzinfo is None
            or not 2000 < at.year < 3000
            or not isinstance(last, int)
            or not 0 <= last < 2**31
        ):
            raise ValueError
    except (ValueError, TypeError):
        raise Invalid(
            "Penanda halaman ini tidak dikenal; mulai dari awal.", fields={"cursor": "Tidak dikenal."}
        ) from None
    return at, last
