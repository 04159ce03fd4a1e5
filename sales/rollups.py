"""Keep the rollups: what purchases add and take away is gathered, then written in the purchases' own
transaction.

Whoever writes purchases holds the Kanwil's purchase lock (`locked`), so that two writers add up one after
the other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from sales.checks import COMPLETED
from sales.models import BuyerFigure, MonthFigure, Purchase
from sales.sight.models import TradeFigure
from tenants.database import transaction
from tenants.models import KanwilSettings

MonthKey = tuple[str, int, str, str, str]
"""month, upt_id, category, status, buyer_kind"""
BuyerKey = tuple[str, str, str]
"""month, buyer_key, buyer_kind"""
TradeKey = tuple[str, int, str, str]
"""month, upt_id, buyer_key, buyer_kind"""
Amounts = list[int]
"""packages, quantity, value_rupiah"""


class Counted(Protocol):
    """What of a purchase the rollups look at."""

    month: Any
    upt_id: Any
    commodity: Any
    status: Any
    buyer_kind: Any
    buyer_upt_id: Any
    buyer_institution: Any
    buyer_unit: Any
    quantity: Any
    total_rupiah: Any


def buyer_key(buyer_upt_id: int | None, institution: str, unit: str) -> str:
    """Under which name a buyer is counted: an UPT by itself, others by their institution."""
    return f"upt:{buyer_upt_id}" if buyer_upt_id is not None else f"inst:{institution or unit}"


class Deltas:
    """What a transaction's purchases change in the rollups. `add` and `take` as often as needed, then
    `write` once."""

    def __init__(self) -> None:
        self.months: dict[MonthKey, Amounts] = defaultdict(lambda: [0, 0, 0])
        self.buyers: dict[BuyerKey, Amounts] = defaultdict(lambda: [0, 0, 0])
        self.trades: dict[TradeKey, Amounts] = defaultdict(lambda: [0, 0, 0])

    def add(self, purchase: Counted) -> None:
        """A purchase comes in."""
        self._count(purchase, 1)

    def take(self, purchase: Counted) -> None:
        """A purchase goes, or is about to change."""
        self._count(purchase, -1)

    def _count(self, p: Counted, sign: int) -> None:
        self._sum(self.months[(p.month, p.upt_id, p.commodity, p.status, p.buyer_kind)], p, sign)
        if p.status == COMPLETED:
            key = buyer_key(p.buyer_upt_id, p.buyer_institution, p.buyer_unit)
            self._sum(self.buyers[(p.month, key, p.buyer_kind)], p, sign)
            self._sum(self.trades[(p.month, p.upt_id, key, p.buyer_kind)], p, sign)

    @staticmethod
    def _sum(amounts: Amounts, p: Counted, sign: int) -> None:
        amounts[0] += sign
        amounts[1] += sign * p.quantity
        amounts[2] += sign * p.total_rupiah

    def write(self, session: Session) -> None:
        """Bring the rollups up to date. Reads the months touched; writes each changed row once; drops empty
        ones."""
        _apply(
            session,
            MonthFigure,
            {key: amounts for key, amounts in self.months.items() if any(amounts)},
            lambda row: (row.month, row.upt_id, row.category, row.status, row.buyer_kind),
            ("month", "upt_id", "category", "status", "buyer_kind"),
        )
        _apply(
            session,
            BuyerFigure,
            {key: amounts for key, amounts in self.buyers.items() if any(amounts)},
            lambda row: (row.month, row.buyer_key, row.buyer_kind),
            ("month", "buyer_key", "buyer_kind"),
        )
        _apply(
            session,
            TradeFigure,
            {key: amounts for key, amounts in self.trades.items() if any(amounts)},
            lambda row: (row.month, row.upt_id, row.buyer_key, row.buyer_kind),
            ("month", "upt_id", "buyer_key", "buyer_kind"),
        )
        self.months.clear()
        self.buyers.clear()
        self.trades.clear()


def _apply(
    session: Session,
    model: Any,
    changes: dict[Any, Amounts],
    key_of: Callable[[Any], Any],
    names: tuple[str, ...],
) -> None:
    months = sorted({key[0] for key in changes})
    standing: dict[Any, Any] = {}
    for start in range(0, len(months), 100):
        asked = select(model).where(model.month.in_(months[start : start + 100]))
        standing.update(
            (key_of(row), row) for row in session.scalars(asked.execution_options(populate_existing=True))
        )
    new = []
    for key, (packages, quantity, value) in changes.items():
        row = standing.get(key)
        if row is None:
            amounts = {"packages": packages, "quantity": quantity, "value_rupiah": value}
            new.append({**dict(zip(names, key, strict=True)), **amounts})
            continue
        row.packages, row.quantity, row.value_rupiah = (
            row.packages + packages,
            row.quantity + quantity,
            row.value_rupiah + value,
        )
        if row.packages == 0 and row.quantity == 0 and row.value_rupiah == 0:
            session.delete(row)
    session.flush()
    for start in range(0, len(new), 1000):
        session.execute(insert(model), new[start : start + 1000])
    for row in standing.values():
        if row in session:
            session.expunge(row)


def locked(session: Session) -> None:
    """Take the Kanwil's purchase lock until the transaction ends: its settings row. One statement."""
    session.execute(select(KanwilSettings.id).with_for_update()).all()


@dataclass(frozen=True)
class Difference:
    """Where a rollup and the purchases disagree: which rollup, which key, what stands and what should."""

    rollup: str
    key: tuple[Any, ...]
    stands: tuple[int, int, int]
    should: tuple[int, int, int]


def recount(fix: bool = False) -> list[Difference]:
    """Compare every rollup of the Kanwil in scope with its purchases; with `fix`, make the rollups right.

    Reads all purchases of the Kanwil, grouped by the database. One transaction.
    """
    with transaction() as session:
        locked(session)
        return [*_months(session, fix), *_buyers(session, fix), *_trades(session, fix)]


_SUMS = (func.count(), func.sum(Purchase.quantity), func.sum(Purchase.total_rupiah))


def _months(session: Session, fix: bool) -> list[Difference]:
    keys = (Purchase.month, Purchase.upt_id, Purchase.commodity, Purchase.status, Purchase.buyer_kind)
    should = {
        tuple(row[:5]): _ints(row[5:]) for row in session.execute(select(*keys, *_SUMS).group_by(*keys))
    }
    names = ("month", "upt_id", "category", "status", "buyer_kind")
    return _compare(session, MonthFigure, names, should, fix)


def _buyers(session: Session, fix: bool) -> list[Difference]:
    keys = (
        *(Purchase.month, Purchase.buyer_upt_id, Purchase.buyer_institution),
        *(Purchase.buyer_unit, Purchase.buyer_kind),
    )
    should: dict[tuple[Any, ...], tuple[int, int, int]] = {}
    rows = session.execute(select(*keys, *_SUMS).where(Purchase.status == COMPLETED).group_by(*keys))
    for month, upt_id, institution, unit, kind, *amounts in rows:
        key = (month, buyer_key(upt_id, institution, unit), kind)
        before, more = should.get(key, (0, 0, 0)), _ints(amounts)
        should[key] = (before[0] + more[0], before[1] + more[1], before[2] + more[2])
    return _compare(session, BuyerFigure, ("month", "buyer_key", "buyer_kind"), should, fix)


def _trades(session: Session, fix: bool) -> list[Difference]:
    keys = (
        *(Purchase.month, Purchase.upt_id, Purchase.buyer_upt_id),
        *(Purchase.buyer_institution, Purchase.buyer_unit, Purchase.buyer_kind),
    )
    should: dict[tuple[Any, ...], tuple[int, int, int]] = {}
    rows = session.execute(select(*keys, *_SUMS).where(Purchase.status == COMPLETED).group_by(*keys))
    for month, seller, upt_id, institution, unit, kind, *amounts in rows:
        key = (month, seller, buyer_key(upt_id, institution, unit), kind)
        before, more = should.get(key, (0, 0, 0)), _ints(amounts)
        should[key] = (before[0] + more[0], before[1] + more[1], before[2] + more[2])
    return _compare(session, TradeFigure, ("month", "upt_id", "buyer_key", "buyer_kind"), should, fix)


def _compare(
    session: Session,
    model: Any,
    names: tuple[str, ...],
    should: dict[tuple[Any, ...], tuple[int, int, int]],
    fix: bool,
) -> list[Difference]:
    columns = [getattr(model, name) for name in names]
    rows = session.execute(select(*columns, model.packages, model.quantity, model.value_rupiah, model.id))
    standing = {tuple(row[: len(names)]): (_ints(row[-4:-1]), int(row[-1])) for row in rows}
    differences = []
    for key in sorted(should.keys() | standing.keys(), key=repr):
        is_there, row_id = standing.get(key, ((0, 0, 0), 0))
        right = should.get(key, (0, 0, 0))
        if key in standing and is_there == right != (0, 0, 0):
            continue
        if key not in standing and right == (0, 0, 0):
            continue
        differences.append(Difference(model.__tablename__, key, is_there, right))
        if not fix:
            continue
        amounts = {"packages": right[0], "quantity": right[1], "value_rupiah": right[2]}
        if key not in should:
            session.execute(delete(model).where(model.id == row_id))
        elif key in standing:
            session.execute(update(model).where(model.id == row_id).values(**amounts))
        else:
            session.execute(insert(model), [{**dict(zip(names, key, strict=True)), **amounts}])
    return differences


def _ints(values: Any) -> tuple[int, int, int]:
    packages, quantity, value = (int(each or 0) for each in values)
    return packages, quantity, value
