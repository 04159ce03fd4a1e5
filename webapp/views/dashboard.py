"""``/dasbor``: the figures of a Kanwil or an UPT at a glance; ``/dasbor/nasional``: the country by Kanwil."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, abort, render_template, request
from flask_babel import gettext as _

from sales.institutions import keeping, matching
from tenants import database
from tenants.clock import now
from webapp import dashboard, dashboard_national
from webapp.access import actor, requires
from webapp.dashboard import exporter, table_of
from webapp.forms import whole
from webapp.readiness_tables import shown_cell
from webapp.shell import kanwil_here, timezone_here
from webapp.sight_sections import Section
from webapp.tablefiles import table_file

blueprint = Blueprint("dashboard", __name__, url_prefix="/dasbor")
PURPOSE = "dasbor nasional"


def register(app: Flask, appbuilder: Any) -> None:
    app.register_blueprint(blueprint)


@blueprint.get("/")
@requires("read_dashboard", otherwise=("read_national_dashboard", ".national"))
def index() -> Any:
    """The dashboard of the officer's Kanwil or UPT, of the year in the address."""
    year = _year()
    return render_template(
        "dashboard/index.html",
        active="dashboard",
        title=_("Dasbor"),
        year=year,
        years=_years(),
        sections=sections_of(year),
        shown=shown_cell,
        export=exporter(".export", tahun=year),
        map=None,
    )


@blueprint.get("/<string(maxlength=20):table>.<kind>")
@requires("read_dashboard")
def export(table: str, kind: str) -> Any:
    """One table of it, as XLSX or CSV."""
    year = _year()
    found = table_of(sections_of(year), table) or abort(404)
    return table_file(found, f"dasbor-{table}-{year}", kind)


@blueprint.get("/nasional")
@requires("read_national_dashboard")
def national() -> Any:
    """The country's dashboard, with the map by the measure in the address."""
    found, measure = country_of(_year()), _measure()
    return render_template(
        "dashboard/index.html",
        active="dashboard_national",
        title=_("Dasbor nasional"),
        year=found.year,
        years=_years(),
        sections=found.sections,
        shown=shown_cell,
        export=exporter(".export_national", tahun=found.year),
        map=dashboard_national.map_of(found, measure),
        sentence=dashboard_national.map_sentence(found, measure),
        map_table=dashboard_national.map_table(found),
        measures=dashboard_national.measures(),
        measure=measure,
    )


@blueprint.get("/nasional/<string(maxlength=20):table>.<kind>")
@requires("read_national_dashboard")
def export_national(table: str, kind: str) -> Any:
    """One table of the country's, as XLSX or CSV."""
    found = country_of(_year())
    wanted = dashboard_national.map_table(found) if table == "peta" else table_of(found.sections, table)
    return table_file(wanted or abort(404), f"dasbor-nasional-{table}-{found.year}", kind)


def sections_of(year: int) -> list[Section]:
    """The parts of the dashboard of the officer who asks."""
    kanwil, at = kanwil_here(), now()
    today = at.astimezone(timezone_here()).date()
    code = kanwil.code if kanwil else ""
    return dashboard.of_tenant(year, by=actor(), kanwil_code=code, now=at, today=today)


def country_of(year: int) -> dashboard_national.Country:
    """The country's dashboard of a year."""
    at = now()
    register_ = keeping.every(active=True)
    with database.national(PURPOSE) as reader:
        return dashboard_national.of_country(
            year,
            session=reader,
            buyers=lambda session: matching.buyers(year, register_, session=session),
            now=at,
            today=at.astimezone(timezone_here()).date(),
        )


def _measure() -> str:
    asked = request.args.get("ukuran", "")
    return asked if asked in dashboard_national.MEASURES else dashboard_national.MEASURES[0]


def _year() -> int:
    asked = whole(request.args.get("tahun"))
    return asked if asked and 2000 <= asked <= 2099 else _years()[0]


def _years() -> list[int]:
    this = now().astimezone(timezone_here()).year
    return [this - back for back in range(4)]
