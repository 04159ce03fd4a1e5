"""Other ways of working: the keyboard alone, a telephone, no JavaScript, another tongue's scripts in a text."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Windows

pytestmark = pytest.mark.journey
NARROW = {"viewport": {"width": 360, "height": 740}}
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)  # the pages are the same on both
def test_the_inbox_is_worked_by_keyboard_alone(windows: Windows) -> None:
    """J and K move, the preview follows, Enter opens, B asks for changes, S goes to the decision."""
    page = windows.officer("pembina.kalbar")
    page.goto("/kotak-masuk")
    titles = page.locator("[data-case] .case-row__title")
    first, second = titles.nth(0).inner_text(), titles.nth(1).inner_text()
    shown = page.locator("#preview h2")
    expect(shown).to_have_text(first)
    page.keyboard.press("j")
    expect(shown).to_have_text(second)
    expect(page.locator("[data-case]:focus")).to_contain_text(second)
    page.keyboard.press("k")
    expect(shown).to_have_text(first)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Pintasan papan ketik")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    expect(shown).to_have_text(second)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=second, level=1)).to_be_visible()
    page.go_back()
    expect(shown).to_be_visible()
    page.keyboard.press("s")
    expect(page).to_have_url(re.compile(r"/kasus/\d+#keputusan"))
    expect(page.get_by_role("button", name="Setujui", exact=True)).to_be_visible()
    page.go_back()
    expect(shown).to_be_visible()
    page.keyboard.press("b")
    dialog = page.get_by_role("dialog", name="Kembalikan ke UPT")
    expect(dialog).to_be_visible()
    _reach(page, "Isian")
    page.keyboard.press("h")  # Harga satuan
    _reach(page, "Permintaan")
    page.keyboard.type("Sesuaikan dengan harga pasar.")
    _reach(page, "Alasan")
    page.keyboard.type("Harga belum wajar.")
    _reach(page, "Kembalikan")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="Anda mengembalikan")).to_be_visible()


def _reach(page: Page, name: str) -> None:
    """Press Tab until the element of this name has the focus, which must be seen."""
    for _ in range(25):
        here = page.evaluate(
            "() => { const e = document.activeElement;"
            " return (e.labels?.[0]?.textContent || e.getAttribute('aria-label') || e.textContent || '').trim() }"
        )
        if here == name:
            outline = page.evaluate(
                "() => { const s = getComputedStyle(document.activeElement);"
                " return s.outlineStyle !== 'none' || s.boxShadow !== 'none' }"
            )
            assert outline, f"nobody sees that {name} has the focus"
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{name} can't be reached with Tab")


PAGES = (
    ("", ("/", "/verifikasi", "/upt", "/kampanye")),
    ("pembina.kalbar", ("/beranda", "/kotak-masuk", "case", "/produk")),
    ("operator.lapas-iia-pontianak", ("/beranda", "/produk-saya", "editor")),
    ("kadiv.kalbar", ("/beranda", "/rekap", "/pembelian/impor", "/rekap/kendala/baru")),
    ("dirjen", ("/beranda", "/rekap-masuk")),
)


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)  # the pages are the same on both
def test_nothing_scrolls_sideways_at_360_pixels(windows: Windows) -> None:
    too_wide = []
    for username, addresses in PAGES:
        page = windows.officer(username, **NARROW) if username else windows.stranger(**NARROW)
        for address in addresses:
            _open(page, address)
            width = page.evaluate("document.documentElement.scrollWidth")
            if width > 360:
                too_wide.append(f"{username} {address}: {width}")
    assert not too_wide


def _open(page: Page, address: str) -> None:
    """An address, or the words `case` and `editor`."""
    if address == "case":
        page.goto("/kotak-masuk")
        page.goto(page.locator("[data-case]").first.get_attribute("href") or "")
    elif address == "editor":
        page.goto("/produk-saya?state=returned")
        page.get_by_role("link", name="Perbaiki").first.click()
        page.wait_for_load_state()
    else:
        page.goto(address)


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)  # the pages are the same on both
def test_the_inbox_and_its_decision_at_360_pixels(windows: Windows) -> None:
    """A tap opens the case at once; the decision can be given without a wide screen."""
    page = windows.officer("pembina.kalbar", **NARROW | {"has_touch": True})
    page.goto("/kotak-masuk")
    row = page.locator("[data-case]").first
    title = row.locator(".case-row__title").inner_text()
    row.tap()
    expect(page.get_by_role("heading", name=title, level=1)).to_be_visible()
    page.wait_for_load_state()
    for box in page.locator("form[data-decision] .ticks input[type=checkbox]").all():
        box.check()
    for box in page.locator("form[data-decision] textarea[data-required]").all():
        box.fill("Bahan dan ukurannya lain dari pembanding.")
    page.get_by_role("button", name="Setujui", exact=True).tap()
    expect(page.get_by_text("Anda menyetujui")).to_be_visible()


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)  # the pages are the same on both
def test_the_editor_on_a_telephone(windows: Windows, goods: Callable[[str], Path]) -> None:
    """The bar stays at the bottom, what is typed is kept by itself, a photo is one tap away."""
    page = windows.officer("operator.rutan-iia-pontianak", **PHONE)
    page.goto("/produk-saya/baru")
    page.get_by_label("Nama produk").fill("Keranjang bambu")
    page.get_by_role("button", name="Mulai konsep").tap()
    submit = page.get_by_role("button", name="Ajukan revisi 1")
    expect(submit).to_be_in_viewport()
    page.wait_for_load_state()
    page.get_by_label("Harga satuan", exact=True).fill("Rp45.000")
    expect(page.locator("[data-saved]")).to_contain_text("tersimpan")
    page.get_by_label("Tambah foto").set_input_files(goods("keranjang-plastik"))
    expect(page.get_by_role("img", name=re.compile("^Foto "))).to_be_visible()
    page.wait_for_function("!document.querySelector('.photo__state')")
    page.wait_for_timeout(1500)
    page.reload()
    expect(page.get_by_label("Harga satuan", exact=True)).to_have_value(re.compile(r"45\.?000"))
    expect(page.get_by_role("img", name=re.compile("^Foto "))).to_be_visible()


def test_a_product_is_submitted_and_decided_without_javascript(
    windows: Windows, goods: Callable[[str], Path]
) -> None:
    """The forms do all of it by themselves: photo, second row of evidence, refusal with its reasons, return."""
    page = windows.officer("operator.lpka-ii-sungai-raya", java_script_enabled=False)
    page.goto("/produk-saya/baru")
    page.get_by_label("Nama produk").fill("Gelang manik Dayak")
    page.get_by_role("button", name="Mulai konsep").click()
    page.get_by_role("button", name="Ajukan revisi 1").click()
    expect(page.get_by_role("alert")).to_contain_text("perlu diperbaiki")
    page.get_by_label("Tambah foto").set_input_files(goods("cukli"))
    page.get_by_label("Harga satuan", exact=True).fill("60.000")
    page.get_by_label("Uraian", exact=True).fill(
        "Gelang manik kaca, dirangkai tangan dengan motif perisai Dayak."
    )
    page.get_by_role("group", name="Kelompok barang").get_by_label("Kerajinan").check()
    page.get_by_label("Kategori", exact=True).select_option(label="Kriya")
    page.get_by_label("Jangkauan pasar", exact=True).select_option(label="Lokal")
    for label, value in {
        "Satuan": "buah",
        "Kapasitas sebulan": "40",
        "Stok": "0",
        "Waktu pengerjaan": "5",
        "Bahan": "Manik kaca",
    }.items():
        page.get_by_label(label, exact=True).fill(value)
    for number, (source, on, price) in enumerate(
        (("Toko Sungai Raya", "2024-03-01", "58000"), ("Pasar Flamboyan", "2024-03-02", "61000"))
    ):
        if page.locator("[data-evidence-row]").count() <= number:
            page.get_by_role("button", name="Tambah pembanding").click()
        row = page.locator("[data-evidence-row]").nth(number)
        row.get_by_label("Sumber").fill(source)
        row.get_by_label("Tanggal").fill(on)
        row.get_by_label("Harga").fill(price)
    page.get_by_role("button", name="Ajukan revisi 1").click()
    expect(page.get_by_text("Revisi 1 sudah diajukan")).to_be_visible()

    pembina = windows.officer("pembina.kalbar", java_script_enabled=False)
    pembina.goto("/kotak-masuk")
    pembina.get_by_role("link", name=re.compile("Gelang manik Dayak")).first.click()
    pembina.get_by_role("button", name="Setujui", exact=True).click()
    expect(pembina.get_by_role("heading", name="Gelang manik Dayak", level=1)).to_be_visible()
    expect(pembina.locator("form[data-decision]")).to_contain_text(
        re.compile("belum dijawab|Jawab", re.IGNORECASE)
    )
    for box in pembina.locator("form[data-decision] .ticks input[type=checkbox]").all():
        box.check()
    for box in pembina.locator("form[data-decision] textarea[data-required]").all():
        box.fill("Pembanding sedikit.")
    pembina.get_by_role("button", name="Setujui", exact=True).click()
    expect(pembina.get_by_text("Anda menyetujui Gelang manik Dayak")).to_be_visible()


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)  # the pages are the same on both
def test_markup_in_a_text_is_text(windows: Windows, goods: Callable[[str], Path]) -> None:
    """Scripts and tags in names, texts, answers and obstacles are shown as they were typed, and never run."""
    sly = '<script>document.title="BOBOL"</script><img src=x onerror=alert(1)> <b>tebal</b>'
    page = windows.officer("operator.rutan-iib-sanggau")
    page.goto("/produk-saya/baru")
    page.get_by_label("Nama produk").fill(f"Madu {sly}")
    page.get_by_role("button", name="Mulai konsep").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Madu {sly}")
    page.wait_for_load_state()
    page.get_by_label("Uraian", exact=True).fill(
        f"Uraian dengan {sly} dan [tautan](javascript:alert(1)) di dalamnya."
    )
    page.get_by_label("Bahan").fill(sly)
    expect(page.locator("[data-saved]")).to_contain_text("tersimpan")
    page.wait_for_timeout(1500)
    for address in (page.url, f"{page.url}/pratinjau", "/produk-saya"):
        page.goto(address)
        expect(page.get_by_text("<b>tebal</b>").first).to_be_visible()
        assert page.title() != "BOBOL"
        assert page.locator("img[src='x'], a[href^='javascript']").count() == 0
