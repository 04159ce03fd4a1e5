"""A link of an audit chain: what its hash covers, what the first one stands on, and what can be found wrong
with it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime

from workflows.canonical import canonical


@dataclass(frozen=True)
class Problem:
    """Something that does not match: the chain, the table and row that was tampered with, and what is wrong,
    in words."""

    chain: str
    table: str
    row_id: int | None
    message: str
    seq: int | None = None


def genesis(chain: str) -> str:
    """The hash that the first event of a chain stands on, where there is no earlier case."""
    return hashlib.sha256(f"karya:audit:1:{chain}".encode()).hexdigest()


def link_hash(
    tenant_id: int,
    chain: str,
    seq: int,
    prev: str,
    at: datetime,
    officer_id: int | None,
    action: str,
    payload: str,
) -> str:
    """The hash of one event: SHA-256 over the canonical JSON of everything it says. `payload` is canonical
    JSON text."""
    body = {
        "tenant": tenant_id,
        "chain": chain,
        "seq": seq,
        "prev": prev,
        "at": at.astimezone(UTC).isoformat(timespec="microseconds"),
        "officer": officer_id,
        "action": action,
        "payload": hashlib.sha256(payload.encode()).hexdigest(),
    }
    return hashlib.sha256(b"karya:event:1\x00" + canonical(body)).hexdigest()
