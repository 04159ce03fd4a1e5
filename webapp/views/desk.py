"""What is done with a case beside deciding it: taking it, letting it go, handing it over, its priority, who looks."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Flask, flash, redirect, render_template, request
from flask_babel import gettext as _

from tenants import clock
from tenants.errors import Invalid
from webapp.access import actor, requires
from webapp.forms import whole
from webapp.shell import spoken
from workflows import queries
from workflows.desk import holding, presence, priority

blueprint = Blueprint("desk", __name__)
CASE = "/kasus/<int(max=2147483647):case_id>"


def register(app: Flask, appbuilder: Any) -> None:
    app.register_blueprint(blueprint)


@blueprint.post(f"{CASE}/ambil")
@requires("decide_cases")
def claim(case_id: int) -> Any:
    """Take the case; others see it, and can't decide it for a while."""
    holding.claim(case_id, by=actor(), now=clock.now(), stage=request.form.get("stage") or None)
    flash(_("Kasus ini kini Anda pegang."), "success")
    return _back(case_id)


@blueprint.post(f"{CASE}/lepas")
@requires("decide_cases")
def release(case_id: int) -> Any:
    """Let the case go."""
    holding.release(case_id, by=actor(), now=clock.now(), stage=request.form.get("stage") or None)
    flash(_("Kasus ini dilepas; rekan Anda dapat mengambilnya."), "success")
    return _back(case_id)


@blueprint.get(f"{CASE}/alihkan")
@requires("reassign_cases")
def hand_over(case_id: int) -> Any:
    """To whom the case could go."""
    return _hand_over_page(case_id)


@blueprint.post(f"{CASE}/alihkan")
@requires("reassign_cases")
def assign(case_id: int) -> Any:
    """Hand the case to an officer of its stage."""
    form = request.form
    try:
        hold = holding.assign(
            case_id,
            whole(form.get("officer_id")) or 0,
            by=actor(),
            now=clock.now(),
            stage=form.get("stage") or None,
        )
    except Invalid as error:
        return _hand_over_page(case_id, error), 422
    flash(_("Kasus ini dialihkan kepada %(name)s.", name=hold.officer_name), "success")
    return redirect(f"/kasus/{case_id}", 303)


@blueprint.post(f"{CASE}/prioritas")
@requires("decide_cases")
def set_priority(case_id: int) -> Any:
    """Mark the case urgent, or take the mark away."""
    urgent = request.form.get("urgent") == "yes"
    try:
        priority.set_urgent(
            case_id, urgent, reason=request.form.get("reason", ""), by=actor(), now=clock.now()
        )
    except Invalid as error:
        flash(spoken(error.fields.get("urgent_reason") or error.message), "danger")
        return redirect(f"/kasus/{case_id}#prioritas", 303)
    flash(_("Kasus ini ditandai mendesak.") if urgent else _("Tanda mendesak dicabut."), "success")
    return redirect(f"/kasus/{case_id}#isi", 303)


@blueprint.post(f"{CASE}/hadir")
@requires("read_cases")
def present(case_id: int) -> Any:
    """The page of a case tells that it is open, and hears who else looks and whether the case moved."""
    found = presence.around(case_id, by=actor(), now=clock.now(), version=whole(request.form.get("version")))
    return (
        render_template("cases/around.html", around=found, case_id=case_id),
        200,
        {"Cache-Control": "no-store"},
    )


def _hand_over_page(case_id: int, error: Invalid | None = None) -> str:
    by, now = actor(), clock.now()
    view = queries.case_view(case_id, by=by)
    return render_template(
        "cases/hand_over.html",
        active="inbox",
        view=view,
        case=view.case,
        held=view.held_words(now),
        officers=holding.holders(view.stage.role, view.case, now) if view.stage else [],
        chosen=request.form.get("officer_id", ""),
        problem=error.fields.get("officer_id") or error.message if error else None,
    )


def _back(case_id: int) -> Any:
    """To the list that the button stood in, or to the case."""
    came = urlsplit(request.referrer or "")
    if came.netloc == request.host and came.path == "/kotak-masuk":
        return redirect(f"{came.path}?{came.query}" if came.query else came.path, 303)
    return redirect(f"/kasus/{case_id}#isi", 303)
