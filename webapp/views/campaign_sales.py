"""``/program/kampanye/<id>/catat`` and ``…/penjualan``: a sale entered in seconds, looked at, corrected, taken back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import uuid4

from flask import Blueprint, Flask, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from sales.campaigns import planning, queries, selling
from sales.campaigns.errors import NoSuchSale
from sales.campaigns.models import STANDING, Campaign, CampaignSale
from tenants import clock, sheets
from tenants.errors import Invalid
from tenants.words import rupiah
from webapp.access import actor, may, requires
from webapp.forms import whole
from webapp.shell import shown_day, timezone_here
from webapp.views.campaigns import ONE, page

blueprint = Blueprint("campaign_sales", __name__)
SALE = f"{ONE}/penjualan/<int(max=2147483647):sale_id>"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def register(app: Flask, appbuilder: Any) -> None:
    app.register_blueprint(blueprint)


@blueprint.post(f"{ONE}/catat")
@requires("sell_in_campaigns")
def enter(campaign_id: int) -> Any:
    typed = request.form.to_dict()
    try:
        sale, _again = selling.enter(
            campaign_id,
            _values(typed),
            upt_id=whole(typed.get("upt_id")),
            by=actor(),
            now=clock.now(),
            key=typed.get("key"),
        )
    except Invalid as error:
        return page(campaign_id, sale=typed, sale_problems=error.fields), 422
    flash(
        _("Tercatat: %(what)s, %(value)s.", what=sale.product_name, value=rupiah(sale.value_rupiah)),
        "success",
    )
    return redirect(url_for("campaigns.show", campaign_id=campaign_id), 303)


@blueprint.get(SALE)
@requires("read_campaign_sales")
def show(campaign_id: int, sale_id: int) -> Any:
    """One sale with its history; who enters sales corrects it here as long as the campaign counts."""
    sale = _sale(campaign_id, sale_id)
    typed = {name: getattr(sale, name) for name in (*selling.FIELDS, "version")}
    return _form(sale, typed | {"sold_on": sale.sold_on.isoformat()})


@blueprint.post(SALE)
@requires("sell_in_campaigns")
def correct(campaign_id: int, sale_id: int) -> Any:
    sale, typed = _sale(campaign_id, sale_id), request.form.to_dict()
    try:
        selling.correct(
            sale_id,
            _values(typed),
            reason=typed.get("reason", ""),
            version=whole(typed.get("version")),
            by=actor(),
            now=clock.now(),
            key=typed.get("key"),
        )
    except Invalid as error:
        return _form(sale, typed, error), 422
    flash(_("Koreksi disimpan."), "success")
    return redirect(url_for(".show", campaign_id=campaign_id, sale_id=sale_id), 303)


@blueprint.post(f"{SALE}/tarik")
@requires("sell_in_campaigns")
def strike(campaign_id: int, sale_id: int) -> Any:
    sale, typed = _sale(campaign_id, sale_id), request.form.to_dict()
    try:
        selling.strike(
            sale_id,
            reason=typed.get("reason", ""),
            version=whole(typed.get("version")),
            by=actor(),
            now=clock.now(),
            key=typed.get("key"),
        )
    except Invalid as error:
        kept = {name: getattr(sale, name) for name in (*selling.FIELDS, "version")}
        kept["sold_on"] = sale.sold_on.isoformat()
        return _form(sale, kept, struck=error, typed_reason=typed.get("reason", "")), 422
    flash(_("Catatan ditarik; tidak dihitung lagi."), "success")
    return redirect(url_for("campaigns.show", campaign_id=campaign_id), 303)


@blueprint.get(f"{ONE}/ekspor.<kind>")
@requires("read_campaign_sales")
def export(campaign_id: int, kind: str) -> Any:
    """The scope's sales of a campaign, as XLSX or CSV."""
    row = queries.find(campaign_id, by=actor())
    header = [
        *(_("UPT"), _("Hari"), _("Barang"), _("Jumlah"), _("Rupiah"), _("Nomor paket")),
        *(_("Keadaan"), _("Dicatat oleh")),
    ]
    states = {STANDING: _("dihitung"), "struck": _("ditarik")}
    rows = (
        [
            *(one.upt, one.sale.sold_on, one.sale.product_name, one.sale.quantity, one.sale.value_rupiah),
            *(one.sale.package_id or "", states[one.sale.state], one.sale.entered_by_name),
        ]
        for one in queries.every_sale(row.id)
    )
    headers = {
        "Content-Disposition": f'attachment; filename="kampanye-{row.slug}.{kind}"',
        "Cache-Control": "no-store",
    }
    if kind == "csv":
        text = "".join(sheets.as_csv(header, rows))
        return Response(text, content_type="text/csv; charset=utf-8", headers=headers)
    if kind == "xlsx":
        data = sheets.as_xlsx("Penjualan", header, rows, (30, 14, 44, 10, 18, 22, 12, 26))
        return Response(data, content_type=XLSX, headers=headers)
    raise Invalid(_("Pilih ekspor XLSX atau CSV."))


def _sale(campaign_id: int, sale_id: int) -> CampaignSale:
    queries.find(campaign_id, by=actor())
    sale = selling.load(sale_id)
    if sale.campaign_id != campaign_id:
        raise NoSuchSale()
    return sale


def _values(typed: Mapping[str, Any]) -> dict[str, Any]:
    return {name: typed[name] for name in selling.FIELDS if name in typed}


def _form(
    sale: CampaignSale,
    typed: Mapping[str, Any],
    error: Invalid | None = None,
    *,
    struck: Invalid | None = None,
    typed_reason: str = "",
) -> Any:
    by = actor()
    row = queries.find(sale.campaign_id, by=by)
    window = selling.window(row, clock.now().astimezone(timezone_here()).date())
    return render_template(
        "campaigns/sale.html",
        c=row,
        sale=sale,
        typed=typed,
        problems=error.fields if error else {},
        strike_problems=struck.fields if struck else {},
        typed_reason=typed_reason,
        window=window,
        writes=_writes(row, sale, window),
        product_choices=[(id_, name) for id_, name, _price in queries.products(sale.upt_id)],
        history=[(one, _told(one.changes)) for one in queries.history(sale.id)],
        key=str(uuid4()),
    )


def _writes(row: Campaign, sale: CampaignSale, window: selling.Window) -> bool:
    is_open = row.state == planning.ANNOUNCED and window.is_open
    return may("sell_in_campaigns") and is_open and sale.state == STANDING


def _told(changes: Mapping[str, list[Any]]) -> list[tuple[str, str, str]]:
    """What changed, as (label, before, after) in words."""
    labels = {
        "sold_on": _("Hari"),
        "product_name": _("Barang"),
        "quantity": _("Jumlah"),
        "value_rupiah": _("Rupiah"),
        "package_id": _("Nomor paket"),
        "state": _("Keadaan"),
    }

    def word(name: str, value: Any) -> str:
        if value is None:
            return ""
        if name == "sold_on":
            return shown_day(date.fromisoformat(value))
        if name == "value_rupiah":
            return rupiah(int(value))
        return _("ditarik") if value == "struck" else _("dihitung") if value == STANDING else str(value)

    return [
        (labels[name], word(name, was), word(name, now))
        for name, (was, now) in changes.items()
        if name in labels and was != now
    ]
