"""How the house writes and reads Indonesian: money, numbers, amounts in words, dates.

Pure functions without a clock, a database or a locale setting: letters, pages, exports and the import parser
say the same thing in the same way. Money is whole rupiah (`int`); a reader raises `ValueError` with words for
people.
"""

from __future__ import annotations

import re
from datetime import date, datetime, tzinfo
from decimal import Decimal
from typing import Final

LARGEST: Final = 10**15 - 1
"""999 trillion and what is left of it: the largest amount written in words or accepted from a file."""

MONTHS: Final = (
    "Januari",
    "Februari",
    "Maret",
    "April",
    "Mei",
    "Juni",
    "Juli",
    "Agustus",
    "September",
    "Oktober",
    "November",
    "Desember",
)
DAYS: Final = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")

_UNITS: Final = (
    *("", "satu", "dua", "tiga", "empat", "lima"),
    *("enam", "tujuh", "delapan", "sembilan", "sepuluh", "sebelas"),
)
_SCALES: Final = ((10**12, "triliun"), (10**9, "miliar"), (10**6, "juta"), (10**3, "ribu"))
_ZONES: Final = {7: "WIB", 8: "WITA", 9: "WIT"}

# Spellings in exports and typed by hand: full names, three letters, the old Pebruari and Nopember, English.
_MONTH_NUMBERS: Final = {
    **{name.lower(): number for number, name in enumerate(MONTHS, 1)},
    **{name[:3].lower(): number for number, name in enumerate(MONTHS, 1)},
    "pebruari": 2, "peb": 2, "agt": 8, "ags": 8, "agus": 8, "sept": 9, "nopember": 11, "nop": 11,
    "january": 1, "february": 2, "march": 3, "may": 5, "june": 6, "july": 7, "august": 8, "aug": 8,
    "october": 10, "oct": 10, "december": 12, "dec": 12,
}  # fmt: skip


def N_(text: str) -> str:  # noqa: N802 - the gettext convention
    """Mark `text` for translation where it is defined; the page that shows it looks the translation up."""
    return text


# --- numbers and money ---


def number_id(number: int | float | Decimal, decimals: int = 0) -> str:
    """A number as Indonesia writes it: `1234567` is "1.234.567", `number_id(2.5, 1)` is "2,5"."""
    text = f"{number:,.{decimals}f}"
    return text.translate(str.maketrans(",.", ".,"))


def rupiah(amount: int, *, cents: bool = False) -> str:
    """`47850000` is "Rp47.850.000", with `cents` "Rp47.850.000,00"; below zero "-Rp500"."""
    sign = "-" if amount < 0 else ""
    return f"{sign}Rp{number_id(abs(amount))}{',00' if cents else ''}"


def share_id(share: float, decimals: int = 0) -> str:
    """A share from 0 to 1 in percent: `0.875` is "88%", with one decimal "87,5%"."""
    return f"{number_id(share * 100, decimals)}%"


def terbilang(number: int) -> str:
    """A whole number in words: `47850000` is "empat puluh tujuh juta delapan ratus lima puluh ribu".

    Raises:
        ValueError: beyond 999 trillion, where officials stop counting in words.
    """
    if abs(number) > LARGEST:
        raise ValueError(N_("Angka ini terlalu besar untuk ditulis dengan huruf."))
    if number < 0:
        return f"minus {terbilang(-number)}"
    return " ".join(_words(number)) or "nol"


def _words(number: int) -> list[str]:
    if number < 12:
        return [_UNITS[number]] if number else []
    if number < 20:
        return [_UNITS[number - 10], "belas"]
    if number < 100:
        return [_UNITS[number // 10], "puluh", *_words(number % 10)]
    if number < 200:
        return ["seratus", *_words(number - 100)]
    if number < 1000:
        return [_UNITS[number // 100], "ratus", *_words(number % 100)]
    if number < 2000:
        return ["seribu", *_words(number - 1000)]
    for value, name in _SCALES:
        if number >= value:
            return [*_words(number // value), name, *_words(number % value)]
    raise AssertionError("every number from 2.000 on has a scale")


def rupiah_words(amount: int) -> str:
    """An amount in words as a letter carries it: "empat puluh delapan juta rupiah"."""
    return f"{terbilang(amount)} rupiah"


# --- dates ---


def date_id(day: date) -> str:
    """ "5 Maret 2024"."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def day_date_id(day: date) -> str:
    """ "Selasa, 5 Maret 2024"."""
    return f"{DAYS[day.weekday()]}, {date_id(day)}"


def month_id(year: int, month: int) -> str:
    """ "Maret 2024"."""
    return f"{MONTHS[month - 1]} {year}"


def zone_id(instant: datetime) -> str:
    """The name of an aware instant's clock: WIB, WITA or WIT; elsewhere its offset ("UTC+00.00")."""
    offset = instant.utcoffset()
    if offset is None:
        raise ValueError(N_("Waktu ini tidak menyebut zona waktunya."))
    minutes = int(offset.total_seconds()) // 60
    if minutes % 60 == 0 and minutes // 60 in _ZONES:
        return _ZONES[minutes // 60]
    return f"UTC{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}.{abs(minutes) % 60:02d}"


def instant_id(instant: datetime, zone: tzinfo) -> str:
    """An instant on the clock of `zone`: "5 Maret 2024 pukul 14.20 WIB"."""
    local = instant.astimezone(zone)
    return f"{date_id(local.date())} pukul {local:%H.%M} {zone_id(local)}"


# --- reading what people and programs write ---

_MARK = re.compile(r"^(?:rp\.?|idr)\s*", re.IGNORECASE)
_PLAIN = re.compile(r"^\d+(?:[.,]0{1,2})?$")
_DOTTED = re.compile(r"^\d{1,3}(?:\.\d{3})+(?:,(?:00?|-))?$")
_COMMAED = re.compile(r"^\d{1,3}(?:(?:,\d{3}){2,}(?:\.00?)?|,\d{3}\.00?)$")
_EITHER = re.compile(r"^\d{1,3},\d{3}$")
_DASHED = re.compile(r"^\d+,-$")
_SMALL_CHANGE = re.compile(r"^(?:\d{1,3}(?:\.\d{3})*|\d+),\d{1,2}$|^\d+\.\d{1,2}$")


def read_number(text: str) -> int:
    """A whole number from "1250000", "1.250.000", "1.250.000,00", "1.250.000,-", "1,250,000.00" or "-3".

    "1.250" is one thousand two hundred and fifty, as Indonesia writes; "1,250" may mean either: refused.

    Raises:
        ValueError: not a number, not a whole one, or larger than `LARGEST`.
    """
    clean = text.strip().replace("\u00a0", "").replace(" ", "")
    negative = clean.startswith(("-", "\u2212"))
    digits = clean[1:] if negative else clean
    if not digits.isascii():
        raise ValueError(N_("bukan angka"))
    if _DOTTED.match(digits):
        whole = digits.split(",")[0].replace(".", "")
    elif _PLAIN.match(digits) or _DASHED.match(digits):
        whole = re.split(r"[.,]", digits)[0]
    elif _COMMAED.match(digits):
        whole = digits.split(".")[0].replace(",", "")
    elif _EITHER.match(digits):
        raise ValueError(N_("tidak jelas: koma di sini bisa berarti ribuan, bisa juga pecahan"))
    elif _SMALL_CHANGE.match(digits):
        raise ValueError(N_("bukan bilangan bulat"))
    else:
        raise ValueError(N_("bukan angka"))
    if len(whole.lstrip("0")) > len(str(LARGEST)):
        raise ValueError(N_("terlalu besar"))
    return -int(whole) if negative else int(whole)


def read_rupiah(text: str) -> int:
    """A whole amount from "Rp1.250.000,00", "Rp 1.250.000", "IDR 1250000", "1.250.000,-" or "1250000".

    Raises:
        ValueError: not an amount, or one with cents.
    """
    clean = text.strip()
    negative = clean.startswith("-")
    bare = _MARK.sub("", clean[1:].strip() if negative else clean)
    if negative and bare.startswith(("-", "\u2212")):
        raise ValueError(N_("bukan angka"))
    amount = read_number(bare)
    return -amount if negative else amount


class NoSuchDate(ValueError):
    """It is written like a date, but the calendar has no such day."""


_CLOCK = (
    r"(?:[T ,]+(?:pukul )?\d{1,2}[:.]\d{2}(?:[:.]\d{2}(?:\.\d+)?)?"
    r"(?: ?(?:Z|WIB|WITA|WIT|[+-]\d{2}:?\d{2}))?)?$"
)
_ISO = re.compile(r"^(\d{4})-(\d{1,2})-(\d{1,2})" + _CLOCK, re.IGNORECASE)
_DAY_FIRST = re.compile(r"^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})" + _CLOCK, re.IGNORECASE)
_NAMED = re.compile(r"^(?:[a-z']+, ?)?(\d{1,2})[ ./-]+([a-z]+)[ ./,-]+(\d{4})" + _CLOCK, re.IGNORECASE)


def is_whole(text: str | None, digits: int = 9) -> bool:
    """Whether a text is a whole number of at most so many digits. Digits are 0 to 9: `str.isdigit` takes "²" for one,
    which `int` refuses."""
    return text is not None and text.isascii() and text.isdecimal() and len(text) <= digits


def read_date(text: str) -> date:
    """A day from "2024-03-05", "05/03/2024" (day first), "5 Maret 2024", "Selasa, 5 Mar 2024", "5-Mar-2024".

    Raises:
        NoSuchDate: a date that the calendar does not have (31 February).
        ValueError: not a date; a year of two digits counts as none.
    """
    clean = " ".join(text.replace("\u00a0", " ").split())
    if not clean.isascii():
        raise ValueError(N_("bukan tanggal"))
    if found := _ISO.match(clean):
        year, month, day = (int(part) for part in found.groups())
    elif found := _DAY_FIRST.match(clean):
        day, month, year = (int(part) for part in found.groups())
    elif found := _NAMED.match(clean):
        if found[2].lower() not in _MONTH_NUMBERS:
            raise ValueError(N_("bukan tanggal"))
        day, month, year = int(found[1]), _MONTH_NUMBERS[found[2].lower()], int(found[3])
    else:
        raise ValueError(N_("bukan tanggal"))
    try:
        return date(year, month, day)
    except ValueError as error:
        raise NoSuchDate(f"tanggal {text.strip()} tidak ada dalam kalender") from error
