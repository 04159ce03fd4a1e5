"""Who has a case before him right now, and whether it moved under him: what an open page asks every few seconds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tenants.database import session as scoped_session
from tenants.database import transaction
from tenants.officers import Actor
from tenants.said import say
from tenants.words import N_
from workflows.calendars import calendar_of
from workflows.desk.holds import words_of
from workflows.desk.models import CaseHold, CaseViewer
from workflows.errors import NoSuchCase
from workflows.models import Case, Decision
from workflows.subjects import subject_type

LAPSES = timedelta(seconds=45)
DONE = {
    "approve": N_("Kasus ini baru saja disetujui oleh %(officer)s (%(role)s)"),
    "return": N_("Kasus ini baru saja dikembalikan oleh %(officer)s (%(role)s)"),
    "reject": N_("Kasus ini baru saja ditolak oleh %(officer)s (%(role)s)"),
    "opinion": N_("Pendapat atas kasus ini baru saja diberikan oleh %(officer)s (%(role)s)"),
}


@dataclass(frozen=True)
class Around:
    """What happens around a case: who else looks at it, who holds it, and why the page is out of date (or None)."""

    viewers: list[str]
    held: str | None
    moved: str | None


def around(case_id: int, *, by: Actor, now: datetime, version: int | None = None) -> Around:
    """What an officer should know while he has a case at `version` before him. An officer of the Kanwil is noted as
    looking at it and hears who else is; a UPT's is not and does not. At most four statements.

    Raises:
        NoSuchCase: there is none within the scope, or its subject hides it from `by`.
    """
    session = scoped_session()
    row = session.execute(
        select(Case, Decision, CaseHold)
        .outerjoin(Decision, and_(Decision.case_id == Case.id))
        .outerjoin(
            CaseHold,
            and_(
                CaseHold.case_id == Case.id,
                CaseHold.step_no == Case.step_no,
                CaseHold.officer_id != by.id,
                or_(CaseHold.until_at.is_(None), CaseHold.until_at > now),
            ),
        )
        .where(Case.id == case_id)
        .order_by(Decision.stage_no.desc())
        .limit(1)
    ).first()
    if row is None or not subject_type(row[0].subject_type).may_view(by, row[0]):
        raise NoSuchCase()
    case, last, hold = row
    moved = _moved(case, last, version)
    held = None
    if hold is not None and case.is_open:
        zone = calendar_of(session).timezone
        held = words_of(hold.kind, hold.officer_name, hold.until_at, now, zone)
    if by.upt_id is not None:
        return Around([], held, moved)
    asked = (
        select(CaseViewer.officer_name, CaseViewer.office)
        .where(
            CaseViewer.case_id == case_id, CaseViewer.officer_id != by.id, CaseViewer.seen_at > now - LAPSES
        )
        .order_by(CaseViewer.officer_name)
        .limit(5)
    )
    with transaction() as writing:
        _seen(writing, case_id, by, now)
        viewers = [f"{name} ({office})" if office else name for name, office in writing.execute(asked)]
    return Around(viewers, held, moved)


def _moved(case: Case, last: Decision | None, version: int | None) -> str | None:
    """Why a page that shows `version` is out of date. Votes beside one's own move the version and nothing else."""
    if version is None or (case.is_open and case.version - (case.stage_no - case.step_no) <= version):
        return None
    if not case.is_open and version == case.version:
        return None
    if case.state == "withdrawn":
        return say(N_("Kasus ini baru saja ditarik oleh pengajunya"))
    if last is None:
        return say(N_("Kasus ini baru saja berubah"))
    return say(DONE[last.outcome], officer=last.officer_name, role=last.acting_as)


def _seen(session: Session, case_id: int, by: Actor, now: datetime) -> None:
    again = (
        update(CaseViewer)
        .where(CaseViewer.case_id == case_id, CaseViewer.officer_id == by.id)
        .values(seen_at=now)
        .execution_options(synchronize_session=False)
    )
    if session.execute(again).rowcount:  # type: ignore[attr-defined]
        return
    row = CaseViewer(
        case_id=case_id, officer_id=by.id, officer_name=by.name[:200], office=by.office[:160], seen_at=now
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:  # the same officer's other window was faster
        return
