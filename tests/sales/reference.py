"""The register of UPT as the parser needs it, from the reference data."""

from __future__ import annotations

import csv
from pathlib import Path

from sales.providers import Provider, ProviderBook

DATA = Path(__file__).parent.parent / "data"
REGISTER = Path(__file__).parent.parent.parent / "tenants" / "data"


def _read(name: str) -> list[dict[str, str]]:
    with (REGISTER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


KANWIL = {row["code"]: (number, row["province"]) for number, row in enumerate(_read("kanwil.csv"), 1)}
BANTEN, KALBAR = KANWIL["banten"][0], KANWIL["kalbar"][0]


def book() -> ProviderBook:
    """Every UPT of the country; ids are positions in the files."""
    return ProviderBook(
        (
            row["name"],
            Provider(
                KANWIL[row["kanwil_code"]][0],
                f"Kanwil {KANWIL[row['kanwil_code']][1]}",
                number,
                row["name"],
            ),
        )
        for number, row in enumerate(_read("upt.csv"), 1)
    )
