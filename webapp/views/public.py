"""The shop window: catalogue, product, UPT, campaign, pictures, sitemap. No session, no cookie, public tables alone.

Every page may be kept by a cache as long as it asks whether it changed (ETag); a picture never changes.
"""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape

from flask import Blueprint, Flask, Response, current_app, make_response, render_template, request
from flask_babel import gettext as _

from catalogue import prose, shop
from catalogue.models import PublishedProduct
from catalogue.terms import CATEGORIES, GROUPS, MARKET_LEVELS
from tenants import files
from tenants.database import public
from tenants.errors import Invalid, NotFound
from webapp import shelf_page

blueprint = Blueprint("public", __name__)
SITEMAP_RANGE = 40_000
_OFFICERS_ONLY = (
    "/beranda",
    "/kotak-masuk",
    "/produk-saya",
    "/kasus",
    "/pembelian",
    "/rekap",
    "/api/v1/security",
)


def register(app: Flask, appbuilder: Any) -> None:
    app.register_blueprint(blueprint)


@blueprint.get("/", endpoint="front")
@blueprint.get("/katalog")
def catalogue() -> Any:
    """The shelves, narrowed and in the order that the address says; at most eight statements."""
    q = request.args.get("q", "").strip()[: shop.LONGEST_QUERY]
    filters, sort, problems = shelf_page.read()
    cursor = request.args.get("cursor", "")
    with public() as session:
        found = _page_of(session, q, filters, sort, cursor)
        facts = shop.facts(session)
        around = shelf_page.context(session, q, found, filters)
    narrowed = bool(q or filters.any() or cursor or sort)
    return _fresh(
        "public/catalogue.html",
        q=q,
        found=found,
        facts=facts,
        filters=filters,
        problems=problems,
        hero=request.endpoint == "public.front" and not narrowed,
        narrowed=narrowed,
        products=[card(product) for product in found.items],
        categories=CATEGORIES,
        next_url=shelf_page.address(cursor=found.next_cursor) if found.next_cursor else None,
        first_url=shelf_page.address() if cursor else None,
        **around,
    )


def _page_of(session: Any, q: str, filters: shop.Filters, sort: str, cursor: str) -> shop.Found:
    """A page of the shelf; from its beginning where the address names no page that there is."""
    try:
        return shop.search(session, q, filters, sort=sort, cursor=cursor or None)
    except Invalid:
        return shop.search(session, q, filters, sort=sort)


@blueprint.get("/produk/<slug>")
def product(slug: str) -> Any:
    """A product's page; one that was taken off the shelf answers 410 and says why. Two statements."""
    with public() as session:
        found = shop.by_slug(session, slug)
        if found is None:
            raise NotFound(_("Produk ini tidak ada di katalog."))
        others = shop.like(session, found)
    if found.state != "published":
        return _fresh("public/gone.html", 410, p=found, others=[card(one) for one in others])
    return _fresh(
        "public/product.html",
        p=found,
        card=card(found),
        prose=prose.rendered(found.description),
        summary=prose.summary(found.description),
        photos=[photo_urls(photo) for photo in found.photos],
        categories=CATEGORIES,
        groups=GROUPS,
        markets=MARKET_LEVELS,
        others=[card(one) for one in others],
    )


@blueprint.get("/upt")
def units() -> Any:
    """Every UPT of one Kanwil, or the Kanwil to choose from. Two statements."""
    kanwil = request.args.get("kanwil") or None
    with public() as session:
        listed = shop.upt_list(session, kanwil) if kanwil else []
        facts = shop.facts(session)
        tallies = shop.products_by_upt(session) if listed else {}
        offices = shop.offices(session)
    return _fresh(
        "public/units.html",
        kanwil=kanwil,
        units=listed,
        tallies=tallies,
        facts=facts,
        offices=offices,
        address=shelf_page.address,
    )


@blueprint.get("/upt/<slug>")
def unit(slug: str) -> Any:
    """An UPT and what it has on the shelf. Two statements."""
    cursor = request.args.get("cursor", "")
    with public() as session:
        upt = shop.upt_page(session, slug)
        if upt is None:
            raise NotFound(_("UPT ini tidak ada dalam daftar."))
        found = _page_of(session, "", shop.Filters(upt=slug), "", cursor)
    return _fresh(
        "public/unit.html",
        upt=upt,
        products=[card(one) for one in found.items],
        next_url=shelf_page.address(cursor=found.next_cursor) if found.next_cursor else None,
        first_url=shelf_page.address() if cursor else None,
    )


@blueprint.get("/kampanye")
def campaign() -> Any:
    """What One Day One Prison's Product is, and what stands on the shelf today."""
    with public() as session:
        facts = shop.facts(session)
        newest = shop.newest(session, limit=4)
    return _fresh("public/campaign.html", facts=facts, products=[card(one) for one in newest])


@blueprint.get("/foto/<sha256>.webp")
def photo(sha256: str) -> Any:
    """A picture of a product that is on the shelf, for good: its name is its content."""
    path = files.path(sha256)
    if path is None:
        raise NotFound(_("Foto ini tidak ada."))
    with public() as session:
        if not shop.is_published_photo(session, sha256):
            raise NotFound(_("Foto ini tidak ada."))
    response = Response(path.read_bytes(), content_type="image/webp")
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    response.set_etag(sha256)
    return response.make_conditional(request)


@blueprint.get("/sitemap.xml")
def sitemap() -> Any:
    """The index of the site's maps: the fixed pages, then products by ranges of their number."""
    with public() as session:
        last = shop.last_number(session)
    base = _base()
    parts = [f"{base}/sitemap-{number}.xml" for number in range(last // SITEMAP_RANGE + 2)]
    body = "".join(f"<sitemap><loc>{escape(address)}</loc></sitemap>" for address in parts)
    return _xml(f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{body}</sitemapindex>')


@blueprint.get("/sitemap-<int:number>.xml")
def sitemap_part(number: int) -> Any:
    """The addresses of one range: 0 is the fixed pages and UPT, the rest are products."""
    base = _base()
    with public() as session:
        if number == 0:
            pages = ["/", "/katalog", "/upt", "/kampanye", "/verifikasi"]
            rows = [
                (page, None)
                for page in pages + [f"/upt/{slug}" for slug in sorted(shop.products_by_upt(session))]
            ]
        else:
            first = (number - 1) * SITEMAP_RANGE
            rows = [
                (f"/produk/{row.slug}", row.updated_at.date().isoformat())
                for row in shop.addresses(session, first=first, last=first + SITEMAP_RANGE)
            ]
    body = "".join(
        f"<url><loc>{escape(base + page)}</loc>{f'<lastmod>{day}</lastmod>' if day else ''}</url>"
        for page, day in rows
    )
    return _xml(f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{body}</urlset>')


@blueprint.get("/robots.txt")
def robots() -> Any:
    closed = "".join(f"Disallow: {path}\n" for path in _OFFICERS_ONLY)
    response = Response(f"User-agent: *\n{closed}Sitemap: {_base()}/sitemap.xml\n", content_type="text/plain")
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response


def card(product: PublishedProduct) -> dict[str, Any]:
    """A product as `parts/product.html` shows it on a card."""
    urls = photo_urls(product.photos[0]) if product.photos else None
    return {
        "name": product.name,
        "url": f"/produk/{product.slug}{_carried()}",
        "upt_slug": product.upt_slug,
        "upt_name": shelf_page.short(product.upt_name),
        "price_rupiah": product.price_rupiah,
        "photo": urls["320"] if urls else None,
        "ekatalog_url": product.ekatalog_url,
        "state": product.state,
    }


def photo_urls(photo: dict[str, Any]) -> dict[str, Any]:
    """The addresses of a published photo, by side, and its size."""
    thumbs = photo.get("thumbs") or {}
    return {
        "full": f"/foto/{photo['sha256']}.webp",
        "320": f"/foto/{thumbs.get('320', photo['sha256'])}.webp",
        "960": f"/foto/{thumbs.get('960', photo['sha256'])}.webp",
        "width": photo["width"],
        "height": photo["height"],
    }


def _carried() -> str:
    return "?lang=en" if request.args.get("lang") == "en" else ""


def _base() -> str:
    return str(current_app.extensions["karya"].base_url).rstrip("/")


def _fresh(template: str, status: int = 200, **context: Any) -> Any:
    """A page that caches may keep and must ask about; the same content has the same ETag."""
    response = make_response(render_template(template, carry=_carried(), **context), status)
    response.headers["Cache-Control"] = "public, no-cache"
    response.add_etag()
    return response.make_conditional(request) if status == 200 else response


def _xml(body: str) -> Response:
    response = Response(f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n', content_type="application/xml")
    response.headers["Cache-Control"] = "public, max-age=3600"
    response.add_etag()
    return response.make_conditional(request)
