"""Readiness as a picture and its table need it: the same rows for a page and for the letter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from catalogue.readiness.terms import DIMENSIONS, shown


@dataclass(frozen=True)
class Axis:
    """One dimension: what counts, what the UPT said of itself, and the year before, in hundredths."""

    key: str
    label: str
    value: int | None
    own: int | None
    before: int | None

    @property
    def change(self) -> int | None:
        """How much more it is than the year before."""
        return self.value - self.before if self.value is not None and self.before is not None else None


def axes(
    values: Mapping[str, int | None],
    *,
    own: Mapping[str, int | None] | None = None,
    before: Mapping[str, int | None] | None = None,
) -> list[Axis]:
    """The five dimensions in order."""
    return [
        Axis(key, label, values.get(key), (own or {}).get(key), (before or {}).get(key))
        for key, label in DIMENSIONS.items()
    ]


def weakest(found: list[Axis]) -> Axis | None:
    """The dimension with the lowest value; None where there are none."""
    known = [axis for axis in found if axis.value is not None]
    return min(known, key=lambda axis: axis.value or 0) if known else None


__all__ = ["Axis", "axes", "shown", "weakest"]
