"""One search over products, cases, UPT and recaps of the scope. It stands in the topmost room, which sees them all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, func, or_, select

from catalogue.models import Product
from recaps.models import Recap
from tenants.database import session as scoped_session
from tenants.models import Upt
from workflows.models import Case

KINDS = ("product", "case", "upt", "recap")
SHORTEST = 2


@dataclass(frozen=True)
class Hit:
    """One thing that was found: its id, what it is called, one line about it, and its state."""

    kind: str
    id: int
    title: str
    about: str
    state: str


def find(q: str, *, kind: str, before: int | None = None, limit: int = 20) -> tuple[list[Hit], int | None]:
    """What of this kind matches, newest first, and the id that the next page starts before. One statement.

    Every word of `q` has to occur; case and order don't matter. Fewer than two letters find nothing.
    """
    words = [word for word in q.lower().split() if word][:6]
    if len(q.strip()) < SHORTEST or not words:
        return [], None
    asked, build = _ASKED[kind](words)
    column = asked.column_descriptions[0]["entity"].id
    if before is not None:
        asked = asked.where(column < before)
    rows = scoped_session().execute(asked.order_by(column.desc()).limit(limit + 1)).all()
    shown = [build(*row) for row in rows[:limit]]
    return shown, shown[-1].id if len(rows) > limit else None


def _every(words: list[str], *columns: Any) -> Any:
    return and_(
        *(or_(*(func.lower(column).contains(word, autoescape=True) for column in columns)) for word in words)
    )


def _products(words: list[str]) -> Any:
    asked = select(Product, Upt.short_name).join(Upt, and_(Upt.id == Product.upt_id))
    return asked.where(_every(words, Product.name, Upt.short_name)), lambda row, upt: Hit(
        "product", row.id, row.name, upt, row.state
    )


def _cases(words: list[str]) -> Any:
    asked = select(Case, Upt.short_name).outerjoin(Upt, and_(Upt.id == Case.upt_id))
    number = [int(word) for word in words if word.isdigit() and len(word) < 10]
    matched = _every(words, Case.title)
    if len(number) == len(words) == 1:
        matched = or_(matched, Case.id == number[0])
    return asked.where(matched), lambda row, upt: Hit(
        "case", row.id, row.title, f"{upt or 'Kanwil'} · revisi {row.revision_no}", row.state
    )


def _upts(words: list[str]) -> Any:
    asked = select(Upt, Upt.short_name).where(_every(words, Upt.name, Upt.short_name, Upt.city, Upt.code))
    return asked, lambda row, short: Hit("upt", row.id, short, f"{row.name}, {row.city}", "")


def _recaps(words: list[str]) -> Any:
    asked = select(Recap, Recap.number).where(
        _every(words, Recap.label, Recap.period, func.coalesce(Recap.number, ""))
    )
    return asked, lambda row, number: Hit("recap", row.id, row.label, number or "", row.state)


_ASKED = {"product": _products, "case": _cases, "upt": _upts, "recap": _recaps}
