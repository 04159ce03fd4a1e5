"""The ground of the probes: filled once a run and database, read by many tests, changed by none that ends well.

A test that asks for `ground` runs three times: guarded on SQLite, guarded on PostgreSQL, and on PostgreSQL with the
guard switched off, where row level security must hold alone.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import rooms
from tenants import database
from tests.support import databases
from tests.tenants import rows
from tests.tenants.rows import Ground

rooms.load()
LAYERS = ("sqlite", "postgresql", "rls alone") if databases.SERVER else ("sqlite",)
GUARDED = LAYERS[:2]
collect_ignore = [] if databases.SERVER else ["test_rls.py"]  # nothing to ask where there is no PostgreSQL


@pytest.fixture(scope="session")
def grounds(shared_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Ground]]:
    """The filled ground of each layer."""
    made: dict[str, Ground] = {}
    opened: list[Any] = []
    for dialect in databases.DIALECTS:
        copy = databases.template(dialect, "probes", shared_folder, rows.fill).copied(
            tmp_path_factory.mktemp(f"probes-{dialect}")
        )
        opened.append(copy)
        settings = copy.__enter__()
        database.configure(settings)
        made[dialect] = rows.survey(settings, dialect)
        database.db.dispose()
    if "postgresql" in made:
        alone = dataclasses.replace(made["postgresql"].settings, guard_off=True)
        made["rls alone"] = dataclasses.replace(made["postgresql"], settings=alone, layer="rls alone")
    yield made
    if database.db is not None:
        database.db.dispose()
    for copy in opened:
        copy.__exit__(None, None, None)


def _opened(ground: Ground) -> Iterator[Ground]:
    if database.db is None or database.db.settings != ground.settings:
        database.configure(ground.settings)
    yield ground
    database.db.release()


@pytest.fixture(scope="module", params=LAYERS)
def layer(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module", params=GUARDED)
def guarded_layer(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def ground(grounds: dict[str, Ground], layer: str) -> Iterator[Ground]:
    """On each layer in turn."""
    yield from _opened(grounds[layer])


@pytest.fixture
def guarded(grounds: dict[str, Ground], guarded_layer: str) -> Iterator[Ground]:
    """With the guard on, on SQLite and on PostgreSQL."""
    yield from _opened(grounds[guarded_layer])


@pytest.fixture
def rls_alone(grounds: dict[str, Ground]) -> Iterator[Ground]:
    """PostgreSQL with the guard off."""
    yield from _opened(grounds["rls alone"])
