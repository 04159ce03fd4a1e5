"""A training ends with certificates that a stranger believes without learning a name; a maker withdraws and is gone; a
work record goes to the Pembimbing Kemasyarakatan, and the head of the UPT reads who opened what."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Windows

pytestmark = pytest.mark.journey
UNIT = "lapas-iia-pontianak"
AXE = Path(__file__).parent / "vendor" / "axe.min.js"
NAME = "Gilang Contoh"


ON_SQLITE = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)  # the pages are the same on both


@ON_SQLITE
def test_a_training_ends_with_certificates_that_name_nobody_in_public(
    windows: Windows, tmp_path: Path
) -> None:
    operator, head = windows.officer(f"operator.{UNIT}"), windows.officer(f"kepala.{UNIT}")
    _record(operator)
    operator.goto("/pelatihan")
    operator.get_by_role("link", name="Pelatihan tata boga").click()
    operator.get_by_role("link", name="Tambah peserta").click()
    operator.get_by_placeholder("Nama atau nomor registrasi").fill("gilang")
    operator.get_by_role("button", name="Cari", exact=True).click()
    operator.get_by_label(NAME).check()
    operator.get_by_role("button", name="Tambahkan").click()
    expect(operator.locator("#peserta")).to_contain_text(NAME)
    _clean(operator)
    head.goto("/pelatihan")
    head.get_by_role("link", name="Pelatihan menganyam rotan").click()
    head.get_by_role("button", name="Tandatangani sertifikat yang lulus").click()
    saved = head.get_by_role("link", name=re.compile("^Unduh")).first
    expect(saved).to_be_visible(timeout=90_000)
    with head.expect_download() as coming:
        saved.click()
    path = tmp_path / "sertifikat.pdf"
    coming.value.save_as(path)
    assert "Signature is Valid." in _run("pdfsig", "-nocert", str(path))
    words = " ".join(_run("pdftotext", "-layout", str(path), "-").split())
    assert "Arif Contoh" in words
    assert "Halaman 1 dari 1" in words
    stranger = windows.stranger()
    stranger.goto("/verifikasi")
    with stranger.expect_navigation():
        stranger.locator("input[type=file]").set_input_files(path)
    expect(stranger.locator(".verdict")).to_have_class(re.compile("verdict--sound"))
    expect(stranger.locator("main")).to_contain_text("Menganyam rotan")
    expect(stranger.locator("main")).not_to_contain_text("Arif")
    _clean(stranger)
    head.get_by_role("link", name=re.compile("^Cabut")).first.click()
    head.get_by_label("Alasan").fill("Hasil ujian tertukar")
    head.get_by_role("button", name="Cabut sertifikat").click()
    expect(head.locator("#peserta")).to_contain_text("dicabut")
    stranger.goto("/verifikasi/" + re.findall(r"KRY-\w{4}-\w{4}-\w{4}", words.replace("KRY- ", "KRY-"))[-1])
    expect(stranger.locator(".verdict")).to_contain_text("dicabut")


@ON_SQLITE
def test_a_maker_is_named_until_he_withdraws_and_every_look_is_written_down(
    windows: Windows, tmp_path: Path
) -> None:
    operator, head = windows.officer(f"operator.{UNIT}"), windows.officer(f"kepala.{UNIT}")
    stranger = windows.stranger()
    stranger.goto("/katalog?q=anyaman+manik")
    stranger.get_by_role("link", name=re.compile("Tas anyaman manik")).first.click()
    expect(stranger.locator("main")).to_contain_text("Arif Contoh, Bayu Contoh")
    operator.goto("/peserta?q=arif")
    operator.get_by_role("link", name="Arif Contoh").click()
    operator.get_by_label("Untuk Litmas apa").fill("Litmas pembebasan bersyarat")
    operator.get_by_label("Pembimbing Kemasyarakatan").fill("Ibu Nur Contoh, Bapas Pontianak")
    with operator.expect_download() as coming:
        operator.get_by_role("button", name="Cetak catatan kerja").click()
    path = tmp_path / "catatan.pdf"
    coming.value.save_as(path)
    words = " ".join(_run("pdftotext", "-layout", str(path), "-").split())
    assert "Bengkel anyaman" in words
    assert "Dicetak oleh Siti Aminah" in words
    operator.get_by_role("button", name="Cabut persetujuan").click()
    expect(operator.locator("main")).to_contain_text("Persetujuan dicabut.")
    _clean(operator)
    stranger.reload()
    expect(stranger.locator("main")).to_contain_text("Bayu Contoh")
    expect(stranger.locator("main")).not_to_contain_text("Arif")
    head.goto("/peserta/akses")
    log = head.locator("main")
    expect(log).to_contain_text("Mencetak catatan kerja untuk Litmas")
    expect(log).to_contain_text("Ibu Nur Contoh, Bapas Pontianak: Litmas pembebasan bersyarat")
    expect(log).to_contain_text("Mencabut persetujuan")
    _clean(head)
    kadiv = windows.officer("kadiv.kalbar")
    refused = kadiv.goto("/peserta")
    assert refused is not None
    assert refused.status == 403
    kadiv.goto("/pelatihan/angka")
    expect(kadiv.locator("main")).to_contain_text("Menganyam rotan")
    _clean(kadiv)


def _record(operator: Page) -> None:
    operator.goto("/peserta/baru")
    operator.get_by_label("Nama lengkap").fill(NAME)
    operator.get_by_label("Nomor registrasi").fill("CONTOH-G")
    operator.get_by_role("button", name="Simpan").click()
    expect(operator.locator(".field__error:visible")).to_contain_text("Pilih salah satu.")
    operator.get_by_label("Status").select_option("narapidana")
    operator.get_by_role("button", name="Simpan").click()
    expect(operator.get_by_role("heading", name=NAME)).to_be_visible()
    _clean(operator)


def _clean(page: Page) -> None:
    """axe finds nothing, and nothing is wider than a phone."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run().then(r => r.violations.map(v => v.id + ' ' + v.nodes[0].html))")
    assert found == []
    size = page.viewport_size
    page.set_viewport_size({"width": 360, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    if size:
        page.set_viewport_size(size)


def _run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, f"{command}: {done.stdout}\n{done.stderr}"
    return done.stdout
