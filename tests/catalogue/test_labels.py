"""What may be on a label: published products of one's own, readable colours, places that fit the paper."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from PIL import Image

from catalogue import publication
from catalogue.errors import PhotoNotAnImage
from catalogue.labels import content, design
from catalogue.labels.content import Line
from catalogue.labels.errors import DesignMoved
from catalogue.labels.sizes import A4, SIZES, Size
from tenants import files
from tenants.errors import Forbidden, Invalid
from tests.catalogue.conftest import NOW, House
from tests.catalogue.pictures import picture
from tests.support.statements import counted_statements
from webapp import HERE


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES.keys())
def test_the_places_of_a_sheet_lie_beside_each_other_on_the_paper(size: Size) -> None:
    corners = [size.corner(place) for place in range(size.sheet.places)]
    assert len(set(corners)) == size.sheet.places
    for left, top in corners:
        assert left >= 0
        assert top >= 0
        assert left + size.width <= A4[0] + 0.01
        assert top + size.height <= A4[1] + 0.01
    (first, _), (second, _) = corners[:2]
    assert second - first >= size.width
    assert list(size.places(3, size.sheet.places)) == [(0, size.sheet.places - 1), (1, 0), (1, 1)]
    assert size.pages(3, size.sheet.places) == 2
    assert size.pages(size.sheet.places) == 1


def test_a_grid_is_what_its_name_says() -> None:
    assert [(s.sheet.columns, s.sheet.rows) for s in SIZES.values()] == [(3, 8), (2, 7), (2, 4)]


@pytest.mark.parametrize(
    ("name", "net"),
    [
        ("Keripik bayam 150 g", "150 g"),
        ("Keripik bayam 150gr", "150 g"),
        ("Sirup jahe merah 0,5 L", "0,5 L"),
        ("Beras organik 5 kg", "5 kg"),
        ("Tas anyaman purun", ""),
        ("Meja 120 x 60", ""),
        ("Kaos 30s", ""),
        ("150 g", "150 g"),
    ],
)
def test_the_net_content_is_read_from_the_name_alone(name: str, net: str) -> None:
    assert content.net_of(name) == net


def test_contrast_is_that_of_the_standard() -> None:
    assert round(design.contrast("#ffffff", "#000000"), 1) == 21.0
    assert round(design.contrast("#777777", "#ffffff"), 2) == 4.48
    for one in design.INKS.values():
        assert design.contrast(one[1], one[1]) == 1.0
    readable = [
        (ink, ground)
        for ink, (_, first) in design.INKS.items()
        for ground, (_, second) in design.GROUNDS.items()
        if design.contrast(first, second) >= design.LEAST_CONTRAST
    ]
    assert (design.USUAL["ink"], design.USUAL["ground"]) in readable
    assert ("kunyit", "white") not in readable
    assert {ground for _, ground in readable} == set(design.GROUNDS)


def test_the_motif_is_the_one_that_the_page_shows() -> None:
    app = Flask("labels", root_path=str(HERE))
    app.jinja_env.globals.update(_=lambda text, **_: text)
    app.jinja_env.filters["spoken"] = str
    app.add_url_rule("/static/<path:filename>", endpoint="static")
    with app.test_request_context():
        face = app.jinja_env.get_template("parts/product.html").module.face_class  # type: ignore[attr-defined]
        for slug in (
            "lapas-iia-pontianak",
            "rutan-iib-pandeglang",
            "lapas-i-tangerang",
            "bapas-ii-mataram",
            "",
        ):
            assert f"face--{design.motif_of(slug)} " in str(face(slug)), slug
    for path in sorted(design.FOLDER.glob("*.svg")):
        assert path.read_bytes() == (HERE / "static" / "img" / f"motif-{path.stem}.svg").read_bytes()
    assert {path.stem for path in design.FOLDER.glob("*.svg")} == set(design.MOTIFS) - {design.OF_UPT}


def test_only_ones_own_published_products_are_printed(house: House) -> None:
    product = house.published(name="Keripik bayam 150 g", category="culinary", group="basic_needs",
        pirt_number="2063604010123-29", pirt_expires_on="2026-03-12")  # fmt: skip
    draft = house.draft(name="Belum terbit")
    with house.as_(house.operator):
        with counted_statements() as seen:
            found = content.build(
                [Line(product.id, "24", "150 g", "blank"), Line(str(product.id), 2, "", "14-03-2027")],
                size="small",
                sheet=True,
                start="3",
            )
        assert len(seen) <= 3, "\n".join(seen)
        label = found["labels"][0]
        assert (label["name"], label["price_rupiah"], label["net"], label["expiry"], label["count"]) == (
            *("Keripik bayam 150 g", 95_000, "150 g", "blank"),
            24,
        )
        assert label["url"].endswith(f"/produk/{product.slug}")
        assert label["papers"] == {"pirt_number": "2063604010123-29"}
        assert found["labels"][1]["expiry"] == "2027-03-14"
        assert (content.count_of(found), content.pages_of(found)) == (26, 2)
        assert [(one.name, one.net, one.is_food) for one in content.printable_products()] == [
            ("Keripik bayam 150 g", "150 g", True)
        ]
        for lines, named in (
            ([Line(draft.id)], "lines[0].product_id"),
            ([Line(product.id), Line("x")], "lines[1].product_id"),
            ([Line(product.id, "0")], "lines[0].count"),
            ([Line(product.id, "²")], "lines[0].count"),
            ([Line(product.id, 1, "x" * 21)], "lines[0].net"),
            ([Line(product.id, 1, "", "besok")], "lines[0].expiry"),
            ([], "lines"),
            ([Line(product.id)] * 21, "lines"),
            ([Line(product.id, 480), Line(product.id, 1)], "lines"),
        ):
            with pytest.raises(Invalid) as refused:
                content.build(lines, size="small", sheet=True)
            assert named in refused.value.fields, refused.value.fields
        for wrong in ({"size": "huge"}, {"start": 25}, {"start": "0"}, {"start": "-1"}):
            with pytest.raises(Invalid) as refused:
                content.build([Line(product.id)], **({"size": "small", "sheet": True} | wrong))
            assert set(refused.value.fields) == set(wrong)
    with house.as_(house.other_operator), pytest.raises(Invalid) as refused:
        content.build([Line(product.id)], size="small", sheet=True)
    assert refused.value.fields == {"lines[0].product_id": "Produk ini tidak ditemukan."}
    with house.as_(house.pengendali) as by:
        publication.suspend(product.id, reason="Diperiksa.", by=by, now=NOW)
    with house.as_(house.operator), pytest.raises(Invalid) as refused:
        content.build([Line(product.id)], size="small", sheet=True)
    assert "ditangguhkan" in refused.value.fields["lines[0].product_id"]


def test_a_design_is_kept_within_limits(house: House) -> None:
    admin = house.officer(60, "admin_kanwil")
    chosen: dict[str, Any] = {"ink": "kunyit", "ground": "nila", "motif": "parang", "line": "Karya  Kalbar"}
    with house.as_(house.operator) as by, pytest.raises(Forbidden):
        design.save(chosen, by=by, now=NOW)
    with house.as_(admin) as by:
        assert design.frozen(design.own())["ground"] == "#162a4d"
        logo = (picture("PNG", (900, 500)), "logo.png")
        row = design.save(chosen, logo=logo, version=0, by=by, now=NOW, key="once")
        assert design.save(chosen, logo=logo, version=0, by=by, now=NOW, key="once").version == 1
        assert row.line == "Karya Kalbar"
        with Image.open(io.BytesIO(files.get(str(row.logo_sha256)))) as kept:
            assert kept.format == "WEBP"
            assert max(kept.size) == design.LOGO_SIDE
        assert design.save(chosen, by=by, now=NOW).version == 1  # nothing differs, the logo stays
        with pytest.raises(DesignMoved):
            design.save({"line": "Lain"}, version=0, by=by, now=NOW)
        for wrong, named in (
            ({"ink": "white", "ground": "kunyit"}, "ink"),
            ({"ground": "neon"}, "ground"),
            ({"motif": "bunga"}, "motif"),
            ({"line": "x" * 61}, "line"),
        ):
            with pytest.raises(Invalid) as refused:
                design.save(wrong, by=by, now=NOW)
            assert set(refused.value.fields) == {named}
        with pytest.raises(PhotoNotAnImage):
            design.save({}, logo=(b"<svg xmlns='http://www.w3.org/2000/svg'/>", "logo.svg"), by=by, now=NOW)
        assert design.save({}, without_logo=True, by=by, now=NOW).logo_sha256 is None
    with house.as_(house.operator):
        assert design.frozen(design.own()) == {
            "ink": "#e3a72f",
            "ground": "#162a4d",
            "motif": "parang",
            "line": "Karya Kalbar",
            "logo_sha256": None,
        }
    assert Path(design.FOLDER).is_dir()
