"""What a preview shows beside the remarks: its good lines, and providers that nobody knows with whom they may mean."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Final

from sqlalchemy import select

from sales import aliases, imports, layouts
from sales.models import ImportLine, PurchaseImport
from sales.parsing import Line, PurchaseFile
from sales.providers import nearest, plain
from tenants import scope
from tenants.database import session
from tenants.models import Upt

LISTED_WITHIN: Final = 10_000
"""Lines of a file among which the good ones are listed: they are read from the file each time."""
LARGEST: Final = 4 * 1024 * 1024
"""Bytes of a file that is read for a page."""


@dataclass(frozen=True)
class GoodLines:
    """Good lines by number; `next_line` is where to go on, None at the end of what is listed."""

    lines: list[Line]
    next_line: int | None


@dataclass(frozen=True)
class Stranger:
    """A provider's name that nobody knows, on how many of the lines looked at, and the own UPT that it resembles."""

    name: str
    lines: int
    likely_upt_id: int | None


def lists_good(found: PurchaseImport) -> bool:
    """Whether a preview's good lines can be listed."""
    return found.state == "preview" and bool(found.good) and found.size_bytes <= LARGEST


def good_lines(found: PurchaseImport, *, after: int = 0, limit: int = 200) -> GoodLines:
    """The good lines of a preview after line `after`, read from its file. Three statements."""
    if not lists_good(found) or after > LISTED_WITHIN:
        return GoodLines([], None)
    book = aliases.book(session())
    source = PurchaseFile(imports.opened(found), layouts.of(found))
    lines = source.lines(book, own=scope.current().tenant_id, today=found.as_of)
    good = (line for line in lines if line.purchase is not None and line.number > after)
    page = list(islice(good, limit + 1))
    return GoodLines(page[:limit], page[limit - 1].number if len(page) > limit else None)


def own_upts() -> list[tuple[int, str, str]]:
    """The Kanwil's UPT: id, short name, register name. One statement."""
    rows = session().execute(select(Upt.id, Upt.short_name, Upt.name).order_by(Upt.short_name))
    return [(upt_id, short, name) for upt_id, short, name in rows]


def strangers(lines: Iterable[ImportLine], upts: list[tuple[int, str, str]]) -> list[Stranger]:
    """The providers on these lines that nobody knows, the commonest first. Two statements."""
    names = Counter(
        " ".join(line.raw.get("penyedia", "").split())
        for line in lines
        if any(issue["field"] == "penyedia" and issue["level"] == "error" for issue in line.issues)
    )
    names.pop("", None)
    if not names:
        return []
    book = aliases.book(session())
    named = [(upt_id, full) for upt_id, _, full in upts]
    found = []
    for name, count in names.most_common():
        if book.find(name) is None and plain(name):
            found.append(Stranger(name, count, nearest(name, named)))
    return found
