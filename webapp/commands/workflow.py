"""``workflow``: the definitions by which things are approved."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from sqlalchemy import select

from tenants.clock import now
from webapp.commands import acting, inside, json_option, open_house, say

SOURCE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group(help="Alur persetujuan.")
def group() -> None:
    pass


@group.command(help="Memeriksa sebuah definisi YAML; setiap kesalahan disebut tempatnya.")
@click.argument("source", type=SOURCE)
def check(source: Path) -> int:
    import rooms

    rooms.load()
    from workflows.definitions import parse

    definition = parse(source.read_text(encoding="utf-8"))
    click.echo("Definisi sah: " + " -> ".join(step.key for step in definition.steps))
    return 0


@group.command("list", help="Definisi yang pernah berlaku di satu Kanwil.")
@click.option("--tenant", required=True)
@json_option
def list_(tenant: str, as_json: bool) -> None:
    open_house()
    from tenants.database import session
    from workflows.models import DefinitionVersion

    with inside(tenant):
        rows = [
            {"subject": d.subject_type, "version": d.version, "published_at": d.published_at}
            for d in session().scalars(
                select(DefinitionVersion).order_by(DefinitionVersion.subject_type, DefinitionVersion.version)
            )
        ]
    text = "\n".join(f"{r['subject']:10} versi {r['version']}  {r['published_at']}" for r in rows)
    say(rows, as_json=as_json, text=text)


@group.command(help="Menulis satu versi sebagai YAML; tanpa --version yang sedang berlaku.")
@click.option("--tenant", required=True)
@click.option("--subject", default="product", show_default=True)
@click.option("--version", type=int)
@click.option("--to", "target", type=click.Path(dir_okay=False, path_type=Path), help="Tanpa ini ke layar.")
def export(tenant: str, subject: str, version: int | None, target: Path | None) -> None:
    open_house()
    from tenants.database import session
    from workflows.definitions import in_force
    from workflows.design.drafts import version_of
    from workflows.documents import as_yaml

    with inside(tenant):
        if version is None:
            document: Any = in_force(session(), subject)[2].document
        else:
            document = version_of(session(), subject, version).document
    if target is None:
        click.echo(as_yaml(document), nl=False)
    else:
        target.write_text(as_yaml(document), encoding="utf-8")
        click.echo(f"Ditulis ke {target}.")


@group.command("import", help="Menyimpan YAML sebagai konsep seorang petugas; --check hanya memeriksa.")
@click.argument("source", type=SOURCE)
@click.option("--as", "username", required=True, help="Petugas, misalnya kadiv.kalbar.")
@click.option("--subject", default="product", show_default=True)
@click.option(
    "--check", "only_check", is_flag=True, help="Periksa dengan aturan Kanwil dan kunci Pusat saja."
)
@json_option
def import_(source: Path, username: str, subject: str, only_check: bool, as_json: bool) -> int:
    open_house()
    from tenants.database import session
    from workflows.design import drafts, queries, rules

    text = source.read_text(encoding="utf-8")
    with acting(username) as by:
        by.require(*drafts.EDITORS)
        faults = drafts.inspected(text, rules.checker(session(), subject)).faults
        if not only_check:
            version = queries.opened(subject).version
            drafts.save(subject, text, version=version, by=by, now=now())
    lines = [f"{place}: {why}" for place, why in faults.items()]
    lines.append("Sah." if not faults else f"{len(faults)} kesalahan.")
    if not only_check:
        lines.append("Disimpan sebagai konsep; yang berlaku tidak berubah.")
    say({"faults": faults, "saved": not only_check}, as_json=as_json, text="\n".join(lines))
    return 1 if faults else 0


@group.command(help="Menerbitkan YAML, atau konsep yang ada bila SOURCE tidak disebut.")
@click.argument("source", type=SOURCE, required=False)
@click.option("--as", "username", required=True, help="Petugas, misalnya kadiv.kalbar.")
@click.option("--subject", default="product", show_default=True)
@json_option
def publish(source: Path | None, username: str, subject: str, as_json: bool) -> int:
    open_house()
    from workflows.design import drafts, queries

    with acting(username) as by:
        if source is not None:
            made = drafts.publish_text(subject, source.read_text(encoding="utf-8"), by=by, now=now())
        else:
            version = queries.opened(subject).version
            made, _again = drafts.publish(subject, version=version, by=by, now=now())
        body = {"subject": subject, "version": made.version, "sha256": made.sha256}
    say(body, as_json=as_json, text=f"Versi {made.version} berlaku sekarang.")
    return 0


@group.command(help="Mencoba konsep (atau yang berlaku) pada kasus-kasus terakhir yang diputus.")
@click.option("--as", "username", required=True, help="Petugas, misalnya kadiv.kalbar.")
@click.option("--subject", default="product", show_default=True)
@click.option("--cases", default=200, show_default=True, type=click.IntRange(1, 10_000))
@json_option
def simulate(username: str, subject: str, cases: int, as_json: bool) -> int:
    open_house()
    from workflows.design import simulation

    with acting(username) as by:
        at = now()
        row, _again = simulation.begin(subject, cases, by=by, now=at)
        result = simulation.run(row.id, now=at).result or {}
    lines = [f"{result['changed']} dari {result['cases']} kasus akan berjalan lain."]
    words = {"added": "akan melewati tahap tambahan", "dropped": "tidak lagi melewati tahap"}
    lines += [
        f"  {one['count']} dari {result['cases']} kasus {words[one['change']]} {one['name']}."
        for one in result["steps"]
    ]
    days = result["days"]
    lines.append(f"Hari kerja rata-rata: {days['taken']} dipakai, {days['expected']} diperkirakan.")
    say(result, as_json=as_json, text="\n".join(lines))
    return 0
