"""A purchase file of the whole country: `admin_pusat` uploads it once, each line goes to the Kanwil of its provider.

The centre reads and previews without any tenant's rows. What is accepted is handed to each Kanwil as an import of its
own, entered by the logged reach of the centre, where the same rules, versions and rollups apply.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from sales import aliases, country_layouts, imports
from sales.checks import COMPLETED
from sales.errors import (
    FileTooLarge,
    ImportNotFound,
    ImportNotReady,
    MayNotImport,
    NotAPurchaseFile,
    UnknownColumns,
    UnreadableFile,
)
from sales.models import NationalImport, PurchaseImport
from sales.parsing import Line, PurchaseFile
from sales.reading import CHUNK, chunks
from tenants import clock, files, jobs
from tenants.clock import local_day
from tenants.database import national as national_session
from tenants.database import session, transaction
from tenants.errors import NotFound
from tenants.idempotency import once
from tenants.jobs import job
from tenants.officers import Actor, acting_in
from tenants.said import beside, say
from tenants.words import N_

log = logging.getLogger("karya.purchases")
MOST_REMARKS: Final = 2000


@job("purchases.read_national")
def read_job(payload: dict[str, Any]) -> None:
    """Read the country's file, and hand it over at once where that was asked."""
    read(int(payload["national_id"]), now=clock.now())


@job("purchases.hand_over")
def hand_over_job(payload: dict[str, Any]) -> None:
    hand_over(int(payload["national_id"]), now=clock.now())


def begin(
    file: bytes,
    name: str,
    *,
    by: Actor,
    now: datetime,
    key: str | None = None,
    accept: bool = False,
    columns: Mapping[str, str] | None = None,
    may_ask: bool = False,
) -> NationalImport:
    """Take in a file of the whole country and have a job read it.

    `columns` explains the header: key -> name in the file; the centre remembers it. With `may_ask` a file whose columns
    are not known is kept and waits for `explain`.

    Raises:
        MayNotImport: `by` is not admin_pusat.
        FileTooLarge, NotAPurchaseFile, UnreadableFile: the file is refused before anything is kept.
        UnknownColumns: the same, where `columns` could explain it; `detail` names what stands there.
        Invalid: `columns` names what is not there.
    """
    _require_importer(by)
    if columns:
        country_layouts.learn_named(file, columns, by=by, now=now)
    state = "running"
    try:
        imports.look_at(file, country_layouts.known())
    except UnknownColumns:
        if not may_ask:
            raise
        state = "mapping"
    digest = files.put(file)

    def act() -> NationalImport:
        with transaction() as db:
            made = NationalImport(
                name=imports.file_name(name),
                sha256=digest,
                size_bytes=len(file),
                state=state,
                accepted=accept,
                as_of=local_day(now, "Asia/Jakarta"),
                asked_by=by.id,
                asked_by_name=by.name[:160],
                created_at=now,
            )
            db.add(made)
            db.flush()
            if state == "running":
                jobs.enqueue("purchases.read_national", {"national_id": made.id}, key=str(made.id))
            return made

    made, _ = once(key, "purchases.national", act, lambda row: row.id, find, content=[digest, accept])
    return made


def _require_importer(by: Actor) -> None:
    if by.tenant_id is not None or not by.has("admin_pusat"):
        raise MayNotImport(N_("Impor nasional dilakukan oleh Admin Pusat."))


def explain(
    national_id: int,
    positions: Mapping[str, int],
    *,
    header_line: int | None = None,
    by: Actor,
    now: datetime,
) -> NationalImport:
    """Say which column is which in a file that waits for it, have it read, and remember the header. Once it is being
    read, saying it again changes nothing.

    Raises:
        MayNotImport: `by` is not admin_pusat.
        ImportNotFound: there is none.
        Invalid: a column that a purchase needs is missing, or named twice.
    """
    _require_importer(by)
    with transaction() as db:
        found = _locked(national_id)
        if found.state != "mapping":
            return found
        layout = country_layouts.learn(opened(found), positions, header_line=header_line, by=by, now=now)
        found.state = "running"
        db.flush()
        key = f"{found.id}-columns-{int(layout.set_at.timestamp())}"
        jobs.enqueue("purchases.read_national", {"national_id": found.id}, key=key)
        return found


def opened(found: NationalImport) -> io.BytesIO:
    """The stored file of a national import.

    Raises:
        ImportNotFound: it is gone.
    """
    place = files.path(found.sha256)
    if place is None:
        raise ImportNotFound(N_("Berkas unggahan tidak ditemukan lagi. Unggah sekali lagi."))
    return io.BytesIO(place.read_bytes())


def _locked(national_id: int) -> NationalImport:
    asked = select(NationalImport).where(NationalImport.id == national_id).with_for_update()
    found = session().scalars(asked.execution_options(populate_existing=True)).first()
    if found is None:
        raise ImportNotFound(N_("Impor ini tidak ditemukan."))
    return found


def find(national_id: int) -> NationalImport:
    """One national import. One statement.

    Raises:
        ImportNotFound: there is none.
    """
    asked = select(NationalImport).where(NationalImport.id == national_id)
    found = session().scalars(asked.execution_options(populate_existing=True)).first()
    if found is None:
        raise ImportNotFound(N_("Impor ini tidak ditemukan."))
    return found


def latest(limit: int = 10) -> list[NationalImport]:
    """The newest national imports. One statement."""
    return list(session().scalars(select(NationalImport).order_by(NationalImport.id.desc()).limit(limit)))


def to_look_at() -> int:
    """How many national imports were read and wait for somebody to hand them over. One statement."""
    asked = select(func.count()).select_from(NationalImport).where(NationalImport.state == "preview")
    return int(session().scalar(asked) or 0)


def read(national_id: int, *, now: datetime) -> NationalImport:
    """Read the file up to its preview by Kanwil; a run after a crash starts the reading over.

    Raises:
        ImportNotFound: there is none.
    """
    found = find(national_id)
    if found.state != "running" or (found.accepted and found.parts):
        return found
    try:
        _read_all(national_id)
    except UnknownColumns:
        with transaction():
            found = find(national_id)
            found.state = "mapping"
        return found
    except (UnreadableFile, NotAPurchaseFile, FileTooLarge, NotFound) as refused:
        return _fail(national_id, refused.message, now)
    except SQLAlchemyError:
        raise
    except Exception:
        log.exception("national import %s could not be read", national_id)
        return _fail(
            national_id, say(N_("Berkas ini tidak dapat dibaca sampai selesai. Unggah sekali lagi.")), now
        )
    if find(national_id).accepted:
        return hand_over(national_id, now=now)
    with transaction():
        found = find(national_id)
        found.state = "preview"
    return find(national_id)


def _fail(national_id: int, why: str, now: datetime) -> NationalImport:
    with transaction():
        found = find(national_id)
        found.state, found.problem, found.finished_at = "failed", why, now
    return found


def _read_all(national_id: int) -> None:
    found = find(national_id)
    as_of, place = found.as_of, files.path(found.sha256)
    if place is None:
        raise NotFound(N_("Berkas unggahan tidak ditemukan lagi. Unggah sekali lagi."))
    book, known = aliases.register_book(session()), country_layouts.known()
    parts: dict[int, dict[str, Any]] = {}
    remarks: list[dict[str, Any]] = []
    lines_read = bad = 0
    with place.open("rb") as stream:
        file = PurchaseFile(stream, known)
        with transaction():
            find(national_id).layout = file.learned_layout
        for chunk in chunks(file.lines(book, own=None, today=as_of), CHUNK):
            for line in chunk:
                _count(line, parts)
                bad += line.level == "error"
                room = MOST_REMARKS - len(remarks)
                remarks += [
                    {
                        "line": i.line,
                        "field": i.field,
                        "reason": i.reason,
                        "level": i.level,
                        **beside({"reason": i.reason}),
                    }
                    for i in line.issues
                ][:room]
            lines_read += len(chunk)
            with transaction():
                found = find(national_id)
                found.lines_read, found.bad, found.lines = lines_read, bad, list(remarks)
                found.good = sum(part["good"] for part in parts.values())
                found.total_rupiah = sum(part["total_rupiah"] for part in parts.values())
    if not lines_read:
        raise UnreadableFile(N_("Berkas ini hanya berisi kepala kolom, tanpa satu baris pembelian pun."))
    with transaction():
        find(national_id).parts = sorted(parts.values(), key=lambda part: part["kanwil"])


def _count(line: Line, parts: dict[int, dict[str, Any]]) -> None:
    if line.purchase is None:
        return
    provider = line.purchase.provider
    part = parts.setdefault(
        provider.kanwil_id,
        {
            "kanwil_id": provider.kanwil_id,
            "kanwil": provider.kanwil_name,
            "good": 0,
            "total_rupiah": 0,
            "import_id": None,
        },
    )
    part["good"] += 1
    if line.purchase.status == COMPLETED:
        part["total_rupiah"] += line.purchase.total_rupiah


def accept(national_id: int, *, by: Actor, now: datetime) -> NationalImport:
    """Hand the good lines to their Kanwil, by a job. Accepting again changes nothing.

    Raises:
        MayNotImport: `by` is not admin_pusat.
        ImportNotFound: there is none.
        ImportNotReady: it is still being read, or it failed.
    """
    _require_importer(by)
    with transaction():
        found = _locked(national_id)
        if found.accepted and found.state != "failed":
            return found
        if found.state != "preview":
            raise ImportNotReady()
        found.accepted, found.state = True, "running"
        found.asked_by, found.asked_by_name = by.id, by.name[:160]
        jobs.enqueue("purchases.hand_over", {"national_id": national_id}, key=str(national_id))
    return find(national_id)


def hand_over(national_id: int, *, now: datetime) -> NationalImport:
    """Begin an import in each Kanwil that has lines; where that was begun before, it is found again."""
    found = find(national_id)
    if found.state != "running" or not found.accepted:
        return found
    digest, size, name, as_of = found.sha256, found.size_bytes, found.name, found.as_of
    by = Actor(found.asked_by, found.asked_by_name, frozenset({"admin_pusat"}), None, None, "Admin Pusat")
    parts = [dict(part) for part in found.parts]
    for part in parts:
        if part["import_id"] is not None:
            continue
        with acting_in(part["kanwil_id"], by=by, purpose=f"impor pembelian nasional {national_id}", now=now):
            begun = imports.hand_over(
                digest, size, name, national_id=national_id, as_of=as_of, by=by, now=now
            )
            part["import_id"] = begun.id
        with transaction():
            find(national_id).parts = [dict(each) for each in parts]
    with transaction():
        found = find(national_id)
        found.state, found.finished_at = "done", now
    return find(national_id)


def status(national_id: int) -> dict[str, Any]:
    """A national import as the API shows it, with the state of each Kanwil's import. Two statements."""
    found = find(national_id)
    handed = {part["kanwil_id"]: part["import_id"] for part in found.parts if part["import_id"] is not None}
    states: dict[int, str] = {}
    if handed:
        with national_session("keadaan impor pembelian nasional") as reader:
            asked = select(PurchaseImport.tenant_id, PurchaseImport.state)
            rows = reader.execute(asked.where(PurchaseImport.national_id == national_id))
            states = {row.tenant_id: row.state for row in rows}
    return {
        "id": found.id,
        "name": found.name,
        "state": found.state,
        "lines_read": found.lines_read,
        "good": found.good,
        "bad": found.bad,
        "left_out": 0,
        "total_rupiah": found.total_rupiah,
        "by_kanwil": [{**part, "state": states.get(part["kanwil_id"])} for part in found.parts],
        "problem": found.problem,
        "lines": [
            {name: value for name, value in one.items() if name != "said"} for one in found.lines or []
        ],
    }
