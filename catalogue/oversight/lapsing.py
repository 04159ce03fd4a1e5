"""What the clock does to findings: a reminder three working days before, a suspension when the date has passed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from catalogue.drafts import locked as locked_product
from catalogue.oversight import notices as messages
from catalogue.oversight.inspecting import REMIND_DAYS
from catalogue.oversight.models import WAITING, Finding, Inspection
from catalogue.publication import PUBLISHED, carry_out
from tenants.database import transaction
from tenants.jobs import alone_in, every_tenant, scheduled
from tenants.said import say
from tenants.words import N_, date_id
from workflows import audit, notices
from workflows.calendars import calendar_of
from workflows.deadlines import due
from workflows.proof.whole import sealed

BATCH = 200


@scheduled("20 * * * *", "findings.due")
def hourly(planned: datetime) -> None:
    """Remind and suspend in every Kanwil. Once an hour."""
    for scope in every_tenant():
        with alone_in(scope):
            while lapse(planned):
                pass
            while remind(planned) == BATCH:
                pass


def lapse(now: datetime) -> bool:
    """Take one product off the shelf whose findings weren't settled by their date; False when there is none.

    One transaction a product, so that what was done before a crash stays done, and what wasn't is done by the next run.
    A product that isn't on the shelf any more is left as it is; its findings are marked all the same.
    """
    with transaction() as session:
        found = session.execute(
            select(Finding.inspection_id, Finding.product_id)
            .join(Inspection, Inspection.id == Finding.inspection_id)
            .where(
                Finding.settled_at.is_(None),
                Finding.lapsed_at.is_(None),
                Finding.due_at <= now,
                Inspection.state == WAITING,
            )
            .order_by(Finding.due_at, Finding.id)
            .limit(1)
        ).first()
        if found is None:
            return False
        # The same order as everybody's: the inspection, its findings, the product, the case.
        inspection = session.scalars(
            select(Inspection)
            .where(Inspection.id == found.inspection_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        ).one()
        findings = session.scalars(
            select(Finding)
            .where(
                Finding.inspection_id == inspection.id,
                Finding.settled_at.is_(None),
                Finding.lapsed_at.is_(None),
                Finding.due_at <= now,
            )
            .order_by(Finding.no)
            .execution_options(populate_existing=True)
        ).all()
        if not findings:
            return True  # somebody settled or extended them while we waited
        product, _ = locked_product(session, inspection.product_id)
        until = max(one.due_on for one in findings)
        for one in findings:
            one.lapsed_at = now
        inspection.version += 1
        payload = {
            "inspection_id": inspection.id,
            "findings": [one.id for one in findings],
            "due_on": until.isoformat(),
            "automatic": True,
            **sealed(inspection, *findings),
        }
        audit.record(f"case:{product.case_id}", "finding.lapsed", payload, by=None, now=now)
        if product.public_state == PUBLISHED:
            names = ", ".join(dict.fromkeys(messages.label(one.field).lower() for one in findings))
            why = say(
                N_("Temuan pengawasan belum diperbaiki sampai %(day)s: %(names)s."),
                day=date_id(until),
                names=names,
            )
            carry_out(session, product.id, "suspend", why, by=None, now=now)
            notices.tell(session, messages.of_lapse(inspection, until), now)
        session.flush()
        return True


def remind(now: datetime) -> int:
    """Call findings to mind whose date is near, each once; returns how many, at most a batch."""
    with transaction() as session:
        calendar = calendar_of(session)
        horizon = due(now, REMIND_DAYS, calendar.timezone, calendar.days_off)[1]
        rows = session.execute(
            select(Finding, Inspection)
            .join(Inspection, Inspection.id == Finding.inspection_id)
            .where(
                Finding.settled_at.is_(None),
                Finding.reminded_at.is_(None),
                Finding.due_at > now,
                Finding.due_on <= horizon,
                Inspection.state == WAITING,
            )
            .order_by(Finding.due_at, Finding.id)
            .limit(BATCH)
            .with_for_update(of=Finding, skip_locked=True)
            .execution_options(populate_existing=True)
        ).all()
        told = []
        for finding, inspection in rows:
            finding.reminded_at = now
            told += messages.of_reminder(inspection, finding)
        session.flush()
        notices.tell(session, told, now)
        return len(rows)
