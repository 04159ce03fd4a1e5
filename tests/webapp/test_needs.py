"""The needs board as officers and programs see it."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from openpyxl import load_workbook

from tenants.clock import now
from tests.catalogue.market import NEED, A, B, C, Market
from tests.catalogue.test_api import Program
from tests.catalogue.test_inspection_pages import Browser
from tests.support.statements import counted_statements
from tests.support.worlds import World

SOON = (now() + timedelta(days=60)).date().isoformat()
FORM = {**NEED, "needed_by": SOON}
OFFERED = {"quantity": "60", "price_rupiah": "95.000", "deliver_on": SOON, "message": "Dijahit rapi."}


class Caller(Program):
    """A program that uses every method."""

    def send(self, method: str, path: str, json: Any = None, *, key: str | None = None) -> Any:
        headers = {**self.headers, **({"Idempotency-Key": key} if key else {})}
        return self.client.open(path, method=method, json=json, headers=headers)


@pytest.fixture
def market(world: World) -> Market:
    return Market(world)


@pytest.fixture
def browser_of(sign_in: Callable[..., Any]) -> Callable[[str], Browser]:
    return lambda username: Browser(sign_in(username))


def _posted(browser: Browser, **changes: Any) -> str:
    answer = browser.post("/kebutuhan/baru", key="a", **{**FORM, **changes})
    assert answer.status_code == 303, answer.text[:2000]
    return str(answer.headers["Location"])


def test_a_need_is_offered_to_accepted_and_tied_to_its_purchase_in_the_browser(
    market: Market, browser_of: Callable[[str], Browser]
) -> None:
    buyer, near, far = (browser_of(f"operator.{unit}") for unit in (A, B, C))
    assert "Belum ada kebutuhan di sini" in buyer.get("/kebutuhan").text
    refused = buyer.post("/kebutuhan/baru", **{**FORM, "quantity": "banyak", "title": "x"})
    assert refused.status_code == 422
    for words in ('value="banyak"', "Sedikitnya 3 huruf.", "ukuran M dan L"):
        assert words in refused.text
    page = _posted(buyer)
    assert _posted(buyer) == page  # a double click
    number = page.rsplit("/", 1)[1]
    assert "Belum ada produk terbit yang cocok" in buyer.get(page).text

    read = near.get(page).text
    assert "Rp120.000" in read
    assert "ukuran M dan L" in read
    wrong = near.post(f"{page}/tawar", **{**OFFERED, "quantity": "500"})
    assert wrong.status_code == 422
    assert "Yang masih dicari 100." in wrong.text
    assert ">Dijahit rapi.</textarea>" in wrong.text
    assert near.post(f"{page}/tawar", **OFFERED, key="b").status_code == 303
    assert near.post(f"{page}/tawar", **OFFERED, key="b").status_code == 303
    board = far.get("/kebutuhan?tab=nasional").text
    assert "Seragam kerja warga binaan" in board
    assert "Rp120.000" not in board
    [national] = set(re.findall(r"/kebutuhan/nasional/\d+", board))
    read = far.get(national).text
    assert "ukuran M dan L" not in read
    assert "Rp120.000" not in read
    sent = far.post(f"{national}/tawar", **{**OFFERED, "quantity": "50", "partial": "yes"})
    assert sent.status_code == 303
    offer = str(sent.headers["Location"])
    market.carry(now())

    read = buyer.get(page).text
    first, second = sorted(map(int, set(re.findall(r"/kebutuhan/masuk/(\d+)/terima", read))))
    assert "sekitar 747 km" in read
    assert "2 penawaran menunggu" in buyer.get("/kebutuhan?tab=kami").text
    assert re.search(r'class="count">2<', buyer.get("/beranda").text)  # in the rail
    wrong = buyer.post(f"/kebutuhan/masuk/{second}/terima", quantity="70")
    assert wrong.status_code == 422
    assert "Paling banyak 50" in wrong.text
    for incoming in (first, first, second):
        assert buyer.post(f"/kebutuhan/masuk/{incoming}/terima").status_code == 303
    market.carry(now())
    assert "Disepakati" in buyer.get(page).text
    assert "tidak ada lagi yang dicari" in near.get(page).text
    assert "sudah ditutup" in far.get(national).text

    read = far.get(offer).text
    assert "Belum ada paket" not in read
    wrong = far.post(f"{offer}/paket", package_id="!")
    assert wrong.status_code == 422
    assert 'value="!"' in wrong.text
    market.sell(C, "EKAT-5", quantity=40, now=now(), purchased_on=now().date().isoformat())
    assert "Ini paketnya" in far.get(offer).text
    assert far.post(f"{offer}/paket", package_id="EKAT-5").status_code == 303
    wrong = far.post(f"{offer}/kontak", name="Budi", phone="", email="")
    assert wrong.status_code == 422
    assert "Tulis nomor telepon atau alamat surel." in wrong.text
    contact = {"name": "Budi", "phone": "0812 3456 7890", "email": ""}
    assert far.post(f"{offer}/kontak", **contact).status_code == 303
    market.carry(now())
    read = buyer.get(page).text
    assert "EKAT-5" in read
    assert "bersedia berbagi kontak" in read
    assert "3456" not in read
    assert "memenuhi kesepakatan dengan Lapas IIA Pontianak" in far.get("/pembelian/1").text
    mine = {"name": "Siti", "phone": "", "email": "siti@contoh.go.id"}
    assert buyer.post(f"/kebutuhan/masuk/{second}/kontak", **mine).status_code == 303
    assert buyer.post(f"/kebutuhan/masuk/{first}/paket", package_id="EKAT-6").status_code == 303
    market.carry(now())
    assert "0812 3456 7890" in buyer.get(page).text
    assert "siti@contoh.go.id" in far.get(offer).text
    assert "EKAT-6" in near.get("/kebutuhan/penawaran/1").text
    assert buyer.post(f"/kebutuhan/masuk/{second}/batalkan", reason="x").status_code == 409
    wrong = buyer.post(f"/kebutuhan/masuk/{first}/batalkan", reason=" ")
    assert wrong.status_code == 422
    assert buyer.post(f"/kebutuhan/masuk/{first}/batalkan", reason="Tidak jadi").status_code == 303
    assert buyer.get(f"/kebutuhan/{number}/ubah").status_code == 200  # it is sought again
    assert "Kesepakatan dibatalkan" in buyer.get(page).text


def test_the_kanwil_looks_on_and_the_centre_counts(
    market: Market, browser_of: Callable[[str], Browser], client: Any
) -> None:
    need, offer, one = market.agreed(C)
    kadiv, centre, other = (browser_of(name) for name in ("kadiv.kalbar", "admin.pusat", "kadiv.banten"))
    read = kadiv.get(f"/kebutuhan/{need.id}").text
    assert "Dijahit di bengkel kami." in read
    assert "Batalkan kesepakatan" not in read
    assert "Bagikan kontak" not in read
    for path in ("/kebutuhan/baru", "/kebutuhan?tab=kami"):
        assert kadiv.get(path).status_code == (403 if "baru" in path else 200)
    assert kadiv.post(f"/kebutuhan/masuk/{one.id}/terima").status_code == 403
    assert other.get(f"/kebutuhan/{need.id}").status_code == 404
    assert other.get(f"/kebutuhan/penawaran/{offer.id}").status_code == 200
    overview = kadiv.get("/kebutuhan/ikhtisar?tahun=2024").text
    assert "Lapas IIA Pontianak" in overview
    nation = centre.get("/kebutuhan-nasional?tahun=2024").text
    assert "Kanwil Kalimantan Barat" in nation
    assert "Seragam" not in nation
    assert centre.get("/kebutuhan").status_code == 403
    assert "Belum ada kebutuhan pada tahun ini" in centre.get("/kebutuhan-nasional?tahun=2020").text
    for path, first in (
        ("/kebutuhan/ekspor.xlsx?keadaan=semua", "Seragam kerja warga binaan"),
        ("/kebutuhan/ikhtisar.xlsx?tahun=2024", 1),
    ):
        book = load_workbook(io.BytesIO(kadiv.get(path).data))
        assert book.active is not None
        assert [row[1] for row in book.active.iter_rows(min_row=2, values_only=True)] == [first]
    assert "Kanwil Banten,0,0,0,0,0,1,1" in centre.get("/kebutuhan-nasional.csv?tahun=2024").text
    seller = browser_of(f"operator.{C}")
    assert "60" in seller.get("/kebutuhan/ekspor.csv?tab=penawaran").text
    assert seller.get("/kebutuhan/ekspor.pdf").status_code == 422
    assert "Seragam" not in seller.get("/kebutuhan?tab=nasional&q=sabun").text
    assert client.get("/kebutuhan").status_code == 302
    assert "seragam kerja warga binaan" not in client.get("/katalog?q=seragam").text.lower()


def test_lists_are_narrowed_paged_and_cost_no_more_for_more(
    market: Market, browser_of: Callable[[str], Browser]
) -> None:
    market.shelve(B, "Seragam kerja biru")
    needs = [market.post(title=f"Seragam nomor {n}", needed_by="2025-05-01") for n in range(3)]
    buyer, seller = browser_of(f"operator.{A}"), browser_of(f"operator.{B}")
    pages = ("/kebutuhan", "/kebutuhan?tab=nasional", "/kebutuhan?tab=kami", "/kebutuhan?tab=penawaran")
    for path in (*pages, f"/kebutuhan/{needs[0].id}"):
        buyer.get(path)
        seller.get(path)
    before = {path: _cost(buyer, path) for path in pages}
    for n in range(30):
        need = market.post(title=f"Seragam bordir {n}", needed_by="2025-05-02")
        if n < 4:
            market.offer(B, need)
    after = {path: _cost(buyer, path) for path in pages}
    assert after == before
    assert max(after.values()) <= 12
    assert _cost(buyer, f"/kebutuhan/{need.id}") <= 16
    first = buyer.get("/kebutuhan").text
    assert "Seragam nomor 0" in first  # by its day
    [following] = re.findall(r'rel="next" href="([^"]+)"', first)
    second = buyer.get(following.replace("&amp;", "&")).text
    assert "Seragam bordir 29" in second
    assert "Seragam nomor 0" not in second
    assert "cocok dengan produk Anda" in seller.get("/kebutuhan").text
    assert "Seragam bordir 3<" in buyer.get("/kebutuhan?q=berseragam+bordir+3").text
    assert "Tidak ada yang cocok" in buyer.get("/kebutuhan?q=mebel").text
    assert "Tidak ada yang cocok" in buyer.get("/kebutuhan?kategori=culinary").text
    for path in ("/kebutuhan?cursor=x", "/kebutuhan?tab=nasional&cursor=2024-99-01.3"):
        assert buyer.get(path).status_code == 422


def _cost(browser: Browser, path: str) -> int:
    with counted_statements() as seen:
        assert browser.get(path).status_code == 200
    return len(seen)


def test_programs_do_the_same(market: Market, app: Any) -> None:
    buyer, seller, kadiv, centre = (
        Caller(app, name) for name in (f"operator.{A}", f"kepala.{C}", "kadiv.kalbar", "admin.pusat")
    )
    body = {**FORM, "quantity": 100, "ceiling_rupiah": 120_000}
    made = buyer.send("POST", "/api/v1/needs", body, key="n")
    assert made.status_code == 201, made.text
    assert buyer.send("POST", "/api/v1/needs", body, key="n").json["id"] == made.json["id"]
    assert buyer.send("POST", "/api/v1/needs", {**body, "quantity": 1}, key="n").status_code == 409
    need = made.json["id"]
    assert set(buyer.send("POST", "/api/v1/needs", {"title": 5}).json["errors"]) >= {"title", "quantity"}
    changed = buyer.send("PATCH", f"/api/v1/needs/{need}", {"quantity": 80, "version": 1})
    assert (changed.json["quantity"], changed.json["note"]) == (80, NEED["note"])
    assert buyer.send("PATCH", f"/api/v1/needs/{need}", {"version": "x"}).status_code == 422
    assert buyer.send("GET", f"/api/v1/needs/{need}/proposals").json == {"own_kanwil": [], "others": []}
    [row] = seller.send("GET", "/api/v1/national-needs?q=seragam").json["items"]
    assert set(row) == {
        *("id", "title", "category", "group", "quantity", "unit", "needed_by", "upt", "kanwil", "state"),
        *("distance_km", "fits"),
    }
    offers = f"/api/v1/national-needs/{row['id']}/offers"
    given = {"quantity": 80, "price_rupiah": 95_000, "deliver_on": SOON, "partial": True}
    offer = seller.send("POST", offers, given, key="o")
    assert offer.status_code == 201, offer.text
    market.carry(now())
    [arrived] = buyer.send("GET", f"/api/v1/needs/{need}").json["offers"]
    assert arrived["from"]["upt"] == "Lapas I Tangerang"
    at = f"/api/v1/incoming-offers/{arrived['id']}"
    assert buyer.send("POST", f"{at}/accept", {"quantity": 50}, key="a").json["agreed_quantity"] == 50
    assert buyer.send("POST", f"{at}/accept", {"quantity": 50}, key="a").json["state"] == "agreed"
    assert seller.send("POST", f"{at}/decline", {}).status_code == 404
    assert buyer.send("POST", f"{at}/decline", {}).status_code == 409
    market.carry(now())
    own = f"/api/v1/need-offers/{offer.json['id']}"
    assert seller.send("GET", own).json["agreed_quantity"] == 50
    assert seller.send("POST", f"{own}/withdraw", {}).status_code == 409
    contact = {"name": "Budi", "email": "budi@contoh.go.id"}
    assert seller.send("POST", f"{own}/contact", contact).json["contact"]["shared"] is True
    assert seller.send("DELETE", f"{own}/contact").json["contact"]["shared"] is False
    assert buyer.send("POST", f"{at}/contact", contact, key="c").json["contact"]["shared"] is True
    assert buyer.send("DELETE", f"{at}/contact").status_code == 200
    assert seller.send("POST", f"{own}/packages", {"package_id": "EKAT-1"}).status_code == 200
    assert seller.send("POST", f"{own}/packages", {"package_id": 5}).status_code == 422
    assert seller.send("DELETE", f"{own}/packages?package_id=EKAT-1").json["packages"] == []
    assert buyer.send("POST", f"{at}/packages", {"package_id": "EKAT-2"}).json["packages"]
    assert buyer.send("POST", f"{at}/cancel", {"reason": ["x"]}).status_code == 422
    assert buyer.send("POST", f"{at}/cancel", {"reason": "Tidak jadi"}, key="x").json["state"] == "cancelled"
    assert (
        buyer.send("POST", f"/api/v1/needs/{need}/withdraw", {"reason": "Cukup"}).json["state"] == "withdrawn"
    )
    assert buyer.send("POST", f"/api/v1/needs/{need}/invitations", {"product": "x"}).status_code == 409
    counts = kadiv.send("GET", "/api/v1/needs/counts").json["items"]
    assert [(one["name"], one["posted"]) for one in counts] == [("Lapas IIA Pontianak", 1)]
    assert len(centre.send("GET", "/api/v1/national-needs/counts").json["items"]) == 2
    assert kadiv.send("POST", "/api/v1/needs", body).status_code == 403
    assert seller.send("GET", f"/api/v1/needs/{need}").status_code == 404
    listed = seller.send("GET", "/api/v1/need-offers?state=cancelled").json
    assert (listed["items"], listed["next_cursor"]) == ([], None)  # the letter is on its way
    for path in ("/api/v1/needs?state=x", "/api/v1/needs?upt=x", "/api/v1/needs/counts?year=x"):
        assert kadiv.send("GET", path).status_code == 422, path
