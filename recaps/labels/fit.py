"""How large a text may be so that all of it fits its box: measured with the widths of the face that prints it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, Final

from recaps.glyphs import FACES

POINT_MM: Final = 25.4 / 72
LEADING: Final = 1.16
"""Line height, as a multiple of the size."""
_SLACK: Final = 0.985
"""The renderer's own rounding: a line may be filled this far."""


@cache
def _advances(weight: int) -> tuple[dict[int, float], float]:
    """Width of each letter in ems, and of one that isn't there."""
    from fontTools.ttLib import TTFont

    found: dict[int, float] = {}
    for name in (f"arimo-latin-ext-{weight}-normal.woff2", f"arimo-latin-{weight}-normal.woff2"):
        with TTFont(FACES / name, lazy=True) as face:
            units: Any = face["head"].unitsPerEm
            widths: Any = face["hmtx"]
            found.update({code: widths[glyph][0] / units for code, glyph in face.getBestCmap().items()})
    return found, 0.75


def width_mm(text: str, size_pt: float, weight: int = 400) -> float:
    """The width of a text in one line."""
    advances, unknown = _advances(weight)
    return sum(advances.get(ord(letter), unknown) for letter in text) * size_pt * POINT_MM


def lines(text: str, size_pt: float, width: float, weight: int = 400) -> int:
    """On how many lines of `width` mm a text stands; words that are wider than a line are broken."""
    room, count, used = width * _SLACK, 1, 0.0
    space = width_mm(" ", size_pt, weight)
    for word in text.split():
        wide = width_mm(word, size_pt, weight)
        if used and used + space + wide <= room:
            used += space + wide
            continue
        count += bool(used)
        used = 0.0
        for letter in word:
            step = width_mm(letter, size_pt, weight)
            if used + step > room:
                count, used = count + 1, 0.0
            used += step
    return count


def size_for(
    text: str, sizes: Sequence[float], *, width: float, height: float, weight: int = 400
) -> tuple[float, int]:
    """The largest of `sizes` (points, falling) at which all of the text fits, and on how many lines it then stands; the
    smallest where none does."""
    for size in sizes:
        count = lines(text, size, width, weight)
        if count * size * LEADING * POINT_MM <= height:
            return size, count
    return sizes[-1], lines(text, sizes[-1], width, weight)
