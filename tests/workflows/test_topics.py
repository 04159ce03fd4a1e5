"""Every kind of notice that the house writes can be chosen, and nothing else can."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from catalogue.publication import MOVES
from workflows.choices import DIGEST, EACH, TOPICS, usual

HOUSE = Path(__file__).resolve().parents[2]
ROOMS = ("tenants", "workflows", "catalogue", "sales", "recaps", "webapp")
ELSEWHERE = {
    "workflows/notices.py: of_decision": {"case.approved", "case.returned", "case.rejected"},
    "catalogue/needs/notices.py: of_ending": {"offer.declined", "offer.cancelled", "offer.lapsed"},
    "catalogue/publication.py: carry_out": {move.action for move in MOVES.values()},
}
"""Where a kind is not written in the call itself, which ones it may be."""
PASSED_ON = {"_to_upt": 1, "_to_inspector": 1, "_to_officers": 1, "_to_maker": 1}
"""Functions that hand a kind on to `draft`, and which argument it is."""


def functions() -> Iterator[tuple[str, ast.FunctionDef]]:
    for room in ROOMS:
        for path in sorted((HOUSE / room).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.FunctionDef):
                    yield f"{path.relative_to(HOUSE)}: {node.name}", node


def drafted() -> tuple[set[str], set[str]]:
    """The kinds that are written where a notice is drafted, and the places where they are not."""
    kinds, places = set(), set()
    for place, function in functions():
        for call in (one for one in ast.walk(function) if isinstance(one, ast.Call)):
            name = getattr(call.func, "id", getattr(call.func, "attr", ""))
            owner = getattr(getattr(call.func, "value", None), "id", "notices")
            at = PASSED_ON.get(name, 0 if name == "draft" and owner == "notices" else None)
            if at is None or not call.args:
                continue
            kind = call.args[at]
            if isinstance(kind, ast.Constant):
                kinds.add(kind.value)
            elif function.name not in PASSED_ON:
                places.add(place)
    return kinds, places


def test_every_kind_that_is_drafted_has_a_topic_and_every_topic_is_drafted() -> None:
    kinds, places = drafted()
    assert places == set(ELSEWHERE)
    assert len(kinds) > 30
    chosen = [kind for topic in TOPICS for kind in topic.kinds]
    assert len(chosen) == len(set(chosen))
    assert set(chosen) == kinds.union(*ELSEWHERE.values())


def test_what_goes_to_a_whole_role_comes_in_the_digest_and_what_is_ones_own_at_once() -> None:
    roles = ("case.waiting", "case.urgent", "inspection.planned", "finding.near", "definition.national")
    assert {usual(kind) for kind in (*roles, "webhook.dead", "case.withdrawn")} == {DIGEST}
    own = ("talk.mentioned", "talk.asked", "case.assigned", "substitute.appointed", "case.returned")
    assert {usual(kind) for kind in own} == {EACH}
