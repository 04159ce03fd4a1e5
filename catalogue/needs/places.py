"""How far two UPT lie apart, as the crow flies between their towns, where both towns are known.

The towns' coordinates are of GeoNames (CC BY 4.0) and of general knowledge, to two decimals: good for "about 40 km",
not for a route.
"""

from __future__ import annotations

import csv
from functools import cache
from math import asin, cos, radians, sin, sqrt
from pathlib import Path
from typing import Final

Place = tuple[str, str]
"""(code of the Kanwil, name of the town)"""
_EARTH_KM: Final = 6371


@cache
def _known() -> dict[Place, tuple[float, float]]:
    with (Path(__file__).parent / "places.csv").open(encoding="utf-8", newline="") as source:
        return {
            (row["kanwil_code"], _plain(row["city"])): (float(row["latitude"]), float(row["longitude"]))
            for row in csv.DictReader(source)
        }


def distance_km(one: Place, other: Place) -> int | None:
    """Kilometres between two towns, rounded; None where one of them isn't known."""
    known = _known()
    first, second = (known.get((code, _plain(city))) for code, city in (one, other))
    if first is None or second is None:
        return None
    (lat, lon), (lat2, lon2) = (tuple(map(radians, place)) for place in (first, second))
    half = sin((lat2 - lat) / 2) ** 2 + cos(lat) * cos(lat2) * sin((lon2 - lon) / 2) ** 2
    return round(2 * _EARTH_KM * asin(sqrt(half)))


def _plain(city: str) -> str:
    return " ".join(city.casefold().split())
