"""Templates as an operator fills them."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

from openpyxl import load_workbook

from catalogue.sheets.columns import COLUMNS
from catalogue.sheets.template import SHEET, workbook

WHOLE: dict[str, Any] = {
    "name": "Keranjang rotan",
    "description": "Keranjang rotan anyam rapat, cocok untuk buah dan cucian ringan.",
    "category": "Kriya",
    "group": "kerajinan",
    "market_level": "Nasional",
    "unit": "buah",
    "price_rupiah": 95000,
    "capacity_per_month": 120,
    "stock": 14,
    "lead_time_days": "7",
    "materials": "Rotan",
    "weight_gram": 400.0,
    "tkdn_share": 40,
    "price_evidence.0.source": "Pasar Sudirman",
    "price_evidence.0.observed_on": date(2024, 3, 1),
    "price_evidence.0.price_rupiah": "Rp92.000",
    "price_evidence.2.source": "INAPROC",
    "price_evidence.2.observed_on": "02-03-2024",
    "price_evidence.2.price_rupiah": 101000,
}


def filled(*rows: dict[str, Any]) -> bytes:
    """The template with these rows below its example; keys are those of `catalogue.sheets.columns`."""
    book = load_workbook(io.BytesIO(workbook()))
    places = {column.key: at for at, column in enumerate(COLUMNS, 1)}
    for number, row in enumerate(rows, 3):
        for key, value in row.items():
            book[SHEET].cell(number, places[key], value)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
