"""The annex of readiness in a recap of a half-year or a year, and the radar that page and letter share."""

from __future__ import annotations

from pathlib import Path

import pytest
from defusedxml import ElementTree

from catalogue.readiness import gaps, queries
from catalogue.readiness.profile import axes, weakest
from catalogue.readiness.terms import DIMENSIONS
from recaps import drafting, readiness, rendering
from recaps.figures_json import freeze, thaw
from recaps.letter import compose
from recaps.radar import Series, radar
from recaps.rendering import render
from tests.recaps import recap_samples as samples
from tests.recaps.conftest import House
from tests.recaps.proof_scene import OPERATOR, Proof
from tests.recaps.test_letter import words

WHOLE = dict.fromkeys(DIMENSIONS, 300)


@pytest.fixture(autouse=True, scope="module")
def _children() -> object:
    yield
    rendering.close()


def annex(**changed: object) -> dict[str, object]:
    return {
        "year": 2024,
        "upts": 3,
        "verified": 1,
        "means": {**WHOLE, "budget": 212},
        "total": 282,
        "before": {**WHOLE, "people": 250},
        "by_upt": [{"upt": "Lapas <IIA> Pontianak", **WHOLE, "budget": 212, "total": 282, "before": None}],
        "gaps": {"open": 2, "late": 1, "done": 4, "dropped": 0},
        "gap_items": [
            {"upt": "Lapas IIA Pontianak", "question": "Anggaran 1", "action": "Usulkan DIPA", "who": "Kasubag TU",
             "due_on": "2024-05-01", "late": True}
        ],
        "gap_rest": 1,
        **changed,
    }  # fmt: skip


def test_a_radar_is_one_well_formed_picture_with_its_values_beside_the_axes() -> None:
    lines = [
        Series("A & B", [100, 200, 300, 400, None]),
        Series("Lalu", [0, 1, 2, 3, 4], "past"),
        Series("Kosong", [None] * 5),
    ]
    drawn = radar([(f"<{n}>", f"{n},0") for n in range(5)], lines, most=400, title='Judul "x"')
    root = ElementTree.fromstring(drawn)
    assert root.get("aria-label") == 'Judul "x"'
    texts = [one.text for one in root.iter("{http://www.w3.org/2000/svg}text")]
    assert texts[:2] == ["<0>", "0,0"]
    assert texts[-2:] == ["A & B", "Lalu"]  # what has no value is not in the key
    assert "style=" not in drawn
    assert weakest(axes({**WHOLE, "budget": 212})).key == "budget"
    assert weakest(axes({})) is None


def test_only_a_half_year_or_a_year_has_the_annex() -> None:
    assert [readiness.annexed(period) for period in ("2024", "2024-S1", "2024-Q1", "2024-03")] == [
        True,
        True,
        False,
        False,
    ]


def test_the_letter_prints_the_annex_and_a_recap_without_one_stays_as_it_was(tmp_path: Path) -> None:
    figures = samples.figures()
    before = compose(figures)
    assert "readiness.svg" not in before.assets
    assert "Kesiapan UPT" not in before.html
    figures["readiness"] = annex()
    made = compose(thaw(freeze(figures)))
    assert made.assets["readiness.svg"].decode() == readiness.picture_of(figures["readiness"])
    assert compose(figures).html == made.html  # the same figures, the same letter
    printed = words(render(made, []), tmp_path)
    for said in (
        "Lampiran Kesiapan UPT 2024", "1 dari 3 UPT terverifikasi, rata-rata 2,8 dari 4", "Lapas <IIA> Pontianak",
        "2 tindakan terbuka, 1 di antaranya lewat tanggal; 4 selesai", "Usulkan DIPA", "dan 1 tindakan lain",
        "tahun lalu 2,5",
    ):  # fmt: skip
        assert said in printed, said
    figures["readiness"] = annex(
        verified=0, means=dict.fromkeys(DIMENSIONS), total=None, by_upt=[], gap_items=[]
    )
    empty = compose(figures)
    assert "readiness.svg" not in empty.assets
    assert "Belum ada UPT yang kesiapannya terverifikasi pada tahun 2024 (dari 3 UPT)" in empty.html


def test_a_years_recap_freezes_what_the_kanwil_verified_and_shows_the_same_radar(house: House) -> None:
    proof = Proof(house)
    proof.assessed()
    year = house.now.year
    with house.inside(OPERATOR):
        by, at = house.by(OPERATOR), house.now
        number = queries.own(by.upt_id)[0].id
        due = {"question": "budget_1", "action": "Usulkan DIPA", "who": "TU", "due_on": f"{year + 1}-01-10"}
        gaps.add(number, due, by=by, now=at)
    with house.inside("kadiv.kalbar"):
        by = house.by("kadiv.kalbar")
        month, _ = drafting.draft(f"{year}-01", by=by, now=house.now)
        drafting.prepare(month.id, 1, now=house.now)
        assert "readiness" not in drafting.figures_of(drafting.load(month.id))
        recap, _ = drafting.draft(str(year), by=by, now=house.now)
        drafting.prepare(recap.id, 1, now=house.now)
        frozen = drafting.figures_of(drafting.load(recap.id))["readiness"]
        assert (frozen["verified"], frozen["total"], frozen["gaps"]["open"]) == (1, 200, 1)
        assert frozen["by_upt"][0]["people"] == 200
        assert [one["action"] for one in frozen["gap_items"]] == ["Usulkan DIPA"]
        found = queries.year(year, now=house.now)
        title = f"Kesiapan UPT {year}, rata-rata yang terverifikasi"
        assert readiness.picture_of(frozen) == readiness.picture(
            axes(found.means, before=found.means_before), title=title
        )
        assert drafting.load(recap.id).is_ready
