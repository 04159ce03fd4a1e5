"""The shop window: front, catalogue, product, UPT, Kanwil, campaign, pictures. No session, no cookie.

Published tables alone. A cache may show every page for a minute and then asks whether it changed; a picture never
does. What programs read (maps, feeds) is in `public_files`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Blueprint, Flask, Response, current_app, make_response, redirect, render_template, request
from flask_babel import gettext as _

from catalogue import prose, shop
from catalogue.models import PublishedProduct
from catalogue.terms import CATEGORIES, GROUPS, MARKET_LEVELS
from catalogue.window import modern
from tenants import files
from tenants.clock import now
from tenants.database import public
from tenants.errors import Invalid, NotFound
from webapp import product_page, shelf_page, structured

blueprint = Blueprint("public", __name__)


def register(app: Flask, appbuilder: Any) -> None:
    from webapp.views import public_files  # noqa: F401 - its addresses are this blueprint's

    app.register_blueprint(blueprint)


@blueprint.get("/")
def front() -> Any:
    """What the centre shows first, a shelf for each category, and where it all comes from. At most five statements."""
    if any(request.args.get(name) for name in shelf_page.CARRIED if name != "lang"):
        return redirect(shelf_page.address("/katalog"), 302)  # addresses of before, when the shelf stood here
    with public() as session:
        facts = shop.facts(session)
        first = shop.featured(session, "front", now())
        shelves = shop.shelves(session)
    return _fresh(
        "public/front.html",
        facts=facts,
        featured=[card(one) for one in first],
        shelves=[(key, [card(one) for one in some], facts.categories[key]) for key, some in shelves.items()],
        categories=CATEGORIES,
        about=structured.site(_base()),
        canonical="/",
    )


@blueprint.get("/katalog")
def catalogue() -> Any:
    """The shelf, narrowed and in the order that the address says; at most nine statements."""
    q = request.args.get("q", "").strip()[: shop.LONGEST_QUERY]
    filters, sort, problems = shelf_page.read()
    cursor = request.args.get("cursor", "")
    plain = not (q or sort or cursor) and filters == shop.Filters(category=filters.category)
    with public() as session:
        found = _page_of(session, q, filters, sort, cursor)
        around = shelf_page.context(session, q, found, filters)
        first = shop.featured(session, filters.category, now()) if plain and filters.category else []
    return _fresh(
        "public/catalogue.html",
        q=q,
        found=found,
        filters=filters,
        problems=problems,
        narrowed=bool(q or filters.any() or cursor or sort),
        featured=[card(one) for one in first],
        products=[card(product) for product in found.items],
        categories=CATEGORIES,
        next_url=shelf_page.address(cursor=found.next_cursor) if found.next_cursor else None,
        first_url=shelf_page.address() if cursor else None,
        canonical=("/katalog" + (f"?category={filters.category}" if filters.category else ""))
        if plain
        else None,
        feed=shelf_page.address("/katalog.atom", sort=None),
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
    """A product's page. One that was withdrawn answers 410 and says why; a suspended one 404, and only that it is. Two
    statements."""
    with public() as session:
        found = shop.by_slug(session, slug)
        if found is None:
            raise NotFound(_("Produk ini tidak ada di katalog."))
        others = shop.like(session, found)
    beside = [card(one) for one in others]
    if found.state != "published":
        return _fresh("public/gone.html", 410 if found.state == "withdrawn" else 404, p=found, others=beside)
    address = f"{_base()}/produk/{found.slug}"
    photos = [photo_urls(photo) for photo in found.photos]
    return _fresh(
        "public/product.html",
        p=found,
        card=card(found),
        prose=prose.rendered(found.description),
        summary=prose.summary(found.description),
        photos=photos,
        papers=product_page.papers(found, now()),
        tkdn=product_page.tkdn(found),
        shares=product_page.shares(found, address),
        categories=CATEGORIES,
        groups=GROUPS,
        markets=MARKET_LEVELS,
        others=beside,
        canonical=f"/produk/{found.slug}",
        about=structured.product(found, _base(), [photo["full"] for photo in photos]),
    )


@blueprint.get("/produk/<slug>/qr.svg")
def qr(slug: str) -> Any:
    """The QR of a product's own address, for print. One statement."""
    with public() as session:
        found = shop.by_slug(session, slug)
    if found is None or found.state != "published":
        raise NotFound(_("Produk ini tidak ada di katalog."))
    return _kept_by_caches(
        Response(product_page.qr(f"{_base()}/produk/{found.slug}"), content_type="image/svg+xml")
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
        canonical=f"/kanwil/{kanwil}" if listed else "/upt",
    )


@blueprint.get("/upt/<slug>")
def unit(slug: str) -> Any:
    """An UPT and what it has on the shelf. At most six statements."""
    with public() as session:
        upt = shop.upt_page(session, slug)
        if upt is None:
            raise NotFound(_("UPT ini tidak ada dalam daftar."))
        shelf = _own_shelf(session, upt=slug)
    return _fresh(
        "public/unit.html",
        upt=upt,
        canonical=f"/upt/{slug}",
        about=structured.unit(upt, _base(), shelf["found"].items),
        feed=f"/katalog.atom?upt={slug}",
        **shelf,
    )


@blueprint.get("/kanwil/<slug>")
def office(slug: str) -> Any:
    """A Kanwil, its UPT that have something on the shelf, and what. At most seven statements."""
    with public() as session:
        kanwil = shop.office(session, slug)
        if kanwil is None:
            raise NotFound(_("Wilayah ini tidak ada dalam daftar."))
        listed = shop.upt_list(session, slug)
        tallies = shop.products_by_upt(session)
        shelf = _own_shelf(session, kanwil=slug)
    upts = sorted((one for one in listed if tallies.get(one.slug)), key=lambda one: -tallies[one.slug])
    return _fresh(
        "public/office.html",
        kanwil=kanwil,
        units=upts,
        tallies=tallies,
        registered=len(listed),
        total=sum(tallies[one.slug] for one in upts),
        canonical=f"/kanwil/{slug}",
        about=structured.office(kanwil, _base(), upts),
        feed=f"/katalog.atom?kanwil={slug}",
        **shelf,
    )


def _own_shelf(session: Any, **own: str) -> dict[str, Any]:
    """The shelf of an UPT's or a Kanwil's own page, narrowed further by its address."""
    filters, sort, problems = shelf_page.read()
    filters = replace(filters, **own)
    q = request.args.get("q", "").strip()[: shop.LONGEST_QUERY]
    cursor = request.args.get("cursor", "")
    found = _page_of(session, q, filters, sort, cursor)
    return {
        "q": q,
        "found": found,
        "filters": filters,
        "problems": problems,
        "narrowed": bool(q or replace(filters, **dict.fromkeys(own)).any() or cursor or sort),
        "products": [card(one) for one in found.items],
        "next_url": shelf_page.address(cursor=found.next_cursor) if found.next_cursor else None,
        "first_url": shelf_page.address() if cursor else None,
        **shelf_page.context(session, q, found, filters, own=set(own)),
    }


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
    return _photo(sha256, files.path(sha256), "image/webp")


@blueprint.get("/foto/<sha256>.avif")
def modern_photo(sha256: str) -> Any:
    """The same picture in AVIF; until that is made, as it is, and not to be kept for long."""
    made = modern.path(sha256)
    if made is not None:
        return _photo(sha256, made, "image/avif", "-avif")
    response = _photo(sha256, files.path(sha256), "image/webp", "-later")
    response.headers["Cache-Control"] = "public, max-age=600"
    return response


def _photo(sha256: str, path: Any, content_type: str, mark: str = "") -> Response:
    if path is None:
        raise NotFound(_("Foto ini tidak ada."))
    with public() as session:
        if not shop.is_published_photo(session, sha256):
            raise NotFound(_("Foto ini tidak ada."))
    response = Response(path.read_bytes(), content_type=content_type)
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    response.set_etag(sha256 + mark)
    return response.make_conditional(request)


def card(product: PublishedProduct) -> dict[str, Any]:
    """A product as `parts/product.html` shows it on a card."""
    return {
        "name": product.name,
        "url": f"/produk/{product.slug}{_carried()}",
        "upt_slug": product.upt_slug,
        "upt_name": shelf_page.short(product.upt_name),
        "price_rupiah": product.price_rupiah,
        "unit": product.unit,
        "photo": photo_urls(product.photos[0]) if product.photos else None,
        "ekatalog_url": product.ekatalog_url,
        "state": product.state,
    }


def photo_urls(photo: dict[str, Any]) -> dict[str, Any]:
    """The addresses of a published photo: by side in WebP, and the sets of all its sides in WebP and in AVIF."""
    thumbs = photo.get("thumbs") or {}
    longest = max(photo["width"], photo["height"])
    sides = {min(int(side), longest): sha for side, sha in thumbs.items()} | {longest: photo["sha256"]}
    widths = {round(side * photo["width"] / longest): sha for side, sha in sorted(sides.items())}

    def every(kind: str) -> str:
        return ", ".join(f"/foto/{sha}.{kind} {width}w" for width, sha in widths.items())

    return {
        "full": f"/foto/{photo['sha256']}.webp",
        "320": f"/foto/{thumbs.get('320', photo['sha256'])}.webp",
        "960": f"/foto/{thumbs.get('960', photo['sha256'])}.webp",
        "webp": every("webp"),
        "avif": every("avif"),
        "width": photo["width"],
        "height": photo["height"],
    }


def _carried() -> str:
    return "?lang=en" if request.args.get("lang") == "en" else ""


def _base() -> str:
    return str(current_app.extensions["karya"].base_url).rstrip("/")


def _fresh(template: str, status: int = 200, **context: Any) -> Any:
    """A page that caches may show for a while and must then ask about; the same content has the same ETag."""
    response = make_response(render_template(template, carry=_carried(), base_url=_base(), **context), status)
    return _kept_by_caches(response)


def _kept_by_caches(response: Response) -> Response:
    seconds = current_app.extensions["karya"].public_seconds
    response.headers["Cache-Control"] = f"public, max-age={seconds}, must-revalidate"
    response.add_etag()
    return response.make_conditional(request) if response.status_code == 200 else response
