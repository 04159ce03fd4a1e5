"""``/kasus/<id>/berita-acara``: issuing and reading the minutes of a case; ``/kasus/<id>/kasus.json``: its export."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from recaps.minutes import issuing, queries
from tenants import clock
from tenants.errors import Invalid
from webapp.access import actor, requires
from webapp.api.cases import export_answer
from webapp.api.recaps import pdf_response
from webapp.shell import spoken

blueprint = Blueprint("minutes", __name__)
CASE = "/kasus/<int(max=2147483647):case_id>"
MINUTES = f"{CASE}/berita-acara/<int(max=2147483647):minutes_id>"


def register(app: Flask, appbuilder: Any) -> None:
    app.register_blueprint(blueprint)


@blueprint.post(f"{CASE}/berita-acara")
@requires("issue_minutes")
def issue(case_id: int) -> Any:
    form = request.form
    try:
        issuing.issue(
            case_id, by=actor(), now=clock.now(), pin=form.get("pin") or None, key=form.get("key") or None
        )
    except Invalid as error:
        flash(spoken(next(iter(error.fields.values()), error.message)), "error")
    else:
        flash(_("Berita acara sedang ditandatangani."), "info")
    return redirect(url_for("cases.show", case_id=case_id) + "#berita-acara", 303)


@blueprint.get(f"{MINUTES}/keadaan")
@requires("read_cases")
def progress(case_id: int, minutes_id: int) -> Any:
    """What htmx asks while the job is at work: the same line again, or the word to load the page anew."""
    row = queries.one(case_id, minutes_id, by=actor())
    if not row.is_working:
        return Response("", headers={"HX-Refresh": "true"})
    return render_template("cases/_minutes_working.html", row=row)


@blueprint.get(f"{MINUTES}/pdf")
@requires("read_cases")
def pdf(case_id: int, minutes_id: int) -> Response:
    row, data = queries.pdf(case_id, minutes_id, by=actor())
    return pdf_response(data, queries.file_name(row), download="unduh" in request.args)


@blueprint.get(f"{CASE}/kasus.json")
@requires("read_cases")
def export(case_id: int) -> Response:
    return export_answer(case_id, download=True)
