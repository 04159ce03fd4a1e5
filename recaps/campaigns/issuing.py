"""A Kanwil's papers on a closed campaign: asked for in a request, printed and signed by a job, each exactly once.

As with minutes: what a paper says is frozen when it is asked for; the job prints and signs that and, in one
transaction, keeps the file, publishes what anyone may verify and says so in the Kanwil's chain. Many certificates are
one job that signs them one after the other; what one of them meets is said of it, and the next has its turn.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from recaps import hands, pades, signing
from recaps.campaigns.document import compose
from recaps.campaigns.models import CERTIFICATE, REPORT, CampaignPaper
from recaps.campaigns.paper import FILE_NAME, KINDS, Paper, freeze, paper, thaw
from recaps.errors import NoSuchPaper, NotThisState, WrongPin
from recaps.gathering import letterhead
from recaps.letter import Issue
from recaps.models import VerificationFile, VerificationRecord
from recaps.rendering import Attached, RenderingFailed, render
from sales.campaigns.closing import Frozen, frozen
from sales.campaigns.models import Campaign
from sales.campaigns.queries import find
from tenants import clock, database, files
from tenants.database import session, transaction
from tenants.errors import Invalid, KaryaError
from tenants.idempotency import once
from tenants.jobs import job
from tenants.models import Kanwil, KanwilSettings, Officer, Upt, office_name
from tenants.officers import Actor
from tenants.said import say
from tenants.scope import current
from tenants.substitutes import actor_at
from tenants.words import N_
from workflows import audit

ISSUERS: Final = ("kakanwil", "kadiv")
MOST: Final = 100
"""So many papers are signed in one act."""
log = logging.getLogger("karya.recaps")


def issue_report(
    campaign_id: int, *, by: Actor, now: datetime, pin: str | None = None, key: str | None = None
) -> tuple[CampaignPaper, bool]:
    """Ask for the Kanwil's report on a closed campaign. Asked again, the same one answers. Returns it, and whether the
    call was a repetition of `key`.

    Raises:
        NoSuchCampaign; Forbidden: neither Kepala Kantor Wilayah nor Kadiv; WrongPin: a PIN is needed and missing;
        NotThisState: not closed, or nobody of this Kanwil took part.
    """
    by.require(*ISSUERS)
    pin = signing.pin_for_pen(pin)

    def act() -> CampaignPaper:
        with transaction() as here:
            row, figures = _closed(campaign_id, by)
            kanwil = here.get_one(Kanwil, current().tenant_id)
            if not any(one["kanwil"] == kanwil.code for one in figures["by_upt"]):
                raise NotThisState(N_("Tidak ada UPT Kanwil ini yang ikut serta dalam kampanye ini."))
            value = paper(REPORT, {"code": kanwil.code, "name": kanwil.short_name}, figures)
            made = _asked(here, row, kanwil, REPORT, None, value, by, now)
            _give([made], now, pin)
            return made

    return once(key, f"campaign.report:{campaign_id}", act, lambda one: one.id, load)


def issue_certificates(
    campaign_id: int,
    upt_ids: Iterable[int] | None = None,
    *,
    by: Actor,
    now: datetime,
    pin: str | None = None,
    key: str | None = None,
) -> list[CampaignPaper]:
    """Ask for the certificates of these UPT, by default of all that took part; those that were issued or are under way
    stay as they are.

    Raises:
        As `issue_report`; Invalid: a UPT that is not the Kanwil's or did not take part, or more than `MOST`.
    """
    by.require(*ISSUERS)
    pin = signing.pin_for_pen(pin)
    wanted = None if upt_ids is None else sorted(set(upt_ids))

    def act() -> int:
        with transaction() as here:
            row, figures = _closed(campaign_id, by)
            kanwil = here.get_one(Kanwil, current().tenant_id)
            slugs = {one["slug"] for one in figures["by_upt"] if one["kanwil"] == kanwil.code}
            units = here.scalars(select(Upt).where(Upt.slug.in_(slugs)).order_by(Upt.id)).all()
            chosen = [unit for unit in units if wanted is None or unit.id in wanted]
            if wanted is not None and len(chosen) != len(wanted):
                raise Invalid(fields={"upt_id": N_("Pilih UPT Kanwil Anda yang ikut serta.")})
            if not chosen:
                raise NotThisState(N_("Tidak ada UPT Kanwil ini yang ikut serta dalam kampanye ini."))
            if len(chosen) > MOST:
                raise Invalid(
                    fields={"upt_id": say(N_("Paling banyak %(most)s piagam sekali jalan."), most=MOST)}
                )
            asked = []
            for unit in chosen:
                of = {
                    "code": kanwil.code,
                    "name": kanwil.short_name,
                    "slug": unit.slug,
                    "upt": unit.name,
                    "city": unit.city,
                }
                value = paper(CERTIFICATE, of, figures)
                asked.append(_asked(here, row, kanwil, CERTIFICATE, unit.id, value, by, now))
            _give(asked, now, pin)
            return campaign_id

    once(key, f"campaign.certificates:{campaign_id}", act, lambda n: n, lambda n: n, content=wanted)
    rows = papers(campaign_id)
    return [one for one in rows if one.kind == CERTIFICATE and (wanted is None or one.upt_id in wanted)]


def _closed(campaign_id: int, by: Actor) -> tuple[Campaign, Frozen]:
    row = find(campaign_id, by=by)
    figures = frozen(row)
    if figures is None:
        raise NotThisState(N_("Laporan dan piagam diterbitkan setelah kampanye ditutup."))
    return row, figures


def _asked(
    here: Session, row: Campaign, kanwil: Kanwil, kind: str, upt_id: int | None, value: Paper, by: Actor,
    now: datetime,
) -> CampaignPaper:  # fmt: skip
    """The paper's row, new or tried again; one that stands, or is under way, as it is."""
    asked = select(CampaignPaper).where(
        CampaignPaper.campaign_id == row.id, CampaignPaper.kind == kind, CampaignPaper.upt_id == upt_id
    )
    here.execute(select(KanwilSettings.id).with_for_update()).all()  # two who ask at once get one paper
    made = here.scalars(asked.with_for_update().execution_options(populate_existing=True)).first()
    if made is not None and (made.issued_at is not None or made.is_working):
        return made
    if made is None:
        year = now.astimezone(ZoneInfo(kanwil.timezone)).year
        which = f"LK-{row.id}" if kind == REPORT else f"PG-{row.id}.{upt_id}"
        made = CampaignPaper(
            campaign_id=row.id,
            kind=kind,
            upt_id=upt_id,
            number=f"{which}/{kanwil.code.upper()}/{year}",
            attempt=0,
        )
        here.add(made)
    made.paper_sha256 = files.put(freeze(value))
    made.attempt += 1
    made.asked_by, made.asked_at, made.problem = by.id, now, None
    here.flush()
    return made


def _give(rows: list[CampaignPaper], now: datetime, pin: str | None) -> None:
    """Have those signed that were asked for in this act."""
    due = [[one.id, one.attempt] for one in rows if one.asked_at == now and one.issued_at is None]
    if due:
        key = hashlib.sha256(repr(due).encode()).hexdigest()[:32]
        hands.give("campaign.sign", {"papers": due}, _carry_out, key=key, pin=pin)


@job("campaign.sign")
def _sign(payload: dict[str, Any]) -> dict[str, Any]:
    return _carry_out(payload, None)


def _carry_out(payload: dict[str, Any], pin: str | None) -> dict[str, Any]:
    numbers: list[str] = []
    refused: KaryaError | None = None
    for paper_id, attempt in payload["papers"]:
        try:
            if isinstance(refused, WrongPin):
                raise refused  # a card counts the tries
            numbers.append(sign(int(paper_id), int(attempt), now=clock.now(), pin=pin).number)
        except Exception as error:
            if isinstance(error, KaryaError):
                refused, said = error, str(error.message)
            elif isinstance(error, RenderingFailed):
                said = say(N_("Tidak dapat dirender: %(error)s"), error=str(error)[:200])
            elif pin is None:
                raise  # the queue tries again
            else:
                said = signing.STOPPED
                log.exception("campaign paper %s was not signed", paper_id)
            session().rollback()
            with transaction():
                row = locked(int(paper_id))
                if row.issued_at is None and row.attempt == attempt:
                    row.problem = said
    if refused is not None:
        raise refused
    return {"numbers": numbers}


def sign(paper_id: int, attempt: int, *, now: datetime, pin: str | None = None) -> CampaignPaper:
    """Render and sign what was frozen; in one transaction keep and publish it. Repeating it changes nothing.

    Raises:
        SignerUnavailable, WrongPin, RenderingFailed: nothing was written.
    """
    row = load(paper_id)
    if row.issued_at is not None or row.attempt != attempt:
        return row
    here = session()
    kanwil = here.get_one(Kanwil, row.tenant_id)
    settings = here.scalars(select(KanwilSettings)).first()
    officer = here.get_one(Officer, row.asked_by)
    day = now.astimezone(ZoneInfo(kanwil.timezone)).date()
    by = actor_at(officer, now)
    holder = signing.holder_of(officer, by, office_name(kanwil, day), *ISSUERS)
    issued = signing.issue_of(row.number, day, now, officer, holder)
    kop = letterhead(kanwil, settings, day)
    place = {"province": kanwil.province, "capital": kanwil.capital}
    data = files.get(row.paper_sha256)
    here.rollback()  # no lock and no snapshot is held while a page is rendered
    pdf = printed(data, kop, place, issued)
    signed = pades.sign(
        pdf, signing.signer(), holder,
        reason=f"Kampanye {issued.code}", place=place["capital"], now=now,
        pin=pin, tsa_url=database.db.settings.tsa_url, receipt=False,
    )  # fmt: skip
    with transaction() as here:
        row = locked(paper_id)
        if row.issued_at is not None or row.attempt != attempt:
            return row
        kanwil = here.get_one(Kanwil, row.tenant_id)
        row.code, row.signed_sha256 = issued.code, hashlib.sha256(signed).hexdigest()
        row.signer_name, row.signer_office, row.issued_at = issued.signer, issued.office, now
        where = (kanwil.code, kanwil.short_name, kanwil.timezone, f"{issued.office} {kanwil.province}")
        register(
            here, row.id, thaw(data), row.number, row.paper_sha256, row.signed_sha256, issued, where, now
        )
        said = {"paper": row.id, "campaign": row.campaign_id, "number": row.number, "file": row.signed_sha256}
        audit.record(audit.KANWIL, f"campaign.{row.kind}_issued", said, by=by, now=now, upt_id=row.upt_id)
        here.flush()
        files.put(signed)  # last: a crash before it leaves no second signed file behind
        return row


def printed(data: bytes, kop: Mapping[str, Any], place: Mapping[str, str], issued: Issue) -> bytes:
    """The paper as PDF, what it says inside."""
    mark = kop["mark_sha256"]
    letter = compose(thaw(data), kop, place, issued, mark=files.get(mark) if mark else None)
    return render(letter, [Attached(FILE_NAME, data, "Angka kampanye yang dicetak di sini, RFC 8785")])


def register(
    here: Session, paper_id: int, value: Paper, number: str, paper_sha256: str, signed_sha256: str,
    issued: Issue, where: tuple[str, str, str, str], now: datetime,
) -> None:  # fmt: skip
    """Publish what anyone may verify of a signed paper. `where`: code, name, timezone, office of who signed."""
    code, name, timezone, office = where
    title = str(value["figures"]["campaign"]["title"])
    label = f"{value['of']['upt']}, {title}" if value["kind"] == CERTIFICATE else title
    here.add(
        VerificationRecord(
            code=issued.code,
            kind=KINDS[value["kind"]],
            identifier=signing.identifier_of(issued),
            recap_id=paper_id,
            kanwil_code=code,
            kanwil_name=name,
            timezone=timezone,
            period="",
            label=label if len(label) <= 60 else label[:59].rstrip() + "…",
            number=number,
            figures_sha256=paper_sha256,
            signer=issued.signer,
            office=office,
            signed_at=now,
            state="signed",
        )
    )
    here.add(VerificationFile(sha256=signed_sha256, code=issued.code, kind="signed", at=now))


# --- reading ---


def papers(campaign_id: int) -> list[CampaignPaper]:
    """The papers of a campaign within the scope: the report first, then the certificates. One statement."""
    asked = (
        select(CampaignPaper)
        .where(CampaignPaper.campaign_id == campaign_id)
        .order_by(CampaignPaper.kind.desc(), CampaignPaper.upt_id, CampaignPaper.id)
    )
    return list(session().scalars(asked.execution_options(populate_existing=True)))


def load(paper_id: int) -> CampaignPaper:
    """One paper within the scope, as it stands.

    Raises:
        NoSuchPaper: there is none.
    """
    return _one(select(CampaignPaper).where(CampaignPaper.id == paper_id))


def locked(paper_id: int) -> CampaignPaper:
    """The same, locked until the open transaction ends."""
    return _one(select(CampaignPaper).where(CampaignPaper.id == paper_id).with_for_update())


def pdf(campaign_id: int, paper_id: int) -> tuple[CampaignPaper, bytes]:
    """The signed file of a paper of that campaign.

    Raises:
        NoSuchPaper: none within the scope, of another campaign, or not signed yet.
    """
    row = load(paper_id)
    if row.campaign_id != campaign_id:
        raise NoSuchPaper()
    if row.file_sha256 is None:
        raise NoSuchPaper(N_("Dokumen ini belum selesai ditandatangani."))
    return row, files.get(row.file_sha256)


def file_name(row: Any) -> str:
    """The name under which a paper is saved."""
    return f"{row.number.replace('/', '-').replace(' ', '-').lower()}.pdf"


def _one(asked: Any) -> CampaignPaper:
    row: CampaignPaper | None = session().scalars(asked.execution_options(populate_existing=True)).first()
    if row is None:
        raise NoSuchPaper()
    return row
