"""Sending what is due: claimed, posted, marked; a crash between posting and marking repeats it under the same number.

No transaction is open while a receiver is waited for. One job at a time works on a webhook, and a receiver that does
not answer costs it ten seconds and no more.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select

from tenants import clock
from tenants.database import transaction
from tenants.jobs import job
from tenants.said import say
from tenants.words import N_
from workflows import notices
from workflows.webhooks import addresses, sealing
from workflows.webhooks.errors import SecretLost
from workflows.webhooks.models import DEAD, DELIVERED, WAITING, Delivery, Webhook
from workflows.webhooks.posting import Outcome, post
from workflows.webhooks.registering import ADMIN

TRIES: Final = 10
FIRST_PAUSE: Final = timedelta(minutes=1)
LAST_PAUSE: Final = timedelta(hours=12)
LEASE: Final = timedelta(minutes=2)
"""How long a claimed delivery is left alone; longer than a request can take."""
AT_ONCE_SECONDS: Final = 30
"""How long one job sends; what is left goes with the next."""
_JITTER: Final = 0.2
_QUIET: Final = timedelta(days=1)


@dataclass(frozen=True)
class Claimed:
    """A delivery that is ours to send now. `held` are the secrets that sign it."""

    id: int
    attempt: int
    uid: str
    event: str
    address: str
    body: bytes
    held: list[str]


@job("webhooks.send")
def send_job(payload: dict[str, Any]) -> dict[str, int]:
    """Send what is due to one webhook."""
    return {"sent": send_due(int(payload["webhook_id"]))}


def send_due(webhook_id: int, *, now: datetime | None = None) -> int:
    """Send what is due to a webhook, oldest first, until nothing is or nobody answers; how many were posted.

    `now` is fixed in tests; else it is asked for each delivery.
    """
    until = time.monotonic() + AT_ONCE_SECONDS
    sent = 0
    while time.monotonic() < until:
        claimed = claim(webhook_id, now or clock.now())
        if claimed is None:
            break
        outcome = deliver(claimed, now or clock.now())
        mark(claimed, outcome, now or clock.now())
        sent += 1
        if outcome.status is None:
            break
    return sent


def claim(webhook_id: int, now: datetime) -> Claimed | None:
    """Take the oldest due delivery and count the attempt, before anything is sent. Two statements."""
    with transaction() as session:
        row = session.execute(
            select(Delivery, Webhook)
            .join(Webhook, Webhook.id == Delivery.webhook_id)
            .where(
                Delivery.webhook_id == webhook_id,
                Delivery.state == WAITING,
                Delivery.next_at <= now,
                Webhook.active,
            )
            .order_by(Delivery.next_at, Delivery.id)
            .limit(1)
            .with_for_update(of=Delivery, skip_locked=True)
            .execution_options(populate_existing=True)
        ).first()
        if row is None:
            return None
        delivery, webhook = row
        delivery.attempts += 1
        delivery.tried_at, delivery.next_at = now, now + LEASE
        session.flush()
        try:
            held = _held(webhook, now)
        except SecretLost:
            held = []
        return Claimed(
            delivery.id,
            delivery.attempts,
            delivery.uid,
            delivery.event,
            webhook.address,
            delivery.body.encode(),
            held,
        )


def deliver(claimed: Claimed, now: datetime) -> Outcome:
    """Post a claimed delivery."""
    if not claimed.held:
        return Outcome(None, SecretLost.title)
    at = int(now.timestamp())
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "Karya-Webhook/1",
        "Karya-Event": claimed.event,
        "Karya-Delivery": claimed.uid,
        "Karya-Signature": sealing.signature(claimed.held, claimed.body, at),
    }
    return post(claimed.address, claimed.body, headers)


def mark(claimed: Claimed, outcome: Outcome, now: datetime) -> None:
    """Write down what came of it; after the last attempt it is a dead letter and the admin hears of it."""
    with transaction() as session:
        delivery = session.scalars(
            select(Delivery)
            .where(Delivery.id == claimed.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        ).first()
        if delivery is None or delivery.state != WAITING:
            return
        delivery.status, delivery.answer, delivery.tried_at = outcome.status, outcome.answer, now
        if outcome.arrived:
            delivery.state, delivery.finished_at = DELIVERED, now
        elif delivery.attempts != claimed.attempt:
            return  # somebody asked for it anew meanwhile, or took it up after the lease
        elif delivery.attempts < TRIES:
            delivery.next_at = now + pause(delivery.attempts)
        else:
            delivery.state, delivery.finished_at = DEAD, now
            told = session.scalar(
                select(Delivery.id)
                .where(
                    Delivery.webhook_id == delivery.webhook_id,
                    Delivery.state == DEAD,
                    Delivery.finished_at > now - _QUIET,
                    Delivery.id != delivery.id,
                )
                .limit(1)
            )
            if told is None:
                host = addresses.read(claimed.address).host
                words = N_(
                    "%(host)s tidak menerima kiriman setelah %(n)s percobaan. Kirim ulang bila sudah pulih."
                )
                one = notices.draft(
                    "webhook.dead",
                    say(N_("Webhook tidak tersampaikan")),
                    say(words, host=host, n=TRIES),
                    "/pengaturan/webhook",
                    role=ADMIN,
                )
                notices.tell(session, [one], now)
        session.flush()


def pause(attempts: int) -> timedelta:
    """How long to wait after so many attempts: from a minute to twelve hours, give or take a fifth."""
    growth: float = (LAST_PAUSE / FIRST_PAUSE) ** (1 / (TRIES - 2))
    exact = min(FIRST_PAUSE * growth ** (max(attempts, 1) - 1), LAST_PAUSE)
    return exact * (1 - _JITTER + 2 * _JITTER * secrets.randbelow(10_001) / 10_000)


def _held(webhook: Webhook, now: datetime) -> list[str]:
    held = [sealing.unseal(webhook.secret)]
    if webhook.previous_secret and webhook.previous_until and webhook.previous_until > now:
        held.append(sealing.unseal(webhook.previous_secret))
    return held
