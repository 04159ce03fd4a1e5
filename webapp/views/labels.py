"""``/label``: labels of one's own published products as PDF, on label paper or singly; and the Kanwil's own design."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from flask import Blueprint, Flask, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup

from catalogue.labels import content, design
from catalogue.labels.content import Line
from catalogue.labels.sizes import SIZES
from recaps.labels import printing
from tenants import clock, files
from tenants.errors import Invalid, KaryaError, NotFound
from webapp.access import actor, requires
from webapp.api.recaps import pdf_response
from webapp.forms import whole
from webapp.shell import spoken

blueprint = Blueprint("labels", __name__)
settings = Blueprint("label_design", __name__)
RUN = "/label/<int(max=2147483647):run_id>"


def register(app: Flask, appbuilder: Any) -> None:
    app.register_blueprint(blueprint)
    app.register_blueprint(settings)


@blueprint.get("/label")
@requires("print_labels")
def index() -> Any:
    """What may be printed, and what was. Two statements and the design's."""
    return _page({}, {})


@blueprint.post("/label")
@requires("print_labels")
def ask() -> Any:
    typed = request.form.to_dict()
    lines = [
        Line(
            one.product_id,
            count,
            typed.get(f"net-{one.product_id}", ""),
            _expiry(typed, one.product_id),
        )
        for one in content.printable_products()
        for count in [typed.get(f"count-{one.product_id}", "").strip()]
        if count not in ("", "0")
    ]
    try:
        row, _again = printing.ask(
            lines,
            size=typed.get("size", ""),
            sheet=typed.get("paper") != "single",
            start=typed.get("start") or 1,
            by=actor(),
            now=clock.now(),
            key=typed.get("key"),
        )
    except Invalid as error:
        return _page(typed, _named(error, lines)), 422
    return redirect(url_for(".show", run_id=row.id), 303)


@blueprint.get(RUN)
@requires("print_labels")
def show(run_id: int) -> Any:
    row = printing.load(run_id)
    kind = content.size_of(row.content)
    return render_template("labels/show.html", row=row, size=_(kind.label))


@blueprint.get(f"{RUN}/keadaan")
@requires("print_labels")
def progress(run_id: int) -> Any:
    """What htmx asks while the job is at work."""
    row = printing.load(run_id)
    if not row.is_working:
        return Response("", headers={"HX-Refresh": "true"})
    return render_template("labels/_working.html", row=row)


@blueprint.post(f"{RUN}/ulang")
@requires("print_labels")
def again(run_id: int) -> Any:
    printing.again(run_id, by=actor(), now=clock.now())
    return redirect(url_for(".show", run_id=run_id), 303)


@blueprint.get(f"{RUN}/pdf")
@requires("print_labels")
def pdf(run_id: int) -> Response:
    row, data = printing.pdf(run_id)
    return pdf_response(data, printing.file_name(row), download="unduh" in request.args)


@settings.get("/label/desain")
@requires("design_labels")
def edit() -> Any:
    return _design(design.chosen(design.own()))


@settings.post("/label/desain")
@requires("design_labels")
def save() -> Any:
    typed, upload = request.form.to_dict(), request.files.get("logo")
    picture = (upload.read(), upload.filename or "logo") if upload is not None and upload.filename else None
    try:
        design.save(
            {name: typed[name] for name in ("ink", "ground", "motif", "line") if name in typed},
            logo=picture,
            without_logo=typed.get("without_logo") == "ya",
            version=whole(typed.get("version")),
            by=actor(),
            now=clock.now(),
            key=typed.get("key"),
        )
    except KaryaError as error:
        if error.status not in (413, 415, 422):
            raise
        fields = error.fields or {"logo": error.message}
        return _design(design.chosen(design.own()) | typed, fields), error.status
    flash(_("Desain label disimpan. Label berikutnya dicetak dengan desain ini."), "success")
    return redirect(url_for(".edit"), 303)


@settings.get("/label/desain/logo")
@requires("design_labels")
def logo() -> Response:
    """The logo as it is kept."""
    row = design.own()
    if row is None or row.logo_sha256 is None:
        raise NotFound()
    response = Response(files.get(row.logo_sha256), content_type="image/webp")
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _page(typed: Mapping[str, Any], problems: Mapping[str, Any]) -> Any:
    rows, following = printing.recent(after=whole(request.args.get("setelah")))
    return render_template(
        "labels/index.html",
        products=content.printable_products(),
        sizes={key: (size, _(size.label)) for key, size in SIZES.items()},
        typed=typed,
        problems=problems,
        chosen=request.args.get("produk", ""),
        rows=rows,
        next_url=url_for(".index", setelah=following) if following else None,
        first_url=url_for(".index") if request.args.get("setelah") else None,
        key=typed.get("key") or str(uuid4()),
    )


def _expiry(typed: Mapping[str, str], product_id: int) -> str:
    """The day that was typed, or the line to write on, or no field."""
    day = typed.get(f"day-{product_id}", "").strip()
    return day or (content.BLANK if typed.get(f"expiry-{product_id}") == content.BLANK else "")


def _named(error: Invalid, lines: list[Line]) -> dict[str, str]:
    """The faults under the names of the form's fields."""
    found: dict[str, str] = {}
    names = {"product_id": "count", "count": "count", "net": "net", "expiry": "day"}
    for name, why in error.fields.items():
        at, _dot, field = name.partition("].")
        if field:
            line = lines[int(at.removeprefix("lines["))]
            found[f"{names[field]}-{line.product_id}"] = spoken(why)
        else:
            found[name] = spoken(why)
    return found


def _design(kept: Mapping[str, Any], problems: Mapping[str, Any] | None = None) -> Any:
    inks, grounds = design.INKS, design.GROUNDS
    ink = inks.get(str(kept["ink"]), inks["white"])[1]
    ground = grounds.get(str(kept["ground"]), grounds["nila"])[1]
    return render_template(
        "labels/design.html",
        kept=kept,
        problems=problems or {},
        inks=[(key, _(name)) for key, (name, _colour) in inks.items()],
        grounds=[(key, _(name)) for key, (name, _colour) in grounds.items()],
        motifs=[(key, _(name)) for key, name in design.MOTIFS.items()],
        face=_face(ink, ground, str(kept["line"])),
        has_logo=bool(kept.get("logo_sha256")),
        longest=design.LONGEST_LINE,
        key=str(uuid4()),
    )


def _face(ink: str, ground: str, line: str) -> Markup:
    """A label's band as a picture: pages carry no style of their own, and the colours are the Kanwil's."""
    drawn = Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 420 60" role="img" aria-label="{label}" width="420" '
        'height="60"><rect width="420" height="60" fill="{ground}"/><text x="16" y="36" font-size="17" '
        'font-weight="700" font-family="Arimo, Liberation Sans, Arial, sans-serif" fill="{ink}">{line}</text></svg>'
    )
    return drawn.format(label=_("Pita label"), ground=ground, ink=ink, line=line)
