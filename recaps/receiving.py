"""The Direktur Jenderal's side: recaps of every Kanwil, and the receipt, a second signature that leaves
the first valid.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select, update

from recaps import hands, pades, signing
from recaps.drafting import CHAIN, load, locked
from recaps.errors import NoSuchRecap, NotThisState, SignerUnavailable
from recaps.models import (
    ACKNOWLEDGED,
    DELIVERED,
    REVOKED,
    SIGNED,
    Recap,
    VerificationFile,
    VerificationRecord,
)
from recaps.receipt import receipt_letter
from recaps.rendering import render
from recaps.signer import Holder
from recaps.signing import MOST, PATIENCE, STOPPED, signer
from tenants import clock, database, files
from tenants.database import session, transaction
from tenants.errors import Invalid, KaryaError
from tenants.idempotency import once
from tenants.jobs import job
from tenants.models import Kanwil, Officer
from tenants.officers import Actor, acting_in
from tenants.said import say
from tenants.scope import NationalScope, Scope, current
from tenants.words import N_
from workflows import audit

Give = Callable[[dict[str, Any], str], None]
"""Hands a receipt to whoever carries it out: the job's payload and its key."""
ORGANISATION = "Direktorat Jenderal Pemasyarakatan"


def request_acknowledge(
    recap_id: int,
    *,
    by: Actor,
    now: datetime,
    pin: str | None = None,
    key: str | None = None,
    asked: Any = None,
) -> Recap:
    """Receive a delivered recap; a job signs the receipt. Asked again while under way, or done, nothing more happens.

    The Kanwil's scope is entered on the Dirjen's behalf and the entry is logged. The idempotency key is bound to what
    was `asked`.

    Raises:
        NoSuchRecap; Forbidden: not the Dirjen; NotThisState: not delivered, or replaced.
    """
    by.require("dirjen")
    pin = signing.pin_for_pen(pin)
    with database.national("tanda terima rekap") as reader:
        tenant_id = reader.scalar(
            select(Recap.tenant_id).where(Recap.id == recap_id, Recap.state.in_(SIGNED))
        )
    if tenant_id is None:
        raise NoSuchRecap()
    who = as_signer(by, now)

    def give(payload: dict[str, Any], key: str) -> None:
        hands.give("recap.receive", payload, _carry_out, key=key, pin=pin)

    with acting_in(int(tenant_id), by=by, purpose=f"tanda terima rekap {recap_id}", now=now):
        recap = _once(recap_id, who, now, give, key, asked)
        session().expunge(recap)
        return recap


def request_acknowledgements(
    recap_ids: list[int],
    *,
    by: Actor,
    now: datetime,
    pin: str | None = None,
    key: str | None = None,
    asked: Any = None,
) -> int:
    """Receive several at once; how many receipts were asked for now. Each is its Kanwil's own transaction and is
    signed, or not, for itself; asked again, those that are under way or done are passed over.

    Raises:
        As `request_acknowledge`; Invalid: none, or more than `MOST`.
    """
    by.require("dirjen")
    wanted = sorted(set(recap_ids))
    if not 0 < len(wanted) <= MOST:
        raise Invalid(
            fields={
                "recaps": say(N_("Pilih paling sedikit satu dan paling banyak %(most)s rekap."), most=MOST)
            }
        )
    pin = signing.pin_for_pen(pin)
    with database.national("tanda terima banyak rekap") as reader:
        reached = select(Recap.id, Recap.tenant_id, Recap.state).where(
            Recap.id.in_(wanted), Recap.state.in_(SIGNED)
        )
        found = list(reader.execute(reached.order_by(Recap.id)))
    if len(found) != len(wanted):
        raise NoSuchRecap()
    who = as_signer(by, now)
    given: list[tuple[Scope | NationalScope, dict[str, Any]]] = []
    for recap_id, tenant_id, state in found:
        if state != DELIVERED and key is None:
            continue  # with a key it is asked whether the same was meant
        with acting_in(int(tenant_id), by=by, purpose=f"tanda terima rekap {recap_id}", now=now):
            scope = current()

            def give(payload: dict[str, Any], key: str, scope: Any = scope) -> None:
                if pin is None:
                    hands.give("recap.receive", payload, _carry_out, key=key, pin=None)
                given.append((scope, payload))

            with suppress(NotThisState):  # replaced in this very moment
                _once(recap_id, who, now, give, key, asked)
    if pin is not None and given:
        hands.hold_each(given, lambda payload: _carry_out(payload, pin), _passed_over)
    return len(given)


def _passed_over(payload: dict[str, Any], why: str) -> None:
    """Say of a recap why its turn did not come."""
    with transaction():
        recap = locked(int(payload["recap_id"]))
        if recap.acknowledged_at is None:
            recap.problem, recap.receiving_since = why, None


def as_signer(by: Actor, now: datetime) -> dict[str, Any]:
    """Who receives, as the job is told it: inside a Kanwil's scope the officers of the centre are not seen. One
    statement."""
    officer = session().get(Officer, by.id)
    return {
        "officer_id": by.id,
        "name": by.name,
        "office": by.title("dirjen") if by.substitution("dirjen") else by.office,
        "username": officer.username if officer else "",
        "nip": (officer.nip or "") if officer else "",
        "at": now.astimezone(UTC).isoformat(),
    }


def _once(
    recap_id: int, who: dict[str, Any], now: datetime, give: Give, key: str | None, asked: Any
) -> Recap:
    return once(
        key,
        f"recap.acknowledge:{recap_id}",
        lambda: _requested(recap_id, who, now, give),
        lambda row: row.id,
        load,
        content=asked,
    )[0]


def _requested(recap_id: int, who: dict[str, Any], now: datetime, give: Give) -> Recap:
    with transaction() as here:
        recap = locked(recap_id)
        under_way = recap.receiving_since is not None and now - recap.receiving_since < PATIENCE
        if recap.acknowledged_at is not None or (under_way and recap.problem is None):
            return recap
        if recap.state != DELIVERED:
            raise NotThisState(
                N_("Rekap ini sudah dicabut.")
                if recap.state == REVOKED
                else N_("Rekap ini sudah digantikan; terima penggantinya.")
            )
        recap.receiving_since, recap.problem = now, None
        give({"recap_id": recap.id, "by": who}, f"{recap.id}:{who['at']}")
        here.flush()
        return recap


@job("recap.receive")
def _receive(payload: dict[str, Any]) -> dict[str, Any]:
    return _carry_out(payload, None)


def _carry_out(payload: dict[str, Any], pin: str | None) -> dict[str, Any]:
    recap_id = int(payload["recap_id"])
    try:
        recap = acknowledge(recap_id, payload["by"], now=clock.now(), pin=pin)
    except Exception as error:
        if not isinstance(error, KaryaError) and pin is None:
            raise  # the queue tries again
        session().rollback()
        with transaction():
            recap = locked(recap_id)
            if recap.acknowledged_at is None:
                recap.problem = error.message if isinstance(error, KaryaError) else STOPPED
                recap.receiving_since = None
        raise
    return {"recap": recap.id, "state": recap.state}


def acknowledge(recap_id: int, who: dict[str, Any], *, now: datetime, pin: str | None = None) -> Recap:
    """Sign the receipt and, in one transaction, keep the file and say so. Repeating it changes nothing."""
    recap = load(recap_id)
    if recap.acknowledged_at is not None or recap.signed_sha256 is None:
        return recap
    kanwil = session().get_one(Kanwil, recap.tenant_id)
    holder = Holder(
        int(who["officer_id"]), str(who["name"]), str(who["office"]), ORGANISATION,
        str(who.get("username", "")), str(who.get("nip", "")),
    )  # fmt: skip
    number, zone = str(recap.number), ZoneInfo(kanwil.timezone)
    first, code = str(recap.file_sha256), recap.code
    session().rollback()  # nothing is held while a page is rendered
    pdf = files.get(first)
    appearance = render(
        receipt_letter(holder.name, holder.office, number, now, zone, pades.receipt_size(pdf)), []
    )
    receipt = pades.countersign(
        pdf, signer(), holder,
        reason=f"Diterima {code}", place="Jakarta", now=now, appearance=appearance, pin=pin,
        tsa_url=database.db.settings.tsa_url,
    )  # fmt: skip
    with transaction() as here:
        recap = locked(recap_id)
        if recap.acknowledged_at is not None or recap.state != DELIVERED:
            return recap
        if recap.file_sha256 != first:
            raise SignerUnavailable(N_("Berkasnya baru saja distempel arsip; coba lagi."))
        recap.acknowledged_sha256 = hashlib.sha256(receipt).hexdigest()
        recap.acknowledged_by, recap.acknowledged_name = holder.officer_id, holder.name
        recap.acknowledged_at, recap.state = now, ACKNOWLEDGED
        recap.receiving_since, recap.problem = None, None
        recap.archived_sha256 = recap.archived_at = recap.restamp_at = None
        here.add(
            VerificationFile(sha256=recap.acknowledged_sha256, code=str(code), kind="acknowledged", at=now)
        )
        here.execute(
            update(VerificationRecord)
            .where(VerificationRecord.code == code)
            .values(state="acknowledged", acknowledged_at=now, acknowledged_by=holder.office)
        )
        said = {
            "recap": recap.id,
            "file": recap.acknowledged_sha256,
            "officer": holder.officer_id,
            "name": holder.name,
        }
        audit.record(CHAIN, "recap.acknowledged", said, by=None, now=now)
        here.flush()
        files.put(receipt)
        return recap
