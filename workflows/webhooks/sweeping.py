"""From the audit to deliveries: a cursor for each webhook, moved once a minute.

A decision writes nothing here and costs nothing more. Numbers of events are given before their transactions end, so
that a lower one can appear after a higher one was seen: the cursor therefore stays `OVERLAP` behind, and what lies
between is looked at again. An event becomes one delivery for each name it goes by, however often it is looked at: a
unique key holds that.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session, defer

from tenants import database
from tenants.database import session as scoped_session
from tenants.database import transaction
from tenants.jobs import alone_in, enqueue, every_tenant, scheduled
from tenants.models import Kanwil
from tenants.scope import current
from workflows.models import AuditEvent, Case
from workflows.subjects import subject_type
from workflows.webhooks.events import actions, names_of
from workflows.webhooks.models import DEAD, DELIVERED, WAITING, Delivery, Webhook
from workflows.webhooks.registering import forget_old_secrets

OVERLAP: Final = timedelta(minutes=10)
"""Longer than any transaction that writes a case's event."""
PAGE: Final = 500
KEEP_DELIVERED: Final = timedelta(days=30)
KEEP_DEAD: Final = timedelta(days=90)


@scheduled("* * * * *", "webhooks.sweep")
def sweep(planned: datetime) -> None:
    """Make deliveries of what happened in every Kanwil, and have what is due sent. Once a minute."""
    for scope in every_tenant():
        with alone_in(scope):
            if gather(planned) is not None:
                hand_over(planned)


@scheduled("35 19 * * *", "webhooks.prune")
def prune(planned: datetime) -> None:
    """Forget old deliveries, and secrets that hold no more. Every night."""
    for scope in every_tenant():
        with alone_in(scope):
            forget(planned)
            forget_old_secrets(planned)


def gather(now: datetime) -> int | None:
    """Write the deliveries of what happened since the last time; how many, or None without a webhook.

    Without a webhook one statement; with some, four and three for each.
    """
    if scoped_session().scalar(select(Webhook.id).where(Webhook.active).limit(1)) is None:
        return None
    made = 0
    with transaction() as session:
        kanwil = session.scalar(select(Kanwil.code).where(Kanwil.id == current().tenant_id)) or ""
        top = int(session.scalar(select(func.max(AuditEvent.id))) or 0)
        webhooks = session.scalars(
            select(Webhook)
            .where(Webhook.active)
            .order_by(Webhook.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        ).all()
        for webhook in webhooks:
            made += _gather_for(session, webhook, kanwil, now)
            if now - webhook.seen_at >= OVERLAP:
                webhook.after_event_id, webhook.seen_event_id, webhook.seen_at = (
                    webhook.seen_event_id,
                    max(top, webhook.seen_event_id),
                    now,
                )
        session.flush()
    return made


def _gather_for(session: Session, webhook: Webhook, kanwil: str, now: datetime) -> int:
    asked = select(Delivery.event_id, Delivery.event).where(
        Delivery.webhook_id == webhook.id, Delivery.event_id > webhook.after_event_id
    )
    known = {(event_id, name) for event_id, name in session.execute(asked)}
    made, place = 0, webhook.after_event_id
    while True:
        events = session.scalars(
            select(AuditEvent)
            .where(AuditEvent.id > place, AuditEvent.action.in_(actions()))
            .order_by(AuditEvent.id)
            .limit(PAGE)
        ).all()
        wanted = [
            (event, name, payload)
            for event in events
            for payload in [json.loads(event.payload)]
            for name in names_of(event.action, payload)
            if name in webhook.events and (event.id, name) not in known
        ]
        cases = _cases(session, (event for event, _, _ in wanted))
        for event, name, payload in wanted:
            case = cases.get(event.chain)
            if case is not None:
                session.add(
                    delivery_of(webhook.id, name, body_of(name, event, payload, case, kanwil), now, event.id)
                )
                made += 1
        session.flush()
        if len(events) < PAGE:
            return made
        place = events[-1].id


def delivery_of(
    webhook_id: int, name: str, body: dict[str, Any], now: datetime, event_id: int | None
) -> Delivery:
    """A message that waits to be sent; its body never changes any more."""
    uid = str(uuid4())
    return Delivery(
        webhook_id=webhook_id,
        event_id=event_id,
        event=name,
        uid=uid,
        body=json.dumps({"id": uid, **body}, ensure_ascii=False, separators=(",", ":")),
        state=WAITING,
        attempts=0,
        created_at=now,
        next_at=now,
        answer="",
    )


def body_of(name: str, event: AuditEvent, payload: dict[str, Any], case: Case, kanwil: str) -> dict[str, Any]:
    """What a receiver is told: which event of which case, and where to read more. No person, no comment."""
    after = payload.get("after") or {}
    return {
        "event": name,
        "at": event.at.astimezone(UTC).isoformat(),
        "tenant": kanwil,
        "case_id": case.id,
        "subject": {"type": case.subject_type, "id": case.subject_id},
        "state": payload.get("public_state") or after.get("state") or "open",
        "stage": after.get("stage_key") or payload.get("stage_key"),
        "revision": case.revision_no,
        "link": database.db.settings.base_url + subject_type(case.subject_type).page(case),
    }


def hand_over(now: datetime) -> int:
    """Have a job send what is due, one for each webhook; how many. One statement, and one for each."""
    due = scoped_session().scalars(
        select(Delivery.webhook_id)
        .join(Webhook, Webhook.id == Delivery.webhook_id)
        .where(Delivery.state == WAITING, Delivery.next_at <= now, Webhook.active)
        .distinct()
    )
    numbers = list(due)
    if numbers:
        with transaction():
            for number in numbers:
                enqueue("webhooks.send", {"webhook_id": number}, key=f"{number}:{now:%Y%m%d%H%M}")
    return len(numbers)


def forget(now: datetime) -> int:
    """Delete deliveries whose time to be looked at is over; how many. One statement."""
    with transaction() as session:
        done: Any = session.execute(
            delete(Delivery)
            .where(
                ((Delivery.state == DELIVERED) & (Delivery.finished_at < now - KEEP_DELIVERED))
                | ((Delivery.state == DEAD) & (Delivery.finished_at < now - KEEP_DEAD))
            )
            .execution_options(synchronize_session=False)
        )
        return int(done.rowcount)


def _cases(session: Session, events: Iterable[AuditEvent]) -> dict[str, Case]:
    """The cases of these events, by chain, without what is heavy in them."""
    numbers = {int(one.chain.removeprefix("case:")) for one in events if one.chain.startswith("case:")}
    if not numbers:
        return {}
    found = session.scalars(
        select(Case)
        .where(Case.id.in_(numbers))
        .options(defer(Case.fields), defer(Case.answers), defer(Case.editor_ids))
    )
    return {case.chain: case for case in found}
