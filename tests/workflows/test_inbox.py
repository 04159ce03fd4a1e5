"""The inbox: whose turn it is, how urgent, a page at a time."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tenants.database import transaction
from tenants.errors import Invalid
from tenants.models import Kanwil
from tests.support.statements import counted_statements
from tests.workflows.conftest import FIELDS, NOW, House
from workflows.calendars import calendar_of, forget_calendars
from workflows.models import Closure
from workflows.queries import Filters, grouped, inbox, inbox_counts, waiting


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
    from tenants.scope import entered

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
