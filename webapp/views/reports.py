"""``/laporan``: the sight of the approval, of a Kanwil and of the country, its tables as files, the cases behind it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, Response, abort, render_template, request, url_for
from flask_babel import gettext as _

from tenants import clock, database, sheets
from tenants.errors import Invalid
from webapp.access import actor, requires
from webapp.api import cursor, cursor_text
from webapp.forms import whole
from webapp.shell import timezone_here
from webapp.sight_sections import sections_of
from webapp.sight_tables import Tables, shown
from workflows.definitions import DEFAULTS
from workflows.sight import listing, report, windows
from workflows.sight.listing import Narrowed
from workflows.subjects import registered

blueprint = Blueprint("reports", __name__, url_prefix="/laporan")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PURPOSE = "laporan persetujuan"


def register(app: Flask, appbuilder: Any) -> None:
    app.register_blueprint(blueprint)


@blueprint.get("/persetujuan")
@requires("read_reports")
def approval() -> Any:
    """The report of the officer's Kanwil, of the period in the address."""
    now = clock.now()
    found = report.of_kanwil(_subject(), _period(), now=now)
    return _page(found, listing.oldest(found.subject, by=actor(), now=now))


@blueprint.get("/persetujuan/nasional")
@requires("read_national_reports")
def national() -> Any:
    """The report of the country, by Kanwil: counts, and nobody's name."""
    return _page(_of_country(), [])


@blueprint.get("/persetujuan/<table>.<kind>")
@requires("read_reports")
def export(table: str, kind: str) -> Any:
    """One table of the Kanwil's report, as XLSX or CSV."""
    return _file(report.of_kanwil(_subject(), _period(), now=clock.now()), table, kind)


@blueprint.get("/persetujuan/nasional/<table>.<kind>")
@requires("read_national_reports")
def export_national(table: str, kind: str) -> Any:
    """One table of the country's report, as XLSX or CSV."""
    return _file(_of_country(), table, kind)


@blueprint.get("/kasus")
@requires("read_reports")
def cases() -> Any:
    """The cases behind a number, narrowed as the address says."""
    asked = request.args
    which = asked.get("daftar", listing.WAITING)
    narrowed = Narrowed(
        subject=_subject(),
        period=_period(),
        stage=asked.get("tahap", "")[:50] or None,
        upt_id=whole(asked.get("upt")),
        state=asked.get("keadaan", "")[:20] or None,
        outcome=asked.get("hasil", "")[:20] or None,
        officer_id=whole(asked.get("petugas")),
        field=asked.get("isian", "")[:100] or None,
        late=asked.get("lewat") == "1",
    )
    keyset = cursor()
    after = _after(keyset)
    rows, following = listing.cases(which, narrowed, by=actor(), now=clock.now(), after=after)
    kept = {name: value for name, value in asked.items() if name != "cursor" and value}
    today = clock.now().astimezone(timezone_here()).date()
    return render_template(
        "reports/cases.html",
        active="reports",
        which=which,
        narrowed=narrowed,
        window=windows.window(narrowed.period, today),
        rows=rows,
        fields={
            k: v for one in registered() if one.key == narrowed.subject for k, v in one.field_labels.items()
        },
        back_url=url_for("reports.approval", **_kept("periode", "jenis")),
        next_url=url_for("reports.cases", cursor=cursor_text(list(following)), **kept) if following else None,
        first_url=url_for("reports.cases", **kept) if keyset else None,
    )


def _page(found: report.Report, oldest: list[listing.Listed]) -> str:
    today = clock.now().astimezone(timezone_here()).date()
    here = request.endpoint or ""
    choices = windows.choices(today)
    if found.window.key not in dict(choices):
        choices.insert(0, (found.window.key, found.window.label))
    link = Tables(found).link
    exports = "reports.export" if here == "reports.approval" else "reports.export_national"
    return render_template(
        "reports/approval.html",
        active="reports",
        report=found,
        sections=sections_of(found),
        oldest=oldest,
        choices=choices,
        subjects=[
            (key, label, url_for(here, jenis=key, **_kept("periode"))) for key, label in _subjects().items()
        ],
        export=lambda table, kind: url_for(exports, table=table, kind=kind, **_kept("periode", "jenis")),
        links={
            "waiting": link("menunggu"),
            "overdue": link("menunggu", lewat=1),
            "decided": link("putusan"),
            "returned": link("putusan", hasil="return"),
        },
        shown=shown,
    )


def _file(found: report.Report, key: str, kind: str) -> Response:
    table = Tables(found).get(key) or abort(404)
    name = f"persetujuan-{key}-{found.window.key}.{kind}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    header = [column.label for column in table.columns]
    if kind == "csv":
        text = "".join(sheets.as_csv(header, table.plain()))
        return Response(text, content_type="text/csv; charset=utf-8", headers=headers)
    if kind == "xlsx":
        widths = [32 if column.kind == "text" else 16 for column in table.columns]
        data = sheets.as_xlsx(table.title[:31], header, table.plain(), widths)
        return Response(data, content_type=XLSX, headers=headers)
    raise Invalid(_("Pilih ekspor XLSX atau CSV."))


def _of_country() -> report.Report:
    with database.national(PURPOSE) as reader:
        return report.of_country(_subject(), _period(), session=reader, now=clock.now())


def _subjects() -> dict[str, str]:
    """What is approved by a workflow that every Kanwil has."""
    return {one.key: one.label for one in registered() if one.key in DEFAULTS}


def _subject() -> str:
    """The kind of subject in the address; the first of the workflow's own where there is none."""
    asked = request.args.get("jenis", "")
    return asked if asked in _subjects() else DEFAULTS[0]


def _period() -> str | None:
    return request.args.get("periode") or None


def _kept(*names: str) -> dict[str, str]:
    return {name: request.args[name] for name in names if request.args.get(name)}


def _after(keyset: list[Any] | None) -> tuple[str, int] | None:
    if keyset is None:
        return None
    if len(keyset) != 2 or not isinstance(keyset[0], str) or type(keyset[1]) is not int:
        raise Invalid(fields={"cursor": _("Penanda halaman tidak dikenal; mulai dari halaman pertama.")})
    return keyset[0], keyset[1]
