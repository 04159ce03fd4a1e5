"""The writes of a decision, as statements made once.

SQLAlchemy's unit of work spends a millisecond on finding out what these functions know beforehand: one case
moves, one decision and one event are added. The statements go through the session's own connection and the guard
of `tenants`, which adds the scope to each.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import instance_dict, instance_state, set_committed_value

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
_case: Any = Case.__table__
_INSERT_DECISION: Any = insert(Decision.__table__).returning(Decision.__table__.c.id)
_INSERT_EVENT: Any = insert(AuditEvent.__table__)
_INSERT_NOTICE: Any = insert(Notice.__table__)
_INSERT_SEAT: Any = insert(CaseSeat.__table__)
_FILL_SEAT: Any = (
    update(CaseSeat.__table__)
    .where(
        CaseSeat.__table__.c.case_id == bindparam("which"),
        CaseSeat.__table__.c.step_no == bindparam("step"),
        CaseSeat.__table__.c.stage_key == bindparam("stage"),
    )
    .values(stage_role=None)
)
_MOVE_CASE: Any = (
    update(_case)
    .where(_case.c.id == bindparam("which"), _case.c.version == bindparam("seen"))
    .values({name: bindparam(f"new_{name}") for name in MOVED})
)


def values_of(row: Any) -> dict[str, Any]:
    """The columns of a new row, but for its id."""
    return {column.key: getattr(row, column.key) for column in row.__table__.columns if column.key != "id"}


def add_decision(session: Session, decision: Decision) -> None:
    """Insert a decision; it gets its id and stays outside the session."""
    decision.id = session.connection().execute(_INSERT_DECISION, values_of(decision)).scalar_one()


def add_event(session: Session, event: AuditEvent) -> None:
    """Insert an audit event; it stays outside the session."""
    session.connection().execute(_INSERT_EVENT, values_of(event))


def add_notices(session: Session, rows: list[dict[str, Any]]) -> None:
    """Insert notices, in one statement however many."""
    session.connection().execute(_INSERT_NOTICE, rows)


def add_unless_there(session: Session, model: Any, found: list[dict[str, Any]]) -> int:
    """Insert rows but those whose unique key is taken already; how many were new. One statement, none for nothing."""
    if not found:
        return 0
    connection = session.connection()
    made: Any = (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(model.__table__)
    done = connection.execute(made.on_conflict_do_nothing(), found)
    return max(int(done.rowcount), 0)


def add_seats(session: Session, seats: list[CaseSeat]) -> None:
    """Insert the seats of a step, in one statement however many; they stay outside the session."""
    session.connection().execute(_INSERT_SEAT, [values_of(seat) for seat in seats])


def due_seats(session: Session, case: Case) -> dict[str, tuple[datetime, date]]:
    """Until when each stage of the open step that still wants votes has time: stage key -> instant and local day. One
    statement."""
    asked = select(CaseSeat.stage_key, CaseSeat.due_at, CaseSeat.due_on).where(
        CaseSeat.case_id == case.id, CaseSeat.step_no == case.step_no, CaseSeat.stage_role.is_not(None)
    )
    with session.no_autoflush:
        return {key: (due_at, due_on) for key, due_at, due_on in session.execute(asked)}


def fill_seat(session: Session, case: Case, stage_key: str) -> None:
    """Take a stage of the open step that has its votes out of the inboxes."""
    session.connection().execute(_FILL_SEAT, {"which": case.id, "step": case.step_no, "stage": stage_key})


def move_case(session: Session, case: Case, *, seen: int) -> bool:
    """Write where a case now stands, if it still is at the version that was seen; says whether it was."""
    values = {f"new_{name}": getattr(case, name) for name in MOVED}
    done = session.connection().execute(_MOVE_CASE, {**values, "which": case.id, "seen": seen})
    _as_written(session, case)
    return bool(done.rowcount == 1)


def _as_written(session: Session, case: Case) -> None:
    """Tell the session that the case is as the database has it, as a flush would; what else was changed in it stays
    to be flushed."""
    state: Any = instance_state(case)
    if state.committed_state.keys() <= _MOVED:
        state._commit_all(instance_dict(case), session.identity_map)
        return
    for name in MOVED:
        set_committed_value(case, name, getattr(case, name))
