"""What is typed becomes a value, or is kept as it was typed with a message beside its field."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalogue import checks, content
from catalogue.difference import difference, words
from catalogue.pricing import standing
from catalogue.prose import rendered, summary
from catalogue.slugs import plain, same_stem, slug_for
from tenants.words import rupiah

TODAY = date(2024, 3, 14)


def whole(**changes: Any) -> dict[str, Any]:
    """A content that may be submitted, with `changes`."""
    return {
        "name": "Tas anyaman purun",
        "category": "craft",
        "group": "craft",
        "market_level": "national",
        "description": "Tas anyaman tangan, ukuran 35 × 28 cm, tali kulit sapi.",
        "unit": "buah",
        "price_rupiah": 95_000,
        "price_evidence": [
            {"source": "Pasar Sudirman", "observed_on": "2024-03-12", "price_rupiah": 92_000},
            {"source": "INAPROC", "observed_on": "2024-03-13", "price_rupiah": 101_000},
        ],
        "capacity_per_month": 120,
        "stock": 0,
        "lead_time_days": 7,
        "weight_gram": 400,
        "materials": "Purun danau dan kulit sapi",
        "photos": [{"photo_id": 1, "sha256": "a" * 64, "width": 800, "height": 600, "thumbs": {}}],
        **changes,
    }


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        (95000, 95_000), (95000.0, 95_000), ("95000", 95_000), ("95.000", 95_000), ("Rp95.000", 95_000),
        ("Rp 95.000", 95_000), ("rp. 95.000,-", 95_000), ("Rp1.250.000,00", 1_250_000), (" 15.000 ", 15_000),
    ],
)  # fmt: skip
def test_a_price_is_read_as_people_write_it(typed: Any, amount: int) -> None:
    assert content.money(typed) == amount


@pytest.mark.parametrize(
    "typed",
    [
        "95,000",
        "95.5",
        "9.50",
        "95 ribu",
        "-95.000",
        "0",
        0,
        -1,
        95.5,
        True,
        None,
        [],
        "Rp",
        "1e5",
        "99999999999",
        "١٢٣",
    ],
)
def test_what_may_be_another_price_is_not_read(typed: Any) -> None:
    with pytest.raises(content.Unreadable):
        content.money(typed)


@given(st.integers(min_value=1, max_value=content.MAX_PRICE))
def test_a_price_that_we_wrote_is_read_back(amount: int) -> None:
    assert content.money(rupiah(amount)) == amount


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # how fast is the machine's affair
@given(
    st.dictionaries(
        st.sampled_from([spec.key for spec in content.FIELDS]), st.text() | st.integers() | st.none()
    )
)
def test_whatever_is_typed_a_draft_keeps_it(changes: dict[str, Any]) -> None:
    kept, problems = content.read(changes)
    for key in changes:
        if key in problems and key != "photos":
            assert kept["_typed"][key]
    checks.problems(kept, today=TODAY)
    checks.completeness(kept, today=TODAY)


def test_an_unreadable_price_is_kept_as_typed_and_named() -> None:
    kept, problems = content.read({"price_rupiah": "sembilan puluh"}, whole())
    assert kept["price_rupiah"] is None
    assert kept["_typed"] == {"price_rupiah": "sembilan puluh"}
    assert problems == {"price_rupiah": content.MONEY_UNREADABLE}
    assert checks.problems(kept, today=TODAY) == problems
    mended, problems = content.read({"price_rupiah": "Rp90.000"}, kept)
    assert mended["price_rupiah"] == 90_000
    assert "_typed" not in mended
    assert not problems


def test_evidence_rows_name_their_own_cell() -> None:
    rows = [
        {"source": "", "observed_on": "", "price_rupiah": ""},
        {"source": "Pasar", "observed_on": "31-02-2024", "price_rupiah": "9"},
    ]
    kept, problems = content.read({"price_evidence": rows})
    assert problems == {"price_evidence.0.observed_on": content.DATE_UNREADABLE}
    assert kept["price_evidence"] == [{"source": "Pasar", "observed_on": None, "price_rupiah": 9}]
    assert kept["_typed"] == {"price_evidence.0.observed_on": "31-02-2024"}
    found = checks.problems(kept, today=TODAY)
    assert found["price_evidence.0.observed_on"] == content.DATE_UNREADABLE
    assert found["price_evidence"] == checks.EVIDENCE_FEW


def test_photos_and_unknown_fields_cannot_be_written_from_outside() -> None:
    kept, problems = content.read({"photos": [{"sha256": "x"}], "state": "published", "_typed": {}}, {})
    assert kept == {}
    assert set(problems) == {"photos", "state", "_typed"}


def test_text_is_cleaned_of_control_and_direction_marks() -> None:
    kept, _ = content.read({"name": "  Tas\u202e \x00 anyaman\n purun ", "description": "satu\r\ndua\x07"})
    assert kept == {"name": "Tas anyaman purun", "description": "satu\ndua"}


def test_a_whole_content_may_be_submitted() -> None:
    assert checks.problems(whole(), today=TODAY) == {}
    assert checks.completeness(whole(), today=TODAY) == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": "Ta"}, "name"),
        ({"description": "terlalu pendek"}, "description"),
        ({"category": None}, "category"),
        ({"photos": []}, "photos"),
        ({"price_evidence": []}, "price_evidence"),
        ({"capacity_per_month": None}, "capacity_per_month"),
        (
            {"price_evidence": [{"source": "A", "observed_on": "2024-03-15", "price_rupiah": 1}]},
            "price_evidence.0.observed_on",
        ),
        ({"makers": [{"name": "Budi", "consented_on": "2024-03-01"}]}, "makers.0.consent"),
        ({"makers": [{"consent": 3, "consented_on": None}]}, "makers.0.consent"),
        ({"partner": {"id": 3}}, "partner"),
    ],
)  # fmt: skip
def test_each_gap_is_named_by_its_field(changes: dict[str, Any], field: str) -> None:
    assert field in checks.problems(whole(**changes), today=TODAY)
    assert checks.completeness(whole(**changes), today=TODAY) <= 1


def test_food_needs_a_licence_that_is_still_valid() -> None:
    food = whole(category="culinary")
    assert set(checks.problems(food, today=TODAY)) == {"pirt_number", "pirt_expires_on"}
    food |= {"pirt_number": "P-IRT 2063671010123-28", "pirt_expires_on": "2024-03-14"}
    assert checks.problems(food, today=TODAY) == {"pirt_expires_on": checks.PIRT_EXPIRED}
    food["pirt_expires_on"] = "2028-03-14"
    assert checks.problems(food, today=TODAY) == {}


def test_a_request_is_met_by_a_change_or_an_answer() -> None:
    requests = [
        {"id": "1", "field": "price_rupiah", "text": "mahal"},
        {"id": "2", "field": "photos", "text": "gelap"},
    ]
    after = whole(price_rupiah=90_000)
    assert [open_["id"] for open_ in checks.unanswered(requests, {}, whole(), after)] == ["2"]
    assert checks.unanswered(requests, {"2": "Sudah difoto ulang"}, whole(), after) == []


def test_a_price_stands_in_its_band() -> None:
    asked = standing(whole(), likes=[98_500])
    assert (asked.median, asked.low, asked.high, asked.within) == (98_500, 73_875, 123_125, True)
    assert standing(whole(price_rupiah=130_000), likes=[98_500]).within is False
    assert standing({"price_rupiah": 5}).within is None
    assert 0 < asked.share(95_000) < asked.share(130_000) <= 1


def test_the_difference_names_fields_and_words() -> None:
    new = whole(
        price_rupiah=130_000, description="Tas anyaman purun danau, ukuran 35 × 28 cm, tali kulit sapi."
    )
    changes = {change.key: change for change in difference(whole(), new)}
    assert set(changes) == {"price_rupiah", "description"}
    assert (changes["price_rupiah"].old, changes["price_rupiah"].new) == ("Rp95.000", "Rp130.000")
    assert ("gone", "tangan,") in [(piece.how, piece.text) for piece in changes["description"].pieces]
    joined = "".join(piece.text for piece in changes["description"].pieces if piece.how != "gone")
    assert joined == new["description"]
    assert difference(whole(stock=0), whole(stock=None))[0].key == "stock"
    assert difference(whole(), whole()) == []


def test_a_long_description_is_shown_by_what_changed_in_it() -> None:
    old = " ".join(f"Kalimat ke-{n} tentang anyaman purun." for n in range(130))[:5000]
    new = old.replace("ke-7 tentang", "ke-7 mengenai").replace("ke-60 ", "ke-60 dan seterusnya ")
    change = difference(whole(description=old), whole(description=new))[0]
    assert "".join(piece.text for piece in change.pieces if piece.how != "gone") == new
    assert "".join(piece.text for piece in change.pieces if piece.how != "new") == old
    seen = change.excerpt()
    assert [piece.text.strip() for piece in seen if piece.how in ("gone", "new")] == [
        "tentang",
        "mengenai",
        "dan seterusnya",
    ]
    assert "".join(piece.text for piece in seen if piece.how != "gone") == new
    assert sum(len(piece.text) for piece in seen if piece.how == "same") < 600
    assert sum(piece.how == "left_out" for piece in seen) == 3


def test_texts_that_would_take_too_long_to_compare_are_shown_whole() -> None:
    old, new = "a " * 2500, "a " * 2400 + "b " * 100
    assert [piece.how for piece in words(old, new)] == ["gone", "new"]


def test_a_maker_who_was_replaced_by_another_is_named() -> None:
    one, other = ({"name": name, "consented_on": "2024-03-01"} for name in ("A. Rahman", "B. Surya"))
    change = difference(whole(makers=[one]), whole(makers=[other]))[0]
    assert [(piece.how, piece.text) for piece in change.pieces] == [
        ("gone", "A. Rahman (1 Maret 2024)"),
        ("new", "B. Surya (1 Maret 2024)"),
    ]


def test_a_description_cannot_carry_html() -> None:
    html = rendered(
        "# Judul\n\n<script>alert(1)</script> **tebal** [x](javascript:alert(1)) ![f](http://a/b.png)"
    )
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    assert "<strong>tebal</strong>" in html
    assert "<h3>Judul</h3>" in html
    assert 'href="javascript' not in html
    assert "<img" not in html
    assert summary("**Tas** anyaman " * 40).endswith("…")


def test_slugs_are_plain_and_never_the_same() -> None:
    assert plain("Kain tenun Sambas 2 m — “asli”") == "kain-tenun-sambas-2-m-asli"
    first, second = slug_for("Tas é"), slug_for("Tas é")
    assert first != second
    assert first.startswith("tas-e-")
    assert same_stem(first, "Tas é")
    assert slug_for("木").startswith("produk-")
