"""UPT buy from UPT: a need, offers from a neighbour and from another Kanwil, and the purchase that fulfils one."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from tenants.clock import now
from tests.journeys.conftest import Windows
from tests.support.servers import HOUSE

pytestmark = pytest.mark.journey
AXE = HOUSE / "tests" / "journeys" / "vendor" / "axe.min.js"
ACCESS = """async () => (await axe.run(document, {resultTypes: ['violations']})).violations
  .map(v => v.id + ': ' + v.nodes.map(n => n.target).join(' '))"""
BUYER, NEAR, FAR = "lapas-iia-pontianak", "rutan-iib-putussibau", "lapas-i-malang"
SOON = (now().date() + timedelta(days=40)).isoformat()


def _clean(page: Page) -> None:
    """Axe finds nothing, and nothing runs out of a telephone's width."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    assert page.evaluate(ACCESS) == [], page.url
    page.set_viewport_size({"width": 360, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), (
        page.url
    )
    page.set_viewport_size({"width": 1280, "height": 900})


def _offer(page: Page, quantity: str, price: str) -> None:
    page.get_by_label("Jumlah", exact=True).fill(quantity)
    page.get_by_label("Harga tiap satuan").fill(price)
    page.get_by_label("Diserahkan").fill(SOON)
    page.get_by_label("Pesan").fill("Dirakit di bengkel kayu kami.")
    page.get_by_role("button", name="Kirim penawaran").click()
    expect(page.get_by_text("Penawaran terkirim")).to_be_visible()


def _arrived(page: Page, text: str) -> None:
    """What another UPT did comes by a letter, a moment later."""
    for _ in range(20):
        if page.get_by_text(text).count():
            return
        page.wait_for_timeout(500)
        page.reload()
    expect(page.get_by_text(text).first).to_be_visible()


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)  # the pages are the same on both
def test_a_need_becomes_an_agreement_across_kanwil_and_then_a_purchase(
    windows: Windows, picture: Callable[..., None]
) -> None:
    buyer = windows.officer(f"operator.{BUYER}")
    buyer.goto("/kebutuhan")
    _clean(buyer)
    buyer.get_by_role("link", name="Pasang kebutuhan").click()
    _clean(buyer)
    buyer.get_by_label("Yang dibutuhkan").fill("Rak arsip kayu")
    buyer.get_by_label("Kategori").select_option(label="Manufaktur")
    buyer.get_by_label("Kelompok barang").select_option(label="Keperluan perkantoran")
    buyer.get_by_label("Jumlah", exact=True).fill("5")
    buyer.get_by_label("Satuan", exact=True).fill("buah")
    buyer.get_by_label("Paling lambat").fill(SOON)
    buyer.get_by_label("Harga tertinggi").fill("600.000")
    buyer.get_by_label("UPT seluruh Indonesia").check()
    buyer.get_by_role("button", name="Pasang").click()
    shelf = buyer.locator("#cocok")
    expect(shelf.get_by_role("link", name="Rak arsip kayu", exact=True)).to_be_visible()
    address = buyer.url
    shelf.get_by_role("button", name="Ajak menawar Rak arsip besi dan kayu").click()
    expect(shelf.get_by_text("sudah diajak")).to_be_visible()

    near = windows.officer(f"operator.{NEAR}")
    near.goto("/kebutuhan?q=rak+arsip")
    near.get_by_role("link", name="Rak arsip kayu").click()
    _offer(near, "3", "425.000")
    far = windows.officer(f"operator.{FAR}")
    far.goto("/pemberitahuan")
    _arrived(far, "mengajak Anda menawarkan")
    far.get_by_role("link", name=re.compile("mengajak Anda menawarkan Rak arsip kayu")).first.click()
    expect(far.get_by_text("600.000")).to_have_count(0)  # the ceiling stays in the Kanwil
    _clean(far)
    _offer(far, "4", "540.000")

    buyer.goto(address)
    _arrived(buyer, "Lapas I Malang")
    _arrived(buyer, "Rutan IIB Putussibau")
    _clean(buyer)
    picture(buyer, "kebutuhan")
    offers = buyer.locator(".need__offer")
    offers.filter(has_text="Lapas I Malang").get_by_role("button", name="Terima").click()
    expect(buyer.get_by_text("Disepakati dengan Lapas I Malang")).to_be_visible()
    offers.filter(has_text="Rutan IIB Putussibau").get_by_role("button", name="Terima").click()
    expect(buyer.get_by_text("hanya untuk seluruhnya, 3; yang masih dicari 1")).to_be_visible()

    keeper = windows.officer("kadiv.jatim")
    keeper.goto("/pembelian/catat")
    for name, value in {
        "package_id": "EKAT-RAK-1",
        "product_name": "Rak arsip besi dan kayu",
        "buyer_unit": "Lembaga Pemasyarakatan Kelas IIA Pontianak",
        "purchased_on": now().date().isoformat(),
        "quantity": "4",
        "unit_price_rupiah": "540.000",
    }.items():
        keeper.locator(f"#f-{name}").fill(value)
    keeper.locator("#f-upt_id").select_option(label="Lembaga Pemasyarakatan Kelas I Malang")
    keeper.get_by_role("radio", name="Selesai").check()
    keeper.get_by_role("button", name="Catat pembelian").click()
    expect(keeper.get_by_role("heading", name="Rak arsip besi dan kayu")).to_be_visible()

    far.goto("/kebutuhan?tab=penawaran")
    far.get_by_role("link", name="Rak arsip kayu").click()
    _arrived(far, "Paket e-Katalog yang memenuhi")
    far.get_by_role("button", name="Ini paketnya EKAT-RAK-1").click()
    expect(far.get_by_text("terpenuhi · 4 buah")).to_be_visible()
    far.get_by_text("Bagikan kontak …").click()
    far.get_by_label("Telepon").fill("0812 3456 7890")
    far.get_by_role("button", name="Saya bersedia, bagikan").click()
    _clean(far)
    buyer.goto(address)
    _arrived(buyer, "EKAT-RAK-1")
    _arrived(buyer, "bersedia berbagi kontak")
    buyer.get_by_text("Bagikan kontak …").click()
    buyer.get_by_label("Surel").fill("lapas@contoh.go.id")
    buyer.get_by_role("button", name="Saya bersedia, bagikan").click()
    _arrived(buyer, "0812 3456 7890")
    windows.stranger().goto("/kebutuhan")
    kadiv = windows.officer("kadiv.kalbar")
    kadiv.goto("/kebutuhan/ikhtisar")
    expect(kadiv.get_by_role("row", name=re.compile("Lapas IIA Pontianak"))).to_contain_text("2")
    _clean(kadiv)
