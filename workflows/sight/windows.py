"""The time that a report looks at: the last 90 days, or a month, quarter, half or year on the Kanwil's own clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from tenants.periods import label_of, months_of, quarter_of
from tenants.words import MONTHS

RECENT = "90d"
RECENT_DAYS = 90


@dataclass(frozen=True)
class Window:
    """From the first day until before `until`, cut at the months inside. `months` are "2024-03", in order."""

    key: str
    label: str
    first: date
    until: date
    months: tuple[str, ...]

    @property
    def last(self) -> date:
        """The last day of the window."""
        return self.until - timedelta(days=1)

    def instants(self, timezone: str) -> list[datetime]:
        """Where each month begins on a clock (the first where the window does), and where the window ends; UTC."""
        zone = ZoneInfo(timezone)
        days = [self.first, *(date(int(m[:4]), int(m[5:]), 1) for m in self.months[1:]), self.until]
        return [datetime.combine(day, time(), zone).astimezone(UTC) for day in days]


def window(key: str | None, today: date) -> Window:
    """The window of this key: ``90d`` (the default), "2024-03", "2024-Q1", "2024-S1" or "2024".

    Raises:
        Invalid: not a period.
    """
    if not key or key == RECENT:
        first = today - timedelta(days=RECENT_DAYS - 1)
        return Window(
            RECENT,
            f"{RECENT_DAYS} hari terakhir",
            first,
            today + timedelta(days=1),
            tuple(_months(first, today)),
        )
    months = months_of(key)
    last = date(int(months[-1][:4]), int(months[-1][5:]), 1)
    until = (last + timedelta(days=31)).replace(day=1)
    first = date(int(months[0][:4]), int(months[0][5:]), 1)
    return Window(key, label_of(key), first, until, tuple(months))


def choices(today: date) -> list[tuple[str, str]]:
    """What a page offers: the last 90 days, the newest quarters, months and years."""
    quarters, months = [], []
    day = today
    for _ in range(4):
        quarters.append(quarter_of(day))
        day = date(day.year, (day.month - 1) // 3 * 3 + 1, 1) - timedelta(days=1)
    day = today
    for _ in range(6):
        months.append(f"{day:%Y-%m}")
        day = day.replace(day=1) - timedelta(days=1)
    years = [str(today.year), str(today.year - 1)]
    return [
        (RECENT, f"{RECENT_DAYS} hari terakhir"),
        *((key, label_of(key)) for key in quarters + months + years),
    ]


def month_name(month: str) -> str:
    """A month of a trend, short: "Mar 2024"."""
    return f"{MONTHS[int(month[5:]) - 1][:3]} {month[:4]}"


def _months(first: date, last: date) -> list[str]:
    found, day = [], first.replace(day=1)
    while day <= last:
        found.append(f"{day:%Y-%m}")
        day = (day + timedelta(days=31)).replace(day=1)
    return found
