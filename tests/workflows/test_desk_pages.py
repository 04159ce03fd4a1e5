"""The desk as officers and programs use it: chips and views, taking and handing over, many at once, what others do."""

from __future__ import annotations

import re
from typing import Any

from tenants import clock
from tenants.scope import entered
from tests.support.statements import counted_statements
from tests.support.worlds import World
from tests.workflows.conftest import GOOD, NOW
from tests.workflows.test_pages import bearer, submitted, ticked
from workflows.decisions import Verdict, decide
from workflows.desk import priority
from workflows.desk.holding import claim

__all__ = ["submitted"]
UPT = "lapas-iia-pontianak"


class Officer:
    """A signed-in client that sends the form token of the page before."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self.token = ""

    def get(self, path: str, **more: Any) -> Any:
        answer = self.client.get(path, **more)
        found = re.search(r'name="csrf_token" value="([^"]+)"', answer.get_data(as_text=True))
        self.token = found.group(1) if found else self.token
        return answer

    def post(self, path: str, data: Any = None, **more: Any) -> Any:
        return self.client.post(path, data={"csrf_token": self.token, **(data or {})}, **more)


def rows(page: str) -> list[int]:
    return [int(one) for one in re.findall(r'data-case="(\d+)"', page)]


def moved_by_a_colleague(world: World, case_id: int) -> None:
    from dataclasses import replace

    with entered(world.scope("kadiv.kalbar")):
        by = replace(world.actor("pembina.kalbar"), id=1, name="Dedi")
        decide(case_id, Verdict("approve", checklist=GOOD["pembinaan"]), by=by, key="x", now=NOW)


def test_filters_order_and_views_stand_in_the_address(submitted: Any, sign_in: Any, world: World) -> None:
    first, second = submitted(2)
    with entered(world.scope("pembina.kalbar")):
        by = world.actor("pembina.kalbar")
        priority.set_urgent(second.id, True, reason="Pameran.", by=by, now=clock.now())
    officer = Officer(sign_in("pembina.kalbar"))
    page = officer.get("/kotak-masuk").get_data(as_text=True)
    assert "Mendesak 1" in page
    assert "Sebagai Plh" not in page
    assert rows(officer.get("/kotak-masuk?mendesak=1").get_data(as_text=True)) == [second.id]
    assert rows(officer.get("/kotak-masuk?tahap=pemantauan").get_data(as_text=True)) == []
    assert "Menurut tanggal pengajuan" in officer.get("/kotak-masuk?urut=pengajuan").get_data(as_text=True)
    made = officer.post(
        "/kotak-masuk/tampilan",
        {"name": "Yang mendesak", "query": "tab=saya&mendesak=1&cursor=zz&lain=1", "default": "yes"},
    )
    assert made.location == "/kotak-masuk?tab=saya&mendesak=1"
    opened = officer.get("/kotak-masuk")
    assert (opened.status_code, opened.location) == (302, "/kotak-masuk?tab=saya&mendesak=1")
    page = officer.get(opened.location).get_data(as_text=True)
    assert "Yang mendesak" in page
    listed = officer.get("/kotak-masuk?tab=saya").get_data(as_text=True)
    assert rows(listed) == [second.id, first.id]  # the urgent first
    number = re.search(r"/kotak-masuk/tampilan/(\d+)", page).group(1)  # type: ignore[union-attr]
    stranger = Officer(sign_in("pemantau.kalbar"))
    assert "Yang mendesak" not in stranger.get("/kotak-masuk").get_data(as_text=True)
    assert stranger.post(f"/kotak-masuk/tampilan/{number}", {"act": "remove"}).status_code == 404
    officer.post(f"/kotak-masuk/tampilan/{number}", {"act": "remove"})
    assert officer.get("/kotak-masuk").status_code == 200


def test_the_inbox_of_a_kadiv_with_views_stays_within_twelve_statements(submitted: Any, sign_in: Any) -> None:
    submitted(8)
    kadiv = Officer(sign_in("kadiv.kalbar"))
    kadiv.get("/kotak-masuk?tab=tim")
    kadiv.post("/kotak-masuk/tampilan", {"name": "Tim", "query": "tab=tim"})
    for path in ("/kotak-masuk?tab=tim&tahap=pembinaan&urut=pengajuan", "/kotak-masuk?tab=tim&pilih=1"):
        with counted_statements() as seen:
            assert kadiv.get(path).status_code == 200
        assert len(seen) <= 12, "\n".join(seen)


def test_a_taken_case_is_marked_and_refused_to_others(submitted: Any, sign_in: Any, world: World) -> None:
    case = submitted()[0]
    officer = Officer(sign_in("pembina.kalbar"))
    officer.get(f"/kasus/{case.id}")
    for _ in range(2):
        assert officer.post(f"/kasus/{case.id}/ambil").location == f"/kasus/{case.id}#isi"
    assert "Anda pegang" in officer.get("/kotak-masuk?tab=saya").get_data(as_text=True)
    kadiv = Officer(sign_in("kadiv.kalbar"))
    assert "dipegang" in kadiv.get("/kotak-masuk?tab=tim").get_data(as_text=True)
    page = kadiv.get(f"/kasus/{case.id}/alihkan").get_data(as_text=True)
    assert world.actor("pembina.kalbar").name in page
    assert kadiv.post(f"/kasus/{case.id}/alihkan", {"officer_id": "999999"}).status_code == 422
    given = {"officer_id": str(world.actor("pembina.kalbar").id)}
    assert kadiv.post(f"/kasus/{case.id}/alihkan", given).status_code == 303
    assert officer.post(f"/kasus/{case.id}/lepas").status_code == 403
    assert officer.post(f"/kasus/{case.id}/alihkan", given).status_code == 403
    assert "ditugaskan kepada" in kadiv.get(f"/kasus/{case.id}").get_data(as_text=True)


def test_another_holders_case_answers_409_in_words(submitted: Any, sign_in: Any, world: World) -> None:
    from dataclasses import replace

    case = submitted()[0]
    with entered(world.scope("kadiv.kalbar")):
        by = replace(world.actor("pembina.kalbar"), id=1, name="Dedi")
        claim(case.id, by=by, now=clock.now())
    officer = Officer(sign_in("pembina.kalbar"))
    page = officer.get(f"/kasus/{case.id}").get_data(as_text=True)
    assert "dipegang Dedi sampai" in page
    assert "data-decision" not in page
    form = {**ticked("pembinaan"), "key": "k", "outcome": "approve"}
    refused = officer.post(f"/kasus/{case.id}/putuskan", form)
    assert refused.status_code == 409
    assert "dipegang Dedi sampai" in refused.get_data(as_text=True)


def test_priority_is_set_with_a_reason(submitted: Any, sign_in: Any) -> None:
    case = submitted()[0]
    officer = Officer(sign_in("pembina.kalbar"))
    officer.get(f"/kasus/{case.id}")
    assert officer.post(f"/kasus/{case.id}/prioritas", {"urgent": "yes"}).location.endswith("#prioritas")
    officer.post(f"/kasus/{case.id}/prioritas", {"urgent": "yes", "reason": "Pameran besok."})
    assert "mendesak" in officer.get(f"/kasus/{case.id}").get_data(as_text=True)
    operator = Officer(sign_in(f"operator.{UPT}"))
    operator.get(f"/kasus/{case.id}")
    assert operator.post(f"/kasus/{case.id}/prioritas", {"urgent": "no", "reason": "x"}).status_code == 403


def test_the_list_says_whether_it_changed(submitted: Any, sign_in: Any, world: World) -> None:
    case = submitted()[0]
    officer = Officer(sign_in("pembina.kalbar"))
    first = officer.get("/kotak-masuk/keadaan?tab=saya")
    mark = {"If-None-Match": first.headers["ETag"]}
    assert officer.get("/kotak-masuk/keadaan?tab=saya", headers=mark).status_code == 304
    moved_by_a_colleague(world, case.id)
    assert officer.get("/kotak-masuk/keadaan?tab=saya", headers=mark).status_code == 200


def test_an_open_page_hears_who_looks_and_that_its_case_moved(
    submitted: Any, sign_in: Any, world: World
) -> None:
    case = submitted()[0]
    officer, other = Officer(sign_in("pembina.kalbar")), Officer(sign_in("pemantau.kalbar"))
    for one in (officer, other):
        one.get(f"/kasus/{case.id}")
        heard = one.post(f"/kasus/{case.id}/hadir", {"version": "1"}).get_data(as_text=True)
    assert f"{world.actor('pembina.kalbar').name} (Pembina) juga melihat kasus ini" in heard
    operator = Officer(sign_in(f"operator.{UPT}"))
    operator.get(f"/kasus/{case.id}")
    assert "juga melihat" not in operator.post(f"/kasus/{case.id}/hadir").get_data(as_text=True)
    moved_by_a_colleague(world, case.id)
    heard = officer.post(f"/kasus/{case.id}/hadir", {"version": "1"}).get_data(as_text=True)
    assert "baru saja disetujui oleh Dedi (Pembina)" in heard


def test_many_are_picked_reviewed_and_decided_with_one_that_moved(
    submitted: Any, sign_in: Any, world: World
) -> None:
    cases = submitted(5)
    officer = Officer(sign_in("pembina.kalbar"))
    page = officer.get("/kotak-masuk?tab=saya&pilih=semua").get_data(as_text=True)
    items = re.findall(r'name="item" value="([^"]+)" checked', page)
    assert len(items) == 5
    review = officer.post("/kotak-masuk/banyak", {"item": items, "outcome": "approve"}).get_data(as_text=True)
    assert "Setujui 5 kasus" in review
    named = re.findall(r'name="item" value="([^"]+)" checked', review)
    prefix = named[0].rsplit(":", 1)[1] + "."
    key = re.search(r'name="key" value="([^"]+)"', review).group(1)  # type: ignore[union-attr]
    form = {"item": named, "outcome": "approve", "key": key}
    missing = officer.post("/kotak-masuk/banyak/putuskan", form)
    assert missing.status_code == 422
    assert missing.get_data(as_text=True).count("Belum dijawab.") == 5
    moved_by_a_colleague(world, cases[2].id)
    answers = {prefix + name: value for name, value in ticked("pembinaan").items()}
    done = [officer.post("/kotak-masuk/banyak/putuskan", {**form, **answers}) for _ in range(2)]
    assert {one.status_code for one in done} == {303}
    assert done[0].location == done[1].location
    result = officer.get(done[0].location).get_data(as_text=True)
    assert "4 dari 5 kasus disetujui" in result
    assert "Dedi (Pembina) sudah menyetujui tahap Pembinaan" in result
    again = officer.post("/kotak-masuk/banyak", {"item": str(cases[2].id), "outcome": "approve"})
    assert "Menunggu Pemantau" in again.get_data(as_text=True)
    stranger = sign_in("pemantau.kalbar")
    assert stranger.get(done[0].location.split("#")[0]).status_code == 404


def test_more_than_twenty_go_to_a_job_with_its_progress(submitted: Any, sign_in: Any, world: World) -> None:
    from tenants import jobs
    from workflows.desk import bulk

    cases = submitted(21)
    officer = Officer(sign_in("pembina.kalbar"))
    officer.get("/kotak-masuk?tab=saya")
    form = {
        "item": [f"{case.id}:1:pembinaan" for case in cases],
        "outcome": "return",
        "key": "banyak",
        "comment": "Perbaiki.",
        "request_field": "name",
        "request_text": "Sebut bahannya.",
    }
    begun = officer.post("/kotak-masuk/banyak/putuskan", form)
    page = officer.get(begun.location).get_data(as_text=True)
    assert "0 dari 21 kasus sudah diperiksa" in page
    run_id = int(begun.location.split("/")[-1].split("#")[0])
    assert jobs.counts() == {"ENQUEUED": 1}
    with entered(world.scope("pembina.kalbar")):
        bulk._carry_out({"run_id": run_id})
    assert "21 dari 21 kasus dikembalikan" in officer.get(begun.location).get_data(as_text=True)


def test_the_api_gives_an_outcome_for_each_of_two_hundred(submitted: Any, client: Any, world: World) -> None:
    cases = submitted(200)
    for moved in (cases[3], cases[50], cases[199]):
        moved_by_a_colleague(world, moved.id)
    me = bearer(client, "pembina.kalbar")
    body = {
        "items": [{"case_id": case.id, "version": 1, "stage": "pembinaan"} for case in cases],
        "outcome": "approve",
        "checklist": GOOD["pembinaan"],
    }
    headers = {**me, "Idempotency-Key": "dua ratus"}
    answer = client.post("/api/v1/inbox/decisions", json=body, headers=headers)
    assert (answer.status_code, answer.json["done"], answer.json["failed"]) == (200, 197, 3)
    failed = [one for one in answer.json["items"] if one["status"] != 201]
    assert [one["case_id"] for one in failed] == [cases[3].id, cases[50].id, cases[199].id]
    assert {(one["status"], one["code"]) for one in failed} == {(409, "kasus-sudah-berpindah")}
    again = client.post("/api/v1/inbox/decisions", json=body, headers=headers)
    assert again.json == answer.json
    assert again.headers["Idempotency-Replayed"] == "true"


def test_the_api_refuses_a_list_that_it_cannot_read(submitted: Any, client: Any) -> None:
    case = submitted()[0]
    me = bearer(client, "pembina.kalbar")
    for body in (
        {"outcome": "approve"},
        {"outcome": "approve", "items": []},
        {"outcome": "reject", "comment": "x", "items": [{"case_id": case.id}]},
        {"outcome": "approve", "items": [{"case_id": "x"}]},
        {"outcome": "approve", "items": [{"case_id": case.id, "lain": 1}]},
        {"outcome": "approve", "items": [{"case_id": case.id}] * 2},
    ):
        assert client.post("/api/v1/inbox/decisions", json=body, headers=me).status_code == 422, body
    unknown = client.get("/api/v1/inbox?order=zz&stage=zz", headers=me)
    assert set(unknown.json["errors"]) == {"order", "stage"}
    listed = client.get("/api/v1/inbox?order=submitted&stage=pembinaan", headers=me).json
    assert [(one["id"], one["version"], one["held"]) for one in listed["items"]] == [(case.id, 1, None)]
    alone = client.post(
        "/api/v1/inbox/decisions", json={"outcome": "approve", "items": [{"case_id": 999999}]}, headers=me
    )
    assert alone.json["items"][0]["status"] == 404


def test_a_substitute_has_a_tab_of_what_a_letter_lends_him(
    submitted: Any, sign_in: Any, world: World
) -> None:
    from datetime import date

    from tenants.database import transaction
    from tenants.models import Substitution

    case = submitted()[0]
    with entered(world.scope("admin.kalbar")), transaction() as session:
        letter = Substitution(
            role="pembina",
            kind="plh",
            principal_id=world.actor("pembina.kalbar").id,
            principal_name="Rina",
            substitute_id=world.actor("pemantau.kalbar").id,
            substitute_name="Dedi",
            from_on=date(2024, 1, 1),
            until_on=date(2099, 4, 30),
            letter_number="W.16-PAS-1",
            created_by=1,
            created_at=NOW,
        )
        session.add(letter)
    officer = Officer(sign_in("pemantau.kalbar"))
    page = officer.get("/kotak-masuk?tab=plh").get_data(as_text=True)
    assert "Sebagai Plh 1" in page
    assert "Anda juga <b>Plh. Pembina</b> sampai 30 April 2099 (1 kasus)." in re.sub(r"\s+", " ", page)
    assert rows(page) == [case.id]
    officer.post(f"/kasus/{case.id}/ambil")
    assert "Anda pegang" in officer.get("/kotak-masuk?tab=plh").get_data(as_text=True)
    assert "Sebagai Plh" not in sign_in("pembina.kalbar").get("/kotak-masuk?tab=plh").get_data(as_text=True)
