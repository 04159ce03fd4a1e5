"""A product's way from the UPT's draft through three stages onto the public shelf, with one return on the way."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Windows

pytestmark = pytest.mark.journey
PHOTO = re.compile(r"^Foto ")
NAME = "Tas anyaman resam"
UPT = "lapas-iia-pontianak"
ASKED = "Di atas harga pasar. Sesuaikan dengan pembanding."
ANSWER = "Disesuaikan dengan harga pasar Sudirman."


def test_a_product_is_drafted_returned_mended_approved_and_public(
    windows: Windows, goods: Callable[[str], Path], picture: Callable[..., None]
) -> None:
    operator = windows.officer(f"operator.{UPT}")
    product = _draft(operator, goods)
    _submitted_too_early(operator)
    _complete(operator)
    operator.get_by_role("button", name="Ajukan revisi 1").click()
    expect(operator.get_by_text("Revisi 1 sudah diajukan")).to_be_visible()

    case = _returned_by_pembina(windows.officer("pembina.kalbar"), picture)
    _mended_by_operator(operator, product, picture)
    second = _approved_by_pembina(windows.officer("pembina.kalbar"), picture)
    _approved_by_pemantau(windows.officer("pemantau.kalbar"), second)
    stranger = windows.stranger()
    stranger.goto("/katalog?q=anyaman+resam")
    expect(stranger.get_by_role("link", name=NAME)).to_have_count(0)
    _approved_by_pengendali(windows.officer("pengendali.kalbar"), second)

    stranger.reload()  # at once: publication is part of the decision
    stranger.get_by_role("link", name=NAME).click()
    expect(stranger.get_by_role("heading", name=NAME, level=1)).to_be_visible()
    expect(stranger.get_by_text("Rp96.000").first).to_be_visible()
    assert len(stranger.context.cookies()) == 0
    _out_of_reach(windows, [f"/kasus/{case}", f"/kasus/{second}", f"/produk-saya/{product}/pratinjau"])


def _draft(page: Page, goods: Callable[[str], Path]) -> int:
    """A name first, then the editor; two photos by the camera's button."""
    page.goto("/produk-saya")
    page.get_by_role("link", name="Produk baru").first.click()
    page.get_by_label("Nama produk").fill(NAME)
    page.get_by_role("button", name="Mulai konsep").click()
    expect(page.get_by_role("heading", name=NAME, level=1)).to_be_visible()
    page.wait_for_load_state()
    page.get_by_label("Tambah foto").set_input_files([goods("tas-anyaman"), goods("keranjang-plastik")])
    expect(page.get_by_role("img", name=PHOTO)).to_have_count(2)
    expect(page.locator(".photo__state")).to_have_count(0)
    return int(page.url.rsplit("/", 1)[1].split("?")[0])


def _submitted_too_early(page: Page) -> None:
    """Each field's error stands beside it, and nothing that was typed is lost."""
    price = page.get_by_label("Harga satuan", exact=True)
    price.fill("seratus ribu")
    page.get_by_label("Uraian", exact=True).fill("Tas.")
    page.get_by_role("button", name="Ajukan revisi 1").click()
    expect(page.get_by_role("alert")).to_contain_text("isian yang perlu diperbaiki")
    page.wait_for_load_state()
    expect(page.locator('[data-field="price_rupiah"]')).to_contain_text("Tulis harga dalam rupiah bulat")
    expect(page.locator('[data-field="description"] .field__error')).to_be_visible()
    expect(page.locator('[data-field="price_evidence"] .field__error').first).to_be_visible()
    expect(page.locator('[data-field="group"] .field__error')).to_be_visible()
    expect(price).to_have_value("seratus ribu")
    expect(page.get_by_label("Uraian", exact=True)).to_have_value("Tas.")
    expect(page.get_by_role("img", name=PHOTO)).to_have_count(2)


def _complete(page: Page) -> None:
    """Everything that the pembina will ask for; the price is still too high."""
    page.get_by_label("Harga satuan", exact=True).fill("Rp130.000")
    _evidence(page, ("Pasar Sudirman", "2024-03-14", "92.000"), ("INAPROC", "2024-03-15", "101.000"))
    page.get_by_label("Uraian", exact=True).fill(
        "Tas anyaman tangan dari resam, ukuran 35 × 28 cm, tali kulit sapi."
    )
    page.get_by_role("group", name="Kelompok barang").get_by_label("Kerajinan").check()
    page.get_by_label("Kategori", exact=True).select_option(label="Kriya")
    page.get_by_label("Jangkauan pasar", exact=True).select_option(label="Nasional")
    for label, value in {
        "Satuan": "buah",
        "Kapasitas sebulan": "120",
        "Stok": "15",
        "Waktu pengerjaan": "7",
        "Bahan": "Resam dari Kubu Raya, kulit sapi",
    }.items():
        page.get_by_label(label, exact=True).fill(value)
    expect(page.get_by_text("100 % lengkap")).to_be_visible()
    expect(page.locator("[data-saved]")).to_contain_text("tersimpan")


def _evidence(page: Page, *rows: tuple[str, str, str]) -> None:
    place = page.locator("[data-evidence]")
    for number, (source, on, price) in enumerate(rows):
        if place.locator("[data-evidence-row]").count() <= number:
            place.get_by_role("button", name="Tambah pembanding").click()
        row = place.locator("[data-evidence-row]").nth(number)
        row.get_by_label("Sumber").fill(source)
        row.get_by_label("Tanggal").fill(on)
        row.get_by_label("Harga").fill(price)


def _returned_by_pembina(page: Page, picture: Callable[..., None]) -> int:
    """It stands in the inbox with its deadline in words; a return names a field and what should change."""
    page.goto("/kotak-masuk")
    row = page.locator("[data-case]", has_text=NAME)
    expect(row).to_contain_text(re.compile(r"hari kerja|sampai"))
    picture(page, "kotak-masuk")
    row.dblclick()
    expect(page.get_by_role("heading", name=NAME, level=1)).to_be_visible()
    page.wait_for_load_state()
    case = int(page.url.split("/kasus/")[1].split("#")[0])
    expect(page.get_by_role("button", name="Setujui", exact=True)).to_have_attribute("aria-disabled", "true")
    for tick in ("Kelompok barang memenuhi syarat", "Uraian benar dan lengkap"):
        page.get_by_label(tick).check()
    expect(page.locator("[data-missing]")).to_contain_text("belum dijawab")
    page.get_by_role("button", name="Kembalikan …").click()
    dialog = page.get_by_role("dialog", name="Kembalikan ke UPT")
    dialog.get_by_label("Isian", exact=True).select_option(label="Harga satuan")
    dialog.get_by_label("Permintaan", exact=True).fill(ASKED)
    dialog.get_by_label("Alasan", exact=True).fill("Harganya belum wajar.")
    dialog.get_by_role("button", name="Kembalikan", exact=True).click()
    expect(page.get_by_text(f"Anda mengembalikan {NAME}")).to_be_visible()
    return case


def _mended_by_operator(page: Page, product: int, picture: Callable[..., None]) -> None:
    """The request stands at its field and nowhere else; the answer goes back with the new price."""
    page.goto("/produk-saya")
    page.get_by_role("row", name=NAME).get_by_role("link", name="Perbaiki").click()
    assert page.url.endswith(f"/produk-saya/{product}")
    expect(page.get_by_text("1 dari 1 permintaan belum dijawab")).to_be_visible()
    page.wait_for_load_state()
    price = page.locator('[data-field="price_rupiah"]')
    expect(price.locator(".field__request")).to_have_text(ASKED)
    expect(page.locator(".field__request")).to_have_count(1)
    page.set_viewport_size({"width": 390, "height": 844})
    page.evaluate("scrollTo(0, 0)")
    picture(page, "editor")
    page.set_viewport_size({"width": 1280, "height": 900})
    price.get_by_label("Harga satuan", exact=True).fill("Rp96.000")
    price.get_by_label("Jawaban Anda").fill(ANSWER)
    page.get_by_role("button", name="Ajukan revisi 2").click()
    expect(page.get_by_text("Revisi 2 sudah diajukan")).to_be_visible()


def _approved_by_pembina(page: Page, picture: Callable[..., None]) -> int:
    """What changed comes first: the old price struck out, the new one, and the answer to what was asked."""
    page.goto("/kotak-masuk")
    row = page.locator("[data-case]", has_text=NAME)
    expect(row).to_contain_text("revisi 2")
    row.dblclick()
    expect(page.get_by_role("heading", name="Yang berubah sejak revisi 1")).to_be_visible()
    page.wait_for_load_state()
    changed = page.locator("#perubahan")
    expect(changed).to_contain_text("Rp130.000")
    expect(changed).to_contain_text("Rp96.000")
    expect(page.get_by_text(ANSWER).first).to_be_visible()
    case = int(page.url.split("/kasus/")[1].split("#")[0])
    picture(page, "kasus")
    _tick_all(page)
    _approve(page)
    return case


def _approved_by_pemantau(page: Page, case: int) -> None:
    page.goto(f"/kasus/{case}")
    page.get_by_label("Kapasitas nyata").fill("120")
    page.get_by_label(re.compile("^Sumber bahan baku")).fill("Kelompok tani resam di Kubu Raya")
    page.get_by_label(re.compile("^Pengendalian mutu")).select_option("setiap barang")
    _tick_all(page)
    _approve(page)


def _approved_by_pengendali(page: Page, case: int) -> None:
    page.goto(f"/kasus/{case}")
    _tick_all(page)
    _approve(page)


def _tick_all(page: Page) -> None:
    for box in page.locator("form[data-decision] input[type=checkbox]").all():
        box.check()
    for yes in page.locator("form[data-decision]").get_by_label("Ya", exact=True).all():
        yes.check()


def _approve(page: Page) -> None:
    button: Any = page.get_by_role("button", name="Setujui", exact=True)
    expect(button).not_to_have_attribute("aria-disabled", "true")
    button.click()
    expect(page.get_by_text(f"Anda menyetujui {NAME}")).to_be_visible()


def _out_of_reach(windows: Windows, addresses: list[str]) -> None:
    """Another Kanwil's pembina and another UPT of the same Kanwil learn nothing, not even that it is there."""
    for username in ("pembina.banten", "operator.rutan-iia-pontianak"):
        page = windows.officer(username)
        for address in addresses:
            answer = page.goto(address)
            assert answer is not None
            assert answer.status == 404, f"{username} {address}: {answer.status}"
            assert NAME not in page.content()
