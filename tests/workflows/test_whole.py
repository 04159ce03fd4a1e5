"""Rows that are held whole: what an event of before, without a hash, still holds, and what the next event does."""

from __future__ import annotations

from sqlalchemy import text

from config import Settings
from tenants.database import transaction
from tests.workflows.conftest import NOW, House
from tests.workflows.test_audit import owner
from tests.workflows.test_talk import Talk, talk
from workflows import audit
from workflows.desk import sweeping
from workflows.proof.whole import CHANGED, MISSING, UNTOLD
from workflows.talk.models import Opinion

__all__ = ["talk"]


def from_before(talk: Talk) -> Opinion:
    """An opinion asked when events named the row alone."""
    with talk.house.inside(), transaction() as session:
        by, asked = talk.pembina, talk.pemantau
        row = Opinion(
            case_id=talk.case.id, asker_id=by.id, asker_name=by.name, asked_id=asked.id, asked_name=asked.name,
            question="Sanggupkah?", asked_at=NOW, salt=None,
        )  # fmt: skip
        session.add(row)
        session.flush()
        said = {"opinion": row.id, "asked": asked.id}
        audit.record(f"case:{talk.case.id}", "case.opinion_asked", said, by=by, now=NOW)
    return row


def changed(configured: Settings, statement: str) -> None:
    with owner(configured, unguarded=True) as connection:
        assert connection.execute(text(statement)).rowcount == 1


def test_a_row_from_before_is_held_to_be_there_and_whole_from_its_next_event_on(
    talk: Talk, configured: Settings
) -> None:
    row = from_before(talk)
    assert talk.problems() == []
    changed(configured, f"UPDATE case_opinion SET question = 'Setuju?' WHERE id = {row.id}")
    assert talk.problems() == [], "no event says what was asked"
    talk.answer(row, talk.pemantau)
    assert talk.problems() == []
    changed(configured, f"UPDATE case_opinion SET question = 'Sanggupkah?' WHERE id = {row.id}")
    assert talk.problems() == [CHANGED]
    changed(configured, f"DELETE FROM case_opinion WHERE id = {row.id}")
    assert talk.problems() == [MISSING]


def test_a_row_from_before_that_is_gone_is_missed(talk: Talk, configured: Settings) -> None:
    row = from_before(talk)
    changed(configured, f"DELETE FROM case_opinion WHERE id = {row.id}")
    assert talk.problems() == [MISSING]


def test_a_row_that_no_event_tells_of_is_named(talk: Talk, configured: Settings) -> None:
    row = from_before(talk)
    columns = "tenant_id, case_id, asker_id, asker_name, asked_id, asked_name, question, asked_at"
    changed(
        configured,
        f"INSERT INTO case_opinion (id, {columns}) SELECT 9000 + id, {columns} FROM case_opinion WHERE id = {row.id}",
    )
    assert talk.problems() == [UNTOLD]


def test_a_hold_that_was_swept_away_is_not_missed_and_one_that_counts_is(
    house: House, configured: Settings
) -> None:
    from tests.workflows.test_holding import take

    case = house.submit()
    take(house, case, house.officer(21, "pembina"))
    with house.inside():
        assert audit.verify_case(case.id) == []
    changed(configured, f"UPDATE case_hold SET officer_id = 22 WHERE case_id = {case.id}")
    with house.inside():
        assert [one.message for one in audit.verify_case(case.id)] == [CHANGED]
    changed(configured, f"UPDATE case_hold SET officer_id = 21 WHERE case_id = {case.id}")
    house.decide(case.id, house.officer(21, "pembina"))
    with house.inside():
        sweeping.tidy(NOW)
        assert audit.verify_case(case.id) == []
