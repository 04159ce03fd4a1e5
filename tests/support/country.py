"""The whole country: the 33 Kanwil of the reference data with some of their UPT, and purchases of all of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from random import Random
from types import SimpleNamespace
from typing import Any

from sqlalchemy import insert, select

from sales.models import Purchase
from sales.rollups import Deltas, locked
from tenants import database, register
from tenants.models import DirectoryUpt, Kanwil
from tenants.scope import Scope, entered

NOW = datetime(2024, 4, 2, 3, 0, tzinfo=UTC)
STATES = ("Selesai", "Selesai", "Selesai", "Proses", "Batal")
COMMODITIES = ("Kriya", "Pakaian", "Makanan", "Mebel", "Alat musik", "Jasa", "Lukisan")
CHUNK = 1000


def open_country(*, upts: int = 3) -> dict[str, int]:
    """Open the Kanwil that the small world lacks, `upts` UPT each; code -> number of all 33."""
    with database.public() as reader:
        there = set(reader.scalars(select(Kanwil.code)))
    units: dict[str, list[dict[str, str]]] = {}
    for row in register.read_reference("upt.csv"):
        units.setdefault(row["kanwil_code"], []).append(row)
    for row in register.read_reference("kanwil.csv"):
        if row["code"] not in there:
            kanwil = register.open_kanwil(**row)
            with entered(Scope(kanwil.id)), database.transaction():
                register.open_upts(units[row["code"]][:upts], kanwil)
    database.db.release()
    with database.public() as reader:
        return {code: id_ for id_, code in reader.execute(select(Kanwil.id, Kanwil.code))}


def sell(count: int, *, seed: int = 1) -> None:
    """`count` purchases of January to March 2024 spread over the country, written as an import writes them: rows and
    rollups in one transaction a Kanwil."""
    with database.public() as reader:
        units = [(row.kanwil_id, row.upt_id, row.name) for row in reader.scalars(select(DirectoryUpt))]
    tenants = sorted({tenant for tenant, _, _ in units})
    for place, tenant_id in enumerate(tenants):
        own = [one for one in units if one[0] == tenant_id]
        share = count // len(tenants) + (place < count % len(tenants))
        made = _lines(Random(seed * 1000 + tenant_id), own, units, share)
        with entered(Scope(tenant_id)), database.transaction() as here:
            locked(here)
            deltas = Deltas()
            while rows := list(islice(made, CHUNK)):
                here.execute(insert(Purchase), rows, execution_options={"render_nulls": True})
                for row in rows:
                    deltas.add(SimpleNamespace(**row))
            deltas.write(here)


def _lines(luck: Random, own: list[Any], units: list[Any], count: int) -> Iterator[dict[str, Any]]:
    for number in range(count):
        day = date(2024, 1, 1) + timedelta(days=luck.randrange(91))
        _, upt_id, provider = luck.choice(own)
        buyer = luck.choice(units) if luck.random() < 0.4 else None
        quantity, price = luck.randint(1, 40), luck.randint(5, 4000) * 1000
        shipping = luck.randint(0, 6) * 5000
        yield {
            "package_id": f"EP-{own[0][0]}-{number}",
            "commodity": luck.choice(COMMODITIES),
            "product_name": "Barang",
            "provider_name": provider,
            "upt_id": upt_id,
            "buyer_unit": buyer[2] if buyer else f"Satker {luck.randrange(50)}",
            "buyer_institution": "Ditjenpas" if buyer else f"Instansi {luck.randrange(20)}",
            "buyer_kind": "upt" if buyer else "government",
            "buyer_upt_id": buyer[1] if buyer else None,
            "purchased_on": day,
            "month": f"{day:%Y-%m}",
            "quantity": quantity,
            "unit_price_rupiah": price,
            "shipping_rupiah": shipping,
            "total_rupiah": quantity * price + shipping,
            "status": luck.choice(STATES),
            "version": 1,
            "import_id": None,
            "line": None,
            "created_at": NOW,
            "updated_at": NOW,
        }
