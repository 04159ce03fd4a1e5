"""A whole import is taken back, and the figures with it."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from sales import entering, figures, imports, undoing
from sales.errors import ImportNotFound, ImportNotReady, MayNotImport
from sales.models import ImportLine, MonthFigure, Purchase, PurchaseVersion
from tenants.database import session
from tests.sales.conftest import NOW, Sales, bad, sample
from tests.sales.test_imports import changed, turnover
from workflows.models import AuditEvent


def a_package(**where: object) -> Purchase:
    asked = select(Purchase).filter_by(**where).order_by(Purchase.package_id)
    found = session().scalars(asked.execution_options(populate_existing=True)).first()
    assert found is not None
    return found


def undo(sales: Sales, import_id: int, **options: bool) -> dict[str, int]:
    return dict(undoing.undo(import_id, by=sales.by(), now=NOW, **options).undone)


def test_what_an_import_added_goes_and_the_figures_follow(sales: Sales) -> None:
    first = sales.bring_in(bad())
    with sales.inside():
        before = turnover("2024")
        rollups = session().scalar(select(func.count()).select_from(MonthFigure))
    second = sales.bring_in(sample())
    with sales.inside():
        assert turnover("2024") > before
        assert undo(sales, second.id) == {"removed": second.good, "restored": 0, "kept": 0}
        assert turnover("2024") == before
        assert session().scalar(select(func.count()).select_from(MonthFigure)) == rollups
        assert session().scalar(select(func.count()).select_from(Purchase)) == first.good
        assert figures.recount() == []
        shown = imports.status(second.id)
        assert (shown["state"], shown["undone"]["removed"]) == ("undone", second.good)
        last = session().scalars(select(AuditEvent).order_by(AuditEvent.id.desc()).limit(1)).one()
        assert last.action == "purchases.undone"


def test_what_an_import_changed_says_again_what_it_said_before(sales: Sales) -> None:
    first = sales.bring_in(sample())
    with sales.inside():
        row, before = a_package(status="Proses"), turnover("2024")
        package_id, old = row.package_id, (row.total_rupiah, row.month, row.buyer_kind, row.buyer_upt_id)
    second = sales.bring_in(changed(sample(), package_id, status="Selesai", tanggal="2024-02-01"))
    with sales.inside():
        assert turnover("2024") != before
        assert undo(sales, second.id) == {"removed": 0, "restored": 1, "kept": 0}
        row = a_package(package_id=package_id)
        assert (row.status, row.version, row.import_id) == ("Proses", 3, first.id)
        assert (row.total_rupiah, row.month, row.buyer_kind, row.buyer_upt_id) == old
        assert turnover("2024") == before
        assert figures.recount() == []
        versions = session().scalars(select(PurchaseVersion).order_by(PurchaseVersion.version)).all()
        assert [one.content["status"] for one in versions] == ["Proses", "Selesai"]
        assert "dibatalkan" in (versions[1].reason or "")
        assert undo(sales, first.id)["removed"] == first.good  # the older one in its turn, versions and all
        assert session().scalar(select(func.count()).select_from(Purchase)) == 0
        assert session().scalar(select(func.count()).select_from(PurchaseVersion)) == 0
        assert figures.recount() == []


def test_what_changed_since_refuses_by_name_or_stays_where_that_is_asked(sales: Sales) -> None:
    first = sales.bring_in(sample())
    with sales.inside():
        later, corrected = a_package(status="Proses").package_id, a_package(status="Selesai")
        entering.correct(
            corrected.id, {"status": "Batal"}, version=1, reason="Dibatalkan pembeli", by=sales.by(), now=NOW
        )
    sales.bring_in(changed(sample(), later, status="Batal").replace(corrected.package_id.encode(), b"LAIN-1"))
    with sales.inside():
        with pytest.raises(undoing.ChangedSince, match="2 paket") as refused:
            undoing.undo(first.id, by=sales.by(), now=NOW)
        assert f"{later} (ekspor.csv)" in refused.value.message
        assert f"{corrected.package_id} (dikoreksi)" in refused.value.message
        assert imports.find(first.id).state == "done"
        assert undo(sales, first.id, keep_changed=True) == {
            "removed": first.good - 2,
            "restored": 0,
            "kept": 2,
        }
        left = session().scalars(select(Purchase.package_id)).all()
        assert sorted(left) == sorted([later, corrected.package_id, "LAIN-1"])
        assert figures.recount() == []


def test_undoing_twice_is_undoing_once_and_the_file_may_come_again(sales: Sales) -> None:
    done = sales.bring_in(bad())
    with sales.inside():
        for key in (None, "a", "a"):
            undoing.undo(done.id, by=sales.by(), now=NOW, key=key)
            undoing.take_back(done.id, now=NOW)
        events = session().scalars(select(AuditEvent.action)).all()
        assert events.count("purchases.undone") == 1
    again = sales.bring_in(bad())
    with sales.inside():
        assert again.good == done.good == session().scalar(select(func.count()).select_from(Purchase))
        assert figures.recount() == []


def test_many_lines_are_taken_back_by_a_job(sales: Sales, monkeypatch: pytest.MonkeyPatch) -> None:
    done = sales.bring_in(bad())
    monkeypatch.setattr(imports, "AT_ONCE", 5)
    monkeypatch.setattr(undoing, "CHUNK", 7)
    with sales.inside():
        assert undoing.undo(done.id, by=sales.by(), now=NOW).state == "undoing"
        assert session().scalar(select(func.count()).select_from(Purchase)) == done.good
        undoing.undo_job({"import_id": done.id})
        assert imports.find(done.id).state == "undone"
        assert session().scalar(select(func.count()).select_from(Purchase)) == 0
        assert figures.recount() == []


def test_what_cannot_be_undone(sales: Sales) -> None:
    waiting = sales.upload(sample())
    with sales.inside():
        with pytest.raises(ImportNotReady):
            undoing.undo(waiting.id, by=sales.by(), now=NOW)
        with pytest.raises(MayNotImport):
            undoing.undo(waiting.id, by=sales.by("pembina"), now=NOW)
        assert session().scalar(select(func.count()).select_from(ImportLine)) is not None
    with sales.inside(sales.kalbar), pytest.raises(ImportNotFound):
        undoing.undo(waiting.id, by=sales.by(kanwil=sales.kalbar), now=NOW)
