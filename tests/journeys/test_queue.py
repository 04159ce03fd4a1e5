"""A day's queue: by keyboard alone, on a phone, many at once, and beside a colleague who is faster."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Windows

pytestmark = pytest.mark.journey
LIST = "/kotak-masuk?tab=saya"


def test_the_queue_is_worked_by_keyboard_alone(windows: Windows) -> None:
    page = windows.officer("pembina.kalbar")
    page.goto(LIST)
    page.wait_for_load_state("networkidle")
    rows = page.locator("[data-case]")
    waiting = rows.count()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Pintasan papan ketik")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(rows.first).to_have_attribute("aria-current", "true")
    title = rows.first.locator(".case-row__title").inner_text()
    expect(page.locator("#preview h2").first).to_contain_text(title)
    page.keyboard.press("a")
    expect(page.get_by_text("Kasus ini kini Anda pegang.")).to_be_visible()
    expect(rows.first).to_contain_text("Anda pegang")
    page.wait_for_load_state("networkidle")
    page.keyboard.press("s")
    expect(page.get_by_role("heading", name=title, level=1)).to_be_visible()
    page.wait_for_load_state("networkidle")
    page.keyboard.press("s")  # nothing is answered: it leads to the first question
    for _ in range(page.locator("form[data-decision] input[type=checkbox]").count()):
        page.keyboard.press("Space")
        page.keyboard.press("Tab")
    page.locator("h1").click()
    page.keyboard.press("s")
    expect(page.get_by_text(f"Anda menyetujui {title}")).to_be_visible()
    expect(page.get_by_text("Ini kasus berikutnya.")).to_be_visible()
    page.wait_for_load_state("networkidle")
    page.keyboard.press("b")
    expect(page.get_by_role("dialog", name="Kembalikan ke UPT")).to_be_visible()
    page.keyboard.press("Escape")
    page.goto(LIST)
    expect(rows).to_have_count(waiting - 1)


def test_many_are_approved_on_a_phone(windows: Windows, picture: Callable[..., None]) -> None:
    page = windows.officer("pembina.kalbar", viewport={"width": 360, "height": 740})
    page.goto(LIST)
    page.get_by_role("link", name="Pilih banyak").click()
    _fits(page)
    boxes = page.locator('input[name="item"]')
    boxes.nth(2).check()
    boxes.nth(3).check()
    expect(page.get_by_text("2 dipilih")).to_be_visible()
    picture(page, "pilih-banyak")
    page.get_by_role("button", name="Setujui …").click()
    expect(page.get_by_role("heading", name="Setujui 2 kasus")).to_be_visible()
    _fits(page)
    for box in page.locator("form[data-decision] .ticks--lined input[type=checkbox]").all():
        box.check()
    page.get_by_role("button", name="Setujui", exact=True).click()
    expect(page.get_by_text("2 dari 2 kasus disetujui.")).to_be_visible()
    _fits(page)


def test_a_colleague_is_seen_and_his_decision_closes_the_form(windows: Windows) -> None:
    pembina, kadiv = windows.officer("pembina.kalbar"), windows.officer("kadiv.kalbar")
    kadiv.goto("/kotak-masuk?tab=tim")
    pembina.goto(LIST)
    row = pembina.locator("[data-case]").first
    address, title = str(row.get_attribute("href")), row.locator(".case-row__title").inner_text()
    kadiv.goto(address)
    pembina.goto(address)
    expect(pembina.get_by_text("juga melihat kasus ini")).to_be_visible()
    second = windows.officer("pembina.kalbar", viewport={"width": 1280, "height": 900})
    listed = windows.officer("pembina.kalbar", viewport={"width": 1200, "height": 900})
    listed.goto(LIST)
    expect(listed.locator(f'[data-case][href="{address}"]')).to_be_visible()
    listed.wait_for_load_state("networkidle")
    second.goto(address)
    _approve(second)
    expect(second.get_by_text(f"Anda menyetujui {title}")).to_be_visible()
    expect(pembina.get_by_text(re.compile("baru saja disetujui oleh .*; muat ulang"))).to_be_visible()
    expect(pembina.get_by_role("button", name="Setujui", exact=True)).to_be_disabled()
    expect(listed.locator(f'[data-case][href="{address}"]')).to_have_count(0)  # without a reload


def _approve(page: Page) -> None:
    for box in page.locator("form[data-decision] input[type=checkbox]").all():
        box.check()
    page.get_by_role("button", name="Setujui", exact=True).click()


def _fits(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
