"""Offices change hands: a Plh. decides by letter and is called that; the Kadiv opens again what was rejected."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.journeys.conftest import Windows

pytestmark = pytest.mark.journey
LETTER = "W.16-KP.04.01-1207"
REASON = "Mesin kedua sudah terpasang."
REJECTED = "Mug motif burung enggang"


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)  # the pages are the same on both
def test_a_plh_decides_by_letter_and_the_case_says_so(windows: Windows) -> None:
    _appointed(windows.officer("admin.kalbar"))
    substitute = windows.officer("pemantau.kalbar")
    substitute.goto("/kotak-masuk")
    expect(substitute.locator(".page-head")).to_contain_text("Plh. Pembina sampai")
    substitute.get_by_role("link", name="Sebagai Plh").click()
    row = substitute.locator("[data-case]", has_text="Pembinaan").first
    address, name = str(row.get_attribute("href")), row.locator(".case-row__title").inner_text()
    substitute.goto(address)
    substitute.wait_for_load_state("networkidle")
    substitute.get_by_role("button", name="Kembalikan …").click()
    dialog = substitute.get_by_role("dialog", name="Kembalikan ke UPT")
    dialog.get_by_label("Isian", exact=True).select_option(label="Stok")
    dialog.get_by_label("Permintaan", exact=True).fill("Samakan dengan buku gudang.")
    dialog.get_by_label("Alasan", exact=True).fill("Satu hal kecil.")
    dialog.get_by_role("button", name="Kembalikan", exact=True).click()
    expect(substitute.get_by_text(f"Anda mengembalikan {name}")).to_be_visible()

    for username in ("kadiv.kalbar", "pemantau.kalbar"):
        page = windows.officer(username)
        page.goto(address)
        expect(page.locator(".history li").first).to_contain_text("(Plh. Pembina)")
        expect(page.locator("#keputusan")).to_contain_text(f"Plh. Pembina · Surat {LETTER}")


def _appointed(page: Page) -> None:
    """The pembina is away, and the pemantau stands in for him."""
    today = datetime.now(ZoneInfo("Asia/Pontianak")).date()
    page.goto("/pengaturan/pengganti")
    holders, people = page.locator("select[name=principal_id]"), page.locator("select[name=substitute_id]")
    substitute = _chosen(holders, ", Pemantau").split(",")[0]
    page.get_by_label("Peran").select_option(label="Pembina")
    holders.select_option(label=_chosen(holders, ", Pembina"))
    people.select_option(label=_chosen(people, f"{substitute},"))
    page.get_by_label("Mulai").fill(today.isoformat())
    page.get_by_label("Sampai").fill((today + timedelta(days=4)).isoformat())
    page.get_by_label("Nomor surat").fill(LETTER)
    page.get_by_role("button", name="Simpan").click()
    expect(page.get_by_role("row", name=LETTER)).to_contain_text("berlaku")


def _chosen(select: Locator, words: str) -> str:
    """The option that says this."""
    return next(text for text in select.locator("option").all_inner_texts() if words in text)


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_the_kadiv_opens_a_rejected_case_again_with_a_reason(windows: Windows) -> None:
    kadiv = windows.officer("kadiv.kalbar")
    kadiv.goto("/produk?q=enggang")
    kadiv.get_by_role("link", name=REJECTED).first.click()
    kadiv.get_by_role("link", name="Lihat kasus").click()
    expect(kadiv.locator("#keputusan")).to_contain_text("Bengkel belum mampu")
    kadiv.get_by_text("Buka kembali kasus ini …").click()
    kadiv.get_by_role("button", name="Buka kembali", exact=True).click()  # without a reason: nothing happens
    expect(kadiv.locator("#keputusan .field__error")).to_be_visible()
    kadiv.get_by_label("Alasan membuka kembali").fill(REASON)
    kadiv.get_by_role("button", name="Buka kembali", exact=True).click()
    expect(kadiv.locator(".history li").first).to_contain_text(f"membuka kembali kasus ini: {REASON}")

    pemantau = windows.officer("pemantau.kalbar")  # the stage that rejected it decides again
    pemantau.goto("/kotak-masuk")
    pemantau.locator("[data-case]", has_text=REJECTED).first.dblclick()
    expect(pemantau.get_by_role("heading", name="Keputusan pemantauan")).to_be_visible()
    history = pemantau.locator(".history")
    expect(history).to_contain_text("menolak pada pemantauan")
    expect(history).to_contain_text(REASON)
