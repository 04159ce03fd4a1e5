"""``/laporan/produk``: how many products the office has in each state, by UPT, category and group."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, abort, render_template, request, url_for
from flask_babel import gettext as _

from catalogue import figures
from catalogue.figures import Line
from catalogue.queries import units
from catalogue.terms import CATEGORIES, GROUPS, STATES
from webapp.access import actor, requires
from webapp.figure_tables import file_of, shown
from webapp.forms import whole
from webapp.sight_tables import Cell, Column, Table

blueprint = Blueprint("product_figures", __name__, url_prefix="/laporan/produk")


def register(app: Flask, appbuilder: Any) -> None:
    app.register_blueprint(blueprint)


@blueprint.get("")
@requires("read_products")
def index() -> Any:
    """Three tables of the same products; ``?upt=`` narrows the last two."""
    upt_id = whole(request.args.get("upt"))
    tables = [_table(by, upt_id) for by in figures.BY]
    return render_template(
        "product_figures/index.html",
        active="products",
        tables=tables,
        total=tables[0].rows[-1] if tables[0].rows else None,
        units=units(),
        upt_id=upt_id,
        is_upt=actor().upt_id is not None,
        shown=shown,
    )


@blueprint.get("/<by>.<kind>")
@requires("read_products")
def export(by: str, kind: str) -> Any:
    """One table as XLSX or CSV."""
    if by not in figures.BY:
        abort(404)
    return file_of(_table(by, whole(request.args.get("upt"))), f"produk-{by}", kind)


def _table(by: str, upt_id: int | None) -> Table:
    lines = figures.by_state(by, upt_id=None if by == "upt" else upt_id)
    titles = {
        "upt": (_("Menurut UPT"), _("UPT")),
        "category": (_("Menurut kategori"), _("Kategori")),
        "group": (_("Menurut kelompok barang"), _("Kelompok")),
    }
    title, first = titles[by]
    columns = (Column(first, "text"), *(Column(_(label)) for label in STATES.values()), Column(_("Jumlah")))
    rows = [_row(by, line) for line in lines]
    if rows:
        sums = [sum(line.states[state] for line in lines) for state in STATES]
        rows.append([Cell(_("Jumlah")), *(Cell(one) for one in sums), Cell(sum(sums))])
    return Table(by, title, columns, rows)


def _row(by: str, line: Line) -> list[Cell]:
    words = {"category": CATEGORIES, "group": GROUPS}.get(by, {})
    label = _(words[line.key]) if line.key in words else line.label or _("Belum diisi")
    own = {"upt": line.key} if by == "upt" else {}
    links = [url_for("products.index", state=state, **own) if own else None for state in STATES]
    counts = [Cell(line.states[state], link) for state, link in zip(STATES, links, strict=True)]
    return [Cell(label), *counts, Cell(line.total, url_for("products.index", **own) if own else None)]
