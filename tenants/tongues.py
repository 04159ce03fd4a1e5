"""In whose language what leaves the house is written: mails are made by jobs, where no request says it.

The catalogues are those of the pages; `rooms` says where they lie. Indonesian is what the texts are written in.
"""

from __future__ import annotations

import gettext
from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path
from typing import Final

from tenants.words import date_id

INDONESIAN: Final = "id"
LANGUAGES: Final = (INDONESIAN, "en")
_ENGLISH: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
Translate = Callable[[str], str]
_folders: list[Path] = []


def use(folder: Path) -> None:
    """Take translations from the catalogues of this folder (``<language>/LC_MESSAGES/messages.mo``)."""
    _folders[:] = [folder]
    tongue.cache_clear()


@cache
def tongue(language: str | None) -> Translate:
    """What says a text of the house in a language; as it is written where the language is none of ours."""
    if language not in LANGUAGES or language == INDONESIAN or not _folders:
        return lambda text: text
    return gettext.translation("messages", _folders[0], [language], fallback=True).gettext


def day_in(language: str | None, day: date) -> str:
    """ "5 Maret 2024", "5 March 2024"."""
    return f"{day.day} {_ENGLISH[day.month - 1]} {day.year}" if language == "en" else date_id(day)
