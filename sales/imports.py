"""Bring a file of purchases in: begin -> read by a job -> preview -> accept -> done.

What an import says about each line is kept; the good lines stay in the stored file and are read again when
they are imported, against the register and the purchases as they are then. A package that is already there
with the same content is not counted again; with another content it becomes a new version and the old one is
kept.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal

from sqlalchemy import func, select

from sales.errors import ImportNotFound, ImportNotReady, MayNotImport
from sales.models import ImportLine, PurchaseImport
from sales.parsing import PurchaseFile, kind_of
from tenants import files, jobs, scope, sheet_xlsx
from tenants.clock import local_day
from tenants.database import session, transaction
from tenants.errors import Invalid
from tenants.idempotency import once
from tenants.models import Kanwil
from tenants.officers import Actor
from workflows import audit

IMPORTERS: Final = ("kadiv", "admin_kanwil")
LINES_A_PAGE: Final = 1000
AT_ONCE: Final = 1000
"""Up to so many good lines are imported while the officer waits (well under a second); more go to a job."""


@dataclass(frozen=True)
class LinePage:
    """Lines with a remark, by number; `next_line` is where to go on, None at the end."""

    lines: list[ImportLine]
    next_line: int | None


def begin(
    file: bytes, name: str, *, by: Actor, now: datetime, key: str | None = None, accept: bool = False
) -> PurchaseImport:
    """Take in a file and have a job read it. With `accept` its good lines are imported as soon as it is read.

    A repetition with the same idempotency key returns the first import.

    Raises:
        MayNotImport: `by` is neither kadiv nor admin_kanwil of a Kanwil.
        FileTooLarge, NotAPurchaseFile, UnreadableFile: the file is refused before anything is kept.
    """
    if by.tenant_id is None or by.upt_id is not None or not by.has(*IMPORTERS):
        raise MayNotImport()
    look_at(file)
    return _enter(files.put(file), len(file), file_name(name), by=by, now=now, key=key, accept=accept)


def hand_over(
    digest: str, size: int, name: str, *, national_id: int, as_of: date, by: Actor, now: datetime
) -> PurchaseImport:
    """Take over this Kanwil's lines of a stored file of the whole country; read and imported without a word more.

    Once for a national import, however often it is called.
    """
    return _enter(
        digest,
        size,
        name,
        by=by,
        now=now,
        key=f"national-{national_id}",
        accept=True,
        national_id=national_id,
        as_of=as_of,
    )


def file_name(name: str) -> str:
    """What of an uploaded file's name is kept and shown."""
    return " ".join(name.replace("\\", "/").rsplit("/", 1)[-1].split())[:200] or "pembelian"


def _enter(
    digest: str,
    size: int,
    shown: str,
    *,
    by: Actor,
    now: datetime,
    key: str | None,
    accept: bool,
    national_id: int | None = None,
    as_of: date | None = None,
) -> PurchaseImport:
    tenant_id = scope.current().tenant_id

    def act() -> PurchaseImport:
        with transaction() as db:
            kanwil = db.get_one(Kanwil, tenant_id)
            made = PurchaseImport(
                name=shown,
                sha256=digest,
                size_bytes=size,
                state="running",
                accepted=accept,
                as_of=as_of or local_day(now, kanwil.timezone),
                national_id=national_id,
                asked_by=by.id,
                asked_by_name=by.name[:160],
                created_at=now,
            )
            db.add(made)
            db.flush()
            jobs.enqueue("purchases.read", {"import_id": made.id}, key=str(made.id))
            payload = {"import_id": made.id, "name": shown, "sha256": digest, "bytes": size}
            audit.record(audit.KANWIL, "purchases.uploaded", payload, by=by, now=now)
            return made

    asked = [tenant_id, digest, accept]
    operation = "purchases.import" if national_id is None else f"purchases.import.{tenant_id}"
    made, _ = once(key, operation, act, lambda row: row.id, find, content=asked)
    return made


def look_at(file: bytes) -> None:
    """Refuse what can be told to be no purchase file without reading all of it.

    Raises:
        FileTooLarge, NotAPurchaseFile, UnreadableFile: see `PurchaseFile`.
    """
    opened = io.BytesIO(file)
    if kind_of(opened) == "xlsx":
        sheet_xlsx.check(opened)
        if len(file) > 4 * 1024 * 1024:
            return  # its texts alone take seconds to open: the job does
    PurchaseFile(opened)


def accept(
    import_id: int,
    *,
    by: Actor,
    now: datetime,
    lines: Literal["good"] | Sequence[int] = "good",
    key: str | None = None,
) -> PurchaseImport:
    """Import the good lines of a preview, or those among them that `lines` names.

    Few lines are imported at once, many by a job. Accepting again changes nothing and returns the import as
    it is.

    Raises:
        MayNotImport: `by` may not import.
        ImportNotFound: there is none.
        ImportNotReady: it is still being read, or it failed.
        Invalid: no line was chosen.
    """
    from sales.writing import carry_out

    if not by.has(*IMPORTERS):
        raise MayNotImport()
    chosen = None if lines == "good" else sorted({int(line) for line in lines})
    if chosen == []:
        raise Invalid("Pilih sedikitnya satu baris.", fields={"lines": "Belum ada baris yang dipilih."})

    def act() -> PurchaseImport:
        with transaction() as db:
            found = _locked(import_id)
            if found.accepted and found.state != "failed":
                return found
            if found.state != "preview":
                raise ImportNotReady(
                    "Berkas ini masih dibaca. Tunggu pratinjaunya."
                    if found.state == "running"
                    else "Impor ini gagal. Unggah berkasnya sekali lagi."
                )
            found.accepted, found.chosen, found.state = True, chosen, "running"
            found.asked_by, found.asked_by_name = by.id, by.name[:160]
            db.flush()
            if found.good <= AT_ONCE:
                carry_out(found.id, now=now)
            else:
                jobs.enqueue("purchases.write", {"import_id": found.id}, key=str(found.id))
            return found

    made, _ = once(key, "purchases.accept", act, lambda row: row.id, find, content=[import_id, chosen])
    return made


def find(import_id: int) -> PurchaseImport:
    """One import of the Kanwil in scope. One statement.

    Raises:
        ImportNotFound: there is none, or it is another Kanwil's.
    """
    asked = select(PurchaseImport).where(PurchaseImport.id == import_id)
    found = session().scalars(asked.execution_options(populate_existing=True)).first()
    if found is None:
        raise ImportNotFound("Impor ini tidak ditemukan.")
    return found


def _locked(import_id: int) -> PurchaseImport:
    asked = select(PurchaseImport).where(PurchaseImport.id == import_id).with_for_update()
    found = session().scalars(asked.execution_options(populate_existing=True)).first()
    if found is None:
        raise ImportNotFound("Impor ini tidak ditemukan.")
    return found


def latest(limit: int = 10) -> list[PurchaseImport]:
    """The newest imports of the Kanwil in scope, newest first. One statement."""
    newest = (PurchaseImport.created_at.desc(), PurchaseImport.id.desc())
    return list(session().scalars(select(PurchaseImport).order_by(*newest).limit(limit)))


def lines(import_id: int, *, level: str | None = None, after: int = 0, limit: int = LINES_A_PAGE) -> LinePage:
    """Lines with a remark after line `after`, of one level or of all. One statement."""
    asked = select(ImportLine).where(ImportLine.import_id == import_id, ImportLine.line > after)
    if level is not None:
        asked = asked.where(ImportLine.level == level)
    found = list(session().scalars(asked.order_by(ImportLine.line, ImportLine.id).limit(limit + 1)))
    return LinePage(found[:limit], found[limit - 1].line if len(found) > limit else None)


def line_counts(import_id: int) -> dict[str, int]:
    """How many lines carry a remark of each level. One statement."""
    asked = (
        select(ImportLine.level, func.count())
        .where(ImportLine.import_id == import_id)
        .group_by(ImportLine.level)
    )
    return {level: int(count) for level, count in session().execute(asked)}


def status(import_id: int, *, after: int = 0, limit: int = LINES_A_PAGE) -> dict[str, Any]:
    """An import as the API shows it. Two statements.

    `lines` holds the remarks of up to `limit` lines; `next_line` says after which to ask for more.
    """
    found = find(import_id)
    page = lines(import_id, after=after, limit=limit)
    return {
        "id": found.id,
        "name": found.name,
        "state": found.state,
        "step": ("importing" if found.accepted and found.lines_read else "reading")
        if found.state == "running"
        else None,
        "lines_read": found.lines_read,
        "good": found.good,
        "bad": found.bad,
        "left_out": found.left_out,
        "known": found.known,
        "total_rupiah": found.total_rupiah,
        "totals": found.totals,
        "months": found.months,
        "problem": found.problem,
        "created_at": found.created_at.isoformat(),
        "finished_at": found.finished_at.isoformat() if found.finished_at else None,
        "lines": [{"line": line.line, **issue} for line in page.lines for issue in line.issues],
        "next_line": page.next_line,
    }
