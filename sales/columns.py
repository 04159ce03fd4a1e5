"""Which column is which: the header of an export is recognised by the names of its columns, wherever it
stands, or because a Kanwil explained that very header before (`layouts`)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from tenants.sheet_rows import RawRow
from tenants.words import N_

HEADER_WITHIN: Final = 40
"""Rows from the top within which the header must stand; titles and periods may come before it."""


@dataclass(frozen=True)
class Column:
    """A column of a purchase file: its key as the export writes it, what people call it, other names for
    it."""

    key: str
    label: str
    also: tuple[str, ...] = ()
    required: bool = True


COLUMNS: Final = (
    Column("id_paket", N_("ID paket"), ("id", "kode paket", "no paket", "nomor paket", "package id")),
    Column("komoditas", N_("Komoditas"), ("kategori", "jenis produk", "commodity"), required=False),
    Column("nama_produk", N_("Nama produk"), ("produk", "nama barang", "product", "nama paket")),
    Column("penyedia", N_("Penyedia"), ("nama penyedia", "upt", "vendor", "provider")),
    Column(
        "satker_pembeli",
        N_("Satuan kerja pembeli"),
        ("satker", "satuan kerja", "pembeli", "nama satker", "buyer", "satuan kerja pembeli"),
    ),
    Column(
        "instansi_pembeli",
        N_("Instansi pembeli"),
        ("instansi", "nama instansi", "k/l/pd", "klpd", "kementerian lembaga"),
        required=False,
    ),
    Column("tanggal", N_("Tanggal"), ("tanggal paket", "tgl", "tgl paket", "tanggal selesai", "date")),
    Column("kuantitas", N_("Kuantitas"), ("qty", "jumlah", "jumlah barang", "volume", "quantity")),
    Column("harga_satuan", N_("Harga satuan"), ("harga", "harga per unit", "unit price")),
    Column("ongkir", N_("Ongkos kirim"), ("ongkos kirim", "biaya kirim", "shipping"), required=False),
    Column("total", N_("Total"), ("total harga", "nilai", "nilai paket", "total nilai")),
    Column("status", N_("Status"), ("status paket", "keadaan")),
)
KEYS: Final = tuple(column.key for column in COLUMNS)
LABELS: Final = {column.key: column.label for column in COLUMNS}
REQUIRED: Final = tuple(column.key for column in COLUMNS if column.required)


def plain(name: object) -> str:
    """A column's name without case, signs and what stands in brackets: "Harga Satuan (Rp)" is "harga
    satuan"."""
    text = re.sub(r"\([^)]*\)", " ", str(name)).casefold()
    return " ".join(re.sub(r"[^a-z0-9]+", " ", text).split())


_KNOWN: Final = {
    plain(name): column.key for column in COLUMNS for name in (column.key, column.label, *column.also)
}


@dataclass(frozen=True)
class Header:
    """Where the header stands and at which position each recognised column is found."""

    number: int
    positions: dict[str, int]
    unknown: tuple[str, ...] = field(default=())
    learned: bool = False
    """Whether somebody explained it; what was said goes before the names."""
    mark: str = ""
    """Where it was explained: its `fingerprint`."""

    @property
    def missing(self) -> tuple[str, ...]:
        """Keys of the required columns that are not there."""
        return tuple(key for key in REQUIRED if key not in self.positions)


def fingerprint(row: RawRow) -> str:
    """By which a header is known again: its names in their order, without case and signs."""
    names = [plain("" if cell is None else cell) for cell in row.cells]
    while names and not names[-1]:
        names.pop()
    return hashlib.sha256("\x1f".join(names).encode()).hexdigest()


def recognised(row: RawRow) -> Header:
    """What of a row is a column's name that everybody uses."""
    positions: dict[str, int] = {}
    unknown = []
    for position, cell in enumerate(row.cells):
        if not isinstance(cell, str) or not cell:
            continue
        key = _KNOWN.get(plain(cell))
        if key is None:
            unknown.append(cell)
        elif key not in positions:
            positions[key] = position
    return Header(row.number, positions, tuple(unknown))


Layouts = Mapping[str, Mapping[str, int]]
"""Headers that a Kanwil explained: fingerprint -> position of each key."""


def find_header(rows: Iterable[RawRow], layouts: Layouts | None = None) -> Header | None:
    """A row that `layouts` explains, else the row that names most columns, if it names at least four; the earlier one
    where two name as many."""
    best: Header | None = None
    for row in rows:
        if layouts and (positions := layouts.get(mark := fingerprint(row))) is not None:
            return Header(row.number, dict(positions), learned=True, mark=mark)
        header = recognised(row)
        if len(header.positions) >= 4 and (best is None or len(header.positions) > len(best.positions)):
            best = header
    return best


def likely_header(rows: Iterable[RawRow]) -> RawRow | None:
    """The row that would be the header if somebody explained it: the first with the most texts, enough of them for
    what a purchase needs; None where no row is that wide."""
    best, most = None, len(REQUIRED) - 1
    for row in islice(rows, HEADER_WITHIN):
        texts = sum(1 for cell in row.cells if isinstance(cell, str) and cell)
        if row.problem is None and texts > most:
            best, most = row, texts
    return best
