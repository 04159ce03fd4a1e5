"""``/api/v1/products/imports``: drafts from a filled template."""

from __future__ import annotations

from typing import Any

from flask import Flask, request
from flask_appbuilder.views import expose

from catalogue.sheets import importing
from tenants.clock import now
from tenants.errors import Invalid
from webapp.access import actor, requires_api
from webapp.api import KaryaApi, answer, idempotency_key, json_body


class ProductImportsApi(KaryaApi):
    """Sheets of product drafts of the UPT that the token belongs to."""

    resource_name = "products/imports"
    openapi_spec_tag = "Products"
    class_permission_name = "ProductImports"

    @expose("/", methods=["POST"])
    @requires_api("write_products")
    def begin(self) -> Any:
        """Bring a filled template in
        ---
        post:
          summary: Bring a filled template in; its good rows become drafts unless preview is asked. The same file is the
            same import, and a row of it becomes a draft once
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
            201: {description: "id, state (preview, done), good, bad, imported, products, lines"}
            403: {description: The token's officer drafts nothing}
            413: {description: "Larger than 5 MB, or more than 200 rows"}
            415: {description: "Not XLSX, or with macros"}
            422: {description: "Empty, damaged, or without the template's headings"}
        """
        file = request.files.get("file")
        if file is None:
            raise Invalid(
                "Sertakan berkas dalam isian `file`.", fields={"file": "Templat XLSX yang sudah diisi."}
            )
        asked = request.args.get("preview", "").lower() in ("true", "1", "yes")
        begun = importing.begin(
            file.read(),
            file.filename or "produk.xlsx",
            by=actor(),
            now=now(),
            key=idempotency_key(),
            accept_all=not asked,
        )
        return _told(begun.id, 201)

    @expose("/<int(max=2147483647):import_id>", methods=["GET"])
    @requires_api("write_products")
    def state(self, import_id: int) -> Any:
        """An import as it stands
        ---
        get:
          summary: What is wrong in which row, and which rows are drafts
          parameters:
          - {in: path, name: import_id, required: true, schema: {type: integer}}
          responses:
            200: {description: "id, state, good, bad, imported, products, lines"}
            404: {description: There is none in this scope}
        """
        return _told(import_id, 200)

    @expose("/<int(max=2147483647):import_id>/accept", methods=["POST"])
    @requires_api("write_products")
    def accept(self, import_id: int) -> Any:
        """Carry out a preview
        ---
        post:
          summary: Make drafts of the good rows, or of those among them that `lines` names
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
            200: {description: The import}
            404: {description: There is none in this scope}
            422: {description: "No row was named, or one that can't be imported"}
        """
        lines = json_body().get("lines")
        if lines is not None and not (isinstance(lines, list) and all(type(line) is int for line in lines)):
            raise Invalid(fields={"lines": "Daftar nomor baris."})
        importing.accept(import_id, by=actor(), now=now(), rows=lines, key=idempotency_key())
        return _told(import_id, 200)


def _told(import_id: int, status: int) -> Any:
    address = f"/api/v1/products/imports/{import_id}"
    return answer(importing.status(import_id, now=now()), status, location=address)


def register(app: Flask, appbuilder: Any) -> None:
    appbuilder.add_api(ProductImportsApi)
