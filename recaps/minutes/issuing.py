"""Issuing minutes: asked in a request, rendered and signed by a job, once for each head of the case's chain.

The request freezes the case file; the job prints and signs what was frozen and, in one transaction, keeps the file,
publishes what anyone may verify and says so in the Kanwil's chain. Killed anywhere before its commit it leaves nothing
behind and runs again; run twice, the second finds the work done.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from recaps import hands, pades, signing
from recaps.errors import NoSuchMinutes, NotThisState
from recaps.gathering import letterhead
from recaps.minutes.document import ENDINGS, compose
from recaps.minutes.models import PATIENCE, Minutes
from recaps.models import VerificationFile, VerificationRecord
from recaps.rendering import Attached, RenderingFailed, render
from tenants import clock, database, files
from tenants.database import session, transaction
from tenants.errors import KaryaError
from tenants.idempotency import once
from tenants.jobs import job
from tenants.models import Kanwil, KanwilSettings, Officer, office_name
from tenants.officers import Actor
from tenants.said import say
from tenants.substitutes import actor_at
from tenants.words import N_
from workflows import audit
from workflows.models import Case
from workflows.proof.casefile import FILE_NAME, CaseFile, case_file, freeze, thaw

ISSUERS: Final = ("kadiv", "kakanwil")
SUBJECT: Final = "product"


def issue(
    case_id: int, *, by: Actor, now: datetime, pin: str | None = None, key: str | None = None
) -> tuple[Minutes, bool]:
    """Ask for the minutes of a product's case that was approved, rejected or withdrawn; a job signs them. Returns
    them, and whether the call was a repetition of `key`.

    While the chain stands where it stood, the same minutes answer however often they are asked for.

    Raises:
        NoSuchCase; Forbidden: neither Kadiv nor Kepala Kantor Wilayah; WrongPin: a PIN is needed and missing;
        NotThisState: the case is not a product's, is open or went back to the UPT.
    """
    by.require(*ISSUERS)
    pin = signing.pin_for_pen(pin)

    def act() -> Minutes:
        with transaction() as here:
            return _asked(here, case_id, by, now, pin)

    return once(key, f"minutes.issue:{case_id}", act, lambda row: row.id, load)


def _asked(here: Session, case_id: int, by: Actor, now: datetime, pin: str | None) -> Minutes:
    value = _frozen(here, case_id, by)
    _, seq, head = value["heads"][-1]
    row = here.scalars(
        select(Minutes).where(Minutes.case_id == case_id, Minutes.head == head).with_for_update()
    ).first()
    if row is not None and (row.issued_at is not None or (row.is_working and now - row.asked_at < PATIENCE)):
        return row
    if row is None:
        earlier = here.scalar(select(func.count()).select_from(Minutes).where(Minutes.case_id == case_id))
        row = Minutes(
            case_id=case_id,
            upt_id=value["cases"][-1]["upt_id"],
            title=value["subject"]["title"],
            seq=seq,
            head=head,
            number=_number(here, case_id, int(earlier or 0), now),
            attempt=0,
        )
        here.add(row)
    row.case_sha256 = files.put(freeze(value))
    row.attempt += 1
    row.asked_by, row.asked_at, row.problem = by.id, now, None
    here.flush()
    payload = {"minutes_id": row.id, "attempt": row.attempt}
    hands.give("minutes.sign", payload, _carry_out, key=f"{row.id}:{row.attempt}", pin=pin)
    return row


def _frozen(here: Session, case_id: int, by: Actor) -> CaseFile:
    """The case file as the UPT may read it, whose minutes they are too; the case stays locked, so that who asks in
    the same instant waits and finds the row."""
    case = here.scalars(
        select(Case).where(Case.id == case_id).with_for_update().execution_options(populate_existing=True)
    ).first()
    reader = by if case is None else replace(by, roles=frozenset({"kepala_upt"}), upt_id=case.upt_id)
    value = case_file(case_id, by=reader)
    last = value["cases"][-1]
    if last["subject_type"] != SUBJECT or last["state"] not in ENDINGS:
        raise NotThisState(
            N_("Berita acara diterbitkan setelah produk disetujui, ditolak, atau ditarik pengajunya.")
        )
    return value


def _number(here: Session, case_id: int, earlier: int, now: datetime) -> str:
    kanwil = here.get_one(Kanwil, _tenant())
    year = now.astimezone(ZoneInfo(kanwil.timezone)).year
    again = f".{earlier + 1}" if earlier else ""
    return f"BA-{case_id}{again}/{kanwil.code.upper()}/{year}"


@job("minutes.sign")
def _sign(payload: dict[str, Any]) -> dict[str, Any]:
    return _carry_out(payload, None)


def _carry_out(payload: dict[str, Any], pin: str | None) -> dict[str, Any]:
    minutes_id = int(payload["minutes_id"])
    try:
        row = sign(minutes_id, int(payload["attempt"]), now=clock.now(), pin=pin)
    except Exception as error:
        if isinstance(error, KaryaError):
            said: str = error.message
        elif isinstance(error, RenderingFailed):
            said = say(N_("Tidak dapat dirender: %(error)s"), error=str(error)[:200])
        elif pin is None:
            raise  # the queue tries again
        else:
            said = signing.STOPPED
        session().rollback()
        with transaction():
            row = locked(minutes_id)
            if row.issued_at is None:
                row.problem = said
        raise
    return {"minutes": row.id, "number": row.number}


def sign(minutes_id: int, attempt: int, *, now: datetime, pin: str | None = None) -> Minutes:
    """Render and sign what was frozen; in one transaction keep and publish it. Repeating it changes nothing.

    Raises:
        SignerUnavailable, WrongPin, RenderingFailed: nothing was written.
    """
    row = load(minutes_id)
    if row.issued_at is not None or row.attempt != attempt:
        return row
    here = session()
    kanwil = here.get_one(Kanwil, row.tenant_id)
    settings = here.scalars(select(KanwilSettings)).first()
    officer = here.get_one(Officer, row.asked_by)
    day = now.astimezone(ZoneInfo(kanwil.timezone)).date()
    by = actor_at(officer, now)
    holder = signing.holder_of(officer, by, office_name(kanwil, day), *ISSUERS)
    issued = signing.issue_of(row.number, day, now, officer, holder)
    kop = letterhead(kanwil, settings, day)
    place = {"province": kanwil.province, "capital": kanwil.capital}
    frozen, mark = row.case_sha256, kop["mark_sha256"]
    here.rollback()  # no lock and no snapshot is held while a page is rendered
    data = files.get(frozen)
    letter = compose(thaw(data), kop, place, issued, mark=files.get(mark) if mark else None)
    pdf = render(letter, [Attached(FILE_NAME, data, "Kasus dan rantai riwayatnya, RFC 8785", "Source")])
    signed = pades.sign(
        pdf, signing.signer(), holder,
        reason=f"Berita acara {issued.code}", place=place["capital"], now=now,
        pin=pin, tsa_url=database.db.settings.tsa_url, receipt=False,
    )  # fmt: skip
    with transaction() as here:
        row = locked(minutes_id)
        if row.issued_at is not None or row.attempt != attempt:
            return row
        kanwil = here.get_one(Kanwil, row.tenant_id)
        row.code, row.signed_sha256 = issued.code, hashlib.sha256(signed).hexdigest()
        row.signer_name, row.signer_office, row.issued_at = issued.signer, issued.office, now
        here.add(
            VerificationRecord(
                code=issued.code,
                kind="minutes",
                identifier=signing.identifier_of(issued),
                recap_id=row.id,
                kanwil_code=kanwil.code,
                kanwil_name=kanwil.short_name,
                timezone=kanwil.timezone,
                period="",
                label=row.title[:60],
                number=row.number,
                figures_sha256=frozen,
                signer=issued.signer,
                office=f"{issued.office} {kanwil.province}",
                signed_at=now,
                state="signed",
            )
        )
        here.add(VerificationFile(sha256=row.signed_sha256, code=issued.code, kind="signed", at=now))
        said = {
            "minutes": row.id,
            "case": row.case_id,
            "number": row.number,
            "file": row.signed_sha256,
            "case_file": frozen,
            "seq": row.seq,
            "head": row.head,
        }
        audit.record(audit.KANWIL, "minutes.issued", said, by=by, now=now)
        here.flush()
        files.put(signed)
        return row


def load(minutes_id: int) -> Minutes:
    """One row within the scope, as it stands in the database.

    Raises:
        NoSuchMinutes: there is none.
    """
    return _one(select(Minutes).where(Minutes.id == minutes_id))


def locked(minutes_id: int) -> Minutes:
    """The same, locked until the open transaction ends."""
    return _one(select(Minutes).where(Minutes.id == minutes_id).with_for_update())


def _one(asked: Any) -> Minutes:
    row: Minutes | None = session().scalars(asked.execution_options(populate_existing=True)).first()
    if row is None:
        raise NoSuchMinutes()
    return row


def _tenant() -> int:
    from tenants.scope import current

    return current().tenant_id
