"""The shop window: what the public site and the public API read, from the published tables alone.

Nothing here knows a tenant or a session: callers hold a session of `tenants.database.public()`. Searching, narrowing
and counting are in `catalogue.window`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, defer

from catalogue.models import PublishedFacet, PublishedPhoto, PublishedProduct
from catalogue.window import tally as tallied
from catalogue.window.facets import Choice, Facets, facets
from catalogue.window.filters import SORTS, Filters
from catalogue.window.finding import LIMIT, LONGEST_QUERY, Found, search, words_alone
from catalogue.window.tally import Facts, facts, products_by_upt, tally
from tenants.models import DirectoryUpt, Kanwil

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
    "products_by_upt",
    "search",
    "tally",
    "words_alone",
]


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


def _of(numbers: Select[Any]) -> Select[PublishedProduct]:
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
