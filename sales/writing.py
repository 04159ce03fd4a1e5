"""Carry an import out: purchases, their earlier versions, rollups and the audit, in batches that each hold together.

Each batch is one transaction that also says how far the import is, so that nobody waits long for the database and a
run after a crash goes on where the last batch ended: nothing lost, nothing twice.
"""

from __future__ import annotations

from copy import deepcopy
from datetime import datetime
from itertools import islice
from types import SimpleNamespace
from typing import Any, Final

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from sales import aliases, imports, layouts, versions
from sales.checks import COMPLETED, STATUSES, PurchaseRow
from sales.models import Purchase, PurchaseImport
from sales.parsing import Line, PurchaseFile
from sales.providers import ProviderBook
from sales.rollups import Deltas, locked
from sales.versions import content_of
from tenants import files, scope
from tenants.database import transaction
from tenants.errors import NotFound
from tenants.lists import among, by_values
from tenants.officers import Actor
from tenants.prepared import Prepared
from tenants.said import say
from tenants.words import N_, number_id, rupiah
from workflows import audit, notices

CHUNK: Final = 1000
"""Lines that are looked up and inserted with one statement each."""
BATCH: Final = 5
"""Chunks of one transaction."""


_NEW: Final = Prepared(
    insert(Purchase.__table__), [one.key for one in Purchase.__table__.columns if one.key != "id"]
)


def no_totals() -> dict[str, dict[str, int]]:
    """Packages and value by status, nothing counted yet."""
    return {status: {"packages": 0, "value_rupiah": 0} for status in dict.fromkeys(STATUSES.values())}


def carry_out(import_id: int, *, now: datetime) -> PurchaseImport:
    """Import what an accepted import chose, in batches; done once, however often it is called.

    Called within a transaction, all of it belongs to that one. Statements: about six for every 1,000 lines, and in
    each batch one for each rollup row that changes.

    Raises:
        ImportNotFound: there is none.
        NotFound: its file is gone.
    """
    with transaction() as db:
        found = imports.find(import_id)
        if found.state != "running" or not found.accepted:
            return found
        place = files.path(found.sha256)
        if place is None:
            raise NotFound(N_("Berkas unggahan tidak ditemukan lagi. Unggah sekali lagi."))
        names, said = aliases.book(db), aliases.settled(db)
        explained = layouts.of(found)
        as_of, begun = found.as_of, (found.written or {}).get("line", 0)
        chosen = None if found.chosen is None else set(found.chosen)
    with place.open("rb") as stream:
        lines = PurchaseFile(stream, explained).lines(names, own=scope.current().tenant_id, today=as_of)
        wanted = (
            line
            for line in lines
            if line.purchase is not None and line.number > begun and (chosen is None or line.number in chosen)
        )
        more = True
        while more:
            batch = list(islice(wanted, CHUNK * BATCH))
            more = len(batch) == CHUNK * BATCH
            with transaction() as db:
                found = imports.locked(import_id)
                locked(db)
                if found.state != "running":
                    return found
                writer = _Writer(db, found, names, said, now)
                writer.write(batch)
                if not more:
                    _end(db, found, writer, now)
                db.flush()
    return found


def settle_counts(found: PurchaseImport) -> None:
    """Let an import say what it wrote instead of what it meant to write."""
    written = found.written or {"new": 0, "changed": 0, "totals": no_totals(), "months": []}
    found.good = written["new"] + written["changed"]
    found.totals, found.months = written["totals"], sorted(written["months"])
    found.total_rupiah = written["totals"][COMPLETED]["value_rupiah"]


def _end(db: Session, found: PurchaseImport, writer: _Writer, now: datetime) -> None:
    settle_counts(found)
    found.state, found.finished_at = "done", now
    by = Actor(found.asked_by or 0, found.asked_by_name, frozenset(), found.tenant_id, None, "")
    payload = {
        "import_id": found.id,
        "sha256": found.sha256,
        "new": writer.written["new"],
        "changed": writer.written["changed"],
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


class _Writer:
    """Writes the good lines of one batch and remembers what they changed."""

    def __init__(
        self, db: Session, source: PurchaseImport, names: ProviderBook, said: aliases.Settled, now: datetime
    ) -> None:
        self.db, self.source, self.names, self.said, self.now = db, source, names, said, now
        self.deltas = Deltas()
        self.written: dict[str, Any] = deepcopy(source.written or {}) or {
            "line": 0,
            "lines": 0,
            "new": 0,
            "changed": 0,
            "totals": no_totals(),
            "months": [],
        }
        self.months: set[str] = set(self.written["months"])
        self._buyers: dict[tuple[str, str], aliases.Buyer] = {}

    def write(self, batch: list[Line]) -> None:
        """Write what no earlier run wrote, then the rollups, then how far the import is."""
        fresh = [line for line in batch if line.number > self.written["line"]]
        for start in range(0, len(fresh), CHUNK):
            self._write(fresh[start : start + CHUNK])
        self.deltas.write(self.db)
        if fresh:
            lines = self.written["lines"] + len(fresh)
            self.written |= {"line": fresh[-1].number, "lines": lines, "months": sorted(self.months)}
        self.source.written = self.written

    def _write(self, lines: list[Line]) -> None:
        """New packages in one INSERT, changed ones with their old version kept, known ones passed over."""
        rows = {line.purchase.package_id: (line.number, line.purchase) for line in lines if line.purchase}
        asked = select(Purchase).where(among(Purchase.package_id, rows))
        with by_values(self.db):
            standing = {row.package_id: row for row in self.db.scalars(asked)}
        new = []
        for package_id, (number, row) in rows.items():
            there = standing.get(package_id)
            if there is None:
                values = self._values(row, number)
                new.append({**values, "package_id": package_id, "version": 1, "created_at": self.now})
                self.deltas.add(SimpleNamespace(**values))
                self.written["new"] += 1
            elif content_of(there) != row.content:
                self._change(there, row, number)
        self.db.flush()
        if new:
            _NEW.run(self.db, new)
        for purchase in standing.values():
            self.db.expunge(purchase)

    def _change(self, there: Purchase, row: PurchaseRow, number: int) -> None:
        versions.keep(self.db, there, now=self.now, import_id=self.source.id)
        self.deltas.take(there)
        for name, value in self._values(row, number).items():
            setattr(there, name, value)
        self.deltas.add(there)
        self.written["changed"] += 1

    def _values(self, row: PurchaseRow, number: int) -> dict[str, Any]:
        seen = (row.buyer_unit, row.buyer_institution)
        buyer = self._buyers.get(seen)
        if buyer is None:
            buyer = aliases.buyer_of(*seen, self.names, self.said)
            if len(self._buyers) < 10_000:
                self._buyers[seen] = buyer
        total = self.written["totals"][row.status]
        total["packages"] += 1
        total["value_rupiah"] += row.total_rupiah
        month = f"{row.purchased_on:%Y-%m}"
        self.months.add(month)
        return {
            **values_of(row, buyer),
            "month": month,
            "import_id": self.source.id,
            "line": number,
            "updated_at": self.now,
        }


def values_of(row: PurchaseRow, buyer: aliases.Buyer) -> dict[str, Any]:
    """The columns that a purchase takes from what a file or a form states; `month` is the caller's."""
    return {
        "upt_id": row.provider.upt_id,
        "commodity": row.commodity,
        "product_name": row.product_name,
        "provider_name": row.provider_name,
        "buyer_unit": row.buyer_unit,
        "buyer_institution": row.buyer_institution,
        "buyer_kind": buyer.kind,
        "buyer_upt_id": buyer.upt_id,
        "buyer_known": buyer.known,
        "purchased_on": row.purchased_on,
        "quantity": row.quantity,
        "unit_price_rupiah": row.unit_price_rupiah,
        "shipping_rupiah": row.shipping_rupiah,
        "total_rupiah": row.total_rupiah,
        "status": row.status,
    }
