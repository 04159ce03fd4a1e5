"""Nobody doubts a sum: the recaps of the 33 Kanwil, the recap of the country and the raw lines say the same.

`KARYA_PURCHASES=1000000` proves it at the size of a country.
"""

from __future__ import annotations

import os
from typing import Any

import pytest
from sqlalchemy import func, select

from recaps import drafting, gathering
from recaps.models import Recap
from recaps.national import drafting as national_drafting
from recaps.national import gathering as national_gathering
from sales.models import Purchase
from tenants import database
from tenants.scope import NationalScope, Scope, entered
from tests.support import country
from tests.support.worlds import World
from workflows.definitions import ensure_defaults

PURCHASES = int(os.environ.get("KARYA_PURCHASES", "3300"))
ASKED = ("packages", "quantity", "value_rupiah")


@pytest.mark.parametrize("period", ["2024-03", "2024-Q1"])
def test_33_recaps_the_country_and_the_raw_lines_have_one_sum(world: World, period: str) -> None:
    tenants = country.open_country()
    assert len(tenants) == 33
    country.sell(PURCHASES)
    begin, until, _ = gathering.span(period)
    with database.national("uji jumlah") as reader:
        raw = reader.execute(
            select(
                Purchase.status, func.count(), func.sum(Purchase.quantity), func.sum(Purchase.total_rupiah)
            )
            .where(Purchase.purchased_on.between(begin, until))
            .group_by(Purchase.status)
        ).all()
        by_status = {status: tuple(map(int, rest)) for status, *rest in raw}
        buyers = reader.scalar(
            select(func.count(func.distinct(Purchase.buyer_upt_id))).where(
                Purchase.purchased_on.between(begin, until), Purchase.status == "Selesai"
            )
        )
    told = [_figures(tenant_id, period) for tenant_id in tenants.values()]
    for name, status in (("completed", "Selesai"), ("in_process", "Proses"), ("cancelled", "Batal")):
        summed = tuple(sum(one["transactions"][name][key] for one in told) for key in ASKED)
        assert summed == by_status[status], name
    with entered(NationalScope(1)):
        recap, _ = national_drafting.draft(period, by=world.actor("admin.pusat"), now=country.NOW)
        national, _ = national_gathering.gather(recap, now=country.NOW, replaces=None)
    totals = national["totals"]
    assert tuple(totals[key] for key in ASKED) == by_status["Selesai"]
    assert (totals["in_process"], totals["cancelled"]) == (by_status["Proses"][0], by_status["Batal"][0])
    assert totals["buyers"] == buyers
    assert totals["pnbp_rupiah"] == sum(one["pnbp"]["realisation_rupiah"] for one in told)
    by_code = {one["kanwil"]["code"]: one for one in told}
    for row in national["by_kanwil"]:
        own = by_code[row["code"]]
        assert row["value_rupiah"] == own["transactions"]["completed"]["value_rupiah"], row["code"]
        assert row["buyers"] == own["buyers"]["total"], row["code"]
    for key in ASKED:
        assert sum(row[key] for row in national["by_commodity"]) == totals[key]
        assert sum(row[key] for row in national["by_month"]) == totals[key]
    assert len(national["missing"]) == 33


def _figures(tenant_id: int, period: str) -> dict[str, Any]:
    """What the Kanwil's recap of the period would print."""
    with entered(Scope(tenant_id)):
        ensure_defaults(tenant_id, now=country.NOW)
        with database.transaction() as here:
            recap_id = drafting.open_draft(period, (0, "Uji"), by=None, now=country.NOW).id
        recap = here.get_one(Recap, recap_id)
        figures, _, _ = gathering.gather(recap, now=country.NOW, replaces=None)
        return figures
