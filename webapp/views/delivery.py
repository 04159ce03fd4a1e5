"""What follows a delivered recap: dispositions (``/rekap-masuk/disposisi``, ``/rekap/disposisi``), the archive
(``/rekap-masuk/arsip``, ``/rekap/arsip``) and a year of it as a signed ZIP."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

from flask import Blueprint, Flask, Response, flash, redirect, render_template, request, send_file, url_for
from flask_babel import gettext as _

from recaps import queries as recaps
from recaps.delivery import archive, bundles, dispositions, queries
from recaps.delivery.archive import Asked
from recaps.signing import signer
from tenants import clock, database
from tenants.database import session
from tenants.errors import Invalid
from webapp.access import actor, may, requires
from webapp.api import cursor, cursor_text
from webapp.forms import whole
from webapp.shell import timezone_here

blueprint = Blueprint("delivery", __name__)
PURPOSE = "disposisi"


def register(app: Flask, appbuilder: Any) -> None:
    app.register_blueprint(blueprint)


# --- dispositions ---


@blueprint.get("/rekap-masuk/disposisi")
@requires("read_national")
def received_dispositions() -> Any:
    """Of the Dirjen: to every Kanwil, and within the centre (``?kepada=pusat``). Of others: those that name them."""
    by = actor()
    inside = not may("give_dispositions") or request.args.get("kepada") == "pusat"
    state, after = _state(), whole(request.args.get("setelah"))
    if inside:
        rows, following = queries.of_centre(by=by, today=_today(), state=state, after=after)
    else:
        with database.national(PURPOSE) as reader:
            rows, following = queries.of_kanwil(reader, by=by, today=_today(), state=state, after=after)
    return _list(rows, following, after, inside=inside)


@blueprint.get("/rekap/disposisi")
@requires("read_recaps")
def kanwil_dispositions() -> Any:
    """What the Dirjen asked of this Kanwil."""
    state, after = _state(), whole(request.args.get("setelah"))
    rows, following = queries.of_kanwil(session(), by=actor(), today=_today(), state=state, after=after)
    return _list(rows, following, after, inside=False)


@blueprint.get("/rekap-masuk/<int:recap_id>/disposisi")
@requires("give_dispositions")
def new_disposition(recap_id: int) -> Any:
    """The form for a disposition on a recap."""
    return _form(recap_id, {})


@blueprint.post("/rekap-masuk/<int:recap_id>/disposisi")
@requires("give_dispositions")
def give(recap_id: int) -> Any:
    """Write it."""
    typed = request.form.to_dict()
    entered = {name: typed.get(name, "") for name in ("instruction", "to", "due_on")}
    try:
        dispositions.give(recap_id, entered, by=actor(), now=clock.now(), key=typed.get("key"))
    except Invalid as error:
        return _form(recap_id, typed, error), 422
    flash(_("Disposisi dikirim kepada penerimanya."), "success")
    return redirect(url_for("recaps.received_one", recap_id=recap_id), 303)


@blueprint.get("/rekap-masuk/disposisi/<kind>/<int:disposition_id>")
@requires("read_national")
def end_form(kind: str, disposition_id: int) -> Any:
    """The form that ends a disposition: done by who is named, withdrawn by the Dirjen."""
    return _end_page(kind, disposition_id, {})


@blueprint.post("/rekap-masuk/disposisi/centre/<int:disposition_id>/selesai")
@requires("read_national")
def finish_centre(disposition_id: int) -> Any:
    """Who is named says what he did."""
    try:
        row = dispositions.finish_centre(
            disposition_id, request.form.get("note", ""), by=actor(), now=clock.now()
        )
    except Invalid as error:
        return _end_page("centre", disposition_id, error.fields), 422
    flash(_("Disposisi ditandai selesai."), "success")
    return redirect(url_for("recaps.received_one", recap_id=row.recap_id), 303)


@blueprint.post("/rekap-masuk/disposisi/<kind>/<int:disposition_id>/tarik")
@requires("give_dispositions")
def withdraw(kind: str, disposition_id: int) -> Any:
    """The Dirjen takes it back."""
    try:
        row = dispositions.withdraw(
            kind, disposition_id, request.form.get("note", ""), by=actor(), now=clock.now()
        )
    except Invalid as error:
        return _end_page(kind, disposition_id, error.fields), 422
    flash(_("Disposisi ditarik."), "success")
    return redirect(url_for("recaps.received_one", recap_id=row.recap_id), 303)


@blueprint.get("/rekap/disposisi/<int:disposition_id>")
@requires("finish_dispositions")
def finish_form(disposition_id: int) -> Any:
    """The Kanwil's form: what was done."""
    return _finish_page(disposition_id, {})


@blueprint.post("/rekap/disposisi/<int:disposition_id>/selesai")
@requires("finish_dispositions")
def finish(disposition_id: int) -> Any:
    """The Kanwil says what it did."""
    try:
        row = dispositions.finish(disposition_id, request.form.get("note", ""), by=actor(), now=clock.now())
    except Invalid as error:
        return _finish_page(disposition_id, error.fields), 422
    flash(_("Disposisi ditandai selesai; Direktur Jenderal melihatnya."), "success")
    return redirect(url_for("recaps.show", recap_id=row.recap_id), 303)


def _list(rows: Any, following: int | None, after: int | None, *, inside: bool) -> str:
    national = actor().tenant_id is None
    here = "delivery.received_dispositions" if national else "delivery.kanwil_dispositions"
    kept = {k: v for k, v in request.args.items() if v and k != "setelah"}
    return render_template(
        "delivery/dispositions.html",
        active="received" if national else "recaps",
        rows=rows,
        national=national,
        inside=inside,
        state=request.args.get("keadaan", "open"),
        next_url=url_for(here, **{**kept, "setelah": following}) if following else None,
        first_url=url_for(here, **kept) if after else None,
    )


def _form(recap_id: int, typed: dict[str, str], error: Invalid | None = None) -> str:
    view = recaps.view(recap_id, by=actor())
    kanwil = view.row.kanwil.short_name
    choices = [(dispositions.KANWIL, kanwil)]
    choices += [(one.username, f"{one.name}, {one.office}") for one in dispositions.officers()]
    return render_template(
        "delivery/disposition.html",
        active="received",
        view=view,
        typed=typed,
        choices=choices,
        problems=error.fields if error else {},
        key=typed.get("key") or str(uuid4()),
    )


def _end_page(kind: str, disposition_id: int, problems: dict[str, Any]) -> str:
    by = actor()
    if kind == dispositions.CENTRE:
        row: Any = dispositions.centre_one(disposition_id)
        dispositions.concerns(row, by)
    else:
        row = dispositions.for_centre(disposition_id, by=by)
    one = queries.shown(row, by=by, today=_today())
    act = None
    if one.may_finish:
        act = url_for(".finish_centre", disposition_id=disposition_id)
    elif one.may_withdraw:
        act = url_for(".withdraw", kind=kind, disposition_id=disposition_id)
    return _ending(one, act, problems, national=True)


def _finish_page(disposition_id: int, problems: dict[str, Any]) -> str:
    row = dispositions.kanwil_one(disposition_id)
    one = queries.shown(row, by=actor(), today=_today())
    act = url_for(".finish", disposition_id=disposition_id) if one.may_finish else None
    return _ending(one, act, problems, national=False)


def _ending(one: queries.Shown, act: str | None, problems: dict[str, Any], *, national: bool) -> str:
    return render_template(
        "delivery/end.html",
        active="received" if national else "recaps",
        one=one,
        act=act,
        national=national,
        problems=problems,
        typed=request.form.get("note", ""),
    )


# --- the archive ---


@blueprint.get("/rekap-masuk/arsip")
@requires("read_national")
def received_archive() -> Any:
    return _archive("delivery.received_archive", national=True)


@blueprint.get("/rekap/arsip")
@requires("read_recaps")
def kanwil_archive() -> Any:
    return _archive("delivery.kanwil_archive", national=False)


def _archive(here: str, *, national: bool) -> Any:
    """Signed recaps by Kanwil, period, number and word."""
    names = {"kanwil": "kanwil", "period": "periode", "number": "nomor", "q": "q"}
    given = {key: " ".join(request.args.get(name, "").split())[:160] for key, name in names.items()}
    asked = Asked(**given)
    keyset = cursor()
    problems: dict[str, Any] = {}
    rows, following = [], None
    try:
        rows, following = archive.search(asked, by=actor(), after=tuple(keyset) if keyset else None)
    except Invalid as error:
        problems = error.fields
    kept = {k: v for k, v in request.args.items() if v and k != "cursor"}
    page = render_template(
        "delivery/archive.html",
        active="received" if national else "recaps",
        national=national,
        where=here,
        asked=asked,
        rows=rows,
        problems=problems,
        kanwils=archive.kanwils() if national else [],
        next_url=url_for(here, **{**kept, "cursor": cursor_text(list(following))}) if following else None,
        first_url=url_for(here, **kept) if keyset else None,
    )
    return (page, 422) if problems else page


# --- a year as a ZIP ---


@blueprint.get("/rekap-masuk/arsip/unduhan")
@requires("read_national")
def bundle_list() -> Any:
    return _bundles({}, {}, national=True)


@blueprint.post("/rekap-masuk/arsip/unduhan")
@requires("read_national")
def begin_bundle() -> Any:
    """Have one put together."""
    return _begin(national=True)


@blueprint.get("/rekap-masuk/arsip/unduhan/<int:bundle_id>")
@requires("read_national")
def bundle(bundle_id: int) -> Any:
    """How far it is, then the way to its file."""
    return _bundle(bundle_id, national=True)


@blueprint.get("/rekap-masuk/arsip/unduhan/<int:bundle_id>/berkas")
@requires("read_national")
def bundle_file(bundle_id: int) -> Any:
    """The ZIP, straight from the disk."""
    return bundle_answer(bundle_id)


@blueprint.get("/rekap/arsip/unduhan")
@requires("bundle_recaps")
def own_bundle_list() -> Any:
    return _bundles({}, {}, national=False)


@blueprint.post("/rekap/arsip/unduhan")
@requires("bundle_recaps")
def begin_own_bundle() -> Any:
    """Have the Kanwil's own put together."""
    return _begin(national=False)


@blueprint.get("/rekap/arsip/unduhan/<int:bundle_id>")
@requires("bundle_recaps")
def own_bundle(bundle_id: int) -> Any:
    return _bundle(bundle_id, national=False)


@blueprint.get("/rekap/arsip/unduhan/<int:bundle_id>/berkas")
@requires("bundle_recaps")
def own_bundle_file(bundle_id: int) -> Any:
    return bundle_answer(bundle_id)


def _begin(*, national: bool) -> Any:
    typed = request.form.to_dict()
    try:
        made, _again = bundles.begin(
            whole(typed.get("year")) or 0,
            typed.get("kanwil") or None,
            by=actor(),
            now=clock.now(),
            key=typed.get("key"),
            pin=typed.get("pin") or None,
        )
    except Invalid as error:
        return _bundles(typed, error.fields, national=national), 422
    return redirect(url_for(".bundle" if national else ".own_bundle", bundle_id=made.id), 303)


def _bundle(bundle_id: int, *, national: bool) -> Any:
    found = bundles.load(bundle_id)
    if request.args.get("bagian") == "kemajuan":
        if found.state != bundles.RUNNING:
            return Response("", headers={"HX-Refresh": "true"})
        return render_template("delivery/_bundle_progress.html", found=found, **_ways(national))
    return render_template("delivery/bundle.html", found=found, **_ways(national))


def _ways(national: bool) -> dict[str, Any]:
    """The endpoints of one side's pages."""
    own = "" if national else "own_"
    return {
        "active": "received" if national else "recaps",
        "national": national,
        "one": f"delivery.{own}bundle",
        "all": f"delivery.{own}bundle_list",
        "file": f"delivery.{own}bundle_file",
        "begin": f"delivery.begin_{own}bundle",
        "archive": "delivery.received_archive" if national else "delivery.kanwil_archive",
    }


def bundle_answer(bundle_id: int) -> Response:
    """The file of a finished bundle as an answer; it is never read whole."""
    found = bundles.load(bundle_id)
    response = send_file(
        bundles.file_of(found),
        mimetype="application/zip",
        as_attachment=True,
        download_name=bundles.file_name(found),
        max_age=0,
    )
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _bundles(typed: dict[str, str], problems: dict[str, Any], *, national: bool) -> str:
    return render_template(
        "delivery/bundles.html",
        rows=bundles.latest(),
        years=[(year, year) for year in bundles.years()],
        kanwils=archive.kanwils() if national else [],
        needs_pin=signer().needs_pin,
        typed=typed,
        problems=problems,
        key=typed.get("key") or str(uuid4()),
        **_ways(national),
    )


def _state() -> str | None:
    state = request.args.get("keadaan", "open")
    return state if state in queries.STATES else None


def _today() -> date:
    return clock.now().astimezone(timezone_here()).date()
