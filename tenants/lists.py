"""Asking for many rows by their keys at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, any_, bindparam, text
from sqlalchemy.orm import Session

from tenants import database

_BY_VALUES = text("SET LOCAL plan_cache_mode = force_custom_plan")
_AS_USUAL = text("SET LOCAL plan_cache_mode = auto")


def among(column: Any, values: Iterable[Any]) -> ColumnElement[bool]:
    """Whether a column is one of many values; PostgreSQL gets them as one array. Asked `by_values`."""
    wanted = list(values)
    if database.db.settings.dialect != "postgresql":
        return column.in_(wanted)  # type: ignore[no-any-return]
    array = bindparam(None, wanted, type_=ARRAY(column.type), unique=True)
    return column == any_(array)  # type: ignore[no-any-return]


@contextmanager
def by_values(session: Session) -> Iterator[None]:
    """Have PostgreSQL plan what is asked here by its values, not by what it noted when the table was small.

    A plan that it keeps doesn't know the values of `among` and compares each row with each of them, which for a table
    that grows within the transaction makes minutes out of seconds. Two statements there, none on SQLite.
    """
    postgresql = database.db.settings.dialect == "postgresql"
    if postgresql:
        session.execute(_BY_VALUES)
    yield
    if postgresql:
        session.execute(_AS_USUAL)
