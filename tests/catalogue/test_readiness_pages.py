"""Readiness as an UPT, its Kanwil, the centre and programs see it."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from openpyxl import load_workbook

from catalogue.readiness import queries, questions
from tenants.clock import now
from tenants.scope import entered
from tests.catalogue.test_api import Program
from tests.catalogue.test_inspection_pages import Browser
from tests.support.statements import counted_statements
from tests.support.worlds import World
from tests.workflows.office_files import a_pdf

OPERATOR, NEIGHBOUR = "operator.lapas-iia-pontianak", "operator.rutan-iia-pontianak"
KEYS = questions.shipped().keys
YEAR = now().year


@pytest.fixture
def browser_of(sign_in: Callable[..., Any]) -> Callable[[str], Browser]:
    return lambda username: Browser(sign_in(username))


@pytest.fixture
def token(app: Any, world: World) -> Callable[[str], Program]:
    return lambda username: Program(app, username)


def filled(score: int = 2, **changed: str) -> dict[str, str]:
    """The editor's form with every answer."""
    form = {f"{key}.score": str(score) for key in KEYS} | {f"{key}.evidence": f"Bukti {key}" for key in KEYS}
    return form | {name.replace("__", "."): text for name, text in changed.items()}


def opened(browser: Browser) -> str:
    """The address of the year's assessment, begun by its button; twice is once."""
    first = browser.post("/kesiapan/", year=str(YEAR))
    assert first.status_code == 303
    assert browser.post("/kesiapan/", year=str(YEAR)).headers["Location"] == first.headers["Location"]
    return str(first.headers["Location"]).removesuffix("/isi")


def test_readiness_goes_its_way_in_the_browser(browser_of: Callable[[str], Browser]) -> None:
    operator = browser_of(OPERATOR)
    assert "Belum ada penilaian" in operator.get("/kesiapan").text
    early = operator.post("/kesiapan/", year=str(YEAR + 1))
    assert early.status_code == 422
    assert "Pilih tahun 2020 sampai" in early.text
    page = opened(operator)
    with counted_statements() as seen:
        assert "Apakah PNBP disetor" in operator.get(f"{page}/isi").text
    assert len(seen) <= 12, "\n".join(seen)
    saved = operator.post(
        f"{page}/simpan", **{"budget_1.score": "3", "budget_2.score": "9", "version": "1", "base": ""}
    )
    assert saved.json["problems"] == {"budget_2.score": "Nilai antara 0 dan 4."}
    assert saved.json["version"] == 1
    half = operator.post(f"{page}/isi", action="submit", **{"budget_1.evidence": "DIPA <b>2024</b>"})
    assert half.status_code == 422
    assert "Pilih nilainya." in half.text
    assert "DIPA &lt;b&gt;2024&lt;/b&gt;" in half.text
    paper = (io.BytesIO(a_pdf()), "SK bengkel.pdf")
    given = {**filled(), "action": "attach:budget_1", "budget_1.files": paper}
    assert operator.post(f"{page}/isi", **given).status_code == 303
    bad = operator.post(f"{page}/isi", action="save", **{"budget_2.files": (io.BytesIO(b"MZ"), "a.exe")})
    assert bad.status_code == 422
    assert "tidak diterima" in bad.text
    [file] = re.findall(r'href="(/kesiapan/bukti/[^"]+)"', operator.get(f"{page}/isi").text)
    got = operator.get(file)
    assert (got.data[:4], got.headers["Content-Disposition"][:10]) == (b"%PDF", "attachment")
    sent = operator.post(f"{page}/isi", action="submit", key="s", **filled())
    assert sent.status_code == 303
    assert operator.get(f"{page}/isi").status_code == 303  # nothing to fill while it is verified

    pembina = browser_of("pembina.kalbar")
    inbox = pembina.get("/kotak-masuk").text
    assert f"Kesiapan {YEAR}: Lapas IIA Pontianak" in inbox
    profile = pembina.get(page).text
    case = re.search(r'href="(/kasus/\d+)"', profile)
    assert case is not None
    assert "Buka penilaiannya" in pembina.get(case.group(1)).text
    early = pembina.post(
        f"{case.group(1)}/putuskan", outcome="approve", key="e", **{"checklist.evidence_read": "yes"}
    )
    assert early.status_code == 422
    assert "23 jawaban belum diberi nilai verifikasi" in early.text
    unsaid = pembina.post(f"{page}/verifikasi", **{"budget_1.score": "1", "budget_1.reason": ""})
    assert unsaid.status_code == 422
    assert "Tulis mengapa nilainya berbeda" in unsaid.text
    scores = {f"{key}.score": "2" for key in KEYS} | {
        "budget_1.score": "1",
        "budget_1.reason": "DIPA <tahun> lalu.",
    }
    kept = pembina.post(f"{page}/verifikasi", then="case", **scores)
    assert kept.headers["Location"] == case.group(1)
    kadiv = browser_of("kadiv.kalbar")
    waits = kadiv.get(f"{page}/verifikasi").text
    assert "Menunggu Pembina." in waits
    for who, box in ((pembina, "evidence_read"), (kadiv, "reasons_given")):
        form = {"outcome": "approve", "key": box, f"checklist.{box}": "yes"}
        assert who.post(f"{case.group(1)}/putuskan", **form).status_code == 303
    with counted_statements() as seen:
        read = operator.get(page).text
    assert len(seen) <= 18, "\n".join(seen)
    for words in ("Rata-rata terverifikasi 2,0 dari 4; paling lemah Anggaran (1,8).", "terverifikasi 1", "UPT: 2",
                  "DIPA &lt;tahun&gt; lalu.", '<svg xmlns="http://www.w3.org/2000/svg"'):  # fmt: skip
        assert words in read, words
    assert operator.post(f"{page}/isi", action="save").status_code == 409
    assert "Anggaran,1.75,2.0," in operator.get(f"{page}/dimensi.csv").get_data(as_text=True)
    book = load_workbook(io.BytesIO(operator.get(f"{page}/jawaban.xlsx").data))
    assert book.active.max_row == len(KEYS) + 1
    assert operator.get(f"{page}/jawaban.pdf").status_code == 422
    year = kadiv.get("/kesiapan").text
    assert "1 dari 3 UPT terverifikasi, rata-rata 2,0 dari 4" in year
    assert "Lapas IIA Pontianak,Terverifikasi,2.0" in kadiv.get(f"/kesiapan/upt.csv?tahun={YEAR}").text
    dirjen = browser_of("dirjen")
    with counted_statements() as seen:
        country = dirjen.get("/kesiapan/nasional").text
    assert not [one for one in seen if "readiness_answer" in one or "readiness_gap" in one]
    for words in ("1 dari 7 UPT terverifikasi", 'href="#kanwil-kalbar" aria-label="Kanwil Kalimantan Barat: 2,0"',
                  "indonesia.svg#papua", 'id="kanwil-kalbar"'):  # fmt: skip
        assert words in country, words
    assert "Lapas IIA Pontianak,Kanwil Kalimantan Barat,1," in dirjen.get("/kesiapan/nasional/upt.csv").text


def test_a_return_stands_at_its_question_and_is_answered_there(browser_of: Callable[[str], Browser]) -> None:
    operator, pembina = browser_of(OPERATOR), browser_of("pembina.kalbar")
    page = opened(operator)
    assert operator.post(f"{page}/isi", action="submit", **filled()).status_code == 303
    case = re.search(r"/kasus/\d+", operator.get(page).text)
    assert case is not None
    choices = pembina.get(case.group()).text
    assert '<option value="budget_1">Anggaran 1</option>' in choices
    asked = {
        "outcome": "return",
        "key": "r",
        "comment_return": "Satu bukti kurang.",
        "request_field": "budget_1",
    }
    assert (
        pembina.post(f"{case.group()}/putuskan", **asked, request_text="Lampirkan <DIPA>.").status_code == 303
    )
    form = operator.get(f"{page}/isi").text
    assert "Lampirkan &lt;DIPA&gt;." in form
    reply = re.search(r'name="(reply\.[^"]+)"', form)
    assert reply is not None
    silent = operator.post(f"{page}/isi", action="submit", **filled())
    assert silent.status_code == 422
    assert "Jawab permintaan ini" in silent.text
    answered = operator.post(f"{page}/isi", action="submit", **filled(), **{reply.group(1): "Terlampir."})
    assert answered.status_code == 303
    again = re.search(r"/kasus/\d+", operator.get(page).text)
    assert again is not None
    assert "Terlampir." in pembina.get(again.group()).text
    assert operator.post(f"{page}/batal").status_code == 303
    assert operator.get(f"{page}/isi").status_code == 200


def test_actions_are_written_down_and_ended_with_what_came_of_them(
    browser_of: Callable[[str], Browser],
) -> None:
    operator, head = browser_of(OPERATOR), browser_of("kepala.lapas-iia-pontianak")
    page = opened(operator)
    operator.post(f"{page}/isi", action="save", **{"budget_1.score": "1"})
    due = (now() + timedelta(days=40)).date().isoformat()
    keys = {re.search(r'name="key" value="([^"]+-budget_1)"', head.get(page).text) for _ in range(2)}
    assert len({found.group(1) for found in keys if found}) == 2  # every form is a new action
    form = {"question": "budget_1", "action": "Usulkan <DIPA>", "who": "Kasubag", "due_on": due, "key": "g"}
    wrong = head.post(f"{page}/tindakan", **{**form, "due_on": "2024-01-01", "key": "w"})
    assert wrong.status_code == 422
    assert "Pilih tanggal yang akan datang." in wrong.text
    assert "Usulkan &lt;DIPA&gt;" in wrong.text
    for _twice in range(2):
        assert head.post(f"{page}/tindakan", **form).status_code == 303
    shown = operator.get("/kesiapan").text
    assert shown.count('<span class="gap__title">Usulkan &lt;DIPA&gt;</span>') == 1
    [address] = set(re.findall(r"/kesiapan/tindakan/\d+", shown))
    unsaid = operator.post(address, **{**form, "state": "done", "note": ""})
    assert unsaid.status_code == 422
    assert "Tulis hasilnya." in unsaid.text
    assert operator.post(address, **{**form, "state": "done", "note": "Terbit."}).status_code == 303
    assert "Terbit." in operator.get(page).text
    assert browser_of(NEIGHBOUR).get(address).status_code == 404


def test_two_windows_do_not_overwrite_each_other(
    world: World, browser_of: Callable[[str], Browser], token: Any
) -> None:
    operator = browser_of(OPERATOR)
    page = opened(operator)
    number = int(page.rsplit("/", 1)[1])
    from catalogue.readiness import filling

    with entered(world.scope(OPERATOR)):
        other = world.actor(OPERATOR)
        colleague = type(other)(
            other.id + 5000, "Rekan", other.roles, other.tenant_id, other.upt_id, other.office
        )
        filling.save(number, {"people_1": {"score": 4}}, by=colleague, now=now())
    clash = operator.post(
        f"{page}/isi", action="save", version="1", **{"people_1.score": "1", "people_1.evidence": "Saya"}
    )
    assert clash.status_code == 409
    assert "baru saja diubah orang lain" in clash.text
    assert ">Saya</textarea>" in clash.text  # what was typed stands there still
    assert operator.post(f"{page}/simpan", version="1", **{"people_1.score": "1"}).status_code == 409
    with entered(world.scope(OPERATOR)):
        kept = next(line for line in queries.view(number, now=now()).lines if line.question.key == "people_1")
        assert kept.answer.score == 4


def test_the_centre_writes_the_questionnaire_as_a_form(browser_of: Callable[[str], Browser]) -> None:
    pusat = browser_of("admin.pusat")
    page = pusat.get("/kesiapan/kuesioner/ubah").text
    assert pusat.get("/kesiapan/kuesioner").status_code == 200
    names = re.findall(r'<(?:input|textarea)[^>]*name="([a-z_0-9.]+)"', page)
    assert "organisation_6.level.4" in names
    asked = questions.shipped()
    form = {"title": "Kuesioner <2027>", "edit_no": "0", "key": "q"}
    for one in asked.questions:
        form |= {f"{one.key}.text": one.text}
        form |= {f"{one.key}.level.{score}": words for score, words in enumerate(one.levels)}
    empty = pusat.post("/kesiapan/kuesioner/ubah", action="publish", **{**form, "budget_1.level.2": ""})
    assert empty.status_code == 422
    assert "Uraikan keadaan untuk nilai 2." in empty.text
    assert "Anggaran 1, uraian nilai 2" in empty.text
    draft = re.search(r'name="edit_no" value="(\d+)"', empty.text)
    assert draft is not None
    moved = pusat.post("/kesiapan/kuesioner/ubah", action="save", **form)
    assert moved.status_code == 409
    form |= {"edit_no": draft.group(1), "budget_1.text": "Apakah dianggarkan tahun ini?"}
    assert pusat.post("/kesiapan/kuesioner/ubah", action="publish", **form).status_code == 303
    read = pusat.get("/kesiapan/kuesioner").text
    assert "versi 2, 23 pertanyaan" in read
    assert "Kuesioner &lt;2027&gt;" in read
    assert pusat.post("/kesiapan/kuesioner/ubah", action="discard", edit_no="0").status_code == 303
    assert (
        "Apakah dianggarkan tahun ini?"
        in browser_of(OPERATOR).get(opened(browser_of(OPERATOR)) + "/isi").text
    )


def test_programs_do_the_same(token: Callable[[str], Program]) -> None:
    operator, pembina = token(OPERATOR), token("pembina.kalbar")
    made = operator.post("/readiness/", {"year": YEAR}, key="a")
    assert made.status_code == 201
    assert operator.post("/readiness/", {"year": YEAR}, key="a").json["id"] == made.json["id"]
    assert operator.post("/readiness/", {"year": "lusa"}).status_code == 422
    address = f"/readiness/{made.json['id']}"
    put = operator.client.put
    headers = {**operator.headers, "Idempotency-Key": "b"}
    body: dict[str, Any] = {"answers": {key: {"score": 3, "evidence": "Bukti."} for key in KEYS}}
    kept = put(f"/api/v1{address}/answers", json=body, headers=headers)
    assert (kept.status_code, kept.json["complete"], kept.json["total"]) == (200, 100, 300)
    assert (
        put(f"/api/v1{address}/answers", json=body, headers=headers).headers["Idempotency-Replayed"] == "true"
    )
    for bad in (
        {"answers": []},
        {"answers": {"x": {}}},
        {"answers": {"budget_1": {"score": 9}}},
        {"version": "1"},
    ):
        refused = put(f"/api/v1{address}/answers", json=bad, headers=operator.headers)
        assert refused.status_code == 422, bad
    file = {"data": {"file": (io.BytesIO(a_pdf()), "SK.pdf")}, "content_type": "multipart/form-data"}
    added = operator.post(f"{address}/answers/budget_1/files", key="f", **file)
    assert added.status_code == 201
    assert operator.post(f"{address}/answers/nama_9/files", **{**file, "data": {}}).status_code == 422
    gone = operator.client.delete(
        f"/api/v1/readiness/files/{added.json['items'][0]['key']}", headers=operator.headers
    )
    assert gone.json["answers"]["budget_1"]["files"] == []
    gap = {"question": "budget_1", "action": "Usulkan", "who": "TU", "due_on": f"{YEAR + 1}-02-01"}
    done = operator.post(f"{address}/gaps", gap, key="g")
    assert (done.status_code, done.json["late"]) == (201, False)
    ended = operator.patch(f"/readiness/gaps/{done.json['id']}", {"state": "done", "note": "Selesai."})
    assert (ended.json["state"], ended.json["version"]) == ("done", 2)
    assert operator.patch(f"/readiness/gaps/{done.json['id']}", {"version": 1, "who": "X"}).status_code == 409
    assert operator.post(f"{address}/submit", {}, key="s").json["state"] == "in_review"
    assert operator.post(f"{address}/submit", {}).status_code == 409
    scores = {"scores": {key: {"score": 3} for key in KEYS}}
    seen = pembina.client.put(f"/api/v1{address}/verified", json=scores, headers=pembina.headers)
    assert {one["verified_score"] for one in seen.json["answers"].values()} == {3}
    case = seen.json["case_id"]
    for who, box in ((pembina, "evidence_read"), (token("kadiv.kalbar"), "reasons_given")):
        verdict = {"outcome": "approve", "checklist": {box: True}}
        assert who.post(f"/cases/{case}/decisions", verdict, key=f"k-{box}").status_code in (200, 201)
    year = token("kadiv.kalbar").get(f"/readiness/?year={YEAR}").json
    assert (year["total"], [row["state"] for row in year["items"] if row["state"]]) == (300, ["verified"])
    dirjen = token("dirjen")
    country = dirjen.get(f"/readiness/national?year={YEAR}").json
    assert (country["by_kanwil"][0]["kanwil"], country["by_upt"][0]["total"]) == ("kalbar", 300)
    assert dirjen.get("/readiness/national?year=x").status_code == 422
    pusat = token("admin.pusat")
    asked = pusat.get("/readiness/questionnaire/").json
    document = {**asked["document"], "title": "Lain"}
    document["dimensions"]["budget"][0]["question"] = "Apakah ada DIPA?"
    save = pusat.client.put(
        "/api/v1/readiness/questionnaire/", json={"document": document, "edit_no": 0}, headers=pusat.headers
    )
    assert save.json["draft"]["edit_no"] == 1
    assert pusat.post("/readiness/questionnaire/publish", {"edit_no": 1}, key="p").json["version"] == 2
    assert pusat.post("/readiness/questionnaire/publish", {"edit_no": "1"}).status_code == 422
