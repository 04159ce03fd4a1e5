"""The migrations make the tables that the models describe, and can be taken back."""

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect

import rooms
from config import Settings
from tenants.base import Base
from tenants.schema import MIGRATIONS

OF_THE_DATABASE = ("ix_published_search", "search_vector")
"""What the search needs beside the models: PostgreSQL computes it, `catalogue.ddl` says how."""


def _differences(settings: Settings) -> list[object]:
    engine = create_engine(settings.owner_url or settings.database_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": True,
                "include_object": lambda thing, name, kind, reflected, other: (
                    not (reflected and other is None and kind == "table") and name not in OF_THE_DATABASE
                ),
            },
        )
        found = compare_metadata(context, Base.metadata)
    engine.dispose()
    return [one for one in found if not (isinstance(one, tuple) and one[0] == "remove_index")]


def test_the_migrated_database_holds_what_the_models_describe(settings: Settings) -> None:
    assert _differences(settings) == []


def test_the_frozen_triggers_are_those_of_the_rooms(dialect: str) -> None:
    files = sorted((MIGRATIONS / "frozen").glob(f"*_{dialect}.sql"))
    frozen = "\n".join(path.read_text(encoding="utf-8") for path in files)
    for statement in rooms.ddl(dialect):
        assert statement.strip().rstrip(";") in frozen


def test_a_migration_can_be_taken_back(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path}/one.sqlite")
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        assert "product" in inspect(connection).get_table_names()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
        left = set(inspect(connection).get_table_names()) - {"alembic_version"}
    engine.dispose()
    assert left == set()
