"""What every table is made of: the declarative base, column types, and the four kinds of tenant-owned rows."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any, ClassVar

from flask_appbuilder.models.sqla import Model
from sqlalchemy import (
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

Base = Model


class Instant(TypeDecorator[datetime]):
    """An instant in UTC. Naive datetimes are refused, so that nobody stores a local time by accident."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs its timezone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


_as_text = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class JSONText(TypeDecorator[Any]):
    """JSON kept as text, the same on both databases: keys in order, no surprises from a database's own JSON type."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else _as_text(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else json.loads(value)


def own_key(column: str, table: str, *, ondelete: str | None = None) -> ForeignKeyConstraint:
    """A composite foreign key `(tenant_id, column)`, so that no row can point into another tenant, on SQLite too."""
    return ForeignKeyConstraint(
        ["tenant_id", column], [f"{table}.tenant_id", f"{table}.id"], ondelete=ondelete
    )


class TenantOwned:
    """A row that belongs to one Kanwil. Use one of the four kinds below."""

    reach: ClassVar[str]
    upt_optional: ClassVar[bool] = False
    leaves_home: ClassVar[bool] = True
    """Whether an export of the Kanwil takes it along. What is about persons stays (ADR 19)."""

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)

    @declared_attr
    def tenant_id(cls) -> Mapped[int]:  # noqa: N805
        return mapped_column(Integer, ForeignKey("kanwil.id"), nullable=False)

    @declared_attr.directive
    def __table_args__(cls) -> tuple[Any, ...]:  # noqa: N805
        return own_args(cls)


def own_args(cls: Any, *more: Any) -> tuple[Any, ...]:
    """The constraints of a tenant-owned table, and `more`: ``__table_args__ = own_args(UptOwned, Index(...))``.

    `cls` is the class or the kind (`UptOwned`); the key of the UPT is added for UPT-owned rows.
    """
    args: list[Any] = [UniqueConstraint("tenant_id", "id")]
    if getattr(cls, "reach", None) in ("upt", "private"):
        args.append(own_key("upt_id", "upt"))
    return (*args, *more)


class TenantShared(TenantOwned):
    """Seen by the whole Kanwil and its UPT: the register of UPT, definitions, closures, notices."""

    reach = "shared"


class KanwilOwned(TenantOwned):
    """Seen by the Kanwil's own officers alone; to a UPT's scope there are none: recaps, imports."""

    reach = "kanwil"


class UptOwned(TenantOwned):
    """Belongs to one UPT: its scope sees its own rows alone, the Kanwil's scope all of the tenant's.

    With ``upt_optional = True`` a row may belong to the Kanwil itself (`upt_id` NULL); no UPT sees that one.
    """

    reach = "upt"

    @declared_attr
    def upt_id(cls) -> Mapped[Any]:  # noqa: N805
        return mapped_column(Integer, nullable=bool(cls.upt_optional))


class UptPrivate(TenantOwned):
    """Belongs to one UPT and to nobody above it: outside of that UPT's scope, its Kanwil's and the centre's included,
    there are none. For persons in custody, who are no affair of an office that only looks after products."""

    reach = "private"
    leaves_home = False

    @declared_attr
    def upt_id(cls) -> Mapped[int]:  # noqa: N805
        return mapped_column(Integer, nullable=False)


class NationalBoard:
    """Copies that every Kanwil reads and that the one they tell of alone may write (in an UPT's scope: that UPT).

    No tenant's row: it holds what the office has published to all others and nothing else, like the public catalogue's
    copies, but for officers. The public and the centre read none. `kanwil_id` and `upt_id` are of the public directory.
    """

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)

    @declared_attr
    def kanwil_id(cls) -> Mapped[int]:  # noqa: N805
        return mapped_column(Integer, ForeignKey("kanwil.id"), nullable=False)

    @declared_attr
    def upt_id(cls) -> Mapped[int]:  # noqa: N805
        return mapped_column(Integer, nullable=False)


def board_tables() -> frozenset[str]:
    """Name of each national board's table."""
    mapped = (m.class_ for m in Base.registry.mappers)
    return frozenset(c.__tablename__ for c in mapped if issubclass(c, NationalBoard))


def owned_classes() -> list[type[TenantOwned]]:
    """Every mapped class of tenant-owned rows, once."""
    return [m.class_ for m in Base.registry.mappers if issubclass(m.class_, TenantOwned)]


def owned_tables() -> dict[str, str]:
    """Name of each tenant-owned table -> its reach (``shared``, ``kanwil``, ``upt``, ``private``)."""
    return {c.__tablename__: c.reach for c in owned_classes()}  # type: ignore[attr-defined]
