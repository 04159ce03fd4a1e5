"""The report of the country on a closed national campaign: the Direktur Jenderal's, signed by a job, once.

As a Kanwil's report, but without a Kanwil: its act is written in the centre's own chain.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from sqlalchemy import select

from recaps import hands, pades, signing
from recaps.campaigns.issuing import printed, register
from recaps.campaigns.models import NationalCampaignPaper
from recaps.campaigns.paper import NATIONAL, freeze, paper, thaw
from recaps.errors import NoSuchPaper, NotThisState
from recaps.national import events, letterhead
from recaps.national.drafting import ZONE
from recaps.national.signing import holder_of
from recaps.rendering import RenderingFailed
from sales.campaigns.closing import frozen
from sales.campaigns.models import NATIONAL as CENTRE
from sales.campaigns.queries import find
from tenants import clock, database, files
from tenants.database import session, transaction
from tenants.errors import KaryaError
from tenants.idempotency import once
from tenants.jobs import job
from tenants.models import Officer, ministry_name
from tenants.officers import Actor
from tenants.said import say
from tenants.substitutes import actor_at
from tenants.words import N_


def issue(
    campaign_id: int, *, by: Actor, now: datetime, pin: str | None = None, key: str | None = None
) -> tuple[NationalCampaignPaper, bool]:
    """Ask for the report; a job signs it. Asked again, the same one answers.

    Raises:
        NoSuchCampaign; Forbidden: not the Direktur Jenderal; WrongPin; NotThisState: not closed.
    """
    by.require("dirjen")
    pin = signing.pin_for_pen(pin)

    def act() -> NationalCampaignPaper:
        with transaction() as here:
            row = find(campaign_id, by=by)
            figures = frozen(row)
            if figures is None:
                raise NotThisState(N_("Laporan dan piagam diterbitkan setelah kampanye ditutup."))
            asked = select(NationalCampaignPaper).where(NationalCampaignPaper.campaign_id == row.id)
            made = here.scalars(asked.with_for_update().execution_options(populate_existing=True)).first()
            if made is not None and (made.issued_at is not None or made.is_working):
                return made
            if made is None:
                year = now.astimezone(ZONE).year
                made = NationalCampaignPaper(
                    campaign_id=row.id, number=f"LK-{row.id}/PUSAT/{year}", attempt=0
                )
                here.add(made)
            value = paper(NATIONAL, {"code": CENTRE, "name": letterhead.OFFICE}, figures)
            made.paper_sha256 = files.put(freeze(value))
            made.attempt += 1
            made.asked_by, made.asked_at, made.problem = by.id, now, None
            here.flush()
            payload = {"paper_id": made.id, "attempt": made.attempt}
            hands.give(
                "campaign.national_sign", payload, _carry_out, key=f"{made.id}:{made.attempt}", pin=pin
            )
            return made

    return once(key, f"campaign.national_report:{campaign_id}", act, lambda one: one.id, load)


@job("campaign.national_sign")
def _sign(payload: dict[str, Any]) -> dict[str, Any]:
    return _carry_out(payload, None)


def _carry_out(payload: dict[str, Any], pin: str | None) -> dict[str, Any]:
    paper_id, attempt = int(payload["paper_id"]), int(payload["attempt"])
    try:
        row = sign(paper_id, attempt, now=clock.now(), pin=pin)
    except Exception as error:
        if isinstance(error, KaryaError):
            said = str(error.message)
        elif isinstance(error, RenderingFailed):
            said = say(N_("Tidak dapat dirender: %(error)s"), error=str(error)[:200])
        elif pin is None:
            raise  # the queue tries again
        else:
            said = signing.STOPPED
        session().rollback()
        with transaction():
            row = locked(paper_id)
            if row.issued_at is None and row.attempt == attempt:
                row.problem = said
        raise
    return {"number": row.number}


def sign(paper_id: int, attempt: int, *, now: datetime, pin: str | None = None) -> NationalCampaignPaper:
    """Render and sign what was frozen; in one transaction keep and publish it. Repeating it changes nothing.

    Raises:
        SignerUnavailable, WrongPin, RenderingFailed, Forbidden: nothing was written.
    """
    row = load(paper_id)
    if row.issued_at is not None or row.attempt != attempt:
        return row
    here = session()
    officer = here.get_one(Officer, row.asked_by)
    by = actor_at(officer, now)
    by.require("dirjen")  # a letter may have ended since it was asked for
    holder = holder_of(officer, by)
    day = now.astimezone(ZONE).date()
    issued = signing.issue_of(row.number, day, now, officer, holder)
    own = letterhead.own()
    kop = {
        "ministry": ministry_name(day),
        "office": letterhead.OFFICE,
        "address": own.address,
        "contact": own.contact,
        "mark_sha256": None,
    }
    data = files.get(row.paper_sha256)
    here.rollback()  # no lock and no snapshot is held while a page is rendered
    pdf = printed(data, kop, {"province": "", "capital": "Jakarta"}, issued)
    signed = pades.sign(
        pdf, signing.signer(), holder,
        reason=f"Kampanye {issued.code}", place="Jakarta", now=now,
        pin=pin, tsa_url=database.db.settings.tsa_url, receipt=False,
    )  # fmt: skip
    with transaction() as here:
        row = locked(paper_id)
        if row.issued_at is not None or row.attempt != attempt:
            return row
        row.code, row.signed_sha256 = issued.code, hashlib.sha256(signed).hexdigest()
        row.signer_name, row.signer_office, row.issued_at = issued.signer, issued.office, now
        where = (CENTRE, letterhead.OFFICE, ZONE.key, issued.office)
        register(
            here, row.id, thaw(data), row.number, row.paper_sha256, row.signed_sha256, issued, where, now
        )
        said = {"paper": row.id, "campaign": row.campaign_id, "number": row.number, "file": row.signed_sha256}
        events.record(
            f"nasional:kampanye:{row.campaign_id}", "campaign.report_issued",
            said | {"officer": holder.officer_id}, by=None, now=now,
        )  # fmt: skip
        here.flush()
        files.put(signed)  # last: a crash before it leaves no second signed file behind
        return row


def of_campaign(campaign_id: int) -> NationalCampaignPaper | None:
    """The report of a campaign, signed or on its way. One statement."""
    asked = select(NationalCampaignPaper).where(NationalCampaignPaper.campaign_id == campaign_id)
    return session().scalars(asked.execution_options(populate_existing=True)).first()


def load(paper_id: int) -> NationalCampaignPaper:
    """One report, as it stands.

    Raises:
        NoSuchPaper: there is none.
    """
    return _one(select(NationalCampaignPaper).where(NationalCampaignPaper.id == paper_id))


def locked(paper_id: int) -> NationalCampaignPaper:
    """The same, locked until the open transaction ends."""
    return _one(select(NationalCampaignPaper).where(NationalCampaignPaper.id == paper_id).with_for_update())


def pdf(campaign_id: int) -> tuple[NationalCampaignPaper, bytes]:
    """The signed file of a campaign's report.

    Raises:
        NoSuchPaper: there is none, or it is not signed yet.
    """
    row = of_campaign(campaign_id)
    if row is None or row.signed_sha256 is None:
        raise NoSuchPaper()
    return row, files.get(row.signed_sha256)


def _one(asked: Any) -> NationalCampaignPaper:
    row: NationalCampaignPaper | None = (
        session().scalars(asked.execution_options(populate_existing=True)).first()
    )
    if row is None:
        raise NoSuchPaper()
    return row
