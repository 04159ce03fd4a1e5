"""The dashboards: what they say, what they cost, and that no purchase is read for them."""

from __future__ import annotations

import io
import json
import re
from typing import Any

import pytest
from defusedxml import ElementTree as Tree
from openpyxl import load_workbook

from tenants.register import read_reference
from tests.catalogue.test_api import Program
from tests.sales.test_purchase_pages import bring_in
from tests.support.statements import counted_statements
from webapp import country_map
from webapp.assets import FOLDER
from webapp.country_map import Valued
from webapp.dashboard_national import MEASURES, short_rupiah

OPERATOR, NEIGHBOUR = "operator.lapas-iia-pontianak", "operator.rutan-iia-pontianak"
YEAR = "?tahun=2024"
TABLES = ("produk", "waktu", "waktu-tempat", "capaian", "terlaris", "kapasitas", "instansi")


@pytest.fixture
def sold(officer: Any, world: Any) -> None:
    """One package of the Lapas in Pontianak, bought by the Mahkamah Agung in March 2024; a register of two."""
    bring_in(officer("kadiv.kalbar").client, world)
    pusat = officer("admin.pusat")
    for name in ("Mahkamah Agung", "Kementerian Sosial"):
        pusat.get("/dasbor/instansi/baru")
        form = {"name": name, "kind": "agency", "names": "", "basis": "", "key": name}
        assert pusat.post("/dasbor/instansi/baru", form).status_code == 303


def bounded(seen: list[str], most: int) -> None:
    assert len(seen) <= most, "\n".join(seen)
    assert not [one for one in seen if re.search(r"\b(FROM|JOIN) purchase\b", one)]


@pytest.mark.usefixtures("sold")
def test_a_kanwil_sees_its_year_at_a_glance(officer: Any) -> None:
    kadiv = officer("kadiv.kalbar")
    with counted_statements() as seen:
        page = kadiv.get(f"/dasbor{YEAR}")
    bounded(seen, 22)
    for words in (
        "Belum ada produk.",
        "Omzet Rp200.000; target belum ditetapkan.",
        "Terlaris: Kerajinan, Rp200.000 dari 1 paket.",
        "1 dari 2 instansi yang seharusnya membeli sudah membeli tahun ini; belum: Kementerian Sosial.",
        "Belum ada produk terbit, jadi belum ada kapasitas yang dihitung.",
    ):
        assert words in page.text, words
    assert page.text.count("Unduh XLSX") == len(TABLES)
    for table in TABLES:
        csv = kadiv.get(f"/dasbor/{table}.csv{YEAR}")
        assert csv.status_code == 200, table
        book = load_workbook(io.BytesIO(kadiv.get(f"/dasbor/{table}.xlsx{YEAR}").data))
        assert book.active.max_row == len(csv.get_data(as_text=True).strip().splitlines()), table
    assert "Mahkamah Agung,Lembaga,membeli,1,200000,0" in kadiv.get(f"/dasbor/instansi.csv{YEAR}").text
    assert kadiv.get(f"/dasbor/lain.csv{YEAR}").status_code == 404
    assert kadiv.get(f"/dasbor/produk.pdf{YEAR}").status_code == 422
    for year in ("?tahun=1", "?tahun=abc", "?tahun=99999999999"):
        assert kadiv.get(f"/dasbor{year}").status_code == 200
    lines = re.search(r'href="(/pembelian/\?[^"]*dibeli=inst[^"]*)"', page.text)
    assert lines is not None
    assert "EP-1" in kadiv.get(lines.group(1).replace("&amp;", "&")).text


@pytest.mark.usefixtures("sold")
def test_an_upt_sees_its_own_and_nothing_of_its_neighbours(officer: Any) -> None:
    own, neighbour = officer(OPERATOR), officer(NEIGHBOUR)
    with counted_statements() as seen:
        page = own.get(f"/dasbor{YEAR}").text
    bounded(seen, 22)
    assert "Terlaris: Kerajinan, Rp200.000 dari 1 paket." in page
    assert "Rutan IIA Pontianak" not in page
    other = neighbour.get(f"/dasbor{YEAR}").text
    assert "Belum ada paket selesai pada tahun ini." in other
    assert "0 dari 2 instansi" in other
    rail = own.get("/beranda/").text
    assert 'href="/dasbor/"' in rail
    assert 'href="/kesiapan/"' in rail


@pytest.mark.usefixtures("sold")
def test_the_country_is_a_map_of_kanwil_that_the_keyboard_reaches(officer: Any) -> None:
    dirjen = officer("dirjen")
    with counted_statements() as seen:
        page = dirjen.get(f"/dasbor/nasional{YEAR}").text
    bounded(seen, 26)
    assert "Omzet tertinggi di Kanwil Kalimantan Barat (200 rb); 1 dari 3 Kanwil punya angka." in page
    assert 'href="#kanwil-kalbar" aria-label="Kanwil Kalimantan Barat: 200 rb"' in page
    assert len(re.findall(r'<a class="map__kanwil" href="#', page)) == 33
    for measure in MEASURES:
        assert dirjen.get(f"/dasbor/nasional{YEAR}&ukuran={measure}").status_code == 200
    for table in ("peta", *TABLES):
        assert dirjen.get(f"/dasbor/nasional/{table}.csv{YEAR}").status_code == 200, table
    assert "Kanwil Kalimantan Barat,200000," in dirjen.get(f"/dasbor/nasional/peta.csv{YEAR}").text
    assert dirjen.get("/dasbor/nasional/lain.csv").status_code == 404
    assert officer("kadiv.kalbar").get("/dasbor/nasional").status_code == 403
    assert dirjen.get("/dasbor").headers["Location"] == "/dasbor/nasional"
    assert officer("auditor").get("/dasbor").status_code == 403


def test_the_drawing_holds_every_kanwil_and_each_label_lies_on_it() -> None:
    drawing = FOLDER / "maps" / "indonesia.svg"
    assert drawing.stat().st_size < 120_000
    names = {one.get("id") for one in Tree.parse(drawing).iter("{http://www.w3.org/2000/svg}path")}
    kanwils = {row["code"] for row in read_reference("kanwil.csv")}
    about = json.loads(country_map.SOURCE.read_text(encoding="utf-8"))
    assert names == kanwils == set(about["places"])
    rows = [Valued(code, code, number, str(number), "#x") for number, code in enumerate(sorted(kanwils))]
    drawn = country_map.country_map("Uji", rows)
    assert {place.step for place in drawn.places} == set(range(6))
    for place in drawn.places:
        assert 0 < place.x < about["width"], place.code
        assert 20 < place.y < about["height"] - 14, place.code
    boxes = [(place.x, place.y, place.code) for place in drawn.places]
    for x, y, code in boxes:  # no label lies on another
        near = [other for a, b, other in boxes if other != code and abs(a - x) < 26 and abs(b - y) < 20]
        assert not near, (code, near)


def test_amounts_on_the_map_are_short(app: Any) -> None:
    with app.test_request_context():
        said = [short_rupiah(amount) for amount in (0, 950, 47_850_000, 1_250_000_000)]
    assert said == ["–", "1 rb", "48 jt", "1,2 M"]


@pytest.mark.usefixtures("sold")
def test_programs_read_the_tables_and_keep_the_register(app: Any) -> None:
    kadiv, dirjen, pusat = (Program(app, name) for name in ("kadiv.kalbar", "dirjen", "admin.pusat"))
    own = kadiv.get("/dashboard/?year=2024").json["tables"]
    assert set(own) == set(TABLES)
    assert own["terlaris"]["rows"][0][:4] == ["Kerajinan", 1, 2, 200000]
    assert kadiv.get("/dashboard/?year=24").status_code == 422
    assert dirjen.get("/dashboard/national?year=2024").json["tables"]["peta"]["columns"][1]["kind"] == "rp"
    rows = pusat.get("/institutions/").json["items"]
    assert [row["name"] for row in rows] == ["Kementerian Sosial", "Mahkamah Agung"]
    made = pusat.post("/institutions/", {"name": "BPOM", "kind": "agency", "names": ["Badan POM"]}, key="i")
    assert (made.status_code, made.json["names"]) == (201, ["Badan POM"])
    assert pusat.post("/institutions/", {"name": "bpom", "kind": "agency"}).status_code == 422
    address = f"/institutions/{made.json['id']}"
    assert pusat.patch(address, {"is_active": False, "version": 1}).json["is_active"] is False
    assert pusat.patch(address, {"is_active": "ya"}).status_code == 422
    assert pusat.patch(address, {"name": "B", "version": 1}).status_code == 409
    assert pusat.patch("/institutions/99999", {"name": "B"}).status_code == 404


@pytest.mark.usefixtures("sold")
def test_the_centre_keeps_the_register_as_forms(officer: Any) -> None:
    pusat = officer("admin.pusat")
    page = pusat.get("/dasbor/instansi").text
    assert "Mahkamah Agung" in page
    pusat.get("/dasbor/instansi/baru?nama=Pemda <x>")
    taken = pusat.post("/dasbor/instansi/baru", {"name": "mahkamah agung", "kind": "agency", "key": "t"})
    assert taken.status_code == 422
    assert "Nama ini sudah ada dalam daftar." in taken.text
    assert 'value="mahkamah agung"' in taken.text
    [address] = re.findall(r'href="(/dasbor/instansi/\d+)">Kementerian Sosial', page)
    form = pusat.get(address).text
    assert 'name="version" value="1"' in form
    wrong = pusat.post(address, {"name": "", "kind": "ministry", "version": "1", "is_active": "1"})
    assert wrong.status_code == 422
    assert pusat.post(address, {"name": "Kemensos", "kind": "ministry", "version": "1"}).status_code == 303
    assert "tidak dihitung" in pusat.get("/dasbor/instansi").text
    assert "1 instansi dalam daftar sudah membeli" in officer("kadiv.kalbar").get(f"/dasbor{YEAR}").text
