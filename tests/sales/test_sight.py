"""Figures beside those before and a year before, targets beside what was reached, and the lines behind each number."""

from __future__ import annotations

import csv
import io
import re
from datetime import date
from html import unescape
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from sales import settings as rules
from sales.figures import period, share_of
from sales.models import Purchase
from sales.queries import Filters, every, sums
from sales.rollups import recount
from sales.sight import achieved, comparing, grouping
from sales.sight.models import TradeFigure
from tenants import sheets
from tenants.database import session, transaction
from tenants.errors import Forbidden, Invalid
from tests.sales.conftest import NOW, Sales, sample
from tests.sales.test_figures import FILES, PROVIDERS, as_csv, row
from tests.sales.test_purchase_pages import KADIV, OPERATOR, bring_in, token
from tests.support.statements import counted_statements


@pytest.mark.parametrize(
    ("key", "before", "year_before"),
    [
        ("2024-03", "2024-02", "2023-03"),
        ("2024-01", "2023-12", "2023-01"),
        ("2024-Q1", "2023-Q4", "2023-Q1"),
        ("2024-Q3", "2024-Q2", "2023-Q3"),
        ("2024-S2", "2024-S1", "2023-S2"),
        ("2024-S1", "2023-S2", "2023-S1"),
        ("2024", "2023", "2023"),
        ("2000-01", None, None),
        ("2000-Q2", "2000-Q1", None),
    ],
)
def test_the_period_before_and_the_year_before(key: str, before: str | None, year_before: str | None) -> None:
    assert (comparing.before(key), comparing.year_before(key)) == (before, year_before)


def two_years() -> bytes:
    """March and February 2024, March 2023; two buyers of Serang, one of Pandeglang; one package cancelled."""
    return as_csv(
        [
            row(3, 0, 0, date(2024, 3, 5), 2, 10_000, "Selesai"),
            row(4, 0, 1, date(2024, 3, 6), 1, 30_000, "Selesai"),
            row(5, 1, 0, date(2024, 3, 7), 1, 7_000, "Selesai"),
            row(6, 0, 2, date(2024, 3, 8), 9, 9_000, "Batal"),
            row(7, 0, 0, date(2024, 2, 8), 1, 20_000, "Selesai"),
            row(8, 1, 1, date(2023, 3, 8), 1, 40_000, "Selesai"),
            row(9, 1, 2, date(2023, 3, 9), 1, 1_000, "Selesai"),
        ]
    )


def test_a_month_stands_beside_the_month_before_and_the_year_before(sales: Sales) -> None:
    sales.bring_in(two_years())
    with sales.inside():
        with counted_statements() as seen:
            found = comparing.compared("2024-03")
        assert len(seen) <= 8, "\n".join(seen)
    assert [one.value_rupiah for one in found.completed] == [25_000 + 35_000 + 12_000, 25_000, 45_000 + 6_000]
    assert [one.packages for one in found.states["Batal"]] == [1, 0, 0]
    assert found.pnbp == (7_200, 2_500, 5_100)
    assert found.buying_upts == (1, 1, 0)
    assert [(line.name, line.seller, line.sums.now.value_rupiah) for line in found.trades] == [
        ("Lapas IIA Cilegon", "Lapas IIA Serang", 25_000),
        ("Lapas IIA Cilegon", "Rutan IIB Pandeglang", 12_000),
    ]
    assert {line.name: [s.packages for s in line.sums] for line in found.institutions} == {
        "Mahkamah Agung": [1, 0, 1],
        "Warung Bu Ani": [0, 0, 1],
    }
    for lines in (found.by_upt, found.by_group, found.by_commodity):
        for at in range(3):
            assert sum(list(line.sums)[at].value_rupiah for line in lines) == (
                list(found.completed)[at].value_rupiah
            )
    whole = {line.key: line.sums.now.value_rupiah for line in found.by_month}
    assert whole == {"2024-03": 72_000}


def test_a_year_has_one_earlier_year_and_twelve_months(sales: Sales) -> None:
    sales.bring_in(two_years())
    with sales.inside():
        found = comparing.compared("2024")
        assert found.completed.before == found.completed.year_before
        assert [line.sums.now.value_rupiah for line in found.by_month][:3] == [0, 25_000, 72_000]
        assert found.by_month[2].sums.year_before.value_rupiah == 51_000
        assert found.completed.now.value_rupiah == period("2024")["transactions"]["completed"]["value_rupiah"]


def test_a_upt_compares_its_own_sales_and_its_own_buyers(sales: Sales) -> None:
    sales.bring_in(two_years())
    with sales.inside(upt=sales.upt(PROVIDERS[1])):
        found = comparing.compared("2024-03")
        assert [one.value_rupiah for one in found.completed] == [12_000, 0, 51_000]
        assert [line.name for line in found.buyers] == ["Lapas IIA Cilegon"]
    with sales.inside(sales.kalbar):
        assert comparing.compared("2024-03").completed.now.packages == 0


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(files=FILES, key=st.sampled_from(["2024-02", "2024-Q1", "2024"]))
def test_every_figure_is_the_sum_of_its_lines(
    sales: Sales, files: list[list[dict[str, Any]]], key: str
) -> None:
    """After any sequence of imports: what a rollup says is what the filtered list adds up to, and recount agrees."""
    for rows in files:
        sales.bring_in(as_csv(rows))
    with sales.inside():
        assert recount() == []
        found = comparing.compared(key)
        asked = [(found.completed.now, Filters(period=key, status="Selesai"))]
        asked += [
            (line.sums.now, Filters(period=key, status="Selesai", upt_id=int(line.key)))
            for line in found.by_upt
        ]
        asked += [
            (line.sums.now, Filters(period=key, status="Selesai", group=line.key)) for line in found.by_group
        ]
        asked += [
            (line.sums.now, Filters(period=key, status="Selesai", commodity=line.key or "-"))
            for line in found.by_commodity
        ]
        asked += [
            (line.sums.now, Filters(period=key, status="Selesai", buyer=line.key))
            for line in (*found.buyers, *found.institutions)
        ]
        asked += [
            (
                line.sums.now,
                Filters(period=key, status="Selesai", buyer=line.key, upt_id=line.seller_id),
            )
            for line in found.trades
        ]
        for figure, filters in asked:
            lines = list(every(filters))
            assert (figure.packages, figure.value_rupiah) == (
                len(lines),
                sum(line.total_rupiah for line in lines),
            ), filters
            assert sums(filters)["Selesai"] == figure, filters


def test_recount_mends_who_bought_from_whom(sales: Sales) -> None:
    sales.bring_in(two_years())
    with sales.inside():
        with transaction() as db:
            db.delete(db.scalars(select(TradeFigure).order_by(TradeFigure.id)).first())
        assert [one.rollup for one in recount()] == ["trade_figure"]
        recount(fix=True)
        assert recount() == []


def test_a_commodity_belongs_to_the_group_that_the_kanwil_says(sales: Sales) -> None:
    sales.bring_in(sample(), sales.kalbar)
    kadiv = sales.by("kadiv", kanwil=sales.kalbar)
    with sales.inside(sales.kalbar):
        before = {line.key: line.sums.now for line in comparing.compared("2024").by_group}
        assert grouping.guess("Alat tulis kantor") == "office_supplies"
        assert grouping.guess("Suku cadang") == grouping.NONE
        assert grouping.set_groups({"Furnitur": "craft", "Batik": "craft"}, by=kadiv, now=NOW) == 1
        after = {line.key: line.sums.now for line in comparing.compared("2024").by_group}
        moved = before["office_supplies"].value_rupiah - after["office_supplies"].value_rupiah
        assert moved == after["craft"].value_rupiah - before["craft"].value_rupiah > 0
        assert recount() == []
        assert grouping.set_groups({"Furnitur": ""}, by=kadiv, now=NOW) == 1
        assert {line.key: line.sums.now for line in comparing.compared("2024").by_group} == before
        for wanted in ({"Furnitur": "elsewhere"}, {"Belum pernah": "craft"}):
            with pytest.raises(Invalid):
                grouping.set_groups(wanted, by=kadiv, now=NOW)
        with pytest.raises(Forbidden):
            grouping.set_groups({"Furnitur": "craft"}, by=sales.by("pembina", kanwil=sales.kalbar), now=NOW)
        with pytest.raises(Invalid):
            sums(Filters(group="elsewhere"))
        with pytest.raises(Invalid):
            sums(Filters(buyer="elsewhere"))


def test_targets_stand_beside_what_was_reached(sales: Sales) -> None:
    sales.bring_in(two_years())
    serang, pandeglang = sales.upt(PROVIDERS[0]), sales.upt(PROVIDERS[1])
    with sales.inside():
        rules.set_targets([(serang, 170_000, 17_000)], 2024, by=sales.by(), now=NOW)
        with counted_statements() as seen:
            found = achieved.achievement(2024)
        assert len(seen) <= 4, "\n".join(seen)
        by_upt = {one.upt_id: one for one in found.rows}
        assert (by_upt[serang].omzet_rupiah, by_upt[serang].omzet_share) == (85_000, 0.5)
        assert (by_upt[serang].pnbp_rupiah, by_upt[serang].pnbp_share) == (8_500, 0.5)
        assert (by_upt[pandeglang].omzet_share, by_upt[pandeglang].earlier_omzet_rupiah) == (None, 51_000)
        assert found.total.omzet_rupiah == sum(one.omzet_rupiah for one in found.rows) == 97_000
        assert found.total.pnbp_rupiah == share_of(97_000, 1000)


# --- pages ---

LINK = re.compile(r"<a [^>]*href=\"(/pembelian/\?[^\"]*)\"([^>]*)>\s*([^<]*?)\s*</a>")


def walked(client: Any, path: str) -> int:
    """Follow every number of a page to its purchases and add them up; how many numbers there were."""
    page = client.get(path)
    assert page.status_code == 200, path
    found = 0
    for address, more, shown in LINK.findall(page.get_data(as_text=True)):
        if not re.fullmatch(r"(Rp)?[\d.]+", shown):
            continue
        query = unescape(address).partition("?")[2]
        lines = list(csv.DictReader(io.StringIO(client.get(f"/pembelian/ekspor.csv?{query}").text)))
        said = int(shown.removeprefix("Rp").replace(".", ""))
        value = sum(int(line["total"]) for line in lines)
        if share := re.search(r'data-share="(\d+)"', more):
            assert said == share_of(value, int(share[1])), (path, query)
        elif "data-of" in more:
            assert said == len({line["satker_pembeli"] for line in lines}), (path, query)
        elif shown.startswith("Rp"):
            assert said == value, (path, query)
        else:
            assert said == len(lines), (path, query)
        listed = client.get(unescape(address))
        assert listed.status_code == 200
        assert f"Rp{value:,}".replace(",", ".") in listed.get_data(as_text=True), query
        found += 1
    return found


def test_every_number_of_a_page_leads_to_lines_that_add_up_to_it(sign_in: Any, world: Any) -> None:
    kadiv = sign_in(KADIV)
    bring_in(kadiv, world, sample())
    assert walked(kadiv, "/pembelian/angka?period=2024-03") > 40
    assert walked(kadiv, "/pembelian/angka?period=2024") > 40
    assert walked(kadiv, "/pembelian/capaian?year=2024") >= 3
    assert walked(kadiv, "/pembelian/?period=2024-Q1") >= 4
    assert walked(kadiv, "/beranda") >= 2
    operator = sign_in(OPERATOR)
    assert walked(operator, "/pembelian/angka?period=2024") > 5
    assert walked(operator, "/pembelian/capaian?year=2024") >= 1


def test_the_pages_of_figures_cost_few_statements(sign_in: Any, world: Any) -> None:
    kadiv = sign_in(KADIV)
    bring_in(kadiv, world, sample())
    for path, most in (("/pembelian/angka?period=2024", 16), ("/pembelian/capaian?year=2024", 10)):
        kadiv.get(path)
        with counted_statements() as seen:
            assert kadiv.get(path).status_code == 200
        assert len(seen) <= most, "\n".join(seen)


def test_tables_of_figures_come_as_files(sign_in: Any, world: Any) -> None:
    kadiv = sign_in(KADIV)
    assert "Belum ada pembelian" in kadiv.get("/pembelian/angka").get_data(as_text=True)
    bring_in(kadiv, world, sample())
    text = kadiv.get("/pembelian/angka/upt.csv?period=2024-03").text
    whole = list(
        csv.DictReader(io.StringIO(kadiv.get("/pembelian/ekspor.csv?period=2024-03&status=Selesai").text))
    )
    value = sum(int(line["total"]) for line in whole)
    assert sum(int(line["Nilai"]) for line in csv.DictReader(io.StringIO(text))) == value > 0
    for path in ("/pembelian/angka/dari-siapa.xlsx?period=2024", "/pembelian/capaian/2024.xlsx"):
        assert kadiv.get(path).data.startswith(b"PK"), path
    reached = list(csv.DictReader(io.StringIO(kadiv.get("/pembelian/capaian/2024.csv").text)))
    assert reached[-1]["UPT"] == "Jumlah"
    for path in ("/pembelian/angka/elsewhere.csv", "/pembelian/capaian/1999.csv"):
        assert kadiv.get(path).status_code == 404, path
    for path in ("/pembelian/angka?period=2024-13", "/pembelian/angka/upt.pdf?period=2024"):
        assert kadiv.get(path).status_code == 422, path
    assert sheets.harmless("=1") == "'=1"


def test_groups_are_said_on_a_page(sign_in: Any, world: Any) -> None:
    kadiv = sign_in(KADIV)
    bring_in(kadiv, world, sample())
    page = "/pembelian/kelompok"
    form = {"csrf_token": token(kadiv, page), "commodity": ["Batik", "Furnitur"], "group": ["", "craft"]}
    assert kadiv.post(page, data=form).status_code == 303
    assert "Kelompok 1 komoditas disimpan" in kadiv.get(page).get_data(as_text=True)
    assert kadiv.post(page, data=form).status_code == 303  # a double click
    wrong = {**form, "group": ["elsewhere", "craft"]}
    assert kadiv.post(page, data=wrong).status_code == 422
    assert sign_in(OPERATOR).get(page).status_code == 403


def test_programs_read_figures_and_set_targets(sign_in: Any, world: Any, app: Any) -> None:
    kadiv = sign_in(KADIV)
    bring_in(kadiv, world, sample())
    api = app.test_client()
    body = {"username": KADIV, "password": "karya-demo-2024", "provider": "db"}
    head = {"Authorization": f"Bearer {api.post('/api/v1/security/login', json=body).json['access_token']}"}
    figures = api.get("/api/v1/purchases/figures?period=2024-03", headers=head).json
    assert figures["by_status"]["Selesai"]["now"]["value_rupiah"] > 0
    assert figures["before"] == "2024-02"
    line = figures["institutions"][0]
    listed = api.get(
        "/api/v1/purchases",
        query_string={"period": "2024-03", "status": "Selesai", "buyer": line["buyer"]},
        headers=head,
    ).json
    assert listed["sums"]["Selesai"]["value_rupiah"] == line["now"]["value_rupiah"]
    upt = figures["by_upt"][0]
    wanted = {
        "year": 2024,
        "targets": [{"upt_id": int(upt["upt_id"]), "omzet_rupiah": 9, "pnbp_rupiah": 1}],
    }
    key = {**head, "Idempotency-Key": "targets-1"}
    for _twice in range(2):
        told = api.post("/api/v1/purchases/targets", json=wanted, headers=key)
        assert told.status_code == 200, told.text
    mine = next(one for one in told.json["items"] if one["upt_id"] == int(upt["upt_id"]))
    assert mine["omzet_target_rupiah"] == 9
    whole = api.get("/api/v1/purchases/figures?period=2024", headers=head).json["by_status"]["Selesai"]["now"]
    assert told.json["total"]["omzet_rupiah"] == whole["value_rupiah"]
    other = {**wanted, "targets": [{**wanted["targets"][0], "omzet_rupiah": 8}]}
    assert api.post("/api/v1/purchases/targets", json=other, headers=key).status_code == 409
    for bad in (
        {},
        {"year": 2024},
        {"year": 2024, "targets": [{"upt_id": "x"}]},
        {"year": 1900, "targets": []},
    ):
        assert api.post("/api/v1/purchases/targets", json=bad, headers=head).status_code == 422
    assert api.get("/api/v1/purchases/figures?period=x", headers=head).status_code == 422


def test_every_completed_purchase_is_counted_with_its_buyer(sales: Sales) -> None:
    sales.bring_in(sample())
    with sales.inside():
        lines = session().execute(
            select(func.count(), func.sum(Purchase.total_rupiah)).where(Purchase.status == "Selesai")
        )
        trades = session().execute(select(func.sum(TradeFigure.packages), func.sum(TradeFigure.value_rupiah)))
        assert tuple(lines.one()) == tuple(map(int, trades.one()))
