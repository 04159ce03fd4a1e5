"""The month's round: drafts by themselves on the first working day, reminders, and the board of the country."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, timedelta
from typing import Any

import openpyxl
import pytest
from sqlalchemy import func, select

from recaps import drafting, signing
from recaps.errors import BadPeriod
from recaps.models import Recap
from recaps.rounds import board, schedule
from recaps.rounds.models import RecapRound
from tenants import database, settings
from tenants.database import session
from tenants.errors import Forbidden, Invalid
from tenants.models import KanwilSettings, ReachLog
from tests.recaps.conftest import House
from tests.support.statements import counted_statements
from workflows.calendars import forget_calendars
from workflows.models import Closure, Notice

MONDAY = datetime(2024, 4, 1, 1, 0, tzinfo=UTC)
"""Monday 1 April 2024, 08.00 in Pontianak; Banten and Sumatera Barat keep the same clock."""


def told(kind: str) -> list[str]:
    asked = select(Notice.to_role).where(Notice.kind == kind).order_by(Notice.id)
    return [str(role) for role in session().scalars(asked)]


def test_a_draft_is_made_once_on_the_first_working_day(house: House) -> None:
    with house.inside():
        schedule.tend(MONDAY - timedelta(hours=3), due_workday=5)  # 05.00: the working morning has not begun
        schedule.tend(MONDAY - timedelta(days=1), due_workday=5)  # a Sunday
        assert session().scalar(select(func.count()).select_from(Recap)) == 0
        for minutes in (0, 15, 60 * 24):
            schedule.tend(MONDAY + timedelta(minutes=minutes), due_workday=5)
        recap = session().scalars(select(Recap)).one()
        assert (recap.period, recap.drafted_by, recap.drafted_by_name) == ("2024-03", 0, "Karya (terjadwal)")
        assert told("recap.drafted") == ["kadiv"]
        assert told("recap.reminder") == []


def test_the_first_working_day_is_the_kanwils_own(house: House) -> None:
    with house.inside():
        with database.transaction() as here:
            here.add(Closure(day=MONDAY.date(), reason="Hari jadi kota"))
        forget_calendars()
        schedule.tend(MONDAY, due_workday=5)
        assert session().scalar(select(func.count()).select_from(Recap)) == 0
        schedule.tend(MONDAY + timedelta(days=1), due_workday=5)
        assert session().scalar(select(func.count()).select_from(Recap)) == 1
    forget_calendars()


def test_a_kanwil_that_drafts_itself_and_one_that_has_drafted_are_left_alone(house: House) -> None:
    with house.inside("kadiv.banten"):
        with database.transaction() as here:
            here.scalars(select(KanwilSettings)).one().auto_draft = False
        schedule.tend(MONDAY, due_workday=5)
        assert session().scalar(select(func.count()).select_from(Recap)) == 0
    house.drafted()
    with house.inside():
        schedule.tend(MONDAY, due_workday=5)
        assert session().scalar(select(func.count()).select_from(Recap)) == 1
        assert told("recap.drafted") == []


def test_quarters_halves_and_years_are_drafted_where_the_kanwil_wants_it(house: House) -> None:
    assert schedule.longer_before(date(2024, 4, 2)) == ["2024-Q1"]
    assert schedule.longer_before(date(2024, 7, 1)) == ["2024-Q2", "2024-S1"]
    assert schedule.longer_before(date(2025, 1, 2)) == ["2024-Q4", "2024-S2", "2024"]
    assert schedule.longer_before(date(2024, 6, 3)) == []
    with house.inside("admin.kalbar"):
        row = settings.own()
        typed = {key: getattr(row, key) for key in ("address", "phone", "email", "number_pattern")}
        given = {**typed, "address": "Jalan K.S. Tubun Nomor 26", "price_band": "25"}
        for wrong in ("QX", "QQ"):
            with pytest.raises(Invalid) as refused:
                settings.save({**given, "auto_draft_longer": wrong}, by=house.by("admin.kalbar"))
            assert "auto_draft_longer" in refused.value.fields
        settings.save({**given, "auto_draft_longer": "YQ"}, by=house.by("admin.kalbar"))
        assert settings.own().auto_draft_longer == "QY"
        settings.save({**given, "auto_draft": "no"}, by=house.by("admin.kalbar"))
    with house.inside():
        for minutes in (0, 15):
            schedule.tend(MONDAY + timedelta(minutes=minutes), due_workday=9)
        made = session().scalars(select(Recap)).all()
        assert [(one.period, one.drafted_by) for one in made] == [("2024-Q1", 0)], "months are the Kadiv's"
        assert told("recap.drafted") == ["kadiv"]
        january = datetime(2025, 1, 2, 1, 0, tzinfo=UTC)  # the first working day; the half is not asked for
        schedule.tend(january, due_workday=9)
        schedule.tend(january + timedelta(days=1), due_workday=9)
        made = session().scalars(select(Recap).order_by(Recap.id)).all()
        assert [one.period for one in made] == ["2024-Q1", "2024-Q4", "2024"]
    with house.inside("kadiv.banten"):
        schedule.tend(MONDAY, due_workday=9)
        assert [one.period for one in session().scalars(select(Recap))] == ["2024-03"]


def test_a_day_that_was_slept_through_is_made_up_for_but_not_a_month(house: House) -> None:
    with house.inside():
        schedule.tend(MONDAY + timedelta(days=2), due_workday=9)
        assert session().scalar(select(func.count()).select_from(Recap)) == 1
    with house.inside("kadiv.banten"):
        schedule.tend(MONDAY + timedelta(days=24), due_workday=20)
        assert session().scalar(select(func.count()).select_from(Recap)) == 0


def test_a_death_before_the_commit_leaves_nothing_and_the_next_run_does_it(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    with house.inside():
        with monkeypatch.context() as patch:

            def dead(*_: Any, **__: Any) -> None:
                raise SystemExit

            patch.setattr(schedule.notices, "tell", dead)
            with pytest.raises(SystemExit):
                schedule.tend(MONDAY, due_workday=5)
        assert session().scalar(select(func.count()).select_from(Recap)) == 0
        schedule.tend(MONDAY, due_workday=5)
        assert session().scalar(select(func.count()).select_from(Recap)) == 1


def test_the_kadiv_who_submits_what_the_schedule_drafted_has_looked_at_it(house: House) -> None:
    with house.inside():
        schedule.tend(MONDAY, due_workday=5)
        recap = session().scalars(select(Recap)).one()
        drafting.prepare(recap.id, 1, now=house.now)
        drafting.submit(recap.id, by=house.by("kadiv.kalbar"), now=house.now)
    house.sign(recap.id)
    assert house.recap(recap.id).state == "delivered"


def test_who_has_not_sent_is_reminded_at_the_due_day_and_each_week_three_times(house: House) -> None:
    with house.inside():
        for days in range(30):
            for hours in (0, 4):
                schedule.tend(MONDAY + timedelta(days=days, hours=hours), due_workday=5)
        reminded = session().scalars(select(Notice).where(Notice.kind == "recap.reminder")).all()
        assert sorted(one.to_role for one in reminded) == ["kadiv"] * 3 + ["kakanwil"] * 3
        assert "Maret 2024" in reminded[0].title
        days_on = sorted({one.created_at.date().isoformat() for one in reminded})
        assert days_on == ["2024-04-05", "2024-04-22", "2024-04-29"]  # Lebaran lies between


def test_who_has_sent_is_left_in_peace(house: House) -> None:
    house.signed()
    with house.inside():
        schedule.tend(MONDAY + timedelta(days=17), due_workday=5)
        assert told("recap.reminder") == []


def test_the_board_says_who_has_sent_and_who_has_not(house: House) -> None:
    house.signed()
    with house.inside("dirjen"):
        with counted_statements() as seen:
            found = board.board("2024-03", now=house.now, due_workday=5)
        assert len(seen) == 3, "\n".join(seen)
        assert {line.kanwil.code: line.state for line in found.lines} == {
            "banten": "none",
            "kalbar": "delivered",
            "sumbar": "none",
        }
        assert (found.sent, len(found.missing), found.label) == (1, 2, "Maret 2024")
        kalbar = next(line for line in found.lines if line.is_sent)
        assert kalbar.due_on.isoformat() == "2024-04-05"
        assert kalbar.value_rupiah == 47_850_000
        sheet = openpyxl.load_workbook(io.BytesIO(board.as_sheet(found))).active
        assert sheet is not None
        assert [row[3] for row in sheet.iter_rows(min_row=2, values_only=True)] == [
            "Belum disusun",
            "Terkirim",
            "Belum disusun",
        ]
        with pytest.raises(BadPeriod):
            board.board("2024-13", now=house.now, due_workday=5)


def test_the_centre_reminds_once_a_day_and_the_entry_is_logged(house: House) -> None:
    house.signed()
    by = house.by("dirjen")
    with house.inside("dirjen"):
        for expected in (2, 0):
            asked = board.remind_missing("2024-03", by=by, now=house.now, due_workday=5)
            assert asked == expected
        purposes = session().scalars(select(ReachLog.purpose)).all()
        assert purposes.count("mengingatkan rekap 2024-03") == 4
        with pytest.raises(BadPeriod):
            board.remind_missing("2099-12", by=by, now=house.now, due_workday=5)
        with pytest.raises(Forbidden):
            board.draft_missing("2024-03", by=by, now=house.now, due_workday=5)
    with house.inside("kadiv.banten"):
        assert told("recap.reminder") == ["kadiv", "kakanwil"]
        assert session().scalars(select(RecapRound)).one().reminders == 0


def test_the_centre_has_the_missing_drafts_made(house: House) -> None:
    house.submitted()
    with house.inside("admin.pusat"):
        by = house.by("admin.pusat")
        for expected in (2, 0):
            begun = board.draft_missing("2024-03", by=by, now=house.now, due_workday=5)
            assert begun == expected
        found = board.board("2024-03", now=house.now, due_workday=5)
        assert (found.working, len(found.undrafted)) == (2, 0)
    with house.inside("kadiv.banten"):
        recap = session().scalars(select(Recap)).one()
        assert recap.drafted_by_name.endswith("(Pusat)")
        drafting.prepare(recap.id, 1, now=house.now)
        drafting.submit(recap.id, by=house.by("kadiv.banten"), now=house.now)
        assert signing.STAGE == "penandatanganan"
