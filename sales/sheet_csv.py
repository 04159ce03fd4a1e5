"""Read CSV as offices have it: UTF-8 with or without a mark, Windows-1252, UTF-16; comma, semicolon or tab.

Line by line, in flat memory. A line that can't be decoded, or whose quotation mark is never closed, becomes
a row with a problem; the lines around it stay whole.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from typing import BinaryIO, Final

from sales.errors import NotAPurchaseFile, UnreadableFile
from tenants.sheet_rows import MAX_COLUMNS, RawRow
from tenants.words import N_

DELIMITERS: Final = (",", ";", "\t")
_LONGEST_RECORD: Final = 20
"""Lines over which one quoted cell may reach; beyond, its quotation mark was forgotten."""
_LONGEST_LINE: Final = 64 * 1024

NOT_UTF8: Final = "baris ini memuat bita yang bukan UTF-8 ({bytes}); simpan ulang berkas sebagai CSV UTF-8"
OPEN_QUOTE: Final = "tanda kutip di baris ini tidak ditutup"
TOO_LONG: Final = "baris ini terlalu panjang"

# What Western office programs write in Windows-1252: quotation marks, dashes, signs, accented letters. The
# rest of its upper half (thorn, eth, y with diaeresis ...) never stands in an Indonesian file; there it is
# damage.
_LIKELY_1252: Final = frozenset(
    b"\x80\x82\x84\x85\x8a\x8c\x91\x92\x93\x94\x95\x96\x97\x99\x9a\x9c\xa0\xa3\xa9\xab\xad\xae\xb0\xb1\xb2\xb3\xb4"
    b"\xb5\xb7\xb9\xba\xbb\xbc\xbd\xbe\xbf\xd7"
) | frozenset(range(0xC0, 0xFD)) - frozenset(b"\xd0\xde\xf0")


def encoding_of(file: BinaryIO) -> str:
    """Which of `utf-8`, `cp1252`, `utf-16` the file is in, from its mark or from all of its bytes.

    A file with one valid UTF-8 letter beyond ASCII is UTF-8, and so is one whose other bytes make no
    Windows-1252.

    Raises:
        NotAPurchaseFile: it is not text.
    """
    file.seek(0)
    head = file.read(4096)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if b"\x00" in head:
        raise NotAPurchaseFile(N_("Berkas ini bukan teks. Unggah ekspor e-Katalog sebagai CSV atau XLSX."))
    file.seek(0)
    damaged = False
    for raw in file:
        if raw.isascii():
            continue
        try:
            raw.decode("utf-8")
        except UnicodeDecodeError:
            damaged = True
            if not frozenset(byte for byte in raw if byte > 0x7F) <= _LIKELY_1252:
                return "utf-8"
        else:
            return "utf-8"
    return "cp1252" if damaged else "utf-8"


def _lines(file: BinaryIO, encoding: str) -> Iterator[tuple[int, str, str | None]]:
    """Each physical line with its number and, where it can't be read, why."""
    file.seek(0)
    if encoding == "utf-16":
        text = io.TextIOWrapper(file, encoding="utf-16", errors="replace", newline="\n")
        try:
            for number, line in enumerate(text, 1):
                yield number, line, NOT_UTF8.format(bytes="UTF-16 rusak") if "\ufffd" in line else None
        finally:
            text.detach()
        return
    for number, raw in enumerate(file, 1):
        if number == 1:
            raw = raw.removeprefix(codecs.BOM_UTF8)
        if len(raw) > _LONGEST_LINE:
            yield number, "", TOO_LONG
            continue
        try:
            yield number, raw.decode(encoding), None
        except UnicodeDecodeError as error:
            shown = " ".join(f"{byte:02X}" for byte in raw if byte > 0x7F)[:47]
            del error
            yield number, raw.decode("utf-8", errors="replace"), NOT_UTF8.format(bytes=shown)


def _split(text: str, delimiter: str) -> list[str] | None:
    """The cells of one record, or None while a quotation mark is still open.

    A quotation mark that the standard does not know (`5" x 3"`) is a letter like any other.
    """
    if '"' not in text:
        return text.rstrip("\r\n").split(delimiter)
    try:
        return next(csv.reader(text.splitlines(keepends=True), delimiter=delimiter, strict=True), [])
    except csv.Error as error:
        if "unexpected end of data" in str(error):
            return None
    return next(csv.reader([text.rstrip("\r\n")], delimiter=delimiter), [])


def rows(file: BinaryIO, delimiter: str, encoding: str) -> Iterator[RawRow]:
    """Every record with the number of its first line; blank lines are passed over, with their numbers
    counted."""
    pending: list[tuple[int, str, str | None]] = []
    source = _lines(file, encoding)
    while True:
        number, text, problem = pending.pop(0) if pending else next(source, (0, "", None))
        if not number:
            return
        if problem is None and not text.strip():
            continue
        if problem is not None:
            yield RawRow(number, _cells(text.rstrip("\r\n").split(delimiter)), problem)
            continue
        cells, ahead = _split(text, delimiter), 0
        whole = text
        while cells is None and ahead < _LONGEST_RECORD:
            if ahead == len(pending):
                line = next(source, None)
                if line is None:
                    break
                pending.append(line)
            if pending[ahead][2] is not None:
                break
            whole += pending[ahead][1]
            ahead += 1
            cells = _split(whole, delimiter)
        if cells is None:
            yield RawRow(number, _cells(text.rstrip("\r\n").split(delimiter)), OPEN_QUOTE)
            continue
        del pending[:ahead]
        stripped = _cells(cells)
        if any(stripped):
            yield RawRow(number, stripped)


def _cells(cells: list[str]) -> tuple[str, ...]:
    return tuple(map(str.strip, cells[:MAX_COLUMNS]))


def first_rows(file: BinaryIO, delimiter: str, encoding: str, most: int) -> list[RawRow]:
    """The first records, for finding the header."""
    found = []
    for row in rows(file, delimiter, encoding):
        found.append(row)
        if len(found) == most:
            break
    return found


def count_lines(file: BinaryIO) -> int:
    """How many lines the file has, by their ends alone."""
    file.seek(0)
    return sum(piece.count(b"\n") for piece in iter(lambda: file.read(1024 * 1024), b"")) + 1


def check_not_empty(file: BinaryIO) -> None:
    """Raises:
    UnreadableFile: there is not one byte of text.
    """
    file.seek(0)
    if not file.read(1024).strip():
        raise UnreadableFile(N_("Berkas ini kosong."))
