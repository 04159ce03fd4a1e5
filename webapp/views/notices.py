"""``/pemberitahuan``: what was told to the officer, newest first; opening one marks it as read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
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
    groups = choices.in_groups(choices.choices_of(actor()))
    opened = request.args.get("buka") or groups[0][0].key
    return render_template(
        "notices/choices.html",
        groups=[(group, rows, _in_short(rows)) for group, rows in groups],
        ways=_ways(),
        opened=opened,
    )


@blueprint.post("/pemberitahuan/pilihan")
@requires("choose_notices")
def keep_choices() -> Any:
    """Keep it; a button beside a group says the same of all of it, and leads back to the group."""
    form = request.form
    asked = {
        topic.key: (form.get(f"mail_{topic.key}", topic.mail), f"app_{topic.key}" in form)
        for topic in choices.TOPICS
    }
    group, what, value = (form.get("all", "").split(":") + [""] * 3)[:3]
    for key in _topics_of(group):
        mail, in_app = asked[key]
        asked[key] = (value, in_app) if what == "mail" else (mail, value == "yes")
    choices.choose(asked, by=actor())
    flash(_("Pilihan disimpan."), "success")
    if group:
        return redirect(url_for(".choose", buka=group, _anchor=f"g-{group}"), 303)
    return redirect(url_for(".index"), 303)


def _topics_of(group: str) -> list[str]:
    """The keys of a group's topics; none of a group that there is not."""
    found = choices.in_groups(choices.choices_of(actor())) if group else []
    return [row.topic.key for one, rows in found if one.key == group for row in rows]


def _in_short(rows: Sequence[choices.Choice]) -> str:
    """What was chosen for a group, in a line: "1 surel segera, 3 dalam ringkasan, 2 tidak di aplikasi"."""
    by_mail = Counter(row.mail for row in rows)
    said = [
        (by_mail[choices.EACH], _("%(n)s surel segera", n=by_mail[choices.EACH])),
        (by_mail[choices.DIGEST], _("%(n)s dalam ringkasan", n=by_mail[choices.DIGEST])),
        (by_mail[choices.NONE], _("%(n)s tanpa surel", n=by_mail[choices.NONE])),
    ]
    hidden = sum(not row.in_app for row in rows)
    said.append((hidden, _("%(n)s tidak di aplikasi", n=hidden)))
    return ", ".join(words for count, words in said if count)


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
