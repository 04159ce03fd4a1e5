"""The database: one connection a reach, and the session of the scope in force.

- the ordinary session (`session`, `transaction`): role `karya_app`, guarded, inside a `Scope`;
- `national`: role `karya_national`, reads across tenants and writes nothing, every use is logged;
- `public`: role `karya_public`, reads the published tables and nothing else. On SQLite an authorizer refuses the rest.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import psycopg
from psycopg.pq import ExecStatus, TransactionStatus
from sqlalchemy import create_engine, event
from sqlalchemy.engine import Connection, Engine, make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, scoped_session, sessionmaker

from config import Settings
from tenants.base import TenantOwned
from tenants.errors import ScopeError
from tenants.guard import TOLD, Guard, begun, on_begin, on_rollback, pin
from tenants.scope import NationalScope, Scope, current_or_none

log = logging.getLogger("karya.national")
PUBLIC_TABLES = ("kanwil", "directory_upt")
PUBLIC_PREFIX = "published_"
_writing: ContextVar[bool] = ContextVar("karya_writing", default=False)


class GuardedSession(Session):
    """The session of one scope; `get` asks the scope too, even where the identity map could answer."""

    def get(self, entity: Any, ident: Any, **options: Any) -> Any:
        found = super().get(entity, ident, **options)
        if isinstance(found, TenantOwned) and self.info.get("scope") != current_or_none():
            raise ScopeError("Baris ini milik lingkup lain.")
        return found


class ReadSession(Session):
    """A session that writes nothing."""

    def flush(self, objects: Any = None) -> None:
        if self.new or self.deleted or any(self.is_modified(row) for row in self.dirty):
            raise ScopeError("Sambungan ini hanya untuk membaca.")


class Database:
    """The engines of a process. `configure` makes one; before that, using it is an error."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.dialect = settings.dialect
        self.app_engine = self._engine(settings.app_url, "karya_app")
        self.national_engine = self._engine(settings.national_url, "karya_national", read_only=True)
        self.public_engine = self._engine(settings.public_url, "karya_public", read_only=True)
        self.guard = Guard()
        kind = type(
            "ScopedSession", (GuardedSession,), {}
        )  # its own class, so that no listener outlives its database
        event.listen(kind, "after_begin", on_begin)
        event.listen(kind, "after_soft_rollback", on_rollback)
        if settings.guard_off:
            event.listen(kind, "do_orm_execute", _tell_only)
            event.listen(kind, "before_flush", _tell_before_flush)
        else:
            event.listen(kind, "do_orm_execute", self.guard.on_orm_execute)
            event.listen(kind, "before_flush", self.guard.on_flush)
            event.listen(self.app_engine, "before_execute", self.guard.on_execute, retval=True)
            event.listen(self.app_engine, "before_cursor_execute", self.guard.on_cursor)
        maker: sessionmaker[Session] = sessionmaker(self.app_engine, class_=kind, expire_on_commit=False)
        self.sessions: scoped_session[Session] = scoped_session(maker)
        event.listen(self.app_engine, "begin", _begin)

    def _engine(self, url: str | None, role: str, *, read_only: bool = False) -> Engine:
        address = make_url(url or self.settings.database_url)
        if address.get_backend_name() == "sqlite":
            engine = create_engine(
                address,
                connect_args={"timeout": 30, "check_same_thread": False},
                pool_size=self.settings.threads + 4,
                max_overflow=16,
            )
            event.listen(engine, "connect", _sqlite_connect(role, read_only))
            if read_only:
                event.listen(engine, "begin", lambda conn: conn.exec_driver_sql("BEGIN"))
            return engine
        engine = create_engine(
            address,
            pool_size=self.settings.threads + 2,
            max_overflow=8,
            pool_pre_ping=False,
            pool_recycle=1800,
        )
        event.listen(engine, "connect", _postgresql_connect(None if url else role, read_only))
        if role == "karya_app":
            event.listen(engine, "connect", _begin_ourselves)
        event.listen(engine, "rollback", _roll_back)
        return engine

    def in_transaction(self) -> bool:
        """Whether a `transaction()` is open in this thread."""
        return self.sessions.registry.has() and bool(self.sessions().info.get("depth"))

    def pinned(self) -> bool:
        """Whether this thread's session belongs to a scope already."""
        return self.sessions.registry.has() and "scope" in self.sessions().info

    def release(self) -> None:
        """Close this thread's session; the next one starts without scope."""
        self.sessions.remove()

    def dispose(self) -> None:
        self.sessions.remove()
        for engine in (self.app_engine, self.national_engine, self.public_engine):
            engine.dispose()


db: Database = None  # type: ignore[assignment]


def configure(settings: Settings) -> Database:
    """Open the database of these settings for this process; an earlier one is closed."""
    global db
    if db is not None:
        db.dispose()
    db = Database(settings)
    return db


def session() -> Session:
    """The session of the scope in force, of this thread."""
    return db.sessions()


def start_anew() -> None:
    """Roll back what this thread left half done after an error: PostgreSQL refuses every statement of a transaction in
    which one failed. What was read is read again."""
    if db.sessions.registry.has():
        db.sessions().rollback()


@contextmanager
def transaction() -> Iterator[Session]:
    """One transaction: commits when the outermost `with` ends, rolls all of it back on an error. Nested use joins.

    On SQLite it takes the write lock at its start, so that nothing read inside can be stale when it is written.
    """
    current = db.sessions()
    depth = current.info.get("depth", 0)
    if depth == 0 and current.in_transaction():
        current.commit()
    if depth == 0:
        for row in list(current.identity_map.values()):
            if isinstance(row, TenantOwned):
                current.expire(row)
    current.info["depth"] = depth + 1
    token = _writing.set(True)
    try:
        yield current
        if depth == 0:
            current.commit()
    except BaseException:
        if depth == 0:
            current.rollback()
            current.info.pop("then", None)
        raise
    finally:
        current.info["depth"] = depth
        _writing.reset(token)
    if depth == 0:
        for act in current.info.pop("then", ()):
            act()


def when_committed(act: Callable[[], None]) -> None:
    """Do something once the open transaction is committed, not at all if it is rolled back; at once where none is open.

    For what lives in this process alone; what must survive it is a job.
    """
    current = db.sessions()
    if current.info.get("depth", 0) == 0:
        act()
    else:
        current.info.setdefault("then", []).append(act)


@contextmanager
def national(purpose: str = "rekap nasional") -> Iterator[Session]:
    """A read-only session across all tenants.

    Raises:
        ScopeError: a tenant's scope is in force; the centre's reach is never taken from inside one.
    """
    scope = current_or_none()
    if isinstance(scope, Scope):
        raise ScopeError("Jangkauan nasional tidak dapat dipakai dari dalam lingkup Kanwil.")
    log.info(
        "national reach: %s, officer %s",
        purpose,
        scope.officer_id if isinstance(scope, NationalScope) else None,
    )
    with ReadSession(db.national_engine, expire_on_commit=False) as opened:
        yield opened


@contextmanager
def public() -> Iterator[Session]:
    """A read-only session that sees the published tables alone."""
    with ReadSession(db.public_engine, expire_on_commit=False) as opened:
        yield opened


def _begin(conn: Connection) -> None:
    """Begin a transaction below SQLAlchemy, in one message, with what PostgreSQL must know of it."""
    scope = current_or_none()
    raw: Any = conn.connection.driver_connection
    if conn.dialect.name == "sqlite":
        sql = "BEGIN IMMEDIATE" if _writing.get() else "BEGIN"
        try:
            raw.execute(sql)
        except sqlite3.Error as error:
            raise OperationalError(sql, None, error) from error
    else:
        sql = begun(scope)
        if not _sent(raw, sql):
            conn.exec_driver_sql(
                sql
            )  # once more by way of SQLAlchemy, which knows a lost connection when it meets one
    conn.info[TOLD] = scope


def _sent(raw: Any, sql: str) -> bool:
    try:
        return bool(raw.pgconn.exec_(sql.encode()).status == ExecStatus.COMMAND_OK)
    except psycopg.Error:
        return False


def _roll_back(conn: Connection) -> None:
    """Most of our transactions read and are rolled back at their end. psycopg would forget its prepared statements with
    each of them, and every page would be planned anew; PostgreSQL itself keeps them."""
    raw: Any = conn.connection.driver_connection
    if raw is not None and raw.pgconn.transaction_status == TransactionStatus.INTRANS:
        _sent(raw, "ROLLBACK")


def _tell_only(state: Any) -> None:
    """With the guard off (tests alone) PostgreSQL must still be told the scope, or its policies could not hold."""
    _tell_before_flush(state.session)


def _tell_before_flush(current: Session, *_: Any) -> None:
    scope = current_or_none()
    if isinstance(scope, Scope):
        pin(current, scope)


def _sqlite_connect(role: str, read_only: bool) -> Any:
    def connect(dbapi: sqlite3.Connection, _: Any) -> None:
        dbapi.isolation_level = None
        for pragma in (
            "foreign_keys=ON",
            "busy_timeout=30000",
            "journal_mode=WAL",
            "synchronous=NORMAL",
            "temp_store=MEMORY",
            "cache_size=-32000",
        ):
            dbapi.execute(f"PRAGMA {pragma}")
        if read_only:
            dbapi.execute("PRAGMA query_only=ON")
        if role == "karya_public":
            dbapi.set_authorizer(_public_only)

    return connect


def _public_only(
    action: int, first: str | None, second: str | None, schema: str | None, source: str | None
) -> int:
    """SQLite asks before it compiles a statement: the public connection may read the published tables, nothing else."""
    if action == sqlite3.SQLITE_READ:
        name = (first or "").lower()
        allowed = name in PUBLIC_TABLES or name.startswith((PUBLIC_PREFIX, "sqlite_")) or name == ""
        return sqlite3.SQLITE_OK if allowed else sqlite3.SQLITE_DENY
    if action in (
        sqlite3.SQLITE_SELECT,
        sqlite3.SQLITE_FUNCTION,
        sqlite3.SQLITE_TRANSACTION,
        sqlite3.SQLITE_RECURSIVE,
    ):
        return sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_PRAGMA and (first or "").lower() in ("data_version", "table_info"):
        return sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_UPDATE and (first or "").lower() == "sqlite_master":
        return (
            sqlite3.SQLITE_OK
        )  # asked when FTS5 declares its columns to SQLite; query_only refuses a real write
    return sqlite3.SQLITE_DENY


def _begin_ourselves(dbapi: Any, _: Any) -> None:
    """psycopg leaves BEGIN to `_begin`, which sends the scope along with it."""
    dbapi.autocommit = True


def _postgresql_connect(role: str | None, read_only: bool) -> Any:
    def connect(dbapi: Any, _: Any) -> None:
        with dbapi.cursor() as cursor:
            if role:
                cursor.execute(f"SET ROLE {role}")
            if read_only:
                cursor.execute("SET default_transaction_read_only = on")
        dbapi.commit()

    return connect
