"""A refusal comes in the language that its reader chose: on a page, beside a field, and to a program."""

from __future__ import annotations

from typing import Any

import pytest
from flask import render_template_string, session

from tenants.errors import Invalid
from tenants.said import beside, say
from tenants.words import N_
from tests.support.worlds import PASSWORD
from webapp.shell import again

WAITS = "%(title)s: menunggu %(stage)s"


@pytest.mark.parametrize(("language", "words"), [("id", "Tas: menunggu x"), ("en", "Tas: waits for x")])
def test_a_page_says_a_text_of_the_house_wherever_it_shows_it(app: Any, language: str, words: str) -> None:
    with app.test_request_context("/beranda/"):
        session["locale"] = language
        text = say(WAITS, title="Tas", stage="x")
        assert render_template_string("{{ text }}|{{ text or '' }}", text=text) == f"{words}|{words}"
        assert again(text, beside({"why": text})["said"]["why"]) == words


def test_an_error_keeps_what_its_words_are_made_of() -> None:
    error = Invalid(fields={"name": N_("Wajib diisi."), "title": say(WAITS, title="Tas", stage="x")})
    assert error.message.parts == {"text": "Ada isian yang perlu diperbaiki"}
    assert error.fields["name"].parts == {"text": "Wajib diisi."}
    assert str(ValueError(error.fields["title"])).parts["text"] == WAITS  # type: ignore[attr-defined]
    assert beside(error.fields) == {"said": {"title": error.fields["title"].parts}}


@pytest.mark.parametrize(
    ("asked", "title"), [("", "Masuk dulu"), ("id", "Masuk dulu"), ("en", "Sign in first")]
)
def test_a_program_is_answered_in_the_language_it_accepts(app: Any, asked: str, title: str) -> None:
    headers = {"Authorization": "Bearer keliru", **({"Accept-Language": asked} if asked else {})}
    answer = app.test_client().get("/api/v1/inbox/views/", headers=headers)
    assert answer.status_code == 401
    assert answer.get_json()["title"] == title


def test_the_words_beside_a_field_are_english_for_who_chose_it(officer: Any) -> None:
    one = officer("admin.kalbar")
    one.get("/bahasa/en")
    page = one.post("/petugas/baru", {"username": "x", "password": PASSWORD})
    assert page.status_code == 422
    assert "Required" in page.text
    assert "Wajib diisi." not in page.text
