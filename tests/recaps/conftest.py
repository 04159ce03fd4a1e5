"""A Kanwil with March's purchases, and a recap taken as far as a test asks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from recaps import drafting, receiving, signing
from recaps.models import Recap
from sales import imports, reading, writing
from tenants import database, files
from tenants.officers import Actor
from tenants.scope import entered
from tests.support.worlds import World

NOW = datetime.now(UTC).replace(microsecond=0)
HEADER = (
    "id_paket,komoditas,nama_produk,penyedia,satker_pembeli,instansi_pembeli,"
    "tanggal,kuantitas,harga_satuan,ongkir,total,status"
)
LAPAS = "Lembaga Pemasyarakatan Kelas IIA Pontianak"
RUTAN = "Rumah Tahanan Negara Kelas IIA Pontianak"
LINES = [
    f"EP-2403-1,Kriya,Miniatur kapal,{LAPAS},{RUTAN},Kemenkumham,2024-03-04,10,3000000,0,30000000,Selesai",
    f"EP-2403-2,Pakaian,Kaos,{RUTAN},Universitas Tanjungpura,Kemendikbud,2024-03-12,17,1050000,0,17850000,Selesai",
    f"EP-2403-3,Pakaian,<script>alert(1)</script>,{LAPAS},=HYPERLINK(1),Pemda,2024-03-20,1,50000,0,50000,Proses",
    f"EP-2403-4,Kriya,Tas,{LAPAS},Pemda Sambas,Pemda,2024-03-21,2,75000,0,150000,Batal",
]


@dataclass
class House:
    """One Kanwil's officers and the steps of its recap, each as its own request or job would do it."""

    world: World
    now: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))

    def by(self, username: str) -> Actor:
        return self.world.actor(username)

    def inside(self, username: str = "kadiv.kalbar") -> Any:
        database.db.release()
        return entered(self.world.scope(username))

    def drafted(self, period: str = "2024-03") -> int:
        with self.inside():
            recap, _ = drafting.draft(period, by=self.by("kadiv.kalbar"), now=self.now)
            drafting.prepare(recap.id, 1, now=self.now)
            return int(recap.id)

    def submitted(self) -> int:
        recap_id = self.drafted()
        with self.inside():
            drafting.submit(recap_id, by=self.by("kadiv.kalbar"), now=self.now)
        return recap_id

    def sign(self, recap_id: int) -> Recap:
        with self.inside("kakanwil.kalbar"):
            asked = signing.request_sign(recap_id, by=self.by("kakanwil.kalbar"), now=self.now)
            return signing.sign(recap_id, asked.attempt, now=self.now)

    def signed(self) -> int:
        recap_id = self.submitted()
        self.sign(recap_id)
        return recap_id

    def acknowledged(self) -> int:
        recap_id = self.signed()
        by = self.by("dirjen")
        with self.inside("dirjen"):
            receiving.request_acknowledge(recap_id, by=by, now=self.now)
        who = {"officer_id": by.id, "name": by.name, "office": by.office}
        with self.inside():
            receiving.acknowledge(recap_id, who, now=self.now + timedelta(seconds=1))
        return recap_id

    def recap(self, recap_id: int) -> Recap:
        with self.inside():
            return drafting.load(recap_id)

    def file(self, recap_id: int) -> bytes:
        return files.get(str(self.recap(recap_id).file_sha256))


@pytest.fixture
def house(world: World) -> House:
    """Kalbar with four packages of March 2024, Rp47.850.000 of them completed."""
    made = House(world)
    with made.inside():
        content = "\n".join([HEADER, *LINES]).encode()
        upload = imports.begin(content, "maret.csv", by=made.by("kadiv.kalbar"), now=NOW)
        reading.read(upload.id, now=NOW)
        imports.accept(upload.id, by=made.by("kadiv.kalbar"), now=NOW)
        done = imports.find(upload.id)
        if done.state != "done":
            done = writing.carry_out(upload.id, now=NOW)
        assert (done.state, done.good) == ("done", 4)
    return made


Steps = Callable[[], int]
