"""Entering, leaving and lacking a scope: an error, never all rows; a session serves one scope, a thread has its own."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import SQLAlchemyError

from tenants import database
from tenants.errors import KaryaError, NoScope, ScopeError
from tenants.models import KanwilSettings, Upt
from tenants.scope import NationalScope, Scope, current, current_or_none, entered, set_for_request
from tests.tenants.rows import Ground, insert_values, models

REFUSED = (KaryaError, SQLAlchemyError)


@pytest.mark.parametrize("scope", [None, NationalScope(1)], ids=["none", "the centre's"])
def test_without_a_kanwils_scope_every_table_is_an_error(ground: Ground, scope: Any) -> None:
    for model in models():
        for statement in (
            select(model),
            select(model.id),
            select(func.count()).select_from(model),
            update(model).values(id=model.id).execution_options(synchronize_session=False),
            insert(model).values(tenant_id=1, **insert_values(model)),
        ):
            with entered(scope), pytest.raises(REFUSED):
                database.session().execute(statement).all()
            database.db.release()


def test_without_a_scope_an_object_is_neither_added_nor_found(guarded: Ground) -> None:
    for model in models():
        session = database.session()
        session.add(model(**insert_values(model)))
        with pytest.raises(REFUSED):
            session.flush()
        session.rollback()
        with pytest.raises(REFUSED):
            session.get(model, 1)
        database.db.release()


def test_current_says_that_there_is_none(guarded: Ground) -> None:
    assert current_or_none() is None
    with pytest.raises(NoScope):
        current()
    with entered(NationalScope(1)), pytest.raises(NoScope):
        current()


def test_a_new_thread_starts_without_a_scope(ground: Ground) -> None:
    found: list[Any] = []

    def ask() -> None:
        try:
            found.append(database.session().scalars(select(Upt)).all())
        except REFUSED as error:
            found.append(error)
        finally:
            database.db.release()

    with entered(Scope(ground.kanwil["kalbar"])):
        assert database.session().scalars(select(Upt)).all()
        thread = threading.Thread(target=ask)
        thread.start()
        thread.join()
    assert isinstance(found[0], REFUSED)


def test_two_threads_work_in_two_kanwil_at_once(ground: Ground) -> None:
    seen: dict[str, set[int]] = {}
    ready = threading.Barrier(2)

    def work(code: str) -> None:
        with entered(Scope(ground.kanwil[code])):
            ready.wait()
            for _ in range(30):
                seen.setdefault(code, set()).update(database.session().scalars(select(Upt.tenant_id)))
                database.session().rollback()
        database.db.release()

    threads = [threading.Thread(target=work, args=(code,)) for code in ("kalbar", "banten")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == {code: {ground.kanwil[code]} for code in ("kalbar", "banten")}


def test_the_identity_map_does_not_outlive_the_scope(ground: Ground) -> None:
    for model in models():
        scopes = list(ground.scopes())
        for first in scopes:
            for second in scopes:
                with entered(first):
                    row_id = next(iter(ground.seen(model, first)), None)
                    if row_id is None:
                        continue
                    row = database.session().get(model, row_id)
                    assert row is not None
                    assert row.id == row_id
                with entered(second):
                    found = database.session().get(model, row_id)
                    assert (found is not None) == (row_id in ground.seen(model, second))


def test_a_request_that_changes_its_scope_lets_its_rows_go(ground: Ground) -> None:
    kalbar, banten = Scope(ground.kanwil["kalbar"]), Scope(ground.kanwil["banten"])
    try:
        set_for_request(kalbar)
        row = database.session().scalars(select(KanwilSettings)).one()
        set_for_request(banten)
        assert database.session().get(KanwilSettings, row.id) is None
        assert database.session().scalars(select(KanwilSettings)).one().id != row.id
    finally:
        database.db.release()
        set_for_request(None)


def test_a_session_that_was_kept_refuses_another_scope(guarded: Ground) -> None:
    with entered(Scope(guarded.kanwil["kalbar"])):
        kept = database.session()
        row = kept.scalars(select(KanwilSettings)).one()
        number = row.id
        kept.info["scope"] = Scope(guarded.kanwil["banten"])  # as if it had been pinned elsewhere
        kept.info.pop("told", None)
        with pytest.raises(ScopeError):
            kept.scalars(select(KanwilSettings)).all()
        with pytest.raises(ScopeError):
            kept.get(KanwilSettings, number)
    database.db.release()


def test_a_scope_is_not_changed_inside_a_transaction(ground: Ground) -> None:
    kalbar, banten = Scope(ground.kanwil["kalbar"]), Scope(ground.kanwil["banten"])
    with entered(kalbar), database.transaction():
        for other in (banten, None, NationalScope(1), Scope(kalbar.tenant_id, 1)):
            with pytest.raises(ScopeError), entered(other):
                pass
        with entered(kalbar):  # the same one may be entered again
            assert current() == kalbar


def test_an_inner_scope_gives_way_to_the_outer_one(ground: Ground) -> None:
    kalbar, banten = Scope(ground.kanwil["kalbar"]), Scope(ground.kanwil["banten"])
    with entered(kalbar):
        with entered(banten):
            assert {row.tenant_id for row in database.session().scalars(select(Upt))} == {banten.tenant_id}
        assert {row.tenant_id for row in database.session().scalars(select(Upt))} == {kalbar.tenant_id}
    assert current_or_none() is None


def test_an_error_leaves_the_scope_and_undoes_the_transaction(ground: Ground) -> None:
    kalbar = Scope(ground.kanwil["kalbar"])

    def fail() -> None:
        with entered(kalbar), database.transaction() as session:
            session.execute(update(KanwilSettings).values(phone="0561 000"))
            with database.transaction():  # joins
                session.execute(update(KanwilSettings).values(phone="0561 111"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert current_or_none() is None
    with entered(kalbar):
        assert database.session().scalars(select(KanwilSettings.phone)).one() == ""


def test_the_scope_holds_through_savepoints(ground: Ground) -> None:
    """What PostgreSQL was told inside a savepoint is forgotten when it is rolled back."""
    kalbar = Scope(ground.kanwil["kalbar"])
    mine = ground.seen(Upt, kalbar)
    with entered(kalbar), database.transaction() as session:
        nested = session.begin_nested()
        assert set(session.scalars(select(Upt.id))) == mine
        nested.rollback()
        assert set(session.scalars(select(Upt.id))) == mine
        with session.begin_nested():
            session.execute(update(KanwilSettings).values(phone=""))
        assert set(session.scalars(select(Upt.id))) == mine


def test_one_compiled_statement_serves_every_scope(guarded: Ground) -> None:
    statement = select(Upt.id).order_by(Upt.id)
    for _ in range(2):
        for scope in guarded.scopes():
            with entered(scope):
                assert set(database.session().scalars(statement)) == guarded.seen(Upt, scope)


def test_a_bulk_insert_may_come_first_in_a_transaction(ground: Ground) -> None:
    """Nothing was read before it, so PostgreSQL must have been told by the transaction itself."""
    from workflows.models import Closure

    scope = Scope(ground.kanwil["kalbar"])
    with entered(scope):
        session = database.session()
        given = {} if ground.guarded else {"tenant_id": scope.tenant_id}
        session.execute(insert(Closure), [insert_values(Closure, **given), insert_values(Closure, **given)])
        session.rollback()
        session.bulk_insert_mappings(Closure.__mapper__, [insert_values(Closure, **given)])
        session.rollback()
