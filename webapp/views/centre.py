"""The centre's pages: ``/kanwil`` (tenants, suspended and resumed) and ``/hari-libur`` (the country's calendar)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from tenants import lifecycle
from tenants.clock import now
from tenants.errors import Invalid
from webapp.access import actor, requires
from webapp.forms import day, whole
from workflows import administration
from workflows.calendars import HOLIDAY_KINDS, holidays_of

blueprint = Blueprint("centre", __name__)


def register(app: Flask, appbuilder: Any) -> None:
    app.register_blueprint(blueprint)


@blueprint.get("/kanwil")
@requires("manage_tenants")
def kanwils() -> Any:
    """Every Kanwil and its state."""
    return _kanwils({}, "")


@blueprint.post("/kanwil/<int:kanwil_id>/tangguhkan")
@requires("manage_tenants")
def suspend(kanwil_id: int) -> Any:
    """Suspend, with a reason."""
    try:
        kanwil = lifecycle.suspend(kanwil_id, reason=request.form.get("reason", ""), now=now(), by=actor())
    except Invalid as error:
        return _kanwils(
            {kanwil_id: error.fields.get("reason", error.message)}, request.form.get("reason", "")
        ), 422
    flash(
        _("%(name)s ditangguhkan: sesi petugasnya berakhir, produknya tidak tampil.", name=kanwil.short_name),
        "success",
    )
    return redirect(url_for(".kanwils"), 303)


@blueprint.post("/kanwil/<int:kanwil_id>/pulihkan")
@requires("manage_tenants")
def resume(kanwil_id: int) -> Any:
    """Let it work again."""
    kanwil = lifecycle.resume(kanwil_id, now=now(), by=actor())
    flash(_("%(name)s dipulihkan.", name=kanwil.short_name), "success")
    return redirect(url_for(".kanwils"), 303)


@blueprint.get("/hari-libur")
@requires("manage_calendar")
def calendar() -> Any:
    """The days off of a year."""
    return _calendar(_year(request.args.get("year")), {}, {})


@blueprint.post("/hari-libur")
@requires("manage_calendar")
def add() -> Any:
    """Add a day off, or correct it."""
    values = {key: request.form.get(key, "") for key in ("day", "kind", "name")}
    on = day(values["day"])
    if on is None or not 2000 <= on.year <= 2100:
        return _calendar(_year(request.form.get("year")), values, {"day": _("Tulis tanggalnya.")}), 422
    try:
        administration.set_holiday(on, values["kind"], values["name"], by=actor(), now=now())
    except Invalid as error:
        return _calendar(on.year, values, error.fields), 422
    flash(_("%(name)s dicatat. Tenggat baru dihitung dengan kalender ini.", name=values["name"]), "success")
    return redirect(url_for(".calendar", year=on.year), 303)


@blueprint.post("/hari-libur/hapus")
@requires("manage_calendar")
def remove() -> Any:
    """Take a day off back."""
    on = day(request.form.get("day"))
    if on is None:
        raise Invalid(fields={"day": _("Tulis tanggalnya.")})
    administration.remove_holiday(on, by=actor(), now=now())
    flash(_("Hari libur dihapus."), "success")
    return redirect(url_for(".calendar", year=on.year), 303)


def _year(text: str | None) -> int:
    year = whole(text)
    return year if year and 2000 <= year <= 2100 else now().year


def _kanwils(problems: dict[int, Any], typed: str) -> str:
    rows = lifecycle.tenants_list()
    return render_template("centre/kanwils.html", rows=rows, problems=problems, typed=typed, active="tenants")


def _calendar(year: int, values: dict[str, str], problems: dict[str, Any]) -> str:
    return render_template(
        "centre/calendar.html",
        year=year,
        rows=holidays_of(year),
        kinds=HOLIDAY_KINDS,
        v=values,
        problems=problems,
        active="calendar",
    )
