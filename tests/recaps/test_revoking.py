"""A signed recap is taken back, or replaced: whoever holds the file is told so, and nothing else goes away."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from recaps import arrivals, drafting, receiving, revoking, verification
from recaps.delivery import archive
from recaps.errors import NotThisState
from recaps.models import LetterSequence, Recap, VerificationRecord
from recaps.national import drafting as national
from recaps.national import queries as national_queries
from recaps.national import revoking as national_revoking
from recaps.national import signing as national_signing
from recaps.rounds import board, schedule
from tenants.database import session, transaction
from tenants.errors import Forbidden, Invalid, NotFound
from tests.recaps.conftest import House
from tests.recaps.test_arrivals import letters
from tests.recaps.test_life import printed
from tests.recaps.test_national import signed as signed_nationally
from tests.recaps.test_pages import Desk, desk, worker
from tests.recaps.test_substitute import SUBSTITUTE, _acting, _lent
from webapp.commands.recap import _lines
from workflows import verifying
from workflows.errors import FourEyes
from workflows.models import Case, Notice

__all__ = ["desk", "worker"]
WHY = "Nilai paket EP-2403-1 tercatat dua kali"


def revoked(house: House, recap_id: int, why: str = WHY) -> Recap:
    with house.inside("kakanwil.kalbar"):
        return revoking.revoke(recap_id, why, by=house.by("kakanwil.kalbar"), now=house.now)[0]


def test_a_revoked_recap_says_so_wherever_it_is_asked(house: House, client: Any) -> None:
    recap_id = house.acknowledged()
    pdf, code = house.file(recap_id), str(house.recap(recap_id).code)
    recap = revoked(house, recap_id)
    assert (recap.state, recap.revoked_reason, recap.revoked_office) == (
        "revoked",
        WHY,
        "Kepala Kantor Wilayah",
    )
    for found in (verification.verify_file(pdf), verification.verify_code(code)):
        assert (found.verdict, found.sentence) == ("revoked", "Dokumen ini telah dicabut")
        assert [one.intact for one in found.signatures] == [True, True]
        assert found.record is not None
        assert (found.record.revoked_at, found.record.revoked_reason) == (house.now, WHY)
    assert f"  alasan    {WHY}" in _lines(found)
    page = client.get(f"/verifikasi/{code}").text
    assert WHY in page
    assert "dicabut oleh Kepala Kantor Wilayah Kalimantan Barat pada" in page
    answer = client.post(
        "/api/v1/verifications/",
        data={"file": (io.BytesIO(pdf), "rekap.pdf")},
        content_type="multipart/form-data",
    ).json
    assert (answer["verdict"], answer["document"]["revoked_reason"]) == ("revoked", WHY)
    assert answer["document"]["revoked_at"].startswith(house.now.date().isoformat())
    altered = bytearray(pdf)
    altered[len(pdf) // 2] ^= 1
    assert verification.verify_file(bytes(altered)).verdict == "altered"


def test_its_number_is_kept_who_must_know_is_told_and_the_period_counts_as_not_sent(house: House) -> None:
    first, dirjen = house.signed(), house.by("dirjen")
    with house.inside("dirjen"):
        receiving.request_acknowledge(first, by=dirjen, now=house.now)
    for why in (WHY, WHY, "Alasan yang lain sama sekali"):
        assert revoked(house, first, why).revoked_reason == WHY
    who = {"officer_id": dirjen.id, "name": dirjen.name, "office": dirjen.office}
    with house.inside():
        left = receiving.acknowledge(first, who, now=house.now + timedelta(seconds=1))
        assert (left.state, left.acknowledged_at, left.receiving_since) == ("revoked", None, None)
        told = session().scalars(select(Notice).where(Notice.kind == "recap.revoked")).all()
        assert [(one.to_role, WHY in one.body) for one in told] == [("kadiv", True)]
        for _ in range(2):
            assert arrivals.mail_revocation(first) == 1
        assert not schedule.is_sent(session(), "2024-03")
        found, _ = archive.search(archive.Asked(), by=house.by("kadiv.kalbar"))
        assert [(row.recap.id, row.state) for row in found] == [(first, "revoked")]
    (mail,) = [one for one in letters() if "dicabut" in one["Subject"]]
    assert mail["To"].startswith("dirjen")
    assert WHY in mail.get_content()
    with house.inside("dirjen"):
        with pytest.raises(NotThisState):
            receiving.request_acknowledge(first, by=dirjen, now=house.now)
        shown = board.board("2024-03", now=house.now, due_workday=5)
        line = next(line for line in shown.lines if line.kanwil.code == "kalbar")
        assert (shown.sent, line.state, line.is_sent) == (0, "revoked", False)
    second = house.signed()
    one, two = house.recap(first), house.recap(second)
    assert (one.state, two.state, two.replaces_id) == ("revoked", "delivered", None)
    assert ("PAS-1." in str(one.number), "PAS-2." in str(two.number)) == (True, True)
    with house.inside("dirjen"):
        assert board.board("2024-03", now=house.now, due_workday=5).sent == 1
    with house.inside():
        assert session().scalar(select(LetterSequence.next)) == 3
        assert verifying.verify() == []


def test_who_may_not_revoke_and_that_a_ralat_under_way_leaves_it_revoked(house: House) -> None:
    first = house.signed()
    ralat, by = house.submitted(), house.by("kakanwil.kalbar")
    with house.inside("kakanwil.kalbar"):
        with pytest.raises(NotThisState):
            revoking.revoke(ralat, WHY, by=by, now=house.now)
        for wrong in ("", "salah", "x" * 1001):
            with pytest.raises(Invalid) as refused:
                revoking.revoke(first, wrong, by=by, now=house.now)
            assert set(refused.value.fields) == {"reason"}
    with house.inside(), pytest.raises(Forbidden):
        revoking.revoke(first, WHY, by=house.by("kadiv.kalbar"), now=house.now)
    with house.inside("kakanwil.banten"), pytest.raises(NotFound):
        revoking.revoke(first, WHY, by=house.by("kakanwil.banten"), now=house.now)
    revoked(house, first)
    house.sign(ralat)
    found = verification.verify_code(str(house.recap(first).code))
    assert (house.recap(first).state, found.verdict) == ("revoked", "revoked")
    assert found.record is not None
    assert found.record.replaced_by == house.recap(ralat).code


def test_a_plh_revokes_but_not_what_he_drafted(house: House) -> None:
    _lent(house)
    recap_id = house.signed()
    with house.inside(SUBSTITUTE):
        by = _acting(house)
    for drafters, may in (([by.id], False), ([], True)):
        with house.inside(), transaction() as here:
            here.execute(update(Case).values(editor_ids=drafters))
        with house.inside(SUBSTITUTE):
            assert revoking.may_revoke(drafting.load(recap_id), by=by) is may
            if not may:
                with pytest.raises(FourEyes):
                    revoking.revoke(recap_id, WHY, by=by, now=house.now)
    with house.inside(SUBSTITUTE):
        recap, _ = revoking.revoke(recap_id, WHY, by=by, now=house.now)
        assert (recap.revoked_by, recap.revoked_office) == (by.id, "Plh. Kepala Kantor Wilayah")


def test_whoever_takes_a_revocation_back_in_the_database_is_found_out(house: House) -> None:
    recap_id = house.signed()
    revoked(house, recap_id)
    with house.inside(), transaction() as here:
        here.execute(update(VerificationRecord).values(state="signed", revoked_reason=None))
    with house.inside():
        assert [one.table for one in verifying.verify()] == ["published_verification"]
    with house.inside(), transaction() as here:
        here.execute(update(Recap).values(state="delivered"))
    with house.inside():
        assert "recap" in [one.table for one in verifying.verify()]


def test_the_country_is_not_signed_over_a_revoked_recap_and_is_revoked_itself(
    house: House, desk: Callable[[str], Desk], client: Any
) -> None:
    kalbar = house.signed()
    recap_id = signed_nationally(house)
    with house.inside("dirjen"):
        assert national_queries.view(recap_id).gone == []
        pdf = national_queries.pdf(recap_id)[1]
    with house.inside("admin.pusat"):
        draft, _ = national.draft("2024-03", by=house.by("admin.pusat"), now=house.now)
        national.prepare(draft.id, 1, now=house.now)
        national.submit(draft.id, by=house.by("admin.pusat"), now=house.now)
    revoked(house, kalbar)
    dirjen = house.by("dirjen")
    with house.inside("dirjen"):
        assert national_queries.view(recap_id).gone == [("Kanwil Kalimantan Barat", "revoked")]
        with pytest.raises(NotThisState) as refused:
            national_signing.request_sign(draft.id, by=dirjen, now=house.now)
        assert "Kanwil Kalimantan Barat" in refused.value.message
    with house.inside("admin.pusat"), pytest.raises(Forbidden):
        national_revoking.revoke(recap_id, WHY, by=house.by("admin.pusat"), now=house.now)
    at, keeper, signer = f"/rekap-nasional/{recap_id}", desk("admin.pusat"), desk("dirjen")
    assert 'id="cabut"' not in keeper.get(at)
    assert "Rekap Kanwil Kalimantan Barat di dalamnya sudah dicabut." in signer.get(at)
    assert "Tulis alasannya" in signer.post(f"{at}/cabut", 422, reason="").text
    signer.post(f"{at}/cabut", reason=WHY)
    assert WHY in keeper.get(at)
    body = {"username": "dirjen", "password": house.world.password, "provider": "db"}
    token = client.post("/api/v1/security/login", json=body).json["access_token"]
    answer = client.post(
        f"/api/v1/national-recaps/{recap_id}/revoke",
        json={"reason": WHY},
        headers={"Authorization": f"Bearer {token}"},
    )
    assert (answer.status_code, answer.json["state"], answer.json["revoked_reason"]) == (200, "revoked", WHY)
    with house.inside("dirjen"):
        actions = [event.action for event in national_queries.view(recap_id).events]
        assert actions.count("recap.revoked") == 1
    found = verification.verify_file(pdf)
    assert (found.verdict, found.history_match) == ("revoked", True)
    assert found.record is not None
    assert (found.record.revoked_by, found.record.revoked_reason) == ("Direktur Jenderal Pemasyarakatan", WHY)


def test_revoked_and_replaced_on_pages_and_by_the_api(
    house: House, desk: Callable[[str], Desk], client: Any, tmp_path: Path
) -> None:
    """A ralat is told from its letter to the verification of what it replaces; then the ralat itself is revoked."""

    def token(username: str) -> dict[str, str]:
        body = {"username": username, "password": house.world.password, "provider": "db"}
        return {
            "Authorization": f"Bearer {client.post('/api/v1/security/login', json=body).json['access_token']}"
        }

    first, second = house.signed(), house.signed()
    one, two = house.recap(first), house.recap(second)
    letter = printed(house.file(second), tmp_path)
    assert "Hal : Ralat rekapitulasi" in letter
    assert f"menggantikan surat Nomor {one.number}" in letter
    kakanwil = desk("kakanwil.kalbar")
    assert 'id="cabut"' not in kakanwil.get(f"/rekap/{first}")
    page = kakanwil.get(f"/rekap/{second}")
    assert f"Ralat atas surat Nomor {one.number}" in " ".join(page.split())
    assert f"Cabut surat Nomor {two.number}" in page[page.index('id="cabut"') :]
    replaced = client.get(f"/verifikasi/{one.code}").text
    assert "sudah digantikan" in replaced
    assert f'href="/verifikasi/{two.code}"' in replaced
    wrong = kakanwil.post(f"/rekap/{second}/cabut", 422, reason="salah").text
    assert "10 sampai 1.000 huruf" in wrong
    assert ">salah</textarea>" in wrong
    assert "open" in wrong[wrong.index('<dialog id="cabut"') :][:90]

    here, head = f"/api/v1/recaps/{second}/revoke", token("kakanwil.kalbar")
    assert client.post(here, json={}, headers=head).status_code == 422
    assert client.post(here, json={"reason": WHY}, headers=token("kadiv.kalbar")).status_code == 403
    assert client.post(here, json={"reason": WHY}, headers=token("kakanwil.banten")).status_code == 404
    assert (
        client.post(f"/api/v1/recaps/{first}/revoke", json={"reason": WHY}, headers=head).status_code == 409
    )
    for _ in range(2):
        kakanwil.post(f"/rekap/{second}/cabut", reason=WHY, key="k")
    keyed = {**head, "Idempotency-Key": "cabut"}
    for replayed in (None, "true"):
        made = client.post(here, json={"reason": WHY}, headers=keyed)
        assert (made.status_code, made.json["state"], made.json["revoked_reason"]) == (200, "revoked", WHY)
        assert made.headers.get("Idempotency-Replayed") == replayed
    page = kakanwil.get(f"/rekap/{second}")
    assert WHY in page
    assert 'id="cabut"' not in page
    assert "Rekap Maret 2024 dicabut" in desk("kadiv.kalbar").get("/pemberitahuan")
    dirjen = desk("dirjen")
    told = dirjen.get("/pemberitahuan")
    assert "Rekap Maret 2024 dari Kanwil Kalimantan Barat dicabut" in told
    assert '<span class="count">1</span>' in told[told.index('class="bell" href="/pemberitahuan"') :][:600]
    assert WHY in dirjen.get(f"/rekap-masuk/{second}")
    assert "dicabut" in dirjen.get("/rekap-masuk/arsip")
