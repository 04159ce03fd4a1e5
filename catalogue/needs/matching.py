"""Products of the public catalogue that fit a need: proposed to the UPT that needs, and asked for an offer by it.

Only published rows are read (ADR 10). Each of the two groups, the own Kanwil first, is the newest `CANDIDATES` that any
word of the need finds, in any of its Indonesian forms; within them the order is: words met, whether the amount can be
made in time, whether the price stays within the ceiling, how near the UPT lies.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import column, func, literal, literal_column, select, table
from sqlalchemy.orm import Session

from catalogue.models import PublishedProduct
from catalogue.needs import letters, places, posting
from catalogue.needs.errors import NeedInvalid, NeedMoved
from catalogue.needs.models import Letter, Need
from catalogue.needs.posting import own_upt
from catalogue.needs.terms import NATIONAL, SEEKING
from catalogue.publication import PUBLISHED, mark
from catalogue.stemming import stem, words
from tenants.database import session as scoped_session
from tenants.database import transaction
from tenants.idempotency import once
from tenants.models import DirectoryUpt
from tenants.officers import Actor
from tenants.words import N_

CANDIDATES: Final = 60
SHOWN: Final = 6
MOST_WORDS: Final = 8
_DAYS_OF_MONTH: Final = 30
_EMPTY: Final = frozenset(
    "dan atau untuk dengan yang di ke dari bagi pada dalam tiap per bahan barang produk ukuran warna jenis baru".split()
)
_INDEX = table("published_search", column("rowid"), column("published_search"))
_VECTOR: Any = literal_column("published_product.search_vector")
_SIMPLE: Any = literal_column("'simple'")


@dataclass(frozen=True)
class Proposal:
    """A product that fits. `within_days`: how much of it can be had by the need's day; distance in km where known."""

    product: PublishedProduct
    upt_id: int
    kanwil_id: int
    own_kanwil: bool
    met: int
    by_the_day: int
    enough: bool
    within_ceiling: bool | None
    distance_km: int | None
    invited: bool


@dataclass(frozen=True)
class Proposals:
    """Of the own Kanwil, and of the others."""

    near: list[Proposal]
    far: list[Proposal]


def proposals(need: Need, *, today: date) -> Proposals:
    """The products that fit a need, at most `SHOWN` a group. Five statements, three where nothing is found."""
    session = scoped_session()
    unit = session.scalars(select(DirectoryUpt).where(DirectoryUpt.upt_id == need.upt_id)).one()
    asked = terms_of(need.title)
    if not asked:
        return Proposals([], [])
    near = _found(session, asked, PublishedProduct.kanwil_code == unit.kanwil_code, unit.kanwil_code)
    far = _found(session, asked, PublishedProduct.kanwil_code != unit.kanwil_code, None)
    products = [one for one in (*near, *far) if one.upt_slug != unit.slug]
    if not products:
        return Proposals([], [])
    slugs = {one.upt_slug for one in products}
    units = {
        one.slug: one for one in session.scalars(select(DirectoryUpt).where(DirectoryUpt.slug.in_(slugs)))
    }
    invited = set(
        session.scalars(select(Letter.to_upt_id).where(Letter.need_ref == need.ref, Letter.kind == "invite"))
    )
    made = [
        _proposal(need, one, units[one.upt_slug], unit, asked, invited, today)
        for one in products
        if one.upt_slug in units
    ]
    made.sort(key=_order)
    return Proposals(
        [one for one in made if one.own_kanwil][:SHOWN], [one for one in made if not one.own_kanwil][:SHOWN]
    )


def terms_of(text: str) -> list[str]:
    """The words by which products are looked for: no numbers, nothing that says nothing."""
    found = dict.fromkeys(
        one for one in words(text) if one not in _EMPTY and not one.isdigit() and len(one) > 2
    )
    return list(found)[:MOST_WORDS]


def meets(asked: Iterable[str], search: str) -> int:
    """How many of the words a product's index holds, in any of their forms."""
    held = set(search.split())
    return sum(1 for word in asked if word in held or stem(word) in held)


def by_the_day(product: PublishedProduct, days: int) -> int:
    """How much of a product can be had in so many days: its stock, and what is made once the lead time has passed."""
    making = max(0, days - product.lead_time_days)
    return product.stock + product.capacity_per_month * making // _DAYS_OF_MONTH


def invite(need_id: int, slug: str, *, by: Actor, now: datetime, key: str | None = None) -> Need:
    """Ask the UPT of a published product for an offer, by a letter; once a need and UPT.

    Raises:
        NeedNotFound, NotYourNeed: as `posting.change`.
        NeedInvalid: there is no such product on the shelf, or it is the own UPT's.
        NeedMoved: nothing is sought any more, or the need isn't open to that UPT's Kanwil.
    """
    own_upt(by)
    done, _ = once(
        key,
        f"need.invite:{need_id}",
        lambda: _invited(need_id, slug, by, now),
        lambda need: need.id,
        posting.load,
        content=slug,
    )
    return done


def _invited(need_id: int, slug: str, by: Actor, now: datetime) -> Need:
    with transaction() as session:
        need = posting.locked(session, need_id, by)
        if need.state not in SEEKING:
            raise NeedMoved(N_("Kebutuhan ini sudah ditutup; tidak ada lagi yang dicari."))
        found = session.execute(
            select(PublishedProduct.name, DirectoryUpt)
            .join(DirectoryUpt, DirectoryUpt.slug == PublishedProduct.upt_slug)
            .where(PublishedProduct.slug == str(slug), PublishedProduct.state == PUBLISHED)
        ).first()
        if found is None or found[1].upt_id == need.upt_id:
            raise NeedInvalid(fields={"product": N_("Pilih produk yang terbit dari UPT lain.")})
        unit = found[1]
        if unit.kanwil_id != need.tenant_id and need.audience != NATIONAL:
            raise NeedMoved(N_("Kebutuhan ini hanya dibaca Kanwil Anda. Buka dulu untuk seluruh Indonesia."))
        asked = select(Letter.id).where(
            Letter.need_ref == need.ref, Letter.kind == "invite", Letter.to_upt_id == unit.upt_id
        )
        if session.scalars(asked.limit(1)).first() is not None:
            return need
        body = {
            "title": need.title,
            "quantity": need.remaining,
            "unit": need.unit,
            "needed_by": need.needed_by.isoformat(),
        }
        to = (unit.kanwil_id, unit.upt_id)
        letters.write(
            session, "invite", to=to, upt_id=need.upt_id, need_ref=need.ref, body=body, by=by, now=now
        )
        posting.record(need, "need.invited", {"to_upt_id": unit.upt_id, "product": slug}, by=by, now=now)
        session.flush()
        return need


def _found(session: Session, asked: list[str], where: Any, kanwil: str | None) -> list[PublishedProduct]:
    """The newest published products that any of the words finds. One statement."""
    postgresql = session.get_bind().dialect.name == "postgresql"
    either, both = (" | ", " & ") if postgresql else (" OR ", " AND ")
    forms = dict.fromkeys(form for word in asked for form in (word, stem(word)))
    query = f"({either.join(forms)})" + (f"{both}{mark('k', kanwil)}" if kanwil else "")
    statement = select(PublishedProduct).where(PublishedProduct.state == PUBLISHED, where)
    number: Any = PublishedProduct.product_id
    if postgresql:
        statement = statement.where(_VECTOR.op("@@")(func.to_tsquery(_SIMPLE, query)))
    else:
        number = _INDEX.c.rowid
        statement = (
            statement.select_from(_INDEX)
            .join(PublishedProduct, PublishedProduct.product_id == number)
            .where(_INDEX.c.published_search.op("MATCH")(literal(query)))
        )
    return list(session.scalars(statement.order_by(number.desc()).limit(CANDIDATES)))


def _proposal(
    need: Need,
    product: PublishedProduct,
    its: DirectoryUpt,
    own: DirectoryUpt,
    asked: list[str],
    invited: set[int],
    today: date,
) -> Proposal:
    can = by_the_day(product, (need.needed_by - today).days)
    ceiling = need.ceiling_rupiah
    return Proposal(
        product=product,
        upt_id=its.upt_id,
        kanwil_id=its.kanwil_id,
        own_kanwil=its.kanwil_id == own.kanwil_id,
        met=meets(asked, product.search) + (product.category == need.category),
        by_the_day=can,
        enough=can >= need.remaining,
        within_ceiling=None if ceiling is None else product.price_rupiah <= ceiling,
        distance_km=places.distance_km((its.kanwil_code, its.city), (own.kanwil_code, own.city)),
        invited=its.upt_id in invited,
    )


def _order(one: Proposal) -> tuple[Any, ...]:
    far = one.distance_km if one.distance_km is not None else 10**6
    return (-one.met, not one.enough, one.within_ceiling is False, far, one.product.product_id)
