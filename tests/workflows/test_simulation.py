"""Trying a draft on what was decided: what would have gone another way, who would have decided, how long."""

from __future__ import annotations

import dataclasses
import tracemalloc
from datetime import date, timedelta
from typing import Any

import pytest

from tenants.errors import Forbidden, Invalid
from tenants.scope import Scope, entered
from tests.support.statements import counted_statements
from tests.workflows.conftest import FIELDS, NOW, SUBJECT, House
from tests.workflows.test_design import kadiv, with_review
from workflows.deadlines import Calendar
from workflows.definitions import default_text, parse
from workflows.design import drafts, simulation, sweeping
from workflows.design.simulation import NoSuchSimulation, Past, Tally
from workflows.errors import DefinitionInvalid


def decided(house: House, count: int, **fields: Any) -> list[int]:
    """Cases that went the whole way, a day a stage."""
    made = []
    for _ in range(count):
        case = house.submit(fields={**FIELDS, **fields})
        for day, by in enumerate((house.pembina, house.pemantau, house.pengendali), 1):
            house.decide(case.id, by, now=NOW + timedelta(days=day))
        made.append(case.id)
    return made


def test_a_draft_tried_on_decided_cases_says_what_would_have_changed(house: House) -> None:
    dear = decided(house, 3, price_rupiah=9_000_000)
    decided(house, 4)
    returned = house.submit(fields={**FIELDS, "price_rupiah": 8_000_000})
    house.decide(
        returned.id,
        house.pembina,
        "return",
        comment="Perbaiki.",
        requests=[{"field": "name", "text": "Jelas."}],
    )
    house.submit()  # still open
    by = kadiv(house)
    with entered(house.scope(officer=by.id)):
        drafts.save(SUBJECT, with_review(SUBJECT), version=0, by=by, now=NOW)
        row, _again = simulation.begin(SUBJECT, by=by, now=NOW)
    result = row.result
    assert result is not None
    assert (row.state, row.done) == ("done", 8)
    assert (result["cases"], result["changed"]) == (8, 3)  # the returned one ended before the new step
    (step,) = result["steps"]
    assert (step["key"], step["name"], step["change"], step["count"]) == (
        "kajian_harga",
        "Kajian harga",
        "added",
        3,
    )
    assert sorted(one["id"] for one in step["examples"]) == dear
    deciders = result["deciders"]
    assert (deciders["before"], deciders["after"], deciders["more"], deciders["fewer"]) == (22, 31, 3, 0)
    assert {"role": "kadiv", "before": 0, "after": 3} in deciders["roles"]
    days = result["days"]
    assert (days["allowed_before"], days["allowed_after"]) == (round(66 / 8, 2), round(75 / 8, 2))
    assert (days["taken"], days["expected"]) == (round(21 / 8, 2), round(30 / 8, 2))


def test_a_stage_that_is_dropped_is_counted_where_it_would_have_been_passed(house: House) -> None:
    decided(house, 2)
    by = kadiv(house)
    text = default_text("product").replace("subject_type: product", f"subject_type: {SUBJECT}")
    head, tail = text.split("  - key: pemantauan")
    with entered(house.scope(officer=by.id)):
        drafts.save(
            SUBJECT,
            head + "  - key: pengendalian" + tail.split("  - key: pengendalian")[1],
            version=0,
            by=by,
            now=NOW,
        )
        row, _again = simulation.begin(SUBJECT, by=by, now=NOW)
    assert row.result is not None
    assert [(one["key"], one["change"], one["count"]) for one in row.result["steps"]] == [
        ("pemantauan", "dropped", 2)
    ]
    assert row.result["deciders"]["fewer"] == 2


def test_what_is_in_force_would_have_changed_nothing(house: House) -> None:
    decided(house, 2)
    by = kadiv(house)
    with entered(house.scope(officer=by.id)):
        row, _again = simulation.begin(SUBJECT, by=by, now=NOW)
    assert row.result is not None
    assert (row.result["cases"], row.result["changed"], row.result["steps"]) == (2, 0, [])


def test_a_simulation_is_begun_once_for_one_key_and_belongs_to_its_kanwil(house: House) -> None:
    by = kadiv(house)
    with entered(house.scope(officer=by.id)):
        first, again = simulation.begin(SUBJECT, 10, by=by, now=NOW, key="a")
        second, repeated = simulation.begin(SUBJECT, 10, by=by, now=NOW, key="a")
        made = first.id
        assert (second.id, again, repeated) == (made, False, True)
        with pytest.raises(Forbidden):
            simulation.begin(SUBJECT, 10, by=house.pembina, now=NOW)
        for count in (0, 10_001):
            with pytest.raises(Invalid):
                simulation.begin(SUBJECT, count, by=by, now=NOW)
        drafts.save(SUBJECT, "title: rusak", version=0, by=by, now=NOW)
        with pytest.raises(DefinitionInvalid):
            simulation.begin(SUBJECT, 10, by=by, now=NOW)
    with entered(Scope(house.other_kanwil)), pytest.raises(NoSuchSimulation):
        simulation.find(made)


def test_many_cases_are_left_to_a_job_that_may_run_twice(house: House) -> None:
    decided(house, 2)
    by = kadiv(house)
    with entered(house.scope(officer=by.id)):
        row, _again = simulation.begin(SUBJECT, 5_000, by=by, now=NOW)
        assert (row.state, row.done) == ("running", 0)
        done = simulation.run(row.id, now=NOW)
        assert (done.state, done.done) == ("done", 2)
        assert simulation.run(row.id, now=NOW).result == done.result


def test_cases_are_read_in_batches_of_two_statements(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = decided(house, 5)
    monkeypatch.setattr(simulation, "BATCH", 2)
    with house.inside():
        list(simulation.past_cases(SUBJECT, 1))  # what a process keeps
        with counted_statements() as seen:
            batches = list(simulation.past_cases(SUBJECT, 5))
    assert [past.id for batch in batches for past in batch] == ids[::-1]
    assert len(seen) == 6, "\n".join(seen)


def test_counting_takes_no_more_memory_for_more_cases() -> None:
    before = parse(default_text("product"))
    tally = Tally(parse(with_review()), Calendar("Asia/Jakarta"))
    day = date(2024, 3, 5)

    def add(start: int, count: int) -> None:
        for number in range(start, start + count):
            ways = tuple(
                (key, day + timedelta(days=n))
                for n, key in enumerate(("pembinaan", "pemantauan", "pengendalian"))
            )
            fields = {"price_rupiah": 6_000_000, "category": "craft"}
            tally.add(Past(number, f"Kasus {number}", "approved", fields, before, day, ways))

    add(0, 500)
    tracemalloc.start()
    held = tracemalloc.get_traced_memory()[0]
    add(500, 2_000)
    grown = tracemalloc.get_traced_memory()[0] - held
    tracemalloc.stop()
    assert tally.cases == 2_500
    assert grown < 100_000


def test_old_simulations_are_dropped_and_new_ones_stay(house: House) -> None:
    decided(house, 1)
    with house.inside():
        old, new = (
            simulation.begin(SUBJECT, by=kadiv(house), now=NOW + timedelta(days=days))[0].id
            for days in (0, 30)
        )
    with entered(Scope(house.other_kanwil)):
        other = dataclasses.replace(kadiv(house), tenant_id=house.other_kanwil)
        theirs = simulation.begin("product", by=other, now=NOW)[0].id
    later = NOW + timedelta(days=91)
    with house.inside():
        assert sweeping.prune(later) == 1
        assert sweeping.prune(later) == 0
        with pytest.raises(NoSuchSimulation):
            simulation.find(old)
        assert simulation.find(new).state == "done"
    with entered(Scope(house.other_kanwil)):
        assert simulation.find(theirs).state == "done"
    sweeping.sweep(later)
    with entered(Scope(house.other_kanwil)), pytest.raises(NoSuchSimulation):
        simulation.find(theirs)
