"""The chain of what the centre did with a recap of the country: append-only, each event hashed over the one before.

A Kanwil's chains stand in `workflows.audit`, which knows no centre; these are linked the same way (tenant 0). Whoever
adds to a chain holds the row that it is about, so that one event follows the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from recaps.national.models import NationalEvent
from tenants.database import session, transaction
from tenants.officers import Actor
from workflows.canonical import canonical
from workflows.chains import genesis, link_hash
from workflows.merkle import Head

CENTRE = 0
"""Where a Kanwil's event hashes its tenant."""


def record(
    chain: str, action: str, payload: Mapping[str, Any], *, by: Actor | None, now: datetime
) -> NationalEvent:
    """Add an event to a chain, in the open transaction. Two statements."""
    with transaction() as here:
        last = here.scalars(_of(chain).order_by(NationalEvent.seq.desc()).limit(1)).first()
        text = canonical(dict(payload)).decode()
        who = by.id if by is not None else None
        seq, prev = (last.seq + 1, last.hash) if last is not None else (1, genesis(chain))
        event = NationalEvent(
            chain=chain,
            seq=seq,
            prev_hash=prev,
            hash=link_hash(CENTRE, chain, seq, prev, now, who, action, text),
            at=now,
            officer_id=who,
            action=action,
            payload=text,
        )
        here.add(event)
        here.flush()
        return event


def head(chain: str) -> Head:
    """A chain's last event: (chain, seq, hash). One statement."""
    last = session().scalars(_of(chain).order_by(NationalEvent.seq.desc()).limit(1)).one()
    return last.chain, last.seq, last.hash


def listed(chain: str) -> list[NationalEvent]:
    """A chain's events, the newest first. One statement."""
    return list(session().scalars(_of(chain).order_by(NationalEvent.seq.desc())))


def holds(reader: Session, chain: str, until: Head) -> bool:
    """Whether a chain, hashed anew from its beginning, still has this head. One statement."""
    prev, found = genesis(chain), False
    for seq, event in enumerate(reader.scalars(_of(chain).order_by(NationalEvent.seq)), 1):
        now = link_hash(CENTRE, chain, seq, prev, event.at, event.officer_id, event.action, event.payload)
        if (event.seq, event.prev_hash, event.hash) != (seq, prev, now):
            return False
        found = found or (chain, seq, now) == tuple(until)
        prev = now
    return found


def _of(chain: str) -> Any:
    return select(NationalEvent).where(NationalEvent.chain == chain).execution_options(populate_existing=True)
