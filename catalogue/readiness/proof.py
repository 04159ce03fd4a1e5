"""The year's figures against the chain of the case that approved them: whoever changes a verified score is named."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from sqlalchemy.orm import Session

from catalogue.readiness.filling import SUBJECT
from catalogue.readiness.models import Score
from workflows.chains import Problem
from workflows.models import Case
from workflows.proof.registry import check_cases
from workflows.proof.whole import Held, compare, hold

HELD: Final = (hold(Held(Score, {"readiness.scored": "score_id"})),)


@check_cases
def check(session: Session, cases: Sequence[Case]) -> Iterator[Problem]:
    """What is wrong with the figures that these cases led to. Two statements, none without such a case."""
    own = [case for case in cases if case.subject_type == SUBJECT]
    if own:
        ids = [case.id for case in own]
        yield from compare(
            session, HELD, lambda held: held.model.case_id.in_(ids), [case.chain for case in own]
        )
