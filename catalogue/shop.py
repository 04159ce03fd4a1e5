"""The shop window: what the public site and the public API read, from the published tables alone.

Nothing here knows a tenant or a session: callers hold a session of `tenants.database.public()`.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, column, func, literal, literal_column, select, table
from sqlalchemy.orm import Session, defer

from catalogue.models import PublishedPhoto, PublishedProduct, PublishedTally
from catalogue.publication import STEPS, mark, price_step
from catalogue.queries import bounded, position
from catalogue.stemming import MOST_WORDS, stem, words
from catalogue.terms import CATEGORIES
from tenants.errors import Invalid
from tenants.models import DirectoryUpt, Kanwil
from tenants.words import N_
from workflows.kept import Kept
from workflows.queries import Page

LIMIT = 24
LONGEST_QUERY = 200
_VOCABULARY = 4000
_SHORTEST_BEGUN = 2
EITHER = "/"
_INDEX = table("published_search", column("rowid"), column("published_search"))
_VECTOR: Any = literal_column("published_product.search_vector")
_SIMPLE: Any = literal_column("'simple'")


@dataclass(frozen=True)
class Filters:
    """What a shelf is narrowed to; amounts in whole rupiah."""

    category: str | None = None
    kanwil: str | None = None
    upt: str | None = None
    price_from: int | None = None
    price_to: int | None = None

    def any(self) -> bool:
        return any((self.category, self.kanwil, self.upt, self.price_from, self.price_to))


@dataclass(frozen=True)
class Found(Page[PublishedProduct]):
    """A page of products; `meant` is the query that was searched instead of a mistyped one."""

    meant: str | None = None


@dataclass(frozen=True)
class Facts:
    """True figures of the shelf: how many products, how many UPT, and both by Kanwil, most products first."""

    products: int
    upts: int
    registered_upts: int
    kanwil: list[tuple[str, str, int, int]]
    """(code, name, products, UPT)"""
    categories: dict[str, int] = field(default_factory=dict)


_kept_facts: Kept[Facts] = Kept(1, seconds=30)
_kept_words: Kept[list[str]] = Kept(1, seconds=60)


def search(
    session: Session,
    q: str = "",
    filters: Filters | None = None,
    *,
    cursor: str | None = None,
    limit: int = LIMIT,
) -> Found:
    """The published products that `q` finds within `filters`, newest first. One statement, or three.

    Every word must occur, in any of its Indonesian forms; the last one may be only begun. Where nothing is
    found the nearest words of the shelf are tried.

    Raises:
        Invalid: an unknown category or cursor.
    """
    narrowed = filters or Filters()
    if narrowed.category is not None and narrowed.category not in CATEGORIES:
        raise Invalid(fields={"category": N_("Kategori ini tidak dikenal.")})
    asked_words = words(q[:LONGEST_QUERY])[:MOST_WORDS]
    page = _found(session, asked_words, narrowed, cursor, limit)
    if page.items or cursor or not asked_words:
        return page
    meant = _nearest(session, asked_words)
    if meant is None:
        return page
    again = _found(session, meant, narrowed, None, limit)
    return Found(again.items, again.next_cursor, " ".join(meant)) if again.items else page


def by_slug(session: Session, slug: str) -> PublishedProduct | None:
    """The product at a public address, whatever its state; None if there never was one. One statement."""
    return session.scalars(select(PublishedProduct).where(PublishedProduct.slug == slug)).first()


def like(session: Session, product: PublishedProduct, *, limit: int = 4) -> list[PublishedProduct]:
    """The newest other products of the same category. One statement."""
    return list(
        session.scalars(
            _shelf()
            .where(
                PublishedProduct.category == product.category,
                PublishedProduct.product_id != product.product_id,
            )
            .limit(limit)
        )
    )


def upt_page(session: Session, slug: str) -> DirectoryUpt | None:
    """The UPT at a public address. One statement."""
    return session.scalars(select(DirectoryUpt).where(DirectoryUpt.slug == slug)).first()


def upt_list(session: Session, kanwil: str | None = None) -> list[DirectoryUpt]:
    """Every UPT of the register, by Kanwil and name. One statement."""
    asked = select(DirectoryUpt).order_by(DirectoryUpt.kanwil_name, DirectoryUpt.name)
    return list(session.scalars(asked.where(DirectoryUpt.kanwil_code == kanwil) if kanwil else asked))


def tallies(session: Session) -> dict[str, int]:
    """How many published products each UPT has, by its slug. One statement."""
    rows = session.execute(
        select(PublishedTally.upt_slug, func.sum(PublishedTally.products))
        .where(PublishedTally.products > 0)
        .group_by(PublishedTally.upt_slug)
    )
    return {slug: int(amount) for slug, amount in rows}


def newest(session: Session, *, limit: int = 3) -> list[PublishedProduct]:
    """The products that came to the shelf last. One statement."""
    return list(session.scalars(_shelf().limit(limit)))


def facts(session: Session) -> Facts:
    """True figures of the shelf, from the tally (a row a UPT and category). Two statements, kept 30 s."""
    kept = _kept_facts.get("facts")
    if kept is not None:
        return kept
    rows = session.execute(
        select(
            PublishedTally.kanwil_code,
            PublishedTally.kanwil_name,
            PublishedTally.upt_slug,
            PublishedTally.category,
            PublishedTally.products,
        ).where(PublishedTally.products > 0)
    ).all()
    by_kanwil: dict[str, tuple[str, int, set[str]]] = {}
    categories: dict[str, int] = dict.fromkeys(CATEGORIES, 0)
    for row in rows:
        name, amount, upts = by_kanwil.get(row.kanwil_code, (row.kanwil_name, 0, set()))
        by_kanwil[row.kanwil_code] = (name, amount + row.products, upts | {row.upt_slug})
        categories[row.category] = categories.get(row.category, 0) + row.products
    ranked = [(code, name, amount, len(upts)) for code, (name, amount, upts) in by_kanwil.items()]
    ranked.sort(key=lambda entry: (-entry[2], entry[1]))
    registered = session.scalar(select(func.count()).select_from(DirectoryUpt)) or 0
    made = Facts(
        sum(entry[2] for entry in ranked), sum(entry[3] for entry in ranked), registered, ranked, categories
    )
    return _kept_facts.put("facts", made)


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


def _shelf() -> Select[PublishedProduct]:
    return (
        select(PublishedProduct)
        .options(defer(PublishedProduct.search))
        .where(PublishedProduct.state == "published")
        .order_by(PublishedProduct.product_id.desc())
    )


def _found(session: Session, asked: list[str], filters: Filters, cursor: str | None, limit: int) -> Found:
    statement = _shelf()
    number: Any = PublishedProduct.product_id
    marks = [
        mark(kind, value)
        for kind, value in (("c", filters.category), ("k", filters.kanwil), ("u", filters.upt))
        if value
    ]
    if filters.price_from is not None or filters.price_to is not None:
        marks.append(_steps(filters))
    if asked or len(marks) > 1:
        # Full-text search intersects the filters' marks with the words: no combination needs an index.
        if session.get_bind().dialect.name == "postgresql":
            statement = statement.where(
                _VECTOR.op("@@")(func.to_tsquery(_SIMPLE, _terms(asked, marks, " | ", ":*", " & ")))
            )
        else:
            # The index hands out its hits by number, newest first, so that a page reads no more than it shows.
            hits = _INDEX.c.published_search.op("MATCH")(literal(_terms(asked, marks, " OR ", " *", " AND ")))
            number = _INDEX.c.rowid
            statement = (
                statement.select_from(_INDEX)
                .join(PublishedProduct, PublishedProduct.product_id == number)
                .where(hits)
                .order_by(None)
                .order_by(number.desc())
            )
    else:
        for attribute, value in (
            (PublishedProduct.category, filters.category),
            (PublishedProduct.kanwil_code, filters.kanwil),
            (PublishedProduct.upt_slug, filters.upt),
        ):
            if value:
                statement = statement.where(attribute == value)
    if filters.price_from is not None:
        statement = statement.where(PublishedProduct.price_rupiah >= filters.price_from)
    if filters.price_to is not None:
        statement = statement.where(PublishedProduct.price_rupiah <= filters.price_to)
    if cursor:
        statement = statement.where(number < position(cursor))
    size = bounded(limit)
    rows = list(session.scalars(statement.limit(size + 1)))
    shown = rows[:size]
    return Found(shown, str(shown[-1].product_id) if len(rows) > size else None)


def _steps(filters: Filters) -> str:
    """The marks of the price steps that a range touches, as alternatives; the exact range is asked besides."""
    first = price_step(max(1, filters.price_from or 1))
    last = price_step(filters.price_to) if filters.price_to else STEPS
    return EITHER.join(mark("p", str(step)) for step in range(first, max(first, min(last, STEPS)) + 1))


def _terms(asked: list[str], marks: list[str], either: str, begun: str, both: str) -> str:
    """The query in the words of the database: every word or its stem; the last one may be only begun."""
    terms = [f"({one.replace(EITHER, either)})" for one in marks]
    terms += [f"({word}{either}{stem(word)})" for word in asked[:-1]]
    for word in asked[-1:]:
        terms.append(f"({word}{begun}{either}{stem(word)})" if len(word) >= _SHORTEST_BEGUN else word)
    return both.join(terms)


def _nearest(session: Session, asked: list[str]) -> list[str] | None:
    """The query with each unknown word replaced by the nearest one of the newest products' names."""
    vocabulary = _kept_words.get("words")
    if vocabulary is None:
        names = session.execute(
            select(PublishedProduct.name, PublishedProduct.upt_name)
            .where(PublishedProduct.state == "published")
            .order_by(PublishedProduct.product_id.desc())
            .limit(_VOCABULARY)
        )
        vocabulary = _kept_words.put(
            "words", sorted({word for row in names for text in row for word in words(text)})
        )
    known = set(vocabulary)
    meant = []
    for word in asked:
        if word in known or len(word) < 4:
            meant.append(word)
            continue
        near = difflib.get_close_matches(word, vocabulary, n=1, cutoff=0.72)
        if not near:
            return None
        meant.append(near[0])
    return meant if meant != asked else None


def forget() -> None:
    """Read figures and words anew on the next use; for tests and after a bulk load."""
    _kept_facts.forget()
    _kept_words.forget()
