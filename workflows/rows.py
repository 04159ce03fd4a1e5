"""The writes of a decision, as statements made once.

SQLAlchemy's unit of work spends a millisecond on finding out what these functions know beforehand: one case
moves, one decision and one event are added. The statements are prepared (`tenants.prepared`), go through the session's
own connection and stand under the guard of `tenants`, which adds the scope to each.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import instance_dict, instance_state, set_committed_value

from tenants.prepared import Part, Prepared, together
from workflows.models import AuditEvent, Case, CaseSeat, Decision, Notice

MOVED = (
    "stage_key",
    "stage_role",
    "stage_no",
    "step_no",
    "state",
    "version",
    "due_at",
    "due_on",
    "remind_at",
    "escalated_at",
    "closed_at",
    "office_days",
    "office_calendar_days",
    "chain_seq",
    "chain_head",
)
"""The columns of a case that a move changes."""
_MOVED = frozenset(MOVED)


def columns_of(model: Any) -> tuple[str, ...]:
    """The columns of a new row, but for its id."""
    return tuple(column.key for column in model.__table__.columns if column.key != "id")


_case: Any = Case.__table__
_DECISION, _EVENT, _SEAT = columns_of(Decision), columns_of(AuditEvent), columns_of(CaseSeat)
_INSERT_DECISION = Prepared(insert(Decision.__table__).returning(Decision.__table__.c.id), _DECISION)
_INSERT_EVENT = Prepared(insert(AuditEvent.__table__), _EVENT)
_INSERT_NOTICE = Prepared(
    insert(Notice.__table__),
    ("kind", "title", "body", "said", "link", "to_officer_id", "to_role", "to_upt_id", "created_at"),
)
_INSERT_SEAT = Prepared(insert(CaseSeat.__table__), _SEAT)
_FILL_SEAT = Prepared(
    update(CaseSeat.__table__)
    .where(
        CaseSeat.__table__.c.case_id == bindparam("which"),
        CaseSeat.__table__.c.step_no == bindparam("step"),
        CaseSeat.__table__.c.stage_key == bindparam("stage"),
    )
    .values(stage_role=None)
)
_MOVE_CASE = Prepared(
    update(_case)
    .where(_case.c.id == bindparam("which"), _case.c.version == bindparam("seen"))
    .values({name: bindparam(f"new_{name}") for name in MOVED})
)


def values_of(row: Any, columns: tuple[str, ...]) -> dict[str, Any]:
    """These columns of a row that belongs to no session; what was never set is empty."""
    known = instance_dict(row)
    return {name: known.get(name) for name in columns}


def moving(case: Case, *, seen: int) -> Part:
    """Write where a case now stands, if it still is at the version that was seen."""
    return _MOVE_CASE, {f"new_{name}": getattr(case, name) for name in MOVED} | {
        "which": case.id,
        "seen": seen,
    }


def deciding(decision: Decision) -> Part:
    """Insert a decision; it stays outside the session."""
    return _INSERT_DECISION, values_of(decision, _DECISION)


def chaining(event: AuditEvent) -> Part:
    """Insert an audit event; it stays outside the session."""
    return _INSERT_EVENT, values_of(event, _EVENT)


def seating(seats: list[CaseSeat]) -> Part:
    """Insert the seats of a step, in one statement however many; they stay outside the session."""
    return _INSERT_SEAT, [values_of(seat, _SEAT) for seat in seats]


def filling(case: Case, stage_key: str) -> Part:
    """Take a stage of the open step that has its votes out of the inboxes."""
    return _FILL_SEAT, {"which": case.id, "step": case.step_no, "stage": stage_key}


def telling(drafts: list[dict[str, Any]], now: datetime) -> Part:
    """Insert notices, in one statement however many."""
    return _INSERT_NOTICE, [{**one, "created_at": now} for one in drafts]


def decided(session: Session, case: Case, decision: Decision, parts: Sequence[Part]) -> bool:
    """Write a decision, whose `parts` begin with `moving` and `deciding`; says whether the case still was where it was
    seen. The decision gets its id."""
    (_, moved), (found, _), *_ = together(session, parts)
    decision.id = found[0][0]
    _as_written(session, case)
    return moved == 1


def add_seats(session: Session, seats: list[CaseSeat]) -> None:
    """Insert the seats of a step, in one statement however many."""
    together(session, [seating(seats)])


def add_notices(session: Session, drafts: list[dict[str, Any]], now: datetime) -> None:
    """Insert notices, in one statement however many."""
    together(session, [telling(drafts, now)])


def add_unless_there(session: Session, model: Any, found: list[dict[str, Any]]) -> int:
    """Insert rows but those whose unique key is taken already; how many were new. One statement, none for nothing."""
    if not found:
        return 0
    connection = session.connection()
    made: Any = (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(model.__table__)
    done = connection.execute(made.on_conflict_do_nothing(), found)
    return max(int(done.rowcount), 0)


def due_seats(session: Session, case: Case) -> dict[str, tuple[datetime, date]]:
    """Until when each stage of the open step that still wants votes has time: stage key -> instant and local day. One
    statement."""
    asked = select(CaseSeat.stage_key, CaseSeat.due_at, CaseSeat.due_on).where(
        CaseSeat.case_id == case.id, CaseSeat.step_no == case.step_no, CaseSeat.stage_role.is_not(None)
    )
    with session.no_autoflush:
        return {key: (due_at, due_on) for key, due_at, due_on in session.execute(asked)}


def _as_written(session: Session, case: Case) -> None:
    """Tell the session that the case is as the database has it, as a flush would; what else was changed in it stays
    to be flushed."""
    state: Any = instance_state(case)
    if state.committed_state.keys() <= _MOVED:
        state._commit_all(instance_dict(case), session.identity_map)
        return
    for name in MOVED:
        set_committed_value(case, name, getattr(case, name))
