"""A file becomes purchases once: preview, import, import again, changed content."""

from __future__ import annotations

import csv
import io
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from sales import figures, imports, reading
from sales.errors import ImportNotFound, ImportNotReady, MayNotImport, NotAPurchaseFile, UnreadableFile
from sales.models import MonthFigure, Purchase, PurchaseVersion
from tenants import database, files
from tenants.database import session
from tests.sales.conftest import NOW, Sales, bad, sample
from tests.sales.test_parsing import BAD
from workflows.models import AuditEvent


def turnover(key: str) -> int:
    return int(figures.period(key)["transactions"]["completed"]["value_rupiah"])


def changed(content: bytes, package_id: str, **cells: str) -> bytes:
    rows = list(csv.DictReader(io.StringIO(content.decode())))
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows({**row, **cells} if row["id_paket"] == package_id else row for row in rows)
    return out.getvalue().encode()


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_sample_gives_kalbar_its_march(sales: Sales, kind: str) -> None:
    seen = sales.upload(sample(kind), sales.kalbar)
    assert seen.state == "preview"
    assert seen.total_rupiah == 12_960_000 + 13_228_000 + 47_850_000
    assert (seen.bad, seen.known) == (0, 0)
    assert seen.good + seen.left_out == 120
    import_id, good = seen.id, seen.good
    with sales.inside(sales.kalbar):
        assert session().scalar(select(func.count()).select_from(Purchase)) == 0
        done = imports.accept(seen.id, by=sales.by(kanwil=sales.kalbar), now=NOW)
        assert (done.state, done.good) == ("done", good)
        assert turnover("2024-03") == 47_850_000
        assert turnover("2024-Q1") == 12_960_000 + 13_228_000 + 47_850_000
        assert figures.recount() == []
    with sales.inside():
        assert turnover("2024") == 0
        with pytest.raises(ImportNotFound):
            imports.status(import_id)


def test_the_status_of_the_bad_file_names_every_line(sales: Sales) -> None:
    seen = sales.upload(bad())
    with sales.inside():
        status = imports.status(seen.id)
    assert (status["state"], status["good"], status["bad"], status["left_out"], status["known"]) == (
        "preview",
        29,
        9,
        1,
        1,
    )
    assert [line["line"] for line in status["lines"]] == sorted(BAD)
    for line in status["lines"]:
        field, level, reason = BAD[line["line"]]
        assert (line["field"], line["level"]) == (field, level)
        assert reason in line["reason"]
    assert status["next_line"] is None


def test_lines_with_remarks_come_in_pages(sales: Sales) -> None:
    seen = sales.upload(bad())
    with sales.inside():
        first = imports.status(seen.id, limit=5)
        rest = imports.status(seen.id, after=first["next_line"], limit=50)
        assert [line["line"] for line in first["lines"] + rest["lines"]] == sorted(BAD)
        assert imports.line_counts(seen.id) == {"error": 9, "left_out": 1, "notice": 3}
        assert [line.line for line in imports.lines(seen.id, level="left_out").lines] == [38]


def test_the_good_lines_of_the_bad_file_are_imported_and_the_second_time_nothing_is(sales: Sales) -> None:
    first = sales.bring_in(bad())
    with sales.inside():
        before = session().execute(select(func.count(), func.sum(Purchase.total_rupiah))).one()
        assert before[0] == first.good == 29
        assert first.total_rupiah == sum(month["value_rupiah"] for month in figures.year(2024))
    again = sales.upload(bad())
    assert (again.good, again.known, again.bad, again.left_out, again.total_rupiah) == (0, 30, 9, 1, 0)
    with sales.inside():
        reasons = [line["reason"] for line in imports.status(again.id)["lines"] if line["level"] == "notice"]
        assert sum("sudah ada dengan isi yang sama" in reason for reason in reasons) == 29
        done = imports.accept(again.id, by=sales.by(), now=NOW)
        assert (done.state, done.good) == ("done", 0)
        assert session().execute(select(func.count(), func.sum(Purchase.total_rupiah))).one() == before
        assert figures.recount() == []


def test_changed_content_becomes_a_new_version_and_the_old_one_is_kept(sales: Sales) -> None:
    sales.bring_in(sample())
    with sales.inside():
        row = session().scalars(select(Purchase).where(Purchase.status == "Proses")).first()
        assert row is not None
        before, package_id, value = turnover("2024"), row.package_id, row.total_rupiah
    seen = sales.upload(changed(sample(), package_id, status="Selesai", tanggal="2024-02-01"))
    assert (seen.good, seen.known) == (1, 120 - seen.left_out - 1)
    with sales.inside():
        (notice,) = [
            line["reason"] for line in imports.status(seen.id)["lines"] if "isi lain" in line["reason"]
        ]
        assert "versi 2" in notice
        assert "status “Proses” menjadi “Selesai”" in notice
        imports.accept(seen.id, by=sales.by(), now=NOW)
        row = session().scalars(select(Purchase).where(Purchase.package_id == package_id)).one()
        assert (row.version, row.status, row.month) == (2, "Selesai", "2024-02")
        old = session().scalars(select(PurchaseVersion)).one()
        assert (old.purchase_id, old.version, old.content["status"]) == (row.id, 1, "Proses")
        assert turnover("2024") == before + value
        assert figures.recount() == []


def test_a_cancelled_package_leaves_the_turnover(sales: Sales) -> None:
    sales.bring_in(sample(), sales.kalbar)
    with sales.inside(sales.kalbar):
        asked = select(Purchase).where(Purchase.status == "Selesai", Purchase.month == "2024-03")
        row = session().scalars(asked).first()
        assert row is not None
    sales.bring_in(changed(sample(), row.package_id, status="Batal"), sales.kalbar)
    with sales.inside(sales.kalbar):
        assert turnover("2024-03") == 47_850_000 - row.total_rupiah
        assert figures.recount() == []


def test_chosen_lines_alone_are_imported(sales: Sales) -> None:
    seen = sales.upload(bad())
    with sales.inside():
        done = imports.accept(seen.id, by=sales.by(), now=NOW, lines=[2, 3, 4, 38])
        assert done.good == 2
        assert session().scalar(select(func.count()).select_from(Purchase)) == 2


def test_accepting_twice_and_reading_twice_change_nothing(sales: Sales) -> None:
    from sales.writing import carry_out

    with sales.inside():
        before = session().scalar(select(func.count()).select_from(AuditEvent)) or 0
    seen = sales.upload(bad())
    with sales.inside():
        for _ in range(3):
            done = imports.accept(seen.id, by=sales.by(), now=NOW)
            carry_out(seen.id, now=NOW)
            reading.read(seen.id, now=NOW)
        assert done.state == "done"
        assert session().scalar(select(func.count()).select_from(Purchase)) == 29
        actions = session().scalars(select(AuditEvent.action).where(AuditEvent.chain == "kanwil")).all()
        assert sorted(actions[before:]) == ["purchases.imported", "purchases.uploaded"]


def test_the_same_key_begins_one_import(sales: Sales) -> None:
    with sales.inside():
        begun = [imports.begin(bad(), "a.csv", by=sales.by(), now=NOW, key="k1").id for _ in range(2)]
        assert len(set(begun)) == 1


def test_an_import_that_was_told_to_accept_needs_no_second_word(sales: Sales) -> None:
    done = sales.upload(sample(), accept=True)
    assert (done.state, done.total_rupiah) == ("done", 17_823_000 + 18_599_000 + 16_291_000)


def test_reading_that_was_interrupted_starts_over(sales: Sales, monkeypatch: pytest.MonkeyPatch) -> None:

    monkeypatch.setattr(reading, "CHUNK", 10)
    with sales.inside():
        begun = imports.begin(bad(), "a.csv", by=sales.by(), now=NOW).id
        original, calls = reading._remarks, iter([False, False, True])

        def broken(*args: object) -> object:
            if next(calls):
                raise SystemExit
            return original(*args)  # type: ignore[arg-type]

        monkeypatch.setattr(reading, "_remarks", broken)
        with pytest.raises(SystemExit):
            reading.read(begun, now=NOW)
        half = imports.status(begun)
        assert (half["state"], half["lines_read"]) == ("running", 20)
        monkeypatch.setattr(reading, "_remarks", original)
        reading.read(begun, now=NOW)
        whole = imports.status(begun)
        assert (whole["state"], whole["good"], whole["bad"]) == ("preview", 29, 9)
        assert [line["line"] for line in whole["lines"]] == sorted(BAD)


def test_who_may_not_import(sales: Sales) -> None:
    for actor in (sales.by("pembina"), sales.by("kakanwil"), sales.by("operator_upt", upt=1)):
        with sales.inside(), pytest.raises(MayNotImport):
            imports.begin(bad(), "a.csv", by=actor, now=NOW)


def test_files_that_are_none_are_refused_at_once_and_leave_nothing(sales: Sales) -> None:
    with sales.inside():
        for content, error in (
            (b"", UnreadableFile),
            (b"%PDF-1.4", NotAPurchaseFile),
            (b"a;b\n", UnreadableFile),
        ):
            with pytest.raises(error):
                imports.begin(content, "a.csv", by=sales.by(), now=NOW)
        assert imports.latest() == []


def test_a_header_without_lines_fails_in_words(sales: Sales) -> None:
    seen = sales.upload(bad().splitlines()[0])
    assert seen.state == "failed"
    assert "hanya berisi kepala kolom" in (seen.problem or "")
    with sales.inside(), pytest.raises(ImportNotReady):
        imports.accept(seen.id, by=sales.by(), now=NOW)


def test_two_imports_of_one_file_at_once_count_every_package_once(sales: Sales) -> None:
    ids = [sales.upload(sample()).id for _ in range(3)]

    def accept(import_id: int) -> str:
        try:
            with sales.inside():
                return imports.accept(import_id, by=sales.by(), now=NOW).state
        finally:
            database.db.release()

    with ThreadPoolExecutor(6) as pool:
        assert set(pool.map(accept, ids * 2)) == {"done"}
    with sales.inside():
        assert session().scalar(select(func.count()).select_from(Purchase)) == 60
        assert turnover("2024-Q1") == 17_823_000 + 18_599_000 + 16_291_000
        assert sum(imports.find(each).good for each in ids) == 60
        assert figures.recount() == []


def test_an_import_whose_file_was_lost_fails_in_words(sales: Sales) -> None:
    with sales.inside():
        begun = imports.begin(bad(), "a.csv", by=sales.by(), now=NOW)
        place = files.path(begun.sha256)
        assert place is not None
        place.unlink()
        seen = reading.read(begun.id, now=NOW)
        assert seen.state == "failed"
        assert "Unggah sekali lagi" in (seen.problem or "")


def test_an_upt_sees_its_own_purchases_and_no_import(sales: Sales) -> None:
    sales.bring_in(sample())
    upt = sales.upt("Rumah Tahanan Negara Kelas IIB Rangkasbitung")
    with sales.inside(upt=upt):
        assert imports.latest() == []
        rows = session().scalars(select(Purchase)).all()
        assert rows
        assert {row.upt_id for row in rows} == {upt}
        own = sum(row.total_rupiah for row in rows if row.status == "Selesai")
        assert turnover("2024") == own
        assert session().scalars(select(MonthFigure.upt_id).distinct()).all() == [upt]
