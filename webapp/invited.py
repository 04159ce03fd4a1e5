"""Handing an expert's link over: the mail that carries it, from the page and from the API alike."""

from __future__ import annotations

from datetime import datetime

from flask import current_app, url_for

from webapp.shell import kanwil_here
from workflows.models import Case
from workflows.talk import invitations
from workflows.talk.invitations import Invited


def hand_over(made: Invited, case: Case, now: datetime) -> tuple[str | None, bool]:
    """The link of a new invitation, and whether a mail took it along; no link where the invitation stood before."""
    if made.token is None:
        return None, False
    base = str(current_app.extensions["karya"].base_url).rstrip("/")
    link = base + url_for("guest.show", token=made.token)
    kanwil = kanwil_here()
    office = kanwil.short_name if kanwil else "Karya"
    mail = invitations.letter(made.row, link, title=case.title, office=office, now=now)
    return link, invitations.send(made.row, mail)
