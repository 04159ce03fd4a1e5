"""``/api/v1/products``: drafting, photos, submission, and what pengendalian does after publication."""

from __future__ import annotations

from typing import Any

from flask import Flask, jsonify, request
from flask_appbuilder.views import expose

from catalogue import drafts, publication, queries, submission
from catalogue.content import TYPED
from catalogue.models import Photo
from catalogue.queries import ProductRow, ProductView
from tenants.clock import now
from tenants.errors import Invalid
from webapp.access import actor, may, requires_api
from webapp.api import KaryaApi, answer, idempotency_key, json_body, limit, once_here
from webapp.api.inspections import findings_json
from workflows.submission import withdraw as take_back


class ProductsApi(KaryaApi):
    """Products of the UPT, or of the Kanwil, that the token belongs to."""

    resource_name = "products"
    openapi_spec_tag = "Products"

    @expose("/", methods=["GET"])
    @requires_api("read_products")
    def index(self) -> Any:
        """Products, newest first
        ---
        get:
          summary: Products of the scope, newest first, in keyset pages
          parameters:
          - {in: query, name: state, schema: {type: string, enum: [draft, in_review, returned, rejected, published,
             suspended, withdrawn]}}
          - {in: query, name: upt, schema: {type: integer}}
          - {in: query, name: cursor, schema: {type: string}}
          - {in: query, name: limit, schema: {type: integer, maximum: 100}}
          responses:
            200: {description: "items (id, name, state, upt, kanwil, price_rupiah, revision, case_id), next_cursor"}
            422: {description: A filter that is none}
        """
        upt = request.args.get("upt", "")
        if upt and not (upt.isascii() and upt.isdigit() and len(upt) < 10):
            raise Invalid(fields={"upt": "Nomor UPT."})
        page = queries.products(
            actor(),
            state=request.args.get("state") or None,
            upt_id=int(upt) if upt else None,
            cursor=request.args.get("cursor") or None,
            limit=limit(),
        )
        return jsonify({"items": [row_json(row) for row in page.items], "next_cursor": page.next_cursor})

    @expose("/", methods=["POST"])
    @requires_api("write_products")
    def create(self) -> Any:
        """Begin a product
        ---
        post:
          summary: Begin a draft with what is known of it
          parameters:
          - {in: header, name: Idempotency-Key, schema: {type: string}}
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  required: [name]
                  properties:
                    name: {type: string, minLength: 3, maxLength: 150}
                    category: {type: string, enum: [craft, culinary, fashion, manufacture, agribusiness, services, art]}
                    group: {type: string, enum: [basic_needs, office_supplies, craft]}
                    market_level: {type: string, enum: [local, national, export]}
                    description: {type: string, minLength: 30, maxLength: 5000}
                    unit: {type: string, maxLength: 30}
                    price_rupiah: {type: integer, minimum: 1}
                    price_evidence:
                      type: array
                      items:
                        type: object
                        properties:
                          source: {type: string}
                          observed_on: {type: string, format: date}
                          price_rupiah: {type: integer, minimum: 1}
                    capacity_per_month: {type: integer, minimum: 1}
                    stock: {type: integer, minimum: 0}
                    lead_time_days: {type: integer, minimum: 0, maximum: 365}
                    weight_gram: {type: integer, minimum: 1}
                    materials: {type: string, maxLength: 500}
                    size: {type: string}
                    kbki: {type: string}
                    tkdn_share: {type: number, minimum: 0, maximum: 1}
                    pirt_number: {type: string}
                    pirt_expires_on: {type: string, format: date}
                    halal_number: {type: string}
                    halal_expires_on: {type: string, format: date}
                    sni_number: {type: string}
                    sni_expires_on: {type: string, format: date}
                    makers:
                      type: array
                      items:
                        type: object
                        properties:
                          name: {type: string}
                          consented_on: {type: string, format: date}
          responses:
            201: {description: The product and what keeps it from being submitted}
            403: {description: The token's officer drafts nothing}
            422: {description: "Values that can't be read, by field"}
        """
        body = json_body()
        if not str(body.get("name") or "").strip():
            raise Invalid(fields={"name": "Nama produk wajib diisi."})
        made = drafts.create(body, by=actor(), now=now(), key=idempotency_key(), strict=True)
        return answer(view_json(made.id), 201, location=f"/api/v1/products/{made.id}")

    @expose("/<int:product_id>", methods=["GET"])
    @requires_api("read_products")
    def one(self, product_id: int) -> Any:
        """One product
        ---
        get:
          summary: One product with its newest revision, what it still lacks and what the last return asks
          parameters:
          - {in: path, name: product_id, required: true, schema: {type: integer}}
          responses:
            200: {description: The product}
            404: {description: There is none in this scope}
        """
        return answer(view_json(product_id))

    @expose("/<int:product_id>", methods=["PATCH"])
    @requires_api("write_products")
    def change(self, product_id: int) -> Any:
        """Change a draft
        ---
        patch:
          summary: Change fields of the draft; a decided product begins its next revision
          parameters:
          - {in: path, name: product_id, required: true, schema: {type: integer}}
          - {in: header, name: Idempotency-Key, schema: {type: string}}
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  description: Fields as for POST; `version` refuses to overwrite what somebody else changed
          responses:
            200: {description: The product}
            404: {description: There is none in this scope}
            409: {description: "It is being reviewed, or `version` isn't the one that stands"}
            422: {description: "Values that can't be read, by field; nothing is changed"}
        """
        body = dict(json_body())
        version = body.pop("version", None)
        if version is not None and (isinstance(version, bool) or not isinstance(version, int)):
            raise Invalid(fields={"version": "Bilangan bulat."})
        once_here(
            "product.save",
            product_id,
            lambda: drafts.save(product_id, body, by=actor(), now=now(), version=version, strict=True),
        )
        return answer(view_json(product_id))

    @expose("/<int:product_id>/photos", methods=["POST"])
    @requires_api("write_products")
    def add_photo(self, product_id: int) -> Any:
        """Add a photo
        ---
        post:
          summary: Add one photo (JPEG, PNG or WebP; at most 8 MB and 40 megapixels)
          parameters:
          - {in: path, name: product_id, required: true, schema: {type: integer}}
          - {in: header, name: Idempotency-Key, schema: {type: string}}
          requestBody:
            required: true
            content:
              multipart/form-data:
                schema:
                  type: object
                  required: [photo]
                  properties:
                    photo: {type: string, format: binary}
          responses:
            201: {description: The photo}
            404: {description: There is no such product in this scope}
            409: {description: "Eight photos are there, or the product is being reviewed"}
            413: {description: Larger than 8 MB}
            415: {description: Not a photo by its content}
            422: {description: "Empty, cut short, or too many pixels"}
        """
        given = next(iter(request.files.values()), None)
        if given is None:
            raise Invalid(
                "Sertakan foto dalam isian `photo`.", fields={"photo": "Foto JPEG, PNG, atau WebP."}
            )
        made = drafts.add_photo(
            product_id, given.read(), given.filename or "", by=actor(), now=now(), key=idempotency_key()
        )
        return answer(photo_json(made), 201)

    @expose("/<int:product_id>/photos/<int:photo_id>", methods=["DELETE"])
    @requires_api("write_products")
    def remove_photo(self, product_id: int, photo_id: int) -> Any:
        """Remove a photo
        ---
        delete:
          summary: Take a photo out of the draft
          parameters:
          - {in: path, name: product_id, required: true, schema: {type: integer}}
          - {in: path, name: photo_id, required: true, schema: {type: integer}}
          - {in: header, name: Idempotency-Key, schema: {type: string}}
          responses:
            200: {description: The product}
            404: {description: The draft doesn't hold it}
        """
        once_here(
            f"product.{product_id}.remove_photo",
            photo_id,
            lambda: drafts.remove_photo(product_id, photo_id, by=actor(), now=now()),
        )
        return answer(view_json(product_id))

    @expose("/<int:product_id>/submit", methods=["POST"])
    @requires_api("write_products")
    def submit(self, product_id: int) -> Any:
        """Submit the newest revision
        ---
        post:
          summary: Freeze the newest revision and open its case
          parameters:
          - {in: path, name: product_id, required: true, schema: {type: integer}}
          - {in: header, name: Idempotency-Key, schema: {type: string}}
          requestBody:
            content:
              application/json:
                schema:
                  type: object
                  properties:
                    answers: {type: object, description: "{id of the request: answer}"}
          responses:
            200: {description: The product with its case_id}
            404: {description: There is none in this scope}
            409: {description: "It is being reviewed, or nothing changed since the last revision"}
            422: {description: "What is missing or wrong, by field; the draft stays"}
        """
        answers = json_body().get("answers")
        if answers is not None and not isinstance(answers, dict):
            raise Invalid(fields={"answers": "Objek: nomor permintaan dan jawabannya."})
        submission.submit(product_id, by=actor(), now=now(), answers=answers, key=idempotency_key())
        return answer(view_json(product_id))

    @expose("/<int:product_id>/withdraw", methods=["POST"])
    @requires_api("read_products")
    def withdraw(self, product_id: int) -> Any:
        """Withdraw
        ---
        post:
          summary: Take a published product off the shelf for good (pengendali), or a submission back (its UPT)
          parameters:
          - {in: path, name: product_id, required: true, schema: {type: integer}}
          - {in: header, name: Idempotency-Key, schema: {type: string}}
          requestBody:
            content:
              application/json:
                schema: {type: object, required: [reason], properties: {reason: {type: string}}}
          responses:
            200: {description: The product}
            403: {description: Not the officer's role}
            404: {description: There is none in this scope}
            409: {description: Its state doesn't allow it}
            422: {description: The reason is missing}
        """
        reason = json_body().get("reason") or ""

        def act() -> None:
            row = queries.one(product_id)
            if row.state == "in_review" and row.case_id is not None and may("write_products"):
                take_back(row.case_id, reason=str(reason) or "Ditarik oleh UPT", by=actor(), now=now())
            else:
                publication.withdraw(product_id, reason=reason, by=actor(), now=now())

        once_here("product.withdraw", product_id, act)
        return answer(view_json(product_id))

    @expose("/<int:product_id>/suspend", methods=["POST"])
    @requires_api("control_products")
    def suspend(self, product_id: int) -> Any:
        """Suspend
        ---
        post:
          summary: Take a published product off the shelf for a while
          parameters:
          - {in: path, name: product_id, required: true, schema: {type: integer}}
          - {in: header, name: Idempotency-Key, schema: {type: string}}
          requestBody:
            content:
              application/json:
                schema: {type: object, required: [reason], properties: {reason: {type: string}}}
          responses:
            200: {description: The product}
            403: {description: Not the officer's role}
            404: {description: There is none in this scope}
            409: {description: It isn't published}
            422: {description: The reason is missing}
        """
        return self._control(product_id, "suspend", json_body().get("reason") or "")

    @expose("/<int:product_id>/restore", methods=["POST"])
    @requires_api("control_products")
    def restore(self, product_id: int) -> Any:
        """Restore
        ---
        post:
          summary: Put a suspended product back on the shelf
          parameters:
          - {in: path, name: product_id, required: true, schema: {type: integer}}
          - {in: header, name: Idempotency-Key, schema: {type: string}}
          requestBody:
            content:
              application/json:
                schema: {type: object, required: [reason], properties: {reason: {type: string}}}
          responses:
            200: {description: The product}
            403: {description: Not the officer's role}
            404: {description: There is none in this scope}
            409: {description: "It isn't suspended; what was withdrawn stays withdrawn"}
            422: {description: The reason is missing}
        """
        return self._control(product_id, "restore", json_body().get("reason") or "")

    def _control(self, product_id: int, verb: str, reason: Any) -> Any:
        publication.act_on(product_id, verb, reason=reason, by=actor(), now=now(), key=idempotency_key())
        return answer(view_json(product_id))


def row_json(row: ProductRow) -> dict[str, Any]:
    """A product as lists answer it."""
    return {
        "id": row.id,
        "name": row.name,
        "state": row.state,
        "public_state": row.public_state,
        "upt": row.upt_code,
        "upt_name": row.upt,
        "kanwil": row.kanwil,
        "category": row.category,
        "price_rupiah": row.price_rupiah,
        "revision": row.revision,
        "published_revision": row.published_revision,
        "case_id": row.case_id,
        "slug": row.slug,
        "reason": row.reason,
        "updated_at": row.updated_at.isoformat(),
        "version": row.version,
    }


def view_json(product_id: int) -> dict[str, Any]:
    """One product with its newest revision, what it lacks and what was asked."""
    view: ProductView = queries.product_view(product_id, now=now())
    content = {key: value for key, value in view.content.items() if key != TYPED}
    return {
        **content,
        **row_json(view.row),
        "photos": [
            {**photo, "id": photo["photo_id"], "url": f"/foto-produk/{photo['photo_id']}/asli.webp"}
            for photo in content.get("photos") or []
        ],
        "problems": {} if view.is_submitted else view.problems(),
        "completeness": round(view.completeness(), 2),
        "requests": view.requests,
        "answers": view.revision.answers,
        "findings": findings_json(product_id) if view.row.public_state else [],
    }


def photo_json(photo: Photo) -> dict[str, Any]:
    """A photo as the API answers it."""
    return {
        "id": photo.id,
        "product_id": photo.product_id,
        "name": photo.name,
        "sha256": photo.sha256,
        "width": photo.width,
        "height": photo.height,
        "bytes": photo.bytes,
        "url": f"/foto-produk/{photo.id}/asli.webp",
    }


def register(app: Flask, appbuilder: Any) -> None:
    appbuilder.add_api(ProductsApi)
