"""Statements that a module keeps and sends often: compiled once a reach, then handed to the driver with their values.

SQLAlchemy spends several times what a small statement costs on finding out, at every sending, what it was told the time
before. Here it is asked once; the guard is not asked less for it. A statement is narrowed to the scope and judged by
the tripwire when it is compiled, as any other; each row of an INSERT is looked at before it is sent, and `Guard` sees
every sending: its text must be the one that was judged, and each value that stands for the scope the scope in force.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, TypeVar

from sqlalchemy import Delete, Insert, Select, Update, inspect
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session, make_transient_to_detached
from sqlalchemy.orm.attributes import instance_dict, instance_state

from tenants import database
from tenants.base import Base
from tenants.errors import ScopeError
from tenants.guard import BEGUN, checked_row, pin
from tenants.scope import Scope, current
from tenants.tripwire import NOBODY, TENANT, UPT

Values = Mapping[str, Any]
T = TypeVar("T", bound=Base)
_SCOPE: Final = (TENANT, UPT, NOBODY)
_NOTHING: Final[dict[str, Any]] = {}


class Prepared:
    """An INSERT, UPDATE, DELETE or SELECT of columns, whose values are given by name when it is sent.

    `names`: the columns that an INSERT is given; tenant and UPT are filled in where they are left out. A SELECT names
    mapped attributes (`select(Case.id)`), so that the scope can be added to it.
    """

    def __init__(self, statement: Any, names: Iterable[str] = ()) -> None:
        self.statement = statement
        self.names = tuple(names)
        self._asks = isinstance(statement, Select)

    def all(self, session: Session, given: Values = _NOTHING) -> list[tuple[Any, ...]]:
        """The rows it finds, or that its RETURNING gives."""
        return self._send(session, given)[0]

    def first(self, session: Session, given: Values = _NOTHING) -> tuple[Any, ...] | None:
        """The first of these rows, None where there is none."""
        return next(iter(self._send(session, given)[0]), None)

    def run(self, session: Session, given: Values | Sequence[Values] = _NOTHING) -> int:
        """Send it, for one row or in one statement for several; how many rows it touched."""
        return self._send(session, given)[1]

    def _send(self, session: Session, given: Values | Sequence[Values]) -> Taken:
        sent = self.sent(session)
        return sent.send(_connection(session), sent.bound_all(given))

    def sent(self, session: Session) -> Sent:
        """How this session sends it."""
        scope = current()
        pin(session, scope)
        if self._asks and session.autoflush:
            session.flush()
        plans, key = database.db.guard.plans, (self, scope.upt_id is None)
        found: Sent | None = plans.get(key)
        if found is None:
            found = plans[key] = Sent(self, key, _connection(session), scope)
        return found


Part = tuple[Prepared, Values | Sequence[Values]]
"""A statement with the values of one row, or of several."""
Taken = tuple[list[tuple[Any, ...]], int]
"""The rows that came back, and how many were touched."""


def together(session: Session, parts: Sequence[Part]) -> list[Taken]:
    """Send several statements, none of which waits for what another one says. PostgreSQL is sent all of them before it
    is waited for."""
    connection = _connection(session)
    bound = [(sent := one.sent(session), sent.bound_all(given)) for one, given in parts]
    if connection.dialect.name != "postgresql":
        return [sent.send(connection, values) for sent, values in bound]
    told = [sent.told(connection, values) for sent, values in bound]
    raw: Any = connection.connection.driver_connection
    try:
        with raw.pipeline():
            for sql, values, cursor in told:
                (cursor.executemany if isinstance(values, list) else cursor.execute)(sql, values)
        return [sent.taken(cursor) for (sent, _), (_, _, cursor) in zip(bound, told, strict=True)]
    except BaseException as error:  # noqa: BLE001 - as SQLAlchemy's own: what is cut off makes a connection useless
        connection._handle_dbapi_exception(error, ";\n".join(sql for sql, _, _ in told), None, None, None)


class Sent:
    """A prepared statement as one reach sends it. Listeners get it as the context of the sending."""

    def __init__(self, prepared: Prepared, key: Any, connection: Connection, scope: Scope) -> None:
        self.key = key
        guard = None if database.db.settings.guard_off else database.db.guard
        statement, dialect = prepared.statement, connection.dialect
        table: Any = getattr(statement, "table", None)
        inserts = isinstance(statement, Insert)
        if guard is not None:
            statement = guard.narrowed(connection, statement, scope)
        self.reach: str | None = (
            guard.guarded.get(table.name) if inserts and guard and table is not None else None
        )
        names = prepared.names
        if self.reach is not None:
            narrow = scope.upt_id is not None and self.reach in ("upt", "officers")
            filled = ("tenant_id", "upt_id") if narrow else ("tenant_id",)
            names += tuple(one for one in filled if one not in names)
        compiled: Any = statement.compile(
            dialect=dialect,
            column_keys=list(names) if inserts or isinstance(statement, Update | Delete) else None,
            for_executemany=inserts and not statement._returning,  # else SQLAlchemy asks for the new id
        )
        if compiled.insert_prefetch or compiled.update_prefetch or compiled.post_compile_params:
            raise TypeError("a prepared statement gives all of its values itself")
        self.compiled = compiled
        self.sql: str = compiled.string
        self.returns = isinstance(statement, Select) or bool(statement._returning)
        self.positional = bool(compiled.positional)
        self.order: tuple[str, ...] = tuple(compiled.positiontup if self.positional else compiled.binds)
        self._fixed = {}
        processors = {}
        for name, bind in compiled.binds.items():
            process = bind.type.dialect_impl(dialect).bind_processor(dialect)
            if not bind.required and bind.callable is None:
                self._fixed[name] = bind.value if process is None else process(bind.value)
            elif process is not None:
                processors[name] = process
        left = tuple(dict.fromkeys(one for one in self.order if one not in self._fixed and one not in _SCOPE))
        self._given = self.order if left == self.order else left
        self._processed = [(place, processors[name]) for place, name in enumerate(left) if name in processors]
        self._own = [
            (place if self.positional else name, name)
            for place, name in enumerate(self.order)
            if name in (TENANT, UPT) or (self.reach is not None and name in ("tenant_id", "upt_id"))
        ]
        columns = statement.exported_columns if self.returns else ()
        readers = [_reader(column.type, dialect) for column in columns]
        self._reads = [(place, reader) for place, reader in enumerate(readers) if reader is not None]

    def bound_all(self, given: Values | Sequence[Values]) -> Any:
        """The values of one row, or the list of those of several, as the driver takes them."""
        if isinstance(given, Mapping):
            return self.bound(given)
        return self.bound(given[0]) if len(given) == 1 else [self.bound(one) for one in given]

    def bound(self, given: Values) -> Any:
        """The values as the driver takes them."""
        scope = current()
        if self.reach is not None:
            given = checked_row(dict(given), scope, self.reach)
        found = [given[name] for name in self._given]
        for place, process in self._processed:
            if (value := found[place]) is not None:
                found[place] = process(value)
        if self._given is not self.order:  # some are known beforehand, or are the scope's
            own = {TENANT: scope.tenant_id, UPT: scope.upt_id, NOBODY: 0}
            told = dict(zip(self._given, found, strict=True)) | own | self._fixed
            found = [told[name] for name in self.order]
        return tuple(found) if self.positional else dict(zip(self.order, found, strict=True))

    def send(self, connection: Connection, values: Any) -> Taken:
        """Hand it to the driver: the rows that come back, and how many were touched. Whoever listens to the engine
        hears of it as of any other statement; what the driver refuses comes out as SQLAlchemy's error."""
        sql, values, cursor = self.told(connection, values)
        try:
            (cursor.executemany if isinstance(values, list) else cursor.execute)(sql, values)
            return self.taken(cursor)
        except BaseException as error:  # noqa: BLE001 - as SQLAlchemy's own
            connection._handle_dbapi_exception(error, sql, values, cursor, None)

    def told(self, connection: Connection, values: Any) -> tuple[str, Any, Any]:
        """What is about to be sent, said to whoever listens to the engine, and a cursor for it."""
        sql, cursor = self.sql, connection.connection.cursor()
        for tell in connection.dispatch.before_cursor_execute:
            sql, values = tell(connection, cursor, sql, values, self, isinstance(values, list))
        return sql, values, cursor

    def taken(self, cursor: Any) -> Taken:
        """What a cursor brings back."""
        rows = cursor.fetchall() if self.returns else []
        if self._reads:
            rows = [self.read(row) for row in rows]
        touched = int(cursor.rowcount)
        cursor.close()
        return rows, touched

    def read(self, row: Any) -> tuple[Any, ...]:
        """A row of the driver's as values of Python's."""
        found = list(row)
        for place, reader in self._reads:
            if (value := found[place]) is not None:
                found[place] = reader(value)
        return tuple(found)

    def verify(self, sql: str, values: Any, scope: Scope) -> None:
        """Look at what is about to be sent, once more: the text that was judged, the values of the scope in force.

        Raises:
            ScopeError: something else is.
        """
        if sql != self.sql:
            raise ScopeError("Teks SQL bukan yang sudah diperiksa.")
        for one in values if isinstance(values, list) else (values,):
            for place, name in self._own:
                wanted = scope.tenant_id if name in (TENANT, "tenant_id") else scope.upt_id
                if wanted is not None and one[place] != wanted:
                    raise ScopeError("Baris ini milik lingkup lain.")


def _connection(session: Session) -> Connection:
    """`session.connection()`, which asks itself a good deal before it says what it said before. It is what makes a
    savepoint, when it is asked within one for the first time."""
    begun, known = session.info.get(BEGUN, (None, None))
    if begun is not None and not known.closed and session.is_active:
        within = session.get_nested_transaction() or session.get_transaction()
        if within is not None and begun() is within:
            return known  # type: ignore[no-any-return]
    return session.connection()


def _reader(kind: Any, dialect: Any) -> Callable[[Any], Any] | None:
    found: Callable[[Any], Any] | None = kind.dialect_impl(dialect).result_processor(dialect, None)
    return found


def made(model: type[T], values: Mapping[str, Any]) -> T:
    """An instance with these values of columns, which belongs to no session."""
    found: T = _manager(model).new_instance()
    instance_dict(found).update(values)
    return found


def _manager(model: Any) -> Any:
    return inspect(model).class_manager


def held(session: Session, model: type[T], values: Mapping[str, Any]) -> T:
    """The session's instance of a row that was read, all of whose columns are `values`; what the session knew of it
    before gives way."""
    key = _manager(model).mapper.identity_key_from_primary_key((values["id"],))
    found: T | None = session.identity_map.get(key)
    if found is None:
        found = made(model, values)
        make_transient_to_detached(found)
        session.add(found)
        return found
    state, known = instance_state(found), instance_dict(found)
    known.update(values)
    state._commit_all(known, session.identity_map)
    return found
