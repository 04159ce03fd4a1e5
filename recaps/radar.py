"""A radar of several dimensions as SVG, the same picture on the page and in the PDF.

As in `charts`: presentation attributes alone, text escaped, each value written beside its axis.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, pi, sin
from typing import Final
from xml.sax.saxutils import escape

from recaps.charts import INK, KUNYIT, LINE, NILA, PALE, SOFT, opened

RINGS: Final = 4
_LOOKS: Final = {
    "main": f'fill="{NILA}" fill-opacity="0.16" stroke="{NILA}" stroke-width="2"',
    "soft": f'fill="none" stroke="{PALE}" stroke-width="1.5" stroke-dasharray="5 3"',
    "past": f'fill="none" stroke="{KUNYIT}" stroke-width="1.5" stroke-dasharray="2 3"',
}
_HEIGHT: Final = 330
_KEY: Final = 22


@dataclass(frozen=True)
class Series:
    """One figure of the radar: its name in the key, a value an axis (None: none), and its look: ``main`` (one),
    ``soft`` or ``past``."""

    name: str
    values: Sequence[int | None]
    look: str = "main"


def radar(
    axes: Sequence[tuple[str, str]], series: Sequence[Series], *, most: int, title: str, width: int = 540
) -> str:
    """`axes`: (label, the values as printed under it), clockwise from the top; `most` is the outer ring. `title` is
    what a screen reader says."""
    shown = [one for one in series if any(value is not None for value in one.values)]
    height = _HEIGHT + (_KEY if len(shown) > 1 else 0)
    middle, centre, reach = width / 2, 168, 104
    angles = [2 * pi * number / len(axes) - pi / 2 for number in range(len(axes))]

    def at(angle: float, share: float) -> str:
        return f"{middle + cos(angle) * reach * share:.1f},{centre + sin(angle) * reach * share:.1f}"

    drawn = [opened(width, height, title)]
    for ring in range(1, RINGS + 1):
        points = " ".join(at(angle, ring / RINGS) for angle in angles)
        drawn.append(f'<polygon points="{points}" fill="none" stroke="{LINE}"/>')
    for angle in angles:
        x, y = at(angle, 1).split(",")
        drawn.append(f'<line x1="{middle}" y1="{centre}" x2="{x}" y2="{y}" stroke="{LINE}"/>')
    for one in reversed(shown):
        known = [(angle, value) for angle, value in zip(angles, one.values, strict=True) if value is not None]
        points = " ".join(at(angle, min(value, most) / most) for angle, value in known)
        drawn.append(f'<polygon points="{points}" {_LOOKS[one.look]} stroke-linejoin="round"/>')
        if one.look == "main":
            for point in points.split(" "):
                x, y = point.split(",")
                drawn.append(f'<circle cx="{x}" cy="{y}" r="3.5" fill="{NILA}"/>')
    for (label, printed), angle in zip(axes, angles, strict=True):
        drawn.append(
            _label(
                label, printed, middle + cos(angle) * (reach + 14), centre + sin(angle) * (reach + 14), angle
            )
        )
    if len(shown) > 1:
        drawn.append(_key(shown, width, height))
    return "".join([*drawn, "</svg>"])


def _label(label: str, printed: str, x: float, y: float, angle: float) -> str:
    """The name of an axis and its values, outside of the outer ring."""
    anchor = "middle" if abs(cos(angle)) < 0.2 else "start" if cos(angle) > 0 else "end"
    top = y - 18 if sin(angle) < -0.9 else y - 2 if sin(angle) < 0.5 else y + 12
    place = f'x="{x:.1f}" text-anchor="{anchor}"'
    return (
        f'<text {place} y="{top:.1f}" font-size="12" font-weight="bold" fill="{INK}">{escape(label)}</text>'
        f'<text {place} y="{top + 15:.1f}" font-size="12" fill="{SOFT}">{escape(printed)}</text>'
    )


def _key(series: Sequence[Series], width: int, height: int) -> str:
    """What each line is, in one row below."""
    step = width / len(series)
    drawn = []
    for number, one in enumerate(series):
        x, y = step * number + 6, height - 8
        look = _LOOKS[one.look].replace(' fill-opacity="0.16"', "").replace(f'fill="{NILA}"', 'fill="none"')
        drawn.append(
            f'<line x1="{x:.1f}" y1="{y - 4}" x2="{x + 24:.1f}" y2="{y - 4}" {look}/>'
            f'<text x="{x + 30:.1f}" y="{y}" font-size="12" fill="{INK}">{escape(one.name)}</text>'
        )
    return "".join(drawn)
