"""Printed labels: the words and the QR codes are there, long names fit, and the same request gives the same bytes."""

from __future__ import annotations

import io
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from PIL import Image

from catalogue.labels.content import Line
from catalogue.labels.sizes import SIZES
from recaps.errors import NoSuchLabels, NotThisState
from recaps.labels import printing
from recaps.labels.document import compose
from recaps.labels.fit import lines, size_for, width_mm
from recaps.rendering import RenderingFailed, render
from tenants import clock, files
from tenants.errors import Forbidden
from tests.catalogue.pictures import picture
from tests.recaps.conftest import House
from tests.recaps.proof_scene import OPERATOR, Proof

LONGEST = (
    "Seperangkat meja dan enam kursi makan kayu jati berukir motif kawung khas Kalimantan Barat dengan bantalan "
    "duduk beludru merah marun dan pelitur air"
)
MM = 72 / 25.4
KERIPIK: dict[str, Any] = {
    "product_id": 1,
    "name": "Keripik bayam 150 g",
    "upt": "Rutan IIB Pandeglang",
    "upt_slug": "rutan-iib-pandeglang",
    "kanwil": "Kanwil Banten",
    "group": "basic_needs",
    "price_rupiah": 15_000,
    "unit": "bungkus",
    "net": "150 g",
    "papers": {"halal_number": "ID36110000123450422", "pirt_number": "2063604010123-29"},
    "expiry": "blank",
    "url": "https://karya.contoh.id/produk/keripik-bayam-150-g-abcde",
    "count": 3,
}
MEJA = KERIPIK | {
    "product_id": 2,
    "name": LONGEST,
    "upt": "Lapas Perempuan IIA Pontianak",
    "upt_slug": "lapas-perempuan-iia-pontianak",
    "group": "office_supplies",
    "price_rupiah": 10_000_000_000,
    "unit": "set meja, enam kursi, bantalan",
    "net": "",
    "papers": {"sni_number": "SNI 7555.22:2011"},
    "expiry": "2027-03-14",
    "url": f"https://karya.contoh.id/produk/{'seperangkat-meja-' * 5}abcde",
    "count": 2,
}


def content(size: str, *, sheet: bool = True, start: int = 1, **design: Any) -> dict[str, Any]:
    return {
        "schema": "karya.labels/1",
        "size": size,
        "sheet": sheet,
        "start": start,
        "as_of": "2026-01-01T00:00:00+00:00",
        "design": {
            "ink": "#ffffff",
            "ground": "#162a4d",
            "motif": "upt",
            "line": "Karya warga binaan",
            "logo_sha256": None,
        }
        | design,
        "labels": [KERIPIK, MEJA],
    }


def boxes(path: Path) -> list[tuple[int, str, float, float, float, float]]:
    """Every word of a PDF with its page and place, in millimetres."""
    told = subprocess.run(
        ["pdftotext", "-bbox", path, "-"], capture_output=True, text=True, check=True
    ).stdout
    space = "{http://www.w3.org/1999/xhtml}"
    found = []
    for number, page in enumerate(ET.fromstring(told).iter(f"{space}page")):  # noqa: S314 - our own file
        for word in page.iter(f"{space}word"):
            place = [float(word.attrib[name]) / MM for name in ("xMin", "yMin", "xMax", "yMax")]
            found.append((number, str(word.text), *place))
    return found  # type: ignore[return-value]


@pytest.mark.parametrize("size", SIZES)
def test_a_sheet_says_everything_within_its_labels_and_its_codes_are_read(size: str, tmp_path: Path) -> None:
    kind = SIZES[size]
    start = (
        kind.sheet.places - 3
    )  # two on the first sheet are left free before it, two labels go onto the next
    letter = compose(content(size, start=start))
    pdf = render(letter, [])
    assert pdf == render(compose(content(size, start=start)), [])
    path = tmp_path / "label.pdf"
    path.write_bytes(pdf)
    places = list(kind.places(5, start))
    corners = [(page, *kind.corner(place)) for page, place in places]
    words = boxes(path)
    assert {page for page, *_ in words} == {0, 1}
    said: list[list[str]] = [[] for _ in corners]
    for page, word, x0, y0, x1, y1 in words:
        home = [
            at
            for at, (on, left, top) in enumerate(corners)
            if on == page
            and left - 0.1 <= x0
            and x1 <= left + kind.width + 0.1
            and top - 0.3 <= y0
            and y1 <= top + kind.height + 0.3
        ]
        assert len(home) == 1, (word, x0, y0, x1, y1)
        said[home[0]].append(word)
    for one in (" ".join(said[0]), " ".join(said[2])):
        for wanted in (
            *("Karya warga binaan", "Keripik bayam 150 g", "Rutan IIB Pandeglang", "Kebutuhan dasar WBP"),
            *(
                "Rp15.000 / bungkus",
                "Isi bersih 150 g",
                "P-IRT 2063604010123-29",
                "Halal ID36110000123450422",
            ),
            "Baik digunakan sebelum",
        ):
            assert wanted in one, wanted
    for one in (" ".join(said[3]), " ".join(said[4])):
        for wanted in (
            *(LONGEST, "Lapas Perempuan IIA Pontianak", "Keperluan perkantoran", "Rp10.000.000.000"),
            *("SNI 7555.22:2011", "Baik digunakan sebelum 14 Maret 2027"),
        ):
            assert wanted in one, wanted
    subprocess.run(["pdftoppm", "-r", "200", "-png", path, tmp_path / "seen"], check=True)
    codes = [
        found.text
        for seen in sorted(tmp_path.glob("seen*.png"))
        for found in zxingcpp.read_barcodes(Image.open(seen).convert("L"))
    ]
    assert sorted(codes) == sorted([KERIPIK["url"]] * 3 + [MEJA["url"]] * 2)
    told = subprocess.run(["pdffonts", path], capture_output=True, text=True, check=True).stdout.splitlines()[
        2:
    ]
    assert told
    assert all(line.split()[-5] == "yes" for line in told), told  # embedded


def test_single_labels_have_the_size_of_the_label_and_the_kanwils_own_look(tmp_path: Path) -> None:
    logo = tmp_path / "logo.webp"
    Image.open(io.BytesIO(picture("PNG", (320, 200), colour="#e3a72f"))).save(logo, "WEBP")
    own = content("large", sheet=False, ground="#155a38", motif="parang", logo_sha256="x")
    pdf = render(compose(own, logo=logo.read_bytes()), [])
    assert pdf != render(compose(content("large", sheet=False)), [])
    path = tmp_path / "label.pdf"
    path.write_bytes(pdf)
    told = subprocess.run(["pdfinfo", path], capture_output=True, text=True, check=True).stdout
    assert "Pages:           5" in told
    width, height = (float(part) for part in told.split("Page size:")[1].split("pts")[0].split("x"))
    assert (round(width / MM, 1), round(height / MM, 1)) == (99.1, 67.7)
    subprocess.run(["pdftoppm", "-r", "100", "-png", "-l", "1", path, tmp_path / "seen"], check=True)
    with Image.open(next(tmp_path.glob("seen*.png"))) as seen:
        band = seen.convert("RGB").crop((0, 2, seen.width, 34)).getcolors(100_000) or []
    colours = {colour for _, colour in sorted(band, reverse=True)[:4]}
    assert (0x15, 0x5A, 0x38) in colours
    assert any(
        max(abs(a - b) for a, b in zip(colour, (0xE3, 0xA7, 0x2F), strict=True)) < 12 for _, colour in band
    )


def test_a_text_is_measured_as_it_is_printed() -> None:
    assert width_mm("Rp15.000", 10, 700) > width_mm("Rp15.000", 10, 400) > 10
    assert lines("satu dua tiga", 10, 1000) == 1
    assert lines("satu dua tiga", 10, 12) == 3
    assert lines("1" * 100, 6, 40) >= 3  # what has no place to break is broken
    assert size_for("Tas", (12, 10), width=50, height=6) == (12, 1)
    assert size_for(LONGEST, (12, 10, 6), width=50, height=8)[0] == 6


def test_nothing_is_fetched_that_is_not_ours() -> None:
    letter = compose(content("small"))
    stranger = letter.html.replace("karya:asset/qr0.svg", "https://contoh.id/qr.svg")
    with pytest.raises(RenderingFailed, match="may not fetch"):
        render(type(letter)(stranger, letter.assets, letter.identifier, letter.created), [])


def test_a_run_is_asked_printed_and_read_by_its_unit_alone(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    proof = Proof(house)
    proof.returned_and_approved()
    now = clock.now()
    asked = [Line(proof.ids["product"], 24)]
    with proof.as_("kadiv.kalbar") as by, pytest.raises(Forbidden):
        printing.ask(asked, size="small", sheet=True, by=by, now=now)
    with proof.as_(OPERATOR) as by:
        row, _ = printing.ask(asked, size="small", sheet=True, by=by, now=now, key="once")
        again, replayed = printing.ask(asked, size="small", sheet=True, by=by, now=now, key="once")
        assert (row.id, row.labels, row.pages, replayed) == (again.id, 24, 1, True)
        with pytest.raises(NoSuchLabels):
            printing.pdf(row.id)
        with pytest.raises(NotThisState):
            printing.again(row.id, by=by, now=now)

        def broken(*_: Any) -> bytes:
            raise RenderingFailed("no paper")

        with monkeypatch.context() as patch:
            patch.setattr(printing, "render", broken)
            with pytest.raises(RenderingFailed):
                printing._print({"run_id": row.id, "attempt": 1})
        assert "no paper" in str(printing.load(row.id).problem)
        assert printing.again(row.id, by=by, now=clock.now()).attempt == 2
        printing._print({"run_id": row.id, "attempt": 2})
        done = printing.carry_out(row.id, 2, now=now)
        second, _ = printing.ask(asked, size="small", sheet=True, by=by, now=now)
        printing.carry_out(second.id, 1, now=clock.now())
        assert printing.load(second.id).sha256 == done.sha256  # the same request, the same bytes
        assert files.get(str(done.sha256)) == printing.pdf(row.id)[1]
        assert [one.id for one in printing.recent()[0]] == [second.id, row.id]
    with proof.as_("operator.rutan-iia-pontianak"), pytest.raises(NoSuchLabels):
        printing.load(row.id)
