"""How an officer is told: he chooses by topic, gets one digest in his language, and its link leads to the page."""

from __future__ import annotations

import email
import re
import subprocess
import sys
from datetime import datetime
from email.message import EmailMessage
from email.policy import default
from typing import cast
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Windows
from tests.support.servers import HOUSE, Server
from tests.support.worlds import PASSWORD

pytestmark = pytest.mark.journey
MORNING = """
from webapp.commands import kanwil_named, open_house
open_house()
from tenants.scope import Scope, entered
from workflows.mailing import digest
with entered(Scope(kanwil_named("kalbar").id)):
    digest({"day": "%s"})
"""
"""What the schedule does at half past seven on a working day; a second time the same day it does nothing."""


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)  # the pages are the same on both
def test_an_officer_chooses_how_he_is_told_and_gets_a_digest_in_his_language(windows: Windows) -> None:
    page = windows.officer("pemantau.kalbar")
    page.goto("/pemberitahuan")
    waits = page.get_by_role("main").get_by_text(re.compile("menunggu Pemantauan"))
    expect(waits.first).to_be_visible()
    page.get_by_role("button", name="EN", exact=True).click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.get_by_role("main").get_by_text(re.compile("waits for Pemantauan")).first).to_be_visible()
    page.goto("/pemberitahuan/pilihan")
    page.locator('[name="mail_waiting"]').select_option(value="digest")
    page.locator('[name="mail_deadline"]').select_option(value="none")
    page.locator('[name="app_waiting"]').uncheck()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page).to_have_url(re.compile("/pemberitahuan$"))
    page.goto("/pemberitahuan")
    expect(page.get_by_role("main").get_by_text(re.compile("waits for Pemantauan"))).to_have_count(0)

    told = _this_mornings_mail(windows.server)
    assert told["Content-Language"] == "en"
    text = told.get_content()
    assert "waits for Pemantauan" in text
    assert "menunggu" not in text
    link = urlsplit(re.findall(r"https?://\S+/kasus/\d+", text)[0]).path
    stranger = windows.stranger()
    stranger.goto(link)
    stranger.get_by_label("Nama pengguna").fill("pemantau.kalbar")
    stranger.get_by_label("Kata sandi", exact=True).fill(PASSWORD)
    stranger.get_by_role("button", name="Masuk", exact=True).click()
    stranger.wait_for_url(f"**{link}")
    expect(stranger.locator("html")).to_have_attribute("lang", "en")


def _this_mornings_mail(server: Server) -> EmailMessage:
    """The digest of the officer who reads English; the others' are Indonesian."""
    day = datetime.now(ZoneInfo("Asia/Pontianak")).date().isoformat()
    done = subprocess.run(
        [sys.executable, "-c", MORNING % day],
        cwd=HOUSE,
        env=server.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    mails = (server.settings.data / "mail").glob(f"*-digest-*-{day}.eml")
    found = [cast(EmailMessage, email.message_from_bytes(one.read_bytes(), policy=default)) for one in mails]
    (english,) = [one for one in found if one["Content-Language"] == "en"]
    assert len(found) > 1
    return english
