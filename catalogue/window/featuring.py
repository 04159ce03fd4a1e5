"""What the centre shows first: products chosen for the front page or for a category's shelf, in order, from day to day.

Nothing of it goes through a Kanwil: what is chosen is on the shelf already. Every change is a row of `FeatureChange`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from catalogue.models import PublishedProduct
from catalogue.publication import PUBLISHED
from catalogue.terms import CATEGORIES
from catalogue.window.models import FeatureChange, PublishedFeature
from tenants.clock import local_day
from tenants.database import session as scoped_session
from tenants.database import transaction
from tenants.errors import Conflict, Forbidden, Invalid, NotFound
from tenants.idempotency import once
from tenants.officers import Actor
from tenants.words import N_
from workflows.kept import Kept

FRONT: Final = "front"
PAGES: Final[Mapping[str, str]] = {FRONT: N_("Halaman depan"), **CATEGORIES}
MOST: Final = 12
"""So many products are shown on a page; more may be chosen for later days."""
MOST_CHOSEN: Final = 60
CENTRE: Final = "Asia/Jakarta"
ADDED, MOVED, CHANGED, REMOVED = "added", "moved", "changed", "removed"
ACTIONS: Final[Mapping[str, str]] = {
    ADDED: N_("ditambahkan"),
    MOVED: N_("dipindahkan"),
    CHANGED: N_("diubah tanggalnya"),
    REMOVED: N_("dihapus"),
}
_kept: Kept[list[PublishedProduct]] = Kept(len(PAGES), seconds=30)


@dataclass(frozen=True)
class Featured:
    """A choice with its product, as the centre's page shows it."""

    row: PublishedFeature
    product: PublishedProduct

    def shows(self, today: date) -> bool:
        """Whether visitors see it on this day."""
        over = self.row.until_on is not None and self.row.until_on < today
        return self.row.from_on <= today and not over and self.product.state == PUBLISHED


def feature(
    page: str,
    slug: str,
    *,
    from_on: date | None = None,
    until_on: date | None = None,
    by: Actor,
    now: datetime,
    key: str | None = None,
) -> PublishedFeature:
    """Choose a product for a page, behind those chosen before; from today where no day is given.

    Raises:
        Forbidden: `by` isn't of the centre's administration.
        Invalid: no such page, days in the wrong order, nothing on the shelf has this address, or the page is full.
        Conflict: the page shows it already.
    """
    _allowed(by)
    first = from_on or local_day(now, CENTRE)
    _check(page, first, until_on)

    def act() -> PublishedFeature:
        with transaction() as session:
            product = session.scalars(
                select(PublishedProduct).where(
                    PublishedProduct.slug == slug.strip(), PublishedProduct.state == PUBLISHED
                )
            ).first()
            if product is None:
                raise Invalid(fields={"product": N_("Tidak ada produk terbit dengan alamat ini.")})
            there = _rows(session, page)
            if any(row.product_id == product.product_id for row in there):
                raise Conflict(N_("Produk ini sudah dipilih untuk halaman itu."))
            if len(there) >= MOST_CHOSEN:
                raise Invalid(fields={"product": N_("Halaman ini sudah penuh; hapus satu pilihan dahulu.")})
            row = PublishedFeature(
                page=page,
                product_id=product.product_id,
                position=max((one.position for one in there), default=0) + 1,
                from_on=first,
                until_on=until_on,
                version=1,
            )
            session.add(row)
            session.flush()
            _note(session, ADDED, row, product.name, by, now)
            return row

    asked = {"page": page, "slug": slug, "from_on": first.isoformat(), "until_on": str(until_on or "")}
    made, _ = once(key, "feature.add", act, lambda row: row.id, _loaded, content=asked)
    forget()
    return made


def reschedule(
    feature_id: int, *, from_on: date, until_on: date | None, by: Actor, now: datetime
) -> PublishedFeature:
    """Show a chosen product on other days.

    Raises:
        Forbidden, NotFound; Invalid: days in the wrong order.
    """
    _allowed(by)
    with transaction() as session:
        row, name = _one(session, feature_id)
        _check(row.page, from_on, until_on)
        if (row.from_on, row.until_on) == (from_on, until_on):
            return row
        row.from_on, row.until_on = from_on, until_on
        row.version += 1
        session.flush()
        _note(session, CHANGED, row, name, by, now)
    forget()
    return row


def move(feature_id: int, *, up: bool, by: Actor, now: datetime) -> PublishedFeature:
    """Change places with the choice before or behind it; the first stays the first.

    Raises:
        Forbidden, NotFound.
    """
    _allowed(by)
    with transaction() as session:
        row, name = _one(session, feature_id)
        there = _rows(session, row.page)
        place = next(at for at, one in enumerate(there) if one.id == row.id)
        beside = place - 1 if up else place + 1
        if not 0 <= beside < len(there):
            return row
        there[place], there[beside] = there[beside], there[place]
        for position, one in enumerate(there, 1):
            one.position = position
        row.version += 1
        session.flush()
        _note(session, MOVED, row, name, by, now)
    forget()
    return row


def remove(feature_id: int, *, by: Actor, now: datetime) -> None:
    """Take a choice back. A second time does nothing.

    Raises:
        Forbidden.
    """
    _allowed(by)
    with transaction() as session:
        row = session.scalars(
            select(PublishedFeature).where(PublishedFeature.id == feature_id).with_for_update()
        ).first()
        if row is None:
            return
        name = session.scalar(
            select(PublishedProduct.name).where(PublishedProduct.product_id == row.product_id)
        )
        session.delete(row)
        session.flush()
        _note(session, REMOVED, row, name or "", by, now)
    forget()


def chosen(page: str) -> list[Featured]:
    """What is chosen for a page, whatever its days, in order. One statement."""
    found = scoped_session().execute(
        select(PublishedFeature, PublishedProduct)
        .join(PublishedProduct, PublishedProduct.product_id == PublishedFeature.product_id)
        .where(PublishedFeature.page == page)
        .order_by(PublishedFeature.position, PublishedFeature.id)
    )
    return [Featured(row, product) for row, product in found]


def amounts() -> dict[str, int]:
    """How many are chosen for each page. One statement."""
    asked = select(PublishedFeature.page, func.count()).group_by(PublishedFeature.page)
    return {page: int(amount) for page, amount in scoped_session().execute(asked)}


def history(page: str, *, limit: int = 20) -> list[FeatureChange]:
    """The last changes of a page's choice, the newest first. One statement."""
    asked = select(FeatureChange).where(FeatureChange.page == page).order_by(FeatureChange.id.desc())
    return list(scoped_session().scalars(asked.limit(limit)))


def one(feature_id: int) -> Featured:
    """One choice. One statement.

    Raises:
        NotFound: there is none.
    """
    found = (
        scoped_session()
        .execute(
            select(PublishedFeature, PublishedProduct)
            .join(PublishedProduct, PublishedProduct.product_id == PublishedFeature.product_id)
            .where(PublishedFeature.id == feature_id)
        )
        .first()
    )
    if found is None:
        raise NotFound(N_("Pilihan ini tidak ada lagi."))
    return Featured(*found)


def shown(session: Session, page: str, now: datetime) -> list[PublishedProduct]:
    """What a page shows first today, through a public session. One statement, kept 30 s."""
    today = local_day(now, CENTRE)
    kept = _kept.get((page, today))
    if kept is not None:
        return kept
    return _kept.put((page, today), list(session.scalars(_of(page, today))))


def forget() -> None:
    """Read anew on the next use."""
    _kept.forget()


def _of(page: str, today: date) -> Select[PublishedProduct]:
    return (
        select(PublishedProduct)
        .join(PublishedFeature, PublishedFeature.product_id == PublishedProduct.product_id)
        .where(
            PublishedFeature.page == page,
            PublishedFeature.from_on <= today,
            func.coalesce(PublishedFeature.until_on, date.max) >= today,
            PublishedProduct.state == PUBLISHED,
        )
        .order_by(PublishedFeature.position, PublishedFeature.id)
        .limit(MOST)
    )


def _allowed(by: Actor) -> None:
    if not by.has("admin_pusat"):
        raise Forbidden(N_("Etalase diatur oleh administrator pusat."))


def _check(page: str, from_on: date, until_on: date | None) -> None:
    wrong = {}
    if page not in PAGES:
        wrong["page"] = N_("Halaman ini tidak dikenal.")
    if until_on is not None and until_on < from_on:
        wrong["until_on"] = N_("Hari terakhir harus sama dengan atau sesudah hari pertama.")
    if wrong:
        raise Invalid(fields=wrong)


def _rows(session: Session, page: str) -> list[PublishedFeature]:
    """The choices of a page in order, held until the transaction ends."""
    asked = (
        select(PublishedFeature)
        .where(PublishedFeature.page == page)
        .order_by(PublishedFeature.position, PublishedFeature.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return list(session.scalars(asked))


def _one(session: Session, feature_id: int) -> tuple[PublishedFeature, str]:
    found = session.execute(
        select(PublishedFeature, PublishedProduct.name)
        .join(PublishedProduct, PublishedProduct.product_id == PublishedFeature.product_id)
        .where(PublishedFeature.id == feature_id)
        .with_for_update(of=PublishedFeature)
        .execution_options(populate_existing=True)
    ).first()
    if found is None:
        raise NotFound(N_("Pilihan ini tidak ada lagi."))
    return found[0], found[1]


def _note(session: Session, action: str, row: PublishedFeature, name: str, by: Actor, now: datetime) -> None:
    session.add(
        FeatureChange(
            at=now,
            officer_id=by.id,
            officer_name=by.name,
            action=action,
            page=row.page,
            product_id=row.product_id,
            product_name=name,
            position=row.position,
            from_on=row.from_on,
            until_on=row.until_on,
        )
    )
    session.flush()


def _loaded(feature_id: int) -> Any:
    return scoped_session().scalars(select(PublishedFeature).where(PublishedFeature.id == feature_id)).one()
