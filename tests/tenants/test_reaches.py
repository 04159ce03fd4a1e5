"""The other reaches: the centre's reads all and writes nothing, the public one reads the published tables alone."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import create_engine, delete, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from tenants import database
from tenants.base import Base
from tenants.database import PUBLIC_PREFIX, PUBLIC_TABLES
from tenants.errors import Forbidden, KaryaError, ScopeError
from tenants.models import DirectoryUpt, Kanwil, ReachLog, Upt
from tenants.officers import Actor, acting_in
from tenants.scope import NationalScope, Scope, current_or_none, entered
from tests.tenants.rows import Ground, insert_values, models

NOW = datetime(2024, 3, 5, 3, 0, tzinfo=UTC)
OPEN = ("kanwil", "directory_upt")
REFUSED = (KaryaError, SQLAlchemyError)


def is_open(name: str) -> bool:
    return name in OPEN or name.startswith("published_")


def test_what_is_public_is_named_and_little(guarded: Ground) -> None:
    assert sorted(PUBLIC_TABLES) == sorted(OPEN)
    assert PUBLIC_PREFIX == "published_"
    for table in Base.metadata.sorted_tables:
        if is_open(table.name):
            columns = set(table.columns.keys())
            assert not columns & {"tenant_id", "password", "officer_id", "email"}, table.name


def test_the_public_session_reads_no_other_table(guarded: Ground) -> None:
    """Every table that there is, the users' and the queue's included."""
    with database.public() as session:
        names = set(Base.metadata.tables)
    engine = create_engine(guarded.settings.database_url)
    with engine.connect() as connection:
        if guarded.layer == "sqlite":
            there = connection.execute(text("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')"))
        else:
            there = connection.execute(
                text(
                    "SELECT quote_ident(table_schema) || '.' || quote_ident(table_name) FROM information_schema.tables"
                    " WHERE table_schema IN ('public', 'dbos')"
                )
            )
        names |= set(there.scalars())
    engine.dispose()
    closed = [n for n in names if not is_open(n.removeprefix("public.")) and not n.startswith("sqlite_")]
    assert len(closed) > 25
    for name in closed:
        with database.public() as session, pytest.raises(DBAPIError):
            session.execute(text(f"SELECT * FROM {name if '.' in name else chr(34) + name + chr(34)}")).all()
    for name in filter(is_open, Base.metadata.tables):
        with database.public() as session:
            session.execute(text(f'SELECT count(*) FROM "{name}"')).one()


def test_the_public_session_reads_no_other_table_by_a_detour(guarded: Ground) -> None:
    for sql in (
        "SELECT (SELECT max(username) FROM ab_user)",
        "SELECT name FROM directory_upt WHERE EXISTS (SELECT 1 FROM upt)",
        "WITH x AS (SELECT * FROM kanwil_settings) SELECT count(*) FROM x",
        "SELECT name FROM directory_upt UNION SELECT password FROM ab_user",
        "SELECT count(*) FROM directory_upt d JOIN upt u ON u.id = d.upt_id",
    ):
        with database.public() as session, pytest.raises(DBAPIError):
            session.execute(text(sql)).all()


def test_the_public_session_writes_nothing(guarded: Ground) -> None:
    for sql in (
        "DELETE FROM directory_upt",
        "UPDATE kanwil SET state = 'suspended'",
        "INSERT INTO published_photo (sha256, product_id) VALUES ('x', 1)",
        "CREATE TABLE mine (id int)",
        "CREATE TEMP TABLE mine AS SELECT 1 AS id",
        "DROP TABLE directory_upt",
        "PRAGMA query_only=OFF" if guarded.layer == "sqlite" else "TRUNCATE directory_upt",
        "ATTACH DATABASE ':memory:' AS other" if guarded.layer == "sqlite" else "CREATE SCHEMA mine",
    ):
        with database.public() as session, pytest.raises(DBAPIError):
            session.execute(text(sql))
    with database.public() as session:
        session.add(DirectoryUpt(upt_id=99999))
        with pytest.raises(ScopeError):
            session.flush()
        session.expunge_all()
        assert session.scalar(select(func.count()).select_from(DirectoryUpt)) == 4


def test_the_centre_reads_every_kanwil(guarded: Ground) -> None:
    with entered(NationalScope(1)), database.national("test") as session:
        for model in models():
            if model.reach == "private":
                continue
            assert set(session.scalars(select(model.id))) == {row.id for row in guarded.of(model)}, model


def test_the_centre_reads_nothing_that_belongs_to_a_upt_alone(guarded: Ground) -> None:
    private = [model for model in models() if model.reach == "private"]
    assert len(private) > 5
    for model in private:
        for asked in (select(model.id), select(func.count()).select_from(model)):
            with entered(NationalScope(1)), database.national("test") as session, pytest.raises(DBAPIError):
                session.execute(asked).all()


def test_the_centre_reads_no_passwords(guarded: Ground) -> None:
    if guarded.layer != "postgresql":
        return  # SQLite knows no roles: there its file is the boundary
    for sql in ("SELECT * FROM ab_user", "SELECT * FROM request_key", "SELECT * FROM dbos.workflow_status"):
        with database.national("test") as session, pytest.raises(DBAPIError):
            session.execute(text(sql)).all()


def test_the_centre_writes_nothing(guarded: Ground) -> None:
    for model in models():
        first = guarded.of(model)[0]
        for statement in (
            update(model).where(model.id == first.id).values(tenant_id=first.tenant_id),
            delete(model).where(model.id == first.id),
            insert(model).values(tenant_id=first.tenant_id, **insert_values(model)),
        ):
            with database.national("test") as session, pytest.raises(REFUSED):
                session.execute(statement.execution_options(synchronize_session=False))
    with database.national("test") as session:
        upt = session.scalars(select(Upt)).first()
        assert upt is not None
        upt.name = "lain"
        with pytest.raises(ScopeError):
            session.flush()
        session.expunge_all()
        session.add(Upt(tenant_id=1, **insert_values(Upt)))
        with pytest.raises(ScopeError):
            session.commit()


def test_the_centres_reach_is_not_taken_from_inside_a_kanwil(ground: Ground) -> None:
    with entered(Scope(ground.kanwil["kalbar"])), pytest.raises(ScopeError), database.national("test"):
        pass


def test_every_use_of_the_centres_reach_is_logged(guarded: Ground, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="karya.national")
    with entered(NationalScope(77)), database.national("rekap Maret") as session:
        session.execute(select(Kanwil.id)).all()
    assert [r.getMessage() for r in caplog.records] == ["national reach: rekap Maret, officer 77"]


def _actor(tenant: int | None, *roles: str) -> Actor:
    return Actor(77, "Dirjen Contoh", frozenset(roles), tenant, None, "Direktur Jenderal Pemasyarakatan")


def test_acting_in_a_kanwil_is_written_down_before_anything_is_done(guarded: Ground) -> None:
    kalbar = guarded.kanwil["kalbar"]
    with entered(NationalScope(77)):
        with acting_in(kalbar, by=_actor(None, "dirjen"), purpose="terima", now=NOW):
            assert current_or_none() == Scope(kalbar, None, 77)
        row = database.session().scalars(select(ReachLog).order_by(ReachLog.id.desc())).first()
        assert row is not None
        assert (row.officer_id, row.kanwil_id, row.purpose) == (77, kalbar, "terima")


@pytest.mark.parametrize(
    ("tenant", "role", "inside"),
    [(1, "kakanwil", None), (None, "pembina", None), (1, "dirjen", None), (None, "dirjen", Scope(1))],
)
def test_nobody_else_acts_in_a_kanwil(guarded: Ground, tenant: int | None, role: str, inside: Any) -> None:
    there = acting_in(guarded.kanwil["banten"], by=_actor(tenant, role), purpose="x", now=NOW)
    with entered(inside), pytest.raises(Forbidden):
        there.__enter__()
