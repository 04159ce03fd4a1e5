"""How lists of needs are narrowed and paged, and what of the reader's own products fits: shared by both boards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from catalogue.models import PublishedProduct
from catalogue.needs.matching import meets, terms_of
from catalogue.publication import PUBLISHED
from catalogue.stemming import stem, words
from catalogue.terms import CATEGORIES, GROUPS
from tenants.errors import Invalid
from tenants.models import DirectoryUpt
from tenants.officers import Actor
from tenants.words import N_

LIMIT: Final = 24
EXPORTED: Final = 5000
OWN_PRODUCTS: Final = 100


@dataclass(frozen=True)
class Filters:
    """What a board is narrowed to. `state`: one of `STATES`, ``seeking``, or "" for all; `q` in any Indonesian form."""

    q: str = ""
    category: str = ""
    group: str = ""
    state: str = ""
    upt_id: int | None = None
    kanwil: str = ""

    @property
    def narrowed(self) -> bool:
        return bool(self.q or self.category or self.group or self.upt_id or self.kanwil)


def kinds(model: Any, filters: Filters) -> list[ColumnElement[bool]]:
    wrong = {}
    if filters.category and filters.category not in CATEGORIES:
        wrong["category"] = N_("Kategori ini tidak dikenal.")
    if filters.group and filters.group not in GROUPS:
        wrong["group"] = N_("Kelompok barang ini tidak dikenal.")
    if wrong:
        raise Invalid(fields=wrong)
    found: list[ColumnElement[bool]] = []
    if filters.category:
        found.append(model.category == filters.category)
    if filters.group:
        found.append(model.goods_group == filters.group)
    padded = " " + model.search
    for word in words(filters.q[:100])[:6]:
        found.append(
            or_(
                padded.contains(f" {word}", autoescape=True),
                padded.contains(f" {stem(word)}", autoescape=True),
            )
        )
    return found


def shelf_of(session: Session, by: Actor) -> list[PublishedProduct]:
    """The own UPT's published products."""
    if by.upt_id is None:
        return []
    slug = select(DirectoryUpt.slug).where(DirectoryUpt.upt_id == by.upt_id).scalar_subquery()
    asked = select(PublishedProduct).where(
        PublishedProduct.state == PUBLISHED, PublishedProduct.upt_slug == slug
    )
    return list(session.scalars(asked.order_by(PublishedProduct.product_id.desc()).limit(OWN_PRODUCTS)))


def fitting(session: Session, by: Actor) -> list[str]:
    """What the own UPT's products are found by, to mark the needs that they fit. One statement, none for a Kanwil."""
    return [one.search for one in shelf_of(session, by)]


def fits(title: str, shelf: list[str]) -> bool:
    """Whether some product of the shelf meets most of the words."""
    asked = terms_of(title)
    return bool(asked) and any(2 * meets(asked, search) >= len(asked) for search in shelf)


def day_and_id(cursor: str) -> tuple[date, int]:
    day, _, last = cursor.partition(".")
    try:
        if not (last.isascii() and last.isdigit() and len(last) < 10):
            raise ValueError
        return date.fromisoformat(day), int(last)
    except ValueError:
        raise Invalid(fields={"cursor": N_("Penanda halaman ini tidak dikenal.")}) from None
