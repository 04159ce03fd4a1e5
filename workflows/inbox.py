"""The inbox: the open cases that wait for an officer, by deadline or by submission, a page at a time.

Pages are keyset pages by (due_at, id) or (submitted_at, id): the tenth costs what the first did, and 100,000 open cases
what 1,000 did. Counts stop at a bound and say so. A case whose step has several seats open (`CaseSeat`) is found by
those, in a second range that is merged into the first (`narrowing`).
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import Integer, and_, cast, func, literal, null, or_, select, union_all
from sqlalchemy.orm import defer

from tenants.database import session as scoped_session
from tenants.errors import Invalid
from tenants.models import Upt
from tenants.officers import Actor
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
_COLUMNS: dict[str, tuple[Any, Any]] = {
    "deadline": (Case.due_at, CaseSeat.due_at),
    "submitted": (Case.submitted_at, CaseSeat.submitted_at),
}


@dataclass(frozen=True)
class Page(Generic[T]):
    """One keyset page; `next_cursor` is None on the last."""

    items: list[T]
    next_cursor: str | None


@dataclass(frozen=True)
class InboxRow:
    """One case as a list shows it. `held` says who has it, in words, `held_by` his number."""

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


@dataclass(frozen=True)
class StageChoice:
    """A stage that the inbox may be narrowed to; `keys` are what its cases are found by."""

    key: str
    name: str
    role: str
    keys: tuple[str, ...]


@dataclass(frozen=True)
class InboxCounts:
    """How many wait: for the officer, returned before and urgent (in the tab), as a substitute, in the whole team, by
    urgency (in the tab, within the filters).

    A count never exceeds `BOUND`.
    """

    mine: int
    again: int
    urgent: int
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
    filters: Filters = ALL,
    order: str = "deadline",
) -> Page[InboxRow]:
    """The open cases that wait for `by` (``mine``; ``acting``: by letter alone) or for anyone of the Kanwil (``team``),
    by deadline or by submission, the oldest first.

    One statement for the rows; calendar and definitions cost three more the first time.

    Raises:
        Invalid: a cursor that this list did not give.
    """
    session = scoped_session()
    limit = max(1, min(limit, LIMIT))
    calendar = calendar_of(session)
    after = _read(cursor, order) if cursor else None
    place = _places(by, tab, filters, order, after, limit + 1, now).subquery()
    found = session.execute(
        select(Case, CaseSeat, Upt.short_name, Upt.slug, CaseHold)
        .select_from(place)
        .join(Case, Case.id == place.c.case_id)
        .outerjoin(CaseSeat, CaseSeat.id == place.c.seat_id)
        .outerjoin(Upt, and_(Upt.id == Case.upt_id))
        .outerjoin(
            CaseHold,
            and_(_held(now), CaseHold.stage_key == func.coalesce(CaseSeat.stage_key, Case.stage_key)),
        )
        .options(defer(Case.answers), defer(Case.editor_ids))
        .order_by(place.c.at, place.c.case_id)
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
        at = case.submitted_at if order == "submitted" else (seat or case).due_at
        following = _cursor(at, case.id, order)
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


def _places(
    by: Actor,
    tab: str,
    filters: Filters,
    order: str,
    after: tuple[datetime, int] | None,
    most: int,
    now: datetime,
) -> Statement:
    """Instant, case and seat of the rows of a page, in order: two ranges of two indexes, merged."""
    of_case, of_seat = _COLUMNS[order]
    none = cast(null(), Integer)
    plain = select(of_case.label("at"), Case.id.label("case_id"), none.label("seat_id"))
    arms = [_after(narrowed(plain, by, tab, filters, now), of_case, Case.id, after, most)]
    if tab != "team":
        beside = select(of_seat.label("at"), CaseSeat.case_id, CaseSeat.id.label("seat_id"))
        arms.append(_after(seats(beside, by, tab, filters, now), of_seat, CaseSeat.case_id, after, most))
    if len(arms) == 1:
        return arms[0]
    both = union_all(*(select(arm.subquery()) for arm in arms)).subquery()
    return select(both).order_by(both.c.at, both.c.case_id).limit(most)


def _after(asked: Statement, at: Any, id_: Any, after: tuple[datetime, int] | None, most: int) -> Any:
    if after is not None:
        asked = asked.where(at >= after[0], or_(at > after[0], id_ > after[1]))
    return asked.order_by(at, id_).limit(most)


def inbox_counts(by: Actor, now: datetime, *, tab: str = "mine", filters: Filters = ALL) -> InboxCounts:
    """How many wait, bounded. One statement."""
    session = scoped_session()
    late, today, week = boundaries(now, calendar_of(session))
    within: list[Within] = [
        lambda due: due <= late,
        lambda due: and_(due > late, due < today),
        lambda due: and_(due >= max(late, today), due < week),
        lambda due: due >= max(week, today),
    ]
    counted = [
        count_of(by, "mine", ALL, now),
        count_of(by, "mine" if tab == "team" else tab, Filters(again=True), now),
        count_of(by, tab, Filters(urgent=True), now),
        count_of(by, "acting", ALL, now) if by.acting else literal(0),
        count_of(by, "team", ALL, now),
        *(count_of(by, tab, filters, now, one) for one in within),
    ]
    row = session.execute(select(*(one.label(f"n{at}") for at, one in enumerate(counted)))).one()
    return InboxCounts(*(min(number, BOUND) for number in row))


def waiting(by: Actor, now: datetime) -> int:
    """How many cases wait for the officer, bounded: the number in the rail. One statement."""
    return min(int(scoped_session().scalar(select(count_of(by, "mine", ALL, now))) or 0), BOUND)


def next_case(
    by: Actor, now: datetime, *, tab: str = "mine", filters: Filters = ALL
) -> tuple[int, str] | None:
    """The most urgent case that `by` may decide and nobody else holds, four eyes minded: its id and page. One statement
    for the cases, one for the seats."""
    decided = select(Decision.id).where(Decision.case_id == Case.id, Decision.officer_id == by.id).exists()
    taken = select(CaseHold.id).where(_held(now), CaseHold.officer_id != by.id)
    plain = (
        narrowed(select(Case, Case.due_at), by, tab, filters, now)
        .where(Case.stage_role.in_(sorted(by.roles)), Case.submitted_by != by.id, ~decided)
        .where(~taken.where(CaseHold.stage_key == Case.stage_key).exists())
        .order_by(Case.due_at, Case.id)
    )
    beside = (
        seats(select(Case, CaseSeat.due_at), by, "mine", filters, now)
        .where(Case.submitted_by != by.id, ~decided)
        .where(~taken.where(CaseHold.stage_key == CaseSeat.stage_key).exists())
        .order_by(CaseSeat.due_at, CaseSeat.case_id)
    )
    found = [
        (due_at, case.id, case)
        for asked in (plain, beside)
        for case, due_at in scoped_session().execute(
            asked.options(defer(Case.answers), defer(Case.fields)).limit(20)
        )
    ]
    for _, _, case in sorted(found, key=lambda one: one[:2]):
        if by.id not in case.editor_ids:
            return case.id, subject_type(case.subject_type).page(case)
    return None


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


def grouped(rows: Sequence[InboxRow]) -> list[tuple[str, list[InboxRow]]]:
    """Rows under their urgency, in order; groups without rows are left out."""
    return [(name, found) for name in URGENCIES if (found := [row for row in rows if row.urgency == name])]


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
    )


def _cursor(at: datetime | None, case_id: int, order: str) -> str:
    text = json.dumps([at.isoformat() if at else "", case_id, order])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read(cursor: str, order: str) -> tuple[datetime, int]:
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        instant, last, asked = json.loads(text)
        at = datetime.fromisoformat(instant)
        if (
            at.tzinfo is None
            or not 2000 < at.year < 3000
            or not isinstance(last, int)
            or not 0 <= last < 2**31
            or asked != order
        ):
            raise ValueError
    except (ValueError, TypeError):
        raise Invalid(
            "Penanda halaman ini tidak dikenal; mulai dari awal.", fields={"cursor": "Tidak dikenal."}
        ) from None
    return at, last
