"""Locks, passwords, tokens, and what ends a session."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from sqlalchemy import create_engine, select, update

from tenants.models import Kanwil, Officer
from tests.support.worlds import PASSWORD

KEPALA = "kepala.lapas-iia-pontianak"
AWAY = [
    "https://lain.example/",
    "//lain.example/",
    "///lain.example",
    "/\\lain.example",
    "http:lain.example",
    "javascript:alert(1)",
    "https:///lain.example",
    "\thttps://lain.example",
    "http://localhost@lain.example/",
]


def token(app: Any, username: str, password: str = PASSWORD) -> Any:
    body = {"username": username, "password": password, "provider": "db", "refresh": True}
    return app.test_client().post("/api/v1/security/login", json=body)


def bearer(answer: Any, kind: str = "access_token") -> dict[str, str]:
    return {"Authorization": f"Bearer {answer.get_json()[kind]}"}


def as_owner(settings: Any, statement: Any) -> None:
    """What another process, or an admin elsewhere, does to the database."""
    engine = create_engine(settings.database_url)
    with engine.begin() as connection:
        connection.execute(statement)
    engine.dispose()


@pytest.mark.parametrize("target", AWAY)
def test_the_way_back_stays_on_this_site(visitor: Any, target: str) -> None:
    visitor.get("/login/")
    form = {"username": "pembina.kalbar", "password": PASSWORD, "next": target}
    where = visitor.post("/login/", form).headers["Location"]
    assert where.startswith("/"), where
    assert not where.startswith(("//", "/\\")), where
    again = visitor.get("/login/", query_string={"next": target}).headers["Location"]
    assert again.startswith("/"), again
    assert not again.startswith(("//", "/\\")), again


def test_page_and_api_count_the_same_tries(visitor: Any, app: Any) -> None:
    visitor.get("/login/")
    for _ in range(4):
        assert (
            visitor.post("/login/", {"username": "pemantau.kalbar", "password": "salah"}).status_code == 401
        )
        assert token(app, "pemantau.kalbar", "salah").status_code == 401
    assert token(app, "pemantau.kalbar").status_code == 429
    assert visitor.post("/login/", {"username": "PEMANTAU.kalbar ", "password": PASSWORD}).status_code == 429
    assert visitor.post("/login/", {"username": "pembina.kalbar", "password": PASSWORD}).status_code == 302


def test_an_address_that_guesses_many_names_is_stopped(settings: Any) -> None:
    from webapp import create_app

    strict = create_app(dataclasses.replace(settings, sign_in_limit="12 per minute"))
    client = strict.test_client()
    tries = [
        client.post(
            "/api/v1/security/login",
            json={"username": f"nama.{number}", "password": "salah", "provider": "db"},
            environ_overrides={"REMOTE_ADDR": "203.0.113.9"},
        ).status_code
        for number in range(14)
    ]
    assert tries == [401] * 12 + [429] * 2
    elsewhere = {"REMOTE_ADDR": "203.0.113.10"}
    body = {"username": "pembina.kalbar", "password": PASSWORD, "provider": "db"}
    assert client.post("/api/v1/security/login", json=body, environ_overrides=elsewhere).status_code == 200


def test_a_known_and_an_unknown_name_are_answered_alike(visitor: Any) -> None:
    visitor.get("/login/")
    known = visitor.post("/login/", {"username": "kadiv.kalbar", "password": "salah sekali"})
    unknown = visitor.post("/login/", {"username": "kadiv.kalbaq", "password": "salah sekali"})
    assert known.status_code == unknown.status_code == 401
    wash = str.maketrans({"q": "r"})
    clean = [
        "\n".join(
            line
            for line in answer.text.translate(wash).splitlines()
            if "csrf" not in line and "nonce" not in line
        )
        for answer in (known, unknown)
    ]
    assert clean[0] == clean[1]


@pytest.mark.parametrize(
    "weak",
    ["pendek", "aaaaaaaaaaaaaaaa", "password12345", "kepala.lapas-iia-pontianak", "x" * 201, "            "],
)
def test_a_weak_password_is_refused(officer: Any, weak: str) -> None:
    one = officer(KEPALA)
    one.get("/kata-sandi/")
    answer = one.post("/kata-sandi/", {"current": PASSWORD, "password": weak, "repeat": weak})
    assert answer.status_code == 422, weak


def test_the_present_password_is_asked_for(officer: Any) -> None:
    one = officer(KEPALA)
    one.get("/kata-sandi/")
    fresh = "perahu kayu di sungai kapuas"
    assert (
        one.post("/kata-sandi/", {"current": "salah", "password": fresh, "repeat": fresh}).status_code == 422
    )


def test_closing_an_account_ends_its_session_and_its_tokens(app: Any, officer: Any, world: Any) -> None:
    victim, admin = officer("pemantau.kalbar"), officer("admin.kalbar")
    keys = token(app, "pemantau.kalbar")
    assert app.test_client().get("/api/v1/inbox/", headers=bearer(keys)).status_code == 200
    number = world.officer["pemantau.kalbar"]
    admin.get(f"/petugas/{number}")
    assert admin.post(f"/petugas/{number}/tutup").status_code in (302, 303)
    assert victim.get("/beranda/").status_code == 302
    assert app.test_client().get("/api/v1/inbox/", headers=bearer(keys)).status_code == 401
    refresh = app.test_client().post("/api/v1/security/refresh", headers=bearer(keys, "refresh_token"))
    assert refresh.status_code == 401
    assert token(app, "pemantau.kalbar").status_code == 401


def test_suspending_a_kanwil_ends_all_its_sessions(app: Any, officer: Any, settings: Any, world: Any) -> None:
    here, elsewhere = officer("kadiv.kalbar"), officer("kadiv.banten")
    keys = token(app, "kadiv.kalbar")
    as_owner(settings, update(Kanwil.__table__).where(Kanwil.code == "kalbar").values(state="suspended"))
    assert here.get("/beranda/").status_code == 302
    assert app.test_client().get("/api/v1/inbox/", headers=bearer(keys)).status_code == 401
    assert token(app, "kadiv.kalbar").status_code == 401
    assert elsewhere.get("/beranda/").status_code == 200


def test_an_officer_moved_elsewhere_works_there_from_the_next_request(
    app: Any, officer: Any, settings: Any, world: Any
) -> None:
    """The scope is read anew for every request, never kept in the cookie."""
    one = officer("pembina.kalbar")
    table = Officer.__table__
    moved = update(table).where(table.c.username == "pembina.kalbar").values(tenant_id=world.kanwil["banten"])
    as_owner(settings, moved)
    page = one.get("/beranda/").text
    assert "Kanwil Banten" in page
    assert "Kanwil Kalimantan Barat" not in page


def test_a_token_and_a_cookie_of_two_people_are_not_mixed(app: Any, sign_in: Any, world: Any) -> None:
    """The token alone says who uses the API, whoever is signed in in that browser."""
    browser = sign_in("admin.kalbar")
    keys = token(app, "operator.lapas-i-tangerang")
    made = browser.post("/api/v1/products/", json={"name": "Produk dari Tangerang"}, headers=bearer(keys))
    assert made.status_code == 201, made.text
    assert made.get_json()["upt"] != ""
    number = made.get_json()["id"]
    assert browser.get(f"/produk/kelola/{number}").status_code == 404  # Kalbar's own admin, by cookie
    assert browser.get(f"/api/v1/products/{number}", headers=bearer(keys)).status_code == 200
    reader = token(app, "pembina.kalbar")
    assert browser.post("/api/v1/products/", json={"name": "x"}, headers=bearer(reader)).status_code == 403


def test_a_refresh_token_opens_nothing_but_a_new_token(app: Any) -> None:
    keys = token(app, "pembina.kalbar")
    client = app.test_client()
    assert client.get("/api/v1/inbox/", headers=bearer(keys, "refresh_token")).status_code in (401, 422)
    assert client.post("/api/v1/security/refresh", headers=bearer(keys, "refresh_token")).status_code == 200
    assert client.post("/api/v1/security/refresh", headers=bearer(keys)).status_code in (401, 422)


@pytest.mark.parametrize("forged", ["", "x", "a.b.c", "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0."])
def test_a_forged_token_is_refused(app: Any, forged: str) -> None:
    answer = app.test_client().get("/api/v1/inbox/", headers={"Authorization": f"Bearer {forged}"})
    assert answer.status_code == 401, answer.status_code


def test_no_password_or_its_hash_is_ever_shown(app: Any, officer: Any, settings: Any) -> None:
    admin = officer("admin.kalbar")
    engine = create_engine(settings.database_url)
    with engine.connect() as connection:
        table = Officer.__table__
        rows = connection.execute(select(table.c.id, table.c.password)).all()
    engine.dispose()
    for number, hashed in rows:
        assert hashed not in admin.get(f"/petugas/{number}").text
    assert rows[0].password not in admin.get("/petugas").text


@pytest.mark.parametrize(
    "path",
    [
        "/users/list/",
        "/users/add",
        "/roles/list/",
        "/roles/edit/1",
        "/permissions/list/",
        "/viewmenus/list/",
        "/permissionviews/list/",
        "/resetpassword/form",
        "/resetmypassword/form",
        "/registeruser/list/",
        "/api/v1/security/users/",
        "/api/v1/security/roles/",
        "/api/v1/security/permissions/",
        "/api/v1/menu/",
        "/swagger/v1",
    ],
)
def test_none_of_fabs_security_is_there(officer: Any, path: str) -> None:
    for username in ("admin.kalbar", "admin.pusat"):
        assert officer(username).get(path).status_code == 404


def test_nobody_holds_fabs_admin_role(app: Any, settings: Any) -> None:
    from flask_appbuilder.security.sqla.models import Role, assoc_user_role

    engine = create_engine(settings.database_url)
    with engine.connect() as connection:
        held = set(connection.execute(select(Role.name).join_from(assoc_user_role, Role.__table__)).scalars())
    engine.dispose()
    assert "Admin" not in held
    assert "Public" not in held


def test_an_admin_cannot_raise_himself_or_others_beyond_his_kanwil(officer: Any, world: Any) -> None:
    admin = officer("admin.kalbar")
    own = world.officer["admin.kalbar"]
    other = world.officer["pembina.kalbar"]
    names = {"first_name": "Rina", "last_name": "W", "office": "Pembina", "email": "rina@contoh.id"}
    for number, role in ((own, "admin_pusat"), (other, "dirjen"), (other, "Admin"), (other, "operator_upt")):
        admin.get(f"/petugas/{number}")
        answer = admin.post(f"/petugas/{number}", {**names, "roles": role})
        assert answer.status_code in (403, 404, 422), (role, answer.status_code)
    assert admin.get(f"/petugas/{world.officer['admin.banten']}").status_code == 404
