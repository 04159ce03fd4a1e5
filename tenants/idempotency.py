"""Idempotency keys: a request sent twice is carried out once, and answered the same."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from tenants.clock import now
from tenants.database import transaction
from tenants.errors import Conflict, Invalid, NoScope
from tenants.models import RequestKey
from tenants.scope import current_or_none
from tenants.words import N_

T = TypeVar("T")


class KeyReused(Conflict):
    """The same key came with another content."""

    code = "kunci-dipakai"
    title = N_("Kunci Idempotency-Key ini sudah dipakai untuk permintaan lain")


def once(
    key: str | None,
    operation: str,
    act: Callable[[], T],
    result_id: Callable[[T], int],
    load: Callable[[int], T],
    *,
    content: Any = None,
) -> tuple[T, bool]:
    """Carry out `act` once for this officer, operation and key; a repetition loads what it made.

    `content` is what was asked; the same key with another content is refused. Returns the result and whether it is a
    repetition. One transaction with `act`; two statements more, none without a key.

    Raises:
        KeyReused: the key was used for other content.
    """
    if not key:
        with transaction():
            return act(), False
    if len(key) > 200:
        raise Invalid(N_("Idempotency-Key paling panjang 200 huruf."))
    scope = current_or_none()
    if scope is None or scope.officer_id is None:
        raise NoScope()
    fingerprint = _fingerprint(content)
    try:
        with transaction() as session:
            used = _used(session, scope.officer_id, operation, key, fingerprint)
            if used is None:
                row = RequestKey(
                    officer_id=scope.officer_id,
                    operation=operation,
                    key=key,
                    fingerprint=fingerprint,
                    created_at=now(),
                )
                session.add(row)
                session.flush()
                result = act()
                session.execute(
                    update(RequestKey).where(RequestKey.id == row.id).values(result_id=result_id(result))
                )
                return result, False
    except IntegrityError:
        with transaction() as session:
            used = _used(session, scope.officer_id, operation, key, fingerprint)
        if used is None:
            raise
    return load(used), True


def was_used(key: str | None, operation: str, *, content: Any = None) -> bool:
    """Whether this officer used the key for the operation before: for what is no one transaction and can't be `once`,
    but is harmless twice. One statement, none without a key.

    Raises:
        KeyReused: the key was used for other content.
    """
    scope = current_or_none()
    if not key or scope is None or scope.officer_id is None:
        return False
    with transaction() as session:
        return _used(session, scope.officer_id, operation, key, _fingerprint(content)) is not None


def _fingerprint(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()


def _used(session: Any, officer_id: int, operation: str, key: str, fingerprint: str) -> int | None:
    row = session.execute(
        select(RequestKey.result_id, RequestKey.fingerprint).where(
            RequestKey.officer_id == officer_id, RequestKey.operation == operation, RequestKey.key == key
        )
    ).first()
    if row is None:
        return None
    if row.fingerprint != fingerprint:
        raise KeyReused()
    return int(row.result_id)
