"""What goes out to other systems and what comes in by the sheet: a webhook's life, and products from a template."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.catalogue.sheets import WHOLE, filled
from tests.journeys.conftest import Windows
from tests.support.receivers import receiving

pytestmark = pytest.mark.journey


def test_an_admin_connects_a_system_and_it_hears_of_a_test_message(windows: Windows) -> None:
    """Registered, the secret copied, tested; the receiver verifies; a new secret; taken away by keyboard alone."""
    with receiving() as receiver:
        windows.server.stop()
        windows.server.extra["KARYA_WEBHOOK_ALLOW"] = receiver.origin
        windows.server.start()
        page = windows.officer("admin.kalbar")
        page.goto("/pengaturan")
        page.get_by_role("link", name="Webhook", exact=True).click()
        page.get_by_role("link", name="Webhook baru").click()
        page.get_by_label("Alamat penerima").fill("https://192.168.1.1/dalam")
        page.get_by_label("Kasus diajukan").check()
        page.get_by_role("button", name="Daftarkan").click()
        expect(page.get_by_role("alert")).to_contain_text("jaringan dalam")
        expect(page.get_by_label("Kasus diajukan")).to_be_checked()
        page.get_by_label("Alamat penerima").fill(receiver.origin + "/karya")
        page.get_by_role("button", name="Daftarkan").click()
        secret = page.locator("code", has_text="whsec_").inner_text()
        page.get_by_role("link", name="Sudah saya salin").click()
        page.get_by_role("button", name="Uji kirim").click()
        until = time.monotonic() + 30
        while not receiver.heard and time.monotonic() < until:
            time.sleep(0.2)
        assert [one.event for one in receiver.heard] == ["ping"]
        assert receiver.heard[0].verifies(secret)
        expect(page.locator("body")).not_to_contain_text(secret)
        page.reload()
        expect(page.get_by_role("row").filter(has_text="Pesan uji")).to_contain_text("diterima")
        page.get_by_role("link", name="Ganti rahasia …").click()
        page.get_by_role("button", name="Buat rahasia baru").click()
        expect(page.locator("code", has_text="whsec_")).not_to_have_text(secret)
        page.get_by_role("link", name="Sudah saya salin").click()
        page.get_by_role("link", name="Hapus …").press("Enter")
        page.get_by_role("button", name="Hapus webhook").press("Enter")
        expect(page.get_by_role("heading", name="Belum ada webhook")).to_be_visible()


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)  # the pages are the same on both
def test_an_operator_fills_a_template_on_a_narrow_screen(windows: Windows, tmp_path: Path) -> None:
    """Downloaded, filled, previewed with what is wrong in which row, and the good rows are drafts."""
    page = windows.officer("operator.lapas-iia-pontianak", viewport={"width": 360, "height": 740})
    page.goto("/produk-saya")
    page.get_by_role("link", name="Impor dari Excel").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Unduh templat").click()
    assert download.value.suggested_filename == "templat-produk.xlsx"
    file = tmp_path / "triwulan.xlsx"
    file.write_bytes(filled(WHOLE, {**WHOLE, "name": "Bangku lipat", "stock": "banyak"}))
    page.set_input_files("[name=file]", file)
    page.get_by_role("button", name="Lihat pratinjau").click()
    expect(page.get_by_role("row").filter(has_text="Bangku lipat")).to_contain_text("perlu diperbaiki")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.get_by_role("button", name="Buat konsep dari baris terpilih").click()
    expect(page.get_by_role("status").filter(has_text="1 konsep dibuat")).to_be_visible()
    page.get_by_role("link", name="Lihat konsep saya").click()
    page.get_by_role("link", name=re.compile("Keranjang rotan")).first.click()
    expect(page.get_by_label("Nama produk")).to_have_value("Keranjang rotan")
