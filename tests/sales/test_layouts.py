"""Columns that go by other names are explained once; layouts of every kind come out the same."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from sqlalchemy import func, select

from sales import figures, imports, layouts, reading
from sales.columns import COLUMNS, KEYS, fingerprint, plain
from sales.errors import ImportNotFound, UnknownColumns, UnreadableFile
from sales.models import Purchase
from sales.parsing import PurchaseFile, top_of
from tenants.database import session
from tenants.errors import Invalid
from tenants.words import date_id, rupiah
from tests.sales.conftest import NOW, Sales
from tests.sales.reference import BANTEN
from tests.sales.test_parsing import BOOK, GOOD, TODAY, rezipped

STRANGE = {
    "id_paket": "Nomor Kontrak",
    "komoditas": "Golongan",
    "nama_produk": "Barang yang Dibeli",
    "penyedia": "Mitra",
    "satker_pembeli": "Pemesan",
    "instansi_pembeli": "K/L/D/I",
    "tanggal": "Waktu",
    "kuantitas": "Banyaknya",
    "harga_satuan": "@",
    "ongkir": "Antar",
    "total": "Seluruhnya",
    "status": "Tahapan",
}
POSITIONS = {key: position for position, key in enumerate(KEYS)}


def written(names: dict[str, str], *rows: dict[str, str], delimiter: str = ";") -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
    writer.writerow([names[key] for key in KEYS])
    writer.writerows([{**GOOD, **row}[key] for key in KEYS] for row in rows)
    return out.getvalue().encode()


FILE = written(STRANGE, {}, {"id_paket": "EP-2"})


def test_unknown_columns_are_asked_for_once_and_known_ever_after(sales: Sales) -> None:
    with sales.inside():
        with pytest.raises(UnknownColumns) as refused:
            imports.begin(FILE, "a.csv", by=sales.by(), now=NOW)
        assert refused.value.detail == {"header_line": 1, "columns": list(STRANGE.values())}
        waiting = imports.begin(FILE, "a.csv", by=sales.by(), now=NOW, may_ask=True)
        assert waiting.state == "mapping"
        for _ in range(2):
            begun = imports.explain(waiting.id, POSITIONS, by=sales.by(), now=NOW)
        assert begun.state == "running"
        seen = reading.read(begun.id, now=NOW)
        assert (seen.state, seen.good, seen.bad) == ("preview", 2, 0)
    again = sales.bring_in(FILE.replace(b"EP-2", b"EP-3").replace(b"Waktu", b"WAKTU "))
    assert (again.state, again.good) == ("done", 2)
    with sales.inside(sales.kalbar), pytest.raises(UnknownColumns):
        imports.begin(FILE, "a.csv", by=sales.by(kanwil=sales.kalbar), now=NOW)


def test_a_forgotten_header_is_asked_for_again(sales: Sales) -> None:
    with sales.inside():
        columns = {key: name for key, name in STRANGE.items() if key != "komoditas"}
        imports.begin(FILE, "a.csv", by=sales.by(), now=NOW, columns=columns)
        (layout,) = layouts.every()
        assert "komoditas" not in layout.positions
        layouts.forget(layout.id, by=sales.by(), now=NOW)
        with pytest.raises(ImportNotFound):
            layouts.forget(layout.id, by=sales.by(), now=NOW)
        with pytest.raises(UnknownColumns):
            imports.begin(FILE, "a.csv", by=sales.by(), now=NOW)


def test_what_is_explained_wrongly_is_said_at_its_column(sales: Sales) -> None:
    with sales.inside():
        waiting = imports.begin(FILE, "a.csv", by=sales.by(), now=NOW, may_ask=True)
        wrong = {**POSITIONS, "total": POSITIONS["harga_satuan"], "status": 99}
        del wrong["tanggal"]
        with pytest.raises(Invalid) as refused:
            imports.explain(waiting.id, wrong, by=sales.by(), now=NOW)
        assert set(refused.value.fields) == {"total", "status", "tanggal"}
        assert imports.find(waiting.id).state == "mapping"
        with pytest.raises(Invalid) as refused:
            imports.begin(FILE, "a.csv", by=sales.by(), now=NOW, columns={"total": "Entah", "apa": "@"})
        assert set(refused.value.fields) == {"total", "apa"}


def test_the_top_of_a_strange_file_suggests_what_its_rows_tell() -> None:
    titled = b"Laporan;;\nBulan Maret;;\n" + FILE
    top = layouts.top(io.BytesIO(titled), names=BOOK)
    assert top.header.number == 3
    assert top.suggested == {
        "tanggal": POSITIONS["tanggal"],
        "status": POSITIONS["status"],
        "penyedia": POSITIONS["penyedia"],
    }
    assert top.columns[0] == (0, "Nomor Kontrak", ["EP-1", "EP-2"])


def test_a_file_too_narrow_for_purchases_is_refused_and_not_asked_about() -> None:
    with pytest.raises(UnreadableFile) as refused:
        PurchaseFile(io.BytesIO(b"nama;alamat\nA;B\n"))
    assert not isinstance(refused.value, UnknownColumns)


# --- sheets as people lay them out ---


def sheet(rows: list[list[object]], merged: tuple[str, ...] = ()) -> bytes:
    book = Workbook()
    page = book.active
    assert page is not None
    for row in rows:
        page.append(row)
    for cells in merged:
        page.merge_cells(cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read(content: bytes, known: dict[str, dict[str, int]] | None = None) -> list[object]:
    lines = PurchaseFile(io.BytesIO(content), known).lines(BOOK, own=BANTEN, today=TODAY)
    return [line.purchase or [issue.reason for issue in line.issues] for line in lines]


def test_merged_cells_count_for_every_row_that_they_cover() -> None:
    rows = [[{**GOOD, "id_paket": f"EP-{n}"}[key] for key in KEYS] for n in range(4)]
    plainly = read(sheet([list(KEYS), *rows]))
    for row in rows[1:]:
        row[KEYS.index("penyedia")] = row[KEYS.index("tanggal")] = None
    assert read(sheet([list(KEYS), *rows], ("D2:D5", "G2:G5"))) == plainly


def test_a_header_over_two_rows_is_read_by_its_lower_one() -> None:
    upper = ["ID Paket", "Komoditas", "Nama Produk", "Penyedia", "Pembeli", None, "Tanggal", "Qty"]
    upper += ["Harga", None, "Total", "Status"]
    lower = [None, None, None, None, "Satuan Kerja", "Instansi", None, None, "Harga Satuan", "Ongkos Kirim"]
    lower += [None, None]
    tall = [f"{letter}2:{letter}3" for letter in "ABCDGHKL"]
    content = sheet(
        [["Rekap pembelian"], upper, lower, [GOOD[key] for key in KEYS]], ("A1:L1", "E2:F2", "I2:J2", *tall)
    )
    assert read(content) == read(sheet([list(KEYS), [GOOD[key] for key in KEYS]]))


def test_a_formula_in_a_merged_cell_is_named_in_every_row() -> None:
    rows = [[{**GOOD, "id_paket": f"EP-{n}"}[key] for key in KEYS] for n in range(2)]
    rows[0][KEYS.index("tanggal")], rows[1][KEYS.index("tanggal")] = "=TODAY()", None
    found = read(sheet([list(KEYS), *rows], ("G2:G3",)))
    assert all("rumus" in str(answer) for answer in found)


def test_entities_that_unfold_without_end_are_refused_by_name() -> None:
    laughs = (
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><worksheet>&b;</worksheet>'
    )
    for part in ("xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/sharedStrings.xml"):
        with pytest.raises(UnreadableFile, match="entitas XML"):
            read(rezipped(sheet([list(KEYS), [GOOD[key] for key in KEYS]]), part, laughs))


# --- properties ---

NAMES = {column.key: [column.key, column.label, *column.also] for column in COLUMNS}
DAYS = (
    date_id,
    date.isoformat,
    lambda day: f"{day:%d/%m/%Y}",
    lambda day: f"Selasa, {date_id(day)}",
    lambda day: f"{day.day}-{date_id(day).split()[1][:3]}-{day.year}",
)
MONEY = (
    str,
    rupiah,
    lambda n: rupiah(n, cents=True),
    lambda n: f"Rp {n:,}".replace(",", "."),
    lambda n: f"{n},-",
)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_any_layout_gives_the_same_purchases(data: st.DataObject) -> None:
    """Order, names and spelling of columns, others between them, titles above, the way of writing days and money."""
    draw = data.draw
    order = draw(st.permutations(KEYS))
    known = draw(st.booleans())
    columns: list[str | None] = list(order)
    for _ in range(draw(st.integers(0, 3))):
        columns.insert(draw(st.integers(0, len(columns))), None)
    names = NAMES if known else {key: [name] for key, name in STRANGE.items()}
    case = draw(st.sampled_from([str, str.upper, str.title, lambda text: f" {text}  (Rp)"]))
    head = [
        case(draw(st.sampled_from(names[key]))) if key else f"Kolom lain {n}" for n, key in enumerate(columns)
    ]
    day, money = draw(st.sampled_from(DAYS)), draw(st.sampled_from(MONEY))
    rows, expected = [], []
    for number in range(draw(st.integers(1, 4))):
        on = date(2024, 1, 1) + timedelta(days=draw(st.integers(0, 700)))
        quantity, price, shipping = (
            draw(st.integers(1, 999)),
            draw(st.integers(0, 10**7)),
            draw(st.integers(0, 10**6)),
        )
        total = quantity * price + shipping
        cells = {
            **GOOD,
            "id_paket": f"EP-{number}",
            "tanggal": day(on),
            "kuantitas": str(quantity),
            "harga_satuan": money(price),
            "ongkir": money(shipping),
            "total": money(total),
        }
        rows.append([cells[key] if key else "isi lain" for key in columns])
        expected.append((f"EP-{number}", on, quantity, price, shipping, total))
    titles = [[f"Judul {n}"] for n in range(draw(st.integers(0, 5)))]
    table = [*titles, head, *rows]
    if draw(st.booleans()):
        content = sheet([list(row) for row in table])
    else:
        out = io.StringIO()
        csv.writer(out, delimiter=draw(st.sampled_from(",;\t"))).writerows(table)
        content = out.getvalue().encode(draw(st.sampled_from(["utf-8", "utf-8-sig", "cp1252", "utf-16"])))
    explained = None
    if not known:
        header = next(row for row in top_of(io.BytesIO(content)) if row.number == len(titles) + 1)
        explained = {fingerprint(header): {key: columns.index(key) for key in KEYS}}
    lines = list(PurchaseFile(io.BytesIO(content), explained).lines(BOOK, own=BANTEN, today=TODAY))
    assert [issue.reason for line in lines for issue in line.issues] == []
    found = [line.purchase for line in lines if line.purchase]
    assert [
        (
            one.package_id,
            one.purchased_on,
            one.quantity,
            one.unit_price_rupiah,
            one.shipping_rupiah,
            one.total_rupiah,
        )
        for one in found
    ] == expected


def test_no_two_columns_go_by_the_same_name() -> None:
    every = [
        (plain(name), column.key) for column in COLUMNS for name in {column.key, column.label, *column.also}
    ]
    for name, key in every:
        assert {other for called, other in every if called == name} == {key}


def test_an_import_of_an_explained_file_counts(sales: Sales) -> None:
    with sales.inside():
        begun = imports.begin(FILE, "a.csv", by=sales.by(), now=NOW, columns=STRANGE, accept=True)
        assert reading.read(begun.id, now=NOW).state == "done"
        assert session().scalar(select(func.count()).select_from(Purchase)) == 2
        assert figures.recount() == []
