"""The year's figures against the chain of the case that approved them: whoever changes a verified score is named."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalogue.readiness.filling import SUBJECT
from catalogue.readiness.models import Score
from workflows.chains import Problem
from workflows.models import Case
from workflows.proof.registry import check_cases, check_kanwil
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


@check_kanwil
def strays(session: Session) -> Iterator[Problem]:
    """Verified figures that no approved assessment stands behind. One statement."""
    approved = select(Case.id).where(Case.subject_type == SUBJECT, Case.state == "approved")
    for one in session.scalars(select(Score.id).where(Score.case_id.not_in(approved))):
        yield Problem(
            "kanwil", "readiness_score", one, "Nilai kesiapan ini tidak punya kasus yang disetujui."
        )
