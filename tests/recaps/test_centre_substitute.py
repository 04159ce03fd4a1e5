"""A Plh. of the Direktur Jenderal receives and signs: letter, certificate and verification call him that, only as long
as his letter holds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from recaps import archiving, receiving, verification
from recaps.national import acting, drafting, events, signing
from recaps.national.models import NationalRecap
from tenants import centre, files, jobs
from tenants.clock import now as wall
from tenants.database import session
from tenants.errors import Forbidden, Invalid
from tenants.models import CentreSubstitution, Officer
from tenants.officers import Actor
from tenants.substitutes import actor_at
from tests.recaps.conftest import House
from tests.recaps.test_arrivals import letters, told
from tests.recaps.test_batches import authority
from tests.recaps.test_life import printed
from tests.recaps.test_pages import Desk, desk, worker

__all__ = ["authority", "desk", "worker"]
SUBSTITUTE, OFFICE = "auditor", "Plh. Direktur Jenderal Pemasyarakatan"
LETTER = "PAS-KP.04.01-77"


def asked(house: House, **other: str) -> dict[str, str]:
    values = {
        "kind": "plh",
        "principal_id": str(house.by("dirjen").id),
        "substitute_id": str(house.by(SUBSTITUTE).id),
        "from_on": centre.today(house.now).isoformat(),
        "until_on": (centre.today(house.now) + timedelta(days=5)).isoformat(),
        "letter_number": LETTER,
    }
    return {**values, **other}


def lent(house: House) -> CentreSubstitution:
    with house.inside("admin.pusat"):
        return acting.appoint(asked(house), by=house.by("admin.pusat"), now=house.now)


def stand_in(house: House) -> Actor:
    """The substitute with what his letter lends him now; within a scope."""
    return actor_at(session().get_one(Officer, house.by(SUBSTITUTE).id), house.now)


def test_a_plh_receives_and_signs_for_the_country_and_the_archive_stamps_it(
    house: House, worker: jobs.Worker, authority: Any, tmp_path: Path
) -> None:
    lent(house)
    worker.drain()
    assert [mail["Subject"] for mail in letters()] == [f"Anda {OFFICE}"]
    kalbar = house.signed()
    assert told(house, kalbar) == 2, "the Dirjen and who stands in for him"
    with house.inside(SUBSTITUTE):
        by = stand_in(house)
        receiving.request_acknowledge(kalbar, by=by, now=wall())
    worker.drain()
    found = verification.verify_file(house.file(kalbar))
    assert (found.verdict, [one.office for one in found.signatures]) == (
        "sound",
        ["Kepala Kantor Wilayah", OFFICE],
    )

    with house.inside("admin.pusat"):
        keeper = house.by("admin.pusat")
        recap, _ = drafting.draft("2024-03", by=keeper, now=house.now)
        drafting.prepare(recap.id, 1, now=house.now)
        drafting.submit(recap.id, by=keeper, now=house.now)
    with house.inside(SUBSTITUTE):
        signing.request_sign(recap.id, by=by, now=wall())
    worker.drain()
    with house.inside("dirjen"):
        done = drafting.load(recap.id)
        assert (done.state, done.signer_name, done.signer_office) == ("signed", by.name, OFFICE)
        pdf = files.get(str(done.signed_sha256))
        assert archiving.plan_national(wall()) == 1
    text = printed(pdf, tmp_path)
    assert f"{OFFICE}," in text
    assert by.name in text
    worker.drain()
    with house.inside("dirjen"):
        assert archiving.plan_national(wall()) == 0
        stamped = session().scalars(select(NationalRecap)).one()
        assert stamped.restamp_at is not None
        newest = files.get(str(stamped.file_sha256))
        assert newest.startswith(pdf)
        assert events.listed(f"nasional:{recap.id}")[0].action == "recap.archived"
    for file, stamps in ((pdf, 0), (newest, 1)):
        found = verification.verify_file(file)
        assert (found.verdict, len(found.archived), found.history_match) == ("sound", stamps, True)
        assert [one.office for one in found.signatures] == [OFFICE]
        assert found.record is not None
        assert found.record.office == OFFICE


def test_a_letter_that_ended_lends_nothing_and_a_drafter_signs_nothing(house: House) -> None:
    letter = lent(house)
    with house.inside("admin.pusat"):
        keeper = house.by("admin.pusat")
        recap, _ = drafting.draft("2024-03", by=keeper, now=house.now)
        drafting.prepare(recap.id, 1, now=house.now)
        drafting.submit(recap.id, by=keeper, now=house.now)
    with house.inside(SUBSTITUTE):
        by = stand_in(house)
        attempt = signing.request_sign(recap.id, by=by, now=house.now).attempt
        assert centre.lent_to(session().get_one(Officer, by.id), house.now + timedelta(days=7)) == ()
    with house.inside("admin.pusat"):
        for _ in range(2):
            acting.revoke(letter.id, by=keeper, now=house.now)
        assert len(events.listed(acting.CHAIN)) == 2
    with house.inside(SUBSTITUTE):
        with pytest.raises(Forbidden):
            signing.sign(recap.id, attempt, now=house.now)
        with pytest.raises(Forbidden):
            signing.request_sign(recap.id, by=stand_in(house), now=house.now)
    with house.inside("dirjen"):
        again = acting.appoint(
            asked(house, substitute_id=str(keeper.id)), by=house.by("dirjen"), now=house.now
        )
        assert again.substitute_name == keeper.name
    with house.inside("admin.pusat"):
        both = actor_at(session().get_one(Officer, keeper.id), house.now)
        assert both.has("dirjen", "admin_pusat")
        with pytest.raises(Exception, match="tidak menandatanganinya sendiri"):
            signing.request_sign(recap.id, by=both, now=house.now + timedelta(hours=1))


def test_what_stands_in_the_way_of_a_letter_is_named(house: House) -> None:
    lent(house)
    keeper, dirjen = house.by("admin.pusat"), house.by("dirjen")
    yesterday = (centre.today(house.now) - timedelta(days=1)).isoformat()
    with house.inside("admin.pusat"):
        for other, field in (
            ({}, "from_on"),
            ({"substitute_id": str(keeper.id)}, "substitute_id"),
            ({"substitute_id": str(dirjen.id)}, "substitute_id"),
            ({"substitute_id": "99999"}, "substitute_id"),
            ({"substitute_id": "²"}, "substitute_id"),
            ({"substitute_id": str(house.by("kakanwil.kalbar").id)}, "substitute_id"),
            ({"principal_id": str(keeper.id)}, "principal_id"),
            ({"kind": "plt"}, "kind"),
            ({"kind": "pjs"}, "kind"),
            ({"until_on": yesterday}, "until_on"),
            ({"from_on": "kemarin"}, "from_on"),
            ({"letter_number": " "}, "letter_number"),
        ):
            with pytest.raises(Invalid) as refused:
                acting.appoint(asked(house, **other), by=keeper, now=house.now)
            assert field in refused.value.fields, other
    with house.inside(SUBSTITUTE), pytest.raises(Forbidden):
        acting.appoint(asked(house), by=house.by(SUBSTITUTE), now=house.now)


def test_the_letter_on_pages_and_by_the_api(house: House, desk: Callable[[str], Desk], client: Any) -> None:
    keeper, plh = desk("admin.pusat"), desk(SUBSTITUTE)
    plh.get("/rekap-masuk", 403)
    assert "Belum ada surat penunjukan" in keeper.get("/pusat/pengganti")
    wrong = keeper.post("/pusat/pengganti", 422, **asked(house, letter_number="", until_on="x")).text
    assert f'value="{centre.today(house.now).isoformat()}"' in wrong
    keeper.post("/pusat/pengganti", **asked(house))
    page = keeper.get("/pusat/pengganti")
    assert f"Surat untuk {house.by(SUBSTITUTE).name} dicatat." in page
    assert LETTER in page
    assert "Plh. Direktur Jenderal" in plh.get("/rekap-masuk")
    assert f"Anda {OFFICE}" in plh.get("/pemberitahuan")
    plh.get("/beranda/")
    number = page.split("/pusat/pengganti/")[1].split("/")[0]
    keeper.post(f"/pusat/pengganti/{number}/akhiri")
    plh.get("/rekap-masuk", 403)
    plh.get("/pusat/pengganti", 403)

    def token(username: str) -> dict[str, str]:
        body = {"username": username, "password": house.world.password, "provider": "db"}
        return {
            "Authorization": f"Bearer {client.post('/api/v1/security/login', json=body).json['access_token']}"
        }

    here, head = "/api/v1/national-substitutes/", {**token("dirjen"), "Idempotency-Key": "surat"}
    given = asked(house)
    body = {
        **{name: given[name] for name in ("kind", "from_on", "until_on", "letter_number")},
        "principal": "dirjen",
        "substitute": SUBSTITUTE,
    }
    made = client.post(here, json=body, headers=head)
    assert (made.status_code, made.json["state"], made.json["principal"]) == (
        201,
        "now",
        house.by("dirjen").name,
    )
    assert client.post(here, json=body, headers=head).headers["Idempotency-Replayed"] == "true"
    refused = client.post(here, json={**body, "substitute": "tidak.ada"}, headers=token("dirjen"))
    assert (refused.status_code, set(refused.json["errors"])) == (422, {"substitute"})
    assert client.post(here, json={"peran": 1}, headers=token("dirjen")).status_code == 422
    assert [one["state"] for one in client.get(here, headers=head).json["items"]] == ["now", "revoked"]
    ended = client.post(f"{here}{made.json['id']}/revoke", headers=token("dirjen"))
    assert ended.json["state"] == "revoked"
    assert client.post(f"{here}99999/revoke", headers=token("dirjen")).status_code == 404
    assert client.get(here, headers=token(SUBSTITUTE)).status_code == 403
