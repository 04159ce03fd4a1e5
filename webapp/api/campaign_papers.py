"""``/api/v1/campaigns/{id}/papers``: signed reports and certificates of a closed campaign."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response
from flask_appbuilder.api import expose

from recaps.campaigns import issuing, national
from recaps.campaigns.models import NationalCampaignPaper
from sales.campaigns import queries
from tenants import clock
from webapp.access import actor, requires_api
from webapp.api import KaryaApi, answer, idempotency_key, json_body, page
from webapp.api.campaigns import ONE, number_list
from webapp.api.recaps import pdf_response


def register(app: Flask, appbuilder: Any) -> None:
    appbuilder.add_api(CampaignPapersApi)


class CampaignPapersApi(KaryaApi):
    """Papers of the Kanwil, or of the UPT, that the token belongs to, and the country's report."""

    resource_name = "campaigns"
    openapi_spec_tag = "Campaigns"

    @expose(f"{ONE}/papers", methods=["GET"])
    @requires_api("read_campaigns")
    def papers(self, campaign_id: int) -> Response:
        """Signed papers
        ---
        get:
          summary: Report and certificates of the scope, and the country's report
          parameters:
            - {in: path, name: campaign_id, required: true, schema: {type: integer}}
          responses:
            200: {description: "items (id, kind, upt_id, number, state, code, issued_at, problem), next_cursor"}
            404: {description: There is none for this officer}
        """
        row = queries.find(campaign_id, by=actor())
        found = [_paper(one) for one in issuing.papers(row.id)] if actor().tenant_id is not None else []
        country = national.of_campaign(row.id) if row.kanwil_id is None else None
        return page([*([_paper(country)] if country else []), *found], None)

    @expose(f"{ONE}/report", methods=["POST"])
    @requires_api("sign_campaigns")
    def report(self, campaign_id: int) -> Response:
        """Issue the Kanwil's report
        ---
        post:
          summary: Ask for the Kanwil's report on a closed campaign; a job signs it
          parameters:
            - {in: path, name: campaign_id, required: true, schema: {type: integer}}
            - {in: header, name: Idempotency-Key, schema: {type: string}}
          requestBody:
            content:
              application/json:
                schema: {type: object, properties: {pin: {type: string, description: Where the certificate asks}}}
          responses:
            202: {description: The paper with its state; ask again}
            404: {description: There is none for this officer}
            409: {description: Not closed, or nobody of the Kanwil took part}
            422: {description: The PIN is missing or wrong}
        """
        row, replayed = issuing.issue_report(
            campaign_id, by=actor(), now=clock.now(), pin=_pin(), key=idempotency_key()
        )
        return answer(_paper(row), 202, replayed=replayed)

    @expose(f"{ONE}/certificates", methods=["POST"])
    @requires_api("sign_campaigns")
    def certificates(self, campaign_id: int) -> Response:
        """Issue certificates
        ---
        post:
          summary: Ask for the certificates of the Kanwil's UPT that took part, or of some; a job signs them
          parameters:
            - {in: path, name: campaign_id, required: true, schema: {type: integer}}
            - {in: header, name: Idempotency-Key, schema: {type: string}}
          requestBody:
            content:
              application/json:
                schema:
                  type: object
                  properties:
                    upt_ids: {type: array, items: {type: integer}}
                    pin: {type: string}
          responses:
            202: {description: "items: the papers with their state; ask again"}
            404: {description: There is none for this officer}
            409: {description: Not closed, or nobody took part}
            422: {description: "The PIN is missing, or a UPT is not the Kanwil's"}
        """
        asked = json_body().get("upt_ids")
        if asked is not None:
            asked = number_list(asked)
        rows = issuing.issue_certificates(
            campaign_id, asked, by=actor(), now=clock.now(), pin=_pin(), key=idempotency_key()
        )
        response = page([_paper(one) for one in rows], None)
        response.status_code = 202
        return response

    @expose(f"{ONE}/national-report", methods=["POST"])
    @requires_api("sign_national_campaigns")
    def national_report(self, campaign_id: int) -> Response:
        """Issue the country's report
        ---
        post:
          summary: Ask for the country's report on a closed national campaign; a job signs it
          parameters:
            - {in: path, name: campaign_id, required: true, schema: {type: integer}}
            - {in: header, name: Idempotency-Key, schema: {type: string}}
          responses:
            202: {description: The paper with its state; ask again}
            404: {description: There is none for this officer}
            409: {description: Not closed}
            422: {description: The PIN is missing or wrong}
        """
        row, replayed = national.issue(
            campaign_id, by=actor(), now=clock.now(), pin=_pin(), key=idempotency_key()
        )
        return answer(_paper(row), 202, replayed=replayed)

    @expose(f"{ONE}/papers/<int(max=2147483647):paper_id>/pdf", methods=["GET"])
    @requires_api("read_campaign_sales")
    def pdf(self, campaign_id: int, paper_id: int) -> Response:
        """A signed paper
        ---
        get:
          summary: The signed PDF of a report or certificate
          parameters:
            - {in: path, name: campaign_id, required: true, schema: {type: integer}}
            - {in: path, name: paper_id, required: true, schema: {type: integer}}
          responses:
            200: {description: The PDF}
            404: {description: "There is none in this scope, or it is not signed yet"}
        """
        queries.find(campaign_id, by=actor())
        row, data = issuing.pdf(campaign_id, paper_id)
        return pdf_response(data, issuing.file_name(row), download=True)

    @expose(f"{ONE}/national-report/pdf", methods=["GET"])
    @requires_api("read_campaigns")
    def national_pdf(self, campaign_id: int) -> Response:
        """The country's report
        ---
        get:
          summary: The signed PDF of the country's report
          parameters:
            - {in: path, name: campaign_id, required: true, schema: {type: integer}}
          responses:
            200: {description: The PDF}
            404: {description: "There is none for this officer, or it is not signed yet"}
        """
        queries.find(campaign_id, by=actor())
        row, data = national.pdf(campaign_id)
        return pdf_response(data, issuing.file_name(row), download=True)


def _paper(row: Any) -> dict[str, Any]:
    country = isinstance(row, NationalCampaignPaper)
    return {
        "id": row.id,
        "kind": "national" if country else row.kind,
        "upt_id": None if country else row.upt_id,
        "number": row.number,
        "state": "issued" if row.issued_at else "working" if row.is_working else "failed",
        "code": row.code,
        "signer": row.signer_name,
        "issued_at": row.issued_at.isoformat() if row.issued_at else None,
        "problem": row.problem,
    }


def _pin() -> str | None:
    return str(json_body().get("pin") or "") or None
