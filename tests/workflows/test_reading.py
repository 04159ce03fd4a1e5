"""Who read a notice: each officer for himself, though it went to a whole role."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from tenants.database import session, transaction
from tests.support.statements import counted_statements
from tests.workflows.conftest import NOW, House
from tests.workflows.test_notices import an_officer
from workflows import administration, mailing, notices
from workflows.models import Notice, NoticeMark, NoticeRead
from workflows.notices import mark_all_read, mark_read, notices_for, open_notice, unread_count

HOUR = timedelta(hours=1)


def test_one_reader_empties_no_colleagues_list(house: House) -> None:
    house.submit()
    first, second = house.officer(21, "pembina"), house.officer(22, "pembina")
    with house.inside():
        assert mark_all_read(by=first, now=NOW + HOUR) == 1
        assert (unread_count(first), unread_count(second)) == (0, 1)
        mark_read([notices_for(second)[0].id], by=second, now=NOW + HOUR)
        assert (unread_count(first), unread_count(second)) == (0, 0)
        assert unread_count(house.officer(23, "pembina")) == 1


@pytest.mark.parametrize("later", [timedelta(0), HOUR])
def test_what_was_read_says_when_and_stays_so(house: House, later: timedelta) -> None:
    house.submit()
    me = house.pembina
    with house.inside():
        number = notices_for(me)[0].id
        assert notices_for(me)[0].read_at is None
        assert open_notice(number, by=me, now=NOW).read_at == NOW
        assert mark_all_read(by=me, now=NOW + later) == 0
        assert open_notice(number, by=me, now=NOW + 2 * HOUR).read_at == NOW
        assert notices_for(me, unread=True) == []
    house.submit()
    with house.inside():
        assert mark_all_read(by=me, now=NOW + later) == 1
        assert mark_all_read(by=me, now=NOW + later) == 0
        assert [one.read_at for one in notices_for(me)] == [NOW + later, NOW]


def test_what_comes_with_an_earlier_number_is_not_read_unseen(house: House) -> None:
    with house.inside(), transaction() as db:
        for n, after in enumerate((timedelta(0), 2 * HOUR - timedelta(minutes=1), 2 * HOUR)):
            notices.tell(db, [notices.draft("x", f"Kabar {n}", role="pembina")], NOW + after)
    me = house.pembina
    with house.inside():
        first, slow, _ = reversed([one.id for one in notices_for(me)])
        with transaction() as db:  # as if its transaction ended only later
            db.execute(update(Notice).where(Notice.id == slow).values(to_role="pengendali"))
        assert mark_all_read(by=me, now=NOW + 2 * HOUR) == 2
        assert session().scalars(select(NoticeMark.until_notice_id)).one() == first
        assert session().scalars(select(NoticeRead.notice_id)).all() != []
        with transaction() as db:
            db.execute(update(Notice).where(Notice.id == slow).values(to_role="pembina"))
        assert [one.id for one in notices_for(me, unread=True)] == [slow]


def test_what_was_read_before_each_had_a_mark_stays_read(house: House) -> None:
    house.submit()
    with house.inside():
        with transaction() as db:
            db.execute(update(Notice).values(read_at=NOW))
        assert unread_count(house.pembina) == 0
        assert notices_for(house.pembina)[0].read_at == NOW
        assert mark_all_read(by=house.pembina, now=NOW + HOUR) == 0


def test_a_new_officer_is_not_told_what_his_role_heard_before_he_came(house: House) -> None:
    an_officer(house, "pembina")
    house.submit()
    asked = {"first_name": "Sari", "role": "pembina", "username": f"pembina.baru{house.kanwil}"}
    with house.inside():
        admin = house.officer(1, "admin_kanwil")
        asked["email"] = f"{asked['username']}@contoh.id"
        new, _ = administration.open_account(asked, by=admin, now=NOW)
        me = house.officer(new.id, "pembina")
        assert (unread_count(me), len(notices_for(me))) == (0, 1)
    house.submit()
    with house.inside():
        assert unread_count(me) == 1


def test_a_colleague_who_read_it_takes_it_from_nobodys_digest(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tenants.clock.now", lambda: NOW + 22 * HOUR)
    numbers = [an_officer(house, "pembina", at_once=False) for _ in range(2)]
    house.submit()
    with house.inside():
        mark_all_read(by=house.officer(numbers[0], "pembina"), now=NOW + HOUR)
        assert mailing.digest({"day": "2024-03-06"}) == {"mails": 1}


def test_lists_and_counts_are_one_statement(house: House) -> None:
    for _ in range(3):
        house.submit()
    me = house.pembina
    with house.inside():
        mark_all_read(by=me, now=NOW + HOUR)
        for asks in (lambda: notices_for(me), lambda: notices_for(me, unread=True), lambda: unread_count(me)):
            with counted_statements() as seen:
                asks()
            assert len(seen) == 1, "\n".join(seen)
        with counted_statements() as seen:
            open_notice(notices_for(me)[0].id, by=me, now=NOW + HOUR)
        assert len(seen) <= 3, "\n".join(seen)
