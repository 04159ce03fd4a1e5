"""What a filled template says: each row as a draft's content, and what is wrong with it, by column."""

from __future__ import annotations

import io
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from catalogue import content as contents
from catalogue.checks import problems
from catalogue.sheets.columns import COLUMNS, EXAMPLE, NUMBER, SETS, Column, heading_of, recognised
from catalogue.terms import ALIASES
from tenants import sheet_xlsx
from tenants.errors import FileTooLarge, NotASheet, UnreadableFile
from tenants.said import say
from tenants.sheet_rows import Cell, RawRow
from tenants.words import N_

MAX_ROWS: Final = 200
MAX_BYTES: Final = 5 * 1024 * 1024
HEADER_WITHIN: Final = 10
FORMULA: Final = N_("Sel ini berisi rumus; tulis nilainya.")
NAMELESS: Final = N_("Nama produk wajib diisi.")


@dataclass(frozen=True)
class Issue:
    """What is wrong with a cell. An ``error`` keeps the row out; a ``notice`` is due before the draft is submitted."""

    key: str
    reason: str
    level: str

    @property
    def heading(self) -> str:
        return heading_of(self.key)


@dataclass(frozen=True)
class SheetRow:
    """A row by its number in the sheet, as the content of a draft."""

    number: int
    content: dict[str, Any]
    issues: list[Issue] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        return not any(issue.level == "error" for issue in self.issues)

    @property
    def name(self) -> str:
        return str(self.content.get("name") or "")


def read(file: bytes, *, today: date) -> list[SheetRow]:
    """The rows of a filled template, without the example and without empty ones.

    `today` is the day in the Kanwil's calendar.

    Raises:
        UnreadableFile: empty, damaged, without the template's headings, or without a row.
        FileTooLarge: beyond 5 MB, 200 rows, or what a compressed file may unfold to.
        NotASheet: not XLSX by its content, or with macros.
    """
    if len(file) > MAX_BYTES:
        raise FileTooLarge(N_("Berkas paling besar 5 MB."))
    if not file:
        raise UnreadableFile(N_("Berkas ini kosong."))
    if not file.startswith(b"PK\x03\x04"):
        raise NotASheet(N_("Unggah berkas XLSX yang dibuat dari templat."))
    rows: list[SheetRow] = []
    header: dict[int, Column] = {}
    with closing(sheet_xlsx.opened(io.BytesIO(file))) as book:
        for raw in sheet_xlsx.rows(book, book.sheetnames[0]):
            if not header:
                header = _header(raw)
                continue
            if _says(raw, header, NUMBER) == EXAMPLE or _is_blank(raw, header):
                continue
            if len(rows) == MAX_ROWS:
                raise FileTooLarge(
                    say(N_("Paling banyak %(max_rows)s produk dalam satu berkas."), max_rows=MAX_ROWS)
                )
            rows.append(_row(raw, header, today))
    if not header:
        raise UnreadableFile(
            N_("Kepala kolomnya tidak ditemukan. Pakai templat yang diunduh dari halaman ini.")
        )
    if not rows:
        raise UnreadableFile(N_("Belum ada produk di berkas ini. Isi mulai baris di bawah contoh."))
    return rows


def _header(raw: RawRow) -> dict[int, Column]:
    found = recognised(raw)
    keys = {column.key for column in found.values()}
    if "name" in keys and len(keys) >= 4:
        missing = [column.heading for column in COLUMNS if column.required and column.key not in keys]
        if missing:
            raise UnreadableFile(
                say(N_("Kolom ini hilang dari berkas: %(missing)s."), missing=", ".join(missing))
            )
        return found
    if raw.number >= HEADER_WITHIN:
        raise UnreadableFile(
            N_("Kepala kolomnya tidak ditemukan. Pakai templat yang diunduh dari halaman ini.")
        )
    return {}


def _says(raw: RawRow, header: Mapping[int, Column], key: str) -> str:
    place = next((at for at, column in header.items() if column.key == key), None)
    value = raw.cells[place] if place is not None and place < len(raw.cells) else None
    return str(value or "").strip().casefold()


def _is_blank(raw: RawRow, header: Mapping[int, Column]) -> bool:
    return all(
        raw.cells[at] in (None, "")
        for at, column in header.items()
        if column.key != NUMBER and at < len(raw.cells)
    )


def _row(raw: RawRow, header: Mapping[int, Column], today: date) -> SheetRow:
    given: dict[str, Any] = {}
    issues: list[Issue] = []
    for at, column in header.items():
        if column.key == NUMBER or at >= len(raw.cells):
            continue
        if at in raw.formulas:
            issues.append(Issue(column.key, FORMULA, "error"))
        elif raw.cells[at] not in (None, ""):
            given[column.key] = _value(column, raw.cells[at])
    evidence, sets = _evidence(given)
    asked = {key: value for key, value in given.items() if "." not in key} | {"price_evidence": evidence}
    content, unreadable = contents.read(asked)
    said = {issue.key for issue in issues}
    for path, reason in unreadable.items():
        issues.append(Issue(_in_sheet(path, sets), reason, "error"))
    if not content.get("name") and "name" not in said | unreadable.keys():
        issues.append(Issue("name", NAMELESS, "error"))
    said = {issue.key for issue in issues}
    for path, reason in problems(content, today=today).items():
        key = _in_sheet(path, sets)
        if key != "photos" and key not in said:
            issues.append(Issue(key, reason, "notice"))
    order = {column.key: at for at, column in enumerate(COLUMNS)}
    issues.sort(key=lambda issue: (issue.level != "error", order.get(issue.key, len(order))))
    return SheetRow(raw.number, asked, issues)


def _evidence(given: Mapping[str, Any]) -> tuple[list[dict[str, Any]], list[int]]:
    """The comparison prices that hold anything, and in which of the repeated columns each stood."""
    rows, sets = [], []
    for at in range(SETS):
        prefix = f"price_evidence.{at}."
        row = {key.removeprefix(prefix): value for key, value in given.items() if key.startswith(prefix)}
        if row:
            rows.append(row)
            sets.append(at)
    return rows, sets


def _in_sheet(path: str, sets: list[int]) -> str:
    """The path of a field's problem as the key of a column of the sheet."""
    name, _, rest = path.partition(".")
    place, _, cell = rest.partition(".")
    if name != "price_evidence" or not place.isdigit():
        return path
    return f"{name}.{sets[int(place)]}.{cell}"


def _value(column: Column, cell: Cell) -> Any:
    """A cell as somebody would have typed it into the editor."""
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if column.kind == "choice":
        word = " ".join(str(cell).split()).casefold()
        labels = {label.casefold(): key for key, label in (column.choices or {}).items()}
        key = labels.get(word) or ALIASES.get(word)
        return key if key in (column.choices or {}) else str(cell)
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        if column.kind == "share":
            return cell if cell <= 1 else f"{cell:g}"
        if column.kind in ("money", "count"):
            return cell
        return str(int(cell)) if float(cell).is_integer() else str(cell)
    return str(cell)
