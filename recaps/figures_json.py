"""The frozen figures of a recap: one JSON value, its canonical bytes (RFC 8785) and their SHA-256.

What a recap says is decided once, when it is drafted; letter, chart, attachment and verification all read this one
value. Money is whole rupiah, a share is in basis points (1000 is 10 %), a day is ISO 8601, an instant ends in Z: no
float and no local time, so that the same figures always give the same bytes.

Keys: ``schema, layout, kanwil{code, office, short, province, capital, timezone}, period{key, label, from, until},
kop_surat{ministry, office, address, contact, mark_sha256}, letter{classification, enclosures, subject, addressee,
addressee_place, basis, copies[], replaces}, frozen_at, products{total, added, by_upt[], by_category[], by_group[],
names[], names_left_out}, buyers{total, by_upt[], other}, transactions{completed, in_process, cancelled, by_upt[],
by_commodity[], by_month[]}, needs{posted, agreed, fulfilled}, corrections[], obstacles{open, done, items[]},
pnbp{...}, history{root, chains}, attachments{name: {sha256, ...}}``. Figures from before the needs board have no
``needs``. Of a half-year or a year drafted since there is an annex of readiness also ``readiness{year, upts, verified,
means, total, before, by_upt[], gaps, gap_items[], gap_rest}``, means in hundredths.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any, Final

from workflows.canonical import canonical
from workflows.merkle import merkle_root

Figures = dict[str, Any]
Head = tuple[str, int, str]

SCHEMA: Final = "karya.recap/1"
NATIONAL_SCHEMA: Final = "karya.national/1"
"""The figures of the country (`recaps.national.gathering`)."""
LAYOUT: Final = 2
"""How the letter says them. What was signed in an earlier one (none: the first) is composed anew as it was printed, so
that its figures still match its print."""
FILE_NAME: Final = "angka.json"
HISTORY_NAME: Final = "riwayat.json"
PURCHASES_NAME: Final = "pembelian.xlsx"
LARGEST: Final = 8 * 1024 * 1024
"""Bytes of the largest figures or history file that is read back out of a PDF."""


class NotFigures(ValueError):
    """The bytes are not the frozen figures of a recap."""


def freeze(figures: Figures) -> bytes:
    """The canonical bytes of the figures, as they travel inside the PDF.

    Raises:
        ValueError: something in them has no canonical form.
    """
    return canonical(figures)


def digest(figures: Figures) -> str:
    """SHA-256 (hex) of the canonical bytes."""
    return hashlib.sha256(freeze(figures)).hexdigest()


def thaw(data: bytes) -> Figures:
    """Read figures back.

    Raises:
        NotFigures: no JSON object of our schema, or too large to be one.
    """
    if len(data) > LARGEST:
        raise NotFigures("too large")
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise NotFigures("not JSON") from error
    if not isinstance(value, dict) or value.get("schema") not in (SCHEMA, NATIONAL_SCHEMA):
        raise NotFigures("another schema")
    return value


def history_file(heads: list[Head]) -> bytes:
    """The chain heads of the period, as they travel inside the PDF: ``{root, heads: [[chain, seq, hash]]}``."""
    ordered = sorted(heads)
    return canonical(
        {"schema": "karya.history/1", "root": merkle_root(ordered), "heads": [list(h) for h in ordered]}
    )


def read_history(data: bytes) -> list[Head]:
    """The chain heads out of a history file.

    Raises:
        NotFigures: the file is not one of ours.
    """
    if len(data) > LARGEST:
        raise NotFigures("too large")
    try:
        value = json.loads(data)
        return [(str(chain), int(seq), str(head)) for chain, seq, head in value["heads"]]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise NotFigures("not a history file") from error
