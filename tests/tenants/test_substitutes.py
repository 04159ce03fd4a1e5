"""Letters that lend a role: who may stand in for whom, from when to when; and what the substitute may then do."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from tenants import substitutes
from tenants.database import transaction
from tenants.errors import Forbidden, Invalid, NotFound
from tenants.models import Officer
from tenants.scope import entered
from tenants.substitutes import actor_at, post_of
from tests.support.worlds import NOW, World
from workflows import administration, audit

DAY = timedelta(days=1)


@pytest.fixture
def lend(world: World) -> Any:
    """`lend(role, holder, substitute)` as the admin of Kalbar, with what is changed by name."""

    def act(role: str, holder: str, substitute: str, by: str = "admin.kalbar", **changed: Any) -> Any:
        values = {
            "role": role,
            "kind": "plh" if holder else "plt",
            "principal_id": str(world.officer.get(holder, "")),
            "substitute_id": str(world.officer[substitute]),
            "from_on": "2024-03-05",
            "until_on": "2024-03-08",
            "letter_number": "W.16-KP.04.01-12",
        } | changed
        with entered(world.scope(by)):
            return administration.appoint(values, by=world.actor(by), now=NOW)

    return act


def acts(world: World, username: str, now: datetime) -> list[str]:
    with entered(world.scope(username)), transaction() as db:
        officer = db.get_one(Officer, world.officer[username])
        return [f"{one.kind} {one.role}" for one in post_of(officer, now).acting]


def vacant() -> list[str]:
    return [one.role for one in substitutes.absences(NOW) if one.letter is None]


def test_a_role_is_lent_from_the_first_day_to_the_last_of_the_kanwils_calendar(
    world: World, lend: Any
) -> None:
    lend("pemantau", "pemantau.kalbar", "pembina.kalbar")
    assert acts(world, "pembina.kalbar", NOW) == ["plh pemantau"]
    midnight = datetime.fromisoformat("2024-03-05T00:00:00+07:00")
    assert acts(world, "pembina.kalbar", midnight - timedelta(seconds=1)) == []
    assert acts(world, "pembina.kalbar", midnight) == ["plh pemantau"]
    assert acts(world, "pembina.kalbar", midnight + 4 * DAY - timedelta(seconds=1)) == ["plh pemantau"]
    assert acts(world, "pembina.kalbar", midnight + 4 * DAY) == []
    with entered(world.scope("admin.kalbar")):
        assert audit.verify() == []


def test_a_substitute_acts_under_the_name_of_the_office(world: World, lend: Any) -> None:
    lend("pemantau", "pemantau.kalbar", "pembina.kalbar")
    with entered(world.scope("pembina.kalbar")), transaction() as db:
        by = actor_at(db.get_one(Officer, world.officer["pembina.kalbar"]), NOW)
    assert by.roles == {"pembina", "pemantau"}
    assert (by.title("pembina"), by.title("pemantau")) == ("Pembina", "Plh. Pemantau")


def test_an_ended_letter_lends_nothing_from_that_moment(world: World, lend: Any) -> None:
    one = lend("pemantau", "pemantau.kalbar", "pembina.kalbar")
    with entered(world.scope("admin.kalbar")):
        administration.revoke(one.id, by=world.actor("admin.kalbar"), now=NOW)
        again = administration.revoke(one.id, by=world.actor("admin.kalbar"), now=NOW + DAY)
        assert again.revoked_at == NOW
    assert acts(world, "pembina.kalbar", NOW) == []


@pytest.mark.parametrize(
    ("role", "holder", "substitute", "changed", "field"),
    [
        ("pemantau", "pemantau.kalbar", "pemantau.kalbar", {}, "substitute_id"),
        ("pemantau", "pembina.kalbar", "kadiv.kalbar", {}, "principal_id"),
        ("pemantau", "pemantau.banten", "kadiv.kalbar", {}, "principal_id"),
        ("pemantau", "pemantau.kalbar", "kadiv.banten", {}, "substitute_id"),
        ("pemantau", "pemantau.kalbar", "operator.lapas-iia-pontianak", {}, "substitute_id"),
        ("kepala_upt", "kepala.lapas-iia-pontianak", "operator.rutan-iia-pontianak", {}, "substitute_id"),
        ("pemantau", "pemantau.kalbar", "kadiv.kalbar", {"until_on": "2024-03-04"}, "until_on"),
        (
            "pemantau",
            "pemantau.kalbar",
            "kadiv.kalbar",
            {"from_on": "2024-03-01", "until_on": "2024-03-04"},
            "until_on",
        ),
        ("pemantau", "pemantau.kalbar", "kadiv.kalbar", {"until_on": "2026-03-04"}, "until_on"),
        ("pemantau", "pemantau.kalbar", "kadiv.kalbar", {"from_on": "kemarin"}, "from_on"),
        ("pemantau", "pemantau.kalbar", "kadiv.kalbar", {"letter_number": " "}, "letter_number"),
        ("admin_kanwil", "admin.kalbar", "kadiv.kalbar", {}, "role"),
        ("pemantau", "", "kadiv.kalbar", {}, "kind"),
        ("pemantau", "pemantau.kalbar", "kadiv.kalbar", {"kind": "pjs"}, "kind"),
    ],
)
def test_what_is_wrong_with_a_letter_is_named_by_field(
    world: World, lend: Any, role: str, holder: str, substitute: str, changed: dict[str, str], field: str
) -> None:
    with pytest.raises(Invalid) as wrong:
        lend(role, holder, substitute, **changed)
    assert field in wrong.value.fields, wrong.value.fields


def test_there_is_no_chain_and_no_second_substitute(world: World, lend: Any) -> None:
    lend("pemantau", "pemantau.kalbar", "pembina.kalbar")
    with pytest.raises(Invalid) as second:
        lend("pemantau", "pemantau.kalbar", "kadiv.kalbar")
    assert "Sudah digantikan" in second.value.fields["principal_id"]
    with pytest.raises(Invalid) as chain:  # the pembina holds pemantau by letter alone: nothing to lend on
        lend("pemantau", "pembina.kalbar", "kadiv.kalbar")
    assert "principal_id" in chain.value.fields
    with pytest.raises(Invalid) as away:
        lend("pengendali", "pengendali.kalbar", "pemantau.kalbar")
    assert "sendiri berhalangan" in away.value.fields["substitute_id"]
    with pytest.raises(Invalid) as standing_in:  # or the pemantau's office would have nobody on these days
        lend("pembina", "pembina.kalbar", "kadiv.kalbar", from_on="2024-03-06", until_on="2024-03-07")
    assert "sendiri menggantikan sebagai Pemantau" in standing_in.value.fields["principal_id"]
    assert lend("pembina", "pembina.kalbar", "kadiv.kalbar", from_on="2024-03-09", until_on="2024-03-10")


def test_the_kadiv_lends_the_stages_and_no_more(world: World, lend: Any) -> None:
    lend("pembina", "pembina.kalbar", "pengendali.kalbar", by="kadiv.kalbar")
    with pytest.raises(Forbidden):
        lend("kakanwil", "kakanwil.kalbar", "kadiv.kalbar", by="kadiv.kalbar")
    with pytest.raises(Forbidden):
        lend("pembina", "pembina.kalbar", "kadiv.kalbar", by="pembina.kalbar")
    one = lend("kakanwil", "kakanwil.kalbar", "kadiv.kalbar")
    with entered(world.scope("kadiv.kalbar")), pytest.raises(Forbidden):
        administration.revoke(one.id, by=world.actor("kadiv.kalbar"), now=NOW)
    with entered(world.scope("admin.banten")), pytest.raises(NotFound):
        administration.revoke(one.id, by=world.actor("admin.banten"), now=NOW)


def test_an_office_that_nobody_holds_is_named_until_a_plt_holds_it(world: World, lend: Any) -> None:
    with entered(world.scope("admin.kalbar")):
        assert vacant() == []
        administration.set_active(
            world.officer["pemantau.kalbar"], False, by=world.actor("admin.kalbar"), now=NOW
        )
        assert vacant() == ["pemantau"]
    lend("pemantau", "", "pembina.kalbar")
    with entered(world.scope("admin.kalbar")):
        assert vacant() == []
    assert acts(world, "pembina.kalbar", NOW) == ["plt pemantau"]
