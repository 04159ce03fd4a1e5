"""``/pusat/pengganti``: letters that make somebody Plh. or Plt. Direktur Jenderal."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from recaps.national import acting
from tenants import centre
from tenants.clock import now
from tenants.errors import Invalid
from webapp.access import actor, requires
from webapp.forms import same_page, whole

blueprint = Blueprint("centre_substitutes", __name__)
PAGE = 30
FIELDS = ("kind", "principal_id", "substitute_id", "from_on", "until_on", "letter_number")


def register(app: Flask, appbuilder: Any) -> None:
    app.register_blueprint(blueprint)


@blueprint.get("/pusat/pengganti")
@requires("manage_centre_substitutes")
def index() -> Any:
    """The letters, newest first, and the form for another."""
    return _page({"kind": "plh"}, {})


@blueprint.post("/pusat/pengganti")
@requires("manage_centre_substitutes")
def appoint() -> Any:
    """Lend the office."""
    values = {name: request.form.get(name, "") for name in FIELDS}
    try:
        one = acting.appoint(values, by=actor(), now=now())
    except Invalid as error:
        return _page(values, error.fields), 422
    flash(_("Surat untuk %(name)s dicatat.", name=one.substitute_name), "success")
    return redirect(url_for(".index"), 303)


@blueprint.post("/pusat/pengganti/<int(max=2147483647):substitution_id>/akhiri")
@requires("manage_centre_substitutes")
def revoke(substitution_id: int) -> Any:
    """End a letter today."""
    one = acting.revoke(substitution_id, by=actor(), now=now())
    flash(_("Surat untuk %(name)s berakhir.", name=one.substitute_name), "success")
    return redirect(url_for(".index"), 303)


def _page(values: dict[str, str], problems: dict[str, Any]) -> str:
    asked = whole(request.args.get("before"))
    rows = centre.letters(now(), before=asked, limit=PAGE + 1)
    return render_template(
        "national_recaps/substitutes.html",
        active="received",
        rows=rows[:PAGE],
        next_url=same_page(before=rows[PAGE - 1].row.id) if len(rows) > PAGE else None,
        first_url=same_page(before=None) if asked else None,
        holders=[(one.id, one.name) for one in centre.holders()],
        people=[(one.id, one.name) for one in centre.candidates(actor())],
        v=values,
        problems=problems,
    )
