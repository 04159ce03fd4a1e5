"""``/api/v1/national-substitutes``: letters that make somebody Plh. or Plt. Direktur Jenderal."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask_appbuilder.views import expose

from recaps.national import acting
from tenants import centre
from tenants.centre import Letter
from tenants.clock import now
from tenants.errors import Invalid
from tenants.idempotency import once
from webapp.access import actor, requires_api
from webapp.api import KaryaApi, answer, cursor, idempotency_key, json_body, limit, once_here, page

_FIELDS = ("kind", "principal", "substitute", "from_on", "until_on", "letter_number")
_OFFICERS = {"principal_id": "principal", "substitute_id": "substitute"}


class CentreSubstitutesApi(KaryaApi):
    """Substitutes of the Direktur Jenderal."""

    resource_name = "national-substitutes"
    openapi_spec_tag = "Substitutes"

    @expose("/", methods=["GET"])
    @requires_api("manage_centre_substitutes")
    def index(self) -> Any:
        """The letters
        ---
        get:
          summary: The centre's letters, newest first, in keyset pages
          parameters:
          - {in: query, name: cursor, schema: {type: string}}
          - {in: query, name: limit, schema: {type: integer, maximum: 100}}
          responses:
            200: {description: "items (id, kind, principal, substitute, from_on, until_on, letter_number, state: now,
              soon, over or revoked), next_cursor"}
            403: {description: Neither Admin Pusat nor the Direktur Jenderal}
            422: {description: A cursor that is none}
        """
        keyset, most = cursor(), limit()
        if keyset is not None and (len(keyset) != 1 or type(keyset[0]) is not int):
            raise Invalid(fields={"cursor": "Penanda halaman tidak dikenal; mulai dari halaman pertama."})
        found = centre.letters(now(), before=keyset[0] if keyset else None, limit=most + 1)
        items = [_letter(one) for one in found[:most]]
        return page(items, [found[most - 1].row.id] if len(found) > most else None)

    @expose("/", methods=["POST"])
    @requires_api("manage_centre_substitutes")
    def create(self) -> Any:
        """Lend the office
        ---
        post:
          summary: Record a letter that lends the office of the Direktur Jenderal, from day to day
          parameters:
          - {in: header, name: Idempotency-Key, schema: {type: string, maxLength: 200}}
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  required: [substitute, from_on, until_on, letter_number]
                  properties:
                    kind: {type: string, enum: [plh, plt], default: plh}
                    principal: {type: string, description: Username of who is away; for plh alone}
                    substitute: {type: string, description: Username of who stands in}
                    from_on: {type: string, format: date}
                    until_on: {type: string, format: date}
                    letter_number: {type: string, maxLength: 120}
          responses:
            201: {description: The letter}
            409: {description: The key was used for another content}
            422: {description: "By member: what stands in the way"}
        """
        body, by, at = json_body(), actor(), now()
        wrong = {name: "Tidak dikenal." for name in body if name not in _FIELDS}
        wrong |= {n: "Jenis isinya keliru." for n in _FIELDS if not isinstance(body.get(n), str | type(None))}
        if wrong:
            raise Invalid(fields=wrong)
        values = {name: body.get(name) or "" for name in _FIELDS}
        values |= {name: centre.number_of(values[said]) for name, said in _OFFICERS.items()}
        try:
            made, replayed = once(
                idempotency_key(),
                "api.national_substitutes",
                lambda: acting.appoint(values, by=by, now=at).id,
                lambda number: number,
                lambda number: number,
                content=body,
            )
        except Invalid as error:
            named = {_OFFICERS.get(name, name): why for name, why in error.fields.items()}
            raise Invalid(error.message, fields=named) from error
        return answer(_letter(centre.letter(made, at)), 201, replayed=replayed)

    @expose("/<int(max=2147483647):substitution_id>/revoke", methods=["POST"])
    @requires_api("manage_centre_substitutes")
    def revoke(self, substitution_id: int) -> Any:
        """End a letter
        ---
        post:
          summary: End a letter before its last day, from this moment on; one that is over stays as it is
          parameters:
          - {in: path, name: substitution_id, required: true, schema: {type: integer}}
          - {in: header, name: Idempotency-Key, schema: {type: string, maxLength: 200}}
          responses:
            200: {description: The letter}
            404: {description: There is none}
        """
        by, at = actor(), now()
        centre.letter(substitution_id, at)

        def act() -> None:
            acting.revoke(substitution_id, by=by, now=at)

        replayed = once_here("national_substitutes.revoke", substitution_id, act)
        return answer(_letter(centre.letter(substitution_id, at)), replayed=replayed)


def register(app: Flask, appbuilder: Any) -> None:
    appbuilder.add_api(CentreSubstitutesApi)


def _letter(one: Letter) -> dict[str, Any]:
    row = one.row
    return {
        "id": row.id,
        "kind": row.kind,
        "principal": row.principal_name or None,
        "substitute": row.substitute_name,
        "from_on": row.from_on.isoformat(),
        "until_on": row.until_on.isoformat(),
        "letter_number": row.letter_number,
        "state": one.state,
        "revoked_at": row.revoked_at.isoformat() if row.revoked_at else None,
    }
