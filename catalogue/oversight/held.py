"""Inspections, findings and complaints against the chains of their product's cases."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from catalogue.oversight.models import Complaint, Finding, Inspection
from workflows.chains import Problem
from workflows.models import Case
from workflows.proof.registry import check_cases
from workflows.proof.whole import Held, compare, hold

SUBJECT: Final = "product"
_OPENED: Final = {"inspection.planned": "inspection_id", "inspection.opened": "inspection_id"}
_MOVED: Final = ("finding.answered", "finding.settled", "finding.extended", "finding.lapsed")
HELD: Final = (
    hold(
        Held(
            Inspection,
            _OPENED,
            also=("inspection.begun", "inspection.concluded", "inspection.closed", *_MOVED),
        )
    ),
    hold(
        Held(
            Finding,
            {"inspection.concluded": "inspection_id"},
            also=_MOVED,
            named="inspection_id",
            free=("reminded_at",),
        )
    ),
    hold(Held(Complaint, {"inspection.opened": "complaint_id"})),
)


@check_cases
def check(session: Session, cases: Sequence[Case]) -> Iterator[Problem]:
    """What is wrong with the inspections of these cases' products. Five statements."""
    ids = sorted({case.subject_id for case in cases if case.subject_type == SUBJECT})
    if not ids:
        return
    about = and_(Case.subject_type == SUBJECT, Case.subject_id.in_(ids))
    chains = [f"case:{one}" for one in session.scalars(select(Case.id).where(about).order_by(Case.id))]
    yield from compare(session, HELD, lambda held: held.model.product_id.in_(ids), chains)
