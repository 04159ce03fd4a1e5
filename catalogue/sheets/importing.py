"""Bringing a sheet in: it is kept, looked at as often as one likes, and its good rows become drafts, each once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from catalogue import drafts
from catalogue.errors import ContentInvalid, NotYourProduct
from catalogue.sheets.models import ProductImport, ProductImportRow
from catalogue.sheets.reading import SheetRow, read
from tenants import files
from tenants.clock import local_day
from tenants.database import session as scoped_session
from tenants.database import transaction
from tenants.errors import NotFound
from tenants.idempotency import once
from tenants.models import Kanwil
from tenants.officers import Actor
from tenants.said import say
from tenants.scope import current
from tenants.words import N_
from workflows import audit


class SheetNotFound(NotFound):
    """The import doesn't exist for this scope."""

    code = "impor-tidak-ditemukan"
    title = N_("Impor tidak ditemukan")


@dataclass(frozen=True)
class SheetView:
    """A sheet as it stands: its rows, and which of them are drafts already (row -> product)."""

    found: ProductImport
    rows: list[SheetRow]
    imported: dict[int, int]

    @property
    def ready(self) -> list[SheetRow]:
        """Rows that can be imported now."""
        return [row for row in self.rows if row.is_good and row.number not in self.imported]

    @property
    def bad(self) -> list[SheetRow]:
        return [row for row in self.rows if not row.is_good]


def begin(
    file: bytes, name: str, *, by: Actor, now: datetime, key: str | None = None, accept_all: bool = False
) -> ProductImport:
    """Take a sheet in; with `accept_all` its good rows become drafts at once. The same file is the same import.

    Raises:
        NotYourProduct: `by` is no operator of a UPT.
        UnreadableFile, FileTooLarge, NotASheet: the file is refused before anything is kept.
    """
    _may(by)
    read(file, today=_today(now))
    digest = files.put(file)
    shown = " ".join(name.replace("\\", "/").rsplit("/", 1)[-1].split())[:200] or "produk.xlsx"

    def act() -> ProductImport:
        with transaction():
            found = _kept(digest, len(file), shown, by, now)
            if accept_all:
                _carry_out(found, None, by, now)
            return found

    made, _ = once(key, "product.import", act, lambda row: row.id, find, content=[digest, accept_all])
    return made


def accept(
    import_id: int, *, by: Actor, now: datetime, rows: Sequence[int] | None = None, key: str | None = None
) -> ProductImport:
    """Make drafts of the good rows, or of those among them that `rows` names; what is a draft already stays one.

    One transaction, one audit event.

    Raises:
        SheetNotFound: there is none within the scope.
        NotYourProduct: `by` is no operator of a UPT.
        ContentInvalid: no row was chosen, or one that can't be imported.
    """
    _may(by)
    chosen = None if rows is None else sorted(set(rows))
    if chosen == []:
        raise ContentInvalid(
            N_("Pilih sedikitnya satu baris."), fields={"rows": N_("Belum ada baris yang dipilih.")}
        )

    def act() -> ProductImport:
        with transaction() as session:
            asked = select(ProductImport).where(ProductImport.id == import_id).with_for_update()
            found = session.scalars(asked).first()
            if found is None:
                raise SheetNotFound(N_("Impor ini tidak ditemukan."))
            _carry_out(found, chosen, by, now)
            return found

    made, _ = once(key, f"product.import:{import_id}", act, lambda row: row.id, find, content=chosen)
    return made


def find(import_id: int) -> ProductImport:
    """One import. One statement.

    Raises:
        SheetNotFound: there is none within the scope.
    """
    found = scoped_session().scalars(select(ProductImport).where(ProductImport.id == import_id)).first()
    if found is None:
        raise SheetNotFound(N_("Impor ini tidak ditemukan."))
    return found


def view(import_id: int, *, now: datetime) -> SheetView:
    """A sheet with what is wrong with each row and what became of it. Three statements."""
    found = find(import_id)
    return SheetView(found, read(files.get(found.sha256), today=_today(now)), _imported(found.id))


def latest(limit: int = 10) -> list[tuple[ProductImport, int]]:
    """The newest sheets, and how many drafts each gave. One statement."""
    asked = (
        select(ProductImport, func.count(ProductImportRow.id))
        .outerjoin(ProductImportRow, ProductImportRow.import_id == ProductImport.id)
        .group_by(ProductImport.id)
        .order_by(ProductImport.id.desc())
        .limit(limit)
    )
    return [(found, int(count)) for found, count in scoped_session().execute(asked)]


def status(import_id: int, *, now: datetime) -> dict[str, Any]:
    """A sheet as the API shows it. Three statements."""
    seen = view(import_id, now=now)
    done = len(seen.imported)
    return {
        "id": seen.found.id,
        "name": seen.found.name,
        "state": "done" if done and not seen.ready else "preview",
        "good": len(seen.ready),
        "bad": len(seen.bad),
        "imported": done,
        "products": [{"line": row, "product_id": product} for row, product in sorted(seen.imported.items())],
        "lines": [
            {"line": row.number, "field": issue.key, "reason": issue.reason, "level": issue.level}
            for row in seen.rows
            if row.number not in seen.imported
            for issue in row.issues
        ],
        "created_at": seen.found.created_at.isoformat(),
    }


def _kept(digest: str, size: int, name: str, by: Actor, now: datetime) -> ProductImport:
    """The import of this content, made where it is missing and locked where it is there."""
    with transaction() as session:
        asked = select(ProductImport).where(ProductImport.sha256 == digest).with_for_update()
        found = session.scalars(asked).first()
        if found is not None:
            return found
        try:
            with session.begin_nested():
                found = ProductImport(
                    upt_id=by.upt_id,
                    name=name,
                    sha256=digest,
                    size_bytes=size,
                    asked_by=by.id,
                    asked_by_name=by.name[:200],
                    created_at=now,
                )
                session.add(found)
                session.flush()
            return found
        except IntegrityError:
            return session.scalars(asked.execution_options(populate_existing=True)).one()


def _carry_out(found: ProductImport, chosen: list[int] | None, by: Actor, now: datetime) -> None:
    with transaction() as session:
        rows = read(files.get(found.sha256), today=_today(now))
        imported = _imported(found.id)
        if chosen is not None:
            good = {row.number for row in rows if row.is_good}
            wrong = [number for number in chosen if number not in good]
            if wrong:
                words = say(N_("Baris %(wrong)s belum dapat diimpor."), wrong=", ".join(map(str, wrong[:10])))
                raise ContentInvalid(words, fields={"rows": words})
        made: dict[int, int] = {}
        for row in rows:
            if row.is_good and row.number not in imported and (chosen is None or row.number in chosen):
                made[row.number] = drafts.create(row.content, by=by, now=now, strict=True).id
        if not made:
            return
        session.add_all(
            ProductImportRow(
                upt_id=by.upt_id, import_id=found.id, row=row, product_id=product, created_at=now
            )
            for row, product in made.items()
        )
        session.flush()
        said = {
            "import": found.id,
            "sha256": found.sha256,
            "rows": list(made),
            "products": list(made.values()),
        }
        audit.record(audit.KANWIL, "product.imported", said, by=by, now=now, upt_id=by.upt_id)


def _imported(import_id: int) -> dict[int, int]:
    asked = select(ProductImportRow.row, ProductImportRow.product_id).where(
        ProductImportRow.import_id == import_id
    )
    return {int(row): int(product) for row, product in scoped_session().execute(asked)}


def _today(now: datetime) -> date:
    kanwil = scoped_session().get_one(Kanwil, current().tenant_id)
    return local_day(now, kanwil.timezone)


def _may(by: Actor) -> None:
    if by.upt_id is None or not by.has(drafts.DRAFTER):
        raise NotYourProduct(N_("Produk disusun oleh operator UPT."))
