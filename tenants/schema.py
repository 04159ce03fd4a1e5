"""Bringing a database up to date, as its owner: roles, tables, triggers, policies, and the queue's own tables."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, text

from config import Settings
from tenants import jobs, rls
from tenants.base import Base

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"


def migrate(settings: Settings, *, revision: str = "head") -> None:
    """Migrate the database of these settings to `revision` and renew grants and policies.

    Safe to run again, and the only place that connects as the owner.
    """
    settings.data.mkdir(parents=True, exist_ok=True)
    url = settings.owner_url or settings.database_url
    engine = create_engine(url)
    try:
        if settings.dialect == "postgresql":
            with engine.begin() as connection:
                connection.execute(text("SELECT pg_advisory_xact_lock(727001)"))
                for statement in rls.roles():
                    connection.execute(text(statement))
        else:
            with engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA journal_mode=WAL")
        with engine.begin() as connection:
            config = Config()
            config.set_main_option("script_location", str(MIGRATIONS))
            config.attributes["connection"] = connection
            command.upgrade(config, revision)
            if settings.dialect == "postgresql":
                for statement in rls.policies(Base.metadata):
                    connection.execute(text(statement))
    finally:
        engine.dispose()
    jobs.migrate()
