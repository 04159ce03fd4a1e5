"""Who takes part: a Kanwil invites its UPT, a UPT joins or declines, and pledges.

A UPT that enters a sale has joined by it. Its public row and its purchases come with joining, and go with declining.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from catalogue.content import Unreadable
from catalogue.content import text as clean_text
from sales.campaigns import counting, notices
from sales.campaigns.errors import CampaignClosed, CampaignMoved, NoSuchCampaign, NotYourCampaign
from sales.campaigns.models import (
    CLOSED,
    DECLINED,
    DRAFT,
    INVITED,
    JOINED,
    STANDING,
    Campaign,
    CampaignSale,
    CampaignUnit,
    PublishedCampaignUnit,
)
from sales.campaigns.planning import MANAGERS, amount
from sales.campaigns.queries import find
from sales.rollups import locked as purchases_locked
from tenants.database import transaction
from tenants.errors import Invalid
from tenants.idempotency import once
from tenants.models import DirectoryUpt, Upt
from tenants.officers import UPT_ROLES, Actor
from tenants.words import N_, read_date
from workflows import audit

SELLERS: Final = UPT_ROLES


def unit_for(by: Actor, upt_id: int | None) -> int:
    """The UPT that an officer speaks for: his own, or the one that the Kanwil's admin or Kadiv names.

    Raises:
        NotYourCampaign: neither.
        Invalid: the Kanwil names none.
    """
    if by.upt_id is not None and by.has(*SELLERS):
        return by.upt_id
    if by.tenant_id is None or by.upt_id is not None or not by.has(*MANAGERS):
        raise NotYourCampaign(N_("Hanya UPT, admin Kanwil, atau Kepala Divisi yang mengisi ini."))
    with transaction() as here:
        found = here.scalar(select(Upt.id).where(Upt.id == (upt_id or 0)))
    if found is None:
        raise Invalid(fields={"upt_id": N_("Pilih UPT-nya.")})
    return found


def invite(
    campaign_id: int, upt_ids: Iterable[int], *, by: Actor, now: datetime, key: str | None = None
) -> int:
    """Invite UPT of the Kanwil; those that were invited or joined stay as they are. How many were invited.

    Raises:
        NoSuchCampaign, NotYourCampaign, CampaignMoved; Invalid: none of the Kanwil's UPT.
    """
    if by.tenant_id is None or by.upt_id is not None or not by.has(*MANAGERS):
        raise NotYourCampaign(N_("UPT diundang oleh Kepala Divisi atau admin Kanwil."))
    wanted = sorted(set(upt_ids))

    def act() -> int:
        with transaction() as here:
            row = opened(here, campaign_id, by)
            known = set(here.scalars(select(Upt.id).where(Upt.id.in_(wanted), Upt.active)))
            if not wanted or known != set(wanted):
                raise Invalid(fields={"upt_id": N_("Pilih UPT dari Kanwil Anda.")})
            standing = counting.lock_units(here, row.id, wanted)
            new = []
            for upt_id in wanted:
                unit = standing.get(upt_id)
                if unit is None:
                    unit = CampaignUnit(campaign_id=row.id, upt_id=upt_id)
                    here.add(unit)
                elif unit.state != DECLINED:
                    continue
                unit.state, unit.invited_by_name, unit.updated_at = INVITED, by.name[:160], now
                new.append(upt_id)
            here.flush()
            if new:
                notices.invited(here, row, new, now)
                payload = {"campaign_id": row.id, "upt_ids": new}
                audit.record(audit.KANWIL, "campaign.invited", payload, by=by, now=now)
            return len(new)

    made, _ = once(key, f"campaign.invite:{campaign_id}", act, lambda n: n, lambda n: n, content=wanted)
    return made


def join(
    campaign_id: int,
    values: Mapping[str, Any] | None = None,
    *,
    by: Actor,
    now: datetime,
    upt_id: int | None = None,
    key: str | None = None,
) -> CampaignUnit:
    """Take part, with a pledge or without. `values`: pledge_rupiah, pledge_text, show_on; what they leave out stays.
    Joining again changes the pledge alone.

    Raises:
        NoSuchCampaign, NotYourCampaign, CampaignMoved; Invalid: by field.
    """
    unit_id = unit_for(by, upt_id)

    def act() -> CampaignUnit:
        with transaction() as here:
            purchases_locked(here)
            row = opened(here, campaign_id, by)
            return put(here, row, unit_id, _pledge(values or {}, row), by=by, now=now)

    made, _ = once(
        key, f"campaign.join:{campaign_id}:{unit_id}", act, lambda u: u.id, _load, content=dict(values or {})
    )
    return made


def decline(
    campaign_id: int, *, by: Actor, now: datetime, upt_id: int | None = None, key: str | None = None
) -> CampaignUnit:
    """Don't take part, or no longer; what purchases had brought is no longer counted.

    Raises:
        NoSuchCampaign, NotYourCampaign; CampaignMoved: not open, or sales were entered that still stand.
    """
    unit_id = unit_for(by, upt_id)

    def act() -> CampaignUnit:
        with transaction() as here:
            purchases_locked(here)
            row = opened(here, campaign_id, by)
            unit = counting.lock_units(here, row.id, [unit_id]).get(unit_id)
            if unit is None:
                unit = CampaignUnit(campaign_id=row.id, upt_id=unit_id)
                here.add(unit)
            elif unit.state == DECLINED:
                return unit
            sold = select(func.count()).select_from(CampaignSale)
            mine = (CampaignSale.campaign_id == row.id, CampaignSale.upt_id == unit_id)
            if here.scalar(sold.where(*mine, CampaignSale.state == STANDING)):
                raise CampaignMoved(N_("UPT ini sudah mencatat penjualan. Tarik dulu catatannya."))
            unit.state, unit.updated_at = DECLINED, now
            here.flush()
            counting.count_unit(here, row, unit_id, joined=False)
            copy = PublishedCampaignUnit
            here.execute(delete(copy).where(copy.campaign_id == row.id, copy.upt_id == unit_id))
            payload = {"campaign_id": row.id, "upt_id": unit_id}
            audit.record(audit.KANWIL, "campaign.declined", payload, by=by, now=now, upt_id=unit_id)
            return unit

    made, _ = once(key, f"campaign.decline:{campaign_id}:{unit_id}", act, lambda u: u.id, _load)
    return made


def put(
    here: Session, row: Campaign, unit_id: int, pledge: Mapping[str, Any], *, by: Actor, now: datetime
) -> CampaignUnit:
    """Let a UPT take part within the caller's transaction, which holds the purchase lock. Where it does already and
    pledges nothing else, nothing is written."""
    unit = counting.lock_units(here, row.id, [unit_id]).get(unit_id)
    new = unit is None or unit.state != JOINED
    if unit is None:
        unit = CampaignUnit(campaign_id=row.id, upt_id=unit_id)
        here.add(unit)
    changed = {name: value for name, value in pledge.items() if getattr(unit, name) != value}
    if not new and not changed:
        return unit
    for name, value in changed.items():
        setattr(unit, name, value)
    unit.state, unit.updated_at = JOINED, now
    if new:
        unit.joined_by_name = by.name[:160]
    here.flush()
    _show(here, row, unit)
    if new:
        counting.count_unit(here, row, unit_id, joined=True)
    said = {name: value.isoformat() if isinstance(value, date) else value for name, value in changed.items()}
    payload = {"campaign_id": row.id, "upt_id": unit_id, **said}
    action = "campaign.joined" if new else "campaign.pledged"
    audit.record(audit.KANWIL, action, payload, by=by, now=now, upt_id=unit_id)
    return unit


def _show(here: Session, row: Campaign, unit: CampaignUnit) -> None:
    """The public row of a UPT that takes part."""
    copy = here.get(PublishedCampaignUnit, (row.id, unit.upt_id))
    if copy is None:
        code = here.scalar(select(DirectoryUpt.kanwil_code).where(DirectoryUpt.upt_id == unit.upt_id))
        copy = PublishedCampaignUnit(campaign_id=row.id, upt_id=unit.upt_id, kanwil_code=code or "")
        here.add(copy)
    copy.pledge_rupiah, copy.show_on = unit.pledge_rupiah, unit.show_on
    here.flush()


def opened(here: Session, campaign_id: int, by: Actor) -> Campaign:
    """A campaign that UPT may still take part in, held against its closing.

    Raises:
        NoSuchCampaign, CampaignMoved: not announced yet; CampaignClosed.
    """
    find(campaign_id, by=by)
    row = counting.held(here, campaign_id)
    if row is None:
        raise NoSuchCampaign()
    if row.state == DRAFT:
        raise CampaignMoved(N_("Kampanye ini belum diumumkan."))
    if row.state == CLOSED:
        raise CampaignClosed(N_("Kampanye ini sudah ditutup; angkanya sudah dibekukan."))
    return row


def _load(unit_id: int) -> CampaignUnit:
    with transaction() as here:
        return here.scalars(select(CampaignUnit).where(CampaignUnit.id == unit_id)).one()


def _pledge(values: Mapping[str, Any], row: Campaign) -> dict[str, Any]:
    """What is pledged; what is not named stays.

    Raises:
        Invalid: by field.
    """
    wrong: dict[str, str] = {}
    read: dict[str, Any] = {}
    if "pledge_rupiah" in values:
        try:
            read["pledge_rupiah"] = amount(values["pledge_rupiah"])
        except ValueError:
            wrong["pledge_rupiah"] = N_("Tulis rupiah bulat, misalnya Rp5.000.000, atau kosongkan.")
    if "pledge_text" in values:
        try:
            found = clean_text(values["pledge_text"] if values["pledge_text"] is not None else "", 300) or ""
            read["pledge_text"] = " ".join(found.split())
        except Unreadable as unreadable:
            wrong["pledge_text"] = unreadable.args[0]
    if "show_on" in values:
        value = values["show_on"]
        try:
            day = value if isinstance(value, date) or not value else read_date(str(value))
        except ValueError:
            wrong["show_on"] = N_("Tulis tanggal, misalnya 14-03-2024.")
        else:
            if day and not row.starts_on <= day <= row.ends_on:
                wrong["show_on"] = N_("Pilih salah satu hari kampanye ini.")
            read["show_on"] = day or None
    if wrong:
        raise Invalid(fields=wrong)
    return read
