"""Holding a case: taken, given, let go, lapsed; and what it stops."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from flask_appbuilder.security.sqla.models import Role
from sqlalchemy import select

from tenants.database import session, transaction
from tenants.errors import Forbidden, Invalid
from tenants.models import Officer
from tenants.officers import Actor
from tenants.scope import entered
from tests.support.statements import counted_statements
from tests.workflows.conftest import NOW, SUBJECT, House
from tests.workflows.test_races import at_once
from workflows import audit
from workflows.definitions import parse, publish
from workflows.desk import sweeping
from workflows.desk.holding import assign, claim, holders, release
from workflows.desk.models import CaseHold
from workflows.errors import CaseHeld, FourEyes, NotYourStage
from workflows.models import AuditEvent, Case, Notice
from workflows.queries import case_view, inbox, next_case

LATER = NOW + timedelta(hours=3)


def take(house: House, case: Case, by: Actor, now: Any = NOW) -> CaseHold:
    with entered(house.scope(by.upt_id, by.id)):
        return claim(case.id, by=by, now=now)


def give(house: House, case: Case, officer_id: int) -> CaseHold:
    with entered(house.scope(None, 50)):
        return assign(case.id, officer_id, by=house.officer(50, "kadiv"), now=NOW)


def hired(house: House, name: str, role: str) -> int:
    """An officer with a row of his own."""
    with entered(house.scope()), transaction() as writing:
        row = writing.scalars(select(Role).where(Role.name == role)).first() or Role(name=role)
        officer = Officer(
            username=f"{name}.{house.kanwil}",
            first_name=name,
            last_name="Wibowo",
            email=f"{name}.{house.kanwil}@contoh.id",
            active=True,
            password="-",
            tenant_id=house.kanwil,
            roles=[row],
        )
        writing.add(officer)
        writing.flush()
        return int(officer.id)


def test_what_one_took_others_see_and_cannot_decide_until_it_lapses(house: House) -> None:
    case = house.submit()
    take(house, case, house.pembina)
    other = house.officer(21, "pembina")
    with house.inside():
        row = inbox(other, now=NOW).items[0]
        assert (row.held, row.held_by, row.version) == ("dipegang Petugas 20 sampai 12.00", 20, 1)
        assert next_case(other, NOW) is None
        assert next_case(house.pembina, NOW) == (case.id, f"/kasus/{case.id}")
        assert "dipegang Petugas 20" in str(case_view(case.id, by=other).why_not(other, NOW))
        assert case_view(case.id, by=other).why_not(other, LATER) is None
        assert inbox(other, now=LATER).items[0].held is None
    with pytest.raises(CaseHeld, match=r"dipegang Petugas 20 sampai 12\.00") as held:
        house.decide(case.id, other)
    assert held.value.status == 409
    with pytest.raises(CaseHeld):
        take(house, case, other)
    assert house.decide(case.id, other, now=LATER).officer_id == 21


def test_a_claim_ends_with_the_decision_and_leaves_the_version_alone(house: House) -> None:
    case = house.submit()
    first = take(house, case, house.pembina)
    assert take(house, case, house.pembina).id == first.id
    house.decide(case.id, house.pembina, version=1)
    with house.inside():
        assert inbox(house.pemantau, now=NOW).items[0].held is None
        events = [(one.action, json.loads(one.payload)) for one in case_view(case.id).events]
        assert [name for name, _ in events] == ["case.submitted", "case.claimed", "case.decided"]
        assert events[1][1]["acting_as"] == "Pembina"
        assert audit.verify_case(case.id) == []
        assert sweeping.tidy(NOW) == 1
    house.decide(case.id, house.pemantau)


def test_one_takes_only_what_one_may_decide(house: House) -> None:
    case = house.submit(editor_ids=[10, 21])
    with pytest.raises(FourEyes):
        take(house, case, house.officer(21, "pembina"))
    with pytest.raises(NotYourStage):
        take(house, case, house.pemantau)


def test_a_case_is_let_go_by_its_holder_or_the_kadiv(house: House) -> None:
    case = house.submit()
    take(house, case, house.pembina)
    other = house.officer(21, "pembina")
    with house.inside():
        with pytest.raises(Forbidden):
            release(case.id, by=other, now=NOW)
        release(case.id, by=house.pembina, now=NOW)
        release(case.id, by=house.pembina, now=NOW)
    take(house, case, other)
    with house.inside():
        release(case.id, by=house.officer(50, "kadiv"), now=NOW)
    house.decide(case.id, house.pembina)


def test_the_kadiv_hands_a_case_to_an_officer_of_the_stage_who_keeps_it(house: House) -> None:
    case = house.submit()
    take(house, case, house.pembina)
    dedi, sari = hired(house, "Dedi", "pembina"), hired(house, "Sari", "pemantau")
    with house.inside():
        assert [one.id for one in holders("pembina", case, NOW)] == [dedi]
        with pytest.raises(Forbidden):
            assign(case.id, dedi, by=house.pembina, now=NOW)
    with pytest.raises(Invalid):
        give(house, case, sari)
    assert give(house, case, dedi).until_at is None
    give(house, case, dedi)
    with house.inside():
        told = session().execute(
            select(Notice.kind, Notice.to_officer_id).where(Notice.kind.like("case.%assigned"))
        )
        assert sorted(map(tuple, told)) == [("case.assigned", dedi), ("case.reassigned", 20)]
        actions = session().scalars(select(AuditEvent.action).where(AuditEvent.chain == case.chain)).all()
        assert actions.count("case.assigned") == 1
        with pytest.raises(Forbidden):
            release(case.id, by=house.officer(dedi, "pembina"), now=NOW)
    with pytest.raises(CaseHeld, match="ditugaskan kepada Dedi Wibowo"):
        house.decide(case.id, house.pembina, now=NOW + timedelta(days=2))
    house.decide(case.id, house.officer(dedi, "pembina"), now=NOW + timedelta(days=2))


def test_one_who_worked_on_it_is_not_given_it(house: House) -> None:
    dedi = hired(house, "Dedi", "pembina")
    case = house.submit(editor_ids=[10, dedi])
    with pytest.raises(Invalid) as refused:
        give(house, case, dedi)
    assert "ikut menyusun" in refused.value.fields["officer_id"]


def test_twelve_who_take_at_once_leave_one_holder(house: House) -> None:
    case = house.submit()
    officers = [house.officer(60 + n, "pembina") for n in range(12)]
    answers = at_once(*(lambda by=by: take(house, case, by) for by in officers))
    won = [one for one in answers if isinstance(one, CaseHold)]
    assert len(won) == 1
    assert sum(isinstance(one, CaseHeld) for one in answers) == 11
    with house.inside():
        rows = session().scalars(select(CaseHold).where(CaseHold.case_id == case.id)).all()
        assert len(rows) == 1
        actions = session().scalars(select(AuditEvent.action).where(AuditEvent.chain == case.chain)).all()
        assert actions.count("case.claimed") == 1
        assert audit.verify_case(case.id) == []


def test_a_decision_that_waited_for_a_claim_learns_of_it(house: House) -> None:
    for _ in range(6):
        case = house.submit()
        other = house.officer(21, "pembina")
        taken, decided = at_once(
            lambda case=case: take(house, case, house.pembina),
            lambda case=case, other=other: house.decide(case.id, other),
        )
        assert isinstance(taken, CaseHold) != (not isinstance(decided, CaseHeld)), (taken, decided)


def test_a_held_case_is_decided_in_as_many_statements_as_any(house: House) -> None:
    case = house.submit()
    take(house, case, house.pembina)
    with counted_statements() as seen:
        house.decide(case.id, house.pembina)
    assert len(seen) <= 6, "\n".join(one[:70] for one in seen)
    case = house.submit()
    with counted_statements() as taking:
        take(house, case, house.pembina)
    assert len(taking) <= 5, "\n".join(one[:70] for one in taking)


def test_stages_side_by_side_are_held_one_by_one(house: House) -> None:
    text = """
subject_type: test_subject
title: Bersama
stages:
  - key: bersama
    name: Bersama
    parallel:
      - {key: a, name: Tahap A, role: pembina}
      - {key: b, name: Tahap B, role: pemantau}
"""
    with house.inside():
        publish(parse(text), by=None, now=NOW)
    case = house.submit()
    take(house, case, house.pembina)
    with house.inside():
        assert inbox(house.pemantau, now=NOW).items[0].held is None
        assert inbox(house.officer(21, "pembina"), now=NOW).items[0].held_by == 20
    with pytest.raises(CaseHeld):
        house.decide(case.id, house.officer(21, "pembina"), checklist={})
    house.decide(case.id, house.pemantau, checklist={})
    house.decide(case.id, house.pembina, checklist={})


PANEL = f"""
subject_type: {SUBJECT}
title: Panel
stages:
  - {{key: panel, name: Panel, role: pembina, quorum: {{need: 2, of: 3}}}}
"""


def panel(house: House) -> Case:
    with house.inside():
        publish(parse(PANEL), by=None, now=NOW)
    return house.submit()


def test_a_hold_on_a_stage_of_three_votes_takes_one_seat(house: House) -> None:
    case = panel(house)
    first, second, third, fourth = (house.officer(number, "pembina") for number in (21, 22, 23, 24))
    for one in (first, second):
        take(house, case, one)
    with house.inside():
        view = case_view(case.id, by=third)
        assert (view.why_not(third, NOW), view.may_take(third, NOW), view.may_take(first, NOW)) == (
            None,
            True,
            False,
        )
        assert next_case(third, NOW) == (case.id, f"/kasus/{case.id}")
        rows = [inbox(one, now=NOW).items for one in (first, second, third)]
        assert [[row.held_by for row in mine] for mine in rows] == [[21], [22], [21]]
    house.decide(case.id, third, checklist={})
    with pytest.raises(CaseHeld):  # one vote and two holds fill the three seats
        take(house, case, fourth)
    with pytest.raises(CaseHeld):
        house.decide(case.id, fourth, checklist={})
    with house.inside():
        assert next_case(fourth, NOW) is None
        release(case.id, by=second, now=NOW)
        assert [one.officer_id for one in case_view(case.id).held_all(NOW)] == [21]
    house.decide(case.id, fourth, checklist={})
    with house.inside():
        assert case_view(case.id).case.state == "approved"
        assert audit.verify_case(case.id) == []


def test_an_assignment_takes_one_seat_and_a_full_stage_gives_up_a_claim_first(house: House) -> None:
    case = panel(house)
    dedi, sari, tono = (hired(house, name, "pembina") for name in ("Dedi", "Sari", "Tono"))
    give(house, case, dedi)
    take(house, case, house.officer(21, "pembina"))
    give(house, case, sari)
    with pytest.raises(CaseHeld):
        take(house, case, house.officer(22, "pembina"))
    give(house, case, tono)
    with house.inside():
        held = {one.officer_id for one in case_view(case.id).held_all(NOW)}
        assert held == {dedi, sari, tono}
        told = session().execute(select(Notice.to_officer_id).where(Notice.kind == "case.reassigned"))
        assert [row[0] for row in told] == [21]
        release(case.id, by=house.officer(50, "kadiv"), now=NOW)
        assert case_view(case.id).held_all(NOW) == []


def test_of_four_who_take_a_stage_of_three_votes_at_once_three_have_it(house: House) -> None:
    case = panel(house)
    officers = [house.officer(number, "pembina") for number in (21, 22, 23, 24)]
    answers = at_once(*(lambda one=one: take(house, case, one) for one in officers))
    assert sorted(type(one).__name__ for one in answers) == ["CaseHeld", *["CaseHold"] * 3]
