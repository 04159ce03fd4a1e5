"""A year of signed recaps as one ZIP: asked for by an officer of the centre, or of a Kanwil of its own recaps, put
together by a job, kept for a week. The scope says whose it is.

The job copies one file after the other, so that its memory does not grow with the year; each file's hash is computed
from the bytes that go into the ZIP and must be the one that its recap names. The manifest is signed in the name of who
asked. Killed half way it leaves a part that the next run replaces.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import IO, Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from recaps import hands
from recaps.delivery import manifest
from recaps.delivery.dispositions import READERS
from recaps.delivery.models import KanwilBundle, RecapBundle
from recaps.errors import NoSuchBundle, SignerUnavailable
from recaps.models import SIGNED, Recap
from recaps.receiving import ORGANISATION
from recaps.signer import Holder
from recaps.signing import pin_for_pen, signer
from tenants import clock, database, files
from tenants.database import session, transaction
from tenants.errors import Invalid, KaryaError
from tenants.idempotency import once
from tenants.jobs import alone_in, every_tenant, job, scheduled
from tenants.models import Kanwil, Officer, office_name
from tenants.officers import Actor
from tenants.said import say
from tenants.scope import NationalScope, Scope, current_or_none, entered
from tenants.words import N_
from workflows import audit

Bundle = RecapBundle | KanwilBundle
PURPOSE: Final = "unduhan arsip rekap"
BUNDLERS: Final = ("kadiv", "kakanwil", "admin_kanwil")
"""Who may have the recaps of their own Kanwil put together."""
KEPT: Final = timedelta(days=7)
PIECE: Final = 1024 * 1024
RUNNING, READY, FAILED, EXPIRED = "running", "done", "failed", "expired"
_SAID_EVERY: Final = 0.5
"""Seconds between two lines of progress."""
_WHEN: Final = (1980, 1, 1, 0, 0, 0)


def begin(
    year: int,
    kanwil: str | None,
    *,
    by: Actor,
    now: datetime,
    key: str | None = None,
    pin: str | None = None,
) -> tuple[Bundle, bool]:
    """Have a year's signed recaps put together: for the centre of one Kanwil (its code) or of all, for a Kanwil of its
    own. Returns the bundle and whether the call was a repetition.

    Raises:
        Forbidden: an officer who may not; Invalid: no such Kanwil within reach, or a year without recaps;
        WrongPin: the signer wants a PIN.
    """
    by.require(*(READERS if by.tenant_id is None else BUNDLERS))
    pin = pin_for_pen(pin)
    if not 2000 <= year <= 2099:
        raise Invalid(fields={"year": N_("Tahun dengan empat angka, misalnya 2024.")})
    with _reader() as reader:
        asked = select(Kanwil).where(Kanwil.code == kanwil) if kanwil else select(Kanwil)
        if by.tenant_id is not None:
            asked = asked.where(Kanwil.id == by.tenant_id)
        found = reader.scalars(asked).first() if kanwil or by.tenant_id is not None else None
        if kanwil and found is None:
            raise Invalid(fields={"kanwil": N_("Kanwil ini tidak ada.")})
        kanwil_id, name = (found.id, found.short_name) if found else (None, "seluruh Kanwil")
        total = reader.scalar(select(func.count()).select_from(_of_year(year, kanwil_id)))
    if not total:
        raise Invalid(fields={"year": N_("Tidak ada rekap bertanda tangan pada tahun ini.")})

    def act() -> Bundle:
        with transaction() as here:
            made = KanwilBundle() if by.tenant_id is not None else RecapBundle(kanwil_id=kanwil_id)
            made.year, made.title, made.state = year, f"Rekap {year}, {name}", RUNNING
            made.files_total, made.files_done, made.size_bytes = int(total), 0, 0
            made.asked_by, made.asked_by_name, made.asked_by_office = by.id, by.name, by.office
            made.created_at = now
            here.add(made)
            here.flush()
            if by.tenant_id is not None:
                said = {"bundle": made.id, "year": year, "files": int(total)}
                audit.record(audit.KANWIL, "recaps.bundled", said, by=by, now=now)
            hands.give("recap.bundle", {"bundle_id": made.id}, _carry_out, key=str(made.id), pin=pin)
            return made

    return once(key, "recap.bundle", act, lambda row: row.id, load, content=[year, kanwil])


def _model() -> type[RecapBundle] | type[KanwilBundle]:
    """Whose bundles the scope sees: a Kanwil's own, or the centre's."""
    return KanwilBundle if isinstance(current_or_none(), Scope) else RecapBundle


@contextlib.contextmanager
def _reader() -> Iterator[Session]:
    """Recaps within the scope: a Kanwil's own session, for the centre the national reach."""
    if isinstance(current_or_none(), Scope):
        yield session()
    else:
        with database.national(PURPOSE) as reader:
            yield reader


def load(bundle_id: int) -> Bundle:
    """One bundle of the scope, as it stands in the database.

    Raises:
        NoSuchBundle: there is none.
    """
    model = _model()
    asked: Any = select(model).where(model.id == bundle_id)
    row: Bundle | None = session().scalars(asked.execution_options(populate_existing=True)).first()
    if row is None:
        raise NoSuchBundle()
    return row


def latest(limit: int = 20) -> list[Bundle]:
    """The newest bundles of the scope. One statement."""
    model = _model()
    asked: Any = select(model).order_by(model.id.desc()).limit(limit)
    return list(session().scalars(asked))


def years() -> list[int]:
    """The years that have signed recaps, newest first. One statement, for the centre in the national reach."""
    with _reader() as reader:
        first, last = reader.execute(
            select(func.min(Recap.period_from), func.max(Recap.period_from)).where(Recap.state.in_(SIGNED))
        ).one()
    return list(range(last.year, first.year - 1, -1)) if first and last else []


def file_of(bundle: Bundle) -> Path:
    """The ZIP of a finished bundle.

    Raises:
        NoSuchBundle: it is not finished, or was taken away.
    """
    place = _place(bundle)
    if bundle.state != READY or not place.is_file():
        raise NoSuchBundle(N_("Berkas unduhan ini belum siap atau sudah dihapus; mintalah yang baru."))
    return place


def file_name(bundle: Bundle) -> str:
    """The name under which the ZIP is saved."""
    return f"rekap-{bundle.year}-{bundle.id}.zip"


@job("recap.bundle")
def _bundle(payload: dict[str, Any]) -> dict[str, Any]:
    return _carry_out(payload, None)


def _carry_out(payload: dict[str, Any], pin: str | None) -> dict[str, Any]:
    bundle_id = int(payload["bundle_id"])
    try:
        row = carry_out(bundle_id, now=clock.now(), pin=pin)
    except (KaryaError, OSError) as error:
        said = (
            error.message if isinstance(error, KaryaError) else say(N_("Berkas arsip tidak dapat ditulis."))
        )
        model = _model()
        with transaction() as here:
            here.execute(
                update(model)
                .where(model.id == bundle_id, model.state == RUNNING)
                .values(state=FAILED, problem=said, finished_at=clock.now())
            )
        return {"bundle": bundle_id, "failed": said}
    return {"bundle": row.id, "files": row.files_done}


def carry_out(bundle_id: int, *, now: datetime, pin: str | None = None) -> Bundle:
    """Write the ZIP and say so. Repeating it once it is done changes nothing.

    Raises:
        SignerUnavailable, WrongPin, CertificateRefused: the manifest can't be signed.
        OSError: the file can't be written.
    """
    bundle = load(bundle_id)
    if bundle.state != RUNNING:
        return bundle
    asked_by = session().get_one(Officer, bundle.asked_by)
    holder = Holder(
        bundle.asked_by,
        bundle.asked_by_name,
        bundle.asked_by_office,
        _organisation(bundle, now),
        asked_by.username,
        asked_by.nip or "",
    )
    place = _place(bundle)
    place.parent.mkdir(parents=True, exist_ok=True)
    part = place.with_suffix(".part")
    title, year = bundle.title, bundle.year
    kanwil_id = bundle.tenant_id if isinstance(bundle, KanwilBundle) else bundle.kanwil_id
    session().rollback()  # nothing is held while files are copied
    with contextlib.suppress(FileNotFoundError):
        part.unlink()
    with zipfile.ZipFile(part, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
        written = _copy_all(archive, bundle_id, year, kanwil_id)
        listed = manifest.manifest_of(title, year, written, by=holder, now=now)
        pen = signer()
        signature = manifest.detached(
            listed, pen, holder, now=now, pin=pin, tsa_url=database.db.settings.tsa_url
        )
        _add(archive, manifest.MANIFEST, listed)
        _add(archive, manifest.SIGNATURE, signature)
        _add(archive, manifest.SUMS, manifest.sums_of(written, hashlib.sha256(listed).hexdigest()))
        _add(archive, manifest.ANCHORS, manifest.anchors_of(pen))
        _add(archive, manifest.README, manifest.HOW.encode())
    with part.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
        os.fsync(opened.fileno())
    size = part.stat().st_size
    os.replace(part, place)
    with transaction():
        row = load(bundle_id)
        row.state, row.sha256, row.size_bytes, row.finished_at = READY, digest, size, now
        row.files_done = row.files_total = len(written)
        session().flush()
        return row


def _copy_all(
    archive: zipfile.ZipFile, bundle_id: int, year: int, kanwil_id: int | None
) -> list[dict[str, Any]]:
    written: list[dict[str, Any]] = []
    said, model = time.monotonic(), _model()
    for recap, code in _recaps(year, kanwil_id):
        digest = str(recap.file_sha256)
        path = f"{code}/rekap-{code}-{recap.period}-{recap.id}.pdf"
        size = _copy(archive, path, digest)
        written.append(
            {
                "path": path,
                "sha256": digest,
                "size": size,
                "kanwil": code,
                "period": recap.period,
                "number": recap.number,
                "code": recap.code,
                "state": recap.state,
            }
        )
        if time.monotonic() - said >= _SAID_EVERY:
            said = time.monotonic()
            with transaction() as here:
                here.execute(update(model).where(model.id == bundle_id).values(files_done=len(written)))
    return written


def _copy(archive: zipfile.ZipFile, path: str, digest: str) -> int:
    """One stored file into the ZIP, a piece at a time; its bytes must be those that its recap names."""
    source = files.path(digest)
    if source is None:
        raise SignerUnavailable(
            say(N_("Berkas %(path)s tidak ada di penyimpanan; arsip tidak dapat dibuat."), path=path)
        )
    seen, size = hashlib.sha256(), 0
    info = zipfile.ZipInfo(path, _WHEN)
    info.external_attr = 0o644 << 16
    with source.open("rb") as opened, archive.open(info, "w", force_zip64=True) as target:
        for piece in _pieces(opened):
            seen.update(piece)
            size += len(piece)
            target.write(piece)
    if seen.hexdigest() != digest:
        raise SignerUnavailable(
            say(N_("Berkas %(path)s rusak di penyimpanan; arsip tidak dapat dibuat."), path=path)
        )
    return size


def _pieces(opened: IO[bytes]) -> Iterator[bytes]:
    while piece := opened.read(PIECE):
        yield piece


def _add(archive: zipfile.ZipFile, path: str, data: bytes) -> None:
    info = zipfile.ZipInfo(path, _WHEN)
    info.external_attr = 0o644 << 16
    archive.writestr(info, data)


def _recaps(year: int, kanwil_id: int | None) -> list[tuple[Recap, str]]:
    with _reader() as reader:
        of_year = _of_year(year, kanwil_id)
        asked = (
            select(Recap, Kanwil.code)
            .join(of_year, of_year.c.id == Recap.id)
            .join(Kanwil, Kanwil.id == Recap.tenant_id)
            .order_by(Kanwil.code, Recap.period_from, Recap.id)
        )
        return [(recap, str(code)) for recap, code in reader.execute(asked)]


def _of_year(year: int, kanwil_id: int | None) -> Any:
    asked = select(Recap.id).where(
        Recap.state.in_(SIGNED), Recap.period_from.between(date(year, 1, 1), date(year, 12, 31))
    )
    return (asked if kanwil_id is None else asked.where(Recap.tenant_id == kanwil_id)).subquery()


def _organisation(bundle: Bundle, now: datetime) -> str:
    """In whose name the manifest is signed. One statement for a Kanwil's."""
    if not isinstance(bundle, KanwilBundle):
        return ORGANISATION
    kanwil = session().get_one(Kanwil, bundle.tenant_id)
    return office_name(kanwil, now.astimezone(ZoneInfo(kanwil.timezone)).date())


def _place(bundle: Bundle) -> Path:
    own = f"{bundle.tenant_id}-" if isinstance(bundle, KanwilBundle) else ""
    return database.db.settings.data / "bundles" / f"{own}{bundle.id}.zip"


# --- and away again ---


@scheduled("50 18 * * *", "recaps.bundles")
def _expire(planned: datetime) -> None:
    with entered(NationalScope()):
        expire(clock.now())
    for scope in every_tenant():
        with alone_in(scope):
            expire(clock.now())


def expire(now: datetime) -> int:
    """Take the files of the scope's bundles away that were finished more than a week ago; how many."""
    model = _model()
    with transaction() as here:
        asked: Any = select(model).where(model.state == READY, model.finished_at < now - KEPT)
        gone: list[Bundle] = list(here.scalars(asked.limit(500)))
        for bundle in gone:
            bundle.state = EXPIRED
        here.flush()
        places = [_place(bundle) for bundle in gone]
    for place in places:
        with contextlib.suppress(FileNotFoundError):
            place.unlink()
    return len(places)
