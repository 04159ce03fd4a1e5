"""Letters that lend a role, and notices, through the API."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tenants import clock, database
from tenants.scope import entered
from tests.support.worlds import PASSWORD, World
from workflows import notices

ADMIN, KADIV, PEMBINA = "admin.kalbar", "kadiv.kalbar", "pembina.kalbar"
Send = Callable[..., Any]


@pytest.fixture
def send(app: Any) -> Send:
    """`send("admin.kalbar", "GET", "/notices/")`."""
    tokens: dict[str, str] = {}

    def act(username: str, method: str, path: str, **body: Any) -> Any:
        if username not in tokens:
            login = {"username": username, "password": PASSWORD, "provider": "db"}
            tokens[username] = (
                app.test_client().post("/api/v1/security/login", json=login).json["access_token"]
            )
        headers = {"Authorization": f"Bearer {tokens[username]}"}
        given = {"json": body} if body else {}
        return app.test_client().open(f"/api/v1{path}", method=method, headers=headers, **given)

    return act


def _letter(**changed: str) -> dict[str, str]:
    today = clock.now().date()
    return {
        "role": "pemantau",
        "principal": "pemantau.kalbar",
        "substitute": PEMBINA,
        "from_on": (today - timedelta(days=1)).isoformat(),
        "until_on": (today + timedelta(days=3)).isoformat(),
        "letter_number": "W.16-KP.04.01-12",
    } | changed


def test_a_letter_is_recorded_seen_in_pages_and_ended(send: Send) -> None:
    first = send(ADMIN, "POST", "/substitutes/", **_letter())
    assert first.status_code == 201, first.text
    assert (first.json["kind"], first.json["state"]) == ("plh", "now")
    later = _letter(role="pengendali", principal="pengendali.kalbar", substitute="pemantau.kalbar")
    later |= {"from_on": "2099-01-05", "until_on": "2099-01-06"}
    assert send(KADIV, "POST", "/substitutes/", **later).json["state"] == "soon"
    page = send(KADIV, "GET", "/substitutes/?limit=1").json
    assert [one["role"] for one in page["items"]] == ["pengendali"]
    rest = send(KADIV, "GET", f"/substitutes/?limit=1&cursor={page['next_cursor']}").json
    assert [one["id"] for one in rest["items"]] == [first.json["id"]]
    assert rest["next_cursor"] is None
    ended = [send(ADMIN, "POST", f"/substitutes/{first.json['id']}/revoke") for _ in range(2)]
    assert [one.json["state"] for one in ended] == ["revoked", "revoked"]
    assert ended[0].json == ended[1].json


def test_what_stands_in_the_way_of_a_letter_is_named_by_its_member(send: Send) -> None:
    wrong = send(ADMIN, "POST", "/substitutes/", **_letter(substitute="pembina.banten", lain="x"))
    assert (wrong.status_code, list(wrong.json["errors"])) == (422, ["lain"])
    foreign = send(ADMIN, "POST", "/substitutes/", **_letter(substitute="pembina.banten"))
    assert (foreign.status_code, list(foreign.json["errors"])) == (422, ["substitute"])
    office = send(KADIV, "POST", "/substitutes/", **_letter(role="kakanwil", principal="kakanwil.kalbar"))
    assert office.status_code == 403
    assert send(PEMBINA, "GET", "/substitutes/").status_code == 403


def test_notices_are_read_one_by_one_and_told_as_chosen(send: Send, world: World) -> None:
    send(ADMIN, "POST", "/substitutes/", **_letter())
    told = send(PEMBINA, "GET", "/notices/?unread=1").json["items"]
    assert told[0]["title"] == "Anda Plh. Pemantau"
    path = f"/notices/{told[0]['id']}/read"
    assert send(KADIV, "POST", path).status_code == 404
    assert send("dirjen", "POST", path).status_code == 404
    read = [send(PEMBINA, "POST", path).json["read_at"] for _ in range(2)]
    assert read[0] is not None
    assert read[0] == read[1]
    assert send(PEMBINA, "GET", "/notices/?unread=1").json["items"] == []
    database.db.release()
    with entered(world.scope(PEMBINA)):
        assert notices.unread_count(world.actor(PEMBINA)) == 0
    assert send("dirjen", "GET", "/notices/").json["items"] == []


def test_choices_change_by_topic_and_the_rest_stays(send: Send) -> None:
    before = {one["topic"]: one for one in send(PEMBINA, "GET", "/notices/choices").json["items"]}
    changed = send(PEMBINA, "PUT", "/notices/choices", outcome={"mail": "none", "in_app": False})
    after = {one["topic"]: one for one in changed.json["items"]}
    assert (after["outcome"]["mail"], after["outcome"]["in_app"]) == ("none", False)
    assert {key: one for key, one in after.items() if key != "outcome"} == {
        key: one for key, one in before.items() if key != "outcome"
    }
    for wrong in ({"lain": {"mail": "each", "in_app": True}}, {"outcome": "each"}, {"outcome": {"mail": 1}}):
        assert send(PEMBINA, "PUT", "/notices/choices", **wrong).status_code == 422
    assert send("dirjen", "GET", "/notices/choices").status_code == 403
