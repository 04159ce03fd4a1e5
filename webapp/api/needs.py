"""``/api/v1/needs``: the board of the Kanwil, one's own needs, and offers to them."""

from __future__ import annotations

from typing import Any

from flask import Flask, jsonify, request
from flask_appbuilder.views import expose

from catalogue.needs import counting, matching, offering, posting, queries
from catalogue.needs.errors import NotYourNeed
from tenants import clock
from tenants.errors import Invalid
from tenants.words import N_
from webapp.access import actor, requires_api
from webapp.api import KaryaApi, answer, idempotency_key, json_body, limit, once_here
from webapp.api.need_shapes import (
    counted_json,
    filters_in,
    offer_json,
    proposal_json,
    row_json,
    view_json,
    year_in,
)
from webapp.shell import timezone_here
from webapp.views.needs import today_here


class NeedsApi(KaryaApi):
    """Needs of the Kanwil that the token belongs to."""

    resource_name = "needs"
    openapi_spec_tag = "Needs"

    @expose("/", methods=["GET"])
    @requires_api("read_needs")
    def index(self) -> Any:
        """The needs of the Kanwil
        ---
        get:
          summary: Needs of the own Kanwil in keyset pages; what is still sought by its day, all else newest first
          parameters:
          - {in: query, name: own, schema: {type: boolean}, description: The token's UPT alone}
          - in: query
            name: state
            schema: {type: string, enum: [seeking, open, partly_agreed, agreed, fulfilled, expired, withdrawn]}
          - {in: query, name: category, schema: {type: string}}
          - {in: query, name: group, schema: {type: string}}
          - {in: query, name: upt, schema: {type: integer}}
          - {in: query, name: q, schema: {type: string}}
          - {in: query, name: cursor, schema: {type: string}}
          - {in: query, name: limit, schema: {type: integer, maximum: 100}}
          responses:
            200: {description: "items, next_cursor"}
            422: {description: A filter that is none}
        """
        page = queries.board(
            actor(),
            filters_in(),
            own=request.args.get("own") in ("1", "true"),
            cursor=request.args.get("cursor") or None,
            limit=limit(),
            today=today_here(),
        )
        return jsonify({"items": [row_json(one) for one in page.items], "next_cursor": page.next_cursor})

    @expose("/", methods=["POST"])
    @requires_api("write_needs")
    def post(self) -> Any:
        """A need
        ---
        post:
          summary: Post a need of the own UPT; the audience national opens it to the whole country
          parameters:
          - {in: header, name: Idempotency-Key, schema: {type: string}}
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  required: [title, category, group, quantity, unit, needed_by]
                  properties:
                    title: {type: string, maxLength: 150}
                    category: {type: string}
                    group: {type: string, enum: [basic_needs, office_supplies, craft]}
                    quantity: {type: integer, minimum: 1}
                    unit: {type: string, maxLength: 30}
                    needed_by: {type: string, format: date}
                    ceiling_rupiah: {type: integer, description: For one unit; told within the Kanwil only}
                    note: {type: string, maxLength: 2000, description: Told within the Kanwil only}
                    audience: {type: string, enum: [kanwil, national]}
          responses:
            201: {description: The need}
            403: {description: The token's officer is of no UPT}
            422: {description: "What is missing or wrong, by field"}
        """
        made = posting.post(json_body(), by=actor(), now=clock.now(), key=idempotency_key())
        return answer(view_json(made.id), 201, location=f"/api/v1/needs/{made.id}")

    @expose("/counts", methods=["GET"])
    @requires_api("oversee_needs")
    def counts(self) -> Any:
        """Counts by UPT
        ---
        get:
          summary: What each UPT of the Kanwil posted and offered in a year
          parameters:
          - {in: query, name: year, schema: {type: integer}}
          responses:
            200: {description: "year, items (name, posted, seeking, agreed, fulfilled, expired, offers, accepted)"}
        """
        return jsonify(counted_json(counting.of_units(*counting.year_span(year_in(), str(timezone_here())))))

    @expose("/<int(max=2147483647):need_id>", methods=["GET"])
    @requires_api("read_needs")
    def get(self, need_id: int) -> Any:
        """One need
        ---
        get:
          summary: One need of the Kanwil; its own UPT reads the offers that arrived, another one its own offers
          parameters:
          - {in: path, name: need_id, required: true, schema: {type: integer}}
          responses:
            200: {description: "The need with note, offers (incoming) and own_offers"}
            404: {description: There is none in this scope}
        """
        return answer(view_json(need_id))

    @expose("/<int(max=2147483647):need_id>", methods=["PATCH"])
    @requires_api("write_needs")
    def change(self, need_id: int) -> Any:
        """Change a need
        ---
        patch:
          summary: Change how much is needed, by when, the ceiling, the note or the audience
          parameters:
          - {in: path, name: need_id, required: true, schema: {type: integer}}
          - {in: header, name: Idempotency-Key, schema: {type: string}}
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  properties:
                    quantity: {type: integer, minimum: 1}
                    needed_by: {type: string, format: date}
                    ceiling_rupiah: {type: integer, nullable: true}
                    note: {type: string, maxLength: 2000}
                    audience: {type: string, enum: [kanwil, national]}
                    version: {type: integer, description: The one that was looked at}
          responses:
            200: {description: The need}
            403: {description: "It is another UPT's"}
            404: {description: There is none in this scope}
            409: {description: "Nothing is sought any more, or it was changed since that version"}
            422: {description: "What is wrong, by field"}
        """
        body = json_body()
        need = posting.load(need_id)
        kept = {name: getattr(need, name) for name in ("quantity", "ceiling_rupiah", "note", "audience")}
        given = {**kept, "needed_by": need.needed_by.isoformat(), **body}
        version = body.get("version")
        if version is not None and type(version) is not int:
            raise Invalid(fields={"version": N_("Jenis isinya keliru.")})

        def act() -> None:
            posting.change(need_id, given, by=actor(), now=clock.now(), version=version)

        replayed = once_here("need.change", need_id, act)
        return answer(view_json(need_id), replayed=replayed)

    @expose("/<int(max=2147483647):need_id>/withdraw", methods=["POST"])
    @requires_api("write_needs")
    def withdraw(self, need_id: int) -> Any:
        """Withdraw a need
        ---
        post:
          summary: Seek no longer what has not been agreed; agreements stand
          parameters:
          - {in: path, name: need_id, required: true, schema: {type: integer}}
          - {in: header, name: Idempotency-Key, schema: {type: string}}
          requestBody:
            content:
              application/json:
                schema: {type: object, required: [reason], properties: {reason: {type: string, maxLength: 2000}}}
          responses:
            200: {description: The need}
            403: {description: "It is another UPT's"}
            404: {description: There is none in this scope}
            409: {description: Nothing is sought any more}
            422: {description: No reason}
        """
        posting.withdraw(
            need_id, json_body().get("reason") or "", by=actor(), now=clock.now(), key=idempotency_key()
        )
        return answer(view_json(need_id))

    @expose("/<int(max=2147483647):need_id>/proposals", methods=["GET"])
    @requires_api("write_needs")
    def proposals(self, need_id: int) -> Any:
        """Products that fit
        ---
        get:
          summary: Published products that fit an own need, the own Kanwil's first
          parameters:
          - {in: path, name: need_id, required: true, schema: {type: integer}}
          responses:
            200: {description: "own_kanwil, others: product, by_the_day, enough, within_ceiling, distance_km, invited"}
            403: {description: "It is another UPT's need"}
            404: {description: There is none in this scope}
        """
        need = posting.load(need_id)
        if need.upt_id != actor().upt_id:
            raise NotYourNeed()
        found = matching.proposals(need, today=today_here())
        near, far = ([proposal_json(one) for one in group] for group in (found.near, found.far))
        return jsonify({"own_kanwil": near, "others": far})

    @expose("/<int(max=2147483647):need_id>/invitations", methods=["POST"])
    @requires_api("write_needs")
    def invite(self, need_id: int) -> Any:
        """Ask for an offer
        ---
        post:
          summary: Ask the UPT of a published product for an offer, once a need and UPT
          parameters:
          - {in: path, name: need_id, required: true, schema: {type: integer}}
          - {in: header, name: Idempotency-Key, schema: {type: string}}
          requestBody:
            required: true
            content:
              application/json:
                schema: {type: object, required: [product], properties: {product: {type: string}}}
          responses:
            202: {description: The invitation is on its way}
            403: {description: "It is another UPT's need"}
            404: {description: There is none in this scope}
            409: {description: "Nothing is sought any more, or the need isn't open to that UPT's Kanwil"}
            422: {description: No such product}
        """
        slug = json_body().get("product")
        if not isinstance(slug, str):
            raise Invalid(fields={"product": N_("Pilih produk yang terbit dari UPT lain.")})
        matching.invite(need_id, slug, by=actor(), now=clock.now(), key=idempotency_key())
        return answer({"need_id": need_id, "product": slug}, 202)

    @expose("/<int(max=2147483647):need_id>/offers", methods=["POST"])
    @requires_api("write_needs")
    def offer(self, need_id: int) -> Any:
        """An offer
        ---
        post:
          summary: Offer to a need of the own Kanwil
          parameters:
          - {in: path, name: need_id, required: true, schema: {type: integer}}
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
                    price_rupiah: {type: integer, description: For one unit}
                    deliver_on: {type: string, format: date}
                    message: {type: string, maxLength: 2000}
                    partial: {type: boolean, description: Whether a part of it may be accepted}
                    product_id: {type: integer, description: A published product of the own UPT}
          responses:
            201: {description: The offer}
            404: {description: There is no such need in this scope}
            409: {description: "An own need, nothing is sought any more, or the UPT has an open offer for it"}
            422: {description: "What is missing or wrong, by field"}
        """
        made = offering.offer(
            json_body(), need_id=need_id, by=actor(), now=clock.now(), key=idempotency_key()
        )
        return answer(offer_json(made), 201, location=f"/api/v1/need-offers/{made.id}")


def register(app: Flask, appbuilder: Any) -> None:
    appbuilder.add_api(NeedsApi)
