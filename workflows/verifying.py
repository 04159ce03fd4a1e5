"""Recomputing the history: every hash, every decision against its event, every case against its decisions, what other
rooms keep of it (`proof.registry`), and the signed documents that lie outside of it.

Nothing here trusts a stored hash: it is computed anew from what the row says, and compared. A fault names the
row. What no row and no signed document says any more can't be found here: a chain's newest events, taken away together
with everything they led to, before any recap or minutes was signed over them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from tenants.database import session as scoped_session
from tenants.models import Kanwil
from tenants.said import say
from tenants.scope import current
from tenants.words import N_
from workflows.chains import Problem, genesis
from workflows.merkle import merkle_root
from workflows.models import AuditChain, AuditEvent, Case, Decision, DefinitionVersion
from workflows.proof import registry
from workflows.proof.payloads import decision_payload, state_payload, submission_payload
from workflows.proof.reading import rows
from workflows.proof.registry import Anchor
from workflows.proof.rules import OTHER_UPT, case_rows, definition_rows, hash_now, links, said_by

__all__ = [
    "decision_payload",
    "state_payload",
    "submission_payload",
    "verify",
    "verify_case",
    "verify_tenant",
]

BATCH = 200
DIFFERS = N_("Peristiwa nomor %(seq)s berbeda dari %(name)s yang ditandatangani.")
LOST = N_("Peristiwa nomor %(seq)s hilang, tetapi tercantum dalam %(name)s yang ditandatangani.")
_HISTORY = (Case, Decision, AuditEvent)


def verify(chain: str | None = None) -> list[Problem]:
    """Verify one chain, or with None everything of the Kanwil in scope. An empty list: nothing is wrong."""
    if chain is None:
        return verify_tenant()
    if chain.startswith("case:"):
        return verify_case(int(chain.removeprefix("case:")))
    session = scoped_session()
    found: list[Problem] = []
    found += list(_loose_chain(session, chain, found))
    found += _anchored(session, {chain})
    return _once(found)


def verify_case(case_id: int) -> list[Problem]:
    """Verify one case and those before it: chains, decisions, states, workflow, the subject's rows, and the signed
    documents that name them."""
    session = scoped_session()
    found: list[Problem] = []
    ids: list[int] = []
    following: int | None = case_id
    while following is not None and following not in ids:
        ids.append(following)
        following = session.scalar(select(Case.previous_case_id).where(Case.id == following))
    cases = rows(session, Case, Case.id.in_(ids), found)
    if not cases and not found:
        return [Problem(f"case:{case_id}", "case_file", case_id, say(N_("Kasus ini tidak ada.")))]
    found += list(_cases(session, cases, _definitions(session, found), _zone(session), found))
    found += _anchored(session, {f"case:{one}" for one in ids})
    return _once(found)


def verify_tenant() -> list[Problem]:
    """Verify all chains of the Kanwil in scope, in batches of cases; memory stays flat."""
    session = scoped_session()
    found: list[Problem] = []
    definitions, zone = _definitions(session, found), _zone(session)
    known = sorted(session.scalars(select(Case.id)))
    for start in range(0, len(known), BATCH):
        batch = known[start : start + BATCH]
        cases = rows(session, Case, Case.id.between(batch[0], batch[-1]), found)
        found += list(_cases(session, cases, definitions, zone, found))
        for row in [one for one in session.identity_map.values() if isinstance(one, _HISTORY)]:
            session.expunge(row)
    names = {f"case:{one}" for one in known}
    chains = set(session.scalars(select(AuditEvent.chain).distinct()))
    for chain in sorted(chains | set(session.scalars(select(AuditChain.chain)))):
        if not chain.startswith("case:"):
            found += list(_loose_chain(session, chain, found))
        elif chain not in names:
            found.append(Problem(chain, "case_file", None, say(N_("Kasus dari rantai ini hilang."))))
    for case_id in sorted(set(session.scalars(select(Decision.case_id).distinct())) - set(known)):
        found.append(Problem(f"case:{case_id}", "decision", None, say(N_("Putusan ini tidak punya kasus."))))
    published = rows(session, AuditEvent, AuditEvent.action == "definition.published", found)
    found += definition_rows(definitions.values(), published)
    for check in registry.kanwil_checks:
        found += check(session)
    found += _anchored(session, None)
    return _once(found)


def _once(found: Iterable[Problem]) -> list[Problem]:
    return list(dict.fromkeys(found))


def _zone(session: Session) -> ZoneInfo:
    return ZoneInfo(session.get_one(Kanwil, current().tenant_id).timezone)


def _definitions(session: Session, found: list[Problem]) -> dict[int, DefinitionVersion]:
    return {row.id: row for row in rows(session, DefinitionVersion, DefinitionVersion.id > 0, found)}


def _cases(
    session: Session,
    cases: Sequence[Case],
    definitions: dict[int, DefinitionVersion],
    zone: ZoneInfo,
    found: list[Problem],
) -> Iterator[Problem]:
    ids = [case.id for case in cases]
    earlier = {f"case:{case.previous_case_id}" for case in cases if case.previous_case_id}
    chains = {case.chain for case in cases}
    events: dict[str, list[AuditEvent]] = defaultdict(list)
    for event in rows(session, AuditEvent, AuditEvent.chain.in_(chains | earlier), found):
        events[event.chain].append(event)
    for chain in events.values():
        chain.sort(key=lambda event: event.seq)
    decisions: dict[int, list[Decision]] = defaultdict(list)
    for decision in rows(session, Decision, Decision.case_id.in_(ids), found):
        decisions[decision.case_id].append(decision)
    for case in cases:
        before = {genesis(case.chain)}
        if case.previous_case_id:
            before = {event.hash for event in events[f"case:{case.previous_case_id}"]}
        own = events[case.chain]
        yield from links(case.chain, own, before)
        yield from case_rows(case, own, decisions[case.id], definitions.get(case.definition_id), zone)
    for check in registry.case_checks:
        yield from check(session, cases)


def _loose_chain(session: Session, chain: str, found: list[Problem]) -> Iterator[Problem]:
    events = sorted(rows(session, AuditEvent, AuditEvent.chain == chain, found), key=lambda event: event.seq)
    yield from links(chain, events, {genesis(chain)})
    for event in events:
        if event.upt_id != said_by(event).get("seen_by_upt"):
            yield Problem(
                chain,
                "audit_event",
                event.id,
                say(OTHER_UPT, seq=event.seq),
                event.seq,
            )
    heads = rows(session, AuditChain, AuditChain.chain == chain, found)
    if not heads:
        if events:
            yield Problem(chain, "audit_chain", None, say(N_("Ujung rantai ini hilang.")))
        return
    head = heads[0]
    if head.seq != len(events) or not events or head.head != events[-1].hash:
        yield Problem(
            chain,
            "audit_chain",
            head.id,
            say(
                N_("Rantai mencatat %(told)s peristiwa, isinya %(n)s, atau ujungnya berbeda."),
                told=head.seq,
                n=len(events),
            ),
        )


# --- what lies outside the chains ---


def standing(session: Session, anchor: Anchor) -> tuple[str, list[tuple[str, int, AuditEvent | None]]]:
    """The root of an anchor's heads as the events stand today, and each head that is another or gone."""
    held: dict[tuple[str, int], AuditEvent] = {}
    for start in range(0, len(anchor.heads), 400):
        part = anchor.heads[start : start + 400]
        which = and_(
            AuditEvent.chain.in_(sorted({chain for chain, _, _ in part})),
            AuditEvent.seq.in_(sorted({seq for _, seq, _ in part})),
        )
        for event in rows(session, AuditEvent, which, []):
            held[event.chain, event.seq] = event
    now = [(c, s, hash_now(held[c, s]) if (c, s) in held else "") for c, s, _ in anchor.heads]
    lost = [
        (chain, seq, held.get((chain, seq)))
        for (chain, seq, head), (_, _, today) in zip(anchor.heads, now, strict=True)
        if head != today
    ]
    return merkle_root(now), lost


def _anchored(session: Session, chains: set[str] | None) -> Iterator[Problem]:
    """Each signed document's heads against today's events; of `chains` alone where they are named."""
    for anchor in (one for source in registry.anchors for one in source(session, chains)):
        if anchor.problem:
            if chains is None:
                yield Problem(
                    "kanwil",
                    anchor.table,
                    anchor.row_id,
                    say("%(name)s: %(problem)s", name=anchor.name, problem=anchor.problem),
                )
            continue
        if chains is None and anchor.root is not None and merkle_root(anchor.heads) != anchor.root:
            yield Problem(
                "kanwil",
                anchor.table,
                anchor.row_id,
                say(N_("%(name)s: akarnya bukan akar isinya."), name=anchor.name),
            )
        asked = [head for head in anchor.heads if chains is None or head[0] in chains]
        for chain, seq, event in standing(session, replace(anchor, heads=asked))[1]:
            yield Problem(
                chain,
                "audit_event",
                event.id if event else None,
                say(DIFFERS if event else LOST, seq=seq, name=anchor.name),
                seq,
            )
