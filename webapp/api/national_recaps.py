"""``/api/v1/national-recaps``: the recap of the country, and the board of who has sent."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, request
from flask_appbuilder.api import expose

from recaps.national import drafting, letterhead, queries, revoking, signing
from recaps.rounds import board
from tenants.clock import now
from tenants.errors import Invalid
from webapp.access import actor, requires_api
from webapp.api import KaryaApi, answer, cursor, idempotency_key, json_body, limit, once_here, page
from webapp.api.recaps import pdf_response, reason_given


def register(app: Flask, appbuilder: Any) -> None:
    appbuilder.add_api(NationalRecapApi)


class NationalRecapApi(KaryaApi):
    """Recaps of the country: drafted by Admin Pusat, signed by the Direktur Jenderal."""

    resource_name = "national-recaps"

    @expose("/", methods=["GET"])
    @requires_api("read_national")
    def list(self) -> Response:
        """The country's recaps, newest first
        ---
        get:
          summary: Recaps of the country, the newest drafted first
          parameters:
            - {in: query, name: cursor, schema: {type: string}}
            - {in: query, name: limit, schema: {type: integer, minimum: 1, maximum: 100}}
          responses:
            200: {description: "items of recaps without figures, and next_cursor"}
        """
        rows, following = queries.listed(before=_before(), limit=limit())
        items = [{k: v for k, v in queries.as_json(row).items() if k != "figures"} for row in rows]
        return page(items, [following] if following else None)

    @expose("/", methods=["POST"])
    @requires_api("draft_national_recaps")
    def post(self) -> Response:
        """Draft the country's recap of a period
        ---
        post:
          summary: Draft a period's recap of the country; a job freezes its figures and renders the letter
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
        recap, replayed = drafting.draft(period, by=actor(), now=now(), key=idempotency_key())
        return _told(recap.id, 202, replayed=replayed)

    @expose("/board", methods=["GET"])
    @requires_api("read_national")
    def board(self) -> Response:
        """Who has sent a period's recap
        ---
        get:
          summary: Every Kanwil and the state of its recap of a period
          parameters:
            - {in: query, name: period, schema: {type: string}, description: default the newest}
          responses:
            200: {description: "period, label, sent, and items: kanwil, state, number, delivered_at, due_on, late_days"}
            422: {description: Not a period}
        """
        moment = now()
        period = request.args.get("period") or board.usual_period(moment)
        found = board.board(period, now=moment, due_workday=letterhead.own().due_workday)
        items = [
            {
                "kanwil": line.kanwil.code,
                "state": line.state,
                "working": line.is_working,
                "number": line.recap.number if line.recap else None,
                "delivered_at": line.recap.delivered_at.isoformat()
                if line.recap and line.recap.delivered_at
                else None,
                "due_on": line.due_on.isoformat(),
                "late_days": line.late_days,
            }
            for line in found.lines
        ]
        return answer({"period": found.period, "label": found.label, "sent": found.sent, "items": items}, 200)

    @expose("/<int:recap_id>", methods=["GET"])
    @requires_api("read_national")
    def get(self, recap_id: int) -> Response:
        """One recap of the country with its figures
        ---
        get:
          summary: A recap of the country with its frozen figures
          parameters:
            - {in: path, name: recap_id, required: true, schema: {type: integer}}
          responses:
            200: {description: The recap}
            404: {description: There is none}
        """
        return _told(recap_id, 200)

    @expose("/<int:recap_id>/pdf", methods=["GET"])
    @requires_api("read_national")
    def pdf(self, recap_id: int) -> Response:
        """The file
        ---
        get:
          summary: The newest file, preview or signed, with the recaps of the Kanwil inside
          parameters:
            - {in: path, name: recap_id, required: true, schema: {type: integer}}
          responses:
            200:
              description: PDF/A-3u
              content:
                application/pdf:
                  schema: {type: string, format: binary}
            404: {description: There is none or it is not rendered yet}
        """
        recap, data = queries.pdf(recap_id)
        return pdf_response(data, queries.file_name(recap))

    @expose("/<int:recap_id>/submit", methods=["POST"])
    @requires_api("draft_national_recaps")
    def submit(self, recap_id: int) -> Response:
        """Lay it before the Direktur Jenderal
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
        once_here("recap.national_submit", recap_id, lambda: drafting.submit(recap_id, by=actor(), now=now()))
        return _told(recap_id, 200)

    @expose("/<int:recap_id>/sign", methods=["POST"])
    @requires_api("sign_national_recaps")
    def sign(self, recap_id: int) -> Response:
        """Sign it
        ---
        post:
          summary: Ask for the signature; a job gives it
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
        given = json_body().get("pin")
        pin = str(given) if given else None
        once_here(
            "recap.national_sign",
            recap_id,
            lambda: signing.request_sign(recap_id, by=actor(), now=now(), pin=pin),
        )
        return _told(recap_id, 202)

    @expose("/<int:recap_id>/return", methods=["POST"])
    @requires_api("sign_national_recaps")
    def send_back(self, recap_id: int) -> Response:
        """Give it back
        ---
        post:
          summary: Give a recap that waits for the signature back to Admin Pusat, with a reason
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
                    reason: {type: string, minLength: 5, maxLength: 2000}
          responses:
            200: {description: "The recap, a draft again"}
            409: {description: Signed or being signed}
            422: {description: No reason}
        """
        reason = reason_given()
        once_here(
            "recap.national_return",
            recap_id,
            lambda: signing.send_back(recap_id, reason, by=actor(), now=now()),
        )
        return _told(recap_id, 200)

    @expose("/<int:recap_id>/revoke", methods=["POST"])
    @requires_api("sign_national_recaps")
    def revoke(self, recap_id: int) -> Response:
        """Take a signed recap of the country back
        ---
        post:
          summary: Revoke a signed recap of the country; whoever verifies it reads the reason
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
            404: {description: There is none}
            409: {description: Not signed, or replaced by another}
            422: {description: No reason}
        """
        _, replayed = revoking.revoke(recap_id, reason_given(), by=actor(), now=now(), key=idempotency_key())
        return _told(recap_id, 200, replayed=replayed)


def _told(recap_id: int, status: int, *, replayed: bool = False) -> Response:
    found = queries.view(recap_id)
    body = queries.as_json(found.recap, found.figures)
    return answer(body, status, location=f"/api/v1/national-recaps/{recap_id}", replayed=replayed)


def _before() -> int | None:
    keyset = cursor()
    if keyset is None:
        return None
    if len(keyset) != 1 or not isinstance(keyset[0], int):
        raise Invalid(fields={"cursor": "Penanda halaman tidak dikenal; mulai dari halaman pertama."})
    return keyset[0]
