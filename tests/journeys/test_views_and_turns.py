"""The inbox made one's own, a case given to a colleague, and a stage that gives an opinion and decides nothing."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Windows

pytestmark = pytest.mark.journey
OPINION = "Izin edar dua varian belum diperbarui."


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)  # the pages are the same on both
def test_filters_are_kept_under_a_name_and_open_the_inbox(windows: Windows) -> None:
    page = windows.officer("pembina.kalbar")
    page.goto("/kotak-masuk?tab=saya")
    all_of_them = page.locator("[data-case]").count()
    page.get_by_label("Kategori").select_option(value="craft")
    page.get_by_role("button", name="Terapkan").click()
    expect(page).to_have_url(re.compile("kategori=craft"))
    few = page.locator("[data-case]").count()
    assert 0 < few < all_of_them
    _views(page)
    page.get_by_label("Simpan saringan halaman ini sebagai").fill("Kriya saja")
    page.get_by_label("Buka kotak masuk dengan tampilan ini").check()
    page.get_by_role("button", name="Simpan", exact=True).click()
    expect(page.get_by_text("Tampilan Kriya saja disimpan.")).to_be_visible()
    page.goto("/beranda")
    page.get_by_role("link", name=re.compile("^Kotak masuk")).first.click()
    expect(page.locator("[data-case]")).to_have_count(few)
    _views(page)
    one = page.locator(".views__one", has_text="Kriya saja")
    expect(one).to_contain_text("pembuka")
    one.locator("summary").click()
    one.get_by_label("Nama tampilan").fill("Kerajinan")
    one.get_by_role("button", name="Ganti nama").click()
    _views(page)
    one = page.locator(".views__one", has_text="Kerajinan")
    one.locator("summary").click()
    one.get_by_role("button", name="Hapus").click()
    page.goto("/kotak-masuk")
    expect(page.locator("[data-case]")).to_have_count(all_of_them)


def _views(page: Page) -> None:
    page.wait_for_load_state("networkidle")
    page.get_by_role("button", name="Tampilan tersimpan").click()
    expect(page.get_by_role("dialog", name="Tampilan tersimpan")).to_be_visible()


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_the_kadiv_gives_a_case_to_an_officer_and_takes_it_back(windows: Windows) -> None:
    kadiv, pembina = windows.officer("kadiv.kalbar"), windows.officer("pembina.kalbar")
    pembina.goto("/kotak-masuk?tab=saya")
    row = pembina.locator("[data-case]").first
    address, title = str(row.get_attribute("href")), row.locator(".case-row__title").inner_text()
    kadiv.goto(address)
    kadiv.get_by_role("link", name="Alihkan …").click()
    expect(kadiv.get_by_role("heading", name="Alihkan kasus")).to_be_visible()
    kadiv.get_by_role("button", name="Alihkan", exact=True).click()  # to nobody: asked again
    expect(kadiv.locator(".field__error").first).to_be_visible()
    kadiv.get_by_label("Alihkan kepada").select_option(index=1)
    kadiv.get_by_role("button", name="Alihkan", exact=True).click()
    expect(kadiv.get_by_text(re.compile("Kasus ini ditugaskan kepada")).first).to_be_visible()
    pembina.goto("/pemberitahuan")
    expect(pembina.get_by_role("main")).to_contain_text(title)
    pembina.goto("/kotak-masuk?tab=saya")
    expect(pembina.locator(f'[data-case][href="{address}"]')).to_contain_text("Anda pegang")
    pembina.goto(address)
    expect(pembina.get_by_role("button", name="Lepas")).to_have_count(
        0
    )  # what was given is the Kadiv's to take
    expect(pembina.get_by_role("button", name="Setujui", exact=True)).to_be_visible()
    kadiv.get_by_role("button", name="Lepas").click()
    expect(kadiv.get_by_text(re.compile("Kasus ini ditugaskan kepada"))).to_have_count(0)
    pembina.reload()
    expect(pembina.get_by_role("button", name="Ambil")).to_be_visible()


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_a_stage_gives_an_opinion_which_who_decides_reads(windows: Windows) -> None:
    _asks_for_an_opinion(windows.officer("kadiv.kalbar"))
    operator = windows.officer("operator.lapas-iia-pontianak")
    operator.goto("/produk-saya")
    operator.get_by_role("row", name="Kaus enggang").get_by_role("link", name="Perbaiki").click()
    operator.wait_for_load_state("networkidle")
    operator.get_by_label("Jawaban Anda").first.fill("Sudah diperbaiki.")
    operator.get_by_role("button", name="Ajukan revisi 2").click()
    expect(operator.get_by_text("Revisi 2 sudah diajukan")).to_be_visible()

    adviser = windows.officer("pemantau.kalbar", viewport={"width": 360, "height": 740})
    adviser.goto("/kotak-masuk?tab=saya")
    row = adviser.locator("[data-case]", has_text="Kaus enggang").first
    expect(row).to_contain_text("pendapat")
    adviser.goto(str(row.get_attribute("href")))
    adviser.wait_for_load_state("networkidle")
    assert adviser.evaluate("document.documentElement.scrollWidth") <= 360
    panel = adviser.locator("#keputusan")
    expect(panel).to_contain_text("Tahap ini tidak memutuskan.")
    for word in ("Setujui", "Kembalikan …", "Tolak …"):
        expect(panel.get_by_role("button", name=word)).to_have_count(0)
    adviser.get_by_role("button", name="Kirim pendapat").click(force=True)  # dead until something is written
    expect(adviser.get_by_label("Pendapat Anda")).to_be_focused()
    adviser.keyboard.type(OPINION)
    adviser.get_by_role("button", name="Kirim pendapat").click()
    expect(adviser.get_by_text("Anda memberi pendapat atas Kaus enggang")).to_be_visible()

    pembina = windows.officer("pembina.kalbar")
    pembina.goto("/kotak-masuk?tab=saya")
    pembina.locator("[data-case]", has_text="Kaus enggang").first.dblclick()
    expect(pembina.locator("#pendapat")).to_contain_text(OPINION)
    expect(pembina.locator(".history li").first).to_contain_text("memberi pendapat pada telaah hukum")
    expect(pembina.get_by_role("button", name="Setujui", exact=True)).to_be_visible()
    operator.goto(pembina.url)
    expect(operator.locator("#pendapat")).to_contain_text(OPINION)


def _asks_for_an_opinion(page: Page) -> None:
    """A first stage of the products' workflow that only gives an opinion; as the last one it is refused."""
    page.goto("/pengaturan/alur/product")
    page.get_by_role("button", name="Tambah tahap", exact=True).click()
    page.locator('[name="stages[3].name"]').fill("Telaah hukum")
    page.locator('[name="stages[3].role"]').select_option(label="Pemantau")
    page.locator('[name="stages[3].decides"]').select_option(label="memberi pendapat saja")
    page.get_by_role("button", name="Terbitkan").click()
    expect(page.get_by_text(re.compile("Setelah tahap pendapat harus ada tahap")).first).to_be_visible()
    for place in (3, 2, 1):
        page.locator(f'button[value="up:stages[{place}]"]').click()
        expect(page.locator(f'button[value="down:stages[{place - 1}]"]')).to_contain_text("Telaah hukum")
    expect(page.locator("#gambar svg.flow")).to_contain_text("hanya pendapat")
    page.get_by_role("button", name="Terbitkan").click()
    expect(page.get_by_text("Versi 2 diterbitkan")).to_be_visible()
