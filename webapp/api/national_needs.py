"""``/api/v1/national-needs``: what UPT of other Kanwil opened to the whole country, and the country in numbers."""

from __future__ import annotations

from typing import Any

from flask import Flask, jsonify, request
from flask_appbuilder.views import expose

from catalogue.needs import counting, country, offering
from tenants import clock, database
from webapp.access import actor, requires_api
from webapp.api import KaryaApi, answer, idempotency_key, json_body, limit
from webapp.api.need_shapes import counted_json, filters_in, national_json, offer_json, year_in
from webapp.shell import timezone_here


class NationalNeedsApi(KaryaApi):
    """Needs that UPT of other Kanwil opened to the whole country."""

    resource_name = "national-needs"
    openapi_spec_tag = "Needs"

    @expose("/", methods=["GET"])
    @requires_api("read_needs")
    def index(self) -> Any:
        """The national board
        ---
        get:
          summary: What UPT of other Kanwil seek, by its day, in keyset pages
          parameters:
          - {in: query, name: category, schema: {type: string}}
          - {in: query, name: group, schema: {type: string}}
          - {in: query, name: kanwil, schema: {type: string}}
          - {in: query, name: q, schema: {type: string}}
          - {in: query, name: cursor, schema: {type: string}}
          - {in: query, name: limit, schema: {type: integer, maximum: 100}}
          responses:
            200: {description: "items, next_cursor"}
            422: {description: A filter that is none}
        """
        page = country.national_board(
            actor(), filters_in(), cursor=request.args.get("cursor") or None, limit=limit()
        )
        return jsonify({"items": [national_json(one) for one in page.items], "next_cursor": page.next_cursor})

    @expose("/counts", methods=["GET"])
    @requires_api("read_national_needs")
    def counts(self) -> Any:
        """Counts by Kanwil
        ---
        get:
          summary: What each Kanwil of the country posted and offered in a year
          parameters:
          - {in: query, name: year, schema: {type: integer}}
          responses:
            200: {description: "year, items (name, posted, seeking, agreed, fulfilled, expired, offers, accepted)"}
        """
        with database.national("papan kebutuhan nasional") as reader:
            rows = counting.of_kanwils(reader, *counting.year_span(year_in(), str(timezone_here())))
        return jsonify(counted_json(rows))

    @expose("/<int(max=2147483647):national_id>", methods=["GET"])
    @requires_api("read_needs")
    def get(self, national_id: int) -> Any:
        """One need of the national board
        ---
        get:
          summary: One need of the national board, closed ones too
          parameters:
          - {in: path, name: national_id, required: true, schema: {type: integer}}
          responses:
            200: {description: The need as the country reads it}
            404: {description: There is none}
        """
        return answer(national_json(country.national_one(national_id, actor())))

    @expose("/<int(max=2147483647):national_id>/offers", methods=["POST"])
    @requires_api("write_needs")
    def offer(self, national_id: int) -> Any:
        """An offer to another Kanwil's UPT
        ---
        post:
          summary: Offer to a need of the national board; the body is that of an offer within the Kanwil
          parameters:
          - {in: path, name: national_id, required: true, schema: {type: integer}}
          - {in: header, name: Idempotency-Key, schema: {type: string}}
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  required: [quantity, price_rupiah, deliver_on]
                  properties:
                    quantity: {type: integer, minimum: 1}
                    price_rupiah: {type: integer}
                    deliver_on: {type: string, format: date}
                    message: {type: string, maxLength: 2000}
                    partial: {type: boolean}
                    product_id: {type: integer}
          responses:
            201: {description: The offer}
            404: {description: There is no such need}
            409: {description: "An own need, nothing is sought any more, or the UPT has an open offer for it"}
            422: {description: "What is missing or wrong, by field"}
        """
        made = offering.offer(
            json_body(), national_id=national_id, by=actor(), now=clock.now(), key=idempotency_key()
        )
        return answer(offer_json(made), 201, location=f"/api/v1/need-offers/{made.id}")


def register(app: Flask, appbuilder: Any) -> None:
    appbuilder.add_api(NationalNeedsApi)
