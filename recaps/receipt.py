"""What the receipt shows in its box: a one-page letter of the box's size, so that its type travels inside the file."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from markupsafe import Markup

from recaps.letter import Letter
from tenants.words import instant_id

_PAGE: Final = Markup(
    '<!doctype html><html lang="id"><head><meta charset="utf-8"><title>Tanda terima</title>'
    '<link rel="stylesheet" href="karya:letter.css"><style>'
    "@page {{ size: {width}pt {height}pt; margin: 0; "
    "@bottom-left {{ content: none }} @bottom-right {{ content: none }} }}"
    "@page :first {{ margin: 0 }}"
    "body {{ padding: 2.2mm 3mm; font-size: 7.5pt; line-height: 1.35 }} "
    ".soft {{ color: #6a6259 }} b {{ font-size: 8.5pt }}"
    '</style></head><body><div class="soft">Diterima dan ditandatangani secara elektronik oleh:</div>'
    '<div>{office}</div><div><b>{name}</b></div><div class="soft">Surat Nomor {number}</div>'
    '<div class="soft">{at}</div></body></html>'
)


def receipt_letter(
    name: str, office: str, number: str, at: datetime, zone: ZoneInfo, size: tuple[float, float]
) -> Letter:
    """The page of a receipt; `size` in points."""
    html = _PAGE.format(
        width=round(size[0], 1),
        height=round(size[1], 1),
        name=name,
        office=office,
        number=number,
        at=instant_id(at, zone),
    )
    return Letter(
        html=str(html), assets={}, identifier=f"karya-receipt:{number}:{at.isoformat()}", created=at
    )
