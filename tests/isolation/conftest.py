"""The scene of the walkers, built once a run and database, and the application on it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tenants import database
from tenants.scope import Scope
from tests.isolation import scene as scenes
from tests.isolation.scene import Scene
from tests.support import databases, worlds

FIRST, SECOND, FAR = "lapas-iia-pontianak", "rutan-iia-pontianak", "lapas-i-tangerang"
OFFICERS = {
    f"operator.{FIRST}": "operator_upt",
    f"kepala.{FIRST}": "kepala_upt",
    f"operator.{SECOND}": "operator_upt",
    "pembina.kalbar": "pembina",
    "pemantau.kalbar": "pemantau",
    "pengendali.kalbar": "pengendali",
    "kadiv.kalbar": "kadiv",
    "kakanwil.kalbar": "kakanwil",
    "admin.kalbar": "admin_kanwil",
    f"operator.{FAR}": "operator_upt",
    "pembina.banten": "pembina",
    "kadiv.banten": "kadiv",
    "admin.banten": "admin_kanwil",
    "dirjen": "dirjen",
    "admin.pusat": "admin_pusat",
    "auditor": "auditor",
}


@dataclass
class Walker:
    """Somebody with a browser and a token: an officer, or (username None) a stranger."""

    username: str | None
    role: str | None
    scope: Scope | None
    browser: Any
    token: str = ""
    made: list[str] = field(default_factory=list)

    def send(self, method: str, path: str, *, by_token: bool, form: dict[str, Any] | None = None) -> Any:
        headers = {"Authorization": f"Bearer {self.token}"} if by_token and self.token else {}
        if by_token:
            files = any(isinstance(value, tuple) for value in (form or {}).values())
            given: dict[str, Any] = (
                {} if method in ("GET", "DELETE") else {"data" if files else "json": form or {}}
            )
            return self.browser.application.test_client().open(path, method=method, headers=headers, **given)
        return self.browser.open(path, method=method, data=form if method != "GET" else None)


@pytest.fixture(scope="module")
def scene(dialect: str, shared_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """Two Kanwil at work."""
    made = databases.template(dialect, "scene", shared_folder, scenes.build)
    with made.copied(tmp_path_factory.mktemp("scene")) as settings:
        database.configure(settings)
        yield scenes.survey(settings)
        database.db.dispose()


@pytest.fixture(scope="module")
def walked_app(scene: Scene) -> Any:
    """The application on the scene. Form tokens have tests of their own."""
    from webapp import create_app

    made = create_app(scene.settings)
    made.testing = True
    made.config["WTF_CSRF_ENABLED"] = False
    return made


@pytest.fixture(scope="module")
def walkers(scene: Scene, walked_app: Any) -> list[Walker]:
    """A stranger, and an officer of every role."""
    found = [Walker(None, None, None, walked_app.test_client())]
    for username, role in OFFICERS.items():
        browser = walked_app.test_client()
        entered = browser.post("/login/", data={"username": username, "password": worlds.PASSWORD})
        assert entered.status_code == 302, (username, entered.status_code)
        body = {"username": username, "password": worlds.PASSWORD, "provider": "db"}
        token = walked_app.test_client().post("/api/v1/security/login", json=body).get_json()["access_token"]
        scope = scene.world.scope(username)
        found.append(Walker(username, role, scope if isinstance(scope, Scope) else None, browser, token))
    return found


def words_of(answer: Any) -> str:
    """What an answer says, tags and all; nothing of a picture or a PDF."""
    kind = answer.mimetype or ""
    if kind.startswith(("text/", "application/json", "application/problem", "application/xml")):
        return re.sub(r"\s+", " ", answer.get_data(as_text=True))
    return ""
