"""Files as answers in the decision form: read, and sealed so that a form that comes back still holds them."""

from __future__ import annotations

from typing import Any

from flask import current_app, request
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.datastructures import MultiDict

from workflows.enclosures import Enclosure, Refused, enclose
from workflows.talk.checking import MAX_BYTES

KEPT = "kept."
"""A sealed file stands in the form as a ticked box of this name and the item's key: unticking it lets it go."""
_TOLD = ("name", "sha256", "size", "kind")


def seal(told: dict[str, Any], *, case_id: int, officer_id: int, key: str) -> str:
    """A kept file as a form carries it: good for this officer, case and item alone."""
    return _sealer().dumps([case_id, officer_id, key, *(told[name] for name in _TOLD)])


def answers(
    form: MultiDict[str, str], *, prefix: str, case_id: int, officer_id: int
) -> dict[str, Enclosure | Refused]:
    """The files that the form answers with, by the item's key: what was uploaded now, else what was kept before."""
    found: dict[str, Enclosure | Refused] = {}
    for name, text in form.items():
        if name.startswith(KEPT):
            key = name.removeprefix(KEPT)
            found[key] = _opened(text, case_id, officer_id, key)
    for name, upload in request.files.items():
        if name.startswith(prefix) and upload.filename:
            found[name.removeprefix(prefix)] = enclose(upload.read(MAX_BYTES + 1), upload.filename)
    return found


def _opened(text: str, case_id: int, officer_id: int, key: str) -> Enclosure | Refused:
    try:
        case, officer, item, name, sha256, size, kind = _sealer().loads(text)
    except (BadSignature, ValueError, TypeError):
        return Refused("Unggah berkas ini sekali lagi.")
    if (case, officer, item) != (case_id, officer_id, key):
        return Refused("Unggah berkas ini sekali lagi.")
    return Enclosure(name, sha256, size, kind)


def _sealer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt="karya.enclosure")
