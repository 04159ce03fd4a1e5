"""The inbox: the open cases that wait for an officer, the urgent first, then by deadline or by submission, a page at a
time.

Pages are keyset pages by (urgent, due_at, id) or (urgent, submitted_at, id): the tenth costs what the first did, and
100,000 open cases what 1,000 did. Counts stop at a bound and say so. A case whose step has several seats open
(`CaseSeat`) is found by those; cases and seats, the urgent and the rest are a range of an index each, merged.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import (
    Integer,
    and_,
    cast,
    false,
    func,
    literal,
    literal_column,
    null,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy import case as case_when
from sqlalchemy.orm import defer

from tenants.database import session as scoped_session
from tenants.errors import Invalid
from tenants.models import Upt
from tenants.officers import Actor
from tenants.words import N_
from workflows.calendars import calendar_of
from workflows.deadlines import URGENCIES, Calendar, boundaries, in_words, urgency
from workflows.definitions import definition_of
from workflows.desk.holds import held_words
from workflows.desk.models import CaseHold
from workflows.errors import NoSuchCase
from workflows.models import Case, CaseSeat, Decision, DefinitionVersion
from workflows.narrowing import ALL, BOUND, TABS, Filters, Statement, Within, count_of, narrowed, seats
from workflows.stages import Definition
from workflows.subjects import subject_type

__all__ = ["BOUND", "TABS", "Filters"]
T = TypeVar("T")
LIMIT = 200
ORDERS = ("deadline", "submitted")
_COLUMNS = {"deadline": "due_at", "submitted": "submitted_at"}
PRESSING = "pressing"
"""The group of the urgent, before those of `URGENCIES`."""


@dataclass(frozen=True)
class Page(Generic[T]):
    """One keyset page; `next_cursor` is None on the last."""

    items: list[T]
    next_cursor: str | None


@dataclass(frozen=True)
class Place:
    """Where a row stands: among the urgent (0) or the rest (1), its instant, its case, its seat (0: none)."""

    rank: int
    at: datetime
    case_id: int
    seat_id: int


@dataclass(frozen=True)
class InboxRow:
    """One case as a list shows it. `held` says who has it, in words, `held_by` his number; `decides` is false where an
    opinion is asked."""

    id: int
    title: str
    subject_type: str
    subject_id: int
    revision_no: int
    again: bool
    urgent: bool
    version: int
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
    held: str | None = None
    held_by: int | None = None
    decides: bool = True


@dataclass(frozen=True)
class StageChoice:
    """A stage that the inbox may be narrowed to; `keys` are what its cases are found by."""

    key: str
    name: str
    role: str
    keys: tuple[str, ...]


@dataclass(frozen=True)
class InboxCounts:
    """How many wait: for the officer, returned before and urgent (in the tab), as a substitute, in the whole team, past
    their deadline (in the tab, within the filters); and in each group of rows, as `grouped` makes them.

    A count never exceeds `BOUND`.
    """

    mine: int
    again: int
    urgent: int
    acting: int
    team: int
    overdue: int
    pressing: int
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
    filters: Filters = ALL,
    order: str = "deadline",
) -> Page[InboxRow]:
    """The open cases that wait for `by` (``mine``; ``acting``: by letter alone) or for anyone of the Kanwil (``team``),
    the urgent first, each by deadline or by submission, the oldest first.

    One statement for the rows; calendar and definitions cost three more the first time.

    Raises:
        Invalid: a cursor that this list did not give.
    """
    session = scoped_session()
    limit = max(1, min(limit, LIMIT))
    calendar = calendar_of(session)
    after = _read(cursor, order) if cursor else None
    cases = narrowed(select(), by, tab, filters, now)
    beside = seats(select(), by, tab, filters, now) if tab != "team" else None
    place = _places(cases, beside, order, limit + 1, after, filters.urgent).subquery()
    found = session.execute(
        select(Case, CaseSeat, Upt.short_name, Upt.slug, CaseHold)
        .select_from(place)
        .join(Case, Case.id == place.c.case_id)
        .outerjoin(CaseSeat, CaseSeat.id == place.c.seat_id)
        .outerjoin(Upt, and_(Upt.id == Case.upt_id))
        .outerjoin(CaseHold, and_(CaseHold.id == _shown_hold(by, now)))
        .options(defer(Case.answers), defer(Case.editor_ids))
        .order_by(*_in_order(place))
    ).all()
    rows = found[:limit]
    definitions = definition_of(session, {row[0].definition_id for row in rows})
    items = [
        _row(case, seat, upt, slug, hold, definitions[case.definition_id], calendar, now)
        for case, seat, upt, slug, hold in rows
    ]
    following = None
    if len(found) > limit:
        case, seat = rows[-1][0], rows[-1][1]
        at = getattr(seat or case, _COLUMNS[order])
        following = _cursor(Place(0 if case.urgent else 1, at, case.id, seat.id if seat else 0), order)
    return Page(items, following)


def _held(now: datetime) -> Any:
    """Holds that count on a case: of its open step, lasting, by somebody who did not vote there yet."""
    voted = select(Decision.id).where(
        Decision.case_id == CaseHold.case_id,
        Decision.officer_id == CaseHold.officer_id,
        Decision.stage_no >= CaseHold.step_no,
    )
    return and_(
        CaseHold.case_id == Case.id,
        CaseHold.step_no == Case.step_no,
        or_(CaseHold.until_at.is_(None), CaseHold.until_at > now),
        ~voted.exists(),
    )


def _shown_hold(by: Actor, now: datetime) -> Any:
    """The hold that a row tells of: one's own, else the oldest."""
    here = CaseHold.stage_key == func.coalesce(CaseSeat.stage_key, Case.stage_key)
    own_first = case_when((CaseHold.officer_id == by.id, 0), else_=1)
    asked = select(CaseHold.id).where(_held(now), here).order_by(own_first, CaseHold.created_at, CaseHold.id)
    return asked.limit(1).correlate(Case, CaseSeat).scalar_subquery()


def _places(
    cases: Statement,
    beside: Statement | None,
    order: str,
    most: int,
    after: Place | None = None,
    urgent_alone: bool = False,
) -> Statement:
    """Rank, instant, case and seat of the first rows, in order: a range of an index for the urgent cases and the other
    ones, and for the seats of each, merged."""
    arms = []
    for rank, urgent in enumerate((true(), false())):
        if (rank and urgent_alone) or (after is not None and rank < after.rank):
            continue
        start = after if after is not None and rank == after.rank else None
        for asked, model in ((cases, Case), (beside, CaseSeat)):
            if asked is not None:
                arms.append(_range(asked.where(model.urgent == urgent), model, order, rank, start, most))
    both = union_all(*(select(arm.subquery()) for arm in arms)).subquery()
    return select(both).order_by(*_in_order(both)).limit(most)


def _range(asked: Statement, model: Any, order: str, rank: int, start: Place | None, most: int) -> Statement:
    at, whole = getattr(model, _COLUMNS[order]), model is Case
    case_id = Case.id if whole else CaseSeat.case_id
    seat_id = cast(null(), Integer) if whole else CaseSeat.id
    if start is not None:
        same = and_(case_id == start.case_id, CaseSeat.id > start.seat_id) if not whole else false()
        asked = asked.where(at >= start.at, or_(at > start.at, case_id > start.case_id, same))
    asked = asked.with_only_columns(
        literal_column(str(rank), Integer).label("rank"),
        at.label("at"),
        case_id.label("case_id"),
        seat_id.label("seat_id"),
    )
    return asked.order_by(at, case_id, *(() if whole else (CaseSeat.id,))).limit(most)


def _in_order(place: Any) -> tuple[Any, ...]:
    return place.c.rank, place.c.at, place.c.case_id, place.c.seat_id


def inbox_counts(by: Actor, now: datetime, *, tab: str = "mine", filters: Filters = ALL) -> InboxCounts:
    """How many wait, bounded. One statement."""
    session = scoped_session()
    late, today, week = boundaries(now, calendar_of(session))
    within: list[Within] = [
        lambda row: row.due_at <= late,
        lambda row: and_(row.due_at > late, row.due_at < today),
        lambda row: and_(row.due_at >= max(late, today), row.due_at < week),
        lambda row: row.due_at >= max(week, today),
    ]
    urgent = filters.with_only(urgent=True)
    counted = [
        count_of(by, "mine", ALL, now),
        count_of(by, "mine" if tab == "team" else tab, Filters(again=True), now),
        count_of(by, tab, Filters(urgent=True), now),
        count_of(by, "acting", ALL, now) if by.acting else literal(0),
        count_of(by, "team", ALL, now),
        *(count_of(by, tab, urgent, now, one) for one in within),
    ]
    if not filters.urgent:
        counted += [count_of(by, tab, filters, now, _calm(one)) for one in within]
    row = session.execute(select(*(one.label(f"n{at}") for at, one in enumerate(counted)))).one()
    own, heads, calm = row[:5], row[5:9], row[9:]
    overdue = heads[0] + (calm[0] if calm else 0)
    numbers = (*own, overdue, sum(heads) if calm else 0, *(calm or heads))
    return InboxCounts(*(min(number, BOUND) for number in numbers))


def _calm(within: Within) -> Within:
    return lambda row: and_(row.urgent == false(), within(row))


def waiting(by: Actor, now: datetime) -> int:
    """How many cases wait for the officer, bounded: the number in the rail. One statement."""
    return min(int(scoped_session().scalar(select(count_of(by, "mine", ALL, now))) or 0), BOUND)


def next_case(
    by: Actor, now: datetime, *, tab: str = "mine", filters: Filters = ALL
) -> tuple[int, str] | None:
    """The first case of the inbox that `by` may decide and nobody else holds, four eyes minded: its id and page. One
    statement."""
    decided = select(Decision.id).where(Decision.case_id == Case.id, Decision.officer_id == by.id).exists()
    taken = select(CaseHold.id).where(_held(now), CaseHold.officer_id != by.id)
    cases = narrowed(select(), by, tab, filters, now).where(
        Case.stage_role.in_(sorted(by.roles)),
        Case.submitted_by != by.id,
        ~decided,
        ~taken.where(CaseHold.stage_key == Case.stage_key).exists(),
    )
    beside = seats(select(), by, "mine", filters, now).where(
        Case.submitted_by != by.id,
        ~decided,
        _free_seat(taken),
    )
    place = _places(cases, beside, "deadline", 20, urgent_alone=filters.urgent).subquery()
    found = scoped_session().scalars(
        select(Case)
        .select_from(place)
        .join(Case, Case.id == place.c.case_id)
        .options(defer(Case.answers), defer(Case.fields))
        .order_by(*_in_order(place))
    )
    for case in found:
        if by.id not in case.editor_ids:
            return case.id, subject_type(case.subject_type).page(case)
    return None


def _free_seat(taken: Statement) -> Any:
    """A stage that nobody else holds, or whose votes and holds leave a seat."""
    held = taken.where(CaseHold.stage_key == CaseSeat.stage_key)
    voted = select(func.count(Decision.id)).where(
        Decision.case_id == CaseSeat.case_id,
        Decision.stage_key == CaseSeat.stage_key,
        Decision.stage_no >= CaseSeat.step_no,
    )
    filled = held.with_only_columns(func.count(CaseHold.id)).scalar_subquery() + voted.scalar_subquery()
    return or_(~held.exists(), filled < CaseSeat.votes)


def choices() -> tuple[list[tuple[int, str]], list[StageChoice]]:
    """What the inbox may be narrowed to: the UPT of the Kanwil, by name (id, name), and the stages of the workflows in
    force, in their order. One statement; unread definitions cost one more."""
    session = scoped_session()
    newest = select(DefinitionVersion.subject_type, func.max(DefinitionVersion.id).label("id")).group_by(
        DefinitionVersion.subject_type
    )
    upts = select(literal("upt").label("kind"), Upt.id.label("id"), Upt.short_name.label("name"))
    both = union_all(upts, select(literal("flow"), newest.subquery().c.id, literal("")))
    found = session.execute(both).all()
    named = sorted(((row.id, row.name) for row in found if row.kind == "upt"), key=lambda one: one[1])
    flows = sorted(row.id for row in found if row.kind == "flow")
    definitions = definition_of(session, set(flows))
    stages: dict[str, StageChoice] = {}
    for one in flows:
        for step in definitions[one].steps:
            for stage in step.stages:
                keys = tuple(dict.fromkeys((stage.key, step.key)))
                stages.setdefault(stage.key, StageChoice(stage.key, stage.name, stage.role, keys))
    return named, list(stages.values())


def grouped(rows: Sequence[InboxRow], *, urgent_apart: bool = True) -> list[tuple[str, list[InboxRow]]]:
    """Rows in the groups of a page, in order: the urgent, where they stand apart, then by urgency. Groups without rows
    are left out."""
    of: dict[str, list[InboxRow]] = {name: [] for name in (PRESSING, *URGENCIES)}
    for row in rows:
        of[PRESSING if urgent_apart and row.urgent else row.urgency].append(row)
    return [(name, found) for name, found in of.items() if found]


def _row(
    case: Case,
    seat: CaseSeat | None,
    upt: str | None,
    slug: str | None,
    hold: CaseHold | None,
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
        urgent=case.urgent,
        version=case.version,
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
        held=held_words(hold, now, calendar.timezone) if hold else None,
        held_by=hold.officer_id if hold else None,
        decides=stage.decides,
    )


def _cursor(place: Place, order: str) -> str:
    text = json.dumps([order, place.rank, place.at.isoformat(), place.case_id, place.seat_id])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read(cursor: str, order: str) -> Place:
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        asked, rank, instant, *numbers = json.loads(text)
        case_id, seat_id = numbers
        at = datetime.fromisoformat(instant)
        if (
            asked != order
            or rank not in (0, 1)
            or at.tzinfo is None
            or not 2000 < at.year < 3000
            or not all(type(one) is int and 0 <= one < 2**31 for one in (rank, *numbers))
        ):
            raise ValueError
    except (ValueError, TypeError):
        raise Invalid(
            N_("Penanda halaman ini tidak dikenal; mulai dari awal."), fields={"cursor": N_("Tidak dikenal.")}
        ) from None
    return Place(rank, at, case_id, seat_id)
