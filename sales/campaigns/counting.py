"""The counters of campaigns: what an entry or a purchase changes is counted anew, by UPT and day, in its transaction.

A cell (campaign, UPT, day) is always the sum of what stands: its entries, and the completed purchases of that day which
no entry names. Counting a cell anew instead of adding to it means that no order of entries, imports and corrections can
leave it wrong, and that no package counts twice. What was closed is frozen and never counted again.

Whoever counts holds the row of the UPT in the campaign (`lock_units`) and the campaign itself against its closing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from sales.campaigns.models import (
    ANNOUNCED,
    CLOSED,
    JOINED,
    STANDING,
    Campaign,
    CampaignFigure,
    CampaignSale,
    CampaignUnit,
    PublishedCampaignFigure,
)
from sales.checks import COMPLETED
from sales.models import Purchase
from tenants.database import transaction
from tenants.models import DirectoryUpt, KanwilSettings

Cells = Mapping[int, set[date]]
"""UPT -> the days to count."""


@dataclass(frozen=True)
class Sums:
    """What a cell holds."""

    sales: int = 0
    packages: int = 0
    quantity: int = 0
    value_rupiah: int = 0
    purchase_rupiah: int = 0

    def public(self) -> tuple[int, int, int]:
        return (self.sales + self.packages, self.quantity, self.value_rupiah)


class Counted(Protocol):
    """What of a campaign counting looks at."""

    id: Any
    starts_on: Any
    ends_on: Any
    counts_purchases: Any


def held(session: Session, campaign_id: int) -> Campaign | None:
    """The campaign, held against its closing until the transaction ends; what closed meanwhile is seen closed."""
    asked = select(Campaign).where(Campaign.id == campaign_id).with_for_update(read=True, key_share=True)
    return session.scalars(asked.execution_options(populate_existing=True)).first()


def lock_units(session: Session, campaign_id: int, upt_ids: Iterable[int]) -> dict[int, CampaignUnit]:
    """The UPT's rows in a campaign, locked in order."""
    asked = (
        select(CampaignUnit)
        .where(CampaignUnit.campaign_id == campaign_id, CampaignUnit.upt_id.in_(sorted(set(upt_ids))))
        .order_by(CampaignUnit.upt_id)
        .with_for_update()
    )
    return {row.upt_id: row for row in session.scalars(asked.execution_options(populate_existing=True))}


def follow(session: Session, touched: Iterable[tuple[int, date]]) -> None:
    """Purchases of these UPT and days were written or taken away: count the campaigns anew that look at them.

    The caller holds the Kanwil's purchase lock. One statement where no campaign is concerned; eight or so a campaign.
    """
    days: dict[int, set[date]] = defaultdict(set)
    for upt_id, day in touched:
        days[upt_id].add(day)
    if not days:
        return
    every = set().union(*days.values())
    asked = (
        select(Campaign.id, CampaignUnit.upt_id)
        .join(CampaignUnit, CampaignUnit.campaign_id == Campaign.id)
        .where(
            Campaign.state == ANNOUNCED,
            Campaign.counts_purchases,
            Campaign.starts_on <= max(every),
            Campaign.ends_on >= min(every),
            CampaignUnit.state == JOINED,
        )
    )
    concerned: dict[int, set[int]] = defaultdict(set)
    for campaign_id, upt_id in session.execute(asked):
        if upt_id in days:
            concerned[campaign_id].add(upt_id)
    for campaign_id, upts in sorted(concerned.items()):
        campaign = held(session, campaign_id)
        if campaign is not None and campaign.state == ANNOUNCED:
            units = lock_units(session, campaign_id, upts)
            joined = {upt_id for upt_id, unit in units.items() if unit.state == JOINED}
            count(session, campaign, {upt_id: days[upt_id] for upt_id in joined})


def count_unit(session: Session, campaign: Campaign, upt_id: int, *, joined: bool) -> None:
    """Count every day of a UPT anew: it joined, or left. The caller holds the purchase lock and the UPT's row."""
    days = set(
        session.scalars(
            select(CampaignFigure.sold_on).where(
                CampaignFigure.campaign_id == campaign.id, CampaignFigure.upt_id == upt_id
            )
        )
    )
    if joined:
        days |= set(
            session.scalars(
                select(Purchase.purchased_on)
                .where(
                    Purchase.upt_id == upt_id,
                    Purchase.purchased_on.between(campaign.starts_on, campaign.ends_on),
                )
                .distinct()
            )
        )
        days |= set(
            session.scalars(
                select(CampaignSale.sold_on)
                .where(CampaignSale.campaign_id == campaign.id, CampaignSale.upt_id == upt_id)
                .distinct()
            )
        )
    count(session, campaign, {upt_id: days}, joined=joined)


def count(session: Session, campaign: Counted, cells: Cells, *, joined: bool = True) -> None:
    """Count these cells anew and write what changed, with its public copy. At most seven statements and one for each
    cell that changes."""
    wanted = {
        (upt_id, day)
        for upt_id, days in cells.items()
        for day in days
        if campaign.starts_on <= day <= campaign.ends_on
    }
    if not wanted:
        return
    session.flush()
    right = should_be(session, campaign, wanted) if joined else {}
    upts, days = {upt for upt, _ in wanted}, {day for _, day in wanted}
    mine = (CampaignFigure.campaign_id == campaign.id, CampaignFigure.upt_id.in_(upts))
    standing = {
        (row.upt_id, row.sold_on): row
        for row in session.scalars(
            select(CampaignFigure)
            .where(*mine, CampaignFigure.sold_on.in_(days))
            .execution_options(populate_existing=True)
        )
    }
    new = []
    for key in sorted(wanted):
        sums, row = right.get(key), standing.get(key)
        if sums is None:
            if row is not None:
                session.delete(row)
        elif row is None:
            new.append({"campaign_id": campaign.id, "upt_id": key[0], "sold_on": key[1], **vars(sums)})
        elif sums_of(row) != sums:
            for name, value in vars(sums).items():
                setattr(row, name, value)
    session.flush()
    if new:
        session.execute(insert(CampaignFigure), new)
    for row in standing.values():
        if row in session:
            session.expunge(row)
    publish(session, campaign.id, {key: right.get(key) for key in wanted})


def sums_of(row: Any) -> Sums:
    """What a rollup's row says."""
    return Sums(row.sales, row.packages, row.quantity, row.value_rupiah, row.purchase_rupiah)


def should_be(
    session: Session, campaign: Counted, wanted: set[tuple[int, date]] | None
) -> dict[tuple[int, date], Sums]:
    """What cells hold by the entries and purchases themselves; None: all of the Kanwil in scope. Two statements."""
    sale = CampaignSale
    entered = select(
        sale.upt_id, sale.sold_on, func.count(), func.sum(sale.quantity), func.sum(sale.value_rupiah)
    ).where(sale.campaign_id == campaign.id, sale.state == STANDING)
    bought = select(
        *(Purchase.upt_id, Purchase.purchased_on, func.count()),
        *(func.sum(Purchase.quantity), func.sum(Purchase.total_rupiah)),
    ).where(
        Purchase.status == COMPLETED,
        Purchase.purchased_on.between(campaign.starts_on, campaign.ends_on),
        ~select(sale.id)
        .where(
            sale.campaign_id == campaign.id,
            sale.state == STANDING,
            sale.upt_id == Purchase.upt_id,
            sale.package_id == Purchase.package_id,
        )
        .exists(),
    )
    if wanted is not None:
        upts, days = {upt for upt, _ in wanted}, {day for _, day in wanted}
        entered = entered.where(sale.upt_id.in_(upts), sale.sold_on.in_(days))
        bought = bought.where(Purchase.upt_id.in_(upts), Purchase.purchased_on.in_(days))
    found: dict[tuple[int, date], Sums] = {}
    for upt_id, day, number, quantity, value in session.execute(entered.group_by(sale.upt_id, sale.sold_on)):
        found[upt_id, day] = Sums(int(number), 0, int(quantity), int(value), 0)
    if campaign.counts_purchases:
        for upt_id, day, number, quantity, value in session.execute(
            bought.group_by(Purchase.upt_id, Purchase.purchased_on)
        ):
            before = found.get((upt_id, day), Sums())
            found[upt_id, day] = Sums(
                before.sales,
                int(number),
                before.quantity + int(quantity),
                before.value_rupiah + int(value),
                int(value),
            )
    return found if wanted is None else {key: sums for key, sums in found.items() if key in wanted}


def publish(session: Session, campaign_id: int, cells: Mapping[tuple[int, date], Sums | None]) -> None:
    """Write the public copies of these cells. Two statements and one for each that changes."""
    copy = PublishedCampaignFigure
    upts, days = {upt for upt, _ in cells}, {day for _, day in cells}
    standing = {
        (row.upt_id, row.sold_on): (row.sales, row.quantity, row.value_rupiah)
        for row in session.execute(
            select(copy.upt_id, copy.sold_on, copy.sales, copy.quantity, copy.value_rupiah).where(
                copy.campaign_id == campaign_id, copy.upt_id.in_(upts), copy.sold_on.in_(days)
            )
        )
    }
    here = dict(
        session.execute(
            select(DirectoryUpt.upt_id, DirectoryUpt.kanwil_code).where(DirectoryUpt.upt_id.in_(upts))
        ).all()
    )
    new = []
    for (upt_id, day), sums in sorted(cells.items()):
        at = (copy.campaign_id == campaign_id, copy.upt_id == upt_id, copy.sold_on == day)
        there, said = standing.get((upt_id, day)), None if sums is None else sums.public()
        if said == there:
            continue
        if said is None:
            session.execute(delete(copy).where(*at))
            continue
        values = dict(zip(("sales", "quantity", "value_rupiah"), said, strict=True))
        if there is None:
            of_whom = {"campaign_id": campaign_id, "upt_id": upt_id, "kanwil_code": here.get(upt_id, "")}
            new.append({**of_whom, "sold_on": day, **values})
        else:
            session.execute(update(copy).where(*at).values(**values))
    if new:
        session.execute(insert(copy), new)


# --- checking ---


@dataclass(frozen=True)
class Difference:
    """Where a counter and what it counts disagree."""

    rollup: str
    key: tuple[Any, ...]
    stands: tuple[int, ...]
    should: tuple[int, ...]


def recount(fix: bool = False) -> list[Difference]:
    """Compare the counters of every campaign in the Kanwil in scope with entries and purchases, and the public copies
    with the counters; with `fix`, make them right. What was closed is compared with its public copy alone, as its
    figures are frozen. One transaction."""
    found: list[Difference] = []
    with transaction() as session:
        session.execute(select(KanwilSettings.id).with_for_update()).all()
        asked = select(Campaign).where(Campaign.state.in_((ANNOUNCED, CLOSED))).order_by(Campaign.id)
        for campaign in session.scalars(asked).all():
            found += _recounted(session, campaign, fix)
    return found


def _recounted(session: Session, campaign: Campaign, fix: bool) -> list[Difference]:
    joined = set(
        session.scalars(
            select(CampaignUnit.upt_id).where(
                CampaignUnit.campaign_id == campaign.id, CampaignUnit.state == JOINED
            )
        )
    )
    figure, copy = CampaignFigure, PublishedCampaignFigure
    stands = {
        (row.upt_id, row.sold_on): sums_of(row)
        for row in session.scalars(select(figure).where(figure.campaign_id == campaign.id))
    }
    if campaign.state == CLOSED:
        right = stands
    else:
        every = should_be(session, campaign, None)
        right = {key: sums for key, sums in every.items() if key[0] in joined}
    of_here = joined | {upt for upt, _ in stands}
    public = {
        (row.upt_id, row.sold_on): (row.sales, row.quantity, row.value_rupiah)
        for row in session.scalars(
            select(copy).where(copy.campaign_id == campaign.id, copy.upt_id.in_(of_here))
        )
    }
    none = Sums()
    found = [
        Difference("campaign_figure", (campaign.slug, *key), _plain(is_there), _plain(should))
        for key in sorted(stands.keys() | right.keys())
        for is_there, should in [(stands.get(key, none), right.get(key, none))]
        if is_there != should
    ]
    found += [
        Difference("published_campaign_figure", (campaign.slug, *key), shown, should)
        for key in sorted(public.keys() | right.keys())
        for shown, should in [(public.get(key, (0, 0, 0)), right.get(key, none).public())]
        if shown != should
    ]
    if fix and found:
        if campaign.state == CLOSED:
            publish(session, campaign.id, {key: right.get(key) for key in stands.keys() | public.keys()})
        else:
            cells: dict[int, set[date]] = defaultdict(set)
            for upt_id, day in stands.keys() | right.keys() | public.keys():
                cells[upt_id].add(day)
            count(session, campaign, {upt: days for upt, days in cells.items() if upt in joined})
            gone = {upt: days for upt, days in cells.items() if upt not in joined}
            count(session, campaign, gone, joined=False)
    return found


def _plain(sums: Sums) -> tuple[int, ...]:
    return (sums.sales, sums.packages, sums.quantity, sums.value_rupiah, sums.purchase_rupiah)
