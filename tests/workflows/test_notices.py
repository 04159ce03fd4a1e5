"""Notices: who reads them, and their way out by mail, once."""

from __future__ import annotations

import email
import itertools
from datetime import timedelta
from email.policy import default

import pytest
from flask_appbuilder.security.sqla.models import Role
from sqlalchemy import select

from config import Settings
from tenants.accounts import choose_language
from tenants.database import session, transaction
from tenants.errors import Invalid
from tenants.models import Officer
from tenants.said import spoken
from tests.workflows.conftest import NOW, House
from workflows import audit, choices, mailing, notices
from workflows.choices import choose
from workflows.escalation import escalate
from workflows.mailing import mail, mail_folder
from workflows.models import Notice
from workflows.notices import mark_read, notices_for

_names = itertools.count(1)


def an_officer(house: House, role: str, upt: int | None = None, *, at_once: bool = True) -> int:
    """An account that can be written to; `at_once`: it wants what waits for its role by mail of its own."""
    with house.inside(), transaction() as db:
        found = db.scalars(select(Role).where(Role.name == role)).first() or Role(name=role)
        number = next(_names)
        row = Officer(
            username=f"{role}.{house.kanwil}.{number}",
            first_name="Rina",
            last_name="Wulandari",
            email=f"{role}{house.kanwil}.{number}@contoh.id",
            password="-",
            active=True,
            tenant_id=house.kanwil,
            upt_id=upt,
            roles=[found],
        )
        db.add(row)
        db.flush()
        if at_once:
            choose({"waiting": (choices.EACH, True)}, by=house.officer(row.id, role, upt=upt))
        return row.id


@pytest.fixture
def on_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock of the tests' day, for the job that reads it."""
    monkeypatch.setattr("tenants.clock.now", lambda: NOW + timedelta(hours=1))


def test_a_role_and_a_person_read_their_own_notices(house: House) -> None:
    case = house.submit()
    house.decide(case.id, house.pembina)
    with house.inside():
        assert [one.kind for one in notices_for(house.pembina)] == ["case.waiting"]
        assert [one.kind for one in notices_for(house.operator)] == ["case.passed"]
        assert notices_for(house.officer(99, "pengendali")) == []
        mark_read([notices_for(house.pembina)[0].id], by=house.pemantau, now=NOW)
        assert len(notices_for(house.pembina, unread=True)) == 1
        mark_read([notices_for(house.pembina)[0].id], by=house.pembina, now=NOW)
        assert notices_for(house.pembina, unread=True) == []


def test_a_notice_to_a_role_of_one_upt_stays_there(house: House) -> None:
    with house.inside(), transaction() as db:
        notices.tell(db, [notices.draft("x", "Untuk kepala", role="kepala_upt", upt_id=house.upt)], NOW)
    with house.inside():
        assert len(notices_for(house.officer(1, "kepala_upt", upt=house.upt))) == 1
        assert notices_for(house.officer(2, "kepala_upt", upt=house.other_upt)) == []


@pytest.mark.usefixtures("on_time")
def test_a_notice_leaves_by_mail_once_however_often_the_job_runs(house: House, configured: Settings) -> None:
    an_officer(house, "pembina")
    an_officer(house, "pembina")
    case = house.submit()
    with house.inside():
        assert mail({}) == {"mails": 2}
        files = sorted(mail_folder(configured).glob(f"{house.kanwil}-*.eml"))
        assert mail({}) == {"mails": 0}
        with transaction() as db:  # as after a crash between the mails and their marks
            for one in db.scalars(select(Notice)).all():
                one.mailed_at = None
        mail({})
        assert sorted(mail_folder(configured).glob(f"{house.kanwil}-*.eml")) == files
        assert all(one.mailed_at for one in session().scalars(select(Notice)))
    sent = email.message_from_bytes(files[0].read_bytes(), policy=default)
    assert sent["Subject"] == "Tas anyaman purun: menunggu Pembinaan"
    assert f"/kasus/{case.id}" in sent.get_content()
    assert len(files) == 2


@pytest.mark.usefixtures("on_time")
def test_a_title_cannot_smuggle_a_header(house: House, configured: Settings) -> None:
    an_officer(house, "pembina")
    house.submit(title="Tas\r\nBcc: semua@contoh.id")
    with house.inside():
        mail({})
    newest = max(mail_folder(configured).glob(f"{house.kanwil}-*.eml"))
    sent = email.message_from_bytes(newest.read_bytes(), policy=default)
    assert sent["Bcc"] is None
    assert sent["Subject"].startswith("Tas Bcc")


@pytest.mark.usefixtures("on_time")
def test_mail_goes_to_a_server_where_one_is_named(house: House, configured: Settings) -> None:
    import dataclasses
    import socketserver
    import threading

    heard: list[bytes] = []

    class Sink(socketserver.StreamRequestHandler):
        """Enough of RFC 5321 to take a mail."""

        def handle(self) -> None:
            self.wfile.write(b"220 sink\r\n")
            data = False
            while line := self.rfile.readline():
                heard.append(line)
                if data:
                    if line == b".\r\n":
                        data = False
                        self.wfile.write(b"250 ok\r\n")
                    continue
                word = line.split()[0].upper() if line.split() else b""
                data = word == b"DATA"
                self.wfile.write(
                    b"354 go\r\n" if data else b"221 bye\r\n" if word == b"QUIT" else b"250 ok\r\n"
                )
                if word == b"QUIT":
                    return

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Sink) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings = dataclasses.replace(configured, smtp_url=f"smtp://127.0.0.1:{server.server_address[1]}")
        an_officer(house, "pembina")
        house.submit()
        with house.inside():
            one = session().scalars(select(Notice)).first()
            officer = session().scalars(select(Officer)).first()
            assert one is not None
            assert officer is not None
            mailing.send([("x", mailing.message(one, officer, "Kalimantan Barat", settings))], settings)
        server.shutdown()
    assert any(line.startswith(b"Subject: Tas anyaman purun") for line in heard)


def test_what_is_overdue_is_named_to_the_kadiv_once(house: House) -> None:
    case = house.submit()
    with house.inside():
        assert escalate(NOW) == 0
        assert escalate(NOW + timedelta(days=10)) == 1
        assert escalate(NOW + timedelta(days=11)) == 0
        told = notices_for(house.officer(50, "kadiv"))
        assert [one.title for one in told] == ["Tas anyaman purun: lewat tenggat"]
        assert audit.verify_case(case.id) == []
    house.decide(case.id, house.pembina, now=NOW + timedelta(days=12))
    with house.inside():
        assert audit.verify_case(case.id) == []


def test_a_notice_keeps_what_its_words_are_made_of(house: House) -> None:
    case = house.submit(title="Tas 100% purun %(x)s")
    house.decide(case.id, house.pembina)
    house.decide(
        case.id,
        house.pemantau,
        "return",
        comment="Stok %s belum cocok.",
        requests=[{"field": "name", "text": "Perjelas."}],
    )
    english = {
        "%(title)s: menunggu %(stage)s": "%(title)s: waits for %(stage)s",
        "%(title)s: dikembalikan untuk diperbaiki": "%(title)s: returned for changes",
    }
    with house.inside():
        rows = session().scalars(select(Notice).order_by(Notice.id)).all()
        for row in rows:
            assert row.said is not None
            assert spoken(row.said["title"], str) == row.title
            assert spoken(row.said["body"], str) == row.body
        said = [spoken(row.said["title"], lambda one: english.get(one, one)) for row in rows if row.said]
        assert said[0] == "Tas 100% purun %(x)s: waits for Pembinaan"
        assert said[-1] == "Tas 100% purun %(x)s: returned for changes"
        assert "Stok %s belum cocok." in rows[-1].body


def test_each_reader_gets_mails_and_digest_in_the_language_he_chose(
    house: House, configured: Settings, on_time: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    english, indonesian = (an_officer(house, "pembina") for _ in range(2))
    collector = an_officer(house, "pembina", at_once=False)
    for one in (english, collector):
        by = house.officer(one, "pembina")
        with house.inside():
            choose_language("en", by=by)
    with house.inside(), pytest.raises(Invalid):
        choose_language("xx", by=by)
    case = house.submit(now=NOW)
    with house.inside():
        mail({})
        monkeypatch.setattr("tenants.clock.now", lambda: NOW + timedelta(days=1))
        mailing.digest({"day": "2024-03-06"})
        notice = session().scalars(select(Notice).where(Notice.kind == "case.waiting")).one()
    found = {}
    for officer in (english, indonesian):
        path = mail_folder(configured) / f"{house.kanwil}-{notice.id}-{officer}.eml"
        found[officer] = email.message_from_bytes(path.read_bytes(), policy=default)
    assert found[english]["Subject"] == f"{case.title}: waits for Pembinaan"
    assert found[english]["Content-Language"] == "en"
    assert "submitted revision 1" in found[english].get_content()
    assert found[indonesian]["Subject"] == f"{case.title}: menunggu Pembinaan"
    assert found[indonesian]["Content-Language"] == "id"
    assert f"Yth. Rina Wulandari,\n\n{case.title}: menunggu Pembinaan\n\n" in found[indonesian].get_content()
    (path,) = mail_folder(configured).glob(f"{house.kanwil}-digest-{collector}-*.eml")
    collected = email.message_from_bytes(path.read_bytes(), policy=default)
    assert "6 March 2024" in collected["Subject"]
    assert f"- {case.title}: waits for Pembinaan\n" in collected.get_content()
