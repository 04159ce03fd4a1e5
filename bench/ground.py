"""What every case stands on: a database of its own, a small world in it, and honest stopwatches."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event

from config import Settings
from tenants import database
from tests.support import databases, worlds


@dataclass(frozen=True)
class Result:
    """One figure. `ratio` is value / floor where both are in the same unit."""

    name: str
    database: str
    value: float
    unit: str
    floor: float | None = None
    size: str = ""

    @property
    def ratio(self) -> float | None:
        return None if not self.floor else self.value / self.floor

    def as_json(self) -> dict[str, Any]:
        """As `latest.json` keeps it; three significant digits are all that a stopwatch is good for."""

        def short(number: float | None) -> float | None:
            return None if number is None else float(f"{number:.4g}")

        return {
            "database": self.database,
            "value": short(self.value),
            "unit": self.unit,
            "floor": short(self.floor),
            "ratio": short(self.ratio),
            "size": self.size,
        }


@dataclass(frozen=True)
class Ground:
    """One database's place in a run."""

    dialect: str
    folder: Path
    only: list[str]

    def wants(self, name: str) -> bool:
        """Whether the caller asked for figures of this name."""
        return not self.only or any(name.startswith(word) for word in self.only)

    @contextmanager
    def world(self) -> Iterator[tuple[Settings, worlds.World]]:
        """A fresh small world, opened as the database of this process."""
        shared = self.folder / "templates"
        shared.mkdir(exist_ok=True)
        made = databases.template(self.dialect, "world", shared, worlds.build)
        with made.copied(self.folder / f"run-{time.monotonic_ns()}") as settings:
            database.configure(settings)
            yield settings, worlds.read()
            database.db.dispose()


def owner_engine(settings: Settings, *, begin: str | None = None) -> Engine:
    """A bare connection to the same database, as its owner, with the same care for what is committed. `begin`: how a
    transaction begins on SQLite, instead of with its first write."""
    engine = create_engine(settings.database_url)
    if settings.dialect == "sqlite":

        @event.listens_for(engine, "connect")
        def pragmas(dbapi: Any, _: Any) -> None:
            for pragma in ("foreign_keys=ON", "busy_timeout=30000", "journal_mode=WAL", "synchronous=NORMAL"):
                dbapi.execute(f"PRAGMA {pragma}")
            if begin:
                dbapi.isolation_level = None

        if begin:
            event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(begin))

    return engine


def interleaved(
    first: Callable[[], object], second: Callable[[], object], *, rounds: int, warm: int = 3
) -> tuple[float, float]:
    """The median seconds of two acts, measured in turns so that what disturbs one disturbs the other."""
    for _ in range(warm):
        first()
        second()
    taken: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for act, seconds in zip((first, second), taken, strict=True):
            began = time.perf_counter()
            act()
            seconds.append(time.perf_counter() - began)
    return statistics.median(taken[0]), statistics.median(taken[1])
