"""Durable jobs: born in a transaction, run in its scope, once, and taken over from a worker that died."""

from __future__ import annotations

import dataclasses
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, select, text

from config import Settings
from tenants import clock, database, jobs
from tenants.errors import NoScope
from tenants.limits import RateWindow
from tenants.models import KanwilSettings, Upt
from tenants.scope import NationalScope, Scope, current_or_none, entered
from tests.tenants.rows import HOMES, Ground

HOUSE = Path(__file__).resolve().parents[2]
seen: list[tuple[Any, Any]] = []


@jobs.job("probe.look")
def _look(payload: dict[str, Any]) -> dict[str, Any]:
    scope = current_or_none()
    ids = sorted(database.session().scalars(select(Upt.id))) if isinstance(scope, Scope) else []
    seen.append((scope, payload.get("n")))
    return {"ids": ids}


@jobs.job("probe.slow")
def _slow(payload: dict[str, Any]) -> dict[str, Any]:
    """Marks its start and its end in the database, and dies in between where it is told to."""
    with database.transaction() as session:
        session.add(RateWindow(key=f"start:{payload['n']}:{os.getpid()}", began_at=clock.now(), hits=1))
    if payload.get("die") and os.environ.get("PROBE_DIES"):
        os.kill(os.getpid(), signal.SIGKILL)
    with database.transaction() as session:
        session.merge(RateWindow(key=f"end:{payload['n']}", began_at=clock.now(), hits=1))
    return {}


@pytest.fixture
def empty(guarded: Ground) -> Iterator[Ground]:
    """The ground with nothing on the queue."""
    seen.clear()
    yield guarded
    database.db.release()


@pytest.fixture
def worker(empty: Ground) -> Iterator[jobs.Worker]:
    made = jobs.Worker(poll_seconds=0.05, schedules=False)
    yield made
    made.stop(within_seconds=5)


def test_a_job_runs_in_the_scope_that_enqueued_it(empty: Ground, worker: jobs.Worker) -> None:
    kalbar, banten = empty.kanwil["kalbar"], empty.kanwil["banten"]
    scopes = [
        Scope(kalbar, None, 5),
        Scope(kalbar, empty.upt[HOMES["kalbar"][0]], 6),
        Scope(banten, None, None),
    ]
    for number, scope in enumerate(scopes):
        with entered(scope), database.transaction():
            jobs.enqueue("probe.look", {"n": number}, key=f"scope-{number}")
    with entered(NationalScope(9)), database.transaction():
        jobs.enqueue("probe.look", {"n": 3}, key="scope-3")
    worker.drain(within_seconds=60)
    assert sorted(seen, key=lambda one: one[1]) == [(s, n) for n, s in enumerate([*scopes, NationalScope(9)])]
    assert current_or_none() is None


def test_what_is_rolled_back_leaves_no_job(empty: Ground, worker: jobs.Worker) -> None:
    def fail() -> None:
        with entered(Scope(empty.kanwil["kalbar"])), database.transaction() as session:
            session.scalars(select(KanwilSettings)).one().phone = "0561 222"
            jobs.enqueue("probe.look", {"n": 1}, key="rolled back")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    worker.drain(within_seconds=60)
    assert seen == []


def test_a_job_is_not_there_before_its_transaction_ends(empty: Ground, worker: jobs.Worker) -> None:
    with entered(Scope(empty.kanwil["kalbar"])), database.transaction():
        jobs.enqueue("probe.look", {"n": 1}, key="not yet")
        time.sleep(0.4)
        assert seen == []
    worker.drain(within_seconds=60)
    assert len(seen) == 1


def test_a_key_is_carried_out_once_in_a_kanwil_and_once_in_another(
    empty: Ground, worker: jobs.Worker
) -> None:
    for _ in range(3):
        for code in ("kalbar", "banten"):
            with entered(Scope(empty.kanwil[code])), database.transaction():
                jobs.enqueue("probe.look", {"n": code}, key="only once")
        worker.drain(within_seconds=60)
    assert sorted(n for _, n in seen) == ["banten", "kalbar"]


def test_a_job_needs_a_scope_and_a_handler(empty: Ground) -> None:
    with pytest.raises(NoScope):
        jobs.enqueue("probe.look", {}, key="x")
    with entered(Scope(empty.kanwil["kalbar"])), pytest.raises(KeyError):
        jobs.enqueue("probe.nobody", {}, key="x")


_WORKER = """
    import sys
    from pathlib import Path
    import rooms
    rooms.load()
    import tests.tenants.test_jobs
    from config import Settings
    from tenants import database, jobs
    data, url, slot = sys.argv[1:]
    database.configure(Settings(data=Path(data), database_url=url, secret_key="x" * 40, slot=slot))
    jobs.Worker(poll_seconds=0.05, schedules=False).drain(within_seconds=60)
"""


def test_another_worker_takes_over_from_one_that_died(empty: Ground) -> None:
    """kill -9 in the middle of a job; a worker of another name resumes it once the heartbeat is old."""
    settings: Settings = empty.settings
    with entered(Scope(empty.kanwil["kalbar"])):
        for number in range(4):
            with database.transaction():
                jobs.enqueue(
                    "probe.slow", {"n": f"t{number}", "die": "yes" if number == 1 else None}, key=f"t{number}"
                )
    database.db.release()
    dead = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(_WORKER), str(settings.data), settings.database_url, "lost-1"],
        cwd=HOUSE,
        env={**os.environ, "PROBE_DIES": "yes", "PYTHONPATH": str(HOUSE)},
        capture_output=True,
        timeout=120,
    )
    assert dead.returncode == -signal.SIGKILL, dead.stderr.decode()[-2000:]
    assert _marks(settings, "end:t1") == 0
    engine = create_engine(settings.database_url)
    with engine.begin() as connection:  # as if its last heartbeat were long ago
        long_ago = clock.now() - jobs.LOST_AFTER - timedelta(seconds=60)
        connection.execute(
            jobs.WorkerSlot.__table__.update()
            .where(jobs.WorkerSlot.name == "lost-1")
            .values(beat_at=long_ago)
        )
    engine.dispose()
    database.configure(dataclasses.replace(settings, slot="alive-1"))
    taker = jobs.Worker(poll_seconds=0.05, schedules=False)
    try:
        taker._take_over()
        taker.drain(within_seconds=60)
    finally:
        taker.stop(within_seconds=5)
        database.configure(settings)
    assert [_marks(settings, f"end:t{number}") for number in range(4)] == [1, 1, 1, 1]
    assert _marks(settings, "start:t1:%") == 2  # at least once


def _marks(settings: Settings, pattern: str) -> int:
    engine = create_engine(settings.database_url)
    with engine.connect() as connection:
        asked = text("SELECT count(*) FROM rate_window WHERE key LIKE :pattern")
        found = connection.execute(asked, {"pattern": pattern}).scalar_one()
    engine.dispose()
    return int(found)
