"""Forty officers decide 120 cases at once through a real server: nothing is lost, doubled or answered with a fault."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import func, select

from tenants import database
from tenants.clock import now
from tenants.database import session
from tenants.scope import entered
from tests.support import crowds, worlds
from tests.support.crowds import MAY_BE, Crowd
from tests.support.databases import Template
from tests.support.servers import Server
from workflows.models import Case, Decision

OFFICERS, CASES = 40, 120


def test_a_crowd_that_decides_at_once_leaves_one_decision_a_stage(
    world_template: Template, tmp_path: Path
) -> None:
    from webapp import create_app

    with world_template.copied(tmp_path / "data") as settings:
        database.configure(settings)
        world = worlds.read()
        tokens = crowds.recruit(create_app(settings), world, OFFICERS)
        cases = crowds.submitted(world, CASES, now())
        database.db.release()
        server = Server(settings).start()
        try:
            crowd = Crowd(server.port, tokens, rivals=4)
            crowd.decide_all(cases)
            assert crowd.wrong == []
            assert {one.kind for one in crowd.answers} == set(MAY_BE)
            assert crowd.made == {(case_id, role): 1 for case_id in cases for role in crowds.STAGES}
            with entered(world.scope("pembina.kalbar")):
                kept = session().execute(
                    select(Decision.case_id, Decision.stage_no).where(Decision.case_id.in_(cases))
                )
                assert sorted(map(tuple, kept)) == [(one, stage) for one in cases for stage in (1, 2, 3)]
                ended = select(func.count()).where(Case.id.in_(cases), Case.state == "approved")
                assert session().scalar(ended) == CASES
            standing = {(one.case_id, one.role): one.body["id"] for one in crowd.answers if one.is_new}
            again = [one for one in crowd.answers if one.replayed]
            assert again
            assert [one for one in again if one.body["id"] != standing[one.case_id, one.role]] == []
            lost = [one.body["detail"] for one in crowd.answers if one.status == 409]
            assert all(" sudah " in why for why in lost)
            verified = server.run("audit", "verify")
            assert verified.returncode == 0, verified.stdout
            assert "Traceback" not in server.log
            assert "deadlock" not in server.log
        finally:
            server.stop()
            database.db.dispose()
