"""``audit``: recompute the history's hashes and name what does not fit; the Merkle root of a period.

Exit 0: everything fits; 1: something does not, and is named; 2: wrong usage, or a file that is no case.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from sqlalchemy import select

from tenants.models import Kanwil
from tenants.scope import Scope, entered
from webapp.commands import all_kanwil, json_option, kanwil_named, open_house, say

kanwil_option = click.option("--kanwil", "--tenant", "code", help="Kode Kanwil; tanpa ini semua Kanwil.")


@click.group(help="Riwayat yang membuktikan dirinya.")
def group() -> None:
    pass


@group.command(help="Menghitung ulang rantai hash dan menyebut setiap baris yang tidak cocok.")
@kanwil_option
@click.option("--case", "case_id", type=click.IntRange(1, 2**31 - 1), help="Satu kasus dengan pendahulunya.")
@click.option(
    "--file",
    "source",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Sebuah kasus.json, tanpa basis data.",
)
@json_option
def verify(code: str | None, case_id: int | None, source: Path | None, as_json: bool) -> int:
    if source is not None:
        if code is not None or case_id is not None:
            raise click.UsageError("--file berdiri sendiri, tanpa --kanwil dan --case")
        return _verify_file(source, as_json)
    open_house()
    from workflows import verifying

    chosen = [kanwil_named(code)] if code else [_of_case(case_id)] if case_id is not None else all_kanwil()
    found: list[dict[str, Any]] = []
    for kanwil in chosen:
        with entered(Scope(kanwil.id)):
            problems = verifying.verify_tenant() if case_id is None else verifying.verify_case(case_id)
        found += [{"kanwil": kanwil.code, **asdict(problem)} for problem in problems]
    lines = [_line(one) for one in found]
    what = f"Kasus {case_id}" if case_id is not None else f"{len(chosen)} Kanwil"
    lines.append(f"{what} diperiksa, {len(found)} masalah.")
    say({"tenants": len(chosen), "problems": found}, as_json=as_json, text="\n".join(lines))
    return 1 if found else 0


def _verify_file(source: Path, as_json: bool) -> int:
    """A case file, recomputed with nothing but itself."""
    import rooms

    rooms.load()
    from workflows.proof import offline
    from workflows.proof.casefile import NotACaseFile, freeze, thaw

    try:
        value = thaw(source.read_bytes())
        problems = offline.check(value)
        sha256 = offline.digest_of(freeze(value))
    except (NotACaseFile, ValueError) as error:
        click.echo(f"karya: {source.name}: {error}", err=True)
        return 2
    found = [{"kanwil": value["kanwil"].get("code"), **asdict(problem)} for problem in problems]
    body = {"sha256": sha256, "heads": value["heads"], "root": value["root"], "problems": found}
    lines = [_line(one) for one in found]
    lines += [f"{chain}: {seq} peristiwa, ujung {head}" for chain, seq, head in value["heads"]]
    lines += [f"Akar {value['root']}", f"SHA-256 {sha256}", f"Berkas diperiksa, {len(found)} masalah."]
    say(body, as_json=as_json, text="\n".join(lines))
    return 1 if found else 0


@group.command(help="Akar Merkle sebuah periode, dan apakah rekap bertanda tangan periode itu masih cocok.")
@click.option("--kanwil", "--tenant", "code", required=True, help="Kode Kanwil.")
@click.option("--period", required=True, help="2024-03, 2024-Q1, 2024-S1, atau 2024.")
@json_option
def root(code: str, period: str, as_json: bool) -> int:
    open_house()
    from recaps import anchors
    from recaps.errors import BadPeriod

    kanwil = kanwil_named(code)
    try:
        with entered(Scope(kanwil.id)):
            found = anchors.root_of(period)
    except BadPeriod as error:
        raise click.BadParameter(" ".join(error.fields.values()), param_hint="--period") from error
    lines = [f"{kanwil.code} {found.label}: akar {found.root}, {found.chains} rantai"]
    for one in found.signed:
        said = "cocok" if one.holds else f"tidak cocok: {one.problem}"
        lines.append(f"  {one.name}: akar {one.root or '-'}, {one.chains} rantai, {said}")
        lines += [f"    {chain} nomor {seq} berbeda atau hilang" for chain, seq in one.lost]
    if not found.signed:
        lines.append("  Belum ada rekap bertanda tangan untuk periode ini.")
    say({"kanwil": kanwil.code, **asdict(found)}, as_json=as_json, text="\n".join(lines))
    return 0 if all(one.holds for one in found.signed) else 1


def _line(one: dict[str, Any]) -> str:
    row = one["row_id"] if one["row_id"] is not None else "-"
    return f"{one['kanwil']}: {one['chain']}, {one['table']} {row}: {one['message']}"


def _of_case(case_id: int) -> Kanwil:
    """The Kanwil of a case; a usage error where there is none."""
    from tenants import database
    from workflows.models import Case

    with database.national("audit satu kasus") as reader:
        found = reader.scalar(
            select(Kanwil).join(Case, Case.tenant_id == Kanwil.id).where(Case.id == case_id)
        )
    if found is None:
        raise click.BadParameter(f"tidak ada kasus nomor {case_id}", param_hint="--case")
    return found
