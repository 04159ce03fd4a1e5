"""What other rooms know of a proof: checks of their own rows, and anchors that lie outside the chains.

A check is given cases and yields what does not fit between them and its room's rows; a check of the Kanwil looks at
what has no case. An anchor is a signed document that says where chains stood: whoever rewrites a chain from its
beginning, consistently, is found out by it alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from workflows.chains import Problem
from workflows.merkle import Head
from workflows.models import Case


@dataclass(frozen=True)
class Anchor:
    """A signed document: what it is called, the heads it carries, the root it prints. `problem`: why it can't be
    used as one."""

    name: str
    table: str
    row_id: int | None
    heads: Sequence[Head] = field(default_factory=tuple)
    root: str | None = None
    problem: str = ""


CaseCheck = Callable[[Session, Sequence[Case]], Iterable[Problem]]
KanwilCheck = Callable[[Session], Iterable[Problem]]
Anchors = Callable[[Session, set[str] | None], Iterable[Anchor]]

case_checks: list[CaseCheck] = []
kanwil_checks: list[KanwilCheck] = []
anchors: list[Anchors] = []


def check_cases(check: CaseCheck) -> CaseCheck:
    """Have every verified case checked by this too."""
    case_checks.append(check)
    return check


def check_kanwil(check: KanwilCheck) -> KanwilCheck:
    """Have the Kanwil checked by this when all of it is verified."""
    kanwil_checks.append(check)
    return check


def anchored_by(source: Anchors) -> Anchors:
    """Hold the chains against these documents. The source is given the chains in question, or None for all: it may
    leave out documents that name none of them."""
    anchors.append(source)
    return source
