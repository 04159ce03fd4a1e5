"""Read XLSX without trusting it: bounded before it is unfolded, without macros, links, entities or formulas.

openpyxl streams the rows; defusedxml stands under its parser. Row numbers are the sheet's own.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from openpyxl import load_workbook
from openpyxl.utils import column_index_from_string
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.workbook import Workbook

from tenants.errors import FileTooLarge, NotASheet, UnreadableFile
from tenants.said import say
from tenants.sheet_rows import MAX_COLUMNS, MAX_LINES, Cell, RawRow
from tenants.words import N_

MAX_UNFOLDED: Final = 300 * 1024 * 1024
"""Bytes of all parts together, unfolded."""
MAX_STRINGS: Final = 48 * 1024 * 1024
"""Bytes of the table of shared texts, which is held in memory."""
MAX_RATIO: Final = 250
"""How many bytes one compressed byte may become, beyond the first megabyte of a part."""
MAX_PARTS: Final = 500
MAX_MERGED: Final = 50_000
"""Merged ranges of a sheet that are looked at."""
_PIECE: Final = 1024 * 1024
_MERGED: Final = re.compile(rb'mergeCell\s[^>]*?ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')
_ENTITIES: Final = say(
    N_(
        "Berkas XLSX ini memuat deklarasi entitas XML, yang dapat mengembang tanpa batas, jadi tidak dibuka. "
        "Simpan ulang dari Excel atau LibreOffice."
    )
)
_DAMAGED: Final = say(
    N_("Berkas XLSX ini rusak. Buka di Excel atau LibreOffice, simpan ulang, lalu unggah lagi.")
)
_BROKEN: Final = (
    *(InvalidFileException, zipfile.BadZipFile, zlib.error, DefusedXmlException, ParseError, SyntaxError),
    *(LookupError, ValueError, TypeError, AttributeError, OSError, EOFError),
)
"""What openpyxl lets through when a workbook is not what it says; it has no error of its own for that."""


def check(file: BinaryIO) -> None:
    """Look at the archive's table of contents before anything is unfolded.

    Raises:
        FileTooLarge: it would unfold beyond the bounds.
        NotASheet: a workbook with macros, or an archive that is no workbook.
        UnreadableFile: damaged, or with declarations of entities.
    """
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise UnreadableFile(_DAMAGED) from error
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNFOLDED:
        raise FileTooLarge(N_("Isi berkas XLSX ini terlalu besar setelah dibuka."))
    for part in parts:
        if part.file_size > 1024 * 1024 and part.file_size > MAX_RATIO * max(part.compress_size, 1):
            raise FileTooLarge(
                N_("Berkas XLSX ini dimampatkan dengan cara yang tidak wajar, jadi tidak dibuka.")
            )
        if part.filename.lower().endswith("sharedstrings.xml") and part.file_size > MAX_STRINGS:
            raise FileTooLarge(N_("Teks di dalam berkas XLSX ini terlalu besar."))
    names = {part.filename.lower() for part in parts}
    if any(name.endswith("vbaproject.bin") for name in names):
        raise NotASheet(N_("Berkas ini berisi makro. Simpan sebagai XLSX tanpa makro, lalu unggah lagi."))
    if "[content_types].xml" not in names or not any(name.startswith("xl/workbook") for name in names):
        raise NotASheet(N_("Berkas ini bukan buku kerja Excel. Unggah CSV atau XLSX."))
    _check_declarations(file)


def _check_declarations(file: BinaryIO) -> None:
    """No office program declares entities; who does means them to unfold without end. Behind this, defusedxml refuses
    what is declared further down."""
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            for part in archive.infolist():
                if not part.filename.lower().endswith((".xml", ".rels")):
                    continue
                with archive.open(part) as opened_part:
                    head = opened_part.read(4096).replace(b"\x00", b"").upper()
                if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
                    raise UnreadableFile(_ENTITIES)
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, RuntimeError, EOFError) as error:
        raise UnreadableFile(_DAMAGED) from error


def opened(file: BinaryIO) -> Workbook:
    """The workbook, for reading row by row; the caller closes it.

    Raises:
        UnreadableFile, FileTooLarge, NotASheet: see `check`.
    """
    check(file)
    file.seek(0)
    try:
        return load_workbook(file, read_only=True, data_only=False, keep_links=False)
    except _BROKEN as error:
        raise UnreadableFile(_DAMAGED) from error


def names(book: Workbook) -> list[str]:
    """The sheets that hold rows, in order; charts are none."""
    return [sheet.title for sheet in book.worksheets]


@dataclass(frozen=True, slots=True)
class Survey:
    """What a sheet says of itself before its rows are read: how many it has, and which cells were merged downwards."""

    rows: int
    merged: dict[int, list[tuple[int, int]]]
    """First row of a merged range -> (position of its first column, its last row)."""


def survey(book: Workbook, sheet: str) -> Survey:
    """Look through a sheet once, in flat memory, without reading its cells.

    A range that was merged over several rows has its value in the first one alone; `rows` writes it into the others.

    Raises:
        UnreadableFile: the sheet is not there or breaks off.
        FileTooLarge: more merged ranges than anybody makes by hand.
    """
    count, merged, tail = 0, bytearray(), b""
    try:
        with book._archive.open(book[sheet]._worksheet_path) as part:  # type: ignore[attr-defined]
            while piece := part.read(_PIECE):
                piece, cut = tail + piece, 0
                if not merged:
                    cut = piece.rfind(b">") + 1
                    count += piece.count(b"<row ", 0, cut) + piece.count(b":row ", 0, cut)
                    start = piece.find(b"mergeCells", 0, cut)
                    if start >= 0:
                        merged += piece[start:]
                        cut = len(piece)
                else:
                    merged += piece
                    cut = len(piece)
                tail = piece[cut:]
                if len(tail) > 4 * _PIECE:
                    raise UnreadableFile(_DAMAGED)  # no cell is that long
                if len(merged) > 64 * MAX_MERGED:
                    raise FileTooLarge(N_("Lembar ini memuat terlalu banyak sel gabungan."))
    except (KeyError, AttributeError, zipfile.BadZipFile, zlib.error, OSError, EOFError) as error:
        raise UnreadableFile(_DAMAGED) from error
    found: dict[int, list[tuple[int, int]]] = {}
    for left, top, _, bottom in _MERGED.findall(bytes(merged)):
        position, first, last = column_index_from_string(left.decode()) - 1, int(top), int(bottom)
        if last > first and position < MAX_COLUMNS:
            found.setdefault(first, []).append((position, last))
    return Survey(count, found)


class _Merged:
    """Writes the value of a range that was merged downwards into its lower rows."""

    def __init__(self, ranges: dict[int, list[tuple[int, int]]]) -> None:
        self._ranges = ranges
        self._open: dict[int, tuple[int, Cell, bool]] = {}

    def fill(self, number: int, values: list[Cell], formulas: list[int]) -> None:
        for position, (last, value, computed) in list(self._open.items()):
            if number > last:
                del self._open[position]
            elif position < len(values) and values[position] in (None, ""):
                values[position] = value
                if computed:
                    formulas.append(position)
        for position, last in self._ranges.get(number, ()):
            if position < len(values):
                self._open[position] = (last, values[position], position in formulas)


def rows(
    book: Workbook, sheet: str, merged: dict[int, list[tuple[int, int]]] | None = None
) -> Iterator[RawRow]:
    """Every row of a sheet that holds anything, with its number in the sheet. `merged`: see `survey`.

    Raises:
        UnreadableFile: the sheet breaks off or is not well-formed.
        FileTooLarge: more rows than an import takes.
    """
    page = book[sheet]
    page.reset_dimensions()
    ranges = _Merged(merged) if merged else None
    try:
        for number, cells in enumerate(page.iter_rows(max_col=MAX_COLUMNS), 1):
            if number > MAX_LINES:
                raise FileTooLarge(
                    say(
                        N_("Lembar %(sheet)s memuat lebih dari %(max_lines)s baris."),
                        sheet=sheet,
                        max_lines=MAX_LINES,
                    )
                )
            values: list[Cell] = []
            formulas: list[int] = []
            for position, cell in enumerate(cells):
                value = cell.value
                if isinstance(value, str):
                    value = value.strip()
                    if cell.data_type == "f":
                        formulas.append(position)
                elif cell.data_type == "f":
                    value = "="
                    formulas.append(position)
                elif value is not None and not isinstance(value, Cell):
                    value = str(value)
                values.append(value)
            if all(value is None or value == "" for value in values):
                continue
            if ranges is not None:
                ranges.fill(number, values, formulas)
            yield RawRow(number, tuple(values), formulas=frozenset(formulas))
    except (
        DefusedXmlException,
        ParseError,
        KeyError,
        ValueError,
        TypeError,
        zipfile.BadZipFile,
        EOFError,
    ) as error:
        raise UnreadableFile(_DAMAGED) from error
