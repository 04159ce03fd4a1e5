"""``/api/v1/recaps``: drafting, submitting, signing and receiving recaps; what a job does answers 202."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response
from flask_appbuilder.api import expose

from recaps import batches, drafting, queries, receiving, revoking, signing
from tenants import clock
from tenants.errors import Invalid
from webapp.access import actor, requires_api
from webapp.api import KaryaApi, answer, cursor, idempotency_key, json_body, limit, once_here, page


def register(app: Flask, appbuilder: Any) -> None:
    appbuilder.add_api(RecapApi)


class RecapApi(KaryaApi):
    """Recaps of the officer's Kanwil; for the centre, those that were delivered."""

    resource_name = "recaps"

    @expose("/", methods=["GET"])
    @requires_api("open_recaps")
    def list(self) -> Response:
        """The recaps, newest first
        ---
        get:
          summary: Recaps of the Kanwil, newest period first; for the centre those delivered
          parameters:
            - {in: query, name: cursor, schema: {type: string}}
            - {in: query, name: limit, schema: {type: integer, minimum: 1, maximum: 100}}
          responses:
            200: {description: "items of recaps without figures, and next_cursor"}
        """
        read = queries.listed if actor().tenant_id is not None else queries.received
        rows, following = read(after=_keyset(), limit=limit())
        items = [{k: v for k, v in queries.as_json(row, None).items() if k != "figures"} for row in rows]
        return page(items, list(following) if following else None)

    @expose("/", methods=["POST"])
    @requires_api("draft_recaps")
    def post(self) -> Response:
        """Draft the recap of a period
        ---
        post:
          summary: Draft a period's recap; a job freezes its figures and renders the letter
          parameters:
            - {in: header, name: Idempotency-Key, schema: {type: string}}
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  required: [period]
                  properties:
                    period: {type: string, example: 2024-03}
          responses:
            202: {description: The recap with its state}
            409: {description: The period has a recap under way}
            422: {description: Not a period}
        """
        period = json_body().get("period")
        if not isinstance(period, str):
            raise Invalid(fields={"period": "Tulis seperti 2024-03, 2024-Q1, 2024-S1, atau 2024."})
        recap, replayed = drafting.draft(period, by=actor(), now=clock.now(), key=idempotency_key())
        return _told(recap.id, 202, replayed=replayed)

    @expose("/<int:recap_id>", methods=["GET"])
    @requires_api("open_recaps")
    def get(self, recap_id: int) -> Response:
        """One recap with its figures
        ---
        get:
          summary: A recap with its frozen figures
          parameters:
            - {in: path, name: recap_id, required: true, schema: {type: integer}}
          responses:
            200: {description: The recap}
            404: {description: None within reach}
        """
        return _told(recap_id, 200)

    @expose("/<int:recap_id>/pdf", methods=["GET"])
    @requires_api("open_recaps")
    def pdf(self, recap_id: int) -> Response:
        """The recap's file
        ---
        get:
          summary: The newest file, preview, signed or with the receipt
          parameters:
            - {in: path, name: recap_id, required: true, schema: {type: integer}}
          responses:
            200:
              description: PDF/A-3u
              content:
                application/pdf:
                  schema: {type: string, format: binary}
            404: {description: None within reach or not rendered yet}
        """
        return pdf_answer(recap_id)

    @expose("/<int:recap_id>/submit", methods=["POST"])
    @requires_api("draft_recaps")
    def submit(self, recap_id: int) -> Response:
        """Hand the recap to the Kepala Kantor Wilayah
        ---
        post:
          summary: Submit a prepared draft for signature
          parameters:
            - {in: path, name: recap_id, required: true, schema: {type: integer}}
            - {in: header, name: Idempotency-Key, schema: {type: string}}
          responses:
            200: {description: The recap}
            409: {description: Still being prepared}
        """
        once_here("recap.submit", recap_id, lambda: drafting.submit(recap_id, by=actor(), now=clock.now()))
        return _told(recap_id, 200)

    @expose("/<int:recap_id>/sign", methods=["POST"])
    @requires_api("sign_recaps")
    def sign(self, recap_id: int) -> Response:
        """Sign and deliver the recap
        ---
        post:
          summary: Ask for the signature; a job gives it, then the recap is delivered
          parameters:
            - {in: path, name: recap_id, required: true, schema: {type: integer}}
            - {in: header, name: Idempotency-Key, schema: {type: string}}
          requestBody:
            content:
              application/json:
                schema:
                  type: object
                  properties:
                    pin: {type: string}
          responses:
            202: {description: The recap with its state}
            409: {description: Not submitted yet}
        """
        pin = _pin()
        once_here(
            "recap.sign",
            recap_id,
            lambda: signing.request_sign(recap_id, by=actor(), now=clock.now(), pin=pin),
        )
        return _told(recap_id, 202)

    @expose("/sign", methods=["POST"])
    @requires_api("sign_recaps")
    def sign_many(self) -> Response:
        """Sign several recaps in one act
        ---
        post:
          summary: Ask for the signature on several recaps; a job signs them one after the other
          parameters:
            - {in: header, name: Idempotency-Key, schema: {type: string}}
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  required: [recaps]
                  properties:
                    recaps: {type: array, maxItems: 100, items: {type: integer}}
                    pin: {type: string}
          responses:
            202: {description: "items: each recap with its state; ask again for each at its own address"}
            404: {description: One of them is not within reach; none was asked for}
            409: {description: One of them is not at the signing stage; none was asked for}
        """
        ids, pin = _many(), _pin()
        once_here(
            "recap.sign_many",
            0,
            lambda: signing.request_signatures(ids, by=actor(), now=clock.now(), pin=pin),
        )
        return _told_of(ids)

    @expose("/acknowledge", methods=["POST"])
    @requires_api("acknowledge_recaps")
    def acknowledge_many(self) -> Response:
        """Receive several recaps in one act
        ---
        post:
          summary: The Dirjen's receipt for several recaps, each a second signature given by a job
          parameters:
            - {in: header, name: Idempotency-Key, schema: {type: string}}
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  required: [recaps]
                  properties:
                    recaps: {type: array, maxItems: 100, items: {type: integer}}
                    pin: {type: string}
          responses:
            202: {description: "items: each recap with its state; ask again for each at its own address"}
            404: {description: One of them is not within reach; none was asked for}
        """
        ids = _many()
        receiving.request_acknowledgements(
            ids, by=actor(), now=clock.now(), pin=_pin(), key=idempotency_key(), asked=_asked()
        )
        return _told_of(ids)

    @expose("/<int:recap_id>/acknowledge", methods=["POST"])
    @requires_api("acknowledge_recaps")
    def acknowledge(self, recap_id: int) -> Response:
        """Receive the recap
        ---
        post:
          summary: The Dirjen's receipt, a second signature given by a job
          parameters:
            - {in: path, name: recap_id, required: true, schema: {type: integer}}
            - {in: header, name: Idempotency-Key, schema: {type: string}}
          responses:
            202: {description: The recap with its state}
            409: {description: Replaced by another}
        """
        receiving.request_acknowledge(
            recap_id, by=actor(), now=clock.now(), pin=_pin(), key=idempotency_key(), asked=_asked()
        )
        return _told(recap_id, 202)

    @expose("/<int:recap_id>/revoke", methods=["POST"])
    @requires_api("sign_recaps")
    def revoke(self, recap_id: int) -> Response:
        """Take a signed recap back
        ---
        post:
          summary: Revoke a signed recap; whoever verifies it reads the reason, its number is never given again
          parameters:
            - {in: path, name: recap_id, required: true, schema: {type: integer}}
            - {in: header, name: Idempotency-Key, schema: {type: string}}
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  required: [reason]
                  properties:
                    reason: {type: string, minLength: 10, maxLength: 1000}
          responses:
            200: {description: The recap, revoked}
            403: {description: "Not the Kepala Kantor Wilayah, or somebody who drafted or reviewed it"}
            404: {description: None within reach}
            409: {description: Not signed, or replaced by another}
            422: {description: No reason}
        """
        _, replayed = revoking.revoke(
            recap_id, reason_given(), by=actor(), now=clock.now(), key=idempotency_key()
        )
        return _told(recap_id, 200, replayed=replayed)


def reason_given() -> str:
    """The ``reason`` of the body.

    Raises:
        Invalid: it is no text.
    """
    reason = json_body().get("reason")
    if not isinstance(reason, str):
        raise Invalid(fields={"reason": "Tulis alasannya."})
    return reason


def pdf_answer(recap_id: int, *, download: bool = False) -> Response:
    """A recap's file as an answer of its own, shown in the page or saved."""
    by = actor()
    found = queries.view(recap_id, by=by)
    recap, data = queries.pdf(recap_id, by=by)
    return pdf_response(data, queries.file_name(recap, found.row.kanwil.code), download=download)


def pdf_response(data: bytes, name: str, *, download: bool = False) -> Response:
    """A signed file as an answer, to be read in the browser or saved under `name`."""
    response = Response(data, mimetype="application/pdf")
    kind = "attachment" if download else "inline"
    response.headers["Content-Disposition"] = f'{kind}; filename="{name}"'
    response.headers["Cache-Control"] = "private, no-store"
    # The viewer inside the browser brings its own style and pictures.
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"
    )
    return response


def _told(recap_id: int, status: int, *, replayed: bool = False) -> Response:
    found = queries.view(recap_id, by=actor())
    body = queries.as_json(found.row, found.figures)
    return answer(body, status, location=f"/api/v1/recaps/{recap_id}", replayed=replayed)


def _many() -> list[int]:
    ids = json_body().get("recaps")
    if not isinstance(ids, list) or not all(type(one) is int and 0 < one < 2**31 for one in ids):
        raise Invalid(fields={"recaps": "Daftar nomor rekap."})
    return ids


def _told_of(ids: list[int]) -> Response:
    found = [queries.as_json(one.row, None) for one in batches.outcomes(ids, by=actor())]
    items = [{name: value for name, value in one.items() if name != "figures"} for one in found]
    return answer({"items": items}, 202)


def _keyset() -> tuple[Any, ...] | None:
    keyset = cursor()
    if keyset is None:
        return None
    if len(keyset) != 2 or not isinstance(keyset[0], str) or not isinstance(keyset[1], int):
        raise Invalid(fields={"cursor": "Penanda halaman tidak dikenal; mulai dari halaman pertama."})
    return tuple(keyset)


def _pin() -> str | None:
    pin = json_body().get("pin")
    return str(pin) if pin else None


def _asked() -> dict[str, Any]:
    """What the Idempotency-Key is bound to, without the PIN."""
    return {name: value for name, value in json_body().items() if name != "pin"}
