"""The guard: every statement on a tenant's table carries the scope, whoever wrote it.

From high to low:

1. `do_orm_execute` adds the scope's criteria to every ORM statement, relationship loads and aliases included.
2. `before_flush` fills tenant and UPT of new rows and refuses a row that belongs elsewhere.
3. The engine's `before_execute` adds the scope to every UPDATE and DELETE and checks each row of every INSERT.
4. The engine's `before_cursor_execute` reads the SQL itself (`tripwire`): each tenant table in it must stand beside the
   scope's condition, or the statement is refused. It trusts nothing above; its verdict is kept per compiled statement.

A national board (`base.NationalBoard`) is read by all; the third layer narrows and checks what is written to it.

The conditions are the same objects for every scope; their values are read from the scope in force when a statement is
sent, so that one compiled statement serves all tenants. A scope narrows to the UPT here, too. Officers (`ab_user`) are
FAB's table: guarded within a scope, readable without one, since nobody's Kanwil is known before he has signed in.
On PostgreSQL the row level security of `rls` stands behind all of it, and alone behind a raw DBAPI cursor.
"""

# ruff: noqa: SIM300  - a condition of the guard is written value first, and known by it

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary, ref

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import BindParameter, Delete, Insert, Integer, TextClause, Update, bindparam, or_
from sqlalchemy.engine import Connection
from sqlalchemy.orm import ORMExecuteState, Session, with_loader_criteria
from sqlalchemy.orm.interfaces import CriteriaOption
from sqlalchemy.sql.visitors import InternalTraversal

from tenants.base import KanwilOwned, TenantOwned, UptOwned, UptPrivate, board_tables, owned_tables
from tenants.errors import ScopeError
from tenants.models import Officer
from tenants.scope import NationalScope, Scope, current, current_or_none
from tenants.tripwire import NOBODY, TENANT, UPT, Tripwire

OFFICERS = User.__tablename__
TOLD = "karya_told"
_BY_UPT = ("upt", "private", "officers")
BEGUN = "karya_begun"
_BEGUN = re.compile(r"BEGIN(; SET LOCAL karya\.tenant = '\d+'; SET LOCAL karya\.upt = '\d*')?\Z")
_TELL = "SELECT set_config('karya.tenant', %s, true), set_config('karya.upt', %s, true)"

_TENANT: BindParameter[Any] = bindparam(TENANT, callable_=lambda: current().tenant_id, type_=Integer())
_UPT: BindParameter[Any] = bindparam(UPT, callable_=lambda: current().upt_id, type_=Integer())
_NOBODY: BindParameter[Any] = bindparam(NOBODY, callable_=lambda: 0, type_=Integer())


class Reach(CriteriaOption):
    """All criteria of a kind of scope as one option, so that a statement's cache key grows by one word."""

    __slots__ = ("criteria", "name")
    _traverse_internals = [("name", InternalTraversal.dp_string)]
    inherit_cache = None
    propagate_to_loaders = True

    def __init__(self, name: str, *criteria: Any) -> None:
        self.name = name
        self.criteria = criteria

    def process_compile_state(self, compile_state: Any) -> None:
        self.get_global_criteria(compile_state.global_attributes)

    def process_compile_state_replaced_entities(self, compile_state: Any, mapper_entities: Any) -> None:
        self.process_compile_state(compile_state)

    def get_global_criteria(self, attributes: dict[Any, Any]) -> None:
        if attributes.setdefault("karya_reach", self) is self and not attributes.get("karya_reach_added"):
            attributes["karya_reach_added"] = True
            for option in self.criteria:
                option.get_global_criteria(attributes)


def _tenant(cls: Any) -> Any:
    return _TENANT == cls.tenant_id


def _upt(cls: Any) -> Any:
    return _UPT == cls.upt_id


def _none(cls: Any) -> Any:
    return _NOBODY > cls.id


def _on(kind: Any, condition: Any) -> Any:
    return with_loader_criteria(kind, condition, include_aliases=True, track_closure_variables=False)


def _officers(condition: Any) -> Any:
    # FAB's own code maps the base class `User`, so the criteria must name that one.
    return with_loader_criteria(User, condition, include_aliases=True)


class Guard:
    """The tenant tables as they are mapped once all rooms are loaded."""

    def __init__(self) -> None:
        self.tables = owned_tables()
        self.guarded = {**self.tables, OFFICERS: "officers"}
        self.boards = board_tables()
        self.tripwire = Tripwire(self.tables, OFFICERS)
        self.plans: dict[Any, Any] = {}
        """What `prepared` compiled for this database: (statement, whether for a whole Kanwil) -> how it is sent."""
        self._made: WeakKeyDictionary[Any, dict[Any, Any]] = WeakKeyDictionary()
        officer = _TENANT == Officer.tenant_id
        self._kanwil = Reach("kanwil", _on(TenantOwned, _tenant), _on(UptPrivate, _none), _officers(officer))
        self._upt = Reach(
            "upt",
            _on(TenantOwned, _tenant),
            _on(UptOwned, _upt),
            _on(UptPrivate, _upt),
            _on(KanwilOwned, _none),
            _officers(officer & or_(Officer.upt_id.is_(None), _UPT == Officer.upt_id)),
        )

    # -- reads -------------------------------------------------------------------------------------------------

    def on_orm_execute(self, state: ORMExecuteState) -> None:
        scope = current_or_none()
        if not isinstance(scope, Scope):
            return  # a statement on a tenant table is refused by the tripwire
        statement = state.statement
        reach = self._kanwil if scope.upt_id is None else self._upt
        if state.is_column_load:  # a refresh: SQLAlchemy adds no criteria to it
            state.statement = self._refresh(state, scope)
        elif isinstance(statement, TextClause):
            return
        elif reach not in statement._with_options:
            state.statement = self._kept(statement, reach.name, lambda: statement.options(reach))
        pin(state.session, scope)

    def _refresh(self, state: ORMExecuteState, scope: Scope) -> Any:
        statement: Any = state.statement
        mapper = state.bind_mapper
        table: Any = None if mapper is None else mapper.local_table
        return statement if table is None else self._narrowed(statement, table, scope)

    def _kept(self, statement: Any, how: tuple[Any, ...] | str, make: Callable[[], Any]) -> Any:
        """What `make` makes of a statement, kept as long as the statement lives: one that a module keeps is narrowed
        once, and SQLAlchemy knows it again by what it noted on it."""
        made = self._made.setdefault(statement, {})
        found = made.get(how)
        if found is None:
            found = made[how] = make()
        return found

    def _narrowed(self, statement: Any, table: Any, scope: Scope, *, own: bool = False) -> Any:
        """The statement with the scope's conditions on `table`. `own`: of officers a UPT's own alone, for writing."""
        reach = self.guarded.get(table.name)
        if reach is None:
            return statement
        statement = statement.where(_TENANT == table.c.tenant_id)
        if scope.upt_id is None:
            return statement.where(_NOBODY > table.c.id) if reach == "private" else statement
        if reach == "officers" and not own:
            return statement.where(or_(table.c.upt_id.is_(None), _UPT == table.c.upt_id))
        if reach in _BY_UPT:
            return statement.where(_UPT == table.c.upt_id)
        return statement.where(_NOBODY > table.c.id) if reach == "kanwil" else statement

    # -- writes ------------------------------------------------------------------------------------------------

    def on_flush(self, session: Session, *_: Any) -> None:
        scope = current_or_none()
        if isinstance(scope, Scope):
            pin(session, scope)
        for rows in (session.new, session.dirty, session.deleted):
            for row in rows:
                if isinstance(row, TenantOwned):
                    _own(row, current())

    def on_execute(
        self, conn: Connection, element: Any, multi: Any, params: Any, options: Any
    ) -> tuple[Any, Any, Any]:
        if not isinstance(element, Insert | Update | Delete):
            return element, multi, params
        table = element.table
        name = getattr(table, "name", None)
        if name in self.boards:
            return self._on_board(element, multi, params)
        if name not in self.guarded:
            return element, multi, params
        reach = self.guarded[name]
        if reach == "officers" and not isinstance(current_or_none(), Scope):
            return element, multi, params
        scope = current()
        if isinstance(element, Insert):
            return element, *_inserted(element, multi, params, scope, reach)
        if isinstance(element, Update):
            named = _named_columns(element, multi, params)
            if "tenant_id" in named or (scope.upt_id is not None and "upt_id" in named):
                raise ScopeError("Pemilik sebuah baris tidak dapat diganti.")
        asked, how = element, (name, scope.upt_id is None)
        element = self._kept(asked, how, lambda: self._narrowed(asked, table, scope, own=True))
        return element, multi, params

    def _on_board(self, element: Any, multi: Any, params: Any) -> tuple[Any, Any, Any]:
        """A board's rows are written by whom they tell of: the Kanwil, and in an UPT's scope the UPT itself."""
        scope, table = current(), element.table
        owner = {"kanwil_id": scope.tenant_id} | ({} if scope.upt_id is None else {"upt_id": scope.upt_id})
        if isinstance(element, Insert):
            if element.select is not None or element._post_values_clause is not None or element._multi_values:
                raise ScopeError("Papan bersama ditulis baris demi baris.")
            fixed = {getattr(k, "key", k): _value(v) for k, v in (element._values or {}).items()}
            for row in multi or [params or {}]:
                known = {**fixed, **row}
                if any(type(known.get(name)) is not int or known[name] != its for name, its in owner.items()):
                    raise ScopeError("Baris papan ini milik kantor lain.")
            return element, multi, params
        if isinstance(element, Update) and _named_columns(element, multi, params) & {"kanwil_id", "upt_id"}:
            raise ScopeError("Pemilik sebuah baris tidak dapat diganti.")

        def narrowed() -> Any:
            own = element.where(_TENANT == table.c.kanwil_id)
            return own if scope.upt_id is None else own.where(_UPT == table.c.upt_id)

        return self._kept(element, ("board", scope.upt_id is None), narrowed), multi, params

    def narrowed(self, conn: Connection, element: Any, scope: Scope) -> Any:
        """A statement of `prepared` with the scope's conditions, before it is compiled; a write is refused as
        `on_execute` refuses it. What `prepared` compiles, the tripwire judges like anything else."""
        if isinstance(element, Update | Delete):
            named = {} if isinstance(element, Delete) else dict.fromkeys(_named_columns(element, None, None))
            return self.on_execute(conn, element, None, named, {})[0]
        if isinstance(element, Insert):
            if element.select is not None or element._multi_values:
                raise ScopeError("INSERT ini tidak memberi barisnya satu per satu.")
            if element._post_values_clause is not None and element.table.name in self.guarded:
                _conflict(element._post_values_clause, scope, self.guarded[element.table.name])
            return element
        return element.options(self._kanwil if scope.upt_id is None else self._upt)

    # -- the SQL itself ----------------------------------------------------------------------------------------

    def on_cursor(
        self, conn: Connection, cursor: Any, statement: str, parameters: Any, context: Any, many: bool
    ) -> None:
        compiled = getattr(context, "compiled", None)
        if compiled is not None:
            self.tripwire.check(compiled, current_or_none())
            if (verify := getattr(context, "verify", None)) is not None:  # of `prepared`
                verify(statement, parameters, current())
        elif statement is not _TELL and not _BEGUN.match(statement):
            self.tripwire.check_text(statement)


def pin(session: Session, scope: Scope) -> None:
    """One session serves one scope: its identity map would answer for another one without asking the database."""
    info = session.info
    if info.get("told") == scope:
        return
    if info.setdefault("scope", scope) != scope:
        raise ScopeError("Sesi ini milik lingkup lain.")
    if session.in_transaction():  # else the transaction will be told at its beginning
        connection = session.connection()
        if info.get("told") != scope:
            _tell(info, connection, scope)


def begun(scope: Scope | NationalScope | None) -> str:
    """How a transaction begins on PostgreSQL: with its scope, for the policies of `rls`, in one message."""
    if not isinstance(scope, Scope):
        return "BEGIN"
    upt = "" if scope.upt_id is None else int(scope.upt_id)
    return f"BEGIN; SET LOCAL karya.tenant = '{int(scope.tenant_id)}'; SET LOCAL karya.upt = '{upt}'"


def on_begin(session: Session, transaction: Any, connection: Connection) -> None:
    """What the transaction was told at its beginning; the next one starts knowing nothing."""
    if not transaction.nested:
        session.info.pop("told", None)
    session.info[BEGUN] = ref(transaction), connection
    scope = connection.info.get(TOLD)
    if isinstance(scope, Scope) and session.info.setdefault("scope", scope) == scope:
        session.info["told"] = scope


def on_rollback(session: Session, *_: Any) -> None:
    """What was told inside a savepoint is forgotten with it."""
    session.info.pop("told", None)


def _tell(info: Any, connection: Connection, scope: Scope) -> None:
    info["told"] = scope
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(
            _TELL, (str(scope.tenant_id), "" if scope.upt_id is None else str(scope.upt_id))
        )


def _own(row: Any, scope: Scope) -> None:
    if row.tenant_id is None:
        row.tenant_id = scope.tenant_id
    if row.tenant_id != scope.tenant_id:
        raise ScopeError("Baris ini milik Kanwil lain.")
    if scope.upt_id is None:
        if isinstance(row, UptPrivate):
            raise ScopeError("Baris ini milik UPT, bukan Kanwil.")
        return
    if isinstance(row, KanwilOwned):
        raise ScopeError("Baris ini milik Kanwil, bukan UPT.")
    if isinstance(row, UptOwned | UptPrivate):
        if row.upt_id is None:
            row.upt_id = scope.upt_id
        if row.upt_id != scope.upt_id:
            raise ScopeError("Baris ini milik UPT lain.")


def _named_columns(element: Any, multi: Any, params: Any) -> set[str]:
    named = {getattr(key, "key", key) for key in (element._values or {})}
    named |= {getattr(pair[0], "key", pair[0]) for pair in (getattr(element, "_ordered_values", None) or ())}
    for row in (*(multi or ()), params or {}):
        named |= set(row)
    return named


def _inserted(element: Any, multi: Any, params: Any, scope: Scope, reach: str) -> tuple[Any, Any]:
    """Check each row of an INSERT, filling in tenant and UPT where they are left out."""
    if scope.upt_id is not None and reach == "kanwil":
        raise ScopeError("Baris ini milik Kanwil, bukan UPT.")
    if scope.upt_id is None and reach == "private":
        raise ScopeError("Baris ini milik UPT, bukan Kanwil.")
    if element.select is not None:
        raise ScopeError("INSERT dari SELECT pada tabel milik Kanwil.")
    if element._post_values_clause is not None:
        _conflict(element._post_values_clause, scope, reach)
    fixed = {getattr(k, "key", k): _value(v) for k, v in (element._values or {}).items()}
    if element._multi_values:
        for rows in element._multi_values:
            for row in rows:
                _check_row({getattr(k, "key", k): _value(v) for k, v in row.items()}, scope, reach, None)
        return multi, params
    if multi:
        return [_check_row(dict(row), scope, reach, fixed) for row in multi], params
    return multi, _check_row(dict(params or {}), scope, reach, fixed)


def _conflict(clause: Any, scope: Scope, reach: str) -> None:
    """An upsert may meet rows of its own scope alone, and may not hand them over."""
    if not hasattr(clause, "update_values_to_set"):
        return  # DO NOTHING
    target = {getattr(e, "key", e) for e in (clause.inferred_target_elements or ())}
    if "tenant_id" not in target:
        raise ScopeError("ON CONFLICT pada tabel milik Kanwil harus menyebut tenant_id.")
    if scope.upt_id is not None and reach in _BY_UPT and "upt_id" not in target:
        raise ScopeError("ON CONFLICT dalam lingkup UPT harus menyebut upt_id.")
    changed = {getattr(key, "key", key) for key in dict(clause.update_values_to_set)}
    if "tenant_id" in changed or (scope.upt_id is not None and "upt_id" in changed):
        raise ScopeError("Pemilik sebuah baris tidak dapat diganti.")


def _value(given: Any) -> Any:
    """A value of `values(...)`: what is bound there and then. A named parameter is filled in only later: not known."""
    if isinstance(given, BindParameter):
        return _LATER if given.required or given.callable is not None else given.value
    return given


_LATER = object()


def checked_row(row: dict[str, Any], scope: Scope, reach: str) -> dict[str, Any]:
    """A row of an INSERT, its tenant and UPT filled in where they are left out.

    Raises:
        ScopeError: it belongs elsewhere.
    """
    if scope.upt_id is not None and reach == "kanwil":
        raise ScopeError("Baris ini milik Kanwil, bukan UPT.")
    return _check_row(row, scope, reach, {})


def _check_row(row: dict[str, Any], scope: Scope, reach: str, fixed: dict[str, Any] | None) -> dict[str, Any]:
    known = {**(fixed or {}), **row}
    tenant = known.get("tenant_id")
    if tenant is None and fixed is not None:
        row["tenant_id"] = tenant = scope.tenant_id
    if type(tenant) is not int or tenant != scope.tenant_id:
        raise ScopeError("Baris ini milik Kanwil lain.")
    if reach in _BY_UPT and scope.upt_id is not None:
        upt = known.get("upt_id")
        if upt is None and fixed is not None:
            row["upt_id"] = upt = scope.upt_id
        if type(upt) is not int or upt != scope.upt_id:
            raise ScopeError("Baris ini milik UPT lain.")
    return row
