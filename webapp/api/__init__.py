"""The REST API: FAB's BaseApi, so that it is in the OpenAPI description; bearer tokens; problem details for errors."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable
from typing import Any

from flask import Response, jsonify, request
from flask_appbuilder.api import BaseApi

from tenants.errors import Invalid
from tenants.idempotency import once

MAX_LIMIT = 100


class KaryaApi(BaseApi):
    """What every API class starts from: version, bearer tokens only, no CSRF (no cookie is ever accepted)."""

    version = "v1"
    csrf_exempt = True
    allow_browser_login = False


def json_body() -> dict[str, Any]:
    """The request's JSON object.

    Raises:
        Invalid: it is missing, not JSON, or not an object.
    """
    if not request.get_data(cache=True):
        return {}
    body = request.get_json(force=True, silent=True)
    if not isinstance(body, dict):
        raise Invalid("Isi permintaan harus berupa objek JSON.")
    return body


def idempotency_key() -> str | None:
    """The Idempotency-Key header, trimmed, or None."""
    return request.headers.get("Idempotency-Key", "").strip() or None


def once_here(operation: str, thing_id: int, act: Callable[[], Any]) -> bool:
    """Carry out `act` on a thing once for this request's Idempotency-Key; whether this is a repetition.

    One transaction with `act`; two statements more, none without a key. The body is what the key is bound to, without
    a PIN: a fingerprint of one could be tried out.

    Raises:
        KeyReused: the key came with another body before.
    """
    asked = {name: value for name, value in json_body().items() if name != "pin"}

    def acted() -> int:
        act()
        return thing_id

    operation = f"api.{operation}:{thing_id}"
    return once(
        idempotency_key(), operation, acted, lambda number: number, lambda number: number, content=asked
    )[1]


def limit() -> int:
    """``?limit=`` within 1 and `MAX_LIMIT`, 20 by default."""
    asked = request.args.get("limit", "20")
    if not asked.isdigit() or not 1 <= int(asked) <= MAX_LIMIT:
        raise Invalid(fields={"limit": f"Bilangan 1 sampai {MAX_LIMIT}."})
    return int(asked)


def cursor() -> list[Any] | None:
    """``?cursor=`` as the keyset it stands for, or None for the first page."""
    text = request.args.get("cursor", "")
    if not text:
        return None
    try:
        value = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, binascii.Error):
        raise Invalid(
            fields={"cursor": "Penanda halaman tidak dikenal; mulai dari halaman pertama."}
        ) from None
    if not isinstance(value, list):
        raise Invalid(fields={"cursor": "Penanda halaman tidak dikenal; mulai dari halaman pertama."})
    return value


def cursor_text(keyset: list[Any] | None) -> str | None:
    """A keyset as the opaque text of ``next_cursor``."""
    if keyset is None:
        return None
    return base64.urlsafe_b64encode(json.dumps(keyset, default=str).encode()).decode().rstrip("=")


def page(items: list[dict[str, Any]], next_keyset: list[Any] | None) -> Response:
    """A list's answer: ``{"items": [...], "next_cursor": text | null}``."""
    return jsonify({"items": items, "next_cursor": cursor_text(next_keyset)})


def answer(
    body: dict[str, Any], status: int = 200, *, location: str | None = None, replayed: bool = False
) -> Response:
    """One thing's answer."""
    response = jsonify(body)
    response.status_code = status
    if location:
        response.headers["Location"] = location
    if replayed:
        response.headers["Idempotency-Replayed"] = "true"
    return response
