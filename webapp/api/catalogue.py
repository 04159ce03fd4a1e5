"""``/api/v1/catalogue/products``: the shop window for programs. Public: no token, no cookie, published tables alone."""

from __future__ import annotations

from typing import Any

from flask import Flask, jsonify, request
from flask_appbuilder.views import expose

from catalogue import shop
from catalogue.models import PublishedProduct
from tenants.database import public
from tenants.errors import Invalid
from webapp.api import KaryaApi, limit


class CatalogueApi(KaryaApi):
    """What is on the shelf."""

    resource_name = "catalogue"
    openapi_spec_tag = "Catalogue"

    @expose("/products", methods=["GET"])
    def index(self) -> Any:
        """Published products
        ---
        get:
          summary: Published products, newest first or in another order, in keyset pages; public
          security: []
          parameters:
          - {in: query, name: q, schema: {type: string}, description: Indonesian words in any form}
          - {in: query, name: category, schema: {type: string, enum: [craft, culinary, fashion, manufacture,
             agribusiness, services, art]}}
          - {in: query, name: group, schema: {type: string, enum: [basic_needs, office_supplies, craft]}}
          - {in: query, name: market_level, schema: {type: string, enum: [local, national, export]}}
          - {in: query, name: kanwil, schema: {type: string}}
          - {in: query, name: upt, schema: {type: string}}
          - {in: query, name: price_from, schema: {type: integer}}
          - {in: query, name: price_to, schema: {type: integer}}
          - {in: query, name: ready, schema: {type: boolean}, description: Only what is in stock}
          - {in: query, name: sort, schema: {type: string, enum: [cocok, terbaru, termurah, termahal]},
             description: "By default cocok (best fit) where q is given, else terbaru (newest)"}
          - {in: query, name: facets, schema: {type: boolean}, description: "Whether to count what each filter leaves"}
          - {in: query, name: cursor, schema: {type: string}}
          - {in: query, name: limit, schema: {type: integer, maximum: 100}}
          responses:
            200: {description: "items, next_cursor; `meant` is the query searched instead of a mistyped one; with
              `facets` also `total`, `at_least` (more were not counted) and each facet's values with their counts"}
            422: {description: A filter that is none}
        """
        args = request.args
        filters = shop.Filters(
            category=args.get("category") or None,
            kanwil=args.get("kanwil") or None,
            upt=args.get("upt") or None,
            price_from=_amount("price_from"),
            price_to=_amount("price_to"),
            group=args.get("group") or None,
            market_level=args.get("market_level") or None,
            ready=_yes("ready"),
        )
        with public() as session:
            found = shop.search(
                session,
                args.get("q", "").strip(),
                filters,
                sort=args.get("sort", ""),
                cursor=args.get("cursor") or None,
                limit=limit(),
            )
            counted = None
            if _yes("facets"):
                counted = shop.facets(session, found.sought, filters, shop.tally(session))
        response = jsonify(
            {
                "items": [product_json(product) for product in found.items],
                "next_cursor": found.next_cursor,
                "meant": found.meant,
                **(_facets_json(counted) if counted else {}),
            }
        )
        response.headers["Cache-Control"] = "public, no-cache"
        response.add_etag()
        return response.make_conditional(request)


def product_json(product: PublishedProduct) -> dict[str, Any]:
    """A published product as the public API answers it."""
    return {
        "id": product.product_id,
        "slug": product.slug,
        "url": f"/produk/{product.slug}",
        "name": product.name,
        "state": product.state,
        "category": product.category,
        "group": product.goods_group,
        "market_level": product.market_level,
        "description": product.description,
        "unit": product.unit,
        "price_rupiah": product.price_rupiah,
        "stock": product.stock,
        "capacity_per_month": product.capacity_per_month,
        "lead_time_days": product.lead_time_days,
        "materials": product.materials,
        "weight_gram": product.weight_gram,
        "upt": product.upt_slug,
        "upt_name": product.upt_name,
        "kanwil": product.kanwil_code,
        "kanwil_name": product.kanwil_name,
        "photos": [f"/foto/{photo['sha256']}.webp" for photo in product.photos],
        "ekatalog_url": product.ekatalog_url,
        "revision": product.revision_no,
        "published_at": product.published_at.isoformat(),
    }


def _facets_json(counted: shop.Facets) -> dict[str, Any]:
    return {
        "total": counted.total,
        "at_least": counted.at_least,
        "facets": {
            facet: [
                {"value": one.value, "products": one.products, "at_least": one.at_least} for one in choices
            ]
            for facet, choices in counted.of.items()
        },
    }


def _yes(name: str) -> bool:
    return request.args.get(name, "").lower() in ("1", "true", "yes")


def _amount(name: str) -> int | None:
    text = request.args.get(name, "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 12):
        raise Invalid(fields={name: "Rupiah bulat, misalnya 50000."})
    return int(text)


def register(app: Flask, appbuilder: Any) -> None:
    appbuilder.add_api(CatalogueApi)
