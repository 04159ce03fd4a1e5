"""A draft tried on 10,000 closed cases, beside the floor of any: reading the same rows and their JSON by the driver.

Each case goes its way twice, under the definition it had and under the draft (four steps, one of them parallel and
conditional); seats, deadlines and working days are added up, progress is written every batch.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import insert, select

from bench.cases.decision import STAGES, submitted
from bench.ground import Ground, Result, owner_engine
from config import Settings
from tenants.database import db
from tenants.scope import entered
from tests.catalogue.conftest import CHECKLISTS, NOW
from tests.workflows.test_design import with_review
from workflows.decisions import Verdict, decide
from workflows.design import drafts, simulation
from workflows.models import Case, Decision

CASES = 10_000
KADIV = "kadiv.kalbar"


def measure(ground: Ground) -> Iterator[Result]:
    """decision_simulation_<database>: seconds of CPU for 10,000 cases."""
    if not ground.wants("decision_simulation"):
        return
    with ground.world() as (settings, world):
        (case_id,) = submitted(world, 1)
        for day, role in enumerate(STAGES, 1):
            verdict = Verdict("approve", checklist=CHECKLISTS[role])
            with entered(world.scope(f"{role}.kalbar")):
                at = NOW + timedelta(days=day)
                decide(case_id, verdict, by=world.actor(f"{role}.kalbar"), key=role, now=at)
        _multiply(settings, case_id)
        by = world.actor(KADIV)
        with entered(world.scope(KADIV)):
            text = with_review().replace(">= 5_000_000", ">= 50_000")
            drafts.save("product", text, version=0, by=by, now=NOW)
            for count in (500, CASES):  # warm, then measured
                row, _ = simulation.begin("product", count, by=by, now=NOW)
                id_ = row.id
                began = time.process_time()
                result = simulation.run(id_, now=NOW).result
                taken = time.process_time() - began
        assert result is not None
        assert result["cases"] == CASES
        assert result["changed"] > CASES / 2
        floor = _floor(settings)
        db.release()
    size = f"{CASES:,} closed cases; floor: reading the rows".replace(",", " ")
    name = ground.dialect
    yield Result(f"decision_simulation_{name}", name, taken, "s CPU", floor, size)


def _multiply(settings: Settings, case_id: int) -> None:
    """The case again and again, with prices of its own, as the owner of the database."""
    engine = owner_engine(settings)
    cases, decisions = Case.__table__, Decision.__table__
    with engine.begin() as connection:
        case = dict(connection.execute(select(cases).where(cases.c.id == case_id)).mappings().one())
        votes = [
            dict(row)
            for row in connection.execute(select(decisions).where(decisions.c.case_id == case_id)).mappings()
        ]
        for start in range(0, CASES, 1000):
            ids = range(case_id + 1 + start, case_id + 1 + start + 1000)
            connection.execute(
                insert(cases),
                [
                    case
                    | {"id": id_, "subject_id": id_ + 1_000_000, "previous_case_id": None}
                    | {"fields": case["fields"] | {"price_rupiah": 20_000 + 977 * id_ % 400_000}}
                    for id_ in ids
                ],
            )
            connection.execute(
                insert(decisions),
                [
                    vote | {"id": 10 * id_ + at + 1_000_000, "case_id": id_}
                    for id_ in ids
                    for at, vote in enumerate(votes)
                ],
            )
    engine.dispose()


def _floor(settings: Settings) -> float:
    engine = owner_engine(settings)
    with engine.connect() as connection:
        began = time.process_time()
        read = connection.exec_driver_sql("SELECT id, title, submitted_at, fields FROM case_file ORDER BY id")
        for row in read:
            json.loads(row[3])
        for _row in connection.exec_driver_sql(
            "SELECT case_id, stage_key, decided_at FROM decision ORDER BY id"
        ):
            pass
        taken = time.process_time() - began
    engine.dispose()
    return taken
