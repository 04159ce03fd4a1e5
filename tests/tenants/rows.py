"""A row of every tenant-owned table for two UPT of two Kanwil, made from what the metadata says of the table."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    Boolean,
    Date,
    Float,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
    create_engine,
    insert,
    select,
)
from sqlalchemy.orm import Session

from config import Settings
from sales.campaigns.models import Campaign
from tenants import database, register, schema
from tenants.base import Base, Instant, JSONText, TenantOwned, owned_classes
from tenants.models import DirectoryUpt, Kanwil, Officer
from tenants.scope import Scope, current_or_none, entered
from tests.support import worlds

HOMES = {"kalbar": worlds.UNITS["kalbar"][:2], "banten": worlds.UNITS["banten"][:2]}
UNCHANGING = (
    *("audit_event", "decision", "case_comment", "case_note"),
    *("comment_file", "note_file", "obstacle_change", "campaign_sale_change"),
)
"""Tables whose triggers refuse a change or a deletion, even of one's own rows."""
_numbers = itertools.count(7001)


@dataclass(frozen=True)
class Held:
    """A row as the owner of the database sees it."""

    table: str
    id: int
    tenant_id: int
    upt_id: int | None


@dataclass
class Ground:
    """What is in the database, whoever may see it."""

    settings: Settings
    layer: str
    kanwil: dict[str, int]
    upt: dict[str, int]
    rows: list[Held] = field(default_factory=list)

    @property
    def guarded(self) -> bool:
        """Whether the application's guard is on; else row level security stands alone."""
        return not self.settings.guard_off

    def scopes(self) -> Iterator[Scope]:
        """A Kanwil, two of its UPT, a UPT of another Kanwil."""
        kalbar, banten = self.kanwil["kalbar"], self.kanwil["banten"]
        first, second = (self.upt[code] for code in HOMES["kalbar"])
        yield Scope(kalbar, None, 1)
        yield Scope(kalbar, first, 1)
        yield Scope(kalbar, second, 1)
        yield Scope(banten, self.upt[HOMES["banten"][0]], 1)

    def of(self, model: Any) -> list[Held]:
        return [row for row in self.rows if row.table == model.__tablename__]

    def seen(self, model: type[TenantOwned], scope: Scope) -> set[int]:
        """The ids that belong to a scope."""
        return {row.id for row in self.of(model) if belongs(row, model, scope)}

    def others(self, model: type[TenantOwned], scope: Scope) -> list[Held]:
        """The rows that do not."""
        return [row for row in self.of(model) if not belongs(row, model, scope)]


def belongs(row: Held, model: type[TenantOwned], scope: Scope) -> bool:
    """The rule of the three kinds, in words of its own."""
    if row.tenant_id != scope.tenant_id:
        return False
    if scope.upt_id is None or model.reach == "shared":
        return True
    return model.reach == "upt" and row.upt_id == scope.upt_id


def models() -> list[Any]:
    """Every class of tenant-owned rows, parents first."""
    order = {table.name: place for place, table in enumerate(Base.metadata.sorted_tables)}
    return sorted(owned_classes(), key=lambda one: order[one.__tablename__])  # type: ignore[attr-defined]


def fill(settings: Settings) -> None:
    """Open two Kanwil with two UPT each and their officers, and bring a row of each into every tenant table."""
    database.configure(settings)
    schema.migrate(settings)
    for row in register.read_reference("kanwil.csv"):
        if row["code"] not in HOMES:
            continue
        kanwil = register.open_kanwil(**row)
        units = {unit["upt_code"]: unit for unit in register.read_reference("upt.csv")}
        with entered(Scope(kanwil.id)), database.transaction() as session:
            _officer(session, f"kadiv.{kanwil.code}", None)
            campaign = _campaign(session, kanwil)
            for upt in register.open_upts([units[code] for code in HOMES[kanwil.code]], kanwil):
                _officer(session, f"operator.{upt.code}", upt.id)
                made = {"upt": upt.id, "kanwil": kanwil.id, "campaign": campaign}
                for model in models():
                    if upt.code != HOMES[kanwil.code][0] and _one_a_kanwil(model):
                        continue
                    _one(session, model, made)
                    if model.upt_optional and upt.code == HOMES[kanwil.code][0]:
                        _one(session, model, {**made, "no upt": 1})
    with entered(None), database.transaction() as session:
        _officer(session, "dirjen", None)
    database.db.release()


def _officer(session: Session, username: str, upt_id: int | None) -> None:
    session.add(
        Officer(
            username=username,
            first_name=username,
            last_name="",
            email=f"{username}@contoh.id",
            active=True,
            tenant_id=scope.tenant_id if isinstance(scope := current_or_none(), Scope) else None,
            upt_id=upt_id,
        )
    )
    session.flush()


def _one_a_kanwil(model: Any) -> bool:
    """Whether a Kanwil has one such row and no more."""
    return any(
        [column.name for column in one.columns] == ["tenant_id"]
        for one in model.__table__.constraints
        if isinstance(one, UniqueConstraint)
    )


def _campaign(session: Session, kanwil: Kanwil) -> int:
    """What no tenant owns and every sale in a campaign points at."""
    row = Campaign(
        kanwil_id=kanwil.id,
        slug=f"kampanye-{kanwil.code}",
        title=f"Kampanye {kanwil.code}",
        starts_on=date(2024, 3, 1),
        ends_on=date(2024, 3, 31),
        late_days=7,
        counts_purchases=True,
        created_by=1,
        created_by_name="Kadiv",
        created_at=datetime(2024, 3, 1, tzinfo=UTC),
    )
    session.add(row)
    session.flush()
    return row.id


def _one(session: Session, model: Any, made: dict[str, int]) -> None:
    table: Table = model.__table__
    if table.name in ("upt", "kanwil_settings"):
        return  # opened with the Kanwil
    values: dict[str, Any] = {}
    for column in table.columns:
        if column.name in ("id", "tenant_id"):
            continue
        key = model.__mapper__.get_property_by_column(column).key
        if column.name == "upt_id":
            values[key] = None if "no upt" in made else made["upt"]
        elif column.foreign_keys:
            parent = next(iter(sorted(fk.column.table.name for fk in column.foreign_keys)))
            if parent in made and parent != table.name:
                values[key] = made[parent]
        elif not column.nullable and column.default is None and column.server_default is None:
            values[key] = value_for(column)
    row = model(**values)
    session.add(row)
    session.flush()
    if "no upt" not in made:
        made[table.name] = row.id


def value_for(column: Any) -> Any:
    """A value that fits a column and occurs once."""
    number = next(_numbers)
    kind = column.type
    if isinstance(kind, Instant):
        return datetime(2024, 3, 5, 3, 0, tzinfo=UTC)
    if isinstance(kind, JSONText):
        return {"n": number}
    if isinstance(kind, Boolean):
        return False
    if isinstance(kind, Date):
        return date(2000, 1, 1) + timedelta(days=number)
    if isinstance(kind, Float):
        return 0.1
    if isinstance(kind, LargeBinary):
        return str(number).encode()
    if isinstance(kind, String):
        return f"n{number}"[: kind.length or 40]
    if isinstance(kind, Integer):
        return number
    raise TypeError(f"{column}: no value for {kind!r}")


def survey(settings: Settings, layer: str) -> Ground:
    """Read everything as the database's owner."""
    with database.public() as session:
        kanwil = {code: id_ for id_, code in session.execute(select(Kanwil.id, Kanwil.code))}
        upt = {row.code: row.upt_id for row in session.scalars(select(DirectoryUpt))}
    ground = Ground(settings, layer, kanwil, upt)
    engine = create_engine(settings.database_url)
    with engine.connect() as connection:
        for model in models():
            table = model.__table__
            upt = table.c.get("upt_id")
            columns = [
                table.c.id,
                table.c.tenant_id,
                *([upt] if upt is not None and model.reach == "upt" else []),
            ]
            for row in connection.execute(select(*columns)):
                ground.rows.append(Held(table.name, row[0], row[1], row[2] if len(row) > 2 else None))
    engine.dispose()
    return ground


def all_rows(session: Session) -> dict[tuple[str, int], tuple[Any, ...]]:
    """Every row of every tenant table and of the officers, seen from below the guard and row level security, inside the
    open transaction of `session`."""
    raw = session.connection().connection.driver_connection
    assert raw is not None
    cursor = raw.cursor()
    if database.db.dialect == "postgresql":
        cursor.execute("RESET ROLE")
    found: dict[tuple[str, int], tuple[Any, ...]] = {}
    for name in [model.__tablename__ for model in models()] + ["ab_user"]:
        columns = ", ".join(f'"{column.name}"' for column in Base.metadata.tables[name].columns)
        for row in cursor.execute(f'SELECT id, tenant_id, {columns} FROM "{name}"').fetchall():
            found[name, row[0]] = tuple(row)
    if database.db.dialect == "postgresql":
        cursor.execute("SET ROLE karya_app")
    return found


def insert_values(model: Any, **given: Any) -> dict[str, Any]:
    """Values for a new row of a model, without its parents."""
    values = {
        model.__mapper__.get_property_by_column(column).key: value_for(column)
        for column in model.__table__.columns
        if not column.nullable
        and column.default is None
        and column.server_default is None
        and column.name not in ("id", "tenant_id", "upt_id")
    }
    return values | given


__all__ = ["Ground", "Held", "all_rows", "fill", "insert", "insert_values", "models", "survey", "value_for"]
