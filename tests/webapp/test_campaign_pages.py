"""Campaigns and labels at the browser and by the API: planned, joined, sold in, watched by a thousand, closed, printed."""

from __future__ import annotations

import gzip
import io
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from sales.campaigns import board, closing, planning, selling
from tenants import clock, database
from tenants.scope import entered
from tests.catalogue.pictures import picture
from tests.support.statements import counted_statements
from tests.support.worlds import PASSWORD, World
from tests.webapp.conftest import Visitor

LAPAS, RUTAN = "lapas-iia-pontianak", "rutan-iia-pontianak"
OPERATOR = f"operator.{LAPAS}"


class Acting:
    """An officer's use cases, outside of any page."""

    def __init__(self, world: World, username: str) -> None:
        self.by = world.actor(username)
        self.scope = entered(world.scope(username))

    def __enter__(self) -> Any:
        database.db.release()
        self.scope.__enter__()
        return self.by

    def __exit__(self, *error: Any) -> None:
        self.scope.__exit__(*error)


@pytest.fixture
def running(world: World) -> int:
    """A national campaign that runs today."""
    now = clock.now()
    today = now.date()
    terms = {
        "title": "Bulan Karya",
        "starts_on": today - timedelta(days=3),
        "ends_on": today + timedelta(days=20),
        "target_rupiah": 95_700_000,
    }
    with Acting(world, "admin.pusat") as by:
        made = planning.begin(terms, by=by, now=now).id
        planning.announce(made, by=by, now=now)
    board.forget()
    return made


def sold(world: World, campaign: int, value: int, unit: str = LAPAS) -> int:
    with Acting(world, f"operator.{unit}") as by:
        values = {"product_name": "Miniatur kapal", "value_rupiah": value}
        return selling.enter(campaign, values, by=by, now=clock.now())[0].id


def test_a_unit_enters_a_sale_and_the_open_page_hears_of_it(
    world: World, running: int, officer: Callable[..., Visitor], client: Any
) -> None:
    slug = f"/kampanye/bulan-karya-{clock.now().year}"
    before = client.get(f"{slug}/papan")
    mark = before.headers["ETag"]
    assert before.headers["Cache-Control"] == "public, max-age=1"
    assert "Set-Cookie" not in before.headers
    assert client.get(f"{slug}/papan", headers={"If-None-Match": mark}).status_code == 304
    operator = officer(OPERATOR)
    assert "Bulan Karya" in operator.client.get("/beranda/").text
    page = operator.get(f"/program/kampanye/{running}")
    assert "Catat penjualan" in page.text
    wrong = operator.post(
        f"/program/kampanye/{running}/catat", {"product_name": "Kapal", "value_rupiah": "banyak"}
    )
    assert wrong.status_code == 422
    assert 'value="banyak"' in wrong.text
    assert "Tulis rupiah bulat" in wrong.text
    key = re.search(r'name="key" value="([^"]+)"', wrong.text)
    assert key
    form = {"product_name": "Kapal <b>jati</b>", "value_rupiah": "Rp47.850.000", "key": key.group(1)}
    for _ in range(2):  # a double click
        assert operator.post(f"/program/kampanye/{running}/catat", form).status_code == 303
    page = operator.get(f"/program/kampanye/{running}")
    assert "Kapal &lt;b&gt;jati&lt;/b&gt;" in page.text
    board.forget()  # a second later
    after = client.get(f"{slug}/papan", headers={"If-None-Match": mark, "Accept-Encoding": "gzip"})
    assert after.status_code == 200
    words = gzip.decompress(after.data).decode()
    assert "Rp47.850.000" in words
    assert "50% dari target" in words
    assert "Lapas IIA Pontianak" in words
    big = client.get(f"{slug}/layar").text
    assert "Rp47.850.000" in big
    assert 'http-equiv="refresh"' in big
    told = client.get(f"/api/v1/campaign-boards/bulan-karya-{clock.now().year}")
    assert told.get_json()["value_rupiah"] == 47_850_000
    again = client.get(told.request.path, headers={"If-None-Match": told.headers["ETag"]})
    assert again.status_code == 304
    for path in (f"{slug}x", f"{slug}x/layar", f"{slug}x/papan", "/api/v1/campaign-boards/x"):
        assert client.get(path).status_code == 404


def test_a_thousand_viewers_cost_the_database_three_statements_a_second(
    world: World, running: int, client: Any
) -> None:
    slug = f"/kampanye/bulan-karya-{clock.now().year}"
    for unit, value in ((LAPAS, 5_000), (RUTAN, 7_000)):
        sold(world, running, value, unit)
    database.db.release()
    board.forget()
    with counted_statements() as seen:
        mark = client.get(f"{slug}/papan").headers["ETag"]
        for _ in range(50):
            client.get(f"{slug}/papan", headers={"If-None-Match": mark})
    assert len(seen) <= 6, "\n".join(seen)  # a slow machine may see a second pass
    with counted_statements() as seen:
        assert client.get("/kampanye").status_code == 200
    assert len(seen) <= 4, "\n".join(seen)
    assert "UPT" in client.get(f"{slug}?upt=semua").text
    assert (
        "Joint campaigns" in client.get("/kampanye?lang=en").text
        or client.get("/kampanye?lang=en").status_code == 200
    )


def test_pages_ask_the_same_however_many_sales_there_are(
    world: World, running: int, officer: Callable[..., Visitor]
) -> None:
    sold(world, running, 1_000)
    counts: dict[str, list[int]] = {}
    viewers = {
        OPERATOR: officer(OPERATOR),
        "kadiv.kalbar": officer("kadiv.kalbar"),
        "admin.pusat": officer("admin.pusat"),
    }
    for more in (0, 12):
        for number in range(more):
            sold(world, running, 2_000 + number, (LAPAS, RUTAN)[number % 2])
        database.db.release()
        for name, viewer in viewers.items():
            for path in (f"/program/kampanye/{running}", "/program/kampanye"):
                board.forget()
                with counted_statements() as seen:
                    assert viewer.client.get(path).status_code == 200
                counts.setdefault(f"{name} {path}", []).append(len(seen))
    assert all(few == many for few, many in counts.values()), counts
    assert max(many for _, many in counts.values()) <= 18, counts


def test_a_kanwil_plans_invites_closes_and_reads_its_own(
    world: World, officer: Callable[..., Visitor], client: Any
) -> None:
    kadiv = officer("kadiv.kalbar")
    form = {"title": "Pekan Kalbar", "starts_on": "2024-03-01", "ends_on": "2024-02-01"}
    kadiv.get("/program/kampanye/baru")
    refused = kadiv.post("/program/kampanye/baru", form)
    assert refused.status_code == 422
    assert "Hari terakhir tidak boleh sebelum hari pertama" in refused.text
    today = clock.now().date()
    form |= {
        "starts_on": str(today - timedelta(days=2)),
        "ends_on": str(today),
        "target_rupiah": "Rp5.000.000",
    }
    made = kadiv.post("/program/kampanye/baru", form)
    address = made.headers["Location"]
    page = kadiv.get(address)
    assert "Umumkan" in page.text
    for name in ("kadiv.banten", OPERATOR):
        assert officer(name).client.get(address).status_code == 404
    kadiv.post(f"{address}/umumkan")
    page = kadiv.get(address)
    assert "Undang UPT" in page.text
    kadiv.post(f"{address}/undang", {"upt_id": [str(world.upt[LAPAS]), str(world.upt[RUTAN])]})
    assert "diundang" in kadiv.get(address).text
    operator = officer(OPERATOR)
    operator.get(address)
    joined = operator.post(f"{address}/ikut", {"pledge_rupiah": "banyak"})
    assert joined.status_code == 422
    assert operator.post(f"{address}/ikut", {"pledge_rupiah": "Rp1.000.000"}).status_code == 303
    sale = sold(world, int(address.rsplit("/", 1)[1]), 5_000)
    page = operator.get(f"{address}/penjualan/{sale}")
    assert "Koreksi" in page.text
    assert operator.post(f"{address}/penjualan/{sale}", {"quantity": "2", "version": "1"}).status_code == 422
    fixed = operator.post(
        f"{address}/penjualan/{sale}", {"quantity": "2", "version": "1", "reason": "Keliru ketik."}
    )
    assert fixed.status_code == 303
    assert "Keliru ketik." in operator.get(f"{address}/penjualan/{sale}").text
    csv = kadiv.client.get(f"{address}/ekspor.csv")
    assert "Miniatur kapal" in csv.text
    assert kadiv.client.get(f"{address}/ekspor.xlsx").data[:2] == b"PK"
    assert kadiv.post(f"{address}/tutup").status_code == 409  # today is its last day
    with Acting(world, "kadiv.kalbar") as by:
        closing.close(int(address.rsplit("/", 1)[1]), by=by, now=clock.now() + timedelta(days=2))
    late = operator.post(f"{address}/catat", {"product_name": "Kapal", "value_rupiah": "5000"})
    assert late.status_code == 409
    assert "sudah ditutup" in late.text
    page = kadiv.get(address)
    assert "Terbitkan laporan" in page.text
    assert kadiv.post(f"{address}/laporan").status_code == 303
    assert "sedang disusun dan ditandatangani" in kadiv.get(f"{address}/dokumen").text
    board.forget()
    assert "dibekukan" in client.get(f"/kampanye/pekan-kalbar-{today.year}").text


def test_programs_do_the_same(world: World, running: int, app: Any) -> None:
    def call(username: str, method: str, path: str, body: Any = None, **headers: str) -> Any:
        login = {"username": username, "password": PASSWORD, "provider": "db"}
        token = app.test_client().post("/api/v1/security/login", json=login).get_json()["access_token"]
        headers["Authorization"] = f"Bearer {token}"
        return app.test_client().open(f"/api/v1{path}", method=method, json=body, headers=headers)

    sale = {"product_name": "Kapal", "value_rupiah": 47_850_000}
    made = call(OPERATOR, "POST", f"/campaigns/{running}/sales", sale, **{"Idempotency-Key": "a"})
    again = call(OPERATOR, "POST", f"/campaigns/{running}/sales", sale, **{"Idempotency-Key": "a"})
    assert (made.status_code, again.headers["Idempotency-Replayed"]) == (201, "true")
    number = made.get_json()["id"]
    told = call("kadiv.kalbar", "GET", f"/campaigns/{running}").get_json()
    assert (told["value_rupiah"], told["phase"]) == (47_850_000, "running")
    assert (
        call(OPERATOR, "GET", f"/campaigns/{running}/sales").get_json()["items"][0]["upt"]
        == "Lapas IIA Pontianak"
    )
    fixed = call(
        OPERATOR, "PATCH", f"/campaigns/{running}/sales/{number}", {"quantity": 3, "reason": "Keliru ketik."}
    )
    assert (fixed.status_code, fixed.get_json()["version"]) == (200, 2)
    assert len(call(OPERATOR, "GET", f"/campaigns/{running}/sales/{number}").get_json()["history"]) == 2
    assert call("kadiv.banten", "GET", f"/campaigns/{running}/sales/{number}").status_code == 404
    for bad in (
        {"quantity": "x"},
        {"value_rupiah": []},
        {"product_id": {}},
        {"sold_on": 5},
        {"upt_id": "x"},
        {"upt_id": -1},
    ):
        refused = call(OPERATOR, "POST", f"/campaigns/{running}/sales", {**sale, **bad})
        assert refused.status_code == 422, (bad, refused.get_json())
    for path in ("/campaigns?cursor=xx", "/campaigns?limit=0", f"/campaigns/{running}/sales?cursor=W10"):
        assert call("kadiv.kalbar", "GET", path).status_code == 422
    assert (
        call("kadiv.kalbar", "POST", f"/campaigns/{running}/invitations", {"upt_ids": ["x"]}).status_code
        == 422
    )
    assert call("kadiv.kalbar", "POST", f"/campaigns/{running}/close").status_code == 403
    assert call("kadiv.kalbar", "GET", f"/campaigns/{running}/figures").status_code == 404
    assert call("dirjen", "GET", f"/campaigns/{running}").status_code == 200
    assert (
        call(
            OPERATOR, "POST", "/labels", {"size": "small", "lines": [{"product_id": "x", "count": []}]}
        ).status_code
        == 422
    )
    assert call(OPERATOR, "POST", "/labels", {"size": "small", "lines": 5}).status_code == 422
    design = call("admin.kalbar", "PATCH", "/labels/design", {"ink": "white", "ground": "kunyit"})
    assert design.status_code == 422
    assert "kontras" in design.get_json()["errors"]["ink"].lower()
    assert call("admin.kalbar", "PATCH", "/labels/design", {"ground": "soga"}).get_json()["ground"] == "soga"


def test_labels_are_asked_and_designed_on_pages(world: World, officer: Callable[..., Visitor]) -> None:
    operator = officer(OPERATOR)
    assert "Belum ada produk yang terbit" in operator.get("/label").text
    assert operator.post("/label", {"size": "small"}).status_code == 422
    admin = officer("admin.kalbar")
    admin.get("/label/desain")
    form = {"ink": "kunyit", "ground": "kunyit", "motif": "parang", "line": "Karya <Kalbar>", "version": "0"}
    refused = admin.post("/label/desain", form)
    assert refused.status_code == 422
    assert "kontras" in refused.text.lower()
    assert "Karya &lt;Kalbar&gt;" in refused.text
    form |= {"ink": "white", "ground": "daun", "logo": (io.BytesIO(b"no picture"), "logo.png")}
    assert admin.post("/label/desain", form, content_type="multipart/form-data").status_code in (415, 422)
    form["logo"] = (io.BytesIO(picture("PNG", (400, 300))), "logo.png")
    assert admin.post("/label/desain", form, content_type="multipart/form-data").status_code == 303
    page = admin.get("/label/desain").text
    assert 'fill="#155a38"' in page
    assert admin.client.get("/label/desain/logo").mimetype == "image/webp"
