"""``/petugas``: the Kanwil's officers; opening and closing accounts, roles, new passwords."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from tenants import accounts
from tenants.accounts import OfficerFilters
from tenants.clock import now
from tenants.errors import Invalid
from tenants.officers import KANWIL_ROLES, UPT_ROLES
from tenants.register import upts_here
from webapp.access import actor, requires
from webapp.forms import same_page, whole
from webapp.role_words import role_words
from workflows import administration
from workflows.post import boxes

blueprint = Blueprint("officers", __name__)
PAGE = 30


def register(app: Flask, appbuilder: Any) -> None:
    app.register_blueprint(blueprint)


@blueprint.get("/petugas")
@requires("manage_officers")
def index() -> Any:
    """Officers by role, UPT, name, state; a keyset page."""
    asked = request.args
    filters = OfficerFilters(
        role=asked.get("role") or None,
        upt_id=whole(asked.get("upt")),
        q=asked.get("q", "").strip()[:100],
        active={"1": True, "0": False}.get(asked.get("active", "")),
    )
    rows, following = accounts.officers(filters, after=whole(asked.get("after")) or 0, limit=PAGE)
    upts = upts_here()
    return render_template(
        "officers/index.html",
        rows=rows,
        refusing=boxes.refusing(rows),
        upts=[(upt.id, upt.short_name) for upt in upts],
        upt_names={upt.id: upt.short_name for upt in upts},
        roles=_roles((*KANWIL_ROLES, *UPT_ROLES)),
        labels=role_words(),
        asked=asked,
        next_url=same_page(after=following) if following else None,
        first_url=same_page(after=None) if asked.get("after") else None,
    )


@blueprint.get("/petugas/baru")
@requires("manage_officers")
def new() -> Any:
    """The form for an account."""
    return _form({"role": request.args.get("role", ""), "upt_id": request.args.get("upt", "")}, {})


@blueprint.post("/petugas/baru")
@requires("manage_officers")
def open_account() -> Any:
    """Open it; the password is shown once."""
    values = {key: request.form.get(key, "") for key in request.form}
    try:
        officer, password = administration.open_account(values, by=actor(), now=now())
    except Invalid as error:
        return _form(values, error.fields), 422
    return _handover(officer, password, opened=True)


@blueprint.get("/petugas/<int:officer_id>")
@requires("manage_officers")
def show(officer_id: int) -> Any:
    """One officer."""
    officer = accounts.officer(officer_id)
    values = {key: getattr(officer, key) or "" for key in ("first_name", "last_name", "office", "email")}
    return _page(officer, values, [role.name for role in officer.roles], {})


@blueprint.post("/petugas/<int:officer_id>")
@requires("manage_officers")
def change(officer_id: int) -> Any:
    """Name, office, roles."""
    values = {key: request.form.get(key, "") for key in ("first_name", "last_name", "office", "email")}
    roles = request.form.getlist("roles")
    try:
        officer = administration.change_account(officer_id, values, roles, by=actor(), now=now())
    except Invalid as error:
        return _page(accounts.officer(officer_id), values, roles, error.fields), 422
    flash(_("Data %(name)s disimpan.", name=officer.name), "success")
    return redirect(url_for(".show", officer_id=officer_id), 303)


@blueprint.post("/petugas/<int:officer_id>/<any(tutup,buka):word>")
@requires("manage_officers")
def set_active(officer_id: int, word: str) -> Any:
    """Close or re-open."""
    officer = administration.set_active(officer_id, word == "buka", by=actor(), now=now())
    said = (
        _("Akun %(name)s dibuka kembali.")
        if word == "buka"
        else _("Akun %(name)s ditutup; sesinya berakhir.")
    )
    flash(said % {"name": officer.name}, "success")
    return redirect(url_for(".show", officer_id=officer_id), 303)


@blueprint.post("/petugas/<int:officer_id>/kata-sandi")
@requires("manage_officers")
def reset_password(officer_id: int) -> Any:
    """A new password, shown once."""
    officer, password = administration.reset_password(officer_id, by=actor(), now=now())
    return _handover(officer, password, opened=False)


def _roles(names: tuple[str, ...]) -> list[tuple[str, str]]:
    words = role_words()
    return [(role, words[role]) for role in names]


def _form(values: dict[str, str], problems: dict[str, Any]) -> str:
    upts = [(upt.id, upt.short_name) for upt in upts_here()]
    roles = _roles((*KANWIL_ROLES, *UPT_ROLES))
    return render_template("officers/new.html", v=values, problems=problems, upts=upts, roles=roles)


def _page(officer: Any, values: dict[str, str], held: list[str], problems: dict[str, Any]) -> str:
    allowed = KANWIL_ROLES if officer.upt_id is None else UPT_ROLES
    return render_template(
        "officers/show.html",
        officer=officer,
        v=values,
        held=held,
        problems=problems,
        roles=_roles(allowed),
        is_self=officer.id == actor().id,
        refusing=boxes.refusing([officer]).get(officer.id),
    )


def _handover(officer: Any, password: str, *, opened: bool) -> Any:
    page = render_template("officers/handover.html", officer=officer, password=password, opened=opened)
    return page, 201 if opened else 200, {"Cache-Control": "no-store"}
