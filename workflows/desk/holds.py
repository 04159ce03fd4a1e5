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
from workflows.stages import Stage


def holds_on(
    holds: Sequence[CaseHold], case: Case, stage_key: str, votes: Sequence[Decision], now: datetime
) -> list[CaseHold]:
    """The holds on an open stage that count now, oldest first; `votes` are those of the open step."""
    voted = {vote.officer_id for vote in votes}
    found = [
        one
        for one in holds
        if one.stage_key == stage_key
        and one.step_no == case.step_no
        and (one.until_at is None or one.until_at > now)
        and one.officer_id not in voted
    ]
    return sorted(found, key=lambda one: (one.created_at, one.id))


def own_or_first(counting: Sequence[CaseHold], officer_id: int) -> CaseHold | None:
    """Of the holds that count, the officer's own, else the oldest."""
    return next((one for one in counting if one.officer_id == officer_id), next(iter(counting), None))


def is_full(counting: Sequence[CaseHold], stage: Stage, votes: Sequence[Decision]) -> bool:
    """Whether every seat of a stage is held or has voted."""
    return len(counting) + sum(vote.stage_key == stage.key for vote in votes) >= stage.votes


def in_the_way(
    counting: Sequence[CaseHold], stage: Stage, votes: Sequence[Decision], officer_id: int
) -> CaseHold | None:
    """The hold that keeps an officer out of a stage; None where he has one of its seats himself, or one is free."""
    found = own_or_first(counting, officer_id)
    if found is None or found.officer_id == officer_id or not is_full(counting, stage, votes):
        return None
    return found


def stops(
    holds: Sequence[CaseHold],
    case: Case,
    stage: Stage,
    votes: Sequence[Decision],
    by: Actor,
    now: datetime,
) -> CaseHold | None:
    """The hold that keeps `by` from deciding; the Kadiv decides all the same."""
    if not holds or by.has("kadiv"):
        return None
    return in_the_way(holds_on(holds, case, stage.key, votes, now), stage, votes, by.id)


def held_words(hold: CaseHold, now: datetime, timezone: str) -> str:
    """ "dipegang Dedi sampai 14.20", "ditugaskan kepada Dedi"."""
    return words_of(hold.kind, hold.officer_name, hold.until_at, now, timezone)


def all_words(counting: Sequence[CaseHold], now: datetime, timezone: str) -> str | None:
    """The words of every hold on a stage, one after the other; None where there is none."""
    return ", ".join(held_words(one, now, timezone) for one in counting) or None


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
