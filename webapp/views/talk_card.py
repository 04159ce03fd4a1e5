"""The card "Percakapan" of a case's page: what was said, what is asked, and the forms to say and ask more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid4

from flask import request

from tenants.officers import Actor
from webapp.access import may
from workflows.models import Case
from workflows.subjects import subject_type
from workflows.talk import queries
from workflows.talk.checking import ACCEPTED
from workflows.talk.comments import MENTION, of_kanwil
from workflows.talk.invitations import DEFAULT_DAYS, MAX_DAYS

SHOWN = 30
ALL = 500


@dataclass(frozen=True)
class Tried:
    """A form of the card that was refused (``comment``, ``ask``, ``invite``, ``answer-7``), what was typed, and why."""

    form: str
    typed: Mapping[str, str] = field(default_factory=dict)
    problems: Mapping[str, Any] = field(default_factory=dict)
    message: str = ""


def card(
    case: Case, by: Actor, now: datetime, tried: Tried | None = None, *, talked: bool = True
) -> dict[str, Any]:
    """What the card shows. Two to three statements for a UPT's officer, up to seven for the Kanwil's; one where the
    case's chain tells of no talk (`talked` False)."""
    whole = request.args.get("percakapan") == "semua"
    lines, more = (
        queries.talk(case, by=by, now=now, limit=ALL if whole else SHOWN, newest=True)
        if talked
        else ([], False)
    )
    inside = of_kanwil(by)
    opinions = queries.opinions_of(case) if inside and talked else []
    invitations = queries.invitations_of(case) if inside and talked else []
    people = queries.listeners(case, by)
    asks = inside and case.is_open and may("ask_opinions")
    return {
        "lines": [(line, pieces(line.body, line.mentions)) for line in lines],
        "more": more,
        "questions": {
            one.note_id: one.question for one in (*opinions, *invitations) if one.note_id is not None
        },
        "waiting": [one for one in opinions if one.answered_at is None and case.is_open],
        "invitations": [(one, one.state(now) if case.is_open else "over") for one in invitations],
        "inside": inside,
        "may_say": may("comment_cases"),
        "may_ask": asks,
        "may_invite": asks and subject_type(case.subject_type).outside is not None,
        "people": people,
        "colleagues": [(username, name) for username, name, of_upt in people if not of_upt],
        "tried": tried or Tried(""),
        "key": lambda form: tried.typed.get("key") if tried and tried.form == form else str(uuid4()),
        "accepted": ACCEPTED,
        "days": DEFAULT_DAYS,
        "most_days": MAX_DAYS,
    }


def pieces(body: str, mentions: list[str]) -> list[tuple[str, bool]]:
    """The words in pieces: (text, whether it is the mention of somebody who was told)."""
    found: list[tuple[str, bool]] = []
    end = 0
    for one in MENTION.finditer(body):
        if one.group(1).lower() not in mentions:
            continue
        found += [(body[end : one.start()], False), (one.group(0), True)]
        end = one.end()
    return [piece for piece in (*found, (body[end:], False)) if piece[0]]
