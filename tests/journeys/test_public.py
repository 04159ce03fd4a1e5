"""The public side: a shelf filled from the reference data, read without an account, a cookie or a heavy page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Windows
from tests.support.servers import HOUSE

pytestmark = pytest.mark.journey
AXE = HOUSE / "tests" / "journeys" / "vendor" / "axe.min.js"
PUBLIC_BYTES = 150_000
OFFICER_BYTES = 300_000
SIX = ("/", "/kotak-masuk", "a case", "a recap", "/verifikasi", "a returned product")
ACCESS = """async () => (await axe.run(document, {resultTypes: ['violations']})).violations
  .map(v => `${v.id} (${v.impact}): ${v.nodes.slice(0, 3).map(n => n.target.join(' ')).join(' | ')}`)"""


def test_anybody_browses_searches_and_opens_products_and_units(
    windows: Windows, picture: Callable[..., None]
) -> None:
    page = windows.stranger(viewport={"width": 1280, "height": 1010})
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Dibuat di balik tembok")
    expect(page.locator("article.product")).not_to_have_count(0)
    expect(page.get_by_role("link", name="Gitar akustik kayu mahoni")).to_be_visible()
    picture(page, "katalog", settle_seconds=0.5)
    page.get_by_role("searchbox").first.fill("keripik bayam")
    page.keyboard.press("Enter")
    expect(page.locator("article.product").first).to_contain_text("Keripik bayam")
    page.get_by_role("link", name="Keripik bayam 150 g").click()
    expect(page.get_by_role("heading", name="Keripik bayam 150 g", level=1)).to_be_visible()
    expect(page.get_by_text("Rp15.000").first).to_be_visible()
    page.get_by_role("link", name="Rumah Tahanan Negara Kelas IIB Pandeglang").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Pandeglang")
    expect(page.get_by_role("link", name="Sajadah beledu")).to_be_visible()
    page.goto("/katalog?q=kata+yang+tidak+ada+di+mana+pun")
    expect(page.get_by_text("Tidak ada produk yang cocok")).to_be_visible()
    page.get_by_role("link", name="Verifikasi dokumen").first.click()
    expect(page.get_by_role("heading", name="Verifikasi dokumen", level=1)).to_be_visible()
    assert page.context.cookies() == []


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)  # the pages are the same on both
def test_first_pages_are_light_over_the_wire(windows: Windows) -> None:
    stranger = windows.stranger()
    assert _weight(stranger, lambda: stranger.goto("/")) < PUBLIC_BYTES
    page = windows.officer("pembina.kalbar")
    for address in ("/kotak-masuk", "/beranda"):
        fresh = page.context.new_page()
        assert _weight(fresh, lambda at=address, on=fresh: on.goto(at)) < OFFICER_BYTES, address


def _weight(page: Page, visit: Callable[[], Any]) -> int:
    """Bytes as they cross the wire, headers and all, for what the page loads by itself without a cache."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    sizes: list[float] = []
    session.on("Network.loadingFinished", lambda told: sizes.append(told["encodedDataLength"]))
    visit()
    page.wait_for_load_state("networkidle")
    session.detach()
    assert sizes
    return int(sum(sizes))


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)  # the pages are the same on both
def test_axe_finds_nothing_on_the_main_pages(windows: Windows) -> None:
    """Catalogue, inbox, case, recap, verification and the editor in light and in dark, some others in light."""
    found: list[str] = []
    for scheme in ("light", "dark"):
        stranger = windows.stranger(color_scheme=scheme)
        pembina = windows.officer("pembina.kalbar", color_scheme=scheme)
        operator = windows.officer(
            "operator.lapas-iia-pontianak", color_scheme=scheme, viewport={"width": 390, "height": 844}
        )
        kadiv = windows.officer("kadiv.kalbar", color_scheme=scheme)
        for page, addresses in (
            (stranger, ("/", "/verifikasi", "/login/", "/produk/gitar-akustik-kayu-mahoni")),
            (pembina, ("/kotak-masuk", "a case", "/beranda")),
            (operator, ("a returned product", "/produk-saya")),
            (kadiv, ("a recap", "/pembelian/impor")),
        ):
            for address in addresses if scheme == "light" else [one for one in addresses if one in SIX]:
                _open(page, address)
                page.wait_for_load_state("networkidle")
                page.evaluate(AXE.read_text(encoding="utf-8"))
                found += [f"{scheme} {address}: {said}" for said in page.evaluate(ACCESS)]
    assert not found, "\n".join(found)


def _open(page: Page, address: str) -> None:
    if address == "a case":
        page.goto("/kotak-masuk")
        page.goto(page.locator("[data-case]").first.get_attribute("href") or "")
    elif address == "a returned product":
        page.goto("/produk-saya?state=returned")
        page.get_by_role("link", name="Perbaiki").first.click()
    elif address == "a recap":
        page.goto("/rekap")
        page.get_by_text("Periode lain").click()
        page.get_by_label("Tulis periodenya").fill("2024-03")
        page.get_by_role("button", name="Susun", exact=True).click()
        expect(page.get_by_text("Surat sedang dirender")).to_have_count(0, timeout=30_000)
        expect(page.get_by_text("Angka sedang dibekukan")).to_have_count(0, timeout=30_000)
    else:
        page.goto(address)
