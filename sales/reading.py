"""The job that reads an uploaded file: says something about each line that needs it, and adds up the good
ones."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import Any, Final, TypeVar

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import SQLAlchemyError

from sales import aliases, imports, layouts
from sales.checks import COMPLETED
from sales.errors import FileTooLarge, NotAPurchaseFile, UnknownColumns, UnreadableFile
from sales.models import ImportLine, Purchase, PurchaseImport
from sales.parsing import Line, PurchaseFile
from sales.providers import ProviderBook
from sales.versions import content_of, differences, named
from sales.writing import carry_out, no_totals, settle_counts
from tenants import clock, files, scope
from tenants.database import session, transaction
from tenants.errors import KaryaError, NotFound
from tenants.jobs import job
from tenants.lists import among, by_values
from tenants.said import beside, say
from tenants.words import N_

log = logging.getLogger("karya.purchases")
CHUNK: Final = 1000
T = TypeVar("T")


@job("purchases.read")
def read_job(payload: dict[str, Any]) -> None:
    """Read, and import at once where that was asked. A run after a crash starts the reading over."""
    read(int(payload["import_id"]), now=clock.now())


@job("purchases.write")
def write_job(payload: dict[str, Any]) -> None:
    _finish(int(payload["import_id"]), now=clock.now())


def chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """The items in lists of `size`."""
    source = iter(items)
    while chunk := list(islice(source, size)):
        yield chunk


def read(import_id: int, *, now: datetime) -> PurchaseImport:
    """Read a file line by line, in flat memory and short transactions, up to its preview.

    What is wrong with the file as a whole ends in the state ``failed`` with the reason; an error of the
    database is left to the queue, which tries again.

    Raises:
        ImportNotFound: there is none.
    """
    found = imports.find(import_id)
    if found.state != "running":
        return found
    if found.written is not None:
        return _finish(import_id, now=now)
    try:
        _read_all(import_id)
    except UnknownColumns as unknown:
        if found.national_id is not None:
            return _fail(import_id, unknown.message, now)
        with transaction():
            found = imports.find(import_id)
            found.state = "mapping"
        return found
    except (UnreadableFile, NotAPurchaseFile, FileTooLarge, NotFound) as refused:
        return _fail(import_id, refused.message, now)
    except SQLAlchemyError:
        raise
    except Exception:
        log.exception("import %s could not be read", import_id)
        return _fail(
            import_id, say(N_("Berkas ini tidak dapat dibaca sampai selesai. Unggah sekali lagi.")), now
        )
    return _finish(import_id, now=now)


def _finish(import_id: int, *, now: datetime) -> PurchaseImport:
    """After reading: import where that was asked, else show the preview."""
    try:
        with transaction():
            found = imports.find(import_id)
            if found.state == "running" and not found.accepted:
                found.state = "preview"
        if found.accepted:
            carry_out(import_id, now=now)
    except KaryaError as refused:
        return _fail(import_id, refused.message, now)
    return imports.find(import_id)


def _fail(import_id: int, why: str, now: datetime) -> PurchaseImport:
    """End an import with its reason; what its finished batches wrote stays, is said, and can be undone."""
    with transaction():
        found = imports.find(import_id)
        found.state, found.problem, found.finished_at = "failed", why, now
        if found.written is not None:
            settle_counts(found)
    return found


def _read_all(import_id: int) -> None:
    with transaction() as db:
        db.execute(delete(ImportLine).where(ImportLine.import_id == import_id))
        found = imports.find(import_id)
        book = aliases.book(db)
        as_of, digest, of_country = found.as_of, found.sha256, found.national_id is not None
        explained, upts = layouts.of(found), aliases.short_names(db)
    place = files.path(digest)
    if place is None:
        raise NotFound(N_("Berkas unggahan tidak ditemukan lagi. Unggah sekali lagi."))
    sums = _Sums()
    with place.open("rb") as stream:
        own = scope.current().tenant_id
        file = PurchaseFile(stream, explained)
        sums.lines_total = file.lines_about
        lines = file.lines(book, own=own, today=as_of)
        if of_country:
            lines = (line for line in lines if _is_of(own, line, book))
        for chunk in chunks(lines, CHUNK):
            remarks = _remarks(chunk, sums, upts)
            with transaction() as db:
                db.execute(
                    update(PurchaseImport).where(PurchaseImport.id == import_id).values(**sums.values())
                )
                if remarks:
                    db.execute(insert(ImportLine), [{"import_id": import_id, **row} for row in remarks])
    if not sums.lines_read:
        raise UnreadableFile(N_("Berkas ini hanya berisi kepala kolom, tanpa satu baris pembelian pun."))


def _is_of(own: int, line: Line, book: ProviderBook) -> bool:
    """Whether a line of the country's file is this Kanwil's to hear about."""
    if line.purchase is not None:
        return True
    provider = book.find(" ".join(line.raw.get("penyedia", "").split()))
    return provider is not None and provider.kanwil_id == own


class _Sums:
    """What is counted while reading."""

    def __init__(self) -> None:
        self.lines_total = self.lines_read = self.good = self.bad = self.left_out = self.known = 0
        self.totals = no_totals()
        self.months: set[str] = set()

    def values(self) -> dict[str, Any]:
        return {
            "lines_total": self.lines_total,
            "lines_read": self.lines_read,
            "good": self.good,
            "bad": self.bad,
            "left_out": self.left_out,
            "known": self.known,
            "total_rupiah": self.totals[COMPLETED]["value_rupiah"],
            "totals": self.totals,
            "months": sorted(self.months),
        }


def _remarks(chunk: list[Line], sums: _Sums, upts: Mapping[int, str]) -> list[dict[str, Any]]:
    """The rows to keep of a chunk, its sums added. One statement: the purchases that are there already."""
    ids = [line.purchase.package_id for line in chunk if line.purchase]
    asked = select(Purchase).where(among(Purchase.package_id, ids))
    db = session()
    with by_values(db):
        standing = {row.package_id: row for row in db.scalars(asked)} if ids else {}
    rows = []
    for line in chunk:
        sums.lines_read += 1
        issues = [
            {"field": i.field, "reason": i.reason, "level": i.level, **beside({"reason": i.reason})}
            for i in line.issues
        ]
        level = line.level
        if line.purchase is None:
            sums.bad += level == "error"
            sums.left_out += level == "left_out"
            sums.known += level == "notice"
        else:
            there = standing.get(line.purchase.package_id)
            remark = _against(line, there, upts) if there is not None else None
            if remark is not None:
                issues.append(
                    {"field": "id_paket", "reason": remark, "level": "notice", **beside({"reason": remark})}
                )
                level = "notice"
            if there is not None and content_of(there) == line.purchase.content:
                sums.known += 1
            else:
                sums.good += 1
                total = sums.totals[line.purchase.status]
                total["packages"] += 1
                total["value_rupiah"] += line.purchase.total_rupiah
                sums.months.add(f"{line.purchase.purchased_on:%Y-%m}")
        if issues:
            rows.append({"line": line.number, "level": level, "issues": issues, "raw": line.raw})
    for row in standing.values():
        db.expunge(row)
    return rows


def _against(line: Line, there: Purchase, upts: Mapping[int, str]) -> str:
    """What a line means for the package that is there already."""
    assert line.purchase is not None  # noqa: S101 - asked for good lines alone
    new, old = line.purchase.content, content_of(there)
    if new == old:
        return say(N_("sudah ada dengan isi yang sama; tidak dihitung lagi"))
    changed = "; ".join(
        f"{each.label[0].lower()}{each.label[1:]} {each.before} menjadi {each.after}"
        for each in differences(named(old), named(new), upts)
    )
    return say(
        N_("sudah ada dengan isi lain; versi %(version)s akan menggantikannya: %(changed)s"),
        version=there.version + 1,
        changed=changed,
    )
