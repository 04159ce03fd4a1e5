"""``workflow``: the definitions by which things are approved."""

from __future__ import annotations

from pathlib import Path

import click
from sqlalchemy import select

from webapp.commands import inside, json_option, open_house, say


@click.group(help="Alur persetujuan.")
def group() -> None:
    pass


@group.command(help="Memeriksa sebuah definisi YAML; setiap kesalahan disebut tempatnya.")
@click.argument("source", type=click.Path(exists=True, dir_okay=False, path_type=Path))
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
