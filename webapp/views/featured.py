"""``/etalase``: what the centre shows first on the front page and on each category's shelf."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from catalogue import shop
from catalogue.window import featuring
from tenants.clock import local_day, now
from tenants.database import public
from tenants.errors import Conflict, Invalid
from webapp.access import actor, requires
from webapp.forms import day

blueprint = Blueprint("featured", __name__)
PERMISSION = "feature_products"


def register(app: Flask, appbuilder: Any) -> None:
    app.register_blueprint(blueprint)


@blueprint.get("/etalase")
@requires(PERMISSION)
def index() -> Any:
    """What is chosen for a page, and products to choose from."""
    return _page(_asked(request.args.get("page")), {}, {})


@blueprint.post("/etalase")
@requires(PERMISSION)
def add() -> Any:
    """Choose a product, named by its address or picked from what was searched."""
    form = request.form
    page = _asked(form.get("page"))
    try:
        featuring.feature(
            page,
            _slug(form.get("product", "")),
            from_on=_day("from_on"),
            until_on=_day("until_on"),
            by=actor(),
            now=now(),
            key=form.get("key"),
        )
    except (Invalid, Conflict) as error:
        problems = error.fields or {"product": error.message}
        return _page(page, problems, form.to_dict()), error.status
    flash(_("Produk ditambahkan ke etalase."), "success")
    return redirect(url_for(".index", page=page), 303)


@blueprint.post("/etalase/<int:feature_id>")
@requires(PERMISSION)
def change(feature_id: int) -> Any:
    """Move it up or down, show it on other days, or take it back."""
    act = request.form.get("act", "")
    by, at = actor(), now()
    if act == "remove":  # once more does nothing, and says the same
        featuring.remove(feature_id, by=by, now=at)
        flash(_("Pilihan dihapus dari etalase."), "success")
        return redirect(url_for(".index", page=_asked(request.form.get("page"))), 303)
    page = featuring.one(feature_id).row.page
    if act in ("up", "down"):
        featuring.move(feature_id, up=act == "up", by=by, now=at)
    else:
        try:
            from_on = _day("from_on")
            if from_on is None:
                raise Invalid(fields={"from_on": _("Tulis hari pertamanya.")})
            featuring.reschedule(feature_id, from_on=from_on, until_on=_day("until_on"), by=by, now=at)
        except Invalid as error:
            wrong = {f"{name}-{feature_id}": words for name, words in error.fields.items()}
            return _page(page, wrong, request.form.to_dict(), feature_id), 422
        flash(_("Tanggalnya disimpan."), "success")
    return redirect(url_for(".index", page=page) + f"#pilihan-{feature_id}", 303)


def _page(page: str, problems: dict[str, Any], typed: dict[str, str], wrong: int | None = None) -> str:
    q = request.args.get("q", "").strip()
    found = []
    if q:
        category = None if page == featuring.FRONT else page
        with public() as session:
            found = list(shop.search(session, q, shop.Filters(category=category), limit=8).items)
    rows = featuring.chosen(page)
    there = {row.product.product_id for row in rows}
    return render_template(
        "featured/index.html",
        page=page,
        pages=featuring.PAGES,
        amounts=featuring.amounts(),
        rows=rows,
        found=[one for one in found if one.product_id not in there],
        searched=q,
        today=local_day(now(), featuring.CENTRE),
        history=featuring.history(page),
        actions=featuring.ACTIONS,
        most=featuring.MOST,
        problems=problems,
        v=typed,
        wrong=wrong,
        active="featured",
    )


def _asked(page: str | None) -> str:
    return page if page in featuring.PAGES else featuring.FRONT


def _slug(text: str) -> str:
    """A product's slug out of what was typed: the slug itself or the whole public address."""
    return text.strip().split("?")[0].rstrip("/").rsplit("/produk/", 1)[-1][:200]


def _day(name: str) -> Any:
    """A day of the form; None where it is empty.

    Raises:
        Invalid: it can't be read.
    """
    text = request.form.get(name, "").strip()
    found = day(text)
    if text and found is None:
        raise Invalid(fields={name: _("Tulis tanggal, misalnya 2024-03-14.")})
    return found
