"""The inbox: whose turn it is, how urgent, a page at a time."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from tenants.database import transaction
from tenants.errors import Invalid
from tenants.models import Kanwil
from tenants.officers import Actor
from tenants.scope import entered
from tests.support.statements import counted_statements
from tests.workflows.conftest import FIELDS, NOW, SUBJECT, House
from workflows.calendars import calendar_of, forget_calendars
from workflows.definitions import parse, publish
from workflows.desk.priority import set_urgent
from workflows.models import Closure
from workflows.queries import Filters, grouped, inbox, inbox_counts, next_case, waiting

SEATS = f"""
subject_type: {SUBJECT}
title: Percobaan
stages:
  - key: kajian
    name: Kajian bersama
    parallel:
      - {{key: kajian_harga, name: Kajian harga, role: pembina}}
      - {{key: kajian_mutu, name: Kajian mutu, role: pemantau}}
      - {{key: kajian_pasar, name: Kajian pasar, role: kadiv}}
"""
RANGES = ("ix_case_file_role_due", "ix_case_seat_role_due")


def test_each_role_sees_what_waits_for_it_and_the_team_sees_all(house: House) -> None:
    first, second = house.submit(), house.submit(upt_id=house.other_upt, by=house.officer(12, "operator_upt"))
    house.decide(first.id, house.pembina)
    with house.inside():
        assert [row.id for row in inbox(house.pembina, now=NOW).items] == [second.id]
        assert [row.id for row in inbox(house.pemantau, now=NOW).items] == [first.id]
        assert {row.id for row in inbox(house.pengendali, tab="team", now=NOW).items} == {first.id, second.id}
        row = inbox(house.pemantau, now=NOW).items[0]
    assert (row.stage, row.upt, row.deadline, row.urgency) == (
        "Pemantauan",
        "Lapas 1",
        "3 hari kerja",
        "week",
    )


def test_pages_follow_each_other_by_deadline_without_gap_or_repetition(house: House) -> None:
    made = [house.submit(now=NOW + timedelta(hours=7 * (n % 5))).id for n in range(12)]
    seen: list[int] = []
    cursor = None
    with house.inside():
        while True:
            page = inbox(house.pembina, cursor=cursor, limit=5, now=NOW)
            seen += [row.id for row in page.items]
            dues = [row.due_at for row in page.items]
            assert dues == sorted(dues)
            cursor = page.next_cursor
            if cursor is None:
                break
    assert sorted(seen) == sorted(made)
    assert len(seen) == len(set(seen))


def test_rows_are_grouped_by_urgency_and_counted_alike(house: House) -> None:
    for days in (0, 1, 2, 6):
        house.submit(now=NOW + timedelta(days=days))
    friday_noon = NOW + timedelta(days=3, hours=2)
    with house.inside():
        groups = grouped(inbox(house.pembina, now=friday_noon).items)
        counts = inbox_counts(house.pembina, friday_noon)
    assert [(name, len(rows)) for name, rows in groups] == [("today", 1), ("later", 3)]
    assert (counts.mine, counts.late, counts.today, counts.week, counts.later) == (4, 0, 1, 0, 3)
    with house.inside():
        later = inbox_counts(house.pembina, friday_noon + timedelta(hours=4))
        assert (later.late, waiting(house.pembina, NOW)) == (1, 4)


def test_filters_narrow_rows_and_counts(house: House) -> None:
    house.submit(fields={**FIELDS, "category": "craft"})
    food = house.submit(fields={**FIELDS, "category": "culinary"}, upt_id=house.other_upt)
    with house.inside():
        for filters in (Filters(facet="culinary"), Filters(upt_id=house.other_upt)):
            assert [row.id for row in inbox(house.pembina, now=NOW, filters=filters).items] == [food.id]
            assert inbox_counts(house.pembina, NOW, filters=filters).week == 1
        assert inbox(house.pembina, now=NOW, filters=Filters(again=True)).items == []


def test_a_page_costs_one_statement_and_its_counts_another(house: House) -> None:
    house.submit()
    with house.inside():
        inbox(house.pembina, now=NOW)
        with counted_statements() as seen:
            inbox(house.pembina, now=NOW)
            inbox_counts(house.pembina, NOW)
    assert len([one for one in seen if "set_config" not in one]) == 2, seen


def test_a_foreign_cursor_is_refused(house: House) -> None:
    with house.inside():
        for cursor in ("xx", "WzEsMl0", "!!!!", "W10", "WyIwMDAxLTAxLTAxVDAwOjAwOjAwKzE0OjAwIiwxXQ"):
            with pytest.raises(Invalid):
                inbox(house.pembina, cursor=cursor, now=NOW)


def test_an_officer_of_a_upt_sees_nothing_of_its_neighbour(house: House) -> None:
    house.submit()
    with entered(house.scope(house.other_upt)):
        assert inbox(house.officer(90, "pembina"), tab="team", now=NOW).items == []


def test_the_kanwils_own_closures_move_its_deadlines_alone(house: House) -> None:
    with house.inside():
        with transaction() as session:
            session.add(Closure(day=date(2024, 3, 6), reason="Banjir"))
        forget_calendars()
        with transaction() as session:
            assert not calendar_of(session).works_on(date(2024, 3, 6))
            assert session.get(Kanwil, house.kanwil) is not None
    assert house.submit().due_on == date(2024, 3, 13)


def _marked(house: House, case_id: int, urgent: bool = True) -> None:
    with entered(house.scope()):
        set_urgent(case_id, urgent, reason="Pameran besok.", by=house.officer(50, "kadiv"), now=NOW)


def _walked(by: Actor, limit: int, **asked: Any) -> list[tuple[int, str]]:
    """Every row of an inbox, page by page: its case and stage."""
    seen, cursor = [], None
    while True:
        page = inbox(by, cursor=cursor, limit=limit, now=NOW, **asked)
        seen += [(row.id, row.stage_key) for row in page.items]
        cursor = page.next_cursor
        if cursor is None:
            return seen


@pytest.mark.parametrize("order", ["deadline", "submitted"])
def test_the_urgent_come_first_in_either_order_and_on_every_page(house: House, order: str) -> None:
    made = [house.submit(now=NOW + timedelta(days=day)).id for day in range(7)]
    for n in (5, 3):
        _marked(house, made[n])
    expected = [made[n] for n in (3, 5, 0, 1, 2, 4, 6)]
    with house.inside():
        for limit in (1, 2, 3, 25):
            for tab in ("mine", "team"):
                assert [one for one, _ in _walked(house.pembina, limit, order=order, tab=tab)] == expected
        only = _walked(house.pembina, 1, order=order, filters=Filters(urgent=True))
        assert [one for one, _ in only] == expected[:2]
        assert next_case(house.pembina, NOW) == (made[3], f"/kasus/{made[3]}")
    _marked(house, made[3], False)
    with house.inside():
        assert [one for one, _ in _walked(house.pembina, 2, order=order)] == [made[5], *made[:5], made[6]]


def test_the_seats_of_an_urgent_case_come_first_and_none_is_lost_between_pages(house: House) -> None:
    with house.inside():
        publish(parse(SEATS), by=None, now=NOW)
    made = [house.submit(now=NOW + timedelta(hours=hour)).id for hour in range(3)]
    _marked(house, made[1])
    with house.inside():
        publish(parse(SEATS.replace("pasar", "pasaran")), by=None, now=NOW)
    again = house.submit(now=NOW + timedelta(hours=3)).id
    both = house.officer(70, "pembina", "pemantau")
    stages = ("kajian_harga", "kajian_mutu")  # of one case, for one officer, due at the same instant
    expected = [(id_, stage) for id_ in (made[1], made[0], made[2], again) for stage in stages]
    with house.inside():
        for limit in (1, 3, 25):
            assert _walked(both, limit) == _walked(both, limit, order="submitted") == expected
        counts = inbox_counts(both, NOW)
        assert (counts.mine, counts.pressing, counts.week) == (8, 2, 6)


def test_the_urgent_are_a_group_of_their_own_and_counted_in_no_other(house: House) -> None:
    made = [house.submit(now=NOW + timedelta(days=day)).id for day in (0, 0, 6)]
    _marked(house, made[1])
    _marked(house, made[2])
    with house.inside():
        rows = inbox(house.pembina, now=NOW).items
        assert [(name, len(found)) for name, found in grouped(rows)] == [("pressing", 2), ("week", 1)]
        assert [name for name, _ in grouped(rows, urgent_apart=False)] == ["week", "later"]
        counts = inbox_counts(house.pembina, NOW)
        assert (counts.urgent, counts.pressing, counts.week, counts.later, counts.overdue) == (2, 2, 1, 0, 0)
        counts = inbox_counts(house.pembina, NOW, filters=Filters(urgent=True))
        assert (counts.pressing, counts.week, counts.later) == (0, 1, 1)
        late = inbox_counts(house.pembina, NOW + timedelta(days=4))
        assert (late.overdue, late.pressing, late.late) == (2, 2, 1)


@pytest.mark.parametrize("asked", [inbox, next_case])
def test_a_page_reads_ranges_of_indexes_in_their_order(house: House, asked: Any) -> None:
    _marked(house, house.submit().id)
    with house.inside():
        asked(house.pembina, now=NOW)
        plan = _plan_of(lambda: asked(house.pembina, now=NOW))
    for index in RANGES:
        assert plan.count(index) == 2, plan  # the urgent, and the rest
    assert "SCAN case_" not in plan, plan
    assert "Seq Scan on case_" not in plan, plan


def _plan_of(ask: Any) -> str:
    """How the database means to run the one statement that this asks, however few rows there are to tempt it."""
    plan: list[str] = []

    def explain(conn: Any, cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if "UNION ALL" not in statement:
            return
        beside, words = conn.connection.cursor(), "EXPLAIN QUERY PLAN "
        if conn.dialect.name == "postgresql":
            words = "EXPLAIN "
            for way in ("seqscan", "bitmapscan", "sort"):
                beside.execute(f"SET LOCAL enable_{way} = off")
        beside.execute(words + statement, parameters)
        plan.extend(str(row[-1]) for row in beside.fetchall())

    event.listen(Engine, "before_cursor_execute", explain)
    try:
        with transaction():
            ask()
    finally:
        event.remove(Engine, "before_cursor_execute", explain)
    return "\n".join(plan)
