"""Read XLSX without trusting it: bounded before it is unfolded, without macros, links, entities or formulas.

openpyxl streams the rows; defusedxml stands under its parser. Row numbers are the sheet's own.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO, Final
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.workbook import Workbook

from tenants.errors import FileTooLarge, NotASheet, UnreadableFile
from tenants.sheet_rows import MAX_COLUMNS, MAX_LINES, Cell, RawRow

MAX_UNFOLDED: Final = 300 * 1024 * 1024
"""Bytes of all parts together, unfolded."""
MAX_STRINGS: Final = 48 * 1024 * 1024
"""Bytes of the table of shared texts, which is held in memory."""
MAX_RATIO: Final = 250
"""How many bytes one compressed byte may become, beyond the first megabyte of a part."""
MAX_PARTS: Final = 500
_DAMAGED: Final = "Berkas XLSX ini rusak. Buka di Excel atau LibreOffice, simpan ulang, lalu unggah lagi."
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
        UnreadableFile: damaged.
    """
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise UnreadableFile(_DAMAGED) from error
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNFOLDED:
        raise FileTooLarge("Isi berkas XLSX ini terlalu besar setelah dibuka.")
    for part in parts:
        if part.file_size > 1024 * 1024 and part.file_size > MAX_RATIO * max(part.compress_size, 1):
            raise FileTooLarge("Berkas XLSX ini dimampatkan dengan cara yang tidak wajar, jadi tidak dibuka.")
        if part.filename.lower().endswith("sharedstrings.xml") and part.file_size > MAX_STRINGS:
            raise FileTooLarge("Teks di dalam berkas XLSX ini terlalu besar.")
    names = {part.filename.lower() for part in parts}
    if any(name.endswith("vbaproject.bin") for name in names):
        raise NotASheet("Berkas ini berisi makro. Simpan sebagai XLSX tanpa makro, lalu unggah lagi.")
    if "[content_types].xml" not in names or not any(name.startswith("xl/workbook") for name in names):
        raise NotASheet("Berkas ini bukan buku kerja Excel. Unggah CSV atau XLSX.")


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


def rows(book: Workbook, sheet: str) -> Iterator[RawRow]:
    """Every row of a sheet that holds anything, with its number in the sheet.

    Raises:
        UnreadableFile: the sheet breaks off or is not well-formed.
        FileTooLarge: more rows than an import takes.
    """
    page = book[sheet]
    page.reset_dimensions()
    try:
        for number, cells in enumerate(page.iter_rows(max_col=MAX_COLUMNS), 1):
            if number > MAX_LINES:
                raise FileTooLarge(f"Lembar {sheet} memuat lebih dari {MAX_LINES} baris.")
            values: list[Cell] = []
            formulas = []
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
            row = RawRow(number, tuple(values), formulas=frozenset(formulas))
            if not row.is_blank:
                yield row
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
