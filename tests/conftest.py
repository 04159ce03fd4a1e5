"""Fixtures for every room. A test that touches a database runs once on SQLite and once on PostgreSQL."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import rooms
from config import Settings
from tenants import database
from tests.support import coverage, databases, worlds
from tests.support.databases import Template
from tests.support.servers import Server
from tests.support.statements import counted_statements
from tests.support.worlds import World

__all__ = ["counted_statements"]

rooms.load()  # whichever process builds a template, every process knows what the rooms bring


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):  # the first process, before xdist's workers start
        databases.prepare_server()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A file's tests on one database stay together (`--dist loadgroup`): they share its template."""
    for item in items:
        item.add_marker(pytest.mark.xdist_group(f"{item.path.stem}-{_database_of(item)}"))


def _database_of(item: pytest.Item) -> str:
    """``sqlite``, ``postgresql``, or ``pure`` where a test needs none."""
    given = (
        item.callspec.params.values()
        if isinstance(item, pytest.Function) and hasattr(item, "callspec")
        else ()
    )
    return next((value for value in given if value in databases.DIALECTS), "pure")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    coverage.tell(terminalreporter)


@pytest.fixture(autouse=True)
def _own_database(request: pytest.FixtureRequest) -> None:
    """A room that keeps one database for its session finds it open again after another room's tests."""
    if "configured" in request.fixturenames:
        settings = request.getfixturevalue("configured")
        if database.db is None or database.db.settings != settings:
            database.configure(settings)


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A folder that all processes of this run share."""
    base = tmp_path_factory.getbasetemp()
    return base if worker_id == "master" else base.parent


@pytest.fixture(scope="session", params=databases.DIALECTS)
def dialect(request: pytest.FixtureRequest) -> str:
    """`sqlite`, then `postgresql`: asking for it, or for anything built on it, runs a test on both."""
    return str(request.param)


@pytest.fixture(scope="session")
def world_template(dialect: str, shared_folder: Path) -> Template:
    """The small world, migrated and ready to be copied."""
    return databases.template(dialect, "world", shared_folder, worlds.build)


@pytest.fixture(scope="session")
def demo_template(dialect: str, shared_folder: Path) -> Template:
    """What `make run` shows: the database and the files that `python run.py init` leaves in demonstration mode."""

    def build(settings: Settings) -> None:
        done = Server(settings).run("init")
        if done.returncode:
            raise RuntimeError(f"run.py init failed:\n{done.stdout}\n{done.stderr}")

    return databases.template(dialect, "demo", shared_folder, build)


@pytest.fixture
def settings(world_template: Template, tmp_path: Path) -> Iterator[Settings]:
    """A copy of the small world for this test alone, opened as the database of this process."""
    with world_template.copied(tmp_path / "data") as copy:
        database.configure(copy)
        yield copy
        database.db.dispose()


@pytest.fixture
def world(settings: Settings) -> World:
    """Who is in the small world."""
    return worlds.read()


@pytest.fixture
def app(settings: Settings) -> Any:
    """The application on the small world."""
    from webapp import create_app

    made = create_app(settings)
    made.testing = True
    return made


@pytest.fixture
def client(app: Any) -> Any:
    """A browser without JavaScript that nobody has signed in with."""
    return app.test_client()


@pytest.fixture
def sign_in(app: Any) -> Callable[..., Any]:
    """`sign_in("pembina.kalbar")` -> a client with that officer's session, come by through the sign-in page."""

    def enter(username: str, password: str = worlds.PASSWORD) -> Any:
        client = app.test_client()
        page = client.get("/login/").get_data(as_text=True)
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
        form = {"username": username, "password": password, "csrf_token": token.group(1) if token else ""}
        answer = client.post("/login/", data=form)
        assert answer.status_code == 302, f"{username} could not sign in: {answer.status_code}"
        return client

    return enter


@pytest.fixture
def live_server(world_template: Template, tmp_path: Path) -> Iterator[Server]:
    """A running Karya on a copy of the small world."""
    yield from _served(world_template, tmp_path / "served")


@pytest.fixture
def demo_server(demo_template: Template, tmp_path: Path) -> Iterator[Server]:
    """A running Karya on a copy of the demonstration data."""
    yield from _served(demo_template, tmp_path / "served")


def _served(source: Template, folder: Path) -> Iterator[Server]:
    with source.copied(folder) as copy:
        server = Server(copy).start()
        try:
            yield server
        finally:
            server.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Debian's Chromium, driven by Playwright; closed with its module, as its event loop would run on under others."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=shutil.which("chromium") or "/usr/bin/chromium",
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
            ],
        )
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A fresh window, as an officer in Pontianak has it."""
    context = browser.new_context(
        locale="id-ID",
        timezone_id="Asia/Pontianak",
        viewport={"width": 1280, "height": 860},
        reduced_motion="reduce",
    )
    yield context.new_page()
    context.close()
