"""A rejected case, opened again by the Kadiv: the rejection stays told, its stage decides anew."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from tenants.database import session
from tenants.errors import Forbidden
from tests.workflows.conftest import NOW, House
from tests.workflows.test_races import at_once
from workflows import audit
from workflows.errors import CaseMoved, CommentRequired, NoSuchCase
from workflows.models import Case, Notice
from workflows.queries import case_view
from workflows.reopening import reopen

HOUR = timedelta(hours=1)


def rejected(house: House) -> Case:
    case = house.submit()
    house.decide(case.id, house.pembina)
    house.decide(
        case.id, house.pemantau, "reject", checklist={}, comment="Tidak sanggup.", now=NOW + HOUR / 2
    )
    return case


def test_the_stage_that_rejected_decides_again_by_whomever(house: House) -> None:
    case = rejected(house)
    kadiv = house.officer(50, "kadiv")
    with house.inside():
        again = reopen(case.id, reason="Pesanan tetap sudah ada.", by=kadiv, now=NOW + HOUR)
        assert (again.state, again.stage_key, again.due_on is not None) == ("open", "pemantauan", True)
    house.decide(case.id, house.pemantau, now=NOW + 2 * HOUR)
    house.decide(case.id, house.pengendali, now=NOW + 3 * HOUR)
    with house.inside():
        view = case_view(case.id)
        assert view.case.state == "approved"
        assert [one.outcome for one in view.history] == [
            "approve",
            "approve",
            "reopen",
            "reject",
            "approve",
            "submit",
        ]
        assert [step.state for step in view.track] == ["done"] * 5
        assert audit.verify_case(case.id) == []
        told = session().scalars(select(Notice.kind).where(Notice.kind == "case.reopened")).all()
        assert told == ["case.reopened"]
    assert house.happened.count(("approved", case.id)) == 1


def test_only_the_kadiv_with_a_reason_and_only_a_rejected_one(house: House) -> None:
    case = rejected(house)
    kadiv = house.officer(50, "kadiv")
    with house.inside():
        with pytest.raises(Forbidden):
            reopen(case.id, reason="Alasan.", by=house.pemantau, now=NOW)
        with pytest.raises(CommentRequired):
            reopen(case.id, reason="  ", by=kadiv, now=NOW)
        with pytest.raises(NoSuchCase):
            reopen(99999999, reason="Alasan.", by=kadiv, now=NOW)
    returned = house.submit()
    house.decide(
        returned.id,
        house.pembina,
        "return",
        checklist={},
        comment="Lagi.",
        requests=[{"field": "name", "text": "x"}],
    )
    with house.inside(), pytest.raises(CaseMoved):
        reopen(returned.id, reason="Alasan.", by=kadiv, now=NOW)


def test_a_newer_revision_keeps_the_old_case_closed(house: House) -> None:
    case = rejected(house)
    house.submit(subject_id=case.subject_id, revision_no=2, previous_case_id=case.id)
    with house.inside(), pytest.raises(CaseMoved):
        reopen(case.id, reason="Alasan.", by=house.officer(50, "kadiv"), now=NOW)


def test_many_clicks_open_it_once(house: House) -> None:
    case = rejected(house)
    kadiv = house.officer(50, "kadiv")

    def click(n: int) -> object:
        with house.inside():
            return reopen(case.id, reason="Alasan.", by=kadiv, now=NOW)

    answers = at_once(*[lambda n=n: click(n) for n in range(8)])
    assert len([one for one in answers if isinstance(one, Case)]) == 1
    with house.inside():
        assert audit.verify_case(case.id) == []
