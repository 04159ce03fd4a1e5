"""Who holds a case, against what its chain says: a hold that still counts is there, and as it was given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from tenants import clock
from workflows.chains import Problem
from workflows.desk.models import CaseHold
from workflows.models import AuditEvent, Case
from workflows.proof.registry import check_cases
from workflows.proof.whole import Held, compare, hold

CLAIMED: Final = "case.claimed"
RELEASED: Final = "case.released"
HANDED: Final = "case.assigned"
_GIVEN: Final = {CLAIMED: "stage_key", HANDED: "stage_key"}
HOLD: Final = hold(Held(CaseHold, _GIVEN, also=(RELEASED,), named="stage_key"))


@check_cases
def check(session: Session, cases: Sequence[Case]) -> Iterator[Problem]:
    """What is wrong with the holds on these cases. Two statements."""
    now, by_chain = clock.now(), {case.chain: case for case in cases}

    def over(event: AuditEvent, payload: Mapping[str, Any]) -> bool:
        """Whether the hold counts no more, so that it may have been swept away."""
        case, until = by_chain[event.chain], payload.get("until_at")
        ended = isinstance(until, str) and datetime.fromisoformat(until) <= now
        return event.action == RELEASED or ended or not case.is_open or payload.get("step_no") != case.step_no

    which = Held(CaseHold, _GIVEN, also=HOLD.also, named=HOLD.named, gone=over)
    yield from compare(
        session, [which], lambda _: CaseHold.case_id.in_([case.id for case in cases]), list(by_chain)
    )
