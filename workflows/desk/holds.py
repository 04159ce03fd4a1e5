"""What a hold means: whether it counts, whom it stops, how it reads. Values alone, without a statement."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from tenants.officers import Actor
from tenants.said import say
from tenants.words import MONTHS, N_
from workflows.desk.models import ASSIGNED, CaseHold
from workflows.errors import CaseHeld
from workflows.models import Case, Decision


def hold_on(
    holds: Sequence[CaseHold], case: Case, stage_key: str, votes: Sequence[Decision], now: datetime
) -> CaseHold | None:
    """The hold on an open stage that counts now; `votes` are those of the open step."""
    for one in holds:
        here = one.stage_key == stage_key and one.step_no == case.step_no
        lasts = one.until_at is None or one.until_at > now
        if here and lasts and all(vote.officer_id != one.officer_id for vote in votes):
            return one
    return None


def stops(hold: CaseHold | None, by: Actor) -> bool:
    """Whether a hold keeps `by` from deciding: another's does, but not the Kadiv."""
    return hold is not None and hold.officer_id != by.id and not by.has("kadiv")


def held_words(hold: CaseHold, now: datetime, timezone: str) -> str:
    """ "dipegang Dedi sampai 14.20", "ditugaskan kepada Dedi"."""
    return words_of(hold.kind, hold.officer_name, hold.until_at, now, timezone)


def words_of(kind: str, name: str, until_at: datetime | None, now: datetime, timezone: str) -> str:
    """The same from the columns of a hold."""
    if kind == ASSIGNED or until_at is None:
        return say(N_("ditugaskan kepada %(name)s"), name=name)
    zone = ZoneInfo(timezone)
    until = until_at.astimezone(zone)
    clock = f"{until:%H.%M}"
    if until.date() != now.astimezone(zone).date():
        clock = f"{until.day} {MONTHS[until.month - 1]} {clock}"
    return say(N_("dipegang %(name)s sampai %(clock)s"), name=name, clock=clock)


def refusal(hold: CaseHold, now: datetime, timezone: str) -> CaseHeld:
    """Why somebody else can't decide."""
    held = held_words(hold, now, timezone)
    return CaseHeld(
        say(N_("Kasus ini %(held)s. Kepala Divisi dapat mengalihkannya."), held=held),
        detail={
            "case_id": hold.case_id,
            "stage": hold.stage_key,
            "held_by": hold.officer_name,
            "held_until": hold.until_at.isoformat() if hold.until_at else None,
        },
    )
