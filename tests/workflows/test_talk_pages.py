"""The talk as officers and programs meet it: on the case's page, by the API, and as a download."""

from __future__ import annotations

import dataclasses
import io
import re
from typing import Any

import pytest

from tests.support.statements import counted_statements
from tests.support.worlds import PASSWORD, World
from tests.workflows.conftest import SUBJECT
from tests.workflows.office_files import a_pdf
from tests.workflows.test_pages import submitted as submitted
from workflows.models import Case
from workflows.subjects import register, subject_type

UPT = "lapas-iia-pontianak"
OPERATOR = f"operator.{UPT}"
STRANGERS = ("operator.rutan-iia-pontianak", "pembina.banten")


def token_of(page: str) -> str:
    return re.search(r'name="csrf_token" value="([^"]*)"', page).group(1)  # type: ignore[union-attr]


@pytest.fixture
def case(submitted: Any) -> Case:
    return submitted()[0]  # type: ignore[no-any-return]


@pytest.fixture
def api(app: Any) -> Any:
    """`api("pembina.kalbar")("POST", "/api/v1/...", json={})`."""

    def enter(username: str) -> Any:
        client = app.test_client()
        body = {"username": username, "password": PASSWORD, "provider": "db"}
        token = client.post("/api/v1/security/login", json=body).get_json()["access_token"]

        def send(method: str, path: str, key: str | None = None, **given: Any) -> Any:
            headers = {"Authorization": f"Bearer {token}"} | ({"Idempotency-Key": key} if key else {})
            return client.open(path, method=method, headers=headers, **given)

        return send

    return enter


def post(client: Any, case: Case, path: str, **form: Any) -> Any:
    page = client.get(f"/kasus/{case.id}").get_data(as_text=True)
    return client.post(path, data={"csrf_token": token_of(page), **form})


def test_a_comment_stands_on_both_sides_pages_and_an_internal_note_on_one(case: Case, sign_in: Any) -> None:
    pembina, operator = sign_in("pembina.kalbar"), sign_in(OPERATOR)
    said = post(
        pembina,
        case,
        f"/kasus/{case.id}/komentar",
        body=f"Halo <b>@{OPERATOR}</b>",
        attachments=(io.BytesIO(a_pdf()), "surat.pdf"),
    )
    assert (said.status_code, said.location) == (303, f"/kasus/{case.id}#percakapan")
    file = (io.BytesIO(a_pdf("rahasia")), "rahasia-dapur.pdf")
    post(
        pembina,
        case,
        f"/kasus/{case.id}/komentar",
        body="Harga mencurigakan",
        internal="yes",
        attachments=file,
    )
    own = pembina.get(f"/kasus/{case.id}").get_data(as_text=True)
    theirs = operator.get(f"/kasus/{case.id}").get_data(as_text=True)
    for page in (own, theirs):
        assert "Halo &lt;b&gt;" in page
        assert "surat.pdf" in page
    assert "Harga mencurigakan" in own
    assert "catatan internal" in own
    for hidden in ("mencurigakan", "rahasia-dapur", "catatan internal", "Catatan internal", "Minta pendapat"):
        assert hidden not in theirs, hidden
    assert "menyebut Anda" in operator.get("/pemberitahuan").get_data(as_text=True)


def test_an_attachment_is_a_download_for_those_who_may_read_it(case: Case, sign_in: Any) -> None:
    pembina = sign_in("pembina.kalbar")
    for internal in ("", "yes"):
        file = (io.BytesIO(a_pdf()), "surat “A”.pdf")
        post(pembina, case, f"/kasus/{case.id}/komentar", body="x", internal=internal, attachments=file)
    page = pembina.get(f"/kasus/{case.id}").get_data(as_text=True)
    shared, internal_file = re.findall(r'href="(/lampiran/[^"]+)"', page)
    answer = pembina.get(shared)
    assert (answer.status_code, answer.data) == (200, a_pdf())
    assert answer.headers["Content-Disposition"].startswith("attachment; ")
    assert "filename*=UTF-8''surat%20%E2%80%9CA%E2%80%9D.pdf" in answer.headers["Content-Disposition"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer.headers["Cache-Control"] == "private, no-store"
    operator = sign_in(OPERATOR)
    assert operator.get(shared).status_code == 200
    assert operator.get(internal_file).status_code == 404
    for name in STRANGERS:
        stranger = sign_in(name)
        assert [stranger.get(one).status_code for one in (shared, internal_file)] == [404, 404]


def test_what_is_refused_comes_back_with_what_was_typed(case: Case, sign_in: Any) -> None:
    pembina = sign_in("pembina.kalbar")
    address = f"/kasus/{case.id}/komentar"
    empty = post(pembina, case, address, body=" ")
    assert empty.status_code == 422
    assert "Tulis komentarnya." in empty.get_data(as_text=True)
    file = (io.BytesIO(b"MZ"), "virus.docx")
    bad = post(pembina, case, address, body="Lihat & baca", internal="yes", attachments=file)
    page = bad.get_data(as_text=True)
    assert bad.status_code == 415
    assert "virus.docx" in page
    assert "Lihat &amp; baca" in page
    assert re.search(r'name="internal" value="yes" checked', page)
    asked = post(pembina, case, f"/kasus/{case.id}/minta-pendapat", officer="", question="Sanggupkah <i>?")
    page = asked.get_data(as_text=True)
    assert asked.status_code == 422
    assert "Pilih rekan petugas Kanwil ini." in page
    assert "Sanggupkah &lt;i&gt;?" in page
    assert "data-open" in page


def test_an_author_strikes_his_comment_from_the_page(case: Case, sign_in: Any) -> None:
    pembina, operator = sign_in("pembina.kalbar"), sign_in(OPERATOR)
    post(pembina, case, f"/kasus/{case.id}/komentar", body="Salah alamat")
    page = pembina.get(f"/kasus/{case.id}").get_data(as_text=True)
    address = re.search(rf'action="(/kasus/{case.id}/komentar/\d+/tarik)"', page).group(1)  # type: ignore[union-attr]
    assert address not in operator.get(f"/kasus/{case.id}").get_data(as_text=True)
    assert post(operator, case, address).status_code == 409
    assert post(pembina, case, address).status_code == 303
    page = operator.get(f"/kasus/{case.id}").get_data(as_text=True)
    assert "Salah alamat" not in page
    assert "Ditarik oleh penulisnya" in page


def test_a_colleague_finds_what_is_asked_of_him_and_answers(case: Case, sign_in: Any) -> None:
    pembina, pemantau = sign_in("pembina.kalbar"), sign_in("pemantau.kalbar")
    assert "Pendapat diminta" not in pemantau.get("/kotak-masuk").get_data(as_text=True)
    asked = post(
        pembina,
        case,
        f"/kasus/{case.id}/minta-pendapat",
        officer="pemantau.kalbar",
        question="Sanggupkah 120?",
    )
    assert asked.status_code == 303
    for path in ("/beranda/", "/pendapat-diminta", "/kotak-masuk"):
        assert "Pendapat diminta" in pemantau.get(path).get_data(as_text=True), path
    page = pemantau.get(f"/kasus/{case.id}").get_data(as_text=True)
    address = re.search(r'action="(/pendapat-diminta/\d+)"', page).group(1)  # type: ignore[union-attr]
    assert address not in pembina.get(f"/kasus/{case.id}").get_data(as_text=True)
    assert "Tulis pendapat Anda." in post(pemantau, case, address, body="").get_data(as_text=True)
    assert post(pemantau, case, address, body="Sanggup 90.").status_code == 303
    page = pembina.get(f"/kasus/{case.id}").get_data(as_text=True)
    assert "Sanggup 90." in page
    assert "pendapat rekan" in page
    assert "Sanggupkah 120?" in page
    assert "Sudah Anda jawab" in pemantau.get("/pendapat-diminta").get_data(as_text=True)
    assert "Sanggup" not in sign_in(OPERATOR).get(f"/kasus/{case.id}").get_data(as_text=True)


def test_a_subject_with_a_page_of_its_own_has_its_talk_beside_it(case: Case, sign_in: Any) -> None:
    pembina = sign_in("pembina.kalbar")
    here = f"/kasus/{case.id}/percakapan"
    assert pembina.get(here).location == f"/kasus/{case.id}#percakapan"
    register(dataclasses.replace(subject_type(SUBJECT), page=lambda one: f"/rekap/{one.subject_id}"))
    token = token_of(pembina.get(here).get_data(as_text=True))
    form = {"csrf_token": token, "body": "Angkanya sudah benar?"}
    assert pembina.post(f"/kasus/{case.id}/komentar", data=form).location == here
    assert "Angkanya sudah benar?" in pembina.get(here).get_data(as_text=True)
    refused = pembina.post(f"/kasus/{case.id}/komentar", data={**form, "body": ""})
    assert refused.status_code == 422
    assert "Tulis komentarnya." in refused.get_data(as_text=True)
    assert "Undang ahli" not in pembina.get(here).get_data(as_text=True)
    assert sign_in("pembina.banten").get(here).status_code == 404


def test_a_case_with_its_talk_is_one_page_within_bounds(case: Case, sign_in: Any) -> None:
    pembina = sign_in("pembina.kalbar")
    for internal in ("", "yes"):
        for number in range(18):
            post(pembina, case, f"/kasus/{case.id}/komentar", body=f"Kata {number}", internal=internal)
    with counted_statements() as seen:
        page = pembina.get(f"/kasus/{case.id}").get_data(as_text=True)
    assert len(seen) <= 18, "\n".join(seen)
    assert page.count('class="said__body') == 30
    whole = pembina.get(f"/kasus/{case.id}?percakapan=semua").get_data(as_text=True)
    assert whole.count('class="said__body') == 36


def test_the_api_says_and_lists_what_was_said(case: Case, api: Any) -> None:
    pembina, operator = api("pembina.kalbar"), api(OPERATOR)
    path = f"/api/v1/cases/{case.id}/comments"
    made = pembina("POST", path, key="k1", json={"body": f"Halo @{OPERATOR} @tiada"})
    assert made.status_code == 201
    assert (made.json["mentions"], made.json["unheard"], made.json["internal"]) == (
        [OPERATOR],
        ["tiada"],
        False,
    )
    again = pembina("POST", path, key="k1", json={"body": f"Halo @{OPERATOR} @tiada"})
    assert (again.json["id"], again.headers["Idempotency-Replayed"]) == (made.json["id"], "true")
    assert pembina("POST", path, key="k1", json={"body": "Lain"}).status_code == 409
    file = (io.BytesIO(a_pdf()), "rahasia.pdf")
    note = pembina("POST", path, data={"body": "Rahasia", "internal": "true", "attachments": file})
    assert (note.status_code, note.json["internal"], note.json["attachments"][0]["type"]) == (
        201,
        True,
        "pdf",
    )
    attachment = f"/api/v1/attachments/{note.json['attachments'][0]['id']}"
    assert pembina("GET", attachment).data == a_pdf()
    assert operator("GET", attachment).status_code == 404
    assert operator("POST", path, json={"body": "x", "internal": True}).status_code == 403
    assert [one["body"] for one in operator("GET", path).json["items"]] == [f"Halo @{OPERATOR} @tiada"]
    first = pembina("GET", f"{path}?limit=1").json
    assert first["items"][0]["id"] == made.json["id"]
    rest = pembina("GET", f"{path}?limit=1&cursor={first['next_cursor']}").json
    assert ([one["body"] for one in rest["items"]], rest["next_cursor"]) == (["Rahasia"], None)
    assert pembina("GET", f"{path}?cursor=zz").status_code == 422
    for name in STRANGERS:
        assert api(name)("GET", path).status_code == 404
        assert api(name)("POST", path, json={"body": "x"}).status_code == 404
    for body in ({"body": 1}, {"text": "x"}, {"body": ""}, {"body": "x", "internal": "ya"}):
        assert pembina("POST", path, json=body).status_code == 422, body
    virus = {"body": "x", "attachments": (io.BytesIO(b"MZ"), "a.pdf")}
    assert pembina("POST", path, data=virus).status_code == 415


def test_the_api_asks_and_gives_an_opinion(case: Case, api: Any, world: World) -> None:
    pembina, pemantau = api("pembina.kalbar"), api("pemantau.kalbar")
    path = f"/api/v1/cases/{case.id}/opinions"
    asked = pembina("POST", path, key="a", json={"officer": "pemantau.kalbar", "question": "Sanggupkah?"})
    assert asked.status_code == 201
    answer = f"/api/v1/opinions/{asked.json['id']}/answer"
    assert pembina("POST", answer, json={"body": "x"}).status_code == 404
    assert api(OPERATOR)("POST", answer, json={"body": "x"}).status_code == 403
    assert (
        api("pemantau.banten" if "pemantau.banten" in world.officer else "pembina.banten")(
            "POST", answer, json={"body": "x"}
        ).status_code
        == 404
    )
    before = pembina("GET", f"/api/v1/cases/{case.id}").json
    assert pemantau("POST", answer, key="b", json={"body": "Sanggup."}).json["answered_at"]
    assert pemantau("POST", answer, key="b", json={"body": "Sanggup."}).status_code == 201
    assert pemantau("POST", answer, json={"body": "Lagi."}).status_code == 409
    assert pembina("GET", f"/api/v1/cases/{case.id}").json == before
    for body in (
        {"officer": "pemantau.kalbar"},
        {"officer": 1, "question": "x"},
        {"officer": "pemantau.kalbar", "question": "x", "until_on": "besok"},
    ):
        assert pembina("POST", path, json=body).status_code == 422, body
    assert api("admin.kalbar")("POST", path, json={}).status_code == 403
    assert api("pembina.banten")("POST", path, json={}).status_code == 404
