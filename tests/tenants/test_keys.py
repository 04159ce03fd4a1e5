"""No row points into another Kanwil, whoever writes it: composite keys, on SQLite and on PostgreSQL."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Table, create_engine, event, text, update
from sqlalchemy.exc import IntegrityError

from tenants.base import Base, owned_tables
from tests.tenants.rows import UNCHANGING, Ground


def _links() -> list[tuple[Table, Any]]:
    owned = owned_tables()
    return [
        (table, key)
        for table in Base.metadata.sorted_tables
        if table.name in owned or table.name == "ab_user"
        for key in table.foreign_key_constraints
        if key.referred_table.name in owned
    ]


def test_every_key_between_tenant_tables_carries_the_tenant() -> None:
    for table, key in _links():
        pairs = {element.parent.name: element.column.name for element in key.elements}
        assert pairs.get("tenant_id") == "tenant_id", f"{table.name}: {sorted(pairs)}"


def test_every_tenant_table_names_its_kanwil_and_can_be_pointed_at() -> None:
    for name in owned_tables():
        table = Base.metadata.tables[name]
        assert not table.c.tenant_id.nullable, name
        assert any(key.column.table.name == "kanwil" for key in table.c.tenant_id.foreign_keys), name
        unique = [
            {column.name for column in one.columns}
            for one in table.constraints
            if one.__class__.__name__ == "UniqueConstraint"
        ]
        assert {"tenant_id", "id"} in unique, name


def test_every_other_table_is_known_to_belong_to_nobody() -> None:
    """A new table is either a tenant's or stands here, with the reason why it may be read in any scope."""
    shared = {
        "kanwil",  # the reference of the tenants themselves
        "directory_upt",  # a public register
        "holiday",  # the nation's
        "request_key",  # bound to one officer
        "reach_log",  # the centre's own
        "worker_slot",  # of the queue
        "rate_window",  # of signing in: there is no Kanwil yet
        "national_import",  # the centre's own
        "centre_disposition",  # between the Dirjen and an officer of the centre
        "recap_bundle",  # the centre's own
        *("national_recap", "national_sequence", "national_letter", "national_event"),  # the centre's own
        "national_definition",  # the national default of a workflow, which every Kanwil may read
        "national_draft",  # the centre's own
        "guest_link",  # read by a token's whole hash, before there is a scope
        *(
            "campaign",
            "campaign_change",
        ),  # the country's and a Kanwil's; `sales.campaigns.queries.visible` says whose
        "national_campaign_paper",  # the centre's own
    }
    owned = owned_tables()
    for name in Base.metadata.tables:
        known = name in owned or name in shared or name.startswith(("published_", "ab_"))
        assert known, f"{name}: give it a kind of tenants.base, or say here why it needs none"


def test_what_is_unique_is_unique_within_a_kanwil() -> None:
    """A unique value across Kanwil would tell one of them what another has; the public addresses are meant to."""
    meant = {"upt": {"slug"}, "product": {"slug"}}
    for name in owned_tables():
        table = Base.metadata.tables[name]
        found = [one for one in table.constraints if one.__class__.__name__ == "UniqueConstraint"]
        found += [one for one in table.indexes if one.unique]
        for one in found:
            columns = {column.name for column in one.columns}
            assert "tenant_id" in columns or columns <= meant.get(name, set()), f"{name}: {sorted(columns)}"


def test_a_row_cannot_point_into_another_kanwil(guarded: Ground) -> None:
    """Written below the guard and row level security, as the owner of the database."""
    engine = create_engine(guarded.settings.database_url)
    if guarded.layer == "sqlite":
        event.listen(engine, "connect", lambda raw, _: raw.execute("PRAGMA foreign_keys=ON"))
    kalbar, banten = guarded.kanwil["kalbar"], guarded.kanwil["banten"]
    tried = 0
    with engine.connect() as connection:
        for table, key in _links():
            column = next(e.parent for e in key.elements if e.parent.name != "tenant_id")
            if table.name in UNCHANGING:
                continue  # their rows never change: the triggers answer first
            target = next(
                (r.id for r in guarded.rows if r.table == key.referred_table.name and r.tenant_id == banten),
                None,
            )
            if target is None:
                continue
            transaction = connection.begin()
            if guarded.layer == "postgresql":
                connection.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
            with pytest.raises(IntegrityError):
                connection.execute(
                    update(table).where(table.c.tenant_id == kalbar).values({column.name: target})
                )
            transaction.rollback()
            tried += 1
    engine.dispose()
    assert tried > 15


def test_sqlite_checks_its_keys_on_every_connection(guarded: Ground) -> None:
    from tenants import database

    if guarded.layer != "sqlite":
        return
    for engine in (database.db.app_engine, database.db.national_engine):
        raw = engine.raw_connection()
        try:
            assert raw.driver_connection.execute("PRAGMA foreign_keys").fetchone()[0] == 1  # type: ignore[union-attr]
        finally:
            raw.close()
