"""No address that changes something takes a form that this site did not hand out."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from werkzeug.routing import IntegerConverter

from tenants.database import transaction
from tenants.scope import Scope, entered
from tests.isolation.rules import RULES
from tests.support.worlds import PASSWORD
from workflows.models import Closure

EXEMPT = {
    "verification.by_file",  # anybody's upload: no cookie is read there and nothing is kept
    "guest.contribute",  # the address itself is the secret, and no cookie is read there
}


def _changing(app: Any) -> list[tuple[str, str, str]]:
    found = []
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) & {"POST", "PUT", "PATCH", "DELETE"}):
            values: dict[str, Any] = {}
            for name, kind in rule._converters.items():
                values[name] = 1 if isinstance(kind, IntegerConverter) else getattr(kind, "items", ["x"])
                if not isinstance(values[name], int):
                    values[name] = min(values[name])
            found.append((rule.endpoint, method, adapter.build(rule.endpoint, values, method=method)))
    return found


@pytest.mark.parametrize(
    "username", ["operator.lapas-iia-pontianak", "kadiv.kalbar", "admin.kalbar", "admin.pusat"]
)
def test_a_page_takes_no_form_without_its_token(app: Any, sign_in: Any, username: str) -> None:
    client = sign_in(username)
    tried = 0
    for endpoint, method, path in _changing(app):
        if RULES[endpoint].api or endpoint in EXEMPT:
            continue
        for form in ({"name": "x"}, {"name": "x", "csrf_token": "made-up"}):
            answer = client.open(path, method=method, data=form)
            assert answer.status_code == 400, (endpoint, method, path, answer.status_code)
        tried += 1
    assert tried > 25
    assert client.get("/beranda/").status_code == 200, "the session should have outlived all of it"


def test_the_api_takes_no_cookie(app: Any, sign_in: Any) -> None:
    """A page of another site can make a browser send the cookie; it cannot make it send a token."""
    client = sign_in("kadiv.kalbar")
    for endpoint, method, path in _changing(app):
        if RULES[endpoint].api and RULES[endpoint].who is not None:
            assert client.open(path, method=method, json={"name": "x"}).status_code == 401, (endpoint, path)
    for path in ("/api/v1/products/", "/api/v1/inbox/", "/api/v1/purchases/", "/api/v1/recaps/"):
        assert client.get(path).status_code == 401


def test_a_foreign_token_is_not_another_sessions(app: Any, officer: Any) -> None:
    first, second = officer("pembina.kalbar"), officer("pembina.banten")
    answer = second.client.post("/pemberitahuan/semua-dibaca", data={"csrf_token": first.token})
    assert answer.status_code == 400


def test_get_changes_nothing_at_an_address_that_posts(app: Any, sign_in: Any, world: Any) -> None:
    """FAB deletes by GET where CSRF is off; here an address either shows or changes."""
    with entered(Scope(world.kanwil["kalbar"])), transaction() as session:
        closure = Closure(day=date(2031, 5, 5), reason="Cuti bersama setempat")
        session.add(closure)
        session.flush()
        number = closure.id
    path = app.url_map.bind("localhost").build("ClosureView.delete", {"pk": number}, method="POST")
    assert sign_in("admin.kalbar").get(path).status_code in (302, 303, 404, 405)
    with entered(Scope(world.kanwil["kalbar"])), transaction() as session:
        assert session.get(Closure, number) is not None


def test_signing_in_starts_a_new_session(visitor: Any) -> None:
    """A cookie that was planted before is worth nothing afterwards."""
    visitor.get("/login/")
    with visitor.client.session_transaction() as before:
        before["planted"] = "by somebody else"
    visitor.post("/login/", {"username": "pembina.kalbar", "password": PASSWORD})
    with visitor.client.session_transaction() as after:
        assert "planted" not in after
