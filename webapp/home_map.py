"""The country as a field of tiles, one a Kanwil, each about where it lies: a map that a phone can show."""

from __future__ import annotations

from dataclasses import dataclass

WIDTH, HEIGHT = 40, 36
_PLACES = """
aceh 0 0 Aceh AC
sumut 1 0 Sumut SU
kepri 3 1 Kepri KR
sumbar 0 2 Sumbar SB
riau 1 1 Riau RI
jambi 1 2 Jambi JA
babel 3 3 Babel BB
bengkulu 1 3 Bengkulu BE
sumsel 2 3 Sumsel SS
lampung 2 4 Lampung LA
banten 3 5 Banten BT
dki 4 5 DKI JK
jabar 4 6 Jabar JB
jateng 5 5 Jateng JT
diy 5 6 DIY YO
jatim 6 5 Jatim JI
bali 7 6 Bali BA
ntb 8 6 NTB NB
ntt 9 6 NTT NT
kalbar 5 2 Kalbar KB
kalteng 6 3 Kalteng KT
kalsel 7 4 Kalsel KS
kaltim 7 2 Kaltim KI
sulut 11 1 Sulut SA
gorontalo 10 1 Gorontalo GO
sulteng 9 2 Sulteng ST
sulbar 8 3 Sulbar SR
sulsel 9 4 Sulsel SN
sultra 10 3 Sultra SG
malut 12 1 Malut MU
maluku 12 3 Maluku MA
papbar 13 2 Papbar PB
papua 14 3 Papua PA
"""
"""Kanwil code, column, row, short name, ISO 3166-2:ID without the country."""
PLACES = [
    (code, int(column), int(row), label, short)
    for code, column, row, label, short in (line.split() for line in _PLACES.split("\n") if line)
]
COLUMNS = 1 + max(place[1] for place in PLACES)
ROWS = 1 + max(place[2] for place in PLACES)


@dataclass(frozen=True)
class Tile:
    """One Kanwil on the map; x and y in the map's own units."""

    kanwil: str
    label: str
    short: str
    """ISO 3166-2:ID, without the country."""
    x: int
    y: int
    state: str


def tiles(states: dict[str, str]) -> list[Tile]:
    """The map: `states` is Kanwil code -> state; Kanwil that are not in it are ``none``."""
    return [
        Tile(code, label, short, column * WIDTH, row * HEIGHT, states.get(code, "none"))
        for code, column, row, label, short in PLACES
    ]
