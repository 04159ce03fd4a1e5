"""The bell of the centre. Notices are rows of a Kanwil; what the centre hears of follows from what came and from what
stands: recaps without a receipt, Kanwil that are suspended, imports of the country, entries into a Kanwil's scope."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask import url_for
from flask_babel import gettext as _

import recaps.national.queries
import recaps.overview
import recaps.queries
from recaps.certificates import expiring
from recaps.delivery import queries as delivery
from recaps.delivery.dispositions import READERS
from sales import national
from tenants import database, lifecycle
from tenants.officers import Actor
from tenants.words import date_id

SHOWN = 50
LATELY = timedelta(days=1)
"""How long an entry into a Kanwil's scope counts as new to the auditor."""
REVOKED_LATELY = timedelta(days=3)
"""How long a recap that was revoked counts as new to the Dirjen."""
REVOKED_SHOWN = timedelta(days=30)


@dataclass(frozen=True)
class Told:
    """One line of the list. `waits`: it is counted at the bell."""

    title: str
    body: str
    link: str
    icon: str
    at: datetime | None = None
    waits: bool = True


def count(by: Actor, now: datetime) -> int:
    """What waits for an officer of the centre. At most two statements for each of his roles, and one for the
    dispositions that name him."""
    found = delivery.waiting_for(by) if by.has(*READERS) else 0
    if by.has("dirjen"):
        counts = recaps.queries.received_counts(now - REVOKED_LATELY)
        found += counts["waiting"] + counts["revoked"] + recaps.national.queries.waiting()
    if by.has("admin_pusat"):
        found += len(lifecycle.suspended()) + national.to_look_at()
    if by.has("auditor"):
        found += lifecycle.reaches_since(now - LATELY)
    return found


def told(by: Actor, now: datetime) -> list[Told]:
    """What the bell counts, and the newest of what is done. Two statements for each of the officer's roles."""
    found = _lent(by)
    found += _asked_of(by, now) if by.has(*READERS) else []
    if by.has("dirjen"):
        found += [*_ending(by, now), *_to_sign(), *_revoked(now), *_arrived()]
    if by.has("admin_pusat"):
        found += [*_suspended(), *_imports()]
    if by.has("auditor"):
        found += _reaches(now)
    return found


def _lent(by: Actor) -> list[Told]:
    return [
        Told(
            _("Anda %(office)s", office=by.title(one.role)),
            _("Sampai %(day)s, surat %(number)s.", day=date_id(one.until_on), number=one.letter_number),
            url_for("recaps.received"),
            "user-check",
            waits=False,
        )
        for one in by.acting
    ]


def _to_sign() -> list[Told]:
    return [
        Told(
            _("Rekap nasional %(label)s", label=row.label),
            _("Menunggu tanda tangan Anda."),
            url_for("national_recaps.show", recap_id=row.id),
            "pen-line",
            row.submitted_at,
        )
        for row in recaps.national.queries.to_sign(SHOWN)
    ]


def _revoked(now: datetime) -> list[Told]:
    return [
        Told(
            _("Rekap %(label)s dari %(kanwil)s dicabut", label=row.recap.label, kanwil=row.kanwil.short_name),
            row.recap.revoked_reason or "",
            url_for("recaps.received_one", recap_id=row.recap.id),
            "circle-x",
            row.recap.revoked_at,
            waits=row.recap.revoked_at is not None and row.recap.revoked_at >= now - REVOKED_LATELY,
        )
        for row in recaps.queries.revoked_since(now - REVOKED_SHOWN, SHOWN)
    ]


def _arrived() -> list[Told]:
    with database.national("pemberitahuan pusat") as reader:
        rows, _total = recaps.overview.to_acknowledge(reader, SHOWN)
    return [
        Told(
            _("Rekap %(label)s dari %(kanwil)s", label=row.label, kanwil=row.kanwil),
            _("Menunggu tanda terima Anda."),
            f"/rekap/{row.id}",
            "mail-open",
            row.delivered_at,
        )
        for row in rows
    ]


def _ending(by: Actor, now: datetime) -> list[Told]:
    """The Dirjen's own certificate, near its end or past it. Asked of the signer when the list is opened, so it is not
    counted at the bell of every page."""
    held = expiring.held_by(by, now)
    if held is None or held.certificate is None or held.state not in ("ending", "ended"):
        return []
    words = _("sudah berakhir") if held.state == "ended" else _("akan berakhir")
    return [
        Told(
            _("Sertifikat tanda tangan Anda %(words)s", words=words),
            _("Perpanjang pada penerbitnya; sesudah berakhir, rekap tidak dapat diterima."),
            url_for("recaps.received"),
            "shield-check",
            held.certificate.valid_until,
            waits=False,
        )
    ]


def _asked_of(by: Actor, now: datetime) -> list[Told]:
    today = now.astimezone(ZoneInfo("Asia/Jakarta")).date()
    rows, _following = delivery.of_centre(by=by, today=today, state="open", limit=SHOWN)
    return [
        Told(
            _("Disposisi atas rekap %(about)s", about=one.about),
            one.row.instruction,
            url_for("recaps.received_one", recap_id=one.row.recap_id),
            "send",
            one.row.given_at,
        )
        for one in rows
        if one.may_finish
    ]


def _suspended() -> list[Told]:
    said = _("Petugasnya tidak dapat masuk dan produknya tidak tampil.")
    return [
        Told(_("%(name)s ditangguhkan", name=one.short_name), said, url_for("centre.kanwils"), "building-2")
        for one in lifecycle.suspended()
    ]


def _imports() -> list[Told]:
    titles = {
        "preview": _("Impor nasional siap diperiksa"),
        "done": _("Impor nasional selesai"),
        "failed": _("Impor nasional gagal"),
    }
    return [
        Told(
            f"{titles[one.state]}: {one.name}",
            one.problem or _("%(good)s baris baik, %(bad)s baris bermasalah.", good=one.good, bad=one.bad),
            url_for("national_purchases.preview_country", national_id=one.id),
            "file-up",
            one.finished_at or one.created_at,
            waits=one.state == "preview",
        )
        for one in national.latest(SHOWN)
        if one.state in titles
    ]


def _reaches(now: datetime) -> list[Told]:
    return [
        Told(
            _("%(who)s masuk ke lingkup %(kanwil)s", who=one.who, kanwil=one.kanwil),
            one.purpose,
            url_for("audit.index"),
            "shield-check",
            one.at,
            waits=one.at >= now - LATELY,
        )
        for one in lifecycle.reaches(limit=SHOWN)
    ]
