"""``tenant``: the Kanwil themselves."""

from __future__ import annotations

from pathlib import Path

import click

from tenants.clock import now
from tenants.scope import Scope, entered
from webapp.commands import all_kanwil, json_option, kanwil_named, open_house, say


@click.group(help="Kanwil: daftar, buka, tangguhkan, pulihkan, ekspor, impor.")
def group() -> None:
    pass


@group.command("list", help="Semua Kanwil.")
@json_option
def list_(as_json: bool) -> None:
    open_house()
    rows = [
        {"code": k.code, "name": k.short_name, "timezone": k.timezone, "state": k.state} for k in all_kanwil()
    ]
    text = "\n".join(f"{r['code']:12} {r['state']:10} {r['timezone']:16} {r['name']}" for r in rows)
    say(rows, as_json=as_json, text=text)


@group.command(help="Membuka Kanwil baru dengan alur kerja bawaan nasional.")
@click.option("--code", required=True)
@click.option("--province", required=True)
@click.option("--capital", required=True)
@click.option("--timezone", default="Asia/Jakarta", show_default=True)
def create(code: str, province: str, capital: str, timezone: str) -> None:
    open_house()
    from tenants.register import open_kanwil
    from workflows.definitions import ensure_defaults

    kanwil = open_kanwil(
        code=code.lower(),
        name_kemenkumham=f"Kantor Wilayah Kementerian Hukum dan HAM {province}",
        name_ditjenpas=f"Kantor Wilayah Direktorat Jenderal Pemasyarakatan {province}",
        province=province,
        capital=capital,
        timezone=timezone,
    )
    with entered(Scope(kanwil.id)):
        ensure_defaults(kanwil.id, now=now())
    click.echo(f"Kanwil {kanwil.code} dibuka.")


@group.command(help="Menangguhkan: tidak ada yang dapat masuk, tidak ada yang terbit.")
@click.argument("code")
@click.option("--reason", required=True)
def suspend(code: str, reason: str) -> None:
    open_house()
    from tenants import lifecycle

    lifecycle.suspend(kanwil_named(code).id, reason=reason, now=now())
    click.echo(f"Kanwil {code} ditangguhkan.")


@group.command(help="Memulihkan Kanwil yang ditangguhkan.")
@click.argument("code")
def resume(code: str) -> None:
    open_house()
    from tenants import lifecycle

    lifecycle.resume(kanwil_named(code).id, now=now())
    click.echo(f"Kanwil {code} dipulihkan.")


@group.command("export", help="Seluruh data satu Kanwil ke sebuah ZIP.")
@click.argument("code")
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path))
def export_(code: str, target: Path) -> None:
    open_house()
    from tenants import lifecycle

    count = lifecycle.export(kanwil_named(code).id, target)
    click.echo(f"{count} baris ditulis ke {target}.")


@group.command("import", help="Mengembalikan ekspor satu Kanwil ke basis data yang belum memuatnya.")
@click.argument("source", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_(source: Path) -> None:
    open_house()
    from tenants import lifecycle

    count = lifecycle.restore(source)
    click.echo(f"{count} baris dipulihkan.")


@group.command(help="Menyegel ulang data peserta setelah KARYA_SECRET_KEY diganti. Situs harus berhenti.")
@click.password_option("--old-secret", prompt="KARYA_SECRET_KEY yang lama", confirmation_prompt=False)
@json_option
def reseal(old_secret: str, as_json: bool) -> int:
    open_house()
    from sqlalchemy import select

    from catalogue.people import resealing
    from tenants.database import session
    from tenants.errors import KaryaError
    from tenants.models import Upt

    done = 0
    for kanwil in all_kanwil():
        with entered(Scope(kanwil.id)):
            upts = list(session().scalars(select(Upt.id).order_by(Upt.id)))
        for upt_id in upts:
            try:
                with entered(Scope(kanwil.id, upt_id)):
                    done += resealing.reseal(old_secret)
            except KaryaError as error:
                click.echo(f"karya: {kanwil.code}, UPT {upt_id}: {error.message}", err=True)
                return 1
    say({"resealed": done}, as_json=as_json, text=f"{done} segel diperbarui.")
    return 0
