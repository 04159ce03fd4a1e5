"""Lists as files, XLSX and CSV, where no text ever becomes a formula; purchases in the layout in which they came."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from sales.columns import KEYS
from sales.models import Purchase
from sales.queries import Filters, every
from tenants import sheets

_WIDTHS: Final = (18, 20, 28, 44, 40, 30, 12, 10, 14, 12, 16, 10)


def as_csv(filters: Filters) -> Iterator[str]:
    """The purchases that the filters leave as CSV, a piece at a time. Dates ISO, amounts whole rupiah."""
    return sheets.as_csv(KEYS, _rows(every(filters)))


def as_xlsx(filters: Filters) -> bytes:
    """The purchases that the filters leave as a workbook: dates and numbers as such, every text as text."""
    return sheets.as_xlsx("Pembelian", KEYS, _rows(every(filters)), _WIDTHS)


def _rows(purchases: Iterable[Purchase]) -> Iterator[list[object]]:
    """Purchases in the order of the columns of an export."""
    for row in purchases:
        yield [
            *(row.package_id, row.commodity, row.product_name, row.provider_name, row.buyer_unit),
            *(row.buyer_institution, row.purchased_on, row.quantity, row.unit_price_rupiah),
            *(row.shipping_rupiah, row.total_rupiah, row.status),
        ]
