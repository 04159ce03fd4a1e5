"""``/api/v1/purchases``: the list, and imports with or without a preview."""

from __future__ import annotations

from typing import Any

from flask import Flask, jsonify, request
from flask_appbuilder.views import expose

from sales import imports, national, queries
from sales.queries import Filters
from tenants.clock import now
from tenants.errors import Invalid
from webapp.access import actor, requires_api
from webapp.api import KaryaApi, answer, idempotency_key, json_body, limit, once_here


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
        return jsonify({**queries.as_json(found, upt), "versions": versions})

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
          responses:
            202: {description: The import and its state; ask again at its own address}
            413: {description: Too large}
            415: {description: Neither CSV nor XLSX}
            422: {description: "Empty, damaged, or without the columns of a purchase"}
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
            200: {description: "state (running, preview, done, failed), good, bad, left_out, total_rupiah, lines"}
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


class NationalImportsApi(KaryaApi):
    """Files of the whole country, brought in by the centre."""

    resource_name = "purchases/national-imports"
    openapi_spec_tag = "Purchases"
    class_permission_name = "NationalImports"

    @expose("/", methods=["POST"])
    @requires_api("import_national_purchases")
    def begin(self) -> Any:
        """Bring the country's file in
        ---
        post:
          summary: Bring in an export of the whole country; each line goes to the Kanwil of its provider
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
          responses:
            202: {description: The import and its state; ask again at its own address}
            413: {description: Too large}
            415: {description: Neither CSV nor XLSX}
            422: {description: "Empty, damaged, or without the columns of a purchase"}
        """
        file = request.files.get("file")
        if file is None:
            raise Invalid("Sertakan berkas dalam isian `file`.", fields={"file": "Berkas CSV atau XLSX."})
        asked = request.args.get("preview", "").lower() in ("true", "1", "yes")
        name = file.filename or "pembelian"
        begun = national.begin(
            file.read(), name, by=actor(), now=now(), key=idempotency_key(), accept=not asked
        )
        address = f"/api/v1/purchases/national-imports/{begun.id}"
        return answer(national.status(begun.id), 202, location=address)

    @expose("/<int:national_id>", methods=["GET"])
    @requires_api("import_national_purchases")
    def state(self, national_id: int) -> Any:
        """How far it is, by Kanwil
        ---
        get:
          summary: A national import's state, sums, remarks and parts by Kanwil
          parameters:
          - {in: path, name: national_id, required: true, schema: {type: integer}}
          responses:
            200: {description: "state, good, bad, total_rupiah, by_kanwil, lines"}
            404: {description: There is none}
        """
        return answer(national.status(national_id))

    @expose("/<int:national_id>/accept", methods=["POST"])
    @requires_api("import_national_purchases")
    def accept(self, national_id: int) -> Any:
        """Carry out a preview
        ---
        post:
          summary: Hand the good lines to their Kanwil
          parameters:
          - {in: path, name: national_id, required: true, schema: {type: integer}}
          - {in: header, name: Idempotency-Key, schema: {type: string}}
          responses:
            202: {description: The import and its state}
            404: {description: There is none}
            409: {description: "It is still being read, or it failed"}
        """
        once_here(
            "purchases.accept_national",
            national_id,
            lambda: national.accept(national_id, by=actor(), now=now()),
        )
        address = f"/api/v1/purchases/national-imports/{national_id}"
        return answer(national.status(national_id), 202, location=address)


def register(app: Flask, appbuilder: Any) -> None:
    appbuilder.add_api(PurchasesApi)
    appbuilder.add_api(NationalImportsApi)
