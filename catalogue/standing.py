"""Products by state, for an UPT, a Kanwil by UPT and the country by Kanwil: counts that stop at a bound.

The one place that answers it, so that a rollup may take its place: each count is a range of one index
(`ix_product_upt_state`, `ix_product_state`) and ends after `BOUND` products, whatever there are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import func, literal, select, union_all
from sqlalchemy.orm import Session

from catalogue.models import Product
from catalogue.terms import STATES

BOUND: Final = 1000
"""What is more is shown as "1.000+"."""
_TERMS: Final = 400
"""Counts of one statement: SQLite joins five hundred at most."""

Standing = Mapping[int, Mapping[str, int]]
"""UPT or Kanwil -> state -> how many, at most `BOUND`."""


def by_upt(session: Session, upt_ids: Sequence[int]) -> Standing:
    """The products of these UPT by state, within the scope. One statement for up to 57 UPT."""
    return _counted(session, Product.upt_id, upt_ids)


def by_kanwil(session: Session, kanwil_ids: Sequence[int]) -> Standing:
    """The products of these Kanwil by state, on the national connection. One statement."""
    return _counted(session, Product.tenant_id, kanwil_ids)


def _counted(session: Session, column: Any, places: Sequence[int]) -> Standing:
    found: dict[int, dict[str, int]] = {place: dict.fromkeys(STATES, 0) for place in places}
    pairs = [(place, state) for place in places for state in STATES]
    for at in range(0, len(pairs), _TERMS):
        parts = [
            select(
                literal(place).label("place"),
                literal(state).label("state"),
                select(func.count())
                .select_from(
                    select(Product.id).where(column == place, Product.state == state).limit(BOUND).subquery()
                )
                .scalar_subquery()
                .label("n"),
            )
            for place, state in pairs[at : at + _TERMS]
        ]
        for place, state, n in session.execute(union_all(*parts)):
            found[place][state] = int(n)
    return found
