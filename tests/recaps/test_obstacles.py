"""The register of obstacles: every change kept, open ones carried over, late ones flagged, the commonest counted."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import DBAPIError

from recaps import drafting, obstacle_lists, obstacles
from recaps.errors import NoSuchObstacle
from recaps.models import Obstacle, ObstacleChange
from recaps.obstacle_lists import Narrowed
from tenants import database
from tenants.database import session, transaction
from tenants.errors import Conflict, Forbidden, Invalid
from tests.recaps.conftest import House
from tests.support.statements import counted_statements
from tests.support.worlds import PASSWORD

OPERATOR, NEIGHBOUR, KADIV = "operator.lapas-iia-pontianak", "operator.rutan-iia-pontianak", "kadiv.kalbar"
ENTERED = {
    "category": "materials",
    "description": "Kayu terlambat.",
    "action": "Pemasok kedua dihubungi.",
    "who": "Kasubsi Giatja",
}


def written(house: House, username: str = OPERATOR, **more: Any) -> int:
    with house.inside(username):
        made, _ = obstacles.add({**ENTERED, **more}, by=house.by(username), now=house.now)
        return int(made.id)


def changed(house: House, obstacle_id: int, username: str = OPERATOR, **more: Any) -> None:
    with house.inside(username):
        obstacles.change(obstacle_id, more, by=house.by(username), now=house.now)


def today(house: House) -> date:
    return house.now.date()


def seen(house: House, username: str = KADIV, **narrowed: Any) -> list[str]:
    with house.inside(username):
        items, _ = obstacle_lists.listed(Narrowed(**narrowed), today=today(house))
        return [item.obstacle.description for item in items]


def test_every_change_is_kept_field_by_field(house: House) -> None:
    made = written(house)
    changed(house, made, action="Pemasok kedua mengirim.", due_on="2027-01-05")
    changed(house, made)  # nothing changed, nothing kept
    changed(house, made, KADIV, state="done")
    with house.inside(OPERATOR):
        kept = obstacle_lists.history(made)
        assert [one.version for one in kept] == [3, 2, 1]
        assert kept[0].changes == {"state": ["open", "done"]}
        assert kept[0].by_name == house.by(KADIV).name
        assert kept[1].changes == {
            "action": ["Pemasok kedua dihubungi.", "Pemasok kedua mengirim."],
            "due_on": [None, "2027-01-05"],
        }
        assert kept[2].changes["description"] == [None, "Kayu terlambat."]
    with house.inside(NEIGHBOUR):
        assert obstacle_lists.history(made) == []


@pytest.mark.parametrize("act", [update(ObstacleChange).values(by_name="x"), delete(ObstacleChange)])
def test_the_history_can_neither_be_changed_nor_deleted(house: House, act: Any) -> None:
    written(house)
    with house.inside(OPERATOR), pytest.raises(DBAPIError), transaction() as here:
        here.execute(act)


def test_what_was_written_down_by_mistake_is_taken_back_and_its_history_stays(house: House) -> None:
    made = written(house)
    with house.inside(OPERATOR):
        obstacles.remove(made, by=house.by(OPERATOR), now=house.now)
        with pytest.raises(NoSuchObstacle):
            obstacles.remove(made, by=house.by(OPERATOR), now=house.now)
        with pytest.raises(NoSuchObstacle):
            obstacles.load(made)
        assert session().get(Obstacle, made).state == "removed"
        assert obstacle_lists.history(made)[0].changes["state"] == ["open", "removed"]
        assert obstacle_lists.counts(today(house)) == {"open": 0, "done": 0, "late": 0}
    assert seen(house) == []


def test_two_who_change_at_once_do_not_overwrite_each_other(house: House) -> None:
    made = written(house)
    changed(house, made, who="Kepala UPT")
    with house.inside(OPERATOR), pytest.raises(Conflict):
        obstacles.change(made, {"who": "Lain"}, by=house.by(OPERATOR), now=house.now, version=1)


def test_the_list_is_narrowed_and_says_what_is_late(house: House) -> None:
    yesterday, tomorrow = (today(house) + timedelta(days=n) for n in (-1, 1))
    late = written(house, description="Terlambat", due_on=yesterday)
    written(house, description="Belum", due_on=tomorrow)
    written(house, KADIV, description="Angkutan antarpulau", category="delivery")
    settled = written(house, NEIGHBOUR, description="Sudah", due_on=yesterday)
    changed(house, settled, NEIGHBOUR, state="done")
    assert seen(house) == ["Sudah", "Angkutan antarpulau", "Belum", "Terlambat"]
    assert seen(house, late=True) == ["Terlambat"]
    assert seen(house, state="done") == ["Sudah"]
    assert seen(house, category="delivery") == seen(house, upt_id=0) == ["Angkutan antarpulau"]
    assert seen(house, q="PEMASOK antar") == ["Angkutan antarpulau"]
    assert seen(house, OPERATOR) == ["Belum", "Terlambat"]
    with house.inside():
        assert obstacle_lists.counts(today(house)) == {"open": 3, "done": 1, "late": 1}
        with pytest.raises(Invalid):
            obstacle_lists.listed(Narrowed(state="x"), today=today(house))
        first, after = obstacle_lists.listed(Narrowed(), today=today(house), limit=3)
        rest, end = obstacle_lists.listed(Narrowed(), today=today(house), after=after, limit=3)
        assert [row.obstacle.id for row in rest] == [late]
        assert (len(first), end) == (3, None)
        assert len(list(obstacle_lists.every(Narrowed(), today=today(house)))) == 4
    with house.inside("pembina.kalbar"), pytest.raises(Forbidden):
        obstacles.add(ENTERED, by=house.by("pembina.kalbar"), now=house.now)


def test_open_ones_carry_over_to_the_next_recap(house: House) -> None:
    written(house)
    gone = written(house, description="Salah catat")
    with house.inside(OPERATOR):
        obstacles.remove(gone, by=house.by(OPERATOR), now=house.now)
    for period in ("2024-03", "2024-04"):
        recap_id = house.drafted(period)
        with house.inside():
            reported = drafting.figures_of(drafting.load(recap_id))["obstacles"]
            assert [item["description"] for item in reported["items"]] == ["Kayu terlambat."]


def test_the_centre_counts_by_category_and_reads_nobodys_words(house: House) -> None:
    written(house)
    written(house, NEIGHBOUR, due_on=today(house) - timedelta(days=2))
    written(house, "kadiv.banten", category="delivery")
    with house.inside("dirjen"), database.national("kendala") as reader, counted_statements() as ran:
        rows = obstacle_lists.commonest(reader, year=None, today=today(house))
    assert len(ran) == 1
    assert [(row.category, row.total, row.open, row.late, row.kanwils, row.upts) for row in rows] == [
        ("materials", 2, 2, 1, 1, 2),
        ("delivery", 1, 1, 0, 1, 0),
    ]
    with house.inside("dirjen"), database.national("kendala") as reader:
        this_year = obstacle_lists.commonest(reader, year=today(house).year, today=today(house))
        assert this_year == rows
        assert obstacle_lists.commonest(reader, year=today(house).year - 1, today=today(house)) == []


def test_the_pages_show_history_filters_and_files(house: House, sign_in: Callable[..., Any]) -> None:
    made = written(house, description="=1+1 <script>", due_on=today(house) - timedelta(days=1))
    changed(house, made, action="Sudah dikirim.")
    operator, reader = sign_in(OPERATOR), sign_in("pembina.kalbar")
    page = operator.get(f"/rekap/kendala/{made}").text
    assert "Riwayat perubahan" in page
    assert "<del>Pemasok kedua dihubungi.</del>" in page
    assert "lewat tenggat" in page
    assert "<script>" not in page.replace("<script ", "")
    read = reader.get(f"/rekap/kendala/{made}").text
    assert "Sudah dikirim." in read
    assert 'name="description"' not in read
    assert "Sudah dikirim." in reader.get("/rekap/kendala?lewat=1&upt=&jenis=materials&q=dikirim").text
    assert "Tidak ada kendala di sini" in reader.get("/rekap/kendala?keadaan=done").text
    with counted_statements() as ran:
        assert reader.get("/rekap/kendala").status_code == 200
    assert len(ran) <= 10, "\n".join(ran)
    lines = list(csv.DictReader(io.StringIO(reader.get("/rekap/kendala/ekspor.csv").text)))
    assert [line["Kendala"] for line in lines] == ["'=1+1 <script>"]
    assert reader.get("/rekap/kendala/ekspor.xlsx").data.startswith(b"PK")
    assert reader.get("/rekap/kendala/ekspor.pdf").status_code == 422
    assert sign_in(NEIGHBOUR).get(f"/rekap/kendala/{made}").status_code == 404
    national = sign_in("dirjen").get("/rekap-masuk/kendala").text
    assert "Bahan baku" in national
    assert "=1+1" not in national


def test_programs_keep_the_register(house: House, app: Any) -> None:
    def token(username: str) -> dict[str, str]:
        body = {"username": username, "password": PASSWORD, "provider": "db"}
        given = app.test_client().post("/api/v1/security/login", json=body).json
        return {"Authorization": f"Bearer {given['access_token']}"}

    api, head = app.test_client(), token(OPERATOR)
    key = {**head, "Idempotency-Key": "kendala-1"}
    made = api.post("/api/v1/obstacles", json=ENTERED, headers=key)
    assert made.status_code == 201, made.text
    again = api.post("/api/v1/obstacles", json=ENTERED, headers=key)
    assert (again.json["id"], again.headers["Idempotency-Replayed"]) == (made.json["id"], "true")
    where = made.headers["Location"]
    assert api.patch(where, json={"state": "done", "version": 1}, headers=head).json["state"] == "done"
    assert api.patch(where, json={"who": "x", "version": 1}, headers=head).status_code == 409
    assert api.patch(where, json={"who": ""}, headers=head).status_code == 422
    assert [one["version"] for one in api.get(where, headers=head).json["history"]] == [2, 1]
    listed = api.get("/api/v1/obstacles?state=done&limit=1", headers=head).json
    assert [one["id"] for one in listed["items"]] == [made.json["id"]]
    assert api.get("/api/v1/obstacles?state=x", headers=head).status_code == 422
    assert api.post(f"{where}/remove", headers=head).json["state"] == "removed"
    assert api.get(where, headers=head).status_code == 404
    assert api.get("/api/v1/obstacles/national", headers=head).status_code == 403
    assert api.get("/api/v1/obstacles/national", headers=token("dirjen")).json["items"] == []
