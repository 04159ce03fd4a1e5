"""Two hundred approvers decide two thousand cases at once, over HTTP: decisions a second, and how they are answered.

The crowd of the tests (`tests.support.crowds`) before a real server: rivals at the same stage, double clicks, stale
pages. What comes out must be right before its speed is worth anything, so the run stops where it is not.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from statistics import quantiles

from sqlalchemy import func, select

from bench.ground import Ground, Result
from tenants import database
from tenants.clock import now
from tenants.database import session
from tenants.scope import entered
from tests.support import crowds
from tests.support.crowds import STAGES, Crowd
from tests.support.servers import Server
from workflows.models import Decision

OFFICERS = int(os.environ.get("KARYA_BENCH_OFFICERS", "200"))
CASES = int(os.environ.get("KARYA_BENCH_CASES", "2000"))


def measure(ground: Ground) -> Iterator[Result]:
    """decision_crowd: decisions per second; its p50 and p95: milliseconds from asking to the answer, waiting in line
    included; faults: answers that should not have been."""
    from webapp import create_app

    with ground.world() as (settings, world):
        tokens = crowds.recruit(create_app(settings), world, OFFICERS)
        cases = crowds.submitted(world, CASES, now())
        database.db.release()
        server = Server(settings, extra={"KARYA_RUN_JOBS": "0"}).start()
        try:
            crowd = Crowd(server.port, tokens)
            seconds = crowd.decide_all(cases)
            checked = server.run("audit", "verify", timeout=1800)
        finally:
            server.stop()
        with entered(world.scope("pembina.kalbar")):
            kept = session().scalar(select(func.count()).select_from(Decision)) or 0
        database.db.release()
    expected = {(case_id, role): 1 for case_id in cases for role in STAGES}
    if crowd.made != expected or kept != len(expected) or checked.returncode:
        raise RuntimeError(
            f"{len(expected)} decisions expected, {kept} kept, {sum(crowd.made.values())} answered;"
            f" audit: {checked.stdout}\n{server.log[-4000:]}"
        )
    answered = ", ".join(f"{count:,} x {status}" for status, count in sorted(crowd.by_status.items()))
    size = f"{OFFICERS} officers, {CASES:,} cases: {answered}"
    centiles = quantiles((one.seconds for one in crowd.answers), n=20)
    name = ground.dialect
    yield Result(f"decision_crowd_{name}", name, kept / seconds, "1/s", None, size)
    yield Result(f"decision_crowd_p50_{name}", name, 1000 * centiles[9], "ms", None, "in line included")
    yield Result(f"decision_crowd_p95_{name}", name, 1000 * centiles[18], "ms", None, "in line included")
    yield Result(f"decision_crowd_faults_{name}", name, len(crowd.wrong), "", None, "5xx and other surprises")
