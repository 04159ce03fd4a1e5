"""``/api/v1/institutions``: the register of institutions that ought to buy."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response
from flask_appbuilder.api import expose

from sales.institutions import keeping
from sales.institutions.models import BuyingInstitution
from tenants.clock import now
from tenants.errors import Invalid
from webapp.access import actor, requires_api
from webapp.api import KaryaApi, answer, idempotency_key, json_body


def register(app: Flask, appbuilder: Any) -> None:
    appbuilder.add_api(InstitutionsApi)


class InstitutionsApi(KaryaApi):
    """The country's register; figures of every Kanwil follow it."""

    resource_name = "institutions"
    openapi_spec_tag = "Institutions"

    @expose("/", methods=["GET"])
    @requires_api("manage_institutions")
    def index(self) -> Response:
        """The register
        ---
        get:
          summary: The register by name, at most 500
          responses:
            200: {description: "items (id, name, kind, names, basis, is_active, version)"}
        """
        return answer({"items": [_json(row) for row in keeping.every()], "next_cursor": None})

    @expose("/", methods=["POST"])
    @requires_api("manage_institutions")
    def add(self) -> Response:
        """Register an institution
        ---
        post:
          summary: Register an institution that ought to buy
          parameters:
          - {in: header, name: Idempotency-Key, schema: {type: string}}
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  required: [name, kind]
                  properties:
                    name: {type: string, maxLength: 200}
                    kind: {type: string, enum: [ministry, agency, local, state_company, other]}
                    names: {type: array, items: {type: string}}
                    basis: {type: string, maxLength: 500}
          responses:
            201: {description: The institution}
            422: {description: "What is missing, wrong or taken, by field"}
        """
        row = keeping.add(json_body(), by=actor(), now=now(), key=idempotency_key())
        return answer(_json(keeping.one(row.id)), 201, location=f"/api/v1/institutions/{row.id}")

    @expose("/<int(max=2147483647):institution_id>", methods=["PATCH"])
    @requires_api("manage_institutions")
    def change(self, institution_id: int) -> Response:
        """Correct an institution
        ---
        patch:
          summary: Correct an institution, or take it out of the count; what is left out stays
          parameters:
          - {in: path, name: institution_id, required: true, schema: {type: integer}}
          - {in: header, name: Idempotency-Key, schema: {type: string}}
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  properties:
                    name: {type: string, maxLength: 200}
                    kind: {type: string, enum: [ministry, agency, local, state_company, other]}
                    names: {type: array, items: {type: string}}
                    basis: {type: string, maxLength: 500}
                    is_active: {type: boolean}
                    version: {type: integer}
          responses:
            200: {description: The institution}
            404: {description: There is none}
            409: {description: Somebody changed it since this version}
            422: {description: "What is missing, wrong or taken, by field"}
        """
        body = json_body()
        version, active = body.pop("version", None), body.get("is_active", True)
        if (version is not None and type(version) is not int) or type(active) is not bool:
            raise Invalid(fields={"version": "Bilangan bulat.", "is_active": "true atau false."})
        keeping.change(institution_id, body, by=actor(), now=now(), version=version, key=idempotency_key())
        return answer(_json(keeping.one(institution_id)))


def _json(row: BuyingInstitution) -> dict[str, Any]:
    names = ("id", "name", "kind", "names", "basis", "is_active", "version")
    return {name: getattr(row, name) for name in names}
