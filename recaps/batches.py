"""Many signatures in one act: what waits for an officer, and what came of each. The acts themselves are
`signing.request_signatures` and `receiving.request_acknowledgements`.

Nothing is kept of a round: every recap says itself whether it is signed, under way, or why not, and a page names the
recaps it asks after.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from recaps.errors import NoSuchRecap
from recaps.models import DELIVERED, IN_REVIEW, SIGNED, Recap
from recaps.queries import Row, cut_off, recap_row, recap_rows
from recaps.signing import MOST, STAGE
from tenants import database
from tenants.database import session
from tenants.officers import Actor
from tenants.said import say
from tenants.words import N_
from workflows.decisions import why_not
from workflows.definitions import definition_of
from workflows.models import Case

DONE, WORKING, FAILED, WAITING = "done", "working", "failed", "waiting"


@dataclass(frozen=True)
class Waiting:
    """A recap that waits for a signature; `why_not`: in words, why it can't be given now."""

    row: Row
    why_not: str | None = None


@dataclass(frozen=True)
class Outcome:
    """What came of one: `state` is ``done``, ``working``, ``failed`` (`why`) or ``waiting``."""

    row: Row
    state: str
    why: str = ""


def to_sign(by: Actor) -> list[Waiting]:
    """The recaps that stand at the signing stage, the oldest period first, at most `MOST`. Two statements."""
    here = session()
    asked = (
        recap_rows()
        .where(Recap.state == IN_REVIEW, Case.stage_key == STAGE)
        .add_columns(Case)
        .order_by(Recap.period_from, Recap.id)
        .limit(MOST)
    )
    found = [(recap_row(*one[:4]), one[4]) for one in here.execute(asked)]
    definitions = definition_of(here, {case.definition_id for _, case in found}) if found else {}
    return [
        Waiting(
            row,
            "sedang ditandatangani"
            if row.is_working
            else why_not(case, definitions[case.definition_id], [], by),
        )
        for row, case in found
    ]


def to_receive() -> list[Waiting]:
    """The recaps that wait for the Dirjen's receipt, the oldest first, at most `MOST`. One statement."""
    asked = recap_rows().where(Recap.state == DELIVERED).order_by(Recap.delivered_at, Recap.id).limit(MOST)
    with database.national("tanda terima banyak rekap") as reader:
        found = [recap_row(*one) for one in reader.execute(asked)]
    return [Waiting(row, "sedang dibubuhkan" if row.is_working else None) for row in found]


def outcomes(recap_ids: Sequence[int], *, by: Actor) -> list[Outcome]:
    """What came of each of these, in the order of their numbers. One statement.

    Raises:
        NoSuchRecap: none named, too many, or one is not within reach.
    """
    wanted = sorted(set(recap_ids))
    if not 0 < len(wanted) <= MOST:
        raise NoSuchRecap()
    asked = recap_rows().where(Recap.id.in_(wanted)).order_by(Recap.id)
    if by.tenant_id is None:
        with database.national("tanda terima banyak rekap") as reader:
            found = list(reader.execute(asked.where(Recap.state.in_(SIGNED))))
    else:
        found = list(session().execute(asked.execution_options(populate_existing=True)))
    if len(found) != len(wanted):
        raise NoSuchRecap()
    return [_outcome(recap_row(*one), by) for one in found]


def _outcome(row: Row, by: Actor) -> Outcome:
    recap = row.recap
    if (recap.acknowledged_at if by.tenant_id is None else recap.signed_at) is not None:
        return Outcome(row, DONE)
    if recap.problem:
        return Outcome(row, FAILED, recap.problem)
    if row.is_working:
        return Outcome(row, WORKING)
    if cut_off(recap):
        return Outcome(
            row, FAILED, say(N_("Tanda tangan yang diminta tidak selesai; tidak ada yang berubah."))
        )
    return Outcome(row, WAITING, say(N_("Belum diminta.")))
