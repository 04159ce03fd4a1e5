"""The country's month: one Kanwil has sent, the others are reminded, and the Dirjen signs what is there."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Windows
from tests.journeys.test_recap import _drafted, _imported

pytestmark = pytest.mark.journey
BOARD = "/rekap-nasional?periode=2024-03"


def test_the_country_is_told_by_the_one_that_has_sent_and_the_others_by_name(
    windows: Windows, tmp_path: Path, picture: Callable[..., None]
) -> None:
    kadiv = windows.officer("kadiv.kalbar")
    _imported(kadiv, lambda *_, **__: None)
    recap = _drafted(kadiv)
    kakanwil = windows.officer("kakanwil.kalbar")
    kakanwil.goto(f"/rekap/{recap}")
    kakanwil.get_by_role("button", name="Tandatangani dan kirim").click()
    expect(kakanwil.get_by_role("link", name="Periksa keasliannya")).to_be_visible(timeout=60_000)

    keeper = windows.officer("admin.pusat")
    keeper.goto("/rekap-masuk")
    keeper.get_by_role("link", name="Papan dan rekap nasional").click()
    expect(keeper.get_by_role("heading", name="1 dari 33 Kanwil sudah mengirim")).to_be_visible()
    keeper.get_by_role("button", name="Ingatkan yang belum").click()
    expect(keeper.get_by_text("32 Kanwil diingatkan.")).to_be_visible()
    windows.officer("kadiv.banten").goto("/pemberitahuan")
    expect(
        windows.officer("kadiv.banten").get_by_text("Rekap Maret 2024 belum dikirim").first
    ).to_be_visible()
    keeper.get_by_role("button", name=re.compile("Susun rekap nasional")).click()
    submit = keeper.get_by_role("button", name="Ajukan kepada Direktur Jenderal")
    expect(submit).to_be_enabled(timeout=60_000)
    expect(keeper.locator(".stats")).to_contain_text("1 dari 33")
    expect(keeper.locator(".stats")).to_contain_text("Rp47.850.000")
    submit.click()
    expect(keeper.get_by_text("diajukan kepada Direktur Jenderal")).to_be_visible()

    dirjen = windows.officer("dirjen")
    dirjen.goto("/pemberitahuan")
    dirjen.get_by_role("link", name=re.compile("Rekap nasional Maret 2024")).first.click()
    dirjen.get_by_role("button", name="Tandatangani", exact=True).click()
    expect(dirjen.get_by_role("link", name="Periksa keasliannya")).to_be_visible(timeout=60_000)
    with dirjen.expect_download() as coming:
        dirjen.get_by_role("link", name="PDF", exact=True).click()
    path = tmp_path / "national.pdf"
    coming.value.save_as(path)
    listed = subprocess.run(["pdfdetach", "-list", path], capture_output=True, text=True, check=True).stdout
    assert "rekap-kalbar-2024-03.pdf" in listed
    dirjen.goto(BOARD)
    dirjen.set_viewport_size({"width": 1280, "height": 1000})
    picture(dirjen, "papan")

    stranger = windows.stranger()
    stranger.goto("/verifikasi")
    stranger.locator("input[type=file]").set_input_files(path)
    stranger.get_by_role("button", name=re.compile("Periksa")).first.click()
    expect(stranger.get_by_text("Dokumen ini asli dan utuh").first).to_be_visible()
    expect(stranger.get_by_text("Rekap nasional Maret 2024").first).to_be_visible()
