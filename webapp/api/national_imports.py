"""``/api/v1/purchases/national-imports``: files of the whole country."""

from __future__ import annotations

from typing import Any

from flask import Flask, request
from flask_appbuilder.views import expose

from sales import country_layouts, national
from tenants.clock import now
from tenants.errors import Invalid
from webapp.access import actor, requires_api
from webapp.api import KaryaApi, answer, idempotency_key, once_here, page
from webapp.api.purchase_teaching import columns_given, layout_json


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
                    columns:
                      type: string
                      description: "a JSON object that explains the header, key of a column -> its name in the file; it
                        is remembered for the centre, see GET /purchases/national-columns"
          responses:
            202: {description: The import and its state; ask again at its own address}
            413: {description: Too large}
            415: {description: Neither CSV nor XLSX}
            422: {description: "Empty, damaged, or without the columns of a purchase; where `columns` could explain
              them, `columns` names what stands there"}
        """
        file = request.files.get("file")
        if file is None:
            raise Invalid("Sertakan berkas dalam isian `file`.", fields={"file": "Berkas CSV atau XLSX."})
        asked = request.args.get("preview", "").lower() in ("true", "1", "yes")
        name = file.filename or "pembelian"
        begun = national.begin(
            file.read(),
            name,
            by=actor(),
            now=now(),
            key=idempotency_key(),
            accept=not asked,
            columns=columns_given(),
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


class NationalColumnsApi(KaryaApi):
    """Headers of the country's files that the centre explained once."""

    resource_name = "purchases/national-columns"
    openapi_spec_tag = "Purchases"
    class_permission_name = "NationalColumns"

    @expose("/", methods=["GET"])
    @requires_api("import_national_purchases")
    def index(self) -> Any:
        """Headers that were explained
        ---
        get:
          summary: The headers that the centre explained, newest first
          responses:
            200: {description: "items: [{id, names, columns: {key: name}, set_by, set_at}]"}
        """
        return page([layout_json(one) for one in country_layouts.every()], None)

    @expose("/<int:layout_id>", methods=["DELETE"])
    @requires_api("import_national_purchases")
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
            404: {description: There is none}
        """
        replayed = once_here(
            "purchases.forget_national", layout_id, lambda: country_layouts.forget(layout_id)
        )
        return answer({"id": layout_id, "removed": True}, replayed=replayed)


def register(app: Flask, appbuilder: Any) -> None:
    appbuilder.add_api(NationalImportsApi)
    appbuilder.add_api(NationalColumnsApi)
