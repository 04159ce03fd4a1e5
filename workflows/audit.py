"""The audit: append-only chains of events, each hashed over its content and the link before it.

A case has its own chain (``case:<id>``), begun on the head of the case before it; what belongs to no case
goes to ``kanwil``. The application role may not change an event, triggers refuse it on both databases
(`ddl`), and `verifying` recomputes everything. A signed recap carries the Merkle root over the chain heads of
its period.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tenants.database import session as scoped_session
from tenants.database import transaction
from tenants.officers import Actor
from tenants.prepared import made
from workflows.canonical import canonical
from workflows.chains import Problem, genesis, link_hash
from workflows.merkle import Head, merkle_root
from workflows.models import AuditChain, AuditEvent, Case
from workflows.verifying import verify, verify_case, verify_tenant

__all__ = [
    "Problem",
    "ddl",
    "genesis",
    "heads",
    "link_case",
    "link_hash",
    "merkle_root",
    "next_event",
    "record",
    "verify",
    "verify_case",
    "verify_tenant",
]

KANWIL = "kanwil"
APPEND_ONLY = ("decision", "audit_event")


def link_case(
    session: Session, case: Case, action: str, payload: Mapping[str, Any], *, by: int | None, now: datetime
) -> AuditEvent:
    """Add an event to a case's chain and move the case's head; the caller holds the case locked and flushes."""
    event = next_event(case, action, payload, by=by, now=now)
    session.add(event)
    return event


def next_event(
    case: Case, action: str, payload: Mapping[str, Any], *, by: int | None, now: datetime
) -> AuditEvent:
    """The next event of a case's chain, and the case's head moved onto it; the caller writes both."""
    event = _event(case.tenant_id, case.chain, case.chain_seq + 1, case.chain_head, action, payload, by, now)
    event.upt_id = case.upt_id
    case.chain_seq, case.chain_head = event.seq, event.hash
    return event


def record(
    chain: str,
    action: str,
    payload: Mapping[str, Any],
    *,
    by: Actor | None,
    now: datetime,
    upt_id: int | None = None,
) -> AuditEvent:
    """Add an event to a chain, in the open transaction or one of its own. Three statements.

    `payload` is a JSON object. For ``case:<id>`` the event goes onto that case's chain. `upt_id`: whose UPT reads it
    too; it is told in the payload, so that the hash covers it.

    Raises:
        ValueError: the payload is not JSON.
    """
    who = by.id if by is not None else None
    with transaction() as session:
        if chain.startswith("case:"):
            case = session.scalars(
                select(Case)
                .where(Case.id == int(chain.removeprefix("case:")))
                .with_for_update()
                .execution_options(populate_existing=True)
            ).one()
            event = link_case(session, case, action, payload, by=who, now=now)
            session.flush()
            return event
        head = _head(session, chain)
        if upt_id is not None:
            payload = {**payload, "seen_by_upt": upt_id}
        event = _event(head.tenant_id, chain, head.seq + 1, head.head, action, payload, who, now)
        event.upt_id = upt_id
        head.seq, head.head = event.seq, event.hash
        session.add(event)
        session.flush()
        return event


def _head(session: Session, chain: str) -> AuditChain:
    """The head of a chain, locked; made where it is missing, once however many try."""
    asked = select(AuditChain).where(AuditChain.chain == chain).with_for_update()
    head = session.scalars(asked.execution_options(populate_existing=True)).first()
    if head is not None:
        return head
    try:
        with session.begin_nested():
            head = AuditChain(chain=chain, seq=0, head=genesis(chain))
            session.add(head)
            session.flush()
        return head
    except IntegrityError:
        return session.scalars(asked.execution_options(populate_existing=True)).one()


def _event(
    tenant_id: int,
    chain: str,
    seq: int,
    prev: str,
    action: str,
    payload: Mapping[str, Any],
    officer_id: int | None,
    now: datetime,
) -> AuditEvent:
    text = canonical(dict(payload)).decode()
    return made(
        AuditEvent,
        {
            "tenant_id": tenant_id,
            "chain": chain,
            "seq": seq,
            "prev_hash": prev,
            "hash": link_hash(tenant_id, chain, seq, prev, now, officer_id, action, text),
            "at": now,
            "officer_id": officer_id,
            "action": action,
            "payload": text,
        },
    )


def heads(start: datetime, end: datetime, *, session: Session | None = None) -> list[Head]:
    """Each chain's last event within `start` <= at < `end`, sorted by chain: (chain, seq, hash). One
    statement."""
    last = (
        select(AuditEvent.chain.label("chain"), func.max(AuditEvent.seq).label("seq"))
        .where(AuditEvent.at >= start, AuditEvent.at < end)
        .group_by(AuditEvent.chain)
        .subquery()
    )
    rows = (session or scoped_session()).execute(
        select(AuditEvent.chain, AuditEvent.seq, AuditEvent.hash)
        .join(last, and_(AuditEvent.chain == last.c.chain, AuditEvent.seq == last.c.seq))
        .order_by(AuditEvent.chain)
    )
    return sorted((row.chain, row.seq, row.hash) for row in rows)


def ddl(dialect: str) -> list[str]:
    """Triggers that refuse to change or delete a decision or an audit event; safe to run again."""
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER IF NOT EXISTS {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            for table in APPEND_ONLY
            for verb in ("UPDATE", "DELETE")
        ]
    statements = [
        "CREATE OR REPLACE FUNCTION karya_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME "
        "USING ERRCODE = 'restrict_violation'; END $$"
    ]
    for table in APPEND_ONLY:
        statements += [
            f"DROP TRIGGER IF EXISTS {table}_append_only ON {table}",
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION karya_append_only()",
            f"DROP TRIGGER IF EXISTS {table}_no_truncate ON {table}",
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION karya_append_only()",
        ]
    return statements


def drop_ddl(dialect: str) -> list[str]:
    """Take the triggers away again; for a migration's way back."""
    if dialect == "sqlite":
        return [
            f"DROP TRIGGER IF EXISTS {table}_no_{verb}"
            for table in APPEND_ONLY
            for verb in ("update", "delete")
        ]
    return [
        f"DROP TRIGGER IF EXISTS {table}_{name} ON {table}"
        for table in APPEND_ONLY
        for name in ("append_only", "no_truncate")
    ]
