"""``/pengaturan``: the Kanwil's letterhead and emblem, its UPT, its targets and PNBP rule."""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, Flask, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from sales import figures
from sales import settings as sales_settings
from tenants import files, settings
from tenants.clock import now
from tenants.errors import Invalid, KaryaError, NotFound, TooLarge, Unsupported
from tenants.register import read_reference, upt_here, upts_here
from webapp.access import actor, requires
from webapp.forms import whole
from webapp.shell import kanwil_here, timezone_here
from workflows import administration

blueprint = Blueprint("settings", __name__)
LETTER_FIELDS = ("classification", "enclosures", "subject_pattern")
FIELDS = (
    *("address", "phone", "email", "number_pattern", "price_band", "inspection_months", "copies"),
    *("person_years", "auto_draft", "auto_draft_longer"),
    *LETTER_FIELDS,
)
MAY_BE_MISSING = ("inspection_months", "person_years", "auto_draft", "auto_draft_longer", *LETTER_FIELDS)
UPT_FIELDS = ("name", "type", "unit_class", "city", "code")
UPT_TYPES = tuple(sorted({row["type"] for row in read_reference("upt.csv")}))


def register(app: Flask, appbuilder: Any) -> None:
    app.register_blueprint(blueprint)


@blueprint.get("/pengaturan")
@requires("manage_settings")
def index() -> Any:
    """The letterhead as it is."""
    row = settings.own()
    values = _kept(row)
    return _letterhead(values, {})


@blueprint.post("/pengaturan")
@requires("manage_settings")
def save() -> Any:
    """Save it."""
    values = {
        key: request.form.get(key, "") for key in FIELDS if key not in MAY_BE_MISSING or key in request.form
    }
    if "auto_draft_longer" in values:
        values["auto_draft_longer"] = "".join(request.form.getlist("auto_draft_longer"))
    try:
        _row, changed = administration.save_settings(values, by=actor(), now=now())
    except Invalid as error:
        return _letterhead(values, error.fields), 422
    flash(_("Pengaturan disimpan.") if changed else _("Tidak ada yang berubah."), "success")
    return redirect(url_for(".index"), 303)


@blueprint.get("/pengaturan/nomor")
@requires("manage_settings")
def number() -> Any:
    """What a number pattern makes, for the preview beside the field."""
    return _number(request.args.get("number_pattern", ""))


@blueprint.get("/pengaturan/lambang.png")
@requires("manage_settings")
def emblem() -> Any:
    """The emblem as it will be printed."""
    digest = settings.own().emblem_sha256
    if digest is None:
        raise NotFound()
    return Response(
        files.get(digest), content_type="image/png", headers={"Cache-Control": "private, no-store"}
    )


@blueprint.post("/pengaturan/lambang")
@requires("manage_settings")
def set_emblem() -> Any:
    """Upload an emblem, or take it away."""
    remove = request.form.get("remove") == "1"
    upload = request.files.get("emblem")
    data = None if remove else (upload.read() if upload else b"")
    try:
        if data == b"":
            raise Unsupported(_("Pilih berkas PNG atau JPEG dahulu."))
        administration.set_emblem(data, by=actor(), now=now())
    except (Unsupported, TooLarge) as error:
        row = settings.own()
        values = _kept(row)
        return _letterhead(values, {"emblem": error.message}), 422
    flash(_("Lambang dihapus.") if remove else _("Lambang disimpan; surat berikutnya memakainya."), "success")
    return redirect(url_for(".index"), 303)


@blueprint.get("/pengaturan/upt")
@requires("manage_upts")
def upts() -> Any:
    """The Kanwil's UPT."""
    return render_template("settings/upts.html", rows=upts_here(all_of_them=True), active="settings")


@blueprint.get("/pengaturan/upt/baru")
@requires("manage_upts")
def new_upt() -> Any:
    """The form for a UPT."""
    return _upt(None, {}, {})


@blueprint.post("/pengaturan/upt/baru")
@requires("manage_upts")
def add_upt() -> Any:
    """Add it."""
    return _save_upt(None)


@blueprint.get("/pengaturan/upt/<int:upt_id>")
@requires("manage_upts")
def upt(upt_id: int) -> Any:
    """One UPT."""
    row = upt_here(upt_id)
    return _upt(row, {key: getattr(row, key) for key in UPT_FIELDS}, {})


@blueprint.post("/pengaturan/upt/<int:upt_id>")
@requires("manage_upts")
def change_upt(upt_id: int) -> Any:
    """Change it."""
    return _save_upt(upt_id)


@blueprint.get("/pengaturan/target")
@requires("manage_targets")
def targets() -> Any:
    """What each UPT means to sell in a year, and the share of it that is PNBP."""
    year = whole(request.args.get("year")) or now().astimezone(timezone_here()).year
    return _targets(year, {}, {})


@blueprint.post("/pengaturan/target")
@requires("manage_targets")
def save_targets() -> Any:
    """Set the year's targets."""
    year, typed = whole(request.form.get("year")) or 0, request.form.to_dict()
    wanted, problems = [], {}
    for row in upts_here():
        amounts = []
        for name in (f"omzet_{row.id}", f"pnbp_{row.id}"):
            text = re.sub(r"[.\s]|^Rp", "", typed.get(name, ""))
            if text and not (text.isdigit() and len(text) < 16):
                problems[name] = _("Tulis rupiah sebagai bilangan.")
            amounts.append(int(text) if text.isdigit() else 0)
        if any(amounts) or typed.get(f"omzet_{row.id}") or typed.get(f"pnbp_{row.id}"):
            wanted.append((row.id, *amounts))
    share = typed.get("share", "").replace(",", ".").strip()
    if not re.fullmatch(r"\d{1,3}(\.\d{1,2})?", share):
        problems["share"] = _("Persen, misalnya 10 atau 12,5.")
    if problems:
        return _targets(year, typed, problems), 422
    try:
        sales_settings.set_year(
            year, wanted, float(share) / 100, typed.get("basis", ""), by=actor(), now=now()
        )
    except Invalid as error:
        return _targets(year, typed, error.fields), 422
    flash(_("Target %(year)s disimpan.", year=year), "success")
    return redirect(url_for(".targets", year=year), 303)


def _kept(row: Any) -> dict[str, Any]:
    """The settings as the form shows them."""
    shown = {key: getattr(row, key) for key in FIELDS}
    return shown | {"copies": "\n".join(row.copies or []), "auto_draft": "yes" if row.auto_draft else "no"}


def _letterhead(values: dict[str, Any], problems: dict[str, Any]) -> str:
    return render_template(
        "settings/letterhead.html",
        v=values,
        problems=problems,
        has_emblem=settings.own().emblem_sha256 is not None,
        kanwil=kanwil_here(),
        number=_number(str(values.get("number_pattern", ""))),
        active="settings",
    )


def _number(pattern: str) -> str:
    kanwil = kanwil_here()
    try:
        shown = settings.preview_number(pattern, kanwil.code if kanwil else "", now().year)
        return render_template("settings/number.html", number=shown, problem=None)
    except KaryaError as error:
        return render_template(
            "settings/number.html", number=None, problem=error.fields.get("number_pattern")
        )


def _save_upt(upt_id: int | None) -> Any:
    values = {key: request.form.get(key, "") for key in UPT_FIELDS}
    row = upt_here(upt_id) if upt_id is not None else None
    if values["type"] not in UPT_TYPES and not (row and row.type == values["type"]):
        return _upt(row, values, {"type": _("Pilih jenisnya.")}), 422
    try:
        saved = administration.save_upt(upt_id, values, by=actor(), now=now())
    except Invalid as error:
        return _upt(row, values, error.fields), 422
    flash(_("%(name)s disimpan.", name=saved.short_name), "success")
    return redirect(url_for(".upts"), 303)


def _upt(row: Any, values: dict[str, Any], problems: dict[str, Any]) -> str:
    kinds = [
        (kind, kind) for kind in (*UPT_TYPES, *([row.type] if row and row.type not in UPT_TYPES else []))
    ]
    return render_template(
        "settings/upt.html", row=row, v=values, problems=problems, kinds=kinds, active="settings"
    )


def _targets(year: int, typed: dict[str, str], problems: dict[str, Any]) -> str:
    rule = figures.pnbp(str(year)) if 2000 <= year <= 2099 else None
    return render_template(
        "settings/targets.html",
        year=year,
        rows=upts_here(),
        held=figures.targets(year),
        rule=rule,
        typed=typed,
        problems=problems,
        active="settings",
    )
