"""``/api/v1/webhooks`` and ``/api/v1/deliveries``: who hears of events, and what was sent."""

from __future__ import annotations

from typing import Any

from flask import Flask, request
from flask_appbuilder.views import expose

from tenants.clock import now
from tenants.errors import Invalid
from tenants.idempotency import once
from webapp.access import actor, requires_api
from webapp.api import KaryaApi, answer, cursor, idempotency_key, json_body, limit, page
from workflows.webhooks import queries, registering, replaying


class WebhooksApi(KaryaApi):
    """Webhooks of the Kanwil that the token belongs to."""

    resource_name = "webhooks"
    openapi_spec_tag = "Webhooks"

    @expose("/", methods=["GET"])
    @requires_api("manage_webhooks")
    def index(self) -> Any:
        """The webhooks
        ---
        get:
          summary: The Kanwil's webhooks, at most ten, without their secrets
          responses:
            200: {description: "items (id, address, events, active, created_at, ...), next_cursor"}
        """
        return page([queries.webhook_json(row) for row in queries.webhooks()], None)

    @expose("/", methods=["POST"])
    @requires_api("manage_webhooks")
    def create(self) -> Any:
        """Register a webhook
        ---
        post:
          summary: Register an address for events; the answer holds the secret, this once
          parameters:
          - {in: header, name: Idempotency-Key, schema: {type: string}}
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  required: [address, events]
                  properties:
                    address: {type: string, format: uri, maxLength: 500}
                    events:
                      type: array
                      items:
                        type: string
                        enum: [case.submitted, case.decided, case.advised, case.approved, case.returned, case.rejected,
                          case.withdrawn, case.reopened, case.overdue, product.suspended, product.restored,
                          product.withdrawn]
          responses:
            201: {description: The webhook with its secret}
            403: {description: The token's officer is no admin of a Kanwil}
            409: {description: "There are ten, or the key was used for another content"}
            422: {description: "The address can't be used, or an event isn't known"}
        """
        webhook, secret = registering.register(json_body(), by=actor(), now=now(), key=idempotency_key())
        made = answer({**queries.webhook_json(webhook), "secret": secret}, 201)
        made.headers["Cache-Control"] = "no-store"
        return made

    @expose("/<int(max=2147483647):webhook_id>", methods=["DELETE"])
    @requires_api("manage_webhooks")
    def remove(self, webhook_id: int) -> Any:
        """Take a webhook away
        ---
        delete:
          summary: Take a webhook away, with its deliveries
          parameters:
          - {in: path, name: webhook_id, required: true, schema: {type: integer}}
          - {in: header, name: Idempotency-Key, schema: {type: string}}
          responses:
            200: {description: It is gone}
            404: {description: There is none in this Kanwil}
        """
        registering.remove(webhook_id, by=actor(), now=now(), key=idempotency_key())
        return answer({"id": webhook_id, "removed": True})

    @expose("/<int(max=2147483647):webhook_id>/deliveries", methods=["GET"])
    @requires_api("manage_webhooks")
    def deliveries(self, webhook_id: int) -> Any:
        """What was sent
        ---
        get:
          summary: Deliveries of a webhook, newest first, in keyset pages
          parameters:
          - {in: path, name: webhook_id, required: true, schema: {type: integer}}
          - {in: query, name: state, schema: {type: string, enum: [waiting, delivered, dead]}}
          - {in: query, name: cursor, schema: {type: string}}
          - {in: query, name: limit, schema: {type: integer, maximum: 100}}
          responses:
            200: {description: "items (id, event, delivery, state, attempts, status, answer, ...), next_cursor"}
            404: {description: There is none in this Kanwil}
            422: {description: A filter that is none}
        """
        state = request.args.get("state") or None
        if state is not None and state not in queries.STATES:
            raise Invalid(fields={"state": f"Salah satu dari {', '.join(queries.STATES)}."})
        keyset = cursor()
        if keyset is not None and (len(keyset) != 1 or type(keyset[0]) is not int):
            raise Invalid(fields={"cursor": "Penanda halaman tidak dikenal; mulai dari halaman pertama."})
        found = queries.deliveries(
            webhook_id=webhook_id, state=state, after=keyset[0] if keyset else None, limit=limit()
        )
        items = [queries.delivery_json(row) for row in found.items]
        return page(items, [found.following] if found.following else None)

    @expose("/<int(max=2147483647):webhook_id>/ping", methods=["POST"])
    @requires_api("manage_webhooks")
    def ping(self, webhook_id: int) -> Any:
        """Send a test message
        ---
        post:
          summary: Send a test message at once
          parameters:
          - {in: path, name: webhook_id, required: true, schema: {type: integer}}
          - {in: header, name: Idempotency-Key, schema: {type: string}}
          responses:
            202: {description: The delivery and its state}
            404: {description: There is none in this Kanwil}
            409: {description: It is switched off}
        """
        made = replaying.ping(webhook_id, by=actor(), now=now(), key=idempotency_key())
        return answer(queries.delivery_json(made), 202)

    @expose("/<int(max=2147483647):webhook_id>/rotate", methods=["POST"])
    @requires_api("manage_webhooks")
    def rotate(self, webhook_id: int) -> Any:
        """Make a new secret
        ---
        post:
          summary: Make a new secret, shown this once; the one before signs beside it for a day
          parameters:
          - {in: path, name: webhook_id, required: true, schema: {type: integer}}
          - {in: header, name: Idempotency-Key, schema: {type: string}}
          responses:
            200: {description: The webhook with its new secret}
            404: {description: There is none in this Kanwil}
        """
        webhook, secret = registering.rotate(webhook_id, by=actor(), now=now(), key=idempotency_key())
        return answer({**queries.webhook_json(webhook), "secret": secret})

    @expose("/<int(max=2147483647):webhook_id>/replay", methods=["POST"])
    @requires_api("manage_webhooks")
    def replay_all(self, webhook_id: int) -> Any:
        """Send every dead letter again
        ---
        post:
          summary: Try every dead letter of a webhook again, from the first attempt
          parameters:
          - {in: path, name: webhook_id, required: true, schema: {type: integer}}
          - {in: header, name: Idempotency-Key, schema: {type: string}}
          responses:
            202: {description: "id, deliveries: how many there were"}
            404: {description: There is none in this Kanwil}
        """

        def act() -> int:
            return replaying.replay_all(webhook_id, by=actor(), now=now())

        operation = f"api.webhook.replay_all:{webhook_id}"
        count, replayed = once(idempotency_key(), operation, act, lambda made: made, lambda made: made)
        return answer({"id": webhook_id, "deliveries": count}, 202, replayed=replayed)


class DeliveriesApi(KaryaApi):
    """Messages to webhooks."""

    resource_name = "deliveries"
    openapi_spec_tag = "Webhooks"

    @expose("/<int(max=2147483647):delivery_id>/replay", methods=["POST"])
    @requires_api("manage_webhooks")
    def replay(self, delivery_id: int) -> Any:
        """Send a dead letter again
        ---
        post:
          summary: Try a dead letter again, from the first attempt; what isn't dead is left as it is
          parameters:
          - {in: path, name: delivery_id, required: true, schema: {type: integer}}
          - {in: header, name: Idempotency-Key, schema: {type: string}}
          responses:
            202: {description: The delivery and its state}
            404: {description: There is none in this Kanwil}
        """
        made = replaying.replay(delivery_id, by=actor(), now=now(), key=idempotency_key())
        return answer(queries.delivery_json(made), 202)


def register(app: Flask, appbuilder: Any) -> None:
    appbuilder.add_api(WebhooksApi)
    appbuilder.add_api(DeliveriesApi)
