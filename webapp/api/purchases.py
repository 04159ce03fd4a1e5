"""``/api/v1/purchases``: the list, what is entered and corrected by hand, and imports with or without a preview."""

from __future__ import annotations

from typing import Any

from flask import Flask, jsonify, request
from flask_appbuilder.views import expose

from sales import entering, imports, queries, undoing
from sales.queries import Filters
from tenants.clock import now
from tenants.errors import Invalid
from webapp.access import actor, requires_api
from webapp.api import KaryaApi, answer, idempotency_key, json_body, limit, once_here
from webapp.api.purchase_teaching import columns_given


class PurchasesApi(KaryaApi):
    """Purchases of the Kanwil, or of the UPT, that the token belongs to."""

    resource_name = "purchases"
    openapi_spec_tag = "Purchases"

    @expose("/", methods=["GET"])
    @requires_api("read_purchases")
    def index(self) -> Any:
        """Purchases, newest first
        ---
        get:
          summary: Purchases, newest first, in keyset pages
          parameters:
          - {in: query, name: period, schema: {type: string}, description: "2024-03, 2024-Q1, 2024-S1 or 2024"}
          - {in: query, name: upt, schema: {type: integer}}
          - {in: query, name: status, schema: {type: string, enum: [Selesai, Proses, Batal]}}
          - {in: query, name: commodity, schema: {type: string}}
          - {in: query, name: buyer_kind, schema: {type: string, enum: [upt, government, other]}}
          - {in: query, name: group, schema: {type: string, enum: [basic_needs, office_supplies, craft, none]}}
          - {in: query, name: buyer, schema: {type: string}, description: "a buyer of figures, upt:7 or inst:NAME"}
          - {in: query, name: q, schema: {type: string}}
          - {in: query, name: cursor, schema: {type: string}}
          - {in: query, name: limit, schema: {type: integer, maximum: 100}}
          responses:
            200: {description: "items, next_cursor, and the sums of the whole list by status"}
            422: {description: A filter that is none}
        """
        upt = request.args.get("upt", "")
        if upt and not (upt.isascii() and upt.isdigit() and len(upt) < 10):
            raise Invalid(fields={"upt": "Nomor UPT."})
        filters = Filters(
            period=request.args.get("period", ""),
            upt_id=int(upt) if upt else None,
            status=request.args.get("status", ""),
            commodity=request.args.get("commodity", ""),
            buyer_kind=request.args.get("buyer_kind", ""),
            q=request.args.get("q", "")[:100],
            group=request.args.get("group", ""),
            buyer=request.args.get("buyer", "")[:310],
        )
        found = queries.purchases(filters, cursor=request.args.get("cursor") or None, limit=limit())
        names = queries.upt_names({row.upt_id for row in found.items})
        sums = queries.sums(filters)
        return jsonify(
            {
                "items": [queries.as_json(row, names.get(row.upt_id, "")) for row in found.items],
                "next_cursor": found.next_cursor,
                "sums": {
                    status: {"packages": each.packages, "value_rupiah": each.value_rupiah}
                    for status, each in sums.items()
                },
            }
        )

    @expose("/<int:purchase_id>", methods=["GET"])
    @requires_api("read_purchases")
    def one(self, purchase_id: int) -> Any:
        """One purchase with its earlier versions
        ---
        get:
          summary: One purchase with its earlier versions
          parameters:
          - {in: path, name: purchase_id, required: true, schema: {type: integer}}
          responses:
            200: {description: The purchase}
            404: {description: There is none in this scope}
        """
        found, earlier = queries.purchase(purchase_id)
        upt = queries.upt_names({found.upt_id}).get(found.upt_id, "")
        versions = [{"version": each.version, **each.content} for each in earlier]
        changes = queries.changes_as_json(queries.history(found, earlier))
        return jsonify({**queries.as_json(found, upt), "versions": versions, "changes": changes})

    @expose("/", methods=["POST"])
    @requires_api("write_purchases")
    def enter(self) -> Any:
        """Enter a purchase by hand
        ---
        post:
          summary: Enter a purchase that no export names; the total is computed
          parameters:
          - {in: header, name: Idempotency-Key, schema: {type: string}}
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  properties:
                    package_id: {type: string}
                    commodity: {type: string}
                    product_name: {type: string}
                    upt_id: {type: integer, description: the UPT that sold}
                    buyer_unit: {type: string}
                    buyer_institution: {type: string}
                    purchased_on: {type: string, format: date}
                    quantity: {type: integer}
                    unit_price_rupiah: {type: integer}
                    shipping_rupiah: {type: integer}
                    status: {type: string, enum: [Selesai, Proses, Batal]}
          responses:
            201: {description: The purchase}
            409: {description: "The package is there; `purchase_id` says which to correct"}
            422: {description: What is wrong, by field}
        """
        made = entering.enter(_values(), by=actor(), now=now(), key=idempotency_key())
        upt = queries.upt_names({made.upt_id}).get(made.upt_id, "")
        return answer(queries.as_json(made, upt), 201, location=f"/api/v1/purchases/{made.id}")

    @expose("/<int:purchase_id>", methods=["PATCH"])
    @requires_api("write_purchases")
    def correct(self, purchase_id: int) -> Any:
        """Correct a purchase
        ---
        patch:
          summary: Correct a purchase; what it said is kept as its earlier version, what is left out stays
          parameters:
          - {in: path, name: purchase_id, required: true, schema: {type: integer}}
          - {in: header, name: Idempotency-Key, schema: {type: string}}
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  required: [version, reason]
                  properties:
                    version: {type: integer, description: the one that was looked at}
                    reason: {type: string}
                    commodity: {type: string}
                    product_name: {type: string}
                    upt_id: {type: integer}
                    buyer_unit: {type: string}
                    buyer_institution: {type: string}
                    purchased_on: {type: string, format: date}
                    quantity: {type: integer}
                    unit_price_rupiah: {type: integer}
                    shipping_rupiah: {type: integer}
                    status: {type: string, enum: [Selesai, Proses, Batal]}
          responses:
            200: {description: The purchase as it is now}
            404: {description: There is none in this scope}
            409: {description: It says something newer than `version`}
            422: {description: What is wrong, by field}
        """
        body = json_body()
        version, reason = body.get("version"), body.get("reason", "")
        if not isinstance(version, int) or isinstance(version, bool) or not isinstance(reason, str):
            raise Invalid(fields={"version": "Nomor versi yang dilihat.", "reason": "Alasan sebagai teks."})
        done = entering.correct(
            purchase_id,
            _values(),
            version=version,
            reason=reason,
            by=actor(),
            now=now(),
            key=idempotency_key(),
        )
        upt = queries.upt_names({done.upt_id}).get(done.upt_id, "")
        return answer(queries.as_json(done, upt))

    @expose("/imports", methods=["POST"])
    @requires_api("import_purchases")
    def begin(self) -> Any:
        """Bring a file in
        ---
        post:
          summary: Bring an e-Katalog export in; read by a job, imported when read unless preview is asked
          parameters:
          - {in: query, name: preview, schema: {type: boolean}}
          - {in: header, name: Idempotency-Key, schema: {type: string}}
          requestBody:
            required: true
            content:
              multipart/form-data:
                schema:
                  type: object
                  required: [file]
                  properties:
                    file: {type: string, format: binary}
                    columns:
                      type: string
                      description: "JSON, key of a column to its name in this file; remembered for the same header"
          responses:
            202: {description: The import and its state; ask again at its own address}
            413: {description: Too large}
            415: {description: Neither CSV nor XLSX}
            422: {description: "Empty, damaged, or without the columns of a purchase; where `columns` could explain
              them, the code is kolom-tidak-dikenal and the names that stand there are given"}
        """
        file = request.files.get("file")
        if file is None:
            raise Invalid("Sertakan berkas dalam isian `file`.", fields={"file": "Berkas CSV atau XLSX."})
        asked = request.args.get("preview", "").lower() in ("true", "1", "yes")
        begun = imports.begin(
            file.read(),
            file.filename or "pembelian",
            by=actor(),
            now=now(),
            key=idempotency_key(),
            accept=not asked,
            columns=columns_given(),
        )
        return answer(imports.status(begun.id), 202, location=f"/api/v1/purchases/imports/{begun.id}")

    @expose("/imports/<int:import_id>", methods=["GET"])
    @requires_api("import_purchases")
    def state(self, import_id: int) -> Any:
        """How far an import is
        ---
        get:
          summary: An import's state, sums and remarks by line (1,000 lines at a time)
          parameters:
          - {in: path, name: import_id, required: true, schema: {type: integer}}
          - {in: query, name: after, schema: {type: integer}, description: the next_line of the page before}
          responses:
            200:
              description: "state (mapping, running, preview, done, undoing, undone, failed), good, bad, left_out,
                total_rupiah, lines"
            404: {description: There is none in this Kanwil}
        """
        after = request.args.get("after", "0")
        if not (after.isascii() and after.isdigit() and len(after) < 10):
            raise Invalid(fields={"after": "Nomor baris."})
        return answer(imports.status(import_id, after=int(after)))

    @expose("/imports/<int:import_id>/accept", methods=["POST"])
    @requires_api("import_purchases")
    def accept(self, import_id: int) -> Any:
        """Carry out a preview
        ---
        post:
          summary: Import the good lines of a preview, or those among them that `lines` names
          parameters:
          - {in: path, name: import_id, required: true, schema: {type: integer}}
          - {in: header, name: Idempotency-Key, schema: {type: string}}
          requestBody:
            content:
              application/json:
                schema:
                  type: object
                  properties:
                    lines: {type: array, items: {type: integer}}
          responses:
            202: {description: The import and its state}
            404: {description: There is none in this Kanwil}
            409: {description: "It is still being read, or it failed"}
        """
        lines = json_body().get("lines", "good")
        if lines != "good" and not (
            isinstance(lines, list)
            and all(isinstance(line, int) and not isinstance(line, bool) for line in lines)
        ):
            raise Invalid(fields={"lines": 'Daftar nomor baris, atau "good".'})
        done = imports.accept(import_id, by=actor(), now=now(), lines=lines, key=idempotency_key())
        return answer(imports.status(done.id), 202, location=f"/api/v1/purchases/imports/{done.id}")

    @expose("/imports/<int:import_id>/undo", methods=["POST"])
    @requires_api("import_purchases")
    def undo(self, import_id: int) -> Any:
        """Take a whole import back
        ---
        post:
          summary: Remove what an import added, restore what it changed; the figures follow
          parameters:
          - {in: path, name: import_id, required: true, schema: {type: integer}}
          - {in: header, name: Idempotency-Key, schema: {type: string}}
          requestBody:
            content:
              application/json:
                schema:
                  type: object
                  properties:
                    keep_changed: {type: boolean, description: leave what something else changed since}
          responses:
            202: {description: The import and its state}
            404: {description: There is none in this Kanwil}
            409:
              description: "It wrote nothing, is still at it, or something changed its packages since (packages,
                count)"
        """
        keep = json_body().get("keep_changed", False)
        if not isinstance(keep, bool):
            raise Invalid(fields={"keep_changed": "true atau false."})
        done = undoing.undo(import_id, by=actor(), now=now(), keep_changed=keep, key=idempotency_key())
        return answer(imports.status(done.id), 202, location=f"/api/v1/purchases/imports/{done.id}")

    @expose("/imports/<int:import_id>/aliases", methods=["POST"])
    @requires_api("import_purchases")
    def learn_alias(self, import_id: int) -> Any:
        """Learn a name of an UPT from a preview
        ---
        post:
          summary: Keep a name that a preview did not know as another name of an UPT, and read the file again
          parameters:
          - {in: path, name: import_id, required: true, schema: {type: integer}}
          - {in: header, name: Idempotency-Key, schema: {type: string}}
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  required: [name, upt_id]
                  properties:
                    name: {type: string}
                    upt_id: {type: integer}
          responses:
            202: {description: The import and its state}
            404: {description: There is none in this Kanwil}
            422: {description: "No such UPT here, or the name means another one"}
        """
        body = json_body()
        name, upt_id = body.get("name"), body.get("upt_id")
        if not isinstance(name, str) or not isinstance(upt_id, int) or isinstance(upt_id, bool):
            raise Invalid(fields={"name": "Nama sebagai teks.", "upt_id": "Nomor UPT."})
        once_here(
            "purchases.alias",
            import_id,
            lambda: imports.learn_alias(import_id, name, upt_id, by=actor(), now=now()),
        )
        return answer(imports.status(import_id), 202, location=f"/api/v1/purchases/imports/{import_id}")


def _values() -> dict[str, Any]:
    """What of the body is a purchase: texts, whole numbers and nothing."""
    body = {name: value for name, value in json_body().items() if name in entering.FIELDS}
    wrong = {
        name: "Teks atau bilangan bulat."
        for name, value in body.items()
        if isinstance(value, bool) or not isinstance(value, str | int | None)
    }
    if wrong:
        raise Invalid(fields=wrong)
    return body


def register(app: Flask, appbuilder: Any) -> None:
    appbuilder.add_api(PurchasesApi)
