"""Rollups follow every purchase, and every figure that is shown comes from them."""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from sales import aliases, figures
from sales import settings as rules
from sales.columns import KEYS
from sales.models import BuyerFigure, MonthFigure, Purchase
from sales.rollups import recount
from tenants.database import national, session, transaction
from tenants.errors import Invalid
from tenants.scope import NationalScope, entered
from tests.sales.conftest import NOW, Sales, sample

PROVIDERS = (
    "Lembaga Pemasyarakatan Kelas IIA Serang",
    "Rumah Tahanan Negara Kelas IIB Pandeglang",
    "Lembaga Pemasyarakatan Kelas IIA Pontianak",
)
BUYERS = (
    ("Lembaga Pemasyarakatan Kelas IIA Cilegon", "Kementerian Hukum dan HAM"),
    ("Pengadilan Negeri Serang", "Mahkamah Agung"),
    ("Warung Bu Ani", ""),
)


def as_csv(rows: list[dict[str, Any]]) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, KEYS)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def row(
    package: int, provider: int, buyer: int, day: date, quantity: int, price: int, status: str
) -> dict[str, Any]:
    return {
        "id_paket": f"EP-{package}",
        "komoditas": ("Batik", "Pakaian", "")[package % 3],
        "nama_produk": "Barang",
        "penyedia": PROVIDERS[provider],
        "satker_pembeli": BUYERS[buyer][0],
        "instansi_pembeli": BUYERS[buyer][1],
        "tanggal": day.isoformat(),
        "kuantitas": quantity,
        "harga_satuan": price,
        "ongkir": 5000,
        "total": quantity * price + 5000,
        "status": status,
    }


FILES = st.lists(
    st.lists(
        st.builds(
            row,
            st.integers(1, 8),
            st.integers(0, 2),
            st.integers(0, 2),
            st.dates(date(2024, 1, 1), date(2024, 4, 30)),
            st.integers(1, 50),
            st.integers(0, 10**6),
            st.sampled_from(["Selesai", "Proses", "Batal"]),
        ),
        max_size=8,
        unique_by=lambda each: each["id_paket"],
    ).filter(bool),
    min_size=1,
    max_size=4,
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(files=FILES)
def test_rollups_equal_a_recount_after_any_sequence_of_imports(
    sales: Sales, files: list[list[dict[str, Any]]]
) -> None:
    for rows in files:
        sales.bring_in(as_csv(rows))
        with sales.inside():
            assert recount() == []
    with sales.inside():
        asked = select(func.count(), func.sum(Purchase.total_rupiah)).where(Purchase.status == "Selesai")
        packages, value = session().execute(asked).one()
        whole = figures.period("2024")
        assert whole["transactions"]["completed"]["packages"] == packages
        assert whole["transactions"]["completed"]["value_rupiah"] == (value or 0)
        bought = whole["buyers"]["value_rupiah"] + whole["buyers"]["other"]["value_rupiah"]
        assert bought == (value or 0)
        assert session().scalars(select(MonthFigure).where(MonthFigure.packages <= 0)).all() == []


def test_recount_names_and_mends_what_was_tampered_with(sales: Sales) -> None:
    sales.bring_in(sample())
    with sales.inside():
        with transaction() as db:
            first = db.scalars(select(MonthFigure.id).order_by(MonthFigure.id)).first()
            db.execute(update(MonthFigure).where(MonthFigure.id == first).values(value_rupiah=1))
            gone = db.scalars(select(BuyerFigure).order_by(BuyerFigure.id)).first()
            db.delete(gone)
            db.add(
                MonthFigure(
                    upt_id=sales.upt(PROVIDERS[0]), month="2030-01", category="x", status="Selesai",
                    buyer_kind="upt", packages=1, quantity=1, value_rupiah=1,
                )
            )  # fmt: skip
        found = recount()
        assert sorted(difference.rollup for difference in found) == [
            "buyer_figure",
            "month_figure",
            "month_figure",
        ]
        assert len(recount(fix=True)) == 3
        assert recount() == []
        assert figures.period("2024-01")["transactions"]["completed"]["value_rupiah"] == 17_823_000


def test_a_month_a_quarter_a_half_and_a_year(sales: Sales) -> None:
    sales.bring_in(sample(), sales.kalbar)
    with sales.inside(sales.kalbar):
        found = {
            key: figures.period(key)["transactions"] for key in ("2024-03", "2024-Q1", "2024-S1", "2024")
        }
    assert found["2024-03"]["completed"]["value_rupiah"] == 47_850_000
    assert found["2024-Q1"]["completed"] == found["2024-S1"]["completed"] == found["2024"]["completed"]
    march = found["2024-03"]
    assert sum(each["value_rupiah"] for each in march["by_upt"]) == 47_850_000
    assert sum(each["value_rupiah"] for each in march["by_commodity"]) == 47_850_000
    assert march["by_upt"] == sorted(march["by_upt"], key=lambda each: -each["value_rupiah"])
    assert [each["value_rupiah"] for each in found["2024-Q1"]["by_month"]] == [
        12_960_000,
        13_228_000,
        47_850_000,
    ]
    assert found["2024-Q1"]["by_month"][2]["label"] == "Maret 2024"


@pytest.mark.parametrize("key", ["", "2024-13", "2024-Q5", "2024-S3", "24-01", "2024-1", "Maret"])
def test_what_is_no_period(key: str) -> None:
    with pytest.raises(Invalid, match="Periode"):
        figures.months_of(key)


def test_buyers_are_recognised_as_upt_of_any_kanwil(sales: Sales) -> None:
    sales.bring_in(sample(), sales.kalbar)
    with sales.inside(sales.kalbar):
        rows = (
            session()
            .scalars(select(Purchase).where(Purchase.status == "Selesai", Purchase.month == "2024-03"))
            .all()
        )
        buyers = figures.period("2024-03")["buyers"]
        upt_rows = [each for each in rows if each.buyer_kind == "upt"]
        assert upt_rows
        assert all(each.buyer_institution == "Kementerian Hukum dan HAM" for each in upt_rows)
        assert buyers["total"] == len({each.buyer_upt_id for each in upt_rows})
        assert buyers["value_rupiah"] == sum(each.total_rupiah for each in upt_rows)
        assert buyers["value_rupiah"] + buyers["other"]["value_rupiah"] == 47_850_000


def test_an_alias_makes_earlier_purchases_count_as_the_upts(sales: Sales) -> None:
    sales.bring_in(
        as_csv([{**row(1, 0, 1, date(2024, 3, 5), 2, 1000, "Selesai"), "satker_pembeli": "LP Pemuda Tng"}])
    )
    upt = sales.upt("Lembaga Pemasyarakatan Pemuda Kelas IIA Tangerang")
    with sales.inside():
        assert figures.period("2024-03")["buyers"]["total"] == 0
        aliases.add(" LP  Pemuda Tng ", upt, by=sales.by(), now=NOW)
        assert figures.period("2024-03")["buyers"]["by_upt"][0]["upt_id"] == upt
        assert recount() == []
        for name, target in (("", upt), ("LP Pemuda TNG", upt), ("Lapas IIA Serang", upt), ("Baru", 10**6)):
            with pytest.raises(Invalid):
                aliases.add(name, target, by=sales.by(), now=NOW)
    sales.bring_in(
        as_csv([{**row(2, 0, 1, date(2024, 3, 6), 1, 1000, "Selesai"), "satker_pembeli": "lp pemuda tng"}])
    )
    with sales.inside():
        assert figures.period("2024-03")["buyers"]["by_upt"][0]["packages"] == 2


def test_pnbp_is_the_years_share_with_its_basis(sales: Sales) -> None:
    sales.bring_in(sample(), sales.kalbar)
    with sales.inside(sales.kalbar):
        default = figures.pnbp("2024-03")
        assert (default.share_bp, default.realisation_rupiah, default.year_rupiah) == (
            1000,
            4_785_000,
            7_403_800,
        )
        assert "PP Nomor 28 Tahun 2019" in default.basis
        by = sales.by("admin_kanwil", kanwil=sales.kalbar)
        rules.set_pnbp(2024, 0.125, "Peraturan contoh", by=by, now=NOW)
        upt = sales.upt("Lembaga Pemasyarakatan Kelas IIA Pontianak")
        rules.set_target(upt, 2024, 50_000_000, 6_250_000, by=by, now=NOW)
        changed = figures.pnbp("2024-03")
        assert (changed.share_bp, changed.basis, changed.realisation_rupiah) == (
            1250,
            "Peraturan contoh",
            5_981_250,
        )
        assert (changed.target_rupiah, changed.omzet_target_rupiah) == (6_250_000, 50_000_000)
        assert figures.pnbp("2023").target_rupiah == 0
        for share in (-0.1, 1.1):
            with pytest.raises(Invalid):
                rules.set_pnbp(2024, share, "x", by=by, now=NOW)
        assert {upt_id: each.omzet_rupiah for upt_id, each in figures.targets(2024).items()} == {
            upt: 50_000_000
        }
    with sales.inside():
        assert figures.pnbp("2024").share_bp == 1000


@given(st.integers(0, 10**15), st.integers(0, 10_000))
def test_a_share_is_rounded_half_up(value: int, share_bp: int) -> None:
    found = figures.share_of(value, share_bp)
    assert abs(found * 10_000 - value * share_bp) <= 5_000
    assert 0 <= found <= value


def test_the_country_is_the_sum_of_its_kanwil(sales: Sales) -> None:
    sales.bring_in(sample())
    sales.bring_in(sample(), sales.kalbar)
    with entered(NationalScope(1)):
        found = figures.national("2024-03")
        with national("uji") as opened:
            one = figures.period("2024-03", session=opened, tenant_id=sales.kalbar)
    assert found["completed"]["value_rupiah"] == 16_291_000 + 47_850_000
    assert [(each["code"], each["value_rupiah"]) for each in found["by_kanwil"]] == [
        ("kalbar", 47_850_000),
        ("banten", 16_291_000),
    ]
    assert one["transactions"]["completed"]["value_rupiah"] == 47_850_000
