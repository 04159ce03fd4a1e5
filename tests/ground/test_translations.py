"""Every text of the pages has its English, and what is compiled is what is written."""

import gettext
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

HOUSE = Path(__file__).resolve().parents[2]
TRANSLATIONS = HOUSE / "webapp" / "translations"
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "N_": None, "lazy_gettext": None, "_l": None}


def test_every_text_of_the_pages_has_its_english() -> None:
    with (HOUSE / "tools" / "babel.cfg").open() as source:
        methods, options = parse_mapping_cfg(source)
    with (TRANSLATIONS / "en" / "LC_MESSAGES" / "messages.po").open("rb") as source:
        english = read_po(source, locale="en")
    missing, texts = set(), 0
    for _, _, text, _, _ in extract_from_dir(HOUSE, methods, options, keywords=KEYWORDS):
        found = english.get(text if isinstance(text, str) else text[0])
        texts += 1
        if found is None or not found.string:
            missing.add(text)
    assert texts > 1000
    assert missing == set()


@pytest.mark.parametrize("language", ["en", "id"])
def test_what_is_compiled_is_what_is_written(language: str) -> None:
    folder = TRANSLATIONS / language / "LC_MESSAGES"
    with (folder / "messages.po").open("rb") as source:
        written = read_po(source, locale=language)
    with (folder / "messages.mo").open("rb") as source:
        compiled = gettext.GNUTranslations(source)
    differing = [
        message.id
        for message in written
        if isinstance(message.id, str) and message.id and compiled.gettext(message.id) != message.string
    ]
    assert differing == []
