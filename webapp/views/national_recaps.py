"""``/rekap-nasional``: who has sent a period's recap and who has not, and the recap of the country on its way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from flask import Blueprint, Flask, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from recaps.errors import BadPeriod, RecapExists
from recaps.national import drafting, letterhead, queries, revoking, signing
from recaps.national.letter import bars_of
from recaps.national.models import IN_REVIEW, SIGNED
from recaps.rounds import board
from recaps.signing import signer
from tenants.clock import now
from tenants.errors import Invalid
from webapp.access import actor, may, requires
from webapp.api.recaps import pdf_response
from webapp.forms import whole
from webapp.home_map import COLUMNS, HEIGHT, ROWS, WIDTH, tiles
from webapp.shell import spoken

blueprint = Blueprint("national_recaps", __name__)
LETTER_FIELDS = (*letterhead.TEXTS, "copies", "due_workday")
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def register(app: Flask, appbuilder: Any) -> None:
    app.register_blueprint(blueprint)


# --- the board ---


@blueprint.get("/rekap-nasional")
@requires("read_national")
def index() -> Any:
    return _index(_board(request.args.get("periode", "")))


@blueprint.get("/rekap-nasional/papan")
@requires("read_national")
def board_part() -> Any:
    """What htmx asks while drafts are being prepared."""
    return render_template(
        "national_recaps/_board.html", **_board_shown(_board(request.args.get("periode", "")))
    )


@blueprint.get("/rekap-nasional/papan.xlsx")
@requires("read_national")
def sheet() -> Response:
    found = _board(request.args.get("periode", ""))
    answer = Response(board.as_sheet(found), mimetype=SHEET)
    answer.headers["Content-Disposition"] = f'attachment; filename="papan-rekap-{found.period}.xlsx"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@blueprint.post("/rekap-nasional/ingatkan")
@requires("read_national")
def remind() -> Any:
    period, kanwil_id = request.form.get("periode", ""), whole(request.form.get("kanwil_id"))
    due = letterhead.own().due_workday
    count = board.remind_missing(period, by=actor(), now=now(), due_workday=due, kanwil_id=kanwil_id)
    if count:
        flash(_("%(n)s Kanwil diingatkan.", n=count), "success")
    else:
        flash(_("Tidak ada yang diingatkan: semua sudah mengirim atau sudah diingatkan hari ini."), "info")
    return redirect(url_for(".index", periode=period), 303)


@blueprint.post("/rekap-nasional/susun-konsep")
@requires("draft_national_recaps")
def draft_missing() -> Any:
    period = request.form.get("periode", "")
    due = letterhead.own().due_workday
    count = board.draft_missing(period, by=actor(), now=now(), due_workday=due)
    flash(
        _("%(n)s konsep mulai disusun.", n=count) if count else _("Setiap Kanwil sudah punya konsep."),
        "success",
    )
    return redirect(url_for(".index", periode=period), 303)


def _board(period: str) -> board.Board:
    due = letterhead.own().due_workday
    try:
        return board.board(period or board.usual_period(now()), now=now(), due_workday=due)
    except BadPeriod:
        return board.board(board.usual_period(now()), now=now(), due_workday=due)


def _board_shown(found: board.Board) -> dict[str, Any]:
    return {
        "board": found,
        "words": {key: _(word) for key, word in board.WORDS.items()},
        "tiles": tiles(found.states),
        "box": f"0 0 {COLUMNS * WIDTH} {ROWS * HEIGHT}",
    }


def _index(found: board.Board, problems: Mapping[str, Any] | None = None) -> Any:
    before = whole(request.args.get("sebelum"))
    rows, following = queries.listed(before=before)
    choices = board.periods(now())
    if found.period not in dict(choices):
        choices = [(found.period, found.label), *choices]
    return render_template(
        "national_recaps/index.html",
        active="received",
        rows=rows,
        next_url=url_for(".index", sebelum=following, periode=found.period) if following else None,
        first_url=url_for(".index", periode=found.period) if before else None,
        choices=choices,
        problems=problems or {},
        key=str(uuid4()),
        **_board_shown(found),
    )


# --- the recap of the country ---


@blueprint.post("/rekap-nasional")
@requires("draft_national_recaps")
def draft() -> Any:
    period = request.form.get("periode", "")
    try:
        recap, _replayed = drafting.draft(period, by=actor(), now=now(), key=request.form.get("key"))
    except RecapExists as error:
        flash(spoken(error.message), "info")
        return redirect(url_for(".show", recap_id=error.detail["recap_id"]), 303)
    except Invalid as error:
        return _index(_board(""), error.fields), 422
    return redirect(url_for(".show", recap_id=recap.id), 303)


@blueprint.get("/rekap-nasional/<int:recap_id>")
@requires("read_national")
def show(recap_id: int) -> Any:
    return _page(recap_id)


@blueprint.get("/rekap-nasional/<int:recap_id>/keadaan")
@requires("read_national")
def progress(recap_id: int) -> Any:
    """What htmx asks while a job is at work."""
    recap = drafting.load(recap_id)
    if not recap.is_working:
        return Response("", headers={"HX-Refresh": "true"})
    return render_template("recaps/_working.html", recap=recap, progress_url=request.path)


@blueprint.get("/rekap-nasional/<int:recap_id>/pdf")
@requires("read_national")
def pdf(recap_id: int) -> Response:
    recap, data = queries.pdf(recap_id)
    return pdf_response(data, queries.file_name(recap), download="unduh" in request.args)


@blueprint.post("/rekap-nasional/<int:recap_id>/susun-ulang")
@requires("draft_national_recaps")
def redraft(recap_id: int) -> Any:
    drafting.redraft(recap_id, by=actor(), now=now())
    return redirect(url_for(".show", recap_id=recap_id), 303)


@blueprint.post("/rekap-nasional/<int:recap_id>/ajukan")
@requires("draft_national_recaps")
def submit(recap_id: int) -> Any:
    drafting.submit(recap_id, by=actor(), now=now())
    flash(_("Rekap nasional diajukan kepada Direktur Jenderal."), "success")
    return redirect(url_for(".show", recap_id=recap_id), 303)


@blueprint.post("/rekap-nasional/<int:recap_id>/tandatangani")
@requires("sign_national_recaps")
def sign(recap_id: int) -> Any:
    try:
        signing.request_sign(recap_id, by=actor(), now=now(), pin=request.form.get("pin") or None)
    except Invalid as error:
        return _page(recap_id, error), 422
    return redirect(url_for(".show", recap_id=recap_id), 303)


@blueprint.post("/rekap-nasional/<int:recap_id>/kembalikan")
@requires("sign_national_recaps")
def send_back(recap_id: int) -> Any:
    reason = request.form.get("reason", "")
    try:
        signing.send_back(recap_id, reason, by=actor(), now=now())
    except Invalid as error:
        return _page(recap_id, error, reason), 422
    flash(_("Rekap nasional dikembalikan kepada Admin Pusat."), "success")
    return redirect(url_for(".show", recap_id=recap_id), 303)


@blueprint.post("/rekap-nasional/<int:recap_id>/cabut")
@requires("sign_national_recaps")
def revoke(recap_id: int) -> Any:
    form = request.form
    try:
        revoking.revoke(recap_id, form.get("reason", ""), by=actor(), now=now(), key=form.get("key") or None)
    except Invalid as error:
        return _page(recap_id, error, form.get("reason", "")), 422
    flash(_("Rekap nasional dicabut."), "success")
    return redirect(url_for(".show", recap_id=recap_id), 303)


def _page(recap_id: int, error: Invalid | None = None, typed: str = "") -> Any:
    view, by = queries.view(recap_id), actor()
    may_sign = view.recap.state == IN_REVIEW and may("sign_national_recaps") and not view.recap.is_working
    return render_template(
        "national_recaps/show.html",
        active="received",
        view=view,
        recap=view.recap,
        f=view.figures,
        chart=bars_of(view.figures) if view.figures and view.figures["totals"]["packages"] else "",
        may_sign=may_sign,
        may_revoke=view.recap.state == SIGNED
        and may("sign_national_recaps")
        and by.id not in (view.recap.drafted_by, view.recap.submitted_by),
        revoke_url=url_for(".revoke", recap_id=recap_id),
        revoke_key=str(uuid4()),
        recipient=_("Siapa pun yang memverifikasinya"),
        typed_reason=typed,
        certificate=signing.certificate_of(by, now=now()) if may_sign else None,
        needs_pin=signer().needs_pin,
        problems=error.fields if error else {},
        typed=typed,
        pdf_url=url_for(".pdf", recap_id=recap_id),
        progress_url=url_for(".progress", recap_id=recap_id),
    )


# --- the centre's letter ---


@blueprint.get("/rekap-nasional/surat")
@requires("draft_national_recaps")
def letter() -> Any:
    row = letterhead.own()
    values = {key: getattr(row, key) for key in LETTER_FIELDS} | {"copies": "\n".join(row.copies or [])}
    return _letter(values, {})


@blueprint.post("/rekap-nasional/surat")
@requires("draft_national_recaps")
def save_letter() -> Any:
    values = {key: request.form.get(key, "") for key in LETTER_FIELDS}
    try:
        changed = letterhead.save(values, by=actor(), now=now())
    except Invalid as error:
        return _letter(values, error.fields), 422
    flash(_("Pengaturan disimpan.") if changed else _("Tidak ada yang berubah."), "success")
    return redirect(url_for(".letter"), 303)


def _letter(values: Mapping[str, Any], problems: Mapping[str, Any]) -> str:
    return render_template("national_recaps/letter.html", v=values, problems=problems, active="received")
