"""``/pengawasan``: what is to be inspected, an inspection with its product beside the checklist, and its findings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from secrets import token_urlsafe
from typing import Any

from flask import Blueprint, Flask, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from catalogue import queries as products
from catalogue.content import LABELS
from catalogue.oversight import findings, inspecting, planning, queries
from catalogue.oversight.errors import InspectionIncomplete
from catalogue.oversight.inspecting import GENERAL, Result
from catalogue.oversight.queries import KINDS, OUTCOMES, TABS, Filters, InspectionRow, InspectionView
from catalogue.terms import CATEGORIES
from tenants import sheets
from tenants.clock import now
from tenants.words import number_id
from webapp.access import actor, requires
from webapp.forms import day, whole
from webapp.shell import kanwil_here
from webapp.views.products import managed, own_page
from workflows.deadlines import due
from workflows.queries import BOUND

blueprint = Blueprint("inspections", __name__)
PREFIX = "checklist."
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
HEAD = (
    "nomor",
    "produk",
    "upt",
    "kategori",
    "jenis",
    "keadaan",
    "hasil",
    "pemeriksa",
    "dijadwalkan",
    "batas",
    "selesai",
)
WIDTHS = (8, 40, 30, 14, 14, 18, 18, 26, 12, 12, 12)
SUGGESTED_DAYS = 10
"""Working days that the form proposes for mending a finding."""
TONES = {"late": "bad", "today": "wait", "week": "", "later": "", "": ""}


def register(app: Flask, appbuilder: Any) -> None:
    app.register_blueprint(blueprint)


@blueprint.get("/pengawasan")
@requires("read_inspections")
def index() -> Any:
    """The inspections by what has to be done; filters stand in the address."""
    tab, filters, at = _asked(), _filters(), now()
    cursor = request.args.get("cursor", "")
    page = queries.inspections(tab, filters, cursor=cursor or None, now=at)
    return render_template(
        "inspections/index.html",
        active="inspections",
        page=page,
        tab=tab,
        tabs=TABS,
        counts=queries.counts(filters, at),
        bounded=bounded,
        filters=filters,
        units=products.units(),
        categories=CATEGORIES,
        kinds=KINDS,
        outcomes=OUTCOMES,
        tones=TONES,
        next_url=_address(tab, filters, cursor=page.next_cursor) if page.next_cursor else None,
        first_url=_address(tab, filters) if cursor else None,
    )


@blueprint.get("/pengawasan/ekspor.<kind>")
@requires("read_inspections")
def export(kind: str) -> Any:
    """What the filters leave, as XLSX or CSV."""
    tab, filters = _asked(), _filters()
    rows = _exported(queries.every(tab, filters, now=now()))
    headers = {
        "Content-Disposition": f'attachment; filename="pengawasan-{tab}.{"xlsx" if kind == "xlsx" else "csv"}"',
        "Cache-Control": "no-store",
    }
    if kind == "xlsx":
        return Response(sheets.as_xlsx("Pengawasan", HEAD, rows, WIDTHS), content_type=XLSX, headers=headers)
    text = "".join(sheets.as_csv(HEAD, rows))  # read whole, while the scope of the request stands
    return Response(text, content_type="text/csv; charset=utf-8", headers=headers)


@blueprint.get("/pengawasan/<int(max=2147483647):inspection_id>")
@requires("read_inspections")
def show(inspection_id: int) -> Any:
    return _page(inspection_id)


@blueprint.post("/pengawasan/produk/<int(max=2147483647):product_id>")
@requires("inspect_products")
def open_one(product_id: int) -> Any:
    """Inspect a product now, with the complaint that asks for it where there is one."""
    form = request.form
    complaint = {name: form.get(name, "") for name in ("source", "text")}
    if any(text.strip() for text in complaint.values()):
        complaint["received_on"] = form.get("received_on", "")
    try:
        made = planning.spot_check(
            product_id, complaint=complaint, by=actor(), now=now(), key=form.get("key") or None
        )
    except InspectionIncomplete as refused:
        return managed(product_id, {"periksa": refused.fields}, form), 422
    return redirect(url_for(".show", inspection_id=made.id), 303)


@blueprint.post("/pengawasan/<int(max=2147483647):inspection_id>")
@requires("inspect_products")
def post(inspection_id: int) -> Any:
    """Keep what was answered so far, or record the result: one form, the button says which."""
    form, by, at = request.form, actor(), now()
    try:
        if form.get("outcome", "save") == "save":
            inspecting.take_up(inspection_id, answers_in(form), by=by, now=at)
            flash(_("Pemeriksaan tersimpan; lanjutkan kapan saja."), "success")
        else:
            done = inspecting.conclude(
                inspection_id, result_in(form), by=by, now=at, key=form.get("key") or None
            )
            flash(_said(done.outcome or "", done.title), "success")
    except InspectionIncomplete as refused:
        return _page(inspection_id, form, refused.fields), 422
    # The dialogs post to an address with their own fragment, which a browser would carry over to the next page.
    return redirect(url_for(".show", inspection_id=inspection_id, _anchor="isi"), 303)


@blueprint.post("/pengawasan/temuan/<int(max=2147483647):finding_id>/selesai")
@requires("inspect_products")
def settle(finding_id: int) -> Any:
    """Tick a finding off."""
    done = findings.settle(finding_id, by=actor(), now=now())
    flash(_("Temuan dinyatakan selesai."), "success")
    return redirect(url_for(".show", inspection_id=done.inspection_id, _anchor="temuan"), 303)


@blueprint.post("/pengawasan/temuan/<int(max=2147483647):finding_id>/perpanjang")
@requires("inspect_products")
def extend(finding_id: int) -> Any:
    """Give a finding a later date."""
    form = request.form
    try:
        done = findings.extend(
            finding_id,
            day(form.get("until")),
            form.get("reason", ""),
            by=actor(),
            now=now(),
            key=form.get("key") or None,
        )
    except InspectionIncomplete as refused:
        own = queries.inspection_of(finding_id)
        return _page(own, form, {f"{name}-{finding_id}": text for name, text in refused.fields.items()}), 422
    flash(_("Batas perbaikan diperpanjang; UPT diberi tahu."), "success")
    return redirect(url_for(".show", inspection_id=done.inspection_id, _anchor="temuan"), 303)


@blueprint.post("/produk-saya/temuan/<int(max=2147483647):finding_id>")
@requires("answer_findings")
def answer(finding_id: int) -> Any:
    """The UPT answers a finding, on its product's page."""
    product_id = queries.product_of(finding_id)
    text = request.form.get("answer", "")
    try:
        findings.answer(finding_id, text, by=actor(), now=now(), key=request.form.get("key") or None)
    except InspectionIncomplete as refused:
        errors = {finding_id: (refused.fields["answer"], text)}
        return own_page(product_id, finding_errors=errors), 422
    flash(_("Jawaban terkirim kepada pemeriksa."), "success")
    return redirect(url_for("products.edit", product_id=product_id, _anchor="temuan"), 303)


def answers_in(form: Mapping[str, str]) -> dict[str, str]:
    """The answers to the checklist that a form holds."""
    return {name.removeprefix(PREFIX): text for name, text in form.items() if name.startswith(PREFIX)}


def result_in(form: MultiDict[str, str]) -> Result:
    """What the form says of the result. Suspending has a box of its own for the reason; empty findings are dropped."""
    outcome = form.get("outcome", "")
    return Result(
        outcome,
        answers_in(form),
        form.get("reason" if outcome == inspecting.SUSPEND else "comment", ""),
        day(form.get("correct_by")),
        [one for one in _rows(form) if one["text"].strip()],
    )


def bounded(count: int) -> str:
    """A count of a list, "500+" where it stopped."""
    return f"{number_id(BOUND)}+" if count >= BOUND else number_id(count)


def _said(outcome: str, title: str) -> str:
    return {
        "nothing": _("%(title)s diperiksa: tidak ada temuan.", title=title),
        "correct": _("Temuan pada %(title)s dicatat; UPT diberi tahu.", title=title),
    }.get(outcome, _("%(title)s ditangguhkan.", title=title))


def _page(
    inspection_id: int, form: MultiDict[str, str] | None = None, problems: Mapping[str, Any] = {}
) -> str:
    at, by = now(), actor()
    view = queries.inspection_view(inspection_id, now=at)
    calendar = view.calendar
    rows = _rows(form) if form is not None else []
    return render_template(
        "inspections/show.html",
        active="inspections",
        view=view,
        inspection=view.inspection,
        items=_items(view, form, problems),
        why_not=view.why_not(by),
        problems=problems,
        typed=form or {},
        rows=rows or [{"field": "", "text": ""}],
        fields=[(GENERAL, _("Umum")), *((key, _(label)) for key, label in LABELS.items())],
        content=_shown(view),
        suggested=due(at, SUGGESTED_DAYS, calendar.timezone, calendar.days_off)[1],
        key=token_urlsafe(12),
        kinds=KINDS,
        outcomes=OUTCOMES,
        tones=TONES,
    )


def _items(
    view: InspectionView, form: Mapping[str, str] | None, problems: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """The checklist with what was answered, what was typed, and what the revision says."""
    found = []
    for item in view.items():
        name = PREFIX + item.key
        kept = view.inspection.answers.get(item.key)
        value = (
            {True: "yes", False: "no", None: ""}.get(kept, kept)
            if not isinstance(kept, int | float) or (isinstance(kept, bool))
            else str(kept)
        )
        said = ", ".join(f"{_(label)}: {text}" for label, text in view.told(item))
        found.append(
            {
                "item": item,
                "name": name,
                "value": form.get(name, value) if form is not None else value,
                "note": said,
                "error": problems.get(name),
            }
        )
    return found


def _shown(view: InspectionView) -> dict[str, Any]:
    """The published revision for the public card, which names the UPT too."""
    kanwil = kanwil_here()
    public = {
        "upt_slug": view.product.slug,
        "upt_name": view.row.upt,
        "kanwil_name": kanwil and kanwil.short_name,
    }
    return {**view.revision.content, "public": public}


def _rows(form: MultiDict[str, str]) -> list[dict[str, str]]:
    pairs = zip(form.getlist("finding_field"), form.getlist("finding_text"), strict=False)
    return [{"field": name, "text": text} for name, text in pairs]


def _exported(rows: Iterator[InspectionRow]) -> Iterator[list[object]]:
    for row in rows:
        yield [
            *(row.id, row.title, row.upt, CATEGORIES.get(row.category or "", ""), KINDS[row.kind]),
            *(TABS[row.state].lower(), OUTCOMES.get(row.outcome or "", ""), row.inspector or ""),
            *(row.planned_on, row.due_on, row.closed_at.date() if row.closed_at else ""),
        ]


def _asked() -> str:
    tab = request.args.get("tab", "")
    return tab if tab in TABS else next(iter(TABS))


def _filters() -> Filters:
    category = request.args.get("kategori", "")
    return Filters(whole(request.args.get("upt")), category if category in CATEGORIES else None)


def _address(tab: str, filters: Filters, **more: Any) -> str:
    return url_for(".index", tab=tab, upt=filters.upt_id, kategori=filters.category, **more)
