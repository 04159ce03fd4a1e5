"""The pages and the API of recaps, with a real worker at the queue: draft, submit, sign, receive, verify."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from recaps import verification
from tenants import jobs
from tests.recaps.conftest import House
from workflows.definitions import default_text, parse, publish

_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class Desk:
    """One officer at a browser without JavaScript."""

    def __init__(self, client: Any, worker: jobs.Worker) -> None:
        self.client, self.worker, self.token = client, worker, ""

    def get(self, path: str, status: int = 200) -> str:
        answer = self.client.get(path)
        assert answer.status_code == status, f"{path}: {answer.status_code}\n{answer.text[:2000]}"
        found = _TOKEN.search(answer.text)
        self.token = found.group(1) if found else self.token
        return str(answer.text)

    def post(self, path: str, status: int = 303, **form: str) -> Any:
        answer = self.client.post(path, data={"csrf_token": self.token, **form})
        assert answer.status_code == status, f"{path}: {answer.status_code}\n{answer.text[:2000]}"
        self.worker.drain()
        return answer


@pytest.fixture
def worker(house: House, app: Any) -> Iterator[jobs.Worker]:
    made = jobs.Worker(poll_seconds=0.1, schedules=False)
    made.drain()
    yield made
    made.stop()


@pytest.fixture
def desk(worker: jobs.Worker, sign_in: Callable[..., Any]) -> Callable[[str], Desk]:
    return lambda username: Desk(sign_in(username), worker)


def test_the_whole_way_on_pages(house: House, desk: Callable[[str], Desk], client: Any) -> None:
    kadiv = desk("kadiv.kalbar")
    kadiv.get("/rekap")
    kadiv.get("/rekap/kendala/baru")
    assert "Isi bagian ini" in kadiv.post("/rekap/kendala/baru", 422, category="materials").text
    solved = {"description": "<script>x</script> habis", "action": "Stok dua bulan", "who": "Giatja"}
    kadiv.post("/rekap/kendala/baru", category="materials", due_on="31/05/2024", **solved)
    listed = kadiv.get("/rekap/kendala")
    assert "<script>x" not in listed
    assert "31 Mei 2024" in listed
    kadiv.get("/rekap")
    assert "Tulis seperti" in kadiv.post("/rekap", 422, period_typed="2024-13").text
    home = kadiv.post("/rekap", period_typed="2024-03", key="one").headers["Location"]
    assert kadiv.post("/rekap", period_typed="2024-03", key="one").headers["Location"] == home
    page = kadiv.get(home)
    assert "Rp47.850.000" in page
    assert "Ajukan kepada" in page
    assert kadiv.client.get(f"{home}/pdf").data.startswith(b"%PDF-")
    kadiv.post(f"{home}/ajukan")
    kadiv.get(home)

    kakanwil = desk("kakanwil.kalbar")
    page = kakanwil.get(home)
    assert "Tandatangani dan kirim" in page
    assert "PIN sertifikat" not in page
    kakanwil.post(f"{home}/tandatangani")
    signed = kakanwil.client.get(f"{home}/pdf").data
    assert "terkirim" in kakanwil.get(home)

    dirjen = desk("dirjen")
    inbox = dirjen.get("/rekap-masuk")
    assert re.search(r'href="/rekap-masuk"[^>]*>(?:(?!</a>).)*class="count">1<', inbox, re.DOTALL), (
        "counted in the rail"
    )
    found = re.search(r'href="(/rekap-masuk/\d+)"', inbox)
    assert found
    assert "Terima" in dirjen.get(found.group(1))
    dirjen.post(f"{found.group(1)}/terima")
    assert "diterima" in dirjen.get(found.group(1))
    received = dirjen.client.get(f"{found.group(1)}/pdf").data
    assert received.startswith(signed)

    for file in (signed, received):
        answer = client.post("/verifikasi", data={"file": (io.BytesIO(file), "rekap.pdf")})
        assert "Dokumen ini asli dan utuh" in answer.text
        assert "Set-Cookie" not in answer.headers
    altered = signed.replace(b"/Type", b"/Tipe", 1)
    assert (
        "Dokumen ini telah diubah"
        in client.post("/verifikasi", data={"file": (io.BytesIO(altered), "r.pdf")}).text
    )
    code = house.recap(int(home.rsplit("/", 1)[1])).code
    assert "Dokumen ini asli dan utuh" in client.get(f"/verifikasi/{code}").text
    assert (
        client.get(f"/verifikasi?kode={str(code).lower().replace('-', ' ')}")
        .headers["Location"]
        .endswith(str(code))
    )
    assert client.get("/verifikasi/KRY-2222-2222-2222").status_code == 404
    assert client.post("/verifikasi", data={}).status_code == 422

    for stranger, status in (
        ("kadiv.banten", 404),
        ("pembina.banten", 404),
        ("operator.lapas-iia-pontianak", 403),
    ):
        other = desk(stranger)
        other.get(home, status)
        other.get(f"{home}/pdf", status)


def test_the_whole_way_over_the_api(house: House, worker: jobs.Worker, client: Any) -> None:
    def token(username: str) -> dict[str, str]:
        body = {"username": username, "password": house.world.password, "provider": "db"}
        answer = client.post("/api/v1/security/login", json=body)
        assert answer.status_code == 200, answer.text
        return {"Authorization": f"Bearer {answer.json['access_token']}"}

    kadiv, kakanwil, dirjen = token("kadiv.kalbar"), token("kakanwil.kalbar"), token("dirjen")
    made = client.post(
        "/api/v1/recaps/", json={"period": "2024-03"}, headers={**kadiv, "Idempotency-Key": "a"}
    )
    assert made.status_code == 202, made.text
    again = client.post(
        "/api/v1/recaps/", json={"period": "2024-03"}, headers={**kadiv, "Idempotency-Key": "a"}
    )
    assert (again.json["id"], again.headers["Idempotency-Replayed"]) == (made.json["id"], "true")
    assert client.post("/api/v1/recaps/", json={"period": "2024-03"}, headers=kadiv).status_code == 409
    wrong = client.post("/api/v1/recaps", json={"period": "March"}, headers=kadiv)
    assert (wrong.status_code, wrong.mimetype) == (422, "application/problem+json")
    worker.drain()
    here = f"/api/v1/recaps/{made.json['id']}"
    got = client.get(here, headers=kadiv).json
    assert (got["state"], got["working"], got["kanwil"]) == ("draft", False, "kalbar")
    assert got["figures"]["transactions"]["completed"]["value_rupiah"] == 47_850_000
    assert client.get(here, headers=dirjen).status_code == 404
    assert client.post(f"{here}/sign", headers=kakanwil).status_code == 409
    assert client.post(f"{here}/submit", headers=kadiv).json["state"] == "ready_to_sign"
    assert client.post(f"{here}/sign", headers=kadiv).status_code == 403
    assert client.post(f"{here}/sign", json={}, headers=kakanwil).status_code == 202
    worker.drain()
    got = client.get(here, headers=kakanwil).json
    assert got["state"] == "delivered"
    assert client.post(f"{here}/acknowledge", headers=dirjen).status_code == 202
    worker.drain()
    assert client.get(here, headers=dirjen).json["state"] == "acknowledged"
    assert [r["id"] for r in client.get("/api/v1/recaps/", headers=dirjen).json["items"]] == [made.json["id"]]
    assert client.get("/api/v1/recaps/", headers=token("kadiv.banten")).json["items"] == []
    pdf = client.get(f"{here}/pdf", headers=dirjen).data
    verdict = client.post("/api/v1/verifications/", data={"file": (io.BytesIO(pdf), "r.pdf")}).json
    assert verdict["verdict"] == "sound"
    assert [s["signer"] for s in verdict["signatures"]] == [
        house.by("kakanwil.kalbar").name,
        house.by("dirjen").name,
    ]
    assert (verdict["figures_match"], verdict["history_match"], verdict["changes"]) == (True, True, [])
    assert client.post("/api/v1/verifications/", data={}).status_code == 422


def test_verification_is_limited(house: House, client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webapp.views.verification.TRIES", 3)
    answers = [client.get("/verifikasi/KRY-2222-2222-2222").status_code for _ in range(5)]
    assert answers == [404, 404, 404, 429, 429]
    assert verification.tidy_code("kry 2222") == "KRY-2222--"


def test_an_opinion_on_a_recap_is_given_on_its_page_and_read_by_who_signs(
    house: House, desk: Callable[[str], Desk]
) -> None:
    asks = (
        "  - key: hukum\n    name: Telaah hukum\n    role: pengendali\n    decides: false\n"
        "    checklist: [{key: wajar, question: Angkanya wajar, type: yes_no}]\n"
    )
    with house.inside("admin.kalbar"):
        text = default_text("recap").replace("stages:\n", f"stages:\n{asks}", 1)
        publish(parse(text), by=None, now=house.now)
    kadiv = desk("kadiv.kalbar")
    kadiv.get("/rekap")
    home = kadiv.post("/rekap", period_typed="2024-03", key="one").headers["Location"]
    kadiv.get(home)
    kadiv.post(f"{home}/ajukan")
    adviser = desk("pengendali.kalbar")
    page = adviser.get(home)
    assert "Kirim pendapat" in page
    assert "Kembalikan …" not in page
    assert "Teruskan kepada" not in page
    assert "Tulis pendapat Anda" in adviser.post(f"{home}/pendapat", 422, key="a", comment="").text
    adviser.post(f"{home}/pendapat", key="a", comment="PNBP dua UPT belum masuk.")
    adviser.post(f"{home}/pendapat", key="a", comment="PNBP dua UPT belum masuk.")
    other = desk("pembina.kalbar")
    other.get(home)
    other.get("/kotak-masuk")
    other.post(f"{home}/pendapat", 403, key="b", comment="x")
    page = desk("kakanwil.kalbar").get(home)
    assert "PNBP dua UPT belum masuk." in page
    assert "Angkanya wajar: <b>Tidak</b>" in page
    assert "Tandatangani dan kirim" in page
