"""``/pelatihan``: trainings and their counts, for the UPT and its Kanwil; who takes part, for the UPT alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import uuid4

from flask import Blueprint, Flask, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from catalogue import queries as products
from catalogue.partners import queries as partners
from catalogue.people import queries as people
from catalogue.people.queries import Filters as PeopleFilters
from catalogue.trainings import planning, queries, sessions
from catalogue.trainings.models import Training
from catalogue.trainings.queries import STATES, Filters
from recaps.awards import queries as awards
from tenants import clock, sheets
from tenants.errors import Invalid
from webapp.access import actor, may, requires
from webapp.forms import whole

blueprint = Blueprint("trainings", __name__)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TRAINING = "/pelatihan/<int(max=2147483647):training_id>"
SESSION = "/pelatihan/pertemuan/<int(max=2147483647):session_id>"
FIELDS = (
    *("title", "skill", "partner_id", "instructor", "place"),
    *("from_on", "until_on", "hours", "least_share"),
)
WIDTHS = (34, 24, 28, 28, 24, 12, 12, 10, 10, 10, 14, 12, 12)


def register(app: Flask, appbuilder: Any) -> None:
    app.register_blueprint(blueprint)


@blueprint.get("/pelatihan")
@requires("read_trainings")
def index() -> Any:
    """The trainings, narrowed as the address says."""
    filters = _filters()
    after = request.args.get("setelah", "")
    day, dot, number = after.rpartition(".")
    cursor = (day, whole(number) or 0) if dot else None
    page = queries.trainings(filters, cursor=cursor)
    kept = {name: value for name, value in request.args.items() if value and name != "setelah"}
    return render_template(
        "trainings/index.html",
        page=page,
        filters=filters,
        states=STATES,
        units=[] if actor().upt_id else products.units(),
        kept=kept,
        next_url=url_for(".index", **{**kept, "setelah": page.next_cursor}) if page.next_cursor else None,
        first_url=url_for(".index", **kept) if cursor else None,
    )


@blueprint.get("/pelatihan/angka")
@requires("read_trainings")
def figures() -> Any:
    """How many were trained, in which skills, for how many hours: counts alone."""
    filters = _filters()
    today = clock.now().year
    by_skill = queries.by_skill(filters)
    return render_template(
        "trainings/figures.html",
        filters=filters,
        years=range(today, today - 5, -1),
        skills=by_skill,
        units=queries.by_upt(filters),
        total=queries.total(by_skill),
    )


@blueprint.get("/pelatihan/ekspor.<kind>")
@requires("read_trainings")
def export(kind: str) -> Any:
    """What the filters leave, as XLSX or CSV: counts, and no name of a participant."""
    header = (
        *(_("Pelatihan"), _("Keterampilan"), _("UPT"), _("Mitra"), _("Instruktur"), _("Mulai"), _("Sampai")),
        *(_("Jam"), _("Peserta"), _("Lulus"), _("Jam peserta"), _("Sertifikat"), _("Keadaan")),
    )
    rows = _exported(queries.every(_filters()))
    headers = {"Content-Disposition": f'attachment; filename="pelatihan.{kind}"', "Cache-Control": "no-store"}
    if kind == "csv":
        text = "".join(sheets.as_csv(header, rows))
        return Response(text, content_type="text/csv; charset=utf-8", headers=headers)
    if kind == "xlsx":
        data = sheets.as_xlsx("Pelatihan", header, rows, WIDTHS)
        return Response(data, content_type=XLSX, headers=headers)
    raise Invalid(_("Pilih ekspor XLSX atau CSV."))


@blueprint.get("/pelatihan/baru")
@requires("write_trainings")
def new() -> Any:
    return _form({})


@blueprint.post("/pelatihan/baru")
@requires("write_trainings")
def add() -> Any:
    typed = request.form.to_dict()
    try:
        made, _again = planning.plan(_of_form(typed), by=actor(), now=clock.now(), key=typed.get("key"))
    except Invalid as error:
        return _form(typed, error), 422
    flash(_("Pelatihan dicatat. Tambahkan pesertanya."), "success")
    return redirect(url_for(".show", training_id=made.id), 303)


@blueprint.get(TRAINING)
@requires("read_trainings")
def show(training_id: int) -> Any:
    return _page(training_id)


@blueprint.get(f"{TRAINING}/ubah")
@requires("write_trainings")
def edit(training_id: int) -> Any:
    row = planning.load(training_id)
    return _form({name: getattr(row, name) for name in (*FIELDS, "version")}, row=row)


@blueprint.post(TRAINING)
@requires("write_trainings")
def change(training_id: int) -> Any:
    typed = request.form.to_dict()
    row = planning.load(training_id)
    try:
        version = whole(typed.get("version"))
        planning.change(training_id, _of_form(typed), by=actor(), now=clock.now(), version=version)
    except Invalid as error:
        return _form(typed, error, row=row), 422
    flash(_("Perubahan disimpan."), "success")
    return redirect(url_for(".show", training_id=training_id), 303)


@blueprint.get(f"{TRAINING}/peserta")
@requires("write_trainings")
def choose(training_id: int) -> Any:
    """Who may be added, found by words of a name or by a whole number."""
    return _choosing(training_id)


@blueprint.post(f"{TRAINING}/peserta")
@requires("write_trainings")
def enrol(training_id: int) -> Any:
    planning.load(training_id)
    wanted = [whole(text) or 0 for text in request.form.getlist("person")]
    try:
        planning.enrol(training_id, wanted, by=actor(), now=clock.now())
    except Invalid as error:
        return _choosing(training_id, error), 422
    flash(_("Peserta ditambahkan."), "success")
    return redirect(url_for(".show", training_id=training_id) + "#peserta", 303)


@blueprint.post("/pelatihan/peserta/<int(max=2147483647):trainee_id>/keluar")
@requires("write_trainings")
def leave(trainee_id: int) -> Any:
    row = planning.leave(trainee_id, by=actor(), now=clock.now())
    flash(_("Peserta dikeluarkan dari pelatihan ini."), "success")
    return redirect(url_for(".show", training_id=row.id) + "#peserta", 303)


@blueprint.post(f"{TRAINING}/pertemuan")
@requires("write_trainings")
def hold(training_id: int) -> Any:
    typed = request.form.to_dict()
    planning.load(training_id)
    present = _present()
    try:
        sessions.hold(
            training_id,
            {name: typed.get(name, "") for name in ("held_on", "hours", "topic")},
            present,
            by=actor(),
            now=clock.now(),
            key=typed.get("key"),
        )
    except Invalid as error:
        return _page(training_id, holding={**typed, "present": present}, error=error), 422
    flash(_("Pertemuan dan kehadirannya dicatat."), "success")
    return redirect(url_for(".show", training_id=training_id) + "#pertemuan", 303)


@blueprint.get(SESSION)
@requires("write_trainings")
def attendance(session_id: int) -> Any:
    """The attendance of one session, to be corrected."""
    present = queries.present_at(session_id)
    held = sessions.meeting(session_id)
    return render_template(
        "trainings/attendance.html",
        session=held,
        row=queries.row_of(held.training_id),
        members=queries.members(held.training_id, by=actor(), now=clock.now(), act="attendance"),
        present=present,
    )


@blueprint.post(SESSION)
@requires("write_trainings")
def correct(session_id: int) -> Any:
    held = sessions.correct_attendance(session_id, _present(), by=actor(), now=clock.now())
    flash(_("Kehadiran disimpan."), "success")
    return redirect(url_for(".show", training_id=held.training_id) + "#pertemuan", 303)


@blueprint.post(f"{SESSION}/hapus")
@requires("write_trainings")
def cancel(session_id: int) -> Any:
    row = sessions.cancel_session(session_id, by=actor(), now=clock.now())
    flash(_("Pertemuan dihapus."), "success")
    return redirect(url_for(".show", training_id=row.id) + "#pertemuan", 303)


@blueprint.post(f"{TRAINING}/tutup")
@requires("write_trainings")
def close(training_id: int) -> Any:
    failed = [whole(text) or 0 for text in request.form.getlist("failed")]
    row = planning.close(training_id, failed, by=actor(), now=clock.now())
    flash(_("Pelatihan ditutup: %(n)s peserta lulus.", n=row.passed), "success")
    return redirect(url_for(".show", training_id=training_id), 303)


def _filters() -> Filters:
    state, year = request.args.get("keadaan", ""), whole(request.args.get("tahun"))
    return Filters(
        state=state if state in STATES else None,
        upt_id=whole(request.args.get("upt")),
        year=year if year and 2000 <= year <= 2099 else None,
        q=" ".join(request.args.get("q", "").split())[:100],
    )


def _exported(rows: Iterator[queries.Row]) -> Iterator[list[Any]]:
    for row in rows:
        one = row.training
        yield [
            *(one.title, one.skill, row.upt, row.partner or "", one.instructor, one.from_on, one.until_on),
            *(one.hours, one.participants, one.passed, one.attended_hours, one.certificates),
            _(row.state_words),
        ]


def _present() -> list[int]:
    return [whole(text) or 0 for text in request.form.getlist("present")]


def _of_form(typed: Mapping[str, str]) -> dict[str, Any]:
    return {name: typed.get(name, "") for name in FIELDS}


def _form(typed: Mapping[str, Any], error: Invalid | None = None, *, row: Training | None = None) -> Any:
    return render_template(
        "trainings/form.html",
        typed=typed,
        row=row,
        problems=error.fields if error else {},
        partners=partners.choices(kept=row.partner_id if row else None),
        key=typed.get("key") or str(uuid4()),
    )


def _choosing(training_id: int, error: Invalid | None = None) -> Any:
    row = queries.row_of(training_id)
    q = " ".join(request.args.get("q", "").split())[:100]
    inside = [one.person_id for one in queries.trainees(training_id)]
    found = people.people(
        PeopleFilters(q=q), by=actor(), now=clock.now(), limit=50, act="choosing", without=inside
    )
    return render_template(
        "trainings/choose.html", row=row, q=q, page=found, problems=error.fields if error else {}
    )


def _page(training_id: int, *, holding: Mapping[str, Any] | None = None, error: Invalid | None = None) -> Any:
    row = queries.row_of(training_id)
    training = row.training
    own = may("read_people")
    issued = awards.of_training(training_id) if own and not training.is_open else {}
    return render_template(
        "trainings/show.html",
        row=row,
        t=training,
        least=planning.least_hours(training),
        sessions=queries.sessions_of(training_id),
        members=queries.members(training_id, by=actor(), now=clock.now()) if own else [],
        own=own,
        awards=issued,
        working=any(one.is_working for one in issued.values()),
        needs_pin=own and may("issue_awards") and awards.needs_pin(),
        holding=holding or {},
        problems=error.fields if error else {},
        key=(holding or {}).get("key") or str(uuid4()),
    )
