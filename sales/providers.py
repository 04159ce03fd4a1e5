"""Recognise an UPT by the name that an export gives it: its register name, its short name, or a Kanwil's
alias."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

_LONG: Final = {
    "lapas": "lembaga pemasyarakatan",
    "rutan": "rumah tahanan negara",
    "bapas": "balai pemasyarakatan",
    "lpka": "lembaga pembinaan khusus anak",
    "rupbasan": "rumah penyimpanan benda sitaan negara",
    "lpp": "lembaga pemasyarakatan perempuan",
    "lpn": "lembaga pemasyarakatan narkotika",
    "cabrutan": "cabang rumah tahanan negara",
    "kls": "kelas",
    "kl": "kelas",
}


@dataclass(frozen=True, slots=True)
class Provider:
    """An UPT as the parser needs it: which tenant and which UPT, and how both are called in a message."""

    kanwil_id: int
    kanwil_name: str
    upt_id: int
    upt_name: str


def plain(name: str) -> str:
    """A name without case, signs, short forms and the word "kelas": "Lapas Kls. II A Serang" and the
    register agree."""
    words = [_LONG.get(word, word) for word in re.sub(r"[^a-z0-9]+", " ", name.casefold()).split()]
    text = " ".join(words)
    text = re.sub(r"\b(i{1,3}) ([ab])\b", r"\1\2", text)
    return re.sub(r"\bkelas (?=i{1,3}[ab]?\b)", "", text)


PRISONS: Final = (
    "lembaga pemasyarakatan",
    "rumah tahanan negara",
    "cabang rumah tahanan negara",
    "balai pemasyarakatan",
    "lembaga pembinaan khusus anak",
    "rumah penyimpanan benda sitaan negara",
)
"""How the register's names begin, plain."""


_CLASS: Final = re.compile(r"\b(?:kelas|i{1,3}[ab]?|[123]\s?[ab]?)\b")


def nearest(name: str, named: Iterable[tuple[int, str]]) -> int | None:
    """The UPT that a name may mean: one of the same kind whose own part of the name is nearly the same, or None."""
    kind, own = _parted(name)
    by_own: dict[str, int] = {}
    for upt_id, called in named:
        its_kind, its_own = _parted(called)
        if its_kind == kind or not kind:
            by_own.setdefault(its_own, upt_id)
    near = get_close_matches(own, by_own, n=1, cutoff=0.75) if own else []
    return by_own[near[0]] if near else None


def _parted(name: str) -> tuple[str, str]:
    """What kind of prison a name speaks of, and its own part without the class."""
    text = plain(name)
    kind = next((kind for kind in PRISONS if text.startswith(kind)), "")
    own = _CLASS.sub(" ", text.removeprefix(kind))
    return kind, " ".join(own.split())


class ProviderBook:
    """Every UPT of the country by name. Looking up a name takes one step; spellings seen once are
    remembered."""

    def __init__(self, named: Iterable[tuple[str, Provider]]) -> None:
        """`named`: pairs of a name and whose it is; a later pair wins, so aliases come last."""
        self._by_name = {plain(name): provider for name, provider in named}
        self._seen: dict[str, Provider | None] = {}

    def find(self, name: str) -> Provider | None:
        """Whose name this is, or None."""
        if name in self._seen:
            return self._seen[name]
        found = self._by_name.get(plain(name))
        if len(self._seen) < 10_000:
            self._seen[name] = found
        return found

    def __len__(self) -> int:
        return len(self._by_name)
