"""A prison judges itself in five dimensions, the Kanwil verifies it, the centre sees where the country stands."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tenants.clock import now
from tests.journeys.conftest import Windows
from tests.journeys.test_report import faults

pytestmark = pytest.mark.journey
UPT = "lapas-iib-sintang"  # its draft of the demonstration lacks the last dimension
EVIDENCE = "Surat keputusan 2 Maret, map bengkel kerja"


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    from tests.workflows.office_files import a_pdf

    path = tmp_path / "SK bengkel.pdf"
    path.write_bytes(a_pdf())
    return path


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)  # the pages are the same on both
def test_five_dimensions_from_the_first_answer_to_the_map(
    windows: Windows, picture: Callable[..., None], paper: Path
) -> None:
    year = now().date().year
    operator = windows.officer(f"operator.{UPT}")
    operator.get_by_role("link", name="Kesiapan", exact=True).click()
    operator.get_by_role("link", name=f"Kesiapan {year}").click()
    operator.get_by_role("link", name="Isi penilaian").click()
    for question in operator.locator(".question").all():
        if question.get_by_role("radio", checked=True).count() == 0:
            question.get_by_role("radio").nth(3).check()
            question.get_by_label("Bukti").fill(EVIDENCE)
    expect(operator.locator("[data-saved-text]")).to_have_text("tersimpan")
    expect(operator.locator("[data-complete]")).to_have_text("100 % lengkap")
    operator.reload()  # it was saved by itself
    first = operator.locator("#cooperation_4")
    expect(first.get_by_label("Bukti")).to_have_value(EVIDENCE)
    first.locator("input[type=file]").set_input_files(paper)
    first.get_by_role("button", name="Unggah").click()
    expect(operator.locator("#cooperation_4").get_by_role("link", name="SK bengkel.pdf")).to_be_visible()
    assert faults(operator) == []
    operator.get_by_role("button", name="Ajukan").click()
    expect(operator.get_by_text("Penilaian diajukan; Kanwil memverifikasinya.")).to_be_visible()
    address = operator.url.partition("#")[0]

    pembina = windows.officer("pembina.kalbar")
    pembina.goto(address)
    pembina.get_by_role("link", name="Verifikasi", exact=True).click()
    one = pembina.locator("fieldset").nth(-1)
    one.get_by_role("radio").nth(1).check()
    pembina.get_by_role("button", name="Simpan dan putuskan").click()
    expect(pembina.get_by_text("Tulis mengapa nilainya berbeda dari penilaian UPT.").first).to_be_visible()
    one = pembina.locator("fieldset").nth(-1)
    expect(one.get_by_role("radio").nth(1)).to_be_checked()
    one.get_by_label("Alasan bila berbeda").fill("Belum ada data setelah bebas.")
    pembina.get_by_role("button", name="Simpan dan putuskan").click()
    pembina.get_by_label("Bukti setiap jawaban dibaca").check()
    pembina.get_by_role("button", name="Setujui").click()
    expect(pembina.get_by_text(f"Anda menyetujui Kesiapan {year}")).to_be_visible()

    kadiv = windows.officer("kadiv.kalbar")
    kadiv.goto(address)
    kadiv.get_by_role("link", name="Kasus dan putusan").click()
    kadiv.get_by_label("Setiap perbedaan nilai beralasan").check()
    kadiv.get_by_role("button", name="Setujui").click()
    expect(kadiv.get_by_text(f"Anda menyetujui Kesiapan {year}")).to_be_visible()

    operator.goto(address)
    expect(operator.get_by_text("Rata-rata terverifikasi").first).to_be_visible()
    expect(operator.get_by_text("Belum ada data setelah bebas.")).to_be_visible()
    gap = operator.locator("#cooperation_4")
    gap.get_by_text("Catat tindakan …").click()
    gap.get_by_label("Tindakan").fill("Menyepakati data dengan Bapas Sintang")
    gap.get_by_label("Penanggung jawab").fill("Kasi Binadik")
    gap.get_by_label("Sampai").fill((now().date() + timedelta(days=30)).isoformat())
    gap.get_by_role("button", name="Catat tindakan").click()
    expect(operator.locator("#cooperation_4 .gap__title")).to_have_text(
        "Menyepakati data dengan Bapas Sintang"
    )
    picture(operator, "kesiapan")
    assert faults(operator) == []

    dirjen = windows.officer("dirjen")
    dirjen.goto("/kesiapan/nasional")
    expect(dirjen.get_by_role("cell", name="Lapas IIB Sintang")).to_be_visible()
    kalbar = dirjen.get_by_role("link", name="Kanwil Kalimantan Barat:")
    kalbar.focus()
    dirjen.keyboard.press("Enter")
    assert dirjen.url.endswith("#kanwil-kalbar")
    assert faults(dirjen) == []


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_the_country_on_a_map_with_its_table_and_files(
    windows: Windows, picture: Callable[..., None]
) -> None:
    dirjen = windows.officer("dirjen")
    dirjen.get_by_role("link", name="Dasbor nasional", exact=True).click()
    dirjen.get_by_label("Yang ditampilkan peta").select_option(label="Produk terbit")
    dirjen.get_by_role("button", name="Tampilkan").click()
    expect(dirjen.get_by_text("Produk terbit tertinggi di")).to_be_visible()
    assert _drawn(dirjen) > 30  # the shapes came from their own file
    expect(
        dirjen.get_by_text("0 dari 14 instansi yang seharusnya membeli sudah membeli tahun ini")
    ).to_be_visible()
    picture(dirjen, "dasbor-nasional")
    assert faults(dirjen) == []
    with dirjen.expect_download() as taken:
        dirjen.locator("#peta").get_by_role("link", name="Unduh CSV").click()
    assert taken.value.suggested_filename == f"dasbor-nasional-peta-{now().date().year}.csv"

    phone = windows.officer(
        "operator.lapas-iia-pontianak", viewport={"width": 360, "height": 800}, color_scheme="dark"
    )
    phone.goto("/dasbor")
    expect(phone.get_by_role("heading", name="Kapasitas menganggur")).to_be_visible()
    phone.get_by_text("Tabel: Kapasitas dan penjualan sebulan").click()
    assert phone.evaluate("document.documentElement.scrollWidth") <= 360
    assert faults(phone) == []


def _drawn(page: Any) -> int:
    """How many Kanwil have a shape that takes room on the page."""
    return int(
        page.evaluate(
            "[...document.querySelectorAll('.map__area')].filter(u => u.getBBox().width > 1).length"
        )
    )
