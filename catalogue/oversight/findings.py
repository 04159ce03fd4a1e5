"""A finding on its way: the UPT answers, the inspector settles it or extends its date once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalogue.errors import NotYourProduct
from catalogue.models import Product
from catalogue.oversight import notices as messages
from catalogue.oversight.errors import FindingNotFound, InspectionIncomplete, InspectionMoved
from catalogue.oversight.inspecting import LONGEST_TEXT, end_of, is_near, locked, may_inspect, read_day
from catalogue.oversight.models import ANSWERED, DONE, INSPECTOR, SETTLED, UPT, Finding, Inspection
from catalogue.publication import SUSPENDED
from tenants.clock import local_day
from tenants.database import session as scoped_session
from tenants.database import transaction
from tenants.idempotency import once
from tenants.officers import Actor
from tenants.said import say
from tenants.words import N_
from workflows import audit, notices
from workflows.calendars import calendar_of
from workflows.proof.whole import sealed
from workflows.stages import clean


class _Held(NamedTuple):
    """A finding under the lock of its inspection."""

    finding: Finding
    inspection: Inspection
    product: Product
    all: list[Finding]


def answer(finding_id: int, text: str, *, by: Actor, now: datetime, key: str | None = None) -> Finding:
    """What the UPT says to a finding; it may be said anew until the finding is settled.

    Raises:
        FindingNotFound: there is none within the scope.
        NotYourProduct: `by` is no operator of the UPT.
        InspectionIncomplete: nothing was written, or too much.
        InspectionMoved: it is settled already.
    """
    if by.upt_id is None or not by.has("operator_upt"):
        raise NotYourProduct(N_("Temuan dijawab oleh operator UPT."))
    return _once(
        key, f"finding.answer:{finding_id}", finding_id, lambda: _answered(finding_id, text, by, now), text
    )


def settle(finding_id: int, *, by: Actor, now: datetime, key: str | None = None) -> Finding:
    """Tick a finding off; with the last one the inspection is done. A second time changes nothing.

    Raises:
        FindingNotFound: there is none within the scope.
        NotAnInspector, InspectorInvolved: `by` may not inspect the product.
        InspectionMoved: the inspection was closed meanwhile.
    """
    return _once(key, f"finding.settle:{finding_id}", finding_id, lambda: _settled(finding_id, by, now), None)


def extend(
    finding_id: int, until: date | None, reason: str, *, by: Actor, now: datetime, key: str | None = None
) -> Finding:
    """Give a finding a later date, once, with a reason.

    Raises:
        FindingNotFound, NotAnInspector, InspectorInvolved: as `settle`.
        InspectionIncomplete: the day or the reason, by field (``until``, ``reason``).
        InspectionMoved: it is settled, was extended before, or its date has passed.
    """
    return _once(
        key,
        f"finding.extend:{finding_id}",
        finding_id,
        lambda: _extended(finding_id, until, reason, by, now),
        [until, reason],
    )


def _answered(finding_id: int, text: str, by: Actor, now: datetime) -> Finding:
    said = _words(text, "answer", say(N_("Tulis apa yang sudah atau akan diperbaiki.")))
    with transaction() as session:
        held = _held(session, finding_id)
        finding = held.finding
        _unsettled(held)
        if finding.answer == said and finding.answered_by == by.id:
            return finding  # a second click
        finding.answer, finding.state = said, ANSWERED
        finding.answered_at, finding.answered_by, finding.answered_by_name = now, by.id, by.name
        _follow(held)
        written = sealed(held.inspection, finding)
        payload = {
            "finding_id": finding.id,
            "inspection_id": finding.inspection_id,
            "answer": said,
            **written,
        }
        audit.record(f"case:{held.product.case_id}", "finding.answered", payload, by=by, now=now)
        notices.tell(session, messages.of_answer(held.inspection, finding), now)
        session.flush()
        return finding


def _settled(finding_id: int, by: Actor, now: datetime) -> Finding:
    with transaction() as session:
        held = _held(session, finding_id, by)
        finding, inspection = held.finding, held.inspection
        if finding.settled_at is not None:
            return finding
        _unsettled(held)
        finding.state, finding.settled_at, finding.settled_by_name = SETTLED, now, by.name
        _follow(held)
        last = all(one.settled_at is not None for one in held.all)
        if last:
            inspection.state, inspection.turn, inspection.closed_at = DONE, None, now
        written = sealed(inspection, finding)
        payload = {"finding_id": finding.id, "inspection_id": inspection.id, "done": last, **written}
        audit.record(f"case:{held.product.case_id}", "finding.settled", payload, by=by, now=now)
        suspended = last and held.product.public_state == SUSPENDED
        notices.tell(session, messages.of_settling(inspection, finding, suspended), now)
        session.flush()
        return finding


def _extended(finding_id: int, until: date | None, reason: str, by: Actor, now: datetime) -> Finding:
    with transaction() as session:
        held = _held(session, finding_id, by)
        finding, inspection = held.finding, held.inspection
        _unsettled(held)
        if finding.lapsed_at is not None or finding.due_at <= now:
            raise InspectionMoved(N_("Batasnya sudah lewat, jadi tidak dapat diperpanjang lagi."))
        if finding.extended_at is not None:
            raise InspectionMoved(N_("Batas ini sudah pernah diperpanjang; hanya sekali."))
        calendar = calendar_of(session)
        wrong = {}
        today = local_day(now, calendar.timezone)
        day = read_day(until, calendar, max(today, finding.due_on))
        if day is not None:
            wrong["until"] = day
        why = ""
        try:
            why = _words(reason, "reason", say(N_("Tulis alasannya.")))
        except InspectionIncomplete as error:
            wrong |= error.fields
        if wrong or until is None:
            raise InspectionIncomplete(fields=wrong)
        before = finding.due_on
        finding.due_on, finding.due_at = until, end_of(until, calendar)
        finding.extended_at, finding.extended_by_name, finding.extension_reason = now, by.name, why
        finding.reminded_at = now if is_near(until, calendar, now) else None
        _follow(held)
        payload = {
            "finding_id": finding.id,
            "inspection_id": inspection.id,
            "before": before.isoformat(),
            "until": until.isoformat(),
            "reason": why,
            **sealed(inspection, finding),
        }
        audit.record(f"case:{held.product.case_id}", "finding.extended", payload, by=by, now=now)
        notices.tell(session, messages.of_extension(inspection, finding), now)
        session.flush()
        return finding


def _held(session: Session, finding_id: int, by: Actor | None = None) -> _Held:
    """A finding, read under the lock of its inspection; an inspector `by` is asked for four eyes."""
    inspection_id = session.scalars(select(Finding.inspection_id).where(Finding.id == finding_id)).first()
    if inspection_id is None:
        raise FindingNotFound(N_("Temuan ini tidak ada."))
    subject = locked(session, inspection_id)
    if by is not None:
        may_inspect(subject.revision, by)
    found = list(
        session.scalars(
            select(Finding)
            .where(Finding.inspection_id == inspection_id)
            .order_by(Finding.no)
            .execution_options(populate_existing=True)
        )
    )
    own = next(one for one in found if one.id == finding_id)
    return _Held(own, subject.inspection, subject.product, found)


def _unsettled(held: _Held) -> None:
    if held.finding.settled_at is not None:
        raise InspectionMoved(N_("Temuan ini sudah dinyatakan selesai."))
    if held.inspection.state == DONE:
        raise InspectionMoved(N_("Pemeriksaan ini sudah ditutup."))


def _follow(held: _Held) -> None:
    """The inspection after one of its findings changed: whose turn it is, and by when."""
    left = [one for one in held.all if one.settled_at is None]
    held.inspection.version += 1
    if left:
        held.inspection.turn = INSPECTOR if any(one.state == ANSWERED for one in left) else UPT
        nearest = min(left, key=lambda one: one.due_at)
        held.inspection.due_at, held.inspection.due_on = nearest.due_at, nearest.due_on


def _words(text: str, name: str, missing: str) -> str:
    try:
        said = clean(text if isinstance(text, str) else "", LONGEST_TEXT)
    except ValueError as error:
        raise InspectionIncomplete(fields={name: str(error)}) from None
    if not said:
        raise InspectionIncomplete(fields={name: missing})
    return said


def _once(
    key: str | None, operation: str, finding_id: int, act: Callable[[], Finding], content: Any
) -> Finding:
    done, _ = once(
        key,
        operation,
        act,
        lambda _: finding_id,
        lambda id_: scoped_session().scalars(select(Finding).where(Finding.id == id_)).one(),
        content=content,
    )
    return done
