"""``/produk-saya/impor``: drafts from a filled template, with a preview that says what is wrong in which row."""

from __future__ import annotations

from secrets import token_urlsafe
from typing import Any

from flask import Blueprint, Flask, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from catalogue.errors import ContentInvalid
from catalogue.sheets import importing
from catalogue.sheets.reading import MAX_ROWS
from catalogue.sheets.template import workbook
from tenants.clock import now
from tenants.errors import KaryaError
from webapp.access import actor, requires
from webapp.forms import whole

blueprint = Blueprint("product_sheets", __name__, url_prefix="/produk-saya/impor")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ONE = "/<int(max=2147483647):import_id>"


def register(app: Flask, appbuilder: Any) -> None:
    app.register_blueprint(blueprint)


@blueprint.get("/")
@requires("write_products")
def index() -> Any:
    return _upload_page()


@blueprint.get("/templat.xlsx")
@requires("write_products")
def template() -> Any:
    """The empty template."""
    headers = {
        "Content-Disposition": 'attachment; filename="templat-produk.xlsx"',
        "Cache-Control": "no-store",
    }
    return Response(workbook(), content_type=XLSX, headers=headers)


@blueprint.post("/")
@requires("write_products")
def upload() -> Any:
    """Take a filled template in; a refused one is answered beside the field."""
    file = request.files.get("file")
    if file is None or not file.filename:
        return _upload_page(_("Pilih dulu templat yang sudah diisi.")), 422
    key = request.form.get("key", "")[:64] or None
    try:
        begun = importing.begin(file.read(), file.filename, by=actor(), now=now(), key=key)
    except KaryaError as refused:
        if refused.status not in (409, 413, 415, 422):
            raise
        return _upload_page(refused.message), refused.status
    return redirect(url_for(".preview", import_id=begun.id), 303)


@blueprint.get(ONE)
@requires("write_products")
def preview(import_id: int) -> Any:
    """Each row, what is wrong with it, and what became of it."""
    return _preview(import_id)


@blueprint.post(ONE)
@requires("write_products")
def accept(import_id: int) -> Any:
    """Make drafts of the chosen rows."""
    before = len(importing.view(import_id, now=now()).imported)
    chosen = [number for text in request.form.getlist("rows") if (number := whole(text)) is not None]
    try:
        importing.accept(import_id, by=actor(), now=now(), rows=chosen)
    except ContentInvalid as refused:
        return _preview(import_id, refused.message), 422
    made = len(importing.view(import_id, now=now()).imported) - before
    words = _("%(n)s konsep dibuat. Lengkapi fotonya, lalu ajukan.", n=made)
    flash(words if made else _("Baris itu sudah menjadi konsep sebelumnya."), "success")
    return redirect(url_for(".preview", import_id=import_id), 303)


def _preview(import_id: int, problem: str | None = None) -> str:
    return render_template(
        "product_sheets/preview.html",
        active="my_products",
        seen=importing.view(import_id, now=now()),
        problem=problem,
    )


def _upload_page(problem: str | None = None) -> str:
    return render_template(
        "product_sheets/upload.html",
        active="my_products",
        latest=importing.latest(),
        problem=problem,
        most=MAX_ROWS,
        key=token_urlsafe(18),
    )
