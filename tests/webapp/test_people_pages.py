"""The pages and the API of partners, trainings and persons, as each role has them."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select

from catalogue.people.models import Consent, PersonAccess
from catalogue.trainings.models import Trainee
from tenants import clock, database
from tenants.database import session
from tenants.models import KanwilSettings
from tenants.scope import entered
from tests.support.statements import counted_statements
from tests.support.worlds import World
from tests.workflows.office_files import a_pdf

UNIT = "lapas-iia-pontianak"
OPERATOR, HEAD = f"operator.{UNIT}", f"kepala.{UNIT}"
NAME = "Barkah Tersembunyi"


@dataclass
class Window:
    """An officer's window that sends its forms with the page's token."""

    browser: Any

    def get(self, path: str, status: int = 200) -> str:
        answer = self.browser.get(path)
        assert answer.status_code == status, (path, answer.status_code)
        return str(answer.get_data(as_text=True))

    def post(self, path: str, status: int = 303, **form: Any) -> Any:
        page = self.browser.get("/pelatihan").get_data(as_text=True)
        token = re.search(r'name="csrf-token" content="([^"]+)"', page)
        sent = {**form, "csrf_token": token.group(1) if token else ""}
        answer = self.browser.post(path, data=sent, content_type="multipart/form-data")
        assert answer.status_code == status, (path, answer.status_code, answer.get_data(as_text=True)[:500])
        return answer


Enter = Callable[[str], Window]


@pytest.fixture
def window(sign_in: Any) -> Enter:
    return lambda username: Window(sign_in(username))


def recorded(operator: Window, name: str = NAME, number: str = "BI.1") -> str:
    """The address of a person's page."""
    form = {"name": name, "number": number, "kind": "narapidana", "released_on": "", "key": number}
    answer = operator.post("/peserta/baru", **form)
    return str(answer.headers["Location"])


def test_a_person_is_recorded_credited_and_forgotten_on_the_pages(world: World, window: Enter) -> None:
    operator, head = window(OPERATOR), window(HEAD)
    refused = operator.post("/peserta/baru", 422, name=NAME, number="", kind="").get_data(as_text=True)
    assert NAME in refused  # what was typed is kept
    assert "Tulis nomor registrasinya." in refused
    page = recorded(operator)
    assert recorded(operator) == page  # a second click
    assert NAME in operator.get("/peserta?q=barkah")
    assert NAME not in operator.get("/peserta?q=lain")
    wrong = operator.post(f"{page}/kegiatan", 422, activity="Bengkel", from_on="", hours="x").get_data(
        as_text=True
    )
    assert 'value="Bengkel"' in wrong
    operator.post(f"{page}/kegiatan", activity="Bengkel kayu", from_on="2024-01-02", hours="40", key="w")
    no_paper = operator.post(f"{page}/persetujuan", 422, credit="Pak B", signed_on="2024-01-02")
    assert "Lampirkan pindaian" in no_paper.get_data(as_text=True)
    bad = (io.BytesIO(b"bukan apa-apa"), "surat.pdf")
    operator.post(f"{page}/persetujuan", 415, signed_on="2024-01-02", file=bad)
    paper = (io.BytesIO(a_pdf("setuju")), "surat.pdf")
    operator.post(f"{page}/persetujuan", credit="Pak B", signed_on="2024-01-02", file=paper, key="c")
    with entered(world.scope(OPERATOR)):
        consent = session().scalars(select(Consent.id)).one()
    answer = operator.browser.get(f"/peserta/persetujuan/{consent}/berkas")
    assert answer.data == a_pdf("setuju")
    assert answer.headers["Cache-Control"] == "private, no-store"
    operator.post("/produk-saya/baru", name="Tas anyaman")
    shown = operator.get("/peserta")
    assert NAME in shown
    operator.post(f"/peserta/persetujuan/{consent}/cabut")
    assert "dicabut" in operator.get(page)
    operator.get("/peserta/akses", 403)
    log = head.get("/peserta/akses")
    assert "Membuka data peserta" in log
    assert NAME not in log
    operator.post(f"{page}/hapus", 403, reason="Diminta olehnya")
    head.post(f"{page}/hapus", 422, reason="x")
    head.post(f"{page}/hapus", reason="Diminta olehnya")
    operator.get(page, 404)
    assert NAME not in head.get("/peserta")


def test_a_training_goes_its_way_on_the_pages_and_the_kanwil_reads_counts(
    world: World, window: Enter
) -> None:
    operator, kadiv = window(OPERATOR), window("kadiv.kalbar")
    people = [
        recorded(operator, name, f"BI.{n}").rsplit("/", 1)[1] for n, name in enumerate((NAME, "Cakra Lain"))
    ]
    today = clock.now().date().isoformat()
    plan = {
        "title": "Pelatihan barista", "skill": "Meracik kopi", "instructor": "Pak Guru", "hours": "8",
        "from_on": today, "until_on": today, "least_share": "80", "partner_id": "", "place": "",
    }  # fmt: skip
    refused = operator.post("/pelatihan/baru", 422, **{**plan, "hours": "banyak"}).get_data(as_text=True)
    assert 'value="banyak"' in refused
    page = operator.post("/pelatihan/baru", **plan, key="t").headers["Location"]
    assert operator.post("/pelatihan/baru", **plan, key="t").headers["Location"] == page
    operator.post(f"{page}/peserta", 422)
    operator.post(f"{page}/peserta", person=people)
    with entered(world.scope(OPERATOR)):
        first, second = session().scalars(select(Trainee.id).order_by(Trainee.person_id))
    late = operator.post(
        f"{page}/pertemuan", 422, held_on="2020-01-01", hours="8", topic="Susu", present=[first]
    )
    assert 'value="Susu"' in late.get_data(as_text=True)
    operator.post(
        f"{page}/pertemuan", held_on=today, hours="8", topic="Susu", present=[first, second], key="s"
    )
    session_page = re.search(r'href="(/pelatihan/pertemuan/\d+)"', operator.get(page))
    assert session_page
    assert NAME in operator.get(session_page.group(1))
    operator.post(session_page.group(1), present=[first])
    operator.post(f"{page}/tutup")
    shown = operator.get(page)
    assert "lulus" in shown
    assert "tidak lulus" in shown
    assert "Tandatangani sertifikat" not in shown
    assert "Tandatangani sertifikat" in window(HEAD).get(page)
    seen = [kadiv.get(path) for path in (page, "/pelatihan", "/pelatihan/angka")]
    assert "Meracik kopi" in seen[0]
    assert not any(name in text for text in seen for name in (NAME, "Cakra"))
    assert (
        kadiv.browser.get("/pelatihan/ekspor.csv")
        .data.decode()
        .splitlines()[1]
        .startswith("Pelatihan barista")
    )
    assert kadiv.browser.get("/pelatihan/ekspor.xlsx").data.startswith(b"PK")
    for path in ("/peserta", f"/peserta/{people[0]}", f"{page}/peserta"):
        kadiv.get(path, 403)
    window("operator.rutan-iia-pontianak").get(f"/peserta/{people[0]}", 404)


def test_lists_cost_the_same_however_long(world: World, window: Enter) -> None:
    operator = window(OPERATOR)

    def cost(path: str) -> int:
        with counted_statements() as asked:
            operator.get(path)
        return len(asked)

    page = recorded(operator, "Satu Orang", "BI.0")
    before = {path: cost(path) for path in ("/peserta", "/pelatihan", "/mitra", page)}
    for number in range(1, 8):
        recorded(operator, f"Orang {number}", f"BI.{number}")
    after = {path: cost(path) for path in before}
    assert after == before
    assert max(after.values()) <= 16, after
    with entered(world.scope(OPERATOR)):
        assert len(session().scalars(select(PersonAccess.id)).all()) > 8


def test_the_register_is_kept_on_its_pages(window: Enter) -> None:
    kadiv, operator = window("kadiv.kalbar"), window(OPERATOR)
    refused = kadiv.post("/mitra/baru", 422, name="Balai Latihan", kind="", email="x").get_data(as_text=True)
    assert 'value="Balai Latihan"' in refused
    page = kadiv.post("/mitra/baru", name="Balai Latihan", kind="training", key="p").headers["Location"]
    deal = {"number": "PKS-1", "scope": "Pelatihan", "from_on": "2024-01-01", "until_on": "2024-02-01"}
    bad = kadiv.post(f"{page}/perjanjian", 422, **{**deal, "until_on": "2023-01-01"}).get_data(as_text=True)
    assert 'value="PKS-1"' in bad
    far = f"{clock.now().year + 2}-01-01"
    paper = (io.BytesIO(a_pdf("pks")), "pks.pdf")
    kadiv.post(f"{page}/perjanjian", **{**deal, "until_on": far}, file=paper, key="a")
    shown = operator.get(page)
    assert "PKS-1" in shown
    assert "Catat perjanjian" not in shown
    found = re.search(r'href="(/mitra/perjanjian/\d+)/berkas"', shown)
    assert found
    assert operator.browser.get(f"{found.group(1)}/berkas").data == a_pdf("pks")
    operator.post(f"{found.group(1)}/akhiri", 403, ended_on="2024-06-01", ended_why="Selesai")
    kadiv.post(f"{found.group(1)}/akhiri", 422, ended_on="", ended_why="")
    kadiv.post(f"{found.group(1)}/akhiri", ended_on="2024-06-01", ended_why="Selesai")
    assert "Diakhiri pada" in kadiv.get(page)
    kadiv.post(page, name="Balai Latihan Kerja", kind="training", version="99", status=409)
    assert "Balai Latihan" in kadiv.get("/mitra?keadaan=ended")
    assert "Balai Latihan" not in kadiv.get("/mitra?keadaan=current&q=balai")
    assert "PKS-1" in operator.browser.get("/mitra/ekspor.csv").get_data(as_text=True)
    assert window("kadiv.banten").get(page, 404)


def test_the_api_keeps_partners_and_trainings_and_names_nobody(app: Any, world: World, window: Enter) -> None:
    def api(username: str, method: str, path: str, body: Any = None, key: str = "") -> Any:
        login = {"username": username, "password": world.password, "provider": "db"}
        token = app.test_client().post("/api/v1/security/login", json=login).get_json()["access_token"]
        headers = {"Authorization": f"Bearer {token}", **({"Idempotency-Key": key} if key else {})}
        return app.test_client().open(f"/api/v1{path}", method=method, json=body, headers=headers)

    new = {"name": "Koperasi Maju", "kind": "company"}
    made = api("kadiv.kalbar", "POST", "/partners/", new, "k1")
    assert made.status_code == 201
    again = api("kadiv.kalbar", "POST", "/partners/", new, "k1")
    assert (again.get_json()["id"], again.headers["Idempotency-Replayed"]) == (made.get_json()["id"], "true")
    partner = made.get_json()["id"]
    assert api(OPERATOR, "POST", "/partners/", new).status_code == 403
    deal = {"number": "A-1", "scope": "Pelatihan", "from_on": "2024-01-01", "until_on": "2024-12-31"}
    told = api("kadiv.kalbar", "POST", f"/partners/{partner}/agreements", deal, "k2").get_json()
    assert [one["number"] for one in told["agreements"]] == ["A-1"]
    end = {"ended_on": "2024-06-01", "ended_why": "Selesai"}
    ended = api("kadiv.kalbar", "POST", f"/partners/agreements/{told['agreements'][0]['id']}/end", end, "k3")
    assert ended.get_json()["agreements"][0]["ended_on"] == "2024-06-01"
    assert (
        api(
            "kadiv.kalbar", "PATCH", f"/partners/{partner}", {"active": False, "version": 1}, "k4"
        ).status_code
        == 409
    )
    assert api("kadiv.kalbar", "PATCH", f"/partners/{partner}", {"note": ["x"]}).status_code == 422
    assert (
        api("kadiv.kalbar", "PATCH", f"/partners/{partner}", {"note": "Baik"}, "k5").get_json()["note"]
        == "Baik"
    )
    assert [row["name"] for row in api(OPERATOR, "GET", "/partners/?state=ended").get_json()["items"]] == [
        "Koperasi Maju"
    ]
    assert api(OPERATOR, "GET", "/partners/?state=lama").status_code == 422
    plan = {
        "title": "Pelatihan las", "skill": "Las listrik", "instructor": "Pak Guru", "hours": 8,
        "from_on": "2024-03-01", "until_on": "2024-03-02", "partner_id": partner,
    }  # fmt: skip
    training = api(OPERATOR, "POST", "/trainings/", plan, "k6")
    assert (training.status_code, training.get_json()["partner"]) == (201, "Koperasi Maju")
    number = training.get_json()["id"]
    assert api(OPERATOR, "PATCH", f"/trainings/{number}", {"hours": "x"}).status_code == 422
    assert api(OPERATOR, "PATCH", f"/trainings/{number}", {"hours": 9}, "k7").get_json()["hours"] == 9
    recorded(window(OPERATOR))
    for path in (f"/trainings/{number}", "/trainings/", "/trainings/figures?year=2024"):
        for username in (OPERATOR, "kadiv.kalbar"):
            answer = api(username, "GET", path)
            assert answer.status_code == 200
            assert NAME not in answer.get_data(as_text=True)
    assert api(OPERATOR, "GET", "/trainings/?limit=1&cursor=x").status_code == 422
    assert api("operator.rutan-iia-pontianak", "GET", f"/trainings/{number}").status_code == 404
    assert api(OPERATOR, "GET", "/trainings/?year=24").status_code == 422


def test_the_admin_sets_how_long_records_are_kept(world: World, window: Enter) -> None:
    admin = window("admin.kalbar")
    assert 'name="person_years"' in admin.get("/pengaturan")
    form = {
        "address": "Jalan Ahmad Yani 1", "phone": "", "email": "", "price_band": "25", "copies": "",
        "number_pattern": "W.16-{seq}/{year}",
    }  # fmt: skip
    assert "Tahun, bilangan 1 sampai 30." in admin.post("/pengaturan", 422, **form, person_years="31").text
    admin.post("/pengaturan", **form, person_years="7")
    with entered(world.scope("admin.kalbar")):
        assert session().scalars(select(KanwilSettings.person_years)).one() == 7
    database.db.release()
