"""Banten and Kalbar with their UPT and officers, on SQLite and, where the suite brings one, on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

import rooms
from config import Settings
from sales import imports, reading
from sales.models import PurchaseImport
from tenants import database
from tenants.models import DirectoryUpt, Kanwil
from tenants.officers import ROLE_LABELS, Actor
from tenants.register import open_kanwil, open_upts, read_reference
from tenants.schema import migrate
from tenants.scope import Scope, entered
from tests.sales.reference import DATA
from tests.support.databases import Template, template

rooms.load()

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


@dataclass
class Sales:
    """Two Kanwil; `by` and `scope` speak of the first unless the second is named."""

    banten: int
    kalbar: int

    def scope(self, kanwil: int | None = None, upt: int | None = None) -> Scope:
        return Scope(kanwil or self.banten, upt, 7)

    def by(self, *roles: str, kanwil: int | None = None, upt: int | None = None) -> Actor:
        names = roles or ("kadiv",)
        return Actor(7, "Kadiv Contoh", frozenset(names), kanwil or self.banten, upt, ROLE_LABELS[names[0]])

    @contextmanager
    def inside(self, kanwil: int | None = None, upt: int | None = None) -> Iterator[None]:
        with entered(self.scope(kanwil, upt)):
            yield

    def upload(self, content: bytes, kanwil: int | None = None, **options: object) -> PurchaseImport:
        """Begin an import and read it, as the job would."""
        with self.inside(kanwil):
            begun = imports.begin(content, "ekspor.csv", by=self.by(kanwil=kanwil), now=NOW, **options)  # type: ignore[arg-type]
            return reading.read(begun.id, now=NOW)

    def bring_in(self, content: bytes, kanwil: int | None = None) -> PurchaseImport:
        """Upload, read, accept."""
        seen = self.upload(content, kanwil)
        with self.inside(kanwil):
            return imports.accept(seen.id, by=self.by(kanwil=kanwil), now=NOW)

    def upt(self, name: str) -> int:
        with database.public() as session:
            return session.scalars(select(DirectoryUpt.upt_id).where(DirectoryUpt.name == name)).one()


def sample(kind: str = "csv") -> bytes:
    return (DATA / f"ekatalog_purchases_sample.{kind}").read_bytes()


def bad() -> bytes:
    return (DATA / "ekatalog_purchases_bad.csv").read_bytes()


def _build(settings: Settings) -> None:
    """Banten and Kalbar with all of their UPT, and nothing else."""
    database.configure(settings)
    migrate(settings)
    for row in read_reference("kanwil.csv"):
        if row["code"] not in ("banten", "kalbar"):
            continue
        kanwil = open_kanwil(**row)
        with entered(Scope(kanwil.id)):
            open_upts([upt for upt in read_reference("upt.csv") if upt["kanwil_code"] == row["code"]], kanwil)
    database.db.release()


@pytest.fixture(scope="session")
def sales_template(dialect: str, shared_folder: Path) -> Template:
    return template(dialect, "sales", shared_folder, _build)


@pytest.fixture
def sales(sales_template: Template, tmp_path: Path) -> Iterator[Sales]:
    """The two Kanwil without a purchase, a rule or a target, in a database of this test's own."""
    with sales_template.copied(tmp_path / "data") as settings:
        yield opened(settings)
        database.db.dispose()


def opened(settings: Settings) -> Sales:
    """A copy of the template as the database of this process."""
    database.configure(settings)
    with database.public() as session:
        ids = dict(session.execute(select(Kanwil.code, Kanwil.id)).all())
    return Sales(ids["banten"], ids["kalbar"])
