"""Who is meant by a name: the book of every name of a UPT, a Kanwil's other names, and what it said of its buyers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sales.models import Purchase, SettledBuyer, UptAlias
from sales.providers import PRISONS, Provider, ProviderBook, plain
from sales.rollups import Deltas, locked
from tenants.database import session as scoped_session
from tenants.database import transaction
from tenants.errors import Invalid
from tenants.models import DirectoryUpt, Upt
from tenants.officers import Actor
from tenants.said import say
from tenants.words import N_
from workflows import audit

_PRIVATE: Final = frozenset(
    {"pt", "cv", "ud", "toko", "koperasi", "yayasan", "perorangan", "swasta", "umum", "firma"}
)


@dataclass(frozen=True)
class Buyer:
    """Who bought: ``upt`` with its id in the directory, ``government`` or ``other``; and whether that is certain."""

    kind: str
    upt_id: int | None
    known: bool = True


Settled = Mapping[str, Buyer]
"""What a Kanwil said of its buyers, by `buyer_name`."""


def book(session: Session | None = None) -> ProviderBook:
    """Every UPT of the country by register name, short name and this Kanwil's aliases. Two statements."""
    reader = session or scoped_session()
    named, by_id = _register(reader)
    aliases = reader.execute(select(UptAlias.name, UptAlias.upt_id)).all()
    return ProviderBook([*named, *((name, by_id[upt_id]) for name, upt_id in aliases if upt_id in by_id)])


def short_names(session: Session) -> dict[int, str]:
    """What screens call each UPT of the country, by its id in the directory. One statement."""
    rows = session.execute(select(DirectoryUpt.upt_id, DirectoryUpt.short_name))
    return dict(rows.all())


def register_book(session: Session) -> ProviderBook:
    """Every UPT of the country by register name and short name, for the centre. One statement."""
    return ProviderBook(_register(session)[0])


def _register(reader: Session) -> tuple[list[tuple[str, Provider]], dict[int, Provider]]:
    register = list(reader.scalars(select(DirectoryUpt)))
    by_id = {upt.upt_id: Provider(upt.kanwil_id, upt.kanwil_name, upt.upt_id, upt.name) for upt in register}
    named = [(upt.short_name, by_id[upt.upt_id]) for upt in register]
    return named + [(upt.name, by_id[upt.upt_id]) for upt in register], by_id


def settled(session: Session | None = None) -> dict[str, Buyer]:
    """What this Kanwil said of buyers whom nothing else explains. One statement."""
    asked = select(SettledBuyer.plain_name, SettledBuyer.kind, SettledBuyer.upt_id)
    rows = (session or scoped_session()).execute(asked)
    return {name: Buyer(kind, upt_id) for name, kind, upt_id in rows}


def buyer_name(unit: str, institution: str) -> str:
    """Under which name a buyer is remembered: unit and institution without case, signs and short forms."""
    return f"{plain(unit)}|{plain(institution)}"


def buyer_of(unit: str, institution: str, names: ProviderBook, said: Settled | None = None) -> Buyer:
    """Recognise a buyer: by the register, by what the Kanwil `said`, else by the institution.

    Who names no institution, and a prison that no register knows, is a guess and not `known`.
    """
    found = names.find(unit)
    if found is not None:
        return Buyer("upt", found.upt_id)
    if said and (answer := said.get(buyer_name(unit, institution))) is not None:
        return answer
    words = plain(institution).split() or plain(unit).split()[:1]
    if words and words[0] in _PRIVATE:
        return Buyer("other", None)
    if not institution:
        return Buyer("other", None, known=False)
    return Buyer("government", None, known=not plain(unit).startswith(PRISONS))


def add(name: str, upt_id: int, *, by: Actor, now: datetime) -> UptAlias:
    """Keep another name of an UPT; purchases whose buyer bears it count as that UPT's from now on.

    Raises:
        Invalid: no name, no such UPT in this Kanwil, or the name already means an UPT.
    """
    clean = " ".join(name.split())
    if not plain(clean) or len(clean) > 300:
        raise Invalid(fields={"name": N_("Tulis nama lain UPT, paling panjang 300 karakter.")})
    with transaction() as session:
        locked(session)
        if session.get(Upt, upt_id) is None:
            raise Invalid(fields={"upt_id": N_("UPT ini tidak ada di Kanwil Anda.")})
        if (other := book(session).find(clean)) is not None:
            raise Invalid(
                fields={"name": say(N_("Nama ini sudah berarti %(upt_name)s."), upt_name=other.upt_name)}
            )
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
        purchase.buyer_kind, purchase.buyer_upt_id, purchase.buyer_known = "upt", upt_id, True
        deltas.add(purchase)
    session.flush()
    deltas.write(session)
    return len(found)
