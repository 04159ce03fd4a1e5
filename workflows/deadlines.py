"""Deadlines in working days, on the Kanwil's own clock.

A working day is Monday to Friday, no national holiday, no collective leave, no closure of the Kanwil. The day
on which something arrives is not counted; a deadline ends at 16.00 local time of its last day. Pure
functions: the calendar comes in as an argument (`Calendar`), `calendars` reads it from the database.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from tenants.said import Said, say
from tenants.words import N_

OPENING, CLOSING = time(8, 0), time(16, 0)
URGENCIES = ("late", "today", "week", "later")
_FAR = 400


@dataclass(frozen=True)
class Calendar:
    """The days off of one Kanwil, and its timezone."""

    timezone: str
    days_off: frozenset[date] = field(default_factory=frozenset)

    def works_on(self, day: date) -> bool:
        return is_working_day(day, self.days_off)


def is_working_day(day: date, days_off: Container[date]) -> bool:
    """Whether offices work on this day."""
    return day.weekday() < 5 and day not in days_off


def due(start: datetime, days: int, tz: str, holidays: Container[date]) -> tuple[datetime, date]:
    """When something that arrives at `start` and has `days` working days is due: the instant (UTC) and the
    local day."""
    zone = ZoneInfo(tz)
    day = start.astimezone(zone).date()
    left = days
    while left:
        day += timedelta(days=1)
        if is_working_day(day, holidays):
            left -= 1
    return datetime.combine(day, CLOSING, zone).astimezone(UTC), day


def remind_at(due_on: date, days: int, after: datetime, calendar: Calendar) -> datetime | None:
    """When to remind of a deadline, later than `after`: on the morning `days` working days before its day, else on the
    morning of the day itself; None once that is past, too."""
    zone = ZoneInfo(calendar.timezone)
    before = due_on
    for _ in range(days):
        before -= timedelta(days=1)
        while not calendar.works_on(before):
            before -= timedelta(days=1)
    for day in (before, due_on):
        morning = datetime.combine(day, OPENING, zone).astimezone(UTC)
        if morning > after:
            return morning
    return None


def working_days(after: date, until: date, holidays: Container[date]) -> int:
    """Working days later than `after`, up to and with `until`; negative when `until` is the earlier one."""
    if until < after:
        return -working_days(until, after, holidays)
    if (until - after).days > _FAR:
        return (until - after).days * 5 // 7
    return sum(
        is_working_day(after + timedelta(days=n), holidays) for n in range(1, (until - after).days + 1)
    )


def urgency(due_at: datetime, due_on: date, now: datetime, calendar: Calendar) -> str:
    """``late``, ``today``, ``week`` (until Sunday) or ``later``."""
    today = now.astimezone(ZoneInfo(calendar.timezone)).date()
    if due_at <= now:
        return "late"
    if due_on <= today:
        return "today"
    return "week" if due_on <= today + timedelta(days=6 - today.weekday()) else "later"


def boundaries(now: datetime, calendar: Calendar) -> tuple[datetime, datetime, datetime]:
    """The instants at which ``late`` ends, ``today`` ends and ``week`` ends: each group is what is due before
    the next."""
    zone = ZoneInfo(calendar.timezone)
    today = now.astimezone(zone).date()
    monday = today + timedelta(days=7 - today.weekday())
    tomorrow = datetime.combine(today + timedelta(days=1), time(), zone)
    return now, tomorrow.astimezone(UTC), datetime.combine(monday, time(), zone).astimezone(UTC)


def in_words(due_at: datetime, due_on: date, now: datetime, calendar: Calendar) -> Said:
    """The deadline as a person says it: "lewat 2 hari kerja", "lewat sejak 16.00", "sampai 16.00", "3 hari
    kerja"."""
    zone = ZoneInfo(calendar.timezone)
    today = now.astimezone(zone).date()
    closing = f"{due_at.astimezone(zone):%H.%M}"
    if due_at <= now:
        late = working_days(due_on, today, calendar.days_off)
        if late > 0:
            return say(N_("lewat 1 hari kerja")) if late == 1 else say(N_("lewat %(n)s hari kerja"), n=late)
        return say(N_("lewat sejak %(time)s"), time=closing) if due_on == today else say(N_("baru lewat"))
    if due_on == today:
        return say(N_("sampai %(time)s"), time=closing)
    left = working_days(today, due_on, calendar.days_off)
    return say(N_("1 hari kerja")) if left <= 1 else say(N_("%(n)s hari kerja"), n=left)
