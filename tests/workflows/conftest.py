"""A small Kanwil with two UPT and its officers, on SQLite and on PostgreSQL, and a subject without a product."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import rooms
from config import Settings
from tenants import database
from tenants.database import transaction
from tenants.models import Kanwil, Upt
from tenants.officers import ROLE_LABELS, Actor
from tenants.schema import migrate
from tenants.scope import Scope, entered
from tests.support import databases
from workflows.calendars import ensure_holidays, forget_calendars
from workflows.decisions import Verdict, decide
from workflows.definitions import ensure_defaults
from workflows.models import Case, Decision
from workflows.subjects import SubjectType, register
from workflows.submission import submit

rooms.load()

NOW = datetime(2024, 3, 5, 3, 0, tzinfo=UTC)  # Tuesday, 10.00 in Pontianak
GOOD = {
    "pembinaan": {
        "group_eligible": True,
        "description_true": True,
        "photos_own": True,
        "price_fair": True,
        "makers_consent": True,
    },
    "pemantauan": {
        "capacity": 120,
        "stock_true": True,
        "lead_time_kept": True,
        "wage_recorded": True,
        "pnbp_scheme": True,
    },
    "pengendalian": {
        "findings_settled": True,
        "no_duplicate": True,
        "tkdn_complete": True,
        "listing_complete": True,
    },
}
FIELDS = {
    "name": "Tas anyaman purun",
    "category": "craft",
    "price_rupiah": 95000,
    "description": "Dianyam tangan.",
}
SUBJECT = "test_subject"


@dataclass
class House:
    """What the tests act with; `happened` lists the hooks that were called."""

    kanwil: int
    other_kanwil: int
    upt: int
    other_upt: int
    happened: list[tuple[str, int]] = field(default_factory=list)
    numbers: Any = field(default_factory=lambda: itertools.count(1))

    def officer(self, id_: int, *roles: str, upt: int | None = None) -> Actor:
        label = ROLE_LABELS[roles[0]] if roles else ""
        return Actor(id_, f"Petugas {id_}", frozenset(roles), self.kanwil, upt, label)

    @property
    def operator(self) -> Actor:
        return self.officer(10, "operator_upt", upt=self.upt)

    @property
    def pembina(self) -> Actor:
        return self.officer(20, "pembina")

    @property
    def pemantau(self) -> Actor:
        return self.officer(30, "pemantau")

    @property
    def pengendali(self) -> Actor:
        return self.officer(40, "pengendali")

    def scope(self, upt: int | None = None, officer: int | None = None) -> Scope:
        return Scope(self.kanwil, upt, officer)

    def submit(self, **changed: Any) -> Case:
        """Submit a revision in the UPT's scope."""
        given: dict[str, Any] = {
            "revision_no": 1,
            "title": "Tas anyaman purun",
            "fields": FIELDS,
            "upt_id": self.upt,
            "editor_ids": [10],
            "by": self.operator,
            "now": NOW,
        } | changed
        with entered(self.scope(given["upt_id"], given["by"].id)):
            return submit(SUBJECT, given.pop("subject_id", None) or next(self.numbers), **given)

    def decide(self, case_id: int, by: Actor, outcome: str = "approve", **changed: Any) -> Decision:
        """Decide in the Kanwil's scope, with the good answers of the stage."""
        stage = {"pembina": "pembinaan", "pemantau": "pemantauan", "pengendali": "pengendalian"}
        role = next((one for one in sorted(by.roles) if one in stage), "")
        key, now = changed.pop("key", f"k{next(self.numbers)}"), changed.pop("now", NOW)
        given: dict[str, Any] = {"checklist": GOOD.get(stage.get(role, ""), {})} | changed
        with entered(self.scope(by.upt_id, by.id)):
            return decide(case_id, Verdict(outcome, **given), by=by, key=key, now=now)

    @contextmanager
    def inside(self) -> Iterator[None]:
        with entered(self.scope()):
            yield


def met(case: Case, stage: str = "pembinaan") -> list[str]:
    """The ids of what this stage asked before: a verdict that ticks off all of it."""
    return [one["id"] for one in case.asked or [] if one["stage_key"] == stage]


def _subject(house: House) -> None:
    def heard(name: str) -> Any:
        return lambda session, case, now: house.happened.append((name, case.id))

    register(
        SubjectType(
            key=SUBJECT,
            label="Produk",
            field_labels={"name": "Nama", "price_rupiah": "Harga", "description": "Uraian"},
            on_submitted=heard("submitted"),
            on_approved=heard("approved"),
            on_returned=heard("returned"),
            on_rejected=heard("rejected"),
            on_withdrawn=heard("withdrawn"),
            facet=lambda fields: fields.get("category"),
        )
    )


@pytest.fixture(scope="session")
def configured(
    dialect: str, shared_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Settings]:
    """A migrated database without a Kanwil, kept for all of this room's tests."""
    template = databases.template(dialect, "empty", shared_folder, _migrated)
    with template.copied(tmp_path_factory.mktemp("workflows") / "data") as settings:
        roomy = dataclasses.replace(settings, threads=40)
        database.configure(roomy)
        yield roomy
        database.db.dispose()


def _migrated(settings: Settings) -> None:
    database.configure(settings)
    migrate(settings)


_codes = itertools.count(1)


@pytest.fixture
def house(configured: Settings) -> Iterator[House]:
    """A new Kanwil with two UPT, and another Kanwil."""
    forget_calendars()
    number = next(_codes)
    with transaction() as session:
        rows = [
            Kanwil(
                code=f"{code}{number}",
                name_kemenkumham="Kantor Wilayah",
                name_ditjenpas="Kantor Wilayah",
                province="Kalimantan Barat",
                capital="Pontianak",
                timezone="Asia/Jakarta",
                state="active",
            )
            for code in ("kalbar", "banten")
        ]
        session.add_all(rows)
        session.flush()
        ids = [row.id for row in rows]
    ensure_holidays()
    for kanwil in ids:
        with entered(Scope(kanwil)):
            ensure_defaults(kanwil, now=NOW)
    with entered(Scope(ids[0])), transaction() as session:
        upts = [
            Upt(
                code=f"upt-{n}",
                type="Lapas",
                unit_class="IIA",
                name=f"Lembaga Pemasyarakatan {n}",
                short_name=f"Lapas {n}",
                city="Pontianak",
                slug=f"lapas-{n}-{number}",
                active=True,
            )
            for n in (1, 2)
        ]
        session.add_all(upts)
        session.flush()
        upt_ids = [one.id for one in upts]
    made = House(ids[0], ids[1], *upt_ids)
    _subject(made)
    _adopt(made)
    yield made
    database.db.release()


def _adopt(house: House) -> None:
    """The test's subject goes the way of products."""
    from workflows.definitions import default_text, parse, publish

    with entered(house.scope()):
        publish(
            parse(default_text("product").replace("subject_type: product", f"subject_type: {SUBJECT}")),
            by=None,
            now=NOW,
        )
