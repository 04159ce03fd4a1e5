"""``/verifikasi``: anyone may ask whether a document is genuine. No session, no cookie; files are read, not kept."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Flask, current_app, redirect, render_template, request, url_for
from flask_babel import gettext as _

from recaps import verification
from recaps.errors import NoSuchDocument
from tenants import clock, limits
from tenants.words import instant_id
from webapp.shell import shown_day

blueprint = Blueprint("verification", __name__)
TRIES = 60
WITHIN = timedelta(minutes=10)


def register(app: Flask, appbuilder: Any) -> None:
    app.register_blueprint(blueprint)
    app.extensions["csrf"].exempt(
        blueprint
    )  # without a session there is nothing that a foreign page could ride on


@blueprint.get("/verifikasi")
def index() -> Any:
    code = request.args.get("kode", "").strip()
    if code:
        return redirect(
            url_for("verification.by_code", code=verification.tidy_code(code), **_language()), 303
        )
    return render_template("verification/index.html", found=None, missing=None)


@blueprint.post("/verifikasi")
def by_file() -> Any:
    data = uploaded()
    if not data:
        return render_template(
            "verification/index.html", found=None, missing=_("Pilih dulu berkas PDF yang diperiksa.")
        ), 422
    count_try()
    return _shown(verification.verify_file(data))


@blueprint.get("/verifikasi/<code>")
def by_code(code: str) -> Any:
    count_try()
    try:
        return _shown(verification.verify_code(code))
    except NoSuchDocument as error:
        return render_template(
            "verification/index.html", found=None, missing=error.message, code=code[:40]
        ), 404


def uploaded() -> bytes:
    """The uploaded file's bytes; empty where none came."""
    file = request.files.get("file")
    return file.read(verification.LARGEST + 1) if file is not None else b""


def count_try() -> None:
    """Count one verification of this address.

    Raises:
        TooMany: more than `TRIES` within `WITHIN`.
    """
    limits.hit(f"verify:{request.remote_addr}", limit=TRIES, within=WITHIN, now=clock.now())


def _language() -> dict[str, str]:
    return {"lang": "en"} if request.args.get("lang") == "en" else {}


def _shown(found: verification.Verification) -> Any:
    zone = ZoneInfo(found.record.timezone if found.record else "Asia/Jakarta")
    tone, face = {
        "sound": ("sound", "shield-check"),
        "altered": ("altered", "shield-x"),
        **dict.fromkeys(
            ("revoked", "certificate_revoked", "not_entitled", "mismatch"), ("altered", "shield-x")
        ),
    }.get(found.verdict, ("unknown", "shield-alert"))
    return render_template(
        "verification/index.html",
        found=found,
        missing=None,
        tone=tone,
        face=face,
        when=lambda at: instant_id(at, zone) if at else "–",
        day=lambda at: shown_day(at.astimezone(zone).date()),
        demo=current_app.extensions["karya"].demo,
    )
