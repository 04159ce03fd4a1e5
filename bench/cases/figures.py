"""A month's figures of a Kanwil and of the country beside hand-written queries on the same rollups.

The purchases are made by the database itself (`KARYA_BENCH_PURCHASES`, 1,000,000 unless told otherwise), the rollups
summed from them. The hand-written queries are what a person would type to answer the same question, fetched whole.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, text

from bench.ground import Ground, Result, interleaved, owner_engine
from config import Settings
from recaps.national.gathering import _by_month, _commodities, _rollups
from sales import figures
from tenants import database
from tenants.scope import Scope, entered
from tests.support import country

PURCHASES = int(os.environ.get("KARYA_BENCH_PURCHASES", "1000000"))
MONTH = "2024-03"
ROUNDS = 9
_DAYS = 731


def measure(ground: Ground) -> Iterator[Result]:
    """figures_kanwil, figures_national: milliseconds for a month; the floor is the hand-written query."""
    with ground.world() as (settings, _):
        tenants = country.open_country(upts=8)
        _fill(settings)
        size = f"{PURCHASES:,} purchases, {len(tenants)} Kanwil"
        name = ground.dialect
        value, floor = _kanwil(settings, tenants["kalbar"])
        yield Result(f"figures_kanwil_{name}", name, 1000 * value, "ms", 1000 * floor, size)
        value, floor = _national(settings)
        yield Result(f"figures_national_{name}", name, 1000 * value, "ms", 1000 * floor, size)


def _fill(settings: Settings) -> None:
    owner = owner_engine(settings)
    with owner.begin() as connection:
        connection.execute(text("CREATE TABLE bench_day (n INTEGER PRIMARY KEY, day DATE, month VARCHAR(7))"))
        days = [date(2023, 1, 1) + timedelta(days=n) for n in range(_DAYS)]
        rows = [{"n": n, "d": day, "m": f"{day:%Y-%m}"} for n, day in enumerate(days)]
        connection.execute(text("INSERT INTO bench_day VALUES (:n, :d, :m)"), rows)
        connection.execute(
            text("CREATE TABLE bench_unit (n INTEGER PRIMARY KEY, tenant_id INTEGER, upt_id INTEGER)")
        )
        connection.execute(
            text(
                "INSERT INTO bench_unit SELECT row_number() OVER (ORDER BY upt_id) - 1, kanwil_id, upt_id"
                " FROM directory_upt"
            )
        )
        units = connection.execute(text("SELECT count(*) FROM bench_unit")).scalar() or 1
        _purchases(connection, units)
        connection.execute(
            text(
                "INSERT INTO month_figure (tenant_id, upt_id, month, category, status, buyer_kind, packages, quantity,"
                " value_rupiah) SELECT tenant_id, upt_id, month, commodity, status, buyer_kind, count(*),"
                " sum(quantity), sum(total_rupiah) FROM purchase"
                " GROUP BY tenant_id, upt_id, month, commodity, status, buyer_kind"
            )
        )
        connection.execute(
            text(
                "INSERT INTO buyer_figure (tenant_id, month, buyer_key, buyer_kind, packages, quantity, value_rupiah)"
                " SELECT tenant_id, month, CASE WHEN buyer_upt_id IS NULL THEN 'inst:' || buyer_institution"
                " ELSE 'upt:' || buyer_upt_id END AS who, min(buyer_kind), count(*), sum(quantity),"
                " sum(total_rupiah) FROM purchase WHERE status = 'Selesai' GROUP BY tenant_id, month, who"
            )
        )
    with owner.connect() as connection:
        connection.execute(text("ANALYZE"))
        connection.commit()
    owner.dispose()


def _purchases(connection: Connection, units: int) -> None:
    """The unit turns with each purchase, what it sold and to whom with each round of units and more slowly, so that
    every kind of row meets every other."""
    turn = f"(i / {units})"
    connection.execute(
        text(
            f"""
            WITH RECURSIVE seq(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM seq WHERE i + 1 < {PURCHASES})
            INSERT INTO purchase (tenant_id, upt_id, package_id, commodity, product_name, provider_name, buyer_unit,
              buyer_institution, buyer_kind, buyer_upt_id, purchased_on, month, quantity, unit_price_rupiah,
              shipping_rupiah, total_rupiah, status, version, created_at, updated_at)
            SELECT u.tenant_id, u.upt_id, 'EP-' || i, 'Komoditas ' || (({turn} + i) % 7), 'Barang', 'UPT',
              'Satker ' || (i * 13 % 300), 'Instansi ' || (i * 11 % 40),
              CASE WHEN ({turn} / 2 + i) % 5 < 2 THEN 'upt' ELSE 'government' END,
              CASE WHEN ({turn} / 2 + i) % 5 < 2 THEN b.upt_id END,
              d.day, d.month, i % 40 + 1, 10000, 0, (i % 40 + 1) * 10000,
              CASE ({turn} / 3 + i) % 10 WHEN 8 THEN 'Proses' WHEN 9 THEN 'Batal' ELSE 'Selesai' END,
              1, d.day, d.day
            FROM seq JOIN bench_unit u ON u.n = i % {units} JOIN bench_day d ON d.n = (i / {units}) % {_DAYS}
            JOIN bench_unit b ON b.n = ({turn} * 31 + i * 7) % {units}
            """
        )
    )


def _kanwil(settings: Settings, tenant_id: int) -> tuple[float, float]:
    """The Kanwil's month through `sales.figures`, beside the same rows and sums by hand."""
    owner = owner_engine(settings)
    hand = (
        text(
            "SELECT f.upt_id, d.short_name, f.category, f.status, sum(f.packages), sum(f.quantity),"
            " sum(f.value_rupiah) FROM month_figure f JOIN directory_upt d ON d.upt_id = f.upt_id"
            " WHERE f.tenant_id = :tenant AND f.month = :month GROUP BY f.upt_id, d.short_name, f.category, f.status"
        ),
        text(
            "SELECT f.buyer_key, d.short_name, sum(f.packages), sum(f.quantity), sum(f.value_rupiah)"
            " FROM buyer_figure f LEFT JOIN directory_upt d ON d.upt_id ="
            " CASE WHEN f.buyer_key LIKE 'upt:%' THEN CAST(substr(f.buyer_key, 5) AS integer) END"
            " WHERE f.tenant_id = :tenant AND f.month = :month GROUP BY f.buyer_key, d.short_name"
        ),
    )
    with owner.connect() as connection, entered(Scope(tenant_id)):

        def by_hand() -> list[Any]:
            return [connection.execute(one, {"tenant": tenant_id, "month": MONTH}).all() for one in hand]

        taken = interleaved(lambda: figures.period(MONTH), by_hand, rounds=ROUNDS)
    owner.dispose()
    return taken


def _national(settings: Settings) -> tuple[float, float]:
    """The country's month as its recap reads it, beside the same questions by hand."""
    owner = owner_engine(settings)
    sums = "sum(packages), sum(quantity), sum(value_rupiah)"
    done = "status = 'Selesai' AND month"
    hand = [
        text(one)
        for one in (
            f"SELECT tenant_id, status, {sums} FROM month_figure WHERE month = :month GROUP BY tenant_id, status",
            "SELECT tenant_id, count(DISTINCT buyer_key) FROM buyer_figure WHERE month = :month"
            " AND buyer_key LIKE 'upt:%' GROUP BY tenant_id",
            f"SELECT tenant_id, sum(value_rupiah) FROM month_figure WHERE {done} BETWEEN '2024-01' AND :month"
            " GROUP BY tenant_id",
            "SELECT tenant_id, share FROM pnbp_rule WHERE year = 2024",
            "SELECT tenant_id, sum(pnbp_rupiah) FROM target WHERE year = 2024 GROUP BY tenant_id",
            f"SELECT category, {sums} FROM month_figure WHERE {done} = :month GROUP BY category",
            f"SELECT month, {sums} FROM month_figure WHERE {done} = :month GROUP BY month",
        )
    ]
    with owner.connect() as connection, database.national("bench") as reader:

        def ours() -> None:
            _rollups(reader, [MONTH])
            _commodities(reader, [MONTH])
            _by_month(reader, [MONTH])

        def by_hand() -> list[Any]:
            return [connection.execute(one, {"month": MONTH}).all() for one in hand]

        taken = interleaved(ours, by_hand, rounds=ROUNDS)
    owner.dispose()
    return taken
