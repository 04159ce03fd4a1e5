"""The country's file: read by the centre, each line in the hands of its own Kanwil."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from sales import figures, imports, national, reading
from sales.errors import ImportNotReady, MayNotImport, UnknownColumns
from sales.models import PurchaseImport
from sales.rollups import recount
from tenants.database import session
from tenants.errors import Invalid
from tenants.models import ReachLog
from tenants.officers import Actor
from tenants.scope import NationalScope, entered
from tests.sales.conftest import NOW, Sales, bad, sample
from tests.sales.test_layouts import POSITIONS, STRANGE

CENTRE = Actor(9, "Admin Pusat", frozenset({"admin_pusat"}), None, None, "Admin Pusat")


def test_each_line_goes_to_the_kanwil_of_its_provider(sales: Sales) -> None:
    with entered(NationalScope(9)):
        begun = national.begin(sample(), "negara.csv", by=CENTRE, now=NOW).id
        with pytest.raises(ImportNotReady):
            national.accept(begun, by=CENTRE, now=NOW)
        seen = national.read(begun, now=NOW)
        assert (seen.state, seen.good, seen.bad) == ("preview", 120, 0)
        assert [(part["kanwil"], part["total_rupiah"]) for part in seen.parts] == [
            ("Kanwil Banten", 52_713_000),
            ("Kanwil Kalimantan Barat", 74_038_000),
        ]
        for _ in range(2):
            national.accept(begun, by=CENTRE, now=NOW)
            national.hand_over(begun, now=NOW)
        status = national.status(begun)
        assert status["state"] == "done"
        assert [part["state"] for part in status["by_kanwil"]] == ["running", "running"]
        reached = session().scalars(select(ReachLog.kanwil_id)).all()
        assert sorted(reached) == sorted([sales.banten, sales.kalbar])
    for part, turnover in zip(status["by_kanwil"], (16_291_000, 47_850_000), strict=True):
        with sales.inside(part["kanwil_id"]):
            done = reading.read(part["import_id"], now=NOW)
            assert (done.state, done.good, done.left_out, done.bad) == ("done", part["good"], 0, 0)
            assert figures.period("2024-03")["transactions"]["completed"]["value_rupiah"] == turnover
            assert imports.status(part["import_id"])["lines"] == []
            assert recount() == []
            assert len(session().scalars(select(PurchaseImport.id)).all()) == 1
    with entered(NationalScope(9)):
        assert [part["state"] for part in national.status(begun)["by_kanwil"]] == ["done", "done"]


def test_bad_lines_stay_with_the_centre_or_with_whose_they_are(sales: Sales) -> None:
    with entered(NationalScope(9)):
        begun = national.begin(bad(), "negara.csv", by=CENTRE, now=NOW, accept=True).id
        done = national.read(begun, now=NOW)
        assert (done.state, done.good, done.bad) == ("done", 30, 9)
        assert {line["line"] for line in done.lines if line["level"] == "error"} == {
            4,
            6,
            9,
            14,
            17,
            27,
            30,
            33,
            36,
        }
        parts = national.status(begun)["by_kanwil"]
    banten = next(part for part in parts if part["kanwil_id"] == sales.banten)
    with sales.inside():
        own = reading.read(banten["import_id"], now=NOW)
        assert (own.good, own.left_out) == (29, 0)
        named = {line["line"] for line in imports.status(own.id)["lines"] if line["level"] == "error"}
        assert named == {4, 6, 9, 14, 27, 33, 36}


def test_only_the_centre_imports_for_the_country(sales: Sales) -> None:
    for by in (sales.by(), Actor(9, "Dirjen", frozenset({"dirjen"}), None, None, "Dirjen")):
        with entered(NationalScope(9)), pytest.raises(MayNotImport):
            national.begin(sample(), "a.csv", by=by, now=NOW)


def test_a_file_without_lines_fails_in_words(sales: Sales) -> None:
    with entered(NationalScope(9)):
        begun = national.begin(sample().splitlines()[0], "a.csv", by=CENTRE, now=NOW).id
        failed = national.read(begun, now=NOW)
        assert failed.state == "failed"
        assert "kepala kolom" in (failed.problem or "")
        assert [each.id for each in national.latest()] == [begun]


def strange() -> bytes:
    """The sample with a header that nobody knows."""
    head, rest = sample().split(b"\n", 1)
    return ",".join(STRANGE[key] for key in head.decode().strip().split(",")).encode() + b"\n" + rest


def test_a_header_is_explained_once_for_the_centre_and_every_kanwil_reads_by_it(sales: Sales) -> None:
    with entered(NationalScope(9)):
        with pytest.raises(UnknownColumns):
            national.begin(strange(), "negara.csv", by=CENTRE, now=NOW)
        waiting = national.begin(strange(), "negara.csv", by=CENTRE, now=NOW, may_ask=True)
        assert waiting.state == "mapping"
        with pytest.raises(ImportNotReady):
            national.accept(waiting.id, by=CENTRE, now=NOW)
        with pytest.raises(Invalid) as refused:
            national.explain(waiting.id, {"id_paket": 0, "total": 99}, by=CENTRE, now=NOW)
        assert {"total", "tanggal"} <= set(refused.value.fields)
        with pytest.raises(MayNotImport):
            national.explain(waiting.id, POSITIONS, by=sales.by(), now=NOW)
        for _ in range(2):
            begun = national.explain(waiting.id, POSITIONS, by=CENTRE, now=NOW)
        seen = national.read(begun.id, now=NOW)
        assert (seen.state, seen.good, seen.bad) == ("preview", 120, 0)
        assert len(national.country_layouts.every()) == 1
        national.accept(begun.id, by=CENTRE, now=NOW)
        national.hand_over(begun.id, now=NOW)
        national.country_layouts.forget(national.country_layouts.every()[0].id)
        parts = national.status(begun.id)["by_kanwil"]
    for part in parts:
        with sales.inside(part["kanwil_id"]):
            done = reading.read(part["import_id"], now=NOW)
            assert (done.state, done.good) == ("done", part["good"]), (
                "as the centre read it, though forgotten since"
            )
    with sales.inside(), pytest.raises(UnknownColumns):
        imports.begin(strange(), "a.csv", by=sales.by(), now=NOW)  # what the centre said is the centre's own
    with entered(NationalScope(9)):
        with pytest.raises(UnknownColumns):
            national.begin(strange(), "lagi.csv", by=CENTRE, now=NOW)
        named = dict(STRANGE)
        again = national.begin(strange(), "lagi.csv", by=CENTRE, now=NOW, columns=named)
        assert national.read(again.id, now=NOW).good == 120
        with pytest.raises(Invalid):
            national.begin(strange(), "lagi.csv", by=CENTRE, now=NOW, columns={"total": "Entah"})
