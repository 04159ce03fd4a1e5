"""Attachments on their way in and out: read from a form within bounds, and handed out as downloads alone."""

from __future__ import annotations

from typing import Protocol
from urllib.parse import quote

from flask import Response, request

from workflows.talk.checking import MAX_BYTES, Checked, check


class Named(Protocol):
    """A file that has a name to be saved under."""

    @property
    def name(self) -> str: ...


def uploaded(*fields: str, most: int = 5) -> list[Checked]:
    """The files of these form fields, each checked by its content; empty fields are left out, and one file more than
    `most` is read, so that the use case can refuse it.

    Raises:
        FileTooLarge, FileRefused, FileBroken: each names the file.
    """
    given = [one for field in fields for one in request.files.getlist(field) if one.filename]
    return [check(one.read(MAX_BYTES + 1), one.filename or "") for one in given[: most + 1]]


def download(data: bytes, about: Named, media_type: str) -> Response:
    """The file as something to save, which no browser shows or runs in our name."""
    response = Response(data, content_type=media_type)
    plain = (
        about.name.encode("ascii", "replace").decode().replace("?", "_").replace('"', "_").replace("\\", "_")
    )
    response.headers["Content-Disposition"] = (
        f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(about.name, safe='')}"
    )
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["X-Frame-Options"] = "DENY"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Cache-Control"] = "private, no-store"
    return response
