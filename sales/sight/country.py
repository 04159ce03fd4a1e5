"""The figures of the country: a period beside the one before and the year before, by Kanwil, with targets, products and
who bought. Read by the national reach, from rollups alone; no purchase and no product is looked at.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from catalogue import figures as products
from catalogue.terms import GROUPS
from sales.checks import COMPLETED
from sales.figures import DEFAULT_SHARE_BP, Sums, share_of
from sales.models import BuyerFigure, MonthFigure, PnbpRule, Target
from sales.sight.comparing import (
    STATUSES,
    Line,
    Three,
    add,
    before,
    bucket_of,
    largest,
    places,
    sums_of,
    year_before,
)
from sales.sight.grouping import NONE, group_of
from sales.sight.models import CommodityGroup
from tenants.models import DirectoryUpt, Kanwil
from tenants.periods import label_of, months_of
from tenants.words import month_id

Counts = tuple[int, int, int]
"""Of the period, the one before, the year before."""
ON_SHELF: Final = products.ON_SHELF


@dataclass
class OfKanwil:
    """One Kanwil: what it sold in the period; its year so far against its targets; its products by state."""

    id: int
    code: str
    name: str
    province: str = ""
    states: dict[str, Three] = field(default_factory=lambda: {status: Three() for status in STATUSES})
    buyers: Counts = (0, 0, 0)
    pnbp: Counts = (0, 0, 0)
    year_omzet_rupiah: int = 0
    year_pnbp_rupiah: int = 0
    omzet_target_rupiah: int = 0
    pnbp_target_rupiah: int = 0
    products: dict[str, int] = field(default_factory=dict)

    @property
    def sums(self) -> Three:
        """What was completed."""
        return self.states[COMPLETED]

    @property
    def omzet_share(self) -> float | None:
        return self.year_omzet_rupiah / self.omzet_target_rupiah if self.omzet_target_rupiah else None

    @property
    def pnbp_share(self) -> float | None:
        return self.year_pnbp_rupiah / self.pnbp_target_rupiah if self.pnbp_target_rupiah else None

    @property
    def on_shelf(self) -> int:
        return sum(self.products.get(state, 0) for state in ON_SHELF)


@dataclass(frozen=True)
class Country:
    """Everything that the page of national figures says of a period. Lists are sorted by value, largest first."""

    period: str
    label: str
    before: str | None
    year_before: str | None
    kanwils: list[OfKanwil]
    total: OfKanwil
    by_group: list[Line]
    by_commodity: list[Line]
    by_month: list[Line]
    buyers: list[Line]
    """UPT that bought."""
    institutions: list[Line]

    @property
    def keys(self) -> tuple[str, str | None, str | None]:
        return self.period, self.before, self.year_before

    @property
    def has_any(self) -> bool:
        return any(one.packages for three in self.total.states.values() for one in three)


def country(key: str, reader: Session) -> Country:
    """The country's figures of a period. Twelve statements, whatever the number of Kanwil.

    Raises:
        Invalid: not a period.
    """
    keys = (key, before(key), year_before(key))
    spans = [months_of(one) if one else [] for one in keys]
    months = {month for span in spans for month in span}
    kanwils = {
        one.id: OfKanwil(one.id, one.code, one.short_name, one.province)
        for one in reader.scalars(select(Kanwil))
    }
    total = OfKanwil(0, "", "")
    _sold(reader, spans, months, keys, kanwils, total)
    _aims(reader, keys, spans[0], kanwils, total)
    by_group, by_commodity = _goods(reader, spans, months, keys)
    buyers, institutions = _bought(reader, spans, months, keys, kanwils, total)
    for tenant_id, states in products.of_kanwils(reader).items():
        kanwils[tenant_id].products = dict(states)
        for state, number in states.items():
            total.products[state] = total.products.get(state, 0) + number
    return Country(
        *(key, label_of(key), keys[1], keys[2]),
        kanwils=sorted(
            kanwils.values(),
            key=lambda one: (
                *(-one.sums.now.value_rupiah, -one.sums.year_before.value_rupiah, -one.omzet_target_rupiah),
                one.name,
            ),
        ),
        total=total,
        by_group=by_group,
        by_commodity=by_commodity,
        by_month=_by_month(reader, spans[0]),
        buyers=buyers,
        institutions=institutions,
    )


def _sold(
    reader: Session,
    spans: list[list[str]],
    months: set[str],
    keys: tuple[str, str | None, str | None],
    kanwils: dict[int, OfKanwil],
    total: OfKanwil,
) -> None:
    of = bucket_of(MonthFigure.month, spans)
    asked = (
        select(of, MonthFigure.tenant_id, MonthFigure.status, *sums_of(MonthFigure))
        .where(MonthFigure.month.in_(months))
        .group_by(of, MonthFigure.tenant_id, MonthFigure.status)
    )
    for bucket, tenant_id, status, *amounts in reader.execute(asked):
        for at in places(bucket, keys):
            add(kanwils[tenant_id].states[status], at, amounts)
            add(total.states[status], at, amounts)


def _aims(
    reader: Session,
    keys: tuple[str, str | None, str | None],
    months: list[str],
    kanwils: dict[int, OfKanwil],
    total: OfKanwil,
) -> None:
    """PNBP at each Kanwil's own share of each year; the year so far, and what it meant to reach."""
    year = int(keys[0][:4])
    rules = select(PnbpRule.tenant_id, PnbpRule.year, PnbpRule.share).where(
        PnbpRule.year.in_({int(one[:4]) for one in keys if one})
    )
    shares = {(tenant_id, of): round(share * 10_000) for tenant_id, of, share in reader.execute(rules)}
    so_far = (
        select(MonthFigure.tenant_id, func.sum(MonthFigure.value_rupiah))
        .where(
            MonthFigure.month >= f"{year}-01",
            MonthFigure.month <= months[-1],
            MonthFigure.status == COMPLETED,
        )
        .group_by(MonthFigure.tenant_id)
    )
    reached = {tenant_id: int(value) for tenant_id, value in reader.execute(so_far)}
    wanted = (
        select(Target.tenant_id, func.sum(Target.omzet_rupiah), func.sum(Target.pnbp_rupiah))
        .where(Target.year == year)
        .group_by(Target.tenant_id)
    )
    aims = {tenant_id: (int(omzet or 0), int(pnbp or 0)) for tenant_id, omzet, pnbp in reader.execute(wanted)}
    for one in kanwils.values():
        of_period = [
            share_of(sums.value_rupiah, shares.get((one.id, int(key[:4])), DEFAULT_SHARE_BP)) if key else 0
            for key, sums in zip(keys, one.sums, strict=True)
        ]
        one.pnbp = (of_period[0], of_period[1], of_period[2])
        one.year_omzet_rupiah = reached.get(one.id, 0)
        one.year_pnbp_rupiah = share_of(one.year_omzet_rupiah, shares.get((one.id, year), DEFAULT_SHARE_BP))
        one.omzet_target_rupiah, one.pnbp_target_rupiah = aims.get(one.id, (0, 0))
    rows = list(kanwils.values())
    total.pnbp = _summed(one.pnbp for one in rows)
    for name in ("year_omzet_rupiah", "year_pnbp_rupiah", "omzet_target_rupiah", "pnbp_target_rupiah"):
        setattr(total, name, sum(getattr(one, name) for one in rows))


def _summed(rows: Iterable[Counts]) -> Counts:
    found = [0, 0, 0]
    for row in rows:
        found = [one + more for one, more in zip(found, row, strict=True)]
    return found[0], found[1], found[2]


def _goods(
    reader: Session, spans: list[list[str]], months: set[str], keys: tuple[str, str | None, str | None]
) -> tuple[list[Line], list[Line]]:
    """By group, as each Kanwil says of its commodities, and by commodity."""
    said: dict[int, dict[str, str]] = defaultdict(dict)
    for tenant_id, commodity, group in reader.execute(
        select(CommodityGroup.tenant_id, CommodityGroup.commodity, CommodityGroup.goods_group)
    ):
        said[tenant_id][commodity] = group
    by_group = {group: Line(group, GROUPS.get(group, "")) for group in (*GROUPS, NONE)}
    by_commodity: dict[str, Line] = {}
    of = bucket_of(MonthFigure.month, spans)
    asked = (
        select(of, MonthFigure.tenant_id, MonthFigure.category, *sums_of(MonthFigure))
        .where(MonthFigure.month.in_(months), MonthFigure.status == COMPLETED)
        .group_by(of, MonthFigure.tenant_id, MonthFigure.category)
    )
    for bucket, tenant_id, commodity, *amounts in reader.execute(asked):
        line = by_commodity.setdefault(commodity, Line(commodity, commodity or "Lainnya"))
        for at in places(bucket, keys):
            add(line.sums, at, amounts)
            add(by_group[group_of(commodity, said[tenant_id])].sums, at, amounts)
    groups = [line for line in by_group.values() if line.key != NONE or any(s.packages for s in line.sums)]
    return groups, largest(by_commodity.values())


def _bought(
    reader: Session,
    spans: list[list[str]],
    months: set[str],
    keys: tuple[str, str | None, str | None],
    kanwils: dict[int, OfKanwil],
    total: OfKanwil,
) -> tuple[list[Line], list[Line]]:
    """UPT and institutions that bought, whoever sold; and how many UPT bought from each Kanwil."""
    of = bucket_of(BuyerFigure.month, spans)
    upts: dict[str, Line] = {}
    others: dict[str, Line] = {}
    asked = (
        select(of, BuyerFigure.buyer_key, *sums_of(BuyerFigure))
        .where(BuyerFigure.month.in_(months))
        .group_by(of, BuyerFigure.buyer_key)
    )
    for bucket, buyer, *amounts in reader.execute(asked):
        source, _, name = buyer.partition(":")
        line = (upts if source == "upt" else others).setdefault(buyer, Line(buyer, name))
        for at in places(bucket, keys):
            add(line.sums, at, amounts)
    named = select(DirectoryUpt.upt_id, DirectoryUpt.short_name, DirectoryUpt.kanwil_id)
    for upt_id, name, kanwil_id in reader.execute(named):
        if (found := upts.get(f"upt:{upt_id}")) is not None:
            found.name = str(name)
            found.place = kanwils[kanwil_id].province if kanwil_id in kanwils else ""
    counted = (
        select(of, BuyerFigure.tenant_id, func.count(func.distinct(BuyerFigure.buyer_key)))
        .where(BuyerFigure.month.in_(months), BuyerFigure.buyer_kind == "upt")
        .group_by(of, BuyerFigure.tenant_id)
    )
    for bucket, tenant_id, number in reader.execute(counted):
        counts = list(kanwils[tenant_id].buyers)
        for at in places(bucket, keys):
            counts[at] = int(number)
        kanwils[tenant_id].buyers = (counts[0], counts[1], counts[2])
    bought = [sum(1 for line in upts.values() if tuple(line.sums)[at].packages) for at in range(3)]
    total.buyers = (bought[0], bought[1], bought[2])
    return largest(upts.values()), largest(others.values())


def _by_month(reader: Session, months: list[str]) -> list[Line]:
    """Each month of the period beside the month before and the same month a year before."""
    wanted = {month: (month, before(month), year_before(month)) for month in months}
    asked = (
        select(MonthFigure.month, *sums_of(MonthFigure))
        .where(
            MonthFigure.month.in_({one for three in wanted.values() for one in three if one}),
            MonthFigure.status == COMPLETED,
        )
        .group_by(MonthFigure.month)
    )
    found = {month: Sums(*map(int, amounts)) for month, *amounts in reader.execute(asked)}
    return [
        Line(
            month,
            month_id(int(month[:4]), int(month[5:])),
            Three(*(found.get(one or "", Sums()) for one in three)),
        )
        for month, three in wanted.items()
    ]


def months_with_any(reader: Session, limit: int = 240) -> list[str]:
    """The months in which somebody sold something, newest first. One statement."""
    asked: Any = select(MonthFigure.month).distinct().order_by(MonthFigure.month.desc()).limit(limit)
    return [str(month) for month in reader.scalars(asked)]
