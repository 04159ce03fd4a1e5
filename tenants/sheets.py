"""Tables as files, CSV and XLSX, where no text ever becomes a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from tempfile import SpooledTemporaryFile
from typing import Final

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

FORMULA_SIGNS: Final = ("=", "+", "-", "@", "\t", "\r")


def harmless(text: str) -> str:
    """Text for CSV: what a spreadsheet would compute gets an apostrophe in front, which it shows as text."""
    return f"'{text}" if text.startswith(FORMULA_SIGNS) or text.strip().startswith(FORMULA_SIGNS) else text


def as_csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """A table as CSV, a piece at a time. Dates ISO, amounts whole rupiah."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(header)
    for number, row in enumerate(rows, 1):
        writer.writerow([harmless(cell) if isinstance(cell, str) else cell for cell in row])
        if number % 500 == 0:
            yield out.getvalue()
            out.seek(0)
            out.truncate()
    yield out.getvalue()


def as_xlsx(
    title: str, header: Sequence[str], rows: Iterable[Sequence[object]], widths: Sequence[int] = ()
) -> bytes:
    """A table as a workbook of one sheet: dates and numbers as such, every text as text. `widths` in characters."""
    book = Workbook(write_only=True)
    sheet: WriteOnlyWorksheet = book.create_sheet(title)
    for position, width in enumerate(widths):
        sheet.column_dimensions[chr(ord("A") + position)].width = width  # type: ignore[attr-defined]
    sheet.freeze_panes = "A2"
    sheet.append([_cell(sheet, name) for name in header])
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])
    with SpooledTemporaryFile(max_size=8 * 1024 * 1024) as out:
        book.save(out)
        out.seek(0)
        return out.read()


def _cell(sheet: WriteOnlyWorksheet, value: object) -> object:
    if isinstance(value, str):
        cell = WriteOnlyCell(sheet, value="")
        # Set past openpyxl, which takes text with an equals sign for a formula.
        cell._value = value  # type: ignore[attr-defined]
        cell.data_type = "s"
        if value.startswith(FORMULA_SIGNS):
            cell.quotePrefix = True
            cell.number_format = "@"
        return cell
    if hasattr(value, "isoformat"):
        cell = WriteOnlyCell(sheet, value=value)  # type: ignore[arg-type]
        cell.number_format = "yyyy-mm-dd"
        return cell
    return value
