"""Taking a case back: who hears of it."""

from __future__ import annotations

from tenants.officers import Actor
from tenants.scope import entered
from tests.workflows.conftest import NOW, House
from workflows import notices
from workflows.desk.holding import claim
from workflows.submission import withdraw


def _told_of_withdrawal(by: Actor) -> list[str]:
    return [one.body for one in notices.notices_for(by) if one.kind == "case.withdrawn"]


def test_whose_turn_it_was_hears_that_a_case_was_taken_back(house: House) -> None:
    case = house.submit(title="Tas rotan")
    with entered(house.scope(house.upt, 10)):
        withdraw(case.id, reason="Salah foto.", by=house.operator, now=NOW)
    with house.inside():
        assert _told_of_withdrawal(house.pembina) == ["Ditarik oleh Petugas 10.\nSalah foto."]
        assert _told_of_withdrawal(house.pemantau) == []
        assert _told_of_withdrawal(house.operator) == []


def test_who_held_a_case_hears_of_it_instead_of_his_whole_role(house: House) -> None:
    case = house.submit()
    with entered(house.scope(None, 20)):
        claim(case.id, by=house.pembina, now=NOW)
    with house.inside():
        withdraw(case.id, reason="", by=house.officer(50, "kadiv"), now=NOW)
        assert _told_of_withdrawal(house.pembina) == ["Ditarik oleh Petugas 50."]
        assert _told_of_withdrawal(house.officer(21, "pembina")) == []
        assert _told_of_withdrawal(house.operator) == ["Ditarik oleh Petugas 50."]
