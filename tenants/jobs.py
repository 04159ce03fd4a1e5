"""Durable jobs: enqueued in the transaction of what caused them, run in the scope they were born in, resumed after a
crash.

DBOS carries them, on SQLite inside the web process and on PostgreSQL on any number of workers. Its traps are closed
here: the application version is pinned (pending work of an older build is taken up), each worker slot has a stable
executor name, a sweep resumes the work of slots whose heartbeat stopped, and its logs are kept at WARNING.
A handler may run twice (at least once), so it must leave the same rows behind when it does.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from dbos import DBOS, DBOSClient
from sqlalchemy import Engine, Integer, String, create_engine, event, select, text
from sqlalchemy.orm import Mapped, mapped_column

from tenants import clock, database
from tenants.base import Base, Instant
from tenants.errors import KaryaError, NoScope
from tenants.models import Kanwil
from tenants.scope import NationalScope, Scope, current_or_none, entered

log = logging.getLogger("karya.jobs")
VERSION = "karya-1"
QUEUE = "karya"
HEARTBEAT = timedelta(seconds=10)
LOST_AFTER = timedelta(seconds=45)
Handler = Callable[[dict[str, Any]], Any]

_handlers: dict[str, Handler] = {}
_schedules: dict[str, tuple[str, Callable[[datetime], None]]] = {}


class WorkerSlot(Base):
    """A worker's heartbeat: which executor is alive."""

    __tablename__ = "worker_slot"

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    beat_at: Mapped[datetime] = mapped_column(Instant, nullable=False)
    taken_over: Mapped[int] = mapped_column(Integer, nullable=False, default=0)


def job(name: str) -> Callable[[Handler], Handler]:
    """Register the handler of a kind of job. It gets the payload, inside the scope that enqueued it."""

    def register(handler: Handler) -> Handler:
        _handlers[name] = handler
        return handler

    return register


def scheduled(cron: str, name: str) -> Callable[[Callable[[datetime], None]], Callable[[datetime], None]]:
    """Register a function that runs by the clock (cron in UTC). It gets the planned instant and has no scope yet."""

    def register(function: Callable[[datetime], None]) -> Callable[[datetime], None]:
        _schedules[name] = (cron, function)
        return function

    return register


def every_tenant() -> Iterator[Scope]:
    """The scope of each active Kanwil, for scheduled work: ``for scope in every_tenant(): with alone_in(scope):``."""
    with database.public() as session:
        ids = list(session.scalars(select(Kanwil.id).where(Kanwil.state == "active").order_by(Kanwil.id)))
    yield from (Scope(tenant_id) for tenant_id in ids)


@contextmanager
def alone_in(scope: Scope) -> Iterator[None]:
    """Do one Kanwil's part of scheduled work inside its scope. What fails there is logged and keeps no other
    Kanwil from its turn; the schedule's next time comes for this one too."""
    try:
        with entered(scope):
            yield
    except Exception:
        log.exception("scheduled work failed in tenant %s; the others go on", scope.tenant_id)


def enqueue(name: str, payload: dict[str, Any], *, key: str) -> None:
    """Put a job on the queue in the open transaction; `key` makes it unique within the tenant for all time.

    Raises:
        KeyError: no handler has that name.
        NoScope: nothing says in whose name it would run.
    """
    if name not in _handlers:
        raise KeyError(name)
    scope = current_or_none()
    if scope is None:
        raise NoScope()
    where = _pack(scope)
    client = _client()
    with database.transaction() as session:
        client.enqueue_in_transaction(
            session,
            {
                "queue_name": QUEUE,
                "workflow_name": "karya_job",
                "workflow_id": f"{where['tenant_id'] or 'pusat'}:{name}:{key}",
                "app_version": VERSION,
            },
            name,
            where,
            payload,
        )


@DBOS.step(
    name="karya_job_step", retries_allowed=True, max_attempts=5, interval_seconds=1.0, backoff_rate=2.0
)
def _step(name: str, where: dict[str, Any], payload: dict[str, Any]) -> Any:
    with entered(_unpack(where)):
        try:
            return _handlers[name](payload)
        except KaryaError as error:
            log.warning("job %s of tenant %s refused: %s", name, where["tenant_id"], error.code)
            return {"refused": error.code}
        finally:
            database.db.release()


@DBOS.workflow(name="karya_job", max_recovery_attempts=20)
def _workflow(name: str, where: dict[str, Any], payload: dict[str, Any]) -> Any:
    return _step(name, where, payload)


@DBOS.step(name="karya_tick_step")
def _tick_step(name: str, planned: str) -> None:
    try:
        _schedules[name][1](datetime.fromisoformat(planned))
    finally:
        database.db.release()


@DBOS.workflow(name="karya_tick")
def _tick(planned: datetime, name: Any) -> None:
    if name in _schedules:
        _tick_step(str(name), planned.astimezone(UTC).isoformat())


class Worker:
    """The queue's worker of this process. One at a time; `stop` waits for what is running."""

    def __init__(self, *, poll_seconds: float = 1.0, schedules: bool = True) -> None:
        self._stopping = threading.Event()
        settings = database.db.settings
        _quiet()
        self._engine = _jobs_engine()
        DBOS(
            config={
                "name": "karya",
                "system_database_url": _jobs_url(),
                "system_database_engine": self._engine,
                "application_version": VERSION,
                "executor_id": settings.slot,
                "run_migrations": False,
                "use_listen_notify": False,
                "enable_otlp": False,
                "log_level": "WARNING",
                "console_log_level": "WARNING",
                "scheduler_polling_interval_sec": 10.0,
            }
        )
        DBOS.launch()
        DBOS.register_queue(
            QUEUE, worker_concurrency=4, polling_interval_sec=poll_seconds, on_conflict="always_update"
        )
        if schedules:
            DBOS.apply_schedules(
                [
                    {"schedule_name": name, "workflow_fn": _tick, "schedule": cron, "context": name}
                    for name, (cron, _) in sorted(_schedules.items())
                ]
            )
        self._beat()
        self._thread = threading.Thread(target=self._watch, name="karya-heartbeat", daemon=True)
        self._thread.start()

    def stop(self, *, within_seconds: int = 20) -> None:
        self._stopping.set()
        self._thread.join(timeout=5)
        DBOS.destroy(workflow_completion_timeout_sec=within_seconds)
        self._engine.dispose()

    def drain(self, *, within_seconds: float = 60) -> None:
        """Wait until nothing is queued or running. For commands and tests.

        Raises:
            TimeoutError: something still is, after `within_seconds`.
        """
        until = time.monotonic() + within_seconds
        while DBOS.list_workflows(status=["ENQUEUED", "PENDING", "DELAYED"], limit=1):
            if time.monotonic() > until:
                raise TimeoutError("jobs are still running")
            time.sleep(0.05)

    def _watch(self) -> None:
        while not self._stopping.wait(HEARTBEAT.total_seconds()):
            try:
                self._beat()
                self._take_over()
            except Exception:
                log.exception("heartbeat failed")
            finally:
                database.db.release()

    def _beat(self) -> None:
        with database.transaction() as session:
            session.merge(WorkerSlot(name=database.db.settings.slot, beat_at=clock.now()))

    def _take_over(self) -> None:
        """Resume what slots without a heartbeat left pending, by DBOS's public call."""
        with database.transaction() as session:
            lost = list(
                session.scalars(select(WorkerSlot.name).where(WorkerSlot.beat_at < clock.now() - LOST_AFTER))
            )
        for name in lost:
            for left in DBOS.list_workflows(status="PENDING", executor_id=name, limit=100):
                log.warning("taking over %s from %s", left.workflow_id, name)
                DBOS.resume_workflow(left.workflow_id)


def counts() -> dict[str, int]:
    """How many jobs stand in each state (DBOS's words), the newest ten thousand of them."""
    return dict(Counter(str(row.status) for row in _client().list_workflows(limit=10_000)))


def migrate() -> None:
    """Make or update the queue's own tables, as the database's owner; the application role may enqueue."""
    _quiet()
    settings = database.db.settings
    DBOS.migrate(settings.owner_url or settings.database_url, schema="dbos")
    if settings.dialect == "postgresql":
        engine = create_engine(settings.owner_url or settings.database_url)
        with engine.begin() as connection:
            for statement in (
                "GRANT USAGE ON SCHEMA dbos TO karya_app, karya_jobs",
                "GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA dbos TO karya_app",
                "GRANT ALL ON ALL TABLES IN SCHEMA dbos TO karya_jobs",
                "GRANT ALL ON ALL SEQUENCES IN SCHEMA dbos TO karya_jobs, karya_app",
                "GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA dbos TO karya_jobs, karya_app",
            ):
                connection.execute(text(statement))
        engine.dispose()


def _pack(scope: Scope | NationalScope) -> dict[str, Any]:
    if isinstance(scope, NationalScope):
        return {"tenant_id": None, "upt_id": None, "officer_id": scope.officer_id}
    return {"tenant_id": scope.tenant_id, "upt_id": scope.upt_id, "officer_id": scope.officer_id}


def _unpack(where: dict[str, Any]) -> Scope | NationalScope:
    if where["tenant_id"] is None:
        return NationalScope(where["officer_id"])
    return Scope(where["tenant_id"], where["upt_id"], where["officer_id"])


def _jobs_url() -> str:
    settings = database.db.settings
    return settings.jobs_url or settings.database_url


def _jobs_engine() -> Engine:
    settings = database.db.settings
    if settings.dialect == "sqlite":
        engine = create_engine(_jobs_url(), connect_args={"timeout": 30, "check_same_thread": False})
        event.listen(engine, "connect", _sqlite_pragmas)
        return engine
    engine = create_engine(_jobs_url(), pool_size=6, max_overflow=4)
    if settings.jobs_url is None:
        event.listen(engine, "connect", database._postgresql_connect("karya_jobs", False))
    return engine


def _sqlite_pragmas(dbapi: Any, _: Any) -> None:
    for pragma in ("busy_timeout=30000", "journal_mode=WAL", "synchronous=NORMAL"):
        dbapi.execute(f"PRAGMA {pragma}")


_clients: dict[int, DBOSClient] = {}
_lock = threading.Lock()


def _client() -> DBOSClient:
    """The enqueuing side of DBOS for the database of this process."""
    key = id(database.db)
    with _lock:
        if key not in _clients:
            _quiet()
            _clients.clear()
            _clients[key] = DBOSClient(
                system_database_url=_jobs_url(), system_database_engine=_jobs_engine(), lazy=True
            )
        return _clients[key]


def _quiet() -> None:
    logging.getLogger("dbos").setLevel(logging.WARNING)
