"""Whatever is asked, in whatever form, the rows that come back are the scope's own, of every tenant table.

Each probe is asked of every table, in four scopes. `own`: it answers with exactly the scope's rows, under the guard and
under row level security alone. `refused`: the guard does not let it through; row level security alone shows own rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from sqlalchemy import (
    column,
    exists,
    func,
    literal,
    literal_column,
    or_,
    select,
    table,
    text,
    true,
    union,
    union_all,
)
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Bundle, Session, aliased, defer, load_only

from tenants import database
from tenants.errors import KaryaError
from tenants.models import DirectoryUpt, Kanwil
from tenants.prepared import Prepared
from tenants.scope import entered
from tests.tenants.rows import Ground, models

pytestmark = [
    pytest.mark.filterwarnings("ignore:.* statement has a cartesian product"),
    pytest.mark.filterwarnings("ignore:The Query.get.. method is considered legacy"),
]
Probe = Callable[[Session, Any], Iterable[Any]]
OWN: dict[str, Probe] = {}
REFUSED: dict[str, Probe] = {}


def own(probe: Probe) -> Probe:
    OWN[probe.__name__] = probe
    return probe


def refused(probe: Probe) -> Probe:
    REFUSED[probe.__name__] = probe
    return probe


@own
def entities(s: Session, m: Any) -> Any:
    return [row.id for row in s.scalars(select(m))]


@own
def one_column(s: Session, m: Any) -> Any:
    return s.scalars(select(m.id))


@own
def a_prepared_statement(s: Session, m: Any) -> Any:
    other = aliased(m)
    return [row[0] for row in Prepared(select(other.id).join(m, m.id == other.id)).all(s)]


@own
def sorted_and_limited(s: Session, m: Any) -> Any:
    return s.scalars(select(m.id).order_by(m.id.desc()).limit(10000).offset(0).distinct())


@own
def some_columns_of_entities(s: Session, m: Any) -> Any:
    return [
        row.id
        for row in s.scalars(select(m).options(load_only(m.id)).execution_options(populate_existing=True))
    ]


@own
def a_deferred_column_loaded_later(s: Session, m: Any) -> Any:
    found = list(s.scalars(select(m).options(defer(m.tenant_id)).execution_options(populate_existing=True)))
    return [row.id for row in found if row.tenant_id is not None]


@own
def expired_rows_read_again(s: Session, m: Any) -> Any:
    found = list(s.scalars(select(m)))
    s.expire_all()
    return [row.id for row in found if row.tenant_id is not None]


@own
def refreshed_rows(s: Session, m: Any) -> Any:
    found = list(s.scalars(select(m)))
    for row in found:
        s.refresh(row)
    return [row.id for row in found]


@own
def a_bundle(s: Session, m: Any) -> Any:
    return [row[0].id for row in s.execute(select(Bundle("b", m.id)))]


@own
def grouped(s: Session, m: Any) -> Any:
    return s.scalars(select(m.id).group_by(m.id).having(func.count() > 0))


@own
def a_window(s: Session, m: Any) -> Any:
    return s.scalars(select(m.id).add_columns(func.row_number().over(order_by=m.id)))


@own
def in_batches(s: Session, m: Any) -> Any:
    return list(s.scalars(select(m.id).execution_options(yield_per=2)))


@own
def entities_in_partitions(s: Session, m: Any) -> Any:
    answer = s.scalars(select(m).execution_options(yield_per=2))
    return [row.id for part in answer.partitions() for row in part]


@own
def a_condition_that_is_always_true(s: Session, m: Any) -> Any:
    return s.scalars(select(m.id).where(or_(m.tenant_id != 0, true())))


@own
def an_alias(s: Session, m: Any) -> Any:
    other = aliased(m)
    return s.scalars(select(other.id))


@own
def an_alias_with_a_name(s: Session, m: Any) -> Any:
    other = aliased(m, name="somebody")
    return [row.id for row in s.scalars(select(other))]


@own
def an_alias_joined_to_all(s: Session, m: Any) -> Any:
    other = aliased(m)
    return {id_ for pair in s.execute(select(m.id, other.id).join(other, true())) for id_ in pair}


@own
def two_aliases_beside_each_other(s: Session, m: Any) -> Any:
    first, second = aliased(m), aliased(m)
    return {id_ for pair in s.execute(select(first.id, second.id)) for id_ in pair}


@own
def an_alias_of_a_subquery(s: Session, m: Any) -> Any:
    return [row.id for row in s.scalars(select(aliased(m, select(m).subquery())))]


@own
def a_subquery(s: Session, m: Any) -> Any:
    inner = select(m.id).subquery()
    return s.scalars(select(inner.c.id))


@own
def a_subquery_in_a_subquery(s: Session, m: Any) -> Any:
    inner = select(m.id).subquery()
    outer = select(inner.c.id).subquery()
    return s.scalars(select(outer.c.id))


@own
def a_cte(s: Session, m: Any) -> Any:
    inner = select(m.id).cte("inner_rows")
    return s.scalars(select(inner.c.id))


@own
def a_recursive_cte(s: Session, m: Any) -> Any:
    base = select(m.id, literal(0).label("depth")).cte("walked", recursive=True)
    other = aliased(m)
    walked = base.union_all(select(other.id, base.c.depth + 1).where(base.c.depth < 1, other.id != base.c.id))
    return set(s.scalars(select(walked.c.id)))


@own
def a_union(s: Session, m: Any) -> Any:
    return s.scalars(union(select(m.id), select(m.id)))


@own
def a_union_of_unions(s: Session, m: Any) -> Any:
    inner = union(select(m.id), select(aliased(m).id)).subquery()
    return set(s.scalars(union_all(select(inner.c.id), select(m.id))))


@own
def a_union_as_a_subquery(s: Session, m: Any) -> Any:
    inner = union_all(select(m.id), select(aliased(m).id)).subquery()
    return set(s.scalars(select(inner.c.id)))


@own
def a_union_as_a_cte(s: Session, m: Any) -> Any:
    inner = union(select(m.id), select(aliased(m).id)).cte()
    return s.scalars(select(inner.c.id))


@own
def in_a_subselect(s: Session, m: Any) -> Any:
    other = aliased(m)
    return s.scalars(select(m.id).where(m.id.in_(select(other.id))))


@own
def a_correlated_exists(s: Session, m: Any) -> Any:
    other = aliased(m)
    return s.scalars(select(m.id).where(exists().where(other.id == m.id)))


@own
def a_scalar_subquery_as_a_column(s: Session, m: Any) -> Any:
    other = aliased(m)
    inner = select(other.id).where(other.id == m.id).scalar_subquery()
    return [row[1] for row in s.execute(select(m.id, inner))]


@own
def beside_a_public_table(s: Session, m: Any) -> Any:
    rows = s.execute(select(Kanwil.id, m.id).outerjoin(m, m.tenant_id == Kanwil.id))
    return {row[1] for row in rows if row[1] is not None}


@own
def through_a_public_table(s: Session, m: Any) -> Any:
    inner = select(m.id).where(m.tenant_id == Kanwil.id).correlate(None).subquery()
    return set(s.scalars(select(inner.c.id).select_from(Kanwil).join(inner, true())))


@own
def the_legacy_query(s: Session, m: Any) -> Any:
    return [row.id for row in s.query(m).all()]


@own
def the_legacy_query_of_a_column(s: Session, m: Any) -> Any:
    return [row[0] for row in s.query(m.id).filter(m.id > 0)]


@own
def the_legacy_query_from_a_subquery(s: Session, m: Any) -> Any:
    inner = s.query(m.id).subquery()
    return [row[0] for row in s.query(inner.c.id)]


@own
def the_legacy_union(s: Session, m: Any) -> Any:
    return {row[0] for row in s.query(m.id).union(s.query(m.id))}


@own
def the_legacy_query_in_batches(s: Session, m: Any) -> Any:
    return [row.id for row in s.query(m).yield_per(2)]


@refused
def the_bare_table(s: Session, m: Any) -> Any:
    return [row.id for row in s.execute(select(m.__table__))]


@refused
def a_column_of_the_bare_table(s: Session, m: Any) -> Any:
    return s.scalars(select(m.__table__.c.id))


@refused
def an_alias_of_the_bare_table(s: Session, m: Any) -> Any:
    return s.scalars(select(m.__table__.alias("x").c.id))


@refused
def the_bare_table_beside_a_model(s: Session, m: Any) -> Any:
    other = m.__table__.alias("x")
    return {id_ for row in s.execute(select(m.id, other.c.id).join(other, true())) for id_ in row}


@refused
def the_bare_table_in_a_subquery_of_a_model(s: Session, m: Any) -> Any:
    inner = select(m.__table__.c.id).subquery()
    return {id_ for row in s.execute(select(m.id, inner.c.id).join(inner, true())) for id_ in row}


@refused
def the_bare_table_counted_beside_a_model(s: Session, m: Any) -> Any:
    other = m.__table__.alias("y")
    inner = select(func.max(other.c.id)).scalar_subquery()
    return {id_ for row in s.execute(select(m.id, inner)) for id_ in row}


@refused
def the_model_on_a_bare_connection(s: Session, m: Any) -> Any:
    return s.connection().execute(select(m.id)).scalars()


@refused
def the_bare_table_on_a_bare_connection(s: Session, m: Any) -> Any:
    return s.connection().execute(select(m.__table__.c.id)).scalars()


@refused
def a_table_made_up_on_the_spot(s: Session, m: Any) -> Any:
    return s.scalars(select(table(m.__tablename__, column("id")).c.id))


@refused
def a_table_made_up_beside_a_model(s: Session, m: Any) -> Any:
    other = table(m.__tablename__, column("id")).alias("z")
    return {id_ for row in s.execute(select(m.id, other.c.id).join(other, true())) for id_ in row}


@refused
def text_sql(s: Session, m: Any) -> Any:
    return s.scalars(text(f'SELECT id FROM "{m.__tablename__}"'))


@refused
def text_sql_with_a_comment_in_it(s: Session, m: Any) -> Any:
    return s.scalars(text(f"SELECT id FROM/**/{m.__tablename__.upper()}"))


@refused
def text_sql_for_entities(s: Session, m: Any) -> Any:
    return [row.id for row in s.scalars(select(m).from_statement(text(f"SELECT * FROM {m.__tablename__}")))]


@refused
def text_sql_with_columns(s: Session, m: Any) -> Any:
    inner = text(f"SELECT id FROM {m.__tablename__}").columns(m.id).subquery()
    return s.scalars(select(inner.c.id))


@refused
def text_that_closes_the_parenthesis(s: Session, m: Any) -> Any:
    return s.scalars(select(m.id).where(text("1=1) OR (1=1")))


@refused
def a_literal_column_that_selects(s: Session, m: Any) -> Any:
    inner = literal_column(f"(SELECT max(id) FROM {m.__tablename__})")
    return {id_ for row in s.execute(select(m.id, inner)) for id_ in row}


@refused
def a_suffix_that_unites(s: Session, m: Any) -> Any:
    return s.scalars(select(m.id).suffix_with(f"UNION SELECT id FROM {m.__tablename__}"))


@refused
def driver_sql(s: Session, m: Any) -> Any:
    return s.connection().exec_driver_sql(f"SELECT id FROM {m.__tablename__}").scalars()


@refused
def prepared_statements(s: Session, m: Any) -> Any:
    """Without a mapped class, with text that widens it, with the values of another scope: all of them."""

    def forged() -> list[Any]:
        sent = Prepared(select(m.id)).sent(s)
        bound = sent.bound({})
        others: Any = dict.fromkeys(bound, 999) if isinstance(bound, dict) else tuple(999 for _ in bound)
        return sent.send(s.connection(), others)[0]

    found, refusals = [], []
    acts: list[Callable[[], list[Any]]] = [
        lambda: Prepared(select(m.__table__.c.id)).all(s),
        lambda: Prepared(select(m.id).where(text("1=1) OR (1=1"))).all(s),
        forged,
    ]
    for act in acts:
        try:
            with s.begin_nested():
                found += act()
        except (KaryaError, SQLAlchemyError) as error:
            refusals.append(error)
    if len(refusals) == len(acts):
        raise refusals[0]
    return [row[0] for row in found]


@refused
def core_rows_as_entities(s: Session, m: Any) -> Any:
    return [row.id for row in s.scalars(select(m).from_statement(select(m.__table__)))]


@refused
def an_alias_of_core_rows(s: Session, m: Any) -> Any:
    return [row.id for row in s.scalars(select(aliased(m, select(m.__table__).subquery())))]


@pytest.mark.parametrize("name", OWN)
def test_every_form_of_a_query_answers_with_the_scopes_own_rows(ground: Ground, name: str) -> None:
    for scope in ground.scopes():
        with entered(scope):
            for model in models():
                found = set(OWN[name](database.session(), model))
                assert found == ground.seen(model, scope), (model.__tablename__, scope)


@pytest.mark.parametrize("name", REFUSED)
def test_what_the_scope_cannot_be_added_to_is_refused(ground: Ground, name: str) -> None:
    for scope in ground.scopes():
        for model in models():
            with entered(scope):
                if ground.guarded:
                    with pytest.raises((KaryaError, SQLAlchemyError)):
                        set(REFUSED[name](database.session(), model))
                else:
                    try:
                        found = set(REFUSED[name](database.session(), model))
                    except SQLAlchemyError:
                        found = set()
                    assert found - {None} <= ground.seen(model, scope), (model.__tablename__, scope)
                database.db.release()


def test_counts_and_existence_are_the_scopes_own(ground: Ground) -> None:
    for scope in ground.scopes():
        with entered(scope):
            session = database.session()
            for model in models():
                seen, foreign = ground.seen(model, scope), [row.id for row in ground.others(model, scope)]
                assert session.scalar(select(func.count()).select_from(model)) == len(seen)
                assert session.scalar(select(func.count(model.id))) == len(seen)
                assert session.query(model).count() == len(seen)
                assert session.scalar(select(select(func.count(model.id)).scalar_subquery())) == len(seen)
                assert foreign, model.__tablename__
                assert not session.scalar(select(exists(select(model.id).where(model.id.in_(foreign)))))
                assert not session.query(session.query(model).filter(model.id.in_(foreign)).exists()).scalar()
                assert session.scalar(select(func.max(model.id)).where(model.id.in_(foreign))) is None


def test_a_public_row_cannot_be_asked_about_a_foreign_row(ground: Ground) -> None:
    for scope in ground.scopes():
        with entered(scope):
            for model in models():
                foreign = [row.id for row in ground.others(model, scope)]
                asked = select(DirectoryUpt.upt_id).where(exists().where(model.id.in_(foreign)))
                assert database.session().scalars(asked).all() == [], model.__tablename__


def test_get_finds_own_rows_and_no_foreign_ones(ground: Ground) -> None:
    for scope in ground.scopes():
        with entered(scope):
            session = database.session()
            for model in models():
                for row in ground.of(model):
                    found = session.get(model, row.id)
                    assert (found is not None) == (row.id in ground.seen(model, scope)), (row, scope)
                    assert (session.query(model).get(row.id) is None) == (found is None)
