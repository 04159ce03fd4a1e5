"""What a journey needs: officers at their own windows, goods to photograph, and pictures for the guides."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.support.servers import HOUSE, Server
from tests.support.worlds import PASSWORD

PICTURES = HOUSE / "docs" / "images"
DRAWINGS = HOUSE / "webapp" / "drawings"
LARGEST_PICTURE = 300_000
expect.set_options(timeout=20_000)


class Windows:
    """Browser windows, one an officer; a page error or a refusal by the CSP in any of them fails the journey."""

    def __init__(self, browser: Any, server: Server) -> None:
        self.server = server
        self.faults: list[str] = []
        self._browser = browser
        self._contexts: list[Any] = []
        self._officers: dict[str, Page] = {}

    def stranger(self, **options: Any) -> Page:
        """A window that nobody has signed in with. `options` go to Playwright's context."""
        asked = {"viewport": {"width": 1280, "height": 900}} | options
        context = self._browser.new_context(
            base_url=self.server.url,
            locale="id-ID",
            timezone_id="Asia/Pontianak",
            reduced_motion="reduce",
            **asked,
        )
        context.set_default_timeout(30_000)
        self._contexts.append(context)
        page: Page = context.new_page()
        page.on("pageerror", lambda error: self.faults.append(f"{page.url}: {error}"))
        page.on("console", lambda said: self._note(page, said.text))
        return page

    def officer(self, username: str, **options: Any) -> Page:
        """This officer's window, signed in; the same one whenever the same officer is asked for without options."""
        if not options and username in self._officers:
            return self._officers[username]
        page = self.stranger(**options)
        sign_in(page, username)
        if not options:
            self._officers[username] = page
        return page

    def close(self) -> None:
        for context in self._contexts:
            context.close()

    def _note(self, page: Page, said: str) -> None:
        if "Content Security Policy" in said or "Refused to" in said:
            self.faults.append(f"{page.url}: {said}")


def sign_in(page: Page, username: str) -> None:
    """Sign in by the page, as a person does."""
    page.goto("/login/")
    page.get_by_label("Nama pengguna").fill(username)
    page.get_by_label("Kata sandi", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Masuk", exact=True).click()
    page.wait_for_url("**/beranda**")


@pytest.fixture
def windows(browser: Any, demo_server: Server) -> Iterator[Windows]:
    """Windows onto a running Karya with the demonstration's data."""
    opened = Windows(browser, demo_server)
    yield opened
    opened.close()
    demo_server.kill()  # its copy of the data goes too: nothing is left to end in order
    assert not opened.faults, "\n".join(opened.faults)


@pytest.fixture(scope="session")
def goods(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """`goods("tas-anyaman")` -> a JPEG of one of the house's drawings, as a telephone would give it."""
    folder = tmp_path_factory.mktemp("foto")

    def photo(name: str) -> Path:
        path = folder / f"{name}.jpg"
        if not path.exists():
            Image.open(DRAWINGS / f"{name}.webp").convert("RGB").save(path, quality=88)
        return path

    return photo


@pytest.fixture
def picture(dialect: str) -> Callable[..., None]:
    """`picture(page, "kasus")` keeps what the window shows in docs/images; only with KARYA_SCREENSHOTS=1, on SQLite."""

    def keep(page: Page, name: str, *, settle_seconds: float = 0) -> None:
        if os.environ.get("KARYA_SCREENSHOTS") != "1" or dialect != "sqlite":
            return
        page.wait_for_load_state("networkidle")
        page.evaluate("document.fonts.ready")
        page.wait_for_timeout(300 + 1000 * settle_seconds)
        shot = Image.open(io.BytesIO(page.screenshot(animations="disabled")))
        PICTURES.mkdir(parents=True, exist_ok=True)
        path = PICTURES / f"{name}.png"
        shot.convert("RGB").save(path, optimize=True)
        if path.stat().st_size >= LARGEST_PICTURE:  # photographs: fewer colours, without a pattern of dots
            few = shot.convert("RGB").quantize(
                256, Image.Quantize.MEDIANCUT, kmeans=2, dither=Image.Dither.NONE
            )
            few.save(path, optimize=True)
        assert path.stat().st_size < LARGEST_PICTURE, f"{path.name}: {path.stat().st_size} bytes"

    return keep
