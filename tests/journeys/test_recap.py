"""A month's way from the e-Katalog export to the recap in the Dirjen's hands, and to a stranger who checks it."""

from __future__ import annotations

import io
import json
import re
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Windows
from tests.journeys.following import followed
from tests.support.servers import HOUSE

pytestmark = pytest.mark.journey
SAMPLE = HOUSE / "tests" / "data" / "ekatalog_purchases_sample.csv"
VALUE = 47_850_000
WORDS = "empat puluh tujuh juta delapan ratus lima puluh ribu rupiah"
OBSTACLE = "Mesin anyam rusak dua pekan"
SOLUTION = "Dipinjam dari <b>Rutan</b> Sambas, suku cadang dipesan <script>alert(1)</script>"


def test_a_month_is_imported_drafted_signed_acknowledged_and_checked_by_a_stranger(
    windows: Windows, tmp_path: Path, picture: Callable[..., None]
) -> None:
    kadiv = windows.officer("kadiv.kalbar")
    _imported(kadiv, picture)
    _obstacle(kadiv)
    recap = _drafted(kadiv)
    kakanwil = windows.officer("kakanwil.kalbar")
    signed = _signed(kakanwil, recap, tmp_path, picture)
    _checked_by_tools(signed, tmp_path)
    dirjen = windows.officer("dirjen")
    received = _acknowledged(dirjen, tmp_path, picture)
    _verified(windows.stranger(), received, tmp_path, picture)
    followed(windows, recap, tmp_path)
    _out_of_reach(windows, recap)


def _imported(page: Page, picture: Callable[..., None]) -> None:
    """The preview first: nothing is kept, and the other Kanwil's lines are named and left out."""
    page.goto("/pembelian/")
    page.get_by_role("link", name="Impor pembelian").first.click()
    page.locator("input[type=file]").set_input_files(SAMPLE)
    page.get_by_role("button", name="Lihat pratinjau").click()
    expect(page.get_by_role("heading", name="Yang akan diimpor")).to_be_visible()
    expect(page.get_by_role("heading", name="Isi berkas, baris demi baris")).to_be_visible()
    table = page.locator("#baris")
    expect(table.get_by_role("row").nth(1)).to_contain_text("Banten")
    expect(page.get_by_text("Milik Kanwil lain").first).to_be_visible()
    picture(page, "impor-pratinjau")
    address = page.url
    page.goto("/pembelian/")
    expect(page.get_by_text("Belum ada pembelian")).to_be_visible()
    page.goto(address)
    page.get_by_role("button", name=re.compile(r"^Impor \d+ baris")).click()
    expect(page.get_by_text("baris diimpor.")).to_be_visible()
    page.goto("/pembelian/?period=2024-03")
    expect(page.get_by_text("Rp47.850.000").first).to_be_visible()


def _obstacle(page: Page) -> None:
    page.goto("/rekap/kendala")
    page.get_by_role("link", name="Catat kendala").first.click()
    page.get_by_label("Jenis").select_option(index=1)
    page.get_by_label("Kendala", exact=True).fill(OBSTACLE)
    page.get_by_label("Solusi", exact=True).fill(SOLUTION)
    expect(page.get_by_label("Penanggung jawab")).to_have_value("Kepala Divisi Pemasyarakatan")
    page.get_by_role("button", name="Simpan").click()
    expect(page.get_by_text("Kendala dicatat")).to_be_visible()
    expect(page.get_by_text(SOLUTION)).to_be_visible()


def _drafted(page: Page) -> int:
    """Figures are frozen, the letter is rendered by a job, and the page comes anew by itself when it stands."""
    page.goto("/rekap")
    page.get_by_text("Periode lain").click()
    page.get_by_label("Tulis periodenya").fill("2024-03")
    page.get_by_role("button", name="Susun", exact=True).click()
    expect(page.get_by_role("heading", name=re.compile("Rekap Maret 2024"))).to_be_visible()
    recap = int(page.url.rsplit("/", 1)[1])
    submit = page.get_by_role("button", name="Ajukan kepada Kepala Kantor Wilayah")
    expect(submit).to_be_enabled(timeout=30_000)
    expect(page.locator(".stats")).to_contain_text("Rp47.850.000")
    submit.click()
    expect(page.get_by_text("Rekap diajukan")).to_be_visible()
    return recap


def _signed(page: Page, recap: int, folder: Path, picture: Callable[..., None]) -> Path:
    """The Kakanwil finds it in the inbox, reads the letter on the page, and signs once."""
    page.goto("/kotak-masuk")
    page.locator("[data-case]", has_text="Maret 2024").dblclick()
    expect(page).to_have_url(re.compile(rf"/rekap/{recap}$"))
    _shows_the_letter(page)
    page.set_viewport_size({"width": 1280, "height": 1180})
    picture(page, "rekap", settle_seconds=3)
    page.get_by_role("button", name="Tandatangani dan kirim").click()
    expect(page.get_by_role("link", name="Periksa keasliannya")).to_be_visible(timeout=30_000)
    with page.expect_download() as coming:
        page.get_by_role("link", name="PDF", exact=True).click()
    path = folder / "signed.pdf"
    coming.value.save_as(path)
    return path


def _shows_the_letter(page: Page) -> None:
    """The browser's own PDF viewer stands on the page, with the file in it."""
    until = time.monotonic() + 20
    while time.monotonic() < until and not any("/pdf" in frame.url for frame in page.frames):
        page.wait_for_timeout(100)
    shown = [frame.url for frame in page.frames if "/pdf" in frame.url]
    assert shown, "no PDF on the page"
    answer = page.request.get(shown[0].partition("#")[0])
    assert answer.body().startswith(b"%PDF-")


def _checked_by_tools(path: Path, folder: Path) -> None:
    """What any office can find out about the file with programs that are not ours."""
    said = _run("pdfsig", "-nocert", str(path))
    assert said.count("Signature is Valid.") == 1, said
    assert "Total document signed" in said, said
    assert "No syntax or stream encoding errors" in _run("qpdf", "--check", str(path))
    text = " ".join(_run("pdftotext", str(path), "-").split())
    assert "Rp47.850.000" in text
    assert WORDS in text
    assert OBSTACLE in text
    assert "".join(SOLUTION.split()) in "".join(text.split()), "markup is text in print, too"
    inside = folder / "inside"
    inside.mkdir()
    _run("pdfdetach", "-saveall", "-o", str(inside), str(path))
    figures = json.loads((inside / "angka.json").read_text())
    done = figures["transactions"]["completed"]
    assert done["value_rupiah"] == VALUE
    rows = list(
        load_workbook(io.BytesIO((inside / "pembelian.xlsx").read_bytes())).active.iter_rows(values_only=True)
    )
    header = next(at for at, row in enumerate(rows) if "status" in [str(cell).lower() for cell in row])
    names = [str(cell).lower() for cell in rows[header]]
    sold = [row for row in rows[header + 1 :] if row[names.index("status")] == "Selesai"]
    assert sum(row[names.index("total")] for row in sold) == VALUE
    assert len(sold) == done["packages"]


def _acknowledged(page: Page, folder: Path, picture: Callable[..., None]) -> Path:
    """The Dirjen finds it, reads it, and adds a second signature that leaves the first one valid."""
    page.goto("/beranda")
    page.get_by_role("link", name=re.compile("Rekap masuk")).first.click()
    picture(page, "dirjen")
    page.get_by_role("link", name=re.compile("Kalimantan Barat")).first.click()
    expect(page.get_by_role("heading", name=re.compile("Rekap Maret 2024"))).to_be_visible()
    _shows_the_letter(page)
    page.get_by_role("button", name="Terima", exact=True).click()
    expect(page.get_by_text("diterima", exact=True).first).to_be_visible(timeout=30_000)
    with page.expect_download() as coming:
        page.get_by_role("link", name="PDF", exact=True).click()
    path = folder / "acknowledged.pdf"
    coming.value.save_as(path)
    assert _run("pdfsig", "-nocert", str(path)).count("Signature is Valid.") == 2
    return path


def _verified(page: Page, path: Path, folder: Path, picture: Callable[..., None]) -> None:
    """A stranger reads one green sentence, and with one byte changed a red one."""
    page.goto("/")
    page.get_by_role("link", name="Verifikasi dokumen").first.click()
    expect(page.get_by_role("heading", name="Verifikasi dokumen", level=1)).to_be_visible()
    _upload(page, path)
    verdict = page.locator(".verdict")
    expect(verdict).to_have_class(re.compile("verdict--sound"))
    expect(verdict).to_contain_text("asli dan utuh")
    expect(verdict).to_contain_text("Kepala Kantor Wilayah")
    for said in ("Dr. H. Ahmad Fauzi", "Direktur Jenderal", "Rekap Maret 2024"):
        expect(page.locator("main")).to_contain_text(said)
    picture(page, "verifikasi")
    code = page.get_by_text(re.compile(r"^KRY-[A-Z0-9-]+$")).inner_text()
    data = bytearray(path.read_bytes())
    at = data.index(b"stream", len(data) // 3) + 40
    data[at] ^= 1
    altered = folder / "altered.pdf"
    altered.write_bytes(data)
    _upload(page, altered)
    expect(verdict).to_have_class(re.compile("verdict--altered"))
    expect(verdict).to_contain_text("diubah")
    page.goto("/verifikasi")
    page.get_by_label("Kode di bawah QR").fill(code)
    page.get_by_role("button", name="Periksa kode").click()
    expect(verdict).to_have_class(re.compile("verdict--sound"))
    expect(verdict).to_contain_text("Cocokkan nomor dan angkanya")
    assert page.context.cookies() == []


def _upload(page: Page, path: Path) -> None:
    page.wait_for_load_state()  # its script is there
    with page.expect_navigation():  # the form sends itself when a file is chosen
        page.locator("input[type=file]").set_input_files(path)


def _out_of_reach(windows: Windows, recap: int) -> None:
    """To another Kanwil it is not there; to a UPT, which reads no recaps, it looks like one that was never written."""
    for username in ("pembina.banten", "kakanwil.banten", "operator.rutan-iia-pontianak"):
        page = windows.officer(username)
        for address in (f"/rekap/{recap}", f"/rekap/{recap}/pdf"):
            answer = page.request.get(address)
            never = page.request.get(address.replace(str(recap), "987654"))
            assert answer.status == never.status, f"{username} {address}: {answer.status}"
            assert answer.status == (404 if "banten" in username else 403), (
                f"{username} {address}: {answer.status}"
            )


def _run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, f"{command}: {done.stdout}\n{done.stderr}"
    return done.stdout
