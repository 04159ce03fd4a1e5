"""What programs read of the shop window: structured data, maps, feeds, search, QR; and how long each may be kept."""

from __future__ import annotations

import json
import re
from typing import Any
from xml.etree import ElementTree

from defusedxml.ElementTree import fromstring

from catalogue import publication
from tenants.clock import now
from tenants.scope import entered
from tests.catalogue.test_pages import Desk, desk  # noqa: F401 - a fixture

ATOM = "{http://www.w3.org/2005/Atom}"
MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def about(page: str) -> list[dict[str, Any]]:
    """The JSON-LD of a page."""
    found = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert len(found) == 1
    data = json.loads(found[0])
    assert data["@context"] == "https://schema.org"
    return list(data["@graph"])


def test_search_engines_are_told_what_the_page_says(desk: Desk, client: Any) -> None:  # noqa: F811
    product = desk.published(
        name="Keripik </script><b>bayam</b>",
        category="culinary",
        tkdn_share=0.625,
        pirt_number="P-IRT 2063671010123-28",
        pirt_expires_on="2099-03-14",
        halal_number="ID61110000123450124",
        makers=[{"name": "Budi Terbuka", "consented_on": "2024-03-01"}],
    )
    address = f"/produk/{product.slug}"
    page = client.get(address)
    goods, crumbs = about(page.text)
    assert (goods["@type"], goods["name"]) == ("Product", "Keripik </script><b>bayam</b>")
    offer = goods["offers"]
    assert (offer["price"], offer["priceCurrency"], offer["availability"]) == (
        95_000, "IDR", "https://schema.org/InStock",
    )  # fmt: skip
    assert goods["brand"]["url"].endswith("/upt/lapas-iia-pontianak")
    assert {one["name"]: one["value"] for one in goods["additionalProperty"]}["TKDN"] == 62.5
    assert [one["position"] for one in crumbs["itemListElement"]] == [1, 2, 3]
    base = goods["url"].removesuffix(address)
    assert f'<link rel="canonical" href="{base}{address}">' in page.text
    assert f'hreflang="en" href="{base}{address}?lang=en"' in page.text
    for words in (
        "62,5 %",
        "berlaku sampai 14 Maret 2099",
        "ID61110000123450124",
        "wa.me",
        "Budi Terbuka",
        "/ buah",
    ):
        assert words in page.text, words
    assert client.get(goods["image"][0].removeprefix(base)).status_code == 200
    unit, items, _ = about(client.get("/upt/lapas-iia-pontianak").text)
    assert (unit["@type"], items["itemListElement"][0]["name"]) == ("Organization", goods["name"])
    office, _ = about(client.get("/kanwil/kalbar").text)
    assert office["subOrganization"][0]["url"].endswith("/upt/lapas-iia-pontianak")
    assert client.get("/kanwil/tidak-ada").status_code == 404
    assert 'content="noindex, follow"' in client.get("/katalog?q=keripik").text
    assert 'rel="canonical"' not in client.get("/katalog?q=keripik").text
    moved = client.get("/?q=keripik")
    assert (moved.status_code, moved.location) == (302, "/katalog?q=keripik")


def test_maps_and_feeds_name_what_is_on_the_shelf_and_nothing_else(desk: Desk, client: Any) -> None:  # noqa: F811
    one, other = (
        desk.published(name="Tas & dompet <purun>"),
        desk.published(name="Sajadah", category="fashion"),
    )
    gone = desk.published(name="Meja ditarik")
    with entered(desk.world.scope("pengendali.kalbar")):
        publication.withdraw(gone.id, reason="Habis", by=desk.by("pengendali.kalbar"), now=now())
    index = fromstring(client.get("/sitemap.xml").data)
    named = set()
    for part in index.iter(f"{MAP}loc"):
        path = "/" + (part.text or "").split("/", 3)[3]
        named |= {loc.text for loc in fromstring(client.get(path).data).iter(f"{MAP}loc")}
    paths = {"/" + (text or "").split("/", 3)[3] for text in named}
    assert {f"/produk/{one.slug}", f"/produk/{other.slug}", "/kanwil/kalbar", "/upt/lapas-iia-pontianak",
            "/katalog?category=fashion", "/"} <= paths  # fmt: skip
    assert f"/produk/{gone.slug}" not in paths
    for path in sorted(paths):
        assert client.get(path).status_code == 200, path
    assert client.get("/sitemap-99.xml").status_code == 404
    feed: ElementTree.Element = fromstring(client.get("/katalog.atom?category=craft").data)
    assert [entry.findtext(f"{ATOM}title") for entry in feed.iter(f"{ATOM}entry")] == ["Tas & dompet <purun>"]
    channel = fromstring(client.get("/katalog.rss").data)
    assert [item.findtext("title") for item in channel.iter("item")] == ["Sajadah", "Tas & dompet <purun>"]
    assert "{searchTerms}" in client.get("/opensearch.xml").text
    assert fromstring(client.get(f"/produk/{one.slug}/qr.svg").data).tag.endswith("svg")
    assert client.get(f"/produk/{gone.slug}/qr.svg").status_code == 404
    for path in (
        "/sitemap.xml",
        "/katalog.atom",
        "/katalog.rss",
        "/opensearch.xml",
        f"/produk/{one.slug}/qr.svg",
    ):
        answer = client.get(path)
        assert answer.headers["Cache-Control"].startswith("public, max-age="), path
        assert client.get(path, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304, path
        assert "Set-Cookie" not in answer.headers


def test_a_suspended_product_says_no_more_than_that(desk: Desk, client: Any) -> None:  # noqa: F811
    product = desk.published()
    scope, by = desk.world.scope("pengendali.kalbar"), desk.by("pengendali.kalbar")
    with entered(scope):
        publication.suspend(product.id, reason="Laporan Ibu Siti tentang jahitan", by=by, now=now())
    page = client.get(f"/produk/{product.slug}")
    assert page.status_code == 404
    assert "sedang ditangguhkan" in page.text
    assert "Siti" not in page.text
    with entered(scope):
        publication.withdraw(product.id, reason="Tidak dibuat lagi", by=by, now=now())
    page = client.get(f"/produk/{product.slug}")
    assert page.status_code == 410
    assert "Tidak dibuat lagi" in page.text
    assert page.headers["Cache-Control"].startswith("public, max-age=")
