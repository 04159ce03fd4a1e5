"""Products and shelves for programs."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest

from catalogue import shop
from tests.catalogue.conftest import CHECKLISTS, CONTENT
from tests.catalogue.pictures import SVG, picture
from tests.support.worlds import PASSWORD, World

OPERATOR = "operator.lapas-iia-pontianak"
LISTED = {"id", "name", "state", "upt", "kanwil", "price_rupiah", "revision", "case_id"}


class Program:
    """A program with an officer's token."""

    def __init__(self, app: Any, username: str) -> None:
        self.client = app.test_client()
        body = {"username": username, "password": PASSWORD, "provider": "db", "refresh": False}
        token = self.client.post("/api/v1/security/login", json=body).json["access_token"]
        self.headers = {"Authorization": f"Bearer {token}"}

    def get(self, path: str) -> Any:
        return self.client.get(f"/api/v1{path}", headers=self.headers)

    def post(self, path: str, json: Any = None, *, key: str | None = None, **more: Any) -> Any:
        headers = {**self.headers, **({"Idempotency-Key": key} if key else {})}
        return self.client.post(f"/api/v1{path}", json=json, headers=headers, **more)

    def patch(self, path: str, json: Any) -> Any:
        return self.client.patch(f"/api/v1{path}", json=json, headers=self.headers)


@pytest.fixture
def token(app: Any, world: World) -> Callable[[str], Program]:
    shop.forget()
    return lambda username: Program(app, username)


def _photo(name: str = "tas.jpg", data: bytes | None = None) -> dict[str, Any]:
    body = {"photo": (io.BytesIO(picture() if data is None else data), name)}
    return {"data": body, "content_type": "multipart/form-data"}


def test_a_product_goes_its_way_by_the_api(token: Callable[[str], Program], client: Any) -> None:
    operator = token(OPERATOR)
    made = operator.post("/products", CONTENT, key="k1")
    assert made.status_code == 201
    assert made.json.keys() >= LISTED
    assert (made.json["state"], made.json["revision"], made.json["kanwil"]) == ("draft", 1, "kalbar")
    assert list(made.json["problems"]) == ["photos"]
    address = f"/products/{made.json['id']}"
    assert made.headers["Location"] == f"/api/v1{address}"
    assert operator.post("/products", CONTENT, key="k1").json["id"] == made.json["id"]
    assert operator.post("/products", {**CONTENT, "name": "Lain"}, key="k1").status_code == 409
    assert operator.post(f"{address}/submit").status_code == 422
    assert operator.post(f"{address}/photos", key="p1", **_photo()).status_code == 201
    assert operator.post(f"{address}/photos", key="p1", **_photo()).status_code == 201
    refused = operator.post(f"{address}/photos", **_photo("palsu.jpg", SVG))
    assert refused.status_code == 415
    assert "palsu.jpg" in refused.json["detail"]
    assert len(operator.get(address).json["photos"]) == 1
    assert operator.patch(address, {"price_rupiah": 99_000, "version": 77}).status_code == 409
    assert operator.patch(address, {"price_rupiah": 99_000}).json["price_rupiah"] == 99_000
    sent = operator.post(f"{address}/submit", {}, key="s1")
    assert (sent.status_code, sent.json["state"]) == (200, "in_review")
    assert operator.post(f"{address}/submit", {}, key="s1").json["case_id"] == sent.json["case_id"]
    assert operator.post(f"{address}/submit", {}, key="s2").status_code == 409
    assert operator.patch(address, {"price_rupiah": 1}).status_code == 409
    case = f"/cases/{sent.json['case_id']}/decisions"
    for role in ("pembina", "pemantau", "pengendali"):
        items = token(f"{role}.kalbar").get(f"/cases/{sent.json['case_id']}").json["checklist"]
        known = {item["key"] for item in items}
        answers = {name: value for name, value in CHECKLISTS[role].items() if name in known}
        decided = token(f"{role}.kalbar").post(case, {"outcome": "approve", "checklist": answers}, key=role)
        assert decided.status_code in (200, 201), decided.json
    assert operator.get(address).json["state"] == "published"
    found = client.get("/api/v1/catalogue/products?q=purun&kanwil=kalbar")
    assert [item["id"] for item in found.json["items"]] == [made.json["id"]]
    assert "Set-Cookie" not in found.headers
    pengendali = token("pengendali.kalbar")
    assert operator.post(f"{address}/suspend", {"reason": "x"}).status_code == 403
    assert operator.post(f"{address}/withdraw", {"reason": "x"}).status_code == 403
    assert pengendali.post(f"{address}/suspend", {}).status_code == 422
    assert pengendali.post(f"{address}/suspend", {"reason": "Keluhan"}, key="z").json["state"] == "suspended"
    assert pengendali.post(f"{address}/suspend", {"reason": "Keluhan"}, key="z").json["state"] == "suspended"
    assert pengendali.post(f"{address}/restore", {"reason": "Baik"}).json["state"] == "published"
    assert pengendali.post(f"{address}/withdraw", {"reason": "Habis"}).json["state"] == "withdrawn"
    assert client.get("/api/v1/catalogue/products?q=purun").json["items"] == []


def test_what_cannot_be_read_is_named_and_nothing_is_kept(token: Callable[[str], Program]) -> None:
    operator = token(OPERATOR)
    bad = {"name": "Tas", "price_rupiah": "mahal", "category": "pangan", "state": "published", "stock": True,
           "price_evidence": [{"source": "A", "observed_on": "31-02-2024", "price_rupiah": -1}]}  # fmt: skip
    refused = operator.post("/products", bad)
    assert refused.status_code == 422
    assert refused.mimetype == "application/problem+json"
    assert set(refused.json["errors"]) == {
        "price_rupiah", "category", "state", "stock", "price_evidence.0.observed_on", "price_evidence.0.price_rupiah",
    }  # fmt: skip
    for body in ({}, {"name": ""}, [], "x"):
        assert operator.post("/products", body).status_code == 422
    assert operator.get("/products").json == {"items": [], "next_cursor": None}
    for query in ("state=nix", "cursor=x", "limit=0", "upt=x"):
        assert operator.get(f"/products?{query}").status_code == 422, query


def test_what_is_not_yours_is_not_there(token: Callable[[str], Program], client: Any) -> None:
    operator = token(OPERATOR)
    product = operator.post("/products", {"name": "Tas purun"}).json["id"]
    neighbour, banten = token("operator.rutan-iia-pontianak"), token("pengendali.banten")
    for other in (neighbour, banten):
        assert other.get(f"/products/{product}").status_code == 404
        assert other.get("/products").json["items"] == []
    assert neighbour.patch(f"/products/{product}", {"name": "x" * 5}).status_code == 404
    assert neighbour.post(f"/products/{product}/submit").status_code == 404
    assert neighbour.post(f"/products/{product}/photos", **_photo()).status_code == 404
    assert banten.post(f"/products/{product}/suspend", {"reason": "x"}).status_code == 404
    assert banten.post("/products", {"name": "Tas"}).status_code == 403
    assert client.get("/api/v1/products").status_code == 401
    assert token("dirjen").get("/products").status_code == 403


def test_lists_go_on_by_their_cursor(token: Callable[[str], Program], client: Any) -> None:
    operator = token(OPERATOR)
    made = [operator.post("/products", {"name": f"Tas {n}"}).json["id"] for n in range(3)]
    first = operator.get("/products?limit=2&state=draft").json
    second = operator.get(f"/products?limit=2&state=draft&cursor={first['next_cursor']}").json
    assert [item["id"] for item in first["items"] + second["items"]] == made[::-1]
    assert second["next_cursor"] is None
    assert first["items"][0].keys() >= LISTED
    for query in ("category=nix", "cursor=x", "limit=1000", "price_from=a"):
        assert client.get(f"/api/v1/catalogue/products?{query}").status_code == 422, query


def test_a_submission_is_taken_back_by_its_operator(token: Callable[[str], Program]) -> None:
    operator = token(OPERATOR)
    product = operator.post("/products", CONTENT).json["id"]
    operator.post(f"/products/{product}/photos", **_photo())
    assert operator.post(f"/products/{product}/submit").json["state"] == "in_review"
    back = operator.post(f"/products/{product}/withdraw", {"reason": "Salah harga"})
    assert (back.status_code, back.json["state"]) == (200, "draft")
