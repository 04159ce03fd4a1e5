"""Minutes: what they print, who issues them, that they are issued once, and that anyone can verify them."""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from recaps import verification
from recaps.errors import NotThisState
from recaps.letter import Issue
from recaps.minutes import issuing, queries
from recaps.minutes.document import compose
from recaps.minutes.models import Minutes
from recaps.models import VerificationRecord
from tenants import database, files
from tenants.errors import Forbidden
from tests.recaps.conftest import House
from tests.recaps.proof_scene import OPERATOR, Proof
from tests.recaps.test_pages import Desk, desk, worker
from tests.support.servers import Server
from tests.support.statements import counted_statements
from workflows.decisions import Verdict, decide
from workflows.definitions import default_text, parse, publish
from workflows.models import AuditEvent
from workflows.proof import offline
from workflows.proof.casefile import NotACaseFile, case_file, freeze, thaw
from workflows.proof.sections import Section, _sections, add_section
from workflows.submission import withdraw

__all__ = ["desk", "worker"]

OF_THE_QUEUE = ("workflow_status", "application_versions", "queues", "worker_slot", "dbos.")
"""What the worker beside the page asks of its own tables, whenever it likes."""


@pytest.fixture
def proof(house: House) -> Proof:
    return Proof(house)


def told(program: str, *arguments: Any) -> str:
    done = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_minutes_print_the_whole_way_and_carry_the_case(proof: Proof, tmp_path: Path) -> None:
    case_id = proof.returned_and_approved()
    row = proof.minutes(case_id)
    path = tmp_path / "berita-acara.pdf"
    path.write_bytes(files.get(str(row.signed_sha256)))
    words = " ".join(told("pdftotext", "-layout", path, "-").split())
    told("pdfdetach", "-saveall", "-o", tmp_path, path)
    data = (tmp_path / "kasus.json").read_bytes()
    value = thaw(data)
    for wanted in (
        "BERITA ACARA PERSETUJUAN",
        f"Nomor BA-{case_id}/KALBAR/",
        "Tas anyaman purun",
        "Lembaga Pemasyarakatan Kelas IIA Pontianak",
        "Revisi 1",
        "Harga di atas pasar.",
        "Jelaskan harganya, atau turunkan.",
        "Kulit sapi naik; sudah kami turunkan.",
        "Rp95.000",
        "Rp98.000",
        "Revisi 2",
        "Pengendalian: Disetujui",
        "Sesuai pengendalian.",
        "Kapasitas nyata 120 per bulan",
        "Ditandatangani secara elektronik oleh:",
        "Kepala Divisi Pemasyarakatan",
        str(row.code),
        row.head,
        value["root"],
        hashlib.sha256(data).hexdigest(),
        "WIB",
    ):
        assert wanted in words, wanted
    assert freeze(value) == data, "not canonical"
    assert offline.check(value) == []
    assert value["heads"][-1] == [f"case:{case_id}", row.seq, row.head]
    told("qpdf", "--check", path)
    assert "Signature is Valid." in told("pdfsig", "-nocert", path)
    raw = subprocess.run(
        ["qpdf", "--qdf", "--object-streams=disable", path, "-"], capture_output=True, check=False
    )
    for wanted in ("pdfaid", "/StructTreeRoot", "/MarkInfo", "/AFRelationship", "/OutputIntents"):
        assert wanted in raw.stdout.decode("latin-1"), wanted


def test_who_may_issue_and_what_for(proof: Proof) -> None:
    case_id = proof.returned_and_approved()
    for username in ("pembina.kalbar", OPERATOR, "admin.kalbar"):
        with proof.as_(username) as by, pytest.raises(Forbidden):
            issuing.issue(case_id, by=by, now=proof.house.now)
    waiting = proof.submit(proof.draft("Lampu bambu"))
    for other in (waiting, proof.ids["first"]):
        with proof.as_("kadiv.kalbar") as by, pytest.raises(NotThisState):
            issuing.issue(other, by=by, now=proof.house.now)
    assert proof.minutes(case_id, "kakanwil.kalbar").signer_office == "Kepala Kantor Wilayah"


def test_asked_for_again_the_same_minutes_answer_until_the_chain_grows(proof: Proof) -> None:
    from catalogue import publication

    case_id, now = proof.returned_and_approved(), proof.house.now
    with proof.as_("kadiv.kalbar") as by:
        first, _ = issuing.issue(case_id, by=by, now=now, key="once")
        again, replayed = issuing.issue(case_id, by=by, now=now, key="once")
        third, _ = issuing.issue(case_id, by=by, now=now + timedelta(seconds=5))
        assert (first.id, first.attempt) == (again.id, 1) == (third.id, third.attempt)
        assert replayed
        signed = issuing.sign(first.id, 1, now=now)
        repeated = issuing.sign(first.id, 1, now=now + timedelta(minutes=1))
        assert (repeated.code, repeated.issued_at) == (signed.code, signed.issued_at)
        assert issuing.issue(case_id, by=by, now=now + timedelta(days=1))[0].id == first.id
    with proof.as_("pengendali.kalbar") as by:
        publication.suspend(proof.ids["product"], reason="Stok habis.", by=by, now=now)
    newer = proof.minutes(case_id)
    assert newer.id != first.id
    assert str(newer.number).startswith(f"BA-{case_id}.2/")
    with proof.as_("kadiv.kalbar"):
        said = (
            database.session().scalars(select(AuditEvent).where(AuditEvent.action == "minutes.issued")).all()
        )
        assert len(said) == 2
        assert len(queries.minutes_of(case_id)) == 2


def test_what_failed_may_be_asked_for_again(proof: Proof, monkeypatch: pytest.MonkeyPatch) -> None:
    from recaps.rendering import RenderingFailed

    def broken(*_: Any, **__: Any) -> bytes:
        raise RenderingFailed("no paper")

    case_id = proof.returned_and_approved()
    with proof.as_("kadiv.kalbar") as by:
        row, _ = issuing.issue(case_id, by=by, now=proof.house.now)
        with monkeypatch.context() as patch:
            patch.setattr(issuing, "render", broken)
            with pytest.raises(RenderingFailed):
                issuing._sign({"minutes_id": row.id, "attempt": 1})
        assert "no paper" in str(issuing.load(row.id).problem)
        again, _ = issuing.issue(case_id, by=by, now=proof.house.now)
        assert (again.id, again.attempt, again.problem) == (row.id, 2, None)
        assert issuing.sign(row.id, 1, now=proof.house.now).issued_at is None, (
            "an older attempt signs nothing"
        )
        assert issuing.sign(row.id, 2, now=proof.house.now).issued_at is not None


def test_anyone_verifies_minutes_by_file_and_by_code(proof: Proof) -> None:
    row = proof.minutes(proof.returned_and_approved())
    pdf = files.get(str(row.signed_sha256))
    for found in (verification.verify_file(pdf), verification.verify_code(str(row.code))):
        assert (found.verdict, found.history_match, found.chains, found.figures_match) == (
            "sound",
            True,
            2,
            True,
        )
        assert found.record is not None
        assert (found.record.kind, found.record.number) == ("minutes", row.number)
    altered = bytearray(pdf)
    altered[len(pdf) // 2] ^= 1
    assert verification.verify_file(bytes(altered)).verdict == "altered"
    with database.public() as reader:
        assert reader.get(VerificationRecord, str(row.code)) is not None


def test_a_case_file_says_when_it_was_tampered_with(proof: Proof) -> None:
    case_id = proof.returned_and_approved()
    with proof.as_("kadiv.kalbar") as by:
        honest = json.loads(freeze(case_file(case_id, by=by)))
    assert offline.check(honest) == []
    last = honest["cases"][-1]
    for path, value, table in (
        (("cases", 1, "fields", "price_rupiah"), 1, "case_file"),
        (("cases", 1, "answers", f"{proof.ids['first']}-1-1"), "Ya.", "case_file"),
        (("cases", 1, "decisions", 0, "comment"), "Lain.", "decision"),
        (("cases", 1, "decisions", 0, "acting_as"), "Kadiv", "decision"),
        (("cases", 1, "events", 1, "at"), "2020-01-01T00:00:00.000000+00:00", "audit_event"),
        (("cases", 0, "events", 1, "hash"), "0" * 64, "audit_event"),
        (("definitions", 0, "document", "title"), "Lain", "definition_version"),
        (("heads", 1, 2), "0" * 64, "heads"),
        (("root",), "0" * 64, "root"),
        (("cases", 0), last, "case_file"),
    ):
        changed = json.loads(json.dumps(honest))
        place: Any = changed
        for name in path[:-1]:
            place = place[name]
        place[path[-1]] = value
        assert table in {one.table for one in offline.check(changed)}, path
    for broken in (b"", b"[]", b"{}", b'{"schema": "karya.case/1"}', b"[" * 100_000):
        with pytest.raises(NotACaseFile):
            offline.check(thaw(broken))


def test_another_rooms_section_travels_along(proof: Proof) -> None:
    case_id = proof.returned_and_approved()
    add_section(Section("catatan", lambda _session, cases, by: [len(cases), "kadiv" in by.roles]))
    try:
        with proof.as_("kadiv.kalbar") as by:
            assert case_file(case_id, by=by)["sections"] == {"catatan": [2, True]}
        row = proof.minutes(case_id)
        assert thaw(files.get(row.case_sha256))["sections"] == {"catatan": [2, False]}, (
            "minutes go to the UPT too"
        )
    finally:
        del _sections["catatan"]


def test_what_was_said_is_printed_and_carried_and_internal_notes_are_not(
    proof: Proof, tmp_path: Path
) -> None:
    case_id = proof.submit(proof.draft("Tas purun"))
    proof.approve(case_id, "pembinaan", "pemantauan")
    proof.said(case_id)
    with proof.as_("pengendali.kalbar") as by:
        own = case_file(case_id, by=by)
    with proof.as_(OPERATOR) as by:
        upt = case_file(case_id, by=by)
    inside, outside = freeze(own).decode(), freeze(upt).decode()
    for value in (own, upt):
        assert offline.check(json.loads(freeze(value))) == []
    for words in (inside, outside):
        assert "Purun dari Sambas." in words
        assert "surat.pdf" in words
        assert "Salah kirim." not in words, "what was struck is told without its words"
        assert "Periksa lagi." not in words, "an internal note"
    assert [bool(one["struck_at"]) for one in upt["sections"]["talk"]["comments"]] == [False, True]
    for secret in ("Sanggupkah bengkelnya?", "Sanggup.", "Dr. Ana", "Amankah?", "Aman."):
        assert secret in inside
        assert secret not in outside, "the UPT was never to read it"
    for changed, table in (
        (("comments", 0, "body"), "case_comment"),
        (("comments", 0, "name"), "case_comment"),
    ):
        forged = json.loads(inside)
        forged["sections"]["talk"][changed[0]][changed[1]][changed[2]] = "Lain"
        assert {one.table for one in offline.check(forged)} == {table}
    forged = json.loads(inside)
    forged["sections"]["talk"]["opinions"][0]["answer"]["body"] = "Tidak sanggup."
    assert {one.table for one in offline.check(forged)} == {"case_note"}
    forged = json.loads(outside)
    del forged["sections"]["talk"]["comments"][0]
    assert {one.table for one in offline.check(forged)} == {"case_comment"}
    with proof.as_("pengendali.kalbar") as by:
        decide(case_id, Verdict("reject", comment="Belum layak."), by=by, key="reject", now=proof.now)
    row = proof.minutes(case_id)
    path = tmp_path / "ba.pdf"
    path.write_bytes(files.get(str(row.signed_sha256)))
    words = " ".join(told("pdftotext", "-layout", path, "-").split())
    for wanted in (
        "BERITA ACARA PENOLAKAN",
        "diperiksa dan ditolak",
        "Percakapan",
        "Purun dari Sambas.",
        "Lampiran surat.pdf",
        "Komentar ini ditarik penulisnya",
        "meminta pendapat",
        "jawabannya disimpan Kantor Wilayah",
        "seorang ahli",
    ):
        assert wanted in words, wanted
    for secret in ("Sanggupkah", "Periksa lagi", "Salah kirim", "Dr. Ana", "case.commented"):
        assert secret not in words, secret
    assert offline.check(thaw(files.get(row.case_sha256))) == []
    assert proof.problems(case_id) == []


def test_a_withdrawn_case_gets_its_minutes_too(
    proof: Proof, desk: Callable[[str], Desk], tmp_path: Path
) -> None:
    case_id = proof.submit(proof.draft("Keranjang rotan"))
    assert "Terbitkan berita acara" not in desk("kadiv.kalbar").get(f"/kasus/{case_id}")
    with proof.as_(OPERATOR) as by:
        withdraw(case_id, reason="Foto tertukar.", by=by, now=proof.now)
    assert "Terbitkan berita acara" in desk("kadiv.kalbar").get(f"/kasus/{case_id}")
    row = proof.minutes(case_id)
    path = tmp_path / "ba.pdf"
    path.write_bytes(files.get(str(row.signed_sha256)))
    words = " ".join(told("pdftotext", "-layout", path, "-").split())
    for wanted in ("BERITA ACARA PENARIKAN PENGAJUAN", "Foto tertukar.", "ditarik kembali oleh pengajunya"):
        assert wanted in words, wanted
    assert row.number in desk("kadiv.kalbar").get(f"/kasus/{case_id}")


def test_the_case_page_issues_and_hands_out_and_exports(
    proof: Proof, desk: Callable[[str], Desk], client: Any
) -> None:
    case_id = proof.returned_and_approved()
    address = f"/kasus/{case_id}"
    kadiv = desk("kadiv.kalbar")
    assert "Terbitkan berita acara" in kadiv.get(address)
    kadiv.post(f"{address}/berita-acara", key="one")
    kadiv.post(f"{address}/berita-acara", key="one")
    with counted_statements() as seen:
        page = kadiv.get(address)
    own = [one for one in seen if not any(name in one for name in OF_THE_QUEUE)]
    assert len(own) <= 14, "\n".join(own)
    assert "Terbitkan berita acara" not in page
    assert f"BA-{case_id}/KALBAR/" in page
    with proof.as_("kadiv.kalbar"):
        (row,) = database.session().scalars(select(Minutes)).all()
    operator = desk(OPERATOR)
    assert "Terbitkan berita acara" not in operator.get(address)
    pdf = operator.client.get(f"{address}/berita-acara/{row.id}/pdf?unduh")
    assert pdf.data.startswith(b"%PDF-")
    assert "attachment" in pdf.headers["Content-Disposition"]
    assert operator.client.get(f"{address}/berita-acara/{row.id}/keadaan").headers["HX-Refresh"] == "true"
    operator.get(f"/kasus/{proof.ids['first']}/berita-acara/{row.id}/pdf", 404)
    operator.post(f"{address}/berita-acara", 403)
    desk("operator.rutan-iia-pontianak").get(f"{address}/berita-acara/{row.id}/pdf", 404)
    exported = operator.client.get(f"{address}/kasus.json")
    assert offline.check(thaw(exported.data)) == []
    assert freeze(thaw(exported.data)) == exported.data
    said = client.get(f"/verifikasi/{row.code}").text
    assert "Berita acara" in said
    assert "rantai kasus masih cocok dengan ujungnya" in said


def test_the_api_exports_a_case(proof: Proof, client: Any) -> None:
    case_id = proof.returned_and_approved()
    body = {"username": "pemantau.kalbar", "password": proof.house.world.password, "provider": "db"}
    token = client.post("/api/v1/security/login", json=body).json["access_token"]
    answer = client.get(f"/api/v1/cases/{case_id}/export", headers={"Authorization": f"Bearer {token}"})
    assert answer.mimetype == "application/json"
    assert offline.check(thaw(answer.data)) == []
    assert (
        client.get("/api/v1/cases/987654/export", headers={"Authorization": f"Bearer {token}"}).status_code
        == 404
    )


def test_the_audit_page_names_what_is_wrong_with_links(proof: Proof, desk: Callable[[str], Desk]) -> None:
    from sqlalchemy import text

    from tests.recaps.proof_scene import owner

    case_id = proof.returned_and_approved()
    kadiv = desk("kadiv.kalbar")
    kadiv.get("/audit")
    assert f"Kasus {case_id} cocok" in kadiv.post("/audit/verifikasi", 200, case=str(case_id)).text
    assert "Tulis nomor kasus" in kadiv.post("/audit/verifikasi", 422, case="dua belas").text
    assert "Kasus ini tidak ada" in kadiv.post("/audit/verifikasi", 200, case="987654").text
    with owner() as connection:
        connection.execute(
            text(f"UPDATE decision SET comment = 'x' WHERE case_id = {case_id} AND stage_no = 1")
        )
    for form in ({"case": f"case:{case_id}"}, {}):
        page = kadiv.post("/audit/verifikasi", 200, **form).text
        assert "Putusan pembinaan diubah setelah dicatat: comment." in page
        assert f'href="/kasus/{case_id}"' in page
        assert f"chain=case:{case_id}" in page


def test_the_command_line_verifies_a_case_a_kanwil_all_and_a_file(proof: Proof, tmp_path: Path) -> None:
    from sqlalchemy import text

    from tests.recaps.proof_scene import owner

    case_id = proof.returned_and_approved()
    proof.house.signed()
    with proof.as_("kadiv.kalbar") as by:
        source = tmp_path / "kasus.json"
        source.write_bytes(freeze(case_file(case_id, by=by)))
    database.db.release()
    server = Server(database.db.settings)

    def run(*arguments: str) -> tuple[int, str]:
        done = server.run("audit", *arguments)
        return done.returncode, done.stdout + done.stderr

    assert run("verify")[0] == 0
    assert run("verify", "--file", str(source))[0] == 0
    code, said = run("root", "--kanwil", "kalbar", "--period", "2024-03")
    assert (code, "cocok" in said) == (0, True), said
    with owner() as connection:
        connection.execute(
            text(f"UPDATE decision SET comment = 'x' WHERE case_id = {case_id} AND stage_no = 1")
        )
    code, said = run("verify", "--case", str(case_id), "--json")
    (problem,) = json.loads(said)["problems"]
    assert (code, problem["kanwil"], problem["table"]) == (1, "kalbar", "decision")
    assert run("verify", "--kanwil", "banten")[0] == 0
    assert run("verify", "--kanwil", "kalbar")[0] == 1
    source.write_bytes(source.read_bytes().replace(b"Sesuai pembinaan.", b"Sesuai pembinaan!"))
    code, said = run("verify", "--file", str(source))
    assert (code, "diubah setelah dicatat" in said) == (1, True), said
    source.write_bytes(b"{}")
    assert run("verify", "--file", str(source))[0] == 2
    for wrong in (("--case", "987654"), ("--kanwil", "atlantis"), ("--file", str(source), "--case", "1")):
        assert run("verify", *wrong)[0] == 2, wrong
    assert run("root", "--kanwil", "kalbar", "--period", "2024-13")[0] == 2


KOP = {"ministry": "Kementerian", "office": "Kanwil", "address": "Jalan 1", "contact": "", "unit": "Divisi"}
PLACE = {"province": "Kalimantan Barat", "capital": "Pontianak"}


def test_minutes_tell_an_opinion_apart_from_the_decisions(proof: Proof) -> None:
    with proof.as_("kadiv.kalbar"):
        asks = "  - {key: hukum, name: Telaah hukum, role: kadiv, decides: false}\n"
        publish(
            parse(default_text("product").replace("stages:\n", f"stages:\n{asks}", 1)), by=None, now=proof.now
        )
    case_id = proof.submit(proof.draft("Tas anyaman purun"))
    with proof.as_("kadiv.kalbar") as by:
        said = Verdict("opinion", comment="Merek belum didaftarkan.")
        decide(case_id, said, by=by, key="opinion", now=proof.now)
    proof.approve(case_id)
    with proof.as_("kadiv.kalbar") as by:
        value = case_file(case_id, by=by)
    assert offline.check(value) == []
    issue = Issue("BA-1", proof.now.date(), proof.now, "KRY-1", "https://karya.test/v", "Dedi", "Kadiv")
    words = compose(value, KOP, PLACE, issue, mark=None).html
    assert "Telaah hukum: Memberi pendapat, tidak memutuskan" in words
    assert "Merek belum didaftarkan." in words
    assert "Pendapat tahap diberikan" in words
    assert "Telaah hukum: Disetujui" not in words
