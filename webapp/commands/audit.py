"""``audit verify``: recompute the history's hashes and name what does not fit."""

from __future__ import annotations

from dataclasses import asdict

import click

from tenants.scope import Scope, entered
from webapp.commands import all_kanwil, json_option, kanwil_named, open_house, say


@click.group(help="Riwayat yang membuktikan dirinya.")
def group() -> None:
    pass


@group.command(help="Menghitung ulang rantai hash dan menyebut setiap baris yang tidak cocok.")
@click.option("--tenant", help="Kode Kanwil; tanpa ini semua Kanwil.")
@click.option("--case", "case_id", type=int, help="Satu kasus saja (bersama --tenant).")
@json_option
def verify(tenant: str | None, case_id: int | None, as_json: bool) -> int:
    if case_id is not None and tenant is None:
        raise click.UsageError("--case perlu --tenant")
    open_house()
    from workflows import verifying

    found = []
    checked = 0
    for kanwil in [kanwil_named(tenant)] if tenant else all_kanwil():
        with entered(Scope(kanwil.id)):
            problems = verifying.verify_case(case_id) if case_id is not None else verifying.verify_tenant()
        checked += 1
        found += [{"kanwil": kanwil.code, **asdict(problem)} for problem in problems]
    lines = [f"{p['kanwil']}: {p['chain']}, {p['table']} {p['row_id']}: {p['message']}" for p in found]
    lines.append(f"{checked} Kanwil diperiksa, {len(found)} masalah.")
    say({"tenants": checked, "problems": found}, as_json=as_json, text="\n".join(lines))
    return 1 if found else 0
