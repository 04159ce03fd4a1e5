"""Indonesian in figures, words and dates; what is written can be read back."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenants import words

AMOUNTS = st.integers(min_value=-words.LARGEST, max_value=words.LARGEST)
DAYS = st.dates(min_value=date(1900, 1, 1), max_value=date(2999, 12, 31))

NUMBERS = {
    word: number
    for number, word in enumerate(
        [
            *("nol", "satu", "dua", "tiga", "empat", "lima", "enam"),
            *("tujuh", "delapan", "sembilan", "sepuluh", "sebelas"),
        ]
    )
}
SCALES = {"ribu": 10**3, "juta": 10**6, "miliar": 10**9, "triliun": 10**12}


def heard(text: str) -> int:
    """What a listener understands: an independent reading of an amount in words."""
    sign, spoken = (
        (-1, text.removeprefix("minus ").split()) if text.startswith("minus ") else (1, text.split())
    )
    total = group = digit = 0
    for word in spoken:
        if word == "seribu":
            total += 1000
        elif word == "seratus":
            group += 100
        elif word in NUMBERS:
            digit = NUMBERS[word]
        elif word == "belas":
            group, digit = group + 10 + digit, 0
        elif word == "puluh":
            group, digit = group + digit * 10, 0
        elif word == "ratus":
            group, digit = group + digit * 100, 0
        else:
            total, group, digit = total + (group + digit) * SCALES[word], 0, 0
    return sign * (total + group + digit)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "nol"),
        (11, "sebelas"),
        (12, "dua belas"),
        (19, "sembilan belas"),
        (20, "dua puluh"),
        (100, "seratus"),
        (101, "seratus satu"),
        (111, "seratus sebelas"),
        (999, "sembilan ratus sembilan puluh sembilan"),
        (1000, "seribu"),
        (1001, "seribu satu"),
        (1999, "seribu sembilan ratus sembilan puluh sembilan"),
        (2000, "dua ribu"),
        (11000, "sebelas ribu"),
        (100000, "seratus ribu"),
        (1000000, "satu juta"),
        (1001000, "satu juta seribu"),
        (47850000, "empat puluh tujuh juta delapan ratus lima puluh ribu"),
        (48000000, "empat puluh delapan juta"),
        (10**9, "satu miliar"),
        (10**12, "satu triliun"),
        (-5, "minus lima"),
    ],
)
def test_a_number_in_words(number: int, text: str) -> None:
    assert words.terbilang(number) == text


def test_the_largest_number_in_words_and_the_one_after_it() -> None:
    assert words.terbilang(words.LARGEST).startswith("sembilan ratus sembilan puluh sembilan triliun ")
    with pytest.raises(ValueError, match="terlalu besar"):
        words.terbilang(words.LARGEST + 1)


@given(AMOUNTS)
def test_words_say_the_number(number: int) -> None:
    assert heard(words.terbilang(number)) == number
    assert "satu ratus" not in words.terbilang(number)
    assert "satu belas" not in words.terbilang(number)
    assert "satu puluh" not in words.terbilang(number)


def test_an_amount_as_a_letter_writes_it() -> None:
    assert words.rupiah(47850000) == "Rp47.850.000"
    assert words.rupiah(48000000, cents=True) == "Rp48.000.000,00"
    assert words.rupiah(0) == "Rp0"
    assert words.rupiah(-1500) == "-Rp1.500"
    assert words.rupiah_words(48000000) == "empat puluh delapan juta rupiah"


@given(AMOUNTS, st.booleans())
def test_a_written_amount_reads_back(amount: int, cents: bool) -> None:
    assert words.read_rupiah(words.rupiah(amount, cents=cents)) == amount
    assert words.read_number(words.number_id(amount)) == amount
    assert words.read_number(str(amount)) == amount


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("Rp1.250.000,00", 1250000),
        ("Rp 1.250.000", 1250000),
        ("Rp. 1.250.000,-", 1250000),
        ("IDR 1250000", 1250000),
        ("rp1.250", 1250),
        ("1,250,000.00", 1250000),
        ("1,250,000", 1250000),
        ("1,250.00", 1250),
        ("1250000.00", 1250000),
        ("\u00a01 250 000 ", 1250000),
        ("-Rp500", -500),
        ("Rp-500", -500),
        ("0", 0),
    ],
)
def test_amounts_as_people_and_programs_write_them(text: str, amount: int) -> None:
    assert words.read_rupiah(text) == amount


@pytest.mark.parametrize(
    "text",
    ["", "Rp", "seratus ribu", "1,250", "12,5", "1.25", "1.2500", "1.250.00", "1e6", "--5", "1,250.00.00",
     "\u0663\u0664", "12 rb", "9" * 16],
)  # fmt: skip
def test_what_is_not_a_whole_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        words.read_rupiah(text)


def test_numbers_and_shares() -> None:
    assert words.number_id(1234567) == "1.234.567"
    assert words.number_id(2.5, 1) == "2,5"
    assert words.share_id(0.875) == "88%"
    assert words.share_id(0.875, 1) == "87,5%"


def test_dates_and_clocks() -> None:
    assert words.date_id(date(2024, 3, 5)) == "5 Maret 2024"
    assert words.day_date_id(date(2024, 3, 5)) == "Selasa, 5 Maret 2024"
    assert words.month_id(2024, 3) == "Maret 2024"
    at = datetime(2024, 3, 5, 7, 20, tzinfo=UTC)
    assert words.instant_id(at, ZoneInfo("Asia/Pontianak")) == "5 Maret 2024 pukul 14.20 WIB"
    assert words.instant_id(at, ZoneInfo("Asia/Makassar")) == "5 Maret 2024 pukul 15.20 WITA"
    assert words.instant_id(at, ZoneInfo("Asia/Jayapura")) == "5 Maret 2024 pukul 16.20 WIT"
    assert words.zone_id(at) == "UTC+00.00"
    with pytest.raises(ValueError, match="zona waktu"):
        words.zone_id(datetime(2024, 3, 5))  # noqa: DTZ001


@given(DAYS)
def test_a_written_date_reads_back(day: date) -> None:
    assert words.read_date(words.date_id(day)) == day
    assert words.read_date(words.day_date_id(day)) == day
    assert words.read_date(day.isoformat()) == day
    assert words.read_date(f"{day:%d/%m/%Y}") == day
    assert words.read_date(f"{day.day}-{words.MONTHS[day.month - 1][:3]}-{day.year}") == day


@pytest.mark.parametrize(
    "text",
    ["5 Maret 2024", "05 MAR 2024", "5-Mar-2024", "5/3/2024", "05.03.2024", "2024-03-05 00:00:00",
     "2024-03-05T10:00:00Z", "2024-03-05T10:00:00.000+07:00", "Selasa, 5 Maret 2024 pukul 14.20 WIB",
     "5 March 2024", "5\u00a0Maret\u00a02024"],
)  # fmt: skip
def test_the_ways_in_which_a_day_is_written(text: str) -> None:
    assert words.read_date(text) == date(2024, 3, 5)


@pytest.mark.parametrize("text", ["2024-02-31", "31 Februari 2024", "29/02/2023", "2024-13-01"])
def test_a_day_that_the_calendar_does_not_have(text: str) -> None:
    with pytest.raises(words.NoSuchDate, match="tidak ada dalam kalender"):
        words.read_date(text)


@pytest.mark.parametrize("text", ["", "kemarin", "5 Marut 2024", "05/03/24", "2024", "45356", "5 Maret"])
def test_what_is_not_a_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        words.read_date(text)


@given(st.text())
def test_reading_any_text_ends_in_a_value_or_a_sentence(text: str) -> None:
    for read in (words.read_rupiah, words.read_number, words.read_date):
        try:
            read(text)
        except ValueError as error:
            assert str(error)  # noqa: PT017 - either outcome is right
