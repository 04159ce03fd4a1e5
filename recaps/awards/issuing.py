"""Issuing certificates: the head of the UPT asks for all who passed a training, a job signs them one after the other.

He signs, not the Kepala Kantor Wilayah: whoever signs must read the name, and names don't leave their UPT. Each
certificate is rendered and signed for itself, and kept in one transaction with its number: killed anywhere before, it
leaves nothing and takes no number; run twice, the second finds it done.
"""

from __future__ import annotations

import hashlib
import logging
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from catalogue.partners.queries import name_of
from catalogue.people import access
from catalogue.people.access import within_upt
from catalogue.people.models import Person
from catalogue.trainings import planning
from catalogue.trainings.models import Trainee, Training
from recaps import hands, pades, signing
from recaps.awards.document import Certified, Paper, certificate
from recaps.awards.errors import AwardMoved, NoSuchAward
from recaps.awards.models import Award, AwardSequence
from recaps.errors import SignerUnavailable, WrongPin
from recaps.gathering import letterhead
from recaps.models import VerificationFile, VerificationRecord
from recaps.rendering import RenderingFailed, render
from tenants import clock, database, files
from tenants.database import session, transaction
from tenants.errors import Invalid, KaryaError
from tenants.idempotency import once
from tenants.jobs import job
from tenants.models import Kanwil, KanwilSettings, Officer, Upt
from tenants.officers import Actor
from tenants.substitutes import actor_at
from tenants.words import N_
from workflows import audit

ISSUER: Final = "kepala_upt"
KIND: Final = "award"
log = logging.getLogger("karya.recaps")


def ask(
    training_id: int, *, by: Actor, now: datetime, pin: str | None = None, key: str | None = None
) -> tuple[Training, bool]:
    """Ask for the certificates of all who passed a closed training and have none; jobs sign them. Asked again while
    they are under way, or when all are there, nothing more happens.

    Raises:
        Forbidden: not the head of the UPT; NotInThisUpt, NoSuchTraining; WrongPin: a PIN is needed and missing.
        AwardMoved: the training is not closed, or nobody passed.
    """
    by.require(ISSUER)
    within_upt(by)
    pin = signing.pin_for_pen(pin)

    def act() -> Training:
        with transaction() as here:
            row = planning.locked(training_id)
            if row.is_open or not row.passed:
                raise AwardMoved(N_("Sertifikat diterbitkan setelah pelatihan ditutup dan ada yang lulus."))
            asked = _asked(here, row, by, now)
            if asked:
                first = f"{asked[0][0]}:{asked[0][1]}"
                hands.give("award.sign", {"awards": asked}, _carry_out, key=first, pin=pin)
            return row

    return once(key, f"award.ask:{training_id}", act, lambda row: row.id, planning.load)


def _asked(here: Session, row: Training, by: Actor, now: datetime) -> list[list[int]]:
    """[number, attempt] of each certificate that is now to be signed."""
    passed = select(Trainee.person_id).where(
        Trainee.training_id == row.id, Trainee.outcome == planning.PASSED
    )
    standing = {
        one.person_id: one
        for one in here.scalars(
            select(Award).where(Award.training_id == row.id, Award.revoked_at.is_(None)).with_for_update()
        )
    }
    persons = list(here.scalars(select(Person).where(Person.id.in_(passed), Person.erased_at.is_(None))))
    wanted: list[Award] = []
    for person in persons:
        award = standing.get(person.id)
        if award is not None and (award.issued_at is not None or award.is_working):
            continue
        if award is None:
            award = Award(
                person_id=person.id,
                upt_id=row.upt_id,
                training_id=row.id,
                skill=row.skill,
                hours=row.hours,
                attempt=0,
            )
            here.add(award)
        award.attempt += 1
        award.asked_by, award.asked_at, award.problem = by.id, now, None
        wanted.append(award)
    here.flush()
    named = {one.person_id for one in wanted}
    access.show([one for one in persons if one.id in named], "award", by=by, now=now)
    return [[one.id, one.attempt] for one in sorted(wanted, key=lambda one: one.id)]


@job("award.sign")
def _sign(payload: dict[str, Any]) -> dict[str, Any]:
    return _carry_out(payload, None)


def _carry_out(payload: dict[str, Any], pin: str | None) -> dict[str, Any]:
    """Sign what was asked, one after the other. What one of them meets is said of it, and the next has its turn; only a
    wrong PIN ends it all, as every try counts."""
    signed = 0
    refused: KaryaError | None = None
    for award_id, attempt in payload["awards"]:
        try:
            if isinstance(refused, WrongPin):
                raise refused
            sign(int(award_id), int(attempt), now=clock.now(), pin=pin)
            signed += 1
        except Exception as error:
            known = isinstance(error, KaryaError | RenderingFailed)
            if not known and pin is None:
                raise  # the queue tries again
            why = error.message if isinstance(error, KaryaError) else signing.STOPPED
            _not_signed(int(award_id), int(attempt), why)
            refused = error if isinstance(error, KaryaError) else refused
            if not isinstance(error, KaryaError):
                log.error(
                    "certificate %s was not signed: %s", award_id, type(error).__name__
                )  # never its words
    if refused is not None:
        raise refused
    return {"awards": [one[0] for one in payload["awards"]], "signed": signed}


def _not_signed(award_id: int, attempt: int, why: str) -> None:
    session().rollback()
    with transaction():
        row = locked(award_id)
        if row.issued_at is None and row.attempt == attempt:
            row.problem = why


def sign(award_id: int, attempt: int, *, now: datetime, pin: str | None = None) -> Award:
    """Render and sign one certificate; in one transaction number, keep and publish it. Repeating it changes nothing.

    Raises:
        SignerUnavailable, WrongPin, CertificateRefused, RenderingFailed: nothing was taken, not even a number.
        AwardMoved: its person was erased meanwhile.
    """
    for _ in range(20):
        row = load(award_id)
        if row.issued_at is not None or row.attempt != attempt:
            return row
        here = session()
        person = here.get_one(Person, row.person_id, populate_existing=True)
        if person.is_erased:
            raise AwardMoved(N_("Data peserta ini sudah dihapus."))
        known = access.open_one(person)  # who asked was written down with the names he sees
        training = planning.load(row.training_id)
        paper = paper_of(row.upt_id, now)
        officer = here.get_one(Officer, row.asked_by)
        day = now.astimezone(ZoneInfo(paper.timezone)).date()
        sequence = _next(here, day.year)
        number = _number(here, row.upt_id, sequence, day.year)
        by = actor_at(officer, now)
        holder = signing.holder_of(officer, by, paper.upt, ISSUER)
        issue = signing.issue_of(number, day, now, officer, holder)
        given = Certified(
            known.name, training.title, row.skill, row.hours, training.from_on, training.until_on,
            training.instructor, name_of(training.partner_id) if training.partner_id else None,
        )  # fmt: skip
        here.rollback()  # no lock and no snapshot is held while a page is rendered
        signed = pades.sign(
            render(certificate(given, paper, issue), []), signing.signer(), holder,
            reason=f"Sertifikat {issue.code}", place=paper.city, now=now,
            pin=pin, tsa_url=database.db.settings.tsa_url, receipt=False,
        )  # fmt: skip
        done = _keep(award_id, attempt, issue, sequence, signed, by, now)
        if done is not None:
            return done
    raise SignerUnavailable(N_("Nomor sertifikat terus dipakai yang lain; coba lagi."))


def _keep(
    award_id: int, attempt: int, issue: Any, sequence: int, signed: bytes, by: Actor, now: datetime
) -> Award | None:
    """The one transaction. None: another certificate took the number meanwhile; nothing was written."""
    with transaction() as here:
        row = locked(award_id)
        if row.issued_at is not None or row.attempt != attempt:
            return row
        person = here.get_one(Person, row.person_id, populate_existing=True)
        if person.is_erased:
            raise AwardMoved(N_("Data peserta ini sudah dihapus."))
        if not _take(here, row.upt_id, issue.day.year, sequence):
            return None
        kanwil = here.get_one(Kanwil, row.tenant_id)
        sealed = access.open_one(person).key.seal_bytes(signed)
        row.number, row.code = issue.number, issue.code
        row.signed_sha256 = hashlib.sha256(signed).hexdigest()
        row.file_sha256 = hashlib.sha256(sealed).hexdigest()
        row.signer_name, row.signer_office, row.issued_at = issue.signer, issue.office, now
        row.problem = None
        planning.locked(row.training_id).certificates += 1
        here.add(
            VerificationRecord(
                code=issue.code,
                kind=KIND,
                identifier=signing.identifier_of(issue),
                recap_id=row.id,
                kanwil_code=kanwil.code,
                kanwil_name=kanwil.short_name,
                timezone=kanwil.timezone,
                period="",
                label=row.skill,
                number="",
                figures_sha256="",
                signer=issue.signer,
                office="",
                signed_at=now,
                state="signed",
            )
        )
        here.add(VerificationFile(sha256=row.signed_sha256, code=issue.code, kind="signed", at=now))
        said = {
            "award": row.id,
            "training": row.training_id,
            "person": row.person_id,
            "number": row.number,
            "file": row.signed_sha256,
        }
        audit.record(audit.KANWIL, "award.issued", said, by=by, now=now, upt_id=row.upt_id)
        here.flush()
        files.put(sealed)  # last: a crash before it leaves no second file behind
        return row


def revoke(award_id: int, *, reason: str, by: Actor, now: datetime, key: str | None = None) -> Award:
    """Revoke a certificate: whoever verifies it reads so from now on. A second time changes nothing.

    Raises:
        Forbidden: not the head of the UPT; NotInThisUpt, NoSuchAward; AwardMoved: it was never signed.
        Invalid: no reason (``reason``).
    """
    by.require(ISSUER)
    within_upt(by)
    why = " ".join(reason.split())[:500]
    if len(why) < 5:
        raise Invalid(fields={"reason": N_("Tulis alasannya, sedikitnya 5 huruf.")})

    def act() -> Award:
        with transaction() as here:
            row = locked(award_id)
            if row.issued_at is None:
                raise AwardMoved(N_("Sertifikat ini belum terbit."))
            if row.revoked_at is not None:
                return row
            person = here.get_one(Person, row.person_id, populate_existing=True)
            row.revoked_at, row.revoked_by_name = now, by.name[:130]
            if not person.is_erased:
                row.revoked_why_sealed = access.open_one(person).key.seal(why)
            planning.locked(row.training_id).certificates -= 1
            here.execute(
                update(VerificationRecord)
                .where(VerificationRecord.code == row.code)
                .values(state="revoked")
                .execution_options(synchronize_session=False)
            )
            said = {
                "award": row.id,
                "training": row.training_id,
                "person": row.person_id,
                "number": row.number,
            }
            audit.record(audit.KANWIL, "award.revoked", said, by=by, now=now, upt_id=row.upt_id)
            here.flush()
            return row

    return once(key, f"award.revoke:{award_id}", act, lambda row: row.id, load)[0]


def paper_of(upt_id: int, now: datetime) -> Paper:
    """What stands on top of what this UPT prints today. Three statements."""
    here = session()
    upt = here.get_one(Upt, upt_id)
    kanwil = here.get_one(Kanwil, upt.tenant_id)
    settings = here.scalars(select(KanwilSettings)).first()
    kop = letterhead(kanwil, settings, now.astimezone(ZoneInfo(kanwil.timezone)).date())
    mark = files.get(kop["mark_sha256"]) if kop["mark_sha256"] else None
    place = {"province": kanwil.province, "capital": kanwil.capital}
    return Paper(kop, place, mark, upt.name, upt.city, kanwil.timezone)


def load(award_id: int) -> Award:
    """One certificate within the scope, as it stands in the database.

    Raises:
        NoSuchAward: there is none.
    """
    return _one(select(Award).where(Award.id == award_id))


def locked(award_id: int) -> Award:
    """The same, locked until the open transaction ends."""
    return _one(select(Award).where(Award.id == award_id).with_for_update())


def _one(asked: Any) -> Award:
    row: Award | None = session().scalars(asked.execution_options(populate_existing=True)).first()
    if row is None:
        raise NoSuchAward(N_("Sertifikat ini tidak ada."))
    return row


def _number(here: Session, upt_id: int, sequence: int, year: int) -> str:
    return f"SERT-{sequence:03d}/{here.get_one(Upt, upt_id).code.upper()}/{year}"


def _next(here: Session, year: int) -> int:
    return int(here.scalar(select(AwardSequence.next).where(AwardSequence.year == year)) or 1)


def _take(here: Session, upt_id: int, year: int, sequence: int) -> bool:
    """Take a number if it is still the next one. The first of a year is guarded by the table's key."""
    row = here.scalars(select(AwardSequence).where(AwardSequence.year == year).with_for_update()).first()
    if row is None:
        if sequence != 1:
            return False
        try:
            with here.begin_nested():
                here.add(AwardSequence(upt_id=upt_id, year=year, next=2))
                here.flush()
        except IntegrityError:
            return False
        return True
    if row.next != sequence:
        return False
    row.next = sequence + 1
    here.flush()
    return True


__all__ = ["Award", "ask", "load", "paper_of", "revoke", "sign"]
