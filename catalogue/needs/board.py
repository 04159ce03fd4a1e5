"""The national board: what a need that its UPT opened to the whole country shows there, and nothing else.

As with the public catalogue's copies (ADR 10) the copy is written in the transaction of what changes the need.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from catalogue.needs.models import NationalNeed, Need
from catalogue.needs.terms import NATIONAL, SEEKING
from catalogue.stemming import indexed
from catalogue.terms import CATEGORIES
from tenants.models import DirectoryUpt
from tenants.scope import current

ON_BOARD, CLOSED = "open", "closed"
BATCH = 200


def is_wanted(need: Need) -> bool:
    """Whether the need is to stand on the national board."""
    return need.audience == NATIONAL and need.state in SEEKING


def follow(session: Session, need: Need) -> None:
    """Bring the board's copy in line with the need, in the open transaction. One statement where there is none and none
    is wanted, else three at most."""
    copy = session.scalars(select(NationalNeed).where(NationalNeed.ref == need.ref)).first()
    if need.audience != NATIONAL:
        if copy is not None:  # no longer told to the country: gone, not merely closed
            session.delete(copy)
        return
    if not is_wanted(need):
        if copy is not None:
            copy.state = CLOSED
        return
    if copy is None:
        unit = session.scalars(select(DirectoryUpt).where(DirectoryUpt.upt_id == need.upt_id)).one()
        copy = NationalNeed(ref=need.ref, kanwil_id=unit.kanwil_id, upt_id=unit.upt_id, **_of_unit(unit))
        copy.search = indexed(
            need.title, CATEGORIES[need.category], unit.name, unit.short_name, unit.city, unit.kanwil_name
        )
        session.add(copy)
    for name, value in told(need).items():
        setattr(copy, name, value)


def told(need: Need) -> dict[str, Any]:
    """What of a need leaves its Kanwil."""
    return {
        "state": ON_BOARD,
        "title": need.title,
        "category": need.category,
        "goods_group": need.goods_group,
        "quantity": need.remaining,
        "unit": need.unit,
        "needed_by": need.needed_by,
        "posted_at": need.posted_at,
    }


def _of_unit(unit: DirectoryUpt) -> dict[str, str]:
    return {"kanwil_name": unit.kanwil_name, "upt_name": unit.short_name, "upt_slug": unit.slug}


def mend(session: Session, now: datetime) -> int:
    """Make the copies that are missing (a Kanwil that was brought back from an export) and close those that nothing
    stands behind; how many, at most two batches."""
    seeking = (Need.audience == NATIONAL, Need.state.in_(SEEKING))
    copied = exists().where(NationalNeed.ref == Need.ref)
    missing = list(session.scalars(select(Need).where(*seeking, ~copied).order_by(Need.id).limit(BATCH)))
    for need in missing:
        follow(session, need)
    own = NationalNeed.kanwil_id == current().tenant_id
    shown = list(
        session.scalars(select(NationalNeed).where(own, NationalNeed.state == ON_BOARD).limit(BATCH))
    )
    standing = set(
        session.scalars(select(Need.ref).where(*seeking, Need.ref.in_([one.ref for one in shown])))
    )
    stale = [one for one in shown if one.ref not in standing]
    for copy in stale:
        copy.state = CLOSED
    session.flush()
    return len(missing) + len(stale)
