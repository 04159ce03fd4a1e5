"""What the tests of readiness share: an UPT that fills its assessment, and a Kanwil that verifies it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from catalogue.readiness import filling, questions, verifying
from catalogue.readiness.models import Assessment
from tenants.officers import Actor
from tests.catalogue.conftest import NOW, House
from workflows.decisions import Verdict, decide
from workflows.models import Case

YEAR = 2024
STAGES = {
    "pembina": {"evidence_read": True},
    "kadiv": {"reasons_given": True},
}


def answers(score: int = 2, words: str = "Bukti: buku bengkel", **changed: Any) -> dict[str, dict[str, Any]]:
    """Every question answered alike; `changed` are scores by question."""
    keys = questions.shipped().keys
    return {key: {"score": changed.get(key, score), "evidence": f"{words}, {key}."} for key in keys}


def begun(house: House, *, year: int = YEAR, now: datetime = NOW, by: Actor | None = None) -> Assessment:
    with house.as_(by or house.operator) as who:
        return filling.begin(year, by=who, now=now)


@dataclass(frozen=True)
class Sent:
    """A case as it was opened; it outlives its session."""

    id: int
    subject_id: int
    subject_type: str
    title: str
    stage_key: str | None
    fields: dict[str, Any]


def sent(case: Case) -> Sent:
    return Sent(case.id, case.subject_id, case.subject_type, case.title, case.stage_key, dict(case.fields))


def submitted(
    house: House, given: Mapping[str, Any] | None = None, *, year: int = YEAR, now: datetime = NOW
) -> Sent:
    row = begun(house, year=year, now=now)
    with house.as_(house.operator) as by:
        filling.save(row.id, given or answers(), by=by, now=now)
        return sent(filling.submit(row.id, by=by, now=now))


def scored(house: House, readiness_id: int, changed: Mapping[str, tuple[int, str]] | None = None) -> None:
    """Every answer verified as the UPT scored it, but for those in `changed`."""
    from catalogue.readiness import queries

    by = house.officer(20, "pembina")
    with house.as_(by):
        view = queries.view(readiness_id, now=NOW)
        own = {line.question.key: (line.answer.score, "") for line in view.lines}
        given = {
            key: {"score": score, "reason": why} for key, (score, why) in {**own, **(changed or {})}.items()
        }
        verifying.verify(readiness_id, given, by=by, now=NOW)


def decided(house: House, case_id: int, role: str, outcome: str = "approve", **more: Any) -> None:
    by = house.officer({"pembina": 20, "kadiv": 50}[role], role)
    given = (
        {"checklist": STAGES[role], **more} if outcome == "approve" else {"comment": "Bukti kurang.", **more}
    )
    with house.as_(by):
        decide(case_id, Verdict(outcome, **given), by=by, key=f"k{next(house.numbers)}", now=NOW)


def verified(
    house: House,
    given: Mapping[str, Any] | None = None,
    changed: Mapping[str, tuple[int, str]] | None = None,
    *,
    year: int = YEAR,
) -> Assessment:
    """An assessment that went all the way."""
    case = submitted(house, given, year=year)
    scored(house, case.subject_id, changed)
    for role in STAGES:
        decided(house, case.id, role)
    with house.as_(house.operator):
        return filling.loaded(case.subject_id)
