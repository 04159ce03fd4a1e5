"""Registering a webhook, switching it, giving it a new secret, taking it away. For the Kanwil's admin."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from tenants.database import session as scoped_session
from tenants.database import transaction
from tenants.errors import Invalid
from tenants.idempotency import once
from tenants.officers import Actor
from tenants.said import say
from tenants.words import N_
from workflows import audit
from workflows.models import AuditEvent
from workflows.webhooks import addresses, sealing
from workflows.webhooks.errors import AddressRefused, TooManyWebhooks, WebhookNotFound
from workflows.webhooks.events import offered
from workflows.webhooks.models import Webhook

ADMIN: Final = "admin_kanwil"
MOST: Final = 10
BOTH_HOLD: Final = timedelta(hours=24)
"""How long a secret still signs after its successor was made."""
SHOWN_AGAIN: Final = timedelta(minutes=15)
"""How long a repetition of the request that made a secret is still answered with it."""


def register(
    asked: Mapping[str, Any], *, by: Actor, now: datetime, key: str | None = None
) -> tuple[Webhook, str | None]:
    """Register ``address`` for the ``events`` it names; the webhook and its secret, for showing once, come back.

    It hears of what happens from now on. The same `key` gives the same webhook, and its secret for a quarter of an
    hour.

    Raises:
        Forbidden: `by` is no admin of the Kanwil.
        AddressRefused: the address isn't one that messages may go to.
        Invalid: no events, or unknown ones.
        TooManyWebhooks: there are ten.
    """
    by.require(ADMIN)
    address, events = _read(asked)
    secret = sealing.new_secret()

    def act() -> Webhook:
        with transaction() as session:
            if (session.scalar(select(func.count()).select_from(Webhook)) or 0) >= MOST:
                raise TooManyWebhooks(
                    say(N_("Paling banyak %(most)s webhook. Hapus satu dahulu."), most=MOST)
                )
            newest = _newest(session)
            webhook = Webhook(
                address=address,
                events=events,
                active=True,
                secret=sealing.seal(secret),
                secret_at=now,
                after_event_id=newest,
                seen_event_id=newest,
                seen_at=now,
                created_by=by.id,
                created_at=now,
            )
            session.add(webhook)
            session.flush()
            _tell("webhook.added", webhook, by, now, events=events)
            return webhook

    content = {"address": address, "events": events}
    webhook, again = once(key, "webhook.register", act, lambda row: row.id, find, content=content)
    return webhook, _shown_again(webhook, now) if again else secret


def set_active(webhook_id: int, active: bool, *, by: Actor, now: datetime) -> Webhook:
    """Switch a webhook off or on. What happens while it is off is not told later; what waited goes out again.

    Raises:
        WebhookNotFound, Forbidden.
    """
    by.require(ADMIN)
    with transaction() as session:
        webhook = locked(session, webhook_id)
        if webhook.active != active:
            webhook.active = active
            if active:
                webhook.after_event_id = webhook.seen_event_id = _newest(session)
                webhook.seen_at = now
            session.flush()
            _tell("webhook.enabled" if active else "webhook.disabled", webhook, by, now)
        return webhook


def rotate(
    webhook_id: int, *, by: Actor, now: datetime, key: str | None = None
) -> tuple[Webhook, str | None]:
    """Make a new secret, for showing once; the one before signs beside it for a day.

    Raises:
        WebhookNotFound, Forbidden.
    """
    by.require(ADMIN)
    secret = sealing.new_secret()

    def act() -> Webhook:
        with transaction() as session:
            webhook = locked(session, webhook_id)
            webhook.previous_secret, webhook.previous_until = webhook.secret, now + BOTH_HOLD
            webhook.secret, webhook.secret_at = sealing.seal(secret), now
            session.flush()
            _tell("webhook.rotated", webhook, by, now)
            return webhook

    webhook, again = once(key, f"webhook.rotate:{webhook_id}", act, lambda row: row.id, find)
    return webhook, _shown_again(webhook, now) if again else secret


def remove(webhook_id: int, *, by: Actor, now: datetime, key: str | None = None) -> None:
    """Take a webhook away, with its deliveries; the audit keeps that it was there.

    Raises:
        WebhookNotFound, Forbidden.
    """
    by.require(ADMIN)

    def act() -> int:
        with transaction() as session:
            webhook = locked(session, webhook_id)
            _tell("webhook.removed", webhook, by, now)
            session.delete(webhook)
            session.flush()
            return webhook_id

    once(key, f"webhook.remove:{webhook_id}", act, lambda number: number, lambda number: number)


def find(webhook_id: int) -> Webhook:
    """One webhook. One statement.

    Raises:
        WebhookNotFound: there is none within the scope.
    """
    webhook = scoped_session().scalars(select(Webhook).where(Webhook.id == webhook_id)).first()
    if webhook is None:
        raise WebhookNotFound(N_("Webhook ini tidak ada."))
    return webhook


def locked(session: Session, webhook_id: int) -> Webhook:
    """One webhook, locked until the transaction ends."""
    asked = select(Webhook).where(Webhook.id == webhook_id).with_for_update()
    webhook = session.scalars(asked.execution_options(populate_existing=True)).first()
    if webhook is None:
        raise WebhookNotFound(N_("Webhook ini tidak ada."))
    return webhook


def forget_old_secrets(now: datetime) -> int:
    """Drop the secrets that hold no more; returns how many."""
    with transaction() as session:
        done: Any = session.execute(
            update(Webhook)
            .where(Webhook.previous_until < now)
            .values(previous_secret=None, previous_until=None)
            .execution_options(synchronize_session=False)
        )
        return int(done.rowcount)


def _newest(session: Session) -> int:
    return int(session.scalar(select(func.max(AuditEvent.id))) or 0)


def _read(asked: Mapping[str, Any]) -> tuple[str, list[str]]:
    """Address and events, with everything that is wrong with either of them at once."""
    address = str(asked.get("address") or "").strip()
    wrong: dict[str, Any] = {}
    events: list[str] = []
    try:
        addresses.resolve(addresses.read(address))
    except AddressRefused as refused:
        wrong |= refused.fields
    try:
        events = _events(asked.get("events"))
    except Invalid as refused:
        wrong |= refused.fields
    if "address" in wrong:
        raise AddressRefused(fields=wrong)
    if wrong:
        raise Invalid(fields=wrong)
    return address, events


def _events(asked: Any) -> list[str]:
    known = offered()
    if not isinstance(asked, list | tuple) or not asked:
        raise Invalid(fields={"events": N_("Pilih sedikitnya satu peristiwa.")})
    unknown = [str(name)[:60] for name in asked if name not in known]
    if unknown:
        raise Invalid(
            fields={
                "events": say(N_("Peristiwa tidak dikenal: %(unknown)s."), unknown=", ".join(unknown[:5]))
            }
        )
    return [name for name in known if name in asked]


def _shown_again(webhook: Webhook, now: datetime) -> str | None:
    return sealing.unseal(webhook.secret) if now - webhook.secret_at <= SHOWN_AGAIN else None


def _tell(action: str, webhook: Webhook, by: Actor, now: datetime, **more: Any) -> None:
    """The origin alone: a path or a query may be a secret of the receiver's."""
    said = {"webhook": webhook.id, "origin": addresses.read(webhook.address).origin, **more}
    audit.record(audit.KANWIL, action, said, by=by, now=now)
