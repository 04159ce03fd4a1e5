"""Importing and reading purchases as officers and programs do it: pages, API, who may what."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest

from sales import reading
from sales.columns import KEYS
from tenants import clock
from tenants.scope import entered
from tests.support.statements import counted_statements

KADIV, OTHER = "kadiv.kalbar", "kadiv.banten"
OPERATOR = "operator.lapas-iia-pontianak"
NEIGHBOUR = "operator.rutan-iia-pontianak"
ROW = {
    "id_paket": "EP-1",
    "komoditas": "Kerajinan",
    "nama_produk": "Tas <b>anyaman</b>",
    "penyedia": "Lembaga Pemasyarakatan Kelas IIA Pontianak",
    "satker_pembeli": "Pengadilan Negeri Pontianak",
    "instansi_pembeli": "Mahkamah Agung",
    "tanggal": "2024-03-05",
    "kuantitas": "2",
    "harga_satuan": "95000",
    "ongkir": "10000",
    "total": "200000",
    "status": "Selesai",
}


def content(*changes: dict[str, str]) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, KEYS)
    writer.writeheader()
    writer.writerows({**ROW, **each} for each in changes)
    return out.getvalue().encode()


FILE = content(
    {},
    {"id_paket": "EP-2", "tanggal": "2024-02-31"},
    {"id_paket": "EP-3", "penyedia": "Lembaga Pemasyarakatan Kelas IIA Padang"},
)


def token(client: Any, address: str = "/pembelian/impor") -> str:
    page = client.get(address).get_data(as_text=True)
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found
    return found.group(1)


def upload(client: Any, file: bytes = FILE, name: str = "ekspor.csv") -> Any:
    form = {"csrf_token": token(client), "file": (io.BytesIO(file), name)}
    return client.post("/pembelian/impor", data=form, content_type="multipart/form-data")


def read_by_job(world: Any, username: str, import_id: int) -> None:
    with entered(world.scope(username)):
        reading.read(import_id, now=clock.now())


def number_in(address: str) -> int:
    return int(address.rstrip("/").rsplit("/", 1)[1])


@pytest.fixture
def kadiv(sign_in: Any) -> Any:
    return sign_in(KADIV)


def bring_in(client: Any, world: Any, file: bytes = FILE) -> int:
    import_id = number_in(upload(client, file).headers["Location"])
    read_by_job(world, KADIV, import_id)
    page = f"/pembelian/impor/{import_id}"
    assert client.post(f"{page}/terima", data={"csrf_token": token(client, page)}).status_code == 303
    return import_id


def test_an_empty_list_says_what_to_do(kadiv: Any, sign_in: Any) -> None:
    page = kadiv.get("/pembelian").get_data(as_text=True)
    assert "Belum ada pembelian" in page
    assert 'href="/pembelian/impor"' in page
    assert 'href="/pembelian/impor"' not in sign_in(OPERATOR).get("/pembelian").get_data(as_text=True)


def test_the_way_from_a_file_to_the_list(kadiv: Any, world: Any) -> None:
    sent = upload(kadiv)
    assert sent.status_code == 303
    page = sent.headers["Location"]
    running = kadiv.get(page).get_data(as_text=True)
    assert "Membaca berkas" in running
    assert "HX-Refresh" not in kadiv.get(f"{page}?bagian=kemajuan").headers
    read_by_job(world, KADIV, number_in(page))
    assert kadiv.get(f"{page}?bagian=kemajuan").headers["HX-Refresh"] == "true"
    seen = kadiv.get(page).get_data(as_text=True)
    assert "Impor 1 baris" in seen
    assert "tanggal 2024-02-31 tidak ada dalam kalender" in seen
    assert "Kanwil Sumatera Barat" in kadiv.get(f"{page}?level=left_out").get_data(as_text=True)
    assert "Belum ada pembelian" in kadiv.get("/pembelian").get_data(as_text=True)
    kadiv.post(f"{page}/terima", data={"csrf_token": token(kadiv, page)})
    done = kadiv.get(page).get_data(as_text=True)
    assert "1 baris diimpor" in done
    assert 'href="/pembelian/?period=2024-03"' in done
    listed = kadiv.get("/pembelian?period=2024-03").get_data(as_text=True)
    assert "Rp200.000" in listed
    assert "Tas &lt;b&gt;anyaman&lt;/b&gt;" in listed
    assert "<b>anyaman" not in listed


def test_a_refused_file_is_answered_beside_the_field(kadiv: Any) -> None:
    for file, status, says in (
        (b"%PDF-1.7", 415, "Berkas ini PDF"),
        (b"", 422, "kosong"),
        (b"a,b\n1,2\n", 422, "Kepala kolom"),
    ):
        answer = upload(kadiv, file)
        assert answer.status_code == status
        assert says in answer.get_data(as_text=True)
    nothing = kadiv.post(
        "/pembelian/impor", data={"csrf_token": token(kadiv)}, content_type="multipart/form-data"
    )
    assert nothing.status_code == 422
    assert "Pilih dulu berkas" in nothing.get_data(as_text=True)


def test_filters_exports_and_one_purchase(kadiv: Any, world: Any) -> None:
    bring_in(kadiv, world)
    assert "Tidak ada pembelian yang cocok" in kadiv.get("/pembelian?q=batik").get_data(as_text=True)
    assert kadiv.get("/pembelian?period=Maret").status_code == 422
    exported = kadiv.get("/pembelian/ekspor.csv?period=2024-03")
    assert exported.get_data(as_text=True).count("EP-1") == 1
    assert "pembelian-2024-03.csv" in exported.headers["Content-Disposition"]
    assert kadiv.get("/pembelian/ekspor.xlsx").get_data()[:2] == b"PK"
    assert kadiv.get("/pembelian/ekspor.pdf").status_code == 422
    row = re.search(r'href="(/pembelian/\d+)"', kadiv.get("/pembelian").get_data(as_text=True))
    assert row
    bring_in(kadiv, world, content({"kuantitas": "3", "total": "295000"}))
    shown = kadiv.get(row.group(1)).get_data(as_text=True)
    assert "Versi 2" in shown
    assert "<del>2</del>" in shown
    assert "<ins>Rp295.000</ins>" in shown


def test_the_list_costs_few_statements(kadiv: Any, world: Any) -> None:
    bring_in(kadiv, world, content(*({"id_paket": f"EP-{n}"} for n in range(60))))
    kadiv.get("/pembelian")
    with counted_statements() as ran:
        assert kadiv.get("/pembelian").status_code == 200
    assert len(ran) <= 14, "\n".join(ran)


def test_who_sees_what(kadiv: Any, world: Any, sign_in: Any) -> None:
    import_id = bring_in(kadiv, world)
    row = re.search(r'href="(/pembelian/\d+)"', kadiv.get("/pembelian").get_data(as_text=True))
    assert row
    operator = sign_in(OPERATOR)
    assert "Rp200.000" in operator.get("/pembelian").get_data(as_text=True)
    assert operator.get("/pembelian/impor").status_code == 403
    assert operator.get(f"/pembelian/impor/{import_id}").status_code == 403
    for username in (NEIGHBOUR, OTHER):
        stranger = sign_in(username)
        assert stranger.get(row.group(1)).status_code == 404
        assert "Rp200.000" not in stranger.get("/pembelian").get_data(as_text=True)
    assert sign_in(OTHER).get(f"/pembelian/impor/{import_id}").status_code == 404
    assert sign_in("pembina.kalbar").get("/pembelian/impor").status_code == 403
    assert sign_in("dirjen").get("/pembelian").status_code == 403


# --- the API ---


def bearer(app: Any, username: str) -> dict[str, str]:
    answer = app.test_client().post(
        "/api/v1/security/login",
        json={"username": username, "password": "karya-demo-2024", "provider": "db"},
    )
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return {"Authorization": f"Bearer {answer.get_json()['access_token']}"}


def post_file(app: Any, head: dict[str, str], query: str = "", file: bytes = FILE) -> Any:
    return app.test_client().post(
        f"/api/v1/purchases/imports{query}",
        data={"file": (io.BytesIO(file), "ekspor.csv")},
        content_type="multipart/form-data",
        headers=head,
    )


def test_the_api_previews_then_accepts(app: Any, world: Any) -> None:
    head, client = bearer(app, KADIV), app.test_client()
    begun = post_file(app, head, "?preview=true")
    assert begun.status_code == 202
    body = begun.get_json()
    assert body["state"] == "running"
    address = begun.headers["Location"]
    assert client.post(f"{address}/accept", headers=head).status_code == 409
    read_by_job(world, KADIV, body["id"])
    seen = client.get(address, headers=head).get_json()
    assert (seen["state"], seen["good"], seen["bad"], seen["left_out"], seen["total_rupiah"]) == (
        "preview", 1, 1, 1, 200_000,
    )  # fmt: skip
    assert [(line["line"], line["field"], line["level"]) for line in seen["lines"]] == [
        (3, "tanggal", "error"),
        (4, "penyedia", "left_out"),
    ]
    assert client.post(f"{address}/accept", headers=head, json={"lines": "x"}).status_code == 422
    done = client.post(f"{address}/accept", headers={**head, "Idempotency-Key": "a"})
    assert (done.status_code, done.get_json()["state"]) == (202, "done")
    assert (
        client.post(f"{address}/accept", headers={**head, "Idempotency-Key": "a"}).get_json()
        == done.get_json()
    )
    listed = client.get("/api/v1/purchases", headers=head).get_json()
    assert [item["package_id"] for item in listed["items"]] == ["EP-1"]
    assert listed["next_cursor"] is None
    assert listed["sums"]["Selesai"] == {"packages": 1, "value_rupiah": 200_000}
    one = client.get(f"/api/v1/purchases/{listed['items'][0]['id']}", headers=head).get_json()
    assert one["versions"] == []


def test_without_a_preview_the_good_lines_are_imported_when_read(app: Any, world: Any) -> None:
    head = bearer(app, KADIV)
    begun = [post_file(app, {**head, "Idempotency-Key": "b"}).get_json()["id"] for _ in range(2)]
    assert begun[0] == begun[1]
    read_by_job(world, KADIV, begun[0])
    answer = app.test_client().get(f"/api/v1/purchases/imports/{begun[0]}", headers=head).get_json()
    assert (answer["state"], answer["good"]) == ("done", 1)


def test_the_api_refuses_by_name(app: Any, world: Any) -> None:
    head, client = bearer(app, KADIV), app.test_client()
    assert post_file(app, {}).status_code == 401
    assert post_file(app, bearer(app, OPERATOR)).status_code == 403
    pdf = post_file(app, head, file=b"%PDF-1.7")
    assert (pdf.status_code, pdf.content_type) == (415, "application/problem+json")
    missing = post_file(app, head, file=b"id_paket,nama_produk,penyedia,tanggal,total\n")
    assert missing.status_code == 422
    assert "kuantitas" in missing.get_json()["errors"]
    assert client.post("/api/v1/purchases/imports", headers=head).status_code == 422
    import_id = post_file(app, head, "?preview=true").get_json()["id"]
    other = bearer(app, OTHER)
    assert client.get(f"/api/v1/purchases/imports/{import_id}", headers=other).status_code == 404
    assert client.post(f"/api/v1/purchases/imports/{import_id}/accept", headers=other).status_code == 404
    for query in ("cursor=x", "limit=0", "period=Maret", "upt=x", "status=Entah"):
        assert client.get(f"/api/v1/purchases?{query}", headers=head).status_code == 422


def test_the_country_s_file_by_page_and_by_api(app: Any, world: Any, sign_in: Any) -> None:
    from sales import national

    centre, address = sign_in("admin.pusat"), "/pembelian/nasional/"
    form = {"csrf_token": token(centre, address), "file": (io.BytesIO(FILE), "negara.csv")}
    page = centre.post(address, data=form, content_type="multipart/form-data").headers["Location"]
    assert "Membaca berkas" in centre.get(page).get_data(as_text=True)
    with entered(world.scope("admin.pusat")):
        national.read(number_in(page), now=clock.now())
    seen = centre.get(page).get_data(as_text=True)
    assert "Impor 2 baris" in seen
    assert "Kanwil Sumatera Barat" in seen
    assert "tanggal 2024-02-31" in seen
    centre.post(f"{page}/terima", data={"csrf_token": token(centre, page)})
    with entered(world.scope("admin.pusat")):
        national.hand_over(number_in(page), now=clock.now())
    assert "Setiap Kanwil sudah menerima barisnya" in centre.get(page).get_data(as_text=True)
    refused = centre.post(
        address,
        data={"csrf_token": token(centre, address), "file": (io.BytesIO(b"%PDF"), "a.csv")},
        content_type="multipart/form-data",
    )
    assert refused.status_code == 415
    assert sign_in(KADIV).get(address).status_code == 403
    head, client = bearer(app, "admin.pusat"), app.test_client()
    sent = client.post(
        "/api/v1/purchases/national-imports/?preview=true",
        data={"file": (io.BytesIO(FILE), "negara.csv")},
        content_type="multipart/form-data",
        headers=head,
    )
    assert sent.status_code == 202
    begun = sent.get_json()["id"]
    own = f"/api/v1/purchases/national-imports/{begun}"
    assert client.post(f"{own}/accept", headers=head).status_code == 409
    with entered(world.scope("admin.pusat")):
        national.read(begun, now=clock.now())
    assert client.get(own, headers=head).get_json()["good"] == 2
    assert client.post(f"{own}/accept", headers=head).status_code == 202
    assert client.get(own, headers=bearer(app, KADIV)).status_code == 403
