"""Two requests go back to the UPT and are answered; the pembina ticks them off one by one before he approves."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Windows

pytestmark = pytest.mark.journey
ASKED = (("Stok", "Samakan dengan buku gudang."), ("Satuan", "Tulis per buah atau per pasang."))
UNMET = "Centang bila sudah dipenuhi, atau kembalikan lagi."


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)  # the pages are the same on both
def test_requests_are_answered_and_ticked_off_one_by_one(windows: Windows) -> None:
    pembina = windows.officer("pembina.kalbar")
    name, unit = _returned(pembina)
    _answered(windows.officer(f"operator.{unit}"), name)

    pembina.goto("/kotak-masuk")
    pembina.locator("[data-case]", has_text=name).first.dblclick()
    expect(pembina.get_by_role("heading", name="Permintaan dan jawaban")).to_be_visible()
    pembina.wait_for_load_state()
    side = pembina.locator("#keputusan")
    for box in side.locator(".ticks input[type=checkbox]").all():
        box.check()
    for reason in side.get_by_label("Alasan menerima harga di luar rentang").all():
        reason.fill("Ukurannya lebih besar.")
    requests = side.locator(".settle__one")
    expect(requests).to_have_count(2)
    requests.nth(0).get_by_label("sudah dipenuhi").check()
    approve = pembina.get_by_role("button", name="Setujui", exact=True)
    approve.dispatch_event("click")  # it says that it is disabled, and answers all the same
    expect(requests.nth(1)).to_contain_text(UNMET)
    expect(requests.nth(1).locator(".field__error")).to_be_visible()
    expect(requests.nth(0).locator(".field__error")).to_be_hidden()

    pembina.reload()  # nothing that was ticked is lost
    pembina.wait_for_load_state()
    expect(pembina.get_by_text("Isian Anda tadi dipulihkan.")).to_be_visible()
    expect(requests.nth(0).get_by_label("sudah dipenuhi")).to_be_checked()
    requests.nth(1).get_by_role("button", name="Minta lagi").click()
    dialog = pembina.get_by_role("dialog", name="Kembalikan ke UPT")
    expect(dialog.get_by_label("Permintaan", exact=True).first).to_have_value(ASKED[1][1])
    dialog.get_by_role("link", name="Batalkan").or_(dialog.get_by_role("button", name="Batalkan")).click()
    requests.nth(1).get_by_label("sudah dipenuhi").check()
    approve.click()
    expect(pembina.get_by_text(f"Anda menyetujui {name}")).to_be_visible()
    kept = pembina.evaluate("Object.keys(sessionStorage).filter((key) => key.startsWith('karya:putusan:'))")
    assert kept == []


def _returned(page: Page) -> tuple[str, str]:
    """A first revision of the inbox goes back with two requests; the product's name, and its UPT's code."""
    page.goto("/kotak-masuk")
    row = page.locator("[data-case]", has_text="Lapas IIA Pontianak").filter(has_not_text="revisi 2").first
    row.dblclick()
    name = page.get_by_role("heading", level=1).inner_text()
    page.wait_for_load_state()
    page.get_by_role("button", name="Kembalikan …").click()
    dialog = page.get_by_role("dialog", name="Kembalikan ke UPT")
    dialog.get_by_role("button", name="Tambah permintaan").click()
    for number, (field, text) in enumerate(ASKED):
        row = dialog.locator("[data-row]").nth(number)
        row.get_by_label("Isian", exact=True).select_option(label=field)
        row.get_by_label("Permintaan", exact=True).fill(text)
    dialog.get_by_label("Alasan", exact=True).fill("Dua hal kecil.")
    dialog.get_by_role("button", name="Kembalikan", exact=True).click()
    expect(page.get_by_text(f"Anda mengembalikan {name}")).to_be_visible()
    return name, "lapas-iia-pontianak"


def _answered(page: Page, name: str) -> None:
    page.goto("/produk-saya")
    page.get_by_role("row", name=name).get_by_role("link", name="Perbaiki").click()
    expect(page.get_by_text("2 dari 2 permintaan belum dijawab")).to_be_visible()
    page.wait_for_load_state()
    page.locator('[data-field="stock"]').get_by_label("Jawaban Anda").fill("Sudah disamakan.")
    page.locator('[data-field="unit"]').get_by_label("Jawaban Anda").fill("Per buah.")
    page.get_by_role("button", name="Ajukan revisi 2").click()
    expect(page.get_by_text("Revisi 2 sudah diajukan")).to_be_visible()
