"""Recomputing the history: every hash, every decision against its event, every case against its decisions.

Nothing here trusts a stored hash: it is computed anew from what the row says, and compared. A fault names the
row.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tenants.database import session as scoped_session
from workflows.canonical import canonical, digest
from workflows.chains import Problem, genesis, link_hash
from workflows.models import AuditChain, AuditEvent, Case, Decision

BATCH = 200
_HISTORY = (Case, Decision, AuditEvent)
Check = Callable[[Session, Sequence[Case], Mapping[str, Sequence[AuditEvent]]], Iterable[Problem]]
more: list[Check] = []
"""What other rooms hold against the chains of a batch of cases; they add themselves."""


def verify(chain: str | None = None) -> list[Problem]:
    """Verify one chain, or with None everything of the Kanwil in scope. An empty list: nothing is wrong."""
    if chain is None:
        return verify_tenant()
    if chain.startswith("case:"):
        return verify_case(int(chain.removeprefix("case:")))
    session = scoped_session()
    events = session.scalars(
        select(AuditEvent).where(AuditEvent.chain == chain).order_by(AuditEvent.seq)
    ).all()
    return list(_loose_chain(session, chain, events))


def verify_case(case_id: int) -> list[Problem]:
    """Verify one case: its chain, its decisions, its state."""
    session = scoped_session()
    cases = session.scalars(_fresh(select(Case).where(Case.id == case_id))).all()
    if not cases:
        return [Problem(f"case:{case_id}", "case_file", case_id, "Kasus ini tidak ada.")]
    return list(_cases(session, cases))


def verify_tenant() -> list[Problem]:
    """Verify all chains of the Kanwil in scope, in batches of cases; memory stays flat."""
    session = scoped_session()
    problems: list[Problem] = []
    after = 0
    while True:
        cases = session.scalars(
            _fresh(select(Case).where(Case.id > after).order_by(Case.id).limit(BATCH))
        ).all()
        if not cases:
            break
        problems += _cases(session, cases)
        after = cases[-1].id
        for row in [one for one in session.identity_map.values() if isinstance(one, _HISTORY)]:
            session.expunge(row)
    known = {f"case:{one}" for one in session.scalars(select(Case.id))}
    for chain in session.scalars(select(AuditEvent.chain).distinct().order_by(AuditEvent.chain)).all():
        if chain.startswith("case:"):
            if chain not in known:
                problems.append(Problem(chain, "case_file", None, "Kasus dari rantai ini hilang."))
            continue
        problems += verify(chain)
    return problems


def _fresh(statement: Any) -> Any:
    return statement.execution_options(populate_existing=True)


def _cases(session: Session, cases: Sequence[Case]) -> Iterator[Problem]:
    ids = [case.id for case in cases]
    earlier = {f"case:{case.previous_case_id}" for case in cases if case.previous_case_id}
    chains = {case.chain for case in cases}
    events: dict[str, list[AuditEvent]] = defaultdict(list)
    for event in session.scalars(
        _fresh(
            select(AuditEvent)
            .where(AuditEvent.chain.in_(chains | earlier))
            .order_by(AuditEvent.chain, AuditEvent.seq)
        )
    ):
        events[event.chain].append(event)
    decisions: dict[int, list[Decision]] = defaultdict(list)
    for decision in session.scalars(
        _fresh(
            select(Decision).where(Decision.case_id.in_(ids)).order_by(Decision.case_id, Decision.stage_no)
        )
    ):
        decisions[decision.case_id].append(decision)
    for case in cases:
        before = {genesis(case.chain)}
        if case.previous_case_id:
            before = {event.hash for event in events[f"case:{case.previous_case_id}"]}
        own = events[case.chain]
        yield from _links(case.chain, own, before)
        if case.chain_seq != len(own) or (own and case.chain_head != own[-1].hash):
            yield Problem(
                case.chain,
                "case_file",
                case.id,
                f"Kasus mencatat {case.chain_seq} peristiwa, rantainya {len(own)}, atau ujungnya berbeda.",
            )
        yield from _case_against_events(case, own, decisions[case.id])
    for check in more:
        yield from check(session, cases, events)


def _loose_chain(session: Session, chain: str, events: Sequence[AuditEvent]) -> Iterator[Problem]:
    yield from _links(chain, events, {genesis(chain)})
    head = session.scalars(_fresh(select(AuditChain).where(AuditChain.chain == chain))).first()
    if head is None:
        if events:
            yield Problem(chain, "audit_chain", None, "Ujung rantai ini hilang.")
    elif head.seq != len(events) or (events and head.head != events[-1].hash):
        yield Problem(
            chain,
            "audit_chain",
            head.id,
            f"Rantai mencatat {head.seq} peristiwa, isinya {len(events)}, atau ujungnya berbeda.",
        )


def _links(chain: str, events: Iterable[AuditEvent], before: set[str]) -> Iterator[Problem]:
    """Numbers without gaps, each hash recomputed, each standing on the one before."""
    prev: str | None = None
    for number, event in enumerate(events, 1):
        named = partial(Problem, chain, "audit_event", event.id, seq=event.seq)
        if event.seq != number:
            yield named(message=f"Peristiwa nomor {number} hilang: yang berikutnya bernomor {event.seq}.")
            return
        if (prev is None and event.prev_hash not in before) or (prev is not None and event.prev_hash != prev):
            yield named(message=f"Peristiwa nomor {event.seq} tidak bersambung dengan yang sebelumnya.")
        try:
            same = canonical(json.loads(event.payload)).decode() == event.payload
        except ValueError:
            same = False
        computed = link_hash(
            event.tenant_id,
            chain,
            event.seq,
            event.prev_hash,
            event.at,
            event.officer_id,
            event.action,
            event.payload,
        )
        if not same or computed != event.hash:
            yield named(message=f"Isi peristiwa nomor {event.seq} ({event.action}) diubah setelah dicatat.")
        prev = event.hash


def _case_against_events(
    case: Case, events: Sequence[AuditEvent], decisions: Sequence[Decision]
) -> Iterator[Problem]:
    told: dict[int, dict[str, Any]] = {}
    after: dict[str, Any] | None = None
    for event in events:
        try:
            payload = json.loads(event.payload)
        except ValueError:
            continue  # already named by `_links`
        if not isinstance(payload, dict):
            continue
        if isinstance(payload.get("decision"), dict):
            told[int(payload["decision"]["stage_no"])] = payload["decision"]
        if isinstance(payload.get("submission"), dict):
            yield from _submission(case, payload["submission"])
        after = payload.get("after") or after
    for row in decisions:
        said = told.pop(row.stage_no, None)
        if said is None:
            yield Problem(
                case.chain, "decision", row.id, f"Putusan {row.stage_key} tidak tercatat dalam rantai."
            )
            continue
        changed = [name for name, value in decision_payload(row).items() if said.get(name) != value]
        if changed:
            yield Problem(
                case.chain,
                "decision",
                row.id,
                f"Putusan {row.stage_key} diubah setelah dicatat: {', '.join(changed)}.",
            )
    for number in told:
        yield Problem(
            case.chain,
            "decision",
            None,
            f"Putusan ke-{number} tercatat dalam rantai, tetapi barisnya hilang.",
        )
    if after is not None:
        changed = [name for name, value in state_payload(case).items() if after.get(name) != value]
        if changed:
            yield Problem(
                case.chain,
                "case_file",
                case.id,
                f"Keadaan kasus tidak sesuai dengan putusan terakhirnya: {', '.join(changed)}.",
            )


def _submission(case: Case, said: dict[str, Any]) -> Iterator[Problem]:
    changed = [name for name, value in submission_payload(case).items() if said.get(name) != value]
    if changed:
        yield Problem(
            case.chain, "case_file", case.id, f"Isi kasus diubah setelah diajukan: {', '.join(changed)}."
        )


def decision_payload(decision: Decision) -> dict[str, Any]:
    """What the chain says of a decision: all of its row."""
    return {
        "stage_no": decision.stage_no,
        "stage_key": decision.stage_key,
        "outcome": decision.outcome,
        "officer_id": decision.officer_id,
        "officer_name": decision.officer_name,
        "acting_as": decision.acting_as,
        "checklist": decision.checklist,
        "comment": decision.comment,
        "requests": decision.requests,
        "key": decision.key,
        "decided_at": decision.decided_at.isoformat(timespec="microseconds"),
    }


def submission_payload(case: Case) -> dict[str, Any]:
    """What the chain says of a submission: whose revision of what, under which workflow, and the hash of its
    content."""
    return {
        "subject_type": case.subject_type,
        "subject_id": case.subject_id,
        "revision_no": case.revision_no,
        "previous_case_id": case.previous_case_id,
        "definition_id": case.definition_id,
        "definition_version": case.definition_version,
        "upt_id": case.upt_id,
        "title": case.title,
        "submitted_by": case.submitted_by,
        "submitted_by_name": case.submitted_by_name,
        "editor_ids": case.editor_ids,
        "fields_sha256": digest(case.fields),
        "answers_sha256": digest(case.answers),
    }


def state_payload(case: Case) -> dict[str, Any]:
    """Where a case stands after an event."""
    return {
        "state": case.state,
        "stage_key": case.stage_key,
        "stage_no": case.stage_no,
        "version": case.version,
        "due_on": case.due_on.isoformat() if case.due_on else None,
    }
