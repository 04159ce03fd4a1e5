"""A Plh. of the Kepala Kantor Wilayah signs: letter, certificate, decision and verification call him that."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from recaps import signing, verification
from recaps.models import Recap, VerificationRecord
from recaps.pades import check
from tenants.database import public, session
from tenants.errors import Forbidden
from tenants.models import Officer, Substitution
from tenants.officers import Actor
from tenants.substitutes import actor_at
from tests.recaps.conftest import House
from tests.recaps.test_life import printed
from workflows import administration, verifying
from workflows.models import Decision

PRINCIPAL, SUBSTITUTE = "kakanwil.kalbar", "pengendali.kalbar"
OFFICE, LETTER = "Plh. Kepala Kantor Wilayah", "W.16-KP.04.01-1208"


def _lent(house: House) -> Substitution:
    letter = {
        "role": "kakanwil",
        "kind": "plh",
        "principal_id": str(house.by(PRINCIPAL).id),
        "substitute_id": str(house.by(SUBSTITUTE).id),
        "from_on": house.now.date().isoformat(),
        "until_on": (house.now + timedelta(days=5)).date().isoformat(),
        "letter_number": LETTER,
    }
    with house.inside("admin.kalbar"):
        return administration.appoint(letter, by=house.by("admin.kalbar"), now=house.now)


def _acting(house: House) -> Actor:
    """The substitute with what the letter lends him now; within a scope."""
    return actor_at(session().get_one(Officer, house.by(SUBSTITUTE).id), house.now)


def _signed(house: House, recap_id: int) -> Recap:
    with house.inside(SUBSTITUTE):
        asked = signing.request_sign(recap_id, by=_acting(house), now=house.now)
        return signing.sign(recap_id, asked.attempt, now=house.now)


def test_everything_that_a_plh_signs_calls_him_that(house: House, tmp_path: Path) -> None:
    _lent(house)
    recap_id = house.submitted()
    principal, substitute = house.by(PRINCIPAL), house.by(SUBSTITUTE)
    recap = _signed(house, recap_id)
    assert (recap.signer_name, recap.signer_office) == (substitute.name, OFFICE)

    pdf = house.file(recap_id)
    text = printed(pdf, tmp_path)
    assert f"{OFFICE}," in text
    assert substitute.name in text
    assert principal.name not in text

    [signature] = check(pdf, signing.signer(), now=house.now).signatures
    assert (signature.signer, signature.office, signature.intact) == (substitute.name, OFFICE, True)

    found = verification.verify_file(pdf)
    assert (found.verdict, found.changes) == ("sound", [])
    assert (found.signatures[0].signer, found.signatures[0].office) == (substitute.name, OFFICE)
    with public() as reader:
        record = reader.scalars(select(VerificationRecord)).one()
        assert (record.signer, record.office) == (substitute.name, f"{OFFICE} Kalimantan Barat")

    with house.inside():
        made: Any = session().scalars(select(Decision)).one()
        assert (made.acting_as, made.on_behalf_of, made.letter_number) == (OFFICE, principal.id, LETTER)
        assert verifying.verify() == []


def test_who_looks_it_up_reads_the_office_of_the_plh(house: House, app: Any) -> None:
    _lent(house)
    recap = _signed(house, house.submitted())
    shown = app.test_client().get(f"/verifikasi/{recap.code}").get_data(as_text=True)
    assert f"{OFFICE} Kalimantan Barat" in shown


def test_a_letter_that_has_ended_signs_nothing(house: House) -> None:
    letter = _lent(house)
    recap_id = house.submitted()
    with house.inside("admin.kalbar"):
        administration.revoke(letter.id, by=house.by("admin.kalbar"), now=house.now)
    with house.inside(SUBSTITUTE), pytest.raises(Forbidden):
        signing.request_sign(recap_id, by=_acting(house), now=house.now)
    assert house.sign(recap_id).signer_office == "Kepala Kantor Wilayah"
