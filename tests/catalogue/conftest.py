"""A Kanwil with two UPT and its officers, on SQLite and on PostgreSQL, and a product on its way."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import create_engine, event, text

import rooms
from catalogue import drafts, shop, submission
from catalogue.models import Product
from config import Settings
from tenants import database, register
from tenants.database import transaction
from tenants.models import Kanwil
from tenants.officers import ROLE_LABELS, Actor
from tenants.schema import migrate
from tenants.scope import Scope, entered
from tests.catalogue.pictures import picture
from tests.support.databases import DIALECTS, SERVER
from workflows.calendars import ensure_holidays, forget_calendars
from workflows.decisions import Verdict, decide
from workflows.definitions import ensure_defaults
from workflows.models import Case, Decision

rooms.load()

NOW = datetime(2024, 3, 14, 3, 0, tzinfo=UTC)  # Thursday, 10.00 in Pontianak
CONTENT: dict[str, Any] = {
    "name": "Tas anyaman purun",
    "category": "craft",
    "group": "craft",
    "market_level": "national",
    "description": "Tas anyaman tangan, ukuran 35 × 28 cm, tali kulit sapi.",
    "unit": "buah",
    "price_rupiah": 95_000,
    "price_evidence": [
        {"source": "Pasar Sudirman", "observed_on": "2024-03-12", "price_rupiah": 92_000},
        {"source": "INAPROC", "observed_on": "2024-03-13", "price_rupiah": 101_000},
    ],
    "capacity_per_month": 120,
    "stock": 14,
    "lead_time_days": 7,
    "weight_gram": 400,
    "materials": "Purun danau dan kulit sapi",
}
CHECKLISTS = {
    "pembina": dict.fromkeys(
        ("group_eligible", "description_true", "photos_own", "price_fair", "makers_consent", "food_papers"),
        True,
    ),
    "pemantau": {
        "capacity": 120,
        **dict.fromkeys(("stock_true", "lead_time_kept", "wage_recorded", "pnbp_scheme"), True),
    },
    "pengendali": dict.fromkeys(
        ("findings_settled", "no_duplicate", "tkdn_complete", "listing_complete"), True
    ),
}


@dataclass
class House:
    """What the tests act with."""

    kanwil: int
    other_kanwil: int
    upt: int
    other_upt: int
    code: str
    upt_slug: str
    numbers: Any = field(default_factory=lambda: itertools.count(1))

    def officer(self, id_: int, *roles: str, upt: int | None = None) -> Actor:
        return Actor(id_, f"Petugas {id_}", frozenset(roles), self.kanwil, upt, ROLE_LABELS[roles[0]])

    @property
    def operator(self) -> Actor:
        return self.officer(10, "operator_upt", upt=self.upt)

    @property
    def other_operator(self) -> Actor:
        return self.officer(11, "operator_upt", upt=self.other_upt)

    @property
    def pengendali(self) -> Actor:
        return self.officer(40, "pengendali")

    @contextmanager
    def as_(self, actor: Actor, kanwil: int | None = None) -> Iterator[Actor]:
        with entered(Scope(kanwil or self.kanwil, actor.upt_id, actor.id)):
            yield actor

    def draft(self, *, now: datetime = NOW, **changes: Any) -> Product:
        """A draft that may be submitted, with one photo."""
        with self.as_(self.operator) as by:
            product = drafts.create({**CONTENT, **changes}, by=by, now=now)
            photo = picture(colour=f"#{product.id * 2654435 % 0xFFFFFF:06x}")
            drafts.add_photo(product.id, photo, "tas.jpg", by=by, now=now)
            return product

    def submit(self, product_id: int, *, now: datetime = NOW, **answers: Any) -> Case:
        with self.as_(self.operator) as by:
            return submission.submit(product_id, by=by, now=now, **answers)

    def decide(self, case_id: int, role: str, outcome: str = "approve", **changed: Any) -> Decision:
        by = self.officer({"pembina": 20, "pemantau": 30, "pengendali": 40}[role], role)
        given = {"checklist": CHECKLISTS[role], **changed}
        if outcome != "approve":
            given = {"comment": "Perbaiki dahulu.", "checklist": {}, **changed}
        with self.as_(by):
            return decide(case_id, Verdict(outcome, **given), by=by, key=f"k{next(self.numbers)}", now=NOW)

    def published(self, **changes: Any) -> Product:
        """A product that went all the way."""
        product = self.draft(**changes)
        case = self.submit(product.id)
        for role in ("pembina", "pemantau", "pengendali"):
            self.decide(case.id, role)
        shop.forget()
        return product


@pytest.fixture(scope="session", params=DIALECTS)
def configured(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Settings]:
    """A migrated, empty database of this kind."""
    tmp = tmp_path_factory.mktemp("catalogue")
    name = f"karya_catalogue_{os.getpid()}"
    if request.param == "postgresql":
        admin = create_engine(SERVER, isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE IF EXISTS {name}"))
            connection.execute(text(f"CREATE DATABASE {name}"))
        url = admin.url.set(database=name).render_as_string(hide_password=False)
    else:
        url = f"sqlite:///{tmp}/karya.sqlite"
    settings = Settings(data=tmp, database_url=url, secret_key="x" * 40, threads=8)
    database.configure(settings)
    migrate(settings)
    yield settings
    database.db.dispose()
    if request.param == "postgresql":
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        admin.dispose()


_codes = itertools.count(1)


@pytest.fixture
def house(configured: Settings) -> Iterator[House]:
    """A new Kanwil with two UPT, and another Kanwil."""
    forget_calendars()
    shop.forget()
    number = next(_codes)
    kanwils: list[Kanwil] = [
        register.open_kanwil(
            code=f"{code}{number}",
            name_kemenkumham="Kantor Wilayah",
            name_ditjenpas="Kantor Wilayah",
            province="Kalimantan Barat",
            capital="Pontianak",
            timezone="Asia/Jakarta",
        )
        for code in ("kalbar", "banten")
    ]
    ensure_holidays()
    for kanwil in kanwils:
        with entered(Scope(kanwil.id)):
            ensure_defaults(kanwil.id, now=NOW)
    with entered(Scope(kanwils[0].id)), transaction():
        upts = register.open_upts(
            [
                {
                    "upt_code": f"upt-{n}",
                    "type": "Lapas",
                    "class": "IIA",
                    "name": f"Lembaga Pemasyarakatan Kelas IIA Kota {number} {n}",
                    "city": "Pontianak",
                }
                for n in (1, 2)
            ],
            kanwils[0],
        )
        first, second = upts[0].id, upts[1].id
        slug = upts[0].slug
    yield House(kanwils[0].id, kanwils[1].id, first, second, kanwils[0].code, slug)
    database.db.release()


@pytest.fixture
def inspector(house: House) -> Actor:
    """A pemantau who had no hand in what is inspected."""
    return house.officer(31, "pemantau")


@pytest.fixture
def product(house: House) -> Product:
    """A product on the shelf."""
    return house.published()


@contextmanager
def statements(engine: str = "app_engine") -> Iterator[list[str]]:
    """Collect the statements that a connection runs inside the block, without what only opens and ends it."""
    seen: list[str] = []

    def note(conn: Any, cursor: Any, statement: str, *_: Any) -> None:
        if not statement.upper().startswith(("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")):
            seen.append(statement)

    event.listen(getattr(database.db, engine), "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(getattr(database.db, engine), "before_cursor_execute", note)
