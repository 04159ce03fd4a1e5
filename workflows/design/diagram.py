"""A definition as a picture: where each box stands, what it says, and where a case is in it.

Pure layout in the units of an SVG's viewBox; a template writes it down, with words in the reader's language. Steps
stand below each other, the stages of a parallel step side by side in a frame of their own.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from workflows.models import Case, Decision
from workflows.stages import Definition, Stage, Step
from workflows.steps import Standing

WIDTH = 420
_EDGE, _GAP, _LINE, _TOP = 34, 26, 17, 34
_BOX = WIDTH - 2 * _EDGE


@dataclass(frozen=True)
class Box:
    """A stage: `lines` are its name, broken to fit; `when` the condition that passes it over. `state` is empty, or
    done, now, next, skipped, refused for a case."""

    key: str
    x: int
    y: int
    width: int
    height: int
    name: str
    lines: tuple[str, ...]
    role: str
    days: int
    votes: int
    need: int
    when: tuple[str, ...]
    locked: bool
    decides: bool
    state: str = ""


@dataclass(frozen=True)
class Row:
    """A step: its boxes, its frame where it is parallel, and whether a way leads past it. `need` of `seats`; none of
    either where opinions alone are given."""

    key: str
    name: str
    y: int
    height: int
    boxes: tuple[Box, ...]
    framed: bool
    passable: bool
    need: int
    seats: int
    when: tuple[str, ...] = ()


@dataclass(frozen=True)
class Picture:
    """The whole of it: start above, end below."""

    width: int
    height: int
    rows: tuple[Row, ...]
    start_y: int
    end_y: int
    middle: int = field(default=WIDTH // 2)


def picture(
    definition: Definition, *, locked: Sequence[str] = (), states: Mapping[str, str] | None = None
) -> Picture:
    """The picture of a definition; `states` says of each stage where a case is (`states_of`)."""
    rows, y = [], _TOP + _GAP
    for step in definition.steps:
        row = _row(step, y, set(locked), states or {})
        rows.append(row)
        y += row.height + _GAP
    return Picture(WIDTH, y + _TOP, tuple(rows), 0, y)


def states_of(
    definition: Definition, case: Case, decisions: Sequence[Decision], standing: Standing | None
) -> dict[str, str]:
    """Where a case is: for each stage done, now, next, skipped (it does not open for this revision, or its opinion was
    not waited for) or refused."""
    states: dict[str, str] = {}
    outcomes: dict[str, str] = {}
    for one in decisions:
        outcomes[one.stage_key] = one.outcome
    here = standing.step if standing is not None else None
    ended = definition.step(decisions[-1].stage_key) if decisions and not case.is_open else None
    last = here or ended
    reached = definition.steps.index(last) if last is not None else -1
    for at, step in enumerate(definition.steps):
        opened = {stage.key for stage in step.opened(case.fields)}
        for stage in step.stages:
            if stage.key not in opened:
                states[stage.key] = "skipped"
            elif step is here and standing is not None:
                states[stage.key] = "now" if standing.cast(stage) < stage.votes else "done"
            elif at > reached:
                states[stage.key] = "next"
            elif not stage.decides and (at < reached or case.state != "withdrawn"):
                states[stage.key] = "done" if stage.key in outcomes else "skipped"
            elif case.state in ("returned", "rejected") and step is ended:
                refused = outcomes.get(stage.key, "approve") != "approve"
                states[stage.key] = "refused" if refused else "done"
            elif at == reached and stage.key not in outcomes and case.state == "withdrawn":
                states[stage.key] = "next"
            else:
                states[stage.key] = "done"
    return states


def _row(step: Step, y: int, locked: set[str], states: Mapping[str, str]) -> Row:
    seats = sum(stage.votes for stage in step.stages if stage.decides)
    need = seats if step.need is None else min(step.need, seats)
    if len(step.stages) == 1:
        stage = step.stages[0]
        box = _box(stage, _EDGE, y, _BOX, need, stage.key in locked, states)
        return Row(step.key, step.name, y, box.height, (box,), False, bool(box.when), need, seats)
    conditions = _wrapped(step.when, _BOX)
    top = y + 34 + _LINE * len(conditions)
    width = (_BOX - 3 * 12) // 2
    boxes: list[Box] = []
    for at in range(0, len(step.stages), 2):
        pair = [
            _box(
                stage,
                _EDGE + 12 + beside * (width + 12),
                top,
                width,
                stage.votes,
                stage.key in locked,
                states,
            )
            for beside, stage in enumerate(step.stages[at : at + 2])
        ]
        tallest = max(one.height for one in pair)
        boxes += [_taller(one, tallest) for one in pair]
        top += tallest + 12
    return Row(
        step.key, step.name, y, top - y, tuple(boxes), True, step.when is not None, need, seats, conditions
    )


def _box(stage: Stage, x: int, y: int, width: int, need: int, locked: bool, states: Mapping[str, str]) -> Box:
    # 13 px of the face take 7.4 units a letter on the average; a lock takes three.
    lines = tuple(textwrap.wrap(stage.name, max(8, int((width - 24) / 7.4) - (3 if locked else 0)))) or ("",)
    conditions = _wrapped(stage.when, width)
    votes = 1 if stage.votes > 1 or not stage.decides else 0
    height = 20 + _LINE * (len(lines) + 2 + len(conditions) + votes)
    return Box(
        stage.key,
        x,
        y,
        width,
        height,
        stage.name,
        lines,
        stage.role,
        stage.deadline_days,
        stage.votes,
        need,
        conditions,
        locked,
        stage.decides,
        states.get(stage.key, ""),
    )


def _wrapped(condition: Any, width: int) -> tuple[str, ...]:
    return tuple(textwrap.wrap(condition.text, int((width - 50) / 6.6))) if condition is not None else ()


def _taller(box: Box, height: int) -> Box:
    return Box(**{**box.__dict__, "height": height})
