"""Recaps: ``/rekap`` of the Kanwil, ``/rekap-masuk`` of the Dirjen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from flask import Blueprint, Flask, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from recaps import batches, drafting, obstacle_lists, queries, receiving, revoking, signing
from recaps.delivery import queries as delivery
from recaps.errors import RecapExists
from recaps.letter import PRINTED_UPT, bars_of
from recaps.models import IN_REVIEW, READY
from recaps.signers.fitness import ends_soon
from tenants import clock
from tenants.errors import Invalid
from webapp.access import actor, may, requires
from webapp.api import cursor, cursor_text
from webapp.api.recaps import pdf_answer
from webapp.shell import spoken, timezone_here
from workflows import deadlines
from workflows import queries as cases
from workflows.decisions import Verdict, decide
from workflows.subjects import subject_type

blueprint = Blueprint("recaps", __name__)


def register(app: Flask, appbuilder: Any) -> None:
    app.register_blueprint(blueprint)


# --- the Kanwil's recaps ---


@blueprint.get("/rekap")
@requires("read_recaps", otherwise=("read_national", "recaps.received"))
def index() -> Any:
    return _index()


def _index(problems: Mapping[str, Any] | None = None, period: str = "") -> Any:
    keyset = cursor()
    rows, following = queries.listed(after=tuple(keyset) if keyset else None)
    return render_template(
        "recaps/index.html",
        rows=rows,
        next_url=url_for("recaps.index", cursor=cursor_text(list(following))) if following else None,
        first_url=url_for("recaps.index") if keyset else None,
        choices=queries.choices(clock.now(), timezone_here()) if may("draft_recaps") else [],
        counts=obstacle_lists.counts(clock.now().astimezone(timezone_here()).date()),
        asked_of_us=delivery.open_in_kanwil(),
        to_sign=len(batches.to_sign(actor())) if may("sign_recaps") else 0,
        problems=problems or {},
        period=period,
        key=str(uuid4()),
    )


@blueprint.post("/rekap")
@requires("draft_recaps")
def draft() -> Any:
    period = request.form.get("period_typed", "").strip() or request.form.get("period", "")
    try:
        recap, _replayed = drafting.draft(period, by=actor(), now=clock.now(), key=request.form.get("key"))
    except RecapExists as error:
        flash(spoken(error.message), "info")
        return redirect(url_for("recaps.show", recap_id=error.detail["recap_id"]), 303)
    except Invalid as error:
        return _index(error.fields, period), 422
    return redirect(url_for("recaps.show", recap_id=recap.id), 303)


@blueprint.get("/rekap/<int:recap_id>")
@requires("read_recaps")
def show(recap_id: int) -> Any:
    return _page(recap_id)


@blueprint.get("/rekap/<int:recap_id>/keadaan")
@requires("read_recaps")
def progress(recap_id: int) -> Any:
    return _progress(recap_id)


@blueprint.get("/rekap/<int:recap_id>/pdf")
@requires("read_recaps")
def pdf(recap_id: int) -> Response:
    return pdf_answer(recap_id, download="unduh" in request.args)


@blueprint.post("/rekap/<int:recap_id>/susun-ulang")
@requires("draft_recaps")
def redraft(recap_id: int) -> Any:
    drafting.redraft(recap_id, by=actor(), now=clock.now())
    return redirect(url_for("recaps.show", recap_id=recap_id), 303)


@blueprint.post("/rekap/<int:recap_id>/ajukan")
@requires("draft_recaps")
def submit(recap_id: int) -> Any:
    drafting.submit(recap_id, by=actor(), now=clock.now())
    flash(_("Rekap diajukan kepada Kepala Kantor Wilayah."), "success")
    return redirect(url_for("recaps.show", recap_id=recap_id), 303)


@blueprint.post("/rekap/<int:recap_id>/telaah")
@requires("draft_recaps")
def review(recap_id: int) -> Any:
    prefix = "checklist."
    checklist = {k.removeprefix(prefix): v for k, v in request.form.items() if k.startswith(prefix)}
    verdict = Verdict("approve", request.form.get("comment", ""), checklist=checklist)
    return _decided(recap_id, verdict, _("Rekap diteruskan kepada Kepala Kantor Wilayah."))


@blueprint.post("/rekap/<int:recap_id>/pendapat")
@requires("decide_cases")
def advise(recap_id: int) -> Any:
    """The opinion of a stage that does not decide. An unticked question was answered with no."""
    form, prefix = request.form, "checklist."
    recap = drafting.load(recap_id)
    view = cases.case_view(recap.case_id, by=actor()) if recap.case_id else None
    ticks = {item.key: "no" for item in view.items() if item.type == "yes_no"} if view else {}
    checklist = ticks | {k.removeprefix(prefix): v for k, v in form.items() if k.startswith(prefix)}
    verdict = Verdict("opinion", form.get("comment", ""), checklist=checklist)
    return _decided(recap_id, verdict, _("Pendapat Anda dikirim."))


@blueprint.post("/rekap/<int:recap_id>/kembalikan")
@requires("decide_cases")
def send_back(recap_id: int) -> Any:
    form = request.form
    rows = zip(form.getlist("request_field"), form.getlist("request_text"), strict=False)
    requests = [{"field": name, "text": text} for name, text in rows if text.strip()]
    comment = form.get("comment_return", "").strip() or "; ".join(one["text"] for one in requests)
    verdict = Verdict("return", comment, requests=requests)
    return _decided(recap_id, verdict, _("Rekap dikembalikan kepada penyusunnya."))


def _decided(recap_id: int, verdict: Verdict, said: str) -> Any:
    recap = drafting.load(recap_id)
    try:
        decide(recap.case_id or 0, verdict, by=actor(), key=request.form.get("key", ""), now=clock.now())
    except Invalid as error:
        return _page(recap_id, error), 422
    flash(said, "success")
    return redirect(url_for("recaps.show", recap_id=recap_id), 303)


@blueprint.post("/rekap/<int:recap_id>/tandatangani")
@requires("sign_recaps")
def sign(recap_id: int) -> Any:
    try:
        signing.request_sign(recap_id, by=actor(), now=clock.now(), pin=request.form.get("pin") or None)
    except Invalid as error:
        return _page(recap_id, error), 422
    return redirect(url_for("recaps.show", recap_id=recap_id), 303)


@blueprint.post("/rekap/<int:recap_id>/cabut")
@requires("sign_recaps")
def revoke(recap_id: int) -> Any:
    form = request.form
    try:
        revoking.revoke(
            recap_id, form.get("reason", ""), by=actor(), now=clock.now(), key=form.get("key") or None
        )
    except Invalid as error:
        return _page(recap_id, error, form.get("reason", "")), 422
    flash(_("Rekap dicabut. Direktur Jenderal dan Kepala Divisi diberi tahu."), "success")
    return redirect(url_for("recaps.show", recap_id=recap_id), 303)


def _page(recap_id: int, error: Invalid | None = None, typed_reason: str = "") -> Any:
    by, now = actor(), clock.now()
    view = queries.view(recap_id, by=by)
    national = by.tenant_id is None
    case = None
    if not national and view.recap.case_id and view.state in (IN_REVIEW, READY):
        case = cases.case_view(view.recap.case_id, by=by)
    may_decide = case is not None and case.why_not(by, clock.now()) is None
    why_wait = case.why_not(by, clock.now()) if case is not None and not may_decide else None
    deadline = ""
    if case is not None and case.case.due_at and case.case.due_on:
        deadline = deadlines.in_words(case.case.due_at, case.case.due_on, now, case.calendar)
    may_sign = may_decide and view.state == READY and may("sign_recaps")
    certificate = signing.certificate_of(by, now=now) if may_sign else None
    return render_template(
        "recaps/show.html",
        active="received" if national else "recaps",
        national=national,
        view=view,
        dispositions=delivery.of_recap(recap_id, by=by, today=now.astimezone(timezone_here()).date())
        if view.recap.signed_at
        else [],
        recap=view.recap,
        f=view.figures,
        chart=bars_of(view.figures) if view.figures else "",
        printed_upt=PRINTED_UPT,
        case=case,
        may_decide=may_decide,
        may_sign=may_sign,
        may_revoke=revoking.may_revoke(view.recap, by=by),
        revoke_url=url_for("recaps.revoke", recap_id=recap_id),
        revoke_key=str(uuid4()),
        recipient=_("Direktur Jenderal"),
        typed_reason=typed_reason,
        why_wait=why_wait,
        deadline=deadline,
        certificate=certificate,
        ends_soon=certificate is not None and ends_soon(certificate.valid_until, now),
        needs_pin=signing.signer().needs_pin,
        cut_off=queries.cut_off(view.recap),
        key=str(uuid4()),
        labels=list(subject_type(drafting.SUBJECT).field_labels.items()),
        problems=error.fields if error else {},
        problem=error.message if error else None,
        pdf_url=url_for("recaps.received_pdf" if national else "recaps.pdf", recap_id=recap_id),
        progress_url=url_for(
            "recaps.received_progress" if national else "recaps.progress", recap_id=recap_id
        ),
    )


def _progress(recap_id: int) -> Any:
    """What htmx asks while a job is at work: the same line again, or the word to load the page anew."""
    view = queries.view(recap_id, by=actor())
    if not view.row.is_working:
        return Response("", headers={"HX-Refresh": "true"})
    return render_template("recaps/_working.html", recap=view.recap, progress_url=request.path)


# --- the Dirjen's ---


@blueprint.get("/rekap-masuk")
@requires("read_national")
def received() -> Any:
    keyset = cursor()
    waiting = request.args.get("saring") == "menunggu"
    rows, following = queries.received(waiting=waiting, after=tuple(keyset) if keyset else None)
    own = {"saring": "menunggu"} if waiting else {}
    return render_template(
        "recaps/received.html",
        rows=rows,
        waiting=waiting,
        counts=queries.received_counts(),
        asked_of_me=delivery.waiting_for(actor()),
        next_url=url_for("recaps.received", cursor=cursor_text(list(following)), **own)
        if following
        else None,
        first_url=url_for("recaps.received", **own) if keyset else None,
    )


@blueprint.get("/rekap-masuk/<int:recap_id>")
@requires("read_national")
def received_one(recap_id: int) -> Any:
    return _page(recap_id)


@blueprint.get("/rekap-masuk/<int:recap_id>/keadaan")
@requires("read_national")
def received_progress(recap_id: int) -> Any:
    return _progress(recap_id)


@blueprint.get("/rekap-masuk/<int:recap_id>/pdf")
@requires("read_national")
def received_pdf(recap_id: int) -> Response:
    return pdf_answer(recap_id, download="unduh" in request.args)


@blueprint.post("/rekap-masuk/<int:recap_id>/terima")
@requires("acknowledge_recaps")
def acknowledge(recap_id: int) -> Any:
    try:
        receiving.request_acknowledge(
            recap_id, by=actor(), now=clock.now(), pin=request.form.get("pin") or None
        )
    except Invalid as error:
        return _page(recap_id, error), 422
    return redirect(url_for("recaps.received_one", recap_id=recap_id), 303)
