"""What a purchase says and said: its content, the versions kept when it changes, and what differs between two."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from sales.models import Purchase, PurchaseVersion
from tenants.words import N_, date_id, number_id, rupiah

LABELS: Final = {
    "package_id": N_("ID paket"),
    "commodity": N_("Komoditas"),
    "product_name": N_("Nama produk"),
    "upt_id": N_("Penyedia"),
    "buyer_unit": N_("Satuan kerja pembeli"),
    "buyer_institution": N_("Instansi pembeli"),
    "purchased_on": N_("Tanggal"),
    "quantity": N_("Kuantitas"),
    "unit_price_rupiah": N_("Harga satuan"),
    "shipping_rupiah": N_("Ongkos kirim"),
    "total_rupiah": N_("Total"),
    "status": N_("Status"),
}
"""The parts of a purchase's content, in the order of `PurchaseRow.content`, and what people call them."""


@dataclass(frozen=True)
class Difference:
    """One part of a purchase that changed, as people read it."""

    field: str
    label: str
    before: str
    after: str


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


def named(content: tuple[object, ...]) -> dict[str, object]:
    """A content with the names of its parts, as versions keep it."""
    return dict(zip(LABELS, content, strict=True))


def keep(
    db: Session,
    purchase: Purchase,
    *,
    now: datetime,
    import_id: int | None = None,
    by_name: str | None = None,
    reason: str | None = None,
) -> None:
    """Keep what a purchase says before it changes, and count its version on.

    `import_id`: the import that changes it; `by_name` and `reason`: the officer who does.
    """
    db.add(
        PurchaseVersion(
            upt_id=purchase.upt_id,
            purchase_id=purchase.id,
            version=purchase.version,
            content={**named(content_of(purchase)), "provider_name": purchase.provider_name},
            import_id=purchase.import_id,
            replaced_by_import_id=import_id,
            replaced_at=now,
            replaced_by_name=by_name,
            reason=reason,
        )
    )
    purchase.version += 1


def differences(
    before: Mapping[str, Any], after: Mapping[str, Any], upts: Mapping[int, str] | None = None
) -> list[Difference]:
    """What changed from one content to another. `upts`: short names of UPT by id."""
    return [
        Difference(key, label, _shown(key, before[key], upts), _shown(key, after[key], upts))
        for key, label in LABELS.items()
        if before[key] != after[key]
    ]


def _shown(key: str, value: Any, upts: Mapping[int, str] | None) -> str:
    if key.endswith("_rupiah"):
        return rupiah(int(value))
    if key == "quantity":
        return number_id(int(value))
    if key == "purchased_on":
        return date_id(date.fromisoformat(str(value)))
    if key == "upt_id":
        return (upts or {}).get(int(value), f"UPT {value}")
    return f"“{str(value)[:80]}”" if value else "–"
