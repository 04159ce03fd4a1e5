"""``/pengaturan/webhook``: who hears of events, what was sent, and what nobody took."""

from __future__ import annotations

from secrets import token_urlsafe
from typing import Any

from flask import Blueprint, Flask, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _

from tenants.clock import now
from tenants.errors import Conflict, Invalid
from webapp.access import actor, requires
from webapp.forms import same_page, whole
from workflows.webhooks import queries, registering, replaying
from workflows.webhooks.events import offered
from workflows.webhooks.models import DEAD, Webhook

blueprint = Blueprint("webhooks", __name__, url_prefix="/pengaturan/webhook")
SWITCH = {"nyalakan": True, "matikan": False}


def register(app: Flask, appbuilder: Any) -> None:
    app.register_blueprint(blueprint)


@blueprint.get("/")
@requires("manage_webhooks")
def index() -> Any:
    """The webhooks with what became of their messages, and the newest messages."""
    state = request.args.get("keadaan", "")
    page = queries.deliveries(state=state or None, after=whole(request.args.get("setelah")))
    rows = queries.webhooks()
    return render_template(
        "webhooks/index.html",
        rows=rows,
        hooks={row.id: row for row in rows},
        counts=queries.counts(),
        page=page,
        state=state,
        labels=offered(),
        key=token_urlsafe(18),
        next_url=same_page(setelah=page.following) if page.following else None,
        first_url=same_page(setelah=None) if request.args.get("setelah") else None,
        active="settings",
    )


@blueprint.get("/baru")
@requires("manage_webhooks")
def new() -> Any:
    """The form for a webhook."""
    return _form({"address": "", "events": []}, {})


@blueprint.post("/baru")
@requires("manage_webhooks")
def add() -> Any:
    """Register it; the secret is shown once."""
    values = {"address": request.form.get("address", ""), "events": request.form.getlist("events")}
    try:
        webhook, secret = registering.register(values, by=actor(), now=now(), key=_key())
    except Invalid as error:
        return _form(values, error.fields), 422
    except Conflict as error:
        return _form(values, {"address": error.message}), error.status
    return _handover(webhook, secret, fresh=True)


@blueprint.post("/<int(max=2147483647):webhook_id>/<any(nyalakan,matikan):word>")
@requires("manage_webhooks")
def switch(webhook_id: int, word: str) -> Any:
    """On or off."""
    registering.set_active(webhook_id, SWITCH[word], by=actor(), now=now())
    flash(_("Webhook dinyalakan.") if SWITCH[word] else _("Webhook dimatikan."), "success")
    return redirect(url_for(".index"), 303)


@blueprint.post("/<int(max=2147483647):webhook_id>/rahasia")
@requires("manage_webhooks")
def rotate(webhook_id: int) -> Any:
    """A new secret, shown once."""
    webhook, secret = registering.rotate(webhook_id, by=actor(), now=now(), key=_key())
    return _handover(webhook, secret, fresh=False)


@blueprint.post("/<int(max=2147483647):webhook_id>/uji")
@requires("manage_webhooks")
def ping(webhook_id: int) -> Any:
    """Send a test message."""
    replaying.ping(webhook_id, by=actor(), now=now(), key=_key())
    flash(_("Pesan uji dikirim. Hasilnya muncul di daftar kiriman dalam beberapa detik."), "success")
    return redirect(url_for(".index", _anchor="kiriman"), 303)


@blueprint.post("/<int(max=2147483647):webhook_id>/hapus")
@requires("manage_webhooks")
def remove(webhook_id: int) -> Any:
    """Take it away with its messages."""
    registering.remove(webhook_id, by=actor(), now=now())
    flash(_("Webhook dihapus."), "success")
    return redirect(url_for(".index"), 303)


@blueprint.post("/<int(max=2147483647):webhook_id>/ulang")
@requires("manage_webhooks")
def replay_all(webhook_id: int) -> Any:
    """Send every dead letter again."""
    count = replaying.replay_all(webhook_id, by=actor(), now=now())
    flash(_("%(n)s kiriman dicoba lagi.", n=count), "success")
    return redirect(url_for(".index", _anchor="kiriman"), 303)


@blueprint.post("/kiriman/<int(max=2147483647):delivery_id>/ulang")
@requires("manage_webhooks")
def replay(delivery_id: int) -> Any:
    """Send one dead letter again."""
    replaying.replay(delivery_id, by=actor(), now=now())
    flash(_("Kiriman dicoba lagi."), "success")
    return redirect(url_for(".index", keadaan=DEAD, _anchor="kiriman"), 303)


def _key() -> str | None:
    return request.form.get("key", "")[:64] or None


def _form(values: dict[str, Any], problems: dict[str, Any]) -> str:
    return render_template(
        "webhooks/new.html",
        v=values,
        problems=problems,
        labels=offered(),
        key=_key() or token_urlsafe(18),
        active="settings",
    )


def _handover(webhook: Webhook, secret: str | None, *, fresh: bool) -> Any:
    answer = make_response(
        render_template(
            "webhooks/handover.html", webhook=webhook, secret=secret, fresh=fresh, active="settings"
        )
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer
