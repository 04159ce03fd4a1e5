"""What search engines are told of a page: schema.org as JSON-LD.

It is data, no script: the content security policy lets it stand in the page without a nonce, so that the page stays the
same for every cache. Source: schema.org Product, Offer, Organization, BreadcrumbList, WebSite.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _

from catalogue import prose
from catalogue.models import PublishedProduct
from catalogue.terms import CATEGORIES
from tenants.models import DirectoryUpt, Kanwil

Data = dict[str, Any]


def site(base: str) -> Data:
    """The site and its search."""
    return _graph(
        {
            "@type": "WebSite",
            "@id": f"{base}/#situs",
            "url": f"{base}/",
            "name": "Karya",
            "description": _(
                "Katalog produk warga binaan dari seluruh UPT Pemasyarakatan, diperiksa tiga tahap sebelum tampil."
            ),
            "inLanguage": ["id", "en"],
            "potentialAction": {
                "@type": "SearchAction",
                "target": {"@type": "EntryPoint", "urlTemplate": f"{base}/katalog?q={{search_term_string}}"},
                "query-input": "required name=search_term_string",
            },
        },
        {"@type": "Organization", "@id": f"{base}/#karya", "name": "Karya", "url": f"{base}/"},
    )


def product(one: PublishedProduct, base: str, photos: Sequence[str]) -> Data:
    """A product with its offer, who makes it, and its place in the catalogue."""
    address = f"{base}/produk/{one.slug}"
    maker = _maker(one, base)
    more = []
    if one.tkdn_share is not None:
        more.append(
            {
                "@type": "PropertyValue",
                "name": "TKDN",
                "value": round(one.tkdn_share * 100, 2),
                "unitText": "%",
            }
        )
    for key, label in (("pirt", "P-IRT"), ("halal", "Halal"), ("sni", "SNI")):
        if one.papers.get(f"{key}_number"):
            more.append({"@type": "PropertyValue", "name": label, "value": one.papers[f"{key}_number"]})
    data: Data = {
        "@type": "Product",
        "@id": f"{address}#produk",
        "name": one.name,
        "description": prose.summary(one.description, longest=500),
        "sku": one.slug,
        "url": address,
        "image": [base + photo for photo in photos],
        "category": CATEGORIES[one.category],
        "brand": maker,
        "offers": {
            "@type": "Offer",
            "url": address,
            "price": one.price_rupiah,
            "priceCurrency": "IDR",
            "availability": f"https://schema.org/{'InStock' if one.stock else 'PreOrder'}",
            "itemCondition": "https://schema.org/NewCondition",
            "seller": maker,
        },
    }
    if one.materials:
        data["material"] = one.materials
    if one.weight_gram:
        data["weight"] = {"@type": "QuantitativeValue", "value": one.weight_gram, "unitCode": "GRM"}
    if more:
        data["additionalProperty"] = more
    category = (_(CATEGORIES[one.category]), f"/katalog?category={one.category}")
    return _graph(
        data, _crumbs(base, [(_("Katalog"), "/katalog"), category, (one.name, f"/produk/{one.slug}")])
    )


def unit(upt: DirectoryUpt, base: str, products: Sequence[PublishedProduct]) -> Data:
    """An UPT, its Kanwil and what it offers."""
    address = f"{base}/upt/{upt.slug}"
    return _graph(
        {
            "@type": "Organization",
            "@id": f"{address}#upt",
            "name": upt.name,
            "alternateName": upt.short_name,
            "url": address,
            "address": {"@type": "PostalAddress", "addressLocality": upt.city, "addressCountry": "ID"},
            "parentOrganization": {
                "@type": "Organization",
                "name": upt.kanwil_name,
                "url": f"{base}/kanwil/{upt.kanwil_code}",
            },
        },
        _list(base, products),
        _crumbs(
            base,
            [
                ("UPT", "/upt"),
                (upt.kanwil_name, f"/kanwil/{upt.kanwil_code}"),
                (upt.short_name, f"/upt/{upt.slug}"),
            ],
        ),
    )


def office(kanwil: Kanwil, base: str, upts: Sequence[DirectoryUpt]) -> Data:
    """A Kanwil and its UPT that have something on the shelf."""
    address = f"{base}/kanwil/{kanwil.code}"
    return _graph(
        {
            "@type": "Organization",
            "@id": f"{address}#kanwil",
            "name": kanwil.short_name,
            "url": address,
            "address": {"@type": "PostalAddress", "addressRegion": kanwil.province, "addressCountry": "ID"},
            "subOrganization": [
                {"@type": "Organization", "name": upt.name, "url": f"{base}/upt/{upt.slug}"} for upt in upts
            ],
        },
        _crumbs(base, [("UPT", "/upt"), (kanwil.short_name, f"/kanwil/{kanwil.code}")]),
    )


def _maker(one: PublishedProduct, base: str) -> Data:
    return {"@type": "Organization", "name": one.upt_name, "url": f"{base}/upt/{one.upt_slug}"}


def _list(base: str, products: Sequence[PublishedProduct]) -> Data:
    return {
        "@type": "ItemList",
        "itemListElement": [
            {"@type": "ListItem", "position": place, "url": f"{base}/produk/{one.slug}", "name": one.name}
            for place, one in enumerate(products, 1)
        ],
    }


def _crumbs(base: str, steps: Sequence[tuple[str, str]]) -> Data:
    return {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": place, "name": name, "item": base + path}
            for place, (name, path) in enumerate(steps, 1)
        ],
    }


def _graph(*things: Data) -> Data:
    return {"@context": "https://schema.org", "@graph": list(things)}
