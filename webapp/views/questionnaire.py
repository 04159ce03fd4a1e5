"""``/kesiapan/kuesioner``: the national questionnaire as it is in force, and the centre's draft of the next version."""

from __future__ import annotations

from collections.abc import Mapping
from secrets import token_urlsafe
from typing import Any

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from catalogue.readiness import questions
from catalogue.readiness.errors import QuestionnaireInvalid
from catalogue.readiness.terms import DIMENSIONS, HIGHEST, LABELS, MOST, slot
from tenants.clock import now
from webapp.access import actor, requires
from webapp.forms import whole
from webapp.shell import again, spoken

blueprint = Blueprint("questionnaire", __name__, url_prefix="/kesiapan/kuesioner")


def register(app: Flask, appbuilder: Any) -> None:
    app.register_blueprint(blueprint)


@blueprint.get("/")
@requires("design_questionnaire")
def index() -> Any:
    """The version in force, the ones before, and whether there is a draft."""
    return render_template(
        "readiness/questionnaire.html",
        active="readiness_national",
        asked=questions.in_force(),
        published=questions.published(),
        draft=questions.draft(),
        dimensions=DIMENSIONS,
    )


@blueprint.get("/ubah")
@requires("design_questionnaire")
def edit() -> Any:
    """The draft, or the version in force as the beginning of one."""
    draft = questions.draft()
    document = draft.document if draft is not None else questions.document_of(questions.in_force())
    return _editor(document, draft.edit_no if draft is not None else 0)


@blueprint.post("/ubah")
@requires("design_questionnaire")
def post() -> Any:
    """Keep the draft, publish it, or drop it: the button says which."""
    form, by, at = request.form, actor(), now()
    edit_no = whole(form.get("edit_no")) or 0
    if form.get("action") == "discard":
        questions.discard(edit_no=edit_no, by=by)
        flash(_("Konsep kuesioner dibuang."), "success")
        return redirect(url_for(".index"), 303)
    document = document_in(form)
    draft = questions.save(document, edit_no=edit_no, by=by, now=at)
    if form.get("action") != "publish":
        flash(_("Konsep kuesioner tersimpan."), "success")
        return redirect(url_for(".edit"), 303)
    kept = draft.edit_no
    try:
        made = questions.publish(edit_no=kept, by=by, now=at, key=form.get("key") or None)
    except QuestionnaireInvalid as refused:
        return _editor(document, kept, refused.fields), 422
    flash(
        _("Kuesioner versi %(n)s berlaku untuk penilaian yang dimulai sejak sekarang.", n=made.version),
        "success",
    )
    return redirect(url_for(".index"), 303)


def document_in(form: MultiDict[str, str]) -> dict[str, Any]:
    """The questionnaire that a form holds: empty places are left out."""
    found: dict[str, list[dict[str, Any]]] = {dimension: [] for dimension in DIMENSIONS}
    for dimension in DIMENSIONS:
        for number in range(1, MOST + 1):
            key = slot(dimension, number)
            text = form.get(f"{key}.text", "")
            levels = [form.get(f"{key}.level.{score}", "") for score in range(HIGHEST + 1)]
            if text.strip() or any(one.strip() for one in levels):
                found[dimension].append({"question": text, "levels": levels})
    return {"title": form.get("title", ""), "dimensions": found}


def _editor(document: Mapping[str, Any], edit_no: int, problems: Mapping[str, Any] = {}) -> str:
    return render_template(
        "readiness/questionnaire_edit.html",
        active="readiness_national",
        document=document,
        edit_no=edit_no,
        dimensions=DIMENSIONS,
        most=MOST,
        highest=HIGHEST,
        key=token_urlsafe(12),
        problems={_field(name): again(text) for name, text in problems.items()},
        labels={_field(name): _name(name) for name in problems},
    )


def _field(place: str) -> str:
    """A place in the questionnaire as the form's field: "budget_1.levels.2" is ``budget_1.level.2``."""
    return (
        place.replace(".levels.", ".level.")
        if "." in place
        else f"{place}.text"
        if place in LABELS
        else place
    )


def _name(place: str) -> str:
    """A place in words: "Anggaran 1, nilai 2"."""
    question, _dot, rest = place.partition(".levels.")
    if question in LABELS:
        name = spoken(LABELS[question])
        return _("%(question)s, uraian nilai %(score)s", question=name, score=rest) if rest else name
    return _(DIMENSIONS[place]) if place in DIMENSIONS else _("Judul")
