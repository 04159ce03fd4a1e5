"""Bring a file of purchases in: begin -> read by a job -> preview -> accept -> done.

A file whose columns nobody knows waits until an officer says which is which (`explain`). What an import says about each
line is kept; the good lines stay in the stored file and are read again when they are imported, against the register and
the purchases as they are then. A package that is already there with the same content is not counted again; with another
content it becomes a new version and the old one is kept. `undoing` takes a whole import back.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal

from sqlalchemy import func, select

from sales import aliases, layouts
from sales.columns import Layouts
from sales.errors import ImportNotFound, ImportNotReady, MayNotImport, UnknownColumns
from sales.models import ImportLine, PurchaseImport
from sales.parsing import PurchaseFile, kind_of
from tenants import files, jobs, scope, sheet_xlsx
from tenants.clock import local_day
from tenants.database import session, transaction
from tenants.errors import Invalid
from tenants.idempotency import once
from tenants.models import Kanwil
from tenants.officers import Actor
from tenants.said import say
from tenants.sheet_rows import MAX_LINES
from tenants.words import N_
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
    file: bytes,
    name: str,
    *,
    by: Actor,
    now: datetime,
    key: str | None = None,
    accept: bool = False,
    columns: Mapping[str, str] | None = None,
    may_ask: bool = False,
) -> PurchaseImport:
    """Take in a file and have a job read it. With `accept` its good lines are imported as soon as it is read.

    `columns` explains the header: key -> name in the file; it is remembered. With `may_ask` a file whose columns are
    not known is kept and waits for `explain`. A repetition with the same idempotency key returns the first import.

    Raises:
        MayNotImport: `by` is neither kadiv nor admin_kanwil of a Kanwil.
        FileTooLarge, NotAPurchaseFile, UnreadableFile: the file is refused before anything is kept.
        UnknownColumns: the same, where `columns` could explain it; `detail` names what stands there.
        Invalid: `columns` names what is not there.
    """
    if by.tenant_id is None or by.upt_id is not None or not by.has(*IMPORTERS):
        raise MayNotImport()
    if columns:
        layouts.learn_named(file, columns, by=by, now=now)
    state = "running"
    try:
        look_at(file, layouts.known())
    except UnknownColumns:
        if not may_ask:
            raise
        state = "mapping"
    stored, shown = files.put(file), file_name(name)
    return _enter(stored, len(file), shown, by=by, now=now, key=key, accept=accept, state=state)


def explain(
    import_id: int,
    positions: Mapping[str, int],
    *,
    header_line: int | None = None,
    by: Actor,
    now: datetime,
) -> PurchaseImport:
    """Say which column is which in a file that waits for it, have it read, and remember the header. Once it is being
    read, saying it again changes nothing.

    Raises:
        MayNotImport: `by` may not import.
        ImportNotFound: there is none.
        Invalid: a column that a purchase needs is missing, or named twice.
    """
    if not by.has(*IMPORTERS):
        raise MayNotImport()
    with transaction() as db:
        found = locked(import_id)
        if found.state != "mapping":
            return found
        layout = layouts.learn(opened(found), positions, header_line=header_line, by=by, now=now)
        found.state = "running"
        db.flush()
        mark = int(layout.set_at.timestamp())
        jobs.enqueue("purchases.read", {"import_id": found.id}, key=f"{found.id}-columns-{mark}")
    return found


def learn_alias(import_id: int, name: str, upt_id: int, *, by: Actor, now: datetime) -> PurchaseImport:
    """Keep a name that a preview did not know as another name of an UPT, and read the file again with it.

    A name that means this UPT already is left as it is.

    Raises:
        MayNotImport: `by` may not import.
        ImportNotFound: there is none.
        Invalid: no name, no such UPT in this Kanwil, or the name means another UPT.
    """
    if not by.has(*IMPORTERS):
        raise MayNotImport()
    with transaction() as db:
        found = locked(import_id)
        meant = aliases.book(db).find(" ".join(name.split()))
        if meant is not None and meant.upt_id == upt_id:
            return found
        alias = aliases.add(name, upt_id, by=by, now=now)
        if found.state == "preview":
            found.state, found.lines_read = "running", 0
            db.flush()
            jobs.enqueue("purchases.read", {"import_id": found.id}, key=f"{found.id}-alias-{alias.id}")
    return found


def opened(found: PurchaseImport) -> io.BytesIO:
    """The stored file of an import.

    Raises:
        ImportNotFound: it is gone.
    """
    place = files.path(found.sha256)
    if place is None:
        raise ImportNotFound(N_("Berkas unggahan tidak ditemukan lagi. Unggah sekali lagi."))
    return io.BytesIO(place.read_bytes())


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
    state: str = "running",
) -> PurchaseImport:
    tenant_id = scope.current().tenant_id

    def act() -> PurchaseImport:
        with transaction() as db:
            kanwil = db.get_one(Kanwil, tenant_id)
            made = PurchaseImport(
                name=shown,
                sha256=digest,
                size_bytes=size,
                state=state,
                accepted=accept,
                as_of=as_of or local_day(now, kanwil.timezone),
                national_id=national_id,
                asked_by=by.id,
                asked_by_name=by.name[:160],
                created_at=now,
            )
            db.add(made)
            db.flush()
            if state == "running":
                jobs.enqueue("purchases.read", {"import_id": made.id}, key=str(made.id))
            payload = {"import_id": made.id, "name": shown, "sha256": digest, "bytes": size}
            audit.record(audit.KANWIL, "purchases.uploaded", payload, by=by, now=now)
            return made

    asked = [tenant_id, digest, accept]
    operation = "purchases.import" if national_id is None else f"purchases.import.{tenant_id}"
    made, _ = once(key, operation, act, lambda row: row.id, find, content=asked)
    return made


def look_at(file: bytes, explained: Layouts | None = None) -> None:
    """Refuse what can be told to be no purchase file without reading all of it. `explained`: headers known before.

    Raises:
        FileTooLarge, NotAPurchaseFile, UnreadableFile, UnknownColumns: see `PurchaseFile`.
    """
    source = io.BytesIO(file)
    if kind_of(source) == "xlsx":
        sheet_xlsx.check(source)
        if len(file) > 4 * 1024 * 1024:
            return  # its texts alone take seconds to open: the job does
    PurchaseFile(source, explained)


_RANGE: Final = re.compile(r"^(\d{1,6})(?:\s*[-–]\s*(\d{1,6}))?$")


def lines_said(text: str) -> list[int]:
    """Line numbers as people write them: "2-40, 57".

    Raises:
        Invalid: it says something else.
    """
    found: set[int] = set()
    for part in filter(None, (each.strip() for each in re.split(r"[,;\n]", text))):
        match = _RANGE.match(part)
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
        if first > last or last > MAX_LINES:
            raise Invalid(
                N_("Nomor baris tidak terbaca."),
                fields={
                    "lines": say(N_("“%(part)s” bukan nomor baris; tulis seperti 2-40, 57."), part=part[:40])
                },
            )
        found.update(range(first, last + 1))
    return sorted(found)


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
        raise Invalid(
            N_("Pilih sedikitnya satu baris."), fields={"lines": N_("Belum ada baris yang dipilih.")}
        )

    def act() -> PurchaseImport:
        with transaction() as db:
            found = locked(import_id)
            if found.accepted and found.state != "failed":
                return found
            if found.state != "preview":
                raise ImportNotReady(_NOT_YET.get(found.state))
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
        raise ImportNotFound(N_("Impor ini tidak ditemukan."))
    return found


_NOT_YET: Final = {
    "running": N_("Berkas ini masih dibaca. Tunggu pratinjaunya."),
    "mapping": N_("Kolom berkas ini belum dikenal. Jelaskan dulu kolomnya."),
    "failed": N_("Impor ini gagal. Unggah berkasnya sekali lagi."),
}


def locked(import_id: int) -> PurchaseImport:
    """The same, held until the transaction ends. One statement.

    Raises:
        ImportNotFound: there is none, or it is another Kanwil's.
    """
    asked = select(PurchaseImport).where(PurchaseImport.id == import_id).with_for_update()
    found = session().scalars(asked.execution_options(populate_existing=True)).first()
    if found is None:
        raise ImportNotFound(N_("Impor ini tidak ditemukan."))
    return found


def latest(limit: int = 10) -> list[PurchaseImport]:
    """The newest imports of the Kanwil in scope, newest first. One statement."""
    newest = (PurchaseImport.created_at.desc(), PurchaseImport.id.desc())
    return list(session().scalars(select(PurchaseImport).order_by(*newest).limit(limit)))


def progress(found: PurchaseImport) -> tuple[int, int]:
    """How many lines are done, and of how many; (0, 0) where nothing can be said yet."""
    if found.state != "running":
        return (0, 0)
    if found.written is not None:
        of = len(found.chosen) if found.chosen is not None else found.good + found.known
        done = int(found.written["lines"])
    else:
        of, done = found.lines_total or 0, found.lines_read
    return (min(done, of), of)


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
        "lines_total": found.lines_total,
        "lines_written": (found.written or {}).get("lines", 0),
        "good": found.good,
        "bad": found.bad,
        "left_out": found.left_out,
        "known": found.known,
        "total_rupiah": found.total_rupiah,
        "totals": found.totals,
        "months": found.months,
        "problem": found.problem,
        "undone": found.undone,
        "undone_at": found.undone_at.isoformat() if found.undone_at else None,
        "created_at": found.created_at.isoformat(),
        "finished_at": found.finished_at.isoformat() if found.finished_at else None,
        "lines": [
            {"line": line.line} | {name: value for name, value in issue.items() if name != "said"}
            for line in page.lines
            for issue in line.issues
        ],
        "next_line": page.next_line,
    }
