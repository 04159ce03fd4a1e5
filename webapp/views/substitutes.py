"""``/pengaturan/pengganti``: letters that lend a role (Plh. and Plt.), and offices that nobody holds."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from tenants import substitutes
from tenants.accounts import OfficerFilters, officers
from tenants.clock import now
from tenants.errors import Invalid
from tenants.register import upts_here
from webapp.access import actor, requires
from webapp.forms import same_page, whole
from webapp.role_words import role_words
from workflows import administration

blueprint = Blueprint("substitutes", __name__)
PAGE = 30
FIELDS = ("role", "kind", "principal_id", "substitute_id", "from_on", "until_on", "letter_number")


def register(app: Flask, appbuilder: Any) -> None:
    app.register_blueprint(blueprint)


@blueprint.get("/pengaturan/pengganti")
@requires("manage_substitutes")
def index() -> Any:
    """The letters, newest first, and the form for another."""
    return _page({"role": request.args.get("peran", ""), "kind": request.args.get("jenis", "plh")}, {})


@blueprint.post("/pengaturan/pengganti")
@requires("manage_substitutes")
def appoint() -> Any:
    """Lend a role."""
    values = {name: request.form.get(name, "") for name in FIELDS}
    try:
        one = administration.appoint(values, by=actor(), now=now())
    except Invalid as error:
        return _page(values, error.fields), 422
    flash(_("Surat untuk %(name)s dicatat.", name=one.substitute_name), "success")
    return redirect(url_for(".index"), 303)


@blueprint.post("/pengaturan/pengganti/<int(max=2147483647):substitution_id>/akhiri")
@requires("manage_substitutes")
def revoke(substitution_id: int) -> Any:
    """End a letter today."""
    one = administration.revoke(substitution_id, by=actor(), now=now())
    flash(_("Surat untuk %(name)s berakhir.", name=one.substitute_name), "success")
    return redirect(url_for(".index"), 303)


def _page(values: dict[str, str], problems: dict[str, Any]) -> str:
    at, by, words = now(), actor(), role_words()
    asked = whole(request.args.get("before"))
    rows = substitutes.letters(at, before=asked, limit=PAGE + 1)
    places = {upt.id: upt.short_name for upt in upts_here()}
    lends = substitutes.LENDABLE if by.has("admin_kanwil") else substitutes.KADIV_LENDS
    holders = [
        (one.id, ", ".join((one.name, *(words[r.name] for r in one.roles if r.name in lends))))
        for one in substitutes.holders()
        if any(role.name in lends for role in one.roles)
    ]
    people = [
        (one.id, f"{one.name}, {places.get(one.upt_id, _('Kanwil')) if one.upt_id else _('Kanwil')}")
        for one in officers(OfficerFilters(active=True), limit=500)[0]
    ]
    return render_template(
        "settings/substitutes.html",
        rows=rows[:PAGE],
        next_url=same_page(before=rows[PAGE - 1].row.id) if len(rows) > PAGE else None,
        first_url=same_page(before=None) if asked else None,
        vacant=[(one.role, words[one.role]) for one in substitutes.absences(at) if one.letter is None],
        roles=[(role, words[role]) for role in lends],
        lends=lends,
        holders=holders,
        people=people,
        labels=words,
        v=values,
        problems=problems,
    )
