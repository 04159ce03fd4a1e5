"""The power fails while a recap is rendered, and again while it is signed: nothing is lost, nothing is twice."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect
from sqlalchemy import create_engine, text

from config import Settings
from tests.journeys.conftest import Windows
from tests.support.servers import Server

pytestmark = pytest.mark.journey


def test_a_recap_is_complete_once_after_the_server_was_killed_while_making_it(
    windows: Windows, demo_server: Server, tmp_path: Path
) -> None:
    kadiv = windows.officer("kadiv.kalbar")
    kadiv.goto("/rekap")
    kadiv.get_by_text("Periode lain").click()
    kadiv.get_by_label("Tulis periodenya").fill("2024-03")
    kadiv.get_by_role("button", name="Susun", exact=True).click()
    recap = int(kadiv.url.rsplit("/", 1)[1])
    kadiv.goto("about:blank")
    demo_server.kill()
    assert _one(demo_server.settings, "SELECT preview_sha256 FROM recap") is None, (
        "it was too fast to be cut off"
    )

    demo_server.start()
    kadiv.goto(f"/rekap/{recap}")
    submit = kadiv.get_by_role("button", name="Ajukan kepada Kepala Kantor Wilayah")
    expect(submit).to_be_enabled(timeout=40_000)
    submit.click()
    expect(kadiv.get_by_text("Rekap diajukan")).to_be_visible()

    kakanwil = windows.officer("kakanwil.kalbar")
    kakanwil.goto(f"/rekap/{recap}")
    with kakanwil.expect_response(lambda answer: answer.request.method == "POST"):
        kakanwil.get_by_role("button", name="Tandatangani dan kirim").click(no_wait_after=True)
    demo_server.kill()  # as soon as the request is answered: its job has only just been enqueued
    assert _one(demo_server.settings, "SELECT signed_at FROM recap") is None, "it was too fast to be cut off"

    demo_server.start()
    kakanwil.goto(f"/rekap/{recap}")
    expect(kakanwil.get_by_role("link", name="Periksa keasliannya")).to_be_visible(timeout=40_000)
    _once(demo_server, kakanwil, recap, tmp_path)


def _once(server: Server, page: Any, recap: int, folder: Path) -> None:
    """One number, one file, one event of each kind, one signature; and the history still proves itself."""
    settings = server.settings
    assert _one(settings, "SELECT count(*) FROM recap") == 1
    assert _one(settings, "SELECT next FROM letter_sequence") == 2
    for action in ("recap.drafted", "recap.frozen", "recap.signed", "recap.delivered"):
        counted = _one(settings, f"SELECT count(*) FROM audit_event WHERE action = '{action}'")
        assert counted == 1, f"{action}: {counted}"
    assert _one(settings, "SELECT count(*) FROM published_verification") == 1
    assert _one(settings, "SELECT count(*) FROM published_verification_file") == 1
    path = folder / "signed.pdf"
    path.write_bytes(page.request.get(f"/rekap/{recap}/pdf").body())
    said = subprocess.run(["pdfsig", "-nocert", str(path)], capture_output=True, text=True, timeout=60).stdout
    assert said.count("Signature is Valid.") == 1
    assert "Total document signed" in said
    checked = server.run("audit", "verify")
    assert checked.returncode == 0, checked.stdout + checked.stderr


def _one(settings: Settings, question: str) -> Any:
    """The database's own answer, past every scope."""
    engine = create_engine(settings.database_url)
    try:
        with engine.connect() as connection:
            return connection.execute(text(question)).scalar()
    finally:
        engine.dispose()
