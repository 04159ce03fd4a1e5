"""Errors as pages and as problem details, the API's own description, and the addresses that may exist."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError

from tenants import database
from tenants.database import session
from webapp.access import requires

PUBLIC = {"public", "verification", "guest", "health", "assets", "static", "language"}
OPEN = {
    "SignInView.login",
    "SignInView.logout",
    "SecurityApi.login",
    "SecurityApi.refresh",
    "OpenApi.get",
    "CatalogueApi",
    "VerificationApi",
}
STABLE = {
    "/api/v1/security/login": {"post"},
    "/api/v1/products": {"get", "post"},
    "/api/v1/products/{}": {"get", "patch"},
    **{
        f"/api/v1/products/{{}}/{one}": {"post"}
        for one in ("photos", "submit", "withdraw", "suspend", "restore")
    },
    "/api/v1/inbox": {"get"},
    "/api/v1/cases/{}": {"get"},
    "/api/v1/cases/{}/decisions": {"post"},
    "/api/v1/purchases": {"get"},
    "/api/v1/purchases/imports": {"post"},
    "/api/v1/purchases/imports/{}": {"get"},
    "/api/v1/purchases/imports/{}/accept": {"post"},
    "/api/v1/recaps": {"get", "post"},
    "/api/v1/recaps/{}": {"get"},
    "/api/v1/recaps/{}/pdf": {"get"},
    **{f"/api/v1/recaps/{{}}/{one}": {"post"} for one in ("submit", "sign", "acknowledge")},
    "/api/v1/verifications": {"post"},
    "/api/v1/catalogue/products": {"get"},
}
"""What others rely on, by path and method."""
WANTED_OF_FAB = {
    "UtilView.back",
    *(f"ClosureView.{one}" for one in ("list", "show", "add", "edit", "delete")),
    *(f"UptAliasView.{one}" for one in ("list", "show", "add", "delete")),
}


def test_a_wrong_address_is_a_page_for_people(visitor, officer):
    answer = visitor.get("/tidak-ada-di-sini")
    assert answer.status_code == 404
    assert "Tidak ditemukan" in answer.text
    assert "Set-Cookie" not in answer.headers
    inside = officer("pembina.kalbar").get("/tidak-ada-di-sini")
    assert "Kotak masuk" in inside.text


def test_a_wrong_address_is_problem_details_for_programs(client):
    answer = client.get("/api/v1/tidak-ada")
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
    assert {"type", "title", "status", "detail"} <= answer.json.keys()
    wrong = client.delete("/api/v1/_openapi")
    assert (wrong.status_code, wrong.mimetype) == (405, "application/problem+json")
    assert "GET" in wrong.headers["Allow"]


def test_the_wrong_role_is_told_so(officer):
    answer = officer("pembina.kalbar").get("/petugas")
    assert answer.status_code == 403
    for words in (
        "Bukan wewenang Anda",
        "Ini wewenang: Admin Kanwil.",
        "Anda masuk sebagai Pembina.",
        "mintalah Admin Kanwil",
    ):
        assert words in answer.text
    assert "mintalah Admin Pusat" in officer("auditor").get("/kanwil").text


def test_a_forms_own_address_leads_back_to_its_page(visitor, officer):
    """After an error the browser stands at the address that was posted to; going back to it is a GET."""
    inside = officer("pembina.kalbar")
    assert inside.get("/kasus/77/putuskan").headers["Location"] == "/kasus/77"
    assert inside.get("/rekap/5/kembalikan").headers["Location"] == "/rekap/5"
    assert visitor.get("/kasus/77/putuskan").status_code == 303
    wrong = inside.get("/kasus/77/putuskan", headers={"Accept": "application/json"})
    assert (wrong.status_code, wrong.mimetype) == (405, "application/problem+json")
    assert inside.client.delete("/kasus/77").status_code in (400, 405)


def test_the_centre_is_shown_the_way_to_its_own_list(officer):
    for username in ("dirjen", "admin.pusat"):
        for address in ("/kotak-masuk", "/rekap"):
            assert officer(username).get(address).headers["Location"] == "/rekap-masuk"
    assert officer("auditor").get("/kotak-masuk").status_code == 403


def test_the_api_wants_a_token_and_no_cookie(client, officer):
    for one in (client, officer("pembina.kalbar").client):
        answer = one.get("/api/v1/inbox")
        assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")
        assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_the_description_is_open_and_names_every_address_of_the_api(app, client):
    answer = client.get("/api/v1/_openapi")
    assert answer.status_code == 200
    described = {
        (re.sub(r"\{[^}]*\}", "{}", path), method.upper())
        for path, operations in answer.json["paths"].items()
        for method in operations
    }
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/api/v1/"):
            path = re.sub(r"<[^>]*>", "{}", rule.rule).rstrip("/")
            for method in rule.methods - {"HEAD", "OPTIONS"}:
                assert (path, method) in described, (path, method)


def test_the_description_calls_the_stable_addresses_by_their_names(client):
    described = client.get("/api/v1/_openapi").json["paths"]
    shapes = {re.sub(r"\{[^}]*\}", "{}", path): set(operations) for path, operations in described.items()}
    for path, methods in STABLE.items():
        assert methods <= shapes.get(path, set()), path


def test_every_address_is_one_that_we_want(app):
    """Each view wears a permission of ours, is public on purpose, or is one of the few of FAB's that we keep."""
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        owner = rule.endpoint.split(".")[0]
        if owner in PUBLIC or rule.endpoint in OPEN or owner in OPEN or rule.endpoint in WANTED_OF_FAB:
            continue
        assert hasattr(view, "karya_permission"), rule


def test_no_answer_may_be_framed_or_sniffed(client):
    for path in ("/login/", "/api/v1/_openapi", "/tidak-ada"):
        headers = client.get(path).headers
        assert "frame-ancestors 'self'" in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"


def broken() -> Any:
    """A view whose statement fails: on PostgreSQL its transaction takes no other one after it."""
    session().execute(text("SELECT nothing FROM nowhere"))


@pytest.mark.parametrize("username", ["pembina.kalbar", "admin.pusat"])
def test_after_a_failed_statement_the_error_stands_in_the_officers_frame(
    app, officer, username, monkeypatch, caplog
):
    one = officer(username)
    monkeypatch.setitem(app.view_functions, "PasswordView.change", requires("read_home")(broken))
    page = one.get("/kata-sandi/")
    assert page.status_code == 500
    assert "Terjadi kesalahan di pihak kami" in page.text
    assert 'action="/logout/"' in page.text, "he is still within his frame"
    assert "nowhere" not in page.text
    assert [one.levelname for one in caplog.records if one.name == "karya.web"] == ["ERROR"]
    asked = one.client.get("/kata-sandi/", headers={"Accept": "application/json"})
    assert (asked.status_code, asked.mimetype) == (500, "application/problem+json")
    monkeypatch.undo()
    assert one.get("/beranda/").status_code == 200, "nothing of it is left behind"


def test_an_error_is_told_where_no_database_answers(app, officer, visitor, caplog):
    one = officer("pembina.kalbar")
    engines = (database.db.app_engine, database.db.public_engine)

    def gone(*_given: Any) -> None:
        raise OperationalError("SELECT 1", None, Exception("the server closed the connection"))

    for engine in engines:
        event.listen(engine, "before_cursor_execute", gone)
    try:
        pages = [one.client.get("/beranda/"), visitor.client.get("/katalog")]
        asked = one.client.get("/beranda/", headers={"Accept": "application/json"})
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", gone)
    for page in pages:
        assert page.status_code == 500
        assert "Terjadi kesalahan di pihak kami" in page.text
        assert "Ke beranda" in page.text
        assert "Content-Security-Policy" in page.headers
    assert (asked.status_code, asked.mimetype) == (500, "application/problem+json")
    assert one.get("/beranda/").status_code == 200
