"""``/cari``: products, cases, UPT and recaps of the officer's scope, in one field."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, render_template, request, url_for

from recaps.finding import KINDS, SHORTEST, Hit, find
from webapp.access import may, requires
from webapp.forms import same_page, whole

blueprint = Blueprint("search", __name__)
FEW, PAGE = 5, 20


def register(app: Flask, appbuilder: Any) -> None:
    app.register_blueprint(blueprint)


@blueprint.get("/cari")
@requires("search")
def index() -> Any:
    """A few of each kind, or one kind page by page."""
    q = " ".join(request.args.get("q", "").split())[:100]
    chosen = request.args.get("jenis", "")
    kinds = [chosen] if chosen in KINDS else list(KINDS)
    groups = []
    for kind in kinds if len(q) >= SHORTEST else []:
        before = whole(request.args.get("before")) if chosen else None
        hits, following = find(q, kind=kind, before=before, limit=PAGE if chosen else FEW)
        if hits:
            more = same_page(before=following) if chosen else url_for(".index", q=q, jenis=kind)
            groups.append((kind, [(hit, _address(hit)) for hit in hits], more if following else None))
    return render_template("search/index.html", q=q, chosen=chosen, groups=groups, shortest=SHORTEST)


def _address(hit: Hit) -> str:
    if hit.kind == "product":
        if may("write_products"):
            return url_for("products.edit", product_id=hit.id)
        return url_for("products.manage", product_id=hit.id)
    if hit.kind == "case":
        return url_for("cases.show", case_id=hit.id)
    if hit.kind == "recap":
        return url_for("recaps.show", recap_id=hit.id)
    if may("manage_upts"):
        return url_for("settings.upt", upt_id=hit.id)
    if may("write_products"):
        return url_for("products.mine")
    return url_for("products.index", upt=hit.id)
