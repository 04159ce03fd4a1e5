"""A receiver, and a Kanwil whose admin registers it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import pytest

from tenants import database
from tenants.scope import Scope, entered
from tests.support.receivers import Receiver, receiving
from tests.workflows.conftest import NOW, House
from workflows.webhooks import queries, registering, sending, sweeping
from workflows.webhooks.models import Delivery, Webhook


@dataclasses.dataclass
class Hooks:
    """What the tests act with, as the Kanwil's admin."""

    house: House
    receiver: Receiver

    @property
    def admin(self) -> Any:
        return self.house.officer(50, "admin_kanwil")

    def register(self, *events: str, path: str = "/karya", **more: Any) -> tuple[Webhook, str]:
        with entered(Scope(self.house.kanwil, None, 50)):
            webhook, secret = registering.register(
                {"address": self.receiver.origin + path, "events": list(events) or ["case.submitted"]},
                by=self.admin,
                now=NOW,
                **more,
            )
            assert secret is not None
            return webhook, secret

    def gather(self, now: Any = NOW) -> int | None:
        with self.house.inside():
            return sweeping.gather(now)

    def send(self, webhook: Webhook, now: Any = NOW) -> int:
        with self.house.inside():
            return sending.send_due(webhook.id, now=now)

    def deliveries(self, **asked: Any) -> list[Delivery]:
        with self.house.inside():
            return queries.deliveries(limit=100, **asked).items


@pytest.fixture
def receiver(house: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """It listens, and the keeper of the machine has listed it."""
    with receiving() as listening:
        allowed = dataclasses.replace(database.db.settings, webhook_allow=(listening.origin,))
        monkeypatch.setattr(database.db, "settings", allowed)
        yield listening


@pytest.fixture
def hooks(house: House, receiver: Receiver) -> Hooks:
    return Hooks(house, receiver)
