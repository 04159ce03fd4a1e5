"""Reading rows that somebody may have broken: what can't be read any more is named, never an error."""

from __future__ import annotations

from typing import Any, TypeVar

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from tenants.said import say
from tenants.words import N_
from workflows.chains import Problem

T = TypeVar("T")
UNREADABLE = say(N_("Baris ini tidak dapat dibaca: isinya rusak."))


def rows(session: Session, model: type[T], which: Any, found: list[Problem], *, chain: str = "") -> list[T]:
    """The rows of a condition, by their key, as they stand in the database; one that can't be read is put into
    `found` and left out. `chain`: which one is named then; by default the table's own name."""
    mapper = inspect(model)
    (column,) = mapper.primary_key
    key = getattr(model, mapper.get_property_by_column(column).key)
    asked = select(model).where(which).order_by(key).execution_options(populate_existing=True)
    try:
        return list(session.scalars(asked))
    except ValueError:  # what stands there is no JSON, no instant
        ids = list(session.scalars(select(key).where(which).order_by(key)))
    read: list[T] = []
    for one in ids:
        try:
            read += session.scalars(asked.where(key == one))
        except ValueError:
            table = str(column.table.name)
            name = chain or (f"case:{one}" if table == "case_file" else table)
            found.append(Problem(name, table, one, UNREADABLE))
    return read
