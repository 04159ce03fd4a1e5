"""Many signatures in one act, ``/rekap/tandatangani`` and ``/rekap-masuk/terima``; who may give one,
``/rekap/sertifikat``."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, redirect, render_template, request, url_for

from recaps import batches, receiving, signing
from recaps.certificates import expiring
from recaps.errors import NotThisState
from recaps.signers.fitness import ends_soon
from tenants import clock
from tenants.errors import Invalid
from webapp.access import actor, requires
from webapp.forms import whole

blueprint = Blueprint("recap_rounds", __name__)


def register(app: Flask, appbuilder: Any) -> None:
    app.register_blueprint(blueprint)


@blueprint.get("/rekap/tandatangani")
@requires("sign_recaps")
def to_sign() -> Any:
    return _review()


@blueprint.post("/rekap/tandatangani")
@requires("sign_recaps")
def sign() -> Any:
    ids = _ids(request.form.getlist("recap"))
    try:
        signing.request_signatures(ids, by=actor(), now=clock.now(), pin=request.form.get("pin") or None)
    except (Invalid, NotThisState) as error:
        return _review(error, ids), error.status
    return redirect(url_for(".signed", recap=ids), 303)


@blueprint.get("/rekap/tandatangani/hasil")
@requires("sign_recaps")
def signed() -> Any:
    return _outcome()


@blueprint.get("/rekap-masuk/terima")
@requires("acknowledge_recaps")
def to_receive() -> Any:
    return _review()


@blueprint.post("/rekap-masuk/terima")
@requires("acknowledge_recaps")
def receive() -> Any:
    ids = _ids(request.form.getlist("recap"))
    try:
        receiving.request_acknowledgements(
            ids, by=actor(), now=clock.now(), pin=request.form.get("pin") or None
        )
    except (Invalid, NotThisState) as error:
        return _review(error, ids), error.status
    return redirect(url_for(".received", recap=ids), 303)


@blueprint.get("/rekap-masuk/terima/hasil")
@requires("acknowledge_recaps")
def received() -> Any:
    return _outcome()


@blueprint.get("/rekap/sertifikat")
@requires("read_recaps")
def certificates() -> Any:
    return render_template(
        "recaps/certificates.html",
        active="recaps",
        held=expiring.held_here(clock.now()),
        development=signing.signer().development,
    )


def _ids(texts: list[str]) -> list[int]:
    return [number for number in (whole(text) for text in texts[: batches.MOST + 1]) if number]


def _review(error: Invalid | NotThisState | None = None, ticked: list[int] | None = None) -> str:
    by, now = actor(), clock.now()
    national = by.tenant_id is None
    rows = batches.to_receive() if national else batches.to_sign(by)
    held = expiring.held_by(by, now) if national else None
    certificate = (held.certificate if held else None) if national else signing.certificate_of(by, now=now)
    fields = error.fields if error is not None else {}
    return render_template(
        "recaps/many/review.html",
        active="received" if national else "recaps",
        national=national,
        rows=rows,
        ticked=ticked,
        needs_pin=signing.signer().needs_pin,
        certificate=certificate,
        ends_soon=certificate is not None and ends_soon(certificate.valid_until, now),
        problems=fields,
        problem=(fields.get("recaps") or (None if fields else error.message)) if error is not None else None,
    )


def _outcome() -> Any:
    by = actor()
    ids = _ids(request.args.getlist("recap"))
    found = batches.outcomes(ids, by=by)
    working = sum(one.state == batches.WORKING for one in found)
    if request.args.get("bagian") == "kemajuan" and not working:
        return "", 200, {"HX-Refresh": "true"}
    part = request.args.get("bagian") == "kemajuan"
    return render_template(
        "recaps/many/_progress.html" if part else "recaps/many/outcome.html",
        active="received" if by.tenant_id is None else "recaps",
        national=by.tenant_id is None,
        outcomes=found,
        working=working,
        total=len(found),
        needs_pin=signing.signer().needs_pin,
        round_url=url_for(request.endpoint or "", recap=ids),
    )
