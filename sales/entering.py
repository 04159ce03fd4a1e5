"""A purchase written by hand: entered where no export names it, corrected where one names it wrongly.

The rules are those of an import's line; a correction is a new version with its reason, and the rollups follow in the
same transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from sales import aliases, versions
from sales.checks import Checker, PurchaseRow
from sales.columns import KEYS
from sales.errors import MayNotImport, PurchaseMoved, PurchaseNotFound
from sales.imports import IMPORTERS
from sales.models import Purchase
from sales.providers import Provider, ProviderBook
from sales.rollups import Deltas, locked
from sales.writing import values_of
from tenants import scope
from tenants.clock import local_day
from tenants.database import transaction
from tenants.errors import Conflict, Invalid
from tenants.idempotency import once
from tenants.models import Kanwil, Upt
from tenants.officers import Actor
from tenants.said import say
from tenants.sheet_rows import RawRow
from tenants.words import N_, read_number, read_rupiah
from workflows import audit

FIELDS: Final = {
    "package_id": "id_paket",
    "commodity": "komoditas",
    "product_name": "nama_produk",
    "upt_id": "penyedia",
    "buyer_unit": "satker_pembeli",
    "buyer_institution": "instansi_pembeli",
    "purchased_on": "tanggal",
    "quantity": "kuantitas",
    "unit_price_rupiah": "harga_satuan",
    "shipping_rupiah": "ongkir",
    "status": "status",
}
"""What is written -> the column of a file whose rules it follows. The total is computed."""
_NAMES: Final = {key: name for name, key in FIELDS.items()}
REASON: Final = (5, 500)


class AlreadyThere(Conflict):
    """A package of this number is there; `detail` holds `purchase_id`, where it may be corrected."""

    code = "paket-sudah-ada"
    title = N_("Paket ini sudah tercatat")


def enter(values: Mapping[str, Any], *, by: Actor, now: datetime, key: str | None = None) -> Purchase:
    """Write a purchase by hand. `values`: `FIELDS`, as text or as numbers. A repetition with the same key returns the
    first one.

    Raises:
        MayNotImport: `by` is neither kadiv nor admin_kanwil of a Kanwil.
        Invalid: what is wrong, by field.
        AlreadyThere: the package is there; it is corrected, not entered again.
    """
    _allowed(by)

    def act() -> Purchase:
        with transaction() as db:
            locked(db)
            row = _checked(db, values, now)
            there = db.scalars(select(Purchase).where(Purchase.package_id == row.package_id)).first()
            if there is not None:
                raise AlreadyThere(
                    say(
                        N_(
                            "Paket %(package_id)s sudah tercatat. Koreksi pembelian itu bila ada yang keliru."
                        ),
                        package_id=row.package_id,
                    ),
                    detail={"purchase_id": there.id},
                )
            purchase = Purchase(package_id=row.package_id, version=1, created_at=now)
            _write(db, purchase, row, now)
            db.add(purchase)
            db.flush()
            deltas = Deltas()
            deltas.add(purchase)
            deltas.write(db)
            payload = {"purchase_id": purchase.id, **versions.named(row.content)}
            audit.record(audit.KANWIL, "purchases.entered", payload, by=by, now=now)
            return purchase

    made, _ = once(key, "purchases.enter", act, lambda row: row.id, _find, content=_said(values))
    return made


def correct(
    purchase_id: int,
    values: Mapping[str, Any],
    *,
    version: int,
    reason: str,
    by: Actor,
    now: datetime,
    key: str | None = None,
) -> Purchase:
    """Correct a purchase; what it said is kept as its earlier version, with the reason. What `values` leaves out stays.

    `version` is the one that was looked at. The package's number can't be corrected: another number is another package.

    Raises:
        MayNotImport: `by` is neither kadiv nor admin_kanwil of a Kanwil.
        PurchaseNotFound: there is none in this scope.
        PurchaseMoved: it says something newer by now.
        Invalid: what is wrong, by field; no reason; or nothing that differs.
    """
    _allowed(by)
    why = " ".join(reason.split())

    def act() -> Purchase:
        with transaction() as db:
            locked(db)
            purchase = _find(purchase_id)
            if purchase.version != version:
                raise PurchaseMoved(
                    N_(
                        "Pembelian ini sudah berubah sejak Anda membukanya. Lihat isinya sekarang, lalu koreksi lagi."
                    )
                )
            before = versions.named(versions.content_of(purchase))
            asked = {name: before[name] for name in FIELDS}
            asked |= {name: values[name] for name in FIELDS if name in values and name != "package_id"}
            wrong: dict[str, str] = {}
            try:
                row = _checked(db, asked, now)
            except Invalid as invalid:
                wrong = dict(invalid.fields)
            if not REASON[0] <= len(why) <= REASON[1]:
                wrong["reason"] = say(
                    N_("Tulis alasannya, %(reason)s sampai %(reason2)s huruf."),
                    reason=REASON[0],
                    reason2=REASON[1],
                )
            if wrong:
                raise Invalid(fields=wrong)
            if row.content == versions.content_of(purchase):
                raise Invalid(
                    N_("Tidak ada yang berubah."), fields={"reason": N_("Isinya sama dengan yang tercatat.")}
                )
            deltas = Deltas()
            deltas.take(purchase)
            versions.keep(db, purchase, now=now, by_name=by.name[:160], reason=why)
            _write(db, purchase, row, now)
            db.flush()
            deltas.add(purchase)
            deltas.write(db)
            after = versions.named(row.content)
            changes = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
            payload = {
                "purchase_id": purchase.id,
                "package_id": purchase.package_id,
                "changes": changes,
                "reason": why,
            }
            audit.record(audit.KANWIL, "purchases.corrected", payload, by=by, now=now)
            return purchase

    content = [purchase_id, version, why, _said(values)]
    made, _ = once(key, "purchases.correct", act, lambda row: row.id, _find, content=content)
    return made


def own_upts() -> list[tuple[int, str]]:
    """The Kanwil's UPT that may have sold, by name. One statement."""
    with transaction() as db:
        return [(row[0], row[1]) for row in db.execute(select(Upt.id, Upt.name).order_by(Upt.name))]


def _allowed(by: Actor) -> None:
    if by.tenant_id is None or by.upt_id is not None or not by.has(*IMPORTERS):
        raise MayNotImport(N_("Pembelian dicatat dan dikoreksi oleh Kepala Divisi atau admin Kanwil."))


def _find(purchase_id: int) -> Purchase:
    with transaction() as db:
        asked = select(Purchase).where(Purchase.id == purchase_id).execution_options(populate_existing=True)
        found = db.scalars(asked).first()
    if found is None:
        raise PurchaseNotFound()
    return found


def _said(values: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(values[name]) for name in FIELDS if name in values}


def _checked(db: Session, values: Mapping[str, Any], now: datetime) -> PurchaseRow:
    """The purchase that the values state, by the rules of an import's line.

    Raises:
        Invalid: by the names of `FIELDS`.
    """
    kanwil = db.get_one(Kanwil, scope.current().tenant_id)
    upt = _upt(db, values.get("upt_id"))
    texts = {
        FIELDS[name]: str(values.get(name) if values.get(name) is not None else "").strip() for name in FIELDS
    }
    texts["penyedia"] = upt.name if upt is not None else "–"
    texts["total"] = _total(texts)
    provider = [] if upt is None else [(upt.name, Provider(kanwil.id, kanwil.short_name, upt.id, upt.name))]
    positions = {name: position for position, name in enumerate(KEYS)}
    checker = Checker(positions, ProviderBook(provider), kanwil.id, local_day(now, kanwil.timezone))
    row, issues = checker.check(RawRow(1, tuple(texts[name] for name in KEYS)))
    wrong = {_NAMES.get(one.field, one.field): one.reason for one in issues if one.level == "error"}
    wrong.pop("total", None)
    if upt is None:
        wrong["upt_id"] = N_("Pilih UPT penyedianya.")
    if row is None or wrong:
        raise Invalid(
            fields={name: f"{text[0].upper()}{text[1:].rstrip('.')}." for name, text in wrong.items()}
        )
    return row


def _upt(db: Session, said: Any) -> Upt | None:
    text = str(said or "")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        return None
    return db.scalars(select(Upt).where(Upt.id == int(text))).first()


def _total(texts: Mapping[str, str]) -> str:
    try:
        amount = read_number(texts["kuantitas"]) * read_rupiah(texts["harga_satuan"])
        return str(amount + read_rupiah(texts["ongkir"] or "0"))
    except ValueError:
        return "0"


def _write(db: Session, purchase: Purchase, row: PurchaseRow, now: datetime) -> None:
    buyer = aliases.buyer_of(row.buyer_unit, row.buyer_institution, aliases.book(db), aliases.settled(db))
    for name, value in values_of(row, buyer).items():
        setattr(purchase, name, value)
    purchase.month = f"{row.purchased_on:%Y-%m}"
    purchase.import_id, purchase.line, purchase.updated_at = None, None, now
