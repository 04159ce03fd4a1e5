"""The figures of the country on their page, in files and by the API: the sums of what each Kanwil reads of itself."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from sqlalchemy import select

from sales import settings as rules
from sales.models import Purchase
from sales.sight import comparing, country, grouping
from tenants import database
from tenants.errors import Invalid
from tenants.models import Upt
from tenants.scope import Scope, entered
from tests.recaps.conftest import House
from tests.support import country as whole
from tests.support.statements import counted_statements


def found(period: str = "2024-03") -> country.Country:
    with database.national("uji") as reader:
        return country.country(period, reader)


def test_the_country_is_the_sum_of_what_each_kanwil_reads_of_itself(house: House) -> None:
    """Random purchases of 33 Kanwil, a group said otherwise in one of them, a target in another."""
    tenants = whole.open_country(upts=2)
    whole.sell(600)
    with house.inside():
        by = house.by("kadiv.kalbar")
        grouping.set_groups({"Lukisan": "office_supplies"}, by=by, now=house.now)
        upt = database.session().scalars(select(Upt.id).order_by(Upt.id)).first()
        assert upt is not None
        rules.set_targets([(upt, 90_000_000, 9_000_000)], 2024, by=by, now=house.now)
    with house.inside("dirjen"), counted_statements() as seen:
        told = found()
    assert len(seen) <= 12, "\n".join(seen)
    assert len(told.kanwils) == 33
    own: dict[str, comparing.Compared] = {}
    for code, tenant_id in tenants.items():
        database.db.release()
        with entered(Scope(tenant_id)):
            own[code] = comparing.compared("2024-03")
    for one in told.kanwils:
        mine = own[one.code]
        assert {status: list(three) for status, three in one.states.items()} == {
            status: list(three) for status, three in mine.states.items()
        }
        assert (one.pnbp, one.buyers) == (mine.pnbp, mine.buying_upts)
        assert (one.omzet_target_rupiah, one.pnbp_target_rupiah) == (
            mine.omzet_target_rupiah,
            mine.pnbp_target_rupiah,
        )
    for lines in ("by_group", "by_commodity", "by_month", "institutions"):
        for at in range(3):
            summed: dict[str, int] = {}
            for mine in own.values():
                for line in getattr(mine, lines):
                    summed[line.key] = summed.get(line.key, 0) + list(line.sums)[at].value_rupiah
            national = {line.key: list(line.sums)[at].value_rupiah for line in getattr(told, lines)}
            assert {k: v for k, v in national.items() if v} == {k: v for k, v in summed.items() if v}, lines
    assert told.total.pnbp[0] == sum(one.pnbp[0] for one in told.kanwils)
    assert told.total.buyers[0] == len(
        {line.key for mine in own.values() for line in mine.buyers if line.sums.now.packages}
    )
    assert told.buyers[0].place in {one.province for one in told.kanwils}
    kalbar = next(one for one in told.kanwils if one.code == "kalbar")
    assert kalbar.omzet_share == kalbar.year_omzet_rupiah / 90_000_000
    with pytest.raises(Invalid):
        found("maret")


def test_the_page_its_files_and_the_api(house: House, sign_in: Callable[..., Any], client: Any) -> None:
    house.signed()
    dirjen, auditor = sign_in("dirjen"), sign_in("auditor")
    with counted_statements() as seen:
        page = dirjen.get("/laporan/angka?period=2024-03").text
    assert len(seen) <= 22, "\n".join(seen)
    assert "Rp47.850.000" in page
    recap = page.index("Kalimantan Barat</a>")
    assert 'href="/rekap-masuk/' in page[recap - 60 : recap]
    assert "Rutan IIA Pontianak" in page, "who bought"
    assert "Kemendikbud" in page
    assert "/pembelian" not in page
    told = auditor.get("/laporan/angka").text
    assert "Angka nasional Maret 2024" in told, "the newest month that has any"
    assert "/rekap-masuk/" not in told
    assert "Semua angka nasional" in dirjen.get("/beranda/").text
    assert 'href="/laporan/angka"' in auditor.get("/laporan/persetujuan/nasional").text
    rows = list(
        csv.reader(io.StringIO(dirjen.get("/laporan/angka/kanwil.csv?period=2024").text.lstrip("\ufeff")))
    )
    assert [row[0] for row in rows[1:]] == [
        "Kalimantan Barat",
        "Banten",
        "Sumatera Barat",
        "Jumlah",
    ]
    assert [row[2] for row in rows[1:]] == ["47850000", "0", "0", "47850000"]
    sheet = openpyxl.load_workbook(
        io.BytesIO(dirjen.get("/laporan/angka/instansi.xlsx?period=2024-03").data)
    ).active
    assert sheet is not None
    assert [row[0] for row in sheet.iter_rows(min_row=2, values_only=True)] == ["Kemendikbud"]
    for path, status in (
        ("/laporan/angka?period=maret", 422),
        ("/laporan/angka/lain.csv", 404),
        ("/laporan/angka/kanwil.pdf", 422),
    ):
        assert dirjen.get(path).status_code == status, path
    assert "Belum ada penjualan" in dirjen.get("/laporan/angka?period=2031-01").text
    assert sign_in("kakanwil.kalbar").get("/laporan/angka").status_code == 403

    def token(username: str) -> dict[str, str]:
        body = {"username": username, "password": house.world.password, "provider": "db"}
        return {
            "Authorization": f"Bearer {client.post('/api/v1/security/login', json=body).json['access_token']}"
        }

    answer = client.get("/api/v1/national-figures/?period=2024-Q1", headers=token("admin.pusat")).json
    assert answer["total"]["by_status"]["Selesai"]["now"]["value_rupiah"] == 47_850_000
    assert answer["by_kanwil"][0]["kanwil"] == "kalbar"
    assert [line["upt"] for line in answer["buyers"]] == ["Rutan IIA Pontianak"]
    assert client.get("/api/v1/national-figures/?period=x", headers=token("dirjen")).status_code == 422
    assert (
        client.get("/api/v1/national-figures/?period=2024", headers=token("kadiv.kalbar")).status_code == 403
    )
    with house.inside():
        assert database.session().scalars(select(Purchase.id)).first() is not None
