"""The scope: inside whose rows a request, a job or a command works.

A scope is entered once, at the edge (sign-in of a request, start of a job, a command's argument), and read only by the
lowest layer (`guard`, `database`). A rule never passes a tenant around, and none can widen what it was given.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from tenants.errors import NoScope, ScopeError


@dataclass(frozen=True)
class Scope:
    """A Kanwil, narrowed to one UPT where `upt_id` is set. `officer_id` is who acts (None: a job or a command)."""

    tenant_id: int
    upt_id: int | None = None
    officer_id: int | None = None


@dataclass(frozen=True)
class NationalScope:
    """The centre's reach: no tenant's rows through the ordinary session, all of them read-only through `national()`."""

    officer_id: int | None = None


_current: ContextVar[Scope | NationalScope | None] = ContextVar("karya_scope", default=None)


def current() -> Scope:
    """The scope in force.

    Raises:
        NoScope: there is none, or it is the national one, which never touches a tenant's rows by the ordinary way.
    """
    scope = _current.get()
    if not isinstance(scope, Scope):
        raise NoScope("Tidak ada lingkup Kanwil yang berlaku.")
    return scope


def current_or_none() -> Scope | NationalScope | None:
    """The scope in force, the national one included, or None."""
    return _current.get()


@contextmanager
def entered(scope: Scope | NationalScope | None) -> Iterator[None]:
    """Work inside `scope`. The ordinary session of the scope before is put aside and comes back after.

    Raises:
        ScopeError: a transaction of another scope is still open.
    """
    from tenants import database

    before = _current.get()
    if before == scope:
        yield
        return
    if database.db.in_transaction():
        raise ScopeError("Lingkup tidak boleh berganti di tengah transaksi.")
    database.db.release()
    token = _current.set(scope)
    try:
        yield
    finally:
        database.db.release()
        _current.reset(token)


def set_for_request(scope: Scope | NationalScope | None) -> None:
    """Set the scope for the rest of this request; `webapp` calls it once the officer is known, and with None at its
    end. What the session holds of another scope is let go.

    Raises:
        ScopeError: a transaction of another scope is still open.
    """
    from tenants import database

    if scope != _current.get() and database.db.pinned():
        if database.db.in_transaction():
            raise ScopeError("Lingkup tidak boleh berganti di tengah transaksi.")
        database.db.release()
    _current.set(scope)
