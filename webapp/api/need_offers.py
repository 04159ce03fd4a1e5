"""``/api/v1/need-offers`` and ``/api/v1/incoming-offers``: both ends of an offer, and the agreement that it becomes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask, jsonify, request
from flask_appbuilder.views import expose

from catalogue.needs import agreeing, contacts, offering, queries
from catalogue.needs.models import Incoming
from sales.supply import linking
from tenants import clock
from webapp.access import actor, requires_api
from webapp.api import KaryaApi, answer, idempotency_key, json_body, limit
from webapp.api.need_shapes import incoming_json, offer_json


class NeedOffersApi(KaryaApi):
    """Offers that the token's UPT made."""

    resource_name = "need-offers"
    openapi_spec_tag = "Needs"

    @expose("/", methods=["GET"])
    @requires_api("read_needs")
    def index(self) -> Any:
        """Offers that were made
        ---
        get:
          summary: Offers of the scope's UPT, newest first, in keyset pages
          parameters:
          - in: query
            name: state
            schema:
              type: string
              enum: [live, sent, withdrawing, withdrawn, declined, agreed, cancelled, lapsed]
          - {in: query, name: cursor, schema: {type: string}}
          - {in: query, name: limit, schema: {type: integer, maximum: 100}}
          responses:
            200: {description: "items, next_cursor"}
            422: {description: A filter that is none}
        """
        page = queries.offers(
            request.args.get("state", ""), cursor=request.args.get("cursor") or None, limit=limit()
        )
        return jsonify({"items": [offer_json(one) for one in page.items], "next_cursor": page.next_cursor})

    @expose("/<int(max=2147483647):offer_id>", methods=["GET"])
    @requires_api("read_needs")
    def get(self, offer_id: int) -> Any:
        """One offer
        ---
        get:
          summary: One offer, as its maker has it
          parameters:
          - {in: path, name: offer_id, required: true, schema: {type: integer}}
          responses:
            200: {description: "The offer; once accepted, the agreement with packages and contact"}
            404: {description: There is none in this scope}
        """
        return answer(offer_json(queries.offer_one(offer_id)))

    @expose("/<int(max=2147483647):offer_id>/withdraw", methods=["POST"])
    @requires_api("write_needs")
    def withdraw(self, offer_id: int) -> Any:
        """Take an offer back
        ---
        post:
          summary: Take an open offer back; accepted before the other side has heard, it stands
          parameters:
          - {in: path, name: offer_id, required: true, schema: {type: integer}}
          - {in: header, name: Idempotency-Key, schema: {type: string}}
          responses:
            200: {description: The offer}
            404: {description: There is none in this scope}
            409: {description: It was answered or closed}
        """
        return answer(
            offer_json(offering.take_back(offer_id, by=actor(), now=clock.now(), key=idempotency_key()))
        )

    @expose("/<int(max=2147483647):offer_id>/packages", methods=["POST"])
    @requires_api("write_needs")
    def package(self, offer_id: int) -> Any:
        """Name a package
        ---
        post:
          summary: Name a package of the e-Katalog that fulfils the agreement
          parameters:
          - {in: path, name: offer_id, required: true, schema: {type: integer}}
          - {in: header, name: Idempotency-Key, schema: {type: string}}
          requestBody:
            required: true
            content:
              application/json:
                schema: {type: object, required: [package_id], properties: {package_id: {type: string}}}
          responses:
            200: {description: The offer with its packages}
            404: {description: There is none in this scope}
            409: {description: "No agreement, or the package stands for another one"}
            422: {description: "No package id, or somebody else's purchase"}
        """
        given = json_body().get("package_id")
        done = linking.name_package(offer_id, given, by=actor(), now=clock.now(), key=idempotency_key())
        return answer(offer_json(done))

    @expose("/<int(max=2147483647):offer_id>/packages", methods=["DELETE"])
    @requires_api("write_needs")
    def drop_package(self, offer_id: int) -> Any:
        """Take a package away
        ---
        delete:
          summary: Take a package away that was named by mistake
          parameters:
          - {in: path, name: offer_id, required: true, schema: {type: integer}}
          - {in: query, name: package_id, required: true, schema: {type: string}}
          - {in: header, name: Idempotency-Key, schema: {type: string}}
          responses:
            200: {description: The offer with its packages}
            404: {description: There is none in this scope}
            422: {description: No package id}
        """
        given = request.args.get("package_id", "")
        done = linking.drop_package(offer_id, given, by=actor(), now=clock.now(), key=idempotency_key())
        return answer(offer_json(done))

    @expose("/<int(max=2147483647):offer_id>/contact", methods=["POST"])
    @requires_api("write_needs")
    def share(self, offer_id: int) -> Any:
        """Share one's contact
        ---
        post:
          summary: Agree to share a contact; it is sent once both ends have agreed
          parameters:
          - {in: path, name: offer_id, required: true, schema: {type: integer}}
          - {in: header, name: Idempotency-Key, schema: {type: string}}
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  required: [name]
                  properties: {name: {type: string}, phone: {type: string}, email: {type: string}}
          responses:
            200: {description: The offer}
            404: {description: There is none in this scope}
            409: {description: "No agreement, or it was sent already"}
            422: {description: "What is missing or wrong, by field"}
        """
        done = contacts.share(
            json_body(), offer_id=offer_id, by=actor(), now=clock.now(), key=idempotency_key()
        )
        return answer(offer_json(queries.offer_one(done.id)))

    @expose("/<int(max=2147483647):offer_id>/contact", methods=["DELETE"])
    @requires_api("write_needs")
    def unshare(self, offer_id: int) -> Any:
        """Keep one's contact
        ---
        delete:
          summary: Take the consent back, as long as the contact was not sent
          parameters:
          - {in: path, name: offer_id, required: true, schema: {type: integer}}
          - {in: header, name: Idempotency-Key, schema: {type: string}}
          responses:
            200: {description: The offer}
            404: {description: There is none in this scope}
            409: {description: It was sent already}
        """
        done = contacts.take_back(offer_id=offer_id, by=actor(), now=clock.now(), key=idempotency_key())
        return answer(offer_json(queries.offer_one(done.id)))


class IncomingOffersApi(KaryaApi):
    """Offers that arrived at the token's UPT; a need names its own."""

    resource_name = "incoming-offers"
    openapi_spec_tag = "Needs"

    @expose("/<int(max=2147483647):incoming_id>", methods=["GET"])
    @requires_api("read_needs")
    def get(self, incoming_id: int) -> Any:
        """One offer that arrived
        ---
        get:
          summary: One offer that arrived at an UPT of the scope
          parameters:
          - {in: path, name: incoming_id, required: true, schema: {type: integer}}
          responses:
            200: {description: The offer}
            404: {description: There is none in this scope}
        """
        return answer(incoming_json(agreeing.load(incoming_id)))

    @expose("/<int(max=2147483647):incoming_id>/accept", methods=["POST"])
    @requires_api("write_needs")
    def accept(self, incoming_id: int) -> Any:
        """Accept
        ---
        post:
          summary: Accept an offer, or a part of it where its maker allows that; it is then an agreement
          parameters:
          - {in: path, name: incoming_id, required: true, schema: {type: integer}}
          - {in: header, name: Idempotency-Key, schema: {type: string}}
          requestBody:
            content:
              application/json:
                schema: {type: object, properties: {quantity: {type: integer, minimum: 1}}}
          responses:
            200: {description: The agreement}
            404: {description: There is none in this scope}
            409: {description: "It was answered or taken back, or nothing is sought any more"}
            422: {description: "More than is sought or offered, or a price above the ceiling"}
        """
        given = json_body().get("quantity")
        return self._done(lambda **told: agreeing.accept(incoming_id, given, **told))

    @expose("/<int(max=2147483647):incoming_id>/decline", methods=["POST"])
    @requires_api("write_needs")
    def decline(self, incoming_id: int) -> Any:
        """Decline
        ---
        post:
          summary: Decline an offer; the reason is told to its maker
          parameters:
          - {in: path, name: incoming_id, required: true, schema: {type: integer}}
          - {in: header, name: Idempotency-Key, schema: {type: string}}
          requestBody:
            content:
              application/json:
                schema: {type: object, properties: {reason: {type: string, maxLength: 2000}}}
          responses:
            200: {description: The offer}
            404: {description: There is none in this scope}
            409: {description: It was answered or taken back}
            422: {description: The reason is too long}
        """
        reason = json_body().get("reason") or ""
        return self._done(lambda **told: agreeing.decline(incoming_id, reason, **told))

    @expose("/<int(max=2147483647):incoming_id>/cancel", methods=["POST"])
    @requires_api("write_needs")
    def cancel(self, incoming_id: int) -> Any:
        """Cancel an agreement
        ---
        post:
          summary: Cancel an agreement of which nothing was bought yet, with a reason
          parameters:
          - {in: path, name: incoming_id, required: true, schema: {type: integer}}
          - {in: header, name: Idempotency-Key, schema: {type: string}}
          requestBody:
            required: true
            content:
              application/json:
                schema: {type: object, required: [reason], properties: {reason: {type: string, maxLength: 2000}}}
          responses:
            200: {description: The offer}
            404: {description: There is none in this scope}
            409: {description: "It is no agreement, or a purchase met a part of it"}
            422: {description: No reason}
        """
        reason = json_body().get("reason") or ""
        return self._done(lambda **told: agreeing.cancel(incoming_id, reason, **told))

    @expose("/<int(max=2147483647):incoming_id>/packages", methods=["POST"])
    @requires_api("write_needs")
    def package(self, incoming_id: int) -> Any:
        """Name a package
        ---
        post:
          summary: Name the package by which was bought; it counts once the provider's Kanwil has it as completed
          parameters:
          - {in: path, name: incoming_id, required: true, schema: {type: integer}}
          - {in: header, name: Idempotency-Key, schema: {type: string}}
          requestBody:
            required: true
            content:
              application/json:
                schema: {type: object, required: [package_id], properties: {package_id: {type: string}}}
          responses:
            200: {description: The agreement with its packages}
            404: {description: There is none in this scope}
            409: {description: No agreement}
            422: {description: No package id}
        """
        given = json_body().get("package_id")
        return self._done(lambda **told: linking.name_as_buyer(incoming_id, given, **told))

    @expose("/<int(max=2147483647):incoming_id>/contact", methods=["POST"])
    @requires_api("write_needs")
    def share(self, incoming_id: int) -> Any:
        """Share one's contact
        ---
        post:
          summary: Agree to share a contact; it is sent once both ends have agreed
          parameters:
          - {in: path, name: incoming_id, required: true, schema: {type: integer}}
          - {in: header, name: Idempotency-Key, schema: {type: string}}
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  required: [name]
                  properties: {name: {type: string}, phone: {type: string}, email: {type: string}}
          responses:
            200: {description: The agreement}
            404: {description: There is none in this scope}
            409: {description: "No agreement, or it was sent already"}
            422: {description: "What is missing or wrong, by field"}
        """
        body = json_body()
        return self._done(lambda **told: contacts.share(body, incoming_id=incoming_id, **told))

    @expose("/<int(max=2147483647):incoming_id>/contact", methods=["DELETE"])
    @requires_api("write_needs")
    def unshare(self, incoming_id: int) -> Any:
        """Keep one's contact
        ---
        delete:
          summary: Take the consent back, as long as the contact was not sent
          parameters:
          - {in: path, name: incoming_id, required: true, schema: {type: integer}}
          - {in: header, name: Idempotency-Key, schema: {type: string}}
          responses:
            200: {description: The agreement}
            404: {description: There is none in this scope}
            409: {description: It was sent already}
        """
        return self._done(lambda **told: contacts.take_back(incoming_id=incoming_id, **told))

    @staticmethod
    def _done(act: Callable[..., Any]) -> Any:
        done: Incoming = act(by=actor(), now=clock.now(), key=idempotency_key())
        return answer(incoming_json(done))


def register(app: Flask, appbuilder: Any) -> None:
    for api in (NeedOffersApi, IncomingOffersApi):
        appbuilder.add_api(api)
