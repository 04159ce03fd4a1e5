"""A browser without JavaScript that sends the token of the page before, as a real one does."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class Visitor:
    """A test client with a memory for the form token."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self.token = ""

    def get(self, path: str, **more: Any) -> Any:
        return self._keep(self.client.get(path, **more))

    def post(self, path: str, data: dict[str, Any] | None = None, **more: Any) -> Any:
        return self._keep(self.client.post(path, data={"csrf_token": self.token, **(data or {})}, **more))

    def _keep(self, answer: Any) -> Any:
        if answer.mimetype == "text/html":
            found = _TOKEN.search(answer.text)
            self.token = found.group(1) if found else self.token
        return answer


@pytest.fixture
def visitor(client: Any) -> Visitor:
    """Nobody has signed in here."""
    return Visitor(client)


@pytest.fixture
def officer(sign_in: Callable[..., Any]) -> Callable[..., Visitor]:
    """`officer("admin.kalbar")`: signed in, on the home page."""

    def enter(username: str, **more: Any) -> Visitor:
        one = Visitor(sign_in(username, **more))
        assert one.get("/beranda/").status_code == 200
        return one

    return enter
