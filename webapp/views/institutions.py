"""``/dasbor/instansi``: the register of institutions that ought to buy, as the centre keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from secrets import token_urlsafe
from typing import Any

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from sales.institutions import keeping, matching
from sales.institutions.errors import InstitutionInvalid
from sales.institutions.keeping import KINDS
from tenants import database
from tenants.clock import now
from webapp.access import actor, requires
from webapp.forms import whole
from webapp.shell import timezone_here

blueprint = Blueprint("institutions", __name__, url_prefix="/dasbor/instansi")
PURPOSE = "instansi pembeli"
UNKNOWN = 30
"""Buyers outside the register that the page proposes."""


def register(app: Flask, appbuilder: Any) -> None:
    app.register_blueprint(blueprint)


@blueprint.get("/")
@requires("manage_institutions")
def index() -> Any:
    """The register with what each bought this year, and the buyers that it does not know."""
    year = now().astimezone(timezone_here()).year
    rows = keeping.every()
    with database.national(PURPOSE) as reader:
        found = matching.buyers(year, rows, session=reader)
    sums = {one.id: one for one in found.expected}
    return render_template(
        "institutions/index.html",
        active="dashboard_national",
        rows=rows,
        sums=sums,
        year=year,
        unknown=[one for one in found.others if one.buys][:UNKNOWN],
        kinds=KINDS,
    )


@blueprint.get("/baru")
@requires("manage_institutions")
def new() -> Any:
    """An empty form; a name in the address is where it came from."""
    return _form({"name": request.args.get("nama", "")[:200], "kind": ""})


@blueprint.post("/baru")
@requires("manage_institutions")
def add() -> Any:
    form = request.form
    try:
        row = keeping.add(_given(form), by=actor(), now=now(), key=form.get("key") or None)
    except InstitutionInvalid as refused:
        return _form(form, refused.fields), 422
    flash(_("%(name)s dicatat.", name=row.name), "success")
    return redirect(url_for(".index"), 303)


@blueprint.get("/<int(max=2147483647):institution_id>")
@requires("manage_institutions")
def show(institution_id: int) -> Any:
    row = keeping.one(institution_id)
    kept = {name: getattr(row, name) for name in ("name", "kind", "basis", "version")}
    return _form(
        {**kept, "names": "\n".join(row.names), "is_active": "1" if row.is_active else ""}, number=row.id
    )


@blueprint.post("/<int(max=2147483647):institution_id>")
@requires("manage_institutions")
def change(institution_id: int) -> Any:
    form = request.form
    given = {**_given(form), "is_active": form.get("is_active") == "1"}
    try:
        row = keeping.change(institution_id, given, by=actor(), now=now(), version=whole(form.get("version")))
    except InstitutionInvalid as refused:
        return _form(form, refused.fields, number=institution_id), 422
    flash(_("%(name)s disimpan.", name=row.name), "success")
    return redirect(url_for(".index"), 303)


def _given(form: Mapping[str, str]) -> dict[str, Any]:
    return {name: form[name] for name in ("name", "kind", "names", "basis") if name in form}


def _form(typed: Mapping[str, Any], problems: Mapping[str, Any] = {}, *, number: int | None = None) -> str:
    return render_template(
        "institutions/form.html",
        active="dashboard_national",
        typed=typed,
        problems=problems,
        number=number,
        kinds=[(key, _(label)) for key, label in KINDS.items()],
        key=token_urlsafe(12),
    )
