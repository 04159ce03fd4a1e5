"""What programs read of the shop window: sitemap, robots.txt, feeds (Atom and RSS), OpenSearch."""

from __future__ import annotations

from email.utils import format_datetime
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from flask import Response, current_app, request
from flask_babel import gettext as _

from catalogue import prose, shop
from catalogue.models import PublishedProduct
from catalogue.terms import CATEGORIES
from tenants.clock import now
from tenants.database import public
from tenants.errors import NotFound
from tenants.words import rupiah
from webapp import shelf_page
from webapp.views.public import blueprint

SITEMAP_RANGE = 40_000
FEED = 30
_OFFICERS_ONLY = (
    "/beranda",
    "/kotak-masuk",
    "/produk-saya",
    "/produk/kelola",
    "/pertanyaan",
    "/kasus",
    "/pembelian",
    "/rekap",
    "/api/v1/security",
)


@blueprint.get("/sitemap.xml")
def sitemap() -> Any:
    """The index of the site's maps: the fixed pages, then products by ranges of their number."""
    with public() as session:
        last = shop.last_number(session)
    parts = [f"{_base()}/sitemap-{number}.xml" for number in range(last // SITEMAP_RANGE + 2)]
    body = "".join(f"<sitemap><loc>{escape(address)}</loc></sitemap>" for address in parts)
    return _xml(f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{body}</sitemapindex>')


@blueprint.get("/sitemap-<int:number>.xml")
def sitemap_part(number: int) -> Any:
    """The addresses of one range: 0 is the fixed pages, shelves, Kanwil and UPT, the rest are products."""
    with public() as session:
        last = shop.last_number(session)
        if number > last // SITEMAP_RANGE + 1:
            raise NotFound(_("Peta situs ini tidak ada."))
        if number == 0:
            tally = shop.tally(session)
            pages = ["/", "/katalog", "/upt", "/kampanye", "/verifikasi"]
            pages += [f"/katalog?category={key}" for key in CATEGORIES if tally.facts.categories.get(key)]
            pages += [f"/kanwil/{code}" for code, *_rest in tally.facts.kanwil]
            pages += [f"/upt/{slug}" for slug in sorted(tally.homes)]
            rows = [(page, "") for page in pages]
        else:
            first = (number - 1) * SITEMAP_RANGE
            rows = [
                (f"/produk/{row.slug}", row.updated_at.date().isoformat())
                for row in shop.addresses(session, first=first, last=first + SITEMAP_RANGE)
            ]
    body = "".join(
        f"<url><loc>{escape(_base() + page)}</loc>{f'<lastmod>{day}</lastmod>' if day else ''}</url>"
        for page, day in rows
    )
    return _xml(f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{body}</urlset>')


@blueprint.get("/robots.txt")
def robots() -> Any:
    closed = "".join(f"Disallow: {path}\n" for path in _OFFICERS_ONLY)
    response = Response(f"User-agent: *\n{closed}Sitemap: {_base()}/sitemap.xml\n", content_type="text/plain")
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response


@blueprint.get("/katalog.atom")
def atom() -> Any:
    """The newest products of a shelf as Atom (RFC 4287); narrowed like the shelf, by its address."""
    products, title = _newest()
    entries = "".join(
        f"<entry><id>{escape(_url(one))}</id><title>{escape(one.name)}</title>"
        f"<link href={quoteattr(_url(one))}/><updated>{one.updated_at.isoformat()}</updated>"
        f"<published>{one.published_at.isoformat()}</published><author><name>{escape(one.upt_name)}</name></author>"
        f"<category term={quoteattr(one.category)} label={quoteattr(_(CATEGORIES[one.category]))}/>"
        f"<summary>{escape(_summary(one))}</summary></entry>"
        for one in products
    )
    updated = max((one.updated_at for one in products), default=None)
    here = _base() + request.full_path.rstrip("?")
    return _xml(
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="id"><id>{escape(here)}</id>'
        f"<title>{escape(title)}</title><updated>{(updated or now()).isoformat()}</updated>"
        f'<link rel="self" href={quoteattr(here)}/>'
        f"<link href={quoteattr(_base() + shelf_page.address('/katalog'))}/>{entries}</feed>",
        "application/atom+xml",
    )


@blueprint.get("/katalog.rss")
def rss() -> Any:
    """The same as RSS 2.0, for readers that know no Atom."""
    products, title = _newest()
    items = "".join(
        f'<item><title>{escape(one.name)}</title><link>{escape(_url(one))}</link><guid isPermaLink="true">'
        f"{escape(_url(one))}</guid><pubDate>{format_datetime(one.published_at)}</pubDate>"
        f"<category>{escape(_(CATEGORIES[one.category]))}</category>"
        f"<description>{escape(_summary(one))}</description></item>"
        for one in products
    )
    return _xml(
        f'<rss version="2.0"><channel><title>{escape(title)}</title>'
        f"<link>{escape(_base() + shelf_page.address('/katalog'))}</link><language>id</language>"
        f"<description>{escape(_('Produk terbaru di katalog karya warga binaan.'))}</description>{items}"
        "</channel></rss>",
        "application/rss+xml",
    )


@blueprint.get("/opensearch.xml")
def opensearch() -> Any:
    """How a browser searches the catalogue from its own box (OpenSearch 1.1)."""
    return _xml(
        '<OpenSearchDescription xmlns="http://a9.com/-/spec/opensearch/1.1/"><ShortName>Karya</ShortName>'
        f"<Description>{escape(_('Cari karya warga binaan'))}</Description><InputEncoding>UTF-8</InputEncoding>"
        f'<Url type="text/html" template={quoteattr(_base() + "/katalog?q={searchTerms}")}/>'
        f'<Url type="application/rss+xml" template={quoteattr(_base() + "/katalog.rss?q={searchTerms}")}/>'
        "</OpenSearchDescription>",
        "application/opensearchdescription+xml",
    )


def _newest() -> tuple[list[PublishedProduct], str]:
    filters, _sort, _problems = shelf_page.read()
    q = request.args.get("q", "").strip()[: shop.LONGEST_QUERY]
    with public() as session:
        products = list(shop.search(session, q, filters, sort="terbaru", limit=FEED).items)
        names = shop.tally(session).names
    of = [q, _(CATEGORIES[filters.category]) if filters.category else ""]
    of += [names.get(filters.kanwil or "", ""), names.get(filters.upt or "", "")]
    narrowed = ", ".join(part for part in of if part)
    return products, _("Karya: produk terbaru") + (f" ({narrowed})" if narrowed else "")


def _summary(one: PublishedProduct) -> str:
    price = _("%(price)s per %(unit)s", price=rupiah(one.price_rupiah), unit=one.unit)
    return f"{one.upt_name}. {price}. {prose.summary(one.description, longest=300)}"


def _url(one: PublishedProduct) -> str:
    return f"{_base()}/produk/{one.slug}"


def _base() -> str:
    return str(current_app.extensions["karya"].base_url).rstrip("/")


def _xml(body: str, content_type: str = "application/xml") -> Response:
    response = Response(
        f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n', content_type=f"{content_type}; charset=utf-8"
    )
    response.headers["Cache-Control"] = "public, max-age=3600"
    response.add_etag()
    return response.make_conditional(request)
