"""Carry an import out: purchases, their earlier versions, rollups, the audit and the import's own end, all
or nothing."""

from __future__ import annotations

from datetime import datetime
from types import SimpleNamespace
from typing import Any, Final

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from sales import aliases, imports
from sales.checks import COMPLETED, STATUSES, PurchaseRow
from sales.models import Purchase, PurchaseImport, PurchaseVersion
from sales.parsing import Line, PurchaseFile
from sales.providers import ProviderBook
from sales.rollups import Deltas, locked
from tenants import files, scope
from tenants.database import transaction
from tenants.errors import NotFound
from tenants.officers import Actor
from tenants.said import say
from tenants.words import N_, number_id, rupiah
from workflows import audit, notices

CHUNK: Final = 1000


def no_totals() -> dict[str, dict[str, int]]:
    """Packages and value by status, nothing counted yet."""
    return {status: {"packages": 0, "value_rupiah": 0} for status in dict.fromkeys(STATUSES.values())}


def content_of(purchase: Purchase) -> tuple[object, ...]:
    """What a purchase says, in the order of `PurchaseRow.content`, so that the two can be compared."""
    return (
        *(
            purchase.package_id,
            purchase.commodity,
            purchase.product_name,
            purchase.upt_id,
            purchase.buyer_unit,
        ),
        *(purchase.buyer_institution, purchase.purchased_on.isoformat(), purchase.quantity),
        *(purchase.unit_price_rupiah, purchase.shipping_rupiah, purchase.total_rupiah, purchase.status),
    )


def carry_out(import_id: int, *, now: datetime) -> PurchaseImport:
    """Import what an accepted import chose. One transaction; done once, however often it is called.

    Statements: about four for every 1,000 lines, and one for each rollup row that changes.

    Raises:
        ImportNotFound: there is none.
    """
    with transaction() as db:
        locked(db)
        found = imports.find(import_id)
        if found.state != "running" or not found.accepted:
            return found
        place = files.path(found.sha256)
        if place is None:
            raise NotFound("Berkas unggahan tidak ditemukan lagi. Unggah sekali lagi.")
        book = aliases.book(db)
        chosen = None if found.chosen is None else set(found.chosen)
        writer = _Writer(db, found, book, now)
        with place.open("rb") as stream:
            lines = PurchaseFile(stream).lines(book, own=scope.current().tenant_id, today=found.as_of)
            pending: list[Line] = []
            for line in lines:
                if line.purchase is None or (chosen is not None and line.number not in chosen):
                    continue
                pending.append(line)
                if len(pending) == CHUNK:
                    writer.write(pending)
                    pending = []
            writer.write(pending)
        writer.deltas.write(db)
        found.good = writer.new + writer.changed
        found.totals, found.months = writer.totals, sorted(writer.months)
        found.total_rupiah = writer.totals[COMPLETED]["value_rupiah"]
        found.state, found.finished_at = "done", now
        by = Actor(found.asked_by or 0, found.asked_by_name, frozenset(), found.tenant_id, None, "")
        payload = {
            "import_id": found.id,
            "sha256": found.sha256,
            "new": writer.new,
            "changed": writer.changed,
            "bad": found.bad,
            "left_out": found.left_out,
            "completed_rupiah": found.total_rupiah,
        }
        audit.record(audit.KANWIL, "purchases.imported", payload, by=by if found.asked_by else None, now=now)
        if found.good > imports.AT_ONCE and found.asked_by:
            title = say(N_("Impor pembelian selesai"))
            body = say(
                N_("%(name)s: %(n)s baris, %(value)s."),
                name=found.name,
                n=number_id(found.good),
                value=rupiah(found.total_rupiah),
            )
            link = f"/pembelian/impor/{found.id}"
            done = notices.draft("purchases.done", title, body, link, officer_id=found.asked_by)
            notices.tell(db, [done], now)
        db.flush()
        return found


class _Writer:
    """Writes good lines in chunks and remembers what they changed."""

    def __init__(self, db: Session, source: PurchaseImport, book: ProviderBook, now: datetime) -> None:
        self.db, self.source, self.book, self.now = db, source, book, now
        self.deltas = Deltas()
        self.new = self.changed = 0
        self.totals = no_totals()
        self.months: set[str] = set()
        self._buyers: dict[tuple[str, str], aliases.Buyer] = {}

    def write(self, lines: list[Line]) -> None:
        """New packages in one INSERT, changed ones with their old version kept, known ones passed over."""
        if not lines:
            return
        rows = {line.purchase.package_id: (line.number, line.purchase) for line in lines if line.purchase}
        asked = select(Purchase).where(Purchase.package_id.in_(rows))
        standing = {row.package_id: row for row in self.db.scalars(asked)}
        new = []
        for package_id, (number, row) in rows.items():
            there = standing.get(package_id)
            if there is None:
                values = self._values(row, number)
                new.append({**values, "package_id": package_id, "version": 1, "created_at": self.now})
                self.deltas.add(SimpleNamespace(**values))
                self.new += 1
            elif content_of(there) != row.content:
                self._change(there, row, number)
        self.db.flush()
        if new:
            # Without this a NULL among the values would break one INSERT of many rows into many of one.
            self.db.execute(insert(Purchase), new, execution_options={"render_nulls": True})
        for purchase in standing.values():
            self.db.expunge(purchase)

    def _change(self, there: Purchase, row: PurchaseRow, number: int) -> None:
        keys = ("package_id", "commodity", "product_name", "upt_id", "buyer_unit", "buyer_institution")
        more = ("purchased_on", "quantity", "unit_price_rupiah", "shipping_rupiah", "total_rupiah", "status")
        self.db.add(
            PurchaseVersion(
                upt_id=there.upt_id,
                purchase_id=there.id,
                version=there.version,
                content=dict(zip((*keys, *more), content_of(there), strict=True)),
                import_id=there.import_id,
                replaced_by_import_id=self.source.id,
                replaced_at=self.now,
            )
        )
        self.deltas.take(there)
        for name, value in self._values(row, number).items():
            setattr(there, name, value)
        there.version += 1
        self.deltas.add(there)
        self.changed += 1

    def _values(self, row: PurchaseRow, number: int) -> dict[str, Any]:
        seen = (row.buyer_unit, row.buyer_institution)
        if seen not in self._buyers and len(self._buyers) < 10_000:
            self._buyers[seen] = aliases.buyer_of(*seen, self.book)
        buyer = self._buyers.get(seen) or aliases.buyer_of(*seen, self.book)
        total = self.totals[row.status]
        total["packages"] += 1
        total["value_rupiah"] += row.total_rupiah
        self.months.add(f"{row.purchased_on:%Y-%m}")
        return {
            "upt_id": row.provider.upt_id,
            "commodity": row.commodity,
            "product_name": row.product_name,
            "provider_name": row.provider_name,
            "buyer_unit": row.buyer_unit,
            "buyer_institution": row.buyer_institution,
            "buyer_kind": buyer.kind,
            "buyer_upt_id": buyer.upt_id,
            "purchased_on": row.purchased_on,
            "month": f"{row.purchased_on:%Y-%m}",
            "quantity": row.quantity,
            "unit_price_rupiah": row.unit_price_rupiah,
            "shipping_rupiah": row.shipping_rupiah,
            "total_rupiah": row.total_rupiah,
            "status": row.status,
            "import_id": self.source.id,
            "line": number,
            "updated_at": self.now,
        }
