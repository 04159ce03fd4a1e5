"""``/pembelian/catat``, ``/pembelian/<id>/koreksi`` and ``/pembelian/pembeli``: what officers write by hand."""

from __future__ import annotations

from secrets import token_urlsafe
from typing import Any

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from sales import buyers, entering, queries
from sales.models import Purchase
from sales.providers import nearest
from sales.versions import LABELS
from tenants.clock import now
from tenants.errors import Invalid, KaryaError
from webapp.access import actor, requires
from webapp.forms import whole
from webapp.shell import spoken

pages = Blueprint("purchase_entry", __name__, url_prefix="/pembelian")


@pages.get("/catat")
@requires("write_purchases")
def new() -> Any:
    return _form_page(None, {"status": "Selesai"}, {})


@pages.post("/catat")
@requires("write_purchases")
def enter() -> Any:
    """Write a purchase by hand; what is wrong is answered at its field."""
    typed = _typed()
    try:
        made = entering.enter(typed, by=actor(), now=now(), key=_key())
    except entering.AlreadyThere as there:
        return _form_page(None, typed, {"package_id": there.message}, there=there.detail["purchase_id"]), 409
    except Invalid as refused:
        return _form_page(None, typed, refused.fields), 422
    flash(_("Pembelian dicatat. Angka penjualan sudah diperbarui."), "success")
    return redirect(url_for("purchases.show", purchase_id=made.id), 303)


@pages.get("/<int:purchase_id>/koreksi")
@requires("write_purchases")
def edit(purchase_id: int) -> Any:
    found, _earlier = queries.purchase(purchase_id)
    return _form_page(found, _values(found), {})


@pages.post("/<int:purchase_id>/koreksi")
@requires("write_purchases")
def correct(purchase_id: int) -> Any:
    """Correct a purchase; what it said stays as its earlier version."""
    typed = _typed()
    version = whole(request.form.get("version")) or 0
    reason = request.form.get("reason", "")
    try:
        entering.correct(
            purchase_id, typed, version=version, reason=reason, by=actor(), now=now(), key=_key()
        )
    except KaryaError as refused:
        if refused.status not in (409, 422):
            raise
        found, _earlier = queries.purchase(purchase_id)
        typed |= {"reason": reason}
        problems = refused.fields or {"reason": refused.message}
        return _form_page(found, typed, problems, version=version), refused.status
    flash(_("Koreksi disimpan. Versi lamanya tetap terlihat di bawah."), "success")
    return redirect(url_for("purchases.show", purchase_id=purchase_id), 303)


@pages.get("/pembeli")
@requires("write_purchases")
def unsettled() -> Any:
    """Buyers whom nothing explains, the largest first."""
    return _buyers_page()


@pages.post("/pembeli")
@requires("write_purchases")
def settle() -> Any:
    """Say who a buyer is."""
    unit, institution = request.form.get("unit", ""), request.form.get("institution", "")
    kind, name = request.form.get("kind", ""), " ".join(request.form.get("upt", "").split())
    upt_id = None
    if kind == "upt":
        upt_id = next((upt for upt, called in buyers.upts() if called.casefold() == name.casefold()), 0)
    try:
        buyers.settle(unit, institution, kind, upt_id, by=actor(), now=now())
    except Invalid as refused:
        said = " ".join(spoken(text) for text in refused.fields.values()) or spoken(refused.message)
        return _buyers_page(unit=unit, institution=institution, kind=kind, name=name, problem=said), 422
    flash(_("%(buyer)s sudah dikenal. Angka pembeli diperbarui.", buyer=unit), "success")
    return redirect(url_for("purchase_entry.unsettled"), 303)


def _buyers_page(**refused: str) -> str:
    waiting, upts = buyers.unsettled(), buyers.upts()
    names = dict(upts)
    likely = [(one, names.get(nearest(one.unit, upts) or 0, "")) for one in waiting]
    return render_template(
        "purchases/buyers.html",
        active="purchases",
        waiting=likely,
        count=buyers.to_settle(),
        settled=buyers.settled(),
        upts=upts,
        names=names,
        kinds=_kinds(),
        refused=refused,
    )


def _kinds() -> list[tuple[str, str]]:
    return [
        ("upt", _("UPT pemasyarakatan")),
        ("government", _("Instansi pemerintah")),
        ("other", _("Lainnya (swasta, perorangan)")),
    ]


def _form_page(
    found: Purchase | None,
    values: dict[str, Any],
    problems: dict[str, Any],
    *,
    there: int | None = None,
    version: int | None = None,
) -> str:
    return render_template(
        "purchases/form.html",
        active="purchases",
        purchase=found,
        v=values,
        problems=problems,
        labels={name: _(label) for name, label in LABELS.items()} | {"reason": _("Alasan koreksi")},
        upts=entering.own_upts(),
        there=there,
        version=version if version is not None else (found.version if found else 0),
        key=token_urlsafe(18),
    )


def _typed() -> dict[str, Any]:
    return {name: request.form[name] for name in entering.FIELDS if name in request.form}


def _values(found: Purchase) -> dict[str, Any]:
    return {name: getattr(found, name) for name in entering.FIELDS}


def _key() -> str | None:
    return request.form.get("key", "")[:64] or None


def register(app: Flask, appbuilder: Any) -> None:
    app.register_blueprint(pages)
