"""From an event to a receiver: once for each name, signed, tried again, given up, sent anew."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tenants import database
from tenants.database import transaction
from tenants.errors import Forbidden, Invalid
from tenants.idempotency import KeyReused
from tenants.jobs import counts
from tenants.scope import Scope, entered
from tests.support.receivers import Heard
from tests.support.statements import counted_statements
from tests.workflows.conftest import NOW, House
from tests.workflows.webhooks.conftest import Hooks
from workflows import audit, notices
from workflows.reopening import reopen
from workflows.webhooks import posting, queries, registering, replaying, sealing, sending, sweeping
from workflows.webhooks.errors import TooManyWebhooks, WebhookNotFound, WebhookOff
from workflows.webhooks.models import Webhook

LATER = NOW + timedelta(minutes=30)
HOUSE = Path(__file__).resolve().parents[3]


def test_a_submitted_case_is_told_with_a_signature_that_verifies(hooks: Hooks) -> None:
    webhook, secret = hooks.register("case.submitted")
    case = hooks.house.submit()
    assert hooks.gather() == 1
    assert hooks.send(webhook) == 1
    (heard,) = hooks.receiver.heard
    assert heard.verifies(secret)
    assert not heard.verifies("whsec_other")
    assert (heard.path, heard.event) == ("/karya", "case.submitted")
    assert heard.said == {
        "id": heard.uid,
        "event": "case.submitted",
        "at": NOW.isoformat(),
        "tenant": heard.said["tenant"],
        "case_id": case.id,
        "subject": {"type": case.subject_type, "id": case.subject_id},
        "state": "open",
        "stage": "pembinaan",
        "revision": 1,
        "link": f"{database.db.settings.base_url}/kasus/{case.id}",
    }
    assert heard.said["tenant"].startswith("kalbar")
    (delivery,) = hooks.deliveries()
    assert (delivery.state, delivery.status, delivery.answer, delivery.attempts) == (
        "delivered",
        200,
        "ok",
        1,
    )
    assert hooks.send(webhook, LATER) == 0


def test_a_decision_goes_by_each_name_that_was_asked_for(hooks: Hooks) -> None:
    webhook, _ = hooks.register("case.decided", "case.returned", "case.rejected", "case.withdrawn")
    case = hooks.house.submit()
    asked = [{"field": "name", "text": "Rahasia: perjelas namanya"}]
    hooks.house.decide(case.id, hooks.house.pembina, "return", comment="Rahasia komentar", requests=asked)
    assert hooks.gather() == 2
    hooks.send(webhook)
    assert sorted(one.event for one in hooks.receiver.heard) == ["case.decided", "case.returned"]
    assert {one.said["state"] for one in hooks.receiver.heard} == {"returned"}
    assert not any(b"Rahasia" in one.body or b"Petugas" in one.body for one in hooks.receiver.heard)


def test_a_case_approved_to_its_end_says_so_once(hooks: Hooks) -> None:
    hooks.register("case.approved")
    case = hooks.house.submit()
    for by in (hooks.house.pembina, hooks.house.pemantau, hooks.house.pengendali):
        hooks.house.decide(case.id, by)
        hooks.gather()
    assert [one.event for one in hooks.deliveries()] == ["case.approved"]


def test_a_rejected_case_that_is_opened_again_is_told(hooks: Hooks) -> None:
    hooks.register("case.rejected", "case.reopened")
    case = hooks.house.submit()
    hooks.house.decide(case.id, hooks.house.pembina, "reject", checklist={}, comment="Tidak sanggup.")
    with hooks.house.inside():
        reopen(case.id, reason="Pesanan tetap sudah ada.", by=hooks.house.officer(51, "kadiv"), now=NOW)
    assert hooks.gather() == 2
    assert {one.event for one in hooks.deliveries()} == {"case.rejected", "case.reopened"}
    (told,) = [json.loads(one.body) for one in hooks.deliveries() if one.event == "case.reopened"]
    assert (told["state"], told["stage"]) == ("open", "pembinaan")


def test_sweeping_again_makes_nothing_twice_and_a_late_event_is_still_found(hooks: Hooks) -> None:
    """A transaction that began first may end last; its event's number is then lower than one that was seen."""
    webhook, _ = hooks.register("case.submitted", "case.decided")
    case = hooks.house.submit()
    assert [hooks.gather() for _ in range(3)] == [1, 0, 0]
    hooks.house.decide(case.id, hooks.house.pembina)
    at = NOW
    for _ in range(4):
        at += timedelta(minutes=4)
        hooks.gather(at)
    assert len(hooks.deliveries()) == 2
    with hooks.house.inside():
        standing = registering.find(webhook.id)
        assert standing.after_event_id < standing.seen_event_id
    hooks.gather(at + timedelta(hours=1))
    hooks.gather(at + timedelta(hours=2))
    with hooks.house.inside():
        database.session().expire_all()
        standing = registering.find(webhook.id)
        assert standing.after_event_id == standing.seen_event_id
    assert len(hooks.deliveries()) == 2


def test_what_happened_before_it_was_registered_is_not_told(hooks: Hooks) -> None:
    hooks.house.submit()
    hooks.register("case.submitted")
    assert hooks.gather() == 0


def test_a_decision_costs_no_statement_more_with_a_webhook(hooks: Hooks) -> None:
    def cost() -> int:
        case = hooks.house.submit()
        with counted_statements() as seen:
            hooks.house.decide(case.id, hooks.house.pembina)
        return len(seen)

    before = cost()
    hooks.register("case.decided")
    assert cost() == before <= 8


def test_a_sweep_without_a_webhook_costs_one_statement(house: House) -> None:
    house.submit()
    with house.inside(), counted_statements() as seen:
        assert sweeping.gather(NOW) is None
    assert len(seen) == 1, "\n".join(seen)


def test_two_kanwil_never_get_each_others_events(hooks: Hooks) -> None:
    hooks.register("case.submitted", path="/satu")
    other = hooks.house.other_kanwil
    with entered(Scope(other, None, 60)):
        by = hooks.house.officer(60, "admin_kanwil")
        theirs, _ = registering.register(
            {"address": hooks.receiver.origin + "/dua", "events": ["case.submitted"]}, by=by, now=NOW
        )
    hooks.house.submit()
    sweeping.sweep(NOW)
    with entered(Scope(other)):
        assert queries.deliveries().items == []
        sending.send_due(theirs.id, now=NOW)
    with hooks.house.inside():
        (own,) = queries.webhooks()
        sending.send_due(own.id, now=NOW)
        with pytest.raises(WebhookNotFound):
            registering.find(theirs.id)
        with pytest.raises(WebhookNotFound):
            replaying.ping(theirs.id, by=hooks.admin, now=NOW)
    assert [one.path for one in hooks.receiver.heard] == ["/satu"]


@pytest.mark.parametrize("status", [500, 404, 302, 199 + 101])
def test_a_refused_delivery_is_tried_again_with_the_same_number_and_body(hooks: Hooks, status: int) -> None:
    webhook, secret = hooks.register()
    hooks.house.submit()
    hooks.gather()
    hooks.receiver.status = status
    hooks.receiver.headers = {"Location": hooks.receiver.origin + "/lain"}
    hooks.send(webhook)
    (delivery,) = hooks.deliveries()
    assert (delivery.state, delivery.status, delivery.attempts) == ("waiting", status, 1)
    assert timedelta(seconds=48) <= delivery.next_at - NOW <= timedelta(seconds=72)
    assert hooks.send(webhook, NOW + timedelta(seconds=30)) == 0
    hooks.receiver.status = 204
    assert hooks.send(webhook, LATER) == 1
    first, second = hooks.receiver.heard  # a redirect was not followed
    assert (first.uid, first.body) == (second.uid, second.body)
    assert first.headers["Karya-Signature"] != second.headers["Karya-Signature"]
    assert second.verifies(secret)
    assert hooks.deliveries()[0].state == "delivered"


def test_a_receiver_that_is_slow_or_gone_is_left_after_the_time(
    hooks: Hooks, monkeypatch: pytest.MonkeyPatch
) -> None:
    hooks.receiver.slow_seconds = 2
    begun = time.monotonic()
    outcome = posting.post(hooks.receiver.origin, b"{}", {}, seconds=0.3)
    assert time.monotonic() - begun < 1.5
    assert (outcome.status, outcome.answer) == (None, posting.LATE)


def test_a_receiver_that_drips_is_left_after_the_time(hooks: Hooks) -> None:
    import socket
    import threading

    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip() -> None:
            client, _ = server.accept()
            with client:
                try:
                    for letter in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"a" * 500:
                        client.send(bytes([letter]))
                        time.sleep(0.05)
                except OSError:
                    return

        threading.Thread(target=drip, daemon=True).start()
        origin = f"http://127.0.0.1:{server.getsockname()[1]}"
        import dataclasses

        held = database.db.settings
        database.db.settings = dataclasses.replace(held, webhook_allow=(origin,))
        try:
            begun = time.monotonic()
            outcome = posting.post(origin, b"{}", {}, seconds=0.5)
        finally:
            database.db.settings = held
    assert time.monotonic() - begun < 2
    assert (outcome.status, outcome.answer) == (None, posting.LATE)


def test_what_a_receiver_says_is_bounded_and_harmless(hooks: Hooks) -> None:
    webhook, _ = hooks.register()
    hooks.house.submit()
    hooks.gather()
    hooks.receiver.status = 500
    hooks.receiver.answer = b"\x00\x1b[31m\xff<script>" + b"a" * 100_000
    hooks.send(webhook)
    (delivery,) = hooks.deliveries()
    assert len(delivery.answer) == 500
    assert "\x1b" not in delivery.answer


def test_after_ten_attempts_it_is_a_dead_letter_and_the_admin_hears_of_it(hooks: Hooks) -> None:
    webhook, _ = hooks.register()
    hooks.house.submit()
    hooks.gather()
    hooks.receiver.status = 503
    at, gaps = NOW, []
    for _ in range(sending.TRIES):
        assert hooks.send(webhook, at) == 1
        (delivery,) = hooks.deliveries()
        gaps.append(delivery.next_at - at)
        at = delivery.next_at
    assert (delivery.state, delivery.attempts) == ("dead", sending.TRIES)
    assert hooks.send(webhook, at + timedelta(days=2)) == 0
    assert gaps[0] < timedelta(minutes=2)
    assert timedelta(hours=9) < gaps[8] < timedelta(hours=15)
    assert all(later > sooner for sooner, later in pairwise(gaps[:9]))
    with hooks.house.inside():
        assert [one.kind for one in notices.notices_for(hooks.admin)].count("webhook.dead") == 1
        again = replaying.replay(delivery.id, by=hooks.admin, now=at)
        assert (again.state, again.attempts) == ("waiting", 0)
        twice = replaying.replay(delivery.id, by=hooks.admin, now=at)
        assert twice.state == "waiting"
    hooks.receiver.status = 200
    hooks.send(webhook, at)
    assert hooks.deliveries()[0].state == "delivered"
    assert len({one.uid for one in hooks.receiver.heard}) == 1


def test_all_dead_letters_go_out_again_at_once(hooks: Hooks) -> None:
    webhook, _ = hooks.register()
    for _ in range(3):
        hooks.house.submit()
    hooks.gather()
    with hooks.house.inside(), transaction() as session:
        for delivery in queries.deliveries().items:
            delivery.state, delivery.finished_at = "dead", NOW
        session.flush()
    with hooks.house.inside():
        assert replaying.replay_all(webhook.id, by=hooks.admin, now=LATER) == 3
        assert replaying.replay_all(webhook.id, by=hooks.admin, now=LATER) == 0
    assert hooks.send(webhook, LATER) == 3
    assert {one.state for one in hooks.deliveries()} == {"delivered"}


def test_a_receiver_that_does_not_answer_holds_up_one_request_and_no_more(
    hooks: Hooks, monkeypatch: pytest.MonkeyPatch
) -> None:
    webhook, _ = hooks.register()
    for _ in range(3):
        hooks.house.submit()
    hooks.gather()
    asked: list[str] = []

    def nobody(address: str, body: bytes, headers: Any) -> posting.Outcome:
        asked.append(headers["Karya-Delivery"])
        return posting.Outcome(None, posting.LATE)

    monkeypatch.setattr(sending, "post", nobody)
    assert hooks.send(webhook) == 1
    assert len(asked) == 1


def test_killed_between_sending_and_marking_it_is_sent_again_under_the_same_number(
    hooks: Hooks, tmp_path: Path
) -> None:
    """A process of its own sends and is killed -9 while the receiver answers; another one takes it up."""
    webhook, secret = hooks.register()
    hooks.house.submit()
    hooks.gather()
    victims: list[int] = []

    def kill(heard: Heard) -> None:
        os.kill(victims[0], signal.SIGKILL)

    hooks.receiver.before = kill
    settings = database.db.settings
    code = f"""
        import sys, dataclasses
        from datetime import datetime
        from pathlib import Path
        import rooms
        from config import Settings
        from tenants import database
        from tenants.scope import Scope, entered
        rooms.load()
        database.configure(Settings(data=Path({str(settings.data)!r}), database_url={settings.database_url!r},
            secret_key={settings.secret_key!r}, demo=True, webhook_allow={settings.webhook_allow!r}))
        from workflows.webhooks import sending
        sys.stdin.readline()
        with entered(Scope({hooks.house.kanwil})):
            sending.send_due({webhook.id}, now=datetime.fromisoformat({NOW.isoformat()!r}))
    """
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)], cwd=HOUSE, stdin=subprocess.PIPE, text=True
    )
    victims.append(process.pid)
    process.communicate("go\n", timeout=60)
    assert process.returncode == -signal.SIGKILL
    (delivery,) = hooks.deliveries()
    assert (delivery.state, delivery.attempts) == ("waiting", 1)
    hooks.receiver.before = None
    assert hooks.send(webhook, NOW + timedelta(seconds=30)) == 0, "the lease holds"
    assert hooks.send(webhook, NOW + sending.LEASE) == 1
    first, second = hooks.receiver.heard
    assert (first.uid, first.body) == (second.uid, second.body)
    assert second.verifies(secret)
    assert hooks.deliveries()[0].state == "delivered"


def test_a_rotated_secret_and_the_one_before_both_verify_for_a_day(hooks: Hooks) -> None:
    webhook, old = hooks.register("case.submitted")
    with hooks.house.inside():
        _, new = registering.rotate(webhook.id, by=hooks.admin, now=NOW)
    assert new
    hooks.house.submit()
    hooks.gather()
    hooks.send(webhook, NOW + timedelta(hours=23))
    (heard,) = hooks.receiver.heard
    assert heard.verifies(old)
    assert heard.verifies(new)
    hooks.house.submit()
    hooks.gather()
    hooks.send(webhook, NOW + timedelta(hours=25))
    assert not hooks.receiver.heard[1].verifies(old)
    assert hooks.receiver.heard[1].verifies(new)
    with hooks.house.inside():
        assert registering.forget_old_secrets(NOW + timedelta(hours=25)) == 1


def test_secrets_lie_sealed_and_stand_in_no_audit(hooks: Hooks) -> None:
    webhook, secret = hooks.register("case.submitted", path="/jalur-rahasia?token=abc")
    with hooks.house.inside():
        _, new = registering.rotate(webhook.id, by=hooks.admin, now=NOW)
        standing = registering.find(webhook.id)
        kept = json.dumps([standing.secret, standing.previous_secret])
        from sqlalchemy import select

        from workflows.models import AuditEvent

        said = "".join(
            database.session().scalars(select(AuditEvent.payload).where(AuditEvent.chain == audit.KANWIL))
        )
    for word in (secret, new):
        assert word
        assert word not in kept
        assert word not in said
    assert "jalur-rahasia" not in said
    assert "token=abc" not in said
    assert sealing.unseal(standing.secret) == new


def test_a_secret_sealed_with_another_key_is_said_and_nothing_is_sent(hooks: Hooks) -> None:
    import dataclasses

    webhook, _ = hooks.register()
    hooks.house.submit()
    hooks.gather()
    held = database.db.settings
    database.db.settings = dataclasses.replace(held, secret_key="another" * 8)
    try:
        hooks.send(webhook)
    finally:
        database.db.settings = held
    assert hooks.receiver.heard == []
    assert "buat rahasia baru" in hooks.deliveries()[0].answer


def test_the_same_key_registers_once_and_gives_the_secret_again(hooks: Hooks) -> None:
    first, secret = hooks.register(key="k")
    second, again = hooks.register(key="k")
    assert (first.id, secret) == (second.id, again)
    with pytest.raises(KeyReused):
        hooks.register("case.decided", key="k")
    with hooks.house.inside():
        assert len(queries.webhooks()) == 1


def test_switched_off_it_hears_and_sends_nothing_and_on_again_only_what_follows(hooks: Hooks) -> None:
    webhook, _ = hooks.register()
    hooks.house.submit()
    hooks.gather()
    with hooks.house.inside():
        registering.set_active(webhook.id, False, by=hooks.admin, now=NOW)
    hooks.house.submit()
    assert hooks.gather() is None
    assert hooks.send(webhook) == 0
    with hooks.house.inside():
        with pytest.raises(WebhookOff):
            replaying.ping(webhook.id, by=hooks.admin, now=NOW)
        registering.set_active(webhook.id, True, by=hooks.admin, now=NOW)
    assert hooks.gather() == 0
    assert hooks.send(webhook) == 1


def test_a_removed_webhook_takes_its_deliveries_along(hooks: Hooks) -> None:
    webhook, _ = hooks.register()
    hooks.house.submit()
    hooks.gather()
    with hooks.house.inside():
        registering.remove(webhook.id, by=hooks.admin, now=NOW)
        with pytest.raises(WebhookNotFound):
            registering.remove(webhook.id, by=hooks.admin, now=NOW)
    assert hooks.deliveries() == []


def test_only_the_admin_registers_and_only_what_exists(hooks: Hooks) -> None:
    asked = {"address": hooks.receiver.origin, "events": ["case.submitted"]}
    with hooks.house.inside():
        with pytest.raises(Forbidden):
            registering.register(asked, by=hooks.house.pembina, now=NOW)
        for events in ([], None, "case.submitted", ["case.invented"]):
            with pytest.raises(Invalid):
                registering.register({**asked, "events": events}, by=hooks.admin, now=NOW)
    for _ in range(registering.MOST):
        hooks.register()
    with pytest.raises(TooManyWebhooks):
        hooks.register()


def test_a_sweep_hands_what_is_due_to_the_queue_and_forgets_what_is_old(hooks: Hooks) -> None:
    webhook, _ = hooks.register()
    hooks.house.submit()
    queued = counts().get("ENQUEUED", 0)
    assert hooks.gather() == 1
    for _ in range(2):
        with hooks.house.inside():
            assert sweeping.hand_over(NOW) == 1
    assert counts().get("ENQUEUED", 0) == queued + 1
    hooks.send(webhook)
    sweeping.prune(NOW + timedelta(days=29))
    assert len(hooks.deliveries()) == 1
    sweeping.prune(NOW + timedelta(days=31))
    assert hooks.deliveries() == []
    with hooks.house.inside():
        assert isinstance(registering.find(webhook.id), Webhook)
