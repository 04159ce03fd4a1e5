"""Every line of a purchase file gets its answer; good lines are never lost to bad ones."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from sales.columns import KEYS
from sales.errors import FileTooLarge, NotAPurchaseFile, UnreadableFile
from sales.parsing import Line, PurchaseFile
from tenants import sheet_xlsx
from tenants.sheet_rows import MAX_BYTES
from tenants.sheets import FORMULA_SIGNS
from tenants.words import date_id, rupiah
from tests.sales.reference import BANTEN, DATA, KALBAR, book

TODAY = date(2026, 11, 23)
BOOK = book()
GOOD = {
    "id_paket": "EP-1",
    "komoditas": "Batik",
    "nama_produk": "Batik ecoprint 2 m",
    "penyedia": "Lembaga Pemasyarakatan Kelas IIA Serang",
    "satker_pembeli": "Pengadilan Negeri Serang",
    "instansi_pembeli": "Mahkamah Agung",
    "tanggal": "2024-03-05",
    "kuantitas": "2",
    "harga_satuan": "225000",
    "ongkir": "25000",
    "total": "475000",
    "status": "Selesai",
}


def read(content: bytes, own: int | None = BANTEN, today: date = TODAY) -> list[Line]:
    return list(PurchaseFile(io.BytesIO(content)).lines(BOOK, own=own, today=today))


def sample(name: str, own: int | None = BANTEN) -> list[Line]:
    return read((DATA / name).read_bytes(), own)


def as_csv(*rows: dict[str, str], delimiter: str = ",", encoding: str = "utf-8") -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, KEYS, delimiter=delimiter, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode(encoding)


def one(**changes: str) -> Line:
    (line,) = read(as_csv({**GOOD, **changes}))
    return line


def reasons(line: Line) -> list[tuple[str, str]]:
    return [(issue.field, issue.level) for issue in line.issues]


# --- the sample files ---


@pytest.mark.parametrize("name", ["ekatalog_purchases_sample.csv", "ekatalog_purchases_sample.xlsx"])
@pytest.mark.parametrize(
    ("own", "turnover"),
    [
        (BANTEN, {1: 17_823_000, 2: 18_599_000, 3: 16_291_000}),
        (KALBAR, {1: 12_960_000, 2: 13_228_000, 3: 47_850_000}),
    ],
)
def test_the_sample_adds_up_for_each_kanwil(name: str, own: int, turnover: dict[int, int]) -> None:
    lines = sample(name, own)
    assert len(lines) == 120
    assert {line.level for line in lines} == {"good", "left_out"}
    found = dict.fromkeys(turnover, 0)
    for line in lines:
        if line.purchase and line.purchase.status == "Selesai":
            found[line.purchase.purchased_on.month] += line.purchase.total_rupiah
    assert found == turnover


def test_the_centre_takes_every_line_of_the_sample() -> None:
    lines = sample("ekatalog_purchases_sample.csv", None)
    assert {line.level for line in lines} == {"good"}
    assert {line.purchase.provider.kanwil_id for line in lines if line.purchase} == {BANTEN, KALBAR}


def test_the_workbook_says_the_same_as_the_csv_and_counts_the_sheets_rows() -> None:
    from_csv, from_xlsx = (sample(f"ekatalog_purchases_sample.{kind}") for kind in ("csv", "xlsx"))
    assert [line.purchase for line in from_csv] == [line.purchase for line in from_xlsx]
    assert from_csv[0].number == 2
    assert from_xlsx[0].number == 4


BAD = {
    4: ("tanggal", "error", "tanggal 2024-02-31 tidak ada dalam kalender"),
    6: ("kuantitas", "error", "Kuantitas harus bilangan bulat di atas 0, bukan -3"),
    9: ("id_paket", "error", "ID paket EP-2403-00505 sudah ada di baris 7 dengan isi lain"),
    12: ("id_paket", "notice", "sama dengan baris 11; dihitung satu kali"),
    14: ("total", "error", "berbeda Rp1.000 dari kuantitas × harga satuan + ongkir"),
    17: ("penyedia", "error", "“Lembaga Pemasyarakatan Kelas IIA Atlantis” tidak dikenal"),
    19: ("nama_produk", "notice", "diawali tanda rumus “=”"),
    21: ("satker_pembeli", "notice", "diawali tanda rumus “+”"),
    27: ("baris", "error", "bukan UTF-8 (FF FE)"),
    30: ("penyedia", "error", "Penyedia kosong"),
    33: ("tanggal", "error", "15 Januari 2031 ada di masa depan"),
    36: ("harga_satuan", "error", "“seratus ribu” bukan jumlah rupiah"),
    38: ("penyedia", "left_out", "Kanwil Kalimantan Barat"),
}


@pytest.mark.parametrize("number", range(2, 42))
def test_each_line_of_the_bad_file_gets_its_answer(number: int) -> None:
    line = next(line for line in sample("ekatalog_purchases_bad.csv") if line.number == number)
    if number not in BAD:
        assert line.issues == ()
        assert line.purchase is not None
        return
    field, level, reason = BAD[number]
    (issue,) = line.issues
    assert (issue.line, issue.field, issue.level) == (number, field, level)
    assert reason in issue.reason
    assert (line.purchase is not None) == (number in {19, 21})


def test_the_amount_of_line_24_is_read_as_written() -> None:
    purchase = next(line for line in sample("ekatalog_purchases_bad.csv") if line.number == 24).purchase
    assert purchase is not None
    assert purchase.unit_price_rupiah == 1_250_000
    assert purchase.total_rupiah == 2_500_000


def test_text_with_a_formula_sign_is_kept_as_it_is() -> None:
    lines = {line.number: line.purchase for line in sample("ekatalog_purchases_bad.csv")}
    assert lines[19]
    assert lines[19].product_name == '=HYPERLINK("http://contoh.invalid";"klik")'
    assert lines[21]
    assert lines[21].buyer_unit == "+CMD|' /C calc'!A0"


# --- how offices save files ---


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_encodings_and_delimiters(encoding: str, delimiter: str) -> None:
    content = as_csv({**GOOD, "nama_produk": "Kaos “Café” – 2 m²"}, delimiter=delimiter, encoding=encoding)
    (line,) = read(content)
    assert line.issues == ()
    assert line.purchase
    assert line.purchase.product_name == "Kaos “Café” – 2 m²"


def test_titles_above_the_header_and_other_names_of_columns() -> None:
    content = (
        b"Ekspor paket;;;\nPeriode: Maret 2024;;;\n\n"
        b"No;ID Paket;Nama Produk;Nama Penyedia;Satuan Kerja;Tgl. Paket;Qty;"
        b"Harga Satuan (Rp);Total Harga (Rp);Status Paket\n"
        b"1;EP-9;Kaos;Lapas Kls. II A Serang;PN Serang;5 Maret 2024;1.000;Rp55.000,00;Rp 55.000.000;SELESAI\n"
    )
    (line,) = read(content)
    assert line.number == 5
    assert line.issues == ()
    assert line.purchase
    assert (line.purchase.quantity, line.purchase.total_rupiah) == (1000, 55_000_000)
    assert line.purchase.provider.upt_name == "Lembaga Pemasyarakatan Kelas IIA Serang"


def test_a_cell_over_two_lines_and_blank_lines_keep_the_numbers() -> None:
    content = (
        as_csv({**GOOD, "nama_produk": "Kaos\nlengan pendek"})
        + b"\n\n"
        + as_csv({**GOOD, "id_paket": "EP-2"})
    )
    lines = read(content.replace(b"\n\n\nid_paket", b"\n\n\n#id_paket"))
    assert lines[0].purchase
    assert lines[0].purchase.product_name == "Kaos lengan pendek"
    assert [line.number for line in lines] == [2, 6, 7]


def test_a_forgotten_quotation_mark_costs_one_line() -> None:
    rows = as_csv(*({**GOOD, "id_paket": f"EP-{n}"} for n in range(60))).splitlines(keepends=True)
    rows[3] = rows[3].replace(b"Batik ecoprint", b'"Batik ecoprint')
    rows[50] = rows[50].replace(b"Batik ecoprint", b'Batik 5" ecoprint')
    lines = read(b"".join(rows))
    assert [line.number for line in lines if not line.purchase] == [4]
    assert "tanda kutip" in lines[2].issues[0].reason
    assert len(lines) == 60


def test_damaged_lines_cost_themselves_alone() -> None:
    rows = as_csv(*({**GOOD, "id_paket": f"EP-{n}", "nama_produk": "Café"} for n in range(5))).splitlines(
        keepends=True
    )
    rows[2] = rows[2].replace("é".encode(), b"\xe9")
    lines = read(b"".join(rows))
    assert [line.number for line in lines if not line.purchase] == [3]


# --- what a line may not say ---


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"id_paket": ""}, "id_paket"),
        ({"id_paket": "x" * 65}, "id_paket"),
        ({"nama_produk": "  "}, "nama_produk"),
        ({"nama_produk": "a\x07b"}, "nama_produk"),
        ({"nama_produk": "x" * 301}, "nama_produk"),
        ({"satker_pembeli": ""}, "satker_pembeli"),
        ({"tanggal": ""}, "tanggal"),
        ({"tanggal": "kemarin"}, "tanggal"),
        ({"tanggal": "05/03/24"}, "tanggal"),
        ({"tanggal": "1999-03-05"}, "tanggal"),
        ({"kuantitas": "0"}, "kuantitas"),
        ({"kuantitas": "1,5"}, "kuantitas"),
        ({"kuantitas": ""}, "kuantitas"),
        ({"harga_satuan": "-5"}, "harga_satuan"),
        ({"harga_satuan": "225.000,50"}, "harga_satuan"),
        ({"harga_satuan": ""}, "harga_satuan"),
        ({"ongkir": "gratis"}, "ongkir"),
        ({"total": "475001"}, "total"),
        ({"status": "Entah"}, "status"),
        ({"status": ""}, "status"),
        ({"penyedia": "Toko Maju"}, "penyedia"),
    ],
)
def test_one_wrong_cell_is_named_alone(changes: dict[str, str], field: str) -> None:
    line = one(**changes)
    assert line.purchase is None
    assert reasons(line) == [(field, "error")]


def test_several_wrong_cells_are_all_named() -> None:
    line = one(tanggal="2024-02-30", kuantitas="nol", status="Entah")
    assert {field for field, _ in reasons(line)} == {"tanggal", "kuantitas", "status"}


def test_today_counts_and_tomorrow_does_not() -> None:
    assert read(as_csv(GOOD), today=date(2024, 3, 5))[0].purchase
    assert not read(as_csv(GOOD), today=date(2024, 3, 4))[0].purchase


def test_another_kanwils_line_is_left_out_whatever_else_it_says() -> None:
    line = one(penyedia="Lembaga Pemasyarakatan Kelas IIA Pontianak", tanggal="2024-02-31")
    assert reasons(line) == [("penyedia", "left_out")]


def test_a_package_on_two_lines() -> None:
    same = {**GOOD, "harga_satuan": "Rp225.000,00", "tanggal": "5 Maret 2024"}
    other = {**GOOD, "status": "Batal"}
    lines = read(as_csv(GOOD, same, other))
    assert [line.level for line in lines] == ["good", "notice", "error"]
    assert [bool(line.purchase) for line in lines] == [True, False, False]


# --- files that are refused whole ---


@pytest.mark.parametrize(
    ("content", "error", "says"),
    [
        (b"", UnreadableFile, "kosong"),
        (b" \n\n", UnreadableFile, "kosong"),
        (b"nama,alamat\nA,B\n", UnreadableFile, "Kepala kolom"),
        (b"%PDF-1.7 ...", NotAPurchaseFile, "PDF"),
        (b"\x89PNG\r\n\x1a\n", NotAPurchaseFile, "gambar"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", NotAPurchaseFile, "XLS lama"),
        (b"id_paket\x00\x01", NotAPurchaseFile, "bukan teks"),
        (b"PK\x03\x04 broken", UnreadableFile, "rusak"),
    ],
)
def test_a_file_that_is_none(content: bytes, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        read(content)


def test_missing_columns_are_named() -> None:
    with pytest.raises(UnreadableFile, match="harga_satuan, status") as caught:
        read(b"id_paket,nama_produk,penyedia,satker_pembeli,tanggal,kuantitas,total\n")
    assert set(caught.value.fields) == {"harga_satuan", "status"}


def test_a_file_beyond_the_bound_is_refused_before_it_is_read() -> None:
    with pytest.raises(FileTooLarge, match="64 MB"):
        read(b"x" * (MAX_BYTES + 1))


# --- workbooks ---


def workbook(*rows: list[object], titles: int = 0) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for _ in range(titles):
        sheet.append(["Laporan"])
    sheet.append(list(KEYS))
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def cells(**changes: object) -> list[object]:
    typed = {
        "tanggal": datetime(2024, 3, 5),  # noqa: DTZ001 - a workbook knows no zone
        "kuantitas": 2,
        "harga_satuan": 225000,
        "ongkir": 25000,
        "total": 475000,
    }
    return [{**GOOD, **typed, **changes}[key] for key in KEYS]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"tanggal": "5 Maret 2024"},
        {"tanggal": 45356},
        {"harga_satuan": 225000.0},
        {"total": "Rp475.000,00"},
        {"ongkir": "25.000"},
        {"id_paket": 12345},
    ],
)
def test_the_types_of_cells_that_a_workbook_brings(changes: dict[str, object]) -> None:
    (line,) = read(workbook(cells(**changes), titles=2))
    assert line.number == 4
    assert line.issues == ()
    assert line.purchase
    assert line.purchase.purchased_on == date(2024, 3, 5)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"harga_satuan": 225000.5}, "harga_satuan"),
        ({"kuantitas": True}, "kuantitas"),
        ({"total": "=H2*I2+J2"}, "total"),
        ({"nama_produk": '=HYPERLINK("http://contoh.invalid")'}, "nama_produk"),
        ({"penyedia": "=A1"}, "penyedia"),
        ({"tanggal": "=TODAY()"}, "tanggal"),
    ],
)
def test_formulas_and_fractions_in_a_workbook_are_named(changes: dict[str, object], field: str) -> None:
    (line,) = read(workbook(cells(**changes)))
    assert line.purchase is None
    assert reasons(line) == [(field, "error")]


def rezipped(content: bytes, name: str, data: bytes) -> bytes:
    """The archive with one part replaced or added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            if part.filename != name:
                new.writestr(part.filename, old.read(part.filename))
        new.writestr(name, data)
    return out.getvalue()


def test_a_zip_bomb_is_refused_before_it_is_unfolded() -> None:
    bomb = rezipped(workbook(cells()), "xl/worksheets/sheet1.xml", b" " * 20_000_000)
    with pytest.raises(FileTooLarge, match="tidak wajar"):
        read(bomb)


def test_an_archive_that_unfolds_too_far_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet_xlsx, "MAX_UNFOLDED", 1000)
    with pytest.raises(FileTooLarge):
        read(workbook(cells()))


def test_macros_and_other_archives_are_refused() -> None:
    with pytest.raises(NotAPurchaseFile, match="makro"):
        read(rezipped(workbook(cells()), "xl/vbaProject.bin", b"x"))
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("surat.txt", "halo")
    with pytest.raises(NotAPurchaseFile, match="bukan buku kerja"):
        read(other.getvalue())


def test_entities_in_a_workbook_are_refused() -> None:
    laughs = (
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><worksheet>&b;</worksheet>'
    )
    with pytest.raises(UnreadableFile, match="entitas XML"):
        read(rezipped(workbook(cells()), "xl/worksheets/sheet1.xml", laughs))


# --- properties ---

TEXT = st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1, max_size=40).filter(
    lambda text: bool(text.split())
)


@settings(max_examples=60, deadline=None)
@given(
    product=TEXT,
    buyer=TEXT,
    day=st.dates(min_value=date(2010, 1, 1), max_value=TODAY),
    quantity=st.integers(1, 10**6),
    price=st.integers(0, 10**8),
    shipping=st.integers(0, 10**7),
    delimiter=st.sampled_from(",;\t"),
    written=st.booleans(),
)
def test_a_purchase_survives_the_way_it_is_written(
    product: str,
    buyer: str,
    day: date,
    quantity: int,
    price: int,
    shipping: int,
    delimiter: str,
    written: bool,
) -> None:
    show = rupiah if written else str
    row = {
        **GOOD,
        "nama_produk": product,
        "satker_pembeli": buyer,
        "tanggal": date_id(day) if written else day.isoformat(),
        "kuantitas": str(quantity),
        "harga_satuan": show(price),
        "ongkir": show(shipping),
        "total": show(quantity * price + shipping),
    }
    (line,) = read(as_csv(row, delimiter=delimiter))
    found = line.purchase
    assert found is not None
    assert (found.product_name, found.buyer_unit) == (" ".join(product.split()), " ".join(buyer.split()))
    assert (found.purchased_on, found.quantity, found.unit_price_rupiah) == (day, quantity, price)
    assert found.total_rupiah == quantity * price + shipping
    warned = {issue.field for issue in line.issues}
    assert ("nama_produk" in warned) == product.strip().startswith(FORMULA_SIGNS)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.binary(max_size=60), max_size=12))
def test_any_bytes_below_the_header_get_answers_and_hide_no_good_line(garbage: list[bytes]) -> None:
    head, good = as_csv(GOOD).splitlines(keepends=True)
    body = b"".join(bytes(b for b in raw if b not in b'\n\r"\x00') + b"\n" for raw in garbage)
    lines = read(head + body + good)
    assert [line.number for line in lines if line.purchase] == [2 + len(garbage)]
    assert all(issue.reason for line in lines for issue in line.issues)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400))
def test_any_file_is_read_or_refused_in_words(content: bytes) -> None:
    try:
        read(content)
    except (UnreadableFile, NotAPurchaseFile, FileTooLarge) as refused:
        assert refused.message  # noqa: PT017 - either outcome is right
