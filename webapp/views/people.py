"""``/peserta``: persons who work and learn, within their UPT alone; whoever opens a name here is written down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from flask import Blueprint, Flask, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from catalogue.people import access, consents, queries, recording, retention
from catalogue.people.queries import Filters
from catalogue.people.recording import KINDS
from catalogue.trainings import queries as trainings
from recaps.awards import queries as awards
from tenants import clock
from tenants.errors import Invalid
from webapp.access import actor, may, requires
from webapp.attachments import download, uploaded
from webapp.forms import whole
from workflows.talk.checking import KINDS as FILES

blueprint = Blueprint("people", __name__)
PERSON = "/peserta/<int(max=2147483647):person_id>"
CONSENT = "/peserta/persetujuan/<int(max=2147483647):consent_id>"
FIELDS = ("name", "number", "kind", "released_on")
WORK = ("activity", "from_on", "until_on", "hours", "product_id")


@dataclass(frozen=True)
class Paper:
    """A file's name, for the one who saves it."""

    name: str


def register(app: Flask, appbuilder: Any) -> None:
    app.register_blueprint(blueprint)


@blueprint.get("/peserta")
@requires("read_people")
def index() -> Any:
    """The persons of this UPT, found by words of a name or by a whole number."""
    kind = request.args.get("jenis", "")
    filters = Filters(
        q=" ".join(request.args.get("q", "").split())[:100],
        kind=kind if kind in KINDS else None,
        ending=request.args.get("segera") == "1",
    )
    before = whole(request.args.get("sebelum"))
    page = queries.people(filters, by=actor(), now=clock.now(), before=before)
    kept = {name: value for name, value in request.args.items() if value and name != "sebelum"}
    return render_template(
        "people/index.html",
        page=page,
        filters=filters,
        kinds=_kinds(),
        count=queries.how_many(),
        years=retention.years(),
        next_url=url_for(".index", **{**kept, "sebelum": page.next_cursor}) if page.next_cursor else None,
        first_url=url_for(".index", **kept) if before else None,
    )


@blueprint.get("/peserta/baru")
@requires("write_people")
def new() -> Any:
    return _form({})


@blueprint.post("/peserta/baru")
@requires("write_people")
def add() -> Any:
    typed = request.form.to_dict()
    given = {name: typed.get(name, "") for name in FIELDS}
    try:
        made, _again = recording.record(given, by=actor(), now=clock.now(), key=typed.get("key"))
    except Invalid as error:
        return _form(typed, error), 422
    flash(_("Peserta dicatat."), "success")
    return redirect(url_for(".show", person_id=made.id), 303)


@blueprint.get(PERSON)
@requires("read_people")
def show(person_id: int) -> Any:
    return person_page(person_id)


@blueprint.post(PERSON)
@requires("write_people")
def change(person_id: int) -> Any:
    typed = request.form.to_dict()
    given = {name: typed.get(name, "") for name in FIELDS}
    try:
        version = whole(typed.get("version"))
        recording.change(person_id, given, by=actor(), now=clock.now(), version=version)
    except Invalid as error:
        return person_page(person_id, changing=typed, error=error), 422
    flash(_("Perubahan disimpan."), "success")
    return redirect(url_for(".show", person_id=person_id), 303)


@blueprint.post(f"{PERSON}/kegiatan")
@requires("write_people")
def add_work(person_id: int) -> Any:
    typed = request.form.to_dict()
    given = {name: typed.get(name, "") for name in WORK}
    try:
        recording.add_work(person_id, given, by=actor(), now=clock.now(), key=typed.get("key"))
    except Invalid as error:
        return person_page(person_id, working=typed, error=error), 422
    flash(_("Kegiatan dicatat."), "success")
    return redirect(url_for(".show", person_id=person_id), 303)


@blueprint.post("/peserta/kegiatan/<int(max=2147483647):work_id>/hapus")
@requires("write_people")
def remove_work(work_id: int) -> Any:
    person_id = recording.remove_work(work_id, by=actor(), now=clock.now())
    flash(_("Kegiatan dihapus."), "success")
    return redirect(url_for(".show", person_id=person_id), 303)


@blueprint.post(f"{PERSON}/persetujuan")
@requires("write_people")
def consent(person_id: int) -> Any:
    """Record a written consent with its paper."""
    typed = request.form.to_dict()
    given = {name: typed.get(name, "") for name in ("credit", "signed_on")}
    try:
        files = uploaded("file", most=1)
        consents.record(
            person_id,
            given,
            file=files[0] if files else None,
            by=actor(),
            now=clock.now(),
            key=typed.get("key"),
        )
    except Invalid as error:
        return person_page(person_id, consenting=typed, error=error), 422
    flash(_("Persetujuan dicatat. Namanya kini dapat dipilih sebagai pembuat produk."), "success")
    return redirect(url_for(".show", person_id=person_id), 303)


@blueprint.post(f"{CONSENT}/cabut")
@requires("withdraw_consents")
def withdraw(consent_id: int) -> Any:
    row = consents.withdraw(consent_id, by=actor(), now=clock.now())
    flash(_("Persetujuan dicabut. Namanya sudah hilang dari semua halaman produk."), "success")
    return redirect(url_for(".show", person_id=row.person_id), 303)


@blueprint.get(f"{CONSENT}/berkas")
@requires("read_people")
def paper(consent_id: int) -> Response:
    """The signed paper of a consent, as a download."""
    row, name, data = consents.paper(consent_id, by=actor(), now=clock.now())
    return download(data, Paper(name), FILES[row.file_kind])


@blueprint.post(f"{PERSON}/hapus")
@requires("erase_people")
def erase(person_id: int) -> Any:
    typed = request.form.to_dict()
    try:
        retention.erase(person_id, reason=typed.get("reason", ""), by=actor(), now=clock.now())
    except Invalid as error:
        return person_page(person_id, erasing=typed, error=error), 422
    flash(_("Data peserta dihapus. Yang tersisa hanya hitungan, tanpa nama."), "success")
    return redirect(url_for(".index"), 303)


@blueprint.get("/peserta/akses")
@requires("read_people_log")
def log() -> Any:
    """Who was shown whose name, when and why."""
    person_id = whole(request.args.get("peserta"))
    before = whole(request.args.get("sebelum"))
    page = access.log(by=actor(), person_id=person_id, before=before)
    kept = {"peserta": person_id} if person_id else {}
    return render_template(
        "people/log.html",
        page=page,
        person_id=person_id,
        next_url=url_for(".log", **kept, sebelum=page.next_cursor) if page.next_cursor else None,
        first_url=url_for(".log", **kept) if before else None,
    )


def _form(typed: Mapping[str, Any], error: Invalid | None = None) -> Any:
    return render_template(
        "people/new.html",
        typed=typed,
        problems=error.fields if error else {},
        kinds=_kinds(),
        years=retention.years(),
        key=typed.get("key") or str(uuid4()),
    )


def person_page(
    person_id: int,
    *,
    changing: Mapping[str, Any] | None = None,
    working: Mapping[str, Any] | None = None,
    consenting: Mapping[str, Any] | None = None,
    erasing: Mapping[str, Any] | None = None,
    printing: Mapping[str, Any] | None = None,
    error: Invalid | None = None,
) -> Any:
    """One person's page; what was typed into one of its forms comes back with what is wrong."""
    view = queries.person(person_id, by=actor(), now=clock.now())
    person = view.person
    typed = changing or {
        "name": view.known.name,
        "number": view.known.number,
        "kind": person.kind,
        "released_on": person.released_on.isoformat() if person.released_on else "",
        "version": person.version,
    }
    problems: Mapping[str, Any] = {}
    if error is not None:
        problems = error.fields or {"file": error.message}
    return render_template(
        "people/show.html",
        view=view,
        typed=typed,
        changing=changing is not None,
        working=working or {},
        consenting=consenting or {},
        erasing=erasing or {},
        printing=printing or {},
        problems=problems,
        kinds=_kinds(),
        products=queries.products() if may("write_people") else [],
        trainings=trainings.of_person(person_id),
        awards=awards.of_person(person_id),
        key=str(uuid4()),
    )


def _kinds() -> list[tuple[str, str]]:
    return [(key, _(label)) for key, label in KINDS.items()]
