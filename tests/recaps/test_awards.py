"""Certificates signed by the head of the UPT, what a stranger learns of them, and the work record for a Litmas."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from catalogue.people import access, recording, retention
from catalogue.people.errors import NoSuchPerson
from catalogue.trainings import planning, sessions
from catalogue.trainings import queries as trainings
from recaps import signing, verification
from recaps.awards import issuing, record
from recaps.awards import queries as awards
from recaps.awards.errors import AwardMoved, NoSuchAward, RecordInvalid
from recaps.awards.models import Award
from recaps.errors import SignerUnavailable
from recaps.models import VerificationRecord
from tenants import clock, database, files
from tenants.database import session
from tenants.errors import Forbidden, Invalid
from tenants.officers import Actor
from tenants.scope import entered
from tests.catalogue.persons import consent, kept_of, person
from tests.support.worlds import World
from workflows.models import AuditEvent, Notice

UNIT = "lapas-iia-pontianak"
NAMES = ("Barkah Tersembunyi", "Cakra Rahasia")


@dataclass
class School:
    """A closed training of the UPT with two who passed and one who failed."""

    world: World
    training: int = 0
    people: tuple[int, ...] = ()

    def as_(self, username: str) -> Any:
        database.db.release()
        return entered(self.world.scope(username))

    def by(self, username: str) -> Actor:
        return self.world.actor(username)

    def teach(self, hours: tuple[int, ...] = (20, 20, 2)) -> None:
        now = clock.now()
        day = now.date() - timedelta(days=2)
        operator = self.by(f"operator.{UNIT}")
        with self.as_(f"operator.{UNIT}"):
            plan = {
                "title": "Pelatihan barista", "skill": "Meracik kopi", "instructor": "Pak Guru", "hours": 20,
                "from_on": (day - timedelta(days=20)).isoformat(), "until_on": now.date().isoformat(),
            }  # fmt: skip
            row, _ = planning.plan(plan, by=operator, now=now)
            self.training = row.id
            self.people = tuple(
                person(by=operator, now=now, name=name) for name in (*NAMES, "Danu Gagal")[: len(hours)]
            )
            planning.enrol(self.training, self.people, by=operator, now=now)
            places = {one.person_id: one.id for one in trainings.trainees(self.training)}
            for amount in sorted(set(hours)):
                there = [places[who] for who, had in zip(self.people, hours, strict=True) if had == amount]
                given = {"held_on": day.isoformat(), "hours": amount}
                sessions.hold(self.training, given, there, by=operator, now=now)
            planning.close(self.training, [], by=operator, now=now)

    def asked(self) -> list[list[int]]:
        """The certificates that wait for the job, as the head asks for them."""
        with self.as_(f"kepala.{UNIT}"):
            issuing.ask(self.training, by=self.by(f"kepala.{UNIT}"), now=clock.now())
            rows = session().scalars(select(Award).where(Award.issued_at.is_(None)).order_by(Award.id))
            return [[row.id, row.attempt] for row in rows]

    def issued(self, most: int = 2) -> list[int]:
        asked = self.asked()[:most]
        with self.as_(f"kepala.{UNIT}"):
            return [issuing.sign(id_, attempt, now=clock.now()).id for id_, attempt in asked]


@pytest.fixture
def school(world: World) -> Iterator[School]:
    made = School(world)
    made.teach()
    yield made
    database.db.release()


def words_of(pdf: bytes, folder: Path) -> str:
    path = folder / "berkas.pdf"
    path.write_bytes(pdf)
    done = subprocess.run(
        ["pdftotext", "-layout", str(path), "-"], capture_output=True, text=True, check=True
    )
    return " ".join(done.stdout.split())


def test_the_head_signs_for_all_who_passed_and_numbers_have_no_gap(school: School, tmp_path: Path) -> None:
    with school.as_(f"operator.{UNIT}"), pytest.raises(Forbidden):
        issuing.ask(school.training, by=school.by(f"operator.{UNIT}"), now=clock.now())
    first, second = school.issued()
    head = school.by(f"kepala.{UNIT}")
    with school.as_(f"kepala.{UNIT}"):
        rows = [issuing.load(id_) for id_ in (first, second)]
        year = clock.now().year
        assert [row.number for row in rows] == [f"SERT-00{n}/{UNIT.upper()}/{year}" for n in (1, 2)]
        assert planning.load(school.training).certificates == 2
        row, data = awards.pdf(first, by=head, now=clock.now())
        assert hashlib.sha256(data).hexdigest() == row.signed_sha256
        words = words_of(data, tmp_path)
        assert all(text in words for text in (NAMES[0], "Meracik kopi", str(row.number), head.name, "20 jam"))
        valid = subprocess.run(
            ["pdfsig", "-nocert", str(tmp_path / "berkas.pdf")], capture_output=True, text=True
        )
        assert "Signature is Valid." in valid.stdout
        issuing.ask(school.training, by=head, now=clock.now())  # all are there: nothing more happens
        assert issuing.sign(first, 1, now=clock.now()).number == rows[0].number
        assert len(session().scalars(select(Award.id)).all()) == 2
        acts = [seen.access.act for seen in access.log(by=head).items]
        assert (acts.count("award"), acts.count("award_file")) == (2, 1)
    with school.as_("operator.rutan-iia-pontianak"), pytest.raises(NoSuchAward):
        awards.pdf(first, by=school.by("operator.rutan-iia-pontianak"), now=clock.now())
    with school.as_("kakanwil.kalbar"):
        assert session().scalars(select(Award)).all() == []


def test_anyone_learns_that_it_is_genuine_from_when_and_of_which_skill_and_nothing_else(
    school: School, client: Any
) -> None:
    first, _second = school.issued()
    head = school.by(f"kepala.{UNIT}")
    with school.as_(f"kepala.{UNIT}"):
        row, data = awards.pdf(first, by=head, now=clock.now())
        code, number = str(row.code), str(row.number)
    database.db.release()
    by_code, by_file = verification.verify_code(code).as_dict(), verification.verify_file(data).as_dict()
    for found in (by_code, by_file):
        assert found["verdict"] == "sound"
        assert found["document"] == {
            "kind": "award", "label": "Meracik kopi", "state": "signed",
            "issued_on": clock.now().astimezone(signing.ZoneInfo("Asia/Pontianak")).date().isoformat(),
        }  # fmt: skip
        assert found["signatures"] == []
    page = client.get(f"/verifikasi/{code}").get_data(as_text=True)
    assert "Meracik kopi" in page
    for secret in (NAMES[0], head.name, number, "Pontianak", "Lapas"):
        assert secret not in page, secret
    with database.public() as reader:
        kept = reader.get(VerificationRecord, code)
        assert kept is not None
        assert (kept.number, kept.office, kept.period) == ("", "", "")
    changed = bytearray(data)
    changed[len(changed) // 3] ^= 1
    found = verification.verify_file(bytes(changed))
    assert found.verdict == "altered"
    assert NAMES[0] not in str(found.as_dict())
    with school.as_(f"kepala.{UNIT}"):
        with pytest.raises(Invalid):
            issuing.revoke(first, reason=" ", by=head, now=clock.now())
        issuing.revoke(first, reason="Hasil ujian tertukar", by=head, now=clock.now())
        assert issuing.revoke(first, reason="Hasil ujian tertukar", by=head, now=clock.now()).revoked_at
        assert planning.load(school.training).certificates == 1
    database.db.release()
    assert verification.verify_code(code).as_dict()["verdict"] == "revoked"
    assert verification.verify_file(data).verdict == "revoked"
    page = client.get(f"/verifikasi/{code}").get_data(as_text=True)
    assert "dicabut" in page
    assert "Hasil ujian tertukar" not in page
    again = school.issued()  # who lost one gets another, under a number of its own
    with school.as_(f"kepala.{UNIT}"):
        assert [str(issuing.load(id_).number)[:8] for id_ in again] == ["SERT-003"]


def test_a_signature_that_fails_takes_no_number_and_is_asked_for_again(
    school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = school.asked()

    def away(*_: Any, **__: Any) -> bytes:
        raise SignerUnavailable()

    with monkeypatch.context() as broken, school.as_(f"kepala.{UNIT}"):
        broken.setattr(issuing.pades, "sign", away)
        with pytest.raises(SignerUnavailable):
            issuing._carry_out({"awards": asked}, None)
    with school.as_(f"kepala.{UNIT}"):
        rows = session().scalars(select(Award)).all()
        assert all(row.problem and not row.is_working and row.number is None for row in rows)
    done = school.issued(1)
    with school.as_(f"kepala.{UNIT}"):
        assert [str(issuing.load(id_).number)[:8] for id_ in done] == ["SERT-001"]
        issuing._carry_out(
            {"awards": asked}, None
        )  # the first job, late: an attempt that is no longer asked for
        assert len(session().scalars(select(VerificationRecord.code)).all()) == 1


def test_nothing_is_signed_before_the_training_ends_well(school: School) -> None:
    operator, head = school.by(f"operator.{UNIT}"), school.by(f"kepala.{UNIT}")
    school.teach(hours=(2,))
    with school.as_(f"kepala.{UNIT}"), pytest.raises(AwardMoved):
        issuing.ask(school.training, by=head, now=clock.now())  # nobody passed
    with school.as_(f"operator.{UNIT}"):
        day = clock.now().date().isoformat()
        plan = {
            "title": "Baru",
            "skill": "Las",
            "instructor": "Guru",
            "hours": 5,
            "from_on": day,
            "until_on": day,
        }
        open_one = planning.plan(plan, by=operator, now=clock.now())[0].id
    with school.as_(f"kepala.{UNIT}"), pytest.raises(AwardMoved):
        issuing.ask(open_one, by=head, now=clock.now())


def test_erasing_its_person_keeps_a_certificate_genuine_and_leaves_no_name(
    school: School, settings: Any
) -> None:
    first, _second = school.issued()
    head = school.by(f"kepala.{UNIT}")
    with school.as_(f"kepala.{UNIT}"):
        row, data = awards.pdf(first, by=head, now=clock.now())
        code, sealed = str(row.code), str(row.file_sha256)
        issuing.revoke(_second, reason=f"Salah: ini milik {NAMES[0]}", by=head, now=clock.now())
        retention.erase(row.person_id, reason="Diminta olehnya", by=head, now=clock.now())
        with pytest.raises(NoSuchAward):
            awards.pdf(first, by=head, now=clock.now())
        assert files.path(sealed) is None
    database.db.release()
    assert verification.verify_code(code).verdict == "sound"
    assert verification.verify_file(data).verdict == "sound"
    retention.settle_pages()
    for word in NAMES[0].split():
        assert kept_of(word, settings) == []


def test_a_work_record_is_printed_for_a_purpose_and_kept_nowhere(
    school: School, tmp_path: Path, settings: Any
) -> None:
    school.issued(1)
    operator = school.by(f"operator.{UNIT}")
    who = school.people[0]
    with school.as_(f"operator.{UNIT}"):
        given = {"activity": "Bengkel kopi", "from_on": "2024-01-08", "until_on": "2024-03-01", "hours": 120}
        recording.add_work(who, given, by=operator, now=clock.now())
        consent(who, by=operator, now=clock.now())
        for typed, wrong in (({}, {"purpose", "recipient"}), ({"purpose": "Litmas PB"}, {"recipient"})):
            with pytest.raises(RecordInvalid) as refused:
                record.extract(who, typed, by=operator, now=clock.now())
            assert set(refused.value.fields) == wrong
        typed = {"purpose": "Litmas pembebasan bersyarat", "recipient": "Pak Wira, Bapas Pontianak"}
        before = {path for path in settings.data.rglob("*") if path.is_file()}
        made = record.extract(who, typed, by=operator, now=clock.now())
        new = {path for path in settings.data.rglob("*") if path.is_file()} - before
        assert not [path for path in new if "sqlite" not in path.name]
        words = words_of(made.data, tmp_path)
        for text in (
            NAMES[0],
            "Bengkel kopi",
            "120 jam",
            "Pelatihan barista",
            "Meracik kopi",
            *typed.values(),
        ):
            assert text in words, text
        assert f"Dicetak oleh {operator.name}" in words
        assert "barkah" not in made.file_name
    with school.as_(f"kepala.{UNIT}"):
        seen = access.log(by=school.by(f"kepala.{UNIT}"), person_id=who).items[0]
        assert (seen.access.act, seen.access.sha256) == ("litmas", made.sha256)
        assert seen.purpose == "Pak Wira, Bapas Pontianak: Litmas pembebasan bersyarat"
    database.db.release()
    assert kept_of("Pak Wira", settings) == []
    with school.as_("kadiv.kalbar"):
        said = " ".join(session().scalars(select(AuditEvent.payload)))
        said += " ".join(title + body for title, body in session().execute(select(Notice.title, Notice.body)))
        assert not any(word in said for name in NAMES for word in name.split())
        with pytest.raises(Forbidden):
            record.extract(who, typed, by=school.by("kadiv.kalbar"), now=clock.now())
    with school.as_("operator.rutan-iia-pontianak"):
        stranger = school.by("operator.rutan-iia-pontianak")
        with pytest.raises(NoSuchPerson):
            record.extract(who, typed, by=stranger, now=clock.now())
