"""A Kadiv adds a parallel step, tries it on what was decided, publishes it; the centre's lock holds; cases go on."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Windows

pytestmark = pytest.mark.journey
BRANCHES = (("Kajian pasar", "Kepala Divisi Pemasyarakatan"), ("Kajian mutu", "Kepala Kantor Wilayah"))


def test_a_kadiv_designs_tries_and_publishes_a_workflow(windows: Windows) -> None:
    kadiv = windows.officer("kadiv.kalbar")
    kadiv.goto("/pengaturan/alur")
    kadiv.get_by_role("link", name="Ubah alur produk").click()
    _add_the_review(kadiv)
    _look(kadiv, "editor")
    kadiv.get_by_role("button", name="Simulasikan").click()
    expect(
        kadiv.get_by_role("heading", name=re.compile(r"^\d+ dari \d+ kasus akan berjalan lain"))
    ).to_be_visible()
    expect(kadiv.get_by_text("kasus akan melewati tahap tambahan Kajian harga").first).to_be_visible()
    _look(kadiv, "simulasi")
    kadiv.get_by_role("link", name="Kembali ke konsep").click()
    _refused_without_the_locked_stage(kadiv)
    kadiv.get_by_role("button", name="Terbitkan").click()
    expect(kadiv.get_by_text("Versi 2 diterbitkan")).to_be_visible()
    expect(kadiv.locator("#product").get_by_role("row", name=re.compile("^Versi 1"))).to_contain_text("11")
    kadiv.get_by_role("link", name="Versi 2", exact=True).click()
    expect(kadiv.locator(".diff")).to_contain_text("key: kajian_harga")
    kadiv.set_viewport_size({"width": 390, "height": 844})
    assert kadiv.evaluate("document.documentElement.scrollWidth") <= 390
    _look(kadiv, "versi-390")
    kadiv.goto("/pengaturan/alur/product")
    assert kadiv.evaluate("document.documentElement.scrollWidth") <= 390
    _look(kadiv, "editor-390")

    pembina = windows.officer("pembina.kalbar")
    pembina.goto("/kotak-masuk")
    pembina.locator("[data-case]").first.dblclick()
    pembina.locator("#alur summary").click()
    drawn = pembina.locator("#alur svg.flow")
    expect(drawn).to_be_visible()
    expect(drawn.locator("[data-state=now]")).to_contain_text("Pembinaan")
    expect(drawn).not_to_contain_text("Kajian pasar")  # under way: it stays with the version it began with
    _look(pembina, "kasus")


def _add_the_review(page: Page) -> None:
    page.get_by_role("button", name="Tambah blok sejajar").click()
    expect(page.get_by_text("hal perlu diperbaiki sebelum terbit").first).to_be_visible()
    block = page.get_by_role("group", name=re.compile("Blok sejajar baru"))
    block.get_by_label("Nama blok").fill("Kajian harga")
    block.get_by_label("Hanya bila").first.fill("price_rupiah >= 100_000")
    for number, (name, role) in enumerate(BRANCHES):
        place = f"stages[3].parallel[{number}]"
        page.locator(f'[name="{place}.name"]').fill(name)
        page.locator(f'[name="{place}.role"]').select_option(label=role)
    page.get_by_label("Kuorum").select_option(label="satu cukup")
    page.locator('button[value="up:stages[3]"]').click()
    expect(page.get_by_text("Konsep disimpan dan siap diterbitkan.")).to_be_visible()
    expect(page.locator("#gambar svg.flow")).to_contain_text("Kajian pasar")


def _refused_without_the_locked_stage(page: Page) -> None:
    """The centre locked it: the draft keeps what was done, publication says why not, and it comes back."""
    page.get_by_role("button", name="YAML").click()
    text = page.get_by_label("Alur sebagai YAML")
    whole = text.input_value()
    text.fill(whole.split("- key: pengendalian")[0])
    page.get_by_role("button", name="Terbitkan").click()
    expect(page.get_by_text("Tahap Pengendalian dikunci Pusat dan tidak boleh dihapus.")).to_be_visible()
    text.fill(whole)


def _look(page: Page, name: str) -> None:
    """A picture for whoever asks for one (KARYA_LOOK names the folder)."""
    folder = os.environ.get("KARYA_LOOK")
    if folder:
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)
