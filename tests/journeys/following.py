"""What follows a received recap, in real browsers: a disposition, the archive, a year as a ZIP, a figure's lines."""

from __future__ import annotations

import subprocess
import zipfile
from pathlib import Path

from playwright.sync_api import expect

from tests.journeys.conftest import Windows

ASKED, ANSWERED = "Percepat pengiriman kayu jati.", "Kayu jati tiba 20 November."


def followed(windows: Windows, recap: int, folder: Path) -> None:
    """The Dirjen asks, the Kanwil answers, the archive finds it, and a stranger's openssl accepts the bundle."""
    dirjen, kadiv = windows.officer("dirjen"), windows.officer("kadiv.kalbar")
    dirjen.goto(f"/rekap-masuk/{recap}")
    dirjen.get_by_role("link", name="Beri disposisi").click()
    dirjen.get_by_label("Kepada").select_option(value="kanwil")
    dirjen.get_by_label("Isi disposisi").fill(ASKED)
    dirjen.get_by_role("button", name="Kirim disposisi").click()
    expect(dirjen.locator("#disposisi")).to_contain_text(ASKED)

    kadiv.goto("/rekap/disposisi")
    kadiv.get_by_role("link", name="Tandai selesai").click()
    kadiv.get_by_label("Apa yang sudah dilakukan").fill(ANSWERED)
    kadiv.get_by_role("button", name="Tandai selesai").click()
    expect(kadiv.locator("#disposisi")).to_contain_text(ANSWERED)
    dirjen.reload()
    expect(dirjen.locator("#disposisi")).to_contain_text(ANSWERED)

    dirjen.goto("/rekap-masuk/arsip")
    dirjen.get_by_label("Kata di dalam rekap").fill("pontianak")
    dirjen.get_by_role("button", name="Cari", exact=True).click()
    expect(dirjen.get_by_role("row").nth(1)).to_contain_text("Maret 2024")
    dirjen.get_by_role("link", name="Unduh setahun").click()
    dirjen.get_by_role("button", name="Siapkan ZIP").click()
    saved = dirjen.get_by_role("link", name="Unduh ZIP")
    expect(saved).to_be_visible(timeout=60_000)
    with dirjen.expect_download() as coming:
        saved.click()
    coming.value.save_as(folder / "setahun.zip")
    _accepted(folder)

    kadiv.goto("/pembelian/angka?period=2024-03")
    kadiv.locator(".stat").first.get_by_role("link", name="Rp47.850.000").click()
    expect(kadiv.locator("tfoot")).to_contain_text("Rp47.850.000")


def _accepted(folder: Path) -> None:
    inside = folder / "setahun"
    with zipfile.ZipFile(folder / "setahun.zip") as opened:
        opened.extractall(inside)
    verify = (
        *("openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", "manifest.json.p7s"),
        *("-content", "manifest.json", "-CAfile", "sertifikat-ca.pem", "-out", "/dev/null"),
    )
    for command in (verify, ("sha256sum", "-c", "SHA256SUMS")):
        subprocess.run(command, cwd=inside, capture_output=True, check=True)
