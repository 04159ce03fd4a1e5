"""Definitions: what is accepted, and that each fault names its place."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.conditions import Condition, ConditionError
from workflows.definitions import DEFAULTS, default_text
from workflows.documents import from_document, parse
from workflows.errors import DefinitionInvalid
from workflows.stages import Item, clean

SMALL = "subject_type: product\ntitle: Uji\nstages:\n  - key: satu\n    name: Satu\n    role: pembina\n"


@pytest.mark.parametrize("name", DEFAULTS)
def test_the_national_defaults_are_sound_and_survive_their_json(name: str) -> None:
    definition = parse(default_text(name))
    assert from_document(definition.document) == definition
    assert definition.subject_type == name


def test_the_product_goes_through_three_stages_of_three_working_days() -> None:
    definition = parse(default_text("product"))
    assert [(stage.key, stage.role, stage.deadline_days) for stage in definition.stages] == [
        ("pembinaan", "pembina", 3),
        ("pemantauan", "pemantau", 3),
        ("pengendalian", "pengendali", 3),
    ]
    assert all(stage.four_eyes for stage in definition.stages)


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        (SMALL.replace("role: pembina", "role: pembin"), "stages[0].role (baris 6)", "Peran tidak dikenal: pembin"),
        (SMALL + "    deadline_day: 3\n", "stages[0].deadline_day (baris 7)", "Tidak dikenal"),
        (SMALL + "    deadline_days: 0\n", "stages[0].deadline_days (baris 7)", "1 sampai 60"),
        (SMALL + "    checklist:\n      - key: a\n        question: A\n        type: yesno\n",
         "stages[0].checklist[0].type (baris 10)", "yes_no, number"),
        (SMALL + "    checklist:\n      - key: a\n        question: A\n        type: choice\n        choices: [x]\n",
         "stages[0].checklist[0].choices (baris 11)", "paling sedikit dua"),
        (SMALL + "    when: price >\n", "stages[0].when (baris 7)", "tidak dapat dibaca"),
        (SMALL + "    when: __import__('os') == 1\n", "stages[0].when (baris 7)", "nama isian"),
        (SMALL + "  - key: satu\n    name: Dua\n    role: pemantau\n", "stages[1].key (baris 7)", "Sudah dipakai"),
        ("subject_type: product\ntitle: x\nstages: []\n", "stages (baris 3)", "1 sampai 20"),
        ("- a\n- b\n", "dokumen", "pasangan"),
        ("a: [1\n", "baris 2", ""),
        ("subject_type: product\nsubject_type: recap\n", "subject_type (baris 2)", "dua kali"),
        ("a: &x [1]\nb: *x\n", "dokumen", "Alias"),
    ],
)  # fmt: skip
def test_each_fault_names_its_place(text: str, place: str, words: str) -> None:
    with pytest.raises(DefinitionInvalid) as wrong:
        parse(text)
    assert place in wrong.value.fields, wrong.value.fields
    assert words in wrong.value.fields[place]


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(DefinitionInvalid) as wrong:
        parse(SMALL.replace("pembina", "x").replace("name: Satu", "nama: Satu"))
    assert len(wrong.value.fields) == 3


@given(st.text(max_size=300))
def test_no_text_breaks_the_reader(text: str) -> None:
    with suppress(DefinitionInvalid):
        parse(text)


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("price_rupiah >= 5_000_000", False),
        ("category == 'craft' and price_rupiah < 100000", True),
        ("category in ['craft', 'art'] or price_rupiah > 1", True),
        ("not category == 'craft'", False),
        ("missing == 1", False),
        ("category > 3", False),
    ],
)
def test_a_condition_compares_fields_with_values(text: str, holds: bool) -> None:
    assert Condition(text).holds({"category": "craft", "price_rupiah": 95000}) is holds


@pytest.mark.parametrize(
    "text", ["category", "1 == 1", "a.b == 1", "a == b", "a == f()", "a < 1 < 2", "x" * 400]
)
def test_a_condition_is_nothing_else(text: str) -> None:
    with pytest.raises(ConditionError):
        Condition(text)


@pytest.mark.parametrize(
    ("item", "given_", "read"),
    [
        (Item("a", "A"), "ya", True),
        (Item("a", "A"), False, False),
        (Item("a", "A"), "", None),
        (Item("a", "A", "number"), "1.200", 1200),
        (Item("a", "A", "number"), "2,5", 2.5),
        (Item("a", "A", "number"), "2.5", 2.5),
        (Item("a", "A", "number"), 7, 7),
        (Item("a", "A", "choice", choices=("x", "y")), "y", "y"),
        (Item("a", "A", "text"), " a\r\nb\x00 ", "a\nb"),
    ],
)
def test_an_answer_is_read_in_its_type(item: Item, given_: object, read: object) -> None:
    assert item.read(given_) == read


@pytest.mark.parametrize(
    ("item", "given_"),
    [
        (Item("a", "A"), "mungkin"),
        (Item("a", "A"), 7),
        (Item("a", "A", "number"), "dua"),
        (Item("a", "A", "number"), True),
        (Item("a", "A", "number"), "nan"),
        (Item("a", "A", "number", least=1), 0),
        (Item("a", "A", "number", most=5), 6),
        (Item("a", "A", "choice", choices=("x", "y")), "z"),
        (Item("a", "A", "text"), ["x"]),
        (Item("a", "A", "text"), "x" * 5001),
    ],
)
def test_an_answer_of_the_wrong_kind_is_refused(item: Item, given_: object) -> None:
    with pytest.raises(ValueError):
        item.read(given_)


def test_a_lone_surrogate_never_reaches_the_database() -> None:
    assert clean("a\ud800b") == "a?b"
