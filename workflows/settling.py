"""Ticking off: what a return asked travels frozen in the next case, and the stage that asked says when it is met.

Pure rules. The list is frozen at the submission and covered by the case's chain, so that deciding reads nothing more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tenants.said import say
from tenants.words import N_
from workflows.models import Case, Decision
from workflows.stages import Stage
from workflows.subjects import SubjectType

UNMET = say(N_("Centang bila sudah dipenuhi, atau kembalikan lagi."))
NOT_OURS = say(N_("Permintaan ini bukan dari tahap ini."))


def carried_over(previous: Case, decisions: Sequence[Decision]) -> list[dict[str, Any]]:
    """What the next case has to answer for: the requests of the previous one's returns, and before them those that
    it carried itself and whose stage never came to decide (an earlier stage returned it first, or it was withdrawn).

    Each is ``{"id", "field", "text", "stage_key", "by", "by_id"}``, and ``"answer"`` where an earlier revision gave one
    that still waits to be read.
    """
    decided = {one.stage_key for one in decisions}
    waiting = [
        {**one, **({"answer": said} if (said := previous.answers.get(one["id"])) else {})}
        for one in previous.asked or []
        if one["stage_key"] not in decided
    ]
    fresh = [
        {**request, "stage_key": one.stage_key, "by": one.officer_name, "by_id": one.officer_id}
        for one in decisions
        for request in one.requests
    ]
    return [*waiting, *fresh]


def asked_by(case: Case, stage: Stage, subject: SubjectType) -> list[dict[str, Any]]:
    """The requests that this stage has to tick off before it approves."""
    if not subject.ticks_requests:
        return []
    return [one for one in case.asked or [] if one["stage_key"] == stage.key]


def settled(
    asked: Sequence[Mapping[str, Any]], given: Any, *, complete: bool, wrong: dict[str, Any]
) -> list[str]:
    """The ids that a verdict ticks off, in the order they were asked; what is wrong goes into `wrong`.

    `complete`: an approval, which needs all of them.
    """
    named = [str(one) for one in given] if isinstance(given, list | tuple) else []
    known = [str(one["id"]) for one in asked]
    wrong |= {f"settled.{one[:60]}": NOT_OURS for one in named if one not in known}
    if complete:
        wrong |= {f"settled.{one}": UNMET for one in known if one not in named}
    return [one for one in known if one in named]
