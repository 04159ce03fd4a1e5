"""A complaint, an inspection, a finding that the UPT answers, and its being ticked off."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Windows

pytestmark = pytest.mark.journey
PRODUCT = "Kain tenun Sambas 2 m"
UPT = "rutan-iib-sambas"


def test_a_complaint_leads_to_a_finding_that_is_mended(
    windows: Windows, picture: Callable[..., None]
) -> None:
    inspector = windows.officer("pemantau.kalbar")
    inspector.goto("/produk?state=published")
    inspector.get_by_role("link", name=PRODUCT).click()
    inspector.get_by_role("link", name="Periksa sekarang …").click()
    dialog = inspector.get_by_role("dialog")
    dialog.get_by_label("Dari siapa").fill("Pembeli di Singkawang")
    dialog.get_by_label("Isi pengaduan").fill("Warnanya luntur pada cucian pertama.")
    dialog.get_by_role("button", name="Buka pemeriksaan").click()
    expect(inspector.get_by_text("Warnanya luntur pada cucian pertama.")).to_be_visible()
    address = inspector.url

    for question in ("Harga masih wajar", "Stok dan kapasitas benar", "Label terpasang dan benar"):
        inspector.get_by_role("group", name=question).get_by_label("Ya").check()
    inspector.get_by_role("group", name="Mutu masih seperti saat disetujui").get_by_label("Tidak").check()
    inspector.get_by_role("button", name="Simpan dulu").click()
    expect(inspector.get_by_text("Pemeriksaan tersimpan")).to_be_visible()
    picture(inspector, "pengawasan")
    inspector.get_by_role("button", name="Ada temuan …").click()
    dialog = inspector.get_by_role("dialog")
    dialog.get_by_label("Temuan", exact=True).fill("Pewarna luntur; kunci warnanya lebih lama.")
    dialog.get_by_role("button", name="Kirim temuan").click()
    expect(inspector.get_by_text("UPT belum menjawab.")).to_be_visible()

    operator = windows.officer(f"operator.{UPT}")
    operator.goto("/beranda")
    operator.get_by_role("link", name=re.compile("Pewarna luntur")).click()
    operator.get_by_label("Jawaban Anda").fill("Semua kain di gudang sudah dikunci ulang.")
    operator.get_by_role("button", name="Kirim jawaban").click()
    expect(operator.get_by_text("Jawaban terkirim kepada pemeriksa.")).to_be_visible()

    inspector.goto(address)
    expect(inspector.get_by_text("sudah dikunci ulang")).to_be_visible()
    inspector.get_by_role("button", name="Nyatakan selesai").click()
    expect(inspector.get_by_text("1 dari 1 selesai")).to_be_visible()
    inspector.goto("/pengawasan?tab=done")
    expect(inspector.get_by_role("link", name=PRODUCT).first).to_be_visible()
