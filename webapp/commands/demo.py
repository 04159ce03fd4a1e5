"""``demo``: the demonstration data."""

from __future__ import annotations

import click

from webapp.commands import open_house


@click.group(help="Data demonstrasi (hanya dengan KARYA_DEMO=1).")
def group() -> None:
    pass


@group.command(help="Memuat data demonstrasi ke basis data yang kosong, sekali.")
def load() -> None:
    open_house()
    from webapp import demo

    click.echo(demo.load())
