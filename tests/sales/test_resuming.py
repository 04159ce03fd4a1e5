"""An import that is cut off goes on where it was: nothing lost, nothing twice."""

from __future__ import annotations

import os
import random
import time
from typing import Any

import pytest
from sqlalchemy import create_engine, func, select, text

from sales import figures, imports, reading, undoing, writing
from sales.models import Purchase, PurchaseVersion
from tenants import files
from tenants.database import session
from tests.recaps.test_kill import caller, multipart, wait
from tests.sales.conftest import NOW, Sales, bad
from tests.sales.test_parsing import GOOD, as_csv
from tests.support.servers import Server
from workflows.models import AuditEvent

MOMENTS = int(os.environ.get("KARYA_KILLS", "1"))
"""How often the server is killed during one import; ten times, and on both databases, with `KARYA_KILLS=10`."""
BIG = MOMENTS > 1


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "CHUNK", 5)
    monkeypatch.setattr(writing, "BATCH", 2)


def cut_off(monkeypatch: pytest.MonkeyPatch, after: int) -> None:
    """The process ends in the middle of the batch after these."""
    write, calls = writing._Writer.write, iter(range(1000))

    def written(self: Any, batch: Any) -> None:
        write(self, batch)
        if next(calls) == after:
            raise SystemExit

    monkeypatch.setattr(writing._Writer, "write", written)


def there() -> int:
    return int(session().scalar(select(func.count()).select_from(Purchase)) or 0)


def test_finished_batches_stay_and_the_next_run_does_the_rest(
    sales: Sales, monkeypatch: pytest.MonkeyPatch, small_batches: None
) -> None:
    seen = sales.upload(bad())
    monkeypatch.setattr(imports, "AT_ONCE", 0)
    with sales.inside():
        imports.accept(seen.id, by=sales.by(), now=NOW)
        with monkeypatch.context() as context:
            cut_off(context, after=2)
            with pytest.raises(SystemExit):
                reading.write_job({"import_id": seen.id})
        half = imports.status(seen.id)
        assert (half["state"], half["step"], half["lines_written"], there()) == (
            "running",
            "importing",
            20,
            20,
        )
        assert imports.progress(imports.find(seen.id)) == (20, 30)  # one line repeats another
        assert figures.recount() == []
        reading.write_job({"import_id": seen.id})
        reading.write_job({"import_id": seen.id})
        done = imports.status(seen.id)
        assert (done["state"], done["good"], there()) == ("done", 29, 29)
        assert done["total_rupiah"] == sum(month["value_rupiah"] for month in figures.year(2024))
        assert session().scalar(select(func.count()).select_from(PurchaseVersion)) == 0
        assert session().scalars(select(AuditEvent.action)).all().count("purchases.imported") == 1
        assert figures.recount() == []


def test_an_import_that_needs_no_word_is_resumed_by_the_job_that_read_it(
    sales: Sales, monkeypatch: pytest.MonkeyPatch, small_batches: None
) -> None:
    with sales.inside():
        begun = imports.begin(bad(), "a.csv", by=sales.by(), now=NOW, accept=True)
        for after in (0, 1):
            with monkeypatch.context() as context:
                cut_off(context, after)
                with pytest.raises(SystemExit):
                    reading.read_job({"import_id": begun.id})
        reading.read_job({"import_id": begun.id})
        assert (imports.find(begun.id).state, there()) == ("done", 29)
        assert figures.recount() == []


def test_what_was_written_before_the_file_was_lost_is_said_and_can_be_undone(
    sales: Sales, monkeypatch: pytest.MonkeyPatch, small_batches: None
) -> None:
    with sales.inside():
        begun = imports.begin(bad(), "a.csv", by=sales.by(), now=NOW, accept=True)
        with monkeypatch.context() as context:
            cut_off(context, after=1)
            with pytest.raises(SystemExit):
                reading.read_job({"import_id": begun.id})
        place = files.path(begun.sha256)
        assert place is not None
        place.unlink()
        reading.read_job({"import_id": begun.id})
        failed = imports.find(begun.id)
        assert (failed.state, failed.good) == ("failed", 10)
        assert undoing.undo(begun.id, by=sales.by(), now=NOW).undone["removed"] == 10
        assert there() == 0
        assert figures.recount() == []


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"] if BIG else ["sqlite"], indirect=True)
def test_a_killed_server_goes_on_with_the_import(live_server: Server) -> None:
    server, lines = live_server, 2500 * MOMENTS + 1500
    pontianak = {"penyedia": "Lembaga Pemasyarakatan Kelas IIA Pontianak"}
    rows = [
        {**GOOD, **pontianak, "id_paket": f"EP-{n}", "tanggal": f"2024-0{n % 9 + 1}-05"} for n in range(lines)
    ]
    kadiv = caller(server, "kadiv.kalbar")
    begun = kadiv("POST", "/purchases/imports", raw=multipart(as_csv(*rows)))
    here = f"/purchases/imports/{begun['id']}"
    rest = random.Random(20260)
    for _ in range(MOMENTS):
        time.sleep(rest.uniform(0.2, 2.5))
        server.kill()
        assert stands(server) <= lines
        server.start()
    done = wait(kadiv, here, lambda got: got["state"] not in ("running", "preview"), seconds=120)
    assert (done["state"], done["good"], done["bad"]) == ("done", lines, 0)
    assert done["total_rupiah"] == lines * 475_000
    assert stands(server) == lines
    assert server.run("purchase", "recount").returncode == 0
    assert kadiv("GET", "/purchases?period=2024&limit=1")["sums"]["Selesai"]["packages"] == lines
    kadiv("POST", f"{here}/undo", {})
    if BIG:
        time.sleep(rest.uniform(0.0, 1.0))
        server.kill()
        assert stands(server) in (0, lines)
        server.start()
    wait(kadiv, here, lambda got: got["state"] == "undone", seconds=120)
    assert stands(server) == 0
    if BIG:
        assert server.run("purchase", "recount").returncode == 0
        assert server.run("audit", "verify").returncode == 0


def stands(server: Server) -> int:
    """How many of the purchases there are, each package once; read past the server."""
    engine = create_engine(server.settings.owner_url or server.settings.database_url)
    with engine.connect() as connection:
        asked = text("SELECT count(*), count(DISTINCT package_id) FROM purchase WHERE package_id LIKE 'EP-%'")
        count, packages = connection.execute(asked).one()
    engine.dispose()
    assert count == packages
    return int(count)
