"""``/kotak-masuk``: the cases that wait for the officer, the most urgent first, with a preview beside them; his views
of it under names; and whether it changed since he looked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import Blueprint, Flask, flash, g, redirect, render_template, request
from flask_babel import gettext as _

from tenants import clock
from tenants.errors import Conflict, Invalid
from tenants.words import date_id, number_id
from webapp.access import actor, may, requires
from webapp.shell import spoken, waiting
from workflows import queries
from workflows.desk import views
from workflows.desk.bulk import MOST
from workflows.desk.pulse import pulse
from workflows.queries import BOUND, Filters
from workflows.subjects import registered

blueprint = Blueprint("inbox", __name__)
TABS = {"saya": "mine", "plh": "acting", "tim": "team"}
ORDERS = {"tenggat": "deadline", "pengajuan": "submitted"}
TONES = {"late": "bad", "today": "wait", "week": "", "later": ""}
FLAGS = {"lewat": "late", "dikembalikan": "again", "mendesak": "urgent"}
"""The name of each yes-or-no filter in the address, and in `Filters`."""


@dataclass(frozen=True)
class Asked:
    """What the address asks for."""

    tab: str
    filters: Filters
    stage: str
    order: str

    @property
    def narrowed(self) -> bool:
        return self.filters != Filters()


def register(app: Flask, appbuilder: Any) -> None:
    app.register_blueprint(blueprint)


@blueprint.get("/kotak-masuk")
@requires("read_inbox", otherwise=("read_national", "recaps.received"))
def index() -> Any:
    by, now = actor(), clock.now()
    saved = views.saved_views(by)
    default = next((one for one in saved if one.is_default), None)
    if default is not None and not request.args:
        return redirect(f"/kotak-masuk?{default.query or 'tab=saya'}")
    upts, stages = queries.choices()
    asked = _asked(stages)
    picking = request.args.get("pilih") if may("decide_cases") else None
    counts = queries.inbox_counts(by, now, tab=TABS[asked.tab], filters=asked.filters)
    g.karya_inbox_waiting = counts.mine
    page = queries.inbox(
        by,
        tab=TABS[asked.tab],
        filters=asked.filters,
        order=ORDERS[asked.order],
        cursor=request.args.get("cursor"),
        limit=MOST if picking else 25,
        now=now,
    )
    first = page.items[0] if page.items and not picking else None
    return render_template(
        "inbox/index.html",
        active="inbox",
        groups=_groups(page.items, counts, asked),
        counts=counts,
        bounded=bounded,
        tabs=[*_tabs(asked, counts, by), *_asked_tab()],
        chips=_chips(asked, counts),
        asked=asked,
        tab=asked.tab,
        filters=asked.filters,
        upts=upts if by.upt_id is None else [],
        stages=[one for one in stages if asked.tab == "tim" or one.role in by.roles],
        facets=[(key, label) for one in registered() for key, label in one.facets.items()],
        flags=[name for name, flag in FLAGS.items() if getattr(asked.filters, flag)],
        acting=[(by.title(one.role), date_id(one.until_on)) for one in by.acting],
        saved=[_saved(one, asked) for one in saved],
        here_query=_query(asked),
        first=first,
        shown=queries.case_preview(first.id, by=by, now=now) if first else None,
        row=first,
        next_url=_address(asked, cursor=page.next_cursor, pilih=picking) if page.next_cursor else None,
        first_url=_address(asked, pilih=picking) if request.args.get("cursor") else None,
        state_url="/kotak-masuk/keadaan?" + _query(asked),
        picking=picking,
        pick_url=_address(asked, pilih="1") if may("decide_cases") and page.items else None,
        pick_all_url=_address(asked, pilih="semua", cursor=request.args.get("cursor")),
        leave_url=_address(asked),
        tones=TONES,
        narrowed=asked.narrowed,
    )


@blueprint.get("/kotak-masuk/<int(max=2147483647):case_id>/ringkas")
@requires("read_inbox")
def summary(case_id: int) -> Any:
    """The preview of one case, for the page's own script."""
    shown = queries.case_preview(case_id, by=actor(), now=clock.now())
    return render_template("inbox/preview.html", shown=shown)


@blueprint.get("/kotak-masuk/keadaan")
@requires("read_inbox")
def state() -> Any:
    """Nothing but a mark that differs once the list may: 304 while it is the one that the page has."""
    asked = _asked(queries.choices()[1] if request.args.get("tahap") else [])
    mark = pulse(actor(), clock.now(), tab=TABS[asked.tab], filters=asked.filters)
    if request.if_none_match.contains(mark):
        return "", 304, {"ETag": f'"{mark}"', "Cache-Control": "no-cache, private"}
    return {"state": mark}, 200, {"ETag": f'"{mark}"', "Cache-Control": "no-cache, private"}


@blueprint.post("/kotak-masuk/tampilan")
@requires("read_inbox")
def save_view() -> Any:
    """Keep the filters of the page under a name."""
    query = _kept(request.form.get("query", ""))
    try:
        made = views.save_view(
            request.form.get("name", ""),
            query,
            by=actor(),
            now=clock.now(),
            default=request.form.get("default") == "yes",
        )
        flash(_("Tampilan %(name)s disimpan.", name=made.name), "success")
    except (Invalid, Conflict) as error:
        flash(spoken(error.fields.get("name") or error.message), "danger")
    return redirect(f"/kotak-masuk?{query or 'tab=saya'}", 303)


@blueprint.post("/kotak-masuk/tampilan/<int(max=2147483647):view_id>")
@requires("read_inbox")
def change_view(view_id: int) -> Any:
    """Call a view something else, open the inbox with it, or take it away."""
    by, act = actor(), request.form.get("act", "")
    try:
        if act == "remove":
            views.remove_view(view_id, by=by)
            flash(_("Tampilan dihapus."), "success")
        elif act == "default":
            views.choose_default(view_id, by=by)
        else:
            views.rename_view(view_id, request.form.get("name", ""), by=by)
    except Invalid as error:
        flash(spoken(error.fields.get("name") or error.message), "danger")
    return redirect(f"/kotak-masuk?{_kept(request.form.get('query', '')) or 'tab=saya'}#tampilan", 303)


def bounded(count: int) -> str:
    """A count as the page says it: "12", or "500+" where counting stopped."""
    return f"{number_id(BOUND)}+" if count >= BOUND else str(count)


def _asked(stages: list[queries.StageChoice]) -> Asked:
    """What the address asks for; what can't be read counts as not asked."""
    args = request.args
    tab, upt, stage = args.get("tab", "saya"), args.get("upt", ""), args.get("tahap", "")
    keys = next((one.keys for one in stages if one.key == stage), ())
    order = args.get("urut", "tenggat")
    filters = Filters(
        upt_id=int(upt) if upt.isascii() and upt.isdecimal() and len(upt) < 10 else None,
        facet=args.get("kategori", "")[:50] or None,
        stages=keys,
        **{flag: args.get(name) == "1" for name, flag in FLAGS.items()},
    )
    known = tab if tab in TABS and (tab != "plh" or actor().acting) else "saya"
    return Asked(known, filters, stage if keys else "", order if order in ORDERS else "tenggat")


def _parts(asked: Asked) -> dict[str, Any]:
    filters = asked.filters
    return {
        "tab": asked.tab,
        "tahap": asked.stage,
        "upt": filters.upt_id,
        "kategori": filters.facet,
        **{name: "1" if getattr(filters, flag) else None for name, flag in FLAGS.items()},
        "urut": asked.order if asked.order != "tenggat" else None,
    }


def _query(asked: Asked) -> str:
    return urlencode({name: value for name, value in _parts(asked).items() if value})


def _address(asked: Asked, **more: str | None) -> str:
    """The address of this list; always with its tab, so that a default view does not take its place."""
    query = urlencode({name: value for name, value in {**_parts(asked), **more}.items() if value})
    return f"/kotak-masuk?{query}"


def _kept(query: str) -> str:
    """What of a query string belongs to a view."""
    known = {"tab", "tahap", "upt", "kategori", "urut", *FLAGS}
    return urlencode([(name, value[:60]) for name, value in parse_qsl(query[:400]) if name in known])


def _tabs(asked: Asked, counts: queries.InboxCounts, by: Any) -> list[dict[str, Any]]:
    """Whose cases, each an address; filters stay when the tab changes."""
    named = [("saya", _("Milik saya"), counts.mine), ("tim", _("Tim"), counts.team)]
    if by.acting:
        kinds = {one.kind for one in by.acting}
        named.insert(1, ("plh", _("Sebagai Plt") if kinds == {"plt"} else _("Sebagai Plh"), counts.acting))
    return [
        {
            "label": label,
            "count": bounded(n),
            "url": _address(replace(asked, tab=tab)),
            "on": tab == asked.tab,
        }
        for tab, label, n in named
    ]


def _asked_tab() -> list[dict[str, Any]]:
    """The way to what colleagues ask of the officer, where something is."""
    count = waiting().get("opinions", 0)
    if not count:
        return []
    label, url = _("Pendapat diminta"), "/pendapat-diminta"
    return [{"label": label, "count": bounded(count), "url": url, "on": False}]


def _chips(asked: Asked, counts: queries.InboxCounts) -> list[dict[str, Any]]:
    """The yes-or-no filters, each an address that turns it."""
    named = (
        ("late", _("Terlambat"), counts.overdue),
        ("urgent", _("Mendesak"), counts.urgent),
        ("again", _("Pernah dikembalikan"), counts.again if asked.tab != "tim" else None),
    )
    return [
        {
            "label": label,
            "count": "" if count is None else bounded(count),
            "on": getattr(asked.filters, flag),
            "url": _address(
                replace(asked, filters=asked.filters.with_only(**{flag: not getattr(asked.filters, flag)}))
            ),
        }
        for flag, label, count in named
    ]


def _saved(view: Any, asked: Asked) -> dict[str, Any]:
    return {
        "id": view.id,
        "name": view.name,
        "url": f"/kotak-masuk?{view.query or 'tab=saya'}",
        "is_default": view.is_default,
        "on": view.query == _query(asked),
    }


def _groups(rows: list[queries.InboxRow], counts: queries.InboxCounts, asked: Asked) -> list[dict[str, Any]]:
    """The rows under their headings: the urgent, unless the list is of nothing else, then the rest."""
    labels = {"pressing": _("Mendesak"), "late": _("Terlambat"), "today": _("Hari ini")}
    labels |= {"week": _("Pekan ini"), "later": _("Nanti")}
    groups = [
        {"key": key, "label": labels[key], "count": bounded(getattr(counts, key)), "rows": found}
        for key, found in queries.grouped(rows, urgent_apart=not asked.filters.urgent)
    ]
    if asked.order == "tenggat":
        return groups
    first = [one for one in groups if one["key"] == "pressing"]
    rest = [row for row in rows if asked.filters.urgent or not row.urgent]
    by_day = {"key": "week", "label": _("Menurut tanggal pengajuan"), "count": "", "rows": rest}
    return [*first, *([by_day] if rest else [])]
