"""Many verdicts at once: the same words said of many cases, each decided for itself by `decide`.

Every item has its own key and the version that its officer saw, so that one that moved fails alone and a repetition
of the whole, by a second click or after a crash, changes nothing. Few are decided while the officer waits, more by a
job.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select

from tenants import clock, jobs
from tenants.database import session as scoped_session
from tenants.database import transaction
from tenants.errors import Invalid, KaryaError, NotFound
from tenants.idempotency import once
from tenants.models import Officer
from tenants.officers import Actor
from tenants.said import beside, say
from tenants.substitutes import actor_at
from tenants.words import N_
from workflows.decisions import OUTCOMES, Verdict, decide
from workflows.desk.models import BulkRun
from workflows.models import Case
from workflows.stages import clean
from workflows.subjects import subject_type

MOST = 200
AT_ONCE = 20
"""Up to so many are decided while the officer waits; more go to a job."""
KEPT_EACH = 10
WAITING, DONE = "waiting", "done"
ALLOWED = ("approve", "return")


@dataclass(frozen=True)
class BulkItem:
    """One case of many: what its officer saw of it, and his answers."""

    case_id: int
    version: int | None = None
    stage: str | None = None
    checklist: Mapping[str, Any] = field(default_factory=dict)


def begin(
    items: Sequence[BulkItem],
    *,
    outcome: str,
    comment: str = "",
    requests: Sequence[Mapping[str, Any]] = (),
    by: Actor,
    now: datetime,
    key: str | None = None,
    at_once: int = AT_ONCE,
) -> BulkRun:
    """Take in one verdict on many cases; more than `at_once` are left to a job. The same `key` gives the same run.

    Three statements, the job's own beside them; nothing is decided yet (`carry_out`).

    Raises:
        Invalid: no case or too many, one twice, neither approved nor returned, a return without a reason.
    """
    wrong: dict[str, str] = {}
    if not items:
        wrong["items"] = N_("Pilih paling sedikit satu kasus.")
    elif len(items) > MOST:
        wrong["items"] = say(N_("Paling banyak %(most)s kasus sekaligus."), most=MOST)
    elif len({one.case_id for one in items}) < len(items):
        wrong["items"] = N_("Satu kasus disebut dua kali.")
    if outcome not in ALLOWED:
        wrong["outcome"] = N_("Pilih setujui atau kembalikan; penolakan diputuskan satu per satu.")
    try:
        comment = clean(comment)
    except ValueError as error:
        wrong["comment"] = str(error)
    if outcome == "return":
        if not comment and "comment" not in wrong:
            wrong["comment"] = N_("Tulis alasannya: UPT perlu tahu sebabnya.")
        if not requests:
            wrong["requests"] = N_("Sebutkan paling sedikit satu isian yang harus diperbaiki.")
    if wrong:
        raise Invalid(fields=wrong)
    asked: dict[str, Any] = {
        "outcome": outcome,
        "comment": comment,
        "requests": [dict(one) for one in requests],
        "items": [[one.case_id, one.version, one.stage, dict(one.checklist)] for one in items],
    }
    run, _ = once(
        key,
        "inbox.decisions",
        lambda: _begun(asked, by, now, at_once),
        lambda made: made.id,
        lambda found: run_of(found, by=by),
        content=asked,
    )
    return run


def _begun(asked: dict[str, Any], by: Actor, now: datetime, at_once: int) -> BulkRun:
    with transaction() as session:
        run = BulkRun(
            upt_id=by.upt_id,
            officer_id=by.id,
            state=WAITING,
            total=len(asked["items"]),
            asked=asked,
            results=[],
            created_at=now,
        )
        session.add(run)
        session.flush()
        if run.total > at_once:
            jobs.enqueue("inbox.decisions", {"run_id": run.id}, key=str(run.id))
        return run


@jobs.job("inbox.decisions")
def _carry_out(payload: dict[str, Any]) -> dict[str, Any]:
    run_id = int(payload["run_id"])
    session = scoped_session()
    asked = select(Officer).join(BulkRun, BulkRun.officer_id == Officer.id).where(BulkRun.id == run_id)
    officer = session.scalars(asked).one()
    by = actor_at(officer, clock.now())
    if not officer.active:
        by = Actor(by.id, by.name, frozenset(), by.tenant_id, by.upt_id, by.office)
    run = carry_out(run_id, by=by, now=clock.now())
    return {"run": run.id, "done": sum(one["ok"] for one in run.results), "of": run.total}


def carry_out(run_id: int, *, by: Actor, now: datetime) -> BulkRun:
    """Decide the cases of a run, one after the other, and keep what came of each. Safe to run again, and beside itself:
    a decision that is there already is given as it stands.

    A transaction a case, as `decide` has it, and one for every few to keep how far it is.

    Raises:
        NotFound: no such run of his.
    """
    run = run_of(run_id, by=by)
    if run.state == DONE:
        return run
    asked = run.asked
    cases = {
        case.id: (case.title, subject_type(case.subject_type).page(case))
        for case in scoped_session().scalars(
            select(Case).where(Case.id.in_([one[0] for one in asked["items"]]))
        )
    }
    results: list[dict[str, Any]] = []
    for case_id, version, stage, checklist in asked["items"]:
        verdict = Verdict(
            asked["outcome"], asked["comment"], checklist, asked["requests"], stage=stage, version=version
        )
        title, link = cases.get(case_id, ("", ""))
        known = {"case_id": case_id, "title": title, "link": link, "stage": stage}
        results.append(known | _outcome(run_id, case_id, verdict, by, now))
        if len(results) % KEPT_EACH == 0 and len(results) < run.total:
            _keep(run_id, results, None)
    return _keep(run_id, results, now)


def _outcome(run_id: int, case_id: int, verdict: Verdict, by: Actor, now: datetime) -> dict[str, Any]:
    """What came of one: the decision, or why there is none."""
    try:
        made = decide(case_id, verdict, by=by, key=f"bulk-{run_id}", now=now)
    except KaryaError as error:
        if error.status >= 500:
            raise
        said = {"ok": False, "code": error.code, "status": error.status, "why": error.message}
        return said | {"fields": error.fields} | beside({"why": error.message, **error.fields})
    return {"ok": True, "decision_id": made.id, "outcome": made.outcome}


def _keep(run_id: int, results: list[dict[str, Any]], ended_at: datetime | None) -> BulkRun:
    with transaction() as session:
        run = session.scalars(select(BulkRun).where(BulkRun.id == run_id).with_for_update()).one()
        if run.state != DONE and len(results) >= len(run.results):
            run.results = list(results)
            if ended_at is not None:
                run.state, run.ended_at = DONE, ended_at
        session.flush()
        return run


def run_of(run_id: int, *, by: Actor) -> BulkRun:
    """A run of the officer's own. One statement.

    Raises:
        NotFound: no such run of his.
    """
    asked = select(BulkRun).where(BulkRun.id == run_id, BulkRun.officer_id == by.id)
    run = scoped_session().scalars(asked.execution_options(populate_existing=True)).first()
    if run is None:
        raise NotFound()
    return run


__all__ = ["AT_ONCE", "MOST", "OUTCOMES", "BulkItem", "begin", "carry_out", "run_of"]
