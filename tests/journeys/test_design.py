"""A Kadiv adds a parallel step carried by two of three for dear products, tries it on what was decided, publishes it;
the centre's lock holds; what is under way ends on the old version, what comes takes the new."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.journeys.conftest import Windows

pytestmark = pytest.mark.journey
BRANCHES = (
    ("Kajian pasar", "Kepala Divisi Pemasyarakatan"),
    ("Kajian mutu", "Kepala Kantor Wilayah"),
    ("Kajian bahan", "Pemantau"),
)


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)  # the pages are the same on both
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

    _ends_on_the_old(windows.officer("pengendali.kalbar"))
    _begins_on_the_new(windows)


def _ends_on_the_old(page: Page) -> None:
    """Dear enough for the review, but under way: it is published without it."""
    page.goto("/kotak-masuk")
    page.locator("[data-case]", has_text="Lukisan tidayu").first.dblclick()
    drawn = _drawn(page, "versi 1")
    expect(drawn.locator("[data-state=now]")).to_contain_text("Pengendalian")
    expect(drawn).not_to_contain_text("Kajian pasar")
    _look(page, "kasus")
    page.wait_for_load_state("networkidle")
    for box in page.locator("form[data-decision] input[type=checkbox]").all():
        box.check()
    page.get_by_role("button", name="Setujui", exact=True).click()
    expect(page.get_by_text("Anda menyetujui Lukisan tidayu")).to_be_visible()


def _begins_on_the_new(windows: Windows) -> None:
    """A revision that comes now waits for the three of the review, and for nobody once two of them agree."""
    operator = windows.officer("operator.lapas-iia-pontianak")
    operator.goto("/produk-saya")
    operator.get_by_role("row", name="Kaus enggang").get_by_role("link", name="Perbaiki").click()
    operator.wait_for_load_state("networkidle")
    operator.get_by_label("Jawaban Anda").first.fill("Sudah diperbaiki.")
    operator.get_by_role("button", name="Ajukan revisi 2").click()
    expect(operator.get_by_text("Revisi 2 sudah diajukan")).to_be_visible()
    for username, stage, still in (
        ("kadiv.kalbar", "Kajian pasar", 3),
        ("kakanwil.kalbar", "Kajian mutu", 2),
    ):
        page = windows.officer(username)
        page.set_viewport_size({"width": 1280, "height": 900})
        page.goto("/kotak-masuk?tab=saya")
        page.locator("[data-case]", has_text="Kaus enggang").first.dblclick()
        drawn = _drawn(page, "versi 2")
        expect(drawn.locator("[data-state=now]")).to_have_count(still)
        expect(drawn).to_contain_text("sejajar, 2 dari 3 setuju")
        expect(page.get_by_role("heading", name=f"Keputusan {stage.lower()}")).to_be_visible()
        page.wait_for_load_state("networkidle")
        page.get_by_role("button", name="Setujui", exact=True).click()
        expect(page.get_by_text("Anda menyetujui Kaus enggang")).to_be_visible()
    pembina = windows.officer("pembina.kalbar")
    pembina.goto("/kotak-masuk")
    pembina.locator("[data-case]", has_text="Kaus enggang").first.dblclick()
    drawn = _drawn(pembina, "versi 2")
    expect(drawn.locator("[data-state=now]")).to_contain_text("Pembinaan")
    _look(pembina, "kasus-baru")


def _drawn(page: Page, version: str) -> Locator:
    """The picture of the workflow on a case's page."""
    fold = page.locator("#alur summary")
    expect(fold).to_contain_text(version)
    fold.click()
    drawn = page.locator("#alur svg.flow")
    expect(drawn).to_be_visible()
    return drawn


def _add_the_review(page: Page) -> None:
    page.get_by_role("button", name="Tambah blok sejajar").click()
    expect(page.get_by_text("hal perlu diperbaiki sebelum terbit").first).to_be_visible()
    block = page.get_by_role("group", name=re.compile("Blok sejajar baru"))
    block.get_by_label("Nama blok").fill("Kajian harga")
    block.get_by_label("Hanya bila").first.fill("price_rupiah >= 60_000")
    page.get_by_role("button", name="Tambah tahap sejajar").click()
    for number, (name, role) in enumerate(BRANCHES):
        place = f"stages[3].parallel[{number}]"
        page.locator(f'[name="{place}.name"]').fill(name)
        page.locator(f'[name="{place}.role"]').select_option(label=role)
    page.get_by_label("Kuorum").select_option(label="2 dari 3")
    for place in (3, 2, 1):
        page.locator(f'button[value="up:stages[{place}]"]').click()
        expect(page.locator(f'button[value="down:stages[{place - 1}]"]')).to_contain_text("Kajian harga")
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
