"""Indonesian words for the search: folded to plain letters, and lightly stemmed.

A light stemmer is enough for a shop: "anyaman", "menganyam" and "dianyam" meet at "anyam". It strips one
particle, one suffix and one prefix and never leaves fewer than four letters, so that "kopi" stays "kopi".
Source: the affixes of Nazief and Adriani (1996), without their dictionary.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_PARTICLES = ("lah", "kah", "nya", "pun")
_SUFFIXES = ("kan", "an")
# Each prefix with the letter that it swallowed: menganyam -> anyam, menulis -> tulis, pemotong -> potong.
_PREFIXES = (
    ("menge", ""), ("penge", ""), ("meng", ""), ("peng", ""), ("meny", "s"), ("peny", "s"), ("mem", "p"),
    ("pem", "p"), ("men", "t"), ("pen", "t"), ("ber", ""), ("ter", ""), ("per", ""), ("di", ""), ("ke", ""),
    ("se", ""), ("me", ""), ("pe", ""),
)  # fmt: skip
_SHORTEST = 4
# Goods whose names only look as if they had an affix: without these a shirt (kemeja) would be found as a table (meja).
_ROOTS = frozenset(
    "kemeja kemoceng keramik kerudung keripik kerupuk kelapa kelambu kemiri kerang keset kentang kecap kebaya "
    "sepatu sepeda selimut seragam serbet sendok sendal senapan semen sekop seruling selendang selempang "
    "peniti pelana pensil permata perak perahu tenda teralis terpal terasi tepung beras berkat dipan "
    "rantang pisang udang belacan bekakas celengan ikan pandan rotan papan daun".split()
)
_VOWELS = "aeiou"
_SMALL = frozenset("dan yang untuk dari dengan atau di ke oleh pada para itu ini serta dalam bagi".split())
MOST_WORDS = 8


def words(text: str) -> list[str]:
    """The plain lower-case words of `text`, in order, doubled ones ("oleh-oleh") apart."""
    folded = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii").lower()
    return re.findall(r"[a-z0-9]+", folded)


def asked(text: str) -> list[str]:
    """The words of a question that tell something, once each, at most eight; small ones where there is nothing else."""
    found = words(text)
    telling = [word for word in found if word not in _SMALL] or found
    return list(dict.fromkeys(telling))[:MOST_WORDS]


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """The word without its affixes, at least four letters long; numbers and short words stay."""
    if len(word) <= _SHORTEST or not word.isalpha() or word in _ROOTS:
        return word
    for particle in _PARTICLES:
        if word.endswith(particle) and len(word) - len(particle) >= _SHORTEST:
            word = word[: -len(particle)]
            break
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= _SHORTEST:
            word = word[: -len(suffix)]
            break
    if word in _ROOTS:
        return word
    for prefix, swallowed in _PREFIXES:
        if not word.startswith(prefix):
            continue
        rest = word[len(prefix) :]
        if swallowed and rest[:1] in _VOWELS:
            rest = swallowed + rest
        if len(rest) >= _SHORTEST:
            return rest
    return word


def indexed(*texts: str | None) -> str:
    """The words of `texts` and their stems, once each, as the index keeps them."""
    found: dict[str, None] = {}
    for text in texts:
        for word in words(text or ""):
            found[word] = None
            found[stem(word)] = None
    return " ".join(found)
