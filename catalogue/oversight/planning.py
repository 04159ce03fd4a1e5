"""Opening inspections: by the calendar, some months after publication or the last inspection; and spot checks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from catalogue.errors import ProductMoved, ProductNotFound
from catalogue.models import Product
from catalogue.oversight import notices as messages
from catalogue.oversight.errors import InspectionIncomplete, InspectionMoved, NotAnInspector
from catalogue.oversight.models import (
    DONE,
    DUE,
    INSPECTOR,
    SCHEDULE,
    SPOT,
    UNDER_WAY,
    Complaint,
    Inspection,
)
from catalogue.publication import PUBLISHED, WITHDRAWN
from tenants.clock import local_day
from tenants.database import session as scoped_session
from tenants.database import transaction
from tenants.idempotency import once
from tenants.jobs import alone_in, every_tenant, scheduled
from tenants.models import KanwilSettings
from tenants.officers import Actor
from tenants.said import say
from tenants.words import N_, date_id
from workflows import audit, notices
from workflows.calendars import calendar_of
from workflows.deadlines import due
from workflows.models import Case
from workflows.proof.whole import sealed
from workflows.stages import clean

BATCH = 200
DEFAULT_MONTHS = 6
DAYS_FOR_PLANNED = 10
"""Working days in which a planned inspection is to be carried out."""
DAYS_FOR_SPOT = 3
LONGEST_TEXT = 2000
LONGEST_SOURCE = 200


@scheduled("30 18 * * *", "inspections.plan")
def nightly(planned: datetime) -> None:
    """Plan what is due in every Kanwil, and close what was withdrawn. Once a night (01.30 in Jakarta)."""
    for scope in every_tenant():
        with alone_in(scope):
            while plan(planned) == BATCH:
                pass
            while close_withdrawn(planned) == BATCH:
                pass


def plan(now: datetime) -> int:
    """Open an inspection for each published product whose last one, or publication, is long enough ago.

    Returns how many, at most a batch. Running it again, also after it was killed, plans nothing twice: a product with
    an open inspection is passed over, and the settings' row keeps two planners apart.
    """
    with transaction() as session:
        months = session.scalars(select(KanwilSettings.inspection_months).with_for_update()).first()
        calendar = calendar_of(session)
        today = local_day(now, calendar.timezone)
        before = months_before(today, DEFAULT_MONTHS if months is None else months)
        since = datetime.combine(before + timedelta(days=1), time(), ZoneInfo(calendar.timezone))
        held = select(Inspection.id).where(
            Inspection.product_id == Product.id,
            or_(Inspection.state != DONE, Inspection.concluded_at >= since),
        )
        products = session.scalars(
            select(Product)
            .where(Product.public_state == PUBLISHED, Product.published_at < since, ~held.exists())
            .order_by(Product.published_at, Product.id)
            .limit(BATCH)
        ).all()
        if not products:
            return 0
        due_at, due_on = due(now, DAYS_FOR_PLANNED, calendar.timezone, calendar.days_off)
        opened = [_opened(product, SCHEDULE, today, due_at, due_on, now) for product in products]
        session.add_all(opened)
        session.flush()
        cases = _cases(session, [product.case_id for product in products])
        for product, inspection in zip(products, opened, strict=True):
            payload = {
                "inspection_id": inspection.id,
                "product_id": product.id,
                "planned_on": today.isoformat(),
                **sealed(inspection),
            }
            audit.link_case(session, cases[product.case_id], "inspection.planned", payload, by=None, now=now)
        session.flush()
        notices.tell(session, messages.of_planning(len(opened), opened[0].title), now)
        return len(opened)


def close_withdrawn(now: datetime) -> int:
    """Close the inspections of products that were withdrawn meanwhile; returns how many, at most a batch."""
    with transaction() as session:
        found = session.execute(
            select(Inspection, Product.case_id)
            .join(Product, Product.id == Inspection.product_id)
            .where(Inspection.turn.is_not(None), Product.public_state == WITHDRAWN)
            .order_by(Inspection.due_at, Inspection.id)
            .limit(BATCH)
            .with_for_update(of=Inspection, skip_locked=True)
            .execution_options(populate_existing=True)
        ).all()
        cases = _cases(session, [case_id for _, case_id in found])
        for inspection, case_id in found:
            inspection.outcome = inspection.outcome or "cancelled"
            inspection.state, inspection.turn, inspection.closed_at = DONE, None, now
            inspection.version += 1
            payload = {"inspection_id": inspection.id, "reason": WITHDRAWN, **sealed(inspection)}
            audit.link_case(session, cases[case_id], "inspection.closed", payload, by=None, now=now)
        session.flush()
        return len(found)


def spot_check(
    product_id: int,
    *,
    complaint: Mapping[str, Any] | None = None,
    by: Actor,
    now: datetime,
    key: str | None = None,
) -> Inspection:
    """Open an inspection of a published product now; `complaint` is `{source, text, received_on}`, the day ISO.

    One transaction; the same `key` gives the same inspection.

    Raises:
        NotAnInspector: `by` is none of pembina, pemantau, pengendali.
        InspectionIncomplete: the complaint lacks its source, text or day.
        ProductNotFound: there is none within the scope.
        ProductMoved: it isn't published.
        InspectionMoved: without a complaint, while one waits to be carried out already.
    """
    if not by.has(*messages.INSPECTORS):
        raise NotAnInspector()
    given = (
        dict(complaint)
        if complaint and any(str(value or "").strip() for value in complaint.values())
        else None
    )
    made, _ = once(
        key,
        f"inspection.open:{product_id}",
        lambda: _spot_check(product_id, given, by, now),
        lambda inspection: inspection.id,
        lambda id_: scoped_session().scalars(select(Inspection).where(Inspection.id == id_)).one(),
        content=given,
    )
    return made


def months_before(day: date, months: int) -> date:
    """The same day so many months earlier; the last of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    first_of_next = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    return min(date(year, month + 1, 1) + timedelta(days=day.day - 1), first_of_next - timedelta(days=1))


def _spot_check(product_id: int, given: dict[str, Any] | None, by: Actor, now: datetime) -> Inspection:
    with transaction() as session:
        calendar = calendar_of(session)
        today = local_day(now, calendar.timezone)
        said = _complaint(given, today) if given is not None else None
        product = session.scalars(
            select(Product)
            .where(Product.id == product_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        ).first()
        if product is None:
            raise ProductNotFound(N_("Produk ini tidak ada."))
        if product.public_state != PUBLISHED:
            raise ProductMoved(
                N_("Hanya produk yang terbit yang diperiksa."), detail={"state": product.state}
            )
        if said is None:
            open_one = session.scalars(
                select(Inspection.id)
                .where(Inspection.product_id == product_id, Inspection.state.in_((DUE, UNDER_WAY)))
                .limit(1)
            ).first()
            if open_one is not None:
                raise InspectionMoved(
                    N_("Produk ini sudah menunggu diperiksa. Lanjutkan pemeriksaan itu."),
                    detail={"inspection": open_one},
                )
        due_at, due_on = due(now, DAYS_FOR_SPOT, calendar.timezone, calendar.days_off)
        inspection = _opened(product, SPOT, today, due_at, due_on, now)
        inspection.opened_by, inspection.opened_by_name = by.id, by.name
        written: list[Any] = [inspection]
        if said is not None:
            complaint = Complaint(
                product_id=product_id, recorded_by=by.id, recorded_by_name=by.name, created_at=now, **said
            )
            session.add(complaint)
            session.flush()
            inspection.complaint_id = complaint.id
            written.append(complaint)
        session.add(inspection)
        session.flush()
        payload = {
            "inspection_id": inspection.id,
            "product_id": product_id,
            "complaint_id": inspection.complaint_id,
            **sealed(*written),
        }
        audit.record(f"case:{product.case_id}", "inspection.opened", payload, by=by, now=now)
        notices.tell(session, messages.of_spot_check(inspection, by.name, said is not None), now)
        session.flush()
        return inspection


def _complaint(given: Mapping[str, Any], today: date) -> dict[str, Any]:
    """A complaint in its types."""
    wrong: dict[str, str] = {}
    read: dict[str, Any] = {}
    for name, longest, words in (
        ("source", LONGEST_SOURCE, say(N_("Tulis siapa yang mengadu, misalnya pembeli atau dinas."))),
        ("text", LONGEST_TEXT, say(N_("Tulis isi pengaduannya."))),
    ):
        value = given.get(name) or ""
        try:
            read[name] = clean(value if isinstance(value, str) else "", longest)
        except ValueError as error:
            wrong[name] = str(error)
            continue
        if not read[name]:
            wrong[name] = words
    try:
        read["received_on"] = date.fromisoformat(str(given.get("received_on") or today.isoformat()))
    except ValueError:
        wrong["received_on"] = N_("Tulis tanggalnya.")
    else:
        if read["received_on"] > today:
            wrong["received_on"] = say(N_("Paling akhir hari ini, %(day)s."), day=date_id(today))
    if wrong:
        raise InspectionIncomplete(fields=wrong)
    return read


def _opened(
    product: Product, kind: str, today: date, due_at: datetime, due_on: date, now: datetime
) -> Inspection:
    return Inspection(
        product_id=product.id,
        upt_id=product.upt_id,
        title=product.name,
        category=product.category,
        revision_no=product.published_revision_no or product.revision_no,
        kind=kind,
        state=DUE,
        turn=INSPECTOR,
        planned_on=today,
        due_at=due_at,
        due_on=due_on,
        created_at=now,
        answers={},
        version=1,
    )


def _cases(session: Session, ids: list[int | None]) -> dict[int | None, Case]:
    """The products' cases, locked, for their chains of the audit. One statement."""
    if not ids:
        return {}
    found = session.scalars(
        select(Case)
        .where(Case.id.in_([id_ for id_ in ids if id_ is not None]))
        .order_by(Case.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {case.id: case for case in found}
