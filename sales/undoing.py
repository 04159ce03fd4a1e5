"""Take a whole import back: what it added goes, what it changed says again what it said before, the rollups follow.

One transaction, however large the import. A signed recap is not touched by it: it shows what was true when it was
signed, and the next one speaks of the difference.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from sales import aliases, imports, versions
from sales.errors import ImportNotReady, MayNotImport
from sales.models import Purchase, PurchaseImport, PurchaseVersion
from sales.rollups import Deltas, locked
from tenants import clock, jobs
from tenants.database import session, transaction
from tenants.errors import Conflict
from tenants.idempotency import once
from tenants.jobs import job
from tenants.lists import among, by_values
from tenants.officers import Actor
from tenants.said import say
from tenants.words import N_, number_id
from workflows import audit

CHUNK: Final = 1000
_AS_IT_IS: Final = {"synchronize_session": False}
NAMED: Final = 5
"""Packages that a refusal names."""


class ChangedSince(Conflict):
    """Something changed what the import wrote; `detail` holds `packages` (the first of them) and `count`."""

    code = "impor-sudah-diubah"
    title = N_("Sebagian paket dari impor ini sudah diubah sesudahnya")


@dataclass(frozen=True)
class Later:
    """A package of an import that says something newer now, and what changed it."""

    package_id: str
    purchase_id: int
    import_name: str | None
    """The later import; None where an officer corrected it."""


@job("purchases.undo")
def undo_job(payload: dict[str, Any]) -> None:
    take_back(int(payload["import_id"]), now=clock.now())


def may_be_undone(found: PurchaseImport) -> bool:
    """Whether an import wrote something that is still there."""
    return found.state in ("done", "failed") and found.written is not None and found.good > 0


def changed_since(import_id: int, *, limit: int = NAMED) -> tuple[list[Later], int]:
    """Packages that something else changed after this import, the first `limit` by number, and how many there are.
    Two statements."""
    asked = (
        select(Purchase.package_id, Purchase.id, PurchaseImport.name)
        .join(PurchaseVersion, PurchaseVersion.purchase_id == Purchase.id)
        .outerjoin(PurchaseImport, PurchaseImport.id == Purchase.import_id)
        .where(PurchaseVersion.import_id == import_id, Purchase.import_id.is_distinct_from(import_id))
        .distinct()
    )
    count = (
        select(func.count(Purchase.id.distinct()))
        .join(PurchaseVersion, PurchaseVersion.purchase_id == Purchase.id)
        .where(PurchaseVersion.import_id == import_id, Purchase.import_id.is_distinct_from(import_id))
    )
    rows = session().execute(asked.order_by(Purchase.package_id).limit(limit)).all()
    return [Later(*row) for row in rows], int(session().scalar(count) or 0)


def undo(
    import_id: int, *, by: Actor, now: datetime, keep_changed: bool = False, key: str | None = None
) -> PurchaseImport:
    """Take an import back. What something else changed since refuses it, or stays as it is with `keep_changed`.

    Few lines are taken back at once, many by a job. Undoing again changes nothing and returns the import as it is.

    Raises:
        MayNotImport: `by` may not import.
        ImportNotFound: there is none.
        ImportNotReady: it has not written anything, or is still at it.
        ChangedSince: a later import or a correction changed some of its packages.
    """
    if not by.has(*imports.IMPORTERS):
        raise MayNotImport()

    def act() -> PurchaseImport:
        with transaction() as db:
            found = imports.locked(import_id)
            locked(db)
            if found.state in ("undoing", "undone"):
                return found
            if not may_be_undone(found):
                raise ImportNotReady(
                    N_("Impor ini belum atau tidak menyimpan pembelian, jadi tidak ada yang dibatalkan.")
                )
            if not keep_changed:
                _refuse_changed(found)
            found.state, found.undone_by_name = "undoing", by.name[:160]
            found.asked_by, found.asked_by_name = by.id, by.name[:160]
            db.flush()
            if found.good <= imports.AT_ONCE:
                take_back(found.id, now=now)
            else:
                jobs.enqueue("purchases.undo", {"import_id": found.id}, key=str(found.id))
            return found

    content = [import_id, keep_changed]
    made, _ = once(key, "purchases.undo", act, lambda row: row.id, imports.find, content=content)
    return made


def _refuse_changed(found: PurchaseImport) -> None:
    later, count = changed_since(found.id)
    if not count:
        return
    named = ", ".join(f"{one.package_id} ({one.import_name or 'dikoreksi'})" for one in later)
    more = f" dan {number_id(count - len(later))} lainnya" if count > len(later) else ""
    raise ChangedSince(
        say(
            N_(
                "%(count)s paket dari impor ini sudah diubah sesudahnya: %(named)s%(more)s. "
                "Batalkan dulu impor yang lebih baru, atau biarkan paket-paket itu dan "
                "batalkan yang lain."
            ),
            count=number_id(count),
            named=named,
            more=more,
        ),
        detail={"packages": [one.package_id for one in later], "count": count},
    )


def take_back(import_id: int, *, now: datetime) -> PurchaseImport:
    """What `undo` asked for. One transaction; done once, however often it is called.

    Statements: about three for every 1,000 packages, and one for each rollup row that changes.
    """
    with transaction() as db:
        found = imports.locked(import_id)
        locked(db)
        if found.state != "undoing":
            return found
        kept = changed_since(import_id)[1]
        deltas = Deltas()
        restored = _restore(db, found, deltas, now)
        removed = _remove(db, found, deltas)
        deltas.write(db)
        found.state, found.undone_at = "undone", now
        found.undone = {"removed": removed, "restored": restored, "kept": kept}
        by = Actor(found.asked_by or 0, found.undone_by_name or "", frozenset(), found.tenant_id, None, "")
        payload = {"import_id": found.id, "name": found.name, "sha256": found.sha256, **found.undone}
        audit.record(audit.KANWIL, "purchases.undone", payload, by=by, now=now)
        db.flush()
    return found


def _restore(db: Session, found: PurchaseImport, deltas: Deltas, now: datetime) -> int:
    """Let the packages that the import changed say again what they said before, as a version of its own."""
    names, said = aliases.book(db), aliases.settled(db)
    upts = aliases.short_names(db)
    reason = f"Impor {found.name} dibatalkan"[:500]
    after = count = 0
    while True:
        asked = (
            select(Purchase, PurchaseVersion)
            .join(PurchaseVersion, PurchaseVersion.purchase_id == Purchase.id)
            .where(
                Purchase.import_id == found.id,
                PurchaseVersion.replaced_by_import_id == found.id,
                Purchase.id > after,
            )
            .order_by(Purchase.id)
            .limit(CHUNK)
        )
        pairs = db.execute(asked).all()
        for purchase, version in pairs:
            deltas.take(purchase)
            versions.keep(db, purchase, now=now, by_name=found.undone_by_name, reason=reason)
            old = dict(version.content)
            buyer = aliases.buyer_of(old["buyer_unit"], old["buyer_institution"], names, said)
            old["purchased_on"] = date.fromisoformat(old["purchased_on"])
            old.setdefault("provider_name", upts.get(old["upt_id"], purchase.provider_name))
            for name, value in old.items():
                setattr(purchase, name, value)
            purchase.month = f"{purchase.purchased_on:%Y-%m}"
            purchase.buyer_kind, purchase.buyer_upt_id = buyer.kind, buyer.upt_id
            purchase.buyer_known = buyer.known
            purchase.import_id, purchase.line, purchase.updated_at = version.import_id, None, now
            deltas.add(purchase)
            after = purchase.id
        db.flush()
        for purchase, version in pairs:
            db.expunge(purchase)
            db.expunge(version)
        count += len(pairs)
        if len(pairs) < CHUNK:
            return count


def _remove(db: Session, found: PurchaseImport, deltas: Deltas) -> int:
    """Remove the packages that the import added; what it restored bears another import's number by now."""
    count = 0
    parts = (Purchase.month, Purchase.upt_id, Purchase.commodity, Purchase.status, Purchase.buyer_kind)
    buyer = (Purchase.buyer_upt_id, Purchase.buyer_institution, Purchase.buyer_unit)
    asked = select(Purchase.id, *parts, *buyer, Purchase.quantity, Purchase.total_rupiah)
    while True:
        rows = db.execute(asked.where(Purchase.import_id == found.id).limit(CHUNK)).all()
        for row in rows:
            deltas.take(row)
        ids = [row.id for row in rows]
        if ids:
            with by_values(db):
                for table, key in ((PurchaseVersion, PurchaseVersion.purchase_id), (Purchase, Purchase.id)):
                    db.execute(delete(table).where(among(key, ids)), execution_options=_AS_IT_IS)
        count += len(ids)
        if len(ids) < CHUNK:
            return count
