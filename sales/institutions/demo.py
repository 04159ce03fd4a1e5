"""The demonstration's register: ministries and agencies that ought to buy. A sample, not an official list."""

from __future__ import annotations

import csv
from datetime import datetime
from pathlib import Path
from typing import Final

from sales.institutions.models import BuyingInstitution
from sales.providers import plain
from tenants.database import transaction

SOURCE: Final = Path(__file__).parent / "data" / "institutions.csv"
BASIS: Final = "Peraturan Presiden Nomor 12 Tahun 2021: belanja produk dalam negeri."
WHO: Final = "Admin Pusat"


def load(now: datetime) -> None:
    """Fill the country's register, outside any Kanwil's scope. One statement."""
    with SOURCE.open(encoding="utf-8", newline="") as source, transaction() as session:
        session.add_all(
            BuyingInstitution(
                name=row["name"],
                plain_name=plain(row["name"]),
                kind=row["kind"],
                names=[row["names"]] if row["names"] else [],
                basis=BASIS,
                is_active=True,
                created_by_name=WHO,
                created_at=now,
                updated_by_name=WHO,
                updated_at=now,
            )
            for row in csv.DictReader(source)
        )
        session.flush()
