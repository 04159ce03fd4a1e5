"""Letters between UPT: the one way by which an UPT's rows cause rows of another UPT, of its own Kanwil or another's.

Who writes stays in his own scope and leaves a `Letter` there. The carrier takes the letters of a scope that wait,
enters the addressee's scope, and hands over what `SAYS` allows: no row, no query and no session crosses. There the
kind's handler decides, in one transaction with its audit event, what becomes of it. A letter may be handed over twice
(a crash before it was marked), so every handler leaves the same rows behind when it is. Letters of one UPT to another
arrive in the order in which they were written. Decision: ADR 18.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from catalogue.needs.models import Letter
from tenants import clock, jobs
from tenants.database import session as scoped_session
from tenants.database import transaction
from tenants.errors import KaryaError
from tenants.jobs import alone_in, every_tenant, job, scheduled
from tenants.models import DirectoryUpt, Kanwil
from tenants.officers import Actor
from tenants.scope import Scope, current, entered

log = logging.getLogger("karya.letters")
BATCH: Final = 50
SAYS: Final[dict[str, tuple[str, ...]]] = {
    # from the UPT that needs
    "invite": ("title", "quantity", "unit", "needed_by"),
    "accepted": ("quantity",),
    "declined": ("reason",),
    "cancelled": ("reason",),
    "closed": ("why",),
    "released": (),
    "package": ("package_id",),
    # from the UPT that offers
    "offer": (
        *("product_name", "product_slug", "quantity", "partial", "price_rupiah"),
        *("deliver_on", "message"),
    ),
    "offer_withdrawn": (),
    "delivery": ("number", "packages", "fulfilled"),
    # from either
    "contact_ready": (),
    "contact_unready": (),
    "contact": ("name", "phone", "email"),
}
"""What a letter of each kind says, and nothing beside it."""


@dataclass(frozen=True)
class Arrived:
    """A letter at its addressee: what was written, and by whom, as the carrier knows it and not as the letter says."""

    kind: str
    need_ref: str
    offer_ref: str
    body: Mapping[str, Any]
    kanwil_id: int
    upt_id: int
    upt_name: str
    kanwil_name: str


Handler = Callable[[Session, Arrived, datetime], str]
_handlers: dict[str, Handler] = {}


def receives(kind: str) -> Callable[[Handler], Handler]:
    """Register what an addressee does with a kind of letter, inside its scope and an open transaction; it returns one
    word of what became of it."""
    if kind not in SAYS:
        raise KeyError(kind)

    def register(handler: Handler) -> Handler:
        _handlers[kind] = handler
        return handler

    return register


def write(
    session: Session,
    kind: str,
    *,
    to: tuple[int, int],
    upt_id: int,
    need_ref: str,
    offer_ref: str = "",
    body: Mapping[str, Any] | None = None,
    by: Actor | None,
    now: datetime,
) -> Letter:
    """Leave a letter of the UPT `upt_id` to `to` (Kanwil, UPT) in the open transaction, and have it carried.

    Raises:
        KeyError: it says something else than its kind may.
    """
    said = dict(body or {})
    if set(said) != set(SAYS[kind]):
        raise KeyError(f"{kind}: {sorted(said)}")
    letter = Letter(
        kind=kind,
        upt_id=upt_id,
        to_kanwil_id=to[0],
        to_upt_id=to[1],
        need_ref=need_ref,
        offer_ref=offer_ref or None,
        body=said,
        written_at=now,
        written_by=by.id if by is not None else None,
    )
    session.add(letter)
    session.flush()
    jobs.enqueue("needs.carry", {}, key=str(letter.id))
    return letter


@job("needs.carry")
def carry_job(payload: dict[str, Any]) -> None:
    """Carry what waits in the scope that wrote."""
    carry(clock.now())


@scheduled("*/5 * * * *", "needs.carry")
def sweep(planned: datetime) -> None:
    """Carry what a crash, or a suspended Kanwil, left behind. Every five minutes."""
    for scope in every_tenant():
        with alone_in(scope):
            carry(planned)


def carry(now: datetime) -> int:
    """Carry the letters that wait in the scope, oldest first; how many arrived.

    What can't be handed over (its Kanwil is suspended, or something broke) holds up the later letters to the same UPT
    and nobody else's.
    """
    here = current()
    held: set[tuple[int, int]] = set()
    after = carried = 0
    while letters := _waiting(after):
        for letter in letters:
            after, to = letter.id, (letter.to_kanwil_id, letter.to_upt_id)
            if to in held:
                continue
            try:
                outcome = _hand_over(letter, here, now)
            except Exception:
                log.exception("letter %s of tenant %s could not be handed over", letter.id, here.tenant_id)
                outcome = None
            if outcome is None:
                held.add(to)
            else:
                _mark(letter.id, outcome, now)
                carried += 1
    return carried


def _waiting(after: int) -> list[Letter]:
    waits = select(Letter).where(Letter.carried_at.is_(None), Letter.id > after)
    return list(scoped_session().scalars(waits.order_by(Letter.id).limit(BATCH)))


def _hand_over(letter: Letter, here: Scope, now: datetime) -> str | None:
    """What became of a letter at its addressee; None: it must wait."""
    try:
        with entered(Scope(letter.to_kanwil_id, letter.to_upt_id)), transaction() as session:
            outcome = _received(session, letter, here, now)
    except KaryaError as refused:
        if refused.status >= 500:
            raise
        outcome = f"refused {refused.code}"
    log.info(
        "letter %s (%s) from kanwil %s upt %s to kanwil %s upt %s: %s",
        *(letter.id, letter.kind, here.tenant_id, letter.upt_id, letter.to_kanwil_id, letter.to_upt_id),
        outcome,
    )
    return outcome


def _received(session: Session, letter: Letter, here: Scope, now: datetime) -> str | None:
    """The addressee's part, inside its scope: nothing of the sender is at hand but what the letter may say."""
    state = session.scalar(select(Kanwil.state).where(Kanwil.id == letter.to_kanwil_id))
    sender = session.scalars(select(DirectoryUpt).where(DirectoryUpt.upt_id == letter.upt_id)).first()
    if state != "active" or sender is None or sender.kanwil_id != here.tenant_id:
        return None
    arrived = Arrived(
        kind=letter.kind,
        need_ref=letter.need_ref,
        offer_ref=letter.offer_ref or "",
        body={name: letter.body[name] for name in SAYS[letter.kind]},
        kanwil_id=sender.kanwil_id,
        upt_id=sender.upt_id,
        upt_name=sender.short_name,
        kanwil_name=sender.kanwil_name,
    )
    return _handlers[letter.kind](session, arrived, now)


def _mark(letter_id: int, outcome: str, now: datetime) -> None:
    with transaction() as session:
        session.execute(
            update(Letter)
            .where(Letter.id == letter_id, Letter.carried_at.is_(None))
            .values(carried_at=now, outcome=outcome[:60])
            .execution_options(synchronize_session=False)
        )
