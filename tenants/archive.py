"""A whole Kanwil as one ZIP: JSON lines a table, the files that its rows name, and back again.

Rows keep their ids: the audit's hashes cover them, so that a restored Kanwil's history still verifies. A database that
already uses one of them for something else is therefore refused.
"""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Date, DateTime, Integer, Table, create_engine, func, insert, inspect, select, text

from tenants import database, files
from tenants.base import Base, Instant, TenantOwned
from tenants.database import PUBLIC_PREFIX, transaction
from tenants.errors import Conflict, Invalid, NotFound
from tenants.models import DirectoryUpt, Kanwil, Officer, officer_roles
from tenants.register import role_ids
from tenants.said import say
from tenants.scope import Scope, entered
from tenants.words import N_

FORMAT = 1
_SHA = re.compile(rb"\b[0-9a-f]{64}\b")
_BATCH = 500


def export(kanwil_id: int, target: Path) -> int:
    """Write everything of a Kanwil to a ZIP; how many rows comes back. Memory stays flat.

    Raises:
        NotFound: no such Kanwil.
    """
    with entered(Scope(kanwil_id)):
        reader = database.session()
        kanwil = reader.scalars(select(Kanwil).where(Kanwil.id == kanwil_id)).first()
        if kanwil is None:
            raise NotFound()
        named: set[str] = set()
        counts: dict[str, int] = {}
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as packed:
            for mapped in _mapped():
                name = mapped.__tablename__
                with packed.open(f"tables/{name}.jsonl", "w", force_zip64=True) as out:
                    counts[name] = 0
                    for row in _rows_of(mapped, kanwil):
                        line = json.dumps(row, ensure_ascii=False, sort_keys=True).encode()
                        named.update(found.decode() for found in _SHA.findall(line))
                        out.write(line + b"\n")
                        counts[name] += 1
            kept = [digest for digest in sorted(named) if files.path(digest) is not None]
            for digest in kept:
                packed.write(files.path(digest), f"files/{digest}")  # type: ignore[arg-type]
            about = {"format": FORMAT, "kanwil": kanwil.code, "rows": counts, "files": len(kept)}
            packed.writestr("karya.json", json.dumps(about, indent=2))
    return sum(counts.values())


def restore(source: Path) -> int:
    """Bring an exported Kanwil back into a database that does not have it; how many rows comes back. One transaction.

    Raises:
        Invalid: not an export, or a file in it is not what its name says.
        Conflict: the Kanwil, or its id, is there already.
    """
    try:
        packed = zipfile.ZipFile(source)
        about = json.loads(packed.read("karya.json"))
    except (zipfile.BadZipFile, KeyError, ValueError):
        raise Invalid(N_("Berkas ini bukan ekspor Kanwil dari Karya.")) from None
    if about.get("format") != FORMAT:
        raise Invalid(N_("Ekspor ini dibuat oleh versi lain yang tidak dikenal."))
    with packed:
        for name in packed.namelist():
            if name.startswith("files/"):
                _put_file(packed, name)
        kanwil = next(_lines(packed, "kanwil"))
        tables = {mapped.__tablename__: mapped for mapped in _mapped()}
        unknown = {name for name, rows in about["rows"].items() if rows} - set(tables)
        if unknown:
            raise Invalid(
                say(
                    N_("Ekspor ini memuat tabel yang tidak dikenal: %(tables)s."),
                    tables=", ".join(sorted(unknown)),
                )
            )
        last: dict[str, int] = {}
        with entered(None):
            known = database.session().scalar(
                select(func.count())
                .select_from(Kanwil)
                .where((Kanwil.id == kanwil["id"]) | (Kanwil.code == kanwil["code"]))
            )
            if known:
                raise Conflict(
                    say(
                        N_("Kanwil %(code)s (atau nomornya) sudah ada di basis data ini."),
                        code=kanwil["code"],
                    )
                )
        with entered(Scope(int(kanwil["id"]))), transaction() as db:
            total = 0
            for name, mapped in tables.items():
                for batch in _batches(_lines(packed, name)):
                    _insert(db, mapped, batch)
                    total += len(batch)
                    if "id" in batch[-1]:
                        last[name] = max(last.get(name, 0), *(row["id"] for row in batch))
        _move_sequences(last)
    return total


def _mapped() -> list[Any]:
    """The classes whose rows make up a Kanwil, parents first."""
    own = {
        m.class_.__tablename__: m.class_ for m in Base.registry.mappers if issubclass(m.class_, TenantOwned)
    }
    public = {
        m.class_.__tablename__: m.class_
        for m in Base.registry.mappers
        if m.class_.__tablename__.startswith(PUBLIC_PREFIX)
    }
    for kept_by_trigger in ("published_photo", "published_tally", "published_facet", "published_word"):
        public.pop(kept_by_trigger, None)
    public.pop("published_feature", None)  # chosen by the centre, of the country's whole shelf
    wanted = {"kanwil": Kanwil, "directory_upt": DirectoryUpt, "ab_user": Officer, **own, **public}
    return [wanted[table.name] for table in Base.metadata.sorted_tables if table.name in wanted]


def _rows_of(mapped: Any, kanwil: Kanwil) -> Iterator[dict[str, Any]]:
    reader = database.session()
    asked = select(mapped)
    columns = mapped.__table__.c
    if mapped is Kanwil:
        asked = asked.where(Kanwil.id == kanwil.id)
    elif mapped is DirectoryUpt:
        asked = asked.where(DirectoryUpt.kanwil_id == kanwil.id)
    elif "kanwil_code" in columns:
        asked = asked.where(mapped.kanwil_code == kanwil.code)
    elif mapped.__tablename__ == "published_verification_file":
        parent = next(
            m.class_ for m in Base.registry.mappers if m.local_table.name == "published_verification"
        )
        asked = asked.where(mapped.code.in_(select(parent.code).where(parent.kanwil_code == kanwil.code)))
    asked = asked.order_by(*mapped.__table__.primary_key.columns).execution_options(yield_per=_BATCH)
    attributes = inspect(mapped).column_attrs
    for row in reader.scalars(asked):
        values = {attribute.key: _plain(getattr(row, attribute.key)) for attribute in attributes}
        if mapped is Officer:
            values["roles"] = [role.name for role in row.roles]
        yield values
        reader.expunge(row)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime | date) else value


def _lines(packed: zipfile.ZipFile, table: str) -> Iterator[dict[str, Any]]:
    try:
        opened = packed.open(f"tables/{table}.jsonl")
    except KeyError:
        return
    with opened as lines:
        for line in lines:
            yield json.loads(line)


def _batches(rows: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _insert(db: Any, mapped: Any, batch: list[dict[str, Any]]) -> None:
    attributes = {attribute.key: attribute.columns[0].type for attribute in inspect(mapped).column_attrs}
    rows = [{key: _typed(row.get(key), kind) for key, kind in attributes.items()} for row in batch]
    db.execute(insert(mapped), rows)
    if mapped is Officer:
        ids = role_ids()
        links = [{"user_id": row["id"], "role_id": ids[name]} for row in batch for name in row["roles"]]
        if links:
            db.execute(insert(officer_roles), links)


def _typed(value: Any, kind: Any) -> Any:
    if isinstance(value, str) and isinstance(kind, Instant | DateTime):
        return datetime.fromisoformat(value)
    if isinstance(value, str) and isinstance(kind, Date):
        return date.fromisoformat(value)
    return value


def _put_file(packed: zipfile.ZipFile, name: str) -> None:
    digest = name.removeprefix("files/")
    if files.put(packed.read(name)) != digest:
        raise Invalid(say(N_("Isi berkas %(digest)s tidak sesuai dengan namanya."), digest=digest))


def _move_sequences(last: dict[str, int]) -> None:
    """On PostgreSQL the next id of each table must lie beyond what was brought in; the owner alone may say so."""
    settings = database.db.settings
    if settings.dialect != "postgresql":
        return
    engine = create_engine(settings.owner_url or settings.database_url)
    with engine.begin() as connection:
        for name, highest in last.items():
            table: Table = Base.metadata.tables[name]
            if not isinstance(table.c.id.type, Integer):
                continue
            sequence = connection.scalar(text("SELECT pg_get_serial_sequence(:name, 'id')"), {"name": name})
            if sequence:
                connection.execute(
                    text(
                        f"SELECT setval('{sequence}', GREATEST(:highest, (SELECT last_value FROM {sequence})))"  # noqa: S608
                    ),
                    {"highest": highest},
                )
    engine.dispose()
