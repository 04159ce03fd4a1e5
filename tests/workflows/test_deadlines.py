"""Deadlines in working days on the Kanwil's own clock."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.calendars import HOLIDAYS
from workflows.deadlines import Calendar, boundaries, due, in_words, is_working_day, urgency, working_days

with HOLIDAYS.open(encoding="utf-8", newline="") as lines:
    OFF = frozenset(date.fromisoformat(row["day"]) for row in csv.DictReader(lines))
WIB = Calendar("Asia/Jakarta", OFF)
BEGIN = datetime(2024, 1, 1, tzinfo=UTC)


def at(text: str) -> datetime:
    """An instant on Pontianak's clock."""
    return datetime.fromisoformat(text + "+07:00").astimezone(UTC)


@pytest.mark.parametrize(
    ("start", "days", "on"),
    [
        ("2024-03-05T10:00", 3, "2024-03-08"),
        ("2024-03-08T09:00", 1, "2024-03-13"),  # weekend, Nyepi and its collective leave
        ("2024-04-05T15:00", 3, "2024-04-18"),  # Lebaran
        ("2024-12-24T10:00", 2, "2024-12-30"),  # Christmas and the leave after it
    ],
)
def test_holidays_and_collective_leave_are_not_counted(start: str, days: int, on: str) -> None:
    due_at, due_on = due(at(start), days, "Asia/Jakarta", OFF)
    assert due_on.isoformat() == on
    assert due_at == at(f"{on}T16:00")


def test_the_day_is_the_kanwils_own() -> None:
    late_evening = datetime(2024, 3, 4, 16, 30, tzinfo=UTC)  # 23.30 in Jakarta, 01.30 of the 5th in Jayapura
    assert due(late_evening, 1, "Asia/Jakarta", OFF)[1] == date(2024, 3, 5)
    assert due(late_evening, 1, "Asia/Jayapura", OFF)[1] == date(2024, 3, 6)
    assert due(late_evening, 1, "Asia/Jayapura", OFF)[0] == datetime(2024, 3, 6, 7, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "words", "group"),
    [
        ("2024-03-05T11:00", "3 hari kerja", "week"),
        ("2024-03-07T23:00", "1 hari kerja", "week"),
        ("2024-03-08T09:00", "sampai 16.00", "today"),
        ("2024-03-08T16:00", "lewat sejak 16.00", "late"),
        ("2024-03-09T09:00", "baru lewat", "late"),
        ("2024-03-13T09:00", "lewat 1 hari kerja", "late"),
        ("2024-03-14T09:00", "lewat 2 hari kerja", "late"),
        ("2024-03-02T09:00", "5 hari kerja", "later"),
    ],
)
def test_a_deadline_is_said_as_a_person_says_it(now: str, words: str, group: str) -> None:
    due_at, due_on = at("2024-03-08T16:00"), date(2024, 3, 8)
    assert in_words(due_at, due_on, at(now), WIB) == words
    assert urgency(due_at, due_on, at(now), WIB) == group


@given(st.integers(0, 3 * 365 * 24 * 60), st.integers(1, 20))
def test_a_deadline_lies_its_number_of_working_days_ahead(minutes: int, days: int) -> None:
    instant = BEGIN + timedelta(minutes=minutes)
    due_at, due_on = due(instant, days, "Asia/Makassar", OFF)
    today = Calendar("Asia/Makassar", OFF)
    begun = instant.astimezone(ZoneInfo("Asia/Makassar")).date()
    assert is_working_day(due_on, OFF)
    assert working_days(begun, due_on, OFF) == days
    assert due_at > instant
    assert urgency(due_at, due_on, instant, today) != "late"


@given(st.integers(0, 300 * 24 * 60), st.integers(0, 300 * 24 * 60))
def test_the_groups_of_a_list_and_of_a_row_agree(started: int, seen: int) -> None:
    due_at, due_on = due(BEGIN + timedelta(minutes=started), 3, "Asia/Jakarta", OFF)
    now = BEGIN + timedelta(minutes=seen)
    late, today, week = boundaries(now, WIB)
    group = "late" if due_at <= late else "today" if due_at < today else "week" if due_at < week else "later"
    assert urgency(due_at, due_on, now, WIB) == group
