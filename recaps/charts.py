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
KUNYIT: Final = "#e3a72f"

_ROW: Final = 22
_LABEL: Final = 168
_VALUE: Final = 96


def bars(
    rows: Sequence[tuple[str, int, str]], *, title: str, width: int = 640, highlight: int | None = None
) -> str:
    """Horizontal bars from zero. `rows`: (label, value, value as printed). `title` is what a screen reader says."""
    most = max((value for _, value, _ in rows), default=0) or 1
    room = width - _LABEL - _VALUE
    height = max(len(rows), 1) * _ROW + 4
    parts = [_open(width, height, title)]
    for index, (label, value, printed) in enumerate(rows):
        top = index * _ROW + 2
        length = max(round(max(value, 0) / most * room, 1), 1.0 if value > 0 else 0)
        colour = KUNYIT if index == highlight else NILA
        middle = top + 14
        parts.append(
            f'<text x="0" y="{middle}" font-size="11" fill="{INK}">{escape(shorten(label, 30))}</text>'
            f'<rect x="{_LABEL}" y="{top + 3}" width="{length}" height="14" fill="{colour}"/>'
            f'<text x="{_LABEL + length + 6}" y="{middle}" font-size="11" fill="{INK}">{escape(printed)}</text>'
        )
    parts.append(
        f'<line x1="{_LABEL}" y1="0" x2="{_LABEL}" y2="{height}" stroke="{SOFT}" stroke-width="1"/></svg>'
    )
    return "".join(parts)


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
    """The text, cut with an ellipsis where it is longer than `most` characters."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"
