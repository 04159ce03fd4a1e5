"""The pages of webhooks and of product sheets, without JavaScript."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.catalogue.sheets import WHOLE, filled
from tests.support.statements import counted_statements

ADMIN, OPERATOR = "admin.kalbar", "operator.lapas-iia-pontianak"
HOOKS = "/pengaturan/webhook/"
ADDRESS = "https://93.184.215.14/karya"


@pytest.fixture
def plain(app: Any, sign_in: Callable[..., Any]) -> Callable[..., Any]:
    """`plain("admin.kalbar")` -> a signed-in browser; form tokens have tests of their own."""

    def enter(username: str) -> Any:
        client = sign_in(username)
        app.config["WTF_CSRF_ENABLED"] = False
        return client

    return enter


def _key(page: str) -> str:
    return re.findall(r'name="key" value="([^"]+)"', page)[0]


def test_a_webhook_is_registered_once_by_a_double_click_and_its_secret_is_shown(plain: Any) -> None:
    client = plain(ADMIN)
    assert "Belum ada webhook" in client.get(HOOKS).text
    form = {"address": ADDRESS, "events": ["case.submitted"], "key": _key(client.get(HOOKS + "baru").text)}
    pages = [client.post(HOOKS + "baru", data=form) for _ in range(2)]
    secrets = {re.findall(r"whsec_[\w-]+", page.text)[0] for page in pages}
    assert len(secrets) == 1
    assert all(page.headers["Cache-Control"] == "no-store" for page in pages)
    shown = client.get(HOOKS).text
    assert shown.count(f">{ADDRESS}</h2>") == 1
    assert not secrets & set(re.findall(r"whsec_[\w-]+", shown))


def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_stays(plain: Any) -> None:
    answer = plain(ADMIN).post(HOOKS + "baru", data={"address": "https://10.0.0.8/dalam"})
    assert answer.status_code == 422
    assert "mengarah ke jaringan dalam" in answer.text
    assert "Pilih sedikitnya satu peristiwa." in answer.text
    assert 'value="https://10.0.0.8/dalam"' in answer.text


def test_every_act_on_a_webhook_is_a_form_and_answers(plain: Any) -> None:
    client = plain(ADMIN)
    client.post(HOOKS + "baru", data={"address": ADDRESS, "events": ["case.submitted"]})
    page = client.get(HOOKS).text
    number = re.findall(r"/pengaturan/webhook/(\d+)/uji", page)[0]
    key = _key(page)
    for _ in range(2):
        client.post(f"{HOOKS}{number}/uji", data={"key": key})
    assert client.get(HOOKS).text.count("Pesan uji<br>") == 1
    rotated = [client.post(f"{HOOKS}{number}/rahasia", data={"key": key}) for _ in range(2)]
    assert len({re.findall(r"whsec_[\w-]+", one.text)[0] for one in rotated}) == 1
    assert client.post(f"{HOOKS}{number}/ulang").status_code == 303
    assert client.post(f"{HOOKS}{number}/matikan").status_code == 303
    assert "dimatikan" in client.get(HOOKS).text
    assert client.post(f"{HOOKS}{number}/nyalakan").status_code == 303
    assert client.get(f"{HOOKS}?keadaan=dead").status_code == 200
    assert client.post(f"{HOOKS}{number}/hapus").status_code == 303
    assert client.post(f"{HOOKS}{number}/hapus").status_code == 404
    assert "Belum ada webhook" in client.get(HOOKS).text


def test_the_page_of_webhooks_costs_the_same_for_one_and_for_five(plain: Any) -> None:
    client = plain(ADMIN)
    costs = []
    for more in (1, 4):
        for n in range(more):
            client.post(
                HOOKS + "baru", data={"address": f"{ADDRESS}/{more}-{n}", "events": ["case.submitted"]}
            )
        client.get(HOOKS)
        with counted_statements() as seen:
            client.get(HOOKS)
        costs.append(len(seen))
    assert costs[0] == costs[1] <= 12, costs


def test_a_sheet_is_previewed_chosen_and_imported(plain: Any) -> None:
    client = plain(OPERATOR)
    assert "/produk-saya/impor" in client.get("/produk-saya").text
    template = client.get("/produk-saya/impor/templat.xlsx")
    assert template.data.startswith(b"PK")
    file = filled(
        WHOLE, {**WHOLE, "stock": "banyak", "name": "<b>Rusak</b>"}, {**WHOLE, "name": "Kursi rotan"}
    )
    answer = client.post("/produk-saya/impor", data={"file": (io.BytesIO(file), "produk.xlsx")})
    assert answer.status_code == 303
    place = answer.headers["Location"]
    page = client.get(place).text
    assert re.findall(r'name="rows" value="(\d+)"', page) == ["3", "5"]
    assert "&lt;b&gt;Rusak&lt;/b&gt;" in page
    assert "Tulis bilangan bulat tanpa satuan" in page
    refused = client.post(place, data={})
    assert refused.status_code == 422
    assert "Pilih sedikitnya satu baris." in refused.text
    for _ in range(2):
        assert client.post(place, data={"rows": "5"}).status_code == 303
    page = client.get(place).text
    assert re.findall(r'name="rows" value="(\d+)"', page) == ["3"]
    assert page.count("sudah konsep") == 1
    assert "Kursi rotan" in client.get("/produk-saya").text
    with counted_statements() as seen:
        client.get(place)
    assert len(seen) <= 12, "\n".join(seen)


def test_a_file_that_is_no_template_is_answered_beside_the_field(plain: Any) -> None:
    client = plain(OPERATOR)
    for data, status, words in (
        (b"", 422, "kosong"),
        (b"nama;harga", 415, "templat"),
        (b"PK\x03\x04 rusak", 422, "rusak"),
    ):
        answer = client.post("/produk-saya/impor", data={"file": (io.BytesIO(data), "a.xlsx")})
        assert answer.status_code == status
        assert words in answer.text
    assert client.post("/produk-saya/impor", data={}).status_code == 422
