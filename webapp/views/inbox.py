"""``/kotak-masuk``: the cases that wait for the officer, the most urgent first, with a preview beside them."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Flask, render_template, request
from flask_babel import gettext as _

from tenants import clock
from tenants.officers import Actor
from tenants.words import number_id
from webapp.access import actor, requires
from workflows import queries
from workflows.queries import BOUND, Filters
from workflows.subjects import registered
from workflows.talk import queries as talk

blueprint = Blueprint("inbox", __name__)
TABS = {"saya": "mine", "tim": "team"}
TONES = {"late": "bad", "today": "wait", "week": "", "later": ""}


def register(app: Flask, appbuilder: Any) -> None:
    app.register_blueprint(blueprint)


@blueprint.get("/kotak-masuk")
@requires("read_inbox", otherwise=("read_national", "recaps.received"))
def index() -> Any:
    by, now = actor(), clock.now()
    tab, filters = _asked()
    page = queries.inbox(by, tab=TABS[tab], filters=filters, cursor=request.args.get("cursor"), now=now)
    counts = queries.inbox_counts(by, now, tab=TABS[tab], filters=filters)
    first = page.items[0] if page.items else None
    return render_template(
        "inbox/index.html",
        active="inbox",
        groups=_groups(page.items, counts),
        counts=counts,
        bounded=bounded,
        chips=[*_chips(tab, filters, counts), *_asked_chip(by)],
        tab=tab,
        filters=filters,
        upts=queries.upts_waiting() if by.upt_id is None else [],
        facets=[(key, label) for one in registered() for key, label in one.facets.items()],
        first=first,
        shown=queries.case_preview(first.id, by=by) if first else None,
        row=first,
        next_url=_address(tab, filters, cursor=page.next_cursor) if page.next_cursor else None,
        first_url=_address(tab, filters) if request.args.get("cursor") else None,
        tones=TONES,
        narrowed=bool(filters.upt_id or filters.facet or filters.again),
    )


@blueprint.get("/kotak-masuk/<int(max=2147483647):case_id>/ringkas")
@requires("read_inbox")
def summary(case_id: int) -> Any:
    """The preview of one case, for the page's own script."""
    return render_template("inbox/preview.html", shown=queries.case_preview(case_id, by=actor()))


def bounded(count: int) -> str:
    """A count as the page says it: "12", or "500+" where counting stopped."""
    return f"{number_id(BOUND)}+" if count >= BOUND else str(count)


def _asked() -> tuple[str, Filters]:
    """The tab and filters of the address; what can't be read counts as not asked."""
    tab = request.args.get("tab", "saya")
    upt = request.args.get("upt", "")
    return tab if tab in TABS else "saya", Filters(
        upt_id=int(upt) if upt.isascii() and upt.isdecimal() and len(upt) < 10 else None,
        facet=request.args.get("kategori", "")[:50] or None,
        again=request.args.get("dikembalikan") == "1",
    )


def _address(tab: str, filters: Filters, *, cursor: str | None = None) -> str:
    kept = {
        "tab": tab if tab != "saya" else None,
        "upt": filters.upt_id,
        "kategori": filters.facet,
        "dikembalikan": "1" if filters.again else None,
        "cursor": cursor,
    }
    query = urlencode({name: value for name, value in kept.items() if value})
    return f"/kotak-masuk?{query}" if query else "/kotak-masuk"


def _chips(tab: str, filters: Filters, counts: queries.InboxCounts) -> list[dict[str, Any]]:
    """The choices above the list, each an address; filters stay when the tab changes."""
    kept = Filters(upt_id=filters.upt_id, facet=filters.facet)
    again = Filters(upt_id=filters.upt_id, facet=filters.facet, again=True)
    return [
        {
            "label": _("Milik saya"),
            "count": bounded(counts.mine),
            "url": _address("saya", kept),
            "on": tab == "saya" and not filters.again,
        },
        {
            "label": _("Pernah dikembalikan"),
            "count": bounded(counts.again),
            "url": _address("saya", again),
            "on": tab == "saya" and filters.again,
        },
        {
            "label": _("Tim"),
            "count": bounded(counts.team),
            "url": _address("tim", kept),
            "on": tab == "tim",
        },
    ]


def _asked_chip(by: Actor) -> list[dict[str, Any]]:
    """The way to what colleagues ask of the officer, where something is."""
    count = talk.asked_count(by)
    if not count:
        return []
    label, url = _("Pendapat diminta"), "/pendapat-diminta"
    return [{"label": label, "count": bounded(count), "url": url, "on": False}]


def _groups(rows: list[queries.InboxRow], counts: queries.InboxCounts) -> list[dict[str, Any]]:
    labels = {"late": _("Terlambat"), "today": _("Hari ini"), "week": _("Pekan ini"), "later": _("Nanti")}
    return [
        {"key": key, "label": labels[key], "count": bounded(getattr(counts, key)), "rows": found}
        for key, found in queries.grouped(rows)
    ]
