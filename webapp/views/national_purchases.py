"""``/pembelian/nasional``: files of the whole country, brought in by the centre, and what it said of their columns."""

from __future__ import annotations

from secrets import token_urlsafe
from typing import Any

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from sales import aliases, country_layouts, layouts, national
from sales.columns import COLUMNS, LABELS
from tenants.clock import now
from tenants.database import session
from tenants.errors import Invalid, KaryaError
from webapp.access import actor, requires
from webapp.forms import whole
from webapp.views.purchase_imports import explained

centre = Blueprint("national_purchases", __name__, url_prefix="/pembelian/nasional")


def register(app: Flask, appbuilder: Any) -> None:
    app.register_blueprint(centre)


@centre.get("/")
@requires("import_national_purchases")
def index_of_country() -> Any:
    return _national_page()


@centre.post("/")
@requires("import_national_purchases")
def upload_country() -> Any:
    """Take in a file of the whole country; a refused one is answered beside the field."""
    file = request.files.get("file")
    if file is None or not file.filename:
        return _national_page(_("Pilih dulu berkas CSV atau XLSX hasil ekspor e-Katalog.")), 422
    try:
        key = request.form.get("key", "")[:64] or None
        begun = national.begin(file.read(), file.filename, by=actor(), now=now(), key=key, may_ask=True)
    except KaryaError as refused:
        if refused.status not in (413, 415, 422):
            raise
        return _national_page(refused.message), refused.status
    return redirect(url_for("national_purchases.preview_country", national_id=begun.id), 303)


@centre.get("/<int:national_id>")
@requires("import_national_purchases")
def preview_country(national_id: int) -> Any:
    """Progress, then what goes to which Kanwil, then how far each Kanwil's import is."""
    status = national.status(national_id)
    if request.args.get("bagian") == "kemajuan":
        if status["state"] != "running":
            return "", 200, {"HX-Refresh": "true"}
        return render_template("purchases/_national_progress.html", found=status)
    if status["state"] == "mapping":
        return redirect(url_for("national_purchases.columns_of_country", national_id=national_id), 303)
    return render_template(
        "purchases/national_import.html",
        active="national_purchases",
        found=status,
        labels={**LABELS, "baris": _("Baris")},
    )


@centre.get("/<int:national_id>/kolom")
@requires("import_national_purchases")
def columns_of_country(national_id: int) -> Any:
    """Which column is which, asked of a file whose header nobody knows."""
    return _columns_page(national_id, {}, None)


@centre.post("/<int:national_id>/kolom")
@requires("import_national_purchases")
def explain_country(national_id: int) -> Any:
    chosen, positions, line = explained()
    try:
        national.explain(national_id, positions, header_line=line, by=actor(), now=now())
    except Invalid as refused:
        return _columns_page(national_id, refused.fields, chosen), 422
    return redirect(url_for("national_purchases.preview_country", national_id=national_id), 303)


@centre.post("/kolom/<int:layout_id>/lupakan")
@requires("import_national_purchases")
def forget_columns(layout_id: int) -> Any:
    """Forget what was said of a header."""
    country_layouts.forget(layout_id)
    flash(_("Susunan kolom dilupakan. Berkas seperti itu akan ditanyakan lagi."), "success")
    return redirect(url_for("national_purchases.index_of_country") + "#kolom", 303)


@centre.post("/<int:national_id>/terima")
@requires("import_national_purchases")
def accept_country(national_id: int) -> Any:
    """Hand the good lines to their Kanwil."""
    done = national.accept(national_id, by=actor(), now=now())
    return redirect(url_for("national_purchases.preview_country", national_id=done.id), 303)


def _national_page(problem: str | None = None) -> str:
    return render_template(
        "purchases/national.html",
        active="national_purchases",
        latest=national.latest(),
        layouts=country_layouts.every(),
        column_labels=LABELS,
        problem=problem,
        key=token_urlsafe(18),
    )


def _columns_page(national_id: int, problems: dict[str, Any], chosen: dict[str, str] | None) -> Any:
    found = national.find(national_id)
    if found.state != "mapping":
        return redirect(url_for("national_purchases.preview_country", national_id=national_id), 303)
    asked = whole(request.form.get("header_line") or request.args.get("baris"))
    top = layouts.top(national.opened(found), asked, aliases.register_book(session()))
    return render_template(
        "purchases/columns.html",
        active="national_purchases",
        found=found,
        top=top,
        wanted=COLUMNS,
        labels={key: _(label) for key, label in LABELS.items()},
        chosen=chosen or {key: str(position) for key, position in top.suggested.items()},
        problems=problems,
        crumbs=[(_("Impor nasional"), url_for("national_purchases.index_of_country"))],
        explain_url=url_for("national_purchases.explain_country", national_id=national_id),
        upload_url=url_for("national_purchases.index_of_country"),
    )
