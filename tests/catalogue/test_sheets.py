"""Drafts from a filled template: what a row says, what is wrong with it, and that it becomes a draft once."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select

from catalogue import drafts
from catalogue.errors import ContentInvalid, NotYourProduct
from catalogue.models import Product
from catalogue.queries import product_view
from catalogue.sheets import importing
from catalogue.sheets.columns import COLUMNS
from catalogue.sheets.reading import FORMULA, MAX_ROWS, SheetRow, read
from catalogue.sheets.template import HELP, SHEET, workbook
from tenants import database
from tenants.errors import FileTooLarge, NotASheet, UnreadableFile
from tenants.idempotency import KeyReused
from tests.catalogue.conftest import NOW, House
from tests.catalogue.sheets import WHOLE, filled
from tests.support.statements import counted_statements
from workflows.audit import verify
from workflows.models import AuditEvent

TODAY = date(2024, 3, 14)


def _said(row: SheetRow, level: str) -> dict[str, str]:
    return {issue.key: issue.reason for issue in row.issues if issue.level == level}


def test_the_template_offers_choices_and_explains_every_column() -> None:
    book = load_workbook(io.BytesIO(workbook()))
    assert book.sheetnames == [SHEET, HELP]
    lists = {
        str(one.sqref).partition(":")[0][:-1]: one.formula1
        for one in book[SHEET].data_validations.dataValidation
    }
    assert len(lists) == 3
    assert '"Kriya,Kuliner,Fesyen,Manufaktur,Agribisnis,Jasa,Seni"' in lists.values()
    explained = {row[0].value for row in book[HELP].iter_rows(min_row=6)}
    assert explained == {column.heading for column in COLUMNS}


def test_the_empty_template_holds_no_product() -> None:
    with pytest.raises(UnreadableFile, match="Belum ada produk"):
        read(workbook(), today=TODAY)


def test_a_whole_row_is_a_draft_that_lacks_nothing_but_its_photo() -> None:
    (row,) = read(filled(WHOLE), today=TODAY)
    assert (row.number, row.issues) == (3, [])
    assert row.content["category"] == "craft"
    assert row.content["price_evidence"] == [
        {"source": "Pasar Sudirman", "observed_on": "2024-03-01", "price_rupiah": "Rp92.000"},
        {"source": "INAPROC", "observed_on": "02-03-2024", "price_rupiah": 101000},
    ]


def test_each_problem_names_its_column_and_whether_it_keeps_the_row_out() -> None:
    wrong = {
        **WHOLE,
        "name": None,
        "category": "Entah",
        "price_rupiah": "=40000+1",
        "stock": "banyak",
        "unit": None,
        "price_evidence.2.observed_on": "kemarin",
    }
    (row,) = read(filled(wrong), today=TODAY)
    assert not row.is_good
    assert set(_said(row, "error")) == {
        *("name", "category", "price_rupiah", "stock", "price_evidence.2.observed_on")
    }
    assert _said(row, "error")["price_rupiah"] == FORMULA
    assert set(_said(row, "notice")) == {"unit", "price_evidence"}
    headings = {issue.heading for issue in row.issues}
    assert {"Tanggal 3", "Kategori", "Harga satuan"} <= headings


@pytest.mark.parametrize(
    ("file", "refused"),
    [
        (b"", UnreadableFile),
        (b"nama,harga\n", NotASheet),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", NotASheet),
        (b"PK\x03\x04 broken", UnreadableFile),
        (b"PK\x03\x04" + b"a" * 6_000_000, FileTooLarge),
    ],
)
def test_what_is_no_template_is_refused(file: bytes, refused: type[Exception]) -> None:
    with pytest.raises(refused):
        read(file, today=TODAY)


def _with(part: str, data: bytes) -> bytes:
    out = io.BytesIO(filled(WHOLE))
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(part, data)
    return out.getvalue()


def test_macros_and_bombs_are_refused() -> None:
    with pytest.raises(NotASheet, match="makro"):
        read(_with("xl/vbaProject.bin", b"x"), today=TODAY)
    with pytest.raises(FileTooLarge):
        read(_with("xl/bomb.xml", b"0" * 100_000_000), today=TODAY)


def test_more_than_two_hundred_rows_are_refused_and_two_hundred_are_not() -> None:
    rows: list[dict[str, Any]] = [{"name": f"Produk {n}"} for n in range(MAX_ROWS)]
    assert len(read(filled(*rows), today=TODAY)) == MAX_ROWS
    with pytest.raises(FileTooLarge, match="200"):
        read(filled(*rows, {"name": "Satu lagi"}), today=TODAY)


def test_a_missing_column_is_named() -> None:
    book = load_workbook(io.BytesIO(filled(WHOLE)))
    book[SHEET].cell(1, 2 + [c.key for c in COLUMNS[1:]].index("unit"), "Entah")
    out = io.BytesIO()
    book.save(out)
    with pytest.raises(UnreadableFile, match="Satuan"):
        read(out.getvalue(), today=TODAY)


def _count() -> int:
    return int(database.session().scalar(select(func.count()).select_from(Product)) or 0)


def test_good_rows_become_drafts_once_however_often_the_file_comes(house: House) -> None:
    file = filled(WHOLE, {**WHOLE, "stock": "banyak"}, {**WHOLE, "name": "Kursi rotan"})
    with house.as_(house.operator) as by:
        first = importing.begin(file, "C:\\tas\\produk.xlsx", by=by, now=NOW)
        assert (first.name, _count()) == ("produk.xlsx", 0)
        importing.accept(first.id, by=by, now=NOW, rows=[5])
        again = importing.begin(file, "lain.xlsx", by=by, now=NOW, accept_all=True)
        assert again.id == first.id
        importing.accept(first.id, by=by, now=NOW)
        seen = importing.view(first.id, now=NOW)
        assert sorted(seen.imported) == [3, 5]
        assert (len(seen.ready), [row.number for row in seen.bad]) == (0, [4])
        assert _count() == 2
        made = product_view(seen.imported[3], now=NOW)
        assert (made.row.state, made.row.name) == ("draft", "Keranjang rotan")
        assert set(made.problems()) == {"photos"}
        events = database.session().scalars(
            select(AuditEvent.payload).where(AuditEvent.action == "product.imported")
        )
        assert len(list(events)) == 2
    database.db.release()
    with house.as_(house.officer(50, "admin_kanwil")):
        assert verify() == []


def test_a_row_that_is_wrong_is_not_imported_by_naming_it(house: House) -> None:
    file = filled(WHOLE, {**WHOLE, "stock": "banyak"})
    with house.as_(house.operator) as by:
        found = importing.begin(file, "a.xlsx", by=by, now=NOW)
        for rows in ([3, 4], [99], []):
            with pytest.raises(ContentInvalid):
                importing.accept(found.id, by=by, now=NOW, rows=rows)
        assert _count() == 0


def test_all_rows_or_none_are_imported(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    file = filled(*({**WHOLE, "name": f"Produk {n}"} for n in range(3)))
    made = drafts.create

    def breaking(content: Any, **more: Any) -> Any:
        if content["name"] == "Produk 2":
            raise RuntimeError("listrik padam")
        return made(content, **more)

    with house.as_(house.operator) as by:
        found = importing.begin(file, "a.xlsx", by=by, now=NOW)
        monkeypatch.setattr(drafts, "create", breaking)
        with pytest.raises(RuntimeError):
            importing.accept(found.id, by=by, now=NOW)
        assert _count() == 0
        monkeypatch.setattr(drafts, "create", made)
        importing.accept(found.id, by=by, now=NOW)
        assert _count() == 3


def test_another_upt_has_its_own_import_of_the_same_file(house: House) -> None:
    file = filled(WHOLE)
    with house.as_(house.operator) as by:
        first = importing.begin(file, "a.xlsx", by=by, now=NOW, accept_all=True)
    with house.as_(house.other_operator) as by:
        second = importing.begin(file, "a.xlsx", by=by, now=NOW, accept_all=True)
        assert first.id != second.id
        assert _count() == 1
        with pytest.raises(importing.SheetNotFound):
            importing.view(first.id, now=NOW)
    with house.as_(house.pengendali) as by, pytest.raises(NotYourProduct):
        importing.begin(file, "a.xlsx", by=by, now=NOW)


def test_the_same_key_with_another_file_is_refused(house: House) -> None:
    with house.as_(house.operator) as by:
        importing.begin(filled(WHOLE), "a.xlsx", by=by, now=NOW, key="k")
        with pytest.raises(KeyReused):
            importing.begin(filled({**WHOLE, "name": "Lain"}), "a.xlsx", by=by, now=NOW, key="k")


def test_a_preview_costs_the_same_for_one_row_and_for_two_hundred(house: House) -> None:
    costs = []
    for many in (1, 200):
        file = filled(*({**WHOLE, "name": f"Produk {many} {n}"} for n in range(many)))
        with house.as_(house.operator) as by:
            found = importing.begin(file, "a.xlsx", by=by, now=NOW)
            with counted_statements() as seen:
                importing.view(found.id, now=NOW)
            costs.append(len(seen))
    assert costs[0] == costs[1] <= 3
