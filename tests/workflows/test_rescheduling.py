"""A day off that is recorded later counts for the cases under way."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from tenants.database import session, transaction
from tests.workflows.conftest import NOW, SUBJECT, House
from workflows import audit, rescheduling
from workflows.calendars import forget_calendars
from workflows.definitions import parse, publish
from workflows.escalation import escalate
from workflows.models import AuditEvent, Case, CaseSeat, Closure

STEP = """
subject_type: test_subject
title: Berdua
stages:
  - key: bersama
    name: Bersama
    parallel:
      - {key: mutu, name: Mutu, role: pembina, deadline_days: 1}
      - {key: mampu, name: Mampu, role: pemantau, deadline_days: 3}
    quorum: all
"""


def close(house: House, day: str) -> None:
    with house.inside(), transaction() as db:
        db.add(Closure(day=date.fromisoformat(day), reason="Banjir"))
    forget_calendars()


def reckon(house: House, because: str = "closure.added", days: int = 0) -> int:
    with house.inside():
        return rescheduling.reckon(0, because, now=NOW + timedelta(days=days))[1]


def stands(house: House, case_id: int) -> Case:
    return session().scalars(select(Case).where(Case.id == case_id)).one()


def test_a_closure_moves_what_is_under_way_once_and_the_chain_says_so(house: House) -> None:
    case = house.submit()  # Tuesday 5 March, three working days: Friday the 8th
    ended = house.submit()
    house.decide(ended.id, house.pembina, "reject", comment="Bukan produk binaan.")
    close(house, "2024-03-07")
    assert reckon(house) == 1
    assert reckon(house) == 0
    with house.inside():
        found = stands(house, case.id)
        assert found.due_on == date(2024, 3, 13)  # Nyepi and its leave are on the 11th and 12th
        event = session().scalars(select(AuditEvent).where(AuditEvent.action == rescheduling.MOVED)).one()
        assert event.chain == found.chain
        assert audit.verify_tenant() == []
    house.decide(case.id, house.pembina)


def test_a_closure_taken_back_brings_the_day_back(house: House) -> None:
    case = house.submit()
    close(house, "2024-03-07")
    reckon(house)
    with house.inside(), transaction() as db:
        db.delete(db.scalars(select(Closure).where(Closure.day == date(2024, 3, 7))).one())
    forget_calendars()
    assert reckon(house, "closure.removed") == 1
    with house.inside():
        assert stands(house, case.id).due_on == date(2024, 3, 8)
        assert audit.verify_case(case.id) == []


def test_days_before_the_stage_began_change_nothing(house: House) -> None:
    case = house.submit()
    house.decide(case.id, house.pembina, now=NOW + timedelta(days=3))  # Friday the 8th
    close(house, "2024-03-07")
    assert reckon(house, days=3) == 0


def test_what_was_escalated_is_escalated_again_after_its_new_day(house: House) -> None:
    case = house.submit()
    with house.inside():
        assert escalate(NOW + timedelta(days=4)) == 1  # Saturday the 9th
    close(house, "2024-03-08")
    assert reckon(house, days=4) == 1
    with house.inside():
        assert stands(house, case.id).escalated_at is None
        assert escalate(NOW + timedelta(days=5)) == 0
        assert escalate(NOW + timedelta(days=9)) == 1


@pytest.mark.parametrize("closed", ["2024-03-06", "2024-03-08"])
def test_each_seat_of_a_step_has_its_own_day_and_the_case_the_earliest(house: House, closed: str) -> None:
    with house.inside():
        publish(parse(STEP.replace("test_subject", SUBJECT)), by=None, now=NOW)
    case = house.submit()
    close(house, closed)
    assert reckon(house) == 1
    with house.inside():
        seats = {one.stage_key: one.due_on for one in session().scalars(select(CaseSeat))}
        assert seats["mutu"] == date(2024, 3, 7 if closed.endswith("06") else 6)
        assert seats["mampu"] == date(2024, 3, 13)
        assert stands(house, case.id).due_on == seats["mutu"]
        assert audit.verify_case(case.id) == []


def test_recording_the_day_puts_the_reckoning_on_the_queue(house: House) -> None:
    from workflows import administration

    case = house.submit()
    with house.inside():
        administration.add_closure(date(2024, 3, 7), "Banjir", by=house.officer(90, "admin_kanwil"), now=NOW)
        event = session().scalars(select(AuditEvent).where(AuditEvent.action == "closure.added")).one()
        assert rescheduling._carry_out({"because": event.action}) == 1
        assert stands(house, case.id).due_on == date(2024, 3, 13)
