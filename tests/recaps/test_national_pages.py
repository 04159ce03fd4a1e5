"""The centre's board and the recap of the country on pages and by the API, with a real worker at the queue."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import openpyxl

from recaps import verification
from recaps.national import drafting
from tenants import jobs
from tests.recaps.conftest import House
from tests.recaps.test_pages import Desk, desk, worker
from tests.support.statements import counted_statements

__all__ = ["desk", "worker"]


def test_the_centre_drafts_what_is_missing_reminds_and_signs_the_country(
    house: House, desk: Callable[[str], Desk], client: Any
) -> None:
    house.signed()
    keeper, dirjen = desk("admin.pusat"), desk("dirjen")
    page = keeper.get("/rekap-nasional")
    assert "1 dari 3 Kanwil sudah mengirim rekap Maret 2024" in page
    assert "Susun 2 konsep yang belum ada" in page
    keeper.post("/rekap-nasional/susun-konsep", periode="2024-03")
    page = keeper.get("/rekap-nasional?periode=2024-03")
    assert "2 konsep mulai disusun" in page
    assert "sedang disusun" not in page
    assert "Susun rekap nasional" in page
    page = dirjen.get("/rekap-nasional?periode=2024-03")
    assert "konsep yang belum ada" not in page
    assert "Susun rekap nasional" not in page
    dirjen.post("/rekap-nasional/ingatkan", periode="2024-03")
    assert "2 Kanwil diingatkan" in dirjen.get("/rekap-nasional?periode=2024-03")
    assert "Rekap Maret 2024 belum dikirim" in desk("kakanwil.banten").get("/pemberitahuan")
    sheet = keeper.client.get("/rekap-nasional/papan.xlsx?periode=2024-03")
    rows = list(openpyxl.load_workbook(io.BytesIO(sheet.data)).active.iter_rows(values_only=True))  # type: ignore[union-attr]
    assert len(rows) == 4

    home = keeper.post("/rekap-nasional", periode="2024-03", key="k").headers["Location"]
    assert keeper.post("/rekap-nasional", periode="2024-03", key="k").headers["Location"] == home
    page = keeper.get(home)
    assert "1 dari 3" in page
    assert "Banten, Sumatera Barat" in page
    keeper.post(f"{home}/ajukan")
    assert "Menunggu tanda tangan Direktur Jenderal" in keeper.get(home)
    assert home in dirjen.get("/pemberitahuan")
    dirjen.get(home)
    assert "Tulis alasannya" in dirjen.post(f"{home}/kembalikan", 422, reason="").text
    dirjen.post(f"{home}/kembalikan", reason="Tambahkan Banten.")
    assert "Tambahkan Banten." in keeper.get(home)
    keeper.post(f"{home}/susun-ulang")
    keeper.post(f"{home}/ajukan")
    dirjen.get(home)
    dirjen.post(f"{home}/tandatangani")
    page = dirjen.get(home)
    assert "ditandatangani" in page
    pdf = dirjen.client.get(f"{home}/pdf").data
    assert verification.verify_file(pdf).verdict == "sound"
    assert "Rekap nasional Maret 2024" in client.get(f"/verifikasi/{_code(page)}").text
    for username in ("kadiv.kalbar", "auditor"):
        desk(username).get("/rekap-nasional", 403)


def test_the_centres_pages_ask_a_bounded_number_of_statements(
    house: House, sign_in: Callable[..., Any]
) -> None:
    house.signed()
    with house.inside("admin.pusat"):
        recap, _ = drafting.draft("2024-03", by=house.by("admin.pusat"), now=house.now)
        drafting.prepare(recap.id, 1, now=house.now)
    for username in ("admin.pusat", "dirjen"):
        client = sign_in(username)
        for path in (
            "/rekap-nasional",
            f"/rekap-nasional/{recap.id}",
            "/rekap-nasional/papan?periode=2024-03",
        ):
            with counted_statements() as seen:
                assert client.get(path).status_code == 200
            assert len(seen) <= 14, f"{username} {path}\n" + "\n".join(seen)


def _code(page: str) -> str:
    return page.split("/verifikasi/")[1].split('"')[0]


def test_an_unknown_period_shows_the_usual_board_and_a_wrong_one_drafts_nothing(
    house: House, desk: Callable[[str], Desk]
) -> None:
    keeper = desk("admin.pusat")
    assert "Kanwil sudah mengirim rekap" in keeper.get("/rekap-nasional?periode=maret")
    assert 'role="alert"' in keeper.post("/rekap-nasional", 422, periode="2024-13").text
    for path in ("/rekap-nasional/ingatkan", "/rekap-nasional/susun-konsep"):
        keeper.post(path, 422, periode="2099-12")


def test_the_letter_of_the_centre_keeps_what_was_typed(house: House, desk: Callable[[str], Desk]) -> None:
    keeper = desk("admin.pusat")
    keeper.get("/rekap-nasional/surat")
    wrong = keeper.post("/rekap-nasional/surat", 422, address="Jalan Baru 7", due_workday="99").text
    assert 'value="Jalan Baru 7"' in wrong
    assert "Bilangan 1 sampai 15." in wrong
    good = {
        "address": "Jalan Baru 7",
        "number_pattern": "PAS-{seq}/{year}",
        "addressee_place": "Jakarta",
        "classification": "Penting",
        "enclosures": "1 (satu) berkas",
        "subject_pattern": "Laporan {period}",
        "due_workday": "7",
    }
    keeper.post("/rekap-nasional/surat", **good)
    assert 'value="Penting"' in keeper.get("/rekap-nasional/surat")


def test_the_country_by_the_api(house: House, worker: jobs.Worker, client: Any) -> None:
    def token(username: str) -> dict[str, str]:
        body = {"username": username, "password": house.world.password, "provider": "db"}
        return {
            "Authorization": f"Bearer {client.post('/api/v1/security/login', json=body).json['access_token']}"
        }

    house.signed()
    keeper, dirjen = token("admin.pusat"), token("dirjen")
    board = client.get("/api/v1/national-recaps/board?period=2024-03", headers=dirjen).json
    assert (board["sent"], len(board["items"]), board["label"]) == (1, 3, "Maret 2024")
    assert client.get("/api/v1/national-recaps/board?period=x", headers=dirjen).status_code == 422
    here = "/api/v1/national-recaps/"
    made = client.post(here, json={"period": "2024-03"}, headers={**keeper, "Idempotency-Key": "n"})
    assert made.status_code == 202, made.text
    again = client.post(here, json={"period": "2024-03"}, headers={**keeper, "Idempotency-Key": "n"})
    assert (again.json["id"], again.headers["Idempotency-Replayed"]) == (made.json["id"], "true")
    assert client.post(here, json={"period": "2024-03"}, headers=keeper).status_code == 409
    assert client.post(here, json={}, headers=keeper).status_code == 422
    assert client.post(here, json={"period": "2024-03"}, headers=dirjen).status_code == 403
    worker.drain()
    one = f"{here}{made.json['id']}"
    assert client.post(f"{one}/submit", headers=keeper).json["state"] == "in_review"
    assert client.post(f"{one}/sign", headers=dirjen).status_code == 202
    worker.drain()
    got = client.get(one, headers=dirjen).json
    assert (got["state"], got["summary"]["inside"], got["figures"]["missing"]) == (
        "signed",
        1,
        ["Banten", "Sumatera Barat"],
    )
    assert client.get(f"{one}/pdf", headers=keeper).data.startswith(b"%PDF")
    assert [row["id"] for row in client.get(here, headers=keeper).json["items"]] == [got["id"]]
    assert client.get(here, headers=token("kadiv.kalbar")).status_code == 403


def test_the_kanwil_sets_sifat_hal_and_whether_drafts_write_themselves(
    house: House, desk: Callable[[str], Desk]
) -> None:
    keeper = desk("admin.kalbar")
    page = keeper.get("/pengaturan")
    assert 'name="subject_pattern" aria' in page
    form = {
        "address": "Jalan K.S. Tubun Nomor 26",
        "number_pattern": "W.16-{seq}",
        "price_band": "25",
        "inspection_months": "6",
        "classification": "Segera",
        "enclosures": "2 (dua) berkas",
        "subject_pattern": "tanpa periode",
        "auto_draft": "no",
    }
    assert "Pakai {period} satu kali" in keeper.post("/pengaturan", 422, **form).text
    keeper.post("/pengaturan", **{**form, "subject_pattern": "Laporan {period}"}, auto_draft_longer="Q")
    page = keeper.get("/pengaturan")
    assert re.search(r'name="auto_draft_longer" value="Q"[^>]* checked', page)
    assert 'value="Segera"' in page
    assert '<option value="no" selected>' in page
