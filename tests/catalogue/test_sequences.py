"""Random workflows, random people, random order: no case is stuck, none has two outcomes, four eyes hold, the chain
verifies, and what the public sees is the last approved revision.

A few dozen sequences in every run; `make sequences` plays ten thousand.
"""

from __future__ import annotations

import dataclasses
import itertools
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import date
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from catalogue import drafts, photos, publication, shop
from catalogue.errors import ProductMoved
from catalogue.models import Product, PublishedProduct
from tenants import database
from tenants.database import session
from tenants.errors import Conflict, Forbidden, Invalid, NotFound
from tenants.officers import Acting, Actor
from tenants.scope import NationalScope, entered
from tests.catalogue.conftest import CONTENT, NOW, House
from tests.catalogue.pictures import picture
from workflows import audit
from workflows.decisions import Verdict, decide
from workflows.definitions import default_text, definition_of, from_document, publish
from workflows.design import national
from workflows.models import AuditEvent, Case, Decision
from workflows.reopening import reopen
from workflows.stages import Definition
from workflows.steps import standing
from workflows.submission import withdraw

EXAMPLES = int(os.environ.get("KARYA_SEQUENCES", "30"))
ROLES = ("pembina", "pemantau", "pengendali", "kadiv", "kepala_upt")
PRICES = (95_000, 6_000_000)
WHEN = ("price_rupiah >= 5_000_000", "price_rupiah < 5_000_000", "category == 'culinary'")
ITEM = {"key": "baik", "question": "Baik?", "type": "yes_no", "must": True}
STANDING = {
    "product.suspended": publication.SUSPENDED,
    "product.restored": publication.PUBLISHED,
    "product.withdrawn": publication.WITHDRAWN,
}
_names = itertools.count(1)


@st.composite
def stages(draw: st.DrawFn) -> dict[str, Any]:
    number = next(_names)
    stage: dict[str, Any] = {
        "key": f"tahap_{number}",
        "name": f"Tahap {number}",
        "role": draw(st.sampled_from(ROLES)),
        "four_eyes": draw(st.booleans()),
        "deadline_days": draw(st.integers(1, 5)),
    }
    if draw(st.booleans()):
        stage["checklist"] = [ITEM]
    return stage


@st.composite
def steps(draw: st.DrawFn) -> dict[str, Any]:
    kind = draw(st.sampled_from(("plain", "plain", "panel", "block")))
    step = draw(stages())
    if kind == "panel":
        of = draw(st.integers(2, 3))
        step["quorum"] = {"need": draw(st.integers(1, of)), "of": of}
    elif kind == "block":
        number = next(_names)
        inner = draw(st.lists(stages(), min_size=2, max_size=3))
        for one in inner[1:]:
            if draw(st.booleans()):
                one["when"] = draw(st.sampled_from(WHEN))
        quorum = draw(st.sampled_from(("all", "any", *range(1, len(inner) + 1))))
        step = {"key": f"blok_{number}", "name": f"Blok {number}", "parallel": inner, "quorum": quorum}
    return step


@st.composite
def workflows(draw: st.DrawFn) -> Definition:
    made = draw(st.lists(steps(), min_size=1, max_size=4))
    for one in made[1:]:
        if draw(st.integers(0, 3)) == 0:
            one["when"] = draw(st.sampled_from(WHEN))
    return from_document({"subject_type": "product", "title": "Percobaan", "stages": made})


people = st.integers(10, 13)
outcomes = st.sampled_from(("approve",) * 6 + ("return", "reject"))
acts = st.one_of(
    st.tuples(st.just("submit"), people, st.sampled_from(PRICES)),
    st.tuples(st.sampled_from(("decide",) * 4 + ("double", "race")), people, outcomes, st.booleans()),
    st.tuples(st.sampled_from(("take_back", "reopen")), people),
    st.tuples(st.sampled_from(("suspend", "restore", "withdraw")), people),
)


_unlocked: set[str] = set()


def unlocked(house: House) -> None:
    """The centre locks no stage here: the workflows are any."""
    if house.code in _unlocked:
        return
    _unlocked.add(house.code)
    with entered(NationalScope(1)):
        centre = Actor(1, "Pusat", frozenset({"admin_pusat"}), None, None, "Admin Pusat")
        text = default_text("product").replace("title: ", f"title: {house.code} ", 1)
        national.publish("product", version=0, note="", text=text, locked=[], by=centre, now=NOW)


class Play:
    """One product, its officers and what they do; a refusal changes nothing and is part of the game."""

    def __init__(self, house: House, definition: Definition) -> None:
        self.house, self.numbers = house, itertools.count(1)
        unlocked(house)
        with house.as_(house.officer(1, "kadiv")):
            publish(definition, by=None, now=NOW)
        with house.as_(house.operator) as by:
            self.product = drafts.create(CONTENT, by=by, now=NOW).id
            drafts.keep_photo(self.product, _photo(), "tas.jpg", by=by, now=NOW)

    def officer(self, number: int, role: str, lent: bool = False) -> Actor:
        by = self.house.officer(number, role, upt=self.house.upt if role == "kepala_upt" else None)
        letter = Acting(role, "plh", 99, "Petugas 99", date(2030, 1, 1), "W.16-KP-1")
        return dataclasses.replace(by, acting=(letter,)) if lent else by

    def case(self) -> Case | None:
        with self.house.as_(self.house.officer(1, "kadiv")):
            database.db.release()
            asked = select(Case).where(Case.subject_id == self.product, Case.subject_type == "product")
            return session().scalars(asked.order_by(Case.id.desc()).limit(1)).first()

    def open_stages(self, case: Case) -> list[Any]:
        with self.house.as_(self.house.officer(1, "kadiv")):
            definition = definition_of(session(), {case.definition_id})[case.definition_id]
            decisions = session().scalars(
                select(Decision).where(Decision.case_id == case.id).order_by(Decision.stage_no)
            )
            here = standing(case, definition, decisions.all())
            return here.open_stages() if here else []

    def act(self, act: tuple[Any, ...]) -> None:
        with suppress(Conflict, Forbidden, Invalid, NotFound):
            getattr(self, act[0])(*act[1:])

    def submit(self, who: int, price: int) -> None:
        number = next(self.numbers)
        by = self.house.officer(who, "operator_upt", upt=self.house.upt)
        with self.house.as_(by):
            drafts.save(self.product, {"price_rupiah": price, "stock": number}, by=by, now=NOW)
            from catalogue import submission

            answers = {one["id"]: "Sudah." for one in self._asked()}
            submission.submit(self.product, by=by, now=NOW, answers=answers)

    def _asked(self) -> list[dict[str, str]]:
        from workflows.queries import open_requests

        found = session().scalars(select(Product).where(Product.id == self.product)).one()
        return open_requests(found.case_id) if found.case_id else []

    def decide(self, who: int, outcome: str, lent: bool, *, key: str | None = None) -> Decision | None:
        case = self.case()
        opened = self.open_stages(case) if case is not None else []
        if case is None or not opened:
            return None
        stage = opened[who % len(opened)]
        by = self.officer(who, stage.role, lent)
        verdict = Verdict(
            outcome,
            comment="" if outcome == "approve" else "Alasan.",
            checklist={"baik": True} if stage.checklist and outcome == "approve" else {},
            requests=[{"field": "name", "text": "Perjelas."}] if outcome == "return" else [],
            settled=[one["id"] for one in case.asked or [] if one["stage_key"] == stage.key],
            stage=stage.key,
        )
        with self.house.as_(by):
            return decide(case.id, verdict, by=by, key=key or f"k{next(self.numbers)}", now=NOW)

    def double(self, who: int, outcome: str, lent: bool) -> None:
        key = f"k{next(self.numbers)}"
        first = self.decide(who, outcome, lent, key=key)
        again = None
        with suppress(Conflict, Forbidden, Invalid):
            again = self.decide(who, outcome, lent, key=key)
        if first is not None and again is not None and first.case_id == again.case_id:
            assert again.id == first.id or again.stage_key != first.stage_key

    def race(self, who: int, outcome: str, lent: bool) -> None:
        def run(number: int) -> None:
            with suppress(Conflict, Forbidden, Invalid):
                self.decide(who + number, outcome, lent)
            database.db.release()

        with ThreadPoolExecutor(2) as pool:
            list(pool.map(run, range(2)))

    def take_back(self, who: int) -> None:
        case = self.case()
        by = self.house.officer(who, "operator_upt", upt=self.house.upt)
        if case is not None:
            with self.house.as_(by):
                withdraw(case.id, reason="Keliru.", by=by, now=NOW)

    def reopen(self, who: int) -> None:
        case = self.case()
        if case is not None:
            with self.house.as_(self.officer(who, "kadiv")) as by:
                reopen(case.id, reason="Alasan.", by=by, now=NOW)

    def _move(self, who: int, verb: Callable[..., Any]) -> None:
        with self.house.as_(self.house.officer(who, "pengendali")) as by:
            verb(self.product, reason="Alasan.", by=by, now=NOW)

    def suspend(self, who: int) -> None:
        self._move(who, publication.suspend)

    def restore(self, who: int) -> None:
        self._move(who, publication.restore)

    def withdraw(self, who: int) -> None:
        self._move(who, publication.withdraw)

    # -- what must hold --------------------------------------------------------------------------------------------

    def finish(self) -> None:
        """Nothing is stuck: people who had no part in it can always bring an open case to its end; by a refusal where
        the product was withdrawn meanwhile, which is final."""
        outcome = "approve"
        for number in range(100, 140):
            case = self.case()
            if case is None or not case.is_open:
                return
            try:
                made = self.decide(number, outcome, False)
            except ProductMoved:
                assert self.is_withdrawn()
                outcome = "reject"
                made = self.decide(number, outcome, False)
            assert made is not None
        raise AssertionError("the case never ends")

    def is_withdrawn(self) -> bool:
        with database.public() as shelf:
            shown = shelf.get(PublishedProduct, self.product)
        return shown is not None and shown.state == publication.WITHDRAWN

    def check(self) -> None:
        with self.house.as_(self.house.officer(1, "kadiv")):
            database.db.release()
            cases = (
                session().scalars(select(Case).where(Case.subject_id == self.product).order_by(Case.id)).all()
            )
            assert sum(case.is_open for case in cases) <= 1
            for case in cases:
                self._check_case(case)
                assert audit.verify_case(case.id) == []
            product = session().scalars(select(Product).where(Product.id == self.product)).one()
            approved = [case.revision_no for case in cases if case.state == "approved"]
            self._check_standing(product, cases)
        with database.public() as shelf:
            shown = shelf.get(PublishedProduct, self.product)
        assert (shown is not None) == bool(approved)
        if shown is not None:
            last = next(case for case in reversed(cases) if case.state == "approved")
            assert (shown.revision_no, shown.price_rupiah, shown.stock) == (
                last.revision_no,
                last.fields["price_rupiah"],
                last.fields["stock"],
            )
            assert shown.state == product.public_state

    def _check_standing(self, product: Product, cases: Sequence[Case]) -> None:
        """What was suspended or withdrawn is what it is until an event says otherwise; an approval is none."""
        said = session().scalars(
            select(AuditEvent.action)
            .where(AuditEvent.chain.in_([case.chain for case in cases]), AuditEvent.action.in_(STANDING))
            .order_by(AuditEvent.id)
        )
        last = ([None, *(STANDING[action] for action in said)])[-1]
        if last is not None:
            assert product.public_state == last

    def _check_case(self, case: Case) -> None:
        definition = definition_of(session(), {case.definition_id})[case.definition_id]
        made = (
            session()
            .scalars(select(Decision).where(Decision.case_id == case.id).order_by(Decision.stage_no))
            .all()
        )
        assert [one.stage_no for one in made] == list(range(1, len(made) + 1))
        for one in made:
            stage = definition.stage(one.stage_key)
            assert stage is not None
            if stage.four_eyes:
                assert one.officer_id not in (case.submitted_by, *case.editor_ids)
                step = definition.step(one.stage_key)
                others = [earlier for earlier in made if earlier.stage_no < one.stage_no]
                assert not [
                    earlier
                    for earlier in others
                    if earlier.officer_id == one.officer_id and definition.step(earlier.stage_key) != step
                ]


_kept: list[photos.Processed] = []


def _photo() -> photos.Processed:
    if not _kept:
        _kept.append(photos.process(picture(), "tas.jpg"))
    return _kept[0]


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
    ],
)
@given(workflows(), st.lists(acts, min_size=6, max_size=18))
def test_no_workflow_and_no_order_of_acts_breaks_the_promises(
    house: House, definition: Definition, acted: list[tuple[Any, ...]]
) -> None:
    play = Play(house, definition)
    play.act(("submit", 10, PRICES[0]))
    for act in acted:
        play.act(act)
    play.check()
    play.finish()
    play.check()
    shop.forget()
