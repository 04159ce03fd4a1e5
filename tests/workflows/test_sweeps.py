"""Scheduled work goes from Kanwil to Kanwil: one that fails keeps no other waiting, and no batch is left half done."""

from __future__ import annotations

import ast
import dataclasses
import logging
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from tenants.database import session, transaction
from tenants.models import Kanwil, Upt
from tenants.scope import Scope, entered
from tests.workflows.conftest import NOW, SUBJECT, House, _adopt
from workflows import escalation, reminders
from workflows.calendars import forget_calendars
from workflows.definitions import parse, publish
from workflows.models import Notice

HOUSE = Path(__file__).resolve().parents[2]
LATER = NOW + timedelta(days=10)
PARALLEL = f"""
subject_type: {SUBJECT}
title: Berdampingan
stages:
  - key: blok
    name: Blok
    parallel:
      - {{key: a, name: Satu, role: pembina, deadline_days: 1}}
      - {{key: b, name: Dua, role: pemantau, deadline_days: 1}}
"""


def told(kind: str) -> int:
    return int(session().scalar(select(func.count()).where(Notice.kind == kind)) or 0)


@pytest.fixture
def neighbour(house: House) -> Iterator[House]:
    """The other Kanwil with a UPT, whose turn comes after the house's own, which can't even tell the time."""
    with entered(Scope(house.other_kanwil)), transaction() as db:
        upt = Upt(
            code="upt-9",
            type="Lapas",
            unit_class="IIA",
            name="Lapas sebelah",
            short_name="Lapas 9",
            city="Serang",
            slug=f"lapas-9-{house.other_kanwil}",
            active=True,
        )
        db.add(upt)
        db.flush()
        upt_id = upt.id
    made = dataclasses.replace(house, kanwil=house.other_kanwil, upt=upt_id)
    _adopt(made)
    house.submit()
    _change(house.kanwil, timezone="Mars/Olympus")
    yield made
    _change(house.kanwil, timezone="Asia/Jakarta")


def _change(kanwil: int, **values: str) -> None:
    with entered(Scope(kanwil)), transaction() as db:
        db.execute(update(Kanwil).where(Kanwil.id == kanwil).values(values))
    forget_calendars()


def test_a_kanwil_that_fails_keeps_no_other_waiting(
    neighbour: House, caplog: pytest.LogCaptureFixture
) -> None:
    neighbour.submit()
    with caplog.at_level(logging.ERROR, logger="karya.jobs"):
        reminders.sweep(LATER)
    assert "the others go on" in caplog.text
    with neighbour.inside():
        assert told("case.reminder") == 1


def test_every_schedule_that_goes_through_the_kanwil_goes_alone_into_each() -> None:
    found = {}
    for room in ("tenants", "workflows", "catalogue", "sales", "recaps", "webapp"):
        for path in (HOUSE / room).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if not isinstance(node, ast.FunctionDef) or not any(
                    isinstance(one, ast.Call) and getattr(one.func, "id", "") == "scheduled"
                    for one in node.decorator_list
                ):
                    continue
                loops = [one for one in ast.walk(node) if isinstance(one, ast.For)]
                for loop in (one for one in loops if "every_tenant()" in ast.unparse(one.iter)):
                    place = f"{path.relative_to(HOUSE)}: {node.name}"
                    found[place] = ast.unparse(loop.body[0]).startswith("with alone_in(scope):")
    assert len(found) >= 14
    assert [place for place, alone in found.items() if not alone] == []


def test_seats_beyond_a_batch_are_escalated_in_the_same_hour(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(escalation, "BATCH", 3)
    for _ in range(2):
        house.submit()
    with house.inside():
        publish(parse(PARALLEL), by=None, now=NOW)
    for _ in range(2):
        house.submit()
    with house.inside():
        assert escalation.escalate(LATER) == 3
    escalation.sweep(LATER)
    with house.inside():
        assert told("case.overdue") == 6
