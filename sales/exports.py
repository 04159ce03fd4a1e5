"""Lists as files, XLSX and CSV, where no text ever becomes a formula; purchases in the layout in which they came."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from tempfile import SpooledTemporaryFile
from typing import Final

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from sales.checks import FORMULA_SIGNS
from sales.columns import KEYS
from sales.models import Purchase
from sales.queries import Filters, every

_WIDTHS: Final = (18, 20, 28, 44, 40, 30, 12, 10, 14, 12, 16, 10)


def harmless(text: str) -> str:
    """Text for CSV: what a spreadsheet would compute gets an apostrophe in front, which it shows as text."""
    return f"'{text}" if text.startswith(FORMULA_SIGNS) or text.strip().startswith(FORMULA_SIGNS) else text


def as_csv(filters: Filters) -> Iterator[str]:
    """The purchases that the filters leave as CSV, a piece at a time. Dates ISO, amounts whole rupiah."""
    return csv_of(KEYS, _rows(every(filters)))


def as_xlsx(filters: Filters) -> bytes:
    """The purchases that the filters leave as a workbook: dates and numbers as such, every text as text."""
    return xlsx_of("Pembelian", KEYS, _WIDTHS, _rows(every(filters)))


def csv_of(head: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Any list as CSV, a piece at a time."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(head)
    for number, row in enumerate(rows, 1):
        writer.writerow([harmless(cell) if isinstance(cell, str) else cell for cell in row])
        if number % 500 == 0:
            yield out.getvalue()
            out.seek(0)
            out.truncate()
    yield out.getvalue()


def xlsx_of(
    title: str, head: Sequence[str], widths: Sequence[int], rows: Iterable[Sequence[object]]
) -> bytes:
    """Any list as a workbook of one sheet."""
    book = Workbook(write_only=True)
    sheet: WriteOnlyWorksheet = book.create_sheet(title)
    for position, width in enumerate(widths):
        sheet.column_dimensions[chr(ord("A") + position)].width = width  # type: ignore[attr-defined]
    sheet.freeze_panes = "A2"
    sheet.append(list(head))
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


def _rows(purchases: Iterable[Purchase]) -> Iterator[list[object]]:
    """Purchases in the order of the columns of an export."""
    for row in purchases:
        yield [
            *(row.package_id, row.commodity, row.product_name, row.provider_name, row.buyer_unit),
            *(row.buyer_institution, row.purchased_on, row.quantity, row.unit_price_rupiah),
            *(row.shipping_rupiah, row.total_rupiah, row.status),
        ]
