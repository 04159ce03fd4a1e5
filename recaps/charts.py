"""Charts as SVG, the same picture on the page and in the PDF: direct labels, one colour and one highlight, from zero.

Only presentation attributes are used (no style attribute, no script), so that the picture passes the pages' content
security policy. Text is escaped.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from xml.sax.saxutils import escape, quoteattr

INK: Final = "#201d1a"
SOFT: Final = "#6a6259"
LINE: Final = "#e5ddd1"
NILA: Final = "#23406f"
PALE: Final = "#8d9db8"
KUNYIT: Final = "#e3a72f"

_ROW: Final = 22
_LABEL: Final = 186
_VALUE: Final = 96


def bars(
    rows: Sequence[tuple[str, int, str]],
    *,
    title: str,
    width: int = 640,
    highlight: int | None = None,
    muted: int | None = None,
    parts: Sequence[int] = (),
    above: bool = False,
) -> str:
    """Horizontal bars from zero. `rows`: (label, value, value as printed). `title` is what a screen reader says.

    `highlight` is the row drawn in the other colour, `muted` the one drawn pale (a sum of others), or, where it would
    dwarf them, told without a bar; `parts` says how much of each row is, from its beginning. `above` puts each label
    over its bar instead of beside it, for a picture that a phone shows narrow.
    """
    single = max((value for at, (_, value, _) in enumerate(rows) if at != muted), default=0)
    dwarfing = muted is not None and rows[muted][1] > 1.5 * single
    most = (single if dwarfing else max((value for _, value, _ in rows), default=0)) or 1
    start, row, size = (1, 36, 12) if above else (_LABEL, _ROW, 11)
    room = width - start - max([_VALUE, *(round(len(printed) * 6.4) + 10 for _, _, printed in rows)])
    height = max(len(rows), 1) * row + 4
    drawn = [_open(width, height, title)]
    for index, (label, value, printed) in enumerate(rows):
        top = index * row + 2
        bar = top + (17 if above else 3)
        colour = KUNYIT if index == highlight else PALE if index == muted else NILA
        length = 0 if dwarfing and index == muted else _length(value, most, room)
        words = escape(shorten(label, 44 if above else 30))
        drawn.append(
            f'<text x="{start + 5 if above else 0}" y="{top + (12 if above else 14)}" font-size="{size}"'
            f' fill="{INK}">{words}</text>'
            f'<rect x="{start}" y="{bar}" width="{length}" height="14" fill="{colour}"/>'
        )
        if parts and parts[index]:
            part = _length(parts[index], most, room)
            drawn.append(f'<rect x="{start}" y="{bar}" width="{part}" height="14" fill="{KUNYIT}"/>')
        drawn.append(
            f'<text x="{start + length + 6}" y="{bar + 11}" font-size="{size}" fill="{INK}">{escape(printed)}</text>'
        )
    drawn.append(
        f'<line x1="{start}" y1="0" x2="{start}" y2="{height}" stroke="{SOFT}" stroke-width="1"/></svg>'
    )
    return "".join(drawn)


def _length(value: int, most: int, room: int) -> float:
    """A bar's length; what is more than nothing can be seen."""
    return max(round(max(value, 0) / most * room, 1), 1.0 if value > 0 else 0)


def columns(
    rows: Sequence[tuple[str, int | None, str]],
    *,
    title: str,
    width: int = 340,
    height: int = 160,
    highlight: int | None = None,
) -> str:
    """A trend as columns from zero, each with its value on top and its label below; a row without a value (None) keeps
    its place empty. `rows` as for `bars`."""
    most = max((value or 0 for _, value, _ in rows), default=0) or 1
    step = width / max(len(rows), 1)
    wide = round(min(step * 0.6, 44), 1)
    floor, room = height - 22, height - 22 - 20
    drawn = [_open(width, height, title)]
    for index, (label, value, printed) in enumerate(rows):
        middle = round(step * (index + 0.5), 1)
        tall = 0.0 if not value else max(round(value / most * room, 1), 1.0)
        if tall:
            colour = KUNYIT if index == highlight else NILA
            drawn.append(
                f'<rect x="{round(middle - wide / 2, 1)}" y="{round(floor - tall, 1)}" width="{wide}"'
                f' height="{tall}" fill="{colour}"/>'
            )
        drawn.append(
            f'<text x="{middle}" y="{round(floor - tall - 5, 1)}" font-size="12" fill="{INK}"'
            f' text-anchor="middle">{escape(printed)}</text>'
            f'<text x="{middle}" y="{height - 6}" font-size="12" fill="{SOFT}"'
            f' text-anchor="middle">{escape(shorten(label, 14))}</text>'
        )
    drawn.append(
        f'<line x1="0" y1="{floor}" x2="{width}" y2="{floor}" stroke="{SOFT}" stroke-width="1"/></svg>'
    )
    return "".join(drawn)


def against_target(
    done: int, target: int, *, done_label: str, target_label: str, title: str, width: int = 640
) -> str:
    """One bar of what was reached on the track of what was aimed at; both directly labelled."""
    most = max(done, target) or 1
    room = width - 2
    reached = round(done / most * room, 1)
    aim = round(target / most * room, 1)
    anchor = "end" if aim > width / 2 else "start"
    return (
        f"{_open(width, 44, title)}"
        f'<rect x="0" y="4" width="{aim}" height="16" fill="{LINE}"/>'
        f'<rect x="0" y="4" width="{reached}" height="16" fill="{NILA}"/>'
        f'<line x1="{aim}" y1="0" x2="{aim}" y2="24" stroke="{KUNYIT}" stroke-width="2"/>'
        f'<text x="0" y="38" font-size="11" fill="{INK}">{escape(done_label)}</text>'
        f'<text x="{aim}" y="38" font-size="11" fill="{SOFT}" text-anchor="{anchor}">{escape(target_label)}</text>'
        "</svg>"
    )


def _open(width: int, height: int, title: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" aria-label={quoteattr(title)} font-family="Arimo, Liberation Sans, Arial, sans-serif">'
    )


def shorten(text: str, most: int) -> str:
    """The text, cut with an ellipsis where it is longer than `most` characters: in its middle, as names of offices
    begin alike and differ in their end."""
    if len(text) <= most:
        return text
    end = most * 2 // 5
    return f"{text[: most - 1 - end].rstrip()}…{text[-end:].lstrip()}"
