"""The tests' own ground holds: each test has a database of its own, and everyone in it can sign in."""

from typing import Any

from sqlalchemy import func, select

from tenants import database
from tenants.models import Upt
from tenants.officers import KANWIL_ROLES, NATIONAL_ROLES
from tenants.scope import entered
from tests.support.worlds import UNITS, World


def test_the_small_world_has_an_officer_for_every_role(world: World) -> None:
    assert set(world.kanwil) == set(UNITS)
    assert len(world.upt) == sum(len(codes) for codes in UNITS.values())
    expected = len(UNITS) * len(KANWIL_ROLES) + 2 * len(world.upt) + len(NATIONAL_ROLES)
    assert len(world.officer) == expected


def test_what_one_test_changes_no_other_sees(world: World, dialect: str) -> None:
    assert database.db.dialect == dialect
    with entered(world.scope("admin.kalbar")), database.transaction() as session:
        assert session.scalar(select(func.count()).select_from(Upt)) == len(UNITS["kalbar"])
        for upt in session.scalars(select(Upt)):
            upt.city = "Singkawang"


def test_what_another_test_changed_is_not_seen(world: World) -> None:
    with entered(world.scope("admin.kalbar")):
        cities = set(database.session().scalars(select(Upt.city)))
    assert cities == {"Pontianak"}


def test_officers_of_every_reach_sign_in(world: World, sign_in: Any) -> None:
    for username in ("operator.lapas-iia-pontianak", "pembina.kalbar", "dirjen"):
        assert sign_in(username).get("/beranda").status_code == 200


def test_the_live_server_answers_with_its_own_data(live_server: Any) -> None:
    done = live_server.run("tenant", "list", "--json")
    assert done.returncode == 0, done.stderr
    assert all(code in done.stdout for code in UNITS)
