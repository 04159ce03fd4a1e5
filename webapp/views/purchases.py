"""``/pembelian``: what was bought, its files, and bringing e-Katalog exports in with a preview."""

from __future__ import annotations

from secrets import token_urlsafe
from typing import Any, Literal
from urllib.parse import urlencode

from flask import (
    Blueprint,
    Flask,
    Response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext as _

from catalogue.terms import GROUPS
from sales import exports, figures, imports, layouts, previews, queries, undoing
from sales.columns import LABELS
from sales.models import PurchaseImport
from sales.queries import Filters
from sales.supply import queries as supply
from tenants.clock import local_day, now
from tenants.errors import Invalid, KaryaError
from tenants.register import short_name
from tenants.words import month_id
from webapp.access import actor, may, requires
from webapp.shell import kanwil_here

pages = Blueprint("purchases", __name__, url_prefix="/pembelian")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LINES = 200
"""Lines with a remark on one page of a preview."""


@pages.get("/")
@requires("read_purchases")
def index() -> Any:
    """The list, newest first, with its filters in the address and its sums."""
    filters = _filters()
    page = queries.purchases(filters, cursor=request.args.get("cursor") or None)
    choices = queries.choices()
    kanwil = kanwil_here()
    year = (
        int(filters.period[:4])
        if filters.period
        else local_day(now(), kanwil.timezone if kanwil else "Asia/Jakarta").year
    )
    return render_template(
        "purchases/index.html",
        active="purchases",
        filters=filters,
        page=page,
        sums=queries.sums(filters),
        choices=choices,
        periods=_periods(choices.months),
        upts=dict(choices.upts),
        pnbp=figures.pnbp(filters.period or str(year)),
        next_url=_address(filters, cursor=page.next_cursor) if page.next_cursor else None,
        first_url=_address(filters) if request.args.get("cursor") else None,
        short=short_name,
        attention=queries.attention(),
        narrowed=_narrowed(filters),
        export_query=urlencode(_asked(filters)),
    )


@pages.get("/ekspor.<kind>")
@requires("read_purchases")
def export(kind: str) -> Any:
    """What the filters leave, as XLSX or CSV; no text in it ever computes."""
    filters = _filters()
    name = f"pembelian-{filters.period or 'semua'}.{kind}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    if kind == "xlsx":
        return Response(exports.as_xlsx(filters), content_type=XLSX, headers=headers)
    if kind == "csv":
        text = "".join(exports.as_csv(filters))  # read whole, while the scope of the request stands
        return Response(text, content_type="text/csv; charset=utf-8", headers=headers)
    raise Invalid("Pilih ekspor XLSX atau CSV.")


@pages.get("/<int:purchase_id>")
@requires("read_purchases")
def show(purchase_id: int) -> Any:
    """One purchase, and what it said before it was changed."""
    found, earlier = queries.purchase(purchase_id)
    upt = queries.upt_names({found.upt_id}).get(found.upt_id, found.provider_name)
    return render_template(
        "purchases/show.html",
        active="purchases",
        purchase=found,
        changes=queries.history(found, earlier),
        upt=upt,
        agreement=supply.agreement_of(found.package_id) if may("read_needs") else None,
    )


@pages.get("/impor")
@requires("import_purchases")
def upload_form() -> Any:
    return _upload_page()


@pages.post("/impor")
@requires("import_purchases")
def upload() -> Any:
    """Take a file in; a refused one is answered beside the field."""
    file = request.files.get("file")
    if file is None or not file.filename:
        return _upload_page(_("Pilih dulu berkas CSV atau XLSX hasil ekspor e-Katalog.")), 422
    try:
        begun = imports.begin(
            file.read(),
            file.filename,
            by=actor(),
            now=now(),
            key=request.form.get("key", "")[:64] or None,
            may_ask=True,
        )
    except KaryaError as refused:
        if refused.status not in (413, 415, 422):
            raise
        return _upload_page(refused.message), refused.status
    return redirect(url_for("purchases.preview", import_id=begun.id), 303)


@pages.get("/impor/<int:import_id>")
@requires("import_purchases")
def preview(import_id: int) -> Any:
    """Progress while it runs, then the preview or the outcome. htmx asks for the progress alone
    (`?bagian=kemajuan`)."""
    found = imports.find(import_id)
    if request.args.get("bagian") == "kemajuan":
        if found.state not in ("running", "undoing"):
            return "", 200, {"HX-Refresh": "true"}
        return render_template("purchases/_progress.html", found=found, progress=imports.progress(found))
    if found.state == "mapping":
        return redirect(url_for("purchase_imports.columns", import_id=import_id), 303)
    return _preview_page(found)


def _preview_page(found: PurchaseImport, problem: str | None = None, said: str = "") -> str:
    import_id = found.id
    level = request.args.get("level", "error")
    after = request.args.get("setelah", "0")
    counts = imports.line_counts(import_id)
    good = previews.lists_good(found)
    known = [each for each in ("error", "notice", "left_out") if counts.get(each)] + ["good"] * good
    if level not in known:
        level = known[0] if known else "error"
    lines = imports.lines(import_id, level=level, after=_whole(after) or 0, limit=LINES)
    upts = previews.own_upts() if found.state == "preview" and level == "error" else []
    undoable = undoing.may_be_undone(found)
    return render_template(
        "purchases/import.html",
        active="purchases",
        found=found,
        counts=counts,
        level=level,
        lines=lines,
        lists_good=good,
        good=previews.good_lines(found, after=_whole(after) or 0, limit=LINES) if level == "good" else None,
        upts=upts,
        strangers=previews.strangers(lines.lines, upts) if upts else [],
        undoable=undoable,
        later=undoing.changed_since(import_id) if undoable else ([], 0),
        progress=imports.progress(found),
        problem=problem,
        said=said,
        labels={**LABELS, "baris": _("Baris")},
        months=[(key, month_id(int(key[:4]), int(key[5:]))) for key in found.months],
        period=_one_period(found),
    )


@pages.post("/impor/<int:import_id>/terima")
@requires("import_purchases")
def accept(import_id: int) -> Any:
    """Import the good lines of the preview, or those that were ticked or written."""
    said = request.form.get("lines", "")
    try:
        lines: Literal["good"] | list[int] = "good"
        if request.form.get("which") == "chosen":
            ticked = [_whole(each) or 0 for each in request.form.getlist("line")]
            lines = [*imports.lines_said(said), *ticked]
        done = imports.accept(import_id, by=actor(), now=now(), lines=lines)
    except Invalid as refused:
        problem = str(refused.fields.get("lines", refused.message))
        return _preview_page(imports.find(import_id), problem, said), 422
    return redirect(url_for("purchases.preview", import_id=done.id), 303)


def _upload_page(problem: str | None = None) -> str:
    return render_template(
        "purchases/upload.html",
        active="purchases",
        latest=imports.latest(),
        layouts=layouts.every(),
        column_labels=LABELS,
        problem=problem,
        key=token_urlsafe(18),
    )


def _filters() -> Filters:
    upt = request.args.get("upt", "")
    return Filters(
        period=request.args.get("period", "").strip(),
        upt_id=_whole(upt),
        status=request.args.get("status", "").strip(),
        commodity=request.args.get("komoditas", "").strip(),
        buyer_kind=request.args.get("pembeli", "").strip(),
        q=" ".join(request.args.get("q", "").split())[:100],
        group=request.args.get("kelompok", "").strip()[:20],
        buyer=request.args.get("dibeli", "").strip()[:310],
    )


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _asked(filters: Filters) -> dict[str, str]:
    named = {
        "period": filters.period,
        "upt": filters.upt_id,
        "status": filters.status,
        "komoditas": filters.commodity,
        "pembeli": filters.buyer_kind,
        "q": filters.q,
        "kelompok": filters.group,
        "dibeli": filters.buyer,
    }
    return {name: str(value) for name, value in named.items() if value}


def _narrowed(filters: Filters) -> list[str]:
    """In words, what the list is narrowed to beside the fields of its form."""
    found = []
    if filters.group:
        found.append(_(GROUPS[filters.group]) if filters.group in GROUPS else _("Belum dikelompokkan"))
    if filters.buyer:
        found.append(_("dibeli %(buyer)s", buyer=queries.buyer_name(filters.buyer)))
    if filters.buyer_kind:
        kinds = {"upt": _("dibeli UPT"), "government": _("dibeli instansi pemerintah")}
        found.append(kinds.get(filters.buyer_kind, _("dibeli pihak lain")))
    return found


def _address(filters: Filters, **more: str | None) -> str:
    return url_for("purchases.index", **_asked(filters), **{k: v for k, v in more.items() if v})


def _periods(months: list[str]) -> list[tuple[str, str]]:
    """Months, quarters and years that have purchases, as choices."""
    quarters = dict.fromkeys(f"{month[:4]}-Q{(int(month[5:]) + 2) // 3}" for month in months)
    years = dict.fromkeys(month[:4] for month in months)
    named = [(month, month_id(int(month[:4]), int(month[5:]))) for month in months]
    named += [(key, _("Triwulan %(n)s %(year)s", n=key[-1], year=key[:4])) for key in quarters]
    return named + [(year, _("Tahun %(year)s", year=year)) for year in years]


def _one_period(found: PurchaseImport) -> str:
    """The shortest period that holds all months of an import, for the way on to its list."""
    months = list(found.months)
    if not months:
        return ""
    if len(months) == 1:
        return str(months[0])
    year = months[0][:4]
    quarters = {(int(month[5:]) + 2) // 3 for month in months}
    if {month[:4] for month in months} != {year}:
        return ""
    return f"{year}-Q{quarters.pop()}" if len(quarters) == 1 else year


def register(app: Flask, appbuilder: Any) -> None:
    app.register_blueprint(pages)
