"""What the centre shows first: chosen, ordered, from day to day, by admin_pusat alone, with a trace of every change."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from catalogue import publication, shop
from catalogue.models import Product
from catalogue.window import featuring, modern
from tenants import database, files
from tenants.clock import now
from tenants.database import public, transaction
from tenants.errors import Conflict, Forbidden, Invalid
from tenants.scope import entered
from tests.catalogue.test_pages import Desk, desk  # noqa: F401 - a fixture
from tests.support.worlds import World

CENTRE = "admin.pusat"


@pytest.fixture
def goods(desk: Desk) -> list[Product]:  # noqa: F811
    return [desk.published(name=f"Tas anyaman {n}", category="craft") for n in ("satu", "dua", "tiga")]


def first(page: str = "front") -> list[str]:
    with public() as reader:
        return [one.name.rsplit(" ", 1)[-1] for one in shop.featured(reader, page, now())]


def test_the_choice_shows_in_its_order_and_on_its_days(world: World, goods: list[Product]) -> None:
    today = now().date()
    with entered(world.scope(CENTRE)):
        by = world.actor(CENTRE)
        made = [featuring.feature("front", one.slug, by=by, now=now(), key=f"k{one.id}") for one in goods]
        assert (
            featuring.feature("front", goods[0].slug, by=by, now=now(), key=f"k{goods[0].id}").id
            == made[0].id
        )
        with pytest.raises(Conflict):
            featuring.feature("front", goods[0].slug, by=by, now=now())
        for page, slug, days in (
            ("depan", goods[0].slug, {}),
            ("craft", "tidak-ada", {}),
            ("craft", goods[0].slug, {"from_on": today, "until_on": today - timedelta(days=1)}),
        ):
            with pytest.raises(Invalid):
                featuring.feature(page, slug, by=by, now=now(), **days)
        assert first() == ["satu", "dua", "tiga"]
        featuring.move(made[2].id, up=True, by=by, now=now())
        featuring.move(made[0].id, up=True, by=by, now=now())  # it is the first already
        assert first() == ["satu", "tiga", "dua"]
        featuring.reschedule(made[0].id, from_on=today + timedelta(days=2), until_on=None, by=by, now=now())
        assert first() == ["tiga", "dua"]
        featuring.remove(made[1].id, by=by, now=now())
        featuring.remove(made[1].id, by=by, now=now())
        assert first() == ["tiga"]
        told = [(one.action, one.product_name.rsplit(" ", 1)[-1]) for one in featuring.history("front")]
        assert told == [
            ("removed", "dua"),
            ("changed", "satu"),
            ("moved", "tiga"),
            ("added", "tiga"),
            ("added", "dua"),
            ("added", "satu"),
        ]
        for change in ("UPDATE feature_change SET action = 'x'", "DELETE FROM feature_change"):
            with pytest.raises(Exception, match=r"append-only|permission denied"), transaction() as session:
                session.execute(text(change))
    with entered(world.scope("pengendali.kalbar")):
        by = world.actor("pengendali.kalbar")
        with pytest.raises(Forbidden):
            featuring.feature("front", goods[0].slug, by=by, now=now())
        publication.suspend(goods[2].id, reason="Diperiksa", by=by, now=now())
    shop.forget()
    assert first() == []


def test_the_centre_chooses_on_its_page_and_by_program(
    goods: list[Product], sign_in: Callable[..., Any], client: Any, app: Any
) -> None:
    browser = sign_in(CENTRE)
    page = browser.get("/etalase?q=anyaman").text
    assert "Belum ada pilihan" in page
    assert page.count("Tambah<span") == 3
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token is not None

    def post(path: str, **form: str) -> Any:
        return browser.post(path, data={"csrf_token": token.group(1), **form})

    assert (
        post("/etalase", page="front", product=f"http://localhost/produk/{goods[0].slug}?lang=en").status_code
        == 303
    )
    wrong = post("/etalase", page="front", product="tidak ada", from_on="kapan")
    assert wrong.status_code == 422
    assert 'value="kapan"' in wrong.text
    front = client.get("/").text
    assert front.index("Pilihan") < front.index("Tas anyaman satu") < front.index("Tas anyaman tiga")
    body = {"username": CENTRE, "password": "karya-demo-2024", "provider": "db"}
    bearer = app.test_client().post("/api/v1/security/login", json=body).json["access_token"]
    head = {"Authorization": f"Bearer {bearer}", "Idempotency-Key": "a"}
    api = app.test_client()
    sent = {"page": "craft", "product": goods[1].slug, "until_on": "2999-01-01"}
    made = api.post("/api/v1/featured/", json=sent, headers=head)
    assert made.status_code == 201
    assert api.post("/api/v1/featured/", json=sent, headers=head).json["id"] == made.json["id"]
    one = f"/api/v1/featured/{made.json['id']}"
    assert (
        api.patch(one, json={"from_on": "2999-02-01"}, headers={**head, "Idempotency-Key": "b"}).status_code
        == 422
    )
    later = api.patch(one, json={"from_on": "2998-01-01"}, headers={**head, "Idempotency-Key": "c"})
    assert (later.json["shown"], later.json["until_on"]) == (False, "2999-01-01")
    assert [row["id"] for row in api.get("/api/v1/featured/?page=craft", headers=head).json["items"]] == [
        made.json["id"]
    ]
    assert api.delete(one, headers=head).status_code == 200
    assert api.delete(one, headers=head).status_code == 404
    assert sign_in("dirjen").get("/etalase").status_code == 403


def test_a_photo_is_served_in_avif_once_it_is_made(goods: list[Product], client: Any, world: World) -> None:
    page = client.get(f"/produk/{goods[0].slug}").text
    avif = re.search(r'type="image/avif" srcset="(/foto/[0-9a-f]{64}\.avif) \d+w', page)
    assert avif is not None
    before = client.get(avif.group(1))
    assert (before.status_code, before.mimetype, before.headers["Cache-Control"]) == (
        200, "image/webp", "public, max-age=600",
    )  # fmt: skip
    while modern.make(limit=50):
        pass
    after = client.get(avif.group(1))
    assert (after.mimetype, after.data[4:12]) == ("image/avif", b"ftypavif")
    assert "immutable" in after.headers["Cache-Control"]
    assert len(after.data) < len(before.data) or len(before.data) < 3000
    assert client.get(avif.group(1), headers={"If-None-Match": after.headers["ETag"]}).status_code == 304
    hidden = files.put(b"RIFF....WEBP")
    assert client.get(f"/foto/{hidden}.avif").status_code == 404
    assert database.db.settings.data in modern.place(hidden).parents
