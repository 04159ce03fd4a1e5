"""From raw cells to one purchase, or to what is wrong with it, in words that say which cell to mend."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal, TypeVar

from sales.columns import LABELS
from sales.providers import Provider, ProviderBook
from tenants.said import kept, say
from tenants.sheet_rows import Cell, RawRow
from tenants.sheets import FORMULA_SIGNS
from tenants.words import N_, NoSuchDate, date_id, number_id, read_date, read_number, read_rupiah, rupiah

Level = Literal["error", "notice", "left_out"]
Status = Literal["Selesai", "Proses", "Batal"]

COMPLETED: Final[Status] = "Selesai"
STATUSES: Final[dict[str, Status]] = {
    **dict.fromkeys(("selesai", "completed", "complete", "sudah selesai", "paket selesai"), "Selesai"),
    **dict.fromkeys(
        ("proses", "dalam proses", "diproses", "on process", "in process", "berlangsung"), "Proses"
    ),
    **dict.fromkeys(("batal", "dibatalkan", "cancelled", "canceled", "ditolak"), "Batal"),
}
EARLIEST: Final = date(2010, 1, 1)
"""Before the e-Katalog existed: a slip of the keyboard."""
MAX_TEXT: Final = 300
MAX_ID: Final = 64
MAX_QUANTITY: Final = 10**9
_PLAIN: Final = (
    *("id_paket", "penyedia", "tanggal", "status"),
    *("kuantitas", "harga_satuan", "ongkir", "total"),
)
_TEXTS: Final = ("komoditas", "nama_produk", "satker_pembeli", "instansi_pembeli")
_PLAIN_ID: Final = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._/-]{0,63}$")
T = TypeVar("T")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
_EXCEL_DAY_ZERO: Final = date(1899, 12, 30)


@dataclass(frozen=True, slots=True)
class Issue:
    """What an import says about a line: the field's key, the reason in Indonesian, and how much it weighs."""

    line: int
    field: str
    reason: str
    level: Level


@dataclass(frozen=True, slots=True)
class PurchaseRow:
    """One purchase as a file states it; amounts in rupiah."""

    package_id: str
    commodity: str
    product_name: str
    provider: Provider
    provider_name: str
    buyer_unit: str
    buyer_institution: str
    purchased_on: date
    quantity: int
    unit_price_rupiah: int
    shipping_rupiah: int
    total_rupiah: int
    status: Status

    @property
    def content(self) -> tuple[object, ...]:
        """What makes two lines the same purchase; the provider counts as the UPT, not as its spelling."""
        return (
            *(self.package_id, self.commodity, self.product_name, self.provider.upt_id, self.buyer_unit),
            *(self.buyer_institution, self.purchased_on.isoformat(), self.quantity, self.unit_price_rupiah),
            *(self.shipping_rupiah, self.total_rupiah, self.status),
        )


class Checker:
    """Checks rows of one file: the columns' positions, the register of providers, whose import it is, what
    day it is.

    `own` is the tenant that imports; None when the centre does, and every provider's line is taken.
    """

    def __init__(
        self, positions: dict[str, int], providers: ProviderBook, own: int | None, today: date
    ) -> None:
        self.positions = positions
        self.providers = providers
        self.own = own
        self.today = today
        self._places = [positions.get(key, -1) for key in (*_PLAIN, *_TEXTS)]
        # What was read without a remark before is not read again: exports repeat names, days and units without end.
        self._texts: dict[str, dict[Cell, str]] = {key: {} for key in _TEXTS}
        self._days: dict[Cell, date] = {}
        self._providers: dict[Cell, tuple[str, Provider]] = {}
        self._states: dict[Cell, Status] = {}

    def cell(self, row: RawRow, key: str) -> Cell:
        """The raw cell of a column; None where the row is too short or the column is not there."""
        position = self.positions.get(key, -1)
        return row.cells[position] if 0 <= position < len(row.cells) else None

    def check(self, row: RawRow) -> tuple[PurchaseRow | None, list[Issue]]:
        """The purchase of a row, or None with at least one issue that is more than a notice."""
        if row.problem is not None:
            return None, [Issue(row.number, "baris", row.problem, "error")]
        known = self._known(row)
        if known is not None:
            return known, []
        cells = _Cells(self, row)
        provider_name, provider = cells.provider()
        if provider is not None and self.own is not None and provider.kanwil_id != self.own:
            reason = say(
                N_("penyedia %(upt)s adalah milik %(kanwil)s, bukan Kanwil Anda"),
                upt=provider.upt_name,
                kanwil=provider.kanwil_name,
            )
            return None, [Issue(row.number, "penyedia", reason, "left_out")]
        package_id = cells.text("id_paket", most=MAX_ID)
        commodity = cells.text("komoditas", needed=False)
        product_name = cells.text("nama_produk")
        buyer_unit = cells.text("satker_pembeli")
        institution = cells.text("instansi_pembeli", needed=False)
        day = cells.day("tanggal", self.today)
        quantity = cells.quantity("kuantitas")
        unit_price = cells.amount("harga_satuan")
        shipping = cells.amount("ongkir", default=0)
        total = cells.amount("total")
        status = cells.status("status")
        if quantity is not None and unit_price is not None and shipping is not None and total is not None:
            cells.sum_up(quantity, unit_price, shipping, total)
        if any(issue.level == "error" for issue in cells.issues):
            return None, cells.issues
        if provider is None or day is None or status is None:
            raise AssertionError("a row without errors has its provider, its day and its status")
        if quantity is None or unit_price is None or shipping is None:
            raise AssertionError("a row without errors has its amounts")
        purchase = PurchaseRow(
            package_id=package_id,
            commodity=commodity,
            product_name=product_name,
            provider=provider,
            provider_name=provider_name,
            buyer_unit=buyer_unit,
            buyer_institution=institution,
            purchased_on=day,
            quantity=quantity,
            unit_price_rupiah=unit_price,
            shipping_rupiah=shipping,
            total_rupiah=quantity * unit_price + shipping,
            status=status,
        )
        if not cells.issues:
            self._remember(row, purchase)
        return purchase, cells.issues

    def _known(self, row: RawRow) -> PurchaseRow | None:
        """The purchase of a row whose names, day and status were all read before, and whose numbers are plain digits.

        None sends the row the long way, where every remark is found.
        """
        if row.formulas:
            return None
        cells, width = row.cells, len(row.cells)
        found = [cells[place] if 0 <= place < width else None for place in self._places]
        package_id, name, on, state, first, second, third, fourth = found[:8]
        if not isinstance(package_id, str) or not _PLAIN_ID.match(package_id):
            return None
        try:
            provider_name, provider = self._providers[name]
            day, status = self._days[on], self._states[state]
            commodity, product_name, buyer_unit, institution = (
                texts[cell] for texts, cell in zip(self._texts.values(), found[8:], strict=True)
            )
        except (KeyError, TypeError):
            return None
        quantity, unit_price = _digits(first), _digits(second)
        shipping, total = _digits(third or "0"), _digits(fourth)
        if not 0 < quantity <= MAX_QUANTITY or unit_price < 0 or shipping < 0:
            return None
        if total != quantity * unit_price + shipping:
            return None
        return PurchaseRow(
            package_id,
            commodity,
            product_name,
            provider,
            provider_name,
            buyer_unit,
            institution,
            day,
            quantity,
            unit_price,
            shipping,
            total,
            status,
        )

    def _remember(self, row: RawRow, purchase: PurchaseRow) -> None:
        """Keep what this row's texts were read as; text alone, since 1, 1.0 and True are one key."""
        read = (purchase.commodity, purchase.product_name, purchase.buyer_unit, purchase.buyer_institution)
        for (key, texts), value in zip(self._texts.items(), read, strict=True):
            _keep(texts, self.cell(row, key), value)
        _keep(self._days, self.cell(row, "tanggal"), purchase.purchased_on)
        _keep(self._states, self.cell(row, "status"), purchase.status)
        _keep(self._providers, self.cell(row, "penyedia"), (purchase.provider_name, purchase.provider))


class _Cells:
    """Reads the cells of one row and collects what is wrong with them."""

    def __init__(self, checker: Checker, row: RawRow) -> None:
        self.checker = checker
        self.row = row
        self.issues: list[Issue] = []

    def wrong(self, key: str, reason: str) -> None:
        self.issues.append(Issue(self.row.number, key, reason, "error"))

    def raw(self, key: str) -> Cell:
        """The cell, unless it holds a formula: that is named, and nothing is read from it."""
        if self.row.formulas and self.checker.positions.get(key) in self.row.formulas:
            self.wrong(key, say(N_("%(label)s berisi rumus; ganti dengan nilainya"), label=say(LABELS[key])))
            return None
        return self.checker.cell(self.row, key)

    def _was_formula(self, key: str) -> bool:
        return bool(self.row.formulas) and self.checker.positions.get(key) in self.row.formulas

    def text(self, key: str, *, needed: bool = True, most: int = MAX_TEXT) -> str:
        value = self.raw(key)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        text = "" if value is None else str(value)
        if not text:
            if needed and not self._was_formula(key):
                self.wrong(key, say(N_("%(label)s kosong"), label=say(LABELS[key])))
            return ""
        if _CONTROLS.search(text):
            self.wrong(
                key, say(N_("%(label)s memuat karakter yang tidak dapat dibaca"), label=say(LABELS[key]))
            )
            return ""
        if text.startswith("'") and text[1:].lstrip().startswith(FORMULA_SIGNS):
            text = text[1:]  # the apostrophe is our own CSV's: what we gave out comes back as it was
        if text.startswith(FORMULA_SIGNS):
            reason = say(
                N_("%(label)s diawali tanda rumus “%(sign)s”; disimpan sebagai teks, tidak dijalankan"),
                label=say(LABELS[key]),
                sign=text[0],
            )
            self.issues.append(Issue(self.row.number, key, reason, "notice"))
        clean = " ".join(text.split())
        if len(clean) > most:
            self.wrong(
                key, say(N_("%(label)s lebih dari %(most)s karakter"), label=say(LABELS[key]), most=most)
            )
        return clean

    def provider(self) -> tuple[str, Provider | None]:
        name = self.raw("penyedia")
        text = "" if name is None else " ".join(str(name).split())
        if not text:
            if not self._was_formula("penyedia"):
                self.wrong("penyedia", say(N_("Penyedia kosong; isi dengan nama UPT")))
            return "", None
        found = self.checker.providers.find(text)
        if found is None:
            self.wrong(
                "penyedia",
                say(
                    N_("penyedia “%(name)s” tidak dikenal; periksa namanya di daftar UPT"), name=_short(text)
                ),
            )
        return text, found

    def day(self, key: str, today: date) -> date | None:
        value = self.raw(key)
        if value is None or value == "":
            if not self._was_formula(key):
                self.wrong(key, say(N_("Tanggal kosong")))
            return None
        found: date
        if isinstance(value, datetime):
            found = value.date()
        elif isinstance(value, date):
            found = value
        elif isinstance(value, (int, float)) and not isinstance(value, bool) and 36526 <= value < 109575:
            found = _EXCEL_DAY_ZERO + timedelta(days=int(value))
        else:
            try:
                found = read_date(str(value))
            except NoSuchDate as error:
                self.wrong(key, str(error))
                return None
            except ValueError:
                self.wrong(
                    key,
                    say(
                        N_("“%(value)s” bukan tanggal; tulis seperti 2024-03-05 atau 5 Maret 2024"),
                        value=_short(str(value)),
                    ),
                )
                return None
        if found > today:
            self.wrong(key, say(N_("tanggal %(day)s ada di masa depan"), day=date_id(found)))
            return None
        if found < EARLIEST:
            self.wrong(
                key, say(N_("tanggal %(day)s terlalu lampau untuk pembelian e-Katalog"), day=date_id(found))
            )
            return None
        return found

    def quantity(self, key: str) -> int | None:
        value = self.raw(key)
        if value is None or value == "":
            if not self._was_formula(key):
                self.wrong(key, say(N_("Kuantitas harus bilangan bulat di atas 0, tetapi kosong")))
            return None
        try:
            number = _whole(value) if isinstance(value, (int, float)) else read_number(str(value))
        except ValueError:
            self.wrong(
                key,
                say(
                    N_("Kuantitas harus bilangan bulat di atas 0, bukan “%(value)s”"),
                    value=_short(str(value)),
                ),
            )
            return None
        if not 0 < number <= MAX_QUANTITY:
            self.wrong(
                key,
                say(
                    N_("Kuantitas harus bilangan bulat di atas 0, bukan %(number)s"), number=number_id(number)
                ),
            )
            return None
        return number

    def amount(self, key: str, default: int | None = None) -> int | None:
        value = self.raw(key)
        if value is None or value == "":
            if default is None and not self._was_formula(key):
                self.wrong(key, say(N_("%(label)s kosong"), label=say(LABELS[key])))
            return default
        try:
            number = _whole(value) if isinstance(value, (int, float)) else read_rupiah(str(value))
        except ValueError as error:
            why = str(error)
            reason = say(
                N_("%(label)s “%(value)s” bukan jumlah rupiah"),
                label=say(LABELS[key]),
                value=_short(str(value)),
            )
            self.wrong(
                key,
                reason if why == "bukan angka" else say("%(reason)s: %(why)s", reason=reason, why=kept(why)),
            )
            return None
        if number < 0 or number > 10**15 - 1:
            self.wrong(
                key,
                say(N_("%(label)s %(amount)s di luar batas"), label=say(LABELS[key]), amount=rupiah(number)),
            )
            return None
        return number

    def sum_up(self, quantity: int, unit_price: int, shipping: int, total: int) -> None:
        should = quantity * unit_price + shipping
        if total != should:
            self.wrong(
                "total",
                say(
                    N_(
                        "total %(total)s berbeda %(apart)s dari kuantitas × harga satuan + ongkir (%(should)s)"
                    ),
                    total=rupiah(total),
                    apart=rupiah(abs(total - should)),
                    should=rupiah(should),
                ),
            )

    def status(self, key: str) -> Status | None:
        value = self.raw(key)
        text = "" if value is None else " ".join(str(value).casefold().split())
        if text in STATUSES:
            return STATUSES[text]
        if not self._was_formula(key):
            self.wrong(
                key,
                say(
                    N_("Status harus Selesai, Proses, atau Batal, bukan “%(value)s”"),
                    value=_short(str(value)),
                )
                if text
                else say(N_("Status harus Selesai, Proses, atau Batal, tetapi kosong")),
            )
        return None


def _keep(known: dict[Cell, T], cell: Cell, value: T) -> None:
    if (cell is None or isinstance(cell, str)) and len(known) < 20_000:
        known[cell] = value


def _digits(cell: Cell) -> int:
    """A number that is written in ASCII digits alone, else -1."""
    if isinstance(cell, str) and len(cell) < 16 and cell.isascii() and cell.isdigit():
        return int(cell)
    return -1


def _whole(value: int | float) -> int:
    if isinstance(value, bool):
        raise ValueError(N_("bukan angka"))
    if isinstance(value, float) and not value.is_integer():
        raise ValueError(N_("bukan bilangan bulat"))
    return int(value)


def _short(text: str) -> str:
    clean = _CONTROLS.sub("?", " ".join(text.split()))
    return clean if len(clean) <= 60 else f"{clean[:57]}…"
