"""What follows a delivered recap: dispositions and who sees them, the archive, the mail, a year as a signed ZIP."""

from __future__ import annotations

import email
import hashlib
import io
import json
import os
import subprocess
import tracemalloc
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from recaps import arrivals, revoking
from recaps.delivery import archive, bundles, dispositions, queries, words
from recaps.delivery.archive import Asked
from recaps.delivery.models import Disposition, RecapText
from recaps.errors import NoSuchBundle, NoSuchDisposition, NoSuchRecap, NotThisState
from recaps.models import Recap
from tenants import database, files
from tenants.database import session, transaction
from tenants.errors import Forbidden, Invalid
from tests.recaps.conftest import House
from tests.recaps.test_pages import Desk, desk, worker
from tests.support.statements import counted_statements
from tests.support.worlds import PASSWORD
from workflows.mailing import mail_folder
from workflows.models import AuditEvent, Notice

__all__ = ["desk", "worker"]
TO_KANWIL = {"to": "kanwil", "instruction": "Percepat pengiriman kayu.", "due_on": ""}
TO_OFFICER = {"to": "admin.pusat", "instruction": "Bandingkan dengan Kanwil lain."}


def given(house: House, recap_id: int, entered: dict[str, str], key: str | None = None) -> int:
    with house.inside("dirjen"):
        made, _ = dispositions.give(recap_id, entered, by=house.by("dirjen"), now=house.now, key=key)
        return int(made.id)


def of_recap(house: House, recap_id: int, username: str) -> list[str]:
    with house.inside(username):
        found = queries.of_recap(recap_id, by=house.by(username), today=house.now.date())
        return [one.row.instruction for one in found]


def letters() -> list[Any]:
    folder = mail_folder(database.db.settings)
    return [
        email.message_from_bytes(one.read_bytes(), policy=default) for one in sorted(folder.glob("*.eml"))
    ]


# --- dispositions ---


def test_a_disposition_is_seen_by_whom_it_is_for_and_by_the_dirjen(house: House) -> None:
    recap_id = house.signed()
    made = given(house, recap_id, TO_KANWIL, key="once")
    assert given(house, recap_id, TO_KANWIL, key="once") == made
    inside = given(house, recap_id, TO_OFFICER)
    both = [TO_OFFICER["instruction"], TO_KANWIL["instruction"]]
    assert sorted(of_recap(house, recap_id, "dirjen")) == sorted(both)
    assert of_recap(house, recap_id, "admin.pusat") == [TO_OFFICER["instruction"]]
    assert of_recap(house, recap_id, "kadiv.kalbar") == [TO_KANWIL["instruction"]]
    assert of_recap(house, recap_id, "kadiv.banten") == []
    assert of_recap(house, recap_id, "operator.lapas-iia-pontianak") == []
    the_kanwil_carries_it_out(house, made)
    who_is_named_ends_it(house, inside)


def the_kanwil_carries_it_out(house: House, made: int) -> None:
    """It is told, says what it did, and its chain keeps both; nothing of what the centre keeps to itself."""
    with house.inside():
        told = session().scalars(select(Notice).where(Notice.kind == "disposition.given")).all()
        assert {one.to_role for one in told} == {"kakanwil", "kadiv"}
        assert queries.open_in_kanwil() == 1
        with pytest.raises(Invalid):
            dispositions.finish(made, " ", by=house.by("kadiv.kalbar"), now=house.now)
        with pytest.raises(Forbidden):
            dispositions.finish(made, "Sudah.", by=house.by("pembina.kalbar"), now=house.now)
        for _twice in range(2):
            dispositions.finish(made, "Kayu tiba.", by=house.by("kadiv.kalbar"), now=house.now)
        row = dispositions.kanwil_one(made)
        assert (row.state, row.done_note, row.done_by) == ("done", "Kayu tiba.", house.by("kadiv.kalbar").id)
        asked = (
            select(AuditEvent.action).where(AuditEvent.action.like("disposition.%")).order_by(AuditEvent.seq)
        )
        assert session().scalars(asked).all() == ["disposition.given", "disposition.done"]
    with house.inside("kadiv.banten"), pytest.raises(NoSuchDisposition):
        dispositions.finish(made, "Sudah.", by=house.by("kadiv.banten"), now=house.now)
    with house.inside("dirjen"), pytest.raises(NotThisState):
        dispositions.withdraw("kanwil", made, "Salah alamat.", by=house.by("dirjen"), now=house.now)


def who_is_named_ends_it(house: House, made: int) -> None:
    """He gets a mail, and he alone says that it is done."""
    admin, dirjen = house.by("admin.pusat"), house.by("dirjen")
    with house.inside("admin.pusat"):
        assert queries.waiting_for(admin) == 1
        for _run in range(2):
            assert dispositions.mail(made) == 1
        (mail,) = letters()
        assert mail["Subject"].startswith("Disposisi atas rekap Maret 2024")
        assert TO_OFFICER["instruction"] in mail.get_content()
        stranger = replace(admin, id=admin.id + 1000)
        with pytest.raises(NoSuchDisposition):
            dispositions.finish_centre(made, "Sudah.", by=stranger, now=house.now)
        with pytest.raises(Forbidden):
            dispositions.finish_centre(made, "Sudah.", by=dirjen, now=house.now)
        dispositions.finish_centre(made, "Dibandingkan.", by=admin, now=house.now)
        assert queries.waiting_for(admin) == 0
        assert dispositions.mail(made) == 0


def test_the_dirjen_takes_a_disposition_back_with_a_reason(house: House) -> None:
    recap_id, draft = house.signed(), house.drafted("2024-02")
    made, inside = given(house, recap_id, TO_KANWIL), given(house, recap_id, TO_OFFICER)
    with house.inside("dirjen"):
        for kind, number in (("kanwil", made), ("centre", inside)):
            for _twice in range(2):
                dispositions.withdraw(
                    kind, number, "Sudah dijawab lisan.", by=house.by("dirjen"), now=house.now
                )
        for kind in ("kanwil", "centre", "elsewhere"):
            with pytest.raises(NoSuchDisposition):
                dispositions.withdraw(kind, 999, "Sudah.", by=house.by("dirjen"), now=house.now)
    with house.inside(), pytest.raises(NotThisState):
        dispositions.finish(made, "Sudah.", by=house.by("kadiv.kalbar"), now=house.now)
    what_is_no_disposition(house, recap_id, draft)


def what_is_no_disposition(house: House, recap_id: int, draft: int) -> None:
    by = house.by("dirjen")
    with house.inside("dirjen"):
        past = str(house.now.date() - timedelta(days=2))
        with pytest.raises(Invalid) as wrong:
            dispositions.give(recap_id, {"to": "kadiv.kalbar", "due_on": past}, by=by, now=house.now)
        assert set(wrong.value.fields) == {"to", "instruction", "due_on"}
        with pytest.raises(NoSuchRecap):
            dispositions.give(draft, TO_KANWIL, by=by, now=house.now)
        with pytest.raises(Forbidden):
            dispositions.give(recap_id, TO_KANWIL, by=house.by("admin.pusat"), now=house.now)
    with house.inside(), transaction() as here:
        here.execute(update(Recap).where(Recap.id == recap_id).values(state="replaced"))
    with house.inside("dirjen"), pytest.raises(NotThisState):
        dispositions.give(recap_id, TO_KANWIL, by=by, now=house.now)


# --- the archive ---


def found(house: House, username: str, **asked: str) -> list[int]:
    with house.inside(username):
        rows, _ = archive.search(Asked(**asked), by=house.by(username))
        return [row.recap.id for row in rows]


def test_the_archive_finds_by_kanwil_period_number_and_word_and_pages_without_gap(house: House) -> None:
    recap_id = house.signed()
    house.drafted("2024-02")
    number = str(house.recap(recap_id).number)
    with house.inside():
        assert words.catch_up() == 1
        assert words.catch_up() == 0
    for asked in (
        {},
        {"kanwil": "kalbar"},
        {"period": "2024"},
        {"period": "2024-Q1"},
        {"number": number},
        {"number": number[:9].lower()},
        {"q": "pontianak"},
        {"q": "PONTI maret"},
        {"kanwil": "kalbar", "period": "2024-03", "number": number, "q": "kriya"},
    ):
        assert found(house, "dirjen", **asked) == [recap_id], asked
        assert found(house, "kadiv.kalbar", **asked) == [recap_id], asked
        assert found(house, "kadiv.banten", **asked) == [], asked
    for asked in (
        {"kanwil": "banten"},
        {"period": "2023"},
        {"period": "2024-02"},
        {"number": "W.99"},
        {"q": "pontianak surabaya"},
        {"q": 'NEAR( "pontianak" OR * :'},
    ):
        assert found(house, "dirjen", **asked) == [], asked
    with house.inside("dirjen"), pytest.raises(Invalid):
        archive.search(Asked(period="Maret"), by=house.by("dirjen"))
    by = house.by("dirjen")
    with house.inside("dirjen"), counted_statements() as ran:
        archive.search(Asked(q="kayu"), by=by)
    assert len(ran) == 1

    first = recap_id
    with house.inside(), transaction() as here:  # its words are mended, and it is listed without a gap
        row = here.scalars(select(RecapText)).one()
        row.search = " katamutiara"
        here.flush()
    assert found(house, "dirjen", q="katamut") == [first]
    assert found(house, "dirjen", q="pontianak") == []
    with house.inside():
        words.keep(first)
    assert found(house, "dirjen", q="pontianak") == [first]
    with house.inside("dirjen"):
        rows, following = archive.search(Asked(), by=by, limit=1)
        assert ([row.recap.id for row in rows], following) == ([first], None)
        at = (house.recap(first).delivered_at or house.now).isoformat()
    with house.inside("dirjen"):
        assert archive.search(Asked(), by=by, after=(at, first))[0] == []
        assert len(archive.search(Asked(), by=by, after=(at, first + 1))[0]) == 1


# --- the mail, and a year as a ZIP ---


def arrived(house: House, recap_id: int, **settings: Any) -> Any:
    database.db.settings = replace(database.db.settings, **settings)
    with house.inside():
        assert arrivals.mail_arrival(recap_id) == 1
    return letters()[0]


def test_the_mail_brings_a_link_or_the_file_as_the_installation_says(house: House) -> None:
    """And a bundle that can't be made says why, then, mended, its memory does not grow with the file."""
    recap_id = house.signed()
    assert list(arrived(house, recap_id).iter_attachments()) == []
    (file,) = arrived(house, recap_id, recap_mail="file").iter_attachments()
    assert file.get_content() == house.file(recap_id)
    assert file.get_filename().startswith("rekap-2024-03-KRY-")
    mail = arrived(house, recap_id, recap_mail="file", recap_mail_mb=0)
    assert list(mail.iter_attachments()) == []
    assert f"/rekap/{recap_id}" in mail.get_content()
    a_bundle_of_a_damaged_file_fails(house, recap_id)
    memory_does_not_grow_with_the_files(house, recap_id)


def bundled(house: House, year: int = 2024, kanwil: str | None = None) -> Path:
    by = house.by("dirjen")
    with house.inside("dirjen"):
        made, _ = bundles.begin(year, kanwil, by=by, now=house.now)
        for _twice in range(2):
            done = bundles.carry_out(made.id, now=house.now)
        assert (done.state, done.files_done) == ("done", done.files_total)
        place = bundles.file_of(done)
    assert done.sha256 == hashlib.sha256(place.read_bytes()).hexdigest()
    return place


def test_a_bundle_holds_the_year_and_a_manifest_that_openssl_accepts(house: House, tmp_path: Path) -> None:
    recap_id = house.acknowledged()
    place = bundled(house, kanwil="kalbar")
    with zipfile.ZipFile(place) as opened:
        assert opened.testzip() is None
        opened.extractall(tmp_path)
    listed = json.loads((tmp_path / "manifest.json").read_bytes())
    (line,) = listed["files"]
    data = (tmp_path / line["path"]).read_bytes()
    assert data == house.file(recap_id)
    assert (line["sha256"], line["size"]) == (hashlib.sha256(data).hexdigest(), len(data))
    assert (line["kanwil"], line["period"], line["state"]) == ("kalbar", "2024-03", "acknowledged")
    assert listed["made_by"]["name"] == house.by("dirjen").name

    def run(*command: str) -> int:
        return subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode

    verify = (
        *("openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", "manifest.json.p7s"),
        *("-content", "manifest.json", "-CAfile", "sertifikat-ca.pem", "-out", "/dev/null"),
    )
    assert run(*verify) == 0
    assert run("sha256sum", "-c", "SHA256SUMS") == 0
    (tmp_path / "manifest.json").write_bytes(
        (tmp_path / "manifest.json").read_bytes().replace(b"kalbar", b"kalsel", 1)
    )
    assert run(*verify) != 0
    (tmp_path / line["path"]).write_bytes(data[:-1] + b"x")
    assert run("sha256sum", "-c", "SHA256SUMS") != 0
    it_is_taken_away_after_a_week(house, place)


def a_bundle_of_a_damaged_file_fails(house: House, recap_id: int) -> None:
    by, auditor = house.by("dirjen"), house.by("auditor")
    with house.inside("dirjen"):
        for year, kanwil in ((2023, None), (1900, None), (2024, "elsewhere")):
            with pytest.raises(Invalid):
                bundles.begin(year, kanwil, by=by, now=house.now)
        with pytest.raises(Forbidden):
            bundles.begin(2024, None, by=auditor, now=house.now)
    damaged = files.path(str(house.recap(recap_id).signed_sha256))
    assert damaged is not None
    kept = damaged.read_bytes()
    damaged.chmod(0o640)
    damaged.write_bytes(kept[:-1] + b"x")
    with house.inside("dirjen"):
        made, _ = bundles.begin(2024, None, by=by, now=house.now, key="k")
        assert bundles.begin(2024, None, by=by, now=house.now, key="k")[0].id == made.id
        bundles._bundle({"bundle_id": made.id})
        failed = bundles.load(made.id)
        assert failed.state == "failed"
        assert "rusak" in str(failed.problem)
        with pytest.raises(NoSuchBundle):
            bundles.file_of(failed)


def it_is_taken_away_after_a_week(house: House, place: Path) -> None:
    with house.inside("dirjen"):
        assert bundles.expire(house.now + timedelta(days=6)) == 0
        assert bundles.expire(house.now + timedelta(days=8)) == 1
        assert not place.exists()
        assert bundles.load(bundles.latest()[0].id).state == "expired"


def memory_does_not_grow_with_the_files(house: House, recap_id: int) -> None:
    """`KARYA_BUNDLE_MB` makes it big; the peak stays that of one piece."""
    size = int(os.environ.get("KARYA_BUNDLE_MB", "24")) * 1024 * 1024
    digest = files.put(os.urandom(1024) * (size // 1024))
    with house.inside(), transaction() as here:
        here.execute(update(Recap).where(Recap.id == recap_id).values(signed_sha256=digest))
    with house.inside("dirjen"):
        made, _ = bundles.begin(2024, None, by=house.by("dirjen"), now=house.now)
        tracemalloc.start()
        try:
            bundles.carry_out(made.id, now=house.now)
            _now, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert peak < 20 * 1024 * 1024


# --- pages ---


def test_the_pages_of_what_follows_a_recap(house: House, sign_in: Callable[..., Any]) -> None:
    recap_id = house.signed()
    with house.inside():
        words.keep(recap_id)
    dirjen, admin, kadiv = sign_in("dirjen"), sign_in("admin.pusat"), sign_in("kadiv.kalbar")

    def post(client: Any, page: str, address: str, **form: str) -> Any:
        text = client.get(page).text
        token = text.split('name="csrf_token" value="')[1].split('"')[0]
        return client.post(address, data={"csrf_token": token, **form})

    give = f"/rekap-masuk/{recap_id}/disposisi"
    wrong = post(dirjen, give, give, instruction="Tetap ada", to="", due_on="x")
    assert wrong.status_code == 422
    assert "Tetap ada" in wrong.text
    for to in ("kanwil", "admin.pusat"):
        sent = post(dirjen, give, give, instruction=f"Untuk {to}.", to=to, key=to)
        assert sent.status_code == 303
        assert post(dirjen, give, give, instruction=f"Untuk {to}.", to=to, key=to).status_code == 303
    page = dirjen.get(f"/rekap-masuk/{recap_id}").text
    assert page.count("Untuk kanwil.") == page.count("Untuk admin.pusat.") == 1
    assert "Untuk kanwil." not in admin.get(f"/rekap-masuk/{recap_id}").text
    assert "Untuk admin.pusat." in admin.get("/pemberitahuan").text
    assert "Untuk admin.pusat." not in kadiv.get(f"/rekap/{recap_id}").text
    assert "Untuk kanwil." in kadiv.get("/rekap/disposisi").text
    assert "Untuk kanwil." in dirjen.get("/rekap-masuk/disposisi").text
    assert "Untuk admin.pusat." in dirjen.get("/rekap-masuk/disposisi?kepada=pusat").text
    assert "Untuk kanwil." not in admin.get("/rekap-masuk/disposisi").text
    with house.inside():
        number = session().scalars(select(Disposition.id)).one()
    end = f"/rekap/disposisi/{number}"
    assert post(kadiv, end, f"{end}/selesai", note="").status_code == 422
    assert post(kadiv, end, f"{end}/selesai", note="Sudah dikirim.").status_code == 303
    assert "Sudah dikirim." in dirjen.get(f"/rekap-masuk/{recap_id}").text
    assert sign_in("kadiv.banten").get(end).status_code == 404
    assert sign_in("pembina.kalbar").get(end).status_code == 403

    assert (
        str(house.recap(recap_id).number) in dirjen.get("/rekap-masuk/arsip?q=pontianak&kanwil=kalbar").text
    )
    assert "Tidak ada rekap yang cocok" in kadiv.get("/rekap/arsip?q=tidakada").text
    assert dirjen.get("/rekap-masuk/arsip?periode=x").status_code == 422

    where = "/rekap-masuk/arsip/unduhan"
    assert post(dirjen, where, where, year="1999").status_code == 422
    begun = post(dirjen, where, where, year="2024", key="zip")
    address = begun.headers["Location"]
    assert "Sedang disusun" in dirjen.get(address).text
    assert dirjen.get(f"{address}/berkas").status_code == 404
    with house.inside("dirjen"):
        bundles.carry_out(int(address.rsplit("/", 1)[1]), now=house.now)
    assert dirjen.get(f"{address}?bagian=kemajuan").headers["HX-Refresh"] == "true"
    assert "Unduh ZIP" in dirjen.get(address).text
    assert dirjen.get(f"{address}/berkas").data.startswith(b"PK")
    for path, most in (
        (f"/rekap-masuk/{recap_id}", 14),
        ("/rekap-masuk/arsip", 10),
        ("/rekap-masuk/disposisi", 10),
    ):
        with counted_statements() as ran:
            assert dirjen.get(path).status_code == 200
        assert len(ran) <= most, "\n".join(ran)


def test_programs_give_dispositions_search_and_download(house: House, app: Any) -> None:
    recap_id = house.signed()
    with house.inside():
        words.keep(recap_id)
    api = app.test_client()

    def token(username: str) -> dict[str, str]:
        body = {"username": username, "password": PASSWORD, "provider": "db"}
        return {
            "Authorization": f"Bearer {api.post('/api/v1/security/login', json=body).json['access_token']}"
        }

    dirjen, kadiv, admin = token("dirjen"), token("kadiv.kalbar"), token("admin.pusat")
    asked = {"recap_id": recap_id, **TO_KANWIL}
    key = {**dirjen, "Idempotency-Key": "d1"}
    made = api.post("/api/v1/dispositions", json=asked, headers=key)
    assert made.status_code == 201, made.text
    assert api.post("/api/v1/dispositions", json=asked, headers=key).json["id"] == made.json["id"]
    assert api.post("/api/v1/dispositions", json=asked, headers=kadiv).status_code == 403
    inside = api.post("/api/v1/dispositions", json={"recap_id": recap_id, **TO_OFFICER}, headers=dirjen).json
    assert [one["id"] for one in api.get("/api/v1/dispositions", headers=kadiv).json["items"]] == [
        made.json["id"]
    ]
    assert [one["kind"] for one in api.get("/api/v1/dispositions", headers=admin).json["items"]] == ["centre"]
    end = f"/api/v1/dispositions/kanwil/{made.json['id']}"
    assert api.post(f"{end}/finish", json={"note": "Sudah."}, headers=admin).status_code == 404
    assert api.post(f"{end}/finish", json={}, headers=kadiv).status_code == 422
    done = api.post(f"{end}/finish", json={"note": "Sudah."}, headers={**kadiv, "Idempotency-Key": "f1"})
    assert done.json["state"] == "done"
    assert api.post(f"{end}/withdraw", json={"note": "Salah."}, headers=dirjen).status_code == 409
    taken = f"/api/v1/dispositions/centre/{inside['id']}/withdraw"
    assert api.post(taken, json={"note": "Salah."}, headers=dirjen).json["state"] == "withdrawn"

    hits = api.get("/api/v1/archive?q=pontianak&period=2024", headers=dirjen).json["items"]
    assert [one["id"] for one in hits] == [recap_id]
    assert api.get("/api/v1/archive?period=x", headers=kadiv).status_code == 422
    begun = api.post(
        "/api/v1/archive/bundles", json={"year": 2024}, headers={**dirjen, "Idempotency-Key": "z"}
    )
    assert begun.status_code == 202, begun.text
    where = begun.headers["Location"]
    assert api.get(f"{where}/file", headers=dirjen).status_code == 404
    with house.inside("dirjen"):
        bundles.carry_out(begun.json["id"], now=house.now)
    assert api.get(where, headers=admin).json["state"] == "done"
    assert api.get(f"{where}/file", headers=admin).data.startswith(b"PK")
    assert api.get(where, headers=kadiv).status_code == 404


def test_a_kanwil_has_a_year_of_its_own_recaps_put_together(
    house: House, desk: Callable[[str], Desk], client: Any
) -> None:
    recap_id = house.signed()
    with house.inside("kakanwil.kalbar"):
        revoking.revoke(recap_id, "Angkanya keliru sekali.", by=house.by("kakanwil.kalbar"), now=house.now)
    kadiv, here = desk("kadiv.kalbar"), "/rekap/arsip/unduhan"
    assert f'href="{here}"' in kadiv.get("/rekap/arsip")
    assert "Semua Kanwil" not in kadiv.get(here)
    assert 'role="alert"' in kadiv.post(here, 422, year="1900").text
    assert "Kanwil ini tidak ada." in kadiv.post(here, 422, year="2024", kanwil="banten").text
    at = kadiv.post(here, year="2024", key="k").headers["Location"]
    assert kadiv.post(here, year="2024", key="k").headers["Location"] == at
    page = kadiv.get(at)
    assert "Rekap 2024, Kanwil Kalimantan Barat" in page
    answer = kadiv.client.get(f"{at}/berkas")
    with zipfile.ZipFile(io.BytesIO(answer.data)) as opened:
        listed = json.loads(opened.read("manifest.json"))
    ((line,), maker) = (listed["files"], listed["made_by"])
    assert (line["kanwil"], line["state"]) == ("kalbar", "revoked")
    assert maker["name"] == house.by("kadiv.kalbar").name
    assert maker["organisation"].endswith("Kalimantan Barat")
    number = int(at.rsplit("/", 1)[1])
    for username, status in (("kadiv.banten", 404), ("pembina.kalbar", 403), ("dirjen", 403)):
        for path in (at, f"{at}/berkas"):
            desk(username).get(path, status)
    desk("dirjen").get(f"/rekap-masuk/arsip/unduhan/{number}", 404)
    assert "Tidak ada rekap" in desk("kadiv.banten").post(here, 422, year="2024").text

    body = {"username": "admin.kalbar", "password": house.world.password, "provider": "db"}
    token = client.post("/api/v1/security/login", json=body).json["access_token"]
    head = {"Authorization": f"Bearer {token}"}
    made = client.post("/api/v1/archive/bundles", json={"year": 2024}, headers=head)
    assert (made.status_code, made.json["state"], made.json["title"]) == (
        202,
        "running",
        "Rekap 2024, Kanwil Kalimantan Barat",
    )
    assert client.get(f"/api/v1/archive/bundles/{number}", headers=head).json["files_done"] == 1
    assert client.get(f"/api/v1/archive/bundles/{number}/file", headers=head).status_code == 200
    with house.inside():
        actions = list(
            session().scalars(select(AuditEvent.action).where(AuditEvent.action == "recaps.bundled"))
        )
        assert len(actions) == 2
        bundles.carry_out(made.json["id"], now=house.now)
        assert bundles.expire(house.now + timedelta(days=8)) == 2
        with pytest.raises(NoSuchBundle):
            bundles.file_of(bundles.load(number))
