"""Certificates and work records: asked for, handed out, revoked. Within the UPT alone."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from catalogue.trainings import planning
from recaps.awards import issuing, queries, record
from tenants import clock
from tenants.errors import Invalid
from webapp.access import actor, requires
from webapp.attachments import download
from webapp.shell import spoken
from webapp.views.people import PERSON, Paper, person_page
from webapp.views.trainings import TRAINING

blueprint = Blueprint("awards", __name__)
AWARD = "/sertifikat/<int(max=2147483647):award_id>"
PDF = "application/pdf"


def register(app: Flask, appbuilder: Any) -> None:
    app.register_blueprint(blueprint)


@blueprint.post(f"{TRAINING}/sertifikat")
@requires("issue_awards")
def issue(training_id: int) -> Any:
    """Have the certificates of all who passed signed."""
    form = request.form
    try:
        issuing.ask(
            training_id, by=actor(), now=clock.now(), pin=form.get("pin") or None, key=form.get("key") or None
        )
    except Invalid as error:
        flash(spoken(next(iter(error.fields.values()), error.message)), "error")
    else:
        flash(_("Sertifikat sedang ditandatangani."), "info")
    return redirect(url_for("trainings.show", training_id=training_id) + "#peserta", 303)


@blueprint.get(f"{TRAINING}/sertifikat/keadaan")
@requires("read_people")
def progress(training_id: int) -> Any:
    """What htmx asks while the job is at work: the same line again, or the word to load the page anew."""
    planning.load(training_id)
    rows = list(queries.of_training(training_id).values())
    if not any(row.is_working for row in rows):
        return Response("", headers={"HX-Refresh": "true"})
    return render_template("awards/_working.html", training_id=training_id, rows=rows)


@blueprint.get(f"{AWARD}/pdf")
@requires("read_people")
def pdf(award_id: int) -> Response:
    row, data = queries.pdf(award_id, by=actor(), now=clock.now())
    return download(data, Paper(queries.file_name(row)), PDF)


@blueprint.get(f"{AWARD}/cabut")
@requires("issue_awards")
def revoking(award_id: int) -> Any:
    return render_template("awards/revoke.html", row=issuing.load(award_id), typed={}, problems={})


@blueprint.post(f"{AWARD}/cabut")
@requires("issue_awards")
def revoke(award_id: int) -> Any:
    typed = request.form.to_dict()
    row = issuing.load(award_id)
    try:
        issuing.revoke(award_id, reason=typed.get("reason", ""), by=actor(), now=clock.now())
    except Invalid as error:
        return render_template("awards/revoke.html", row=row, typed=typed, problems=error.fields), 422
    flash(_("Sertifikat dicabut. Siapa pun yang memeriksanya kini membaca bahwa ia dicabut."), "success")
    return redirect(url_for("trainings.show", training_id=row.training_id) + "#peserta", 303)


@blueprint.post(f"{PERSON}/catatan-kerja")
@requires("print_work_records")
def print_record(person_id: int) -> Any:
    """A person's work record as a download; it is printed for a purpose, and kept nowhere."""
    typed = request.form.to_dict()
    try:
        made = record.extract(person_id, typed, by=actor(), now=clock.now())
    except Invalid as error:
        return person_page(person_id, printing=typed, error=error), 422
    return download(made.data, Paper(made.file_name), PDF)
