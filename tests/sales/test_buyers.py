"""Buyers whom nothing explains: who they are is said once, for what there is and for what comes."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from sales import buyers, figures
from sales.models import Purchase
from sales.providers import nearest
from tenants.database import session
from tenants.errors import Forbidden, Invalid, NotFound
from tests.sales.conftest import NOW, Sales
from tests.sales.test_parsing import GOOD, as_csv

PRISON = {"satker_pembeli": "Lapas Kelas IIA Bangkau", "instansi_pembeli": "Kementerian Hukum dan HAM"}
NAMELESS = {"satker_pembeli": "Bagian Umum", "instansi_pembeli": ""}
FILE = as_csv(
    {**GOOD, "id_paket": "EP-1"},
    {**GOOD, "id_paket": "EP-2", **PRISON},
    {**GOOD, "id_paket": "EP-3", **NAMELESS},
    {**GOOD, "id_paket": "EP-4", **NAMELESS, "satker_pembeli": "BAGIAN  UMUM", "status": "Proses"},
    {**GOOD, "id_paket": "EP-5", "satker_pembeli": "Toko Sinar", "instansi_pembeli": ""},
)


def kinds() -> dict[str, tuple[str, int | None, bool]]:
    rows = session().scalars(select(Purchase).execution_options(populate_existing=True))
    return {row.package_id: (row.buyer_kind, row.buyer_upt_id, row.buyer_known) for row in rows}


def test_what_is_only_guessed_is_listed_with_its_value(sales: Sales) -> None:
    sales.bring_in(FILE)
    with sales.inside():
        assert [(one.unit, one.packages, one.value_rupiah) for one in buyers.unsettled()] == [
            ("Bagian Umum", 1, 475_000),
            ("Lapas Kelas IIA Bangkau", 1, 475_000),
            ("BAGIAN UMUM", 1, 0),
        ]
        assert buyers.to_settle() == 3
        assert kinds()["EP-5"] == ("other", None, True)
    with sales.inside(sales.kalbar):
        assert buyers.unsettled() == []


def test_settling_moves_what_is_there_however_it_is_spelled_and_what_comes(sales: Sales) -> None:
    sales.bring_in(FILE)
    upt = sales.upt("Lembaga Pemasyarakatan Kelas IIA Pontianak")
    with sales.inside():
        buyers.settle("Bagian Umum", "", "government", by=sales.by(), now=NOW)
        buyers.settle(*PRISON.values(), "upt", upt, by=sales.by(), now=NOW)
        assert kinds()["EP-3"] == kinds()["EP-4"] == ("government", None, True)
        assert kinds()["EP-2"] == ("upt", upt, True)
        assert buyers.unsettled() == []
        assert figures.recount() == []
        named = [row["upt"] for row in figures.period("2024-03")["buyers"]["by_upt"]]
        assert len(named) == 1
        assert "Pontianak" in named[0]
    sales.bring_in(as_csv({**GOOD, "id_paket": "EP-9", **NAMELESS, "satker_pembeli": "bagian umum"}))
    with sales.inside():
        assert kinds()["EP-9"] == ("government", None, True)
        buyers.settle("Bagian umum", "", "other", by=sales.by(), now=NOW)  # said otherwise, it follows again
        assert kinds()["EP-9"] == kinds()["EP-3"] == ("other", None, True)
        assert figures.recount() == []


def test_what_may_not_be_said(sales: Sales) -> None:
    with sales.inside():
        for told, wrong in (
            (("", "", "other", None), "unit"),
            (("A", "", "teman", None), "kind"),
            (("A", "", "upt", None), "upt_id"),
            (("A", "", "upt", 999_999), "upt_id"),
            (("A", "", "other", 1), "upt_id"),
            (("Lapas Kelas IIA Serang", "", "other", None), "unit"),
        ):
            with pytest.raises(Invalid) as refused:
                buyers.settle(*told, by=sales.by(), now=NOW)
            assert set(refused.value.fields) == {wrong}
        with pytest.raises(Forbidden):
            buyers.settle("A", "", "other", by=sales.by("pembina"), now=NOW)
        with pytest.raises(NotFound):
            buyers.said_of("A", "")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Lapas Kelas 2A Serang", 1),
        ("Lapas Seran", 1),
        ("Rutan Serang", None),
        ("Serang IIA", 1),
        ("Lapas Bangkau", None),
        ("Dinas Sosial", None),
        ("", None),
    ],
)
def test_the_nearest_name_is_one_of_the_same_kind(name: str, expected: int | None) -> None:
    named = [(1, "Lembaga Pemasyarakatan Kelas IIA Serang"), (2, "Balai Pemasyarakatan Kelas II Serang")]
    assert nearest(name, named) == expected
