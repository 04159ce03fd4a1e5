"""PostgreSQL's own layer: what stands, for whom, and the three things that it cannot do and who does them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, select, text
from sqlalchemy.exc import DBAPIError

from tenants import database
from tenants.base import Base, owned_tables
from tenants.errors import KaryaError
from tenants.models import Upt
from tenants.rls import ROLES
from tenants.scope import Scope, entered
from tests.tenants.rows import UNCHANGING, Ground, models


@pytest.fixture
def owner(rls_alone: Ground) -> Iterator[Connection]:
    """The database as its owner sees it."""
    engine = create_engine(rls_alone.settings.database_url)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def test_every_tenant_table_has_its_policies_and_forces_them(owner: Connection) -> None:
    state = {
        row.relname: (row.relrowsecurity, row.relforcerowsecurity)
        for row in owner.execute(text("SELECT relname, relrowsecurity, relforcerowsecurity FROM pg_class"))
    }
    found = {
        (row.tablename, row.policyname): row
        for row in owner.execute(
            text("SELECT tablename, policyname, roles, cmd, qual, with_check FROM pg_policies")
        )
    }
    for name, reach in owned_tables().items():
        assert state[name] == (True, True), name
        mine, centre = found[name, "tenant"], found[name, "centre"]
        assert mine.roles == ["karya_app"]
        assert mine.cmd == "ALL"
        assert "karya.tenant" in mine.qual
        assert mine.qual == mine.with_check, name
        assert ("karya.upt" in mine.qual) == (reach != "shared"), name
        assert centre.roles == ["karya_national"]
        assert centre.cmd == "SELECT"
        assert {policy for table, policy in found if table == name} == {"tenant", "centre"}, name
    assert state["ab_user"][0]


def test_no_role_owns_or_bypasses_anything(owner: Connection) -> None:
    roles = owner.execute(
        text("SELECT rolname, rolsuper, rolbypassrls, rolcanlogin, rolcreaterole, rolcreatedb FROM pg_roles")
    )
    flags = {row.rolname: tuple(row)[1:] for row in roles}
    for role in ROLES:
        assert flags[role] == (False, False, False, False, False), role
    owners = owner.execute(
        text("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'")
    ).scalars()
    assert not set(owners) & set(ROLES)


def test_each_role_may_what_its_reach_needs(owner: Connection) -> None:
    rows = owner.execute(
        text(
            "SELECT grantee, table_name, privilege_type FROM information_schema.role_table_grants"
            " WHERE table_schema = 'public' AND grantee LIKE 'karya_%'"
        )
    )
    may: dict[tuple[str, str], set[str]] = {}
    for grantee, name, privilege in rows:
        may.setdefault((grantee, name), set()).add(privilege)
    for (role, name), privileges in may.items():
        assert not privileges & {"TRUNCATE", "TRIGGER", "REFERENCES"}, (role, name)
        if role in ("karya_national", "karya_public"):
            assert privileges == {"SELECT"}, (role, name)
    for name in (
        *("audit_event", "decision", "reach_log", "comment_file", "note_file", "obstacle_change"),
        *("campaign_change", "campaign_sale_change"),
    ):
        assert may["karya_app", name] == {"SELECT", "INSERT"}, name
    public = {name for role, name in may if role == "karya_public"}
    assert public == {n for n in Base.metadata.tables if n.startswith("published_")} | {
        "kanwil",
        "directory_upt",
    }
    others = {grantee for grantee, _ in may} - set(ROLES)
    assert not others
    everyone = owner.execute(
        text(
            "SELECT count(*) FROM information_schema.role_table_grants"
            " WHERE grantee = 'PUBLIC' AND table_schema = 'public'"
        )
    )
    assert everyone.scalar() == 0


def test_views_and_functions_do_not_lend_their_owners_eyes(owner: Connection) -> None:
    views = owner.execute(
        text(
            "SELECT c.relname, c.reloptions FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE c.relkind IN ('v', 'm') AND n.nspname = 'public'"
        )
    ).all()
    assert all("security_invoker=on" in (row.reloptions or []) for row in views), views
    lending = owner.execute(
        text(
            "SELECT p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
            " WHERE p.prosecdef AND n.nspname = 'public'"
        )
    ).scalars()
    assert list(lending) == []


def test_a_raw_cursor_sees_the_scope_and_no_more(ground: Ground) -> None:
    """Below SQLAlchemy nothing of the application's guard is left: on PostgreSQL the database holds alone there."""
    if ground.layer == "sqlite":
        return
    for scope in ground.scopes():
        with entered(scope):
            raw = database.session().connection().connection.driver_connection
            assert raw is not None
            for model in models():
                name = model.__tablename__
                seen = {row[0] for row in raw.cursor().execute(f'SELECT id FROM "{name}"').fetchall()}
                assert seen == ground.seen(model, scope), (name, scope)
                if name not in UNCHANGING:
                    cursor = raw.cursor()
                    cursor.execute(f'UPDATE "{name}" SET id = id')
                    assert cursor.rowcount == len(seen), (name, scope)
            database.session().rollback()


@pytest.mark.parametrize("sql", ["SELECT * FROM upt", "SELECT * FROM recap", "UPDATE upt SET name = name"])
def test_a_connection_that_was_told_nothing_gets_an_error(rls_alone: Ground, sql: str) -> None:
    with database.db.app_engine.connect() as connection, pytest.raises(DBAPIError):
        connection.execute(text(sql))


def test_what_a_connection_was_told_ends_with_its_transaction(rls_alone: Ground) -> None:
    """So that a pool, or pgbouncer between transactions, hands over no scope."""
    with entered(Scope(rls_alone.kanwil["kalbar"])):
        session = database.session()
        session.execute(select(Upt.id)).all()
        number = session.connection().connection.driver_connection.info.backend_pid  # type: ignore[union-attr]
    database.db.release()
    with database.db.app_engine.connect() as connection:
        assert connection.connection.driver_connection.info.backend_pid == number  # type: ignore[union-attr]
        told = connection.execute(text("SELECT current_setting('karya.tenant', true)")).scalar()
        assert not told
        with pytest.raises(DBAPIError):
            connection.execute(text("SELECT * FROM upt"))


def test_the_application_cannot_leave_its_role_by_its_own_rights(owner: Connection) -> None:
    """Where the deployment gives each reach a user of its own, `karya_app` is a member of nothing."""
    rows = owner.execute(
        text(
            "SELECT r.rolname FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.member WHERE r.rolname LIKE 'karya_%'"
        )
    )
    assert list(rows.scalars()) == []


# The three holes that stack.md names. Each is shown open in this layer, and closed by another one.


def test_sql_of_ones_own_can_tell_another_kanwil_and_the_guard_refuses_such_sql(
    grounds: dict[str, Ground], rls_alone: Ground
) -> None:
    kalbar, banten = rls_alone.kanwil["kalbar"], rls_alone.kanwil["banten"]
    with entered(Scope(kalbar)):
        session = database.session()
        session.execute(select(Upt.id)).all()
        session.execute(text(f"SELECT set_config('karya.tenant', '{banten}', true)"))
        assert {row[0] for row in session.execute(text("SELECT tenant_id FROM upt"))} == {banten}
        session.rollback()
    database.configure(grounds["postgresql"].settings)
    with entered(Scope(kalbar)):
        session = database.session()
        session.execute(select(Upt.id)).all()
        session.execute(text(f"SELECT set_config('karya.tena' || 'nt', '{banten}', true)"))
        for statement in (text("SELECT tenant_id FROM upt"), select(Upt.__table__.c.tenant_id)):
            with pytest.raises(KaryaError):
                session.execute(statement)
        assert session.scalars(select(Upt.id)).all() == []  # the two layers agree on nothing: no rows
        session.rollback()


def test_a_plain_foreign_key_would_pass_by_and_ours_carry_the_tenant(rls_alone: Ground) -> None:
    """A key's check sees every row; with the tenant in it, another Kanwil's row is not the one that it names."""
    from workflows.models import Notice

    foreign = next(
        r.id for r in rls_alone.rows if r.table == "upt" and r.tenant_id == rls_alone.kanwil["banten"]
    )
    with entered(Scope(rls_alone.kanwil["kalbar"])):
        session = database.session()
        notice = session.scalars(select(Notice)).first()
        assert notice is not None
        notice.to_upt_id = foreign
        with pytest.raises(DBAPIError, match="foreign key"):
            session.flush()
        session.rollback()


def test_a_view_of_the_owner_would_show_all_and_there_is_none(rls_alone: Ground, owner: Connection) -> None:
    kalbar = Scope(rls_alone.kanwil["kalbar"])
    for option, shown in (("", 4), (" WITH (security_invoker=on)", 2)):
        owner.execute(text("CREATE TABLE IF NOT EXISTS probe_nothing (id int)"))
        owner.execute(text(f"CREATE VIEW probe_view{option} AS SELECT id FROM upt"))
        owner.execute(text("GRANT SELECT ON probe_view TO karya_app"))
        owner.commit()
        try:
            with entered(kalbar):
                session = database.session()
                session.execute(select(Upt.id)).all()
                found: Any = session.execute(text("SELECT count(*) FROM probe_view")).scalar()
                assert found == shown, option
                session.rollback()
        finally:
            database.db.release()
            owner.execute(text("DROP VIEW probe_view"))
            owner.execute(text("DROP TABLE probe_nothing"))
            owner.commit()


def test_the_reach_log_is_only_added_to(rls_alone: Ground) -> None:
    for sql in ("UPDATE reach_log SET officer_id = 1", "DELETE FROM reach_log"):
        with pytest.raises(DBAPIError):
            database.session().execute(text(sql))
        database.db.release()
