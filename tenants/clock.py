"""The clock. Only views, jobs and commands read it; use cases take `now` as an argument."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


def now() -> datetime:
    """This instant, in UTC, with its timezone."""
    return datetime.now(UTC)


def local_day(instant: datetime, timezone: str) -> date:
    """The day of an instant on the wall calendar of an IANA timezone."""
    return instant.astimezone(ZoneInfo(timezone)).date()
