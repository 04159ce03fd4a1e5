"""The template: a sheet to fill with headings, choices and an example, and one that explains each column."""

from __future__ import annotations

import io
from datetime import date
from typing import Final

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from catalogue.sheets.columns import COLUMNS, EXAMPLE, NUMBER
from catalogue.sheets.reading import MAX_ROWS

SHEET: Final = "Produk"
HELP: Final = "Petunjuk"
_WIDTHS: Final = {"name": 32, "description": 60, "materials": 32, NUMBER: 9}
_EXAMPLE: Final[dict[str, str | int | date]] = {
    NUMBER: EXAMPLE,
    "name": "Tas anyaman purun",
    "description": "Tas anyaman tangan dari purun danau, ukuran 35 × 28 cm, tali kulit sapi.",
    "category": "Kriya",
    "group": "Kerajinan",
    "market_level": "Nasional",
    "unit": "buah",
    "price_rupiah": 95_000,
    "capacity_per_month": 120,
    "stock": 14,
    "lead_time_days": 7,
    "materials": "Purun danau dan kulit sapi",
    "weight_gram": 400,
    "size": "35 × 28 cm",
    "tkdn_share": 40,
    "price_evidence.0.source": "Pasar Sudirman",
    "price_evidence.0.observed_on": date(2024, 3, 12),
    "price_evidence.0.price_rupiah": 92_000,
    "price_evidence.1.source": "INAPROC",
    "price_evidence.1.observed_on": date(2024, 3, 13),
    "price_evidence.1.price_rupiah": 101_000,
}
_KINDS: Final = {
    "line": "teks satu baris",
    "text": "teks",
    "choice": "pilih dari daftar",
    "money": "rupiah bulat",
    "count": "bilangan bulat",
    "date": "tanggal",
    "share": "persen, 0 sampai 100",
    "number": "bebas",
}


def workbook() -> bytes:
    """The template as a file. Row 1 holds the headings (an asterisk: needed before submitting), row 2 an example."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None  # noqa: S101 - a new workbook has one
    sheet.title = SHEET
    head = PatternFill("solid", fgColor="FF23406F")
    for place, column in enumerate(COLUMNS, 1):
        letter = get_column_letter(place)
        cell = sheet.cell(1, place, column.heading + (" *" if column.required else ""))
        cell.font, cell.fill = Font(bold=True, color="FFFFFFFF"), head
        cell.alignment = Alignment(wrap_text=True, vertical="center")
        example = sheet.cell(2, place, _EXAMPLE.get(column.key))
        example.font = Font(italic=True, color="FF6A6259")
        sheet.column_dimensions[letter].width = _WIDTHS.get(column.key, 18)
        if column.kind == "date":
            for row in range(2, MAX_ROWS + 3):
                sheet.cell(row, place).number_format = "dd-mm-yyyy"
        if column.choices:
            listed = DataValidation(
                "list", formula1='"' + ",".join(column.choices.values()) + '"', allow_blank=True
            )
            listed.error, listed.errorTitle = "Pilih salah satu dari daftar.", column.heading
            listed.showErrorMessage = True
            listed.add(f"{letter}2:{letter}{MAX_ROWS + 2}")
            sheet.add_data_validation(listed)
    sheet.row_dimensions[1].height = 32
    sheet.freeze_panes = "C2"
    _explain(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _explain(book: Workbook) -> None:
    page = book.create_sheet(HELP)
    lines: list[tuple[str, ...]] = [
        (
            f"Isi satu produk satu baris di lembar {SHEET}, paling banyak {MAX_ROWS} baris. Jangan ubah kepala kolom.",
        ),
        (
            "Kolom bertanda * perlu diisi sebelum produk diajukan; konsepnya boleh diimpor dahulu, dilengkapi nanti.",
        ),
        ("Foto ditambahkan di halaman produk sesudah diimpor. Tulis nilai, bukan rumus.",),
        (),
        ("Kolom", "Isi", "Perlu", "Keterangan"),
    ]
    for column in COLUMNS:
        choices = " / ".join(column.choices.values()) if column.choices else ""
        hint = ". ".join(one for one in (column.hint.rstrip("."), choices) if one)
        lines.append((column.heading, _KINDS[column.kind], "ya" if column.required else "", hint))
    for row in lines:
        page.append(list(row))
    for cell in page[5]:
        cell.font = Font(bold=True)
    for letter, width in (("A", 26), ("B", 24), ("C", 8), ("D", 90)):
        page.column_dimensions[letter].width = width
