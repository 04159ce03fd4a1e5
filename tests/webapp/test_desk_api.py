"""Taking a case, letting it go, handing it over and its priority, through the API; and the centre's defaults."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.worlds import PASSWORD, World
from tests.webapp.test_repeating import FLOW, KADIV, Stage

PEMBINA, PEMANTAU, CENTRE = "pembina.kalbar", "pemantau.kalbar", "admin.pusat"
Send = Callable[..., Any]


@pytest.fixture
def send(app: Any) -> Send:
    """`send("pembina.kalbar", "POST", "/cases/1/claim", stage="pembinaan")`."""
    tokens: dict[str, str] = {}

    def act(username: str, method: str, path: str, **body: Any) -> Any:
        if username not in tokens:
            login = {"username": username, "password": PASSWORD, "provider": "db"}
            answer = app.test_client().post("/api/v1/security/login", json=login)
            tokens[username] = answer.json["access_token"]
        headers = {"Authorization": f"Bearer {tokens[username]}"}
        given = {"json": body} if body else {}
        return app.test_client().open(f"/api/v1{path}", method=method, headers=headers, **given)

    return act


@pytest.fixture
def case(world: World) -> int:
    return Stage(world).submitted()[1]


def test_a_case_is_taken_and_let_go(send: Send, case: int) -> None:
    taken = send(PEMBINA, "POST", f"/cases/{case}/claim")
    assert taken.status_code == 200, taken.text
    assert [(one["stage"], one["kind"]) for one in taken.json["holds"]] == [("pembinaan", "claim")]
    assert taken.json["holds"][0]["until"]
    wrong = send(PEMANTAU, "POST", f"/cases/{case}/claim")
    assert (wrong.status_code, wrong.mimetype) == (403, "application/problem+json")
    assert send(PEMANTAU, "POST", f"/cases/{case}/release").status_code == 403
    let_go = send(PEMBINA, "POST", f"/cases/{case}/release", stage="pembinaan")
    assert (let_go.status_code, let_go.json["holds"]) == (200, [])
    assert send("pembina.banten", "POST", f"/cases/{case}/claim").status_code == 404
    assert send(PEMBINA, "POST", f"/cases/{case}/claim", stage=1).status_code == 422


def test_the_kadiv_hands_a_case_to_an_officer_of_its_stage_by_name(send: Send, case: int) -> None:
    given = send(KADIV, "POST", f"/cases/{case}/reassign", officer=PEMBINA)
    assert given.status_code == 200, given.text
    assert [(one["kind"], one["until"]) for one in given.json["holds"]] == [("assigned", None)]
    for named in (PEMANTAU, "pembina.banten", "siapa"):
        refused = send(KADIV, "POST", f"/cases/{case}/reassign", officer=named)
        assert (refused.status_code, list(refused.json["errors"])) == (422, ["officer"]), named
    assert send(PEMBINA, "POST", f"/cases/{case}/reassign", officer=PEMBINA).status_code == 403
    assert send(PEMBINA, "POST", f"/cases/{case}/release").status_code == 403
    assert send(KADIV, "POST", f"/cases/{case}/release").json["holds"] == []


def test_an_urgent_case_comes_first_in_the_inbox(send: Send, world: World) -> None:
    first, second = (Stage(world).submitted()[1] for _ in range(2))
    refused = send(KADIV, "POST", f"/cases/{second}/priority", urgent=True, reason=" ")
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["reason"])
    assert send(KADIV, "POST", f"/cases/{second}/priority", urgent="ya").status_code == 422
    marked = send(KADIV, "POST", f"/cases/{second}/priority", urgent=True, reason="Pameran besok.")
    assert (marked.status_code, marked.json["urgent"]) == (200, True)
    page = send(PEMBINA, "GET", "/inbox/?limit=1").json
    rest = send(PEMBINA, "GET", f"/inbox/?limit=1&cursor={page['next_cursor']}").json
    assert [one["id"] for one in page["items"] + rest["items"]] == [second, first]


def test_the_centre_reads_drafts_and_publishes_a_default_with_its_locks(send: Send) -> None:
    found = send(CENTRE, "GET", "/national-definitions/product").json
    assert found["version"] == 0
    assert "pengendalian" in found["locked"]
    kept = send(CENTRE, "PUT", "/national-definitions/product/draft", yaml=FLOW, version=0)
    assert kept.json["locked"] == found["locked"]
    assert (kept.json["valid"], kept.json["version"]) == (True, 1)
    locked = ["pembinaan", "pengendalian"]
    kept = send(CENTRE, "PUT", "/national-definitions/product/draft", yaml=FLOW, version=1, locked=locked)
    assert (kept.json["locked"], kept.json["version"]) == (locked, 2)
    stale = send(CENTRE, "PUT", "/national-definitions/product/draft", yaml="lain", version=1)
    assert stale.status_code == 409
    made = send(CENTRE, "POST", "/national-definitions/product/publish", version=2, note="Tenggat baru.")
    assert made.status_code == 201, made.text
    assert (made.json["version"], made.json["locked"]) == (1, locked)
    items = send(CENTRE, "GET", "/national-definitions/").json["items"]
    product = next(one for one in items if one["subject_type"] == "product")
    assert (product["version"], product["draft"], len(product["versions"])) == (1, None, 1)
    dropped = FLOW.replace("key: pembinaan", "key: telaah")
    assert send(KADIV, "PUT", "/definitions/product/draft", yaml=dropped, version=0).json["valid"] is False
    assert send(KADIV, "GET", "/national-definitions/").status_code == 403
    assert send(CENTRE, "GET", "/national-definitions/tidak-ada").status_code == 404
    assert send(CENTRE, "POST", "/national-definitions/tidak-ada/publish", version=1).status_code == 404
