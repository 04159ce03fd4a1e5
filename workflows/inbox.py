"""The inbox: the open cases that wait for an officer, by deadline, a page at a time.

Pages are keyset pages by (due_at, id): the tenth costs what the first did, and 100,000 open cases what 1,000
did. Counts stop at a bound and say so. A case whose step has several seats open (`CaseSeat`) is found by those, in a
second range that is merged into the first.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import Integer, and_, cast, func, literal, null, or_, select, true, union_all
from sqlalchemy.orm import defer

from tenants.database import session as scoped_session
from tenants.errors import Invalid
from tenants.models import Upt
from tenants.officers import Actor
from workflows.calendars import calendar_of
from workflows.deadlines import URGENCIES, Calendar, boundaries, in_words, urgency
from workflows.definitions import definition_of
from workflows.errors import NoSuchCase
from workflows.models import OPEN, Case, CaseSeat, Decision
from workflows.stages import Definition
from workflows.subjects import subject_type

T = TypeVar("T")
BOUND = 500
"""Counts stop here: a page says "500+"."""
LIMIT = 100
Statement = Any  # a Select of whatever columns: its own type names each
Within = Callable[[Any], Any]
TABS = ("mine", "acting", "team")


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
    """How many wait: for the officer, by urgency (within the filters), returned before, as a substitute, in the whole
    team.

    A count never exceeds `BOUND`.
    """

    mine: int
    again: int
    acting: int
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
    """The open cases that wait for `by` (``mine``; ``acting``: by letter alone) or for anyone of the Kanwil
    (``team``), the most urgent first.

    One statement for the rows; calendar and definitions cost three more the first time.

    Raises:
        Invalid: a cursor that this list did not give.
    """
    session = scoped_session()
    limit = max(1, min(limit, LIMIT))
    calendar = calendar_of(session)
    after = _read(cursor) if cursor else None
    place = _places(by, tab, filters, after, limit + 1).subquery()
    found = session.execute(
        select(Case, CaseSeat, Upt.short_name, Upt.slug)
        .select_from(place)
        .join(Case, Case.id == place.c.case_id)
        .outerjoin(CaseSeat, CaseSeat.id == place.c.seat_id)
        .outerjoin(Upt, and_(Upt.id == Case.upt_id))
        .options(defer(Case.answers), defer(Case.editor_ids))
        .order_by(place.c.due_at, place.c.case_id)
    ).all()
    rows = found[:limit]
    definitions = definition_of(session, {row[0].definition_id for row in rows})
    items = [
        _row(case, seat, upt, slug, definitions[case.definition_id], calendar, now)
        for case, seat, upt, slug in rows
    ]
    following = _cursor(rows[-1][1] or rows[-1][0], rows[-1][0].id) if len(found) > limit else None
    return Page(items, following)


def _places(
    by: Actor, tab: str, filters: Filters, after: tuple[datetime, int] | None, most: int
) -> Statement:
    """Deadline, case and seat of the rows of a page, in order: two ranges of two indexes, merged."""
    none = cast(null(), Integer)
    plain = _narrowed(
        select(Case.due_at.label("due_at"), Case.id.label("case_id"), none.label("seat_id")), by, tab, filters
    )
    arms = [_after(plain, Case.due_at, Case.id, after, most)]
    if tab != "team":
        seats = select(CaseSeat.due_at.label("due_at"), CaseSeat.case_id, CaseSeat.id.label("seat_id"))
        arms.append(_after(_seats(seats, by, filters, tab), CaseSeat.due_at, CaseSeat.case_id, after, most))
    if len(arms) == 1:
        return arms[0]
    both = union_all(*(select(arm.subquery()) for arm in arms)).subquery()
    return select(both).order_by(both.c.due_at, both.c.case_id).limit(most)


def _after(asked: Statement, due_at: Any, id_: Any, after: tuple[datetime, int] | None, most: int) -> Any:
    if after is not None:
        asked = asked.where(due_at >= after[0], or_(due_at > after[0], id_ > after[1]))
    return asked.order_by(due_at, id_).limit(most)


def inbox_counts(by: Actor, now: datetime, *, tab: str = "mine", filters: Filters = Filters()) -> InboxCounts:
    """How many wait, bounded. One statement."""
    session = scoped_session()
    late, today, week = boundaries(now, calendar_of(session))
    within: list[Within] = [
        lambda due: due <= late,
        lambda due: and_(due > late, due < today),
        lambda due: and_(due >= max(late, today), due < week),
        lambda due: due >= max(week, today),
    ]
    none, again = Filters(), Filters(again=True)
    counted = [
        _count(by, "mine", none),
        _count(by, "mine", again),
        _count(by, "acting", none) if by.acting else literal(0),
        _count(by, "team", none),
        *(_count(by, tab, filters, one) for one in within),
    ]
    row = session.execute(select(*(one.label(f"n{at}") for at, one in enumerate(counted)))).one()
    return InboxCounts(*(min(number, BOUND) for number in row))


def waiting(by: Actor) -> int:
    """How many cases wait for the officer, bounded: the number in the rail. One statement."""
    return min(int(scoped_session().scalar(select(waits(by))) or 0), BOUND)


def waits(by: Actor) -> Any:
    """The same count as a part of a larger statement; up to twice the bound."""
    return _count(by, "mine", Filters())


def next_case(by: Actor, *, tab: str = "mine", filters: Filters = Filters()) -> tuple[int, str] | None:
    """The most urgent case that `by` may decide, four eyes minded: its id and page. One statement for the cases, one
    for the seats."""
    decided = select(Decision.id).where(Decision.case_id == Case.id, Decision.officer_id == by.id).exists()
    plain = (
        _narrowed(select(Case, Case.due_at), by, tab, filters)
        .where(Case.stage_role.in_(sorted(by.roles)), Case.submitted_by != by.id, ~decided)
        .order_by(Case.due_at, Case.id)
    )
    seats = (
        _seats(select(Case, CaseSeat.due_at), by, filters, "mine")
        .where(Case.submitted_by != by.id, ~decided)
        .order_by(CaseSeat.due_at, CaseSeat.case_id)
    )
    found = [
        (due_at, case.id, case)
        for asked in (plain, seats)
        for case, due_at in scoped_session().execute(
            asked.options(defer(Case.answers), defer(Case.fields)).limit(20)
        )
    ]
    for _, _, case in sorted(found, key=lambda one: one[:2]):
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


def _narrowed(asked: Statement, by: Actor, tab: str, filters: Filters) -> Statement:
    """Cases as a whole: those of the whole Kanwil, or those whose one open stage is the officer's."""
    if tab == "team":
        return _filtered(asked.where(Case.state == OPEN), filters)
    roles = _roles(by, tab)
    return _filtered(
        asked.where(Case.stage_role == roles[0] if len(roles) == 1 else Case.stage_role.in_(roles)), filters
    )


def _seats(asked: Statement, by: Actor, filters: Filters, tab: str) -> Statement:
    """Seats that are open beside others and the officer's to take: those of his roles, where he did not vote yet."""
    voted = select(Decision.id).where(
        Decision.case_id == Case.id, Decision.officer_id == by.id, Decision.stage_no >= Case.step_no
    )
    asked = asked.join_from(
        Case, CaseSeat, and_(CaseSeat.case_id == Case.id, CaseSeat.step_no == Case.step_no)
    )
    asked = asked.where(CaseSeat.stage_role.in_(_roles(by, tab)), Case.state == OPEN, ~voted.exists())
    return _filtered(asked, filters)


def _roles(by: Actor, tab: str) -> list[str]:
    """The roles that a tab is about: what letters lend the officer, or all that he may act in."""
    return sorted(one.role for one in by.acting) if tab == "acting" else sorted(by.roles)


def _filtered(asked: Statement, filters: Filters) -> Statement:
    if filters.upt_id is not None:
        asked = asked.where(Case.upt_id == filters.upt_id)
    if filters.facet:
        asked = asked.where(Case.facet == filters.facet)
    if filters.again:
        asked = asked.where(Case.again == true())
    return asked


def _count(by: Actor, tab: str, filters: Filters, within: Within | None = None) -> Any:
    """How many, bounded: cases, and seats beside them. `within` narrows by the deadline."""
    plain = _narrowed(select(Case.id), by, tab, filters)
    counted = [plain if within is None else plain.where(within(Case.due_at))]
    if tab != "team":
        seats = _seats(select(Case.id), by, filters, tab)
        counted.append(seats if within is None else seats.where(within(CaseSeat.due_at)))
    total = [
        select(func.count()).select_from(one.limit(BOUND).subquery()).scalar_subquery() for one in counted
    ]
    return total[0] if len(total) == 1 else total[0] + total[1]


def _row(
    case: Case,
    seat: CaseSeat | None,
    upt: str | None,
    slug: str | None,
    definition: Definition,
    calendar: Calendar,
    now: datetime,
) -> InboxRow:
    subject = subject_type(case.subject_type)
    key = seat.stage_key if seat else case.stage_key
    stage = definition.stage(key) or definition.step(key)
    due_at, due_on = (seat.due_at, seat.due_on) if seat else (case.due_at, case.due_on)
    if due_at is None or due_on is None or stage is None:
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
        due_at=due_at,
        due_on=due_on,
        urgency=urgency(due_at, due_on, now, calendar),
        deadline=in_words(due_at, due_on, now, calendar),
        submitted_by_name=case.submitted_by_name,
        submitted_at=case.submitted_at,
        facet=case.facet,
        link=subject.page(case),
        picture=subject.picture(case) if subject.picture else None,
    )


def _cursor(row: Case | CaseSeat, case_id: int) -> str:
    text = json.dumps([row.due_at.isoformat() if row.due_at else "", case_id])
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
