"""Sending again by hand: a test message, one dead letter, all of them. For the Kanwil's admin."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select, update

from tenants.database import session as scoped_session
from tenants.database import transaction
from tenants.idempotency import once
from tenants.jobs import enqueue
from tenants.models import Kanwil
from tenants.officers import Actor
from tenants.scope import current
from tenants.words import N_
from workflows import audit
from workflows.webhooks.errors import WebhookNotFound, WebhookOff
from workflows.webhooks.events import PING
from workflows.webhooks.models import DEAD, WAITING, Delivery
from workflows.webhooks.registering import ADMIN, locked
from workflows.webhooks.sweeping import delivery_of


def ping(webhook_id: int, *, by: Actor, now: datetime, key: str | None = None) -> Delivery:
    """Send a test message, at once.

    Raises:
        WebhookNotFound, Forbidden; WebhookOff: it is switched off.
    """
    by.require(ADMIN)

    def act() -> Delivery:
        with transaction() as session:
            webhook = locked(session, webhook_id)
            if not webhook.active:
                raise WebhookOff(N_("Nyalakan webhook ini dahulu."))
            kanwil = session.scalar(select(Kanwil.code).where(Kanwil.id == current().tenant_id))
            body = {"event": PING, "at": now.astimezone(UTC).isoformat(), "tenant": kanwil}
            made = delivery_of(webhook.id, PING, body, now, None)
            session.add(made)
            session.flush()
            _send(webhook_id, f"ping:{made.id}")
            audit.record(audit.KANWIL, "webhook.pinged", {"webhook": webhook_id}, by=by, now=now)
            return made

    made, _ = once(key, f"webhook.ping:{webhook_id}", act, lambda row: row.id, find)
    return made


def replay(delivery_id: int, *, by: Actor, now: datetime, key: str | None = None) -> Delivery:
    """Try a dead letter again, from the first attempt; what isn't dead is left as it is.

    Raises:
        WebhookNotFound, Forbidden.
    """
    by.require(ADMIN)

    def act() -> Delivery:
        with transaction() as session:
            delivery = session.scalars(
                select(Delivery)
                .where(Delivery.id == delivery_id)
                .with_for_update()
                .execution_options(populate_existing=True)
            ).first()
            if delivery is None:
                raise WebhookNotFound(N_("Kiriman ini tidak ada."))
            if delivery.state == DEAD:
                delivery.state, delivery.attempts = WAITING, 0
                delivery.next_at, delivery.finished_at = now, None
                session.flush()
                _send(delivery.webhook_id, f"again:{delivery.id}:{now.timestamp()}")
                said = {"webhook": delivery.webhook_id, "deliveries": 1}
                audit.record(audit.KANWIL, "webhook.replayed", said, by=by, now=now)
            return delivery

    made, _ = once(key, f"webhook.replay:{delivery_id}", act, lambda row: row.id, find)
    return made


def replay_all(webhook_id: int, *, by: Actor, now: datetime) -> int:
    """Try every dead letter of a webhook again; how many there were.

    Raises:
        WebhookNotFound, Forbidden.
    """
    by.require(ADMIN)
    with transaction() as session:
        locked(session, webhook_id)
        done: Any = session.execute(
            update(Delivery)
            .where(Delivery.webhook_id == webhook_id, Delivery.state == DEAD)
            .values(state=WAITING, attempts=0, next_at=now, finished_at=None)
            .execution_options(synchronize_session=False)
        )
        count = int(done.rowcount)
        if count:
            _send(webhook_id, f"all:{now.timestamp()}")
            said = {"webhook": webhook_id, "deliveries": count}
            audit.record(audit.KANWIL, "webhook.replayed", said, by=by, now=now)
        return count


def find(delivery_id: int) -> Delivery:
    """One delivery. One statement.

    Raises:
        WebhookNotFound: there is none within the scope.
    """
    asked = select(Delivery).where(Delivery.id == delivery_id)
    found = scoped_session().scalars(asked.execution_options(populate_existing=True)).first()
    if found is None:
        raise WebhookNotFound(N_("Kiriman ini tidak ada."))
    return found


def _send(webhook_id: int, why: str) -> None:
    enqueue("webhooks.send", {"webhook_id": webhook_id}, key=f"{webhook_id}:{why}")
