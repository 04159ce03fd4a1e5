"""``/pendapat/<token>``: an expert from outside reads one revision and writes one opinion. No session, no cookie."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from flask import Blueprint, Flask, Response, render_template, request
from flask_babel import gettext as _

from catalogue.content import shown_by_key
from tenants import clock, limits
from tenants.errors import KaryaError
from tenants.words import instant_id
from webapp import attachments
from workflows.talk import guests
from workflows.talk.checking import ACCEPTED, MAX_BYTES
from workflows.talk.errors import NoSuchInvitation
from workflows.talk.guests import Guest

blueprint = Blueprint("guest", __name__)
TRIES = 60
PHOTOS = 600
WITHIN = timedelta(minutes=10)
_SHOWN = {"product": shown_by_key}


def register(app: Flask, appbuilder: Any) -> None:
    app.register_blueprint(blueprint)
    app.extensions["csrf"].exempt(
        blueprint
    )  # the token of the address is all that counts, and no page can guess it


@blueprint.after_request
def keep_to_oneself(response: Response) -> Response:
    """The address is the key: no cache, no search engine and no other site may learn it."""
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return response


@blueprint.get("/pendapat/<token>")
def show(token: str) -> Any:
    _count("guest", TRIES)
    try:
        return _page(token, guests.visit(token, now=clock.now()))
    except NoSuchInvitation as error:
        return _nowhere(error)


@blueprint.post("/pendapat/<token>")
def contribute(token: str) -> Any:
    """The one opinion; what is refused comes back with what was typed, and leaves the link as it is."""
    request.max_content_length = MAX_BYTES + 1024 * 1024
    _count("guest", TRIES)
    now = clock.now()
    try:
        guests.contribute(
            token,
            request.form.get("body", ""),
            attached=lambda: attachments.uploaded("attachment", most=1),
            key=request.form.get("key", ""),
            now=now,
        )
    except NoSuchInvitation as error:
        return _nowhere(error)
    except KaryaError as error:
        if error.status not in (413, 415, 422):
            raise
        problems = error.fields or {"attachment": error.message}
        return _page(token, guests.visit(token, now=now), problems), error.status
    return render_template("guest/thanks.html")


@blueprint.get("/pendapat/<token>/foto/<int(max=99):number>.webp")
def photo(token: str, number: int) -> Any:
    """A photo of the revision, by the same token."""
    _count("guest-photo", PHOTOS)
    try:
        return Response(guests.photo(token, number, now=clock.now()), content_type="image/webp")
    except NoSuchInvitation as error:
        return _nowhere(error)


def _page(token: str, guest: Guest, problems: dict[str, Any] | None = None) -> str:
    zone = ZoneInfo(guest.kanwil.timezone)
    shown = _SHOWN.get(guest.case.subject_type)
    labels = {key: label for key, label in guest.subject.field_labels.items() if key != "photos"}
    texts = {key: guest.fields.get(key) for key in labels}
    return render_template(
        "guest/show.html",
        token=token,
        guest=guest,
        fields=[
            (label, (shown(key, texts[key]) if shown else str(texts[key] or "")) or "–")
            for key, label in labels.items()
        ],
        until=instant_id(guest.invitation.expires_at, zone),
        key=request.form.get("key") or str(uuid4()),
        typed=request.form.get("body", ""),
        problems=problems or {},
        accepted=ACCEPTED,
    )


def _nowhere(error: NoSuchInvitation) -> Any:
    return render_template("guest/nowhere.html", title=_(error.title), message=error.message), error.status


def _count(what: str, tries: int) -> None:
    """Count one request of this address.

    Raises:
        TooMany: more than `tries` within `WITHIN`.
    """
    limits.hit(f"{what}:{request.remote_addr}", limit=tries, within=WITHIN, now=clock.now())
