"""What a reader of a sheet hands on: one row of raw cells with the number under which people find it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final, NewType

Formula = NewType("Formula", str)
"""The text of a cell that computes; only its result could be a fact, and that is not in the file for sure."""

Cell = str | int | float | bool | date | datetime | time | None

MAX_BYTES: Final = 64 * 1024 * 1024
"""Bytes of an uploaded file."""
MAX_LINES: Final = 500_000
"""Lines of one file."""
MAX_COLUMNS: Final = 64
"""Columns looked at."""


@dataclass(frozen=True, slots=True)
class RawRow:
    """One row of a sheet: its number (line of the file, row of the sheet), its cells, and why it can't be
    read.

    `formulas` are the positions of cells that hold a formula; their cell is its text.
    """

    number: int
    cells: tuple[Cell, ...]
    problem: str | None = None
    formulas: frozenset[int] = frozenset()

    @property
    def is_blank(self) -> bool:
        return self.problem is None and all(cell is None or cell == "" for cell in self.cells)
