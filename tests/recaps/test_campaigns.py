"""A closed campaign on paper: a Kanwil's report, its UPT's certificates and the country's report, signed once,
verifiable by anyone, and printing what they carry."""

from __future__ import annotations

import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from recaps import verification
from recaps.campaigns import issuing, national
from recaps.campaigns.paper import NotAPaper, thaw
from recaps.errors import NoSuchPaper, NotThisState
from recaps.rendering import RenderingFailed
from sales.campaigns import closing, joining, planning, selling
from tenants import clock, database, files
from tenants.errors import Forbidden, Invalid
from tenants.scope import entered
from tests.support.worlds import World
from workflows import audit
from workflows.models import AuditEvent

DURING = datetime(2021, 4, 13, 4, 0, tzinfo=UTC)
AFTER = datetime(2021, 5, 20, 4, 0, tzinfo=UTC)
LAPAS, RUTAN, FAR = "lapas-iia-pontianak", "rutan-iia-pontianak", "lapas-i-tangerang"
TERMS = {
    "title": "One Day One Prison's Product",
    "starts_on": "2021-04-01",
    "ends_on": "2021-04-30",
    "target_rupiah": "Rp100.000.000",
}


class Campaigned:
    """April 2021 in the small world: Kalbar's Rp47.850.000, and Rp9.000.000 of Banten."""

    def __init__(self, world: World) -> None:
        self.world = world
        with self.as_("admin.pusat") as by:
            self.id = planning.begin(TERMS, by=by, now=DURING).id
            planning.announce(self.id, by=by, now=DURING)
        for unit, value in ((LAPAS, 30_000_000), (LAPAS, 7_850_000), (RUTAN, 10_000_000), (FAR, 9_000_000)):
            with self.as_(f"operator.{unit}") as by:
                values = {"product_name": "Miniatur kapal", "value_rupiah": value}
                selling.enter(self.id, values, by=by, now=DURING)
        with self.as_("operator.lapas-perempuan-iia-pontianak") as by:
            joining.join(self.id, {"pledge_rupiah": "Rp1.000.000"}, by=by, now=DURING)

    class _As:
        def __init__(self, world: World, username: str) -> None:
            self.actor = world.actor(username)
            self.scope = entered(world.scope(username))

        def __enter__(self) -> Any:
            database.db.release()
            self.scope.__enter__()
            return self.actor

        def __exit__(self, *error: Any) -> None:
            self.scope.__exit__(*error)

    def as_(self, username: str) -> _As:
        return self._As(self.world, username)

    def close(self) -> None:
        with self.as_("admin.pusat") as by:
            closing.close(self.id, by=by, now=AFTER)


@pytest.fixture
def campaigned(world: World) -> Campaigned:
    return Campaigned(world)


def words_of(data: bytes, folder: Path) -> str:
    path = folder / "paper.pdf"
    path.write_bytes(data)
    told = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, text=True, check=True)
    return " ".join(told.stdout.split())


def test_the_report_prints_what_was_frozen_and_anyone_verifies_it(
    campaigned: Campaigned, tmp_path: Path
) -> None:
    now = clock.now()  # certificates of signers are made today
    with campaigned.as_("kakanwil.kalbar") as by, pytest.raises(NotThisState):
        issuing.issue_report(campaigned.id, by=by, now=now)
    campaigned.close()
    for username in ("operator.lapas-iia-pontianak", "admin.kalbar"):
        with campaigned.as_(username) as by, pytest.raises(Forbidden):
            issuing.issue_report(campaigned.id, by=by, now=now)
    with campaigned.as_("kakanwil.kalbar") as by:
        row, _ = issuing.issue_report(campaigned.id, by=by, now=now, key="once")
        again, replayed = issuing.issue_report(campaigned.id, by=by, now=now, key="once")
        assert (row.id, replayed) == (again.id, True)
        row = issuing.sign(row.id, row.attempt, now=now)
        assert issuing.sign(row.id, row.attempt, now=now).code == row.code
        assert issuing.issue_report(campaigned.id, by=by, now=now)[0].code == row.code
        assert row.number == f"LK-{campaigned.id}/KALBAR/{now.year}"
        data = issuing.pdf(campaigned.id, row.id)[1]
        assert [one.action for one in database.session().scalars(select(AuditEvent).order_by(AuditEvent.id))][
            -1
        ] == ("campaign.report_issued")
        assert audit.verify() == []
    words = words_of(data, tmp_path)
    for wanted in (
        "LAPORAN PENUTUPAN KAMPANYE",
        "One Day One Prison's Product",
        "1 sampai 30 April 2021 (30 hari)",
        "Dari Kanwil Kalimantan Barat 3 UPT ikut serta, dengan omzet Rp47.850.000",
        "(empat puluh tujuh juta delapan ratus lima puluh ribu rupiah) dari 3 penjualan",
        "menempati peringkat 1 dari 2 Kanwil",
        "Rp56.850.000",
        "Lapas IIA Pontianak 2 Rp37.850.000",
        "Rutan IIA Pontianak 1 Rp10.000.000",
        "Ditandatangani secara elektronik oleh:",
        str(row.code),
        row.paper_sha256,
    ):
        assert wanted in words, wanted
    assert "Tangerang" not in words
    said = verification.verify_file(data)
    assert (said.verdict, said.figures_match) == ("sound", True), said
    assert said.figures_total > 8
    assert said.record is not None
    assert (said.record.kind, said.record.kind_name) == ("campaign", "Laporan kampanye")
    assert verification.verify_code(str(row.code)).verdict == "sound"
    assert verification.verify_file(data.replace(b"/Title", b"/Titel", 1)).verdict == "altered"
    (tmp_path / "out").mkdir()
    subprocess.run(["pdfdetach", "-saveall", "-o", tmp_path / "out", tmp_path / "paper.pdf"], check=True)
    inside = thaw((tmp_path / "out" / "kampanye.json").read_bytes())
    assert (inside["kind"], inside["figures"]["totals"]["value_rupiah"]) == ("report", 56_850_000)
    assert (
        "Signature is Valid."
        in subprocess.run(
            ["pdfsig", "-nocert", tmp_path / "paper.pdf"], capture_output=True, text=True, check=True
        ).stdout
    )


def test_certificates_are_signed_in_one_act_each_for_itself(
    campaigned: Campaigned, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaigned.close()
    now = clock.now()
    lapas = campaigned.world.upt[LAPAS]
    with campaigned.as_("kadiv.kalbar") as by:
        with pytest.raises(Invalid):
            issuing.issue_certificates(campaigned.id, [campaigned.world.upt[FAR]], by=by, now=now)
        rows = issuing.issue_certificates(campaigned.id, by=by, now=now)
        assert {row.upt_id for row in rows} == {
            campaigned.world.upt[u] for u in (LAPAS, RUTAN, "lapas-perempuan-iia-pontianak")
        }
        first = next(row for row in rows if row.upt_id == lapas)
        real = issuing.printed

        def stumbling(data: bytes, *more: Any) -> bytes:
            if json.loads(data)["of"]["slug"] == RUTAN:
                raise RenderingFailed("no paper")
            return real(data, *more)

        monkeypatch.setattr(issuing, "printed", stumbling)
        issuing._sign({"papers": [[row.id, row.attempt] for row in rows]})
        done = {row.upt_id: row for row in issuing.papers(campaigned.id)}
        assert done[lapas].issued_at is not None
        assert "no paper" in str(done[campaigned.world.upt[RUTAN]].problem)
        monkeypatch.setattr(issuing, "printed", real)
        tried = issuing.issue_certificates(campaigned.id, by=by, now=clock.now())
        assert {row.upt_id: row.attempt for row in tried}[campaigned.world.upt[RUTAN]] == 2
        assert {row.upt_id: row.attempt for row in tried}[lapas] == 1
        data = issuing.pdf(campaigned.id, first.id)[1]
    words = words_of(data, tmp_path)
    for wanted in (
        "PIAGAM PARTISIPASI",
        "Lembaga Pemasyarakatan Kelas IIA Pontianak",
        "Rp37.850.000",
        "peringkat 1 dari 3 UPT Kanwil Kalimantan Barat dan 1 dari 4 UPT se-Indonesia",
        "Kepala Divisi Pemasyarakatan",
    ):
        assert wanted in words, wanted
    told = subprocess.run(
        ["pdfinfo", tmp_path / "paper.pdf"], capture_output=True, text=True, check=True
    ).stdout
    assert "Pages:           1" in told
    said = verification.verify_file(data)
    assert (said.verdict, said.figures_match) == ("sound", True), said
    assert said.record is not None
    assert said.record.kind_name == "Piagam kampanye"
    with campaigned.as_(f"operator.{LAPAS}"):
        assert [row.upt_id for row in issuing.papers(campaigned.id)] == [lapas]
        assert issuing.pdf(campaigned.id, first.id)[1] == data
    with campaigned.as_(f"operator.{RUTAN}"), pytest.raises(NoSuchPaper):
        issuing.load(first.id)
    with campaigned.as_("kadiv.banten"), pytest.raises(NoSuchPaper):
        issuing.load(first.id)


def test_the_country_has_a_report_of_its_own(campaigned: Campaigned, tmp_path: Path) -> None:
    now = clock.now()
    campaigned.close()
    with campaigned.as_("admin.pusat") as by, pytest.raises(Forbidden):
        national.issue(campaigned.id, by=by, now=now)
    with campaigned.as_("dirjen") as by:
        row, _ = national.issue(campaigned.id, by=by, now=now)
        assert national.issue(campaigned.id, by=by, now=now)[0].id == row.id
        row = national.sign(row.id, row.attempt, now=now)
        assert national.sign(row.id, row.attempt, now=now).code == row.code
        data = national.pdf(campaigned.id)[1]
    words = words_of(data, tmp_path)
    for wanted in (
        "Secara nasional 2 Kanwil dengan 4 UPT ikut serta, dengan omzet Rp56.850.000",
        "56,9 % dari target Rp100.000.000",
        "Kanwil Kalimantan Barat 3 3 Rp47.850.000",
        "Kanwil Banten 1 1 Rp9.000.000",
        "Direktur Jenderal Pemasyarakatan",
    ):
        assert wanted in words, wanted
    said = verification.verify_file(data)
    assert (said.verdict, said.figures_match) == ("sound", True), said
    assert files.get(row.paper_sha256)
    for bad in (b"", b"[]", b"{}", b'{"schema": "karya.campaign-paper/1", "kind": "x"}'):
        with pytest.raises(NotAPaper):
            thaw(bad)
