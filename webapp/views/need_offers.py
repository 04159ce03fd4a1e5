"""``/kebutuhan/penawaran`` and ``/kebutuhan/masuk``: an offer as its maker has it, and the answer to one that came."""

from __future__ import annotations

from collections.abc import Mapping
from secrets import token_urlsafe
from typing import Any

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from catalogue.needs import agreeing, contacts, offering, queries
from catalogue.needs.errors import NeedInvalid
from catalogue.needs.terms import ACCEPTED, LIVE
from sales.supply import linking
from sales.supply import queries as supply
from tenants import clock
from webapp.access import actor, may, requires
from webapp.views.needs import need_page

blueprint = Blueprint("need_offers", __name__)


def register(app: Flask, appbuilder: Any) -> None:
    app.register_blueprint(blueprint)


@blueprint.get("/kebutuhan/penawaran/<int(max=2147483647):offer_id>")
@requires("read_needs")
def show(offer_id: int) -> Any:
    return _page(offer_id)


@blueprint.post("/kebutuhan/penawaran/<int(max=2147483647):offer_id>/tarik")
@requires("write_needs")
def take_back(offer_id: int) -> Any:
    offering.take_back(offer_id, by=actor(), now=clock.now(), key=request.form.get("key") or None)
    flash(_("Penawaran sedang ditarik; UPT itu diberi tahu."), "success")
    return redirect(url_for(".show", offer_id=offer_id), 303)


@blueprint.post("/kebutuhan/penawaran/<int(max=2147483647):offer_id>/kontak")
@requires("write_needs")
def share(offer_id: int) -> Any:
    """Agree to share one's contact, or take that back."""
    form = request.form
    try:
        if form.get("consent") == "no":
            contacts.take_back(offer_id=offer_id, by=actor(), now=clock.now())
            flash(_("Kontak Anda tidak lagi dibagikan."), "success")
        else:
            contacts.share(contact_in(form), offer_id=offer_id, by=actor(), now=clock.now())
            flash(_("Tercatat. Kontak terkirim begitu kedua pihak bersedia."), "success")
    except NeedInvalid as refused:
        return _page(offer_id, {"kontak": refused.fields}, form), 422
    return redirect(url_for(".show", offer_id=offer_id, _anchor="kontak"), 303)


@blueprint.post("/kebutuhan/penawaran/<int(max=2147483647):offer_id>/paket")
@requires("write_needs")
def package(offer_id: int) -> Any:
    """Name a package of the e-Katalog that fulfils the agreement, or take one away."""
    form, by, now = request.form, actor(), clock.now()
    try:
        if form.get("drop"):
            linking.drop_package(offer_id, form["drop"], by=by, now=now)
            flash(_("Paket dihapus dari kesepakatan ini."), "success")
        else:
            linking.name_package(offer_id, form.get("package_id", ""), by=by, now=now)
            flash(_("Paket dicatat."), "success")
    except NeedInvalid as refused:
        return _page(offer_id, {"paket": refused.fields}, form), 422
    return redirect(url_for(".show", offer_id=offer_id, _anchor="paket"), 303)


@blueprint.post("/kebutuhan/masuk/<int(max=2147483647):incoming_id>/terima")
@requires("write_needs")
def accept(incoming_id: int) -> Any:
    form = request.form
    need_id = agreeing.load(incoming_id).need_id
    try:
        done = agreeing.accept(
            incoming_id, form.get("quantity"), by=actor(), now=clock.now(), key=form.get("key") or None
        )
    except NeedInvalid as refused:
        return need_page(need_id, {f"terima-{incoming_id}": refused.fields}, form), 422
    flash(_("Disepakati dengan %(upt)s, yang kini diberi tahu.", upt=done.from_upt_name), "success")
    return redirect(url_for("needs.show", need_id=need_id, _anchor=f"masuk-{incoming_id}"), 303)


@blueprint.post("/kebutuhan/masuk/<int(max=2147483647):incoming_id>/tolak")
@requires("write_needs")
def decline(incoming_id: int) -> Any:
    return _answered(incoming_id, "tolak", agreeing.decline, _("Penawaran ditolak; penawarnya diberi tahu."))


@blueprint.post("/kebutuhan/masuk/<int(max=2147483647):incoming_id>/batalkan")
@requires("write_needs")
def cancel(incoming_id: int) -> Any:
    return _answered(
        incoming_id, "batalkan", agreeing.cancel, _("Kesepakatan dibatalkan; jumlahnya dicari lagi.")
    )


@blueprint.post("/kebutuhan/masuk/<int(max=2147483647):incoming_id>/kontak")
@requires("write_needs")
def share_as_buyer(incoming_id: int) -> Any:
    form, by, now = request.form, actor(), clock.now()
    need_id = agreeing.load(incoming_id).need_id
    try:
        if form.get("consent") == "no":
            contacts.take_back(incoming_id=incoming_id, by=by, now=now)
            flash(_("Kontak Anda tidak lagi dibagikan."), "success")
        else:
            contacts.share(contact_in(form), incoming_id=incoming_id, by=by, now=now)
            flash(_("Tercatat. Kontak terkirim begitu kedua pihak bersedia."), "success")
    except NeedInvalid as refused:
        return need_page(need_id, {f"kontak-{incoming_id}": refused.fields}, form), 422
    return redirect(url_for("needs.show", need_id=need_id, _anchor=f"masuk-{incoming_id}"), 303)


@blueprint.post("/kebutuhan/masuk/<int(max=2147483647):incoming_id>/paket")
@requires("write_needs")
def package_as_buyer(incoming_id: int) -> Any:
    form = request.form
    need_id = agreeing.load(incoming_id).need_id
    try:
        linking.name_as_buyer(incoming_id, form.get("package_id", ""), by=actor(), now=clock.now())
    except NeedInvalid as refused:
        return need_page(need_id, {f"paket-{incoming_id}": refused.fields}, form), 422
    flash(
        _("Nomor paket dikirim kepada penyedia; terpenuhi begitu pembeliannya tercatat selesai."), "success"
    )
    return redirect(url_for("needs.show", need_id=need_id, _anchor=f"masuk-{incoming_id}"), 303)


def contact_in(form: Mapping[str, str]) -> dict[str, str]:
    """The contact that a form holds."""
    return {name: form.get(name, "") for name in ("name", "phone", "email")}


def _answered(incoming_id: int, verb: str, act: Any, said: str) -> Any:
    """Decline or cancel with a reason."""
    form = request.form
    need_id = agreeing.load(incoming_id).need_id
    try:
        act(incoming_id, form.get("reason", ""), by=actor(), now=clock.now(), key=form.get("key") or None)
    except NeedInvalid as refused:
        return need_page(need_id, {f"{verb}-{incoming_id}": refused.fields}, form), 422
    flash(said, "success")
    return redirect(url_for("needs.show", need_id=need_id, _anchor=f"masuk-{incoming_id}"), 303)


def _page(
    offer_id: int, problems: Mapping[str, Mapping[str, Any]] = {}, typed: Mapping[str, str] = {}
) -> str:
    one = queries.offer_one(offer_id)
    own = may("write_needs")
    return render_template(
        "needs/offer.html",
        active="needs",
        one=one,
        own=own,
        live=one.state in LIVE,
        agreed=one.state == ACCEPTED,
        candidates=supply.candidates(one) if own else [],
        problems=problems,
        typed=typed,
        key=token_urlsafe(12),
    )
