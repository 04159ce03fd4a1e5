"""Many at once: one decision, one event, one move; and everyone learns the outcome that stands."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import select

from tenants.database import session
from tenants.errors import KaryaError
from tests.workflows.conftest import NOW, House
from workflows import audit
from workflows.errors import AlreadySubmitted, CaseMoved
from workflows.models import AuditEvent, Case, Decision, Notice


def at_once(*calls: Any) -> list[Any]:
    """Run the calls in as many threads, all starting together; each answers its result or the error it met."""
    gate = Barrier(len(calls))

    def run(call: Any) -> Any:
        gate.wait()
        try:
            return call()
        except KaryaError as error:
            return error

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def test_twenty_simultaneous_approvals_by_two_approvers_are_one_decision(house: House) -> None:
    case = house.submit()
    approvers = (house.officer(21, "pembina"), house.officer(22, "pembina"))
    calls = [
        lambda by=approvers[n % 2]: house.decide(case.id, by, key=f"klik-{by.id}", version=1)
        for n in range(20)
    ]
    answers = at_once(*calls)
    with house.inside():
        decisions = session().scalars(select(Decision).where(Decision.case_id == case.id)).all()
        events = session().scalars(select(AuditEvent.action).where(AuditEvent.chain == case.chain)).all()
        moved = session().scalars(select(Case).where(Case.id == case.id)).one()
        told = session().scalars(
            select(Notice.kind).where(Notice.link == f"/kasus/{case.id}", Notice.kind == "case.passed")
        )
        assert len(decisions) == 1
        assert sorted(events) == ["case.decided", "case.submitted"]
        assert (moved.version, moved.stage_key) == (2, "pemantauan")
        assert len(told.all()) == 1
        assert audit.verify_case(case.id) == []
    winner = decisions[0]
    won = [one for one in answers if isinstance(one, Decision)]
    lost = [one for one in answers if isinstance(one, CaseMoved)]
    assert len(won) == 10
    assert {one.id for one in won} == {winner.id}
    assert len(lost) == 10
    assert all(f"{winner.officer_name} (Pembina) sudah menyetujui" in one.message for one in lost)


@pytest.mark.parametrize("other", ["return", "reject"])
def test_an_approval_against_a_refusal_leaves_one_of_them(house: House, other: str) -> None:
    case = house.submit()
    asked = [{"field": "name", "text": "Perjelas."}]
    calls = [
        lambda n=n: (
            house.decide(case.id, house.officer(60 + n, "pembina"))
            if n % 2
            else house.decide(
                case.id,
                house.officer(60 + n, "pembina"),
                other,
                checklist={},
                comment="Tidak.",
                requests=asked,
            )
        )
        for n in range(10)
    ]
    answers = at_once(*calls)
    assert len([one for one in answers if isinstance(one, Decision)]) == 1
    assert len([one for one in answers if isinstance(one, CaseMoved)]) == 9
    with house.inside():
        assert audit.verify_case(case.id) == []


def test_the_last_stage_decided_by_many_publishes_once(house: House) -> None:
    case = house.submit()
    house.decide(case.id, house.pembina)
    house.decide(case.id, house.pemantau)
    at_once(*[lambda n=n: house.decide(case.id, house.officer(70 + n, "pengendali")) for n in range(8)])
    assert house.happened.count(("approved", case.id)) == 1


def test_ten_submissions_of_one_subject_open_one_case(house: House) -> None:
    answers = at_once(*[lambda: house.submit(subject_id=7777) for _ in range(10)])
    assert len([one for one in answers if isinstance(one, Case)]) == 1
    assert len([one for one in answers if isinstance(one, AlreadySubmitted)]) == 9


def test_events_recorded_at_once_stand_in_one_line(house: House) -> None:
    def note(number: int) -> Any:
        with house.inside():
            return audit.record("masuk", "signed.in", {"n": number}, by=None, now=NOW).seq

    answers = at_once(*[lambda n=n: note(n) for n in range(16)])
    assert sorted(answers) == list(range(1, 17))
    with house.inside():
        assert audit.verify("masuk") == []
