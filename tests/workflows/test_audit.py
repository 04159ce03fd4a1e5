"""The chain: nothing in it can be changed, and what is changed behind its back is named."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import Connection, create_engine, delete, text, update
from sqlalchemy.exc import DBAPIError

from config import Settings
from tenants.database import transaction
from tenants.said import parts_of, spoken
from tests.workflows.conftest import FIELDS, NOW, House, met
from workflows import audit
from workflows.models import AuditEvent, Case, Decision

ASK = [{"field": "name", "text": "Perjelas."}]


@contextmanager
def owner(settings: Settings, *, unguarded: bool = False) -> Iterator[Connection]:
    """The database's owner, who may do more than the application; `unguarded` puts the triggers aside."""
    engine = create_engine(settings.database_url)
    with engine.begin() as connection:
        if unguarded:
            for statement in audit.drop_ddl(settings.dialect):
                connection.execute(text(statement))
        yield connection
        if unguarded:
            for statement in audit.ddl(settings.dialect):
                connection.execute(text(statement))
    engine.dispose()


def a_case(house: House) -> Case:
    """A case that was returned, came again and was approved by the pembina."""
    first = house.submit(subject_id=5000 + next(house.numbers))
    house.decide(first.id, house.pembina, "return", checklist={}, comment="Perjelas.", requests=ASK)
    again = house.submit(subject_id=first.subject_id, revision_no=2, previous_case_id=first.id)
    house.decide(again.id, house.pembina, settled=met(again))
    return again


def problems(house: House, case: Case | None = None) -> list[tuple[str, int | None, str]]:
    with house.inside():
        found = audit.verify(case.chain if case else None)
    return [(one.table, one.row_id, one.message) for one in found]


def test_an_honest_history_verifies(house: House) -> None:
    case = a_case(house)
    with house.inside():
        audit.record("kanwil", "import.accepted", {"id": 1}, by=house.pembina, now=NOW)
        audit.record(case.chain, "product.suspended", {"reason": "x"}, by=house.pengendali, now=NOW)
    assert problems(house) == []
    assert problems(house, case) == []


def test_the_application_can_neither_change_nor_delete_an_event_or_a_decision(house: House) -> None:
    case = a_case(house)
    for statement in (
        update(AuditEvent).where(AuditEvent.chain == case.chain).values(action="x"),
        delete(AuditEvent).where(AuditEvent.chain == case.chain),
        update(Decision).where(Decision.case_id == case.id).values(comment="x"),
        delete(Decision).where(Decision.case_id == case.id),
    ):
        with house.inside(), pytest.raises(DBAPIError), transaction() as session:
            session.execute(statement.execution_options(synchronize_session=False))
    assert problems(house) == []


def test_not_even_the_owner_changes_one_by_mistake(house: House, configured: Settings) -> None:
    case = a_case(house)
    for statement in (
        f"UPDATE decision SET comment = 'x' WHERE case_id = {case.id}",
        f"DELETE FROM audit_event WHERE chain = '{case.chain}'",
    ):
        with pytest.raises(DBAPIError, match="append-only"), owner(configured) as connection:
            connection.execute(text(statement))


@pytest.mark.parametrize(
    ("statement", "table", "words"),
    [
        ("UPDATE decision SET comment = 'baik' WHERE case_id = {id}", "decision", "comment"),
        ("UPDATE decision SET officer_id = 99 WHERE case_id = {id}", "decision", "officer_id"),
        ("UPDATE decision SET outcome = 'reject' WHERE case_id = {id}", "decision", "outcome"),
        ("DELETE FROM decision WHERE case_id = {id}", "decision", "barisnya hilang"),
        (
            "UPDATE audit_event SET officer_id = 99 WHERE chain = 'case:{id}' AND seq = 2",
            "audit_event",
            "nomor 2",
        ),
        (
            "UPDATE audit_event SET payload = '{{}}' WHERE chain = 'case:{id}' AND seq = 1",
            "audit_event",
            "nomor 1",
        ),
        ("DELETE FROM audit_event WHERE chain = 'case:{id}' AND seq = 1", "audit_event", "nomor 1 hilang"),
        ("DELETE FROM audit_event WHERE chain = 'case:{id}' AND seq = 2", "case_file", "rantainya 1"),
        ("UPDATE case_file SET state = 'approved' WHERE id = {id}", "case_file", "state"),
        ('UPDATE case_file SET fields = \'{{"name":"x"}}\' WHERE id = {id}', "case_file", "fields_sha256"),
        ("UPDATE case_file SET submitted_by = 77 WHERE id = {id}", "case_file", "submitted_by"),
    ],
)
def test_what_was_tampered_with_is_named(
    house: House, configured: Settings, statement: str, table: str, words: str
) -> None:
    case = a_case(house)
    with owner(configured, unguarded=True) as connection:
        connection.execute(text(statement.format(id=case.id).replace(":", "\\:")))
    found = problems(house)
    assert any(one[0] == table and words in one[2] for one in found), found
    assert problems(house, case) != []


def test_a_recomputed_event_still_breaks_the_link_after_it(house: House, configured: Settings) -> None:
    case = a_case(house)
    with house.inside():
        from workflows.queries import case_view

        first = case_view(case.id).events[0]
    forged = audit.link_hash(
        case.tenant_id, case.chain, 1, first.prev_hash, first.at, 99, first.action, first.payload
    )
    with owner(configured, unguarded=True) as connection:
        connection.execute(
            text(f"UPDATE audit_event SET officer_id = 99, hash = '{forged}' WHERE id = {first.id}")
        )
    assert any("nomor 2 tidak bersambung" in one[2] for one in problems(house, case))


def test_a_chain_cut_off_at_its_head_is_noticed(house: House, configured: Settings) -> None:
    with house.inside():
        for number in range(3):
            audit.record("kanwil", "settings.changed", {"n": number}, by=None, now=NOW)
    with owner(configured, unguarded=True) as connection:
        last = f"(SELECT max(seq) FROM audit_event WHERE chain = 'kanwil' AND tenant_id = {house.kanwil})"
        connection.execute(
            text(
                f"DELETE FROM audit_event WHERE tenant_id = {house.kanwil} AND chain = 'kanwil' AND seq = {last}"
            )
        )
    assert any(one[0] == "audit_chain" for one in problems(house))


def test_the_heads_of_a_period_are_those_of_its_last_events(house: House) -> None:
    case = house.submit(fields=FIELDS)
    house.decide(case.id, house.pembina, now=NOW + timedelta(days=1))
    house.decide(case.id, house.pemantau, now=NOW + timedelta(days=40))
    with house.inside():
        start = NOW - timedelta(days=1)
        march = audit.heads(start, NOW + timedelta(days=20))
        assert [(chain, seq) for chain, seq, _ in march] == [(case.chain, 2), ("kanwil", 3)]
        later = audit.heads(NOW + timedelta(days=20), NOW + timedelta(days=60))
        assert [(chain, seq) for chain, seq, _ in later] == [(case.chain, 3)]
        assert audit.merkle_root(march) == audit.merkle_root(audit.heads(start, NOW + timedelta(days=20)))


def test_a_finding_is_said_in_the_readers_language(house: House, configured: Settings) -> None:
    case = house.submit()
    with owner(configured) as connection:
        connection.execute(text(f"UPDATE case_file SET title = 'Lain', stage_no = 7 WHERE id = {case.id}"))
    with house.inside():
        found = [one.message for one in audit.verify_case(case.id)]
    english = {
        "Isi kasus diubah setelah diajukan: %(changed)s.": "Changed since it was submitted: %(changed)s.",
        "Keadaan kasus tidak sesuai dengan putusan terakhirnya: %(changed)s.": "State: %(changed)s.",
    }
    assert [spoken(parts_of(one), lambda words: english.get(words, words)) for one in found] == [
        "Changed since it was submitted: title.",
        "State: stage_no.",
    ]
