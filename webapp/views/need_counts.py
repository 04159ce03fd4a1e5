"""``/kebutuhan/ikhtisar``: the board of a Kanwil in numbers; ``/kebutuhan-nasional``: the same of the country."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, Response, render_template, request, url_for
from flask_babel import gettext as _

from catalogue.needs import counting
from catalogue.needs.counting import AMOUNTS, Counts
from tenants import clock, database, sheets
from tenants.errors import Invalid
from webapp.access import requires
from webapp.forms import whole
from webapp.shell import timezone_here
from webapp.views.needs import XLSX

blueprint = Blueprint("need_counts", __name__)
PURPOSE = "papan kebutuhan nasional"


def register(app: Flask, appbuilder: Any) -> None:
    app.register_blueprint(blueprint)


@blueprint.get("/kebutuhan/ikhtisar")
@requires("oversee_needs")
def overview() -> Any:
    """What each UPT of the Kanwil posted and offered in a year."""
    return _page(_of_units(), ".export")


@blueprint.get("/kebutuhan/ikhtisar.<kind>")
@requires("oversee_needs")
def export(kind: str) -> Any:
    return _file(_of_units(), kind, "UPT")


@blueprint.get("/kebutuhan-nasional")
@requires("read_national_needs")
def centre() -> Any:
    """What each Kanwil of the country posted and offered in a year: counts alone."""
    return _page(_of_kanwils(), ".export_centre", national=True)


@blueprint.get("/kebutuhan-nasional.<kind>")
@requires("read_national_needs")
def export_centre(kind: str) -> Any:
    return _file(_of_kanwils(), kind, "Kanwil")


def _of_units() -> list[Counts]:
    return counting.of_units(*counting.year_span(_year(), str(timezone_here())))


def _of_kanwils() -> list[Counts]:
    with database.national(PURPOSE) as reader:
        return counting.of_kanwils(reader, *counting.year_span(_year(), str(timezone_here())))


def _page(rows: list[Counts], file: str, *, national: bool = False) -> str:
    total = Counts("")
    for row in rows:
        total += row
    this_year = clock.now().astimezone(timezone_here()).year
    return render_template(
        "needs/counts.html",
        active="needs",
        rows=rows,
        total=total,
        national=national,
        year=_year(),
        years=range(this_year, this_year - 4, -1),
        files={kind: url_for(file, kind=kind, tahun=_year()) for kind in ("xlsx", "csv")},
    )


def _file(rows: list[Counts], kind: str, who: str) -> Any:
    head = [
        *(who, _("Dipasang"), _("Masih dicari"), _("Disepakati"), _("Terpenuhi"), _("Lewat tanggal")),
        *(_("Penawaran dibuat"), _("Penawaran diterima")),
    ]
    lines: list[list[object]] = [[row.name, *(getattr(row, name) for name in AMOUNTS)] for row in rows]
    headers = {
        "Content-Disposition": f'attachment; filename="kebutuhan-{_year()}.{kind}"',
        "Cache-Control": "no-store",
    }
    if kind == "csv":
        text = "".join(sheets.as_csv(head, lines))
        return Response(text, content_type="text/csv; charset=utf-8", headers=headers)
    if kind == "xlsx":
        data = sheets.as_xlsx("Kebutuhan", head, lines, (36, 12, 14, 14, 14, 14, 18, 18))
        return Response(data, content_type=XLSX, headers=headers)
    raise Invalid(_("Pilih ekspor XLSX atau CSV."))


def _year() -> int:
    asked = whole(request.args.get("tahun"))
    return asked if asked and 2000 <= asked <= 2099 else clock.now().astimezone(timezone_here()).year
