"""Columns that go by other names: a Kanwil says once which is which, and the same header is recognised from then on."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Final

from sqlalchemy import select

from sales.checks import STATUSES
from sales.columns import KEYS, LABELS, REQUIRED, Layouts, fingerprint, likely_header, plain, recognised
from sales.errors import ImportNotFound, UnreadableFile
from sales.models import ColumnLayout, NationalImport, PurchaseImport
from sales.parsing import EXAMPLES, top_of
from sales.providers import ProviderBook
from tenants.database import session, transaction
from tenants.errors import Invalid
from tenants.officers import Actor
from tenants.said import say
from tenants.sheet_rows import RawRow
from tenants.words import N_, read_date
from workflows import audit

MOST: Final = 200
"""Layouts that a Kanwil keeps; the oldest give way."""


@dataclass(frozen=True)
class Top:
    """The top of a file whose columns are to be explained."""

    header: RawRow
    columns: list[tuple[int, str, list[str]]]
    """Position, name, and examples from the rows below."""
    suggested: dict[str, int]
    """What the usual names give, and what the rows below tell: a day, a status, a provider."""
    rows: list[RawRow]


def known() -> dict[str, dict[str, int]]:
    """The headers that the Kanwil in scope explained. One statement."""
    rows = session().execute(select(ColumnLayout.fingerprint, ColumnLayout.positions))
    return dict(rows.all())


def of(found: PurchaseImport) -> Layouts | None:
    """The headers with which an import reads its file; a part of the country's file is read as the centre read it."""
    if found.national_id is None:
        return known()
    asked = select(NationalImport.layout).where(NationalImport.id == found.national_id)
    read_as: Layouts | None = session().scalars(asked).first()
    return read_as


def every() -> list[ColumnLayout]:
    """The Kanwil's layouts, newest first. One statement."""
    return list(session().scalars(select(ColumnLayout).order_by(ColumnLayout.id.desc())))


def top(file: BinaryIO, header_line: int | None = None, names: ProviderBook | None = None) -> Top:
    """What there is to explain. `header_line`: the row that people say is the header; `names`: who a provider may be.

    Raises:
        UnreadableFile: no row could be a header.
    """
    rows = top_of(file)
    header = likely_header(rows)
    if header_line is not None:
        header = next((row for row in rows if row.number == header_line), header)
    if header is None:
        raise UnreadableFile(N_("Kepala kolom tidak ditemukan di berkas ini."))
    below = [row for row in rows if row.number > header.number][:EXAMPLES]
    columns = []
    for position, cell in enumerate(header.cells):
        examples = [_text(row, position) for row in below]
        if cell in (None, "") and not any(examples):
            continue
        columns.append((position, " ".join(str(cell or "").split()), [text for text in examples if text]))
    return Top(header, columns, _suggested(recognised(header).positions, columns, names), rows)


def _suggested(
    named: dict[str, int], columns: list[tuple[int, str, list[str]]], names: ProviderBook | None
) -> dict[str, int]:
    """What the names give, completed by what the examples can only be."""
    found = dict(named)
    tests: dict[str, Callable[[str], bool]] = {
        "tanggal": _is_day,
        "status": lambda text: " ".join(text.casefold().split()) in STATUSES,
        "penyedia": lambda text: names is not None and names.find(text) is not None,
    }
    for key, test in tests.items():
        if key not in found:
            fits = [at for at, _, examples in columns if examples and all(map(test, examples))]
            free = [at for at in fits if at not in found.values()]
            if free:
                found[key] = free[0]
    return found


def _is_day(text: str) -> bool:
    try:
        read_date(text)
    except ValueError:
        return False
    return True


def _text(row: RawRow, position: int) -> str:
    value = row.cells[position] if position < len(row.cells) else None
    return "" if value is None else " ".join(str(value).split())[:40]


def learn(
    file: BinaryIO,
    positions: Mapping[str, int],
    *,
    header_line: int | None = None,
    by: Actor,
    now: datetime,
) -> ColumnLayout:
    """Remember which column of this file's header is which: key -> position from 0. A header learned before is
    explained anew. One audit event.

    Raises:
        Invalid: a required column has none, two keys share one, or a position is none of the header.
        UnreadableFile: no row could be a header.
    """
    said = read(file, positions, header_line)
    with transaction() as db:
        layout = db.scalars(select(ColumnLayout).where(ColumnLayout.fingerprint == said.fingerprint)).first()
        if layout is None:
            layout = ColumnLayout(fingerprint=said.fingerprint)
            db.add(layout)
        layout.names, layout.positions = said.names, said.positions
        layout.set_by_name, layout.set_at = by.name[:160], now
        db.flush()
        payload = {
            "layout_id": layout.id,
            "columns": {key: said.names[at] for key, at in said.positions.items()},
        }
        audit.record(audit.KANWIL, "purchases.columns", payload, by=by, now=now)
        for old in db.scalars(select(ColumnLayout).order_by(ColumnLayout.set_at.desc()).offset(MOST)):
            db.delete(old)
    return layout


@dataclass(frozen=True)
class Said:
    """What somebody said of a header: by what it is known again, its names, and which position holds which key."""

    fingerprint: str
    names: list[str]
    positions: dict[str, int]


def read(file: BinaryIO, positions: Mapping[str, int], header_line: int | None = None) -> Said:
    """What is said of a file's header, once it holds together.

    Raises:
        Invalid: a required column has none, two keys share one, or a position is none of the header.
        UnreadableFile: no row could be a header.
    """
    header = top(file, header_line).header
    wrong = {}
    taken: dict[int, str] = {}
    for key in KEYS:
        position = positions.get(key)
        if position is None:
            if key in REQUIRED:
                wrong[key] = N_("Pilih kolomnya.")
        elif not 0 <= position < len(header.cells):
            wrong[key] = N_("Kolom ini tidak ada di berkas.")
        elif position in taken:
            wrong[key] = say(
                N_("Kolom ini sudah dipakai untuk %(labels)s."), labels=say(LABELS[taken[position]])
            )
        else:
            taken[position] = key
    if wrong:
        raise Invalid(N_("Beberapa kolom belum jelas."), fields=wrong)
    names = [str(cell or "")[:300] for cell in header.cells]
    return Said(fingerprint(header), names, {key: position for position, key in taken.items()})


def learn_named(file: bytes, columns: Mapping[str, str], *, by: Actor, now: datetime) -> ColumnLayout:
    """The same by the names that the header gives its columns: key -> name, as a program says it.

    What `columns` leaves out is taken from the usual names.

    Raises:
        Invalid: a key or a name that is none, and as `learn`.
        UnreadableFile: no row could be a header.
    """
    opened, positions = named(file, columns)
    return learn(opened, positions, by=by, now=now)


def named(file: bytes, columns: Mapping[str, str]) -> tuple[BinaryIO, dict[str, int]]:
    """The file opened, and the position of each key by the names that `columns` gives, completed by the usual names.

    Raises:
        Invalid: a key or a name that is none.
        UnreadableFile: no row could be a header.
    """
    opened = io.BytesIO(file)
    seen = top(opened)
    by_name = {plain(name): position for position, name, _ in reversed(seen.columns)}
    positions, wrong = dict(seen.suggested), {}
    for key, name in columns.items():
        if key not in KEYS:
            wrong[str(key)] = say(N_("Kunci kolom: %(keys)s."), keys=", ".join(KEYS))
        elif plain(name) not in by_name:
            wrong[key] = say(N_("Kolom “%(name)s” tidak ada di berkas."), name=str(name)[:60])
        else:
            positions[key] = by_name[plain(name)]
    if wrong:
        raise Invalid(fields=wrong)
    return opened, positions


def forget(layout_id: int, *, by: Actor, now: datetime) -> None:
    """Forget a layout; a file with its header is asked about again. Forgetting twice changes nothing.

    Raises:
        ImportNotFound: there is none in this Kanwil.
    """
    with transaction() as db:
        layout = db.scalars(select(ColumnLayout).where(ColumnLayout.id == layout_id)).first()
        if layout is None:
            raise ImportNotFound(N_("Susunan kolom ini tidak ditemukan."))
        payload = {"layout_id": layout.id, "names": layout.names}
        db.delete(layout)
        audit.record(audit.KANWIL, "purchases.columns_forgotten", payload, by=by, now=now)
