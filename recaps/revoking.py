"""A signed recap is taken back: what it said no longer holds, and whoever verifies it is told so, with the reason.

Nothing of it goes away: the file, its number and its place in the archive stay. The number is never given again, and
the period counts as not sent until another recap of it is signed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from catalogue.content import Unreadable, text
from recaps.arrivals import announce_revocation
from recaps.drafting import CHAIN, load, locked
from recaps.errors import NotThisState
from recaps.models import REPLACED, REVOKED, STANDING, Recap, Revocable, VerificationRecord
from recaps.signing import STAGE
from tenants.database import session, transaction
from tenants.errors import Invalid
from tenants.idempotency import once
from tenants.models import Kanwil
from tenants.officers import Actor
from tenants.said import say
from tenants.words import N_
from workflows import audit, notices
from workflows.errors import FourEyes
from workflows.models import Case, Decision

LENGTH: Final = 1000
SHORTEST: Final = 10


def revoke(
    recap_id: int, reason: str, *, by: Actor, now: datetime, key: str | None = None
) -> tuple[Recap, bool]:
    """Revoke a signed recap; who verifies it reads the `reason`. Returns it and whether the call was a repetition; one
    that is revoked already stays as it is.

    Raises:
        NoSuchRecap; Forbidden: not the Kepala Kantor Wilayah; Invalid: no reason; NotThisState: not signed, or
        replaced; FourEyes: who stands in for him drafted this recap or reviewed it.
    """
    by.require("kakanwil")
    said = reason_of(reason)
    return once(
        key,
        f"recap.revoke:{recap_id}",
        lambda: _revoked(recap_id, said, by, now),
        lambda row: row.id,
        load,
        content={"reason": said},
    )


def _revoked(recap_id: int, reason: str, by: Actor, now: datetime) -> Recap:
    with transaction() as here:
        recap = locked(recap_id)
        if recap.state == REVOKED:
            return recap
        require_standing(recap.state, STANDING)
        if _had_a_hand_in(here, recap, by):
            raise FourEyes(N_("Anda ikut menyusun atau menelaah rekap ini; pencabutannya perlu orang lain."))
        office = by.title("kakanwil")
        mark(recap, reason, office, by=by, now=now)
        recap.state = REVOKED
        recap.receiving_since = recap.problem = None
        kanwil = here.get_one(Kanwil, recap.tenant_id)
        published = f"{office} {kanwil.province}"
        here.execute(
            update(VerificationRecord)
            .where(VerificationRecord.code == recap.code)
            .values(record_of(reason, published, now))
        )
        told = {"recap": recap.id, "number": recap.number, "file": recap.signed_sha256, "reason": reason}
        audit.record(CHAIN, "recap.revoked", told, by=by, now=now)
        title = say(N_("Rekap %(label)s dicabut"), label=recap.label)
        body = say(
            N_("Surat Nomor %(number)s tidak berlaku lagi: %(reason)s Susun rekap baru untuk periode ini."),
            number=recap.number,
            reason=reason if reason.endswith((".", "!", "?")) else f"{reason}.",
        )
        draft = notices.draft("recap.revoked", title, body, f"/rekap/{recap.id}", role="kadiv")
        notices.tell(here, [draft], now)
        announce_revocation(recap)
        here.flush()
        return recap


def may_revoke(recap: Recap, *, by: Actor) -> bool:
    """Whether the officer could revoke the recap as it stands. Two statements at most."""
    return (
        by.has("kakanwil")
        and by.tenant_id is not None
        and recap.state in STANDING
        and not _had_a_hand_in(session(), recap, by)
    )


def _had_a_hand_in(here: Session, recap: Recap, by: Actor) -> bool:
    """Whether he drafted or submitted the recap, or decided on it before the signature: an office and who stands in for
    it are held apart here as at the signature."""
    case = here.get(Case, recap.case_id)
    earlier = select(Decision.id).where(
        Decision.case_id == recap.case_id, Decision.officer_id == by.id, Decision.stage_key != STAGE
    )
    drafted = case is not None and (by.id == case.submitted_by or by.id in case.editor_ids)
    return drafted or here.scalar(earlier.limit(1)) is not None


# --- what a recap of the country shares ---


def reason_of(reason: str) -> str:
    """The reason as it is kept.

    Raises:
        Invalid: too short or too long.
    """
    try:
        said = " ".join((text(reason, LENGTH) or "").split())
    except Unreadable as error:
        raise Invalid(fields={"reason": str(error)}) from error
    if len(said) < SHORTEST:
        wanted = say(
            N_("Tulis alasannya, %(least)s sampai %(most)s huruf."),
            least=SHORTEST,
            most=f"{LENGTH:,}".replace(",", "."),
        )
        raise Invalid(fields={"reason": wanted})
    return said


def require_standing(state: str, standing: tuple[str, ...]) -> None:
    """Raises:
    NotThisState: it is not signed, or replaced by another.
    """
    if state == REPLACED:
        raise NotThisState(N_("Rekap ini sudah digantikan ralatnya; yang dicabut ialah ralat itu."))
    if state not in standing:
        raise NotThisState(N_("Hanya rekap yang sudah ditandatangani yang dapat dicabut."))


def mark(recap: Revocable, reason: str, office: str, *, by: Actor, now: datetime) -> None:
    """Write on a recap when, by whom and why it was revoked."""
    recap.revoked_at, recap.revoked_reason = now, reason
    recap.revoked_by, recap.revoked_name, recap.revoked_office = by.id, by.name, office


def record_of(reason: str, office: str, now: datetime) -> Mapping[str, Any]:
    """What the public register says of it."""
    return {"state": "revoked", "revoked_at": now, "revoked_by": office[:200], "revoked_reason": reason}
