"""Whether the recaps of the Kanwil, the recap of the country and the raw lines have one sum."""

from __future__ import annotations

from typing import Any

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

ASKED = ("packages", "quantity", "value_rupiah")
STATES = (("completed", "Selesai"), ("in_process", "Proses"), ("cancelled", "Batal"))


def disagreements(world: World, tenants: dict[str, int], period: str) -> list[str]:
    """Where they differ in a period, in words; nothing where all of them agree. Each Kanwil's recap and the country's
    is drafted for it."""
    raw, buyers = _raw(period)
    told = [_figures(tenant_id, period) for tenant_id in tenants.values()]
    with entered(NationalScope(1)):
        recap, _ = national_drafting.draft(period, by=world.actor("admin.pusat"), now=country.NOW)
        national, _ = national_gathering.gather(recap, now=country.NOW, replaces=None)
    database.db.release()
    totals = national["totals"]
    held = {
        **{
            f"the Kanwil's {name}": (
                tuple(sum(one["transactions"][name][key] for one in told) for key in ASKED),
                raw[status],
            )
            for name, status in STATES
        },
        "the country's completed": (tuple(totals[key] for key in ASKED), raw["Selesai"]),
        "the country's others": (
            (totals["in_process"], totals["cancelled"]),
            (raw["Proses"][0], raw["Batal"][0]),
        ),
        "the country's buyers": (totals["buyers"], buyers),
        "the country's PNBP": (
            totals["pnbp_rupiah"],
            sum(one["pnbp"]["realisation_rupiah"] for one in told),
        ),
        "the Kanwil without a recap": (len(national["missing"]), len(tenants)),
    }
    by_code = {one["kanwil"]["code"]: one for one in told}
    for row in national["by_kanwil"]:
        own = by_code[row["code"]]
        asked = (own["transactions"]["completed"]["value_rupiah"], own["buyers"]["total"])
        held[f"the country's row of {row['code']}"] = ((row["value_rupiah"], row["buyers"]), asked)
    for part in ("by_commodity", "by_month"):
        summed = tuple(sum(row[key] for row in national[part]) for key in ASKED)
        held[f"the country's sums {part}"] = (summed, tuple(totals[key] for key in ASKED))
    return [f"{name}: {said} instead of {wanted}" for name, (said, wanted) in held.items() if said != wanted]


def _raw(period: str) -> tuple[dict[str, tuple[int, ...]], int]:
    """Packages, pieces and rupiah by status, and how many UPT bought, from the lines themselves."""
    begin, until, _ = gathering.span(period)
    within = Purchase.purchased_on.between(begin, until)
    sums = (func.count(), func.sum(Purchase.quantity), func.sum(Purchase.total_rupiah))
    bought = select(func.count(func.distinct(Purchase.buyer_upt_id))).where(
        within, Purchase.status == "Selesai"
    )
    with database.national("uji jumlah") as reader:
        rows = reader.execute(select(Purchase.status, *sums).where(within).group_by(Purchase.status)).all()
        return {status: tuple(map(int, rest)) for status, *rest in rows}, int(reader.scalar(bought) or 0)


def _figures(tenant_id: int, period: str) -> dict[str, Any]:
    """What the Kanwil's recap of the period would print."""
    with entered(Scope(tenant_id)):
        ensure_defaults(tenant_id, now=country.NOW)
        with database.transaction() as here:
            recap_id = drafting.open_draft(period, (0, "Uji"), by=None, now=country.NOW).id
        recap = here.get_one(Recap, recap_id)
        figures, _, _ = gathering.gather(recap, now=country.NOW, replaces=None)
        return figures
