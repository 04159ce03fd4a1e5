"""What pages and the API read of campaigns within a scope; the public page reads `board`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, case, func, or_, select

from catalogue.models import Product
from sales.campaigns.errors import NoSuchCampaign
from sales.campaigns.models import (
    ANNOUNCED,
    DRAFT,
    JOINED,
    Campaign,
    CampaignChange,
    CampaignFigure,
    CampaignSale,
    CampaignSaleChange,
    CampaignUnit,
)
from tenants.database import session
from tenants.models import Upt
from tenants.officers import Actor

LIMIT: Final = 20
MOST: Final = 100
PLANNERS: Final = ("admin_pusat", "admin_kanwil", "kadiv")
CHOICES: Final = 300


@dataclass(frozen=True)
class Sums:
    """What a Kanwil, a UPT or a day reached."""

    sales: int = 0
    quantity: int = 0
    value_rupiah: int = 0
    purchase_rupiah: int = 0


@dataclass(frozen=True)
class UnitRow:
    """A UPT of the Kanwil in a campaign; `state` is empty where nobody has asked it."""

    upt_id: int
    name: str
    state: str
    pledge_rupiah: int | None
    pledge_text: str
    show_on: date | None
    sums: Sums


@dataclass(frozen=True)
class SaleRow:
    """A sale with its UPT."""

    sale: CampaignSale
    upt: str


def visible(by: Actor) -> ColumnElement[bool]:
    """Which campaigns an officer may see: the country's once they are announced, and the Kanwil's own; drafts are for
    those who plan."""
    plans = by.upt_id is None and by.has(*PLANNERS)
    announced = Campaign.state != DRAFT
    if by.tenant_id is None:
        return Campaign.kanwil_id.is_(None) if plans else and_(Campaign.kanwil_id.is_(None), announced)
    own = Campaign.kanwil_id == by.tenant_id
    return or_(and_(Campaign.kanwil_id.is_(None), announced), own if plans else and_(own, announced))


def find(campaign_id: int, *, by: Actor) -> Campaign:
    """A campaign that the officer may see, as it stands. One statement.

    Raises:
        NoSuchCampaign: there is none.
    """
    asked = select(Campaign).where(Campaign.id == campaign_id, visible(by))
    row = session().scalars(asked.execution_options(populate_existing=True)).first()
    if row is None:
        raise NoSuchCampaign()
    return row


def listed(
    *, by: Actor, after: tuple[date, int] | None = None, limit: int = LIMIT
) -> tuple[list[Campaign], tuple[date, int] | None]:
    """The officer's campaigns, the latest first, and where the next page begins. One statement."""
    asked = select(Campaign).where(visible(by)).order_by(Campaign.starts_on.desc(), Campaign.id.desc())
    if after is not None:
        day, number = after
        asked = asked.where(
            or_(Campaign.starts_on < day, and_(Campaign.starts_on == day, Campaign.id < number))
        )
    rows = list(session().scalars(asked.limit(limit + 1)))
    following = (rows[limit - 1].starts_on, rows[limit - 1].id) if len(rows) > limit else None
    return rows[:limit], following


def totals(campaign_ids: Iterable[int]) -> dict[int, Sums]:
    """What the scope (a Kanwil, a UPT) reached in each campaign. One statement."""
    ids = list(campaign_ids)
    if not ids:
        return {}
    asked = (
        select(CampaignFigure.campaign_id, *_sums())
        .where(CampaignFigure.campaign_id.in_(ids))
        .group_by(CampaignFigure.campaign_id)
    )
    return {int(number): Sums(*map(int, values)) for number, *values in session().execute(asked)}


def by_day(campaign_id: int, *, upt_id: int | None = None) -> dict[date, Sums]:
    """What the scope, or one UPT of it, reached each day. One statement."""
    asked = (
        select(CampaignFigure.sold_on, *_sums())
        .where(CampaignFigure.campaign_id == campaign_id)
        .group_by(CampaignFigure.sold_on)
        .order_by(CampaignFigure.sold_on)
    )
    if upt_id is not None:
        asked = asked.where(CampaignFigure.upt_id == upt_id)
    return {day: Sums(*map(int, values)) for day, *values in session().execute(asked)}


def units(campaign_id: int) -> list[UnitRow]:
    """Every UPT of the scope with what it does in a campaign, most sold first. Two statements."""
    reader = session()
    figures = (
        select(CampaignFigure.upt_id, *_sums())
        .where(CampaignFigure.campaign_id == campaign_id)
        .group_by(CampaignFigure.upt_id)
    )
    sold = {int(upt_id): Sums(*map(int, values)) for upt_id, *values in reader.execute(figures)}
    unit = CampaignUnit
    asked = (
        select(Upt.id, Upt.short_name, unit.state, unit.pledge_rupiah, unit.pledge_text, unit.show_on)
        .outerjoin(unit, and_(unit.upt_id == Upt.id, unit.campaign_id == campaign_id))
        .where(or_(Upt.active, unit.id.is_not(None)))
        .order_by(Upt.short_name)
    )
    found = [
        UnitRow(id_, name, state or "", pledge, words or "", show_on, sold.get(id_, Sums()))
        for id_, name, state, pledge, words, show_on in reader.execute(asked)
    ]
    order = {"joined": 0, "invited": 1, "declined": 2, "": 3}
    return sorted(found, key=lambda row: (-row.sums.value_rupiah, order[row.state], row.name))


def unit(campaign_id: int, upt_id: int) -> CampaignUnit | None:
    """A UPT's row in a campaign. One statement."""
    asked = select(CampaignUnit).where(CampaignUnit.campaign_id == campaign_id, CampaignUnit.upt_id == upt_id)
    return session().scalars(asked.execution_options(populate_existing=True)).first()


def sales(
    campaign_id: int, *, upt_id: int | None = None, after: int | None = None, limit: int = LIMIT
) -> tuple[list[SaleRow], int | None]:
    """The scope's sales in a campaign, the latest first, and where the next page begins. One statement."""
    asked = (
        select(CampaignSale, Upt.short_name)
        .join(Upt, Upt.id == CampaignSale.upt_id)
        .where(CampaignSale.campaign_id == campaign_id)
        .order_by(CampaignSale.id.desc())
    )
    if upt_id is not None:
        asked = asked.where(CampaignSale.upt_id == upt_id)
    if after is not None:
        asked = asked.where(CampaignSale.id < after)
    rows = [
        SaleRow(sale, name)
        for sale, name in session().execute(asked.limit(limit + 1).execution_options(populate_existing=True))
    ]
    return rows[:limit], rows[limit - 1].sale.id if len(rows) > limit else None


def every_sale(campaign_id: int) -> Iterator[SaleRow]:
    """The scope's sales in a campaign, the latest first, for an export. One statement for every `MOST`."""
    after: int | None = None
    while True:
        rows, after = sales(campaign_id, after=after, limit=MOST)
        yield from rows
        if after is None:
            return


def history(sale_id: int) -> list[CampaignSaleChange]:
    """What happened to a sale, the latest first. One statement."""
    asked = select(CampaignSaleChange).where(CampaignSaleChange.sale_id == sale_id)
    return list(session().scalars(asked.order_by(CampaignSaleChange.version.desc())))


def changes(campaign_id: int) -> list[CampaignChange]:
    """What happened to a campaign's terms, the latest first. One statement."""
    asked = select(CampaignChange).where(CampaignChange.campaign_id == campaign_id)
    return list(session().scalars(asked.order_by(CampaignChange.version.desc())))


def products(upt_id: int) -> list[tuple[int, str, int | None]]:
    """(number, name, price) of what a UPT may have sold, what is on the shelf first. One statement."""
    asked = (
        select(Product.id, Product.name, Product.price_rupiah)
        .where(Product.upt_id == upt_id, Product.name != "")
        .order_by(case((Product.public_state == "published", 0), else_=1), Product.name, Product.id)
        .limit(CHOICES)
    )
    return [(int(id_), str(name), price) for id_, name, price in session().execute(asked)]


def waiting(by: Actor, today: date) -> list[Campaign]:
    """Campaigns in which the officer may enter sales today, for the home page; at most three. One statement."""
    asked = (
        select(Campaign)
        .where(visible(by), Campaign.state == ANNOUNCED, Campaign.starts_on <= today)
        .order_by(Campaign.ends_on.desc(), Campaign.id.desc())
        .limit(10)
    )
    return [row for row in session().scalars(asked) if today <= row.late_until_on][:3]


def joined_count(campaign_id: int) -> int:
    """How many UPT of the scope take part. One statement."""
    asked = (
        select(func.count())
        .select_from(CampaignUnit)
        .where(CampaignUnit.campaign_id == campaign_id, CampaignUnit.state == JOINED)
    )
    return int(session().scalar(asked) or 0)


def _sums() -> tuple[Any, ...]:
    figure = CampaignFigure
    return (
        func.sum(figure.sales + figure.packages),
        func.sum(figure.quantity),
        func.sum(figure.value_rupiah),
        func.sum(figure.purchase_rupiah),
    )
