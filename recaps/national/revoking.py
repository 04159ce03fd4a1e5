"""The recap of the country is taken back, as a Kanwil's is (`recaps.revoking`): by the Direktur Jenderal, with a reason
that whoever verifies it reads.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update

from recaps import revoking
from recaps.models import VerificationRecord
from recaps.national import events, letterhead
from recaps.national.drafting import load, locked
from recaps.national.gathering import chain_of
from recaps.national.models import REVOKED, SIGNED, NationalRecap
from tenants.database import transaction
from tenants.idempotency import once
from tenants.officers import Actor
from tenants.words import N_
from workflows.errors import FourEyes


def revoke(
    recap_id: int, reason: str, *, by: Actor, now: datetime, key: str | None = None
) -> tuple[NationalRecap, bool]:
    """Revoke a signed recap of the country. Returns it and whether the call was a repetition; one that is revoked
    already stays as it is.

    Raises:
        NoSuchRecap; Forbidden: not the Direktur Jenderal; Invalid: no reason; NotThisState: not signed, or replaced;
        FourEyes: drafted or submitted by whoever revokes.
    """
    by.require("dirjen")
    said = revoking.reason_of(reason)
    return once(
        key,
        f"recap.national_revoke:{recap_id}",
        lambda: _revoked(recap_id, said, by, now),
        lambda row: row.id,
        load,
        content={"reason": said},
    )


def _revoked(recap_id: int, reason: str, by: Actor, now: datetime) -> NationalRecap:
    with transaction() as here:
        recap = locked(recap_id)
        if recap.state == REVOKED:
            return recap
        revoking.require_standing(recap.state, (SIGNED,))
        if by.id in (recap.drafted_by, recap.submitted_by):
            raise FourEyes(N_("Anda ikut menyusun rekap ini; pencabutannya perlu orang lain."))
        office = letterhead.office_of(by)
        revoking.mark(recap, reason, office, by=by, now=now)
        recap.state = REVOKED
        here.execute(
            update(VerificationRecord)
            .where(VerificationRecord.code == recap.code)
            .values(revoking.record_of(reason, office, now))
        )
        told = {"number": recap.number, "file": recap.signed_sha256, "reason": reason}
        events.record(chain_of(recap.id), "recap.revoked", told, by=by, now=now)
        here.flush()
        return recap
