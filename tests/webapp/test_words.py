"""The English of the pages: compiled as it is written, with every placeholder in its place."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

FOLDER = Path(__file__).parents[2] / "webapp" / "translations"
PLACES = re.compile(r"%\(\w+\)[sd]|%%|\{\w+\}")
ENGLISH = [
    "operator.lapas-iia-pontianak",
    "pembina.kalbar",
    "kadiv.kalbar",
    "kakanwil.kalbar",
    "admin.kalbar",
    "dirjen",
    "admin.pusat",
    "auditor",
]


@pytest.mark.parametrize("language", ["en", "id"])
def test_the_compiled_words_are_the_written_ones(language):
    folder = FOLDER / language / "LC_MESSAGES"
    written = {m.id: m.string for m in read_po((folder / "messages.po").open("rb")) if m.id and m.string}
    compiled = {m.id: m.string for m in read_mo((folder / "messages.mo").open("rb")) if m.id}
    assert written == compiled
    assert len(written) > 100


def test_a_translation_keeps_its_placeholders():
    for message in read_po((FOLDER / "en" / "LC_MESSAGES" / "messages.po").open("rb")):
        if message.id and message.string:
            assert sorted(PLACES.findall(message.id)) == sorted(PLACES.findall(message.string)), message.id


@pytest.mark.parametrize("username", ENGLISH)
def test_a_home_speaks_english(officer, username):
    one = officer(username)
    one.get("/bahasa/en")
    page = one.get("/beranda/")
    assert page.status_code == 200
    assert "Sign out" in page.text
    assert "Beranda" not in page.text


def test_flask_appbuilders_own_words_are_indonesian(officer):
    one = officer("admin.kalbar")
    page = one.get("/closureview/list/").text
    assert "tenggat melewatinya" in page, "an empty list says what it is for"
    assert "cocok dengan saringan" not in page
    assert "cocok dengan saringan" in one.get("/closureview/list/?_flt_2_reason=xyz").text
    assert "No records found" not in page
    one.get("/closureview/add")
    refused = one.post("/closureview/add", {"day": "", "reason": ""})
    assert "This field is required." not in refused.text


@pytest.mark.parametrize(
    ("username", "path"),
    [
        ("operator.lapas-iia-pontianak", "/produk-saya/baru"),
        ("kadiv.kalbar", "/rekap/kendala/baru"),
        ("kadiv.kalbar", "/pembelian/impor"),
        ("admin.kalbar", "/closureview/add"),
        ("admin.kalbar", "/uptaliasview/add"),
        ("admin.kalbar", "/petugas/baru"),
        ("admin.kalbar", "/pengaturan/upt/baru"),
        ("admin.pusat", "/hari-libur"),
        ("admin.pusat", "/pembelian/nasional/"),
    ],
)
def test_an_empty_form_is_answered_in_our_words_and_not_the_browsers(officer, username, path):
    """A browser's own bubble speaks the browser's language, and stands beside nothing."""
    one = officer(username)
    page = one.get(path).text
    form = re.search(r"<form(?=[^>]*\bnovalidate\b)[^>]*>", page)
    assert form, page
    address = re.search(r'action="([^"]+)"', form.group())
    refused = one.post(address.group(1) if address else path)
    assert "field__error" in refused.text or "note--bad" in refused.text or 'role="alert"' in refused.text
