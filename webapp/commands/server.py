"""``init`` brings the database up to date; ``serve`` serves it, with the queue's worker in the same process."""

from __future__ import annotations

import logging
import os
import socket
import sys
from typing import Any

import click

import config
import rooms
from tenants import database

MEMORY = "/dev/shm"  # noqa: S108 - where gunicorn's heartbeat file costs no disk, if we may write there


@click.command(
    help="Memutakhirkan basis data dan hak akses; dalam mode demonstrasi juga memuat datanya, sekali."
)
def init() -> int:
    settings = config.load()
    rooms.load()
    settings.data.mkdir(parents=True, exist_ok=True)
    from tenants import schema

    database.configure(settings)
    schema.migrate(settings)
    from workflows.calendars import ensure_holidays

    ensure_holidays()
    _ensure_workflows()
    from webapp import create_app
    from webapp.security.sync import sync_permissions

    app = create_app(settings)
    with app.app_context():
        pairs = sync_permissions(app)
    click.echo(f"Basis data mutakhir, {pairs} hak akses.")
    if settings.demo:
        from webapp import demo

        loaded = demo.load()
        click.echo(loaded)
    return 0


def _ensure_workflows() -> None:
    """Publish, in each Kanwil, the national default of a subject that an update brought and it has no workflow for."""
    from tenants.scope import Scope, entered
    from webapp.commands import all_kanwil
    from workflows.definitions import ensure_defaults

    for kanwil in all_kanwil():
        with entered(Scope(kanwil.id)):
            ensure_defaults(kanwil.id)


@click.command(help="Melayani situs di KARYA_HOST:PORT dengan gunicorn, beserta pekerja antreannya.")
def serve() -> int:
    settings = config.load()
    if not _free(settings):
        click.echo(
            f"karya: {settings.host}:{settings.port} sudah dipakai. Pilih yang lain: PORT=8081 make run",
            err=True,
        )
        return 1
    _log()
    from gunicorn.app.base import BaseApplication

    class Server(BaseApplication):  # type: ignore[misc]
        def load_config(self) -> None:
            for key, value in _options(settings).items():
                self.cfg.set(key, value)

        def load(self) -> Any:
            from webapp import create_app

            return create_app(settings)

    click.echo(f"Karya melayani di {settings.base_url}")
    sys.stdout.flush()
    Server().run()
    return 0


def _options(settings: config.Settings) -> dict[str, Any]:
    return {
        "bind": f"{settings.host}:{settings.port}",
        "workers": 1,
        "worker_class": "gthread",
        "threads": settings.threads,
        "timeout": 120,
        "graceful_timeout": 20,
        "keepalive": 15,
        "accesslog": None,
        "errorlog": "-",
        "loglevel": "warning",
        "worker_tmp_dir": MEMORY if os.access(MEMORY, os.W_OK | os.X_OK) else None,
        "post_worker_init": _start_jobs,
        "worker_exit": _stop_jobs,
    }


def _start_jobs(worker: Any) -> None:
    settings = database.db.settings
    if not settings.run_jobs:
        return
    from tenants import jobs

    worker.karya_jobs = jobs.Worker()


def _stop_jobs(server: Any, worker: Any) -> None:
    running = getattr(worker, "karya_jobs", None)
    if running is not None:
        running.stop()


def _free(settings: config.Settings) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError:
            return False
    return True


def _log() -> None:
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    for name in ("karya", "karya.national"):
        logging.getLogger(name).setLevel(logging.INFO)
    for name in ("flask_appbuilder", "dbos", "weasyprint", "fontTools", "pyhanko"):
        logging.getLogger(name).setLevel(logging.ERROR)
