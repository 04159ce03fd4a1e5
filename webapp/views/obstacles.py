"""``/rekap/kendala``: the register of obstacles and solutions; ``/rekap-masuk/kendala``: the commonest nationally."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import uuid4

from flask import Blueprint, Flask, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup

from recaps import charts, obstacle_lists, obstacles
from recaps.models import Obstacle
from recaps.obstacle_lists import Narrowed
from tenants import clock, database, sheets
from tenants.database import session
from tenants.errors import Invalid
from tenants.models import Officer
from tenants.words import number_id
from webapp.access import actor, may, requires
from webapp.forms import whole
from webapp.shell import kanwil_here, shown_day, timezone_here

blueprint = Blueprint("obstacles", __name__)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PURPOSE = "kendala nasional"


def register(app: Flask, appbuilder: Any) -> None:
    app.register_blueprint(blueprint)


@blueprint.get("/rekap/kendala")
@requires("read_obstacles")
def index() -> Any:
    """The register, narrowed as the address says."""
    narrowed, today = _narrowed(), _today()
    after = whole(request.args.get("setelah"))
    items, following = obstacle_lists.listed(narrowed, today=today, after=after)
    kept = {k: v for k, v in request.args.items() if v and k != "setelah"}
    return render_template(
        "obstacles/index.html",
        items=items,
        narrowed=narrowed,
        state=request.args.get("keadaan", "open"),
        counts=obstacle_lists.counts(today),
        categories=_categories(),
        upts=[] if actor().upt_id else [(0, _("Kanwil")), *obstacles.upts()],
        kept=kept,
        next_url=url_for("obstacles.index", **{**kept, "setelah": following}) if following else None,
        first_url=url_for("obstacles.index", **kept) if after else None,
    )


@blueprint.get("/rekap/kendala/ekspor.<kind>")
@requires("read_obstacles")
def export(kind: str) -> Any:
    """What the filters leave, as XLSX or CSV."""
    header = [
        *(_("UPT"), _("Jenis"), _("Kendala"), _("Solusi"), _("Penanggung jawab"), _("Tenggat")),
        *(_("Keadaan"), _("Lewat tenggat"), _("Dicatat"), _("Selesai")),
    ]
    rows = (
        [
            *(_(row.upt), _(row.category), row.obstacle.description, row.obstacle.action, row.obstacle.who),
            row.obstacle.due_on,
            *(_(obstacles.STATES[row.obstacle.state]), _("ya") if row.late else ""),
            *(row.obstacle.noticed_on, row.obstacle.done_on),
        ]
        for row in obstacle_lists.every(_narrowed(), today=_today())
    )
    headers = {"Content-Disposition": f'attachment; filename="kendala.{kind}"', "Cache-Control": "no-store"}
    if kind == "csv":
        text = "".join(sheets.as_csv(header, rows))
        return Response(text, content_type="text/csv; charset=utf-8", headers=headers)
    if kind == "xlsx":
        data = sheets.as_xlsx("Kendala", header, rows, (28, 22, 60, 60, 30, 14, 12, 14, 14, 14))
        return Response(data, content_type=XLSX, headers=headers)
    raise Invalid(_("Pilih ekspor XLSX atau CSV."))


@blueprint.get("/rekap/kendala/<int:obstacle_id>")
@requires("read_obstacles")
def show(obstacle_id: int) -> Any:
    """One obstacle with its history; who writes obstacles changes it here."""
    obstacle = obstacles.load(obstacle_id)
    kept = {
        name: getattr(obstacle, name)
        for name in ("category", "description", "action", "who", "state", "version", "id")
    }
    due_on = obstacle.due_on.isoformat() if obstacle.due_on else ""
    return _form({**kept, "due_on": due_on, "upt_id": obstacle.upt_id or ""}, obstacle=obstacle)


@blueprint.get("/rekap/kendala/baru")
@requires("write_obstacles")
def new() -> Any:
    return _form({})


@blueprint.post("/rekap/kendala/baru")
@requires("write_obstacles")
def add() -> Any:
    typed = {name: value for name, value in request.form.items() if name != "id"}
    try:
        obstacles.add(_of_form(typed), by=actor(), now=clock.now(), key=typed.get("key"))
    except Invalid as error:
        return _form(typed, error), 422
    flash(_("Kendala dicatat. Ia masuk ke rekap berikutnya sampai selesai."), "success")
    return redirect(url_for(".index"), 303)


@blueprint.post("/rekap/kendala/<int:obstacle_id>")
@requires("write_obstacles")
def change(obstacle_id: int) -> Any:
    typed = request.form.to_dict()
    try:
        obstacles.change(
            obstacle_id,
            _of_form(typed),
            by=actor(),
            now=clock.now(),
            version=whole(typed.get("version")),
        )
    except Invalid as error:
        return _form({**typed, "id": obstacle_id}, error, obstacle=obstacles.load(obstacle_id)), 422
    flash(_("Perubahan disimpan."), "success")
    return redirect(url_for(".show", obstacle_id=obstacle_id), 303)


@blueprint.post("/rekap/kendala/<int:obstacle_id>/hapus")
@requires("write_obstacles")
def remove(obstacle_id: int) -> Any:
    obstacles.remove(obstacle_id, by=actor(), now=clock.now())
    flash(_("Kendala ditarik dari daftar."), "success")
    return redirect(url_for(".index"), 303)


@blueprint.get("/rekap-masuk/kendala")
@requires("read_national")
def national() -> Any:
    """What stands in the way most often in the country: counts alone."""
    today = _today()
    year = whole(request.args.get("tahun"))
    year = year if year and 2000 <= year <= 2099 else None
    with database.national(PURPOSE) as reader:
        rows = obstacle_lists.commonest(reader, year=year, today=today)
    drawn = charts.bars(
        [(_(row.label), row.total, number_id(row.total)) for row in rows],
        title=_("Kendala menurut jenis, seluruh Kanwil"),
        parts=[row.open for row in rows],
        width=420,
        above=True,
    )
    return render_template(
        "obstacles/national.html",
        active="received",
        rows=rows,
        year=year,
        years=range(today.year, today.year - 4, -1),
        chart=Markup(drawn) if rows else "",  # noqa: S704 - charts escapes every text it draws
    )


def _today() -> date:
    return clock.now().astimezone(timezone_here()).date()


def _narrowed() -> Narrowed:
    asked = request.args
    state = asked.get("keadaan", "open")
    category = asked.get("jenis", "")
    return Narrowed(
        state=state if state in obstacles.STATES else None,
        category=category if category in obstacles.CATEGORIES else None,
        upt_id=whole(asked.get("upt")),
        late=asked.get("lewat") == "1",
        q=" ".join(asked.get("q", "").split())[:100],
    )


def _categories() -> list[tuple[str, str]]:
    return [(key, _(label)) for key, label in obstacles.CATEGORIES.items()]


def _of_form(typed: Mapping[str, Any]) -> dict[str, Any]:
    names = ("category", "description", "action", "who", "due_on", "state", "upt_id")
    return {name: typed[name] for name in names if name in typed}


def _form(typed: Mapping[str, Any], error: Invalid | None = None, *, obstacle: Obstacle | None = None) -> Any:
    kanwil = kanwil_here()
    by = actor()
    upts = {str(key): name for key, name in obstacles.upts()}
    return render_template(
        "obstacles/show.html",
        typed=typed,
        obstacle=obstacle,
        late=obstacle is not None and obstacle_lists.is_late(obstacle, _today()),
        place=upts.get(str(obstacle.upt_id), _("Kanwil")) if obstacle else "",
        history=[(one, _told(one.changes, upts)) for one in obstacle_lists.history(obstacle.id)]
        if obstacle
        else [],
        writes=may("write_obstacles"),
        problems=error.fields if error else {},
        categories=_categories(),
        states=[(key, _(label)) for key, label in obstacles.STATES.items()],
        category_words=obstacles.CATEGORIES,
        upts=[] if by.upt_id else [("", kanwil.short_name if kanwil else ""), *upts.items()],
        key=typed.get("key") or str(uuid4()),
        responsible=typed.get("who") or session().get_one(Officer, by.id).office or by.office,
    )


def _told(changes: Mapping[str, list[Any]], upts: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """What changed, as (label, before, after) in words."""
    labels = {
        "category": _("Jenis"),
        "description": _("Kendala"),
        "action": _("Solusi"),
        "who": _("Penanggung jawab"),
        "due_on": _("Tenggat"),
        "upt_id": _("UPT"),
        "state": _("Keadaan"),
    }

    def word(name: str, value: Any) -> str:
        if value is None:
            return _("Kanwil") if name == "upt_id" else ""
        if name == "category":
            return _(obstacles.CATEGORIES.get(value, value))
        if name == "state":
            return _("ditarik") if value == obstacles.REMOVED else _(obstacles.STATES.get(value, value))
        if name == "due_on":
            return shown_day(date.fromisoformat(value))
        return upts.get(str(value), f"UPT {value}") if name == "upt_id" else str(value)

    return [(labels[name], word(name, was), word(name, now)) for name, (was, now) in changes.items()]
