"""What the full-text index of each database is asked, so that a common word costs no more than a rare one.

SQLite's FTS5 hands out its hits by number, newest first, and stops when it is told to. PostgreSQL can't walk its GIN
index in an order. There one statement looks at three stretches, each only if the ones before gave too little: the
newest numbers, which are enough for a word that is common; a longer one before them, by marks for blocks of numbers;
and all the rest, where what was rare so far is rare, or at least not more than it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Select,
    column,
    func,
    literal,
    literal_column,
    select,
    table,
    text,
    union_all,
)
from sqlalchemy.orm import Session

from catalogue.models import PublishedFacet
from catalogue.stemming import stem
from catalogue.window.filters import EITHER, Filters
from catalogue.window.tally import tally

NEAR: Final = 20_000
MIDDLE: Final = 100_000
BLOCK: Final = 4096
"""So many numbers share a mark in PostgreSQL's index: see `catalogue.ddl`."""
_INDEX = table("published_search", column("rowid"), column("published_search"))
_VECTOR: Any = literal_column("published_facet.search_vector")
_SIMPLE: Any = literal_column("'simple'")
_ENDLESS: Final = 2**31 - 1
_number: Any = PublishedFacet.product_id
_PLANNED = text(
    "SELECT set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true), "
    "set_config('max_parallel_workers_per_gather', '0', true), "
    "set_config('plan_cache_mode', 'force_custom_plan', true)"
)


@dataclass(frozen=True)
class Asked:
    """A search: its words, and whether the last one may be only begun."""

    words: tuple[str, ...] = ()
    begun: bool = False

    def terms(self) -> list[str]:
        """Each word with its stem, joined by `EITHER`."""
        return [EITHER.join(dict.fromkeys((word, stem(word)))) for word in self.words]

    def spoken(self, marks: Sequence[str], either: str, begun: str, both: str) -> str:
        """The words and marks in the words of a database."""
        said = []
        for place, term in enumerate([*self.terms(), *marks]):
            forms = term.split(EITHER)
            if self.begun and place == len(self.words) - 1:
                forms[0] += begun
            said.append(f"({either.join(forms)})")
        return both.join(said)


def hits_of(
    session: Session,
    sought: Asked,
    filters: Filters,
    columns: Sequence[Any],
    *,
    before: int | None = None,
    limit: int,
) -> Select[Any]:
    """A statement: number and `columns` of at most `limit` published products, the newest that hold every word within
    the filters and are numbered before `before`."""
    wanted = (_number, *columns)
    postgresql = session.get_bind().dialect.name == "postgresql"
    narrow = filters.conditions(plain=not postgresql)
    if before is not None:
        narrow.append(_number < before)
    marks = filters.marks()
    if not sought.words and len(marks) < 2 and not _rare_alone(filters, session):
        narrow = filters.conditions() + ([_number < before] if before is not None else [])
        return select(*wanted).where(*narrow).order_by(_number.desc()).limit(limit)
    if postgresql:
        return _of_postgresql(session, sought, marks, wanted, narrow, before, limit)
    match = literal(sought.spoken([*marks, *filters.price_marks()], " OR ", " *", " AND "))
    return (
        select(*wanted)
        .select_from(_INDEX)
        .join(PublishedFacet, _INDEX.c.rowid == _number)
        .where(_INDEX.c.published_search.op("MATCH")(match), *narrow)
        .order_by(_INDEX.c.rowid.desc())
        .limit(limit)
    )


def _rare_alone(filters: Filters, session: Session) -> bool:
    """A price alone, or a facet without an index of its own, is looked up in SQLite's full-text index."""
    own = filters.category or filters.kanwil or filters.upt
    return session.get_bind().dialect.name == "sqlite" and not own and filters.any()


def _of_postgresql(
    session: Session,
    sought: Asked,
    marks: Sequence[str],
    wanted: Sequence[Any],
    narrow: list[ColumnElement[bool]],
    before: int | None,
    limit: int,
) -> Select[Any]:
    session.execute(_PLANNED)
    last = tally(session).last
    end = last + 1 if before is None else min(before, last + 1)
    near, middle = end - NEAR, end - NEAR - MIDDLE
    first = _stretch(sought, marks, wanted, [*narrow, _number >= near], limit).order_by(_number.desc())
    newest = first.cte().prefix_with("MATERIALIZED")
    # Not by the number itself: the planner would walk its index through everything that doesn't match.
    backwards = (_number + 0).desc()
    between = [*narrow, _number + 0 >= middle, _number + 0 < near, _counted(newest) < limit]
    second = _stretch(sought, [*marks, _blocks(middle, near)], wanted, between, limit).order_by(backwards)
    older = second.cte().prefix_with("MATERIALIZED")
    beyond = [*narrow, _number + 0 < middle, _counted(newest) + _counted(older) < limit]
    oldest = _stretch(sought, marks, wanted, beyond, limit).order_by(backwards).subquery()
    every = union_all(select(*newest.c), select(*older.c), select(*oldest.c)).subquery()
    return select(*every.c).order_by(every.c[0].desc()).limit(limit)


def _stretch(
    sought: Asked, marks: Sequence[str], wanted: Sequence[Any], narrow: list[ColumnElement[bool]], limit: int
) -> Select[Any]:
    held = _VECTOR.op("@@")(func.to_tsquery(_SIMPLE, sought.spoken(marks, " | ", ":*", " & ")))
    return select(*wanted).where(held, *narrow).limit(limit)


def _blocks(first: int, last: int) -> str:
    """The marks of the blocks that the numbers from `first` to `last` lie in, as alternatives."""
    return EITHER.join(f"xbx{block}" for block in range(max(0, first) // BLOCK, max(0, last) // BLOCK + 1))


def _counted(part: Any) -> Any:
    return select(func.count()).select_from(part).scalar_subquery()
