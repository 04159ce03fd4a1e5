"""Rows held whole: the event that writes a row carries the hash of all of it, and verifying holds it against the row.

A room says with `hold` which of its rows are held and puts `sealed(...)` into the payload of each event that writes
them; `compare` names a row that was changed, one that is missing and one that no event tells of. A row whose event is
from before this was kept has no hash: that it is there is held, what it says is not, until an event writes it again.

Columns that are empty are left out of a hash, so that a column added later, empty in the rows of before, changes none.
Where somebody reads the chain who may not read the row, the row needs a column that nobody can guess (a salt, a key).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Final

from sqlalchemy import and_
from sqlalchemy.orm import Session

from tenants.said import say
from tenants.words import N_
from workflows.canonical import digest
from workflows.chains import Problem
from workflows.models import AuditEvent
from workflows.proof.reading import rows
from workflows.proof.rules import said_by

SEALED: Final = "sealed"
UNTOLD = say(N_("Baris ini tidak tercatat dalam rantai."))
CHANGED = say(N_("Baris ini diubah setelah dicatat."))
MISSING = say(N_("Tercatat dalam rantai, tetapi barisnya hilang."))

Gone = Callable[[AuditEvent, Mapping[str, Any]], bool]


@dataclass(frozen=True)
class Held:
    """A table whose rows are held whole.

    `births` maps the actions that write a new row to the key of their payload that names it, by its `named` column;
    `also` are the other actions that carry its hash. `free` columns are not held; `gone` says of the last event that
    told of a row whether the row may be taken away since.
    """

    model: type[Any]
    births: Mapping[str, str]
    also: Sequence[str] = ()
    named: str = "id"
    free: Sequence[str] = ()
    gone: Gone | None = None

    @property
    def table(self) -> str:
        return str(self.model.__table__.name)


_held: dict[type[Any], Held] = {}


def hold(held: Held) -> Held:
    """Make a table known as held."""
    _held[held.model] = held
    return held


def held_tables() -> dict[str, Sequence[str]]:
    """The names of the tables that are held, each with its free columns."""
    return {one.table: one.free for one in _held.values()}


def imprint(row: Any) -> str:
    """The hash of everything a row says; "" where it can't be said in JSON."""
    free = _held[type(row)].free
    said = {column.key: _plain(getattr(row, column.key)) for column in row.__table__.columns}
    kept = {name: value for name, value in said.items() if value is not None and name not in free}
    try:
        return digest({"table": row.__table__.name, "row": kept})
    except (ValueError, TypeError):
        return ""


def sealed(*written: Any) -> dict[str, dict[str, str]]:
    """What an event's payload says of the rows that it writes; they are flushed already."""
    return {SEALED: {f"{row.__table__.name}:{row.id}": imprint(row) for row in written}}


@dataclass
class _Told:
    """What the chains say of rows: the last event that carries a row's hash, and the names without one."""

    last: dict[str, tuple[AuditEvent, Mapping[str, Any], Any]] = field(default_factory=dict)
    unhashed: dict[str, dict[Any, AuditEvent]] = field(default_factory=lambda: defaultdict(dict))


def compare(
    session: Session, held: Sequence[Held], where: Callable[[Held], Any], chains: Sequence[str]
) -> Iterator[Problem]:
    """What is wrong with the rows of these tables, as far as `where` reaches, against what `chains` say of them; of two
    chains the later one holds. A statement, and one a table."""
    told = _told(session, held, chains)
    found: list[Problem] = []
    for one in held:
        there = set()
        for row in rows(session, one.model, where(one), found):
            there.add(getattr(row, one.named))
            event, _, said = told.last.pop(f"{one.table}:{row.id}", (None, None, None))
            if event is not None and said != imprint(row):
                yield Problem(event.chain, one.table, row.id, CHANGED, event.seq)
            elif event is None and getattr(row, one.named) not in told.unhashed[one.table]:
                chain = f"case:{row.case_id}" if hasattr(row, "case_id") else chains[-1]
                yield Problem(chain, one.table, row.id, UNTOLD)
        for name in [name for name in told.last if name.startswith(f"{one.table}:")]:
            event, payload, _ = told.last.pop(name)
            number = name.partition(":")[2]
            if one.gone is None or not one.gone(event, payload):
                row_id = int(number) if number.isdecimal() else None
                yield Problem(event.chain, one.table, row_id, MISSING, event.seq)
        if one.named == "id":
            for row_id, event in told.unhashed[one.table].items():
                if row_id not in there:
                    yield Problem(event.chain, one.table, row_id, MISSING, event.seq)
    yield from found


def _told(session: Session, held: Sequence[Held], chains: Sequence[str]) -> _Told:
    actions = {action for one in held for action in (*one.births, *one.also)}
    order = {chain: number for number, chain in enumerate(chains)}
    which = and_(AuditEvent.chain.in_(chains), AuditEvent.action.in_(actions))
    told = _Told()
    for event in sorted(rows(session, AuditEvent, which, []), key=lambda one: (order[one.chain], one.seq)):
        said = said_by(event)
        seals = said.get(SEALED)
        if isinstance(seals, dict):
            told.last.update({str(name): (event, said, value) for name, value in seals.items()})
            continue
        for one in held:
            name = said.get(one.births.get(event.action, ""))
            if isinstance(name, int | str):
                told.unhashed[one.table].setdefault(name, event)
    for one in held:  # written again since, with a hash
        if one.named == "id":
            hashed = {name.partition(":")[2] for name in told.last if name.startswith(f"{one.table}:")}
            names = told.unhashed[one.table]
            told.unhashed[one.table] = {
                name: event for name, event in names.items() if str(name) not in hashed
            }
    return told


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return value.isoformat() if isinstance(value, date) else value
