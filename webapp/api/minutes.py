"""``/api/v1/cases/{id}/minutes``: issuing the minutes of an approved product's case, and reading them."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask_appbuilder.views import expose

from recaps.minutes import issuing, queries
from recaps.minutes.models import Minutes
from tenants import clock
from webapp.access import actor, requires_api
from webapp.api import KaryaApi, answer, idempotency_key, json_body, page
from webapp.api.recaps import pdf_response
from workflows.talk.queries import case_for


class MinutesApi(KaryaApi):
    """The minutes of a case."""

    resource_name = "cases"
    openapi_spec_tag = "Minutes"

    @expose("/<int(max=2147483647):case_id>/minutes", methods=["GET"])
    @requires_api("read_cases")
    def index(self, case_id: int) -> Any:
        """Minutes of a case
        ---
        get:
          summary: The newest minutes of a case, at most twenty
          parameters:
            - {in: path, name: case_id, required: true, schema: {type: integer}}
          responses:
            200: {description: "items (id, number, state, code, signer, issued_at, problem), next_cursor"}
            404: {description: Problem details}
        """
        case = case_for(case_id, by=actor())
        return page([_json(row) for row in queries.minutes_of(case.id)], None)

    @expose("/<int(max=2147483647):case_id>/minutes", methods=["POST"])
    @requires_api("issue_minutes")
    def issue(self, case_id: int) -> Any:
        """Issue minutes
        ---
        post:
          summary: Ask for the minutes of an approved product's case; a job signs them
          parameters:
            - {in: path, name: case_id, required: true, schema: {type: integer}}
            - {in: header, name: Idempotency-Key, schema: {type: string, maxLength: 200}}
          requestBody:
            content:
              application/json:
                schema: {type: object, properties: {pin: {type: string, description: Where the certificate asks}}}
          responses:
            202: {description: The minutes with their state; ask again}
            403: {description: Problem details}
            404: {description: Problem details}
            409: {description: The case is not an approved product's}
            422: {description: The PIN is missing or wrong}
        """
        case = case_for(case_id, by=actor())
        pin = str(json_body().get("pin") or "") or None
        row, replayed = issuing.issue(case.id, by=actor(), now=clock.now(), pin=pin, key=idempotency_key())
        return answer(_json(row), 202, replayed=replayed)

    @expose("/<int(max=2147483647):case_id>/minutes/<int(max=2147483647):minutes_id>/pdf", methods=["GET"])
    @requires_api("read_cases")
    def pdf(self, case_id: int, minutes_id: int) -> Any:
        """The signed minutes
        ---
        get:
          summary: The signed PDF of minutes
          parameters:
            - {in: path, name: case_id, required: true, schema: {type: integer}}
            - {in: path, name: minutes_id, required: true, schema: {type: integer}}
          responses:
            200: {description: The PDF}
            404: {description: There are none, or they are not signed yet}
        """
        row, data = queries.pdf(case_id, minutes_id, by=actor())
        return pdf_response(data, queries.file_name(row), download=True)


def _json(row: Minutes) -> dict[str, Any]:
    state = "issued" if row.issued_at else "working" if row.is_working else "failed"
    return {
        "id": row.id,
        "case_id": row.case_id,
        "number": row.number,
        "state": state,
        "code": row.code,
        "signer": row.signer_name,
        "asked_at": row.asked_at.isoformat(),
        "issued_at": row.issued_at.isoformat() if row.issued_at else None,
        "problem": row.problem,
    }


def register(app: Flask, appbuilder: Any) -> None:
    appbuilder.add_api(MinutesApi)
