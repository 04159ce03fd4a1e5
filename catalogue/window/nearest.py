"""Mistyped words: the nearest ones that occur in names, materials and places of the shelf.

Only words that begin or end like the mistyped one are compared, and at most `MOST`: a slip changes the middle, the
beginning or the end, seldom two of them.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import Final

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from catalogue.models import PublishedWord

MOST: Final = 3000
SHORTEST: Final = 4
_ALIKE: Final = 0.72
_LONGEST: Final = 40


def unknown_words(session: Session, asked: Sequence[str]) -> set[str]:
    """Those of the words that no name, material or place on the shelf has. One statement."""
    known = session.scalars(select(PublishedWord.word).where(PublishedWord.word.in_(asked)))
    return set(asked) - set(known)


def nearest(session: Session, asked: Sequence[str], unknown: set[str]) -> tuple[str, ...] | None:
    """The words with each unknown one replaced by the nearest known; None where that changes nothing. One statement
    for each unknown word."""
    meant = []
    for word in asked:
        near: list[str] = []
        if word in unknown and SHORTEST <= len(word) <= _LONGEST:
            near = difflib.get_close_matches(word, _candidates(session, word), n=1, cutoff=_ALIKE)
        meant.append(near[0] if near else word)
    return tuple(meant) if meant != list(asked) else None


def _candidates(session: Session, word: str) -> list[str]:
    length = func.length(PublishedWord.word).between(len(word) - 2, len(word) + 2)
    alike = or_(PublishedWord.head == word[:2], PublishedWord.tail == word[-2:])
    found = select(PublishedWord.word).where(alike, length).order_by(PublishedWord.word)
    return list(session.scalars(found.limit(MOST)))
