"""What changed between two revisions, field by field, and word by word where the field is text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from difflib import SequenceMatcher
from typing import Any

from catalogue.content import FIELDS, Field, shown
from tenants.words import date_id, rupiah

_WORDS = re.compile(r"\s+|[^\s]+")
_MOST_PAIRS = 1_500_000
"""Pairs of equal words up to which two texts are compared word by word: about a quarter of a second."""
_NEAR = 80
"""Letters of unchanged text that stay beside a change."""


@dataclass(frozen=True)
class Piece:
    """A run of words: `how` is "same", "gone" or "new"; in an excerpt "left_out" too."""

    how: str
    text: str


@dataclass(frozen=True)
class FieldChange:
    """One field that differs: what it said, what it says, and the pieces of both for a page to colour."""

    key: str
    label: str
    kind: str
    old: str
    new: str
    pieces: list[Piece] = field(default_factory=list)
    old_photos: list[dict[str, Any]] = field(default_factory=list)
    new_photos: list[dict[str, Any]] = field(default_factory=list)

    def excerpt(self) -> list[Piece]:
        """The pieces with what stayed the same shortened to what stands beside a change."""
        last = len(self.pieces) - 1
        return [
            short
            for at, piece in enumerate(self.pieces)
            for short in (_shortened(piece.text, at == 0, at == last) if piece.how == "same" else [piece])
        ]


def difference(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[FieldChange]:
    """Every field whose value differs between the contents `old` and `new`, in the editor's order."""
    changes = []
    for spec in FIELDS:
        before, after = old.get(spec.key), new.get(spec.key)
        if (before or None) == (after or None) and not (before == 0) ^ (after == 0):
            continue
        changes.append(_change(spec, before, after))
    return changes


def _change(spec: Field, before: Any, after: Any) -> FieldChange:
    was, now = shown(spec, before), shown(spec, after)
    if spec.kind in ("line", "text"):
        pieces = words(was, now)
    elif spec.kind == "evidence":
        pieces = _rows(
            [evidence_words(row) for row in before or []], [evidence_words(row) for row in after or []]
        )
    elif spec.kind == "makers":
        pieces = _rows([maker_words(row) for row in before or []], [maker_words(row) for row in after or []])
    elif spec.kind == "photos":
        gone = [photo for photo in before or [] if photo not in (after or [])]
        fresh = [photo for photo in after or [] if photo not in (before or [])]
        return FieldChange(spec.key, spec.label, spec.kind, was, now, [], gone, fresh)
    else:
        pieces = [Piece("gone", was)] * bool(was) + [Piece("new", now)] * bool(now)
    return FieldChange(spec.key, spec.label, spec.kind, was, now, pieces)


def words(old: str, new: str) -> list[Piece]:
    """`old` and `new` laid over each other word by word; texts that would take too long are shown whole, gone and
    new."""
    first, second = _WORDS.findall(old), _WORDS.findall(new)
    again = Counter(second)
    if sum(again[word] for word in first) > _MOST_PAIRS:
        return [Piece("gone", old), Piece("new", new)]
    pieces: list[Piece] = []
    for how, a, b, c, d in SequenceMatcher(None, first, second, autojunk=False).get_opcodes():
        if how == "equal":
            pieces.append(Piece("same", "".join(first[a:b])))
            continue
        if b > a:
            pieces.append(Piece("gone", "".join(first[a:b])))
        if d > c:
            pieces.append(Piece("new", "".join(second[c:d])))
    return pieces


def _shortened(text: str, begins: bool, ends: bool) -> list[Piece]:
    """Unchanged text between two changes: its beginning and its end, where it is long."""
    if len(text) <= 3 * _NEAR:
        return [Piece("same", text)]
    head = "" if begins else text[:_NEAR].rsplit(maxsplit=1)[0]
    tail = "" if ends else text[-_NEAR:].split(maxsplit=1)[-1]
    shown = [
        Piece("same", head),
        Piece("left_out", text[len(head) : len(text) - len(tail)]),
        Piece("same", tail),
    ]
    return [piece for piece in shown if piece.text]


def _rows(old: list[str], new: list[str]) -> list[Piece]:
    gone = [Piece("gone", row) for row in old if row not in new]
    kept = [Piece("same" if row in old else "new", row) for row in new]
    return [*gone, *kept]


def maker_words(row: Mapping[str, Any]) -> str:
    """A maker in words: the number and the day of his written consent. Of those who were typed before consents were
    recorded, the name."""
    when = row.get("consented_on")
    who = f"Persetujuan nomor {row['consent']}" if row.get("consent") else str(row.get("name") or "")
    return f"{who} ({date_id(date.fromisoformat(when))})" if when else who


def evidence_words(row: Mapping[str, Any]) -> str:
    """A comparison price in words: source, day, price."""
    when = row.get("observed_on")
    parts = [str(row.get("source") or "")]
    if when:
        parts.append(date_id(date.fromisoformat(when)))
    if row.get("price_rupiah"):
        parts.append(rupiah(row["price_rupiah"]))
    return ", ".join(part for part in parts if part)
