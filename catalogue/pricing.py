"""The fair price: where an asked price stands between its comparison prices and those of like products."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

DEFAULT_BAND = 0.25


@dataclass(frozen=True)
class PriceStanding:
    """An asked price against its band; every amount in whole rupiah.

    `median`, `low` and `high` are None without a single comparison price; `within` is then None too.
    """

    asked: int | None
    median: int | None
    low: int | None
    high: int | None
    within: bool | None
    evidence: int
    likes: int
    band: float

    def share(self, amount: int) -> float:
        """Where `amount` lies on a line drawn from half below `low` to half above `high`, from 0 to 1."""
        if self.low is None or self.high is None:
            return 0.5
        margin = max((self.high - self.low) // 2, 1)
        first, last = self.low - margin, self.high + margin
        return min(1.0, max(0.0, (amount - first) / (last - first)))


def standing(
    content: Mapping[str, Any], *, likes: Sequence[int] = (), band: float = DEFAULT_BAND
) -> PriceStanding:
    """Where the asked price of `content` stands.

    The median is that of the comparison prices given as evidence and of `likes`, the prices of like
    products (same category, same unit); `band` is the tenant's share to either side.
    Source: SE PAS-08.OT.02.02 Tahun 2024, "at a fair market price".
    """
    evidence = [row["price_rupiah"] for row in content.get("price_evidence") or [] if row.get("price_rupiah")]
    asked = content.get("price_rupiah")
    known = sorted([*evidence, *likes])
    if not known:
        return PriceStanding(asked, None, None, None, None, 0, len(likes), band)
    middle = round(median(known))
    low, high = round(middle * (1 - band)), round(middle * (1 + band))
    within = None if asked is None else low <= asked <= high
    return PriceStanding(asked, middle, low, high, within, len(evidence), len(likes), band)
