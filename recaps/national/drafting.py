"""Draft the recap of the country and lay it before the Direktur Jenderal: the same steps as a Kanwil's, at the centre.

`draft` writes the wish down, the job `prepare` freezes the figures and renders the preview with the recaps inside,
`submit` hands it over. Each may be repeated: what stands is kept.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from recaps.errors import BadPeriod, NoSuchRecap, NotThisState, RecapExists
from recaps.figures_json import FILE_NAME, HISTORY_NAME, Figures, freeze, thaw
from recaps.gathering import span
from recaps.national import events, gathering
from recaps.national.gathering import chain_of
from recaps.national.letter import compose
from recaps.national.models import DRAFT, IN_REVIEW, SIGNED, NationalRecap
from recaps.rendering import Attached, RenderingFailed, render
from tenants import clock, database, files
from tenants.database import session, transaction
from tenants.idempotency import once
from tenants.jobs import enqueue, job
from tenants.officers import Actor
from tenants.said import say
from tenants.words import N_, date_id

ZONE = ZoneInfo("Asia/Jakarta")


def draft(period: str, *, by: Actor, now: datetime, key: str | None = None) -> tuple[NationalRecap, bool]:
    """Draft the country's recap of a period; a job freezes and renders it. Returns it and whether the call was a
    repetition. Where the period's recap is signed already, the new one is its "ralat".

    Raises:
        BadPeriod: not a period, or one that has not begun; RecapExists: one is on its way; Forbidden: not Admin Pusat.
    """
    by.require("admin_pusat")
    begin, until, label = span(period)
    period = period.strip()
    if begin > now.astimezone(ZONE).date():
        said = say(N_("Periode ini baru mulai %(day)s."), day=date_id(begin))
        raise BadPeriod(N_("Periode ini belum dimulai."), fields={"period": said})

    def act() -> NationalRecap:
        with transaction() as here:
            asked = select(NationalRecap).where(NationalRecap.period == period)
            existing = list(here.scalars(asked.order_by(NationalRecap.id.desc())))
            for one in existing:
                if one.signed_at is None:
                    raise RecapExists(
                        say(N_("Rekap nasional %(label)s sedang dikerjakan."), label=label),
                        detail={"recap_id": one.id},
                    )
            standing = next((one for one in existing if one.state == SIGNED), None)
            recap = NationalRecap(
                period=period,
                period_from=begin,
                period_until=until,
                label=label,
                state=DRAFT,
                revision_no=1,
                attempt=0,
                replaces_id=standing.id if standing else None,
                drafted_by=by.id,
                drafted_by_name=by.name,
                drafted_at=now,
                summary={},
            )
            here.add(recap)
            here.flush()
            events.record(chain_of(recap.id), "recap.drafted", {"period": period}, by=by, now=now)
            enqueue("recap.national_prepare", _payload(recap), key=f"{recap.id}:1")
            return recap

    return once(key, "recap.national", act, lambda row: row.id, load, content={"period": period})


def redraft(recap_id: int, *, by: Actor, now: datetime) -> NationalRecap:
    """Freeze a draft anew, e.g. because more Kanwil have sent theirs.

    Raises:
        NoSuchRecap, Forbidden; NotThisState: it lies before the Direktur Jenderal, or is signed.
    """
    by.require("admin_pusat")
    with transaction() as here:
        recap = locked(recap_id)
        if recap.state != DRAFT:
            raise NotThisState(N_("Hanya konsep yang dapat disusun ulang."))
        recap.revision_no += 1
        recap.figures_sha256 = recap.history_sha256 = recap.preview_sha256 = None
        recap.frozen_at, recap.problem = None, None
        recap.drafted_by, recap.drafted_by_name, recap.drafted_at = by.id, by.name, now
        said = {"revision": recap.revision_no}
        events.record(chain_of(recap.id), "recap.redrafted", said, by=by, now=now)
        enqueue("recap.national_prepare", _payload(recap), key=f"{recap.id}:{recap.revision_no}")
        here.flush()
        return recap


def _payload(recap: NationalRecap) -> dict[str, int]:
    return {"recap_id": recap.id, "revision": recap.revision_no}


@job("recap.national_prepare")
def _prepare(payload: dict[str, Any]) -> dict[str, Any]:
    return prepare(int(payload["recap_id"]), int(payload["revision"]), now=clock.now())


def prepare(recap_id: int, revision: int, *, now: datetime) -> dict[str, Any]:
    """Freeze the figures and render the preview; what is done already stays."""
    recap = load(recap_id)
    if recap.revision_no != revision or recap.signed_at is not None:
        return {"recap": recap_id, "left": "another revision"}
    if recap.figures_sha256 is None:
        figures, history = gathering.gather(recap, now=now, replaces=_replaced(recap))
        database.db.release()  # long reads end before the write begins
        kept = files.put(freeze(figures)), files.put(history)
        with transaction():
            recap = locked(recap_id)
            if recap.revision_no == revision and recap.figures_sha256 is None:
                recap.figures_sha256, recap.history_sha256 = kept
                recap.frozen_at, recap.summary = now, gathering.summary(figures)
                said = {"revision": revision, "figures": kept[0], "root": figures["history"]["root"]}
                events.record(chain_of(recap_id), "recap.frozen", said, by=None, now=now)
    recap = load(recap_id)
    if recap.preview_sha256 is None and recap.revision_no == revision:
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


def letter_pdf(recap: NationalRecap, issue: Any = None) -> bytes:
    """The letter with its figures, its history and the Kanwil's signed recaps inside; unsigned."""
    figures = figures_of(recap)
    attached = [
        Attached(FILE_NAME, files.get(str(recap.figures_sha256)), "Angka yang dicetak dalam surat ini"),
        Attached(
            HISTORY_NAME, files.get(str(recap.history_sha256)), "Sidik riwayat dan rekap Kanwil", "Supplement"
        ),
    ]
    for row in figures["by_kanwil"]:
        one = row["recap"]
        if one and one["inside"]:
            about = f"Rekap {row['kanwil']} nomor {one['number']}, sebagaimana ditandatangani"
            attached.append(Attached(one["file"], files.get(one["sha256"]), about, "Source"))
    return render(compose(figures, issue), attached)


def figures_of(recap: NationalRecap) -> Figures:
    """The frozen figures.

    Raises:
        NotThisState: they are not frozen yet.
    """
    if recap.figures_sha256 is None:
        raise NotThisState(N_("Angka rekap ini masih disusun; coba lagi sebentar lagi."))
    return thaw(files.get(recap.figures_sha256))


def submit(recap_id: int, *, by: Actor, now: datetime) -> NationalRecap:
    """Lay a prepared recap before the Direktur Jenderal. A second call changes nothing.

    Raises:
        NoSuchRecap, Forbidden; NotThisState: still being prepared, signed, the period has not ended, or a recap inside
            was revoked.
    """
    by.require("admin_pusat")
    with transaction() as here:
        recap = locked(recap_id)
        if recap.state == IN_REVIEW:
            return recap
        if recap.state != DRAFT:
            raise NotThisState(N_("Rekap ini sudah ditandatangani."))
        if not recap.is_ready:
            raise NotThisState(N_("Angka dan surat rekap ini masih disusun; coba lagi sebentar lagi."))
        if now.astimezone(ZONE).date() <= recap.period_until:
            raise NotThisState(say(N_("Periode ini baru berakhir %(day)s."), day=date_id(recap.period_until)))
        gathering.require_no_revoked(figures_of(recap))
        recap.state, recap.note, recap.problem = IN_REVIEW, None, None
        recap.submitted_by, recap.submitted_at = by.id, now
        said = {"figures": recap.figures_sha256, "revision": recap.revision_no}
        events.record(chain_of(recap.id), "recap.submitted", said, by=by, now=now)
        here.flush()
        return recap


def load(recap_id: int) -> NationalRecap:
    """One recap of the country as it stands in the database.

    Raises:
        NoSuchRecap: there is none.
    """
    return _one(select(NationalRecap).where(NationalRecap.id == recap_id))


def locked(recap_id: int) -> NationalRecap:
    """The same, locked until the open transaction ends."""
    return _one(select(NationalRecap).where(NationalRecap.id == recap_id).with_for_update())


def _one(asked: Any) -> NationalRecap:
    found: NationalRecap | None = session().scalars(asked.execution_options(populate_existing=True)).first()
    if found is None:
        raise NoSuchRecap(N_("Rekap nasional ini tidak ditemukan."))
    return found


def _replaced(recap: NationalRecap) -> dict[str, str] | None:
    if recap.replaces_id is None:
        return None
    earlier = load(recap.replaces_id)
    if earlier.number is None or earlier.signed_at is None:
        return None
    return {"number": earlier.number, "day": earlier.signed_at.astimezone(ZONE).date().isoformat()}
