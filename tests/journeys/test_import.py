"""An export with strange columns: explained once, a name learned, a buyer settled, a line corrected, all undone."""

from __future__ import annotations

import csv
import io

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Windows

pytestmark = pytest.mark.journey
HEADER = (
    "No. Kontrak",
    "Golongan",
    "Barang",
    "Mitra",
    "Pemesan",
    "K/L/D/I",
    "Waktu",
    "Banyaknya",
    "@",
    "Antar",
)
HEADER += ("Seluruhnya", "Tahapan")
LABELS = (
    "ID paket",
    "Komoditas",
    "Nama produk",
    "Penyedia",
    "Satuan kerja pembeli",
    "Instansi pembeli",
    "Tanggal",
)
LABELS += ("Kuantitas", "Harga satuan", "Ongkos kirim", "Total", "Status")


def export(*lines: tuple[str, str, str]) -> dict[str, object]:
    """A file as an office saves it: title above, semicolons, Windows-1252; (package, provider, buyer) a line."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";")
    writer.writerow(["Pembelian – Maret 2024"])
    writer.writerow(HEADER)
    for package, provider, buyer in lines:
        row = (package, "Kerajinan", "Tas anyaman purun", provider, buyer, "", "5 Maret 2024", "2")
        writer.writerow((*row, "Rp95.000,00", "10.000", "Rp200.000,00", "Selesai"))
    return {"name": "ekspor Maret.csv", "mimeType": "text/csv", "buffer": out.getvalue().encode("cp1252")}


def upload(page: Page, file: dict[str, object]) -> None:
    page.goto("/pembelian/impor")
    page.locator("input[type=file]").set_input_files([file])  # type: ignore[list-item]
    page.get_by_role("button", name="Lihat pratinjau").click()


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)  # the pages are the same on both
def test_a_strange_export_is_explained_once_and_taken_back(windows: Windows) -> None:
    page = windows.officer("kadiv.kalbar")
    lines = (("JALAN-1", "Lapas IIA Pontianak", "Bagian Umum"), ("JALAN-2", "LP Ptk", "Bagian Umum"))
    upload(page, export(*lines))
    expect(page.get_by_role("heading", name="Kolom mana berisi apa?")).to_be_visible()
    for position, label in enumerate(LABELS):
        page.get_by_label(label, exact=True).select_option(str(position))
    page.get_by_role("button", name="Simpan dan baca berkas").click()

    expect(page.get_by_role("heading", name="Penyedia yang belum dikenal")).to_be_visible()
    page.get_by_label("UPT yang dimaksud").select_option(label="Lapas IIA Pontianak")
    page.get_by_role("button", name="Catat sebagai nama lain").click()
    page.get_by_role("button", name="Impor 2 baris").click()
    expect(page.get_by_text("2 baris diimpor.")).to_be_visible()
    imported = page.url

    page.goto("/pembelian/pembeli")
    row = page.get_by_role("row", name="Bagian Umum").first
    row.get_by_label("Jenis pembeli").select_option(label="Instansi pemerintah")
    row.get_by_role("button", name="Simpan").click()
    expect(page.get_by_text("Bagian Umum sudah dikenal.")).to_be_visible()

    page.goto("/pembelian?q=JALAN-2")
    page.get_by_role("link", name="Tas anyaman purun").click()
    page.get_by_role("link", name="Koreksi").click()
    page.get_by_label("Kuantitas").fill("3")
    page.get_by_label("Alasan koreksi").fill("Salah tulis di berkas")
    page.get_by_role("button", name="Simpan koreksi").click()
    expect(page.locator("#riwayat")).to_contain_text("Salah tulis di berkas")
    expect(page.locator("#riwayat ins").last).to_have_text("Rp295.000")

    page.goto(imported)
    expect(page.get_by_text("1 paket sudah diubah sesudahnya")).to_be_visible()
    page.get_by_label("Biarkan paket yang sudah diubah").check()
    page.get_by_role("button", name="Batalkan impor").click()
    expect(page.get_by_text("1 paket dihapus")).to_be_visible()

    upload(page, export(*lines))  # the same header needs no word, and the corrected package is seen to differ
    expect(page.get_by_role("button", name="Impor 2 baris")).to_be_visible()
    expect(page.get_by_text("kuantitas 3 menjadi 2")).to_be_visible()
