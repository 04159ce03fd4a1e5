"""``/api/v1/campaigns/{id}/sales``: what UPT sold in a campaign, entered, corrected, taken back."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response
from flask_appbuilder.api import expose

from sales.campaigns import queries, selling
from sales.campaigns.errors import NoSuchSale
from sales.campaigns.models import CampaignSale
from tenants import clock
from tenants.errors import Invalid
from webapp.access import actor, requires_api
from webapp.api import KaryaApi, answer, cursor, idempotency_key, json_body, limit, page
from webapp.api.campaigns import ONE, no_cursor, upt_of

SALE = f"{ONE}/sales/<int(max=2147483647):sale_id>"


def register(app: Flask, appbuilder: Any) -> None:
    appbuilder.add_api(CampaignSalesApi)


class CampaignSalesApi(KaryaApi):
    """Sales of the Kanwil, or of the UPT, that the token belongs to."""

    resource_name = "campaigns"
    openapi_spec_tag = "Campaigns"

    @expose(f"{ONE}/sales", methods=["GET"])
    @requires_api("read_campaign_sales")
    def sales(self, campaign_id: int) -> Response:
        """Sales of a campaign
        ---
        get:
          summary: What the scope's UPT entered, the latest first, in keyset pages
          parameters:
            - {in: path, name: campaign_id, required: true, schema: {type: integer}}
            - {in: query, name: cursor, schema: {type: string}}
            - {in: query, name: limit, schema: {type: integer, minimum: 1, maximum: 100}}
          responses:
            200: {description: "items (id, upt, sold_on, product_name, quantity, value_rupiah, state), next_cursor"}
            404: {description: There is none for this officer}
        """
        row = queries.find(campaign_id, by=actor())
        keyset = cursor()
        if keyset is not None and (len(keyset) != 1 or type(keyset[0]) is not int):
            raise no_cursor()
        rows, following = queries.sales(row.id, after=keyset[0] if keyset else None, limit=limit())
        return page([_sale(one.sale) | {"upt": one.upt} for one in rows], [following] if following else None)

    @expose(f"{ONE}/sales", methods=["POST"])
    @requires_api("sell_in_campaigns")
    def sell(self, campaign_id: int) -> Response:
        """Enter a sale
        ---
        post:
          summary: Enter a sale; the UPT takes part by it and the counters move in the same transaction
          parameters:
            - {in: path, name: campaign_id, required: true, schema: {type: integer}}
            - {in: header, name: Idempotency-Key, schema: {type: string}}
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  properties:
                    sold_on: {type: string, format: date, description: today where it is left out}
                    product_id: {type: integer, nullable: true}
                    product_name: {type: string, maxLength: 150, description: where it is no product of Karya}
                    quantity: {type: integer, minimum: 1}
                    value_rupiah: {type: integer, description: where left out the product's price times the quantity}
                    package_id: {type: string, nullable: true, description: "the e-Katalog package that it is; that
                      is then not counted beside it"}
                    upt_id: {type: integer, description: for whom the Kanwil enters}
          responses:
            201: {description: The sale}
            404: {description: There is none for this officer}
            409: {description: "Not running, past its late days, or closed (kampanye-ditutup)"}
            422: {description: A message for each field}
        """
        body = dict(json_body())
        sale, replayed = selling.enter(
            campaign_id,
            {name: body[name] for name in selling.FIELDS if name in body},
            upt_id=upt_of(body),
            by=actor(),
            now=clock.now(),
            key=idempotency_key(),
        )
        where = f"/api/v1/campaigns/{campaign_id}/sales/{sale.id}"
        return answer(_sale(sale), 201, location=where, replayed=replayed)

    @expose(SALE, methods=["GET"])
    @requires_api("read_campaign_sales")
    def sale(self, campaign_id: int, sale_id: int) -> Response:
        """One sale
        ---
        get:
          summary: One sale with its history
          parameters:
            - {in: path, name: campaign_id, required: true, schema: {type: integer}}
            - {in: path, name: sale_id, required: true, schema: {type: integer}}
          responses:
            200: {description: The sale and its history}
            404: {description: There is none in this scope}
        """
        sale = _of_campaign(campaign_id, sale_id)
        history = [
            {
                "version": one.version,
                "at": one.at.isoformat(),
                "by": one.by_name,
                "reason": one.reason,
                "changes": one.changes,
            }
            for one in queries.history(sale.id)
        ]
        return answer(_sale(sale) | {"history": history})

    @expose(SALE, methods=["PATCH"])
    @requires_api("sell_in_campaigns")
    def correct(self, campaign_id: int, sale_id: int) -> Response:
        """Correct a sale
        ---
        patch:
          summary: Correct a sale with a reason; what it said is kept
          parameters:
            - {in: path, name: campaign_id, required: true, schema: {type: integer}}
            - {in: path, name: sale_id, required: true, schema: {type: integer}}
            - {in: header, name: Idempotency-Key, schema: {type: string}}
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  required: [reason]
                  properties:
                    reason: {type: string, minLength: 5, maxLength: 500}
                    version: {type: integer, description: the version that was read}
          responses:
            200: {description: The sale}
            404: {description: There is none in this scope}
            409: {description: "Somebody changed it, or the campaign is closed"}
            422: {description: A message for each field}
        """
        _of_campaign(campaign_id, sale_id)
        body = json_body()
        sale = selling.correct(
            sale_id,
            {name: body[name] for name in selling.FIELDS if name in body},
            reason=str(body.get("reason") or ""),
            version=_version(body),
            by=actor(),
            now=clock.now(),
            key=idempotency_key(),
        )
        return answer(_sale(sale))

    @expose(f"{SALE}/strike", methods=["POST"])
    @requires_api("sell_in_campaigns")
    def strike(self, campaign_id: int, sale_id: int) -> Response:
        """Take a sale back
        ---
        post:
          summary: Take back a sale that was entered by mistake; it stays to be read and counts no longer
          parameters:
            - {in: path, name: campaign_id, required: true, schema: {type: integer}}
            - {in: path, name: sale_id, required: true, schema: {type: integer}}
            - {in: header, name: Idempotency-Key, schema: {type: string}}
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  required: [reason]
                  properties: {reason: {type: string}, version: {type: integer}}
          responses:
            200: {description: The sale}
            404: {description: There is none in this scope}
            409: {description: "Somebody changed it, or the campaign is closed"}
            422: {description: No reason}
        """
        _of_campaign(campaign_id, sale_id)
        body = json_body()
        sale = selling.strike(
            sale_id,
            reason=str(body.get("reason") or ""),
            version=_version(body),
            by=actor(),
            now=clock.now(),
            key=idempotency_key(),
        )
        return answer(_sale(sale))


def _sale(row: CampaignSale) -> dict[str, Any]:
    return {
        "id": row.id,
        "campaign_id": row.campaign_id,
        "upt_id": row.upt_id,
        "sold_on": row.sold_on.isoformat(),
        "product_id": row.product_id,
        "product_name": row.product_name,
        "quantity": row.quantity,
        "value_rupiah": row.value_rupiah,
        "package_id": row.package_id,
        "state": row.state,
        "version": row.version,
        "entered_by": row.entered_by_name,
        "created_at": row.created_at.isoformat(),
    }


def _of_campaign(campaign_id: int, sale_id: int) -> CampaignSale:
    queries.find(campaign_id, by=actor())
    sale = selling.load(sale_id)
    if sale.campaign_id != campaign_id:
        raise NoSuchSale()
    return sale


def _version(body: dict[str, Any]) -> int | None:
    version = body.get("version")
    if version is not None and type(version) is not int:
        raise Invalid(fields={"version": "Bilangan."})
    return version
