"""Holding what was said against the chains: each comment and note is there, as it was when it was linked;
and what was asked of whom.

Comments and notes have a hash of their own, which is older than the one of their whole rows."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from tenants.said import say
from tenants.words import N_
from workflows.chains import Problem
from workflows.models import AuditEvent, Case
from workflows.proof.reading import rows
from workflows.proof.registry import check_cases
from workflows.proof.whole import MISSING, compare
from workflows.talk.held import HELD
from workflows.talk.models import Comment, CommentFile, Note, NoteFile

_LINKED = {
    "comment": ("case.commented",),
    "note": ("case.noted", "case.opinion_given", "case.expert_answered"),
}
STRUCK = N_("Ditarik tanpa tercatat, atau tercatat tanpa ditarik.")
_STRUCK = {"comment": "case.comment_struck", "note": "case.note_struck"}


@check_cases
def check(session: Session, cases: Sequence[Case]) -> Iterator[Problem]:
    """What is wrong with the talk about these cases. Twelve statements."""
    chains = {case.id: case.chain for case in cases}
    events = _events(session, list(chains.values()))
    for word, mapped, kept, parent in (
        ("comment", Comment, CommentFile, CommentFile.comment_id),
        ("note", Note, NoteFile, NoteFile.note_id),
    ):
        told: dict[int, tuple[str, str]] = {}
        struck: set[int] = set()
        for chain in chains.values():
            for event in events.get(chain, ()):
                said = _payload(event)
                if event.action in _LINKED[word] and isinstance(said.get(word), int):
                    told[said[word]] = (chain, str(said.get("sha256")))
                elif event.action == _STRUCK[word]:
                    struck.add(int(said.get(word) or 0))
        files: dict[int, list[str]] = defaultdict(list)
        asked: Any = select(parent, kept.sha256).where(kept.case_id.in_(list(chains))).order_by(kept.id)
        for owner, sha256 in session.execute(asked):
            files[owner].append(sha256)
        unread: list[Problem] = []
        said_rows: list[Any] = rows(session, mapped, mapped.case_id.in_(list(chains)), unread)
        for row in said_rows:
            known = told.pop(row.id, None)
            said_hash = known[1] if known else None
            yield from _row(row, chains[row.case_id], said_hash, files[row.id], row.id in struck)
        yield from unread
        for missing, (chain, _) in told.items():
            yield Problem(chain, mapped.__tablename__, missing, MISSING)
    yield from compare(
        session, HELD, lambda held: held.model.case_id.in_(list(chains)), list(chains.values())
    )


def _events(session: Session, chains: list[str]) -> Mapping[str, Sequence[AuditEvent]]:
    """What these chains say of the talk, in order."""
    actions = [*(name for names in _LINKED.values() for name in names), *_STRUCK.values()]
    found: dict[str, list[AuditEvent]] = defaultdict(list)
    for event in rows(
        session, AuditEvent, and_(AuditEvent.chain.in_(chains), AuditEvent.action.in_(actions)), []
    ):
        found[event.chain].append(event)
    return found


def _row(row: Any, chain: str, said: str | None, files: list[str], struck: bool) -> Iterator[Problem]:
    table = row.__tablename__
    if said is None:
        yield Problem(chain, table, row.id, say(N_("Tidak tercatat dalam rantai.")))
    elif not said == row.sha256 == row.fingerprint(files):
        yield Problem(chain, table, row.id, say(N_("Isi atau lampirannya diubah setelah dicatat.")))
    if (row.struck_at is not None) != struck:
        yield Problem(chain, table, row.id, say(STRUCK))


def _payload(event: AuditEvent) -> dict[str, Any]:
    try:
        said = json.loads(event.payload)
    except ValueError:
        return {}  # already named by the chain's own check
    return said if isinstance(said, dict) else {}
