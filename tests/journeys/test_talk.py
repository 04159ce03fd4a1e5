"""A question goes round: the pembina asks the UPT, a colleague and the health office, and decides afterwards."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Windows
from tests.workflows.office_files import a_pdf

pytestmark = pytest.mark.journey


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)  # the pages are the same on both
def test_a_case_is_talked_about_and_an_expert_answers_once(windows: Windows, tmp_path: Path) -> None:
    pembina = windows.officer("pembina.kalbar")
    pembina.goto("/kotak-masuk")
    case = pembina.locator(".case-row").first.get_attribute("href") or ""
    pembina.goto(case)
    talk = pembina.locator("#percakapan")
    talk.get_by_label("Tulis komentar").fill("Mohon dijelaskan asal bahannya.")
    talk.get_by_role("button", name="Kirim", exact=True).click()
    expect(talk.locator(".said")).to_have_count(1)

    (tmp_path / "uji.pdf").write_bytes(a_pdf())
    talk.get_by_text("Siapa yang dapat disebut").click()
    talk.get_by_role("button", name="@kadiv.kalbar").click()
    expect(talk.get_by_label("Tulis komentar")).to_have_value("@kadiv.kalbar ")
    talk.get_by_label("Lampiran").first.set_input_files(tmp_path / "uji.pdf")
    talk.get_by_role("switch").check()
    talk.get_by_role("button", name="Kirim", exact=True).click()
    expect(talk.locator(".said--internal")).to_contain_text("catatan internal")
    with pembina.expect_download() as saved:
        talk.get_by_role("link", name="uji.pdf").click()
    assert saved.value.path().read_bytes() == a_pdf()

    pembina.get_by_role("button", name="Minta pendapat …").click()
    dialog = pembina.get_by_role("dialog")
    dialog.get_by_label("Rekan").select_option("pemantau.kalbar")
    dialog.get_by_label("Pertanyaan").fill("Sanggupkah UPT ini?")
    dialog.get_by_role("button", name="Minta pendapat").click()
    expect(talk).to_contain_text("Menunggu pendapat Dedi Kurniawan")

    pemantau = windows.officer("pemantau.kalbar")
    pemantau.goto("/kotak-masuk")
    pemantau.get_by_role("link", name="Pendapat diminta").click()
    pemantau.locator(".todo__row").first.click()
    pemantau.get_by_label("Pendapat Anda").fill("Sanggup, bengkelnya baru.")
    pemantau.get_by_role("button", name="Kirim pendapat").click()
    expect(pemantau.locator("#percakapan")).to_contain_text("Pendapat Anda tersimpan")

    pembina.goto(case)
    pembina.get_by_role("button", name="Undang ahli dari luar …").click()
    dialog = pembina.get_by_role("dialog")
    dialog.get_by_label("Nama").fill("dr. Lestari")
    dialog.get_by_label("Kantor").fill("Dinas Kesehatan Kota Pontianak")
    dialog.get_by_label("Surel").fill("lestari@dinkes.contoh.id")
    dialog.get_by_label("Yang ingin ditanyakan").fill("Apakah labelnya cukup?")
    dialog.get_by_role("button", name="Undang").click()
    link = pembina.get_by_label("Tautan pribadi").input_value()

    expert = windows.stranger(viewport={"width": 390, "height": 844})
    expert.goto(re.sub(r"^https?://[^/]+", "", link))
    expect(expert.get_by_text("Apakah labelnya cukup?")).to_be_visible()
    assert expert.evaluate("document.documentElement.scrollWidth") <= 390
    expert.get_by_label("Pendapat", exact=True).fill("Cukup, tambahkan tanggal produksi.")
    expert.get_by_role("button", name="Kirim pendapat").click()
    expect(expert.get_by_role("heading", name="Terima kasih, pendapat Anda sudah diterima")).to_be_visible()
    expert.goto(re.sub(r"^https?://[^/]+", "", link))
    expect(expert.get_by_role("heading", name="Tautan ini tidak berlaku")).to_be_visible()

    pembina.goto(case)
    expect(talk).to_contain_text("Cukup, tambahkan tanggal produksi.")
    expect(talk).to_contain_text("Sanggup, bengkelnya baru.")
    expect(pembina.get_by_role("button", name="Setujui")).to_be_visible()
