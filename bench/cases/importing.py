"""An import through the use case (read, check, preview, carry out, rollups, audit) beside a bare bulk insert.

Each runs in a process of its own, so that the peak of memory is the import's.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sqlalchemy import insert

from bench.ground import Ground, Result, owner_engine
from config import Settings

LINES = int(os.environ.get("KARYA_BENCH_LINES", "100000"))
NOW = datetime(2024, 4, 2, 3, 0, tzinfo=UTC)
KADIV = "kadiv.kalbar"
HEAD = (
    "id_paket,komoditas,nama_produk,penyedia,satker_pembeli,instansi_pembeli,"
    "tanggal,kuantitas,harga_satuan,ongkir,total,status"
)
UPT = "Lembaga Pemasyarakatan Kelas IIA Pontianak"


def measure(ground: Ground) -> Iterator[Result]:
    """import_<database>: lines a second; import_memory: the peak of the importing process."""
    with ground.world() as (settings, world):
        file = ground.folder / f"purchases-{ground.dialect}.csv"
        file.write_text(HEAD + "\n" + "".join(_line(number) for number in range(LINES)), encoding="utf-8")
        told = asdict(settings) | {"data": str(settings.data)}
        done = subprocess.run(
            [sys.executable, "-m", "bench.cases.importing", json.dumps(told), str(file)],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        ours = json.loads(done.stdout)
        floor = _bare(settings, world.kanwil["kalbar"], world.upt["lapas-iia-pontianak"])
    name, size = ground.dialect, f"{LINES:,} lines, {file.stat().st_size // 1_000_000} MB"
    yield Result(f"import_{name}", name, LINES / ours["seconds"], "1/s", LINES / floor, size)
    yield Result(
        f"import_memory_{name}", name, ours["peak_mb"], "MB", ours["before_mb"], "peak; floor: at its start"
    )


def _line(number: int) -> str:
    day = date(2024, 1, 1) + timedelta(days=number % 90)
    quantity, price, shipping = number % 40 + 1, 10_000 + number % 977 * 250, number % 7 * 5_000
    total = quantity * price + shipping
    return (
        f"EP-BENCH-{number:07},Kerajinan,Tas anyaman purun {number % 500},{UPT},Satker {number % 300},"
        f"Instansi {number % 40},{day},{quantity},{price},{shipping},{total},Selesai\n"
    )


def _bare(settings: Settings, tenant_id: int, upt_id: int) -> float:
    """Seconds for the same rows by Core's executemany, in chunks of 1,000 and one transaction; nothing is checked."""
    from sales.models import Purchase

    owner = owner_engine(settings)
    began = time.perf_counter()
    with owner.begin() as connection:
        for start in range(0, LINES, 1000):
            connection.execute(
                insert(Purchase.__table__),
                [_row(number, tenant_id, upt_id) for number in range(start, min(start + 1000, LINES))],
            )
    taken = time.perf_counter() - began
    owner.dispose()
    return taken


def _row(number: int, tenant_id: int, upt_id: int) -> dict[str, object]:
    day = date(2024, 1, 1) + timedelta(days=number % 90)
    quantity, price = number % 40 + 1, 10_000
    return {
        "tenant_id": tenant_id,
        "upt_id": upt_id,
        "package_id": f"BARE-{number:07}",
        "commodity": "Kerajinan",
        "product_name": f"Tas anyaman purun {number % 500}",
        "provider_name": UPT,
        "buyer_unit": f"Satker {number % 300}",
        "buyer_institution": f"Instansi {number % 40}",
        "buyer_kind": "other",
        "purchased_on": day,
        "month": f"{day:%Y-%m}",
        "quantity": quantity,
        "unit_price_rupiah": price,
        "shipping_rupiah": 0,
        "total_rupiah": quantity * price,
        "status": "completed",
        "version": 1,
        "created_at": NOW,
        "updated_at": NOW,
    }


def _import(told: dict[str, object], file: Path) -> None:
    """What the importing process does; its figures go to standard output."""
    import rooms
    from sales import imports, reading
    from tenants import database
    from tenants.scope import entered
    from tests.support import worlds

    rooms.load()
    database.configure(Settings(**(told | {"data": Path(str(told["data"]))})))  # type: ignore[arg-type]
    world = worlds.read()
    by, content = world.actor(KADIV), file.read_bytes()
    before = _peak_mb()
    began = time.perf_counter()
    with entered(world.scope(KADIV)):
        begun = imports.begin(content, file.name, by=by, now=NOW)
        del content
        reading.read(begun.id, now=NOW)
        accepted = imports.accept(begun.id, by=by, now=NOW)
        if accepted.state == "running":
            accepted = reading.carry_out(begun.id, now=NOW)
        assert (accepted.state, accepted.good) == ("done", LINES), (
            accepted.state,
            accepted.good,
            accepted.bad,
        )
    print(json.dumps({"seconds": time.perf_counter() - began, "peak_mb": _peak_mb(), "before_mb": before}))


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    _import(json.loads(sys.argv[1]), Path(sys.argv[2]))
