"""Time: reminders before and on the day, escalation after it, each once; the digest of a morning; what one chooses."""

from __future__ import annotations

import email
from datetime import UTC, date, datetime, timedelta
from email.policy import default
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from config import Settings
from tenants.database import session, transaction
from tenants.errors import Invalid
from tenants.models import Kanwil
from tenants.scope import entered
from tests.workflows.conftest import NOW, SUBJECT, House
from tests.workflows.test_notices import an_officer
from workflows import choices, mailing, notices, reminders
from workflows.calendars import forget_calendars
from workflows.choices import choices_of, choose
from workflows.definitions import parse, publish
from workflows.escalation import escalate
from workflows.models import Case, Closure, Notice, NoticeDigest
from workflows.notices import notices_for, unread_count

PONTIANAK = ZoneInfo("Asia/Jakarta")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PONTIANAK).astimezone(UTC)


def told(kind: str) -> list[str]:
    return list(session().scalars(select(Notice.title).where(Notice.kind == kind).order_by(Notice.id)))


def test_a_stage_is_reminded_the_morning_before_and_on_its_day_and_escalated_after_it(house: House) -> None:
    house.submit()  # Tuesday 5 March; due on Friday the 8th
    with house.inside():
        for hour in range(24 * 7):
            moment = at("2024-03-05T10:00") + timedelta(hours=hour)
            while reminders.remind(moment) or escalate(moment):
                pass
        assert told("case.reminder") == [
            "Tas anyaman purun: 1 hari kerja",
            "Tas anyaman purun: sampai 16.00",
        ]
        assert told("case.overdue") == ["Tas anyaman purun: lewat tenggat"]
        moments = session().scalars(select(Notice.created_at).where(Notice.kind == "case.reminder")).all()
        assert [one.astimezone(PONTIANAK).strftime("%d %H") for one in moments] == ["07 08", "08 08"]


def test_a_clock_that_jumps_a_week_sends_each_once(house: House) -> None:
    case = house.submit()
    with house.inside():
        later = NOW + timedelta(days=7)
        assert (reminders.remind(later), escalate(later)) == (1, 1)
        assert (reminders.remind(later), escalate(later)) == (0, 0)
        assert (reminders.remind(later + timedelta(days=7)), escalate(later + timedelta(days=7))) == (0, 0)
        assert len(told("case.reminder")) == len(told("case.overdue")) == 1
    house.decide(case.id, house.pembina, now=later)
    with house.inside():
        found = session().scalars(select(Case).where(Case.id == case.id)).one()
        assert found.remind_at is not None
        assert found.remind_at > later


def killed(later: datetime) -> None:
    with transaction():
        reminders.remind(later)
        escalate(later)
        raise KeyboardInterrupt


def test_a_worker_killed_before_the_commit_leaves_it_to_the_next(house: House) -> None:
    house.submit()
    later = NOW + timedelta(days=7)
    with house.inside():
        with pytest.raises(KeyboardInterrupt):
            killed(later)
        assert told("case.reminder") == told("case.overdue") == []
        assert (reminders.remind(later), escalate(later)) == (1, 1)


@pytest.mark.parametrize(
    ("timezone", "due"),
    [
        ("Asia/Jakarta", "2024-04-19T09:00Z"),
        ("Asia/Makassar", "2024-04-19T08:00Z"),
        ("Asia/Jayapura", "2024-04-19T07:00Z"),
    ],
)
def test_a_deadline_across_lebaran_and_a_closure_on_each_clock(house: House, timezone: str, due: str) -> None:
    with house.inside(), transaction() as db:
        db.execute(update(Kanwil).where(Kanwil.id == house.kanwil).values(timezone=timezone))
        db.add(Closure(day=date(2024, 4, 18), reason="Banjir"))
    forget_calendars()
    # Friday 5 April; Lebaran and its leave last to Monday the 15th, the office is closed on the 18th.
    case = house.submit(now=at("2024-04-05T15:00"))
    assert case.due_at == datetime.fromisoformat(due)
    assert case.due_on == date(2024, 4, 19)


def test_every_seat_is_reminded_by_its_own_deadline(house: House) -> None:
    with entered(house.scope()):
        text = (
            f"subject_type: {SUBJECT}\ntitle: x\nstages:\n  - key: blok\n    name: Blok\n    parallel:\n"
            "      - {key: a, name: Cepat, role: pembina, deadline_days: 1, remind_days: 0}\n"
            "      - {key: b, name: Lambat, role: pemantau, deadline_days: 4, remind_days: 2}\n"
        )
        publish(parse(text), by=None, now=NOW)
    house.submit()
    with house.inside():
        assert reminders.remind(at("2024-03-06T07:59")) == 0
        assert reminders.remind(at("2024-03-06T08:00")) == 1
        assert [
            one.to_role for one in session().scalars(select(Notice).where(Notice.kind == "case.reminder"))
        ] == ["pembina"]
        assert reminders.remind(at("2024-03-07T08:00")) == 1
        assert reminders.remind(at("2024-03-07T09:00")) == 0


def mails(house: House, configured: Settings) -> list[str]:
    found = sorted(mailing.mail_folder(configured).glob(f"{house.kanwil}-*.eml"))
    return [email.message_from_bytes(one.read_bytes(), policy=default)["Subject"] for one in found]


def test_a_day_of_cases_is_one_mail_a_morning(
    house: House, configured: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tenants.clock.now", lambda: NOW + timedelta(hours=22))
    an_officer(house, "pembina", at_once=False)
    for _ in range(12):
        house.submit()
    with house.inside():
        assert mailing.mail({}) == {"mails": 0}
        assert mailing.digest({"day": "2024-03-06"}) == {"mails": 1}
        assert mailing.digest({"day": "2024-03-06"}) == {"mails": 0}
        assert mails(house, configured) == ["Karya, 6 Maret 2024: 12 pemberitahuan"]
        with transaction() as db:  # as after a crash between the mail and its mark
            for row in db.scalars(select(NoticeDigest)):
                db.delete(row)
        assert mailing.digest({"day": "2024-03-06"}) == {"mails": 1}
        assert len(mails(house, configured)) == 1
        assert mailing.digest({"day": "2024-03-07"}) == {"mails": 0}
    house.submit()
    with house.inside():
        assert mailing.digest({"day": "2024-03-07"}) == {"mails": 1}
        assert mails(house, configured)[-1] == "Karya, 7 Maret 2024: 1 pemberitahuan"


def test_what_one_chose_holds_in_the_app_and_by_mail(
    house: House, configured: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tenants.clock.now", lambda: NOW + timedelta(hours=1))
    number = an_officer(house, "pembina", at_once=False)
    me = house.officer(number, "pembina")
    with house.inside():
        assert {one.topic.key: one.mail for one in choices_of(me)}["waiting"] == choices.DIGEST
        choose({"waiting": (choices.NONE, False), "outcome": (choices.DIGEST, True)}, by=me)
        choose({"waiting": (choices.NONE, False)}, by=me)
        assert next(one for one in choices_of(me) if one.topic.key == "waiting").in_app is False
        with pytest.raises(Invalid):
            choose({"waiting": ("merpati", True)}, by=me)
    house.submit()
    with house.inside():
        assert notices_for(me) == []
        assert unread_count(me) == 0
        assert unread_count(house.pembina) == 1
        assert mailing.mail({}) == mailing.digest({"day": "2024-03-06"}) == {"mails": 0}
        with transaction() as db:
            notices.tell(db, [notices.draft("case.returned", "Kembali", officer_id=number)], NOW)
        assert mailing.mail({}) == {"mails": 0}
        assert mailing.digest({"day": "2024-03-06"}) == {"mails": 1}
