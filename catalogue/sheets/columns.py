"""The columns of the template: their headings, and the field (or the cell of a row of price evidence) behind each."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from catalogue.content import BY_KEY, EVIDENCE
from tenants.sheet_rows import RawRow

NUMBER: Final = "number"
EXAMPLE: Final = "contoh"
"""What the example row says in its first column; such a row is left out."""
SETS: Final = 3
"""How many comparison prices a row has room for."""
FIELDS: Final = (
    *("name", "description", "category", "group", "market_level", "unit", "price_rupiah"),
    *("capacity_per_month", "stock", "lead_time_days", "materials", "weight_gram", "size"),
    *("pirt_number", "pirt_expires_on", "halal_number", "halal_expires_on"),
    *("kbki", "tkdn_share", "sni_number", "sni_expires_on"),
)
_EVIDENCE_HEADINGS: Final = {
    "source": "Sumber",
    "observed_on": "Tanggal",
    "price_rupiah": "Harga pembanding",
}


@dataclass(frozen=True)
class Column:
    """A column: `key` is a field, or ``price_evidence.<n>.<cell>``; `kind` is how `content` reads it."""

    key: str
    heading: str
    kind: str
    hint: str
    required: bool
    choices: Mapping[str, str] | None = None


def _columns() -> tuple[Column, ...]:
    found = [Column(NUMBER, "No", "number", "Nomor urut, bebas. Baris “contoh” tidak diimpor.", False)]
    for key in FIELDS:
        spec = BY_KEY[key]
        found.append(Column(key, spec.label, spec.kind, spec.hint, spec.required, spec.choices))
    for at in range(SETS):
        for cell in EVIDENCE:
            found.append(
                Column(
                    f"price_evidence.{at}.{cell.key}",
                    f"{_EVIDENCE_HEADINGS[cell.key]} {at + 1}",
                    cell.kind,
                    "Harga barang serupa di tempat lain; sedikitnya dua.",
                    at < 2,
                )
            )
    return tuple(found)


COLUMNS: Final = _columns()
HEADINGS: Final = {column.key: column.heading for column in COLUMNS}


def plain(name: object) -> str:
    """A heading without case and signs: "Harga satuan *" is "harga satuan"."""
    return " ".join(re.sub(r"[^a-z0-9]+", " ", str(name).casefold()).split())


_KNOWN: Final = {plain(column.heading): column for column in COLUMNS}


def recognised(row: RawRow) -> dict[int, Column]:
    """Which column stands at which position, where a row holds headings."""
    found: dict[int, Column] = {}
    for position, cell in enumerate(row.cells):
        column = _KNOWN.get(plain(cell)) if isinstance(cell, str) else None
        if column is not None and column not in found.values():
            found[position] = column
    return found


def heading_of(path: str) -> str:
    """The heading of the column that a path names; of a whole field where it has several columns."""
    spec = BY_KEY.get(path.partition(".")[0])
    return HEADINGS.get(path) or (spec.label if spec else path)
