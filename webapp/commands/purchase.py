"""``purchase``: imports and figures."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from tenants.clock import now
from tenants.scope import Scope, entered
from tenants.words import rupiah
from webapp.commands import acting, all_kanwil, json_option, kanwil_named, open_house, say


@click.group(help="Pembelian e-Katalog.")
def group() -> None:
    pass


@group.command("import", help="Mengimpor CSV atau XLSX atas nama seorang petugas; --preview hanya membaca.")
@click.argument("source", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--as", "username", required=True, help="Petugas, misalnya kadiv.kalbar.")
@click.option("--preview", is_flag=True, help="Baca dan sebutkan baris bermasalah, tanpa mengimpor.")
@click.option(
    "--column",
    "columns",
    multiple=True,
    metavar="KUNCI=NAMA",
    help="Nama kolom di berkas bila belum dikenal, misalnya id_paket='Nomor Kontrak'; diingat.",
)
@json_option
def import_(source: Path, username: str, preview: bool, columns: tuple[str, ...], as_json: bool) -> int:
    open_house()
    named = dict(one.partition("=")[::2] for one in columns)
    from sales import imports

    with acting(username) as by:
        begun = imports.begin(
            source.read_bytes(), source.name, by=by, now=now(), accept=not preview, columns=named
        )
    _work()
    with acting(username):
        status = imports.status(begun.id)
    lines = [f"baris {line['line']}: {line['field'] or '-'}: {line['reason']}" for line in status["lines"]]
    lines.append(
        f"{status['state']}: {status['good']} baik, {status['bad']} salah, {status['left_out']} dilewati, "
        + rupiah(status["total_rupiah"])
    )
    say(status, as_json=as_json, text="\n".join(lines))
    return 1 if status["bad"] or status["state"] == "failed" else 0


@group.command(help="Membatalkan seluruh impor: yang ditambahkannya dihapus, yang diubahnya dikembalikan.")
@click.argument("import_id", type=int)
@click.option("--as", "username", required=True, help="Petugas, misalnya kadiv.kalbar.")
@click.option("--keep-changed", is_flag=True, help="Biarkan paket yang sudah diubah sesudahnya.")
@json_option
def undo(import_id: int, username: str, keep_changed: bool, as_json: bool) -> int:
    open_house()
    from sales import imports, undoing

    with acting(username) as by:
        undoing.undo(import_id, by=by, now=now(), keep_changed=keep_changed)
    _work()
    with acting(username):
        status = imports.status(import_id)
    done = status["undone"] or {}
    words = ", ".join(
        f"{done.get(key, 0)} {word}"
        for key, word in (("removed", "dihapus"), ("restored", "dikembalikan"), ("kept", "dibiarkan"))
    )
    say(status, as_json=as_json, text=f"{status['state']}: {words}")
    return 0 if status["state"] == "undone" else 1


def _work() -> None:
    """Do what is queued, and wait for it."""
    from tenants.jobs import Worker

    worker = Worker(poll_seconds=0.2, schedules=False)
    try:
        worker.drain(within_seconds=3600)
    finally:
        worker.stop()


@group.command(help="Menghitung ulang rekapitulasi angka, juga angka kampanye, dari barisnya; keluar 1 bila berbeda.")
@click.option("--tenant", help="Kode Kanwil; tanpa ini semua Kanwil.")
@click.option("--fix", is_flag=True, help="Perbaiki yang berbeda.")
@json_option
def recount(tenant: str | None, fix: bool, as_json: bool) -> int:
    open_house()
    from sales import rollups
    from sales.campaigns import counting

    found = []
    for kanwil in [kanwil_named(tenant)] if tenant else all_kanwil():
        with entered(Scope(kanwil.id)):
            differing = [*rollups.recount(fix=fix), *counting.recount(fix=fix)]
            found += [{"kanwil": kanwil.code, **asdict(one)} for one in differing]
    say(found, as_json=as_json, text=f"{len(found)} perbedaan." if found else "Tidak ada perbedaan.")
    return 1 if found and not fix else 0
