"""The Kepala Kantor Wilayah's signature: asked in a request, done by a job, exactly once.

The job renders and signs with the number that would be next, and only then, in one transaction, takes
that number, keeps the file, decides the case, publishes what anyone may verify and delivers the recap.
Killed anywhere before its commit it leaves nothing behind and runs again; run twice, the second finds
the work done. So numbers have no gap and none is used twice.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from recaps import hands, pades
from recaps.arrivals import announce
from recaps.drafting import CHAIN, letter_pdf, load, locked
from recaps.errors import NotThisState, SignerUnavailable, WrongPin
from recaps.letter import Issue
from recaps.models import (
    DELIVERED,
    DRAFT,
    IN_REVIEW,
    REPLACED,
    REVOKED,
    LetterSequence,
    Recap,
    VerificationFile,
    VerificationRecord,
)
from recaps.signer import Certificate, Holder, Signer
from recaps.signers.choice import chosen
from tenants import clock, database, files
from tenants.database import session, transaction
from tenants.errors import Invalid, KaryaError
from tenants.jobs import job
from tenants.models import Kanwil, KanwilSettings, Officer, office_name
from tenants.officers import Actor
from tenants.said import say
from tenants.substitutes import actor_at
from tenants.words import N_
from workflows import audit
from workflows.decisions import Verdict, decide, why_not
from workflows.definitions import definition_of
from workflows.errors import CaseMoved
from workflows.models import Case

STAGE: Final = "penandatanganan"
PATIENCE: Final = timedelta(minutes=5)
"""After this a signature that was asked and did not come may be asked again."""
MOST: Final = 100
"""So many recaps are signed in one act."""
STOPPED: Final = say(N_("Penandatanganan terputus. Tidak ada yang ditandatangani; coba lagi."))
log = logging.getLogger("karya.recaps")
_ALPHABET: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_signing: ContextVar[int | None] = ContextVar("karya_signing_recap", default=None)


def signer() -> Signer:
    """The signer of this installation, as ``KARYA_SIGNER`` chooses it."""
    return chosen(database.db.settings)


def pin_for_pen(pin: str | None) -> str | None:
    """The PIN as the signer needs it: none where it needs none, so that the queue carries it out.

    Raises:
        WrongPin: it is needed and missing.
    """
    if not signer().needs_pin:
        return None
    if not pin:
        raise WrongPin(fields={"pin": N_("Isi PIN sertifikat Anda.")})
    return pin


def holder_of(officer: Officer, by: Actor, organisation: str, *roles: str) -> Holder:
    """The officer as a certificate names him: in his own office, or, where none of the `roles` that sign is his own,
    as the letter that lends him one says."""
    held = [role for role in roles if role in by.roles]
    lent = [role for role in held if by.substitution(role)]
    office = by.title(lent[0]) if lent and lent == held else by.office
    return Holder(officer.id, officer.name, office, organisation, officer.username, officer.nip or "")


def certificate_of(by: Actor, *, now: datetime) -> Certificate | None:
    """What the page says of the officer's certificate; None where it is known only with the PIN, or not at all."""
    officer = session().get_one(Officer, by.id)
    holder = holder_of(officer, by, _office(session(), now), "kakanwil")
    try:
        return signer().certificate(holder, now=now)
    except SignerUnavailable:
        return None  # the page is shown; the signature says why it can't be given


def request_sign(recap_id: int, *, by: Actor, now: datetime, pin: str | None = None) -> Recap:
    """Ask for the signature; a job gives it. Asked again while it is under way, or done, nothing more happens.

    Raises:
        NoSuchRecap; Forbidden: not the Kepala Kantor Wilayah; WrongPin: a PIN is needed and missing;
        NotThisState: not submitted, or the Kadiv has not looked yet; FourEyes, CaseMoved: as of a decision.
    """
    return request_signatures([recap_id], by=by, now=now, pin=pin)[0]


def request_signatures(
    recap_ids: list[int], *, by: Actor, now: datetime, pin: str | None = None
) -> list[Recap]:
    """The same for several at once: all are asked for, or none; each is then signed, or not, for itself.

    One job signs them one after the other, so that no two letters vie for a number. With a PIN that job is a thread of
    this process: the PIN goes no further (`hands`).

    Raises:
        As `request_sign`; Invalid: none, or more than `MOST`.
    """
    by.require("kakanwil")
    if not recap_ids or len(recap_ids) > MOST:
        raise Invalid(
            fields={
                "recaps": say(N_("Pilih paling sedikit satu dan paling banyak %(most)s rekap."), most=MOST)
            }
        )
    pin = pin_for_pen(pin)
    with transaction() as here:
        recaps, asked = [], []
        for recap_id in sorted(set(recap_ids)):
            recap = locked(recap_id)
            recaps.append(recap)
            if recap.signed_at is not None or _under_way(recap, now):
                continue
            _require_stage(here, recap, by)
            recap.attempt += 1
            recap.signing_by, recap.signing_since, recap.problem = by.id, now, None
            asked.append([recap.id, recap.attempt])
        if asked:
            here.flush()
            hands.give(
                "recap.sign", {"recaps": asked}, _carry_out, key=f"{asked[0][0]}:{asked[0][1]}", pin=pin
            )
        return recaps


def _under_way(recap: Recap, now: datetime) -> bool:
    since = recap.signing_since
    return since is not None and recap.problem is None and now - since < PATIENCE


def _require_stage(here: Session, recap: Recap, by: Actor) -> Case:
    if recap.state != IN_REVIEW or recap.case_id is None:
        raise NotThisState(N_("Rekap ini belum diajukan untuk ditandatangani."))
    case = here.get_one(Case, recap.case_id, populate_existing=True)
    if case.stage_key != STAGE:
        raise NotThisState(N_("Rekap ini masih ditelaah Kepala Divisi Pemasyarakatan."))
    definition = definition_of(here, {case.definition_id})[case.definition_id]
    reason = why_not(case, definition, [], by)
    if reason:
        raise NotThisState(reason)
    return case


@job("recap.sign")
def _sign(payload: dict[str, Any]) -> dict[str, Any]:
    return _carry_out(payload, None)


def _carry_out(payload: dict[str, Any], pin: str | None) -> dict[str, Any]:
    """Sign what was asked, one after the other. What one of them meets is said of it, and the next has its turn; only a
    wrong PIN ends it all, as every try counts."""
    asked = payload.get("recaps") or [[payload["recap_id"], payload["attempt"]]]
    numbers: list[str | None] = []
    refused: KaryaError | None = None
    for recap_id, attempt in asked:
        try:
            if isinstance(refused, WrongPin):
                raise refused
            numbers.append(sign(int(recap_id), int(attempt), now=clock.now(), pin=pin).number)
        except Exception as error:
            known = isinstance(error, KaryaError)
            if not known and pin is None:
                raise  # the queue tries again
            _not_signed(
                int(recap_id), int(attempt), error.message if isinstance(error, KaryaError) else STOPPED
            )
            refused = error if isinstance(error, KaryaError) else refused
            if not known:
                log.exception("recap %s was not signed", recap_id)
    if refused is not None:
        raise refused
    return {"recaps": [one[0] for one in asked], "numbers": numbers}


def _not_signed(recap_id: int, attempt: int, why: str) -> None:
    session().rollback()
    with transaction():
        recap = locked(recap_id)
        if recap.signed_at is None and recap.attempt == attempt:
            recap.problem, recap.signing_since = why, None


def sign(recap_id: int, attempt: int, *, now: datetime, pin: str | None = None) -> Recap:
    """Render, sign, and in one transaction: number, file, decision, verification, delivery. Repeating it
    changes nothing.

    Raises:
        SignerUnavailable, WrongPin, CertificateRefused: nothing was taken, not even a number.
        NotThisState, CaseMoved: somebody returned the recap meanwhile.
    """
    for _ in range(20):
        recap = load(recap_id)
        if recap.signed_at is not None or recap.attempt != attempt or recap.signing_by is None:
            return recap
        here = session()
        kanwil = here.get_one(Kanwil, recap.tenant_id)
        officer = here.get_one(Officer, recap.signing_by)
        day = now.astimezone(ZoneInfo(kanwil.timezone)).date()
        sequence = _next(here, day.year)
        number = _number(here, kanwil, sequence, day.year)
        by = actor_at(officer, now)
        holder = holder_of(officer, by, office_name(kanwil, day), "kakanwil")
        issue = issue_of(number, day, now, officer, holder)
        place, scope_of = kanwil.capital, recap.case_id
        here.rollback()  # no lock and no snapshot is held while a page is rendered
        signed = pades.sign(
            letter_pdf(load(recap_id), issue), signer(), holder,
            reason=f"Rekap {issue.code}", place=place, now=now,
            pin=pin, tsa_url=database.db.settings.tsa_url,
        )  # fmt: skip
        if scope_of is None:
            raise NotThisState()
        done = _keep(recap_id, attempt, issue, sequence, signed, by, now)
        if done is not None:
            return done
    raise SignerUnavailable(N_("Nomor surat terus dipakai surat lain; coba lagi."))


def _keep(
    recap_id: int, attempt: int, issue: Issue, sequence: int, signed: bytes, by: Actor, now: datetime
) -> Recap | None:
    """The one transaction. None: another letter took the number meanwhile; nothing was written."""
    with transaction() as here:
        recap = locked(recap_id)
        if recap.signed_at is not None or recap.attempt != attempt or recap.case_id is None:
            return recap
        if not _take(here, issue.day.year, sequence):
            return None
        kanwil = here.get_one(Kanwil, recap.tenant_id)
        token = _signing.set(recap.id)
        try:
            verdict = Verdict(
                "approve",
                comment=f"Ditandatangani dengan nomor {issue.number}.",
                stage=STAGE,
            )
            decide(recap.case_id, verdict, by=by, key=f"sign:{recap.id}:{attempt}", now=now)
        finally:
            _signing.reset(token)
        recap.number, recap.code = issue.number, issue.code
        recap.signed_by, recap.signer_name, recap.signer_office = by.id, issue.signer, issue.office
        recap.signed_at = recap.delivered_at = now
        recap.state, recap.signing_since, recap.problem = DELIVERED, None, None
        recap.signed_sha256 = hashlib.sha256(signed).hexdigest()
        here.add(
            VerificationRecord(
                code=issue.code,
                identifier=identifier_of(issue),
                recap_id=recap.id,
                kanwil_code=kanwil.code,
                kanwil_name=kanwil.short_name,
                timezone=kanwil.timezone,
                period=recap.period,
                label=recap.label,
                number=issue.number,
                figures_sha256=str(recap.figures_sha256),
                signer=issue.signer,
                office=f"{issue.office} {kanwil.province}",
                signed_at=now,
                state="signed",
            )
        )
        here.add(VerificationFile(sha256=recap.signed_sha256, code=issue.code, kind="signed", at=now))
        _replace(here, recap, issue.code)
        said = {
            "recap": recap.id,
            "number": issue.number,
            "file": recap.signed_sha256,
            "figures": recap.figures_sha256,
        }
        audit.record(CHAIN, "recap.signed", said, by=by, now=now)
        audit.record(CHAIN, "recap.delivered", {"recap": recap.id, "to": "dirjen"}, by=by, now=now)
        announce(recap)
        here.flush()
        files.put(signed)  # last: a crash before it leaves no second signed file behind
        return recap


def _replace(here: Session, recap: Recap, code: str) -> None:
    """A "ralat" takes the place of the recap it names; one that was revoked meanwhile stays revoked."""
    if recap.replaces_id is None:
        return
    earlier = locked(recap.replaces_id)
    said = {"replaced_by": code}
    if earlier.state != REVOKED:
        earlier.state = REPLACED
        said["state"] = "replaced"
    here.execute(update(VerificationRecord).where(VerificationRecord.code == earlier.code).values(said))


def identifier_of(issue: Issue) -> str:
    """The PDF's identifier as `render_worker` makes it from the letter's."""
    return hashlib.sha256(f"karya:{issue.code}".encode()).hexdigest()[:32]


def issue_of(number: str, day: Any, now: datetime, officer: Officer, holder: Holder) -> Issue:
    """What a signature adds to a document: number, day, signer, and a new code by which anyone verifies it."""
    code = "KRY-" + "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(3))
    return Issue(
        number=number,
        day=day,
        signed_at=now.replace(microsecond=0),
        code=code,
        verify_url=f"{database.db.settings.base_url}/verifikasi/{code}",
        signer=officer.name,
        office=holder.office,
        rank=officer.rank or "",
        nip=officer.nip or "",
        development=signer().development,
    )


def _next(here: Session, year: int) -> int:
    return int(here.scalar(select(LetterSequence.next).where(LetterSequence.year == year)) or 1)


def _take(here: Session, year: int, sequence: int) -> bool:
    """Take a number if it is still the next one."""
    row = here.scalars(select(LetterSequence).where(LetterSequence.year == year).with_for_update()).first()
    if row is None:
        if sequence != 1:
            return False
        here.execute(insert(LetterSequence).values(year=year, next=2, tenant_id=_tenant()))
        return True
    if row.next != sequence:
        return False
    row.next = sequence + 1
    here.flush()
    return True


def _tenant() -> int:
    from tenants.scope import current

    return current().tenant_id


def _number(here: Session, kanwil: Kanwil, sequence: int, year: int) -> str:
    pattern = (
        here.scalar(select(KanwilSettings.number_pattern)) or "W.{kanwil}-PAS-{seq}.OT.02.02 Tahun {year}"
    )
    for name, value in (("{seq}", sequence), ("{year}", year), ("{kanwil}", kanwil.code.upper())):
        pattern = pattern.replace(name, str(value))
    return pattern


def _office(here: Session, now: datetime) -> str:
    kanwil = here.get_one(Kanwil, _tenant())
    return office_name(kanwil, now.astimezone(ZoneInfo(kanwil.timezone)).date())


# --- what the workflow asks of a recap ---


def before_decide(here: Session, case: Case, verdict: Verdict, by: Actor) -> None:
    """At the signing stage only a signature approves; and nobody returns what is being signed."""
    if case.stage_key != STAGE:
        return
    recap = load(case.subject_id)
    if verdict.outcome == "approve" and _signing.get() != case.subject_id:
        raise NotThisState(N_("Rekap disetujui dengan menandatanganinya; buka halaman rekapnya."))
    under_way = _under_way(recap, clock.now())
    if verdict.outcome != "approve" and under_way and _signing.get() is None:
        raise CaseMoved(N_("Rekap ini sedang ditandatangani."))


def came_back(here: Session, case: Case, now: datetime) -> None:
    """Returned, rejected or withdrawn: a draft again, with the reason."""
    from workflows.models import Decision

    recap = locked(case.subject_id)
    recap.state, recap.signing_since, recap.submitted_at = DRAFT, None, None
    recap.revision_no += 1
    last = (
        select(Decision.comment)
        .where(Decision.case_id == case.id, Decision.outcome != "opinion")
        .order_by(Decision.stage_no.desc())
        .limit(1)
    )
    recap.note = here.scalar(last) or None
