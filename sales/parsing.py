"""Read a purchase file: each line becomes a purchase, or an answer that says by line and field what is wrong.

No database, no clock: the register of providers and today's date are arguments. Memory stays flat but for
32 bytes and the package id of each line seen.

Source: data layout of an e-purchasing export; domain.md §6.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import BinaryIO, Final

from sales import sheet_csv
from sales.checks import Checker, Issue, PurchaseRow
from sales.columns import HEADER_WITHIN, LABELS, Header, Layouts, find_header, likely_header
from sales.errors import FileTooLarge, NotAPurchaseFile, UnknownColumns, UnreadableFile
from sales.providers import ProviderBook
from tenants import sheet_xlsx
from tenants.said import say
from tenants.sheet_rows import MAX_BYTES, MAX_LINES, RawRow
from tenants.words import N_, number_id

MAX_SHEETS: Final = 10
"""Sheets of a workbook in which a header is looked for."""
EXAMPLES: Final = 3
"""Rows below a header that are shown with it."""
_OTHER_KINDS: Final = {
    b"\xd0\xcf\x11\xe0": N_("Berkas ini XLS lama atau XLSX berkata sandi. Simpan sebagai XLSX biasa."),
    b"%PDF": N_("Berkas ini PDF. Unggah ekspor e-Katalog sebagai CSV atau XLSX."),
    b"\x89PNG": N_("Berkas ini gambar. Unggah ekspor e-Katalog sebagai CSV atau XLSX."),
    b"\xff\xd8\xff": N_("Berkas ini gambar. Unggah ekspor e-Katalog sebagai CSV atau XLSX."),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a file. It counts when `purchase` is there, and then it repeats no earlier line."""

    row: RawRow
    positions: dict[str, int]
    purchase: PurchaseRow | None
    issues: tuple[Issue, ...]

    @property
    def number(self) -> int:
        return self.row.number

    @property
    def raw(self) -> dict[str, str]:
        """The cells as they stand, by column key, as text."""
        return _raw(self.row, self.positions)

    @property
    def level(self) -> str:
        """The weight of its heaviest issue: error, left_out, notice, or good."""
        return _level(self.issues)


class PurchaseFile:
    """An opened purchase file whose header was found; iterate over `lines`. `layouts`: headers explained before.

    Raises:
        UnreadableFile: empty, damaged, or without the columns that a purchase needs (named in `fields`).
        UnknownColumns: the same, where enough columns are there and somebody could say which is which.
        FileTooLarge: beyond the bounds.
        NotAPurchaseFile: neither CSV nor XLSX by its content.
    """

    def __init__(self, file: BinaryIO, layouts: Layouts | None = None) -> None:
        self.file = file
        self.kind = kind_of(file)
        self._delimiter, self._encoding, self._sheet = ",", "utf-8", ""
        self._survey: sheet_xlsx.Survey | None = None
        header = self._find_in_xlsx(layouts) if self.kind == "xlsx" else self._find_in_csv(layouts)
        if header is None or header.missing:
            self._refuse(header)
            raise AssertionError("refused")
        self.header: Header = header

    def _refuse(self, header: Header | None) -> None:
        if header is None:
            words = say(
                N_(
                    "Kepala kolom tidak ditemukan. Berkas perlu baris dengan nama kolom seperti id_paket, "
                    "nama_produk, penyedia, tanggal, kuantitas, harga_satuan, total, status."
                )
            )
            fields = {}
        else:
            words = say(
                N_("Kolom berikut tidak ada di berkas ini: %(missing)s."), missing=", ".join(header.missing)
            )
            fields = {key: f"kolom {LABELS[key]} tidak ada" for key in header.missing}
        likely = likely_header(top_of(self.file))
        if likely is None:
            raise UnreadableFile(words, fields=fields)
        named = [str(cell) for cell in likely.cells if cell]
        raise UnknownColumns(words, fields=fields, detail={"header_line": likely.number, "columns": named})

    def _find_in_csv(self, layouts: Layouts | None) -> Header | None:
        sheet_csv.check_not_empty(self.file)
        self._encoding = sheet_csv.encoding_of(self.file)
        best: Header | None = None
        for delimiter in sheet_csv.DELIMITERS:
            top = sheet_csv.first_rows(self.file, delimiter, self._encoding, HEADER_WITHIN)
            header = find_header(top, layouts)
            if header is None:
                continue
            if header.learned:
                self._delimiter = delimiter
                return header
            if best is None or len(header.positions) > len(best.positions):
                best, self._delimiter = header, delimiter
        return best

    def _find_in_xlsx(self, layouts: Layouts | None) -> Header | None:
        with closing(sheet_xlsx.opened(self.file)) as book:
            for sheet in sheet_xlsx.names(book)[:MAX_SHEETS]:
                survey = sheet_xlsx.survey(book, sheet)
                header = find_header(_first(sheet_xlsx.rows(book, sheet, survey.merged)), layouts)
                if header:
                    self._sheet, self._survey = sheet, survey
                    return header
        return None

    @property
    def learned_layout(self) -> dict[str, dict[str, int]] | None:
        """What was explained of its header, as `layouts` takes it; None where the usual names stand there."""
        return {self.header.mark: self.header.positions} if self.header.learned else None

    @property
    def lines_about(self) -> int:
        """About how many lines stand below the header; blank ones and cells over two lines count in it."""
        total = self._survey.rows if self._survey is not None else sheet_csv.count_lines(self.file)
        return max(total - self.header.number, 0)

    def _rows(self) -> Iterator[RawRow]:
        if self.kind == "csv":
            yield from sheet_csv.rows(self.file, self._delimiter, self._encoding)
            return
        merged = self._survey.merged if self._survey is not None else None
        with closing(sheet_xlsx.opened(self.file)) as book:
            yield from sheet_xlsx.rows(book, self._sheet, merged)

    def lines(self, providers: ProviderBook, *, own: int | None, today: date) -> Iterator[Line]:
        """Every line below the header, in order. `own` is the importing tenant; None takes every tenant's
        lines.

        A package id that stood on an earlier line is an error when the content differs, else a notice, and
        the line carries no purchase: it counts once.
        """
        positions = self.header.positions
        checker = Checker(positions, providers, own, today)
        seen: dict[str, tuple[int, int]] = {}
        count = 0
        for row in self._rows():
            if row.number <= self.header.number:
                continue
            count += 1
            if count > MAX_LINES:
                raise FileTooLarge(
                    say(
                        N_("Berkas ini memuat lebih dari %(max_lines)s baris."),
                        max_lines=number_id(MAX_LINES),
                    )
                )
            purchase, issues = checker.check(row)
            if row.problem is None and (purchase is not None or _level(issues) != "left_out"):
                repeated = _repeats(row, positions, purchase, seen)
                if repeated is not None:
                    if repeated.level == "error":
                        issues = [issue for issue in issues if issue.level == "error"]
                        issues.append(repeated)
                    elif purchase is not None:
                        issues = [repeated]
                    purchase = None
            yield Line(row, positions, purchase, tuple(issues))


def top_of(file: BinaryIO) -> list[RawRow]:
    """The first rows of a file whose header nobody knows: of the sheet, or read with the delimiter, that gives the
    widest header; some rows beyond where it may stand, so that it can be shown with examples.

    Raises:
        FileTooLarge, NotAPurchaseFile, UnreadableFile: see `PurchaseFile`.
    """
    found: list[list[RawRow]] = []
    if kind_of(file) == "xlsx":
        with closing(sheet_xlsx.opened(file)) as book:
            for sheet in sheet_xlsx.names(book)[:MAX_SHEETS]:
                merged = sheet_xlsx.survey(book, sheet).merged
                found.append(_first(sheet_xlsx.rows(book, sheet, merged), HEADER_WITHIN + EXAMPLES))
    else:
        encoding = sheet_csv.encoding_of(file)
        found = [
            sheet_csv.first_rows(file, delimiter, encoding, HEADER_WITHIN + EXAMPLES)
            for delimiter in sheet_csv.DELIMITERS
        ]
    return max(found, key=_width, default=[])


def _width(top: list[RawRow]) -> int:
    likely = likely_header(top)
    return 0 if likely is None else sum(1 for cell in likely.cells if cell)


def _first(rows: Iterable[RawRow], most: int = HEADER_WITHIN) -> list[RawRow]:
    return list(islice(rows, most))


def kind_of(file: BinaryIO) -> str:
    """`xlsx` or `csv`, by content; the name plays no part.

    Raises:
        FileTooLarge, UnreadableFile, NotAPurchaseFile: see `PurchaseFile`.
    """
    size = file.seek(0, 2)
    if size > MAX_BYTES:
        most = MAX_BYTES // 1024 // 1024
        raise FileTooLarge(
            say(
                N_("Berkas ini lebih besar dari %(most)s MB. Bagi menurut bulan, lalu unggah satu per satu."),
                most=most,
            )
        )
    if size == 0:
        raise UnreadableFile(N_("Berkas ini kosong."))
    file.seek(0)
    head = file.read(8)
    if head.startswith(b"PK\x03\x04"):
        return "xlsx"
    for mark, reason in _OTHER_KINDS.items():
        if head.startswith(mark):
            raise NotAPurchaseFile(reason)
    return "csv"


def _level(issues: Iterable[Issue]) -> str:
    levels = {issue.level for issue in issues}
    return next((level for level in ("error", "left_out", "notice") if level in levels), "good")


def _repeats(
    row: RawRow, positions: dict[str, int], purchase: PurchaseRow | None, seen: dict[str, tuple[int, int]]
) -> Issue | None:
    """What an earlier line with the same package id means for this one; `seen` remembers this one."""
    if purchase is not None:
        package_id, content = purchase.package_id, hash(purchase.content)
    else:
        raw = _raw(row, positions)
        package_id, content = " ".join(raw.get("id_paket", "").split()), hash(tuple(raw.values()))
    if not package_id:
        return None
    first, same = seen.setdefault(package_id, (row.number, content))
    if first == row.number:
        return None
    if same == content:
        return Issue(
            row.number,
            "id_paket",
            say(N_("sama dengan baris %(first)s; dihitung satu kali"), first=first),
            "notice",
        )
    reason = say(
        N_("ID paket %(package)s sudah ada di baris %(first)s dengan isi lain"),
        package=package_id[:64],
        first=first,
    )
    return Issue(row.number, "id_paket", reason, "error")


def _raw(row: RawRow, positions: dict[str, int]) -> dict[str, str]:
    cells = row.cells
    return {
        key: "" if position >= len(cells) or cells[position] is None else str(cells[position])
        for key, position in positions.items()
    }
