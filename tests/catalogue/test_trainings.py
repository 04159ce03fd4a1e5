"""Trainings: planned, filled, held, closed; counted for the Kanwil, named in their UPT alone."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select

from catalogue.partners import keeping
from catalogue.people import retention
from catalogue.people.errors import NoSuchPerson, NotInThisUpt
from catalogue.trainings import planning, queries, sessions
from catalogue.trainings.errors import NoSuchTraining, TrainingInvalid, TrainingMoved
from catalogue.trainings.models import Attendance, Trainee, Training
from catalogue.trainings.queries import Filters
from tenants.database import session
from tenants.errors import Forbidden, Invalid
from tests.catalogue.conftest import NOW, House, statements
from tests.catalogue.persons import person
from workflows.verifying import verify

PLAN: dict[str, Any] = {
    "title": "Pelatihan menjahit dasar",
    "skill": "Menjahit pakaian",
    "instructor": "Ibu Instruktur",
    "place": "Bengkel garmen",
    "from_on": "2024-03-01",
    "until_on": "2024-03-31",
    "hours": 20,
}


def planned(house: House, count: int = 3, **changes: Any) -> tuple[int, list[int]]:
    """An open training with so many people; its number and their numbers in it."""
    with house.as_(house.operator) as by:
        row, _ = planning.plan({**PLAN, **changes}, by=by, now=NOW)
        people = [person(by=by, now=NOW, name=f"Peserta {letter}") for letter in "ABCDEFGH"[:count]]
        planning.enrol(row.id, people, by=by, now=NOW)
        return row.id, [one.id for one in queries.trainees(row.id)]


def counts(training_id: int) -> tuple[int, ...]:
    row = planning.load(training_id)
    return row.participants, row.sessions, row.session_hours, row.attended_hours, row.passed


def test_who_was_there_often_enough_passes(house: House) -> None:
    training, (one, two, three) = planned(house)
    with house.as_(house.operator) as by:
        given = {"held_on": "2024-03-05", "hours": "8", "topic": "Pola"}
        held, repeated = sessions.hold(training, given, [one, two, three], by=by, now=NOW, key="s1")
        again, replayed = sessions.hold(training, given, [one, two, three], by=by, now=NOW, key="s1")
        assert (again.id, repeated, replayed) == (held.id, False, True)
        sessions.hold(training, {"held_on": "2024-03-06", "hours": 12}, [one, two], by=by, now=NOW)
        assert counts(training) == (3, 2, 20, 48, 0)
        hours = {m.trainee.id: m.trainee.hours for m in queries.members(training, by=by, now=NOW)}
        assert hours == {one: 20, two: 20, three: 8}
        closed = planning.close(training, [two], by=by, now=NOW)
        assert (closed.state, closed.passed) == ("closed", 1)
        assert {t.id: t.outcome for t in queries.trainees(training)} == {
            one: "passed", two: "failed", three: "failed",
        }  # fmt: skip
        assert planning.close(training, [], by=by, now=NOW).passed == 1
        for change in (
            lambda: planning.change(training, {"title": "Lain"}, by=by, now=NOW),
            lambda: sessions.cancel_session(held.id, by=by, now=NOW),
            lambda: planning.leave(one, by=by, now=NOW),
        ):
            with pytest.raises(TrainingMoved):
                change()
    with house.as_(house.pengendali):
        assert verify() == []


def test_counts_follow_every_correction(house: House) -> None:
    training, (one, two, _three) = planned(house)
    with house.as_(house.operator) as by:
        first, _ = sessions.hold(training, {"held_on": "2024-03-05", "hours": 4}, [one, two], by=by, now=NOW)
        second, _ = sessions.hold(training, {"held_on": "2024-03-06", "hours": 6}, [one], by=by, now=NOW)
        first_id, second_id = first.id, second.id
        assert counts(training) == (3, 2, 10, 14, 0)
        sessions.correct_attendance(first_id, [two], by=by, now=NOW)
        assert counts(training) == (3, 2, 10, 10, 0)
        assert queries.present_at(first_id) == {two}
        planning.leave(two, by=by, now=NOW)
        assert counts(training) == (2, 2, 10, 6, 0)
        assert sessions.meeting(first_id).present == 0
        sessions.cancel_session(second_id, by=by, now=NOW)
        assert counts(training) == (2, 1, 4, 0, 0)
        assert session().scalar(select(func.count(Attendance.id))) == 0


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"title": "x"}, "title"),
        ({"skill": "s" * 61}, "skill"),
        ({"until_on": "2024-02-01"}, "until_on"),
        ({"from_on": "kapan"}, "from_on"),
        ({"hours": "nol"}, "hours"),
        ({"least_share": 101}, "least_share"),
        ({"partner_id": 999_999}, "partner_id"),
        ({"instructor": ["x"]}, "instructor"),
    ],
)
def test_bad_input_is_named(house: House, given: dict[str, Any], wrong: str) -> None:
    with house.as_(house.operator) as by, pytest.raises(TrainingInvalid) as refused:
        planning.plan({**PLAN, **given}, by=by, now=NOW)
    assert set(refused.value.fields) == {wrong}


def test_a_session_lies_within_its_training_and_in_the_past(house: House) -> None:
    training, (one, *_) = planned(house)
    with house.as_(house.operator) as by:
        for on, hours, wrong in (
            ("2024-02-28", 2, "held_on"),
            ("2024-03-20", 2, "held_on"),
            ("2024-03-05", 25, "hours"),
        ):
            with pytest.raises(TrainingInvalid) as refused:
                sessions.hold(training, {"held_on": on, "hours": hours}, [one], by=by, now=NOW)
            assert set(refused.value.fields) == {wrong}
        with pytest.raises(NoSuchPerson):
            sessions.hold(training, {"held_on": "2024-03-05", "hours": 2}, [999_999], by=by, now=NOW)
        assert counts(training) == (3, 0, 0, 0, 0)


def test_only_people_of_the_upt_come_in_and_only_once(house: House) -> None:
    training, _ = planned(house, 1)
    with house.as_(house.other_operator) as by:
        stranger = person(by=by, now=NOW)
        with pytest.raises(NoSuchTraining):
            planning.enrol(training, [stranger], by=by, now=NOW)
    with house.as_(house.operator) as by:
        with pytest.raises(NoSuchPerson):
            planning.enrol(training, [stranger], by=by, now=NOW)
        with pytest.raises(TrainingInvalid):
            planning.enrol(training, [], by=by, now=NOW)
        inside = session().scalars(select(Trainee.person_id)).all()
        assert planning.enrol(training, inside, by=by, now=NOW).participants == 1
    with house.as_(house.officer(12, "kepala_upt", upt=house.upt)) as by, pytest.raises(Forbidden):
        planning.plan(PLAN, by=by, now=NOW)


def test_the_kanwil_counts_and_reads_no_name(house: House) -> None:
    training, (one, two, three) = planned(house)
    with house.as_(house.operator) as by:
        sessions.hold(training, {"held_on": "2024-03-05", "hours": 20}, [one, two, three], by=by, now=NOW)
        planning.close(training, [], by=by, now=NOW)
        planned(house, 2, skill="Batik", from_on="2023-05-01", until_on="2023-05-09")
    with house.as_(house.officer(50, "kadiv")) as by:
        skills = queries.by_skill(Filters())
        assert [(f.label, f.trainings, f.participants, f.passed, f.hours) for f in skills] == [
            ("Menjahit pakaian", 1, 3, 3, 60), ("Batik", 1, 2, 0, 0),
        ]  # fmt: skip
        assert queries.total(skills).participants == 5
        assert [f.participants for f in queries.by_upt(Filters(year=2024))] == [3]
        assert [row.training.skill for row in queries.every(Filters(q="batik"))] == ["Batik"]
        assert session().scalars(select(Trainee)).all() == []
        with pytest.raises(NotInThisUpt):
            queries.members(training, by=by, now=NOW)
        with pytest.raises(Invalid):
            queries.trainings(Filters(state="mulai"))


def test_pages_of_the_list_cost_one_statement_and_miss_nothing(house: House) -> None:
    for _ in range(5):
        planned(house, 1)
    with house.as_(house.operator):
        seen: list[int] = []
        cursor = None
        while True:
            with statements() as asked:
                page = queries.trainings(Filters(), cursor=cursor, limit=2)
            assert len(asked) == 1
            seen += [row.training.id for row in page.items]
            if page.next_cursor is None:
                break
            day, _dot, number = page.next_cursor.rpartition(".")
            cursor = (day, int(number))
        assert seen == sorted(session().scalars(select(Training.id)), reverse=True)
        with pytest.raises(Invalid):
            queries.trainings(Filters(), cursor=("kapan", 1))


def test_a_partner_is_named_while_it_may_be_chosen(house: House) -> None:
    with house.as_(house.officer(50, "kadiv")) as by:
        made, _ = keeping.add({"name": "Balai Latihan Kerja", "kind": "training"}, by=by, now=NOW)
        partner = made.id
    with house.as_(house.operator) as by:
        row, _ = planning.plan({**PLAN, "partner_id": partner}, by=by, now=NOW)
        training = row.id
    with house.as_(house.officer(50, "kadiv")) as by:
        keeping.change(partner, {"active": False}, by=by, now=NOW)
        assert [one.upt for one in queries.with_partner(partner)] != []
    with house.as_(house.operator) as by:
        assert queries.row_of(training).partner == "Balai Latihan Kerja"
        assert planning.change(training, {"title": "Nama baru"}, by=by, now=NOW).partner_id == partner
        with pytest.raises(TrainingInvalid):
            planning.plan({**PLAN, "partner_id": partner}, by=by, now=NOW)


def test_what_a_training_counted_stays_when_a_person_is_erased(house: House) -> None:
    training, (one, *_) = planned(house)
    with house.as_(house.operator) as by:
        sessions.hold(training, {"held_on": date(2024, 3, 5), "hours": 20}, [one], by=by, now=NOW)
        planning.close(training, [], by=by, now=NOW)
        gone = next(t.person_id for t in queries.trainees(training) if t.id == one)
    with house.as_(house.officer(12, "kepala_upt", upt=house.upt)) as by:
        retention.erase(gone, reason="Diminta olehnya", by=by, now=NOW)
        assert counts(training) == (3, 1, 20, 20, 1)
        assert len(queries.members(training, by=by, now=NOW)) == 2
        assert queries.of_person(gone) == []
    with house.as_(house.pengendali):
        assert verify() == []
