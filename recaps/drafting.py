"""Draft a recap and take it to the Kepala Kantor Wilayah.

`draft` writes the wish down and enqueues `prepare`, the job that freezes the figures and renders the
preview; `submit` opens the case. Each step may be repeated: what stands is kept.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from recaps import gathering
from recaps.errors import BadPeriod, NoSuchRecap, NotThisState, RecapExists
from recaps.figures_json import freeze
from recaps.letter import compose
from recaps.models import DRAFT, IN_REVIEW, STANDING, Recap
from recaps.rendering import RenderingFailed, recap_attachments, render
from tenants import clock, database, files
from tenants.database import session, transaction
from tenants.idempotency import once
from tenants.jobs import enqueue, job
from tenants.models import Kanwil
from tenants.officers import Actor
from tenants.said import say
from tenants.words import N_, date_id
from workflows import audit
from workflows.submission import submit as submit_case

SUBJECT = "recap"
CHAIN = "kanwil"
SCHEDULED = 0
"""The drafter of a recap that the schedule drafted: nobody, so that the Kadiv who submits it has looked at it."""


def draft(period: str, *, by: Actor, now: datetime, key: str | None = None) -> tuple[Recap, bool]:
    """Draft the recap of a period. Its figures are frozen and its letter rendered by a job; returns it and whether
    the call was a repetition.

    Where the period's recap is signed already, the new one is its "ralat" and replaces it when signed.

    Raises:
        BadPeriod: not a period, or one that has not begun.
        RecapExists: a recap of the period is on its way.
        Forbidden: not the Kadiv.
    """
    by.require("kadiv")
    begin, _, label = gathering.span(period)
    period = period.strip()

    def act() -> Recap:
        with transaction() as here:
            kanwil = here.get_one(Kanwil, by.tenant_id)
            today = now.astimezone(ZoneInfo(kanwil.timezone)).date()
            if begin > today:
                raise BadPeriod(
                    N_("Periode ini belum dimulai."),
                    fields={"period": say(N_("Periode ini baru mulai %(day)s."), day=date_id(begin))},
                )
            existing = list(
                here.scalars(select(Recap).where(Recap.period == period).order_by(Recap.id.desc()))
            )
            for recap in existing:
                if recap.signed_at is None:
                    raise RecapExists(
                        say(N_("Rekap %(label)s sedang dikerjakan."), label=label),
                        detail={"recap_id": recap.id},
                    )
            standing = next((r for r in existing if r.state in STANDING), None)
            who = (by.id, by.name)
            return open_draft(period, who, by=by, now=now, replaces_id=standing.id if standing else None)

    return once(key, "recap.draft", act, lambda recap: recap.id, load, content={"period": period})


def open_draft(
    period: str, who: tuple[int, str], *, by: Actor | None, now: datetime, replaces_id: int | None = None
) -> Recap:
    """Write a draft down in the open transaction and have it prepared. `who` stands on it as its drafter; the schedule
    drafts as `SCHEDULED`."""
    begin, until, label = gathering.span(period)
    with transaction() as here:
        recap = Recap(
            period=period,
            period_from=begin,
            period_until=until,
            label=label,
            state=DRAFT,
            revision_no=1,
            replaces_id=replaces_id,
            drafted_by=who[0],
            drafted_by_name=who[1],
            drafted_at=now,
            summary={},
        )
        here.add(recap)
        here.flush()
        audit.record(CHAIN, "recap.drafted", {"recap": recap.id, "period": period}, by=by, now=now)
        enqueue("recap.prepare", {"recap_id": recap.id, "revision": 1}, key=f"{recap.id}:1")
        return recap


def redraft(recap_id: int, *, by: Actor, now: datetime) -> Recap:
    """Freeze the figures of a draft anew, e.g. after a late purchase or a return.

    Raises:
        NoSuchRecap, Forbidden; NotThisState: it is submitted or signed.
    """
    by.require("kadiv")
    with transaction() as here:
        recap = locked(recap_id)
        if recap.state != DRAFT:
            raise NotThisState(N_("Hanya konsep yang dapat disusun ulang."))
        recap.revision_no += 1
        recap.figures_sha256 = recap.preview_sha256 = recap.purchases_sha256 = recap.history_sha256 = None
        recap.frozen_at, recap.problem = None, None
        recap.drafted_by, recap.drafted_by_name, recap.drafted_at = by.id, by.name, now
        audit.record(
            CHAIN, "recap.redrafted", {"recap": recap.id, "revision": recap.revision_no}, by=by, now=now
        )
        revision = recap.revision_no
        enqueue("recap.prepare", {"recap_id": recap.id, "revision": revision}, key=f"{recap.id}:{revision}")
        here.flush()
        return recap


@job("recap.prepare")
def _prepare(payload: dict[str, Any]) -> dict[str, Any]:
    return prepare(int(payload["recap_id"]), int(payload["revision"]), now=clock.now())


def prepare(recap_id: int, revision: int, *, now: datetime) -> dict[str, Any]:
    """Freeze the figures and render the preview. Whatever is done already stays; safe to run again after a crash."""
    recap = load(recap_id)
    if recap.revision_no != revision or recap.signed_at is not None:
        return {"recap": recap_id, "left": "another revision"}
    if recap.figures_sha256 is None:
        figures, purchases, history = gathering.gather(recap, now=now, replaces=_replaced(recap))
        database.db.release()  # long reads end before the write begins
        kept = files.put(freeze(figures)), files.put(purchases), files.put(history)
        with transaction():
            recap = locked(recap_id)
            if recap.revision_no != revision:
                return {"recap": recap_id, "left": "another revision"}
            if recap.figures_sha256 is None:
                recap.figures_sha256, recap.purchases_sha256, recap.history_sha256 = kept
                recap.frozen_at, recap.summary = now, gathering.summary(figures)
                said = {
                    "recap": recap.id,
                    "revision": revision,
                    "figures": kept[0],
                    "root": figures["history"]["root"],
                }
                audit.record(CHAIN, "recap.frozen", said, by=None, now=now)
    recap = load(recap_id)
    if recap.preview_sha256 is None:
        try:
            preview = files.put(letter_pdf(recap))
        except RenderingFailed as error:
            with transaction():
                locked(recap_id).problem = f"Surat tidak dapat dirender: {str(error)[:200]}"
            raise
        with transaction():
            recap = locked(recap_id)
            if recap.revision_no == revision:
                recap.preview_sha256, recap.problem = preview, None
    return {"recap": recap_id, "revision": revision}


def letter_pdf(recap: Recap, issue: Any = None) -> bytes:
    """The letter of a recap with frozen figures, with its three files inside; unsigned."""
    figures = figures_of(recap)
    data = [
        files.get(str(digest))
        for digest in (recap.figures_sha256, recap.purchases_sha256, recap.history_sha256)
    ]
    return render(compose(figures, issue, mark=gathering.emblem(figures)), recap_attachments(*data))


def figures_of(recap: Recap) -> dict[str, Any]:
    """The frozen figures.

    Raises:
        NotThisState: they are not frozen yet.
    """
    from recaps.figures_json import thaw

    if recap.figures_sha256 is None:
        raise NotThisState(N_("Angka rekap ini masih disusun; coba lagi sebentar lagi."))
    return thaw(files.get(recap.figures_sha256))


def submit(recap_id: int, *, by: Actor, now: datetime) -> Recap:
    """Hand a prepared recap to the Kepala Kantor Wilayah; the Kadiv looks first where somebody else drafted it.

    A second call finds it submitted and changes nothing.

    Raises:
        NoSuchRecap, Forbidden; NotThisState: still being prepared, or the period has not ended.
    """
    by.require("kadiv")
    with transaction() as here:
        recap = locked(recap_id)
        if recap.state == IN_REVIEW:
            return recap
        if recap.state != DRAFT:
            raise NotThisState(N_("Rekap ini sudah ditandatangani."))
        if not recap.is_ready:
            raise NotThisState(N_("Angka dan surat rekap ini masih disusun; coba lagi sebentar lagi."))
        kanwil = here.get_one(Kanwil, recap.tenant_id)
        if now.astimezone(ZoneInfo(kanwil.timezone)).date() <= recap.period_until:
            raise NotThisState(say(N_("Periode ini baru berakhir %(day)s."), day=date_id(recap.period_until)))
        drafter = recap.drafted_by if recap.drafted_by != SCHEDULED else by.id
        case = submit_case(
            SUBJECT,
            recap.id,
            revision_no=recap.revision_no,
            title=f"Rekap {recap.label}",
            fields={
                "period": recap.period,
                "label": recap.label,
                "figures_sha256": recap.figures_sha256,
                **{k: v for k, v in recap.summary.items() if isinstance(v, int)},
                "needs_review": drafter != by.id,
            },
            upt_id=None,
            editor_ids=[drafter],
            by=by,
            now=now,
            previous_case_id=recap.case_id,
        )
        recap.case_id, recap.state, recap.submitted_at = case.id, IN_REVIEW, now
        recap.note = recap.problem = None
        here.flush()
        return recap


def load(recap_id: int) -> Recap:
    """One recap within the scope, as it stands in the database.

    Raises:
        NoSuchRecap: there is none.
    """
    asked = select(Recap).where(Recap.id == recap_id).execution_options(populate_existing=True)
    recap = session().scalars(asked).first()
    if recap is None:
        raise NoSuchRecap()
    return recap


def locked(recap_id: int) -> Recap:
    """The same, locked until the open transaction ends."""
    asked = (
        select(Recap).where(Recap.id == recap_id).with_for_update().execution_options(populate_existing=True)
    )
    recap = session().scalars(asked).first()
    if recap is None:
        raise NoSuchRecap()
    return recap


def _replaced(recap: Recap) -> dict[str, str] | None:
    """Number and day of the letter that this one corrects."""
    if recap.replaces_id is None:
        return None
    earlier = load(recap.replaces_id)
    if earlier.number is None or earlier.signed_at is None:
        return None
    kanwil = session().get_one(Kanwil, recap.tenant_id)
    return {
        "number": earlier.number,
        "day": earlier.signed_at.astimezone(ZoneInfo(kanwil.timezone)).date().isoformat(),
    }
