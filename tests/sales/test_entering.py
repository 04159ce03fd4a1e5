"""A purchase written and corrected by hand, with its versions, its figures and its trace."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import func, select

from sales import entering, figures
from sales.errors import MayNotImport, PurchaseMoved, PurchaseNotFound
from sales.models import Purchase, PurchaseVersion
from tenants.database import session
from tenants.errors import Invalid
from tests.sales.conftest import NOW, Sales, bad
from tests.sales.test_imports import turnover
from workflows.models import AuditEvent

UPT = "Lembaga Pemasyarakatan Kelas IIA Serang"
TYPED = {
    "package_id": "TULIS-1",
    "commodity": "Batik",
    "product_name": "Batik ecoprint 2 m",
    "buyer_unit": "Pengadilan Negeri Serang",
    "buyer_institution": "Mahkamah Agung",
    "purchased_on": "5 Maret 2024",
    "quantity": "2",
    "unit_price_rupiah": "Rp225.000,00",
    "shipping_rupiah": "25.000",
    "status": "Selesai",
}


def enter(sales: Sales, key: str | None = None, **changes: Any) -> Purchase:
    values = {**TYPED, "upt_id": sales.upt(UPT), **changes}
    return entering.enter(values, by=sales.by(), now=NOW, key=key)


def correct(sales: Sales, purchase: Purchase, version: int = 1, **changes: Any) -> Purchase:
    reason = changes.pop("reason", "Salah ketik di ekspor")
    return entering.correct(purchase.id, changes, version=version, reason=reason, by=sales.by(), now=NOW)


def test_what_is_typed_as_people_write_it_is_counted(sales: Sales) -> None:
    with sales.inside():
        made = enter(sales)
        assert (made.total_rupiah, made.month, made.buyer_kind, made.version) == (
            475_000, "2024-03", "government", 1,
        )  # fmt: skip
        assert (made.import_id, made.provider_name) == (None, UPT)
        assert turnover("2024-03") == 475_000
        assert figures.recount() == []
        last = session().scalars(select(AuditEvent).order_by(AuditEvent.id.desc()).limit(1)).one()
        assert (last.action, json.loads(last.payload)["package_id"]) == ("purchases.entered", "TULIS-1")


def test_a_correction_is_a_version_with_its_reason(sales: Sales) -> None:
    with sales.inside():
        made = enter(sales)
        other = sales.upt("Lembaga Pemasyarakatan Pemuda Kelas IIA Tangerang")
        done = correct(sales, made, quantity=3, upt_id=other, purchased_on="2024-04-01")
        assert (done.version, done.total_rupiah, done.upt_id, done.month) == (2, 700_000, other, "2024-04")
        old = session().scalars(select(PurchaseVersion)).one()
        assert (old.content["quantity"], old.replaced_by_name, old.reason) == (
            2, "Kadiv Contoh", "Salah ketik di ekspor",
        )  # fmt: skip
        assert (turnover("2024-03"), turnover("2024-04")) == (0, 700_000)
        assert figures.recount() == []
        last = session().scalars(select(AuditEvent).order_by(AuditEvent.id.desc()).limit(1)).one()
        assert json.loads(last.payload)["changes"]["quantity"] == [2, 3]


def test_the_same_twice_is_once_and_an_old_form_is_refused(sales: Sales) -> None:
    with sales.inside():
        first, again = enter(sales, key="k"), enter(sales, key="k")
        assert first.id == again.id
        with pytest.raises(entering.AlreadyThere) as refused:
            enter(sales)
        assert refused.value.detail == {"purchase_id": first.id}
        correct(sales, first, quantity=3)
        with pytest.raises(PurchaseMoved):
            correct(sales, first, quantity=4)
        assert session().scalar(select(func.count()).select_from(PurchaseVersion)) == 1
        assert figures.recount() == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"package_id": ""}, "package_id"),
        ({"purchased_on": "31 Februari 2024"}, "purchased_on"),
        ({"purchased_on": "1 Januari 2031"}, "purchased_on"),
        ({"quantity": "0"}, "quantity"),
        ({"unit_price_rupiah": "seratus"}, "unit_price_rupiah"),
        ({"shipping_rupiah": "-5"}, "shipping_rupiah"),
        ({"buyer_unit": " "}, "buyer_unit"),
        ({"product_name": "x" * 301}, "product_name"),
        ({"status": "Entah"}, "status"),
        ({"upt_id": 999_999}, "upt_id"),
        ({"upt_id": "Serang"}, "upt_id"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(sales: Sales, changes: dict[str, Any], field: str) -> None:
    with sales.inside():
        with pytest.raises(Invalid) as refused:
            enter(sales, **changes)
        assert set(refused.value.fields) == {field}
        assert session().scalar(select(func.count()).select_from(Purchase)) == 0


def test_another_kanwils_upt_is_none_of_ours(sales: Sales) -> None:
    with sales.inside(), pytest.raises(Invalid) as refused:
        enter(sales, upt_id=sales.upt("Lembaga Pemasyarakatan Kelas IIA Pontianak"))
    assert "upt_id" in refused.value.fields


def test_a_correction_needs_a_reason_and_a_difference(sales: Sales) -> None:
    with sales.inside():
        made = enter(sales)
        with pytest.raises(Invalid) as refused:
            correct(sales, made, reason="  x ", quantity="nol")
        assert set(refused.value.fields) == {"reason", "quantity"}
        with pytest.raises(Invalid, match="Tidak ada yang berubah"):
            correct(sales, made, quantity="2,00", package_id="LAIN")


def test_who_may(sales: Sales) -> None:
    sales.bring_in(bad())
    with sales.inside():
        row = session().scalars(select(Purchase)).first()
        assert row is not None
        for by in (sales.by("pembina"), sales.by("operator_upt", upt=row.upt_id)):
            with pytest.raises(MayNotImport):
                entering.enter(TYPED, by=by, now=NOW)
    by = sales.by(kanwil=sales.kalbar)
    with sales.inside(sales.kalbar), pytest.raises(PurchaseNotFound):
        entering.correct(row.id, {"quantity": 1}, version=1, reason="Bukan milik kami", by=by, now=NOW)
