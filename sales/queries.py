"""What pages and the API read of purchases: a list in keyset pages with its sums, and the choices of its
filters."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from sales.checks import COMPLETED
from sales.errors import PurchaseNotFound
from sales.figures import Sums
from sales.models import MonthFigure, Purchase, PurchaseImport, PurchaseVersion
from sales.sight.grouping import commodities_of
from sales.versions import Difference, content_of, differences, named
from tenants.database import session
from tenants.errors import Invalid
from tenants.models import DirectoryUpt, Upt
from tenants.periods import months_of
from tenants.words import N_

STATUSES: Final = ("Selesai", "Proses", "Batal")
KINDS: Final = ("upt", "government", "other")
MOST: Final = 200
UNNAMED: Final = "-"
"""As a commodity in `Filters`: those purchases that name none."""


@dataclass(frozen=True)
class Filters:
    """What the list is narrowed to. `period` as in `figures`; `group` a key of `sight.grouping`; `buyer` a key of the
    rollups (``upt:7``, ``inst:NAME``); `q` looks into product, buyer and package id."""

    period: str = ""
    upt_id: int | None = None
    status: str = ""
    commodity: str = ""
    buyer_kind: str = ""
    q: str = ""
    group: str = ""
    buyer: str = ""

    @property
    def any(self) -> bool:
        return self != Filters()


@dataclass(frozen=True)
class PurchasePage:
    """One keyset page, newest first; `next_cursor` is None on the last."""

    items: list[Purchase]
    next_cursor: str | None


def purchases(filters: Filters, *, cursor: str | None = None, limit: int = 50) -> PurchasePage:
    """A page of the scope's purchases, newest first. One statement; an index carries it whatever the size.

    Raises:
        Invalid: a period, a status or a cursor that is none.
    """
    limit = max(1, min(limit, MOST))
    asked = select(Purchase).where(*_conditions(filters))
    if cursor:
        day, last = _read(cursor)
        asked = asked.where(
            or_(Purchase.purchased_on < day, and_(Purchase.purchased_on == day, Purchase.id < last))
        )
    found = list(session().scalars(_newest(asked).limit(limit + 1)))
    page = found[:limit]
    return PurchasePage(page, _write(page[-1]) if len(found) > limit else None)


def every(filters: Filters, *, chunk: int = 1000) -> Iterator[Purchase]:
    """All purchases that the filters leave, newest first, a keyset page at a time: flat memory for
    exports."""
    cursor: str | None = None
    db = session()
    while True:
        asked = select(Purchase).where(*_conditions(filters))
        if cursor:
            day, last = _read(cursor)
            asked = asked.where(
                or_(Purchase.purchased_on < day, and_(Purchase.purchased_on == day, Purchase.id < last))
            )
        page = list(db.scalars(_newest(asked).limit(chunk)))
        yield from page
        if len(page) < chunk:
            return
        cursor = _write(page[-1])
        for row in page:
            db.expunge(row)


def sums(filters: Filters) -> dict[str, Sums]:
    """Packages, pieces and rupiah of what the filters leave, by status. One statement, of a group three: on the
    rollups, or on the purchases where words or one buyer are searched for."""
    answer = {status: Sums() for status in STATUSES}
    if filters.q or filters.buyer:
        rows = session().execute(
            select(
                Purchase.status, func.count(), func.sum(Purchase.quantity), func.sum(Purchase.total_rupiah)
            )
            .where(*_conditions(filters))
            .group_by(Purchase.status)
        )
    else:
        rows = session().execute(
            select(
                MonthFigure.status,
                func.sum(MonthFigure.packages),
                func.sum(MonthFigure.quantity),
                func.sum(MonthFigure.value_rupiah),
            )
            .where(*_rollup_conditions(filters))
            .group_by(MonthFigure.status)
        )
    for status, *amounts in rows:
        answer[status].add(*amounts)
    return answer


@dataclass(frozen=True)
class Choices:
    """What there is to filter by."""

    months: list[str]
    upts: list[tuple[int, str]]
    commodities: list[str]


def choices() -> Choices:
    """The months, UPT and commodities that have purchases, from the rollups. Three statements."""
    db = session()
    months = db.scalars(select(MonthFigure.month).distinct().order_by(MonthFigure.month.desc()).limit(60))
    upts = db.execute(
        select(Upt.id, Upt.short_name)
        .where(Upt.id.in_(select(MonthFigure.upt_id).distinct()))
        .order_by(Upt.short_name)
    )
    commodities = db.scalars(
        select(MonthFigure.category).distinct().order_by(MonthFigure.category).limit(200)
    )
    return Choices(list(months), [(row[0], row[1]) for row in upts], [name for name in commodities if name])


def upt_names(ids: set[int]) -> dict[int, str]:
    """Short names of the Kanwil's UPT. One statement."""
    if not ids:
        return {}
    return {
        row[0]: row[1] for row in session().execute(select(Upt.id, Upt.short_name).where(Upt.id.in_(ids)))
    }


def buyer_name(key: str) -> str:
    """A buyer's name by its key in the rollups; of an UPT one statement."""
    source, _, name = key.partition(":")
    if source != "upt" or not name.isdigit():
        return name
    asked = select(DirectoryUpt.short_name).where(DirectoryUpt.upt_id == int(name[:9]))
    return session().scalar(asked) or f"UPT {name}"


def purchase(purchase_id: int) -> tuple[Purchase, list[PurchaseVersion]]:
    """A purchase and its earlier versions, newest first. Two statements.

    Raises:
        PurchaseNotFound: there is none in this scope.
    """
    db = session()
    found = db.scalars(select(Purchase).where(Purchase.id == purchase_id)).first()
    if found is None:
        raise PurchaseNotFound()
    earlier = select(PurchaseVersion).where(PurchaseVersion.purchase_id == found.id)
    return found, list(db.scalars(earlier.order_by(PurchaseVersion.version.desc())))


@dataclass(frozen=True)
class Attention:
    """What somebody who reads the list should know: an import that is being written, so that the figures are not whole
    yet, and how many buyers nobody explained."""

    import_id: int | None
    import_name: str | None
    unsettled: int


def attention() -> Attention:
    """What the list should say of itself. One statement."""
    writing = (
        (PurchaseImport.state == "running") & PurchaseImport.accepted & PurchaseImport.written.is_not(None)
    )
    first = select(PurchaseImport.id).where(writing | (PurchaseImport.state == "undoing"))
    first = first.order_by(PurchaseImport.id).limit(1)
    named = select(PurchaseImport.name).where(PurchaseImport.id == first.scalar_subquery())
    unknown = select(Purchase.buyer_unit, Purchase.buyer_institution).where(~Purchase.buyer_known).distinct()
    count = select(func.count()).select_from(unknown.subquery())
    row = session().execute(select(*(one.scalar_subquery() for one in (first, named, count)))).one()
    return Attention(row[0], row[1], int(row[2]))


@dataclass(frozen=True)
class Change:
    """How a purchase came to its version: what differs, when, by whom or by which import, and why."""

    version: int
    at: datetime
    by_name: str | None
    import_id: int | None
    import_name: str | None
    reason: str | None
    differences: list[Difference]


def history(found: Purchase, earlier: list[PurchaseVersion]) -> list[Change]:
    """The changes of a purchase, newest first. Two statements; none where it was never changed.

    A UPT's officers see no imports, so no names of them either.
    """
    if not earlier:
        return []
    db = session()
    contents = [named(content_of(found)), *(one.content for one in earlier)]
    upts = {content["upt_id"] for content in contents}
    names = db.execute(
        select(DirectoryUpt.upt_id, DirectoryUpt.short_name).where(DirectoryUpt.upt_id.in_(upts))
    )
    short = dict(names.all())
    ids = {one.replaced_by_import_id for one in earlier} - {None}
    asked = select(PurchaseImport.id, PurchaseImport.name).where(PurchaseImport.id.in_(ids))
    files = dict(db.execute(asked).all()) if ids else {}
    return [
        Change(
            version=one.version + 1,
            at=one.replaced_at,
            by_name=one.replaced_by_name,
            import_id=one.replaced_by_import_id if one.replaced_by_import_id in files else None,
            import_name=files.get(one.replaced_by_import_id or 0),
            reason=one.reason,
            differences=differences(one.content, after, short),
        )
        for one, after in zip(earlier, contents, strict=False)
    ]


def changes_as_json(changes: list[Change]) -> list[dict[str, Any]]:
    """The same as the API shows it."""
    return [
        {
            "version": one.version,
            "at": one.at.isoformat(),
            "by": one.by_name,
            "import_id": one.import_id,
            "reason": one.reason,
            "differences": [
                {"field": each.field, "before": each.before, "after": each.after} for each in one.differences
            ],
        }
        for one in changes
    ]


def as_json(row: Purchase, upt: str = "") -> dict[str, Any]:
    """A purchase as the API shows it."""
    return {
        "id": row.id,
        "package_id": row.package_id,
        "commodity": row.commodity,
        "product_name": row.product_name,
        "upt_id": row.upt_id,
        "upt": upt or row.provider_name,
        "buyer_unit": row.buyer_unit,
        "buyer_institution": row.buyer_institution,
        "buyer_kind": row.buyer_kind,
        "buyer_known": row.buyer_known,
        "purchased_on": row.purchased_on.isoformat(),
        "quantity": row.quantity,
        "unit_price_rupiah": row.unit_price_rupiah,
        "shipping_rupiah": row.shipping_rupiah,
        "total_rupiah": row.total_rupiah,
        "status": row.status,
        "version": row.version,
    }


def completed(answer: dict[str, Sums]) -> Sums:
    """The turnover among sums by status."""
    return answer[COMPLETED]


def _newest(asked: Select[Purchase]) -> Select[Purchase]:
    return asked.order_by(Purchase.purchased_on.desc(), Purchase.id.desc())


def _checked(filters: Filters) -> None:
    if filters.status and filters.status not in STATUSES:
        raise Invalid(N_("Status ini tidak dikenal."), fields={"status": N_("Selesai, Proses, atau Batal.")})
    if filters.buyer_kind and filters.buyer_kind not in KINDS:
        raise Invalid(
            N_("Jenis pembeli ini tidak dikenal."), fields={"buyer_kind": N_("upt, government, atau other.")}
        )


def _conditions(filters: Filters) -> list[ColumnElement[bool]]:
    _checked(filters)
    found: list[ColumnElement[bool]] = []
    if filters.period:
        found.append(Purchase.month.in_(months_of(filters.period)))
    if filters.upt_id is not None:
        found.append(Purchase.upt_id == filters.upt_id)
    if filters.status:
        found.append(Purchase.status == filters.status)
    if filters.commodity:
        found.append(Purchase.commodity == _named(filters.commodity))
    if filters.buyer_kind:
        found.append(Purchase.buyer_kind == filters.buyer_kind)
    if filters.group:
        found.append(Purchase.commodity.in_(commodities_of(filters.group)))
    if filters.buyer:
        found.append(_bought_by(filters.buyer))
    for word in filters.q.split()[:6]:
        found.append(
            or_(
                *(
                    func.lower(column).contains(word.lower(), autoescape=True)
                    for column in (
                        Purchase.product_name,
                        Purchase.buyer_unit,
                        Purchase.buyer_institution,
                        Purchase.package_id,
                    )
                )
            )
        )
    return found


def _rollup_conditions(filters: Filters) -> list[ColumnElement[bool]]:
    _checked(filters)
    found: list[ColumnElement[bool]] = []
    if filters.period:
        found.append(MonthFigure.month.in_(months_of(filters.period)))
    if filters.upt_id is not None:
        found.append(MonthFigure.upt_id == filters.upt_id)
    if filters.status:
        found.append(MonthFigure.status == filters.status)
    if filters.commodity:
        found.append(MonthFigure.category == _named(filters.commodity))
    if filters.buyer_kind:
        found.append(MonthFigure.buyer_kind == filters.buyer_kind)
    if filters.group:
        found.append(MonthFigure.category.in_(commodities_of(filters.group)))
    return found


def _named(commodity: str) -> str:
    return "" if commodity == UNNAMED else commodity


def _bought_by(key: str) -> ColumnElement[bool]:
    """The purchases that the rollups count under a buyer's key (`rollups.buyer_key`)."""
    source, _, name = key.partition(":")
    if source == "upt" and name.isascii() and name.isdigit() and len(name) < 10:
        return Purchase.buyer_upt_id == int(name)
    if source != "inst":
        raise Invalid(N_("Pembeli ini tidak dikenal."), fields={"buyer": N_("upt:7 atau inst:NAMA.")})
    bought = and_(Purchase.buyer_institution == "", Purchase.buyer_unit == name)
    if name:
        bought = or_(Purchase.buyer_institution == name, bought)
    return and_(Purchase.buyer_upt_id.is_(None), bought)


def _write(row: Purchase) -> str:
    return base64.urlsafe_b64encode(f"{row.purchased_on.isoformat()}.{row.id}".encode()).decode().rstrip("=")


def _read(cursor: str) -> tuple[date, int]:
    try:
        day, _, last = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().partition(".")
        return date.fromisoformat(day), int(last)
    except (ValueError, binascii.Error) as error:
        raise Invalid(
            N_("Penanda halaman ini tidak dikenal; mulai dari awal."), fields={"cursor": N_("Tidak dikenal.")}
        ) from error
