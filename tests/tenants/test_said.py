"""Texts that can be said again in another language."""

from __future__ import annotations

import json

import pytest

from tenants.said import Said, joined, parts_of, say, spoken

ENGLISH = {
    "%(title)s: menunggu %(stage)s": "%(title)s: waits for %(stage)s",
    "Pemantauan": "Monitoring",
    "Berikutnya: %(stages)s.": "Next: %(stages)s.",
    "rusak %(n)s": "broken %(other)s",
    "100%": "100 percent",
}


def english(text: str) -> str:
    return ENGLISH.get(text, text)


def kept(text: str) -> object:
    """The parts as the database gives them back."""
    return json.loads(json.dumps(parts_of(text)))


@pytest.mark.parametrize(
    ("made", "text", "in_english"),
    [
        (
            say("%(title)s: menunggu %(stage)s", title="Tas 100% purun", stage=say("Pemantauan")),
            "Tas 100% purun: menunggu Pemantauan",
            "Tas 100% purun: waits for Monitoring",
        ),
        (
            joined((say("Berikutnya: %(stages)s.", stages="Pemantauan"), "Ditulis petugas."), " "),
            "Berikutnya: Pemantauan. Ditulis petugas.",
            "Next: Pemantauan. Ditulis petugas.",
        ),
        (say("rusak %(n)s", n=3), "rusak 3", "rusak 3"),  # a translation that can't be filled in
        (say("100%"), "100%", "100 percent"),
        (say(""), "", ""),
    ],
)
def test_a_text_is_said_again_by_what_it_was_made_of(made: Said, text: str, in_english: str) -> None:
    assert made == text
    assert spoken(kept(made), lambda one: one) == text
    assert spoken(kept(made), english) == in_english


def test_what_a_person_typed_is_left_as_it_is() -> None:
    assert spoken(kept("Pemantauan"), english) == "Pemantauan"
