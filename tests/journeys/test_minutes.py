"""The Kadiv issues the minutes of an approved product; the UPT reads them, a stranger and a machine without a database
believe them."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.journeys.conftest import Windows
from tests.support.servers import HOUSE

pytestmark = pytest.mark.journey


def test_minutes_are_issued_read_and_verified_everywhere(windows: Windows, tmp_path: Path) -> None:
    kadiv = windows.officer("kadiv.kalbar")
    kadiv.goto(_an_approved_case(windows))
    kadiv.get_by_role("button", name="Terbitkan berita acara").click()
    saved = kadiv.get_by_role("link", name="Unduh PDF")
    expect(saved).to_be_visible(timeout=60_000)
    with kadiv.expect_download() as coming:
        saved.click()
    path = tmp_path / "berita-acara.pdf"
    coming.value.save_as(path)
    assert "Signature is Valid." in _run("pdfsig", "-nocert", str(path))
    _run("pdftoppm", "-r", "80", "-png", "-f", "1", "-l", "1", str(path), str(tmp_path / "halaman"))
    page = Image.open(next(tmp_path.glob("halaman*.png")))
    assert page.width > 600
    assert len(page.convert("L").resize((60, 85)).getcolors() or []) > 20, "an empty page"
    _run("pdfdetach", "-saveall", "-o", str(tmp_path), str(path))
    said = windows.server.run("audit", "verify", "--file", str(tmp_path / "kasus.json"))
    assert said.returncode == 0, said.stdout
    kadiv.get_by_role("button", name="Verifikasi riwayat kasus ini").click()
    expect(kadiv.get_by_text(re.compile(r"Kasus \d+ cocok"))).to_be_visible()
    stranger = windows.stranger()
    stranger.goto("/verifikasi")
    with stranger.expect_navigation():
        stranger.locator("input[type=file]").set_input_files(path)
    expect(stranger.locator(".verdict")).to_have_class(re.compile("verdict--sound"))
    expect(stranger.locator("main")).to_contain_text("Berita acara")
    expect(stranger.locator("main")).to_contain_text("masih cocok dengan ujungnya")


def _an_approved_case(windows: Windows) -> str:
    """The address of a case of the demonstration that was approved."""
    page = windows.officer("kadiv.kalbar")
    page.goto("/cari?q=Sambas")
    for address in page.locator("a[href^='/kasus/']").evaluate_all(
        "all => all.map(a => a.getAttribute('href'))"
    ):
        page.goto(address)
        if page.get_by_role("button", name="Terbitkan berita acara").count():
            return str(address)
    raise AssertionError("the demonstration has no approved case")


def _run(*command: str) -> str:
    done = subprocess.run(command, cwd=HOUSE, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, f"{command}: {done.stdout}\n{done.stderr}"
    return done.stdout
