"""Pengawasan as officers, UPT and programs see it."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from openpyxl import load_workbook

from catalogue.models import Product
from tenants import settings
from tenants.clock import now
from tenants.database import session
from tenants.scope import entered
from tests.catalogue.test_api import Program
from tests.catalogue.test_pages import OPERATOR, Desk
from tests.support.statements import counted_statements
from tests.support.worlds import World
from workflows.calendars import calendar_of

INSPECTOR = "pemantau.kalbar"


class Browser:
    """An officer's browser: it follows nothing, and sends the form's token along."""

    def __init__(self, client: Any) -> None:
        self.client = client

    def get(self, path: str) -> Any:
        return self.client.get(path)

    def post(self, path: str, **data: Any) -> Any:
        page = self.client.get("/beranda").get_data(as_text=True)
        token = re.search(r'name="csrf-token" content="([^"]+)"', page)
        return self.client.post(path, data={"csrf_token": token.group(1) if token else "", **data})


@pytest.fixture
def desk(world: World) -> Desk:
    return Desk(world)


@pytest.fixture
def product(desk: Desk) -> Product:
    return desk.published()


@pytest.fixture
def browser_of(sign_in: Callable[..., Any]) -> Callable[[str], Browser]:
    return lambda username: Browser(sign_in(username))


def _working_day(world: World, ahead: int = 20) -> str:
    with entered(world.scope(INSPECTOR)):
        calendar = calendar_of(session())
    day = now().date() + timedelta(days=ahead)
    while not calendar.works_on(day):
        day += timedelta(days=1)
    return day.isoformat()


def _opened(browser: Browser, product: Product) -> str:
    answer = browser.post(f"/pengawasan/produk/{product.id}", source="", text="", received_on="", key="a")
    assert answer.status_code == 303
    return str(answer.headers["Location"])


def test_an_inspection_goes_its_way_in_the_browser(
    world: World, product: Product, browser_of: Callable[[str], Browser]
) -> None:
    inspector = browser_of(INSPECTOR)
    managed = inspector.get(f"/produk/kelola/{product.id}").text
    assert "Periksa sekarang …" in managed
    bad = inspector.post(
        f"/pengawasan/produk/{product.id}", source="Pembeli", text="", received_on="2024-03-01"
    )
    assert bad.status_code == 422
    assert "Tulis isi pengaduannya." in bad.text
    assert 'value="Pembeli"' in bad.text
    page = _opened(inspector, product)
    assert _opened(inspector, product) == page  # a double click
    assert "Daftar periksa" in inspector.get(page).text
    kept = inspector.post(page, outcome="save", **{"checklist.quality_kept": "yes"})
    assert kept.status_code == 303
    refused = inspector.post(
        page, outcome="nothing", **{"checklist.price_right": "no", "checklist.price_met": "x"}
    )
    assert refused.status_code == 422
    for words in ("Dijawab tidak: catat temuannya, atau tangguhkan.", "Belum dijawab.", 'value="x"'):
        assert words in refused.text
    form = {"finding_field": ["stock", "price_rupiah"], "finding_text": ["Stok habis.", ""]}
    refused = inspector.post(page, outcome="correct", correct_by="2024-01-01", **form)
    assert refused.status_code == 422
    assert "Harus sesudah" in refused.text
    assert 'value="Stok habis."' in refused.text
    assert inspector.post(page, outcome="suspend", reason=" ").status_code == 422
    until = _working_day(world)
    done = inspector.post(page, outcome="correct", correct_by=until, key="b", **form)
    assert done.status_code == 303
    assert inspector.post(page, outcome="correct", correct_by=until, key="b", **form).status_code == 303

    operator = browser_of(OPERATOR)
    for path in (
        "/beranda",
        "/produk-saya",
        f"/produk-saya/{product.id}",
        f"/produk-saya/{product.id}/pratinjau",
    ):
        assert "emuan" in operator.get(path).text, path
    [finding] = re.findall(r"/produk-saya/temuan/(\d+)", operator.get(f"/produk-saya/{product.id}").text)
    empty = operator.post(f"/produk-saya/temuan/{finding}", answer=" ")
    assert empty.status_code == 422
    assert "Tulis apa yang sudah atau akan diperbaiki." in empty.text
    assert operator.post(f"/produk-saya/temuan/{finding}", answer="Stok <b>ditambah</b>.").status_code == 303
    read = inspector.get(page).text
    assert "Stok &lt;b&gt;ditambah&lt;/b&gt;." in read
    late = inspector.post(f"/pengawasan/temuan/{finding}/perpanjang", until="2024-01-01", reason="Bahan")
    assert late.status_code == 422
    assert "Harus sesudah" in late.text
    assert ">Bahan</textarea>" in late.text
    assert inspector.post(f"/pengawasan/temuan/{finding}/selesai").status_code == 303
    assert inspector.post(f"/pengawasan/temuan/{finding}/selesai").status_code == 303
    assert product.name in inspector.get("/pengawasan?tab=done").text
    assert "Temuan pengawasan" not in operator.get(f"/produk-saya/{product.id}").text


def test_suspending_from_an_inspection_shows_on_the_public_page(
    product: Product, browser_of: Callable[[str], Browser], client: Any
) -> None:
    inspector = browser_of(INSPECTOR)
    page = _opened(inspector, product)
    assert inspector.post(page, outcome="suspend", reason="Sol lepas.", key="c").status_code == 303
    gone = client.get(f"/produk/{product.slug}")
    assert gone.status_code == 404
    assert "sedang ditangguhkan" in gone.text
    assert "Sol lepas." not in gone.text  # why is the offices' own
    pengendali = browser_of("pengendali.kalbar")
    control = f"/produk/kelola/{product.id}"
    long = "x" * 2001
    refused = pengendali.post(f"{control}/pulihkan", reason=long)
    assert refused.status_code == 422
    assert long in refused.text  # what was typed is kept
    assert pengendali.post(f"{control}/pulihkan", reason="Sudah baik").status_code == 303
    assert pengendali.post(f"{control}/tarik", reason="Tidak dibuat lagi", key="w").status_code == 303
    assert pengendali.post(f"{control}/tarik", reason="Tidak dibuat lagi", key="w").status_code == 303
    gone = client.get(f"/produk/{product.slug}")
    assert gone.status_code == 410
    assert "Tidak dibuat lagi" in gone.text
    assert "Pulihkan …" not in pengendali.get(control).text
    assert pengendali.post(f"{control}/pulihkan", reason="Kembali").status_code == 409


def test_each_role_sees_what_is_its_own(product: Product, browser_of: Callable[[str], Browser]) -> None:
    page = _opened(browser_of(INSPECTOR), product)
    for username, shown, entry in (
        ("pembina.kalbar", 200, True),
        ("pengendali.kalbar", 200, True),
        ("kadiv.kalbar", 200, False),
        ("pembina.banten", 404, True),
        ("admin.kalbar", 403, False),
        (OPERATOR, 403, False),
    ):
        browser = browser_of(username)
        assert browser.get(page).status_code == shown, username
        rail = browser.get("/beranda").text.split('class="rail__me"')[0]
        assert ('href="/pengawasan"' in rail) == entry, username
        assert rail.count('class="rail__link"') <= 7


def test_lists_are_exported_as_they_are_seen(product: Product, browser_of: Callable[[str], Browser]) -> None:
    inspector = browser_of(INSPECTOR)
    assert "Tidak ada yang perlu diperiksa" in inspector.get("/pengawasan").text
    _opened(inspector, product)
    assert product.name in inspector.get("/pengawasan?kategori=craft").text
    assert "Tidak ada yang cocok" in inspector.get("/pengawasan?kategori=art").text
    assert inspector.get("/pengawasan?tab=apa&upt=x").status_code == 200
    lines = inspector.get("/pengawasan/ekspor.csv?tab=due").text.splitlines()
    assert len(lines) == 2
    assert product.name in lines[1]
    assert len(inspector.get("/pengawasan/ekspor.csv?tab=due&kategori=art").text.splitlines()) == 1
    book = load_workbook(io.BytesIO(inspector.get("/pengawasan/ekspor.xlsx").data))
    assert book.active["B2"].value == product.name


def test_pages_stay_within_twelve_statements(product: Product, browser_of: Callable[[str], Browser]) -> None:
    inspector, operator = browser_of(INSPECTOR), browser_of(OPERATOR)
    page = _opened(inspector, product)
    for browser, path in (
        (inspector, "/pengawasan"),
        (inspector, "/pengawasan?tab=done"),
        (inspector, page),
        (inspector, "/kotak-masuk"),
        (inspector, "/beranda"),
        (inspector, f"/produk/kelola/{product.id}"),
        (operator, "/produk-saya"),
        (operator, f"/produk-saya/{product.id}"),
    ):
        browser.get(path)
        with counted_statements() as seen:
            assert browser.get(path).status_code == 200
        counted = [one for one in seen if "set_config" not in one]
        assert len(counted) <= 12, f"{path}: {len(counted)}\n" + "\n".join(one[:110] for one in counted)


def test_an_inspection_goes_its_way_by_the_api(app: Any, world: World, product: Product) -> None:
    inspector, operator = Program(app, INSPECTOR), Program(app, OPERATOR)
    said = {"complaint": {"source": "Pembeli", "text": "Putus.", "received_on": "2024-03-01"}}
    made = inspector.post(f"/products/{product.id}/inspections", said, key="i1")
    assert made.status_code == 201
    assert inspector.post(f"/products/{product.id}/inspections", said, key="i1").json["id"] == made.json["id"]
    address = f"/inspections/{made.json['id']}"
    assert made.headers["Location"] == f"/api/v1{address}"
    assert (made.json["state"], made.json["complaint"]["text"]) == ("due", "Putus.")
    assert {item["key"] for item in made.json["checklist"]} >= {"quality_kept", "price_right"}
    [row] = inspector.get("/inspections?state=due").json["items"]
    assert row["product"]["id"] == product.id
    for query in ("state=x", "upt=x", "category=x", "cursor=x", "limit=0"):
        assert inspector.get(f"/inspections?{query}").status_code == 422, query
    bad = inspector.post(f"{address}/result", {"outcome": "correct", "findings": "x", "correct_by": "besok"})
    assert bad.status_code == 422
    assert set(bad.json["errors"]) == {"findings", "correct_by"}
    asked = {
        "outcome": "correct",
        "correct_by": _working_day(world),
        "findings": [{"field": "stock", "text": "Stok habis."}],
    }
    done = inspector.post(f"{address}/result", asked, key="r1")
    assert (done.status_code, done.json["state"]) == (200, "waiting")
    assert inspector.post(f"{address}/result", asked, key="r1").json["state"] == "waiting"
    assert inspector.post(f"{address}/result", {"outcome": "nothing"}).status_code == 409
    [finding] = operator.get(f"/products/{product.id}").json["findings"]
    assert operator.get(address).status_code == 403
    own = f"/findings/{finding['id']}"
    assert operator.post(f"{own}/answer", {}).status_code == 422
    assert operator.post(f"{own}/answer", {"answer": "Ditambah."}, key="a").json["state"] == "answered"
    assert operator.post(f"{own}/settle").status_code == 403
    assert Program(app, "pembina.banten").post(f"{own}/settle").status_code == 404
    assert inspector.post(f"{own}/settle", key="s").json["state"] == "settled"
    assert inspector.get(address).json["state"] == "done"
    paths = app.test_client().get("/api/v1/_openapi").json["paths"]
    assert {"/api/v1/inspections", "/api/v1/findings/{finding_id}/answer"} <= set(paths)
    assert "/api/v1/products/{product_id}/inspections" in paths


def test_the_settings_ask_how_often(browser_of: Callable[[str], Browser], world: World) -> None:
    admin = browser_of("admin.kalbar")
    assert 'name="inspection_months"' in admin.get("/pengaturan").text
    form = {"address": "Jalan KS Tubun 26", "number_pattern": "W-{seq}", "price_band": "25"}
    refused = admin.post("/pengaturan", inspection_months="30", **form)
    assert refused.status_code == 422
    assert "Bulan, bilangan 1 sampai 24." in refused.text
    assert admin.post("/pengaturan", inspection_months="3", **form).status_code == 303
    with entered(world.scope("admin.kalbar")):
        assert settings.own().inspection_months == 3
