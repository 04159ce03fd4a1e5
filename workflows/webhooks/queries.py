"""What the page and the API read of webhooks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from tenants.database import session
from workflows.webhooks.models import DEAD, DELIVERED, WAITING, Delivery, Webhook
from workflows.webhooks.registering import find

STATES = (WAITING, DELIVERED, DEAD)


@dataclass(frozen=True)
class DeliveryPage:
    """Deliveries, newest first; `following` continues the list, None at its end."""

    items: list[Delivery]
    following: int | None


def webhooks() -> list[Webhook]:
    """The Kanwil's webhooks, oldest first. One statement."""
    return list(session().scalars(select(Webhook).order_by(Webhook.id)))


def deliveries(
    *, webhook_id: int | None = None, state: str | None = None, after: int | None = None, limit: int = 20
) -> DeliveryPage:
    """Deliveries of one webhook or of all, in one state or in any. One statement; two with a webhook.

    Raises:
        WebhookNotFound: there is no such webhook within the scope.
    """
    asked = select(Delivery)
    if webhook_id is not None:
        find(webhook_id)
        asked = asked.where(Delivery.webhook_id == webhook_id)
    if state in STATES:
        asked = asked.where(Delivery.state == state)
    if after is not None:
        asked = asked.where(Delivery.id < after)
    fresh = asked.order_by(Delivery.id.desc()).limit(limit + 1).execution_options(populate_existing=True)
    rows = list(session().scalars(fresh))
    return DeliveryPage(rows[:limit], rows[limit - 1].id if len(rows) > limit else None)


def counts() -> dict[int, dict[str, int]]:
    """How many deliveries of each webhook stand in each state. One statement."""
    found: dict[int, dict[str, int]] = {}
    asked = select(Delivery.webhook_id, Delivery.state, func.count()).group_by(
        Delivery.webhook_id, Delivery.state
    )
    for webhook_id, state, count in session().execute(asked):
        found.setdefault(webhook_id, {})[state] = int(count)
    return found


def webhook_json(webhook: Webhook) -> dict[str, Any]:
    """A webhook as the API answers it; never its secret."""
    return {
        "id": webhook.id,
        "address": webhook.address,
        "events": webhook.events,
        "active": webhook.active,
        "created_at": webhook.created_at.isoformat(),
        "secret_made_at": webhook.secret_at.isoformat(),
        "previous_secret_until": webhook.previous_until.isoformat() if webhook.previous_until else None,
    }


def delivery_json(delivery: Delivery) -> dict[str, Any]:
    """A delivery as the API answers it."""
    return {
        "id": delivery.id,
        "webhook_id": delivery.webhook_id,
        "event": delivery.event,
        "delivery": delivery.uid,
        "state": delivery.state,
        "attempts": delivery.attempts,
        "status": delivery.status,
        "answer": delivery.answer,
        "created_at": delivery.created_at.isoformat(),
        "tried_at": delivery.tried_at.isoformat() if delivery.tried_at else None,
        "next_at": delivery.next_at.isoformat() if delivery.state == WAITING else None,
        "finished_at": delivery.finished_at.isoformat() if delivery.finished_at else None,
    }
