"""What waits is signed in one act, and received in one: two recaps, two officers, one page each."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Windows

pytestmark = pytest.mark.journey


def test_two_recaps_are_signed_and_received_in_one_act_each(windows: Windows) -> None:
    kadiv = windows.officer("kadiv.kalbar")
    for period in ("2023-01", "2023-02"):
        kadiv.goto("/rekap")
        kadiv.get_by_text("Periode lain").click()
        kadiv.get_by_label("Tulis periodenya").fill(period)
        kadiv.get_by_role("button", name="Susun", exact=True).click()
        submit = kadiv.get_by_role("button", name="Ajukan kepada Kepala Kantor Wilayah")
        expect(submit).to_be_enabled(timeout=30_000)
        submit.click()
        expect(kadiv.get_by_text("Rekap diajukan")).to_be_visible()

    kakanwil = windows.officer("kakanwil.kalbar")
    kakanwil.goto("/rekap")
    kakanwil.get_by_role("link", name=re.compile(r"^Tandatangani \d+ rekap")).click()
    expect(kakanwil.get_by_role("checkbox", checked=True)).to_have_count(2)
    kakanwil.get_by_role("button", name="Tandatangani dan kirim semua yang dicentang").click()
    expect(kakanwil.get_by_text("2 dari 2 rekap ditandatangani dan dikirim.")).to_be_visible(timeout=60_000)
    expect(kakanwil.locator(".outcomes--done")).to_contain_text("PAS-2.")

    dirjen = windows.officer("dirjen")
    dirjen.set_viewport_size({"width": 390, "height": 840})
    dirjen.goto("/rekap-masuk")
    dirjen.get_by_role("link", name="Terima banyak sekaligus").click()
    dirjen.get_by_role("button", name="Terima semua yang dicentang").click()
    expect(dirjen.get_by_text(re.compile(r"(\d+) dari \1 rekap diterima\."))).to_be_visible(timeout=60_000)
    assert dirjen.evaluate("document.documentElement.scrollWidth <= innerWidth")
