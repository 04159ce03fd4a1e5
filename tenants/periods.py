"""Periods as people write them: a month, a quarter, a half, a year, on the calendar of a Kanwil."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from tenants.errors import Invalid
from tenants.words import MONTHS, N_, month_id

_PERIOD = re.compile(r"^(20\d{2})(?:-(0[1-9]|1[0-2])|-Q([1-4])|-S([12]))?$")


def months_of(key: str) -> list[str]:
    """The months of a period, in order: "2024-Q1" is 2024-01, 2024-02, 2024-03.

    Raises:
        Invalid: not a period.
    """
    found = _PERIOD.match(key)
    if found is None:
        raise Invalid(
            N_("Periode tidak dikenal."),
            fields={"period": N_("Tulis seperti 2024-03, 2024-Q1, 2024-S1, atau 2024.")},
        )
    base, month, quarter, half = found.groups()
    if month:
        numbers: Iterable[int] = [int(month)]
    elif quarter:
        numbers = range(int(quarter) * 3 - 2, int(quarter) * 3 + 1)
    elif half:
        numbers = range(int(half) * 6 - 5, int(half) * 6 + 1)
    else:
        numbers = range(1, 13)
    return [f"{base}-{number:02}" for number in numbers]


def label_of(key: str) -> str:
    """What people call a period: "Maret 2024", "Triwulan I 2024 (Januari–Maret)", "Semester I 2024", "Tahun 2024".

    Raises:
        Invalid: not a period.
    """
    months = months_of(key)
    year, first, last = int(months[0][:4]), int(months[0][5:]), int(months[-1][5:])
    return {
        1: month_id(year, first),
        3: f"Triwulan {('I', 'II', 'III', 'IV')[(first - 1) // 3]} {year} ({MONTHS[first - 1]}–{MONTHS[last - 1]})",
        6: f"Semester {('I', 'II')[(first - 1) // 6]} {year}",
        12: f"Tahun {year}",
    }[len(months)]


def quarter_of(day: date) -> str:
    """The quarter that a day lies in: "2024-Q1"."""
    return f"{day.year}-Q{(day.month + 2) // 3}"
