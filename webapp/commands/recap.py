"""``recap``: listing and checking signed recaps, offline too."""

from __future__ import annotations

from pathlib import Path

import click

from webapp.commands import inside, json_option, open_house, say


@click.group(help="Rekap bertanda tangan.")
def group() -> None:
    pass


@group.command("list", help="Rekap satu Kanwil.")
@click.option("--tenant", required=True)
@json_option
def list_(tenant: str, as_json: bool) -> None:
    open_house()
    from sqlalchemy import select

    from recaps.models import Recap
    from tenants.database import session

    with inside(tenant):
        rows = [
            {"id": r.id, "period": r.period, "state": r.state, "number": r.number}
            for r in session().scalars(select(Recap).order_by(Recap.id))
        ]
    text = (
        "\n".join(f"{r['id']:5} {r['period']:8} {r['state']:14} {r['number'] or '-'}" for r in rows)
        or "Belum ada."
    )
    say(rows, as_json=as_json, text=text)


@group.command(
    help="Memeriksa sebuah PDF: tanda tangan, perubahan, angka, riwayat. Keluar 1 bila tidak utuh."
)
@click.argument("source", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@json_option
def verify(source: Path, as_json: bool) -> int:
    open_house()
    from recaps import verification

    result = verification.verify_file(source.read_bytes())
    body = result.as_dict()
    lines = [body["verdict"]]
    lines += [
        f"  {s['signer']}, {s['office']}, {s['at']}, {s['level']}, utuh: {s['intact']}, dipercaya: {s['trusted']}"
        for s in body["signatures"]
    ]
    lines += [f"  {change}" for change in body["changes"]]
    say(body, as_json=as_json, text="\n".join(lines))
    return 0 if body["verdict"] == "sound" else 1
