"""``/kesiapan/nasional``: the country's readiness by Kanwil on the map and in the ranking, verified figures alone."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, render_template, request, url_for
from flask_babel import gettext as _

from catalogue.readiness import national
from catalogue.readiness.profile import axes, weakest
from catalogue.readiness.terms import shown
from tenants import database
from tenants.clock import now
from webapp.access import requires
from webapp.country_map import CountryMap, Valued, country_map
from webapp.forms import whole
from webapp.readiness_tables import dimension_table, kanwil_table, radar, shown_cell, upt_table
from webapp.shell import timezone_here
from webapp.tablefiles import table_file

blueprint = Blueprint("readiness_national", __name__, url_prefix="/kesiapan/nasional")
PURPOSE = "kesiapan nasional"
STEPS = (150, 200, 250, 300)
"""Where a colour of the map ends: the same from year to year."""


def register(app: Flask, appbuilder: Any) -> None:
    app.register_blueprint(blueprint)


@blueprint.get("/")
@requires("read_national_readiness")
def index() -> Any:
    """Map, radar and rankings of a year."""
    with database.national(PURPOSE) as reader:
        years = national.years(reader)
        found = national.country(_year(years), reader)
    means = axes(found.means)
    return render_template(
        "readiness/national.html",
        active="readiness_national",
        found=found,
        years=sorted({*years, found.year}, reverse=True),
        map=readiness_map(found),
        sentence=_sentence(found),
        picture=radar(means, _radar_sentence(found), verified=True),
        tables=[kanwil_table(found), upt_table(found)],
        dimension=dimension_table(means),
        shown=shown_cell,
        score=shown,
        export=lambda table, kind: url_for(".export", table=table, kind=kind, tahun=found.year),
    )


@blueprint.get("/<any(kanwil,upt,dimensi):table>.<kind>")
@requires("read_national_readiness")
def export(table: str, kind: str) -> Any:
    """One table of the country, as XLSX or CSV."""
    with database.national(PURPOSE) as reader:
        found = national.country(_year(national.years(reader)), reader)
    made = {
        "kanwil": kanwil_table,
        "upt": upt_table,
        "dimensi": lambda one: dimension_table(axes(one.means)),
    }[table](found)
    return table_file(made, f"kesiapan-nasional-{table}-{found.year}", kind)


def readiness_map(found: national.Country) -> CountryMap:
    """The Kanwil by the mean of their verified UPT, on a scale that stays."""
    rows = [
        Valued(row.code, row.kanwil, row.total, shown(row.total), f"#kanwil-{row.code}")
        for row in found.kanwil
    ]
    title = _("Peta kesiapan %(year)s menurut Kanwil, nilai 0 sampai 4", year=found.year)
    return country_map(title, rows, step_of=lambda value: 1 + sum(value >= least for least in STEPS))


def _sentence(found: national.Country) -> str:
    best = next((row for row in found.kanwil if row.total is not None), None)
    if best is None:
        return _("Belum ada UPT yang terverifikasi pada tahun %(year)s.", year=found.year)
    said = _(
        "%(n)s dari %(all)s UPT terverifikasi, rata-rata %(total)s dari 4; tertinggi %(kanwil)s (%(score)s).",
        n=found.verified,
        all=found.all_upts,
        total=shown(found.total),
        kanwil=best.kanwil,
        score=shown(best.total),
    )
    if found.before is not None:
        said += " " + _("Tahun %(year)s: %(total)s.", year=found.year - 1, total=shown(found.before))
    return said


def _radar_sentence(found: national.Country) -> str:
    lowest = weakest(axes(found.means))
    if lowest is None:
        return ""
    return _(
        "Paling lemah secara nasional: %(dimension)s (%(score)s).",
        dimension=_(lowest.label),
        score=shown(lowest.value),
    )


def _year(years: list[int]) -> int:
    """The year in the address; the newest with verified figures where there is none."""
    asked = whole(request.args.get("tahun"))
    if asked and 2000 <= asked <= 2099:
        return asked
    return years[0] if years else now().astimezone(timezone_here()).year
