"""Buyers whom nothing explains: a list to settle, and what settling them changes.

A buyer is not known when the file names no institution for it, or when it is called like a prison that no register
knows. What a Kanwil says of one counts for its purchases there are and for all that come.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from types import SimpleNamespace
from typing import Any, Final

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from sales import aliases
from sales.checks import COMPLETED
from sales.models import Purchase, SettledBuyer
from sales.providers import plain
from sales.rollups import Deltas, locked
from tenants.database import session, transaction
from tenants.errors import Forbidden, Invalid, NotFound
from tenants.lists import among, by_values
from tenants.models import DirectoryUpt
from tenants.officers import Actor
from tenants.said import say
from tenants.words import N_
from workflows import audit

KINDS: Final = ("upt", "government", "other")
SETTLERS: Final = ("kadiv", "admin_kanwil")
MOST: Final = 100
"""Buyers that one page of the list shows, the largest first."""
CHUNK: Final = 1000


@dataclass(frozen=True)
class Unsettled:
    """A buyer to settle: how it is written, its packages, and what the completed ones of them are worth."""

    unit: str
    institution: str
    packages: int
    value_rupiah: int


def unsettled(limit: int = MOST) -> list[Unsettled]:
    """The buyers that wait, the largest value first. One statement, on those purchases alone."""
    value = func.sum(Purchase.total_rupiah).filter(Purchase.status == COMPLETED)
    asked = (
        select(Purchase.buyer_unit, Purchase.buyer_institution, func.count(), func.coalesce(value, 0))
        .where(~Purchase.buyer_known)
        .group_by(Purchase.buyer_unit, Purchase.buyer_institution)
        .order_by(func.coalesce(value, 0).desc(), Purchase.buyer_unit, Purchase.buyer_institution)
        .limit(limit)
    )
    return [Unsettled(unit, inst, int(n), int(sum_)) for unit, inst, n, sum_ in session().execute(asked)]


def to_settle() -> int:
    """How many buyers wait. One statement."""
    waiting = (
        select(Purchase.buyer_unit, Purchase.buyer_institution)
        .where(~Purchase.buyer_known)
        .distinct()
        .subquery()
    )
    return int(session().scalar(select(func.count()).select_from(waiting)) or 0)


def settled(limit: int = MOST) -> list[SettledBuyer]:
    """What was said of buyers, newest first. One statement."""
    newest = (SettledBuyer.settled_at.desc(), SettledBuyer.id.desc())
    return list(session().scalars(select(SettledBuyer).order_by(*newest).limit(limit)))


def said_of(unit: str, institution: str) -> SettledBuyer:
    """What was said of a buyer. One statement.

    Raises:
        NotFound: nothing was.
    """
    name = aliases.buyer_name(unit, institution)
    said = session().scalars(select(SettledBuyer).where(SettledBuyer.plain_name == name)).first()
    if said is None:
        raise NotFound(N_("Pembeli ini belum dikenali."))
    return said


def upts() -> list[tuple[int, str]]:
    """Every UPT of the country by its register name, for choosing. One statement."""
    asked = select(DirectoryUpt.upt_id, DirectoryUpt.name).order_by(DirectoryUpt.name)
    return [(upt_id, name) for upt_id, name in session().execute(asked)]


def settle(
    unit: str, institution: str, kind: str, upt_id: int | None = None, *, by: Actor, now: datetime
) -> SettledBuyer:
    """Say who a buyer is; its purchases and the rollups follow in the same transaction. Saying it again changes
    nothing, saying something else changes it again.

    Raises:
        Forbidden: `by` is neither kadiv nor admin_kanwil.
        Invalid: no buyer, no such kind, a UPT that is none, or a name that the register explains.
    """
    if not by.has(*SETTLERS):
        raise Forbidden()
    unit, institution = " ".join(unit.split()), " ".join(institution.split())
    if not plain(unit) or len(unit) > 300 or len(institution) > 300:
        raise Invalid(fields={"unit": N_("Sebutkan pembelinya, paling panjang 300 karakter.")})
    if kind not in KINDS:
        raise Invalid(fields={"kind": N_("Pilih UPT, instansi pemerintah, atau lainnya.")})
    with transaction() as db:
        locked(db)
        known = {row[0] for row in db.execute(select(DirectoryUpt.upt_id))}
        if (kind == "upt") != (upt_id is not None) or (upt_id is not None and upt_id not in known):
            raise Invalid(
                fields={"upt_id": N_("Pilih UPT yang membeli.") if kind == "upt" else N_("Hanya untuk UPT.")}
            )
        if (meant := aliases.book(db).find(unit)) is not None:
            raise Invalid(
                fields={"unit": say(N_("Nama ini sudah berarti %(upt_name)s."), upt_name=meant.upt_name)}
            )
        name = aliases.buyer_name(unit, institution)
        said = db.scalars(select(SettledBuyer).where(SettledBuyer.plain_name == name)).first()
        if said is None:
            said = SettledBuyer(unit=unit, institution=institution, plain_name=name)
            db.add(said)
        elif (said.kind, said.upt_id) == (kind, upt_id):
            return said
        said.kind, said.upt_id = kind, upt_id
        said.settled_by_name, said.settled_at = by.name[:160], now
        moved = _apply(db, name, said)
        payload = {
            "unit": unit,
            "institution": institution,
            "kind": kind,
            "upt_id": upt_id,
            "purchases": moved,
        }
        audit.record(audit.KANWIL, "purchases.buyer_settled", payload, by=by, now=now)
        db.flush()
    return said


def _apply(db: Session, name: str, said: SettledBuyer) -> int:
    """Count the purchases of a buyer, however it is spelled, as what was said of it."""
    deltas, count = Deltas(), 0
    waiting = ~Purchase.buyer_known
    same = (func.lower(Purchase.buyer_unit) == said.unit.lower()) & (
        func.lower(Purchase.buyer_institution) == said.institution.lower()
    )
    spelled = select(Purchase.buyer_unit, Purchase.buyer_institution).where(or_(waiting, same)).distinct()
    to = {"buyer_kind": said.kind, "buyer_upt_id": said.upt_id}
    for unit, institution in db.execute(spelled).all():
        if aliases.buyer_name(unit, institution) == name:
            count += _move(db, unit, institution, to, deltas)
    deltas.write(db)
    return count


def _move(db: Session, unit: str, institution: str, to: dict[str, Any], deltas: Deltas) -> int:
    parts = (Purchase.month, Purchase.upt_id, Purchase.commodity, Purchase.status, Purchase.buyer_kind)
    buyer = (Purchase.buyer_upt_id, Purchase.buyer_institution, Purchase.buyer_unit)
    asked = select(Purchase.id, *parts, *buyer, Purchase.quantity, Purchase.total_rupiah).where(
        Purchase.buyer_unit == unit, Purchase.buyer_institution == institution
    )
    after = count = 0
    while rows := db.execute(asked.where(Purchase.id > after).order_by(Purchase.id).limit(CHUNK)).all():
        for row in rows:
            deltas.take(row)
            deltas.add(SimpleNamespace(**{**row._mapping, **to}))
        ids = [row.id for row in rows]
        change = update(Purchase).where(among(Purchase.id, ids)).values(**to, buyer_known=True)
        with by_values(db):
            db.execute(change, execution_options={"synchronize_session": False})
        after, count = ids[-1], count + len(ids)
    return count
