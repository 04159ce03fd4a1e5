"""Explaining columns, learning names, choosing lines, undoing, settling, entering, correcting: by page and by API."""

from __future__ import annotations

import io
import json
import re
from typing import Any

import pytest
from sqlalchemy import select

from sales import national
from sales.columns import KEYS
from sales.models import Purchase
from tenants import clock
from tenants.database import session
from tenants.models import Upt
from tenants.scope import entered
from tests.sales.test_purchase_pages import (
    KADIV,
    OPERATOR,
    OTHER,
    ROW,
    bearer,
    bring_in,
    content,
    number_in,
    post_file,
    read_by_job,
    token,
    upload,
)
from tests.support.statements import counted_statements

STRANGE = (
    content({}, {"id_paket": "EP-2"}).replace(b"id_paket", b"Nomor Kontrak").replace(b"total", b"Seluruhnya")
)
EXPLAINED = {key: str(position) for position, key in enumerate(KEYS)}
TYPED = {
    "package_id": "TULIS-1",
    "product_name": "Tas anyaman",
    "buyer_unit": "Bagian Umum",
    "purchased_on": "5 Maret 2024",
    "quantity": "2",
    "unit_price_rupiah": "Rp95.000,00",
    "shipping_rupiah": "",
    "status": "Selesai",
}


@pytest.fixture
def kadiv(sign_in: Any) -> Any:
    return sign_in(KADIV)


def send(client: Any, address: str, form: dict[str, Any], page: str | None = None) -> Any:
    return client.post(address, data={"csrf_token": token(client, page or address), **form})


def text(client: Any, address: str) -> str:
    return str(client.get(address, follow_redirects=True).get_data(as_text=True))


def pontianak(world: Any) -> int:
    with entered(world.scope(KADIV)):
        return session().scalars(select(Upt.id).where(Upt.name == ROW["penyedia"])).one()


def test_a_strange_header_leads_to_the_columns_and_is_known_afterwards(kadiv: Any, world: Any) -> None:
    page = upload(kadiv, STRANGE).headers["Location"]
    columns = kadiv.get(page).headers["Location"]
    assert columns.endswith("/kolom")
    asked = text(kadiv, columns)
    assert "Kolom mana berisi apa?" in asked
    assert "Nomor Kontrak (misalnya EP-1)" in asked
    wrong = send(kadiv, columns, {**EXPLAINED, "total": EXPLAINED["status"]})
    assert wrong.status_code == 422
    assert "sudah dipakai untuk" in wrong.get_data(as_text=True)
    for _ in range(2):
        assert kadiv.post(columns, data={"csrf_token": token(kadiv), **EXPLAINED}).status_code == 303
    read_by_job(world, KADIV, number_in(page))
    assert "Impor 2 baris" in text(kadiv, page)
    assert "Nomor Kontrak" in text(kadiv, "/pembelian/impor")
    again = upload(kadiv, STRANGE.replace(b"EP-2", b"EP-3")).headers["Location"]
    assert "Membaca berkas" in text(kadiv, again)
    (forget,) = re.findall(r'action="(/pembelian/impor/kolom/\d+/lupakan)"', text(kadiv, "/pembelian/impor"))
    assert send(kadiv, forget, {}, "/pembelian/impor").status_code == 303
    assert "Kolom mana berisi apa?" in text(kadiv, upload(kadiv, STRANGE).headers["Location"])


def test_an_unknown_provider_is_learned_from_the_preview(kadiv: Any, world: Any) -> None:
    page = upload(kadiv, content({}, {"id_paket": "EP-2", "penyedia": "LP Ptk"})).headers["Location"]
    read_by_job(world, KADIV, number_in(page))
    assert "Penyedia yang belum dikenal" in text(kadiv, page)
    learned = {"name": "LP Ptk", "upt_id": pontianak(world)}
    assert send(kadiv, f"{page}/nama-lain", {**learned, "upt_id": ""}, page).status_code == 303
    assert "UPT ini tidak ada" in text(kadiv, page)
    for _ in range(2):
        assert (
            kadiv.post(f"{page}/nama-lain", data={"csrf_token": token(kadiv), **learned}).status_code == 303
        )
    assert "Membaca berkas" in text(kadiv, page)
    read_by_job(world, KADIV, number_in(page))
    seen = text(kadiv, page)
    assert "Impor 2 baris" in seen
    assert "Penyedia yang belum dikenal" not in seen


def test_lines_are_chosen_by_tick_and_by_number(kadiv: Any, world: Any) -> None:
    page = upload(kadiv, content(*({"id_paket": f"EP-{n}"} for n in range(6)))).headers["Location"]
    read_by_job(world, KADIV, number_in(page))
    listed = text(kadiv, f"{page}?level=good")
    assert [int(n) for n in re.findall(r'name="line" value="(\d+)"', listed)] == [2, 3, 4, 5, 6, 7]
    for form, says in (({}, "Belum ada baris"), ({"lines": "2 sampai 5"}, "bukan nomor baris")):
        refused = send(kadiv, f"{page}/terima", {"which": "chosen", **form}, page)
        assert refused.status_code == 422
        assert says in refused.get_data(as_text=True)
    send(kadiv, f"{page}/terima", {"which": "chosen", "lines": "2-3", "line": ["7"]}, page)
    assert "3 baris diimpor" in text(kadiv, page)
    with entered(world.scope(KADIV)):
        assert sorted(session().scalars(select(Purchase.package_id))) == ["EP-0", "EP-1", "EP-5"]


def test_a_whole_import_is_undone_by_page(kadiv: Any, world: Any, sign_in: Any) -> None:
    first = bring_in(kadiv, world)
    bring_in(kadiv, world, content({"kuantitas": "3", "total": "295000"}))
    page = f"/pembelian/impor/{first}"
    assert "1 paket sudah diubah sesudahnya" in text(kadiv, page)
    send(kadiv, f"{page}/batalkan", {}, page)
    assert "Batalkan dulu impor yang lebih baru" in text(kadiv, page)
    newer = f"/pembelian/impor/{first + 1}"
    for address in (newer, page):
        for _ in range(2):
            form = {"csrf_token": token(kadiv), "keep_changed": ""}
            assert kadiv.post(f"{address}/batalkan", data=form).status_code == 303
        assert "Impor ini dibatalkan oleh" in text(kadiv, address)
    assert "Belum ada pembelian" in text(kadiv, "/pembelian")
    assert send(sign_in(OTHER), f"{page}/batalkan", {}, "/pembelian/impor").status_code == 404


def test_a_purchase_is_entered_and_corrected_by_page(kadiv: Any, world: Any, sign_in: Any) -> None:
    address, upt = "/pembelian/catat", pontianak(world)
    wrong = send(kadiv, address, {**TYPED, "upt_id": upt, "quantity": "nol"})
    assert wrong.status_code == 422
    assert "Tas anyaman" in wrong.get_data(as_text=True)  # what was typed is still there
    made = send(kadiv, address, {**TYPED, "upt_id": upt, "key": "k1"})
    page = made.headers["Location"]
    assert send(kadiv, address, {**TYPED, "upt_id": upt, "key": "k1"}).headers["Location"] == page
    twice = send(kadiv, address, {**TYPED, "upt_id": upt})
    assert twice.status_code == 409
    assert f'href="{page}/koreksi"' in twice.get_data(as_text=True)
    form = {**TYPED, "upt_id": upt, "quantity": "3", "version": "1"}
    refused = send(kadiv, f"{page}/koreksi", form)
    assert refused.status_code == 422
    assert "Tulis alasannya" in refused.get_data(as_text=True)
    corrected = {**form, "reason": "Salah <b>ketik</b>"}
    assert send(kadiv, f"{page}/koreksi", corrected).status_code == 303
    assert send(kadiv, f"{page}/koreksi", corrected).status_code == 409
    shown = text(kadiv, page)
    assert "<del>2</del>" in shown
    assert "Salah &lt;b&gt;ketik&lt;/b&gt;" in shown
    assert sign_in(OTHER).get(f"{page}/koreksi").status_code == 404
    operator = sign_in(OPERATOR)
    assert operator.get(f"{page}/koreksi").status_code == 403
    assert "Versi 2" in text(operator, page)


def test_buyers_are_settled_by_page(kadiv: Any, world: Any) -> None:
    bring_in(kadiv, world, content({"instansi_pembeli": "", "satker_pembeli": "Bagian <i>Umum</i>"}))
    assert "1 pembeli belum dikenal" in text(kadiv, "/pembelian")
    page = "/pembelian/pembeli"
    assert "Bagian &lt;i&gt;Umum&lt;/i&gt;" in text(kadiv, page)
    buyer = {"unit": "Bagian <i>Umum</i>", "institution": ""}
    refused = send(kadiv, page, {**buyer, "kind": "upt", "upt": "Lapas Entah"})
    assert refused.status_code == 422
    assert "Lapas Entah" in refused.get_data(as_text=True)
    for _ in range(2):
        assert send(kadiv, page, {**buyer, "kind": "upt", "upt": ROW["penyedia"].lower()}).status_code == 303
    assert "Semua pembeli dikenal" in text(kadiv, page)
    assert "belum dikenal." not in text(kadiv, "/pembelian")


@pytest.mark.parametrize(
    "address", ["/pembelian/pembeli", "/pembelian/impor", "{page}", "{page}?level=good", "{row}"]
)
def test_what_the_pages_cost(kadiv: Any, world: Any, address: str) -> None:
    bring_in(kadiv, world, content({}, {"id_paket": "EP-2", "instansi_pembeli": ""}))
    bring_in(kadiv, world, content({"kuantitas": "3", "total": "295000"}))
    rows = [{"id_paket": f"EP-{n}"} for n in range(50)]
    page = upload(kadiv, content(*rows, {"id_paket": "EP-X", "penyedia": "LP Ptk"})).headers["Location"]
    read_by_job(world, KADIV, number_in(page))
    row = re.search(r'href="(/pembelian/\d+)"', text(kadiv, "/pembelian?q=EP-1"))
    assert row
    asked = address.format(page=page, row=row.group(1))
    kadiv.get(asked)
    with counted_statements() as ran:
        assert kadiv.get(asked).status_code == 200
    assert len(ran) <= 12, "\n".join(ran)


# --- the API ---


def test_columns_by_api(app: Any, world: Any) -> None:
    head, client = bearer(app, KADIV), app.test_client()
    refused = post_file(app, head, file=STRANGE)
    assert refused.status_code == 422
    assert refused.get_json()["type"].endswith("kolom-tidak-dikenal")
    assert "Nomor Kontrak" in refused.get_json()["columns"]

    def explained(columns: Any) -> Any:
        form = {"file": (io.BytesIO(STRANGE), "a.csv"), "columns": json.dumps(columns)}
        return client.post("/api/v1/purchases/imports", data=form, headers=head)

    assert explained({"id_paket": "Entah"}).status_code == 422
    assert explained([1]).status_code == 422
    begun = explained({"id_paket": "Nomor Kontrak", "total": "Seluruhnya"})
    assert begun.status_code == 202
    read_by_job(world, KADIV, begun.get_json()["id"])
    assert client.get(begun.headers["Location"], headers=head).get_json()["good"] == 2
    (layout,) = client.get("/api/v1/purchases/columns", headers=head).get_json()["items"]
    assert layout["columns"]["id_paket"] == "Nomor Kontrak"
    own = f"/api/v1/purchases/columns/{layout['id']}"
    assert client.delete(own, headers=bearer(app, OTHER)).status_code == 404
    assert client.delete(own, headers=head).status_code == 200


def test_names_and_undoing_by_api(app: Any, world: Any) -> None:
    head, client = bearer(app, KADIV), app.test_client()
    file = content({}, {"id_paket": "EP-2", "penyedia": "LP Ptk"})
    here = post_file(app, head, "?preview=true", file).headers["Location"]
    read_by_job(world, KADIV, number_in(here))
    learned = {"name": "LP Ptk", "upt_id": pontianak(world)}
    assert client.post(f"{here}/aliases", headers=head, json={"name": "LP Ptk"}).status_code == 422
    assert client.post(f"{here}/aliases", headers=bearer(app, OTHER), json=learned).status_code == 404
    keyed = {**head, "Idempotency-Key": "n1"}
    for _ in range(2):
        assert client.post(f"{here}/aliases", headers=keyed, json=learned).get_json()["state"] == "running"
    read_by_job(world, KADIV, number_in(here))
    assert client.post(f"{here}/undo", headers=head).status_code == 409
    assert client.post(f"{here}/accept", headers=head).get_json()["good"] == 2
    assert client.post(f"{here}/undo", headers=head, json={"keep_changed": "ya"}).status_code == 422
    undone = [
        client.post(f"{here}/undo", headers={**head, "Idempotency-Key": "u"}).get_json() for _ in range(2)
    ]
    assert undone[0] == undone[1]
    assert (undone[0]["state"], undone[0]["undone"]["removed"]) == ("undone", 2)


def test_entering_and_correcting_by_api(app: Any, world: Any) -> None:
    head, client, place = bearer(app, KADIV), app.test_client(), "/api/v1/purchases/"
    body = {**TYPED, "upt_id": pontianak(world), "quantity": 2, "unit_price_rupiah": 95_000}
    wrong = client.post(place, headers=head, json={**body, "quantity": 0, "status": ["x"]})
    assert (wrong.status_code, set(wrong.get_json()["errors"])) == (422, {"status"})
    made = [client.post(place, headers={**head, "Idempotency-Key": "e"}, json=body) for _ in range(2)]
    assert [one.status_code for one in made] == [201, 201]
    assert made[0].get_json() == made[1].get_json()
    assert (made[0].get_json()["total_rupiah"], made[0].get_json()["buyer_known"]) == (190_000, False)
    again = client.post(place, headers=head, json=body)
    own = made[0].headers["Location"]
    assert (again.status_code, f"/api/v1/purchases/{again.get_json()['purchase_id']}") == (409, own)
    change = {"version": 1, "reason": "Salah ketik", "quantity": 3}
    assert client.patch(own, headers=head, json={**change, "version": None}).status_code == 422
    assert client.patch(own, headers=bearer(app, OTHER), json=change).status_code == 404
    assert client.patch(own, headers=bearer(app, OPERATOR), json=change).status_code == 403
    done = client.patch(own, headers=head, json=change)
    assert (done.status_code, done.get_json()["version"], done.get_json()["total_rupiah"]) == (
        200,
        2,
        285_000,
    )
    assert client.patch(own, headers=head, json={**change, "quantity": 4}).status_code == 409
    (told,) = client.get(own, headers=head).get_json()["changes"]
    assert (told["reason"], told["by"]) == ("Salah ketik", world.actor(KADIV).name)
    assert [(each["field"], each["before"], each["after"]) for each in told["differences"]] == [
        ("quantity", "2", "3"),
        ("total_rupiah", "Rp190.000", "Rp285.000"),
    ]


def test_buyers_by_api(app: Any, world: Any) -> None:
    head, client, place = bearer(app, KADIV), app.test_client(), "/api/v1/purchases/buyers/"
    client.post("/api/v1/purchases/", headers=head, json={**TYPED, "upt_id": pontianak(world)})
    listed = client.get(place, headers=head).get_json()
    assert listed["items"] == [
        {"unit": "Bagian Umum", "institution": "", "packages": 1, "value_rupiah": 190_000}
    ]
    body = {"unit": "Bagian Umum", "institution": "", "kind": "government"}
    assert client.post(place, headers=head, json={**body, "kind": "x"}).status_code == 422
    assert client.post(place, headers=bearer(app, OPERATOR), json=body).status_code == 403
    for _ in range(2):
        said = client.post(place, headers={**head, "Idempotency-Key": "s"}, json=body)
        assert (said.status_code, said.get_json()["kind"]) == (200, "government")
    after = client.get(place, headers=head).get_json()
    assert (after["items"], after["count"], len(after["settled"])) == ([], 0, 1)


def test_the_country_s_columns_by_page_and_by_api(app: Any, world: Any, sign_in: Any) -> None:
    centre, address = sign_in("admin.pusat"), "/pembelian/nasional/"

    def sent(file: bytes) -> str:
        form = {"csrf_token": token(centre, address), "file": (io.BytesIO(file), "negara.csv")}
        answer = centre.post(address, data=form, content_type="multipart/form-data")
        return str(answer.headers["Location"])

    page = sent(STRANGE)
    columns = centre.get(page).headers["Location"]
    assert columns == f"{page}/kolom"
    assert "Nomor Kontrak (misalnya EP-1)" in text(centre, columns)
    wrong = send(centre, columns, {**EXPLAINED, "total": EXPLAINED["status"]})
    assert wrong.status_code == 422
    assert "sudah dipakai untuk" in wrong.get_data(as_text=True)
    assert send(centre, columns, EXPLAINED).status_code == 303
    with entered(world.scope("admin.pusat")):
        national.read(number_in(page), now=clock.now())
    assert "Impor 2 baris" in text(centre, page)
    assert centre.get(columns).status_code == 303, "explained already"
    again = sent(STRANGE + b"\n")
    assert "Membaca berkas" in text(centre, again), "known from now on"
    listed = text(centre, address)
    assert "Susunan kolom yang diingat" in listed
    forget = re.search(r'action="(/pembelian/nasional/kolom/\d+/lupakan)"', listed)
    assert forget is not None
    assert send(centre, forget.group(1), {}, address).status_code == 303
    assert centre.get(sent(STRANGE + b"\n\n")).headers["Location"].endswith("/kolom")

    head, client = bearer(app, "admin.pusat"), app.test_client()
    here = "/api/v1/purchases/national-imports/?preview=true"

    def posted(**more: str) -> Any:
        form = {"file": (io.BytesIO(STRANGE), "negara.csv"), **more}
        return client.post(here, data=form, content_type="multipart/form-data", headers=head)

    refused = posted()
    assert (refused.status_code, "Nomor Kontrak" in refused.get_json()["columns"]) == (422, True)
    assert posted(columns="bukan json").status_code == 422
    taken = posted(columns=json.dumps({"id_paket": "Nomor Kontrak", "total": "Seluruhnya"}))
    assert taken.status_code == 202
    (layout,) = client.get("/api/v1/purchases/national-columns/", headers=head).get_json()["items"]
    assert (layout["columns"]["id_paket"], layout["columns"]["total"]) == ("Nomor Kontrak", "Seluruhnya")
    own = f"/api/v1/purchases/national-columns/{layout['id']}"
    assert client.delete(own, headers=bearer(app, KADIV)).status_code == 403
    assert client.delete(own, headers=head).status_code == 200
    assert client.delete(own, headers=head).status_code == 404
