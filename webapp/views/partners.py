"""``/mitra``: the register of partners with their agreements, for who keeps it and for the UPT that work with them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

from flask import Blueprint, Flask, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from catalogue.partners import keeping, queries
from catalogue.partners.keeping import KINDS
from catalogue.partners.queries import STATES, Filters
from catalogue.trainings import queries as trainings
from tenants import clock, files, sheets
from tenants.errors import Invalid, NotFound
from webapp.access import actor, requires
from webapp.attachments import download, uploaded
from webapp.forms import day, whole
from workflows.talk.checking import KINDS as FILES

blueprint = Blueprint("partners", __name__)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PARTNER = "/mitra/<int(max=2147483647):partner_id>"
AGREEMENT = "/mitra/perjanjian/<int(max=2147483647):agreement_id>"
TONES = {"current": "ok", "ending": "wait", "ended": "bad", "none": ""}
WIDTHS = (40, 26, 26, 18, 28, 30, 12, 12, 12, 60, 18)


def register(app: Flask, appbuilder: Any) -> None:
    app.register_blueprint(blueprint)


@blueprint.get("/mitra")
@requires("read_partners")
def index() -> Any:
    """The register, narrowed as the address says."""
    filters, today = _filters(), keeping.today_here(clock.now())
    after = whole(request.args.get("setelah"))
    page = queries.partners(filters, today=today, after=after)
    kept = {name: value for name, value in request.args.items() if value and name != "setelah"}
    return render_template(
        "partners/index.html",
        page=page,
        filters=filters,
        states=STATES,
        kinds=KINDS,
        tones=TONES,
        counts=queries.counts(today),
        kept=kept,
        next_url=url_for(".index", **{**kept, "setelah": page.next_cursor}) if page.next_cursor else None,
        first_url=url_for(".index", **kept) if after else None,
    )


@blueprint.get("/mitra/ekspor.<kind>")
@requires("read_partners")
def export(kind: str) -> Any:
    """What the filters leave, a line an agreement, as XLSX or CSV."""
    header = (
        *(_("Mitra"), _("Jenis"), _("Narahubung"), _("Telepon"), _("Surel"), _("Nomor perjanjian")),
        *(_("Mulai"), _("Sampai"), _("Diakhiri"), _("Ruang lingkup"), _("Keadaan")),
    )
    rows = _exported()
    headers = {"Content-Disposition": f'attachment; filename="mitra.{kind}"', "Cache-Control": "no-store"}
    if kind == "csv":
        text = "".join(sheets.as_csv(header, rows))
        return Response(text, content_type="text/csv; charset=utf-8", headers=headers)
    if kind == "xlsx":
        return Response(sheets.as_xlsx("Mitra", header, rows, WIDTHS), content_type=XLSX, headers=headers)
    raise Invalid(_("Pilih ekspor XLSX atau CSV."))


@blueprint.get("/mitra/baru")
@requires("manage_partners")
def new() -> Any:
    return _form({})


@blueprint.post("/mitra/baru")
@requires("manage_partners")
def add() -> Any:
    typed = request.form.to_dict()
    try:
        made, _again = keeping.add(_of_form(typed), by=actor(), now=clock.now(), key=typed.get("key"))
    except Invalid as error:
        return _form(typed, error), 422
    flash(_("Mitra dicatat. Tambahkan perjanjiannya."), "success")
    return redirect(url_for(".show", partner_id=made.id), 303)


@blueprint.get(PARTNER)
@requires("read_partners")
def show(partner_id: int) -> Any:
    """One partner: its agreements, and what was done together."""
    return _page(partner_id)


@blueprint.post(PARTNER)
@requires("manage_partners")
def change(partner_id: int) -> Any:
    typed = request.form.to_dict()
    given = {**_of_form(typed), "active": "yes" if typed.get("active") == "yes" else "no"}
    try:
        version = whole(typed.get("version"))
        keeping.change(partner_id, given, by=actor(), now=clock.now(), version=version)
    except Invalid as error:
        return _page(partner_id, changing={**typed, "active": given["active"]}, error=error), 422
    flash(_("Perubahan disimpan."), "success")
    return redirect(url_for(".show", partner_id=partner_id), 303)


@blueprint.post(f"{PARTNER}/perjanjian")
@requires("manage_partners")
def agree(partner_id: int) -> Any:
    typed = request.form.to_dict()
    keeping.load(partner_id)
    try:
        given = uploaded("file", most=1)
        keeping.record_agreement(
            partner_id,
            {name: typed.get(name, "") for name in ("number", "scope", "from_on", "until_on")},
            file=given[0] if given else None,
            by=actor(),
            now=clock.now(),
            key=typed.get("key"),
        )
    except Invalid as error:
        return _page(partner_id, agreeing=typed, error=error), 422
    flash(
        _("Perjanjian dicatat. Sebelum berakhir, Anda diingatkan 90, 30, dan 7 hari sebelumnya."), "success"
    )
    return redirect(url_for(".show", partner_id=partner_id), 303)


@blueprint.post(f"{AGREEMENT}/akhiri")
@requires("manage_partners")
def end(agreement_id: int) -> Any:
    typed = request.form.to_dict()
    partner_id = keeping.agreement(agreement_id).partner_id
    try:
        keeping.end_agreement(
            agreement_id,
            on=day(typed.get("ended_on")),
            why=typed.get("ended_why", ""),
            by=actor(),
            now=clock.now(),
        )
    except Invalid as error:
        return _page(partner_id, ending={**typed, "id": agreement_id}, error=error), 422
    flash(_("Perjanjian diakhiri."), "success")
    return redirect(url_for(".show", partner_id=partner_id), 303)


@blueprint.get(f"{AGREEMENT}/berkas")
@requires("read_partners")
def paper(agreement_id: int) -> Response:
    """The signed paper, as a download."""
    row = keeping.agreement(agreement_id)
    if row.file_sha256 is None:
        raise NotFound(_("Berkas perjanjian ini tidak ada."))
    return download(files.get(row.file_sha256), row, FILES[row.file_kind or "pdf"])


def _filters() -> Filters:
    state, kind = request.args.get("keadaan", ""), request.args.get("jenis", "")
    return Filters(
        state=state if state in STATES else None,
        kind=kind if kind in KINDS else None,
        q=" ".join(request.args.get("q", "").split())[:100],
    )


def _exported() -> Iterator[list[Any]]:
    found = queries.every(_filters(), today=keeping.today_here(clock.now()))
    for row, agreement in found:
        partner = row.partner
        about = [partner.name, _(row.kind_words), partner.contact, partner.phone, partner.email]
        if agreement is None:
            yield [*about, "", None, None, None, "", _(row.state_words)]
        else:
            days = [agreement.from_on, agreement.until_on, agreement.ended_on]
            yield [*about, agreement.number, *days, agreement.scope, _(row.state_words)]


def _of_form(typed: dict[str, str]) -> dict[str, str]:
    return {name: typed.get(name, "") for name in ("name", "kind", "contact", "phone", "email", "note")}


def _form(typed: dict[str, Any], error: Invalid | None = None) -> Any:
    return render_template(
        "partners/new.html",
        typed=typed,
        problems=error.fields if error else {},
        kinds=_kinds(),
        key=typed.get("key") or str(uuid4()),
    )


def _page(
    partner_id: int,
    *,
    changing: dict[str, Any] | None = None,
    agreeing: dict[str, Any] | None = None,
    ending: dict[str, Any] | None = None,
    error: Invalid | None = None,
) -> Any:
    partner = keeping.load(partner_id)
    today = keeping.today_here(clock.now())
    names = ("name", "kind", "contact", "phone", "email", "note", "version")
    return render_template(
        "partners/show.html",
        partner=partner,
        state=queries.state_of(partner, today),
        states=STATES,
        tones=TONES,
        kind=KINDS[partner.kind],
        kinds=_kinds(),
        today=today,
        agreements=queries.agreements_of(partner_id),
        trainings=trainings.with_partner(partner_id),
        typed=changing or {name: getattr(partner, name) for name in names},
        changing=changing is not None,
        agreeing=agreeing or {},
        ending=ending or {},
        problems=(error.fields or {"file": error.message}) if error else {},
        key=(agreeing or {}).get("key") or str(uuid4()),
    )


def _kinds() -> list[tuple[str, str]]:
    return [(key, _(label)) for key, label in KINDS.items()]
