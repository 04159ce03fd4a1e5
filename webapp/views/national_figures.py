"""``/laporan/angka``: the figures of the country, by Kanwil, beside the period before and the year before."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, abort, render_template, request
from flask_babel import gettext as _
from markupsafe import Markup

import recaps.overview
from recaps import charts
from sales.sight import country
from sales.sight.country import Country
from tenants import clock, database
from tenants.periods import label_of
from tenants.words import rupiah
from webapp.access import may, requires
from webapp.figure_tables import SHOWN, change, change_words, file_of, period_choices, shown
from webapp.national_tables import CountryTables
from webapp.shell import timezone_here

blueprint = Blueprint("national_figures", __name__, url_prefix="/laporan/angka")
PURPOSE = "angka nasional"
BARS = 12
"""Kanwil in the picture; the table has all of them."""
ALWAYS = ("target", "produk")
"""What is told where nothing was sold."""


def register(app: Flask, appbuilder: Any) -> None:
    app.register_blueprint(blueprint)


@blueprint.get("")
@requires("read_national_figures")
def index() -> Any:
    """The figures of a period; the newest month that has any where the address names none."""
    found, recap_of, months = _found()
    tables = CountryTables(found, recap_of)
    choices = period_choices(months)
    if found.period not in dict(choices):
        choices.insert(0, (found.period, found.label))
    return render_template(
        "figures/national.html",
        active="reports",
        found=found,
        tables=[one for one in tables.all() if found.has_any or one.key in ALWAYS],
        tiles=_tiles(found),
        chart=_chart(found),
        choices=choices,
        shown=shown,
        most=SHOWN,
        follows=may("read_national"),
    )


@blueprint.get("/<table>.<kind>")
@requires("read_national_figures")
def export(table: str, kind: str) -> Any:
    """One table, as XLSX or CSV, every row of it."""
    found, recap_of, _months = _found()
    wanted = CountryTables(found, recap_of).get(table) or abort(404)
    return file_of(wanted, f"nasional-{table}-{found.period}", kind)


def _found() -> tuple[Country, dict[int, int], list[str]]:
    with database.national(PURPOSE) as reader:
        months = country.months_with_any(reader)
        now = f"{clock.now().astimezone(timezone_here()):%Y-%m}"
        period = request.args.get("period", "").strip() or (months[0] if months else now)
        found = country.country(period, reader)
        follows = may("read_national")
        return found, recaps.overview.standing_of(reader, period) if follows else {}, months


def _tiles(found: Country) -> list[dict[str, Any]]:
    """The headline figures, each with its two comparisons."""
    total = found.total
    done = total.sums
    rows: list[tuple[str, tuple[int, ...], bool, str]] = [
        (_("Omzet selesai"), tuple(one.value_rupiah for one in done), True, ""),
        (_("Paket selesai"), tuple(one.packages for one in done), False, ""),
        (_("PNBP"), total.pnbp, True, _percent(total.pnbp_share)),
        (_("UPT membeli"), total.buyers, False, ""),
    ]
    labels = (None, _("periode sebelumnya"), _("setahun sebelumnya"))
    return [
        {
            "label": label,
            "value": values[0],
            "money": money,
            "note": note,
            "others": [
                {
                    "label": labels[at],
                    "period": label_of(key),
                    "value": values[at],
                    "change": change_words(change(values[0], values[at])),
                }
                for at, key in enumerate(found.keys)
                if at and key and not (at == 2 and key == found.before)
            ],
        }
        for label, values, money, note in rows
    ]


def _percent(share: float | None) -> str:
    return _("%(p)s%% dari target tahun ini", p=round(100 * share)) if share is not None else ""


def _chart(found: Country) -> Markup:
    """Completed turnover of the largest Kanwil."""
    rows = [one for one in found.kanwils if one.sums.now.value_rupiah][:BARS]
    if not rows:
        return Markup("")
    drawn = [(one.province, one.sums.now.value_rupiah, rupiah(one.sums.now.value_rupiah)) for one in rows]
    title = _("Omzet selesai menurut Kanwil, %(label)s", label=found.label)
    return Markup(charts.bars(drawn, title=title))  # noqa: S704 - drawn by recaps.charts, which escapes every text
