"""``/api/v1/partners``: the register of partners with their agreements."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, request
from flask_appbuilder.api import expose

from catalogue.partners import keeping, queries
from catalogue.partners.models import Agreement, Partner
from catalogue.partners.queries import Filters
from tenants import clock
from tenants.errors import Invalid
from tenants.words import N_
from webapp.access import actor, requires_api
from webapp.api import KaryaApi, answer, cursor, idempotency_key, json_body, limit, once_here, page
from webapp.forms import day


def register(app: Flask, appbuilder: Any) -> None:
    appbuilder.add_api(PartnersApi)


class PartnersApi(KaryaApi):
    """Partners of the Kanwil that the token belongs to, or that its UPT belongs to."""

    resource_name = "partners"

    @expose("/", methods=["GET"])
    @requires_api("read_partners")
    def index(self) -> Response:
        """Partners
        ---
        get:
          summary: Partners, newest first, in keyset pages
          parameters:
            - {in: query, name: state, schema: {type: string, enum: [current, ending, ended, none]}}
            - {in: query, name: kind, schema: {type: string, enum: [agency, company, school, training, community]}}
            - {in: query, name: q, schema: {type: string}}
            - {in: query, name: cursor, schema: {type: string}}
            - {in: query, name: limit, schema: {type: integer, minimum: 1, maximum: 100}}
          responses:
            200: {description: "items (id, name, kind, state, agreed_from, agreed_until, ...), next_cursor"}
            422: {description: A filter that is none}
        """
        asked = request.args
        filters = Filters(asked.get("state") or None, asked.get("kind") or None, asked.get("q", "")[:100])
        today = keeping.today_here(clock.now())
        found = queries.partners(filters, today=today, after=_after(), limit=limit())
        items = [_json(row.partner, row.state) for row in found.items]
        return page(items, [int(found.next_cursor)] if found.next_cursor else None)

    @expose("/", methods=["POST"])
    @requires_api("manage_partners")
    def create(self) -> Response:
        """Take a partner into the register
        ---
        post:
          summary: Take an agency or a private party into the register
          parameters:
            - {in: header, name: Idempotency-Key, schema: {type: string, maxLength: 200}}
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  required: [name, kind]
                  properties:
                    name: {type: string, maxLength: 200}
                    kind: {type: string, enum: [agency, company, school, training, community]}
                    contact: {type: string}
                    phone: {type: string}
                    email: {type: string}
                    note: {type: string}
          responses:
            201: {description: The partner}
            422: {description: A message for each field}
        """
        made, replayed = keeping.add(json_body(), by=actor(), now=clock.now(), key=idempotency_key())
        return _told(made.id, 201, replayed=replayed)

    @expose("/<int(max=2147483647):partner_id>", methods=["GET"])
    @requires_api("read_partners")
    def one(self, partner_id: int) -> Response:
        """One partner
        ---
        get:
          summary: One partner with its agreements
          parameters:
            - {in: path, name: partner_id, required: true, schema: {type: integer}}
          responses:
            200: {description: "The partner, agreements (id, number, scope, from_on, until_on, ended_on, has_file)"}
            404: {description: There is none in this scope}
        """
        return _told(partner_id, 200)

    @expose("/<int(max=2147483647):partner_id>", methods=["PATCH"])
    @requires_api("manage_partners")
    def change(self, partner_id: int) -> Response:
        """Change a partner
        ---
        patch:
          summary: Correct a partner, or put it to rest (active false)
          parameters:
            - {in: path, name: partner_id, required: true, schema: {type: integer}}
            - {in: header, name: Idempotency-Key, schema: {type: string, maxLength: 200}}
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  properties:
                    version: {type: integer, description: the version that was read}
                    active: {type: boolean}
                    name: {type: string}
                    kind: {type: string}
                    contact: {type: string}
                    phone: {type: string}
                    email: {type: string}
                    note: {type: string}
          responses:
            200: {description: The partner}
            404: {description: There is none in this scope}
            409: {description: Somebody changed it meanwhile}
            422: {description: A message for each field}
        """
        body = dict(json_body())
        version = body.pop("version", None)
        if version is not None and type(version) is not int:
            raise Invalid(fields={"version": N_("Bilangan.")})
        replayed = once_here(
            "partner.change",
            partner_id,
            lambda: keeping.change(partner_id, body, by=actor(), now=clock.now(), version=version),
        )
        return _told(partner_id, 200, replayed=replayed)

    @expose("/<int(max=2147483647):partner_id>/agreements", methods=["POST"])
    @requires_api("manage_partners")
    def agree(self, partner_id: int) -> Response:
        """Record an agreement
        ---
        post:
          summary: Record an agreement; its signed paper is added on the partner's page
          parameters:
            - {in: path, name: partner_id, required: true, schema: {type: integer}}
            - {in: header, name: Idempotency-Key, schema: {type: string, maxLength: 200}}
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  required: [number, scope, from_on, until_on]
                  properties:
                    number: {type: string, maxLength: 120}
                    scope: {type: string, maxLength: 2000}
                    from_on: {type: string, format: date}
                    until_on: {type: string, format: date}
          responses:
            201: {description: The partner with its agreements}
            404: {description: There is none in this scope}
            422: {description: A message for each field}
        """
        _row, replayed = keeping.record_agreement(
            partner_id, json_body(), by=actor(), now=clock.now(), key=idempotency_key()
        )
        return _told(partner_id, 201, replayed=replayed)

    @expose("/agreements/<int(max=2147483647):agreement_id>/end", methods=["POST"])
    @requires_api("manage_partners")
    def end(self, agreement_id: int) -> Response:
        """End an agreement early
        ---
        post:
          summary: End an agreement before its last day, with the reason
          parameters:
            - {in: path, name: agreement_id, required: true, schema: {type: integer}}
            - {in: header, name: Idempotency-Key, schema: {type: string, maxLength: 200}}
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  required: [ended_on, ended_why]
                  properties:
                    ended_on: {type: string, format: date}
                    ended_why: {type: string, maxLength: 500}
          responses:
            200: {description: The partner with its agreements}
            404: {description: There is none in this scope}
            409: {description: It has ended already}
            422: {description: A message for each field}
        """
        body = json_body()
        on = body.get("ended_on")
        row = keeping.end_agreement(
            agreement_id,
            on=day(on) if isinstance(on, str) else None,
            why=str(body.get("ended_why") or ""),
            by=actor(),
            now=clock.now(),
            key=idempotency_key(),
        )
        return _told(row.partner_id, 200)


def _after() -> int | None:
    keyset = cursor()
    if keyset is None:
        return None
    if len(keyset) != 1 or type(keyset[0]) is not int or not 0 <= keyset[0] < 2**31:
        raise Invalid(fields={"cursor": N_("Penanda halaman tidak dikenal; mulai dari halaman pertama.")})
    return keyset[0]


def _told(partner_id: int, status: int, *, replayed: bool = False) -> Response:
    partner = keeping.load(partner_id)
    state = queries.state_of(partner, keeping.today_here(clock.now()))
    agreements = [_agreement(one) for one in queries.agreements_of(partner_id)]
    body = {**_json(partner, state), "agreements": agreements}
    return answer(body, status, location=f"/api/v1/partners/{partner_id}", replayed=replayed)


def _json(partner: Partner, state: str) -> dict[str, Any]:
    names = ("id", "name", "kind", "contact", "phone", "email", "note", "active", "version")
    return {
        **{name: getattr(partner, name) for name in names},
        "state": state,
        "agreed_from": partner.agreed_from.isoformat() if partner.agreed_from else None,
        "agreed_until": partner.agreed_until.isoformat() if partner.agreed_until else None,
    }


def _agreement(row: Agreement) -> dict[str, Any]:
    return {
        "id": row.id,
        "number": row.number,
        "scope": row.scope,
        "from_on": row.from_on.isoformat(),
        "until_on": row.until_on.isoformat(),
        "ended_on": row.ended_on.isoformat() if row.ended_on else None,
        "ended_why": row.ended_why,
        "has_file": row.file_sha256 is not None,
    }
