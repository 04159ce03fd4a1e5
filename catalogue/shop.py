"""The shop window: what the public site and the public API read, from the published tables alone.

Nothing here knows a tenant or a session: callers hold a session of `tenants.database.public()`. Searching, narrowing
and counting are in `catalogue.window`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, func, select, union_all
from sqlalchemy.orm import Session, defer

from catalogue.models import PublishedFacet, PublishedPhoto, PublishedProduct
from catalogue.terms import CATEGORIES
from catalogue.window import featuring
from catalogue.window import tally as tallied
from catalogue.window.facets import Choice, Facets, facets
from catalogue.window.featuring import shown as featured
from catalogue.window.filters import SORTS, Filters
from catalogue.window.finding import LIMIT, LONGEST_QUERY, Found, search, words_alone
from catalogue.window.tally import Facts, facts, products_by_upt, tally
from tenants.models import DirectoryUpt, Kanwil
from workflows.kept import Kept

__all__ = [
    "LIMIT",
    "LONGEST_QUERY",
    "SORTS",
    "Choice",
    "Facets",
    "Facts",
    "Filters",
    "Found",
    "facets",
    "facts",
    "featured",
    "products_by_upt",
    "search",
    "tally",
    "words_alone",
]


_kept_shelves: Kept[dict[str, list[PublishedProduct]]] = Kept(4, seconds=30)


def by_slug(session: Session, slug: str) -> PublishedProduct | None:
    """The product at a public address, whatever its state; None if there never was one. One statement."""
    return session.scalars(select(PublishedProduct).where(PublishedProduct.slug == slug)).first()


def like(session: Session, product: PublishedProduct, *, limit: int = 4) -> list[PublishedProduct]:
    """The newest other products of the same category. One statement."""
    numbers = (
        select(PublishedFacet.product_id)
        .where(
            PublishedFacet.category == product.category,
            PublishedFacet.product_id != product.product_id,
        )
        .order_by(PublishedFacet.product_id.desc())
        .limit(limit)
    )
    return list(session.scalars(_of(numbers)))


def upt_page(session: Session, slug: str) -> DirectoryUpt | None:
    """The UPT at a public address. One statement."""
    return session.scalars(select(DirectoryUpt).where(DirectoryUpt.slug == slug)).first()


def upt_list(session: Session, kanwil: str | None = None) -> list[DirectoryUpt]:
    """Every UPT of the register, by Kanwil and name. One statement."""
    asked = select(DirectoryUpt).order_by(DirectoryUpt.kanwil_name, DirectoryUpt.name)
    return list(session.scalars(asked.where(DirectoryUpt.kanwil_code == kanwil) if kanwil else asked))


def newest(session: Session, *, limit: int = 3) -> list[PublishedProduct]:
    """The products that came to the shelf last. One statement."""
    return list(
        session.scalars(
            _of(select(PublishedFacet.product_id).order_by(PublishedFacet.product_id.desc()).limit(limit))
        )
    )


def shelves(session: Session, *, each: int = 4) -> dict[str, list[PublishedProduct]]:
    """The newest products of each category that has any. One statement, kept 30 s."""
    kept = _kept_shelves.get(each)
    if kept is not None:
        return kept
    numbers = [
        select(
            select(PublishedFacet.product_id)
            .where(PublishedFacet.category == category)
            .order_by(PublishedFacet.product_id.desc())
            .limit(each)
            .subquery()
            .c.product_id
        )
        for category in CATEGORIES
    ]
    found: dict[str, list[PublishedProduct]] = {}
    for product in session.scalars(_of(union_all(*numbers))):
        found.setdefault(product.category, []).append(product)
    return _kept_shelves.put(each, {key: found[key] for key in CATEGORIES if key in found})


def office(session: Session, code: str) -> Kanwil | None:
    """The Kanwil at a public address, while it works. One statement."""
    return session.scalars(select(Kanwil).where(Kanwil.code == code, Kanwil.state == "active")).first()


def is_published_photo(session: Session, sha256: str) -> bool:
    """Whether a stored picture belongs to a product that is on the shelf. One statement."""
    return (
        session.scalar(select(PublishedPhoto.sha256).where(PublishedPhoto.sha256 == sha256).limit(1))
        is not None
    )


def offices(session: Session) -> list[Kanwil]:
    """The 33 Kanwil by province. One statement."""
    return list(session.scalars(select(Kanwil).where(Kanwil.state == "active").order_by(Kanwil.province)))


def last_number(session: Session) -> int:
    """The highest product number on the shelf, 0 where it is empty. One statement."""
    return session.scalar(select(func.max(PublishedProduct.product_id))) or 0


def addresses(session: Session, *, first: int, last: int) -> Sequence[Any]:
    """(slug, updated_at) of published products numbered from `first` up to `last`, for the sitemap. One statement."""
    return session.execute(
        select(PublishedProduct.slug, PublishedProduct.updated_at)
        .where(
            PublishedProduct.state == "published",
            PublishedProduct.product_id >= first,
            PublishedProduct.product_id < last,
        )
        .order_by(PublishedProduct.product_id)
    ).all()


def _of(numbers: Any) -> Select[PublishedProduct]:
    """The products that a narrow statement names, newest first."""
    return (
        select(PublishedProduct)
        .options(defer(PublishedProduct.search), defer(PublishedProduct.words))
        .where(PublishedProduct.product_id.in_(numbers))
        .order_by(PublishedProduct.product_id.desc())
    )


def forget() -> None:
    """Read figures anew on the next use; for tests and after a bulk load."""
    tallied.forget()
    featuring.forget()
    _kept_shelves.forget()
