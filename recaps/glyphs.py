"""The letters that the house's faces hold. What they don't hold is never printed.

A letter that no embedded face has would come from whatever faces the machine happens to have, or from none: other
bytes on another machine, no PDF/A, and text that can't be read back out of the file to be compared with its figures.
Source: ISO 19005-3 §6.2.11.8 (no reference to .notdef).
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import Final

FACES: Final = Path(__file__).parent / "fonts"
MISSING: Final = "\ufffd"
_HYPHENS: Final = str.maketrans("\u2010\u2011\u2043", "---")
_TURNING: Final = ("Cf",)
_UNSEEN: Final = ("Cc", "Cf", "Cs", "Mn", "Me")


def printable(text: str) -> str:
    """The text with letters of our faces alone.

    What has an equal in them becomes that (a narrow space a space, a fraction its digits), an emoji or a letter of
    another script "\ufffd", and marks without a shape of their own, among them those that turn the direction, go.
    """
    return _others().sub(_replaced, unicodedata.normalize("NFC", text))


def _replaced(found: re.Match[str]) -> str:
    letter = found.group()
    if unicodedata.category(letter) in _UNSEEN:
        return ""
    equal = unicodedata.normalize("NFKC", letter).translate(_HYPHENS)
    return equal if equal != letter and not _others().search(equal) else MISSING


@cache
def _others() -> re.Pattern[str]:
    """One letter that at least one weight lacks, or a mark that turns or joins; line ends and tabs are neither."""
    from fontTools.ttLib import TTFont

    held: dict[str, set[int]] = {}
    for path in sorted(FACES.glob("*-normal.woff2")):
        weight = path.stem.split("-")[-2]
        with TTFont(path, lazy=True) as face:
            held.setdefault(weight, set()).update(face.getBestCmap())
    every = sorted(set.intersection(*held.values()) | {ord("\n"), ord("\t"), ord("\r")})
    every = [code for code in every if unicodedata.category(chr(code)) not in _TURNING]
    return re.compile(f"[^{''.join(re.escape(chr(code)) for code in every)}]")
