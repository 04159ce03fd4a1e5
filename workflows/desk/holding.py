"""Taking a case, letting it go, handing it to somebody: an event of the case's chain each, its version untouched."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from tenants import database
from tenants.database import session as scoped_session
from tenants.database import transaction
from tenants.errors import Forbidden, Invalid
from tenants.models import Officer, Substitution
from tenants.officers import UPT_ROLES, Actor
from tenants.said import say
from tenants.scope import current
from tenants.substitutes import in_force, local_day
from tenants.words import N_
from workflows import audit, notices
from workflows.calendars import calendar_of
from workflows.decisions import Locked, Verdict, lock_case, seat
from workflows.desk.held import CLAIMED, HANDED, RELEASED
from workflows.desk.holds import holds_on, in_the_way, is_full, refusal
from workflows.desk.models import ASSIGNED, CLAIM, CaseHold
from workflows.errors import CaseMoved, FourEyes, NotYourStage
from workflows.models import Case
from workflows.proof.whole import sealed
from workflows.stages import Stage
from workflows.steps import Standing, standing
from workflows.subjects import subject_type


def claim(case_id: int, *, by: Actor, now: datetime, stage: str | None = None) -> CaseHold:
    """Take a seat of the open stage of a case, for as long as ``KARYA_CLAIM_MINUTES`` says or until it is decided.
    Taking what one holds already changes nothing.

    One transaction: the case locked (1 statement), the hold, the event, the case's head.

    Raises:
        NoSuchCase: there is none within the scope.
        CaseHeld: others hold all of its seats.
        CaseMoved, NotYourStage, FourEyes: as `decide`; what one may not decide one may not take.
    """
    with transaction() as session:
        at = lock_case(session, case_id, by)
        here, chosen = seat(session, at, Verdict("", stage=stage), by)
        counting = holds_on(at.holds, at.case, chosen.key, here.votes, now)
        own = next((one for one in counting if one.officer_id == by.id), None)
        if own is not None:
            return own
        held = in_the_way(counting, chosen, here.votes, by.id)
        if held is not None:
            raise refusal(held, now, calendar_of(session).timezone)
        until_at = now + timedelta(minutes=database.db.settings.claim_minutes)
        row = _put(session, at, chosen, CLAIM, by.id, by.name, until_at, now)
        payload = {
            "stage_key": chosen.key,
            "step_no": row.step_no,
            "until_at": until_at.isoformat(),
            **_who(by, chosen.role),
            **sealed(row),
        }
        audit.link_case(session, at.case, CLAIMED, payload, by=by.id, now=now)
        session.flush()
        return row


def release(case_id: int, *, by: Actor, now: datetime, stage: str | None = None) -> None:
    """Let a case go: one's own claim, or as the Kadiv whatever anybody holds. Nothing held: nothing happens.

    Raises:
        NoSuchCase: there is none within the scope.
        Forbidden: it is somebody else's, or was given by the Kadiv.
    """
    with transaction() as session:
        at = lock_case(session, case_id, by)
        here = standing(at.case, at.definition, at.decisions)
        if here is None:
            return
        keys = [one.key for one in here.open_stages() if stage in (None, one.key)]
        held = [one for key in keys for one in holds_on(at.holds, at.case, key, here.votes, now)]
        if not by.has("kadiv"):
            own = [one for one in held if one.officer_id == by.id]
            if held and not own:
                raise Forbidden(N_("Kasus ini dipegang petugas lain."))
            held = own
            if any(one.kind == ASSIGNED for one in held):
                raise Forbidden(
                    N_("Kepala Divisi menugaskan kasus ini kepada Anda; mintalah ia mengalihkannya.")
                )
        for one in held:
            _end(one, now)
            said = {"stage_key": one.stage_key, "held_by": one.officer_id, "by_name": by.name}
            payload = {**said, **sealed(one)}
            audit.link_case(session, at.case, RELEASED, payload, by=by.id, now=now)
        session.flush()


def assign(case_id: int, officer_id: int, *, by: Actor, now: datetime, stage: str | None = None) -> CaseHold:
    """Hand a seat of the open stage of a case to an officer who holds its role; it stays with him until decided or
    changed. He hears of it, and so does who had it: where no seat is free, one that was taken, else the first given.

    Raises:
        Forbidden: `by` is not the Kadiv.
        NoSuchCase: there is none within the scope.
        CaseMoved: it is closed, or not at this stage any more.
        Invalid: that officer does not hold the role, or may not decide this case (four eyes).
    """
    by.require("kadiv")
    with transaction() as session:
        at = lock_case(session, case_id, by)
        here, chosen = _open(at, stage)
        officer = next((one for one in holders(chosen.role, at.case, now) if one.id == officer_id), None)
        if officer is None:
            raise Invalid(
                fields={
                    "officer_id": say(N_("Pilih petugas yang memutuskan tahap %(name)s."), name=chosen.name)
                }
            )
        try:
            seat(session, at, Verdict("", stage=chosen.key), officer)
        except (FourEyes, NotYourStage):
            raise Invalid(
                fields={
                    "officer_id": say(
                        N_("%(name)s ikut menyusun atau sudah memutuskan kasus ini."), name=officer.name
                    )
                }
            ) from None
        counting = holds_on(at.holds, at.case, chosen.key, here.votes, now)
        held = next((one for one in counting if one.officer_id == officer_id), None)
        if held is not None and held.kind == ASSIGNED:
            return held
        if held is None and is_full(counting, chosen, here.votes):
            held = min(counting, key=lambda one: one.kind == ASSIGNED)
        before = held.officer_id if held else None
        if held is not None:
            _end(held, now)
        row = _put(session, at, chosen, ASSIGNED, officer.id, officer.name, None, now)
        payload = {
            "stage_key": chosen.key,
            "step_no": row.step_no,
            "officer_id": officer.id,
            "officer_name": officer.name,
            "held_by": before,
            **_who(by, "kadiv"),
            **sealed(*{one.id: one for one in (held, row) if one is not None}.values()),
        }
        audit.link_case(session, at.case, HANDED, payload, by=by.id, now=now)
        session.flush()
        notices.tell(session, _told(at.case, chosen, officer, before, by), now)
        return row


def holders(role: str, case: Case, now: datetime) -> list[Actor]:
    """The officers who may act in a role for this case, by name: in their own right or by letter. Two statements."""
    session = scoped_session()
    here = [Officer.tenant_id == current().tenant_id, Officer.active.is_(True)]
    if role in UPT_ROLES:
        here.append(Officer.upt_id == case.upt_id)
    own = session.execute(
        select(Officer.id, Officer.first_name, Officer.last_name)
        .where(*here, Officer.roles.any(name=role))
        .limit(200)
    ).all()
    today = local_day(now, calendar_of(session).timezone)
    lent = session.execute(
        select(Officer.id, Officer.first_name, Officer.last_name, Substitution)
        .join(Substitution, and_(Substitution.substitute_id == Officer.id))
        .where(*here, Substitution.role == role, Substitution.revoked_at.is_(None))
        .where(Substitution.from_on <= today, Substitution.until_on >= today)
        .where(or_(Substitution.upt_id.is_(None), Substitution.upt_id == case.upt_id))
        .limit(200)
    ).all()
    named = {row[0]: f"{row[1]} {row[2]}".strip() for row in own}
    named |= {row[0]: f"{row[1]} {row[2]}".strip() for row in lent if in_force(row[3], today)}
    return [
        Actor(id_, name, frozenset({role}), current().tenant_id, None, "")
        for id_, name in sorted(named.items(), key=lambda one: (one[1], one[0]))
    ]


def _open(at: Locked, stage: str | None) -> tuple[Standing, Stage]:
    here = standing(at.case, at.definition, at.decisions)
    opened = [one for one in here.open_stages() if stage in (None, one.key)] if here else []
    if here is None or not opened:
        raise CaseMoved(N_("Kasus ini tidak lagi berada pada tahap itu. Muat ulang halamannya."))
    return here, opened[0]


def _put(
    session: Session,
    at: Locked,
    stage: Stage,
    kind: str,
    officer_id: int,
    name: str,
    until_at: datetime | None,
    now: datetime,
) -> CaseHold:
    """The officer's one row of this stage, new or used again; the case is locked."""
    row = next((one for one in at.holds if one.stage_key == stage.key and one.officer_id == officer_id), None)
    if row is None:
        row = CaseHold(
            tenant_id=at.case.tenant_id, upt_id=at.case.upt_id, case_id=at.case.id, stage_key=stage.key
        )
        session.add(row)
    row.step_no, row.kind, row.officer_id, row.officer_name = at.case.step_no, kind, officer_id, name
    row.until_at, row.created_at = until_at, now
    session.flush()
    return row


def _end(hold: CaseHold, now: datetime) -> None:
    hold.until_at, hold.kind = now, CLAIM


def _who(by: Actor, role: str) -> dict[str, Any]:
    return {"by_name": by.name, "acting_as": by.title(role)}


def _told(case: Case, stage: Stage, officer: Actor, before: int | None, by: Actor) -> list[notices.Draft]:
    page = subject_type(case.subject_type).page(case)
    who = f"{by.name} ({by.title('kadiv')})"
    words = N_("%(who)s menugaskan tahap %(stage)s kepada %(officer)s.")
    given = say(words, who=who, stage=stage.name, officer=officer.name)
    title = say(N_("%(title)s: ditugaskan kepada Anda"), title=case.title)
    drafts = [notices.draft("case.assigned", title, given, page, officer_id=officer.id)]
    if before not in (None, officer.id):
        title = say(N_("%(title)s: dialihkan"), title=case.title)
        drafts.append(notices.draft("case.reassigned", title, given, page, officer_id=before))
    return drafts
