"""What pages and the API read of dispositions: of one recap, of the Kanwil in scope, of who is named at the centre."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from recaps.delivery.dispositions import CENTRE, DOERS, KANWIL, Given
from recaps.delivery.models import OPEN, CentreDisposition, Disposition
from recaps.models import Recap
from tenants import database
from tenants.database import session
from tenants.errors import Invalid
from tenants.officers import Actor
from tenants.words import N_

STATES = ("open", "done", "withdrawn")
PURPOSE = "disposisi"


@dataclass(frozen=True)
class Shown:
    """A disposition as its reader sees it."""

    row: Given
    kind: str
    about: str
    late: bool
    may_finish: bool
    may_withdraw: bool


def of_recap(recap_id: int, *, by: Actor, today: date) -> list[Shown]:
    """The dispositions on one recap that concern the reader, newest first. One statement, for the centre two."""
    asked = select(Disposition).where(Disposition.recap_id == recap_id).order_by(Disposition.id.desc())
    if by.tenant_id is not None:
        return [_shown(row, "", by, today) for row in session().scalars(asked)]
    found: list[Shown] = []
    if by.has("dirjen"):
        with database.national(PURPOSE) as reader:
            found = [_shown(row, "", by, today) for row in reader.scalars(asked)]
    inside = _named(by).where(CentreDisposition.recap_id == recap_id)
    found += [_shown(row, "", by, today) for row in session().scalars(inside)]
    return sorted(found, key=lambda one: one.row.given_at, reverse=True)


def of_kanwil(
    reader: Session,
    *,
    by: Actor,
    today: date,
    state: str | None = None,
    after: int | None = None,
    limit: int = 30,
) -> tuple[list[Shown], int | None]:
    """Dispositions to the Kanwil in scope, or, read nationally by the Dirjen, to every Kanwil; newest first. One
    statement.

    Raises:
        Invalid: a state that is none.
    """
    asked = select(Disposition, Recap.label).join(
        Recap, (Recap.id == Disposition.recap_id) & (Recap.tenant_id == Disposition.tenant_id)
    )
    if _state(state):
        asked = asked.where(Disposition.state == state)
    if after is not None:
        asked = asked.where(Disposition.id < after)
    rows = reader.execute(asked.order_by(Disposition.id.desc()).limit(limit + 1)).all()
    found = [_shown(row, f"{label}, {row.to_name}", by, today) for row, label in rows[:limit]]
    return found, (rows[limit - 1][0].id if len(rows) > limit else None)


def of_centre(
    *, by: Actor, today: date, state: str | None = None, after: int | None = None, limit: int = 30
) -> tuple[list[Shown], int | None]:
    """Dispositions within the centre: of the Dirjen all, of others those that name them. One statement.

    Raises:
        Invalid: a state that is none.
    """
    asked = _named(by)
    if _state(state):
        asked = asked.where(CentreDisposition.state == state)
    if after is not None:
        asked = asked.where(CentreDisposition.id < after)
    rows = list(session().scalars(asked.limit(limit + 1)))
    found = [_shown(row, row.about, by, today) for row in rows[:limit]]
    return found, (rows[limit - 1].id if len(rows) > limit else None)


def waiting_for(by: Actor) -> int:
    """How many open dispositions name an officer of the centre. One statement."""
    asked = select(func.count()).select_from(CentreDisposition)
    return int(
        session().scalar(
            asked.where(CentreDisposition.to_officer_id == by.id, CentreDisposition.state == OPEN)
        )
        or 0
    )


def open_in_kanwil() -> int:
    """How many dispositions the Kanwil in scope still has to carry out. One statement."""
    asked = select(func.count()).select_from(Disposition).where(Disposition.state == OPEN)
    return int(session().scalar(asked) or 0)


def as_json(one: Shown) -> dict[str, Any]:
    """A disposition as the API shows it."""
    row = one.row
    return {
        "id": row.id,
        "kind": one.kind,
        "recap_id": row.recap_id,
        "about": one.about,
        "instruction": row.instruction,
        "to": row.to_name,
        "due_on": row.due_on.isoformat() if row.due_on else None,
        "state": row.state,
        "late": one.late,
        "given_by": row.given_by_name,
        "given_at": row.given_at.isoformat(),
        "done_by": row.done_by_name,
        "done_at": row.done_at.isoformat() if row.done_at else None,
        "note": row.done_note,
    }


def shown(row: Given, *, by: Actor, today: date) -> Shown:
    """One disposition that was just written or ended."""
    return _shown(row, row.about if isinstance(row, CentreDisposition) else "", by, today)


def _named(by: Actor) -> Any:
    asked = select(CentreDisposition).order_by(CentreDisposition.id.desc())
    return asked if by.has("dirjen") else asked.where(CentreDisposition.to_officer_id == by.id)


def _shown(row: Given, about: str, by: Actor, today: date) -> Shown:
    inside = isinstance(row, CentreDisposition)
    is_open = row.state == OPEN
    mine = row.to_officer_id == by.id if isinstance(row, CentreDisposition) else by.has(*DOERS)
    return Shown(
        row,
        CENTRE if inside else KANWIL,
        about,
        late=is_open and row.due_on is not None and row.due_on < today,
        may_finish=is_open and mine and (inside or by.tenant_id is not None),
        may_withdraw=is_open and by.has("dirjen"),
    )


def _state(state: str | None) -> str | None:
    if state is not None and state not in STATES:
        raise Invalid(N_("Saringan ini tidak dikenal."), fields={"state": f"{', '.join(STATES)}."})
    return state
