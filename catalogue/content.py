"""A product's typed content: which fields it has, and how what somebody typed becomes a value.

Reading is lenient: what can't be read is kept as it was typed in `content["_typed"]`, so that a draft never
loses a word; `catalogue.checks` says what still stands between a draft and its submission.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from catalogue.terms import CATEGORIES, GROUPS, MARKET_LEVELS
from tenants.said import say
from tenants.words import N_, date_id, number_id, read_date, read_rupiah, rupiah

Content = dict[str, Any]
MAX_PRICE: Final = 10_000_000_000
MAX_COUNT: Final = 10_000_000
MAX_ROWS: Final = 20
TYPED: Final = "_typed"

MONEY_UNREADABLE = N_("Tulis harga dalam rupiah bulat, misalnya Rp95.000.")
MONEY_RANGE = N_("Harga harus lebih dari Rp0 dan paling banyak Rp10.000.000.000.")
COUNT_UNREADABLE = N_("Tulis bilangan bulat tanpa satuan, misalnya 120.")
COUNT_LOW = N_("Bilangan ini terlalu kecil.")
COUNT_HIGH = N_("Bilangan ini terlalu besar.")
DATE_UNREADABLE = N_("Tulis tanggal, misalnya 14-03-2024.")
CHOICE_UNKNOWN = N_("Pilih salah satu dari daftar.")
SHARE_UNREADABLE = N_("Tulis persentase dari 0 sampai 100, misalnya 40.")
TEXT_EXPECTED = N_("Isian ini berupa teks.")
ROWS_EXPECTED = N_("Isian ini berupa daftar baris.")
TOO_MANY_ROWS = N_("Paling banyak 20 baris.")
UNKNOWN_FIELD = N_("Isian ini tidak dikenal.")


@dataclass(frozen=True)
class Field:
    """One field of a product: its kind decides how it is read, shown and compared."""

    key: str
    label: str
    kind: str
    hint: str = ""
    required: bool = False
    choices: Mapping[str, str] | None = None
    shortest: int = 0
    longest: int = 200
    low: int = 0
    high: int = MAX_COUNT
    section: str = "product"


@dataclass(frozen=True)
class Row:
    """One column of a field that holds rows (price evidence, makers)."""

    key: str
    label: str
    kind: str


# In the order of the editor, which follows the questions of pembinaan, pemantauan and pengendalian.
FIELDS: Final[tuple[Field, ...]] = (
    Field("photos", N_("Foto"), "photos", N_("1 sampai 8 foto sendiri, tanpa wajah"), required=True),
    Field("name", N_("Nama produk"), "line", N_("Sebut bahan atau ciri khasnya"), True, None, 3, 150),
    Field("price_rupiah", N_("Harga satuan"), "money", N_("Rupiah bulat untuk satu satuan"), True),
    Field("price_evidence", N_("Bukti harga"), "evidence", N_("Sedikitnya dua harga pembanding"), True),
    Field("description", N_("Uraian"), "text", N_("30 sampai 5.000 huruf"), True, None, 30, 5000),
    Field("group", N_("Kelompok barang"), "choice", N_("Menurut surat edaran"), True, GROUPS),
    Field("category", N_("Kategori"), "choice", N_("Rak di katalog publik"), True, CATEGORIES),
    Field("market_level", N_("Jangkauan pasar"), "choice", "", True, MARKET_LEVELS),
    Field("unit", N_("Satuan"), "line", N_("Misalnya buah, lembar, bungkus"), True, None, 1, 30),
    Field(
        "pirt_number",
        N_("Nomor P-IRT"),
        "line",
        N_("Wajib untuk makanan dan minuman"),
        False,
        None,
        5,
        60,
        section="food",
    ),
    Field(
        "pirt_expires_on",
        N_("P-IRT berlaku sampai"),
        "date",
        N_("Wajib untuk makanan dan minuman"),
        section="food",
    ),
    Field("halal_number", N_("Nomor sertifikat halal"), "line", N_("Bila ada"), section="food", longest=60),
    Field("halal_expires_on", N_("Halal berlaku sampai"), "date", N_("Bila ada"), section="food"),
    Field(
        "capacity_per_month",
        N_("Kapasitas sebulan"),
        "count",
        N_("Berapa satuan dapat dibuat sebulan"),
        True,
        low=1,
        section="supply",
    ),
    Field("stock", N_("Stok"), "count", N_("Yang siap dikirim hari ini; boleh 0"), True, section="supply"),
    Field(
        "lead_time_days",
        N_("Waktu pengerjaan"),
        "count",
        N_("Hari dari pesanan sampai siap"),
        True,
        high=365,
        section="supply",
    ),
    Field(
        "materials", N_("Bahan"), "line", N_("Bahan baku dan asalnya"), True, None, 2, 500, section="supply"
    ),
    Field("weight_gram", N_("Berat"), "count", N_("Gram, dengan kemasan"), low=1, section="supply"),
    Field("size", N_("Ukuran"), "line", N_("Misalnya 35 × 28 cm"), longest=100, section="supply"),
    Field("kbki", N_("Kode KBKI"), "line", N_("Bila ada"), longest=20, section="listing"),
    Field(
        "tkdn_share",
        N_("TKDN"),
        "share",
        N_("Persentase kandungan dalam negeri, bila ada"),
        section="listing",
    ),
    Field("sni_number", N_("Nomor SNI"), "line", N_("Bila ada"), longest=60, section="listing"),
    Field("sni_expires_on", N_("SNI berlaku sampai"), "date", N_("Bila ada"), section="listing"),
    Field(
        "makers",
        N_("Pembuat yang disebut"),
        "makers",
        N_("Hanya dengan persetujuan tertulis"),
        section="listing",
    ),
)
BY_KEY: Final[dict[str, Field]] = {spec.key: spec for spec in FIELDS}
LABELS: Final[dict[str, str]] = {spec.key: spec.label for spec in FIELDS}
EVIDENCE: Final[tuple[Row, ...]] = (
    Row("source", N_("Toko atau sumber"), "line"),
    Row("observed_on", N_("Tanggal dilihat"), "date"),
    Row("price_rupiah", N_("Harga"), "money"),
)
MAKERS: Final[tuple[Row, ...]] = (
    Row("name", N_("Nama"), "line"),
    Row("consented_on", N_("Setuju tertulis pada"), "date"),
)
ROWS: Final[dict[str, tuple[Row, ...]]] = {"price_evidence": EVIDENCE, "makers": MAKERS}

_BIDI = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])


class Unreadable(ValueError):
    """A typed value can't be read; its argument is the message for the person who typed it."""


def read(changes: Mapping[str, Any], onto: Mapping[str, Any] | None = None) -> tuple[Content, dict[str, str]]:
    """The content `onto` with `changes` read into it, and a message for each value that can't be read.

    A field that isn't named in `changes` keeps its value; an empty one is emptied. What can't be read is
    kept under `_typed` by its path ("price_rupiah", "price_evidence.0.observed_on"); its field stays empty.
    """
    content: Content = dict(onto or {})
    typed: dict[str, str] = dict(content.pop(TYPED, {}))
    problems: dict[str, str] = {}
    for key, value in changes.items():
        spec = BY_KEY.get(key)
        if spec is None or spec.kind == "photos":
            problems[key] = UNKNOWN_FIELD
            continue
        typed = {path: text for path, text in typed.items() if path != key and not path.startswith(f"{key}.")}
        if key in ROWS:
            content[key] = _read_rows(key, value, typed, problems)
            continue
        try:
            content[key] = _read(spec, value)
        except Unreadable as unreadable:
            content[key] = None
            typed[key] = _as_typed(value)
            problems[key] = str(unreadable)
    if typed:
        content[TYPED] = typed
    return content, problems


def reread(content: Mapping[str, Any]) -> dict[str, str]:
    """The messages for what stands under `_typed`, made anew."""
    problems = {}
    for path, text in (content.get(TYPED) or {}).items():
        key, _, rest = path.partition(".")
        column = rest.rpartition(".")[2]
        try:
            if not rest:
                if key in ROWS:
                    raise Unreadable(ROWS_EXPECTED)
                _read(BY_KEY[key], text)
            else:
                _read_cell(next(row for row in ROWS[key] if row.key == column).kind, text)
        except Unreadable as unreadable:
            problems[path] = str(unreadable)
    return problems


def _read(spec: Field, value: Any) -> Any:
    if value is None or value == "":
        return None
    if spec.kind == "line":
        return line(value, spec.longest)
    if spec.kind == "text":
        return text(value, spec.longest)
    if spec.kind == "money":
        return money(value)
    if spec.kind == "count":
        return count(value, spec.low, spec.high)
    if spec.kind == "choice":
        if not isinstance(value, str) or value not in (spec.choices or {}):
            raise Unreadable(CHOICE_UNKNOWN)
        return value
    if spec.kind == "date":
        return day(value).isoformat()
    return share(value)


def _read_rows(key: str, value: Any, typed: dict[str, str], problems: dict[str, str]) -> list[Content]:
    if value is None or value == "":
        return []
    if isinstance(value, str | bytes) or not isinstance(value, Sequence):
        problems[key] = ROWS_EXPECTED
        typed[key] = _as_typed(value)
        return []
    if len(value) > MAX_ROWS:
        problems[key] = TOO_MANY_ROWS
    rows: list[Content] = []
    for given in value[:MAX_ROWS]:
        if not isinstance(given, Mapping):
            problems[key] = ROWS_EXPECTED
            continue
        if not any(given.get(column.key) not in (None, "") for column in ROWS[key]):
            continue
        row: Content = {}
        for column in ROWS[key]:
            path = f"{key}.{len(rows)}.{column.key}"
            try:
                row[column.key] = _read_cell(column.kind, given.get(column.key))
            except Unreadable as unreadable:
                row[column.key] = None
                typed[path] = _as_typed(given.get(column.key))
                problems[path] = str(unreadable)
        rows.append(row)
    return rows


def _read_cell(kind: str, value: Any) -> Any:
    if value is None or value == "":
        return None
    if kind == "money":
        return money(value)
    if kind == "date":
        return day(value).isoformat()
    return line(value, 200)


def line(value: Any, longest: int) -> str | None:
    """One line of text: composed, without control and direction marks, single spaces."""
    return re.sub(r"\s+", " ", text(value, longest) or "").strip() or None


def text(value: Any, longest: int) -> str | None:
    """Text of several lines: composed, line ends as LF, without control and direction marks."""
    if not isinstance(value, str):
        raise Unreadable(TEXT_EXPECTED)
    composed = unicodedata.normalize("NFC", value.replace("\r\n", "\n").replace("\r", "\n"))
    clean = "".join(
        letter
        for letter in composed.translate(_BIDI)
        if letter in "\n\t" or unicodedata.category(letter) not in ("Cc", "Cs", "Co", "Cn")
    ).strip()
    if len(clean) > longest:
        raise Unreadable(
            say(
                N_("Paling banyak %(longest)s huruf; ini %(count)s."),
                longest=number_id(longest),
                count=number_id(len(clean)),
            )
        )
    return clean or None


def money(value: Any) -> int:
    """Whole rupiah from 95000, "95000", "95.000", "Rp95.000", "Rp 95.000,00" or "95.000,-"; above 0.

    Raises:
        Unreadable: anything else, among it fractions and English commas, which would read a thousandfold off.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise Unreadable(MONEY_UNREADABLE)
    if isinstance(value, float):
        if not value.is_integer():
            raise Unreadable(MONEY_UNREADABLE)
        amount = int(value)
    elif isinstance(value, int):
        amount = value
    else:
        try:
            amount = read_rupiah(value)
        except ValueError as error:
            raise Unreadable(MONEY_UNREADABLE) from error
    if not 0 < amount <= MAX_PRICE:
        raise Unreadable(MONEY_RANGE)
    return amount


def count(value: Any, low: int, high: int) -> int:
    """A whole number between `low` and `high`, from 1200, "1200" or "1.200"."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise Unreadable(COUNT_UNREADABLE)
    if isinstance(value, str):
        found = re.fullmatch(r"-?(\d{1,3}(?:\.\d{3})+|\d{1,12})", value.strip())
        if not found:
            raise Unreadable(COUNT_UNREADABLE)
        number = int(value.strip().replace(".", ""))
    elif isinstance(value, float) and not value.is_integer():
        raise Unreadable(COUNT_UNREADABLE)
    else:
        number = int(value)
    if number < low:
        raise Unreadable(COUNT_LOW)
    if number > high:
        raise Unreadable(COUNT_HIGH)
    return number


def share(value: Any) -> float:
    """A share from 0 to 1: a number as it is, a text as a percentage ("40", "40 %", "37,5%")."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise Unreadable(SHARE_UNREADABLE)
    if isinstance(value, str):
        found = re.fullmatch(r"(\d{1,3}(?:[.,]\d{1,2})?)\s*%?", value.strip())
        if not found:
            raise Unreadable(SHARE_UNREADABLE)
        number = round(float(found[1].replace(",", ".")) / 100, 4)
    else:
        number = float(value)
    if not 0 <= number <= 1:
        raise Unreadable(SHARE_UNREADABLE)
    return number


def day(value: Any) -> date:
    """A day from "2024-03-14", "14-03-2024", "14/3/2024" or "14 Maret 2024"."""
    if not isinstance(value, str):
        raise Unreadable(DATE_UNREADABLE)
    try:
        return read_date(value)
    except ValueError as error:
        raise Unreadable(DATE_UNREADABLE) from error


def _as_typed(value: Any) -> str:
    """What was typed, for the draft to keep; cut where nobody types any more."""
    return (value if isinstance(value, str) else str(value)).replace("\x00", "")[:20_000]


def shown(spec: Field, value: Any) -> str:
    """`value` in words for a page or a letter; "" where there is none."""
    if value is None or value == "" or value == []:
        return ""
    if spec.kind == "money":
        return rupiah(value)
    if spec.kind == "count":
        return number_id(value)
    if spec.kind == "share":
        return f"{value * 100:.2f}".rstrip("0").rstrip(".").replace(".", ",") + " %"
    if spec.kind == "choice":
        return (spec.choices or {}).get(value, value)
    if spec.kind == "date":
        return date_id(date.fromisoformat(value))
    if spec.kind in ("evidence", "makers", "photos"):
        return number_id(len(value))
    return str(value)


def shown_by_key(key: str, value: Any) -> str:
    """`shown` for the field called `key`."""
    return shown(BY_KEY[key], value)
