"""``/pembelian/impor/<id>/...``: what an import learns (columns, names of UPT), and taking a whole one back."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from sales import aliases, imports, layouts, undoing
from sales.columns import COLUMNS, LABELS
from tenants.clock import now
from tenants.errors import Invalid
from webapp.access import actor, requires
from webapp.forms import whole
from webapp.shell import spoken

pages = Blueprint("purchase_imports", __name__, url_prefix="/pembelian/impor")


@pages.get("/<int:import_id>/kolom")
@requires("import_purchases")
def columns(import_id: int) -> Any:
    """Which column is which, asked of a file whose header nobody knows."""
    return _columns_page(import_id, {}, None)


@pages.post("/<int:import_id>/kolom")
@requires("import_purchases")
def explain(import_id: int) -> Any:
    chosen, positions, line = explained()
    try:
        imports.explain(import_id, positions, header_line=line, by=actor(), now=now())
    except Invalid as refused:
        return _columns_page(import_id, refused.fields, chosen), 422
    return redirect(url_for("purchases.preview", import_id=import_id), 303)


@pages.post("/<int:import_id>/nama-lain")
@requires("import_purchases")
def learn_alias(import_id: int) -> Any:
    """Keep an unknown provider's name as another name of an UPT; the file is read again."""
    name, upt = request.form.get("name", ""), whole(request.form.get("upt_id")) or 0
    try:
        imports.learn_alias(import_id, name, upt, by=actor(), now=now())
    except Invalid as refused:
        flash(" ".join(spoken(text) for text in refused.fields.values()) or spoken(refused.message), "danger")
    return redirect(url_for("purchases.preview", import_id=import_id), 303)


@pages.post("/<int:import_id>/batalkan")
@requires("import_purchases")
def undo(import_id: int) -> Any:
    """Take the whole import back."""
    keep = request.form.get("keep_changed") == "yes"
    try:
        undoing.undo(import_id, by=actor(), now=now(), keep_changed=keep)
    except undoing.ChangedSince as refused:
        flash(spoken(refused.message), "danger")
    return redirect(url_for("purchases.preview", import_id=import_id) + "#batalkan", 303)


@pages.post("/kolom/<int:layout_id>/lupakan")
@requires("import_purchases")
def forget(layout_id: int) -> Any:
    """Forget what was said of a header."""
    layouts.forget(layout_id, by=actor(), now=now())
    flash(_("Susunan kolom dilupakan. Berkas seperti itu akan ditanyakan lagi."), "success")
    return redirect(url_for("purchases.upload_form") + "#kolom", 303)


def explained() -> tuple[dict[str, str], dict[str, int], int | None]:
    """What the form says of the columns: as it was typed, the positions, and the line of the header."""
    chosen = {column.key: request.form.get(column.key, "") for column in COLUMNS}
    positions = {
        key: int(text) for key, text in chosen.items() if text.isascii() and text.isdigit() and len(text) < 6
    }
    return chosen, positions, whole(request.form.get("header_line"))


def _columns_page(import_id: int, problems: dict[str, Any], chosen: dict[str, str] | None) -> Any:
    found = imports.find(import_id)
    if found.state != "mapping":
        return redirect(url_for("purchases.preview", import_id=import_id), 303)
    asked = whole(request.form.get("header_line") or request.args.get("baris"))
    top = layouts.top(imports.opened(found), asked, aliases.book())
    return render_template(
        "purchases/columns.html",
        active="purchases",
        found=found,
        top=top,
        wanted=COLUMNS,
        labels={key: _(label) for key, label in LABELS.items()},
        chosen=chosen or {key: str(position) for key, position in top.suggested.items()},
        problems=problems,
        crumbs=[
            (_("Pembelian"), url_for("purchases.index")),
            (_("Impor"), url_for("purchases.upload_form")),
        ],
        explain_url=url_for("purchase_imports.explain", import_id=import_id),
        upload_url=url_for("purchases.upload_form"),
    )


def register(app: Flask, appbuilder: Any) -> None:
    app.register_blueprint(pages)
