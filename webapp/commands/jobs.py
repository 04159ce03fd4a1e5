"""``jobs``: the queue."""

from __future__ import annotations

import signal
import threading

import click

from webapp.commands import json_option, open_house, say


@click.group(help="Antrean pekerjaan.")
def group() -> None:
    pass


@group.command(help="Bekerja pada antrean sampai dihentikan (KARYA_SLOT memberi nama tetap pekerja ini).")
def work() -> None:
    open_house()
    from tenants.jobs import Worker

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    worker = Worker()
    click.echo("Pekerja siap.")
    stop.wait()
    worker.stop()


@group.command(help="Mengerjakan yang menunggu lalu selesai.")
@click.option("--within", "seconds", default=600, show_default=True, help="Paling lama sekian detik.")
def drain(seconds: int) -> int:
    open_house()
    from tenants.jobs import Worker

    worker = Worker(poll_seconds=0.2, schedules=False)
    try:
        worker.drain(within_seconds=seconds)
    except TimeoutError:
        click.echo("karya: masih ada pekerjaan yang berjalan.", err=True)
        return 1
    finally:
        worker.stop()
    return 0


@group.command(help="Berapa pekerjaan dalam tiap keadaan; keluar 1 bila ada yang gagal.")
@json_option
def status(as_json: bool) -> int:
    open_house()
    from tenants.jobs import counts

    found = counts()
    say(
        found,
        as_json=as_json,
        text="\n".join(f"{state:12} {n}" for state, n in sorted(found.items())) or "Kosong.",
    )
    return 1 if found.get("ERROR") or found.get("MAX_RECOVERY_ATTEMPTS_EXCEEDED") else 0
