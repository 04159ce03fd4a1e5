"""What comes in, before anybody reads it."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask, request

from webapp import requests


@pytest.fixture
def reader() -> Any:
    """An application that says what it read."""
    app = Flask("reader")
    requests.register(app)

    @app.post("/<int:number>")
    def read(number: int) -> Any:
        body = request.get_json(silent=True)
        return {"args": request.args.to_dict(flat=False), "form": request.form.to_dict(), "json": body}

    return app.test_client()


def test_fields_hold_no_character_that_cannot_be_kept(reader: Any) -> None:
    answer = reader.post("/1?q=a%00b&q=c&%00d=e", data={"name": "Tas\x00 purun"}).get_json()
    assert answer["args"] == {"q": ["ab", "c"], "d": ["e"]}
    assert answer["form"] == {"name": "Tas purun"}


def test_json_is_cleaned_all_the_way_down(reader: Any) -> None:
    sent = b'{"a\\u0000": ["b\\ud800c", {"d": "e\\u0000"}], "pair": "\\ud83d\\ude00", "n": 12}'
    answer = reader.post("/1", data=sent, content_type="application/json").get_json()
    assert answer["json"] == {"a": ["bc", {"d": "e"}], "pair": "\U0001f600", "n": 12}


@pytest.mark.parametrize(
    "body",
    ["[" * 5000 + "]" * 5000, '{"n": Infinity}', '{"n": NaN}', '{"n": 1' + "0" * 30 + "}", "{", b"{\xff"],
)
def test_what_no_one_means_is_no_json(reader: Any, body: str | bytes) -> None:
    answer = reader.post("/1", data=body, content_type="application/json")
    assert answer.status_code == 200
    assert answer.get_json()["json"] is None


def test_a_number_beyond_every_row_finds_nothing(reader: Any) -> None:
    assert reader.post("/2147483647").status_code == 200
    assert reader.post("/2147483648").status_code == 404
