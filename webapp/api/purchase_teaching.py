"""``/api/v1/purchases/buyers`` and ``/api/v1/purchases/columns``: what a Kanwil taught its imports."""

from __future__ import annotations

import json
from typing import Any

from flask import Flask, jsonify, request
from flask_appbuilder.views import expose

from sales import buyers, layouts
from sales.models import ColumnLayout, NationalLayout, SettledBuyer
from tenants.clock import now
from tenants.errors import Invalid
from webapp.access import actor, requires_api
from webapp.api import KaryaApi, answer, json_body, once_here


class BuyersApi(KaryaApi):
    """Buyers whom nothing explains, and what was said of them."""

    resource_name = "purchases/buyers"
    openapi_spec_tag = "Purchases"
    class_permission_name = "PurchaseBuyers"

    @expose("/", methods=["GET"])
    @requires_api("write_purchases")
    def index(self) -> Any:
        """Buyers to settle
        ---
        get:
          summary: The buyers whom nothing explains, the largest first (at most 100), and those that were settled
          responses:
            200: {description: "items: [{unit, institution, packages, value_rupiah}], count, settled"}
        """
        waiting = [
            {
                "unit": one.unit,
                "institution": one.institution,
                "packages": one.packages,
                "value_rupiah": one.value_rupiah,
            }
            for one in buyers.unsettled()
        ]
        said = [_settled(one) for one in buyers.settled()]
        body = {"items": waiting, "next_cursor": None, "count": buyers.to_settle(), "settled": said}
        return jsonify(body)

    @expose("/", methods=["POST"])
    @requires_api("write_purchases")
    def settle(self) -> Any:
        """Say who a buyer is
        ---
        post:
          summary: Say who a buyer is; its purchases and the figures follow
          parameters:
          - {in: header, name: Idempotency-Key, schema: {type: string}}
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  required: [unit, institution, kind]
                  properties:
                    unit: {type: string}
                    institution: {type: string}
                    kind: {type: string, enum: [upt, government, other]}
                    upt_id: {type: integer, description: in the directory of all Kanwil}
          responses:
            200: {description: What was said}
            422: {description: What is wrong, by field}
        """
        body = json_body()
        unit, institution, kind = (body.get(name, "") for name in ("unit", "institution", "kind"))
        upt_id = body.get("upt_id")
        wrong = {
            name: "Teks."
            for name, value in (("unit", unit), ("institution", institution), ("kind", kind))
            if not isinstance(value, str)
        }
        if upt_id is not None and (isinstance(upt_id, bool) or not isinstance(upt_id, int)):
            wrong["upt_id"] = "Nomor UPT."
        if wrong:
            raise Invalid(fields=wrong)
        by, at = actor(), now()
        once_here(
            "purchases.settle", 0, lambda: buyers.settle(unit, institution, kind, upt_id, by=by, now=at)
        )
        return answer(_settled(buyers.said_of(unit, institution)))


class ColumnsApi(KaryaApi):
    """Headers that were explained once and are recognised since."""

    resource_name = "purchases/columns"
    openapi_spec_tag = "Purchases"
    class_permission_name = "PurchaseColumns"

    @expose("/", methods=["GET"])
    @requires_api("import_purchases")
    def index(self) -> Any:
        """Headers that were explained
        ---
        get:
          summary: The headers that this Kanwil explained, newest first
          responses:
            200: {description: "items: [{id, names, columns: {key: name}, set_by, set_at}]"}
        """
        return jsonify({"items": [layout_json(one) for one in layouts.every()], "next_cursor": None})

    @expose("/<int:layout_id>", methods=["DELETE"])
    @requires_api("import_purchases")
    def forget(self, layout_id: int) -> Any:
        """Forget a header
        ---
        delete:
          summary: Forget what was said of a header; a file with it is asked about again
          parameters:
          - {in: path, name: layout_id, required: true, schema: {type: integer}}
          - {in: header, name: Idempotency-Key, schema: {type: string}}
          responses:
            200: {description: It is forgotten}
            404: {description: There is none in this Kanwil}
        """
        by, at = actor(), now()
        replayed = once_here("purchases.forget", layout_id, lambda: layouts.forget(layout_id, by=by, now=at))
        return answer({"id": layout_id, "removed": True}, replayed=replayed)


def _settled(one: SettledBuyer) -> dict[str, Any]:
    return {
        "unit": one.unit,
        "institution": one.institution,
        "kind": one.kind,
        "upt_id": one.upt_id,
        "settled_by": one.settled_by_name,
        "settled_at": one.settled_at.isoformat(),
    }


def layout_json(one: ColumnLayout | NationalLayout) -> dict[str, Any]:
    """A header that was explained, as the API shows it."""
    return {
        "id": one.id,
        "names": one.names,
        "columns": {key: one.names[position] for key, position in one.positions.items()},
        "set_by": one.set_by_name,
        "set_at": one.set_at.isoformat(),
    }


def columns_given() -> dict[str, str] | None:
    """``columns`` of the form: key of a column -> its name in the file."""
    text = request.form.get("columns", "")
    if not text:
        return None
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict) or not all(isinstance(name, str) for name in found.values()):
        raise Invalid(fields={"columns": "Objek JSON: kunci kolom dan namanya di berkas."})
    return found


def register(app: Flask, appbuilder: Any) -> None:
    appbuilder.add_api(BuyersApi)
    appbuilder.add_api(ColumnsApi)
