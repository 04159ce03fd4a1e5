"""The list of purchases: pages without gaps, filters, sums, and files in which nothing computes."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime

import pytest
from openpyxl import load_workbook

from sales import exports, imports
from sales.columns import KEYS
from sales.demo import rules_and_targets
from sales.errors import PurchaseNotFound
from sales.figures import pnbp
from sales.queries import Filters, choices, every, purchase, purchases, sums
from tenants import sheets
from tenants.errors import Invalid
from tests.sales.conftest import NOW, Sales, bad, sample
from tests.support.statements import counted_statements


def test_pages_follow_each_other_without_gap_or_repetition(sales: Sales) -> None:
    sales.bring_in(sample())
    with sales.inside():
        everything = list(every(Filters(), chunk=7))
        seen, cursor = [], None
        while True:
            page = purchases(Filters(), cursor=cursor, limit=7)
            seen += page.items
            cursor = page.next_cursor
            if cursor is None:
                break
        assert [row.id for row in seen] == [row.id for row in everything]
        assert len({row.id for row in seen}) == 60
        assert [row.purchased_on for row in seen] == sorted((row.purchased_on for row in seen), reverse=True)
        with counted_statements() as ran:
            purchases(Filters(), limit=50)
        assert len(ran) == 1


@pytest.mark.parametrize(
    "filters",
    [
        Filters(),
        Filters(period="2024-03"),
        Filters(period="2024-Q1", status="Selesai"),
        Filters(commodity="Batik"),
        Filters(buyer_kind="government"),
        Filters(q="sajadah universitas"),
        Filters(q="EP-2401"),
        Filters(q="100%"),
    ],
)
def test_the_sums_are_those_of_the_list(sales: Sales, filters: Filters) -> None:
    sales.bring_in(sample())
    with sales.inside():
        found = sums(filters)
        rows = list(every(filters))
        for status, amounts in found.items():
            of_status = [row for row in rows if row.status == status]
            assert amounts.packages == len(of_status)
            assert amounts.quantity == sum(row.quantity for row in of_status)
            assert amounts.value_rupiah == sum(row.total_rupiah for row in of_status)


def test_the_choices_are_what_there_is(sales: Sales) -> None:
    with sales.inside():
        assert choices().months == []
    sales.bring_in(sample())
    with sales.inside():
        found = choices()
        assert found.months == ["2024-03", "2024-02", "2024-01"]
        assert "Batik" in found.commodities
        upt_id, _ = found.upts[0]
        assert {row.upt_id for row in every(Filters(upt_id=upt_id))} == {upt_id}


@pytest.mark.parametrize(
    "filters", [Filters(period="Maret"), Filters(status="Entah"), Filters(buyer_kind="x")]
)
def test_a_filter_that_is_none_is_named(sales: Sales, filters: Filters) -> None:
    with sales.inside():
        for read in (purchases, sums):
            with pytest.raises(Invalid):
                read(filters)
        with pytest.raises(Invalid):
            purchases(Filters(), cursor="bukan penanda")


def test_another_kanwils_purchase_is_not_there(sales: Sales) -> None:
    sales.bring_in(sample())
    with sales.inside():
        found = purchases(Filters(), limit=1).items[0].id
        assert purchase(found)[1] == []
    with sales.inside(sales.kalbar), pytest.raises(PurchaseNotFound):
        purchase(found)


def test_no_text_leaves_as_a_formula(sales: Sales) -> None:
    sales.bring_in(bad())
    with sales.inside():
        rows = list(csv.DictReader(io.StringIO("".join(exports.as_csv(Filters())))))
        book = load_workbook(io.BytesIO(exports.as_xlsx(Filters())))
    assert len(rows) == 29
    cells = [cell for row in rows for cell in row.values()]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert '\'=HYPERLINK("http://contoh.invalid";"klik")' in cells
    assert "'+CMD|' /C calc'!A0" in cells
    sheet = book.active
    assert sheet is not None
    found = list(sheet.iter_rows(min_row=2))
    assert len(found) == 29
    assert all(cell.data_type in ("s", "n", "d") for row in found for cell in row)
    (risky,) = [cell for row in found for cell in row if str(cell.value).startswith("=HYPERLINK")]
    assert risky.data_type == "s"
    assert risky.quotePrefix
    assert isinstance(found[0][6].value, datetime)
    assert isinstance(found[0][10].value, int)


def test_what_a_csv_guards_from_spreadsheets_comes_back_as_it_was(sales: Sales) -> None:
    sales.bring_in(bad())
    with sales.inside():
        exported = "".join(exports.as_csv(Filters())).encode()
    again = sales.upload(exported)
    assert (again.good, again.known, again.bad) == (0, 29, 0)


def test_what_was_exported_can_be_imported_and_changes_nothing(sales: Sales) -> None:
    sales.bring_in(sample())
    with sales.inside():
        files = ["".join(exports.as_csv(Filters())).encode(), exports.as_xlsx(Filters())]
    for content in files:
        seen = sales.upload(content)
        assert (seen.good, seen.known, seen.bad) == (0, 60, 0)
    with sales.inside():
        exported = list(csv.reader(io.StringIO("".join(exports.as_csv(Filters(period="2024-03"))))))
        assert exported[0] == list(KEYS)
        assert {date.fromisoformat(row[6]).month for row in exported[1:]} == {3}


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "  =1", "\u00a0+x"])
def test_text_that_a_spreadsheet_would_compute_is_quoted(text: str) -> None:
    assert sheets.harmless(text) == f"'{text}"
    assert sheets.harmless("Batik = kain") == "Batik = kain"


def test_the_demonstration_has_rules_and_targets_and_no_purchase(sales: Sales) -> None:
    with sales.inside():
        rules_and_targets(now=NOW)
        rules_and_targets(now=NOW)
        found = pnbp("2024")
        assert found.target_rupiah > 0
        assert found.omzet_target_rupiah == found.target_rupiah * 10
        assert found.realisation_rupiah == 0
        assert imports.latest() == []
