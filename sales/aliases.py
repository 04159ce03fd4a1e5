"""Other names of UPT, and the book of every name by which an import recognises one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sales.models import Purchase, UptAlias
from sales.providers import Provider, ProviderBook, plain
from sales.rollups import Deltas, locked
from tenants.database import session as scoped_session
from tenants.database import transaction
from tenants.errors import Invalid
from tenants.models import DirectoryUpt, Upt
from tenants.officers import Actor
from workflows import audit

_PRIVATE: Final = frozenset(
    {"pt", "cv", "ud", "toko", "koperasi", "yayasan", "perorangan", "swasta", "umum", "firma"}
)


@dataclass(frozen=True)
class Buyer:
    """Who bought: ``upt`` with its id in the directory, ``government`` or ``other``."""

    kind: str
    upt_id: int | None


def book(session: Session | None = None) -> ProviderBook:
    """Every UPT of the country by register name, short name and this Kanwil's aliases. Two statements."""
    reader = session or scoped_session()
    named, by_id = _register(reader)
    aliases = reader.execute(select(UptAlias.name, UptAlias.upt_id)).all()
    return ProviderBook([*named, *((name, by_id[upt_id]) for name, upt_id in aliases if upt_id in by_id)])


def register_book(session: Session) -> ProviderBook:
    """Every UPT of the country by register name and short name, for the centre. One statement."""
    return ProviderBook(_register(session)[0])


def _register(reader: Session) -> tuple[list[tuple[str, Provider]], dict[int, Provider]]:
    register = list(reader.scalars(select(DirectoryUpt)))
    by_id = {upt.upt_id: Provider(upt.kanwil_id, upt.kanwil_name, upt.upt_id, upt.name) for upt in register}
    named = [(upt.short_name, by_id[upt.upt_id]) for upt in register]
    return named + [(upt.name, by_id[upt.upt_id]) for upt in register], by_id


def buyer_of(unit: str, institution: str, names: ProviderBook) -> Buyer:
    """Recognise a buyer. Who names no institution, or a private one, is neither UPT nor government."""
    found = names.find(unit)
    if found is not None:
        return Buyer("upt", found.upt_id)
    words = plain(institution).split() or plain(unit).split()[:1]
    if not institution or (words and words[0] in _PRIVATE):
        return Buyer("other", None)
    return Buyer("government", None)


def add(name: str, upt_id: int, *, by: Actor, now: datetime) -> UptAlias:
    """Keep another name of an UPT; purchases whose buyer bears it count as that UPT's from now on.

    Raises:
        Invalid: no name, no such UPT in this Kanwil, or the name already means an UPT.
    """
    clean = " ".join(name.split())
    if not plain(clean) or len(clean) > 300:
        raise Invalid(fields={"name": "Tulis nama lain UPT, paling panjang 300 karakter."})
    with transaction() as session:
        locked(session)
        if session.get(Upt, upt_id) is None:
            raise Invalid(fields={"upt_id": "UPT ini tidak ada di Kanwil Anda."})
        if (other := book(session).find(clean)) is not None:
            raise Invalid(fields={"name": f"Nama ini sudah berarti {other.upt_name}."})
        alias = UptAlias(name=clean, upt_id=upt_id)
        session.add(alias)
        session.flush()
        moved = _recognise(session, clean, upt_id)
        audit.record(
            audit.KANWIL, "alias.added", {"name": clean, "upt_id": upt_id, "purchases": moved}, by=by, now=now
        )
    return alias


def _recognise(session: Session, name: str, upt_id: int) -> int:
    deltas = Deltas()
    found = session.scalars(
        select(Purchase)
        .where(func.lower(Purchase.buyer_unit) == name.lower(), Purchase.buyer_upt_id.is_(None))
        .execution_options(populate_existing=True)
    ).all()
    for purchase in found:
        deltas.take(purchase)
        purchase.buyer_kind, purchase.buyer_upt_id = "upt", upt_id
        deltas.add(purchase)
    session.flush()
    deltas.write(session)
    return len(found)
