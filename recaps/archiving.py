"""The archive's time stamps (PAdES B-LTA): each signed file, the country's too, gets one, and another before what holds
the last ends.

A stamp is put behind what the file held, so that the file as it was given out lies unchanged inside the new version
and both are files that we gave out. A nightly sweep enqueues what is due, a job stamps one file: it asks the service
first and keeps the new version in one transaction, so that a death before it leaves nothing and a repetition finds
it done.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from types import ModuleType
from typing import Any, Final

from sqlalchemy import or_, select

from recaps import drafting, stamps
from recaps.minutes import issuing
from recaps.minutes.models import Minutes
from recaps.models import SIGNED, Recap, VerificationFile
from recaps.national import drafting as national_drafting
from recaps.national import events
from recaps.national.gathering import chain_of
from recaps.national.models import NationalRecap
from recaps.signing import signer
from tenants import clock, database, files
from tenants.database import session, transaction
from tenants.jobs import alone_in, enqueue, every_tenant, job, scheduled
from tenants.scope import NationalScope, entered
from workflows import audit

A_NIGHT: Final = 500
"""So many of a Kanwil's files of a kind are enqueued a night; the rest the night after."""
BEFORE: Final = timedelta(days=90)
LONGEST: Final = timedelta(days=3 * 365)
_ROOMS: Final[Mapping[str, ModuleType]] = {
    "recap": drafting,
    "minutes": issuing,
    "national": national_drafting,
}
Row = Recap | Minutes | NationalRecap


@scheduled("10 19 * * *", "archive.stamps")
def sweep(planned: datetime) -> None:
    """Have what is due stamped in every Kanwil and at the centre. Every night."""
    for scope in every_tenant():
        with alone_in(scope):
            plan(clock.now())
    with entered(NationalScope()):
        plan_national(clock.now())


def plan(now: datetime) -> int:
    """Enqueue a stamp for each file of the Kanwil in scope that is due; how many. Two statements and one a file; none
    without a service."""
    if not _has_service():
        return 0
    found = [("recap", one.id, newest(one)) for one in session().scalars(_due(Recap, now))]
    found += [("minutes", one.id, newest(one)) for one in session().scalars(_due(Minutes, now))]
    return _enqueued(found, now)


def plan_national(now: datetime) -> int:
    """The same for the recaps of the country, in the national scope."""
    if not _has_service():
        return 0
    due = session().scalars(_due(NationalRecap, now))
    return _enqueued([("national", one.id, newest(one)) for one in due], now)


def _has_service() -> bool:
    settings = database.db.settings
    return bool(settings.tsa_url and settings.archive_stamps)


def _enqueued(found: list[tuple[str, int, str]], now: datetime) -> int:
    with transaction():
        for kind, row_id, head in found:
            # The day is in the key: what a silent service left undone is tried again the night after.
            key = f"{kind}:{row_id}:{head[:16]}:{now:%Y%m%d}"
            enqueue("archive.stamp", {"kind": kind, "id": row_id, "head": head}, key=key)
    return len(found)


def _due(table: type[Row], now: datetime) -> Any:
    signed = Recap.state.in_(SIGNED) if table is Recap else table.signed_sha256.is_not(None)
    asked = select(table).where(signed, or_(table.restamp_at.is_(None), table.restamp_at <= now))
    return asked.order_by(table.id).limit(A_NIGHT)


def newest(row: Row) -> str:
    """The newest version of a signed file."""
    return str(row.file_sha256)


@job("archive.stamp")
def _stamp(payload: dict[str, Any]) -> dict[str, Any]:
    done = stamp(str(payload["kind"]), int(payload["id"]), str(payload["head"]), now=clock.now())
    return {"kind": payload["kind"], "id": payload["id"], "stamped": done}


def stamp(kind: str, row_id: int, head: str, *, now: datetime) -> bool:
    """Stamp one file, if `head` is still its newest version and a stamp is due; whether it was stamped.

    Raises:
        SignerUnavailable: the service doesn't answer or isn't trusted; nothing changed.
    """
    room = _ROOMS[kind]
    if not _is_due(room.load(row_id), head, now):
        return False
    session().rollback()  # nothing is held while the service is asked
    stamped, until = stamps.archive(files.get(head), signer(), url=str(database.db.settings.tsa_url), now=now)
    with transaction() as here:
        row = room.locked(row_id)
        if not _is_due(row, head, now):
            return False
        row.archived_sha256 = hashlib.sha256(stamped).hexdigest()
        row.archived_at, row.restamp_at = now, next_stamp(now, until)
        here.add(VerificationFile(sha256=row.archived_sha256, code=str(row.code), kind="archived", at=now))
        said = {kind: row.id, "file": row.archived_sha256, "before": head, "until": until.isoformat()}
        if isinstance(row, NationalRecap):
            events.record(chain_of(row.id), "recap.archived", said, by=None, now=now)
        else:
            audit.record(audit.KANWIL, f"{kind}.archived", said, by=None, now=now)
        here.flush()
        files.put(stamped)  # last: a crash before it leaves no second version behind
        return True


def _is_due(row: Row, head: str, now: datetime) -> bool:
    return row.code is not None and newest(row) == head and (row.restamp_at is None or row.restamp_at <= now)


def next_stamp(now: datetime, until: datetime) -> datetime:
    """When the next stamp is due: well before the service's certificate ends at `until`, within three years at most."""
    left = until - now
    return now + min(LONGEST, max(left - BEFORE, left / 2))
