"""Who hears of a campaign: the offices when it is announced, a UPT when it is invited."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from sales.campaigns.models import ANNOUNCED, Campaign
from tenants import clock, database
from tenants.database import transaction
from tenants.jobs import alone_in, every_tenant, job
from tenants.said import say
from tenants.words import N_, date_id
from workflows import notices
from workflows.models import Notice

OFFICES = ("kadiv", "admin_kanwil")
UNITS = ("operator_upt", "kepala_upt")


@job("campaigns.announced")
def _announced(payload: dict[str, Any]) -> None:
    """Tell every Kanwil of a national campaign; done twice, nobody hears twice."""
    for scope in every_tenant():
        with alone_in(scope), transaction() as here:
            row = here.scalars(select(Campaign).where(Campaign.id == int(payload["campaign_id"]))).first()
            if row is not None and row.state == ANNOUNCED:
                announced(here, row, clock.now())
    database.db.release()


def announced(here: Session, row: Campaign, now: datetime) -> None:
    """Tell the Kadiv and the admins of the Kanwil in scope, once."""
    link = page(row)
    told = here.scalar(
        select(Notice.id).where(Notice.kind == "campaign.announced", Notice.link == link).limit(1)
    )
    if told is not None:
        return
    title = say(N_("Kampanye diumumkan: %(title)s"), title=row.title)
    body = say(
        N_("Berlangsung %(first)s sampai %(last)s. Undang UPT Anda untuk ikut serta."),
        first=date_id(row.starts_on),
        last=date_id(row.ends_on),
    )
    notices.tell(
        here, [notices.draft("campaign.announced", title, body, link, role=role) for role in OFFICES], now
    )


def invited(here: Session, row: Campaign, upt_ids: Iterable[int], now: datetime) -> None:
    """Tell the officers of the UPT that were invited."""
    title = say(N_("Undangan kampanye: %(title)s"), title=row.title)
    body = say(
        N_("Berlangsung %(first)s sampai %(last)s. Ikut serta dan catat penjualan UPT Anda setiap hari."),
        first=date_id(row.starts_on),
        last=date_id(row.ends_on),
    )
    drafts = [
        notices.draft("campaign.invited", title, body, page(row), role=role, upt_id=upt_id)
        for upt_id in upt_ids
        for role in UNITS
    ]
    notices.tell(here, drafts, now)


def page(row: Campaign) -> str:
    """Where an officer finds the campaign."""
    return f"/program/kampanye/{row.id}"
