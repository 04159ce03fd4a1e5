"""Products in each state on the page, in its files and by the API."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import openpyxl

from tests.support.statements import counted_statements
from tests.support.worlds import World


def test_the_page_its_files_and_the_api_say_the_same(
    world: World, sign_in: Callable[..., Any], client: Any
) -> None:
    operator = "operator.lapas-iia-pontianak"
    login = {"password": world.password, "provider": "db"}

    def token(username: str) -> dict[str, str]:
        asked = client.post("/api/v1/security/login", json={**login, "username": username})
        return {"Authorization": f"Bearer {asked.json['access_token']}"}

    head = token(operator)
    for name, more in (("Tas purun", {"category": "craft", "group": "craft"}), ("Kursi", {})):
        assert client.post("/api/v1/products/", json={"name": name, **more}, headers=head).status_code == 201
    kadiv = sign_in("kadiv.kalbar")
    with counted_statements() as seen:
        page = kadiv.get("/laporan/produk").text
    assert len(seen) <= 10, "\n".join(seen)
    assert "Lapas IIA Pontianak" in page
    assert f'href="/produk?state=draft&amp;upt={world.upt["lapas-iia-pontianak"]}"' in page
    assert "Belum diisi" in page
    assert "Angka produk" in kadiv.get("/produk").text
    rows = list(csv.reader(io.StringIO(kadiv.get("/laporan/produk/category.csv").text.lstrip("\ufeff"))))
    assert [(row[0], row[1], row[-1]) for row in rows[1:]] == [
        ("Belum diisi", "1", "1"),
        ("Kriya", "1", "1"),
        ("Jumlah", "2", "2"),
    ]
    sheet = openpyxl.load_workbook(io.BytesIO(kadiv.get("/laporan/produk/upt.xlsx").data)).active
    assert sheet is not None
    assert [row[1] for row in sheet.iter_rows(min_row=2, values_only=True)] == [2, 2]
    assert kadiv.get("/laporan/produk/lain.csv").status_code == 404
    assert kadiv.get("/laporan/produk/upt.pdf").status_code == 422
    answer = client.get("/api/v1/products/figures/", headers=token("kadiv.kalbar")).json
    assert [(row["label"], row["total"]) for row in answer["by_upt"]] == [("Lapas IIA Pontianak", 2)]
    assert {row["category"]: row["states"]["draft"] for row in answer["by_category"]} == {None: 1, "craft": 1}
    assert client.get("/api/v1/products/figures/?upt=x", headers=head).status_code == 422
    assert client.get("/api/v1/products/figures/", headers=token("dirjen")).status_code == 403
    other = client.get("/api/v1/products/figures/", headers=token("kadiv.banten")).json
    assert other == {"by_upt": [], "by_category": [], "by_group": []}
    assert "Belum ada produk" in sign_in("kadiv.banten").get("/laporan/produk").text
    assert "Angka produk" in sign_in(operator).get("/laporan/produk").text
