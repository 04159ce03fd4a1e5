"""``/pembelian/angka``: the figures of a period with their comparisons; ``/pembelian/capaian``: targets and
realisation; ``/pembelian/kelompok``: to which group of goods a commodity belongs."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup

from catalogue.terms import GROUPS
from recaps import charts
from sales import queries
from sales.sight import achieved, comparing, grouping
from tenants import clock
from tenants.errors import Invalid
from tenants.periods import label_of
from webapp.access import actor, requires
from webapp.figure_tables import (
    SHOWN,
    FigureTables,
    achievement_table,
    change,
    change_words,
    file_of,
    lines_url,
    period_choices,
    shown,
)
from webapp.forms import whole
from webapp.shell import timezone_here
from webapp.sight_tables import share_words

blueprint = Blueprint("figures", __name__, url_prefix="/pembelian")
BARS = 12
"""UPT in the picture of the targets; the table has all of them."""


def register(app: Flask, appbuilder: Any) -> None:
    app.register_blueprint(blueprint)


@blueprint.get("/angka")
@requires("read_purchases")
def index() -> Any:
    """The figures of a period, each beside the period before and the year before."""
    months = queries.choices().months
    found = comparing.compared(_period(months))
    tables = FigureTables(found)
    choices = period_choices(months)
    if found.period not in dict(choices):
        choices.insert(0, (found.period, found.label))
    return render_template(
        "figures/index.html",
        active="purchases",
        found=found,
        has_any=bool(months),
        tables=tables.all(),
        tiles=_tiles(found),
        choices=choices,
        shown=shown,
        most=SHOWN,
    )


@blueprint.get("/angka/<table>.<kind>")
@requires("read_purchases")
def export(table: str, kind: str) -> Any:
    """One table of the figures, as XLSX or CSV, every row of it."""
    found = comparing.compared(_period(queries.choices().months))
    wanted = FigureTables(found).get(table) or abort(404)
    return file_of(wanted, f"angka-{table}-{found.period}", kind)


@blueprint.get("/capaian")
@requires("read_purchases")
def achievement() -> Any:
    """Targets and realisation of a year by UPT."""
    found = achieved.achievement(_year())
    return render_template(
        "figures/achievement.html",
        active="purchases",
        found=found,
        table=achievement_table(found),
        chart=_chart(found),
        shown=shown,
        has_target=bool(found.total.omzet_target_rupiah or found.total.pnbp_target_rupiah),
    )


@blueprint.get("/capaian/<int:year>.<kind>")
@requires("read_purchases")
def export_achievement(year: int, kind: str) -> Any:
    """The same as XLSX or CSV."""
    if not 2000 <= year <= 2099:
        abort(404)
    return file_of(achievement_table(achieved.achievement(year)), f"capaian-{year}", kind)


@blueprint.get("/kelompok")
@requires("manage_targets")
def groups() -> Any:
    """Which group each commodity belongs to, and why."""
    return _groups({})


@blueprint.post("/kelompok")
@requires("manage_targets")
def save_groups() -> Any:
    """Say it for those that were named otherwise."""
    wanted = dict(zip(request.form.getlist("commodity"), request.form.getlist("group"), strict=False))
    try:
        changed = grouping.set_groups(wanted, by=actor(), now=clock.now())
    except Invalid as error:
        return _groups(error.fields), 422
    flash(
        _("Kelompok %(n)s komoditas disimpan; semua periode mengikutinya.", n=changed)
        if changed
        else _("Tidak ada yang berubah."),
        "success",
    )
    return redirect(url_for(".groups"), 303)


def _groups(problems: dict[str, Any]) -> str:
    said = grouping.chosen()
    rows = [(name, grouping.guess(name), said.get(name, "")) for name in grouping.sold() if name]
    return render_template(
        "figures/groups.html",
        active="purchases",
        rows=rows,
        words={**{key: _(label) for key, label in GROUPS.items()}, grouping.NONE: _("Belum dikelompokkan")},
        problems=problems,
    )


def _tiles(found: comparing.Compared) -> list[dict[str, Any]]:
    """The headline figures: what, how much, where its lines are, and the two comparisons."""
    done = found.completed
    urls = [lines_url(period=key, status="Selesai") if key else None for key in found.keys]
    bought = [lines_url(period=key, status="Selesai", pembeli="upt") if key else None for key in found.keys]
    shares = [found.share_bp[key[:4]] if key else None for key in found.keys]
    rows: list[tuple[str, tuple[int, ...], list[str | None], bool, list[int | None] | None]] = [
        (_("Omzet selesai"), tuple(one.value_rupiah for one in done), urls, True, None),
        (_("Paket selesai"), tuple(one.packages for one in done), urls, False, None),
        (_("PNBP"), found.pnbp, urls, True, shares),
        (_("UPT membeli"), found.buying_upts, bought, False, None),
    ]
    labels = (None, _("periode sebelumnya"), _("setahun sebelumnya"))
    return [
        {
            "label": label,
            "value": values[0],
            "url": links[0],
            "money": money,
            "share": share[0] if share else None,
            "buyers": links is bought,
            "others": [
                {
                    "label": labels[at],
                    "period": label_of(key),
                    "value": values[at],
                    "url": links[at],
                    "share": share[at] if share else None,
                    "change": change_words(change(values[0], values[at])),
                }
                for at, key in enumerate(found.keys)
                if at and key and not (at == 2 and key == found.before)
            ],
        }
        for label, values, links, money, share in rows
    ]


def _chart(found: achieved.Achievement) -> Markup:
    """What was reached of what was aimed at, the largest targets first."""
    rows = [row for row in found.rows if row.omzet_target_rupiah][:BARS]
    if not rows:
        return Markup("")
    drawn = charts.bars(
        [
            (
                row.upt,
                round(100 * (row.omzet_share or 0)),
                share_words(row.omzet_share),
            )
            for row in rows
        ],
        title=_("Capaian target omzet %(year)s menurut UPT, persen", year=found.year),
        width=420,
        above=True,
    )
    return Markup(drawn)  # noqa: S704 - charts escapes every text it draws


def _period(months: list[str]) -> str:
    """The period in the address; the newest month with purchases where there is none."""
    asked = request.args.get("period", "").strip()
    return asked or (months[0] if months else f"{clock.now().astimezone(timezone_here()):%Y-%m}")


def _year() -> int:
    year = whole(request.args.get("year"))
    return year if year and 2000 <= year <= 2099 else clock.now().astimezone(timezone_here()).year
