"""Whatever officers do in whatever order: never two outcomes, never two eyes, and the chain always verifies."""

from __future__ import annotations

import itertools
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from tenants.database import session
from tenants.errors import Conflict, Forbidden, Invalid
from tests.workflows.conftest import FIELDS, GOOD, NOW, SUBJECT, House, met
from workflows import audit
from workflows.definitions import default_text, parse, publish
from workflows.models import Case, Decision

ROLES = ("pembina", "pemantau", "pengendali")
_subjects = itertools.count(100_000)

acts = st.lists(
    st.one_of(
        st.tuples(st.just("submit"), st.sampled_from([10, 20, 21])),
        st.tuples(
            st.sampled_from(["approve", "return", "reject", "opinion", "empty"]),
            st.sampled_from([10, 20, 21, 30, 31, 40]),
            st.lists(st.sampled_from(ROLES), min_size=1, max_size=3, unique=True),
            st.sampled_from(["a", "b"]),
        ),
        st.tuples(
            st.just("double"), st.sampled_from([20, 30, 40]), st.lists(st.sampled_from(ROLES), min_size=1)
        ),
    ),
    min_size=1,
    max_size=14,
)


def play(house: House, subject: int, last: Case | None, act: tuple, number: int) -> Case | None:
    """One act; a refusal changes nothing and is part of the game."""
    kind, who = act[0], act[1]
    if kind == "submit":
        by = house.officer(who, "operator_upt", upt=house.upt)
        return house.submit(
            subject_id=subject,
            revision_no=number + 1,
            by=by,
            editor_ids=[10, who],
            previous_case_id=last.id if last else None,
            fields={**FIELDS, "stock": number},
        )
    if last is None:
        return None
    roles = act[2]
    by = house.officer(who, *roles)
    answers = (
        {} if kind == "empty" else {key: one for role in ROLES for key, one in GOOD[STAGE[role]].items()}
    )
    with house.inside():
        stage = session().scalars(select(Case.stage_key).where(Case.id == last.id)).one()
    settled = met(last, stage or "")
    given_: dict[str, Any] = {"settled": settled, **({"settled": []} if kind == "empty" else {})}
    given_ |= {"checklist": {k: v for k, v in answers.items() if k in GOOD.get(stage or "", {})}}
    if kind in ("return", "reject"):
        given_ |= {"comment": "Alasan.", "requests": [{"field": "name", "text": "Perjelas."}]}
    outcome = kind if kind in ("return", "reject", "opinion") else "approve"
    if stage == ADVISES and outcome == "approve":
        outcome = "opinion"
    if outcome == "opinion" and kind != "empty":
        given_ |= {"comment": "Pendapat."}
    key = f"{who}-{number}" if kind == "double" else f"{who}-{act[3]}" if len(act) > 3 else str(number)
    first = house.decide(last.id, by, outcome, key=key, **given_)
    if kind == "double":
        assert house.decide(last.id, by, outcome, key=key, **given_).id == first.id
    return last


ADVISES = "hukum"


@pytest.fixture
def advised(house: House) -> House:
    """The three stages, with an opinion after the first."""
    text = default_text("product").replace("subject_type: product", f"subject_type: {SUBJECT}")
    head, tail = text.split("  - key: pemantauan")
    asks = f"  - {{key: {ADVISES}, name: Telaah hukum, role: pemantau, decides: false}}\n"
    with house.inside():
        publish(parse(f"{head}{asks}  - key: pemantauan{tail}"), by=None, now=NOW)
    return house


STAGE = {"pembina": "pembinaan", "pemantau": "pemantauan", "pengendali": "pengendalian"}


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(acts)
def test_no_sequence_of_acts_breaks_the_rules(advised: House, given_: list[tuple]) -> None:
    house = advised
    subject, last = next(_subjects), None
    house.happened.clear()
    for number, act in enumerate(given_):
        with suppress(Conflict, Forbidden, Invalid):
            last = play(house, subject, last, act, number) or last
    with house.inside():
        cases = session().scalars(select(Case).where(Case.subject_id == subject).order_by(Case.id)).all()
        assert sum(case.is_open for case in cases) <= 1
        for case in cases:
            made = (
                session()
                .scalars(select(Decision).where(Decision.case_id == case.id).order_by(Decision.stage_no))
                .all()
            )
            decided = [one for one in made if one.outcome != "opinion"]
            assert {one.stage_key for one in made if one.outcome == "opinion"} <= {ADVISES}
            assert ADVISES not in {one.stage_key for one in decided}
            people = [one.officer_id for one in decided]
            assert len(set(people)) == len(people)
            assert not {one.officer_id for one in made} & {case.submitted_by, *case.editor_ids}
            assert [one.stage_no for one in made] == list(range(1, len(made) + 1))
            assert len({one.stage_key for one in made}) == len(made)
            endings = [one for one in decided if one.outcome != "approve"]
            assert len(endings) <= 1
            assert (case.state == "approved") == (len(decided) == 3 and not endings)
            assert case.state != "approved" or len(made) == 4
            if endings:
                assert made[-1] is endings[0]
                assert case.state == {"return": "returned", "reject": "rejected"}[endings[0].outcome]
            assert house.happened.count(("approved", case.id)) == (case.state == "approved")
            assert audit.verify_case(case.id) == []
