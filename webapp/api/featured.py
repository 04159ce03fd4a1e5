"""``/api/v1/featured``: what the centre shows first on the front page and on each category's shelf."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Flask, request
from flask_appbuilder.views import expose

from catalogue.window import featuring
from catalogue.window.featuring import Featured
from tenants.clock import local_day, now
from tenants.errors import Invalid
from tenants.words import N_
from webapp.access import actor, requires_api
from webapp.api import KaryaApi, answer, idempotency_key, json_body, once_here, page
from webapp.forms import day

PERMISSION = "feature_products"


class FeaturedApi(KaryaApi):
    """Products that the centre shows first."""

    resource_name = "featured"
    openapi_spec_tag = "Catalogue"

    @expose("/", methods=["GET"])
    @requires_api(PERMISSION)
    def index(self) -> Any:
        """What is chosen for a page
        ---
        get:
          summary: The products chosen for a page, in order, whatever their days
          parameters:
          - {in: query, name: page, schema: {type: string, enum: [front, craft, culinary, fashion, manufacture,
             agribusiness, services, art]}}
          responses:
            200: {description: "items (id, page, product, name, position, from_on, until_on, shown), next_cursor"}
            422: {description: No such page}
        """
        asked = request.args.get("page") or featuring.FRONT
        if asked not in featuring.PAGES:
            raise Invalid(fields={"page": N_("Halaman ini tidak dikenal.")})
        return page([_json(one) for one in featuring.chosen(asked)], None)

    @expose("/", methods=["POST"])
    @requires_api(PERMISSION)
    def add(self) -> Any:
        """Choose a product
        ---
        post:
          summary: Show a published product first on a page, behind those chosen before
          parameters:
          - {in: header, name: Idempotency-Key, schema: {type: string}}
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  required: [page, product]
                  properties:
                    page: {type: string}
                    product: {type: string, description: The slug of its public address}
                    from_on: {type: string, format: date, description: Today where it is left out}
                    until_on: {type: string, format: date, description: The last day; endless where it is left out}
          responses:
            201: {description: The choice}
            409: {description: The page shows it already}
            422: {description: "What is missing or wrong, by field"}
        """
        body = json_body()
        made = featuring.feature(
            _text(body, "page"),
            _text(body, "product"),
            from_on=_day(body, "from_on"),
            until_on=_day(body, "until_on"),
            by=actor(),
            now=now(),
            key=idempotency_key(),
        )
        return answer(_json(featuring.one(made.id)), 201, location=f"/api/v1/featured/{made.id}")

    @expose("/<int:feature_id>", methods=["PATCH"])
    @requires_api(PERMISSION)
    def change(self, feature_id: int) -> Any:
        """Change a choice's days or place
        ---
        patch:
          summary: Show a choice on other days, or move it one place up or down
          parameters:
          - {in: path, name: feature_id, required: true, schema: {type: integer}}
          - {in: header, name: Idempotency-Key, schema: {type: string}}
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  properties:
                    move: {type: string, enum: [up, down]}
                    from_on: {type: string, format: date}
                    until_on: {type: string, format: date, nullable: true}
          responses:
            200: {description: The choice}
            404: {description: There is none}
            422: {description: "What is wrong, by field"}
        """
        body = json_body()
        before = featuring.one(feature_id).row
        if "move" not in body and not {"from_on", "until_on"} & set(body):
            raise Invalid(fields={"move": N_("Tulis move, from_on, atau until_on.")})
        if "move" in body and body["move"] not in ("up", "down"):
            raise Invalid(fields={"move": N_("Salah satu dari up, down.")})
        from_on = _day(body, "from_on") or before.from_on
        until_on = _day(body, "until_on") if "until_on" in body else before.until_on

        def act() -> None:
            if "move" in body:
                featuring.move(feature_id, up=body["move"] == "up", by=actor(), now=now())
            if {"from_on", "until_on"} & set(body):
                featuring.reschedule(feature_id, from_on=from_on, until_on=until_on, by=actor(), now=now())

        replayed = once_here("feature.change", feature_id, act)
        return answer(_json(featuring.one(feature_id)), replayed=replayed)

    @expose("/<int:feature_id>", methods=["DELETE"])
    @requires_api(PERMISSION)
    def remove(self, feature_id: int) -> Any:
        """Take a choice back
        ---
        delete:
          summary: Take a choice back
          parameters:
          - {in: path, name: feature_id, required: true, schema: {type: integer}}
          responses:
            200: {description: It is gone}
            404: {description: There is none}
        """
        featuring.one(feature_id)
        featuring.remove(feature_id, by=actor(), now=now())
        return answer({"id": feature_id, "removed": True})


def _json(one: Featured) -> dict[str, Any]:
    row = one.row
    return {
        "id": row.id,
        "page": row.page,
        "product": one.product.slug,
        "name": one.product.name,
        "position": row.position,
        "from_on": row.from_on.isoformat(),
        "until_on": row.until_on.isoformat() if row.until_on else None,
        "shown": one.shows(local_day(now(), featuring.CENTRE)),
    }


def _text(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value.strip():
        raise Invalid(fields={name: N_("Wajib diisi.")})
    return value.strip()[:300]


def _day(body: dict[str, Any], name: str) -> date | None:
    value = body.get(name)
    if value is None:
        return None
    found = day(value) if isinstance(value, str) else None
    if found is None:
        raise Invalid(fields={name: N_("Tulis tanggal, misalnya 2024-03-14.")})
    return found


def register(app: Flask, appbuilder: Any) -> None:
    appbuilder.add_api(FeaturedApi)
