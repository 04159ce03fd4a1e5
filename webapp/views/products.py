"""Products as officers see them: the UPT's own list and editor, and the Kanwil's list with its controls."""

from __future__ import annotations

from collections.abc import Mapping
from secrets import token_urlsafe
from typing import Any

from flask import (
    Blueprint,
    Flask,
    Response,
    flash,
    get_flashed_messages,
    jsonify,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext as _

from catalogue import drafts, publication, queries, renewing, submission
from catalogue.content import BY_KEY
from catalogue.errors import ContentInvalid, ProductMoved
from catalogue.oversight import queries as oversight
from catalogue.partners import queries as partners
from catalogue.people import consents
from catalogue.terms import CATEGORIES, GROUPS, MARKET_LEVELS, STATES
from tenants.clock import now
from tenants.errors import KaryaError, NotFound
from tenants.words import read_date
from webapp.access import actor, may, requires
from webapp.errors import problem
from webapp.shell import again, spoken
from webapp.views import product_form
from webapp.views.product_form import Editing, Posted, changes_in, evidence_rows, unfinished
from webapp.views.product_meeting import Clash, base_of, clashes_of, merged_base
from workflows.submission import withdraw as take_back

blueprint = Blueprint("products", __name__)
PHOTOS = "photos"
"""The category of what is said of a photo that was refused; the editor shows it beside the photos."""
VERBS = {"tangguhkan": "suspend", "pulihkan": "restore", "tarik": "withdraw"}


def register(app: Flask, appbuilder: Any) -> None:
    app.register_blueprint(blueprint)
    product_form.add_words(app)


@blueprint.get("/produk-saya")
@requires("write_products")
def mine() -> Any:
    """The UPT's own products by state."""
    state, cursor = _state(), request.args.get("cursor", "")
    page = queries.products(actor(), state=state, cursor=cursor or None)
    asked = oversight.open_findings([row.id for row in page.items], now=now()) if page.items else []
    return render_template(
        "products/mine.html",
        active="my_products",
        page=page,
        asked={one.finding.product_id: one for one in reversed(asked)},
        counts=queries.counts(),
        states=STATES,
        state=state,
        categories=CATEGORIES,
        next_url=url_for(".mine", state=state, cursor=page.next_cursor) if page.next_cursor else None,
        first_url=url_for(".mine", state=state) if cursor else None,
    )


@blueprint.get("/produk-saya/baru")
@requires("write_products")
def new() -> Any:
    return render_template("products/new.html", active="my_products", value="", error=None)


@blueprint.post("/produk-saya/baru")
@requires("write_products")
def begin() -> Any:
    """Begin a draft with its name; the editor asks for the rest."""
    name = request.form.get("name", "").strip()
    if not name:
        error = _("Beri nama dahulu; nanti masih dapat diubah.")
        return render_template("products/new.html", active="my_products", value=name, error=error), 422
    made = drafts.create({"name": name}, by=actor(), now=now(), key=request.form.get("key") or None)
    return redirect(url_for(".edit", product_id=made.id), 303)


@blueprint.get("/produk-saya/<int:product_id>")
@requires("write_products")
def edit(product_id: int) -> Any:
    """The editor; a product under review is shown as it was submitted.

    ``?periksa=1`` names all that a submission still lacks, ``?pembanding=1`` has an empty row of evidence.
    """
    view = queries.product_view(product_id, now=now())
    if view.row.state == "in_review":
        return redirect(url_for(".preview", product_id=product_id), 303)
    tried = request.args.get("periksa") == "1"
    problems = view.lacking() if tried else unfinished(view)
    refused = get_flashed_messages(category_filter=[PHOTOS])
    if refused:
        problems = problems | {"photos": " ".join(refused)}
    more_rows = 1 if request.args.get("pembanding") == "1" else 0
    return _editor(view, problems, tried=tried and bool(problems), more_rows=more_rows)


@blueprint.post("/produk-saya/<int:product_id>")
@requires("write_products")
def post(product_id: int) -> Any:
    """The whole form, with or without JavaScript: save, add or remove a row or a photo, submit.

    What was changed elsewhere since the form was shown is never overwritten unasked: the form comes back with both
    values. Everything else is kept and leads to a page that can be reloaded.
    """
    view = queries.product_view(product_id, now=now())
    if view.row.state == "in_review":
        return redirect(url_for(".preview", product_id=product_id), 303)
    form = changes_in(request.form)
    clashes = clashes_of(view, form)
    if clashes:
        return _clashing(view, form, clashes)
    try:
        return _kept(view, form)
    except ProductMoved as moved:  # while we were at it: a second click, another window
        view = queries.product_view(product_id, now=now())
        if view.row.state == "in_review":
            return redirect(url_for(".preview", product_id=product_id), 303)
        clashes = clashes_of(view, form)
        if clashes:
            return _clashing(view, form, clashes)
        flash(spoken(moved.message), "error")
        return redirect(url_for(".edit", product_id=product_id), 303)


def _kept(view: queries.ProductView, form: Posted) -> Any:
    """Keep what the form brings, do what it asks, and go to where that is seen."""
    product_id, number, by, at = view.row.id, view.next_no, actor(), now()
    drafts.save(product_id, form.changes, answers=form.answers, by=by, now=at, version=view.row.version)
    refused = _photos(product_id)
    for message in refused:
        flash(message, PHOTOS)
    asked: dict[str, Any] = {"product_id": product_id, "_anchor": "foto" if refused else form.anchor}
    if form.action == "submit" and not refused:
        try:
            submission.submit(product_id, by=by, now=at)
        except ContentInvalid:
            return redirect(url_for(".edit", **asked, periksa=1), 303)
        flash(_("Revisi %(no)s sudah diajukan. Pembina diberi tahu.", no=number), "success")
        return redirect(url_for(".preview", product_id=product_id), 303)
    if form.action == "add_evidence":
        return redirect(url_for(".edit", **{**asked, "_anchor": "bukti"}, pembanding=1), 303)
    if form.action == "save" and not refused:
        flash(_("Konsep tersimpan."), "success")
    return redirect(url_for(".edit", **asked), 303)


def _clashing(view: queries.ProductView, form: Posted, clashes: list[Clash]) -> Any:
    """The form again as it was typed, with what was changed elsewhere: nothing of it is kept yet but its photos."""
    refused = _photos(view.row.id)
    typed = queries.product_view(view.row.id, now=now()).as_typed(form.changes, form.answers)
    problems = unfinished(typed) | ({"photos": " ".join(refused)} if refused else {})
    return _editor(typed, problems, clashes=clashes, base=base_of(view)), 409


@blueprint.post("/produk-saya/<int:product_id>/simpan")
@requires("write_products")
def autosave(product_id: int) -> Any:
    """The fields that changed; answers the version that stands now, what is wrong, and how complete the draft is."""
    form = changes_in(request.form, whole=False)
    view = queries.product_view(product_id, now=now())
    version = form.version
    if form.base is not None and not clashes_of(view, form):
        version = view.row.version  # another window changed other fields
    elif form.base is not None:
        version = 0  # none that ever stood: the use case refuses it and says so
    saved = drafts.save(
        product_id, form.changes, answers=form.answers, by=actor(), now=now(), version=version
    )
    view = queries.product_view(product_id, now=now())
    problems = {name: again(text) for name, text in view.problems().items() if name in request.form}
    return jsonify(
        version=saved.version,
        base=merged_base(form.base, view, form.changes),
        problems=problems,
        complete=round(view.completeness() * 100),
    )


@blueprint.post("/produk-saya/<int:product_id>/foto")
@requires("write_products")
def upload(product_id: int) -> Any:
    """One photo; answers its figure, or problem details that name the file."""
    given = request.files.get("photo")
    if given is None:
        raise ContentInvalid(fields={"photo": _("Pilih sebuah foto.")})
    try:
        photo = drafts.add_photo(product_id, given.read(), given.filename or "", by=actor(), now=now())
    except KaryaError as refused:  # the uploader reads the reason; a page would tell it nothing
        return problem(refused.status, refused.code, _(refused.title), spoken(refused.message))
    return render_template("products/photo.html", photo=photo.in_content(), number=None), 201


@blueprint.post("/produk-saya/<int:product_id>/batal")
@requires("write_products")
def withdraw_submission(product_id: int) -> Any:
    """Take a submission back before it is decided."""
    row = queries.one(product_id)
    if row.case_id is None:
        raise NotFound()
    take_back(
        row.case_id,
        reason=request.form.get("reason", "").strip() or "Ditarik oleh UPT",
        by=actor(),
        now=now(),
    )
    flash(_("Pengajuan dibatalkan; produk kembali menjadi konsep."), "success")
    return redirect(url_for(".edit", product_id=product_id), 303)


@blueprint.get("/produk-saya/<int:product_id>/pratinjau")
@requires("read_products")
def preview(product_id: int) -> Any:
    """The newest revision as the public would see it, and where it stands."""
    return _preview(queries.product_view(product_id, now=now()))


@blueprint.get("/foto-produk/<int:photo_id>/<size>.webp")
@requires("read_products")
def photo(photo_id: int, size: str) -> Any:
    """A photo of the officer's own scope."""
    data, sha256 = queries.photo_file(photo_id, size)
    response = Response(data, content_type="image/webp")
    response.headers["Cache-Control"] = "private, max-age=86400"
    response.set_etag(sha256)
    return response.make_conditional(request)


@blueprint.get("/produk")
@requires("read_products")
def index() -> Any:
    """The Kanwil's products by state and UPT."""
    if actor().upt_id is not None:
        return redirect(url_for(".mine"), 303)
    state, cursor = _state(), request.args.get("cursor", "")
    upt = request.args.get("upt", "")
    upt_id = int(upt) if upt.isdigit() and len(upt) < 10 else None
    page = queries.products(actor(), state=state, upt_id=upt_id, cursor=cursor or None)
    return render_template(
        "products/index.html",
        active="products",
        page=page,
        counts=queries.counts(),
        units=queries.units(),
        upt_id=upt_id,
        states=STATES,
        state=state,
        categories=CATEGORIES,
        next_url=url_for(".index", state=state, upt=upt_id, cursor=page.next_cursor)
        if page.next_cursor
        else None,
        first_url=url_for(".index", state=state, upt=upt_id) if cursor else None,
    )


@blueprint.get("/produk/kelola/<int:product_id>")
@requires("read_products")
def manage(product_id: int) -> Any:
    """One product of the Kanwil with what pengendalian may do to it."""
    return managed(product_id)


@blueprint.post("/produk/kelola/<int:product_id>/<any(tangguhkan,pulihkan,tarik):word>")
@requires("control_products")
def control(product_id: int, word: str) -> Any:
    """Suspend, restore or withdraw, with the reason that the public and the UPT will read."""
    reason = request.form.get("reason", "")
    try:
        done = publication.act_on(product_id, VERBS[word], reason=reason, by=actor(), now=now(),
                                  key=request.form.get("key") or None)  # fmt: skip
    except KaryaError as refused:
        if "reason" not in refused.fields:
            raise
        return managed(product_id, {word: refused.fields["reason"]}, request.form), 422
    said = publication.MOVES[VERBS[word]].said
    flash(_("%(name)s sudah %(said)s.", name=done.name, said=_(said)), "success")
    return redirect(url_for(".manage", product_id=product_id), 303)


@blueprint.post("/produk/kelola/<int:product_id>/e-katalog")
@requires("control_products")
def listing(product_id: int) -> Any:
    """Note the e-Katalog listing of a published product."""
    try:
        registered_on = read_date(request.form.get("registered_on", ""))
    except ValueError:
        registered_on = queries.product_view(product_id, now=now()).today
    try:
        publication.list_on_ekatalog(
            product_id,
            ekatalog_id=request.form.get("ekatalog_id", ""),
            url=request.form.get("ekatalog_url", "").strip(),
            registered_on=registered_on,
            by=actor(),
            now=now(),
        )
    except ContentInvalid as invalid:
        return managed(product_id, invalid.fields), 422
    flash(_("Pendaftaran e-Katalog dicatat."), "success")
    return redirect(url_for(".manage", product_id=product_id), 303)


def own_page(product_id: int, **more: Any) -> str:
    """A product's page as its UPT has it: the editor, or under review the preview; `more` goes to the template."""
    view = queries.product_view(product_id, now=now())
    if view.row.state == "in_review":
        return _preview(view, **more)
    return _editor(view, unfinished(view), **more)


def _preview(view: queries.ProductView, **more: Any) -> str:
    return render_template(
        "products/preview.html",
        active="my_products" if actor().upt_id is not None else "products",
        view=view,
        fields=view.content,
        credits=view.credits(),
        problems=view.problems() if not view.is_submitted else {},
        findings=oversight.open_findings([view.row.id], now=now()) if view.row.public_state else [],
        **more,
    )


def managed(product_id: int, errors: Mapping[str, Any] = {}, typed: Mapping[str, Any] = {}) -> str:
    """The management page; with what was refused, and what was typed."""
    view = queries.product_view(product_id, now=now())
    return render_template(
        "products/manage.html",
        active="products",
        view=view,
        awaits_restoring=renewing.awaits_restoring(view.product),
        fields=view.content,
        credits=view.credits(),
        errors=errors,
        typed=typed,
        inspections=oversight.of_product(product_id, now=now()) if may("read_inspections") else [],
        key=token_urlsafe(12),
    )


def _photos(product_id: int) -> list[str]:
    """Take the photo that the form asks to remove, and those that it brings; the refusals come back, each by name."""
    by, at = actor(), now()
    gone = request.form.get("remove_photo", "")
    if gone.isdigit():
        drafts.remove_photo(product_id, int(gone), by=by, now=at)
    refused = []
    for given in request.files.getlist("photo"):
        if not given.filename:
            continue
        try:
            drafts.add_photo(product_id, given.read(), given.filename, by=by, now=at)
        except KaryaError as error:
            if error.status not in (409, 413, 415, 422):
                raise
            refused.append(spoken(error.message))
    return refused


def _editor(
    view: queries.ProductView,
    problems: dict[str, Any],
    *,
    more_rows: int = 0,
    tried: bool = False,
    clashes: list[Clash] | None = None,
    base: str | None = None,
    **more: Any,
) -> str:
    """The editor with its fields, errors and requests."""
    editing = Editing(view, problems)
    return render_template(
        "products/edit.html",
        active="my_products",
        view=view,
        editing=editing,
        by_key=BY_KEY,
        problems=problems,
        tried=tried,
        clashes=clashes or [],
        base=base or base_of(view),
        rows=evidence_rows(view, problems, more=more_rows),
        categories=CATEGORIES,
        groups=GROUPS,
        markets=MARKET_LEVELS,
        partners=partners.choices(kept=(view.content.get("partner") or {}).get("id")),
        makers=consents.choices(by=actor(), now=now()),
        standing=view.standing(),
        findings=oversight.open_findings([view.row.id], now=now()) if view.row.public_state else [],
        **more,
    )


def _state() -> str | None:
    state = request.args.get("state") or None
    return state if state in STATES else None
