"""The three sizes of a label, and the A4 label paper that each is printed on. Millimetres.

Source: the sheets that shops carry: 3 × 8 of 70 × 37 mm, 2 × 7 of 99.1 × 38.1 mm, 2 × 4 of 99.1 × 67.7 mm.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from tenants.words import N_

A4: Final = (210.0, 297.0)


@dataclass(frozen=True)
class Sheet:
    """An A4 sheet of labels: how many across and down, the first one's corner, and the gaps between them."""

    columns: int
    rows: int
    left: float
    top: float
    gap_x: float = 0.0
    gap_y: float = 0.0

    @property
    def places(self) -> int:
        return self.columns * self.rows


@dataclass(frozen=True)
class Size:
    """A label's size and its sheet."""

    key: str
    label: str
    width: float
    height: float
    sheet: Sheet

    def corner(self, place: int) -> tuple[float, float]:
        """The upper left corner of a place of the sheet, counted from 0, row by row."""
        row, column = divmod(place, self.sheet.columns)
        return (
            round(self.sheet.left + column * (self.width + self.sheet.gap_x), 3),
            round(self.sheet.top + row * (self.height + self.sheet.gap_y), 3),
        )

    def places(self, count: int, start: int = 1) -> Iterator[tuple[int, int]]:
        """(page, place) of `count` labels, the first at `start` (from 1) of the first sheet."""
        for number in range(start - 1, start - 1 + count):
            yield divmod(number, self.sheet.places)

    def pages(self, count: int, start: int = 1) -> int:
        """How many sheets they take."""
        return -(-(count + start - 1) // self.sheet.places)


SIZES: Final[dict[str, Size]] = {
    one.key: one
    for one in (
        Size("small", N_("kecil, 70 × 37 mm"), 70.0, 37.0, Sheet(3, 8, 0.0, 0.5)),
        Size("medium", N_("sedang, 99,1 × 38,1 mm"), 99.1, 38.1, Sheet(2, 7, 4.65, 15.15, 2.5)),
        Size("large", N_("besar, 99,1 × 67,7 mm"), 99.1, 67.7, Sheet(2, 4, 4.65, 13.1, 2.5)),
    )
}
