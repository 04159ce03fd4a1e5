"""Whatever is written, in whatever form, no row outside the scope changes, appears or goes, and none changes hands.

Each probe runs in every scope on every tenant table, against a row of another Kanwil and one of another UPT, as if its
number had been guessed. Afterwards all rows are compared from below the guard and row level security.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import String, bindparam, cast, delete, exists, func, insert, literal, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, aliased, make_transient_to_detached

from tenants import database
from tenants.clock import now
from tenants.errors import KaryaError
from tenants.limits import RateWindow
from tenants.models import DirectoryUpt
from tenants.prepared import Prepared, together
from tenants.scope import Scope, entered
from tests.tenants.rows import (
    BY_UPT,
    UNCHANGING,
    Ground,
    Held,
    all_rows,
    belongs,
    insert_values,
    models,
    value_for,
)


@dataclass
class Aim:
    """A foreign row, an own one, and a plain column to write to."""

    model: Any
    scope: Scope
    foreign: Held
    own: int | None
    column: str
    value: Any

    @property
    def new(self) -> dict[str, Any]:
        return {self.column: self.value}

    @property
    def version(self) -> dict[str, int]:
        """What SQLAlchemy's version check wants to know."""
        return {"version": 1} if self.model.__mapper__.version_id_col is not None else {}

    def forged(self) -> Any:
        """A detached object that claims to be the foreign row, in the scope's own name."""
        row = self.model(id=self.foreign.id, tenant_id=self.scope.tenant_id, **self.version)
        if self.model.reach in BY_UPT:
            row.upt_id = self.scope.upt_id or self.foreign.upt_id
        make_transient_to_detached(row)
        return row


Probe = Callable[[Session, Aim], Any]
PROBES: dict[str, Probe] = {}


def probe(one: Probe) -> Probe:
    PROBES[one.__name__] = one
    return one


@probe
def update_by_id(s: Session, a: Aim) -> None:
    s.execute(update(a.model).where(a.model.id == a.foreign.id).values(**a.new))


@probe
def update_of_all(s: Session, a: Aim) -> None:
    s.execute(update(a.model).values(**a.new).execution_options(synchronize_session=False))


@probe
def update_of_all_fetching(s: Session, a: Aim) -> None:
    s.execute(update(a.model).values(**a.new).execution_options(synchronize_session="fetch"))


@probe
def update_returning(s: Session, a: Aim) -> None:
    found = s.execute(
        update(a.model).where(a.model.id == a.foreign.id).values(**a.new).returning(a.model.id)
    ).all()
    assert found == []


@probe
def update_by_primary_keys(s: Session, a: Aim) -> None:
    s.execute(update(a.model), [{"id": a.foreign.id, **a.version, **a.new}])


@probe
def update_on_a_bare_connection(s: Session, a: Aim) -> None:
    t = a.model.__table__
    s.connection().execute(update(t).where(t.c.id == a.foreign.id).values(**a.new))


@probe
def update_of_the_bare_table(s: Session, a: Aim) -> None:
    s.execute(update(a.model.__table__).values(**a.new))


@probe
def update_of_many_on_a_bare_connection(s: Session, a: Aim) -> None:
    t = a.model.__table__
    rows = [{"b_id": a.foreign.id, "b_value": a.value}, {"b_id": a.foreign.id, "b_value": a.value}]
    s.connection().execute(
        update(t).where(t.c.id == bindparam("b_id")).values({a.column: bindparam("b_value")}), rows
    )


@probe
def the_legacy_update(s: Session, a: Aim) -> None:
    s.query(a.model).filter(a.model.id == a.foreign.id).update(a.new, synchronize_session=False)


@probe
def bulk_update_mappings(s: Session, a: Aim) -> None:
    s.bulk_update_mappings(a.model.__mapper__, [{"id": a.foreign.id, **a.version, **a.new}])


@probe
def bulk_save_of_a_forged_row(s: Session, a: Aim) -> None:
    row = a.forged()
    setattr(row, a.column, a.value)
    s.bulk_save_objects([row])


@probe
def change_of_a_forged_row(s: Session, a: Aim) -> None:
    row = a.forged()
    s.add(row)
    setattr(row, a.column, a.value)
    s.flush()


@probe
def merge_of_a_forged_row(s: Session, a: Aim) -> None:
    row = a.forged()
    setattr(row, a.column, a.value)
    s.merge(row)
    s.flush()


@probe
def merge_of_a_foreign_row(s: Session, a: Aim) -> None:
    s.merge(a.model(id=a.foreign.id, tenant_id=a.foreign.tenant_id, **a.new))
    s.flush()


@probe
def merge_without_loading(s: Session, a: Aim) -> None:
    row = s.merge(a.forged(), load=False)
    setattr(row, a.column, a.value)
    s.flush()


@probe
def refresh_of_a_forged_row(s: Session, a: Aim) -> None:
    row = a.forged()
    s.add(row)
    with pytest.raises(SQLAlchemyError):
        s.refresh(row)


@probe
def delete_by_id(s: Session, a: Aim) -> None:
    s.execute(delete(a.model).where(a.model.id == a.foreign.id))


@probe
def delete_of_all(s: Session, a: Aim) -> None:
    s.execute(delete(a.model).execution_options(synchronize_session=False))


@probe
def delete_of_the_bare_table(s: Session, a: Aim) -> None:
    s.connection().execute(delete(a.model.__table__).where(a.model.__table__.c.id == a.foreign.id))


@probe
def the_legacy_delete(s: Session, a: Aim) -> None:
    s.query(a.model).filter(a.model.id == a.foreign.id).delete(synchronize_session=False)


@probe
def delete_of_a_forged_row(s: Session, a: Aim) -> None:
    row = a.forged()
    s.add(row)
    s.delete(row)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # SQLAlchemy only warns of a DELETE that met no row
        s.flush()


@probe
def delete_by_what_a_foreign_row_says(s: Session, a: Aim) -> None:
    other = aliased(a.model)
    s.execute(
        delete(a.model)
        .where(exists().where(other.id == a.foreign.id))
        .execution_options(synchronize_session=False)
    )
    assert s.scalar(select(func.count(a.model.id))) or a.own is None


@probe
def update_if_a_foreign_row_exists(s: Session, a: Aim) -> None:
    other = aliased(a.model)
    done = s.execute(
        update(a.model)
        .where(exists().where(other.id == a.foreign.id))
        .values(**a.new)
        .execution_options(synchronize_session=False)
    )
    assert done.rowcount == 0  # type: ignore[attr-defined]


@probe
def update_from_a_foreign_row(s: Session, a: Aim) -> None:
    other = aliased(a.model)
    column = getattr(other, a.column)
    done = s.execute(
        update(a.model)
        .where(a.model.id == (a.own or 0), other.id == a.foreign.id)
        .values({a.column: column})
        .execution_options(synchronize_session=False)
    )
    assert done.rowcount == 0  # type: ignore[attr-defined]


@probe
def update_of_a_public_row_by_a_foreign_row(s: Session, a: Aim) -> None:
    done = s.execute(
        update(RateWindow)
        .where(exists().where(a.model.id == a.foreign.id))
        .values(hits=99)
        .execution_options(synchronize_session=False)
    )
    assert done.rowcount == 0  # type: ignore[attr-defined]


@probe
def core_update_of_a_public_row_by_a_foreign_row(s: Session, a: Aim) -> None:
    t = a.model.__table__
    done = s.connection().execute(
        update(RateWindow.__table__)
        .where(exists(select(t.c.id).where(t.c.id == a.foreign.id)))
        .values(hits=99)
    )
    assert done.rowcount == 0


@probe
def copy_into_a_public_table(s: Session, a: Aim) -> None:
    rows = select(
        cast(a.model.id, String), literal(now(), RateWindow.__table__.c.began_at.type), literal(1)
    ).where(a.model.id == a.foreign.id)
    s.execute(insert(RateWindow).from_select(["key", "began_at", "hits"], rows))
    assert s.scalars(select(RateWindow.key).where(RateWindow.key == str(a.foreign.id))).all() == []


@probe
def copy_of_the_bare_table_into_a_public_table(s: Session, a: Aim) -> None:
    t, target = a.model.__table__, RateWindow.__table__
    rows = select(cast(t.c.id, String), literal(now(), target.c.began_at.type), literal(1)).where(
        t.c.id == a.foreign.id
    )
    s.connection().execute(insert(target).from_select(["key", "began_at", "hits"], rows))
    assert s.scalars(select(RateWindow.key).where(RateWindow.key == str(a.foreign.id))).all() == []


@probe
def a_public_row_made_of_a_foreign_value(s: Session, a: Aim) -> None:
    value = select(func.count(a.model.id)).where(a.model.id == a.foreign.id).scalar_subquery()
    s.execute(insert(RateWindow).values(key="probe", began_at=now(), hits=value))
    assert s.scalar(select(RateWindow.hits).where(RateWindow.key == "probe")) == 0


@probe
def insert_of_an_object(s: Session, a: Aim) -> None:
    s.add(a.model(tenant_id=a.foreign.tenant_id, **_upt(a), **insert_values(a.model)))
    s.flush()


@probe
def insert_values_of_another(s: Session, a: Aim) -> None:
    s.execute(insert(a.model).values(tenant_id=a.foreign.tenant_id, **_upt(a), **insert_values(a.model)))


@probe
def insert_of_many(s: Session, a: Aim) -> None:
    own = {"tenant_id": a.scope.tenant_id, **_own_upt(a)}
    other = {"tenant_id": a.foreign.tenant_id, **_upt(a)}
    s.execute(insert(a.model), [own | insert_values(a.model), other | insert_values(a.model)])


@probe
def insert_of_several_values(s: Session, a: Aim) -> None:
    other = {"tenant_id": a.foreign.tenant_id, **_upt(a)}
    s.execute(insert(a.model).values([other | insert_values(a.model), other | insert_values(a.model)]))


@probe
def insert_of_a_named_parameter(s: Session, a: Aim) -> None:
    rows = insert_values(a.model, **_upt(a))
    s.connection().execute(
        insert(a.model.__table__).values(tenant_id=bindparam("whose"), **rows), {"whose": a.foreign.tenant_id}
    )


@probe
def insert_of_an_expression(s: Session, a: Aim) -> None:
    rows = insert_values(a.model, **_upt(a))
    s.execute(insert(a.model).values(tenant_id=literal(a.foreign.tenant_id) + 0, **rows))


@probe
def insert_on_a_bare_connection(s: Session, a: Aim) -> None:
    rows = insert_values(a.model, tenant_id=a.foreign.tenant_id, **_upt(a))
    s.connection().execute(insert(a.model.__table__), rows)


@probe
def bulk_insert_mappings(s: Session, a: Aim) -> None:
    s.bulk_insert_mappings(
        a.model.__mapper__, [insert_values(a.model, tenant_id=a.foreign.tenant_id, **_upt(a))]
    )


@probe
def insert_from_a_query(s: Session, a: Aim) -> None:
    names = [c.key for c in a.model.__table__.columns if c.key != "id"]
    s.execute(insert(a.model).from_select(names, select(*[getattr(a.model, n) for n in names])))


@probe
def upsert_that_meets_a_foreign_row(s: Session, a: Aim) -> None:
    made = (
        _dialect()
        .insert(a.model)
        .values(id=a.foreign.id, **insert_values(a.model, tenant_id=a.scope.tenant_id, **_own_upt(a)))
    )
    s.execute(made.on_conflict_do_update(index_elements=["id"], set_=a.new))


@probe
def upsert_that_names_the_tenant(s: Session, a: Aim) -> None:
    made = (
        _dialect()
        .insert(a.model)
        .values(id=a.foreign.id, **insert_values(a.model, tenant_id=a.scope.tenant_id, **_own_upt(a)))
    )
    s.execute(made.on_conflict_do_update(index_elements=["tenant_id", "id"], set_=a.new))


@probe
def upsert_that_hands_over(s: Session, a: Aim) -> None:
    made = (
        _dialect()
        .insert(a.model)
        .values(id=a.own, **insert_values(a.model, tenant_id=a.scope.tenant_id, **_own_upt(a)))
    )
    s.execute(
        made.on_conflict_do_update(
            index_elements=["tenant_id", "id"], set_={"tenant_id": a.foreign.tenant_id}
        )
    )


@probe
def own_row_given_away(s: Session, a: Aim) -> None:
    row = s.get(a.model, a.own or 0)
    if row is not None:
        row.tenant_id = a.foreign.tenant_id
        s.flush()


@probe
def own_rows_given_away_in_bulk(s: Session, a: Aim) -> None:
    s.execute(
        update(a.model).values(tenant_id=a.foreign.tenant_id).execution_options(synchronize_session=False)
    )


@probe
def own_row_given_away_by_its_key(s: Session, a: Aim) -> None:
    s.execute(update(a.model), [{"id": a.own, **a.version, "tenant_id": a.foreign.tenant_id}])


@probe
def own_row_given_away_in_order(s: Session, a: Aim) -> None:
    s.execute(
        update(a.model)
        .where(a.model.id == (a.own or 0))
        .ordered_values((a.model.tenant_id, a.foreign.tenant_id))
        .execution_options(synchronize_session=False)
    )


@probe
def own_row_given_away_on_a_bare_connection(s: Session, a: Aim) -> None:
    s.connection().execute(update(a.model.__table__).values(tenant_id=a.foreign.tenant_id))


@probe
def own_row_given_to_another_upt(s: Session, a: Aim) -> None:
    if a.model.reach in BY_UPT and a.scope.upt_id is not None:
        s.execute(
            update(a.model).values(upt_id=a.foreign.upt_id).execution_options(synchronize_session=False)
        )


@probe
def prepared_statements(s: Session, a: Aim) -> None:
    """Each form in a savepoint of its own, so that one that is refused lets the next one try."""
    t, new = a.model.__table__, {a.model.__mapper__.columns[a.column].name: bindparam("new")}
    by_id, given = t.c.id == bindparam("which"), {"which": a.foreign.id, "new": a.value}
    theirs = _columns(a.model, insert_values(a.model, tenant_id=a.foreign.tenant_id, **_upt(a)))
    ours = _columns(a.model, insert_values(a.model, tenant_id=a.scope.tenant_id, **_own_upt(a)))
    nobodys = {name: value for name, value in theirs.items() if name != "tenant_id"}

    def forged() -> None:
        sent = Prepared(insert(t), ours).sent(s)
        told = dict(zip(sent.order, sent.bound(ours), strict=True)) if sent.positional else sent.bound(ours)
        told["tenant_id"] = a.foreign.tenant_id
        sent.send(s.connection(), tuple(told.values()) if sent.positional else told)

    acts: list[Callable[[], Any]] = [
        lambda: Prepared(update(t).where(by_id).values(new)).run(s, given),
        lambda: Prepared(update(t).values(new)).run(s, {"new": a.value}),
        lambda: Prepared(update(t).values(tenant_id=bindparam("new"))).run(s, {"new": a.foreign.tenant_id}),
        lambda: Prepared(delete(t).where(by_id)).run(s, given),
        lambda: Prepared(insert(t), theirs).run(s, theirs),
        lambda: Prepared(insert(t), ours).run(s, [ours, theirs]),
        lambda: Prepared(insert(t).values(tenant_id=a.foreign.tenant_id), nobodys).run(s, nobodys),
        lambda: together(s, [(Prepared(delete(t)), {}), (Prepared(insert(t), theirs), theirs)]),
        forged,
    ]
    if a.model.reach == "upt" and a.scope.upt_id is not None:
        theirs_now = {"new": a.foreign.upt_id}
        acts.append(lambda: Prepared(update(t).values(upt_id=bindparam("new"))).run(s, theirs_now))
    for act in acts:
        try:
            with s.begin_nested():
                act()
        except (KaryaError, SQLAlchemyError):
            continue


@probe
def text_update(s: Session, a: Aim) -> None:
    s.execute(text(f"UPDATE {a.model.__tablename__} SET tenant_id = tenant_id"))


@probe
def text_delete(s: Session, a: Aim) -> None:
    s.execute(text(f"DELETE FROM {a.model.__tablename__}"))


@probe
def driver_truncate(s: Session, a: Aim) -> None:
    word = "TRUNCATE TABLE" if database.db.dialect == "postgresql" else "DROP TABLE"
    s.connection().exec_driver_sql(f"{word} {a.model.__tablename__}")


@probe
def driver_policy_off(s: Session, a: Aim) -> None:
    s.connection().exec_driver_sql(f"ALTER TABLE {a.model.__tablename__} DISABLE ROW LEVEL SECURITY")


def _columns(model: Any, values: dict[str, Any]) -> dict[str, Any]:
    """The values by the names of the columns, with what the model would put where nothing is given."""
    usual = {one.name: value_for(one) for one in model.__table__.columns if one.default is not None}
    return usual | {model.__mapper__.columns[key].name: value for key, value in values.items()}


def _dialect() -> Any:
    return postgresql if database.db.dialect == "postgresql" else sqlite


def _upt(a: Aim) -> dict[str, Any]:
    return {"upt_id": a.foreign.upt_id} if a.model.reach in BY_UPT else {}


def _own_upt(a: Aim) -> dict[str, Any]:
    return {"upt_id": a.scope.upt_id} if a.model.reach in BY_UPT and a.scope.upt_id else {}


def _aims(ground: Ground) -> list[Aim]:
    found = []
    for scope in list(ground.scopes())[:2]:
        for model in models():
            own = next(iter(sorted(ground.seen(model, scope))), None)
            free = [
                c
                for c in model.__table__.columns
                if not c.primary_key and not c.foreign_keys and c.name not in ("tenant_id", "upt_id")
            ]
            column = free[-1]
            key = model.__mapper__.get_property_by_column(column).key
            others = ground.others(model, scope)
            elsewhere = next(row for row in others if row.tenant_id != scope.tenant_id)
            nearby = next((row for row in others if row.tenant_id == scope.tenant_id), None)
            for foreign in (elsewhere, nearby):
                if foreign is not None:
                    found.append(Aim(model, scope, foreign, own, key, value_for(column)))
    return found


@pytest.mark.parametrize("name", PROBES)
@pytest.mark.filterwarnings("ignore:.* statement has a cartesian product")
@pytest.mark.filterwarnings("ignore:.*legacy as of the 1.x series")
def test_no_form_of_a_write_reaches_beyond_the_scope(ground: Ground, name: str) -> None:
    kinds = {model.__tablename__: model for model in models()}
    aims = _aims(ground)
    with entered(aims[0].scope):
        before = all_rows(database.session())
    for aim in aims:
        with entered(aim.scope):
            session = database.session()
            try:
                PROBES[name](session, aim)
            except (KaryaError, SQLAlchemyError):
                session.rollback()
            else:
                after = all_rows(session)
                session.rollback()
                _compare(kinds, aim, before, after)
            database.db.release()


def _compare(
    kinds: dict[str, Any],
    aim: Aim,
    before: dict[tuple[str, int], tuple[Any, ...]],
    after: dict[tuple[str, int], tuple[Any, ...]],
) -> None:
    for key in before.keys() | after.keys():
        old, new = before.get(key), after.get(key)
        if old == new:
            continue
        assert key[0] in kinds, f"{key} changed by a probe of {aim.model.__tablename__} in {aim.scope}"
        for row in (old, new):
            if row is not None:
                model = kinds[key[0]]
                place = (
                    [c.name for c in model.__table__.columns].index("upt_id")
                    if model.reach in BY_UPT
                    else None
                )
                upt = None if place is None else row[2 + place]
                held = Held(key[0], key[1], row[1], upt)
                assert belongs(held, model, aim.scope), f"{held} changed in {aim.scope}"


def test_a_scope_writes_what_is_its_own(ground: Ground) -> None:
    """The probes above would hold if nothing could be written at all."""
    for aim in _aims(ground):
        if aim.own is None or aim.model.__tablename__ in UNCHANGING:
            continue
        with entered(aim.scope):
            with database.transaction() as session:
                done = session.execute(
                    update(aim.model)
                    .where(aim.model.id == aim.own)
                    .values(**{aim.column: getattr(aim.model, aim.column)})
                    .execution_options(synchronize_session=False)
                )
                assert done.rowcount == 1, aim  # type: ignore[attr-defined]
                session.execute(select(DirectoryUpt.upt_id).limit(1))
            database.db.release()


def test_tenant_and_upt_are_filled_in_from_the_scope(ground: Ground) -> None:
    if not ground.guarded:
        return
    for scope in ground.scopes():
        for model in models():
            if any(c.foreign_keys and c.name not in ("tenant_id", "upt_id") for c in model.__table__.columns):
                continue
            not_theirs = "kanwil" if scope.upt_id else "private"
            if model.reach == not_theirs or model.__tablename__ in (
                "kanwil_settings",
                "upt",
            ):
                continue
            upt = {"upt_id": scope.upt_id or _any_upt(ground, scope)} if "upt_id" in model.__table__.c else {}
            with entered(scope):
                session = database.session()
                given = {} if scope.upt_id and model.reach in BY_UPT else upt
                row = model(**insert_values(model, **given))
                session.add(row)
                session.flush()
                assert row.tenant_id == scope.tenant_id
                if model.reach in BY_UPT:
                    assert row.upt_id == upt["upt_id"]
                session.execute(insert(model), [insert_values(model, **given), insert_values(model, **given)])
                session.rollback()
                database.db.release()


def _any_upt(ground: Ground, scope: Scope) -> int:
    return next(row.id for row in ground.rows if row.table == "upt" and row.tenant_id == scope.tenant_id)
