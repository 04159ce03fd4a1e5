"""The map of Indonesia by Kanwil: real shapes, coloured by a value, each labelled with its own.

The shapes lie in a file of their own (``static/maps/indonesia.svg``, drawn by ``tools/assets/country.py``), which the
page refers to, so that they travel once; every Kanwil is a link that the keyboard reaches.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from math import ceil
from pathlib import Path
from typing import Any, Final

from webapp.home_map import PLACES

SOURCE: Final = Path(__file__).parent / "data" / "indonesia.json"
STEPS: Final = 5
_AT_SEA: Final = {
    "kepri": (262, 92),
    "sumbar": (84, 176),
    "bengkulu": (118, 232),
    "babel": (282, 158),
    "banten": (198, 292),
    "dki": (272, 238),
    "jabar": (268, 324),
    "jateng": (326, 256),
    "diy": (322, 336),
    "jatim": (380, 340),
    "bali": (434, 346),
    "ntb": (492, 352),
    "ntt": (596, 288),
    "sulbar": (500, 196),
    "sulsel": (512, 250),
    "sultra": (634, 216),
    "sulteng": (514, 132),
    "gorontalo": (590, 92),
    "sulut": (668, 88),
    "malut": (752, 100),
    "maluku": (742, 178),
}
"""Where the label of a Kanwil stands that is too small or narrow for it; a line leads there."""


@dataclass(frozen=True)
class Place:
    """One Kanwil on the map, in the drawing's own units. `step` is 0 (nothing) to 5, the darkest."""

    code: str
    short: str
    """ISO 3166-2:ID, without the country."""
    name: str
    printed: str
    step: int
    url: str
    x: int
    y: int
    line: tuple[int, int] | None
    """From the label to the Kanwil, where it stands beside it."""

    @property
    def on_dark(self) -> bool:
        """Whether the label stands on a dark ground."""
        return self.step >= STEPS - 1 and self.line is None


@dataclass(frozen=True)
class CountryMap:
    """A map with its title: what it shows, in a sentence for those who don't see it."""

    title: str
    width: int
    height: int
    places: list[Place]


@dataclass(frozen=True)
class Valued:
    """What a map says of one Kanwil: its value (None: none), as printed, and where its row is."""

    code: str
    name: str
    value: int | float | None
    printed: str
    url: str


def country_map(
    title: str, rows: Iterable[Valued], *, step_of: Callable[[float], int] | None = None
) -> CountryMap:
    """The map of these values; without `step_of` the steps divide what lies between nothing and the largest."""
    found = {row.code: row for row in rows}
    most = max((row.value or 0 for row in found.values()), default=0)

    def step(value: float | None) -> int:
        if value is None or value <= 0:
            return 0
        return step_of(value) if step_of else max(1, ceil(STEPS * value / most))

    about = _drawn()
    places = []
    for code, _column, _row, label, short in PLACES:
        row = found.get(code, Valued(code, label, None, "–", ""))
        x, y = about["places"][code]
        beside = _AT_SEA.get(code)
        places.append(
            Place(
                *(code, short, row.name, row.printed, step(row.value), row.url),
                *(beside or (x, y)),
                (x, y) if beside else None,
            )
        )
    return CountryMap(title, about["width"], about["height"], places)


@cache
def _drawn() -> dict[str, Any]:
    """The size of the drawing and the middle of each Kanwil."""
    return dict(json.loads(SOURCE.read_text(encoding="utf-8")))
