"""The report of the approval, against figures counted by hand over a small history with known instants."""

from __future__ import annotations

import dataclasses
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tenants import database
from tenants.database import transaction
from tenants.errors import Invalid
from tenants.models import Kanwil, Upt
from tenants.scope import NationalScope, entered
from tests.support.statements import counted_statements
from tests.workflows.conftest import NOW, SUBJECT, House, _adopt, met
from workflows.calendars import forget_calendars
from workflows.models import Case
from workflows.sight import listing, report
from workflows.sight.durations import days_between
from workflows.sight.listing import Narrowed
from workflows.sight.windows import choices, window

LATE_MARCH = datetime(2024, 3, 28, 3, 0, tzinfo=UTC)


def at(day: int, hour: int = 10, month: int = 3) -> datetime:
    """An instant of 2024 by the clock of Pontianak."""
    return datetime(2024, month, day, hour, tzinfo=UTC) - timedelta(hours=7)


def story(house: House) -> dict[str, Case]:
    """Two products of March 2024, with Nyepi on the 11th and its collective leave on the 12th.

    The first goes through on the 5th, 7th, 13th and 13th. The second, of another UPT, is returned late on the 18th
    for its name and price, comes back on the 21st and waits at pemantauan since then.
    """
    first = house.submit(now=at(5))
    house.decide(first.id, house.pembina, now=at(7))
    house.decide(first.id, house.pemantau, now=at(13))
    house.decide(first.id, house.pengendali, now=at(13, 15))
    operator = house.officer(12, "operator_upt", upt=house.other_upt)
    own: dict[str, Any] = {"upt_id": house.other_upt, "by": operator, "editor_ids": [12], "subject_id": 9001}
    second = house.submit(now=at(5), **own)
    asked = [
        {"field": "name", "text": "Sebut bahannya."},
        {"field": "price_rupiah", "text": "Terlalu tinggi."},
        {"field": "name", "text": "Dan ukurannya."},
    ]
    house.decide(second.id, house.pembina, "return", now=at(18), comment="Mohon dibenahi.", requests=asked)
    third = house.submit(now=at(21), revision_no=2, previous_case_id=second.id, **own)
    house.decide(third.id, house.pembina, now=at(21, 14), settled=met(third))
    return {"first": first, "second": second, "third": third}


def test_every_figure_is_the_one_counted_by_hand(house: House) -> None:
    story(house)
    with house.inside():
        found = report.of_kanwil(SUBJECT, "2024-03", now=LATE_MARCH)
    total = found.total
    assert (total.decided, total.returned, total.late, total.timed) == (5, 1, 1, 5)
    # The first took 6, 7, 8, 13 March: 4 working days of 8; the second 6, 7, 8, 13, 14, 15, 18: 7 of 13.
    assert total.office.figures() == {
        "cases": 2,
        "median_days": 4,
        "p90_days": 7,
        "median_calendar_days": 8,
        "p90_calendar_days": 13,
    }
    # The UPT had it on 19, 20, 21 March.
    assert (total.upt.days.n, total.upt.days.median, total.upt.calendar.median) == (1, 3, 3)
    assert (total.waiting, total.overdue) == (1, 1)  # since the 26th at 16.00
    stages = {one.key: one for one in found.stages}
    assert list(stages) == ["pembinaan", "pemantauan", "pengendalian"]
    pembinaan = stages["pembinaan"]
    assert sorted(pembinaan.waited.counts.elements()) == [0, 2, 7]
    assert (pembinaan.waited.median, pembinaan.waited.p90) == (2, 7)
    assert (pembinaan.return_share, pembinaan.late_share) == (1 / 3, 1 / 3)
    assert sorted(stages["pemantauan"].waited.counts.elements()) == [2]
    assert sorted(stages["pengendalian"].waited.counts.elements()) == [0]
    assert (stages["pemantauan"].waiting, stages["pemantauan"].overdue) == (1, 1)
    assert stages["pengendalian"].return_share == 0
    places = {one.id: one for one in found.places}
    assert (places[house.upt].office.days.median, places[house.upt].returned) == (4, 0)
    other = places[house.other_upt]
    assert (other.office.days.median, other.upt.days.median, other.returned) == (7, 3, 1)
    assert other.return_share == 0.5
    assert found.reasons == [("name", "Nama", 1), ("price_rupiah", "Harga", 1)]
    loads = {(one.officer_id, one.stage): one for one in found.officers}
    assert {key: one.decided for key, one in loads.items()} == {
        (20, "pembinaan"): 3,
        (30, "pemantauan"): 1,
        (40, "pengendalian"): 1,
    }
    assert (loads[30, "pemantauan"].open_of_role, loads[30, "pemantauan"].waited.median) == (1, 2)
    assert loads[20, "pembinaan"].waited.median == 2


def test_a_period_holds_what_happened_in_it_and_its_months(house: House) -> None:
    story(house)
    with house.inside():
        quarter = report.of_kanwil(SUBJECT, "2024-Q1", now=LATE_MARCH)
        before = report.of_kanwil(SUBJECT, "2024-02", now=LATE_MARCH)
        recent = report.of_kanwil(SUBJECT, None, now=LATE_MARCH)
    assert [(one.key, one.decided) for one in quarter.months] == [
        ("2024-01", 0),
        ("2024-02", 0),
        ("2024-03", 5),
    ]
    assert (before.total.decided, before.total.office.days.n, before.total.waiting) == (0, 0, 1)
    assert (recent.window.first, recent.window.until) == (date(2023, 12, 30), date(2024, 3, 29))
    assert [(one.key, one.decided) for one in recent.months][0::3] == [("2023-12", 0), ("2024-03", 5)]


def test_a_withdrawn_case_is_not_the_offices_time(house: House) -> None:
    from workflows.submission import withdraw

    case = house.submit(now=at(5))
    with entered(house.scope(house.upt, 10)):
        withdraw(case.id, reason="Salah unggah.", by=house.operator, now=at(20))
    with house.inside():
        found = report.of_kanwil(SUBJECT, "2024-03", now=LATE_MARCH)
    assert (found.total.office.days.n, found.total.decided, found.total.waiting) == (0, 0, 0)


def _neighbour(house: House, timezone: str) -> House:
    """The other Kanwil at work, by another clock."""
    with transaction() as session:
        session.get_one(Kanwil, house.other_kanwil).timezone = timezone
    forget_calendars()
    database.db.release()
    there = dataclasses.replace(house, kanwil=house.other_kanwil)
    with entered(there.scope()), transaction() as session:
        upt = Upt(
            code="upt-1",
            type="Lapas",
            unit_class="IIA",
            name="Lembaga Pemasyarakatan Abepura",
            short_name="Lapas Abepura",
            city="Jayapura",
            slug=f"lapas-abepura-{house.other_kanwil}",
            active=True,
        )
        session.add(upt)
        session.flush()
        there.upt = upt.id
    _adopt(there)
    return there


@pytest.mark.parametrize(
    ("timezone", "march", "april", "days", "calendar_days"),
    [
        ("Asia/Jakarta", 1, 0, 0, 3),  # 28 March 23.00 to Sunday the 31st 22.30: the 29th is Good Friday
        ("Asia/Makassar", 1, 0, 0, 2),  # 29 March 00.00 to Sunday the 31st 23.30
        ("Asia/Jayapura", 0, 1, 1, 3),  # 29 March 01.00 to Monday 1 April 00.30
    ],
)
def test_months_and_days_follow_each_kanwils_own_clock(
    house: House, timezone: str, march: int, april: int, days: int, calendar_days: int
) -> None:
    there = _neighbour(house, timezone)
    case = there.submit(now=datetime(2024, 3, 28, 16, 0, tzinfo=UTC), by=there.operator)
    decided_at = datetime(2024, 3, 31, 15, 30, tzinfo=UTC)
    there.decide(case.id, there.pembina, "reject", comment="Bukan hasil karya.", now=decided_at)
    story(house)
    with there.inside():
        own = {month: report.of_kanwil(SUBJECT, month, now=decided_at) for month in ("2024-03", "2024-04")}
    assert [own[month].total.decided for month in own] == [march, april]
    with entered(NationalScope(1)), database.national("uji") as reader:
        country = report.of_country(SUBJECT, "2024-S1", session=reader, now=LATE_MARCH)
        of_march = report.of_country(SUBJECT, "2024-03", session=reader, now=LATE_MARCH)
    line = next(one for one in country.places if one.id == there.kanwil)
    assert (line.decided, line.waited.median, line.office.days.median) == (1, days, days)
    assert line.office.calendar.median == calendar_days
    assert sum(one.decided for one in of_march.places if one.id == there.kanwil) == march
    home = next(one for one in of_march.places if one.id == house.kanwil)
    assert (home.decided, home.returned, home.office.days.median, home.upt.days.median) == (5, 1, 4, 3)
    assert (home.waiting, home.overdue) == (1, 1)
    assert country.officers == []


def test_a_kanwil_counts_nothing_of_its_neighbour(house: House) -> None:
    there = _neighbour(house, "Asia/Jayapura")
    story(house)
    with there.inside():
        found = report.of_kanwil(SUBJECT, "2024", now=LATE_MARCH)
        rows, _ = listing.cases("putusan", Narrowed(SUBJECT, period="2024"), by=there.pembina, now=LATE_MARCH)
    assert (found.total.decided, found.total.waiting, found.places, rows) == (0, 0, [], [])


def test_the_report_of_a_kanwil_takes_five_statements_and_of_the_country_four(house: House) -> None:
    story(house)
    with house.inside():
        report.of_kanwil(SUBJECT, "2024", now=LATE_MARCH)  # the calendar is kept from now on
    with house.inside(), counted_statements() as seen:
        report.of_kanwil(SUBJECT, "2024", now=LATE_MARCH)
    assert len([one for one in seen if "set_config" not in one]) == 5, "\n".join(seen)
    with entered(NationalScope(1)), counted_statements() as seen, database.national("uji") as reader:
        report.of_country(SUBJECT, "2024", session=reader, now=LATE_MARCH)
    assert len(seen) == 4, "\n".join(seen)


def test_the_country_is_counted_without_a_name_a_text_or_an_answer(house: House) -> None:
    story(house)
    with entered(NationalScope(1)), counted_statements() as seen, database.national("uji") as reader:
        report.of_country(SUBJECT, "2024", session=reader, now=LATE_MARCH)
    for column in (
        *("comment", "checklist", "requests", "officer", "fields", "answers", "title", "submitted_by"),
        *("editor_ids", "ab_user"),
    ):
        assert not [one for one in seen if column in one], column


def test_each_number_has_its_list(house: House) -> None:
    made = story(house)

    def ids(which: str, **narrowed: Any) -> list[int]:
        asked = Narrowed(SUBJECT, period="2024-03", **narrowed)
        rows, following = listing.cases(which, asked, by=house.pembina, now=LATE_MARCH)
        assert following is None
        return [row.case_id for row in rows]

    first, second, third = (made[name].id for name in ("first", "second", "third"))
    with house.inside():
        assert ids("menunggu") == ids("menunggu", late=True, stage="pemantauan") == [third]
        assert ids("menunggu", stage="pembinaan") == []
        assert ids("selesai") == [second, first]
        assert ids("selesai", state="approved", upt_id=house.upt) == [first]
        assert ids("putusan") == [third, second, first, first, first]
        assert ids("putusan", outcome="return") == ids("putusan", late=True) == [second]
        assert ids("putusan", field="price_rupiah") == ids("putusan", field="name") == [second]
        assert ids("putusan", field="rupiah") == ids("putusan", field="%") == []
        assert ids("putusan", officer_id=20, stage="pembinaan") == [third, second, first]
        row = listing.oldest(SUBJECT, by=house.pembina, now=LATE_MARCH)[0]
        assert (row.upt, row.stage, row.deadline, row.late) == (
            "Lapas 2",
            "Pemantauan",
            "lewat 2 hari kerja",
            True,
        )
        with pytest.raises(Invalid):
            ids("lain")


def test_lists_follow_on_without_gap_or_repetition(house: House) -> None:
    made = [house.submit(now=NOW + timedelta(hours=7 * (n % 3))).id for n in range(7)]
    for which in ("menunggu", "putusan"):
        seen: list[int] = []
        after = None
        with house.inside():
            while True:
                rows, after = listing.cases(
                    which,
                    Narrowed(SUBJECT, "2024-03"),
                    by=house.pembina,
                    now=LATE_MARCH,
                    after=after,
                    limit=3,
                )
                seen += [row.case_id for row in rows]
                if after is None:
                    break
        assert sorted(seen) == sorted(made)
        for case in made:
            if which == "menunggu":
                house.decide(case, house.pembina, now=at(7))
    with house.inside(), pytest.raises(Invalid):
        listing.cases("putusan", Narrowed(SUBJECT), by=house.pembina, now=LATE_MARCH, after=("x", 1))


def test_days_are_counted_as_deadlines_are() -> None:
    from workflows.deadlines import Calendar

    calendar = Calendar("Asia/Jakarta", frozenset({date(2024, 3, 11)}))
    assert days_between(at(5, 8), at(5, 17), calendar) == (0, 0)
    assert days_between(at(8), at(12), calendar) == (1, 4)  # Friday to Tuesday, Monday is a holiday
    assert days_between(at(9), at(10), calendar) == (0, 1)  # a weekend
    assert days_between(at(12), at(8), calendar) == (0, 0)


def test_half_and_nine_tenths_are_days_within_which_so_many_ended() -> None:
    days = report.Days()
    assert (days.median, days.p90) == (None, None)
    for n in range(1, 11):
        days.add(n, 1)
    assert (days.median, days.p90) == (5, 9)
    days.add(100, 90)
    assert (days.median, days.p90) == (100, 100)


def test_a_window_is_a_period_or_the_last_ninety_days() -> None:
    assert window("2024-12", date(2024, 3, 28)).until == date(2025, 1, 1)
    assert len(window("2024", date(2024, 3, 28)).months) == 12
    assert window("", date(2024, 3, 28)).key == "90d"
    keys = [key for key, _ in choices(date(2024, 3, 28))]
    assert keys[:5] == ["90d", "2024-Q1", "2023-Q4", "2023-Q3", "2023-Q2"]
    assert {"2024-03", "2023-10", "2024", "2023"} <= set(keys)
    for wrong in ("2024-13", "kemarin", "2024-Q5", "²024"):
        with pytest.raises(Invalid):
            window(wrong, date(2024, 3, 28))
