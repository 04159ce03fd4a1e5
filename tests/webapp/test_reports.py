"""The pages, files and API of the approval's report, as officers of a Kanwil and of the centre use them."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
from openpyxl import load_workbook

from catalogue import drafts, submission
from catalogue.demo import CHECKLISTS
from tenants import clock, database
from tenants.scope import entered
from tests.catalogue.pictures import picture
from tests.isolation.scene import CONTENT
from tests.support.statements import counted_statements
from tests.support.worlds import PASSWORD, World
from workflows.decisions import Verdict, decide

UPT = "lapas-iia-pontianak"
PAGE = "/laporan/persetujuan"
NATIONAL = f"{PAGE}/nasional"


@pytest.fixture
def history(world: World) -> int:
    """Two products of a UPT in Pontianak, decided today: one approved by the pembina, one returned for its price.

    The number of the returned case.
    """
    now, cases = clock.now(), []
    for name in ("Tas anyaman purun", "=1+1 Kursi rotan"):
        with entered(world.scope(f"operator.{UPT}")):
            by = world.actor(f"operator.{UPT}")
            words = {
                "name": name,
                "description": "Dibuat di bengkel kerja oleh warga binaan.",
                "materials": "Purun",
            }
            made = drafts.create({**CONTENT, **words}, by=by, now=now)
            drafts.add_photo(made.id, picture(), "foto.jpg", by=by, now=now)
            cases.append(submission.submit(made.id, by=by, now=now).id)
    asked = [{"field": "price_rupiah", "text": "Terlalu tinggi."}]
    verdicts = (
        Verdict("approve", checklist=CHECKLISTS["pembinaan"]),
        Verdict("return", comment="Rahasia putusan pembina", requests=asked),
    )
    for case, verdict in zip(cases, verdicts, strict=True):
        with entered(world.scope("pembina.kalbar")):
            decide(case, verdict, by=world.actor("pembina.kalbar"), key="uji", now=now)
    database.db.release()
    return cases[1]


def words_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


@pytest.mark.parametrize("username", ["kadiv.kalbar", "kakanwil.kalbar", "admin.kalbar", "pembina.kalbar"])
def test_the_report_of_a_kanwil_takes_at_most_twelve_statements(
    history: int, sign_in: Any, username: str
) -> None:
    client = sign_in(username)
    client.get(PAGE)
    with counted_statements() as seen:
        answer = client.get(PAGE)
    assert answer.status_code == 200
    assert len(seen) <= 12, "\n".join(seen)
    said = words_of(answer.get_data(as_text=True))
    assert "1 dari 2 putusan mengembalikan kasus (50%)" in said
    assert "Paling sering diminta diperbaiki: Harga satuan, 1 kali." in said


def test_the_rail_leads_there_and_never_has_more_than_seven_entries(history: int, sign_in: Any) -> None:
    for username, where in (
        *((f"{role}.kalbar", PAGE) for role in ("pembina", "kadiv", "kakanwil", "admin")),
        *((who, NATIONAL) for who in ("dirjen", "admin.pusat", "auditor")),
    ):
        page = sign_in(username).get("/beranda/").get_data(as_text=True)
        assert f'class="rail__link" href="{where}"' in page, username
        assert page.count('class="rail__link"') <= 7, username
    assert PAGE not in sign_in(f"operator.{UPT}").get("/beranda/").get_data(as_text=True)


def test_a_number_leads_to_its_cases(history: int, sign_in: Any) -> None:
    client = sign_in("kadiv.kalbar")
    page = client.get(f"{PAGE}?periode={clock.now():%Y}").get_data(as_text=True)
    links = {link.replace("&amp;", "&") for link in re.findall(r'href="(/laporan/kasus[^"]*)"', page)}
    assert len(links) > 8
    for link in links:
        with counted_statements() as seen:
            found = client.get(link)
        assert found.status_code == 200, link
        assert "/kasus/" in found.get_data(as_text=True), link
        assert len(seen) <= 12, "\n".join(seen)
    (asked,) = [link for link in links if "isian=price_rupiah" in link]
    assert f'href="/kasus/{history}"' in client.get(asked).get_data(as_text=True)


def test_a_table_is_the_same_as_a_file_and_no_text_of_it_computes(history: int, sign_in: Any) -> None:
    client = sign_in("kadiv.kalbar")
    keys = re.findall(rf'href="{PAGE}/([a-z-]+)\.csv', client.get(PAGE).get_data(as_text=True))
    assert len(keys) == 11
    for key in keys:
        answer = client.get(f"{PAGE}/{key}.csv")
        rows = list(csv.reader(io.StringIO(answer.get_data(as_text=True))))
        sheet = load_workbook(io.BytesIO(client.get(f"{PAGE}/{key}.xlsx").data)).active
        same = [
            ["" if cell is None else str(cell) for cell in row] for row in sheet.iter_rows(values_only=True)
        ]
        plain = [[cell.lstrip("'").replace("1.0", "1").replace("0.0", "0") for cell in row] for row in rows]
        assert plain == same, key
        assert f'filename="persetujuan-{key}-90d.csv"' in answer.headers["Content-Disposition"]
    returned = list(csv.reader(io.StringIO(client.get(f"{PAGE}/kembali-tempat.csv").get_data(as_text=True))))
    assert returned[1] == ["Lapas IIA Pontianak", "2", "1", "0.5", "Harga satuan (1)"]
    assert client.get(f"{PAGE}/lain.csv").status_code == 404
    assert client.get(f"{PAGE}/isian.pdf").status_code == 422


def test_the_centre_sees_counts_of_every_kanwil_and_no_case_officer_or_word(
    history: int, sign_in: Any
) -> None:
    for username in ("dirjen", "admin.pusat", "auditor"):
        client = sign_in(username)
        client.get(NATIONAL)
        with counted_statements() as seen:
            answer = client.get(NATIONAL)
        page = answer.get_data(as_text=True)
        assert answer.status_code == 200
        assert len(seen) <= 12, "\n".join(seen)
        assert "Kanwil Kalimantan Barat" in page
        for hidden in (
            "Tas anyaman",
            "Kursi rotan",
            "Rahasia putusan",
            "Pembina Kalbar",
            "/kasus/",
            "/laporan/kasus",
        ):
            assert hidden not in page, hidden
        assert client.get(f"{NATIONAL}/petugas.csv").status_code == 404
        file = client.get(f"{NATIONAL}/kembali-tempat.csv").get_data(as_text=True)
        assert "Kanwil Kalimantan Barat,2,1,0.5,Harga satuan (1)" in file
        assert client.get(PAGE).status_code == client.get("/laporan/kasus").status_code == 403
    assert sign_in("kadiv.kalbar").get(NATIONAL).status_code == 403


def test_a_neighbour_counts_nothing_of_it(history: int, sign_in: Any, world: World) -> None:
    client = sign_in("kadiv.banten")
    assert "Belum ada yang dapat dilaporkan" in client.get(PAGE).get_data(as_text=True)
    for narrowed in ("", f"&upt={world.upt[UPT]}", f"&petugas={world.officer['pembina.kalbar']}"):
        for which in ("menunggu", "putusan", "selesai"):
            page = client.get(f"/laporan/kasus?daftar={which}{narrowed}").get_data(as_text=True)
            assert "Tidak ada kasus di sini" in page


def test_what_is_typed_into_the_address_is_answered(history: int, sign_in: Any) -> None:
    client = sign_in("pembina.kalbar")
    for query, status in (
        ("periode=2024-13", 422),
        ("periode=2024-Q1", 200),
        ("periode=2023-S2", 200),
        ("jenis=recap", 200),
        ("jenis=%27--", 200),
    ):
        assert client.get(f"{PAGE}?{query}").status_code == status, query
    for query, status in (
        ("daftar=lain", 422),
        ("daftar=putusan&cursor=zz", 422),
        ("daftar=putusan&cursor=WzEsMl0", 422),
        ("daftar=menunggu&upt=abc&petugas=99999999999999", 200),
        ("daftar=putusan&isian=%25&hasil=return&lewat=1", 200),
    ):
        assert client.get(f"/laporan/kasus?{query}").status_code == status, query


def test_programs_read_the_same_figures(history: int, app: Any) -> None:
    def ask(username: str, query: str = "") -> Any:
        client = app.test_client()
        body = {"username": username, "password": PASSWORD, "provider": "db"}
        token = client.post("/api/v1/security/login", json=body).get_json()["access_token"]
        return client.get(f"/api/v1/reports/approval{query}", headers={"Authorization": f"Bearer {token}"})

    own = ask("kakanwil.kalbar").get_json()
    assert (own["total"]["decided"], own["total"]["returned"], own["total"]["return_share"]) == (2, 1, 0.5)
    assert own["total"]["office_time"]["cases"] == 1
    assert own["requested_fields"] == [{"field": "price_rupiah", "label": "Harga satuan", "returns": 1}]
    assert [one["upt"] for one in own["by_upt"]] == ["Lapas IIA Pontianak"]
    assert [one["decided"] for one in own["by_officer"]] == [2]
    country = ask("dirjen", f"?period={clock.now():%Y}").get_json()
    assert [(one["kanwil"], one["decided"]) for one in country["by_kanwil"]] == [
        ("Kanwil Kalimantan Barat", 2)
    ]
    assert country["by_officer"] == []
    assert ask("auditor", "?period=besok").status_code == 422
    assert ask("auditor", "?subject=lain").status_code == 422
    assert ask(f"operator.{UPT}").status_code == 403
