"""Inspections as officers read them: lists by what is to be done, one with its product; findings as an UPT has them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, func, or_, select

from catalogue.models import Product, Revision
from catalogue.oversight.checklist import items, told
from catalogue.oversight.errors import InspectionNotFound
from catalogue.oversight.inspecting import why_not
from catalogue.oversight.models import (
    DONE,
    DUE,
    INSPECTOR,
    UNDER_WAY,
    WAITING,
    Complaint,
    Finding,
    Inspection,
)
from catalogue.oversight.notices import label
from catalogue.publication import WITHDRAWN
from tenants.database import session as scoped_session
from tenants.errors import Invalid
from tenants.models import Upt
from tenants.officers import Actor
from tenants.said import say
from tenants.words import N_
from workflows.calendars import calendar_of
from workflows.deadlines import Calendar, in_words, urgency
from workflows.queries import BOUND, Page
from workflows.stages import Item

OVERDUE = "overdue"
TABS: dict[str, str] = {
    DUE: N_("Perlu diperiksa"),
    UNDER_WAY: N_("Sedang diperiksa"),
    WAITING: N_("Menunggu UPT"),
    OVERDUE: N_("Lewat batas"),
    DONE: N_("Selesai"),
}
KINDS: dict[str, str] = {"schedule": N_("berkala"), "spot": N_("sewaktu-waktu")}
OUTCOMES: dict[str, str] = {
    "nothing": N_("tidak ada temuan"),
    "correct": N_("ada temuan"),
    "suspend": N_("ditangguhkan"),
    "cancelled": N_("produk ditarik"),
}
LIMIT = 24
MOST = 100
EXPORTED = 5000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)


@dataclass(frozen=True)
class Filters:
    """What a list is narrowed to."""

    upt_id: int | None = None
    category: str | None = None


@dataclass(frozen=True)
class InspectionRow:
    """One inspection as a list, an export and the API show it. `deadline` is in words, "" when it is done."""

    id: int
    product_id: int
    title: str
    slug: str
    cover: dict[str, Any] | None
    upt: str
    upt_id: int
    category: str | None
    kind: str
    complained: bool
    state: str
    turn: str | None
    outcome: str | None
    revision: int
    inspector: str | None
    planned_on: date
    due_on: date
    due_at: datetime
    urgency: str
    deadline: str
    closed_at: datetime | None


@dataclass(frozen=True)
class FindingRow:
    """A finding with its date in words and whether it is late."""

    finding: Finding
    label: str
    deadline: str
    urgency: str
    title: str

    @property
    def is_settled(self) -> bool:
        return self.finding.settled_at is not None


@dataclass(frozen=True)
class InspectionView:
    """Everything a page or the API says of one inspection."""

    row: InspectionRow
    inspection: Inspection
    product: Product
    revision: Revision
    complaint: Complaint | None
    findings: list[FindingRow]
    calendar: Calendar

    def items(self) -> list[Item]:
        return items(self.revision.content)

    def told(self, item: Item) -> list[tuple[str, str]]:
        """What the published revision says about an item of the checklist."""
        return told(item, self.revision.content)

    def why_not(self, by: Actor) -> str | None:
        """Why `by` may not inspect this revision; None when he may."""
        if self.inspection.is_open and self.product.public_state == WITHDRAWN:
            return say(N_("Produk ini sudah ditarik; tidak ada lagi yang diperiksa."))
        return why_not(self.revision, by)


def inspections(
    tab: str = DUE,
    filters: Filters = Filters(),
    *,
    cursor: str | None = None,
    limit: int = LIMIT,
    now: datetime,
) -> Page[InspectionRow]:
    """The inspections of a tab, the most urgent first; of those done, the newest. One statement a page.

    Raises:
        Invalid: a tab or a cursor that there isn't.
    """
    session = scoped_session()
    size = max(1, min(limit, MOST))
    calendar = calendar_of(session)
    asked = _ordered(_narrowed(_asked(), tab, filters, now), tab).limit(size + 1)
    if cursor:
        at, last = _position(cursor)
        column = Inspection.closed_at if tab == DONE else Inspection.due_at
        after = column < at if tab == DONE else column > at
        beyond = Inspection.id < last if tab == DONE else Inspection.id > last
        asked = asked.where(or_(after, and_(column == at, beyond)))
    found = session.execute(asked).all()
    rows = [_row(one, calendar, now) for one in found[:size]]
    following = None
    if len(found) > size:
        last_one = found[size - 1][0]
        following = _cursor(last_one.closed_at if tab == DONE else last_one.due_at, last_one.id)
    return Page(rows, following)


def every(tab: str, filters: Filters, *, now: datetime) -> Iterator[InspectionRow]:
    """The inspections of a tab for an export, at most 5,000. One statement."""
    session = scoped_session()
    calendar = calendar_of(session)
    asked = _ordered(_narrowed(_asked(), tab, filters, now), tab).limit(EXPORTED)
    for one in session.execute(asked).all():
        yield _row(one, calendar, now)


def counts(filters: Filters, now: datetime) -> dict[str, int]:
    """How many each tab holds within the filters, bounded. One statement."""
    columns = [_count(_narrowed(select(Inspection.id), tab, filters, now)).label(tab) for tab in TABS]
    row = scoped_session().execute(select(*columns)).one()
    return {tab: int(getattr(row, tab)) for tab in TABS}


def waiting() -> int:
    """How many inspections wait for an inspector's next step, bounded: the number in the rail. One statement."""
    return int(scoped_session().scalar(select(waits())) or 0)


def waits() -> Any:
    """The same count as a part of a larger statement."""
    return _count(select(Inspection.id).where(Inspection.turn == INSPECTOR))


def inspection_view(inspection_id: int, *, now: datetime) -> InspectionView:
    """One inspection with its product, complaint and findings. Two statements.

    Raises:
        InspectionNotFound: there is none within the scope.
    """
    session = scoped_session()
    calendar = calendar_of(session)
    found = session.execute(
        _asked()
        .add_columns(Revision, Complaint)
        .join(Revision, (Revision.product_id == Product.id) & (Revision.no == Product.published_revision_no))
        .outerjoin(Complaint, Complaint.id == Inspection.complaint_id)
        .where(Inspection.id == inspection_id)
    ).first()
    if found is None:
        raise InspectionNotFound(N_("Pemeriksaan ini tidak ada."))
    inspection, product, _upt, revision, complaint = found
    rows = session.scalars(select(Finding).where(Finding.inspection_id == inspection_id).order_by(Finding.no))
    return InspectionView(
        row=_row(found, calendar, now),
        inspection=inspection,
        product=product,
        revision=revision,
        complaint=complaint,
        findings=[_finding(one, inspection.title, calendar, now) for one in rows],
        calendar=calendar,
    )


def of_product(product_id: int, *, now: datetime, limit: int = 5) -> list[InspectionRow]:
    """The newest inspections of a product. One statement."""
    session = scoped_session()
    calendar = calendar_of(session)
    asked = _asked().where(Inspection.product_id == product_id).order_by(Inspection.id.desc()).limit(limit)
    return [_row(one, calendar, now) for one in session.execute(asked).all()]


def inspection_of(finding_id: int) -> int:
    """The inspection that a finding belongs to. One statement.

    Raises:
        InspectionNotFound: there is none within the scope.
    """
    found = scoped_session().scalars(select(Finding.inspection_id).where(Finding.id == finding_id)).first()
    if found is None:
        raise InspectionNotFound(N_("Temuan ini tidak ada."))
    return found


def product_of(finding_id: int) -> int:
    """The product that a finding is about. One statement.

    Raises:
        InspectionNotFound: there is none within the scope.
    """
    found = scoped_session().scalars(select(Finding.product_id).where(Finding.id == finding_id)).first()
    if found is None:
        raise InspectionNotFound(N_("Temuan ini tidak ada."))
    return found


def open_findings(
    product_ids: Sequence[int] | None = None, *, now: datetime, limit: int = MOST
) -> list[FindingRow]:
    """The unsettled findings of these products, or of the whole scope, the nearest date first. One statement."""
    session = scoped_session()
    calendar = calendar_of(session)
    asked = (
        select(Finding, Inspection.title)
        .join(Inspection, Inspection.id == Finding.inspection_id)
        .where(Finding.settled_at.is_(None), Inspection.state == WAITING)
        .order_by(Finding.due_at, Finding.id)
        .limit(limit)
    )
    if product_ids is not None:
        asked = asked.where(Finding.product_id.in_(list(product_ids)))
    return [_finding(one, title, calendar, now) for one, title in session.execute(asked).all()]


def _asked() -> Any:
    return (
        select(Inspection, Product, Upt.short_name)
        .join(Product, Product.id == Inspection.product_id)
        .join(Upt, Upt.id == Inspection.upt_id)
    )


def _narrowed(asked: Select[Any], tab: str, filters: Filters, now: datetime) -> Select[Any]:
    if tab not in TABS:
        raise Invalid(fields={"state": say(N_("Salah satu dari %(tabs)s."), tabs=", ".join(TABS))})
    if tab == OVERDUE:
        asked = asked.where(Inspection.turn.is_not(None), Inspection.due_at <= now)
    else:
        asked = asked.where(Inspection.state == tab)
    if filters.upt_id is not None:
        asked = asked.where(Inspection.upt_id == filters.upt_id)
    if filters.category:
        asked = asked.where(Inspection.category == filters.category)
    return asked


def _ordered(asked: Select[Any], tab: str) -> Select[Any]:
    if tab == DONE:
        return asked.order_by(Inspection.closed_at.desc(), Inspection.id.desc())
    return asked.order_by(Inspection.due_at, Inspection.id)


def _count(asked: Select[Any]) -> Any:
    return select(func.count()).select_from(asked.limit(BOUND).subquery()).scalar_subquery()


def _row(found: Any, calendar: Calendar, now: datetime) -> InspectionRow:
    inspection, product, upt = found[:3]
    due = (inspection.due_at, inspection.due_on, now, calendar)
    done = inspection.state == DONE
    return InspectionRow(
        id=inspection.id,
        product_id=inspection.product_id,
        title=inspection.title,
        slug=product.slug,
        cover=product.cover,
        upt=upt,
        upt_id=inspection.upt_id,
        category=inspection.category,
        kind=inspection.kind,
        complained=inspection.complaint_id is not None,
        state=inspection.state,
        turn=inspection.turn,
        outcome=inspection.outcome,
        revision=inspection.revision_no,
        inspector=inspection.inspector_name,
        planned_on=inspection.planned_on,
        due_on=inspection.due_on,
        due_at=inspection.due_at,
        urgency="" if done else urgency(*due),
        deadline="" if done else in_words(*due),
        closed_at=inspection.closed_at,
    )


def _finding(finding: Finding, title: str, calendar: Calendar, now: datetime) -> FindingRow:
    due = (finding.due_at, finding.due_on, now, calendar)
    return FindingRow(finding, label(finding.field), in_words(*due), urgency(*due), title)


def _cursor(at: datetime, last: int) -> str:
    return f"{(at - _EPOCH) // _TICK}.{last}"


def _position(cursor: str) -> tuple[datetime, int]:
    at, _, last = cursor.partition(".")
    if not (at.isascii() and at.isdigit() and last.isascii() and last.isdigit() and len(cursor) < 30):
        raise Invalid(fields={"cursor": N_("Penanda halaman ini tidak dikenal.")})
    try:
        return _EPOCH + int(at) * _TICK, min(int(last), 2**31 - 1)
    except OverflowError:
        raise Invalid(fields={"cursor": N_("Penanda halaman ini tidak dikenal.")}) from None
