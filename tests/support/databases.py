"""Databases for tests: each is built once a run as a template, and copied for every test that asks for one.

SQLite: a file is copied. PostgreSQL: `CREATE DATABASE ... TEMPLATE` on the cluster of KARYA_TEST_POSTGRES_URL.
"""

from __future__ import annotations

import fcntl
import itertools
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL, make_url

from config import Settings
from tenants import database, rls

SERVER = os.environ.get("KARYA_TEST_POSTGRES_URL", "")
DIALECTS = ("sqlite", "postgresql") if SERVER else ("sqlite",)
SECRET = "tests-only-" + "x" * 40
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Template:
    """A database that is ready to be copied, and the data folder that belongs to it."""

    dialect: str
    folder: Path
    database: str

    def settings(self) -> Settings:
        """The settings that reach the template itself; for its builder alone."""
        return _settings(self.dialect, self.folder, self.database)

    @contextmanager
    def copied(self, folder: Path) -> Iterator[Settings]:
        """A copy of its own in `folder`, dropped at the end."""
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        if self.dialect == "sqlite":
            yield _settings("sqlite", folder, "")
            return
        name = f"karya_t{os.getpid()}_{next(_numbers)}"
        _on_server(f"CREATE DATABASE {name} TEMPLATE {self.database} STRATEGY file_copy")
        try:
            yield _settings("postgresql", folder, name)
        finally:
            _on_server(f"DROP DATABASE {name} WITH (FORCE)")


def template(dialect: str, kind: str, shared: Path, build: Callable[[Settings], None]) -> Template:
    """The template of this kind; the first process of the run that asks builds it, the others wait for it."""
    folder = shared / f"{kind}-{dialect}"
    made = Template(dialect, folder, f"karya_{kind}_{shared.name.replace('-', '_')}".lower())
    done = shared / f"{kind}-{dialect}.done"
    with (shared / f"{kind}-{dialect}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            if dialect == "postgresql":
                _on_server(
                    f"DROP DATABASE IF EXISTS {made.database} WITH (FORCE)",
                    f"CREATE DATABASE {made.database}",
                )
            build(made.settings())
            if database.db is not None:
                database.db.dispose()
            done.touch()
    return made


def prepare_server() -> None:
    """Make the roles once, before parallel workers would each try to."""
    if SERVER:
        _on_server(*rls.roles())


def _settings(dialect: str, folder: Path, name: str) -> Settings:
    url = f"sqlite:///{folder}/karya.sqlite" if dialect == "sqlite" else _address(name)
    return Settings(
        data=folder, database_url=url, secret_key=SECRET, demo=True, sign_in_limit="1000 per minute"
    )


def _address(name: str) -> str:
    server: URL = make_url(SERVER)
    return server.set(database=name).render_as_string(hide_password=False)


def _on_server(*statements: str) -> None:
    engine = create_engine(SERVER, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()
