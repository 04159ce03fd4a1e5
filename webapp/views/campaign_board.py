"""``/kampanye``: the campaigns that anyone may see, each with its live counter, and a page for the big screen.

No session, no cookie, public tables alone. What is asked every other second is one part of the page: made once a second
by a process, compressed once, and answered with 304 as long as it is the same.
"""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Flask, Response, make_response, render_template, request
from flask_babel import get_locale
from flask_babel import gettext as _
from markupsafe import Markup

from catalogue import shop
from recaps import charts
from sales.campaigns import board as boards
from sales.campaigns import terms
from sales.campaigns.board import Board
from sales.campaigns.models import NATIONAL
from tenants.clock import now
from tenants.database import public
from tenants.errors import NotFound
from tenants.words import rupiah
from webapp.views.public import card
from workflows.kept import Kept

blueprint = Blueprint("campaign_board", __name__)
TOP = 20
ON_SCREEN = 8
CHARTED = 31
EVERY = 2
"""Seconds after which an open page asks again."""


@dataclass(frozen=True)
class Part:
    """A part of a page as it is answered, made for one state of the board."""

    board: Board
    body: bytes
    packed: bytes
    mark: str


_parts: Kept[Part] = Kept(240)


def register(app: Flask, appbuilder: Any) -> None:
    app.register_blueprint(blueprint)


@blueprint.get("/kampanye")
def index() -> Any:
    """What runs, what comes and what was, and the shelf. At most five statements."""
    with public() as session:
        rows = boards.listed(session, now())
        newest = shop.newest(session, limit=4)
    return _fresh(
        "campaigns/public_index.html",
        rows=rows,
        phases=phases(),
        national=NATIONAL,
        products=[card(one) for one in newest],
    )


@blueprint.get("/kampanye/<slug>")
def show(slug: str) -> Any:
    """A campaign with its counter and rankings. Three statements, none within a second after."""
    found = _board(slug)
    part = _part(found, "page")
    return _fresh(
        "campaigns/public_show.html",
        b=found,
        part=Markup(part.body.decode()),  # noqa: S704 - rendered from our own template
        mark=f'"{part.mark}"',
        every=EVERY,
        phases=phases(),
        rows=found.upts if request.args.get("upt") == "semua" else found.upts[:TOP],
        top=TOP,
        everyone=request.args.get("upt") == "semua",
    )


@blueprint.get("/kampanye/<slug>/layar")
def screen(slug: str) -> Any:
    """The same for a hall: large, dark, without anything to click."""
    found = _board(slug)
    part = _part(found, "screen")
    return _fresh(
        "campaigns/public_screen.html",
        b=found,
        part=Markup(part.body.decode()),  # noqa: S704 - rendered from our own template
        mark=f'"{part.mark}"',
        every=EVERY,
    )


@blueprint.get("/kampanye/<slug>/papan")
def live(slug: str) -> Response:
    """What an open page asks: the part that changes, or 304."""
    return answered(_part(_board(slug), "screen" if "layar" in request.args else "page"))


def answered(part: Part, content_type: str = "text/html; charset=utf-8") -> Response:
    """A part as an answer that any cache may keep for a second."""
    known = request.if_none_match
    if known.contains(part.mark) or known.contains_weak(part.mark):
        response = Response(status=304)
    elif "gzip" in request.accept_encodings:
        response = Response(part.packed, content_type=content_type)
        response.headers["Content-Encoding"] = "gzip"
    else:
        response = Response(part.body, content_type=content_type)
    response.headers["Cache-Control"] = "public, max-age=1"
    response.headers["Vary"] = "Accept-Encoding"
    response.set_etag(part.mark)
    return response


def kept(found: Board, kind: str, make: Any) -> Part:
    """The part of a kind for this state of the board, made once."""
    key = (found.slug, kind)
    part = _parts.get(key)
    if part is not None and part.board is found:
        return part
    body: bytes = make()
    if part is not None and part.body == body:  # the second is over, and nothing changed
        return _parts.put(key, Part(found, part.body, part.packed, part.mark))
    packed = gzip.compress(body, 6, mtime=0)
    return _parts.put(key, Part(found, body, packed, hashlib.sha256(body).hexdigest()[:20]))


def _part(found: Board, kind: str) -> Part:
    tongue = str(get_locale() or "id")
    template = f"campaigns/_board_{kind}.html"
    return kept(
        found,
        f"{kind}-{tongue}",
        lambda: render_template(
            template, b=found, phases=phases(), on_screen=ON_SCREEN, chart=_chart(found)
        ).encode(),
    )


def _board(slug: str) -> Board:
    found = boards.board(slug, now())
    if found is None:
        raise NotFound(_("Kampanye ini tidak ada."))
    return found


def _fresh(template: str, **context: Any) -> Any:
    """A page that caches may keep and must ask about; the same content has the same ETag."""
    carry = "?lang=en" if request.args.get("lang") == "en" else ""
    response = make_response(render_template(template, carry=carry, **context))
    response.headers["Cache-Control"] = "public, no-cache"
    response.add_etag()
    return response.make_conditional(request)


def phases() -> dict[str, str]:
    """The phases in words."""
    return {key: _(word) for key, word in terms.PHASES.items()}


def _chart(found: Board) -> Markup:
    """The days as columns, the best one in the other colour; nothing before there is something to show."""
    days = found.by_day[-CHARTED:]
    best = found.best_day
    if best is None:
        return Markup("")
    rows = [(str(day.day), value, "") for day, value in days]
    highlight = next((at for at, (day, _value) in enumerate(days) if day == best[0]), None)
    title = _("Omzet per hari; terbanyak %(value)s", value=rupiah(best[1]))
    drawn = charts.columns(rows, title=title, width=max(340, 26 * len(rows)), height=150, highlight=highlight)
    return Markup(drawn)  # noqa: S704 - charts escapes every text it draws
