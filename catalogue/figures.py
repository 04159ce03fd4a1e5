"""Products counted: by state for the office, and on the shelf for the recap. Rollups alone are read, and, of what was
published lately, the rows since a day. `recount` holds the rollups against the products.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, insert, literal, select, union_all, update
from sqlalchemy.orm import Session

from catalogue.models import Product, ProductFigure, PublishedFigure, PublishedProduct
from catalogue.terms import CATEGORIES, GROUPS, STATES
from tenants.database import session as scoped_session
from tenants.database import transaction
from tenants.models import Kanwil, Upt
from tenants.scope import current

ON_SHELF: Final = ("published", "suspended")
"""What a recap counts as registered."""
BY: Final = ("upt", "category", "group")


@dataclass(frozen=True)
class Line:
    """A row of a table of products: what it is called, its key, and the products in each state."""

    key: str
    label: str
    states: dict[str, int]

    @property
    def total(self) -> int:
        return sum(self.states.values())


def by_state(by: str, *, upt_id: int | None = None) -> list[Line]:
    """The scope's products in each state by `by` (of `BY`), the most first. One statement.

    Raises:
        KeyError: not one of `BY`.
    """
    column: Any = {
        "upt": ProductFigure.upt_id,
        "category": ProductFigure.category,
        "group": ProductFigure.goods_group,
    }[by]
    label: Any = Upt.short_name if by == "upt" else column
    asked = (
        select(column, label, ProductFigure.state, func.sum(ProductFigure.products))
        .join(Upt, Upt.id == ProductFigure.upt_id)
        .group_by(column, label, ProductFigure.state)
    )
    if upt_id is not None:
        asked = asked.where(ProductFigure.upt_id == upt_id)
    words = {"category": CATEGORIES, "group": GROUPS}.get(by, {})
    found: dict[str, Line] = {}
    for key, name, state, products in scoped_session().execute(asked):
        if products:
            line = found.setdefault(str(key), Line(str(key), words.get(name, name), dict.fromkeys(STATES, 0)))
            line.states[state] = int(products)
    return sorted(found.values(), key=lambda line: (-line.total, line.label))


def of_kanwils(reader: Session) -> dict[int, dict[str, int]]:
    """Products by Kanwil and state, read nationally. One statement."""
    asked = select(ProductFigure.tenant_id, ProductFigure.state, func.sum(ProductFigure.products))
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for tenant_id, state, products in reader.execute(
        asked.group_by(ProductFigure.tenant_id, ProductFigure.state)
    ):
        found[tenant_id][state] = int(products)
    return found


@dataclass
class Shelf:
    """What stood on the shelf of one Kanwil at a period's end, and what of it was new in the period."""

    total: int = 0
    added: int = 0
    by_upt: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    added_by_upt: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    by_category: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    by_group: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def count(self, upt: str, category: str, group: str, products: int) -> None:
        self.total += products
        self.by_upt[upt] += products
        self.by_category[category] += products
        self.by_group[group] += products

    def add(self, upt: str, products: int) -> None:
        self.added += products
        self.added_by_upt[upt] += products


def shelf(reader: Session, kanwil_code: str, begin: datetime, end: datetime) -> Shelf:
    """The shelf of one Kanwil. Two statements."""
    return shelves(reader, [kanwil_code], begin, end)[kanwil_code]


def shelves(reader: Session, kanwil_codes: Iterable[str], begin: datetime, end: datetime) -> dict[str, Shelf]:
    """The shelves of several Kanwil: the rollup as it stands, without what was published since `end`. Two
    statements."""
    found = {code: Shelf() for code in kanwil_codes}
    tally, row = PublishedFigure, PublishedProduct
    for code, upt, category, group, products in reader.execute(
        select(tally.kanwil_code, tally.upt_slug, tally.category, tally.goods_group, func.sum(tally.products))
        .where(tally.kanwil_code.in_(found), tally.state.in_(ON_SHELF), tally.products > 0)
        .group_by(tally.kanwil_code, tally.upt_slug, tally.category, tally.goods_group)
    ):
        found[code].count(upt, category, group, int(products))
    later = (row.published_at >= end).label("later")
    for code, upt, category, group, is_later, products in reader.execute(
        select(row.kanwil_code, row.upt_slug, row.category, row.goods_group, later, func.count())
        .where(row.kanwil_code.in_(found), row.published_at >= begin, row.state.in_(ON_SHELF))
        .group_by(row.kanwil_code, row.upt_slug, row.category, row.goods_group, later)
    ):
        if is_later:
            found[code].count(upt, category, group, -int(products))
        else:
            found[code].add(upt, int(products))
    return found


@dataclass(frozen=True)
class Difference:
    """Where a rollup and the products disagree: which rollup, which key, what stands and what should."""

    rollup: str
    key: tuple[Any, ...]
    stands: int
    should: int


def recount(fix: bool = False) -> list[Difference]:
    """Compare both rollups of the Kanwil in scope with its products; with `fix`, make them right. One transaction.

    Each comparison is one statement, so that a product that moves meanwhile is in both or in neither; what is put right
    is added to what stands.
    """
    with transaction() as session:
        tenant_id = current().tenant_id
        code = session.get_one(Kanwil, tenant_id).code
        rows, shown = Product, PublishedProduct
        return [
            *_compare(
                session,
                ProductFigure,
                (
                    rows.upt_id,
                    func.coalesce(rows.category, ""),
                    func.coalesce(rows.goods_group, ""),
                    rows.state,
                ),
                ("upt_id", "category", "goods_group", "state"),
                (rows.tenant_id == tenant_id, ProductFigure.tenant_id == tenant_id),
                fix,
            ),
            *_compare(
                session,
                PublishedFigure,
                (shown.kanwil_code, shown.upt_slug, shown.category, shown.goods_group, shown.state),
                ("kanwil_code", "upt_slug", "category", "goods_group", "state"),
                (shown.kanwil_code == code, PublishedFigure.kanwil_code == code),
                fix,
            ),
        ]


def _compare(
    session: Session,
    model: Any,
    key: tuple[Any, ...],
    names: tuple[str, ...],
    within: tuple[Any, Any],
    fix: bool,
) -> list[Difference]:
    columns = [getattr(model, name) for name in names]
    labelled = [one.label(name) for one, name in zip(key, names, strict=True)]
    both = union_all(
        select(*labelled, literal(1).label("should"), literal(0).label("stands")).where(within[0]),
        select(*columns, literal(0).label("should"), model.products.label("stands")).where(within[1]),
    ).subquery()
    keys = [both.c[name] for name in names]
    should, stands = func.sum(both.c.should), func.sum(both.c.stands)
    asked = select(*keys, stands, should).group_by(*keys).having(should != stands).order_by(*keys)
    found = [
        Difference(model.__tablename__, tuple(row[:-2]), int(row[-2]), int(row[-1]))
        for row in session.execute(asked)
    ]
    for one in found if fix else ():
        this = [column == value for column, value in zip(columns, one.key, strict=True)]
        more = model.products + (one.should - one.stands)
        if not session.execute(update(model).where(*this).values(products=more)).rowcount:  # type: ignore[attr-defined]
            new = {**dict(zip(names, one.key, strict=True)), "products": one.should}
            session.execute(insert(model), [new])
    return found
