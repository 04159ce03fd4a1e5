"""What the centre hears of a recap that came: one mail, a count at the bell, a line in the list."""

from __future__ import annotations

import email
from collections.abc import Callable
from email.policy import default
from typing import Any

from sqlalchemy import update

from recaps import arrivals
from recaps.models import Recap
from tenants import database, lifecycle
from tenants.clock import now
from tenants.database import transaction
from tests.recaps.conftest import House
from tests.support.statements import counted_statements
from workflows.mailing import mail_folder


def letters() -> list[Any]:
    folder = mail_folder(database.db.settings)
    return [
        email.message_from_bytes(one.read_bytes(), policy=default) for one in sorted(folder.glob("*.eml"))
    ]


def told(house: House, recap_id: int) -> int:
    with house.inside():
        return arrivals.mail_arrival(recap_id)


def test_the_dirjen_is_written_to_once(house: House) -> None:
    recap_id = house.signed()
    recap = house.recap(recap_id)
    for _run in range(2):
        assert told(house, recap_id) == 1
    (mail,) = letters()
    assert mail["Subject"] == f"Rekap {recap.label} dari Kanwil Kalimantan Barat menunggu tanda terima"
    assert mail["To"].startswith("dirjen")
    text = mail.get_content()
    assert recap.number in text
    assert f"/rekap/{recap_id}" in text


def test_nothing_is_written_of_a_recap_that_was_replaced_meanwhile(house: House) -> None:
    recap_id = house.signed()
    with house.inside(), transaction() as here:
        here.execute(update(Recap).values(state="replaced"))
    assert told(house, recap_id) == 0
    assert letters() == []


def test_the_bell_of_the_dirjen_counts_what_waits_for_his_receipt(
    house: House, sign_in: Callable[..., Any]
) -> None:
    dirjen = sign_in("dirjen")
    page = dirjen.get("/pemberitahuan").text
    assert "Tidak ada yang menunggu" in page
    recap_id = house.signed()
    with counted_statements() as seen:
        page = dirjen.get("/pemberitahuan").text
    assert len(seen) <= 12, "\n".join(seen)
    assert f'href="/rekap/{recap_id}"' in page
    assert "dari Kanwil Kalimantan Barat" in page
    bell = page[page.index('class="bell" href="/pemberitahuan"') :][:600]
    assert '<span class="count">1</span>' in bell
    assert "Kalimantan Barat" not in sign_in("admin.pusat").get("/pemberitahuan").text


def test_the_rest_of_the_centre_hears_of_what_is_its_own(house: House, sign_in: Callable[..., Any]) -> None:
    with house.inside("admin.pusat"):
        kanwil_id = house.world.scope("kadiv.banten").tenant_id
        lifecycle.suspend(kanwil_id, reason="Dipindahkan", by=house.by("admin.pusat"), now=now())
    keeper = sign_in("admin.pusat").get("/pemberitahuan").text
    assert "Kanwil Banten ditangguhkan" in keeper
    auditor = sign_in("auditor").get("/pemberitahuan").text
    assert "masuk ke lingkup Kanwil Banten" in auditor
    assert "ditangguhkan" not in auditor
