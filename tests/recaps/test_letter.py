"""The letter's words and shape, without a database: long periods, corrections, ralat, drafts, long names."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from recaps import charts, printed, rendering
from recaps.figures_json import freeze
from recaps.letter import compose, subject
from recaps.rendering import render
from tests.recaps import recap_samples as samples
from tests.recaps.test_file import put, told

LONG = "Lembaga Pemasyarakatan Narkotika Kelas IIA Bandar Lampung Selatan di Way Hui"
SIGNER = "Dr. Ir. Hj. Siti Nurhaliza Rahmawati Kusumawardhani Prawirodirdjo, S.H., M.H., M.Si."


@pytest.fixture(autouse=True, scope="module")
def _children() -> Any:
    yield
    rendering.close()


def words(pdf: bytes, folder: Path) -> str:
    return " ".join(told("pdftotext", "-layout", put(folder, pdf), "-").split())


def of_a_year(upts: int = 24) -> dict[str, Any]:
    """A year with many UPT of long names."""
    figures = samples.figures()
    figures["layout"] = 2
    figures["period"] = {"key": "2024", "label": "Tahun 2024", "from": "2024-01-01", "until": "2024-12-31"}
    figures["letter"]["subject"] = subject("Tahun 2024")
    done = figures["transactions"]["completed"]
    figures["transactions"]["by_month"] = [
        {
            "month": f"2024-{n:02}",
            "label": f"Bulan {n} 2024",
            "packages": n,
            "quantity": n,
            "value_rupiah": n * 1000,
        }
        for n in range(1, 13)
    ]
    figures["transactions"]["by_upt"] = [
        {
            "upt": f"{LONG} {n}",
            "packages": n,
            "quantity": n,
            "value_rupiah": n * 7,
            "in_process": 0,
            "cancelled": 0,
        }
        for n in range(upts)
    ]
    figures["products"]["by_upt"] = [{"upt": f"{LONG} {n}", "total": n, "added": 0} for n in range(upts)]
    assert done["packages"]
    return figures


def test_a_long_period_prints_its_months_and_its_figures_match_its_print(tmp_path: Path) -> None:
    figures = of_a_year()
    issue = samples.issue(office="Plh. Kepala Kantor Wilayah", signer=SIGNER)
    pdf = render(compose(figures, issue), samples.attachments(figures))
    text = words(pdf, tmp_path)
    assert "Nilai transaksi selesai menurut bulan" in text
    assert "Menurut bulan (paket selesai)" in text
    assert "Plh. Kepala Kantor Wilayah," in text
    _, match = printed.compare(printed.read(pdf))
    assert match is not None
    assert match.same, match.differing


def test_the_signature_box_holds_a_long_name_and_the_receipt_stands_on_its_page(tmp_path: Path) -> None:
    figures = of_a_year()
    pdf = render(compose(figures, samples.issue(signer=SIGNER)), [])
    boxes: Any = PdfReader(put(tmp_path, pdf)).trailer["/Root"]["/KaryaBoxes"]
    signature, receipt = ([float(x) for x in boxes[name]] for name in ("/tte", "/receipt"))
    assert signature[0] == receipt[0], "the receipt follows the signature on its page"
    assert signature[4] - signature[2] > 32 / 25.4 * 72, "the box grew with the name"
    page = int(signature[0]) + 1
    run = ["pdftotext", "-layout", "-f", str(page), "-l", str(page), put(tmp_path, pdf), "-"]
    text = " ".join(subprocess.run(run, capture_output=True, text=True, check=True).stdout.split())
    assert "Penerimaan Negara Bukan Pajak" in text, "no signature stands alone on a page"
    assert "5 April 2024 pukul 09.12 WIB" in text


def test_what_came_late_is_told_with_the_letter_it_corrects(tmp_path: Path) -> None:
    late = {
        "period": "2024-02",
        "label": "Februari 2024",
        "number": "W.16-PAS-31.OT.02.02 Tahun 2024",
        "day": "2024-03-04",
        "packages_before": 12,
        "packages": 14,
        "value_before_rupiah": 30_000_000,
        "value_rupiah": 33_500_000,
    }
    figures = samples.figures(corrections=[late])
    pdf = render(compose(figures, samples.issue()), samples.attachments(figures))
    text = words(pdf, tmp_path)
    assert "Koreksi atas periode yang sudah dilaporkan" in text
    assert "Rp30.000.000 Rp33.500.000" in text
    assert "tanggal 4 Maret 2024" in text
    _, match = printed.compare(printed.read(pdf))
    assert match is not None
    assert match.same, match.differing


def test_a_ralat_says_so_in_its_subject() -> None:
    assert (
        subject("Maret 2024", is_ralat=True)
        == "Ralat rekapitulasi produk hasil karya warga binaan Maret 2024"
    )
    assert subject("Maret 2024", pattern="Laporan {period}") == "Laporan Maret 2024"


def test_a_draft_is_marked_behind_its_pages_and_the_mark_is_no_text(tmp_path: Path) -> None:
    figures = samples.figures()
    draft, final = render(compose(figures), []), render(compose(figures, samples.issue()), [])
    assert "karya:draft.css" in compose(figures).html
    assert "karya:draft.css" not in compose(figures, samples.issue()).html
    assert "KONSEP" not in words(draft, tmp_path)
    shade = "0.960784 0.921569 0.882353"  # the mark's colour, as the page's content sets it
    for pdf, marked in ((draft, True), (final, False)):
        run = ["qpdf", "--qdf", "--object-streams=disable", put(tmp_path, pdf), "-"]
        raw = subprocess.run(run, capture_output=True, check=True).stdout.decode("latin-1")
        assert (shade in raw) is marked


def test_a_period_without_anything_says_so_in_words(tmp_path: Path) -> None:
    nothing = {"packages": 0, "quantity": 0, "value_rupiah": 0}
    figures = samples.figures(layout=2)
    figures["transactions"] = {
        "completed": nothing,
        "in_process": nothing,
        "cancelled": nothing,
        "by_upt": [],
        "by_commodity": [],
        "by_month": [],
    }
    figures["buyers"] = {"total": 0, **nothing, "by_upt": [], "other": {"packages": 0, "value_rupiah": 0}}
    figures["products"] = {
        "total": 0,
        "added": 0,
        "by_upt": [],
        "by_category": [],
        "by_group": [],
        "names": [],
    }
    text = words(render(compose(figures, samples.issue()), []), tmp_path)
    assert "belum ada produk yang terdaftar (nihil)" in text
    assert "Tidak ada pembelian yang selesai pada periode ini (nihil)" in text
    assert "Rp0 (nol rupiah)" in text


def test_a_letter_that_was_signed_in_the_first_layout_still_matches_its_print() -> None:
    """Its figures know no layout, months or corrections: composed anew it says what it said."""
    figures = samples.figures()
    assert "layout" not in figures
    html = compose(figures, samples.issue()).html
    assert "Menurut bulan" not in html
    assert "Koreksi atas" not in html
    figures["products"] |= {"total": 0, "by_upt": []}
    assert "terdaftar 0 produk dari 0 UPT" in compose(figures, samples.issue()).html
    assert freeze(figures)


def test_pictures_have_words_and_the_reader_shows_the_title(tmp_path: Path) -> None:
    """What of PDF/UA the file carries; docs/operasi.md says what it lacks."""
    figures = of_a_year()
    pdf = render(compose(figures, samples.issue()), [])
    run = ["qpdf", "--qdf", "--object-streams=disable", put(tmp_path, pdf), "-"]
    raw = subprocess.run(run, capture_output=True, check=True).stdout.decode("latin-1")
    assert raw.count("/S /Figure") == raw.count("/Alt (") == 5
    for wanted in ("/DisplayDocTitle true", "/Lang (id)", "/Tabs /S", "/S /TH", "/S /H1", "/S /H2"):
        assert wanted in raw, wanted
    titles = [item.title for item in PdfReader(put(tmp_path, pdf)).outline if not isinstance(item, list)]
    assert titles[:4] == [
        "I. Produk terdaftar",
        "II. UPT yang membeli",
        "III. Transaksi",
        "IV. Kendala dan solusi",
    ]


def test_a_short_table_is_bound_to_nothing_that_follows_and_long_texts_go_on_over_the_page(
    tmp_path: Path,
) -> None:
    """Part III begins on the first page; a page is turned for a picture, not for a table of three rows."""
    pages = PdfReader(put(tmp_path, render(compose(samples.figures()), []))).pages
    assert "Dalam proses" in pages[0].extract_text()
    figures = samples.figures()
    for row in figures["obstacles"]["items"]:
        row["description"] = "Pasokan rotan dan kayu terhenti selama musim hujan. " * 60
    texts = [page.extract_text() for page in PdfReader(put(tmp_path, render(compose(figures), []))).pages]
    first = next(at for at, text in enumerate(texts) if "D. Kendala dan solusi" in text)
    assert "Pasokan rotan" in texts[first], "no heading stands alone at the end of a page"
    for text in texts[first:]:
        assert "Pasokan rotan" not in text or "Penanggung jawab" in text, "each page names its columns"


def test_a_sum_of_the_others_does_not_dwarf_those_that_are_named() -> None:
    named = [(f"UPT {n}", 100 - n, f"Rp{100 - n}") for n in range(3)]
    within = charts.bars([*named, ("4 UPT lain", 140, "Rp140")], title="t", muted=3)
    beyond = charts.bars([*named, ("9 UPT lain", 900, "Rp900")], title="t", muted=3)
    assert charts.PALE in within
    assert 'width="0" height="14" fill="' + charts.PALE in beyond
    assert "Rp900" in beyond


def test_names_that_begin_alike_can_be_told_apart() -> None:
    short = {charts.shorten(f"{LONG} {n}", 30) for n in range(24)}
    assert len(short) == 24
    assert all(len(one) <= 30 for one in short)
    assert charts.shorten("Lapas IIA Pontianak", 30) == "Lapas IIA Pontianak"
