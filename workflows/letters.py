"""The letters that lend roles (Plh. and Plt.), against the Kanwil's chain: who stood in for whom stays told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sqlalchemy.orm import Session

from tenants.models import Substitution
from workflows.chains import Problem
from workflows.proof.registry import check_kanwil
from workflows.proof.whole import Held, compare, hold

LETTER: Final = hold(
    Held(Substitution, {"substitute.appointed": "substitution"}, also=("substitute.revoked",))
)


@check_kanwil
def check(session: Session) -> Iterator[Problem]:
    """What is wrong with the Kanwil's letters. Two statements."""
    yield from compare(session, [LETTER], lambda _: Substitution.id.is_not(None), ["kanwil"])
