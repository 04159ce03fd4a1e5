"""``/bahasa``: Indonesian or English. An officer's choice is kept with him, a visitor's in the address; what is chosen
where one signs in, in the session."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import Blueprint, Flask, abort, current_app, redirect, request, session, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from tenants import accounts
from tenants.tongues import INDONESIAN, LANGUAGES
from webapp.access import actor, requires

blueprint = Blueprint("language", __name__)


def register(app: Flask, appbuilder: Any) -> None:
    app.register_blueprint(blueprint)


@blueprint.get("/bahasa/<code>")
def choose(code: str) -> Any:
    """Back to the page one came from, in the language asked for; never to another site."""
    if code not in LANGUAGES:
        abort(404)
    path, query, public = _came_from()
    if public:
        kept = [(key, value) for key, value in parse_qsl(query) if key != "lang"]
        kept += [("lang", code)] if code != INDONESIAN else []
        return redirect(path + (f"?{urlencode(kept)}" if kept else ""), 303)
    session["locale"] = code
    return redirect(path + (f"?{query}" if query else ""), 303)


@blueprint.post("/bahasa")
@requires("read_home")
def keep() -> Any:
    """Keep an officer's language, for his pages everywhere and for his mails; back to the page he came from."""
    accounts.choose_language(request.form.get("code", ""), by=actor())
    session.pop("locale", None)
    path, query, _public = _came_from()
    return redirect(path + (f"?{query}" if query else ""), 303)


def _came_from() -> tuple[str, str, bool]:
    """Path, query and whether it is a public page, of the page named by the Referer header, where it is ours."""
    from webapp import PUBLIC_BLUEPRINTS

    referrer = urlsplit(request.referrer or "")
    fallback = url_for("HomeView.home"), "", False
    if referrer.netloc != request.host or not referrer.path.startswith("/") or referrer.path.startswith("//"):
        return fallback
    try:
        endpoint, _ = current_app.url_map.bind(request.host).match(referrer.path, method="GET")
    except RequestRedirect:
        return fallback
    except HTTPException:
        return fallback
    if endpoint == "language.choose":
        return fallback
    return referrer.path, referrer.query, endpoint.split(".")[0] in PUBLIC_BLUEPRINTS
