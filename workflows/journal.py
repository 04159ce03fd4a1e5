"""Reading the chains as a journal: who did what when, newest first, a keyset page at a time; and verifying them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from tenants.database import session as scoped_session
from tenants.database import transaction
from tenants.errors import Invalid
from tenants.jobs import enqueue, job
from tenants.models import Officer
from tenants.officers import Actor
from tenants.said import joined, say
from tenants.words import N_
from workflows import notices
from workflows.models import AuditEvent
from workflows.verifying import verify

AT_ONCE = 3000
"""A Kanwil with more events than this is verified by a job."""


@dataclass(frozen=True)
class JournalFilters:
    """What the journal is narrowed to. `kind` is the first part of an action: ``case``, ``officer``, ``recap`` ..."""

    kind: str = ""
    officer_id: int | None = None
    chain: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class JournalEntry:
    """One event as a page shows it."""

    id: int
    at: datetime
    action: str
    chain: str
    seq: int
    hash: str
    officer_id: int | None
    who: str
    facts: dict[str, Any]


def events(
    filters: JournalFilters,
    *,
    before: str | None = None,
    limit: int = 50,
    session: Session | None = None,
    tenant_id: int | None = None,
) -> tuple[list[JournalEntry], str | None]:
    """A page of events, newest first, and the cursor of the next one. Two statements.

    With a national `session`, `tenant_id` says whose.
    """
    asked = select(AuditEvent).order_by(AuditEvent.at.desc(), AuditEvent.id.desc()).limit(limit + 1)
    if tenant_id is not None:
        asked = asked.where(AuditEvent.tenant_id == tenant_id)
    if before is not None:
        at, last = _position(before)
        asked = asked.where(AuditEvent.at <= at, or_(AuditEvent.at < at, AuditEvent.id < last))
    if filters.kind:
        asked = asked.where(AuditEvent.action.startswith(f"{filters.kind}.", autoescape=True))
    if filters.officer_id is not None:
        asked = asked.where(AuditEvent.officer_id == filters.officer_id)
    if filters.chain:
        asked = asked.where(AuditEvent.chain == filters.chain)
    if filters.since is not None:
        asked = asked.where(AuditEvent.at >= filters.since)
    if filters.until is not None:
        asked = asked.where(AuditEvent.at < filters.until)
    rows = list((session or scoped_session()).scalars(asked))
    names = _names({row.officer_id for row in rows if row.officer_id})
    shown = [
        JournalEntry(
            id=row.id,
            at=row.at,
            action=row.action,
            chain=row.chain,
            seq=row.seq,
            hash=row.hash,
            officer_id=row.officer_id,
            who=names.get(row.officer_id or 0, ""),
            facts=_facts(row.payload),
        )
        for row in rows[:limit]
    ]
    return shown, f"{shown[-1].at.isoformat()}~{shown[-1].id}" if len(rows) > limit else None


def is_large() -> bool:
    """Whether verifying the Kanwil in scope takes longer than a request should. One statement, bounded."""
    some = select(AuditEvent.id).limit(AT_ONCE + 1).subquery()
    return int(scoped_session().scalar(select(func.count()).select_from(some)) or 0) > AT_ONCE


def verify_later(*, by: Actor, now: datetime) -> None:
    """Have the whole history verified by a job; its result comes to the officer as a notice."""
    with transaction():
        enqueue("audit.verify", {"officer_id": by.id}, key=f"{by.id}:{now:%Y%m%d%H%M}")


@job("audit.verify")
def verify_all(payload: dict[str, Any]) -> dict[str, Any]:
    """Verify everything of the Kanwil in scope and tell who asked."""
    from tenants.clock import now

    problems = verify(None)
    if problems:
        title = say(N_("Verifikasi riwayat: %(n)s hal tidak cocok"), n=len(problems))
        body = joined(
            say("%(chain)s: %(message)s", chain=one.chain, message=one.message) for one in problems[:20]
        )
    else:
        title, body = (
            say(N_("Verifikasi riwayat: semuanya cocok")),
            say(N_("Setiap peristiwa, putusan dan kasus dihitung ulang.")),
        )
    with transaction() as session:
        told = notices.draft("audit.verified", title, body, "/audit", officer_id=int(payload["officer_id"]))
        notices.tell(session, [told], now())
    return {"problems": len(problems)}


def _position(cursor: str) -> tuple[datetime, int]:
    at, _, last = cursor.partition("~")
    try:
        found = datetime.fromisoformat(at)
        if found.tzinfo is None or not last.isdigit() or len(last) > 9:
            raise ValueError
    except ValueError:
        raise Invalid(fields={"before": N_("Penanda halaman tidak dikenal; mulai dari awal.")}) from None
    return found, int(last)


def _names(ids: set[int]) -> dict[int, str]:
    if not ids:
        return {}
    rows = scoped_session().execute(
        select(Officer.id, Officer.first_name, Officer.last_name).where(Officer.id.in_(ids))
    )
    return {one: f"{first} {last}".strip() for one, first, last in rows}


def _facts(payload: str) -> dict[str, Any]:
    try:
        found = json.loads(payload)
    except ValueError:
        return {"payload": payload}
    return found if isinstance(found, dict) else {"payload": found}
