"""``/pengaturan/alur``: the Kanwil's workflows: what is in force, the draft with its editor, versions, simulations."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from flask import Blueprint, Flask, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from tenants.clock import now
from tenants.errors import Conflict, Invalid, KaryaError
from webapp import flow_editor as editor
from webapp.access import actor, requires
from webapp.forms import whole
from workflows.design import drafts, queries, simulation
from workflows.design.compare import compared
from workflows.design.diagram import picture
from workflows.documents import as_yaml, from_document
from workflows.errors import DefinitionInvalid

blueprint = Blueprint("definitions", __name__)
ROOT = "/pengaturan/alur"
SUBJECT = f"{ROOT}/<subject_type>"


def register(app: Flask, appbuilder: Any) -> None:
    app.register_blueprint(blueprint)


@blueprint.get(ROOT)
@requires("design_definitions")
def index() -> Any:
    """Each workflow: version in force, draft, versions, how many open cases on which."""
    return render_template("flow/index.html", rows=queries.overview(), key=str(uuid4()), active="definitions")


@blueprint.get(SUBJECT)
@requires("design_definitions")
def edit(subject_type: str) -> Any:
    """The editor: the draft, or what is in force."""
    return _editor(subject_type)


@blueprint.post(SUBJECT)
@requires("design_definitions")
def save(subject_type: str) -> Any:
    """Keep what was typed, whatever button was pressed; then do what the button says."""
    by, at, form = actor(), now(), request.form
    typed = form.get("text")
    try:
        typed, act, place = editor.typed(subject_type)
        if act == "discard":
            drafts.discard(subject_type, version=_version(), by=by)
            flash(_("Konsep dibuang; yang berlaku tidak berubah."), "success")
            return redirect(url_for(".index"), 303)
        if act == "publish":
            return _publish(subject_type, typed)
        if _version() or not editor.unchanged(queries.opened(subject_type), typed):
            based_on = whole(form.get("based_on"))
            drafts.save(subject_type, typed, version=_version(), by=by, now=at, based_on=based_on)
            if act != "simulate":
                _say_saved(queries.opened(subject_type).faults)
        if act == "simulate":
            cases = whole(form.get("cases")) or 0
            tried, _again = simulation.begin(subject_type, cases, by=by, now=at, key=form.get("key"))
            return redirect(url_for(".simulated", simulation_id=tried.id), 303)
    except DefinitionInvalid:
        return _editor(subject_type, refused=_("Konsep tersimpan, tetapi belum dapat dipakai.")), 422
    except (Invalid, Conflict) as error:
        return _editor(subject_type, text=typed, error=error), error.status
    return redirect(editor.back_to(".edit", subject_type, act, place), 303)


def _publish(subject_type: str, typed: str) -> Any:
    by, at, key = actor(), now(), request.form.get("key")
    try:
        made, _again = drafts.publish(subject_type, version=_version(), text=typed, by=by, now=at, key=key)
    except DefinitionInvalid:
        drafts.save(subject_type, typed, version=_version(), by=by, now=at)
        raise
    flash(
        _("Versi %(n)s diterbitkan. Kasus yang sedang berjalan tetap memakai versinya.", n=made.version),
        "success",
    )
    return redirect(url_for(".index"), 303)


@blueprint.get(f"{SUBJECT}/konsep.yaml")
@requires("design_definitions")
def draft_file(subject_type: str) -> Any:
    """The draft as a file."""
    return _file(queries.opened(subject_type).text, f"{subject_type}-konsep.yaml")


@blueprint.get(f"{SUBJECT}/versi/<int(max=99999):version>")
@requires("design_definitions")
def version(subject_type: str, version: int) -> Any:
    """One published version: its picture, and what changed from the one before, or to another."""
    row, before = queries.version(subject_type, version)
    other = whole(request.args.get("dengan"))
    if other is not None and other != version:
        before = queries.version(subject_type, other)[0]
    about = queries.one(subject_type)
    definition = from_document(row.document)
    return render_template(
        "flow/version.html",
        row=row,
        before=before,
        about=about,
        subject=about.subject,
        picture=picture(definition, locked=about.default.locked if about.default else ()),
        lines=compared(before.document, row.document) if before else [],
        text=as_yaml(row.document),
        role_names=dict(editor.roles()),
        active="definitions",
    )


@blueprint.get(f"{SUBJECT}/versi/<int(max=99999):version>.yaml")
@requires("design_definitions")
def version_file(subject_type: str, version: int) -> Any:
    """A published version as a file."""
    row, _before = queries.version(subject_type, version)
    return _file(as_yaml(row.document), f"{subject_type}-v{version}.yaml")


@blueprint.post(f"{SUBJECT}/versi/<int(max=99999):version>/kembalikan")
@requires("design_definitions")
def go_back(subject_type: str, version: int) -> Any:
    """Make a draft of an old version."""
    drafts.restart(subject_type, version, version=_version(), by=actor(), now=now())
    flash(
        _("Konsep dibuat dari versi %(n)s. Periksa, lalu terbitkan sebagai versi baru.", n=version), "success"
    )
    return redirect(url_for(".edit", subject_type=subject_type), 303)


@blueprint.get(f"{SUBJECT}/nasional")
@requires("design_definitions")
def national(subject_type: str) -> Any:
    """The national default beside what is in force."""
    about = queries.one(subject_type)
    here = queries.version(subject_type, about.in_force.version)[0] if about.in_force else None
    default = about.default
    return render_template(
        "flow/national_compare.html",
        about=about,
        subject=about.subject,
        default=default,
        lines=compared(here.document, default.document) if here and default else [],
        picture=picture(default.definition, locked=default.locked) if default else None,
        role_names=dict(editor.roles()),
        active="definitions",
    )


@blueprint.post(f"{SUBJECT}/nasional/pakai")
@requires("design_definitions")
def use_national(subject_type: str) -> Any:
    """Make a draft of the national default."""
    drafts.restart(subject_type, None, version=_version(), by=actor(), now=now())
    flash(_("Konsep dibuat dari bawaan nasional. Periksa, lalu terbitkan."), "success")
    return redirect(url_for(".edit", subject_type=subject_type), 303)


@blueprint.get(f"{ROOT}/simulasi/<int(max=2147483647):simulation_id>")
@requires("design_definitions")
def simulated(simulation_id: int) -> Any:
    """What a simulation found, or how far it is."""
    row = simulation.find(simulation_id)
    part = request.args.get("bagian") == "kemajuan" and row.state == "running"
    about = queries.one(row.subject_type)
    answer = Response(
        render_template(
            "flow/_progress.html" if part else "flow/simulation.html",
            row=row,
            about=about,
            subject=about.subject,
            result=row.result,
            picture=picture(from_document(row.document)),
            role_names=dict(editor.roles()),
            active="definitions",
        )
    )
    if request.args.get("bagian") == "kemajuan" and not part:
        answer.headers["HX-Refresh"] = "true"
    return answer


def _version() -> int:
    return whole(request.form.get("version")) or 0


def _file(text: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text, content_type="application/yaml; charset=utf-8", headers=headers)


def _say_saved(faults: dict[str, str]) -> None:
    if faults:
        said = _("Konsep disimpan; %(n)s hal perlu diperbaiki sebelum terbit.", n=len(faults))
        flash(said, "warning")
    else:
        flash(_("Konsep disimpan dan siap diterbitkan."), "success")


def _editor(
    subject_type: str,
    *,
    text: str | None = None,
    error: KaryaError | None = None,
    refused: str | None = None,
) -> str:
    opened = queries.opened(subject_type)
    return render_template(
        "flow/edit.html",
        **editor.context(opened, text=text, problems=error.fields if error else {}),
        refused=error.message if error else refused,
        about=queries.one(subject_type),
        centre=False,
        key=str(uuid4()),
        cases=simulation.DEFAULT_CASES,
        most_cases=simulation.MOST_CASES,
        tried=queries.simulations(subject_type),
        active="definitions",
    )
