"""``/kesiapan``: an UPT's yearly assessment, its profile, its verification, and what is done about its gaps."""

from __future__ import annotations

from collections.abc import Mapping
from secrets import token_urlsafe
from typing import Any

from flask import Blueprint, Flask, abort, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from catalogue.readiness import filling, gaps, queries, verifying
from catalogue.readiness.errors import ReadinessIncomplete, ReadinessMoved
from catalogue.readiness.profile import axes, weakest
from catalogue.readiness.terms import DIMENSIONS, DRAFT, GAP_STATES, HIGHEST, LABELS, STATES, shown
from tenants.clock import now
from tenants.errors import KaryaError, NotFound
from tenants.officers import Actor
from webapp import attachments
from webapp.access import actor, may, requires
from webapp.forms import whole
from webapp.readiness_tables import (
    answer_table,
    dimension_table,
    gap_table,
    of_view,
    radar,
    sentence_of,
    shown_cell,
    year_table,
)
from webapp.shell import again, spoken, timezone_here
from webapp.tablefiles import table_file
from workflows.submission import withdraw as take_back
from workflows.talk.checking import ACCEPTED

blueprint = Blueprint("readiness", __name__, url_prefix="/kesiapan")
TONES = {"draft": "", "in_review": "info", "returned": "wait", "rejected": "bad", "verified": "ok"}
REPLY, FILES = "reply.", ".files"


def register(app: Flask, appbuilder: Any) -> None:
    app.register_blueprint(blueprint)


@blueprint.get("/")
@requires("read_readiness", otherwise=("read_national_readiness", "readiness_national.index"))
def index() -> Any:
    """A year of the Kanwil by UPT; of an UPT its own years and gaps."""
    return _index()


@blueprint.get("/<any(upt,kesenjangan):table>.<kind>")
@requires("read_readiness")
def export(table: str, kind: str) -> Any:
    """One table of a year, as XLSX or CSV."""
    found = queries.year(_year(), now=now())
    made = year_table(found) if table == "upt" else gap_table(found.gaps)
    return table_file(made, f"kesiapan-{table}-{found.year}", kind)


@blueprint.post("/")
@requires("write_readiness")
def begin() -> Any:
    """Begin the year's assessment, or go on with it."""
    try:
        row = filling.begin(whole(request.form.get("year")) or 0, by=actor(), now=now())
    except ReadinessIncomplete as refused:
        return _index(refused.fields), 422
    return redirect(url_for(".edit" if row.state == DRAFT else ".show", readiness_id=row.id), 303)


@blueprint.get("/<int(max=2147483647):readiness_id>")
@requires("read_readiness")
def show(readiness_id: int) -> Any:
    """The profile: radar, answers with what was verified, gaps with their actions."""
    return _show(readiness_id)


@blueprint.get("/<int(max=2147483647):readiness_id>/<any(dimensi,jawaban):table>.<kind>")
@requires("read_readiness")
def export_one(readiness_id: int, table: str, kind: str) -> Any:
    """One table of an assessment, as XLSX or CSV."""
    view = queries.view(readiness_id, now=now())
    made = dimension_table(of_view(view)) if table == "dimensi" else answer_table(view)
    return table_file(made, f"kesiapan-{view.row.year}-{view.upt.slug}-{table}", kind)


@blueprint.get("/<int(max=2147483647):readiness_id>/isi")
@requires("write_readiness")
def edit(readiness_id: int) -> Any:
    """The questions with what was answered so far."""
    view = queries.view(readiness_id, now=now())
    if not view.is_open:
        return redirect(url_for(".show", readiness_id=readiness_id), 303)
    return _editor(view)


@blueprint.post("/<int(max=2147483647):readiness_id>/isi")
@requires("write_readiness")
def post(readiness_id: int) -> Any:
    """Keep what was typed with the files that came, and submit where the button says so."""
    form, by, at = request.form, actor(), now()
    word, _sep, what = form.get("action", "save").partition(":")
    given = answers_in(form)
    try:
        seen = whole(form.get("version"))
        filling.save(readiness_id, given, by=by, now=at, version=seen, replies=replies_in(form))
    except ReadinessMoved as moved:
        if "question" not in moved.detail:
            raise
        problems = {f"{moved.detail['question']}.evidence": moved.message}
        return _editor(queries.view(readiness_id, now=at), problems, tried=True, typed=given), 409
    refused = _take_files(readiness_id, by)
    if word == "remove":
        filling.detach(what, by=by, now=at)
    if refused:
        return _editor(queries.view(readiness_id, now=at), refused), 422
    if word == "submit":
        try:
            filling.submit(readiness_id, by=by, now=at, key=form.get("key") or None)
        except ReadinessIncomplete as incomplete:
            return _editor(queries.view(readiness_id, now=at), incomplete.fields, tried=True), 422
        flash(_("Penilaian diajukan; Kanwil memverifikasinya."), "success")
        return redirect(url_for(".show", readiness_id=readiness_id), 303)
    flash(_("Konsep tersimpan."), "success")
    place = what if word == "attach" else None
    return redirect(url_for(".edit", readiness_id=readiness_id, _anchor=place), 303)


@blueprint.post("/<int(max=2147483647):readiness_id>/simpan")
@requires("write_readiness")
def autosave(readiness_id: int) -> Any:
    """The answers that changed; answers what is wrong with them, and how complete the draft is."""
    form = request.form
    given, seen = answers_in(form), whole(form.get("version"))
    filling.save(readiness_id, given, by=actor(), now=now(), version=seen, replies=replies_in(form))
    view = queries.view(readiness_id, now=now())
    _read, wrong = filling.read_answers(given, view.asked)
    return jsonify(
        version=seen,  # what this window knows of others' answers is what it was opened with
        base="",
        problems={name: spoken(text) for name, text in wrong.items()},
        complete=view.complete,
    )


@blueprint.post("/<int(max=2147483647):readiness_id>/batal")
@requires("write_readiness")
def withdraw(readiness_id: int) -> Any:
    """Take a submission back before it is decided."""
    row = filling.loaded(readiness_id)
    if row.case_id is None:
        raise NotFound()
    reason = request.form.get("reason", "").strip() or "Ditarik oleh UPT"
    take_back(row.case_id, reason=reason, by=actor(), now=now())
    flash(_("Pengajuan dibatalkan; penilaian kembali menjadi konsep."), "success")
    return redirect(url_for(".edit", readiness_id=readiness_id), 303)


@blueprint.get("/bukti/<string(maxlength=40):key>")
@requires("read_readiness")
def evidence(key: str) -> Any:
    """A file of evidence, to be saved; never shown inside a page."""
    return attachments.download(*queries.evidence(key))


@blueprint.get("/<int(max=2147483647):readiness_id>/verifikasi")
@requires("verify_readiness")
def verify_form(readiness_id: int) -> Any:
    """The answers with a verified score beside each."""
    return _verify(readiness_id)


@blueprint.post("/<int(max=2147483647):readiness_id>/verifikasi")
@requires("verify_readiness")
def verify(readiness_id: int) -> Any:
    """Keep the verified scores; the decision is the case's."""
    form = request.form
    try:
        row = verifying.verify(readiness_id, scores_in(form), by=actor(), now=now())
    except ReadinessIncomplete as refused:
        return _verify(readiness_id, refused.fields, form), 422
    flash(_("Nilai verifikasi tersimpan. Putuskan kasusnya bila semua sudah dinilai."), "success")
    if form.get("then") == "case":
        return redirect(url_for("cases.show", case_id=row.case_id), 303)
    return redirect(url_for(".verify_form", readiness_id=readiness_id), 303)


@blueprint.post("/<int(max=2147483647):readiness_id>/tindakan")
@requires("act_on_gaps")
def add_gap(readiness_id: int) -> Any:
    """Write down what is done about a gap."""
    form = request.form
    try:
        given = {name: form.get(name, "") for name in ("question", "action", "who", "due_on")}
        gap = gaps.add(readiness_id, given, by=actor(), now=now(), key=form.get("key") or None)
    except ReadinessIncomplete as refused:
        return _show(readiness_id, refused.fields, form), 422
    flash(_("Tindakan dicatat."), "success")
    return redirect(url_for(".show", readiness_id=readiness_id, _anchor=gap.question), 303)


@blueprint.get("/tindakan/<int(max=2147483647):gap_id>")
@requires("act_on_gaps")
def gap(gap_id: int) -> Any:
    """One action, to be corrected or ended."""
    return _gap(gap_id, {})


@blueprint.post("/tindakan/<int(max=2147483647):gap_id>")
@requires("act_on_gaps")
def change_gap(gap_id: int) -> Any:
    """Correct or end it."""
    form = request.form
    given = {name: form[name] for name in gaps.FIELDS if name in form}
    try:
        done = gaps.change(gap_id, given, by=actor(), now=now(), version=whole(form.get("version")))
    except ReadinessIncomplete as refused:
        return _gap(gap_id, refused.fields, form), 422
    flash(_("Tindakan disimpan."), "success")
    return redirect(url_for(".show", readiness_id=done.readiness_id, _anchor=done.question), 303)


# --- reading forms ---


def answers_in(form: MultiDict[str, str]) -> dict[str, dict[str, str]]:
    """``budget_1.score`` and ``budget_1.evidence`` of a form, by question."""
    found: dict[str, dict[str, str]] = {}
    for name, text in form.items():
        question, _sep, part = name.partition(".")
        if question in LABELS and part in ("score", "evidence"):
            found.setdefault(question, {})[part] = text
    return found


def replies_in(form: MultiDict[str, str]) -> dict[str, str]:
    """What the form answers to the requests of a return."""
    return {name.removeprefix(REPLY): text for name, text in form.items() if name.startswith(REPLY)}


def scores_in(form: MultiDict[str, str]) -> dict[str, dict[str, str]]:
    """``budget_1.score`` and ``budget_1.reason`` of a form, by question."""
    found: dict[str, dict[str, str]] = {}
    for name, text in form.items():
        question, _sep, part = name.partition(".")
        if question in LABELS and part in ("score", "reason"):
            found.setdefault(question, {})[part] = text
    return found


def _take_files(readiness_id: int, by: Actor) -> dict[str, Any]:
    """Keep the files that came with the form; the refusals come back, each at its question."""
    refused: dict[str, Any] = {}
    for name in request.files:
        question = name.removesuffix(FILES)
        if question not in LABELS or not any(one.filename for one in request.files.getlist(name)):
            continue
        try:
            given = attachments.uploaded(name, most=filling.MOST_FILES)
            filling.attach(readiness_id, question, given, by=by, now=now())
        except KaryaError as error:
            if isinstance(error, ReadinessMoved) or error.status not in (409, 413, 415, 422):
                raise
            refused[name] = error.fields.get(name) or error.message
    return refused


def _year() -> int:
    asked = whole(request.args.get("tahun"))
    return asked if asked and 2000 <= asked <= 2099 else now().astimezone(timezone_here()).year


# --- pages ---


def _index(problems: Mapping[str, Any] = {}) -> str:
    at, year = now(), _year()
    found = queries.year(year, now=at)
    today = at.astimezone(timezone_here()).date()
    own = queries.own(actor().upt_id or 0) if actor().upt_id is not None else []
    shapes = axes(found.means, before=found.means_before)
    return render_template(
        "readiness/index.html",
        active="readiness",
        found=found,
        own=own,
        years=[today.year - back for back in range(4)],
        begun={row.year for row in own},
        picture=radar(shapes, _sentence(found), verified=True),
        tables=[dimension_table(shapes), year_table(found)],
        gap_fold=gap_table(found.gaps),
        shown=shown_cell,
        score=shown,
        states=STATES,
        tones=TONES,
        problems=problems,
        labels=LABELS,
        export=lambda table, kind: url_for(".export", table=table, kind=kind, tahun=year),
    )


def _sentence(found: queries.Year) -> str:
    lowest = weakest(axes(found.means))
    if lowest is None:
        return _("Belum ada UPT yang terverifikasi pada tahun %(year)s.", year=found.year)
    return _(
        "%(n)s dari %(all)s UPT terverifikasi, rata-rata %(total)s dari 4; paling lemah %(dimension)s (%(score)s).",
        n=found.verified,
        all=len(found.rows),
        total=shown(found.total),
        dimension=_(lowest.label),
        score=shown(lowest.value),
    )


def _show(readiness_id: int, problems: Mapping[str, Any] = {}, typed: Mapping[str, str] | None = None) -> str:
    at, by = now(), actor()
    view = queries.view(readiness_id, now=at)
    found = of_view(view)
    case = queries.case_of(view.row, by)
    return render_template(
        "readiness/show.html",
        active="readiness",
        view=view,
        row=view.row,
        case=case,
        may_verify=may("verify_readiness") and queries.waiting_case(view.row),
        why_not=case.why_not(by, at) if case is not None and queries.waiting_case(view.row) else None,
        picture=radar(found, sentence_of(view), verified=bool(view.row.verified_scores)),
        table=dimension_table(found),
        dimensions=DIMENSIONS,
        shown=shown_cell,
        score=shown,
        states=STATES,
        tones=TONES,
        gap_states=GAP_STATES,
        labels=LABELS,
        problems=problems,
        typed=typed or {},
        writes_gaps=may("act_on_gaps"),
        form_key=token_urlsafe(12),
        export=lambda table, kind: url_for(".export_one", readiness_id=readiness_id, table=table, kind=kind),
    )


def _editor(
    view: queries.View,
    problems: Mapping[str, Any] = {},
    *,
    tried: bool = False,
    typed: Mapping[str, Mapping[str, str]] = {},
) -> str:
    said = {name: again(text) if isinstance(text, str) else text for name, text in problems.items()}
    return render_template(
        "readiness/edit.html",
        active="readiness",
        view=view,
        row=view.row,
        dimensions=DIMENSIONS,
        problems=said,
        tried=tried,
        typed=typed,
        labels=_labels(view),
        accepted=ACCEPTED,
        requests=sum(len(line.requests) for line in view.lines),
        key=token_urlsafe(12),
        most_files=filling.MOST_FILES,
    )


def _labels(view: queries.View) -> dict[str, str]:
    """The names under which a summary of problems speaks of fields."""
    found = {}
    for line in view.lines:
        name = spoken(LABELS[line.question.key])
        found |= {
            f"{line.question.key}.score": _("%(question)s, nilai", question=name),
            f"{line.question.key}.evidence": _("%(question)s, bukti", question=name),
            f"{line.question.key}.files": _("%(question)s, berkas", question=name),
        }
        found |= {f"reply.{one['id']}": _("%(question)s, jawaban", question=name) for one in line.requests}
    return found


def _verify(
    readiness_id: int, problems: Mapping[str, Any] = {}, typed: MultiDict[str, str] | None = None
) -> Any:
    at, by = now(), actor()
    view = queries.view(readiness_id, now=at)
    if not queries.waiting_case(view.row):
        return redirect(url_for(".show", readiness_id=readiness_id), 303)
    case = queries.case_of(view.row, by)
    if case is None:
        abort(404)
    return render_template(
        "readiness/verify.html",
        active="readiness",
        view=view,
        row=view.row,
        case=case,
        why_not=case.why_not(by, at),
        dimensions=DIMENSIONS,
        problems={name: again(text) for name, text in problems.items()},
        labels=_labels(view)
        | {
            f"{line.question.key}.reason": _(
                "%(question)s, alasan", question=spoken(LABELS[line.question.key])
            )
            for line in view.lines
        },
        typed=typed,
        highest=HIGHEST,
    )


def _gap(gap_id: int, problems: Mapping[str, Any], typed: Mapping[str, str] | None = None) -> str:
    one = gaps.one(gap_id)
    view = queries.view(one.readiness_id, now=now())
    kept = {name: getattr(one, name) for name in gaps.FIELDS} | {"due_on": one.due_on.isoformat()}
    return render_template(
        "readiness/gap.html",
        active="readiness",
        gap=one,
        view=view,
        question=view.asked.question(one.question),
        typed=typed or kept,
        problems=problems,
        states=[(key, _(label)) for key, label in GAP_STATES.items()],
        labels=LABELS,
        version=(typed or {}).get("version", one.version),
    )
