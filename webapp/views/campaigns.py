"""``/program/kampanye``: campaigns as officers plan them, take part in them, close them and sign what is printed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import uuid4

from flask import Blueprint, Flask, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from recaps import signing
from recaps.campaigns import issuing, national
from recaps.campaigns.models import CERTIFICATE, REPORT
from sales.campaigns import board, closing, joining, planning, queries, selling, terms
from sales.campaigns.models import CLOSED, DRAFT, Campaign
from tenants import clock
from tenants.database import public
from tenants.errors import Invalid
from tenants.officers import UPT_ROLES
from webapp.access import actor, may, requires
from webapp.api.recaps import pdf_response
from webapp.forms import whole
from webapp.shell import spoken, timezone_here

blueprint = Blueprint("campaigns", __name__)
ROOT = "/program/kampanye"
ONE = f"{ROOT}/<int(max=2147483647):campaign_id>"
TERMS = planning.FIELDS


def register(app: Flask, appbuilder: Any) -> None:
    app.register_blueprint(blueprint)


@blueprint.get(ROOT)
@requires("read_campaigns")
def index() -> Any:
    """The officer's campaigns with what his Kanwil or UPT reached in each; the centre's with what all did."""
    by, after = actor(), _after(request.args.get("setelah", ""))
    rows, following = queries.listed(by=by, after=after)
    own = by.tenant_id is not None
    sums = (
        _reached(rows)
        if not own
        else {k: s.value_rupiah for k, s in queries.totals(r.id for r in rows).items()}
    )
    return render_template(
        "campaigns/index.html",
        rows=rows,
        sums=sums,
        phase_of={row.id: _phase(row) for row in rows},
        phases=_phases(),
        next_url=url_for(".index", setelah=f"{following[0]}.{following[1]}") if following else None,
        first_url=url_for(".index") if after else None,
        sells=by.upt_id is not None and by.has(*UPT_ROLES),
    )


@blueprint.get(f"{ROOT}/baru")
@requires("plan_campaigns")
def new() -> Any:
    return _form(None, {"late_days": planning.USUAL_LATE, "counts_purchases": "ya"})


@blueprint.post(f"{ROOT}/baru")
@requires("plan_campaigns")
def begin() -> Any:
    typed = request.form.to_dict()
    try:
        row = planning.begin(_terms(typed), by=actor(), now=clock.now(), key=typed.get("key"))
    except Invalid as error:
        return _form(None, typed, error), 422
    flash(_("Konsep kampanye disimpan. Periksa, lalu umumkan."), "success")
    return redirect(url_for(".show", campaign_id=row.id), 303)


@blueprint.get(f"{ONE}/ubah")
@requires("plan_campaigns")
def edit(campaign_id: int) -> Any:
    row = _own(campaign_id)
    kept = {name: getattr(row, name) for name in (*TERMS, "version")}
    kept |= {name: kept[name].isoformat() for name in ("starts_on", "ends_on")}
    return _form(row, kept | {"counts_purchases": "ya" if row.counts_purchases else ""})


@blueprint.post(f"{ONE}/ubah")
@requires("plan_campaigns")
def change(campaign_id: int) -> Any:
    row, typed = _own(campaign_id), request.form.to_dict()
    values = _terms(typed)
    if row.state != DRAFT:  # the form shows the others as text
        values = {name: values[name] for name in planning.AFTERWARDS if name in values}
    try:
        planning.change(
            campaign_id,
            values,
            version=whole(typed.get("version")),
            by=actor(),
            now=clock.now(),
            key=typed.get("key"),
        )
    except Invalid as error:
        return _form(row, typed, error), 422
    flash(_("Perubahan disimpan."), "success")
    return redirect(url_for(".show", campaign_id=campaign_id), 303)


@blueprint.post(f"{ONE}/umumkan")
@requires("plan_campaigns")
def announce(campaign_id: int) -> Any:
    try:
        row = planning.announce(campaign_id, by=actor(), now=clock.now(), key=request.form.get("key"))
    except Invalid as error:
        flash(spoken(next(iter(error.fields.values()), error.message)), "error")
    else:
        board.forget()
        flash(_("Diumumkan. Halaman publiknya: /kampanye/%(slug)s", slug=row.slug), "success")
    return redirect(url_for(".show", campaign_id=campaign_id), 303)


@blueprint.post(f"{ONE}/tarik")
@requires("plan_campaigns")
def retract(campaign_id: int) -> Any:
    planning.retract(campaign_id, by=actor(), now=clock.now(), key=request.form.get("key"))
    board.forget()
    flash(_("Pengumuman ditarik; kampanye ini kembali menjadi konsep."), "success")
    return redirect(url_for(".show", campaign_id=campaign_id), 303)


@blueprint.post(f"{ONE}/tutup")
@requires("plan_campaigns")
def close(campaign_id: int) -> Any:
    closing.close(campaign_id, by=actor(), now=clock.now(), key=request.form.get("key"))
    board.forget()
    flash(_("Kampanye ditutup dan angkanya dibekukan. Laporan dan piagam kini dapat diterbitkan."), "success")
    return redirect(url_for(".show", campaign_id=campaign_id), 303)


@blueprint.get(ONE)
@requires("read_campaigns")
def show(campaign_id: int) -> Any:
    return page(campaign_id)


@blueprint.post(f"{ONE}/undang")
@requires("invite_units")
def invite(campaign_id: int) -> Any:
    chosen = [number for text in request.form.getlist("upt_id") for number in [whole(text)] if number]
    try:
        count = joining.invite(campaign_id, chosen, by=actor(), now=clock.now(), key=request.form.get("key"))
    except Invalid as error:
        flash(spoken(next(iter(error.fields.values()), error.message)), "error")
    else:
        flash(_("%(n)s UPT diundang.", n=count), "success")
    return redirect(url_for(".show", campaign_id=campaign_id) + "#upt", 303)


@blueprint.post(f"{ONE}/ikut")
@requires("sell_in_campaigns")
def join(campaign_id: int) -> Any:
    typed = request.form.to_dict()
    names = ("pledge_rupiah", "pledge_text", "show_on")
    try:
        joining.join(
            campaign_id,
            {name: typed[name] for name in names if name in typed},
            upt_id=whole(typed.get("upt_id")),
            by=actor(),
            now=clock.now(),
            key=typed.get("key"),
        )
    except Invalid as error:
        return page(campaign_id, pledge=typed, pledge_problems=error.fields), 422
    flash(_("UPT Anda ikut serta. Ikrarnya tersimpan."), "success")
    return redirect(url_for(".show", campaign_id=campaign_id), 303)


@blueprint.post(f"{ONE}/tidak-ikut")
@requires("sell_in_campaigns")
def decline(campaign_id: int) -> Any:
    form = request.form
    joining.decline(
        campaign_id, upt_id=whole(form.get("upt_id")), by=actor(), now=clock.now(), key=form.get("key")
    )
    flash(_("Dicatat: tidak ikut serta."), "success")
    return redirect(url_for(".show", campaign_id=campaign_id), 303)


# --- papers ---


@blueprint.post(f"{ONE}/laporan")
@requires("sign_campaigns")
def report(campaign_id: int) -> Any:
    form = request.form
    return _signing(
        campaign_id,
        lambda: issuing.issue_report(
            campaign_id, by=actor(), now=clock.now(), pin=form.get("pin") or None, key=form.get("key")
        ),
    )


@blueprint.post(f"{ONE}/piagam")
@requires("sign_campaigns")
def certificates(campaign_id: int) -> Any:
    form = request.form
    return _signing(
        campaign_id,
        lambda: issuing.issue_certificates(
            campaign_id, by=actor(), now=clock.now(), pin=form.get("pin") or None, key=form.get("key")
        ),
    )


@blueprint.post(f"{ONE}/laporan-nasional")
@requires("sign_national_campaigns")
def national_report(campaign_id: int) -> Any:
    form = request.form
    return _signing(
        campaign_id,
        lambda: national.issue(
            campaign_id, by=actor(), now=clock.now(), pin=form.get("pin") or None, key=form.get("key")
        ),
    )


@blueprint.get(f"{ONE}/dokumen")
@requires("read_campaigns")
def papers(campaign_id: int) -> Any:
    """What htmx asks while papers are being signed: the same part again."""
    row = queries.find(campaign_id, by=actor())
    return render_template("campaigns/_papers.html", c=row, **_papers(row))


@blueprint.get(f"{ONE}/dokumen/<int(max=2147483647):paper_id>/pdf")
@requires("read_campaign_sales")
def paper(campaign_id: int, paper_id: int) -> Response:
    queries.find(campaign_id, by=actor())
    row, data = issuing.pdf(campaign_id, paper_id)
    return pdf_response(data, issuing.file_name(row), download="unduh" in request.args)


@blueprint.get(f"{ONE}/laporan-nasional/pdf")
@requires("read_campaigns")
def national_paper(campaign_id: int) -> Response:
    queries.find(campaign_id, by=actor())
    row, data = national.pdf(campaign_id)
    return pdf_response(data, issuing.file_name(row), download="unduh" in request.args)


# --- showing ---


def page(
    campaign_id: int,
    *,
    sale: Mapping[str, Any] | None = None,
    sale_problems: Mapping[str, Any] | None = None,
    pledge: Mapping[str, Any] | None = None,
    pledge_problems: Mapping[str, Any] | None = None,
) -> Any:
    """A campaign as the officer's role has it; what was typed and refused stays."""
    by = actor()
    row = queries.find(campaign_id, by=by)
    today = clock.now().astimezone(timezone_here()).date()
    shown: dict[str, Any] = {
        "c": row,
        "phase": _phase(row),
        "phases": _phases(),
        "manages": may("plan_campaigns") and planning.may_manage(row, by),
        "may_close": planning.may_close(row, clock.now(), _zone(row)),
        "may_retract": row.state == planning.ANNOUNCED and today < row.starts_on,
        "key": str(uuid4()),
        **_papers(row),
    }
    if by.tenant_id is None:
        found = board.board(row.slug, clock.now()) if row.state != DRAFT else None
        return render_template(
            "campaigns/show_centre.html", b=found, history=queries.changes(row.id), **shown
        )
    window = selling.window(row, today)
    rows, following = queries.sales(row.id, after=whole(request.args.get("setelah")))
    shown |= {
        "window": window,
        "open": row.state == planning.ANNOUNCED and window.is_open,
        "rows": rows,
        "next_url": url_for("campaigns.show", campaign_id=row.id, setelah=following) + "#penjualan"
        if following
        else None,
        "first_url": url_for("campaigns.show", campaign_id=row.id) if request.args.get("setelah") else None,
        "typed": sale or {},
        "problems": sale_problems or {},
        "pledge": pledge,
        "pledge_problems": pledge_problems or {},
        "days": queries.by_day(row.id),
        "today": today,
    }
    if by.upt_id is not None:
        return render_template(
            "campaigns/show_unit.html",
            unit=queries.unit(row.id, by.upt_id),
            products=queries.products(by.upt_id),
            sells=may("sell_in_campaigns"),
            **shown,
        )
    units = queries.units(row.id)
    return render_template(
        "campaigns/show_kanwil.html",
        units=units,
        unit_states={key: _(word) for key, word in terms.UNIT_STATES.items()},
        sell_units=sorted(((one.upt_id, one.name) for one in units), key=lambda one: one[1]),
        products=[],
        of_kanwil=True,
        history=queries.changes(row.id) if row.kanwil_id is not None else [],
        **shown,
    )


def _papers(row: Campaign) -> dict[str, Any]:
    """The papers of a campaign that the officer may see, and which he may have signed."""
    by = actor()
    if row.state != CLOSED:
        return {"papers": [], "national": None, "working": False, "is_closed": False}
    found = issuing.papers(row.id) if by.tenant_id is not None else []
    country = national.of_campaign(row.id) if row.kanwil_id is None else None
    signs = by.tenant_id is not None and may("sign_campaigns")
    report = next((one for one in found if one.kind == REPORT), None)
    return {
        "papers": found,
        "national": country,
        "working": any(one.is_working for one in (*found, *([country] if country else []))),
        "is_closed": True,
        "report": report,
        "certificates": [one for one in found if one.kind == CERTIFICATE],
        "upt_names": {one.upt_id: one.name for one in queries.units(row.id)} if found else {},
        "may_report": signs and (report is None or (report.issued_at is None and not report.is_working)),
        "may_certify": signs,
        "may_report_nationally": may("sign_national_campaigns")
        and row.kanwil_id is None
        and (country is None or (country.issued_at is None and not country.is_working)),
        "needs_pin": signing.signer().needs_pin,
        "paper_key": str(uuid4()),
    }


def _signing(campaign_id: int, ask: Any) -> Any:
    try:
        ask()
    except Invalid as error:
        flash(spoken(next(iter(error.fields.values()), error.message)), "error")
    else:
        flash(_("Sedang ditandatangani."), "info")
    return redirect(url_for(".show", campaign_id=campaign_id) + "#dokumen", 303)


def _own(campaign_id: int) -> Campaign:
    row = queries.find(campaign_id, by=actor())
    if not planning.may_manage(row, actor()):
        raise planning.NotYourCampaign()
    return row


def _terms(typed: Mapping[str, Any]) -> dict[str, Any]:
    """What the form says; an empty tick box says no."""
    return {name: typed[name] for name in TERMS if name in typed} | {
        "counts_purchases": typed.get("counts_purchases", "")
    }


def _form(row: Campaign | None, typed: Mapping[str, Any], error: Invalid | None = None) -> Any:
    return render_template(
        "campaigns/form.html",
        c=row,
        typed=typed,
        problems=error.fields if error else {},
        key=typed.get("key") or str(uuid4()),
        most_late=planning.MOST_LATE,
        national=actor().tenant_id is None,
    )


def _phase(row: Campaign) -> str:
    """Where a campaign stands on the officer's clock; of a national one the centre sees the country's."""
    if actor().tenant_id is None:
        return terms.national_phase(row, clock.now())
    return terms.phase(row, clock.now().astimezone(timezone_here()).date())


def _phases() -> dict[str, str]:
    return {key: _(word) for key, word in terms.PHASES.items()}


def _zone(row: Campaign) -> str:
    return terms.LAST_CLOCK if row.kanwil_id is None else timezone_here().key


def _reached(rows: list[Campaign]) -> dict[int, int]:
    """What the country reached in each campaign, from the public copies."""
    with public() as session:
        return board.reached(session, [row.id for row in rows])


def _after(text: str) -> tuple[date, int] | None:
    day, _dot, number = text.partition(".")
    try:
        return (date.fromisoformat(day), int(number)) if whole(number) else None
    except ValueError:
        return None
