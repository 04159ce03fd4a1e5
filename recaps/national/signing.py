"""The Direktur Jenderal's signature on the recap of the country: asked in a request, given by a job, exactly once.

As with a Kanwil's: the job renders and signs with the number that would be next, and only then, in one transaction,
takes it, keeps the file and publishes what anyone may verify.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from recaps import hands, pades, signing
from recaps.errors import NotThisState, SignerUnavailable
from recaps.letter import Issue
from recaps.models import VerificationFile, VerificationRecord
from recaps.national import events, letterhead
from recaps.national.drafting import ZONE, figures_of, letter_pdf, load, locked
from recaps.national.gathering import chain_of, require_no_revoked
from recaps.national.models import (
    DRAFT,
    IN_REVIEW,
    REPLACED,
    REVOKED,
    SIGNED,
    NationalRecap,
    NationalSequence,
)
from recaps.signer import Certificate, Holder
from tenants import clock, database, files
from tenants.database import session, transaction
from tenants.errors import Invalid, KaryaError
from tenants.jobs import job
from tenants.models import Officer
from tenants.officers import Actor
from tenants.substitutes import actor_at
from tenants.words import N_


def certificate_of(by: Actor, *, now: datetime) -> Certificate | None:
    """What the page says of the Direktur Jenderal's certificate; None where it is known only with the PIN, or not at
    all."""
    try:
        return signing.signer().certificate(_holder(session().get_one(Officer, by.id), by), now=now)
    except SignerUnavailable:
        return None


def _holder(officer: Officer, by: Actor) -> Holder:
    return Holder(
        officer.id,
        officer.name,
        letterhead.office_of(by),
        letterhead.OFFICE,
        officer.username,
        officer.nip or "",
    )


def request_sign(recap_id: int, *, by: Actor, now: datetime, pin: str | None = None) -> NationalRecap:
    """Ask for the signature; a job gives it. Asked again while it is under way, or done, nothing more happens.

    Raises:
        NoSuchRecap; Forbidden: not the Direktur Jenderal; WrongPin: a PIN is needed and missing;
        NotThisState: not submitted, drafted or submitted by the signer himself, or a recap inside was revoked.
    """
    by.require("dirjen")
    pin = signing.pin_for_pen(pin)
    with transaction() as here:
        recap = locked(recap_id)
        under_way = recap.signing_since is not None and now - recap.signing_since < signing.PATIENCE
        if recap.signed_at is not None or (under_way and recap.problem is None):
            return recap
        if recap.state != IN_REVIEW:
            raise NotThisState(N_("Rekap ini belum diajukan untuk ditandatangani."))
        if by.id in (recap.drafted_by, recap.submitted_by):
            raise NotThisState(N_("Yang menyusun atau mengajukan rekap tidak menandatanganinya sendiri."))
        require_no_revoked(figures_of(recap))
        recap.attempt += 1
        recap.signing_by, recap.signing_since, recap.problem = by.id, now, None
        here.flush()
        payload = {"recap_id": recap.id, "attempt": recap.attempt}
        hands.give("recap.national_sign", payload, _carry_out, key=f"{recap.id}:{recap.attempt}", pin=pin)
        return recap


def send_back(recap_id: int, reason: str, *, by: Actor, now: datetime) -> NationalRecap:
    """Give the recap back to Admin Pusat with a reason; one that is a draft again stays as it is.

    Raises:
        NoSuchRecap, Forbidden; Invalid: no reason; NotThisState: signed, or being signed.
    """
    by.require("dirjen")
    reason = " ".join(reason.split())
    if not 5 <= len(reason) <= 2000:
        raise Invalid(fields={"reason": N_("Tulis alasannya, 5 sampai 2.000 huruf.")})
    with transaction() as here:
        recap = locked(recap_id)
        if recap.state == DRAFT:
            return recap
        if recap.state != IN_REVIEW or (recap.signing_since is not None and recap.problem is None):
            raise NotThisState(N_("Rekap ini sudah atau sedang ditandatangani."))
        recap.state, recap.note, recap.signing_since, recap.submitted_at = DRAFT, reason, None, None
        events.record(chain_of(recap.id), "recap.returned", {"reason": reason}, by=by, now=now)
        here.flush()
        return recap


@job("recap.national_sign")
def _sign(payload: dict[str, Any]) -> dict[str, Any]:
    return _carry_out(payload, None)


def _carry_out(payload: dict[str, Any], pin: str | None) -> dict[str, Any]:
    recap_id, attempt = int(payload["recap_id"]), int(payload["attempt"])
    try:
        recap = sign(recap_id, attempt, now=clock.now(), pin=pin)
    except Exception as error:
        known = isinstance(error, KaryaError)
        if known or pin is not None:  # the queue tries again what it does not know
            _not_signed(
                recap_id, attempt, error.message if isinstance(error, KaryaError) else signing.STOPPED
            )
        raise
    return {"recap": recap.id, "number": recap.number, "state": recap.state}


def _not_signed(recap_id: int, attempt: int, why: str) -> None:
    session().rollback()
    with transaction():
        recap = locked(recap_id)
        if recap.signed_at is None and recap.attempt == attempt:
            recap.problem, recap.signing_since = why, None


def sign(recap_id: int, attempt: int, *, now: datetime, pin: str | None = None) -> NationalRecap:
    """Render, sign, and in one transaction: number, file, verification. Repeating it changes nothing.

    Raises:
        SignerUnavailable, WrongPin, CertificateRefused: nothing was taken, not even a number.
        Forbidden: who asked no longer holds the office.
    """
    for _ in range(20):
        recap = load(recap_id)
        if recap.signed_at is not None or recap.attempt != attempt or recap.signing_by is None:
            return recap
        here = session()
        officer = here.get_one(Officer, recap.signing_by)
        by = actor_at(officer, now)
        by.require("dirjen")  # a letter may have ended since it was asked for
        holder = _holder(officer, by)
        day = now.astimezone(ZONE).date()
        sequence = int(
            here.scalar(select(NationalSequence.next).where(NationalSequence.year == day.year)) or 1
        )
        number = letterhead.own().number_pattern.replace("{seq}", str(sequence))
        issue = signing.issue_of(number.replace("{year}", str(day.year)), day, now, officer, holder)
        here.rollback()  # no lock and no snapshot is held while pages are rendered
        signed = pades.sign(
            letter_pdf(load(recap_id), issue), signing.signer(), holder,
            reason=f"Rekap nasional {issue.code}", place="Jakarta", now=now,
            pin=pin, tsa_url=database.db.settings.tsa_url, receipt=False,
        )  # fmt: skip
        done = _keep(recap_id, attempt, issue, sequence, signed, holder, now)
        if done is not None:
            return done
    raise SignerUnavailable(N_("Nomor surat terus dipakai surat lain; coba lagi."))


def _keep(
    recap_id: int, attempt: int, issue: Issue, sequence: int, signed: bytes, holder: Holder, now: datetime
) -> NationalRecap | None:
    """The one transaction. None: another letter took the number meanwhile; nothing was written."""
    with transaction() as here:
        recap = locked(recap_id)
        if recap.signed_at is not None or recap.attempt != attempt or recap.state != IN_REVIEW:
            return recap
        if not _take(here, issue.day.year, sequence):
            return None
        recap.number, recap.code = issue.number, issue.code
        recap.signed_by, recap.signer_name, recap.signer_office = (
            holder.officer_id,
            holder.name,
            holder.office,
        )
        recap.signed_at, recap.state = now, SIGNED
        recap.signing_since, recap.problem = None, None
        recap.signed_sha256 = hashlib.sha256(signed).hexdigest()
        here.add(
            VerificationRecord(
                code=issue.code,
                kind="national",
                identifier=signing.identifier_of(issue),
                recap_id=recap.id,
                kanwil_code="pusat",
                kanwil_name=letterhead.OFFICE,
                timezone=ZONE.key,
                period=recap.period,
                label=recap.label,
                number=issue.number,
                figures_sha256=str(recap.figures_sha256),
                signer=issue.signer,
                office=issue.office,
                signed_at=now,
                state="signed",
            )
        )
        here.add(VerificationFile(sha256=recap.signed_sha256, code=issue.code, kind="signed", at=now))
        _replace(here, recap, issue.code)
        said = {
            "number": issue.number,
            "file": recap.signed_sha256,
            "figures": recap.figures_sha256,
            "office": holder.office,
        }
        events.record(
            chain_of(recap.id), "recap.signed", said | {"officer": holder.officer_id}, by=None, now=now
        )
        here.flush()
        files.put(signed)  # last: a crash before it leaves no second signed file behind
        return recap


def _replace(here: Session, recap: NationalRecap, code: str) -> None:
    """A "ralat" takes the place of the recap it names; one that was revoked meanwhile stays revoked."""
    if recap.replaces_id is None:
        return
    earlier = locked(recap.replaces_id)
    said = {"replaced_by": code}
    if earlier.state != REVOKED:
        earlier.state = REPLACED
        said["state"] = "replaced"
    here.execute(update(VerificationRecord).where(VerificationRecord.code == earlier.code).values(said))


def _take(here: Session, year: int, sequence: int) -> bool:
    """Take a number if it is still the next one."""
    row = here.scalars(
        select(NationalSequence)
        .where(NationalSequence.year == year)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if row is None:
        if sequence == 1:
            here.execute(insert(NationalSequence).values(year=year, next=2))
        return sequence == 1
    if row.next != sequence:
        return False
    row.next = sequence + 1
    here.flush()
    return True
