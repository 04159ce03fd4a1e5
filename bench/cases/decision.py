"""Decisions a second through the use case, beside the floor of any: lock a row, move it, write two rows, commit.

The use case checks the checklist and four eyes, moves the case, writes the decision, the audit event in its chain and
the notices; every third decision publishes the product. The floor writes the same four statements twice over: by the
driver alone (`decision`), and as a program would that uses SQLAlchemy's Core and nothing above it (`decision_core`).
All are measured in turns, in one process on one database.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, MetaData, Table, bindparam, insert, select, text, update

from bench.ground import Ground, Result, owner_engine
from catalogue import drafts, submission
from config import Settings
from tenants.scope import entered
from tests.catalogue.conftest import CHECKLISTS, CONTENT, NOW
from tests.catalogue.pictures import picture
from tests.support.statements import counted_statements
from tests.support.worlds import World
from workflows.decisions import Verdict, decide

PRODUCTS = 160
BATCH = 12
OPERATOR = "operator.lapas-iia-pontianak"
STAGES = ("pembina", "pemantau", "pengendali")


def measure(ground: Ground) -> Iterator[Result]:
    """decision_<database>: per second; decision_cpu: milliseconds; decision_core: the same beside the floor by Core;
    decision_sql: statements, the most seen."""
    with ground.world() as (settings, world):
        cases = submitted(world, PRODUCTS)
        turns = steps(world, cases)
        floor, core = _Floor(settings), _CoreFloor(settings)
        most = 0
        for number in range(3 * len(STAGES)):  # warm; then counted, once what a process keeps is kept
            with counted_statements() as seen:
                next(turns)()
            if number >= len(STAGES):
                most = max(most, len(seen))
            floor.act()
            core.act()
        ours, theirs, cores = _Watch(), _Watch(), _Watch()
        for batch in iter(lambda: list(itertools.islice(turns, BATCH)), []):
            with ours.running(len(batch)):
                for step in batch:
                    step()
            with theirs.running(len(batch)):
                for _ in batch:
                    floor.act()
            with cores.running(len(batch)):
                for _ in batch:
                    core.act()
        floor.close()
        core.close()
    size = f"{ours.count} decisions, floor 4 SQL + commit"
    name = ground.dialect
    yield Result(f"decision_{name}", name, ours.rate, "1/s", theirs.rate, size)
    yield Result(f"decision_cpu_{name}", name, ours.cpu_ms, "ms CPU", theirs.cpu_ms, size)
    size = f"{ours.count} decisions, floor 4 SQL + commit by SQLAlchemy Core"
    yield Result(f"decision_core_{name}", name, ours.rate, "1/s", cores.rate, size)
    yield Result(f"decision_core_cpu_{name}", name, ours.cpu_ms, "ms CPU", cores.cpu_ms, size)
    yield Result(f"decision_sql_{name}", name, most, "SQL", 4, "the most of any step, publication included")


def submitted(world: World, count: int) -> list[int]:
    by = world.actor(OPERATOR)
    made = []
    with entered(world.scope(OPERATOR)):
        for number in range(count):
            content = {**CONTENT, "name": f"Tas anyaman purun {number}"}
            product = drafts.create(content, by=by, now=NOW)
            photo = picture(colour=f"#{number * 2654435 % 0xFFFFFF:06x}")
            drafts.add_photo(product.id, photo, "tas.jpg", by=by, now=NOW)
            made.append(submission.submit(product.id, by=by, now=NOW).id)
    return made


def steps(world: World, cases: list[int]) -> Iterator[Callable[[], object]]:
    """Every case through its three stages, stage by stage, as three officers would."""
    actors = {role: (world.actor(f"{role}.kalbar"), world.scope(f"{role}.kalbar")) for role in STAGES}
    for case_id in cases:
        for role in STAGES:
            by, scope = actors[role]

            def step(case_id: int = case_id, role: str = role, by: Any = by, scope: Any = scope) -> object:
                verdict = Verdict("approve", checklist=CHECKLISTS[role])
                with entered(scope):
                    return decide(case_id, verdict, by=by, key=f"{case_id}-{role}", now=NOW)

            yield step


class _Watch:
    """Adds up wall and CPU time over batches."""

    def __init__(self) -> None:
        self.count, self.wall, self.cpu = 0, 0.0, 0.0

    def running(self, count: int) -> _Watch:
        self.count += count
        return self

    def __enter__(self) -> None:
        self._began = time.perf_counter(), time.process_time()

    def __exit__(self, *_: object) -> None:
        self.wall += time.perf_counter() - self._began[0]
        self.cpu += time.process_time() - self._began[1]

    @property
    def rate(self) -> float:
        return self.count / self.wall

    @property
    def cpu_ms(self) -> float:
        return 1000 * self.cpu / self.count


class _CoreFloor:
    """The floor's statements by SQLAlchemy Core: a connection from the pool, a transaction, no ORM, no checks."""

    def __init__(self, settings: Settings) -> None:
        self.engine = owner_engine(settings, begin="BEGIN IMMEDIATE")
        kept, meta = {"autoload_with": self.engine}, MetaData()
        case, decision, event = (
            Table(f"floor_{name}", meta, **kept) for name in ("case", "decision", "event")
        )
        self.lock = (
            select(case.c.stage, case.c.version).where(case.c.id == bindparam("which")).with_for_update()
        )
        self.move = (
            update(case)
            .where(case.c.id == bindparam("which"), case.c.version == bindparam("seen"))
            .values(stage=bindparam("to"), version=bindparam("next"))
        )
        self.decide, self.chain = insert(decision), insert(event)
        self.body = "x" * 400

    def act(self) -> None:
        with self.engine.begin() as connection:
            row = connection.execute(self.lock, {"which": 1}).one()
            moved = {"which": 1, "seen": row.version, "to": row.stage + 1, "next": row.version + 1}
            connection.execute(self.move, moved)
            written = {"case_id": 1, "body": f"{datetime.now(UTC).isoformat()} {self.body}"}
            connection.execute(self.decide, written)
            connection.execute(self.chain, written)

    def close(self) -> None:
        self.engine.dispose()


class _Floor:
    """One SELECT ... FOR UPDATE, one UPDATE, two INSERTs, commit; by the driver, without an ORM."""

    def __init__(self, settings: Settings) -> None:
        self.engine = owner_engine(settings)
        self.sqlite = settings.dialect == "sqlite"
        case = "INTEGER NOT NULL REFERENCES floor_case (id)"
        key = "INTEGER PRIMARY KEY" if self.sqlite else "SERIAL PRIMARY KEY"
        with self.engine.begin() as connection:
            for statement in (
                f"CREATE TABLE floor_case (id {key}, stage INTEGER NOT NULL, version INTEGER NOT NULL)",
                f"CREATE TABLE floor_decision (id {key}, case_id {case}, body TEXT)",
                f"CREATE TABLE floor_event (id {key}, case_id {case}, body TEXT)",
                "INSERT INTO floor_case (id, stage, version) VALUES (1, 0, 0)",
            ):
                connection.execute(text(statement))
        self.connection: Connection = self.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        self.body = "x" * 400

    def act(self) -> None:
        run, mark = self.connection.exec_driver_sql, "?" if self.sqlite else "%s"
        run("BEGIN IMMEDIATE" if self.sqlite else "BEGIN")
        lock = "" if self.sqlite else " FOR UPDATE"
        row = run(f"SELECT stage, version FROM floor_case WHERE id = {mark}{lock}", (1,)).one()
        moved = (row.stage + 1, row.version + 1, 1, row.version)
        run(
            f"UPDATE floor_case SET stage = {mark}, version = {mark} WHERE id = {mark} AND version = {mark}",
            moved,
        )
        written = (1, f"{datetime.now(UTC).isoformat()} {self.body}")
        run(f"INSERT INTO floor_decision (case_id, body) VALUES ({mark}, {mark})", written)
        run(f"INSERT INTO floor_event (case_id, body) VALUES ({mark}, {mark})", written)
        run("COMMIT")

    def close(self) -> None:
        self.connection.close()
        self.engine.dispose()
