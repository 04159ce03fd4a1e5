"""Steps with several seats: parallel stages, a quorum, conditions; and what they leave behind."""

from __future__ import annotations

import dataclasses
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from tenants.database import session
from tenants.officers import Acting
from tenants.scope import entered
from tests.support.statements import counted_statements
from tests.workflows.conftest import FIELDS, GOOD, NOW, SUBJECT, House
from tests.workflows.test_races import at_once
from workflows import audit, escalation
from workflows.decisions import why_not
from workflows.definitions import definition_of, parse, publish
from workflows.errors import CaseMoved, DefinitionInvalid, FourEyes, NotYourStage
from workflows.inbox import Filters, inbox, inbox_counts, next_case, waiting
from workflows.models import Case, CaseSeat, Decision, Notice
from workflows.overview import piles
from workflows.queries import case_view, open_requests

BLOCK = f"""
subject_type: {SUBJECT}
title: Percobaan
stages:
  - {{key: pembinaan, name: Pembinaan, role: pembina}}
  - key: kajian
    name: Kajian bersama
    quorum: 2
    when: price_rupiah >= 5_000_000
    parallel:
      - {{key: kajian_harga, name: Kajian harga, role: pembina, deadline_days: 5}}
      - {{key: kajian_mutu, name: Kajian mutu, role: pemantau, deadline_days: 2, escalate_to: kakanwil}}
      - {{key: kajian_pasar, name: Kajian pasar, role: kadiv}}
  - {{key: pengendalian, name: Pengendalian, role: pengendali}}
"""
PANEL = f"""
subject_type: {SUBJECT}
title: Percobaan
stages:
  - {{key: panel, name: Panel, role: pembina, quorum: {{need: 2, of: 3}}}}
"""
DEAR = {**FIELDS, "price_rupiah": 6_000_000}
ASKED = [{"field": "name", "text": "Perjelas."}]


def given(house: House, text: str, **fields: Any) -> Case:
    """A case under this definition."""
    with entered(house.scope()):
        publish(parse(text), by=None, now=NOW)
    return house.submit(fields={**DEAR, **fields})


def now_at(case: Case) -> tuple[str, str | None]:
    found = (
        session()
        .scalars(select(Case).where(Case.id == case.id).execution_options(populate_existing=True))
        .one()
    )
    return found.state, found.stage_key


def say(house: House, case: Case, by: Any, outcome: str = "approve", **more: Any) -> Decision:
    more = {"checklist": {}, **more}
    if outcome != "approve":
        more = {"comment": "Alasan.", "requests": ASKED, **more}
    return house.decide(case.id, by, outcome, **more)


def test_a_quorum_of_two_in_three_carries_a_parallel_step(house: House) -> None:
    case = given(house, BLOCK)
    first = house.officer(21, "pembina")
    say(house, case, house.pembina)
    with house.inside():
        assert now_at(case) == ("open", "kajian")
        assert [one.stage_key for one in inbox(first, now=NOW).items] == ["kajian_harga"]
        assert [one.stage_key for one in inbox(house.pemantau, now=NOW).items] == ["kajian_mutu"]
    say(house, case, first)
    with house.inside():
        assert now_at(case) == ("open", "kajian")
        assert inbox(first, now=NOW).items == []
    say(house, case, house.officer(50, "kadiv"))
    with house.inside():
        assert now_at(case) == ("open", "pengendalian")
        assert inbox(house.pemantau, now=NOW).items == []  # its seat is left behind, and no longer counts
        assert escalation.sweep_seats() == 3
    say(house, case, house.pengendali)
    with house.inside():
        assert now_at(case)[0] == "approved"
        assert audit.verify_case(case.id) == []
        steps = case_view(case.id).track
        assert [(one.key, one.state) for one in steps][2] == ("kajian", "done")
        assert steps[2].votes == (
            ("Kajian harga", 1, 1, True),
            ("Kajian mutu", 0, 1, True),
            ("Kajian pasar", 1, 1, True),
        )


def test_a_step_that_can_no_longer_be_carried_returns_with_every_request(house: House) -> None:
    case = given(house, BLOCK)
    say(house, case, house.pembina)
    say(house, case, house.pemantau, "return", requests=[{"field": "name", "text": "Nama."}])
    with house.inside():
        assert now_at(case) == ("open", "kajian")
    say(
        house,
        case,
        house.officer(50, "kadiv"),
        "return",
        requests=[{"field": "price_rupiah", "text": "Harga."}],
    )
    with house.inside():
        assert now_at(case)[0] == "returned"
        assert [one["text"] for one in open_requests(case.id)] == ["Nama.", "Harga."]
        assert house.happened[-1] == ("returned", case.id)
        assert audit.verify_case(case.id) == []


def test_one_rejection_among_the_lost_votes_rejects(house: House) -> None:
    case = given(house, BLOCK)
    say(house, case, house.pembina)
    say(house, case, house.pemantau, "reject")
    say(house, case, house.officer(50, "kadiv"), "return")
    with house.inside():
        assert now_at(case)[0] == "rejected"
        kinds = session().scalars(select(Notice.kind).where(Notice.to_officer_id == 10).order_by(Notice.id))
        assert kinds.all()[-1] == "case.rejected"


def test_a_refusal_that_the_quorum_outvotes_changes_nothing(house: House) -> None:
    case = given(house, BLOCK)
    say(house, case, house.pembina)
    say(house, case, house.pemantau, "reject")
    say(house, case, house.officer(21, "pembina"))
    say(house, case, house.officer(50, "kadiv"))
    with house.inside():
        assert now_at(case) == ("open", "pengendalian")


def test_a_condition_passes_the_step_over(house: House) -> None:
    case = given(house, BLOCK, price_rupiah=95_000)
    say(house, case, house.pembina)
    with house.inside():
        assert now_at(case) == ("open", "pengendalian")
        assert [one.key for one in case_view(case.id).track] == [
            "submitted",
            "pembinaan",
            "pengendalian",
            "end",
        ]


def test_one_person_has_one_vote_whatever_the_roles(house: House) -> None:
    case = given(house, BLOCK)
    say(house, case, house.pembina)
    with pytest.raises(FourEyes):
        say(house, case, house.pembina)  # decided pembinaan
    both = house.officer(22, "pembina", "pemantau")
    say(house, case, both)
    with pytest.raises(FourEyes):
        say(house, case, both, stage="kajian_mutu")
    with pytest.raises(NotYourStage):
        say(house, case, house.pengendali)
    with pytest.raises(CaseMoved):
        say(house, case, house.officer(23, "pembina"), stage="kajian_harga")


def test_a_vote_beside_mine_is_no_reason_to_read_again(house: House) -> None:
    case = given(house, BLOCK)
    say(house, case, house.pembina)
    with house.inside():
        seen = case_view(case.id).case.version
    say(house, case, house.pemantau, version=seen)
    say(house, case, house.officer(50, "kadiv"), version=seen)
    with house.inside():
        assert now_at(case) == ("open", "pengendalian")
    with pytest.raises(CaseMoved):
        say(house, case, house.pengendali, version=seen)


def test_a_panel_of_one_role_waits_for_two_of_three(house: House) -> None:
    case = given(house, PANEL)
    panel = [house.officer(number, "pembina") for number in (61, 62, 63)]
    say(house, case, panel[0], "return")
    say(house, case, panel[1])
    with house.inside():
        assert [one.id for one in inbox(panel[2], now=NOW).items] == [case.id]
        assert inbox(panel[1], now=NOW).items == []
        assert (waiting(panel[2], NOW), waiting(panel[1], NOW)) == (1, 0)
        assert next_case(panel[2], now=NOW) == (case.id, f"/kasus/{case.id}")
        assert [(pile.role, pile.waiting) for pile in piles(NOW)] == [("pembina", 1)]
    say(house, case, panel[2])
    with house.inside():
        assert now_at(case)[0] == "approved"
        assert house.happened.count(("approved", case.id)) == 1


def test_votes_at_the_same_moment_carry_a_panel_once(house: House) -> None:
    case = given(house, PANEL)
    answers = at_once(*[lambda n=n: say(house, case, house.officer(80 + n, "pembina")) for n in range(12)])
    assert len([one for one in answers if isinstance(one, Decision)]) == 2
    assert len([one for one in answers if isinstance(one, CaseMoved)]) == 10
    with house.inside():
        assert now_at(case)[0] == "approved"
        assert house.happened.count(("approved", case.id)) == 1
        assert audit.verify_case(case.id) == []


def test_a_vote_costs_at_most_eight_statements(house: House) -> None:
    case = given(house, BLOCK)
    voters = [house.pembina, house.pemantau, house.officer(50, "kadiv"), house.pengendali]
    for by in voters:
        with counted_statements() as seen:
            say(house, case, by)
        assert len(seen) <= 8, "\n".join(one[:70] for one in seen)


def test_seats_stand_in_the_inbox_by_their_own_deadline_and_page_with_cases(house: House) -> None:
    case = given(house, BLOCK)
    say(house, case, house.pembina)
    with entered(house.scope()):
        publish(parse(BLOCK.replace("role: pembina}}", "role: pemantau}}", 1)), by=None, now=NOW)
    plain = [house.submit(fields=DEAR, now=NOW + timedelta(days=day)) for day in (-3, 3, 6)]
    both = house.officer(70, "pemantau", "pembina")
    with house.inside():
        whole = inbox(both, now=NOW)
        assert {one.id for one in whole.items} == {case.id, *(one.id for one in plain)}
        assert [one.due_at for one in whole.items] == sorted(one.due_at for one in whole.items)
        seen, cursor = [], None
        while True:
            page = inbox(both, now=NOW, cursor=cursor, limit=2)
            seen += [(one.id, one.stage_key) for one in page.items]
            cursor = page.next_cursor
            if cursor is None:
                break
        assert len(seen) == len(set(seen)) == len(whole.items) == 5
        counts = inbox_counts(both, NOW)
        assert counts.mine == 5
        assert counts.late + counts.today + counts.week + counts.later == 5


def test_each_overdue_seat_is_escalated_once_to_whom_the_stage_says(house: House) -> None:
    case = given(house, BLOCK)
    say(house, case, house.pembina)
    with house.inside():
        assert escalation.escalate(NOW + timedelta(days=5)) == 2  # mutu and pasar; harga has two days more
        assert escalation.escalate(NOW + timedelta(days=5)) == 0
        assert escalation.escalate(NOW + timedelta(days=12)) == 1
        told = session().scalars(
            select(Notice.to_role).where(Notice.kind == "case.overdue").order_by(Notice.id)
        )
        assert sorted(told.all()) == ["kadiv", "kadiv", "kakanwil"]
        assert audit.verify_case(case.id) == []
        seats = session().scalars(select(CaseSeat).where(CaseSeat.case_id == case.id)).all()
        assert all(seat.escalated_at is not None for seat in seats)


def test_a_case_under_way_stays_with_its_version(house: House) -> None:
    old = house.submit()
    new = given(house, BLOCK)
    house.decide(old.id, house.pembina)
    say(house, new, house.pembina)
    with house.inside():
        assert (now_at(old), now_at(new)) == (("open", "pemantauan"), ("open", "kajian"))


def test_a_substitute_decides_in_the_office_he_stands_in_for(house: House) -> None:
    case = house.submit()
    letter = Acting("pembina", "plh", 20, "Petugas 20", date(2024, 3, 30), "W.16-KP.04.01-12")
    by = dataclasses.replace(
        house.officer(30, "pemantau"), roles=frozenset({"pemantau", "pembina"}), acting=(letter,)
    )
    with house.inside():
        assert inbox_counts(by, NOW).acting == 1
        assert [one.id for one in inbox(by, tab="acting", now=NOW).items] == [case.id]
    made = house.decide(case.id, by, checklist=GOOD["pembinaan"])
    assert (made.acting_as, made.on_behalf_of, made.letter_number) == ("Plh. Pembina", 20, "W.16-KP.04.01-12")
    with pytest.raises(FourEyes):
        house.decide(case.id, by)
    with house.inside():
        assert audit.verify_case(case.id) == []
        assert (
            "Plh. Pembina" in session().scalars(select(Notice.body).where(Notice.kind == "case.passed")).one()
        )


def test_a_substitute_who_submitted_is_refused(house: House) -> None:
    case = house.submit(editor_ids=[10, 30])
    letter = Acting("pembina", "plt", None, "", date(2024, 3, 30), "W.16-KP.04.01-13")
    by = dataclasses.replace(
        house.officer(30, "pemantau"), roles=frozenset({"pemantau", "pembina"}), acting=(letter,)
    )
    with pytest.raises(FourEyes):
        house.decide(case.id, by)


@pytest.mark.parametrize(
    ("changed", "place"),
    [
        (("quorum: 2", "quorum: 4"), "stages[1].quorum (baris 8)"),
        (("quorum: 2", "quorum: sebagian"), "stages[1].quorum (baris 8)"),
        (("deadline_days: 5", "quorum: {need: 1, of: 2}"), "stages[1].parallel[0].quorum (baris 11)"),
        (("key: kajian_mutu", "key: kajian_harga"), "stages[1].parallel[1].key (baris 12)"),
        (("key: kajian_harga", "key: pembinaan"), "stages[1].parallel[0].key (baris 11)"),
        (("escalate_to: kakanwil", "escalate_to: menteri"), "stages[1].parallel[1].escalate_to (baris 12)"),
        (("name: Kajian bersama", "nama: x"), "stages[1].nama (baris 7)"),
    ],
)
def test_a_fault_in_a_block_is_named_with_its_place(changed: tuple[str, str], place: str) -> None:
    with pytest.raises(DefinitionInvalid) as wrong:
        parse(BLOCK.replace(*changed, 1))
    assert place in wrong.value.fields, wrong.value.fields


def test_why_not_says_for_whom_a_parallel_step_waits(house: House) -> None:
    case = given(house, BLOCK)
    say(house, case, house.pembina)
    with house.inside():
        found = session().get_one(Case, case.id, populate_existing=True)
        definition = definition_of(session(), {found.definition_id})[found.definition_id]
        decisions = session().scalars(select(Decision).where(Decision.case_id == case.id)).all()
        said = why_not(found, definition, decisions, house.pengendali)
        assert said == "Menunggu Pembina dan Pemantau dan Kepala Divisi Pemasyarakatan."
        assert why_not(found, definition, decisions, house.pemantau) is None


def test_each_seat_of_a_parallel_step_is_measured_by_its_own_deadline(house: House) -> None:
    blocks = "[{key: a, name: Cepat, role: pembina, deadline_days: 1},"
    blocks += " {key: b, name: Lambat, role: pemantau, deadline_days: 10}]"
    text = f"subject_type: {SUBJECT}\ntitle: x\nstages:\n  - {{key: blok, name: Blok, parallel: {blocks}}}\n"
    case = given(house, text)
    first = say(house, case, house.pembina, now=NOW + timedelta(hours=1))
    later = NOW + timedelta(days=3)
    with house.inside():
        held = case_view(case.id).case
        assert (held.due_on, held.due_at and held.due_at > later) == (date(2024, 3, 21), True)
        assert [row.id for row in inbox(house.officer(50, "kadiv"), tab="team", now=later).items] == [case.id]
        late = Filters(late=True)
        assert not inbox(house.officer(50, "kadiv"), tab="team", now=later, filters=late).items
        assert audit.verify_case(case.id) == []
    second = say(house, case, house.pemantau, now=later)
    zone = ZoneInfo("Asia/Pontianak")
    dues = [one.due_at.astimezone(zone).date() for one in (first, second) if one.due_at]
    assert dues == [date(2024, 3, 6), date(2024, 3, 21)]
    with house.inside():
        assert audit.verify_case(case.id) == []
