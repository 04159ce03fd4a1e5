"""Random workflows, random people, random order: no case is stuck, none has two outcomes, four eyes hold, the chain
verifies, and what the public sees is the last approved revision.

A few dozen sequences in every run; `make sequences` plays ten thousand.
"""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import or_, select

from catalogue import drafts, figures, photos, publication, shop
from catalogue.errors import ProductMoved
from catalogue.models import Product, PublishedProduct
from tenants import database
from tenants.database import session
from tenants.errors import Conflict, Forbidden, Invalid, NotFound
from tenants.models import Officer, Role
from tenants.officers import Actor
from tenants.scope import NationalScope, entered
from tenants.substitutes import actor_at
from tests.catalogue.conftest import CONTENT, NOW, House
from tests.catalogue.pictures import picture
from workflows import administration, audit
from workflows.decisions import Verdict, decide
from workflows.definitions import default_text, definition_of, from_document, publish
from workflows.design import national
from workflows.desk import holding
from workflows.desk.models import CaseHold
from workflows.errors import DefinitionInvalid
from workflows.models import AuditEvent, Case, Decision
from workflows.reopening import reopen
from workflows.stages import Definition, Stage
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
def opinions(draw: st.DrawFn) -> dict[str, Any]:
    """A stage, now and then one that gives an opinion."""
    stage = draw(stages())
    if draw(st.integers(0, 3)) == 0:
        stage["decides"] = False
    return stage


@st.composite
def steps(draw: st.DrawFn) -> dict[str, Any]:
    kind = draw(st.sampled_from(("plain", "plain", "panel", "block")))
    step = draw(stages() if kind == "panel" else opinions())
    if kind == "panel":
        of = draw(st.integers(2, 3))
        step["quorum"] = {"need": draw(st.integers(1, of)), "of": of}
    elif kind == "block":
        number = next(_names)
        inner = draw(st.lists(opinions(), min_size=2, max_size=3))
        for one in inner[1:]:
            if draw(st.booleans()):
                one["when"] = draw(st.sampled_from(WHEN))
        deciding = sum(one.get("decides", True) for one in inner)
        quorum = draw(st.sampled_from(("all", "any", *range(1, deciding + 1)) if deciding else ("all",)))
        step = {"key": f"blok_{number}", "name": f"Blok {number}", "parallel": inner, "quorum": quorum}
    return step


@st.composite
def workflows(draw: st.DrawFn) -> Definition:
    made = draw(st.lists(steps(), min_size=1, max_size=4))
    for one in made[1:]:
        if draw(st.integers(0, 3)) == 0:
            one["when"] = draw(st.sampled_from(WHEN))
    document = {"subject_type": "product", "title": "Percobaan", "stages": made}
    with suppress(DefinitionInvalid):
        return from_document(document)
    made.append(draw(stages()))  # somebody decides after the opinions
    return from_document(document)


people = st.integers(10, 13)
POSTS = {10: "pembina", 11: "pemantau", 12: "pengendali", 13: "kadiv"}
outcomes = st.sampled_from(("approve",) * 6 + ("return", "reject", "opinion"))
acts = st.one_of(
    st.tuples(st.just("submit"), people, st.sampled_from(PRICES)),
    st.tuples(st.sampled_from(("decide",) * 4 + ("double", "race")), people, outcomes, st.booleans()),
    st.tuples(st.sampled_from(("take_back", "reopen", "claim", "claim", "release", "assign")), people),
    st.tuples(st.just("again"), outcomes),
    st.tuples(st.just("appoint"), people, people),
    st.tuples(st.just("revoke"), people),
    st.tuples(st.sampled_from(("suspend", "restore", "withdraw")), people),
)


PANEL = from_document(
    {
        "subject_type": "product",
        "title": "Panel",
        "stages": [
            {"key": "panel", "name": "Panel", "role": "pemantau", "quorum": {"need": 3, "of": 3}},
            {"key": "akhir", "name": "Akhir", "role": "kadiv", "four_eyes": False},
        ],
    }
)
BLOCK = from_document(
    {
        "subject_type": "product",
        "title": "Blok",
        "stages": [
            {
                "key": "blok",
                "name": "Blok",
                "parallel": [
                    {"key": f"b_{role}", "name": role, "role": role, "four_eyes": False}
                    for role in ("pembina", "pemantau", "kadiv")
                ],
            }
        ],
    }
)
"""Steps of three votes, which one person tries to cast alone."""
ADVICE = from_document(
    {
        "subject_type": "product",
        "title": "Pendapat",
        "stages": [
            {
                "key": "p_blok",
                "name": "Blok",
                "parallel": [
                    {"key": "p_hukum", "name": "Hukum", "role": "kadiv", "decides": False},
                    {"key": "p_mutu", "name": "Mutu", "role": "pembina", "four_eyes": False},
                ],
            },
            {"key": "p_gizi", "name": "Gizi", "role": "pemantau", "decides": False},
            {"key": "p_akhir", "name": "Akhir", "role": "kadiv", "four_eyes": False},
        ],
    }
)
"""Opinions beside and before those who decide."""
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


_staff: dict[str, dict[int, int]] = {}


def staff(house: House) -> dict[int, int]:
    """The rows of the people, one a role of the Kanwil: number in the play -> number in the register."""
    if house.code not in _staff:
        with house.as_(house.officer(1, "kadiv")), database.transaction() as writing:
            made = {}
            for number, role in POSTS.items():
                row = writing.scalars(select(Role).where(Role.name == role)).first() or Role(name=role)
                name = f"{role}.{house.code}"
                officer = Officer(
                    username=name,
                    first_name="Petugas",
                    last_name=str(number),
                    email=f"{name}@contoh.id",
                    active=True,
                    password="-",
                    tenant_id=house.kanwil,
                    roles=[row],
                )
                writing.add(officer)
                writing.flush()
                made[number] = int(officer.id)
        _staff[house.code] = made
    return _staff[house.code]


class Play:
    """One product, its officers and what they do; a refusal changes nothing and is part of the game."""

    def __init__(self, house: House, definition: Definition) -> None:
        self.house, self.numbers = house, itertools.count(1)
        self.people, self.letters = staff(house), dict[str, int]()
        unlocked(house)
        with house.as_(house.officer(1, "kadiv")):
            publish(definition, by=None, now=NOW)
        with house.as_(house.operator) as by:
            self.product = drafts.create(CONTENT, by=by, now=NOW).id
            drafts.keep_photo(self.product, _photo(), "tas.jpg", by=by, now=NOW)

    def officer(self, number: int, role: str, lent: bool = False) -> Actor:
        """Somebody in a role, or (`lent`) as he is: with his own post and what letters lend him."""
        id_ = self.people.get(number, number)
        if lent and number in self.people:
            with self.house.as_(self.house.officer(1, "kadiv")):
                return actor_at(session().get_one(Officer, id_), NOW)
        upt = self.house.upt if role in ("kepala_upt", "operator_upt") else None
        return self.house.officer(id_, role, upt=upt)

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
        by = self.officer(who, "operator_upt")
        with self.house.as_(by):
            drafts.save(self.product, {"price_rupiah": price, "stock": number}, by=by, now=NOW)
            from catalogue import submission

            answers = {one["id"]: "Sudah." for one in self._asked()}
            submission.submit(self.product, by=by, now=NOW, answers=answers)

    def _asked(self) -> list[dict[str, str]]:
        from workflows.queries import open_requests

        found = session().scalars(select(Product).where(Product.id == self.product)).one()
        return open_requests(found.case_id) if found.case_id else []

    def decide(
        self, who: int, outcome: str, lent: bool, *, key: str | None = None, willing: bool = False
    ) -> Decision | None:
        """Decide, or say one's opinion where that is asked of whom approves, and of who is `willing` whatever he says
        elsewhere."""
        case = self.case()
        opened = self.open_stages(case) if case is not None else []
        if case is None or not opened:
            return None
        stage = opened[who % len(opened)]
        by = self.officer(who, stage.role, lent)
        if not stage.decides and (willing or outcome == "approve"):
            outcome = "opinion"
        verdict = Verdict(
            outcome,
            comment="" if outcome == "approve" else "Alasan.",
            checklist={"baik": outcome == "approve"}
            if stage.checklist and outcome in ("approve", "opinion")
            else {},
            requests=[{"field": "name", "text": "Perjelas."}] if outcome == "return" else [],
            settled=[one["id"] for one in case.asked or [] if one["stage_key"] == stage.key],
            stage=stage.key,
        )
        held = self._held(case, stage)
        with self.house.as_(by):
            made = decide(case.id, verdict, by=by, key=key or f"k{next(self.numbers)}", now=NOW)
        assert made.stage_no != case.stage_no or (made.outcome == "opinion") is not stage.decides
        if stage.votes == 1 and made.stage_no == case.stage_no:
            assert by.has("kadiv") or held in (None, by.id)
        return made

    def _held(self, case: Case, stage: Stage) -> int | None:
        """Who holds a stage, by the rows alone."""
        with self.house.as_(self.house.officer(1, "kadiv")):
            return session().scalar(
                select(CaseHold.officer_id).where(
                    CaseHold.case_id == case.id,
                    CaseHold.stage_key == stage.key,
                    CaseHold.step_no == case.step_no,
                    or_(CaseHold.until_at.is_(None), CaseHold.until_at > NOW),
                )
            )

    def claim(self, who: int) -> None:
        case = self.case()
        opened = self.open_stages(case) if case is not None else []
        if case is not None and opened:
            stage = opened[who % len(opened)]
            with self.house.as_(self.officer(who, stage.role)) as by:
                holding.claim(case.id, by=by, now=NOW, stage=stage.key)

    def release(self, who: int) -> None:
        case = self.case()
        if case is not None:
            with self.house.as_(self.officer(who, POSTS.get(who, "kadiv"))) as by:
                holding.release(case.id, by=by, now=NOW)

    def assign(self, who: int) -> None:
        case = self.case()
        if case is not None:
            with self.house.as_(self.house.officer(1, "kadiv")) as by:
                holding.assign(case.id, self.people[who], by=by, now=NOW)

    def appoint(self, who: int, instead_of: int) -> None:
        """A letter of the Kanwil's admin, which lends a post for two days."""
        number = f"W.16-KP-{next(_names)}"
        values = {"role": POSTS[instead_of], "kind": "plh", "letter_number": number}
        values |= {
            "principal_id": str(self.people[instead_of]),
            "substitute_id": str(self.people[who]),
            "from_on": "2024-03-14",
            "until_on": "2024-03-15",
        }
        with self.house.as_(self.house.officer(1, "admin_kanwil")) as by:
            self.letters[number] = administration.appoint(values, by=by, now=NOW).id

    def revoke(self, who: int) -> None:
        ended = [letter for at, letter in enumerate(self.letters.values()) if at % 2 == who % 2]
        for letter in ended:
            with self.house.as_(self.house.officer(1, "admin_kanwil")) as by:
                administration.revoke(letter, by=by, now=NOW)

    def leave(self) -> None:
        """The letters of this play lend nothing to the next one."""
        for who in (0, 1):
            self.revoke(who)

    def again(self, outcome: str) -> None:
        """Whoever decided last decides once more."""
        case = self.case()
        if case is None:
            return
        with self.house.as_(self.house.officer(1, "kadiv")):
            last = session().scalar(
                select(Decision.officer_id)
                .where(Decision.case_id == case.id)
                .order_by(Decision.stage_no.desc())
                .limit(1)
            )
        who = next((number for number, id_ in self.people.items() if id_ == last), None)
        if who is not None:
            self.decide(who, outcome, False)

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
        by = self.officer(who, "operator_upt")
        if case is not None:
            with self.house.as_(by):
                withdraw(case.id, reason="Keliru.", by=by, now=NOW)

    def reopen(self, who: int) -> None:
        case = self.case()
        if case is not None:
            with self.house.as_(self.officer(who, "kadiv")) as by:
                reopen(case.id, reason="Alasan.", by=by, now=NOW)

    def _move(self, who: int, verb: Callable[..., Any]) -> None:
        with self.house.as_(self.officer(who, "pengendali")) as by:
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
            with self.house.as_(self.house.officer(1, "kadiv")) as by:
                holding.release(case.id, by=by, now=NOW)
            try:
                made = self.decide(number, outcome, False, willing=True)
            except ProductMoved:
                assert self.is_withdrawn()
                outcome = "reject"
                made = self.decide(number, outcome, False, willing=True)
            assert made is not None
        raise AssertionError("the case never ends")

    def is_withdrawn(self) -> bool:
        with database.public() as shelf:
            shown = shelf.get(PublishedProduct, self.product)
        return shown is not None and shown.state == publication.WITHDRAWN

    def check(self) -> None:
        with self.house.as_(self.house.officer(1, "kadiv")):
            assert figures.recount() == []
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
        for voters in self._voters(case, made):
            assert len(voters) == len(set(voters)), "one person voted twice in a step"
        for one in made:
            assert one.letter_number is None or one.letter_number in self.letters
            stage = definition.stage(one.stage_key)
            assert stage is not None
            assert (one.outcome == "opinion") is not stage.decides
            if stage.four_eyes:
                assert one.officer_id not in (case.submitted_by, *case.editor_ids)
                step = definition.step(one.stage_key)
                others = [
                    earlier
                    for earlier in made
                    if earlier.stage_no < one.stage_no and earlier.outcome != "opinion"
                ]
                assert not [
                    earlier
                    for earlier in others
                    if earlier.officer_id == one.officer_id and definition.step(earlier.stage_key) != step
                ]

        if case.state == "approved":
            for step in definition.path(case.fields):
                keys = {stage.key for stage in step.stages}
                approvals = [one for one in made if one.stage_key in keys and one.outcome == "approve"]
                assert len(approvals) >= step.needed(case.fields), "an opinion is no approval"
        if case.state in ("approved", "returned", "rejected"):
            assert made[-1].outcome != "opinion", "an opinion ends nothing"

    def _voters(self, case: Case, made: Sequence[Decision]) -> list[list[int]]:
        """Who decided, step by step as the case's own chain tells where each begins: one that is opened again begins
        anew."""
        officers = {one.stage_no: one.officer_id for one in made}
        events = session().scalars(
            select(AuditEvent.payload).where(AuditEvent.chain == case.chain).order_by(AuditEvent.seq)
        )
        steps: dict[int, list[int]] = {}
        open_no = 0
        for said in map(json.loads, events):
            if "decision" in said:
                steps.setdefault(open_no, []).append(officers[said["decision"]["stage_no"]])
            open_no = said["after"]["step_no"] if "after" in said else open_no
        assert sum(map(len, steps.values())) == len(made)
        return list(steps.values())


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
@example(PANEL, [("decide", 11, "approve", False), ("again", "approve"), ("again", "approve")])
@example(BLOCK, [("decide", 11, "approve", False), ("again", "approve"), ("again", "approve")])
@example(ADVICE, [("decide", 12, "approve", False), ("again", "approve"), ("decide", 13, "opinion", False)])
@given(workflows(), st.lists(acts, min_size=6, max_size=18))
def test_no_workflow_and_no_order_of_acts_breaks_the_promises(
    house: House, definition: Definition, acted: list[tuple[Any, ...]]
) -> None:
    play = Play(house, definition)
    try:
        play.act(("submit", 10, PRICES[0]))
        for act in acted:
            play.act(act)
        play.check()
        play.finish()
        play.check()
    finally:
        play.leave()
    shop.forget()
