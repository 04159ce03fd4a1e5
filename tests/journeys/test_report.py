"""The Kadiv asks how the approval goes, follows a number to its cases and takes a table along; the Dirjen compares."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Windows
from tests.support.servers import HOUSE

pytestmark = pytest.mark.journey
AXE = HOUSE / "tests" / "journeys" / "vendor" / "axe.min.js"
ACCESS = """async () => (await axe.run(document, {resultTypes: ['violations']})).violations
  .map(v => `${v.id} (${v.impact}): ${v.nodes.slice(0, 3).map(n => n.target.join(' ')).join(' | ')}`)"""


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)  # the pages are the same on both
def test_from_a_number_to_its_cases_and_into_a_file(windows: Windows, picture: Callable[..., None]) -> None:
    page = windows.officer("kadiv.kalbar")
    page.get_by_role("link", name="Laporan", exact=True).click()
    expect(page.get_by_role("heading", name="Laporan persetujuan", level=1)).to_be_visible()
    expect(page.get_by_role("img", name="menunggu").first).to_be_visible()
    picture(page, "laporan")
    assert faults(page) == []
    page.get_by_text("Tabel: Isian yang diminta diperbaiki").click()
    with page.expect_download() as taken:
        page.locator("#isian").get_by_role("link", name="Unduh XLSX").click()
    assert taken.value.suggested_filename == "persetujuan-isian-90d.xlsx"
    page.locator("#isian").get_by_role("row", name="Foto").get_by_role("link").first.click()
    expect(page.get_by_text("Hanya yang meminta perbaikan pada Foto.")).to_be_visible()
    expect(page.get_by_role("row")).not_to_have_count(1)
    page.get_by_role("table").get_by_role("link").first.click()
    page.wait_for_url("**/kasus/*")


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_the_centre_compares_and_a_telephone_shows_it(windows: Windows) -> None:
    page = windows.officer("dirjen", viewport={"width": 360, "height": 800}, color_scheme="dark")
    page.goto("/laporan/persetujuan/nasional")
    expect(page.get_by_role("heading", name="Yang menunggu sekarang")).to_be_visible()
    page.get_by_text("Tabel: Yang menunggu per Kanwil").click()
    expect(page.locator("#menunggu-tempat").get_by_text("Kanwil Kalimantan Barat")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert faults(page) == []


def faults(page: Any) -> list[str]:
    """What axe finds."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    return list(page.evaluate(ACCESS))
