"""The Direktur Jenderal's side: recaps of every Kanwil, and the receipt, a second signature that leaves
the first valid.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select, update

from recaps import hands, pades
from recaps.drafting import CHAIN, load, locked
from recaps.errors import NoSuchRecap, NotThisState, WrongPin
from recaps.models import ACKNOWLEDGED, DELIVERED, SIGNED, Recap, VerificationFile, VerificationRecord
from recaps.receipt import receipt_letter
from recaps.rendering import render
from recaps.signer import Holder
from recaps.signing import PATIENCE, STOPPED, signer
from tenants import clock, database, files
from tenants.database import session, transaction
from tenants.errors import KaryaError
from tenants.idempotency import once
from tenants.jobs import job
from tenants.models import Kanwil, Officer
from tenants.officers import Actor, acting_in
from workflows import audit

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
    if signer().needs_pin and not pin:
        raise WrongPin(fields={"pin": "Isi PIN sertifikat Anda."})
    with database.national("tanda terima rekap") as reader:
        tenant_id = reader.scalar(
            select(Recap.tenant_id).where(Recap.id == recap_id, Recap.state.in_(SIGNED))
        )
    if tenant_id is None:
        raise NoSuchRecap()
    who = as_signer(by, now)
    with acting_in(int(tenant_id), by=by, purpose=f"tanda terima rekap {recap_id}", now=now):
        recap, _ = once(
            key,
            f"recap.acknowledge:{recap_id}",
            lambda: _requested(recap_id, who, now, pin),
            lambda row: row.id,
            load,
            content=asked,
        )
        session().expunge(recap)
        return recap


def as_signer(by: Actor, now: datetime) -> dict[str, Any]:
    """Who receives, as the job is told it: inside a Kanwil's scope the officers of the centre are not seen. One
    statement."""
    officer = session().get(Officer, by.id)
    return {
        "officer_id": by.id,
        "name": by.name,
        "office": by.office,
        "username": officer.username if officer else "",
        "nip": (officer.nip or "") if officer else "",
        "at": now.astimezone(UTC).isoformat(),
    }


def _requested(recap_id: int, who: dict[str, Any], now: datetime, pin: str | None) -> Recap:
    with transaction() as here:
        recap = locked(recap_id)
        under_way = recap.receiving_since is not None and now - recap.receiving_since < PATIENCE
        if recap.acknowledged_at is not None or (under_way and recap.problem is None):
            return recap
        if recap.state != DELIVERED:
            raise NotThisState("Rekap ini sudah digantikan; terima penggantinya.")
        recap.receiving_since, recap.problem = now, None
        key = f"{recap.id}:{who['at']}"
        hands.give("recap.receive", {"recap_id": recap.id, "by": who}, _carry_out, key=key, pin=pin)
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
    first, code = recap.signed_sha256, recap.code
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
        if recap.acknowledged_at is not None or recap.state != DELIVERED or recap.signed_sha256 != first:
            return recap
        recap.acknowledged_sha256 = hashlib.sha256(receipt).hexdigest()
        recap.acknowledged_by, recap.acknowledged_name = holder.officer_id, holder.name
        recap.acknowledged_at, recap.state = now, ACKNOWLEDGED
        recap.receiving_since, recap.problem = None, None
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
