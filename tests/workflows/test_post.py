"""The post: one mailbox that refuses holds up nobody else's mail, and is not asked for ever."""

from __future__ import annotations

import dataclasses
import email
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from email.policy import default
from typing import Any

import pytest
from sqlalchemy import func, select, update

from config import Settings
from tenants import database
from tenants.database import session, transaction
from tenants.models import Officer, Substitution
from tests.support.smtp import Sink, sink
from tests.workflows.conftest import NOW, House
from tests.workflows.test_notices import an_officer
from tests.workflows.test_reminders import at
from workflows import choices, mailing, notices
from workflows.choices import choose
from workflows.models import Notice
from workflows.notices import notices_for
from workflows.post.boxes import refusing
from workflows.post.models import MailOwed, MailRefusal

HOUR = timedelta(hours=1)
GONE, FULL = "550 5.1.1 no such user", "452 4.2.2 mailbox full"


class Clock:
    """The clock of the jobs, set by hand."""

    def __init__(self) -> None:
        self.now = NOW + HOUR

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    hand = Clock()
    monkeypatch.setattr("tenants.clock.now", hand)
    return hand


@pytest.fixture
def server(configured: Settings, monkeypatch: pytest.MonkeyPatch, clock: Clock) -> Iterator[Sink]:
    with sink() as here:
        monkeypatch.setattr(database.db, "settings", dataclasses.replace(configured, smtp_url=here.url))
        yield here


def address(house: House, officer: int, name: str) -> None:
    with house.inside(), transaction() as db:
        db.execute(
            update(Officer).where(Officer.id == officer).values(email=f"{name}{house.kanwil}@contoh.id")
        )


def three(house: House, *, at_once: bool = True) -> list[int]:
    """Three pembina, the second of whom is `bad`."""
    numbers = [an_officer(house, "pembina", at_once=at_once) for _ in range(3)]
    for number, name in zip(numbers, ("anu", "bad", "cut"), strict=True):
        address(house, number, name)
    return numbers


def letter(house: House, role: str, kind: str, substitute: int, **more: Any) -> None:
    """A letter from 1 to 7 March."""
    with house.inside(), transaction() as db:
        row = Substitution(
            role=role,
            kind=kind,
            substitute_id=substitute,
            substitute_name="B",
            from_on=date(2024, 3, 1),
            until_on=date(2024, 3, 7),
            letter_number="1",
            created_by=1,
            created_at=NOW,
            **more,
        )
        db.add(row)


def unmailed() -> int:
    return int(session().scalar(select(func.count()).where(Notice.mailed_at.is_(None))) or 0)


def test_a_refused_mailbox_repeats_and_withholds_nobody_elses_mail(house: House, server: Sink) -> None:
    three(house)
    server.refuses["bad"] = GONE
    house.submit()
    with house.inside():
        assert [mailing.mail({}) for _ in range(3)] == [{"mails": 2}, {"mails": 0}, {"mails": 0}]
        assert unmailed() == 0
    assert (server.to("anu"), server.to("cut"), server.to("bad")) == (1, 1, 0)
    house.submit()
    with house.inside():
        assert mailing.mail({}) == {"mails": 2}
    assert sum("bad" in one for one in server.asked) == 1


def test_a_mailbox_that_is_gone_is_named_to_the_admin_once_and_tried_again_ever_more_rarely(
    house: House, server: Sink, clock: Clock
) -> None:
    numbers = three(house)
    server.refuses["bad"] = GONE
    admin = house.officer(1, "admin_kanwil")
    for days in range(8):
        clock.now = NOW + timedelta(days=days, hours=1)
        house.submit(now=clock.now)
        with house.inside():
            mailing.mail({})
    assert sum("bad" in one for one in server.asked) == 4  # days 0, 1, 3, 7
    with house.inside():
        told = [one for one in notices_for(admin) if one.kind == "mail.refused"]
        assert [(one.title, one.link) for one in told] == [
            ("Surel untuk Rina Wulandari ditolak", f"/petugas/{numbers[1]}")
        ]
        officers = session().scalars(select(Officer).where(Officer.id.in_(numbers))).all()
        kept = refusing(officers)
        assert [(one, kept[one].answer) for one in kept] == [(numbers[1], "5.1.1 no such user")]


def test_another_address_is_written_to_at_once(house: House, server: Sink) -> None:
    _, bad, _ = three(house)
    server.refuses["bad"] = GONE
    house.submit()
    with house.inside():
        mailing.mail({})
    address(house, bad, "baru")
    house.submit()
    with house.inside():
        assert mailing.mail({}) == {"mails": 3}
        assert session().scalars(select(MailRefusal)).all() == []
    assert server.to("baru") == 1


def test_a_full_mailbox_is_owed_its_mail_and_gets_it_later_once(
    house: House, server: Sink, clock: Clock
) -> None:
    three(house)
    server.refuses["bad"] = FULL
    house.submit()
    with house.inside():
        assert mailing.mail({}) == {"mails": 2}
        assert mailing.mail({}) == {"mails": 0}
        assert len(server.asked) == 3
        assert notices_for(house.officer(1, "admin_kanwil")) == []
        server.refuses.clear()
        clock.now += HOUR
        assert [mailing.mail({}) for _ in range(2)] == [{"mails": 1}, {"mails": 0}]
        assert session().scalars(select(MailOwed)).all() == []
    assert [server.to(one) for one in ("anu", "bad", "cut")] == [1, 1, 1]


def test_a_mailbox_that_stays_full_is_given_up_after_a_week(house: House, server: Sink, clock: Clock) -> None:
    three(house)
    server.refuses["bad"] = FULL
    house.submit()
    with house.inside():
        for hours in range(0, 24 * 8, 4):
            clock.now = NOW + timedelta(hours=hours + 1)
            mailing.mail({})
        assert session().scalars(select(MailOwed)).all() == []
    assert sum("bad" in one for one in server.asked) < 40


def test_a_server_that_goes_away_in_the_middle_gets_nothing_twice(house: House, server: Sink) -> None:
    three(house)
    for _ in range(3):
        house.submit()
    server.dies_after = 4
    with house.inside():
        with pytest.raises(OSError, match="closing"):
            mailing.mail({})
        server.dies_after = None
        assert mailing.mail({}) == {"mails": 5}
        assert unmailed() == 0
        assert session().scalars(select(MailOwed)).all() == []
        assert session().scalars(select(MailRefusal)).all() == []
    assert [server.to(one) for one in ("anu", "bad", "cut")] == [3, 3, 3]


def test_a_refused_digest_repeats_nobody_elses_and_its_news_come_with_the_next(
    house: House, server: Sink, clock: Clock
) -> None:
    _, bad, _ = three(house, at_once=False)
    server.refuses["bad"] = GONE
    house.submit()
    with house.inside():
        clock.now = at("2024-03-06T07:30")
        assert [mailing.digest({"day": "2024-03-06"}) for _ in range(2)] == [{"mails": 2}, {"mails": 0}]
    assert sum("bad" in one for one in server.asked) == 1
    address(house, bad, "baru")
    with house.inside():
        clock.now = at("2024-03-07T07:30")
        assert mailing.digest({"day": "2024-03-07"}) == {"mails": 1}
    assert server.to("baru") == 1


def test_the_digest_after_lebaran_tells_of_the_friday_before(house: House, clock: Clock) -> None:
    an_officer(house, "pembina", at_once=False)
    house.submit(now=at("2024-04-05T10:00"))
    with house.inside():
        clock.now = at("2024-04-16T07:30")
        assert mailing.digest({"day": "2024-04-16"}) == {"mails": 1}


def test_a_digest_goes_on_where_the_last_one_ended_however_long_ago(house: House, clock: Clock) -> None:
    an_officer(house, "pembina", at_once=False)
    house.submit()
    with house.inside():
        clock.now = at("2024-03-06T07:30")
        assert mailing.digest({"day": "2024-03-06"}) == {"mails": 1}
    house.submit(now=at("2024-03-06T10:00"))
    with house.inside():  # the server was away for seven weeks
        clock.now = at("2024-04-26T07:30")
        assert mailing.digest({"day": "2024-04-26"}) == {"mails": 1}
        assert mailing.digest({"day": "2024-04-29"}) == {"mails": 0}


def test_what_comes_at_once_crowds_nothing_out_of_the_digest(
    house: House, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailing, "DIGEST_MOST", 2)
    number = an_officer(house, "pembina", at_once=False)
    house.submit()
    with house.inside():
        with transaction() as db:
            more = [notices.draft("case.returned", f"{n}", officer_id=number) for n in range(3)]
            notices.tell(db, more, NOW)
        clock.now = at("2024-03-06T07:30")
        assert mailing.digest({"day": "2024-03-06"}) == {"mails": 1}


def test_a_substitute_by_letter_gets_the_offices_mail_while_it_is_in_force(
    house: House, clock: Clock, configured: Settings
) -> None:
    holder, substitute = an_officer(house, "pembina"), an_officer(house, "pemantau")
    choosing = house.officer(substitute, "pemantau")
    letter(house, "pembina", "plh", substitute, principal_id=holder, principal_name="A")

    def written(officer: int) -> int:
        folder = mailing.mail_folder(configured)
        return len(list(folder.glob(f"{house.kanwil}-*-{officer}.eml"))) + len(
            list(folder.glob(f"{house.kanwil}-digest-{officer}-*.eml"))
        )

    house.submit()
    with house.inside():
        assert mailing.mail({}) == {"mails": 2}
        choose({"waiting": (choices.DIGEST, True)}, by=choosing)
    assert (written(holder), written(substitute)) == (1, 1)
    house.submit()
    with house.inside():
        mailing.mail({})
        clock.now = at("2024-03-07T07:30")
        assert mailing.digest({"day": "2024-03-07"}) == {"mails": 1}
    assert (written(holder), written(substitute)) == (2, 2)
    house.submit(now=at("2024-03-08T10:00"))
    with house.inside():
        clock.now = at("2024-03-08T11:00")
        assert mailing.mail({}) == {"mails": 1}
    assert (written(holder), written(substitute)) == (3, 2)


def test_a_letter_for_one_upt_brings_no_mail_of_another(house: House, clock: Clock) -> None:
    substitute = an_officer(house, "operator_upt", upt=house.upt)
    letter(house, "kepala_upt", "plt", substitute, upt_id=house.upt)
    with house.inside(), transaction() as db:
        for upt in (house.upt, house.other_upt):
            told = notices.draft("case.assigned", "Untuk kepala", role="kepala_upt", upt_id=upt)
            notices.tell(db, [told], NOW)
    with house.inside():
        assert mailing.mail({}) == {"mails": 1}


def test_a_mail_without_a_notice_says_whether_it_left(server: Sink, configured: Settings) -> None:
    settings = database.db.settings

    def mails() -> list[tuple[str, email.message.EmailMessage]]:
        made = []
        for name in ("bad", "anu"):
            one = email.message.EmailMessage(policy=default)
            one["From"], one["To"], one["Subject"] = settings.mail_from, f"{name}@contoh.id", "Halo"
            one.set_content("Halo")
            made.append((name, one))
        return made

    server.refuses["bad"] = GONE
    assert [one.code for one in mailing.send(mails(), settings)] == [550]
    server.refuses["bad"] = FULL
    with pytest.raises(OSError, match="mailbox full"):
        mailing.send(mails(), settings)
    assert server.to("anu") == 2
