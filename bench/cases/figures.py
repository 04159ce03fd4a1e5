"""A month's figures of a Kanwil and of the country beside hand-written queries on the same rollups.

The purchases are made by the database itself, Kanwil after Kanwil, the rollups summed from them; once for each size
that `KARYA_BENCH_PURCHASES` names ("1000000,10000000" unless told otherwise). The hand-written queries are what a
person would type to answer the same question, fetched whole. Before any of it is timed, the recaps of the 33 Kanwil,
the recap of the country and the raw lines must say the same.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, Index, text

from bench.ground import Ground, Result, interleaved, owner_engine
from config import Settings
from recaps.national.gathering import _by_month, _commodities, _rollups
from sales import figures
from sales.models import Purchase
from tenants import database
from tenants.scope import Scope, entered
from tests.support import country, sums
from tests.support.worlds import World

MILLION = 1_000_000
SIZES = [int(one) for one in os.environ.get("KARYA_BENCH_PURCHASES", "1000000,10000000").split(",")]
MONTH = "2024-03"
ROUNDS = 30
_DAYS = 731


def measure(ground: Ground) -> Iterator[Result]:
    """figures_kanwil, figures_national: milliseconds for a month, the floor is the hand-written query; figures_sums:
    where the recaps, the country and the lines differ. "_10m" in a name: of ten million purchases."""
    for purchases in SIZES:
        with ground.world() as (settings, world):
            yield from _measured(ground.dialect, settings, world, purchases)


def _measured(name: str, settings: Settings, world: World, purchases: int) -> Iterator[Result]:
    tenants = country.open_country(upts=8)
    database.db.release()
    _fill(settings, purchases)
    size = f"{purchases:,} purchases, {len(tenants)} Kanwil"
    end = name if purchases == MILLION else f"{purchases // MILLION}m_{name}"
    wrong = sums.disagreements(world, tenants, MONTH)
    if wrong:
        raise RuntimeError("; ".join(wrong))
    yield Result(f"figures_sums_{end}", name, len(wrong), "differences", None, f"{size}, country, raw lines")
    value, floor = _kanwil(settings, tenants["kalbar"])
    yield Result(f"figures_kanwil_{end}", name, 1000 * value, "ms", 1000 * floor, size)
    value, floor = _national(settings)
    yield Result(f"figures_national_{end}", name, 1000 * value, "ms", 1000 * floor, size)


def _fill(settings: Settings, purchases: int) -> None:
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
        tenants = (
            connection.execute(text("SELECT DISTINCT tenant_id FROM bench_unit ORDER BY 1")).scalars().all()
        )
    with owner.connect() as connection, _unhindered(connection):
        last = 0
        for tenant_id in tenants:
            connection.execute(_purchases(purchases, units), {"tenant": tenant_id})
            for rollup in _ROLLUPS:
                connection.execute(rollup, {"last": last})
            last = connection.execute(text("SELECT max(id) FROM purchase")).scalar() or 0
            connection.commit()
    with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE" if owner.dialect.name == "postgresql" else "ANALYZE"))
    owner.dispose()


@contextmanager
def _unhindered(connection: Connection) -> Iterator[None]:
    """Without what makes a bulk of rows slow: the indexes that are no key are made again at the end, foreign keys are
    not asked of rows that the database makes from its own."""
    postgresql = connection.dialect.name == "postgresql"
    indexes: list[Index] = sorted(Purchase.__table__.indexes, key=lambda one: str(one.name))  # type: ignore[attr-defined]
    if postgresql:
        connection.execute(text("SET synchronous_commit = off"))
        connection.execute(text("SET maintenance_work_mem = '512MB'"))
        connection.execute(text("ALTER TABLE purchase DISABLE TRIGGER ALL"))
    else:
        for pragma in (
            "foreign_keys=OFF",
            "synchronous=OFF",
            "wal_autocheckpoint=50000",
            "cache_size=-400000",
        ):
            connection.exec_driver_sql(f"PRAGMA {pragma}")
        connection.commit()
    for index in indexes:
        index.drop(connection)
    connection.commit()
    yield
    for index in indexes:
        index.create(connection)
    if postgresql:
        connection.execute(text("ALTER TABLE purchase ENABLE TRIGGER ALL"))
    connection.commit()


def _purchases(purchases: int, units: int) -> Any:
    """The purchases of a Kanwil. The unit turns with each number, what it sold and to whom with each turn of the units
    and more slowly, so that every kind of row meets every other."""
    return text(
        f"""
        WITH RECURSIVE turns(turn) AS
          (SELECT 0 UNION ALL SELECT turn + 1 FROM turns WHERE turn < {purchases // units}),
        seq(turn, i, tenant_id, upt_id) AS
          (SELECT turn, turn * {units} + n, tenant_id, upt_id FROM turns CROSS JOIN bench_unit
            WHERE tenant_id = :tenant)
        INSERT INTO purchase (tenant_id, upt_id, package_id, commodity, product_name, provider_name, buyer_unit,
          buyer_institution, buyer_kind, buyer_upt_id, purchased_on, month, quantity, unit_price_rupiah,
          shipping_rupiah, total_rupiah, status, version, created_at, updated_at)
        SELECT s.tenant_id, s.upt_id, 'EP-' || (1000000000 + i), 'Komoditas ' || ((turn + i) % 7), 'Barang', 'UPT',
          'Satker ' || (i * 13 % 300), 'Instansi ' || (i * 11 % 40),
          CASE WHEN (turn / 2 + i) % 5 < 2 THEN 'upt' ELSE 'government' END,
          CASE WHEN (turn / 2 + i) % 5 < 2 THEN b.upt_id END,
          d.day, d.month, i % 40 + 1, 10000, 0, (i % 40 + 1) * 10000,
          CASE (turn / 3 + i) % 10 WHEN 8 THEN 'Proses' WHEN 9 THEN 'Batal' ELSE 'Selesai' END,
          1, d.day, d.day
        FROM seq s JOIN bench_day d ON d.n = turn % {_DAYS}
        JOIN bench_unit b ON b.n = (turn * 31 + i * 7) % {units}
        WHERE i < {purchases}
        """
    )


_ROLLUPS = (
    text(
        "INSERT INTO month_figure (tenant_id, upt_id, month, category, status, buyer_kind, packages, quantity,"
        " value_rupiah) SELECT tenant_id, upt_id, month, commodity, status, buyer_kind, count(*),"
        " sum(quantity), sum(total_rupiah) FROM purchase WHERE id > :last"
        " GROUP BY tenant_id, upt_id, month, commodity, status, buyer_kind"
    ),
    text(
        "INSERT INTO buyer_figure (tenant_id, month, buyer_key, buyer_kind, packages, quantity, value_rupiah)"
        " SELECT tenant_id, month, CASE WHEN buyer_upt_id IS NULL THEN 'inst:' || buyer_institution"
        " ELSE 'upt:' || buyer_upt_id END AS who, min(buyer_kind), count(*), sum(quantity),"
        " sum(total_rupiah) FROM purchase WHERE id > :last AND status = 'Selesai' GROUP BY tenant_id, month, who"
    ),
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
