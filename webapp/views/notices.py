"""``/pemberitahuan``: what was told to the officer, newest first; opening one marks it as read."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from tenants.clock import now
from tenants.errors import NotFound
from webapp import centre_notices
from webapp.access import actor, requires
from webapp.forms import whole
from workflows import choices, notices

blueprint = Blueprint("notices", __name__)
PAGE = 30


def register(app: Flask, appbuilder: Any) -> None:
    app.register_blueprint(blueprint)


@blueprint.get("/pemberitahuan")
@requires("read_notices")
def index() -> Any:
    """A page of notices; for officers of the centre, what came and what waits."""
    by, unread = actor(), request.args.get("unread") == "1"
    if by.tenant_id is None:
        return render_template("notices/centre.html", rows=centre_notices.told(by, now()))
    rows = notices.notices_for(by, unread=unread, limit=PAGE + 1, before=whole(request.args.get("before")))
    following = rows[PAGE - 1].id if len(rows) > PAGE else None
    return render_template("notices/index.html", rows=rows[:PAGE], unread=unread, following=following)


@blueprint.get("/pemberitahuan/pilihan")
@requires("choose_notices")
def choose() -> Any:
    """What the officer wants where."""
    return render_template("notices/choices.html", rows=choices.choices_of(actor()), ways=_ways())


@blueprint.post("/pemberitahuan/pilihan")
@requires("choose_notices")
def keep_choices() -> Any:
    """Keep it."""
    form = request.form
    asked = {
        topic.key: (form.get(f"mail_{topic.key}", topic.mail), f"app_{topic.key}" in form)
        for topic in choices.TOPICS
    }
    choices.choose(asked, by=actor())
    flash(_("Pilihan disimpan."), "success")
    return redirect(url_for(".index"), 303)


def _ways() -> list[tuple[str, str]]:
    return [
        (choices.EACH, _("segera")),
        (choices.DIGEST, _("ringkasan tiap pagi")),
        (choices.NONE, _("tidak")),
    ]


@blueprint.get("/pemberitahuan/<int:notice_id>")
@requires("read_notices")
def read(notice_id: int) -> Any:
    """To the page that a notice is about; within this site, whatever the row says."""
    if actor().tenant_id is None:
        raise NotFound()
    row = notices.open_notice(notice_id, by=actor(), now=now())
    parts = urlsplit(row.link or "")
    here = row.link if row.link.startswith("/") and not parts.netloc and not row.link.startswith("//") else ""
    return redirect(here or url_for(".index"), 303)


@blueprint.post("/pemberitahuan/semua-dibaca")
@requires("read_notices")
def read_all() -> Any:
    """Everything is read."""
    count = notices.mark_all_read(by=actor(), now=now()) if actor().tenant_id is not None else 0
    flash(_("%(n)s pemberitahuan ditandai sudah dibaca.", n=count), "success")
    return redirect(url_for(".index"), 303)
