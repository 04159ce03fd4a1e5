"""What visitors and officers see of products: shelves, product pages, editor, controls."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import pytest

from catalogue import drafts, publication, queries, shop, submission
from catalogue.models import Product
from tenants.clock import now
from tenants.officers import Actor
from tenants.scope import entered
from tests.catalogue.conftest import CHECKLISTS, CONTENT, statements
from tests.catalogue.pictures import SVG, huge_png, picture
from tests.support.worlds import World
from workflows.decisions import Verdict, decide

OPERATOR = "operator.lapas-iia-pontianak"


class Desk:
    """The world's officers at work."""

    def __init__(self, world: World) -> None:
        self.world = world

    def by(self, username: str) -> Actor:
        return self.world.actor(username)

    def draft(self, **changes: Any) -> Product:
        by = self.by(OPERATOR)
        with entered(self.world.scope(OPERATOR)):
            product = drafts.create({**CONTENT, **changes}, by=by, now=now())
            drafts.add_photo(
                product.id, picture(colour=f"#{product.id * 99991 % 0xFFFFFF:06x}"), "a.jpg", by=by, now=now()
            )
            return product

    def submitted(self, **changes: Any) -> Product:
        product = self.draft(**changes)
        with entered(self.world.scope(OPERATOR)):
            submission.submit(product.id, by=self.by(OPERATOR), now=now())
        return product

    def decide(self, product: Product, role: str, outcome: str = "approve", **more: Any) -> None:
        username = f"{role}.kalbar"
        with entered(self.world.scope(username)):
            case_id = queries.one(product.id).case_id
            assert case_id is not None
            given = {"checklist": CHECKLISTS[role] if outcome == "approve" else {}, **more}
            decide(
                case_id, Verdict(outcome, **given), by=self.by(username), key=f"{role}-{outcome}", now=now()
            )

    def published(self, **changes: Any) -> Product:
        product = self.submitted(**changes)
        for role in ("pembina", "pemantau", "pengendali"):
            self.decide(product, role)
        shop.forget()
        return product


@pytest.fixture
def desk(world: World) -> Desk:
    shop.forget()
    return Desk(world)


@pytest.fixture
def operator(sign_in: Callable[..., Any], desk: Desk) -> Any:
    return _Form(sign_in(OPERATOR))


class _Form:
    """A browser that sends the page's token along."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self.token = ""

    def get(self, path: str, **more: Any) -> Any:
        answer = self.client.get(path, **more)
        found = (
            re.search(r'name="csrf_token" value="([^"]+)"', answer.text)
            if answer.mimetype == "text/html"
            else None
        )
        self.token = found.group(1) if found else self.token
        return answer

    def post(self, path: str, data: dict[str, Any] | None = None, **more: Any) -> Any:
        return self.client.post(path, data={"csrf_token": self.token, **(data or {})}, **more)


def test_the_shelves_are_public_fresh_and_without_cookie(desk: Desk, client: Any) -> None:
    product = desk.published(name="Tas <b>purun</b>")
    for path in ("/", "/katalog", "/katalog?q=purun", "/upt", "/upt?kanwil=kalbar", "/kampanye",
                 "/upt/lapas-iia-pontianak", "/kanwil/kalbar",
                 f"/produk/{product.slug}", "/katalog?lang=en"):  # fmt: skip
        with statements("public_engine") as seen, statements() as scoped:
            page = client.get(path)
        assert page.status_code == 200, path
        assert len(seen) <= 12, path
        assert scoped == [], path
        assert "Set-Cookie" not in page.headers
        assert page.headers["Cache-Control"] == "public, max-age=60, must-revalidate"
        again = client.get(path, headers={"If-None-Match": page.headers["ETag"]})
        assert again.status_code == 304, path
    assert "Tas &lt;b&gt;purun&lt;/b&gt;" in client.get("/katalog").text


def test_an_empty_shelf_says_why(desk: Desk, client: Any) -> None:
    assert "Rak masih kosong" in client.get("/").text
    assert "Tidak ada produk yang cocok" in client.get("/katalog?q=gitar").text
    assert client.get("/katalog?cursor=x&category=nix&price_from=abc").status_code == 200
    assert client.get("/produk/tidak-ada").status_code == 404
    assert client.get("/upt/tidak-ada").status_code == 404


def test_a_published_photo_is_for_all_and_for_good_an_unpublished_one_for_nobody(
    desk: Desk, client: Any
) -> None:
    product = desk.published()
    private = desk.draft()
    page = client.get(f"/produk/{product.slug}").text
    address = re.search(r"/foto/[0-9a-f]{64}\.webp", page)
    assert address is not None
    photo = client.get(address.group())
    assert (photo.status_code, photo.mimetype) == (200, "image/webp")
    assert photo.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "Set-Cookie" not in photo.headers
    assert client.get(f"/foto/{private.cover['sha256'] if private.cover else ''}.webp").status_code == 404
    assert client.get("/foto/../../etc/passwd.webp").status_code == 404
    assert client.get(f"/foto/{'0' * 64}.webp").status_code == 404


def test_a_withdrawn_product_is_gone_and_says_why(desk: Desk, client: Any) -> None:
    product = desk.published()
    with entered(desk.world.scope("pengendali.kalbar")):
        by = desk.by("pengendali.kalbar")
        publication.withdraw(product.id, reason="Bahan <habis>", by=by, now=now())
    page = client.get(f"/produk/{product.slug}")
    assert page.status_code == 410
    assert "ditarik" in page.text
    assert "Bahan &lt;habis&gt;" in page.text
    assert product.slug not in client.get("/katalog").text


def test_the_sitemap_names_what_is_on_the_shelf(desk: Desk, client: Any) -> None:
    product = desk.published()
    assert "sitemap-1.xml" in client.get("/sitemap.xml").text
    assert f"/produk/{product.slug}" in client.get("/sitemap-1.xml").text
    assert "/upt/lapas-iia-pontianak" in client.get("/sitemap-0.xml").text
    assert "Disallow: /produk-saya" in client.get("/robots.txt").text


def test_a_draft_is_begun_filled_and_submitted_without_script(operator: Any) -> None:
    operator.get("/produk-saya/baru")
    assert operator.post("/produk-saya/baru", {"name": " "}).status_code == 422
    begun = operator.post("/produk-saya/baru", {"name": "Tas anyaman purun"})
    assert begun.status_code == 303
    address = begun.location
    sent = operator.post(address, {"action": "submit", "price_rupiah": "mahal", "description": "Pendek"})
    assert (sent.status_code, sent.location) == (303, f"{address}?periksa=1")
    refused = operator.get(sent.location)  # a page of its own: reloading it sends nothing again
    for words in ("Tulis harga dalam rupiah bulat", 'value="mahal"', "Terlalu pendek", "sedikitnya satu foto",
                  "sedikitnya dua harga pembanding"):  # fmt: skip
        assert words in refused.text, words
    more = operator.get(
        operator.post(address, {"action": "add_evidence", "price_rupiah": "Rp95.000"}).location
    )
    assert more.text.count('name="evidence_source"') == 2  # a new row, and the one of the template
    files = [(io.BytesIO(SVG), "palsu.jpg"), (io.BytesIO(picture()), "tas.jpg")]
    mixed = operator.get(operator.post(address, {"action": "save", "photo": files}).location)
    assert "palsu.jpg" in mixed.text
    assert mixed.text.count('<figure class="photo">') == 1
    done = operator.post(address, {"action": "submit", **_form()})
    assert (done.status_code, done.location) == (303, f"{address}/pratinjau")
    page = operator.get(done.location)
    assert "sedang diperiksa" in page.text
    assert "Revisi 1 sudah diajukan" in page.text
    assert operator.get(address).location == done.location
    assert operator.post(address, {"action": "submit"}).location == done.location


def test_the_editor_saves_by_itself_and_tells_of_another_window(operator: Any, desk: Desk) -> None:
    product = desk.draft()
    page = operator.get(f"/produk-saya/{product.id}")
    version = re.search(r'name="version" value="(\d+)"', page.text)
    assert version is not None
    save = f"/produk-saya/{product.id}/simpan"
    json = {"Accept": "application/json"}
    saved = operator.post(
        save, {"name": "Tas rotan", "stock": "banyak", "version": version.group(1)}, headers=json
    )
    assert saved.json["problems"] == {"stock": "Tulis bilangan bulat tanpa satuan, misalnya 120."}
    assert saved.json["complete"] < 100
    stale = operator.post(save, {"name": "Tas lain", "version": version.group(1)}, headers=json)
    assert stale.status_code == 409
    photo = operator.post(f"/produk-saya/{product.id}/foto", {"photo": (io.BytesIO(picture("PNG")), "b.png")})
    assert photo.status_code == 201
    assert '<figure class="photo">' in photo.text
    again = operator.post(
        save, {"name": "Tas rotan besar", "version": str(saved.json["version"])}, headers=json
    )
    assert again.status_code == 200  # a photo in between is no other window


def test_an_old_window_overwrites_nothing_unasked(operator: Any, desk: Desk) -> None:
    product = desk.draft()
    address = f"/produk-saya/{product.id}"
    old = _seen(operator.get(address).text)
    json = {"Accept": "application/json"}
    newer = operator.post(f"{address}/simpan", {**old, "description": "Uraian baru " * 5}, headers=json)
    assert newer.status_code == 200
    mine = {"description": "Uraian lama " * 5, "unit": "lembar"}
    asked = operator.post(address, {"action": "save", **old, **mine})
    assert asked.status_code == 409
    assert "isian ini sudah diubah di tempat lain" in asked.text
    assert asked.text.count('name="take.description"') == 2
    assert 'name="take.unit"' not in asked.text  # only this window changed it
    for words in ("Uraian baru", "Uraian lama", 'value="lembar"'):
        assert words in asked.text
    with entered(desk.world.scope(OPERATOR)):
        assert queries.product_view(product.id, now=now()).content["description"].startswith("Uraian baru")
    chosen = {**_seen(asked.text), **mine, "take.description": "stored"}
    assert operator.post(address, {"action": "save", **chosen}).status_code == 303
    with entered(desk.world.scope(OPERATOR)):
        kept = queries.product_view(product.id, now=now()).content
    assert (kept["description"][:11], kept["unit"]) == ("Uraian baru", "lembar")


def test_two_windows_on_different_fields_keep_both(operator: Any, desk: Desk) -> None:
    product = desk.draft()
    address, json = f"/produk-saya/{product.id}", {"Accept": "application/json"}
    old = _seen(operator.get(address).text)
    operator.post(f"{address}/simpan", {**old, "unit": "lembar"}, headers=json)
    other = operator.post(f"{address}/simpan", {**old, "size": "30 cm"}, headers=json)
    assert other.status_code == 200
    # Its page still shows the old unit: the whole form asks, though its version is the newest.
    whole = {"version": other.json["version"], "base": other.json["base"], "unit": "buah", "size": "30 cm"}
    asked = operator.post(address, {"action": "submit", **whole})
    assert asked.status_code == 409
    assert re.search(r'name="take\.unit" value="stored" checked', asked.text)
    refused = operator.post(f"{address}/simpan", {**old, "size": "40 cm"}, headers=json)
    assert (refused.status_code, "version" in refused.json) == (409, True)


def test_the_same_form_sent_twice_leads_to_the_submitted_product(operator: Any, desk: Desk) -> None:
    product = desk.draft()
    address = f"/produk-saya/{product.id}"
    form = {"action": "submit", **_seen(operator.get(address).text), **_form()}
    for _click in range(2):
        sent = operator.post(address, form)
        assert (sent.status_code, sent.location) == (303, f"{address}/pratinjau")
    desk.decide(product, "pembina", "return", comment="x", requests=[{"field": "name", "text": "y"}])
    unchanged = operator.post(address, form)
    assert (unchanged.status_code, unchanged.location) == (303, address)
    assert "Belum ada yang diubah" in operator.get(address).text


@pytest.mark.parametrize(
    ("data", "name", "status"),
    [
        (b"", "kosong.jpg", 422),
        (SVG, "a.jpg", 415),
        (b"<?php 1", "b.jpg", 415),
        (huge_png(30_000, 30_000), "c.png", 422),
        (b"\xff\xd8\xff" + bytes(9 * 1024 * 1024), "d.jpg", 413),
    ],
)
def test_each_bad_photo_is_refused_by_name(
    operator: Any, desk: Desk, data: bytes, name: str, status: int
) -> None:
    product = desk.draft()
    operator.get(f"/produk-saya/{product.id}")
    refused = operator.post(f"/produk-saya/{product.id}/foto", {"photo": (io.BytesIO(data), name)})
    assert refused.status_code == status
    assert refused.mimetype == "application/problem+json"
    assert name in refused.json["detail"]


def test_a_request_for_change_stands_at_its_field(operator: Any, desk: Desk) -> None:
    product = desk.submitted(price_rupiah=130_000)
    asked = [{"field": "price_rupiah", "text": "Di atas harga pasar."}]
    desk.decide(product, "pembina", "return", comment="Harga", requests=asked)
    page = operator.get(f"/produk-saya/{product.id}")
    assert "1 dari 1 permintaan belum dijawab" in page.text
    field = page.text[page.text.index('data-field="price_rupiah"') :][:1600]
    assert "Di atas harga pasar." in field
    answer = re.search(r'name="(answer\.[^"]+)"', field)
    assert answer is not None
    refused = operator.post(
        f"/produk-saya/{product.id}", {"action": "submit", "name": "Tas anyaman purun alam"}
    )
    assert "Ubah isian ini atau jawab permintaannya." in operator.get(refused.location).text
    done = operator.post(
        f"/produk-saya/{product.id}", {"action": "submit", "price_rupiah": "95.000", answer.group(1): "Ya."}
    )
    assert done.status_code == 303
    with entered(desk.world.scope(OPERATOR)):
        assert queries.one(product.id).revision == 2


def test_a_neighbour_and_another_kanwil_get_404(desk: Desk, sign_in: Callable[..., Any]) -> None:
    product = desk.draft()
    assert product.cover is not None
    for username in ("operator.rutan-iia-pontianak", "operator.lapas-i-tangerang"):
        other = _Form(sign_in(username))
        other.get("/produk-saya/baru")
        for path in ("", "/pratinjau"):
            assert other.get(f"/produk-saya/{product.id}{path}").status_code == 404
        for path in ("", "/simpan", "/batal"):
            assert other.post(f"/produk-saya/{product.id}{path}", {"name": "x"}).status_code == 404
        assert (
            other.post(
                f"/produk-saya/{product.id}/foto", {"photo": (io.BytesIO(picture()), "x.jpg")}
            ).status_code
            == 404
        )
        assert other.get(f"/foto-produk/{product.cover['photo_id']}/320.webp").status_code == 404
    for username, status in (("pembina.banten", 404), ("pembina.kalbar", 200)):
        reader = sign_in(username)
        assert reader.get(f"/produk/kelola/{product.id}").status_code == status
        assert reader.get(f"/foto-produk/{product.cover['photo_id']}/320.webp").status_code == status
        assert reader.get(f"/produk-saya/{product.id}").status_code == 403


def test_pengendali_controls_with_a_reason_others_only_read(desk: Desk, sign_in: Callable[..., Any]) -> None:
    product = desk.published()
    pengendali = _Form(sign_in("pengendali.kalbar"))
    assert "Tas anyaman purun" in pengendali.get("/produk?state=published").text
    page = pengendali.get(f"/produk/kelola/{product.id}")
    assert "Tangguhkan …" in page.text
    control = f"/produk/kelola/{product.id}"
    refused = pengendali.post(f"{control}/tangguhkan", {"reason": " "})
    assert refused.status_code == 422
    assert "Tulis alasannya" in refused.text
    assert pengendali.post(f"{control}/tangguhkan", {"reason": "Keluhan"}).status_code == 303
    assert "Keluhan" in pengendali.get(control).text
    assert pengendali.post(f"{control}/pulihkan", {"reason": "Sudah baik"}).status_code == 303
    listed = {"ekatalog_id": "EK-9", "ekatalog_url": "https://contoh.id/9", "registered_on": "2024-03-05"}
    assert (
        pengendali.post(f"{control}/e-katalog", {**listed, "ekatalog_url": "javascript:1"}).status_code == 422
    )
    assert pengendali.post(f"{control}/e-katalog", listed).status_code == 303
    pembina = _Form(sign_in("pembina.kalbar"))
    assert "Tangguhkan …" not in pembina.get(control).text
    assert pembina.post(f"{control}/tarik", {"reason": "x"}).status_code == 403


def test_officers_pages_stay_within_twelve_statements(
    operator: Any, desk: Desk, sign_in: Callable[..., Any]
) -> None:
    product = desk.submitted()
    desk.decide(product, "pembina", "return", comment="x", requests=[{"field": "name", "text": "y"}])
    kanwil = sign_in("pengendali.kalbar")
    for client, path in (
        (operator, "/produk-saya"),
        (operator, f"/produk-saya/{product.id}"),
        (operator, f"/produk-saya/{product.id}/pratinjau"),
        (kanwil, "/produk"),
        (kanwil, f"/produk/kelola/{product.id}"),
    ):
        client.get(path)
        with statements() as seen:
            assert client.get(path).status_code == 200
        counted = [one for one in seen if "set_config" not in one]
        assert len(counted) <= 12, f"{path}: " + "\n".join(one[:110] for one in counted)


def _form() -> dict[str, Any]:
    plain = {key: str(value) for key, value in CONTENT.items() if key != "price_evidence"}
    rows = CONTENT["price_evidence"]
    return {
        **plain,
        "evidence_source": [row["source"] for row in rows],
        "evidence_on": [row["observed_on"] for row in rows],
        "evidence_price": [str(row["price_rupiah"]) for row in rows],
        "maker_name": "",
        "maker_on": "",
    }


def _seen(page: str) -> dict[str, str]:
    """What the form says of the state that it shows."""
    found = {name: re.search(rf'name="{name}" value="([^"]+)"', page) for name in ("version", "base")}
    return {name: match.group(1) for name, match in found.items() if match}
