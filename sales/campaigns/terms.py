"""Where a campaign stands on a Kanwil's calendar, and the words of the room."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final

from sales.campaigns.models import ANNOUNCED, CLOSED, DRAFT
from tenants.clock import local_day
from tenants.words import N_

UPCOMING, RUNNING, LATE, ENDED = "upcoming", "running", "late", "ended"
PHASES: Final[dict[str, str]] = {
    DRAFT: N_("konsep"),
    UPCOMING: N_("akan datang"),
    RUNNING: N_("berlangsung"),
    LATE: N_("masa susulan"),
    ENDED: N_("menunggu ditutup"),
    CLOSED: N_("ditutup"),
}
FIRST_CLOCK: Final = "Asia/Jayapura"
"""Where a day of the country begins."""
LAST_CLOCK: Final = "Asia/Jakarta"
"""Where it ends; the centre's own clock."""
UNIT_STATES: Final[dict[str, str]] = {
    "invited": N_("diundang"),
    "joined": N_("ikut serta"),
    "declined": N_("tidak ikut"),
}


def phase(campaign: Any, today: date) -> str:
    """Where a campaign (or its public copy) stands on the day `today` of a calendar: a key of `PHASES`."""
    if campaign.state != ANNOUNCED:
        return str(campaign.state)
    if today < campaign.starts_on:
        return UPCOMING
    if today <= campaign.ends_on:
        return RUNNING
    return LATE if today <= campaign.late_until_on else ENDED


def national_phase(campaign: Any, now: datetime) -> str:
    """The same for the country as a whole: it runs as soon as a day begins in the east, until it ends in the west."""
    east, west = (phase(campaign, local_day(now, zone)) for zone in (FIRST_CLOCK, LAST_CLOCK))
    return east if west == UPCOMING else west


def day_number(campaign: Any, today: date) -> int:
    """Which day of the campaign it is, from 1; never beyond its last."""
    last = int((campaign.ends_on - campaign.starts_on).days) + 1
    return min(max(int((today - campaign.starts_on).days) + 1, 1), last)
