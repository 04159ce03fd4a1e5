"""``/pusat/alur``: the national default of each workflow, and the stages that no Kanwil may drop."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from tenants.clock import now
from tenants.errors import Conflict, Invalid, KaryaError
from webapp import flow_editor as editor
from webapp.access import actor, requires
from webapp.forms import whole
from workflows.design import national, queries
from workflows.design.compare import compared
from workflows.design.diagram import picture
from workflows.documents import as_yaml, from_document
from workflows.errors import DefinitionInvalid

blueprint = Blueprint("national_definitions", __name__)
ROOT = "/pusat/alur"
SUBJECT = f"{ROOT}/<subject_type>"


def register(app: Flask, appbuilder: Any) -> None:
    app.register_blueprint(blueprint)


@blueprint.get(ROOT)
@requires("design_national_definitions")
def national_index() -> Any:
    """Each default: version in force, draft, versions, locks."""
    rows = queries.national_overview()
    return render_template("flow/national_index.html", rows=rows, active="national_definitions")


@blueprint.get(SUBJECT)
@requires("design_national_definitions")
def national_edit(subject_type: str) -> Any:
    """The editor of a default."""
    return _editor(subject_type)


@blueprint.post(SUBJECT)
@requires("design_national_definitions")
def national_save(subject_type: str) -> Any:
    """Keep what was typed; then do what the button says."""
    by, at, form = actor(), now(), request.form
    version, typed = whole(form.get("version")) or 0, form.get("text")
    note = form.get("note", "")
    try:
        typed, act, place = editor.typed(subject_type)
        if act == "discard":
            national.discard(subject_type, version=version, by=by)
            flash(_("Konsep dibuang; bawaan yang berlaku tidak berubah."), "success")
            return redirect(url_for(".national_index"), 303)
        locked = editor.locks(subject_type)
        if act == "publish":
            return _publish(subject_type, typed, locked, version, note)
        national.save(
            subject_type,
            typed,
            locked,
            version=version,
            by=by,
            now=at,
            based_on=whole(form.get("based_on")),
        )
    except DefinitionInvalid:
        said = _("Konsep tersimpan, tetapi belum dapat diterbitkan.")
        return _editor(subject_type, refused=said, note=note), 422
    except (Invalid, Conflict) as error:
        return _editor(subject_type, text=typed, error=error, note=note), error.status
    flash(_("Konsep disimpan."), "success")
    return redirect(editor.back_to(".national_edit", subject_type, act, place), 303)


def _publish(subject_type: str, typed: str, locked: list[str], version: int, note: str) -> Any:
    by, at, key = actor(), now(), request.form.get("key")
    try:
        made = national.publish(
            subject_type, version=version, text=typed, locked=locked, note=note, by=by, now=at, key=key
        )
    except DefinitionInvalid:
        national.save(subject_type, typed, locked, version=version, by=by, now=at)
        raise
    flash(
        _("Bawaan versi %(n)s diterbitkan. Kanwil diberi tahu; alurnya tidak berubah.", n=made.version),
        "success",
    )
    return redirect(url_for(".national_index"), 303)


@blueprint.get(f"{SUBJECT}/versi/<int(max=99999):version>")
@requires("design_national_definitions")
def national_version(subject_type: str, version: int) -> Any:
    """One default that was published, and what changed from the one before."""
    document, before = queries.national_version(subject_type, version)
    opened = queries.national_opened(subject_type)
    return render_template(
        "flow/national_version.html",
        subject=opened.subject,
        version=version,
        draft_version=opened.version,
        picture=picture(from_document(document)),
        lines=compared(before, document) if before is not None else [],
        text=as_yaml(document),
        role_names=dict(editor.roles()),
        active="national_definitions",
    )


@blueprint.post(f"{SUBJECT}/versi/<int(max=99999):version>/kembalikan")
@requires("design_national_definitions")
def national_go_back(subject_type: str, version: int) -> Any:
    """Make a draft of an old default."""
    seen = whole(request.form.get("version")) or 0
    national.restart(subject_type, version, version=seen, by=actor(), now=now())
    flash(
        _("Konsep dibuat dari versi %(n)s. Periksa, lalu terbitkan sebagai versi baru.", n=version), "success"
    )
    return redirect(url_for(".national_edit", subject_type=subject_type), 303)


def _editor(
    subject_type: str,
    *,
    text: str | None = None,
    error: KaryaError | None = None,
    refused: str | None = None,
    note: str = "",
) -> str:
    opened = queries.national_opened(subject_type)
    return render_template(
        "flow/edit.html",
        **editor.context(opened, text=text, problems=error.fields if error else {}),
        refused=error.message if error else refused,
        centre=True,
        key=str(uuid4()),
        note_typed=note,
        active="national_definitions",
    )
