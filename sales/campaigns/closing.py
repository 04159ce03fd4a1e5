"""Closing: the figures of a campaign are frozen as canonical JSON, and nothing is counted any more.

`freeze` reads the public copies, which hold everything that is printed; their hash stands with the campaign and in its
public copy. Papers (`recaps.campaigns`) are printed from the frozen value alone.

Keys: ``schema, campaign{id, slug, title, owner, owner_name, starts_on, ends_on, days, late_until_on, target_rupiah,
counts_purchases}, frozen_at, timezone, totals{value_rupiah, quantity, sales, units, kanwils, pledge_rupiah},
by_kanwil[{rank, code, name, value_rupiah, quantity, sales, units, pledge_rupiah}], by_upt[{rank, slug, name, kanwil,
...}], by_day[{day, value_rupiah}]``.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from sales.campaigns import board
from sales.campaigns.errors import CampaignMoved, NotYourCampaign
from sales.campaigns.models import ANNOUNCED, CLOSED, NATIONAL, Campaign, PublishedCampaign
from sales.campaigns.planning import COUNTRY, locked, may_manage, note, show, today_of
from sales.campaigns.queries import find
from tenants import files
from tenants.database import transaction
from tenants.idempotency import once
from tenants.officers import Actor
from tenants.said import say
from tenants.words import N_, date_id
from workflows.canonical import canonical

SCHEMA: Final = "karya.campaign/1"
Frozen = dict[str, Any]


def close(campaign_id: int, *, by: Actor, now: datetime, key: str | None = None) -> Campaign:
    """Freeze the figures and close the campaign. Closed again, nothing more happens.

    Raises:
        NoSuchCampaign, NotYourCampaign; CampaignMoved: not announced, or its last day isn't over everywhere.
    """

    def act() -> Campaign:
        with transaction() as here:
            find(campaign_id, by=by)
            row = locked(here, campaign_id)
            if not may_manage(row, by):
                raise NotYourCampaign()
            if row.state == CLOSED:
                return row
            if row.state != ANNOUNCED:
                raise CampaignMoved(N_("Kampanye ini belum diumumkan."))
            if today_of(here, row, now) <= row.ends_on:
                raise CampaignMoved(
                    say(
                        N_("Kampanye ini berlangsung sampai %(day)s; tutup sesudahnya."),
                        day=date_id(row.ends_on),
                    )
                )
            data = canonical(freeze(here, row, now))
            row.figures_sha256 = files.put(data)
            row.state, row.closed_at, row.closed_by_name = CLOSED, now, by.name[:160]
            row.version += 1
            here.flush()
            said = {"state": [ANNOUNCED, CLOSED], "figures_sha256": [None, row.figures_sha256]}
            note(here, row, "closed", said, by, now)
            show(here, row)
            return row

    made, _ = once(key, f"campaign.close:{campaign_id}", act, lambda r: r.id, lambda id_: find(id_, by=by))
    return made


def freeze(here: Session, row: Campaign, now: datetime) -> Frozen:
    """The figures as they stand, in the caller's transaction. Four statements."""
    copy = here.get_one(PublishedCampaign, row.id)
    found = board.of(here, copy, now)
    ranked = ("rank", "name", "value_rupiah", "quantity", "sales", "pledge_rupiah")
    return {
        "schema": SCHEMA,
        "campaign": {
            "id": row.id,
            "slug": row.slug,
            "title": row.title,
            "owner": copy.kanwil_code,
            "owner_name": COUNTRY if copy.kanwil_code == NATIONAL else copy.kanwil_name,
            "starts_on": row.starts_on.isoformat(),
            "ends_on": row.ends_on.isoformat(),
            "days": row.days,
            "late_until_on": row.late_until_on.isoformat(),
            "target_rupiah": row.target_rupiah,
            "counts_purchases": row.counts_purchases,
        },
        "frozen_at": now.replace(microsecond=0).isoformat().replace("+00:00", "Z"),
        "timezone": copy.timezone,
        "totals": {
            "value_rupiah": found.value_rupiah,
            "quantity": found.quantity,
            "sales": found.sales,
            "units": len(found.upts),
            "kanwils": len(found.kanwils),
            "pledge_rupiah": found.pledge_rupiah,
        },
        "by_kanwil": [
            {**{name: getattr(one, name) for name in ranked}, "code": one.code, "units": one.units}
            for one in found.kanwils
        ],
        "by_upt": [
            {**{name: getattr(one, name) for name in ranked}, "slug": one.key, "kanwil": one.code}
            for one in found.upts
        ],
        "by_day": [{"day": day.isoformat(), "value_rupiah": value} for day, value in found.by_day],
    }


def frozen(row: Campaign) -> Frozen | None:
    """The frozen figures of a closed campaign; None while it is open."""
    if row.figures_sha256 is None:
        return None
    value = json.loads(files.get(row.figures_sha256))
    return value if isinstance(value, dict) else None
