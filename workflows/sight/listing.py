"""The cases behind a number of the report: what waits, what ended, what was decided. Keyset pages within a Kanwil."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, literal, or_, select
from sqlalchemy.orm import defer

from tenants.clock import local_day
from tenants.database import session as scoped_session
from tenants.errors import Invalid
from tenants.models import Upt
from tenants.officers import Actor
from tenants.words import N_
from workflows.calendars import calendar_of
from workflows.deadlines import Calendar, in_words
from workflows.definitions import definition_of
from workflows.models import OPEN, Case, Decision
from workflows.sight.windows import window
from workflows.stages import Definition
from workflows.steps import OPINION
from workflows.subjects import subject_type

WAITING, ENDED, DECIDED = "menunggu", "selesai", "putusan"
LISTS = (WAITING, ENDED, DECIDED)
_HEAVY = (defer(Case.fields), defer(Case.answers), defer(Case.editor_ids))


@dataclass(frozen=True)
class Narrowed:
    """What a list is narrowed to; each is left out where it is None. `period` is read by `windows.window`.

    `stage`, `outcome`, `officer_id`, `field` (that a return asked to change) and `late` are of decisions, `stage` and
    `late` also of what waits, `state` of what ended. Opinions are listed where they are asked for (`outcome`) and among
    what came late; else the list holds decisions alone.
    """

    subject: str
    period: str | None = None
    stage: str | None = None
    upt_id: int | None = None
    state: str | None = None
    outcome: str | None = None
    officer_id: int | None = None
    field: str | None = None
    late: bool = False


@dataclass(frozen=True)
class Listed:
    """One line: a case, and of its decision who and how. `days` are working days: waited, or had by the office."""

    case_id: int
    title: str
    revision_no: int
    upt: str
    stage: str
    outcome: str
    officer: str
    at: datetime
    days: int | None
    late: bool
    deadline: str


def cases(
    which: str,
    narrowed: Narrowed,
    *,
    by: Actor,
    now: datetime,
    after: tuple[str, int] | None = None,
    limit: int = 50,
) -> tuple[list[Listed], tuple[str, int] | None]:
    """A page of `which` list, and where the next one begins. One statement; calendar and definitions cost two more
    the first time. What waits comes by deadline, the rest newest first.

    Raises:
        Invalid: no such list, no such period, or a keyset that this list did not give.
    """
    if which not in LISTS:
        raise Invalid(N_("Daftar ini tidak dikenal."), fields={"daftar": N_("Tidak dikenal.")})
    session = scoped_session()
    calendar = calendar_of(session)
    asked, at, key = _BUILD[which](narrowed, calendar, now)
    if after is not None:
        since, last = _read(after)
        onward = at >= since if which == WAITING else at <= since
        beyond = (at > since, key > last) if which == WAITING else (at < since, key < last)
        asked = asked.where(onward, or_(*beyond))
    order = (at, key) if which == WAITING else (at.desc(), key.desc())
    found = session.execute(asked.options(*_HEAVY).order_by(*order).limit(limit + 1)).all()
    rows = found[:limit]
    definitions = definition_of(session, {row.Case.definition_id for row in rows})
    items = [
        _listed(row, definitions[row.Case.definition_id], calendar, now)
        for row in rows
        if subject_type(row.Case.subject_type).may_view(by, row.Case)
    ]
    following = (rows[-1].at.isoformat(), rows[-1].key) if len(found) > limit else None
    return items, following


def oldest(subject: str, *, by: Actor, now: datetime, limit: int = 5) -> list[Listed]:
    """The cases that have been past their deadline, or nearest to it, for longest. One statement."""
    return cases(WAITING, Narrowed(subject), by=by, now=now, limit=limit)[0]


def _waiting(narrowed: Narrowed, calendar: Calendar, now: datetime) -> tuple[Select[Any], Any, Any]:
    asked = _with_upt(select(Case, Case.due_at.label("at"), Case.id.label("key"), Upt.short_name))
    # By deadline from an index: `ix_case_file_waiting` for one stage, `ix_case_file_state_due` for all of them.
    asked = asked.where(Case.state == OPEN, Case.subject_type == narrowed.subject)
    if narrowed.stage:
        asked = asked.where(Case.stage_key == narrowed.stage)
    if narrowed.upt_id:
        asked = asked.where(Case.upt_id == narrowed.upt_id)
    if narrowed.late:
        asked = asked.where(Case.due_at <= now)
    return asked, Case.due_at, Case.id


def _ended(narrowed: Narrowed, calendar: Calendar, now: datetime) -> tuple[Select[Any], Any, Any]:
    first, end = _span(narrowed, calendar, now)
    asked = _with_upt(select(Case, Case.closed_at.label("at"), Case.id.label("key"), Upt.short_name))
    asked = asked.where(
        Case.subject_type == narrowed.subject,
        Case.closed_at >= first,
        Case.closed_at < end,
        Case.office_days.is_not(None),
    )
    if narrowed.state:
        asked = asked.where(Case.state == narrowed.state)
    if narrowed.upt_id:
        asked = asked.where(Case.upt_id == narrowed.upt_id)
    return asked, Case.closed_at, Case.id


def _decided(narrowed: Narrowed, calendar: Calendar, now: datetime) -> tuple[Select[Any], Any, Any]:
    first, end = _span(narrowed, calendar, now)
    made = Decision
    asked: Any = select(
        Case,
        made.decided_at.label("at"),
        made.id.label("key"),
        Upt.short_name,
        made.stage_key,
        made.outcome,
        made.officer_name,
        made.waited_days,
        made.due_at,
    ).join(Case, and_(Case.tenant_id == made.tenant_id, Case.id == made.case_id))
    asked = _with_upt(asked).where(
        made.subject_type == narrowed.subject, made.decided_at >= first, made.decided_at < end
    )
    if narrowed.stage:
        asked = asked.where(made.stage_key == narrowed.stage)
    if narrowed.upt_id:
        asked = asked.where(made.upt_id == narrowed.upt_id)
    if narrowed.outcome:
        asked = asked.where(made.outcome == narrowed.outcome)
    elif not narrowed.late:
        asked = asked.where(made.outcome != OPINION)
    if narrowed.officer_id:
        asked = asked.where(made.officer_id == narrowed.officer_id)
    if narrowed.late:
        asked = asked.where(made.decided_at > made.due_at)
    if narrowed.field:
        words = literal(" ") + made.asked + literal(" ")
        asked = asked.where(made.asked.is_not(None), words.contains(f" {narrowed.field} ", autoescape=True))
    return asked, made.decided_at, made.id


_BUILD = {WAITING: _waiting, ENDED: _ended, DECIDED: _decided}


def _with_upt(asked: Any) -> Any:
    return asked.outerjoin(Upt, and_(Upt.tenant_id == Case.tenant_id, Upt.id == Case.upt_id))


def _span(narrowed: Narrowed, calendar: Calendar, now: datetime) -> tuple[datetime, datetime]:
    bounds = window(narrowed.period, local_day(now, calendar.timezone)).instants(calendar.timezone)
    return bounds[0], bounds[-1]


def _listed(row: Any, definition: Definition, calendar: Calendar, now: datetime) -> Listed:
    case: Case = row.Case
    decided = hasattr(row, "outcome")
    key = row.stage_key if decided else case.stage_key
    stage = definition.stage(key)
    deadline = ""
    if case.due_at is not None and case.due_on is not None and not decided:
        deadline = in_words(case.due_at, case.due_on, now, calendar)
    return Listed(
        case_id=case.id,
        title=case.title,
        revision_no=case.revision_no,
        upt=row.short_name or "Kanwil",
        stage=stage.name if stage else key or "",
        outcome=row.outcome if decided else case.state,
        officer=row.officer_name if decided else "",
        at=row.at,
        days=row.waited_days if decided else case.office_days,
        late=bool(row.due_at and row.at > row.due_at) if decided else bool(deadline) and row.at <= now,
        deadline=deadline,
    )


def _read(after: tuple[str, int]) -> tuple[datetime, int]:
    try:
        since, last = datetime.fromisoformat(after[0]), after[1]
        if since.tzinfo is None or not 2000 < since.year < 3000 or not 0 <= last < 2**31:
            raise ValueError
    except (ValueError, TypeError, IndexError):
        raise Invalid(
            N_("Penanda halaman ini tidak dikenal; mulai dari awal."), fields={"cursor": N_("Tidak dikenal.")}
        ) from None
    return since, last
