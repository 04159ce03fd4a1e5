"""A campaign's terms: begun as a draft, changed, announced to everybody, taken back while nothing has happened.

The centre's admin plans for the country, a Kanwil's admin and Kadiv for their own. From the announcement on the public
copy follows every change in the same transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from catalogue.content import Unreadable
from catalogue.content import text as clean_text
from catalogue.slugs import plain
from sales.campaigns import notices, terms
from sales.campaigns.errors import CampaignMoved, NoSuchCampaign, NotYourCampaign
from sales.campaigns.models import (
    ANNOUNCED,
    CLOSED,
    DRAFT,
    NATIONAL,
    Campaign,
    CampaignChange,
    PublishedCampaign,
    PublishedCampaignUnit,
)
from sales.campaigns.queries import find
from tenants import jobs
from tenants.clock import local_day
from tenants.database import transaction
from tenants.errors import Conflict, Invalid
from tenants.idempotency import once
from tenants.models import Kanwil
from tenants.officers import Actor
from tenants.said import say
from tenants.words import LARGEST, N_, is_whole, read_date, read_rupiah
from workflows import audit

MANAGERS: Final = ("admin_kanwil", "kadiv")
CENTRE: Final = "admin_pusat"
LONGEST_DAYS: Final = 366
MOST_LATE: Final = 60
USUAL_LATE: Final = 7
FIELDS: Final = ("title", "summary", "starts_on", "ends_on", "late_days", "target_rupiah", "counts_purchases")
AFTERWARDS: Final = ("summary", "late_days", "target_rupiah")
"""What may still change once it is announced."""
COUNTRY: Final = "Direktorat Jenderal Pemasyarakatan"


def may_manage(campaign: Campaign, by: Actor) -> bool:
    """Whether the campaign is the officer's to plan."""
    if campaign.kanwil_id is None:
        return by.tenant_id is None and by.has(CENTRE)
    return campaign.kanwil_id == by.tenant_id and by.upt_id is None and by.has(*MANAGERS)


def begin(values: Mapping[str, Any], *, by: Actor, now: datetime, key: str | None = None) -> Campaign:
    """A new draft: the country's where the centre's admin begins it, else the Kanwil's.

    Raises:
        Invalid: by field. Forbidden: not a role that plans campaigns.
    """
    by.require(CENTRE, *MANAGERS)
    if by.upt_id is not None:
        raise NotYourCampaign()

    def act() -> Campaign:
        with transaction() as here:
            read = _read(values, {})
            row = Campaign(
                **read,
                kanwil_id=by.tenant_id,
                slug=_slug(here, read["title"], read["starts_on"]),
                state=DRAFT,
                version=1,
                created_by=by.id,
                created_by_name=by.name[:160],
                created_at=now,
            )
            here.add(row)
            here.flush()
            note(here, row, "begun", {name: [None, _plain(read[name])] for name in FIELDS}, by, now)
            return row

    made, _ = once(
        key, "campaign.begin", act, lambda row: row.id, lambda id_: find(id_, by=by), content=dict(values)
    )
    return made


def change(
    campaign_id: int,
    values: Mapping[str, Any],
    *,
    by: Actor,
    now: datetime,
    version: int | None = None,
    key: str | None = None,
) -> Campaign:
    """Change a draft, or of an announced campaign what may still change (`AFTERWARDS`). Where all stays as it was,
    nothing is written.

    Raises:
        NoSuchCampaign, NotYourCampaign; Invalid: by field; CampaignMoved: closed; Conflict: somebody was faster.
    """

    def act() -> Campaign:
        with transaction() as here:
            row = _mine(here, campaign_id, by)
            if row.state == CLOSED:
                raise CampaignMoved(N_("Kampanye yang sudah ditutup tidak dapat diubah lagi."))
            if version is not None and version != row.version:
                raise Conflict(N_("Kampanye ini baru saja diubah orang lain. Muat ulang halamannya."))
            before = {name: getattr(row, name) for name in FIELDS}
            read = _read(values, before)
            changed = {name: value for name, value in read.items() if value != before[name]}
            if row.state == ANNOUNCED:
                fixed = {
                    name: N_("Tidak dapat diubah lagi setelah diumumkan.")
                    for name in changed
                    if name not in AFTERWARDS
                }
                if fixed:
                    raise Invalid(fields=fixed)
            if not changed:
                return row
            for name, value in changed.items():
                setattr(row, name, value)
            if row.state == DRAFT and {"title", "starts_on"} & changed.keys():
                row.slug = _slug(here, row.title, row.starts_on, own=row.id)
            row.version += 1
            here.flush()
            said = {name: [_plain(before[name]), _plain(value)] for name, value in changed.items()}
            note(here, row, "changed", said, by, now)
            if row.state == ANNOUNCED:
                show(here, row)
            return row

    made, _ = once(
        key, f"campaign.change:{campaign_id}", act, lambda row: row.id, lambda id_: find(id_, by=by),
        content=[dict(values), version],
    )  # fmt: skip
    return made


def announce(campaign_id: int, *, by: Actor, now: datetime, key: str | None = None) -> Campaign:
    """Show a draft to everybody; the offices hear of it. Announced again, nothing more happens.

    Raises:
        NoSuchCampaign, NotYourCampaign; CampaignMoved: closed; Invalid: its days are over already.
    """

    def act() -> Campaign:
        with transaction() as here:
            row = _mine(here, campaign_id, by)
            if row.state == ANNOUNCED:
                return row
            if row.state == CLOSED:
                raise CampaignMoved(N_("Kampanye ini sudah ditutup."))
            if row.ends_on < today_of(here, row, now):
                raise Invalid(fields={"ends_on": N_("Hari terakhirnya sudah lewat. Ubah dulu harinya.")})
            row.state, row.announced_at = ANNOUNCED, now
            row.version += 1
            here.flush()
            note(here, row, "announced", {"state": [DRAFT, ANNOUNCED]}, by, now)
            show(here, row)
            if row.kanwil_id is None:
                jobs.enqueue("campaigns.announced", {"campaign_id": row.id}, key=f"{row.id}:{row.version}")
            else:
                notices.announced(here, row, now)
            return row

    made, _ = once(key, f"campaign.announce:{campaign_id}", act, lambda r: r.id, lambda id_: find(id_, by=by))
    return made


def retract(campaign_id: int, *, by: Actor, now: datetime, key: str | None = None) -> Campaign:
    """Take an announcement back: the campaign is a draft again and its page is gone. Only before its first day, and
    before a UPT joined.

    Raises:
        NoSuchCampaign, NotYourCampaign; CampaignMoved: it has begun, somebody joined, or it is closed.
    """

    def act() -> Campaign:
        with transaction() as here:
            row = _mine(here, campaign_id, by)
            if row.state == DRAFT:
                return row
            first = terms.FIRST_CLOCK if row.kanwil_id is None else _zone(here, row)
            if row.state != ANNOUNCED or local_day(now, first) >= row.starts_on:
                raise CampaignMoved(
                    N_("Kampanye yang sudah dimulai tidak dapat ditarik; tunggu sampai selesai, lalu tutup.")
                )
            unit = PublishedCampaignUnit
            if here.scalar(select(unit.upt_id).where(unit.campaign_id == row.id).limit(1)) is not None:
                raise CampaignMoved(
                    N_("Sudah ada UPT yang ikut serta, jadi pengumuman ini tidak dapat ditarik.")
                )
            row.state, row.announced_at = DRAFT, None
            row.version += 1
            here.flush()
            note(here, row, "retracted", {"state": [ANNOUNCED, DRAFT]}, by, now)
            here.execute(delete(PublishedCampaign).where(PublishedCampaign.campaign_id == row.id))
            return row

    made, _ = once(key, f"campaign.retract:{campaign_id}", act, lambda r: r.id, lambda id_: find(id_, by=by))
    return made


def show(here: Session, row: Campaign) -> None:
    """Write the public copy of a campaign that is announced or closed. Three statements."""
    kanwil = here.get_one(Kanwil, row.kanwil_id) if row.kanwil_id is not None else None
    copy = here.get(PublishedCampaign, row.id)
    if copy is None:
        copy = PublishedCampaign(campaign_id=row.id)
        here.add(copy)
    copy.kanwil_code = kanwil.code if kanwil else NATIONAL
    copy.kanwil_name = kanwil.short_name if kanwil else COUNTRY
    copy.timezone = kanwil.timezone if kanwil else terms.LAST_CLOCK
    for name in ("slug", "title", "summary", "starts_on", "ends_on", "late_until_on", "target_rupiah"):
        setattr(copy, name, getattr(row, name))
    copy.state, copy.closed_at = row.state, row.closed_at
    if row.announced_at is not None:
        copy.announced_at = row.announced_at
    copy.figures_sha256 = row.figures_sha256
    here.flush()


def may_close(row: Campaign, now: datetime, zone: str) -> bool:
    """Whether the campaign's last day is over on its clock, so that it may be closed."""
    return row.state == ANNOUNCED and local_day(now, zone) > row.ends_on


def today_of(here: Session, row: Campaign, now: datetime) -> date:
    """The day on the campaign's own clock: its Kanwil's, of a national one the last in the country."""
    return local_day(now, _zone(here, row))


def _zone(here: Session, row: Campaign) -> str:
    if row.kanwil_id is None:
        return terms.LAST_CLOCK
    return here.get_one(Kanwil, row.kanwil_id).timezone


def locked(here: Session, campaign_id: int) -> Campaign:
    """A campaign, locked until the transaction ends; whose it is is the caller's affair.

    Raises:
        NoSuchCampaign: there is none.
    """
    asked = select(Campaign).where(Campaign.id == campaign_id).with_for_update()
    row = here.scalars(asked.execution_options(populate_existing=True)).first()
    if row is None:
        raise NoSuchCampaign()
    return row


def _mine(here: Session, campaign_id: int, by: Actor) -> Campaign:
    find(campaign_id, by=by)
    row = locked(here, campaign_id)
    if not may_manage(row, by):
        raise NotYourCampaign()
    return row


def note(
    here: Session, row: Campaign, action: str, changes: dict[str, Any], by: Actor, now: datetime
) -> None:
    """Write the act down: in the campaign's own history, and on the Kanwil's chain where it is a Kanwil's."""
    here.add(
        CampaignChange(
            campaign_id=row.id,
            version=row.version,
            action=action,
            changes=changes,
            by_id=by.id,
            by_name=by.name[:160],
            at=now,
        )
    )
    here.flush()
    if row.kanwil_id is not None:
        payload = {"campaign_id": row.id, "title": row.title, "changes": changes}
        audit.record(audit.KANWIL, f"campaign.{action}", payload, by=by, now=now)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _slug(here: Session, title: str, starts_on: date, *, own: int | None = None) -> str:
    stem = plain(title)[:100].strip("-") or "kampanye"
    stem = stem if str(starts_on.year) in stem else f"{stem}-{starts_on.year}"
    taken = set(
        here.scalars(select(Campaign.slug).where(Campaign.slug.startswith(stem), Campaign.id != (own or 0)))
    ) | set(here.scalars(select(PublishedCampaign.slug).where(PublishedCampaign.slug.startswith(stem))))
    number, slug = 1, stem
    while slug in taken:
        number += 1
        slug = f"{stem}-{number}"
    return slug


def _read(values: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """The terms that `values` state; what they leave out stays as `before`.

    Raises:
        Invalid: what is wrong, by field.
    """
    wrong: dict[str, str] = {}
    read = dict(before)

    def given(name: str) -> bool:
        return name in values or name not in before

    for name, least, most in (("title", 3, 150), ("summary", 0, 2000)):
        if given(name):
            try:
                found = clean_text(values.get(name) if values.get(name) is not None else "", most) or ""
            except Unreadable as unreadable:
                wrong[name] = unreadable.args[0]
                continue
            read[name] = " ".join(found.split()) if name == "title" else found
            if len(read[name]) < least:
                wrong[name] = N_("Tulis nama kampanye, paling sedikit 3 huruf.")
    for name in ("starts_on", "ends_on"):
        if given(name):
            value = values.get(name)
            try:
                read[name] = value if isinstance(value, date) else read_date(str(value or ""))
                if not 2000 <= read[name].year <= 2099:
                    raise ValueError
            except ValueError:
                wrong[name] = N_("Tulis tanggal, misalnya 14-03-2024.")
    if given("late_days"):
        text = str(values.get("late_days") if values.get("late_days") is not None else USUAL_LATE).strip()
        text = text or str(USUAL_LATE)
        if is_whole(text, 3) and int(text) <= MOST_LATE:
            read["late_days"] = int(text)
        else:
            wrong["late_days"] = say(N_("Bilangan hari, 0 sampai %(most)s."), most=MOST_LATE)
    if given("target_rupiah"):
        try:
            read["target_rupiah"] = amount(values.get("target_rupiah"))
        except ValueError:
            wrong["target_rupiah"] = N_("Tulis rupiah bulat, misalnya Rp50.000.000, atau kosongkan.")
    if given("counts_purchases"):
        read["counts_purchases"] = str(values.get("counts_purchases", "")).lower() in (
            "1",
            "true",
            "yes",
            "on",
            "ya",
        )
    if not wrong.keys() & {"starts_on", "ends_on"}:
        if read["ends_on"] < read["starts_on"]:
            wrong["ends_on"] = N_("Hari terakhir tidak boleh sebelum hari pertama.")
        elif (read["ends_on"] - read["starts_on"]).days >= LONGEST_DAYS:
            wrong["ends_on"] = N_("Sebuah kampanye paling lama setahun.")
    if wrong:
        raise Invalid(fields=wrong)
    return read


def amount(value: Any) -> int | None:
    """Whole rupiah above 0, or None where nothing is said.

    Raises:
        ValueError: anything else.
    """
    text = str(value if value is not None else "").strip()
    if not text:
        return None
    read = read_rupiah(text)
    if not 0 < read <= LARGEST:
        raise ValueError(text)
    return read
