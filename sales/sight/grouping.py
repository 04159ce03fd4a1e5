"""To which group of goods a commodity belongs: what the Kanwil said, or else what its name says.

The e-Katalog knows no groups of the Surat Edaran; a purchase carries its commodity alone. The group therefore follows
from the commodity when it is read: a correction holds for every period at once and no rollup has to be counted anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import select

from catalogue.terms import GROUPS
from sales.models import MonthFigure
from sales.settings import SETTERS
from sales.sight.models import CommodityGroup
from tenants.database import session as scoped_session
from tenants.database import transaction
from tenants.errors import Invalid
from tenants.officers import Actor
from tenants.said import say
from tenants.words import N_
from workflows import audit

NONE: Final = "none"
"""The key of what belongs to no group yet."""
MOST: Final = 500
_WORDS: Final = {
    "office_supplies": ("kantor", "furnitur", "mebel", "meubel", "alat tulis", "atk", "seragam dinas"),
    "craft": ("batik", "suvenir", "souvenir", "kriya", "kerajinan", "alat musik", "anyaman", "ukir", "tenun"),
    "basic_needs": (
        *("makan", "minum", "pangan", "kue", "roti", "pertanian", "sayur", "perikanan", "peternakan"),
        *("pakaian", "busana", "alas kaki", "sabun", "kebersihan", "dapur", "ibadah", "kasur", "linen"),
    ),
}


def guess(commodity: str) -> str:
    """The group that a commodity's name speaks of, or `NONE`."""
    name = commodity.lower()
    return next((group for group, words in _WORDS.items() if any(word in name for word in words)), NONE)


def chosen() -> dict[str, str]:
    """What the Kanwil in scope said: commodity -> group. One statement."""
    rows = scoped_session().execute(select(CommodityGroup.commodity, CommodityGroup.goods_group))
    return {str(commodity): str(group) for commodity, group in rows}


def group_of(commodity: str, said: Mapping[str, str]) -> str:
    """The group of a commodity: a key of `GROUPS`, or `NONE`."""
    return said.get(commodity) or guess(commodity)


def commodities_of(group: str) -> list[str]:
    """Every commodity that was sold and belongs to a group. Two statements.

    Raises:
        Invalid: no such group.
    """
    if group not in GROUPS and group != NONE:
        raise Invalid(
            N_("Kelompok ini tidak dikenal."),
            fields={"group": f"{', '.join(GROUPS)}, {NONE}."},
        )
    said = chosen()
    return [name for name in sold() if group_of(name, said) == group]


def sold() -> list[str]:
    """The commodities that the scope's rollups know, by name. One statement."""
    asked = select(MonthFigure.category).distinct().order_by(MonthFigure.category).limit(MOST)
    return [str(name) for name in scoped_session().scalars(asked)]


def set_groups(wanted: Mapping[str, str], *, by: Actor, now: datetime) -> int:
    """Say to which groups commodities belong; those that stay as they were are left alone. Returns how many changed.

    Raises:
        Forbidden: `by` is neither kadiv nor admin_kanwil.
        Invalid: a commodity that was never sold here, or no such group.
    """
    by.require(*SETTERS)
    wrong = {
        name: say(N_("Pilih satu kelompok."))
        for name, group in wanted.items()
        if group not in GROUPS and group != ""
    }
    with transaction() as here:
        known = set(sold())
        wrong |= {
            name: say(N_("Komoditas ini belum pernah terjual.")) for name in wanted if name not in known
        }
        if wrong:
            raise Invalid(fields=wrong)
        standing = {row.commodity: row for row in here.scalars(select(CommodityGroup))}
        changed = {}
        for name, group in wanted.items():
            row = standing.get(name)
            if group == (row.goods_group if row else guess(name)) or (row is None and group == ""):
                continue
            changed[name] = group
            if group == "":
                here.delete(row)
            elif row is None:
                here.add(CommodityGroup(commodity=name, goods_group=group))
            else:
                row.goods_group = group
        if changed:
            audit.record(audit.KANWIL, "commodities.grouped", {"groups": changed}, by=by, now=now)
        here.flush()
    return len(changed)
