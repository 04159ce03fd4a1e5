"""Signing in and out, on the page and on the API; the permission table; the language."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from tenants.database import session, transaction
from tenants.scope import entered
from tests.support.statements import counted_statements
from tests.support.worlds import PASSWORD
from webapp.security.sync import held_grants, sync_permissions, wanted_grants
from workflows.models import AuditEvent


def test_a_stranger_is_sent_to_the_sign_in_page_and_back(visitor):
    answer = visitor.get("/beranda/")
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/login/?next=")
    assert "Kata sandi" in visitor.get(answer.headers["Location"]).text
    answer = visitor.post(
        "/login/", {"username": "pembina.kalbar", "password": PASSWORD, "next": "/beranda/"}
    )
    assert (answer.status_code, answer.headers["Location"]) == (302, "/beranda/")
    home = visitor.get("/beranda/")
    assert home.status_code == 200
    assert "Kanwil Kalimantan Barat" in home.text


def test_the_way_back_never_leads_to_another_site(visitor):
    visitor.get("/login/")
    answer = visitor.post(
        "/login/", {"username": "pembina.kalbar", "password": PASSWORD, "next": "https://lain.example/"}
    )
    assert answer.headers["Location"] == "/beranda/"


def test_a_wrong_password_keeps_the_name_that_was_typed(visitor):
    visitor.get("/login/")
    answer = visitor.post("/login/", {"username": "pemantau.kalbar", "password": "salah sekali"})
    assert answer.status_code == 401
    assert 'value="pemantau.kalbar"' in answer.text
    assert "Nama pengguna atau kata sandi salah." in answer.text


def test_a_form_without_its_token_is_refused(visitor):
    answer = visitor.client.post("/login/", data={"username": "pembina.kalbar", "password": PASSWORD})
    assert answer.status_code == 400


@pytest.mark.parametrize("name", ["kadiv.kalbar", "tidak.ada"])
def test_a_name_is_locked_after_eight_wrong_passwords(visitor, name):
    visitor.get("/login/")
    for _ in range(8):
        assert visitor.post("/login/", {"username": name, "password": "salah sekali"}).status_code == 401
    answer = visitor.post("/login/", {"username": name, "password": PASSWORD})
    assert answer.status_code == 429
    assert "Coba lagi dalam" in answer.text
    api = visitor.client.post("/api/v1/security/login", json={"username": name, "password": PASSWORD})
    assert (api.status_code, api.mimetype) == (429, "application/problem+json")


def test_sign_ins_and_locked_names_are_in_the_journal(officer, visitor, world):
    visitor.get("/login/")
    for _ in range(8):
        visitor.post("/login/", {"username": "pemantau.kalbar", "password": "salah sekali"})
    page = officer("kadiv.kalbar").get("/audit?kind=officer").text
    assert "Akun terkunci sementara" in page
    with entered(world.scope("kadiv.kalbar")):
        facts = [
            json.loads(one)
            for one in session().scalars(select(AuditEvent.payload).order_by(AuditEvent.id.desc()))
        ]
    assert facts[0] == {"officer": world.officer["kadiv.kalbar"], "way": "page"}


def test_signing_out_needs_a_post(officer):
    one = officer("pengendali.kalbar")
    assert one.get("/logout/").headers["Location"] == "/beranda/"
    one.get("/beranda/")
    assert one.post("/logout/").headers["Location"] == "/"
    assert one.get("/beranda/").status_code == 302


def test_a_new_password_ends_the_sessions_and_tokens_opened_before(officer, app):
    here, there = officer("kepala.lapas-iia-pontianak"), officer("kepala.lapas-iia-pontianak")
    token = _token(app, "kepala.lapas-iia-pontianak", PASSWORD)
    here.get("/kata-sandi/")
    weak = here.post("/kata-sandi/", {"current": PASSWORD, "password": "pendek", "repeat": "pendek"})
    assert weak.status_code == 422
    fresh = "perahu kayu di sungai kapuas"
    assert (
        here.post("/kata-sandi/", {"current": PASSWORD, "password": fresh, "repeat": fresh}).status_code
        == 302
    )
    assert here.get("/beranda/").status_code == 200
    assert there.get("/beranda/").status_code == 302
    refreshed = app.test_client().post(
        "/api/v1/security/refresh", headers={"Authorization": f"Bearer {token['refresh_token']}"}
    )
    assert refreshed.status_code == 401
    assert _token(app, "kepala.lapas-iia-pontianak", fresh)["access_token"]


def test_the_api_answers_a_wrong_sign_in_with_problem_details(app):
    client = app.test_client()
    wrong = client.post("/api/v1/security/login", json={"username": "tidak.ada2", "password": "x" * 20})
    assert (wrong.status_code, wrong.mimetype) == (401, "application/problem+json")
    empty = client.post("/api/v1/security/login", json={"username": "a"})
    assert empty.status_code == 422
    assert "password" in empty.json["errors"]


def test_the_permission_table_is_written_once(app):
    with counted_statements() as sent:
        count = sync_permissions(app)
    assert count == len(wanted_grants())
    assert len(sent) <= 10
    with transaction() as db:
        assert held_grants(db) == wanted_grants()


def test_the_language_is_kept_and_the_way_back_stays_here(officer):
    one = officer("pembina.banten")
    answer = one.get("/bahasa/en", headers={"Referer": "http://localhost/kata-sandi/"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/kata-sandi/")
    assert '<html lang="en">' in one.get("/beranda/").text
    away = one.get("/bahasa/id", headers={"Referer": "https://lain.example/x"})
    assert away.headers["Location"] == "/beranda/"
    assert one.get("/bahasa/xx").status_code == 404


def test_a_chosen_language_stays_with_the_officer_wherever_he_signs_in(officer, app):
    one = officer("pembina.banten")
    one.get("/kata-sandi/")
    kept = one.post("/bahasa", {"code": "en"}, headers={"Referer": "http://localhost/kata-sandi/?x=1"})
    assert (kept.status_code, kept.headers["Location"]) == (303, "/kata-sandi/?x=1")
    assert one.post("/bahasa", {"code": "xx"}).status_code == 422
    assert one.client.post("/bahasa", data={"code": "id"}).status_code == 400, "no choice without the token"
    other = officer("pembina.banten")
    assert '<html lang="en">' in other.get("/beranda/").text
    assert '<html lang="id">' in officer("pemantau.banten").get("/beranda/").text
    token = {"Authorization": f"Bearer {_token(app, 'pembina.banten', PASSWORD)['access_token']}"}
    at = "/api/v1/notices/language"
    assert one.client.get(at, headers=token).json == {"language": "en"}
    assert one.client.put(at, json={"language": 5}, headers=token).status_code == 422
    assert one.client.put(at, json={"language": "id"}, headers=token).json == {"language": "id"}
    assert '<html lang="id">' in other.get("/beranda/").text, "everywhere at once"


def _token(app, username, password):
    body = {"username": username, "password": password, "provider": "db", "refresh": True}
    answer = app.test_client().post("/api/v1/security/login", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json
