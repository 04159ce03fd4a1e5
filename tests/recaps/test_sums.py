"""Nobody doubts a sum: the recaps of the 33 Kanwil, the recap of the country and the raw lines say the same.

`KARYA_PURCHASES=1000000` proves it at the size of a country; `make bench ONLY=figures` does on both databases.
"""

from __future__ import annotations

import os

import pytest

from tests.support import country, sums
from tests.support.worlds import World

PURCHASES = int(os.environ.get("KARYA_PURCHASES", "3300"))


@pytest.mark.parametrize("period", ["2024-03", "2024-Q1"])
def test_33_recaps_the_country_and_the_raw_lines_have_one_sum(world: World, period: str) -> None:
    tenants = country.open_country()
    assert len(tenants) == 33
    country.sell(PURCHASES)
    assert sums.disagreements(world, tenants, period) == []
