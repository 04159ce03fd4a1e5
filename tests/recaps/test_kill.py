"""kill -9 while a recap is rendered, and while the letter to be signed is: after the restart it is complete, once."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import random
import re
import signal
import struct
import termios
import time
import urllib.request
import uuid
from collections.abc import Callable
from typing import Any

from sqlalchemy import create_engine, text

from tests.recaps.conftest import HEADER, LINES
from tests.support.servers import Server
from tests.support.worlds import PASSWORD

Call = Callable[..., Any]


def caller(server: Server, username: str) -> Call:
    """The API as this officer sees it: `call("POST", "/recaps", {...})` -> JSON."""

    def call(method: str, path: str, body: Any = None, *, raw: tuple[bytes, str] | None = None) -> Any:
        data, kind = raw or (json.dumps(body).encode() if body is not None else None, "application/json")
        asked = urllib.request.Request(f"{server.url}/api/v1{path}", data=data, method=method)  # noqa: S310
        asked.add_header("Content-Type", kind)
        if token:
            asked.add_header("Authorization", f"Bearer {token[0]}")
        with urllib.request.urlopen(asked, timeout=20) as answer:  # noqa: S310
            return json.loads(answer.read())

    token: list[str] = []
    login = {"username": username, "password": PASSWORD, "provider": "db"}
    token.append(call("POST", "/security/login", login)["access_token"])
    return call


def wait(call: Call, path: str, done: Callable[[Any], bool], seconds: float = 90) -> Any:
    until = time.monotonic() + seconds
    while not done(got := call("GET", path)):
        assert time.monotonic() < until, got
        time.sleep(0.2)
    return got


def until(there: Callable[[], Any], seconds: float = 90) -> Any:
    """What `there` says once it says something."""
    end = time.monotonic() + seconds
    while not (got := there()):
        assert time.monotonic() < end
        time.sleep(0.01)
    return got


def rendering(server: Server) -> int:
    """The process that renders for the server, as soon as there is one: it starts with its first letter."""
    return int(until(lambda: server.child("recaps.render_worker")))


def pause(process: int) -> None:
    """Hold a process where it is: what it is at is under way until the end."""
    os.kill(process, signal.SIGSTOP)


def unread(process: int) -> int:
    """How many bytes wait in a process' standard input."""
    with open(f"/proc/{process}/fd/0", "rb", buffering=0) as pipe:
        [count] = struct.unpack("i", fcntl.ioctl(pipe, termios.FIONREAD, b"\0" * 4))
    return int(count)


def kept(server: Server, recap_id: int, *columns: str) -> list[Any]:
    """Columns of a recap as the dead server left them."""
    engine = create_engine(server.settings.database_url)
    with engine.connect() as connection:
        asked = text(f"SELECT {', '.join(columns)} FROM recap WHERE id = :id")
        row = connection.execute(asked, {"id": recap_id}).one()
    engine.dispose()
    return list(row)


def multipart(content: bytes) -> tuple[bytes, str]:
    mark = uuid.uuid4().hex
    head = f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="m.csv"\r\n\r\n'
    return head.encode() + content + f"\r\n--{mark}--\r\n".encode(), f"multipart/form-data; boundary={mark}"


def test_a_killed_server_finishes_the_recap_once(live_server: Server) -> None:
    server = live_server
    kadiv, kakanwil = caller(server, "kadiv.kalbar"), caller(server, "kakanwil.kalbar")
    upload = kadiv("POST", "/purchases/imports", raw=multipart("\n".join([HEADER, *LINES]).encode()))
    here = f"/purchases/imports/{upload['id']}"
    if wait(kadiv, here, lambda got: got["state"] != "running")["state"] == "preview":
        kadiv("POST", f"{here}/accept", {})
    wait(kadiv, here, lambda got: got["state"] == "done")

    recap = kadiv("POST", "/recaps", {"period": "2024-03"})
    path = f"/recaps/{recap['id']}"
    pause(rendering(server))
    assert kadiv("GET", path)["working"]
    server.kill()
    assert kept(server, recap["id"], "frozen_at", "preview_sha256", "problem")[1:] == [None, None]
    assert kept(server, recap["id"], "frozen_at")[0] is not None
    server.start()
    prepared = wait(kadiv, path, lambda got: not got["working"])
    assert (prepared["state"], prepared["problem"]) == ("draft", None)
    assert prepared["figures"]["transactions"]["completed"]["value_rupiah"] == 47_850_000

    kadiv("POST", f"{path}/submit", {})
    renderer = rendering(server)
    pause(renderer)
    kakanwil("POST", f"{path}/sign", {})
    until(lambda: unread(renderer))  # the letter to be signed has reached it
    assert kakanwil("GET", path)["working"]
    server.kill()
    assert kept(server, recap["id"], "signed_at", "number", "problem") == [None, None, None]
    assert kept(server, recap["id"], "signing_since")[0] is not None
    server.start()
    signed = wait(kakanwil, path, lambda got: not got["working"])
    assert (signed["state"], signed["problem"]) == ("delivered", None)
    assert "PAS-1." in signed["number"]
    assert len(kadiv("GET", "/recaps")["items"]) == 1
    case = kadiv("GET", f"/cases/{signed['case_id']}")
    assert (case["state"], len(case["decisions"])) == ("approved", 1)
    assert server.run("audit", "verify").returncode == 0


KILLS = int(os.environ.get("KARYA_KILLS", "1"))
"""How often a batch signing is killed; ``KARYA_KILLS=10`` for the whole proof."""
EACH = 3


def test_a_batch_signing_killed_at_any_moment_leaves_each_recap_signed_or_not(live_server: Server) -> None:
    """Several recaps in one act, kill -9 somewhere in it: no number twice, none missing, no file broken."""
    server = live_server
    chance = random.Random(KILLS)
    months = [f"{year}-{month:02}" for year in (2023, 2022, 2021) for month in range(1, 13)]
    every: list[int] = []
    for _ in range(KILLS):
        kadiv, kakanwil = caller(server, "kadiv.kalbar"), caller(server, "kakanwil.kalbar")
        ids = [kadiv("POST", "/recaps", {"period": months.pop()})["id"] for _ in range(EACH)]
        for one in ids:
            wait(kadiv, f"/recaps/{one}", lambda got: not got["working"])
            kadiv("POST", f"/recaps/{one}/submit", {})
        every += ids
        asked = kakanwil("POST", "/recaps/sign", {"recaps": ids})
        assert [one["working"] for one in asked["items"]] == [True] * EACH
        time.sleep(chance.uniform(0, 3.5))
        server.kill()
        _each_signed_or_not(server, every)
        server.start()
        kakanwil = caller(server, "kakanwil.kalbar")
        for one in ids:
            signed = wait(kakanwil, f"/recaps/{one}", lambda got: not got["working"])
            assert (signed["state"], signed["problem"]) == ("delivered", None)
    numbers = [kept(server, one, "number")[0] for one in every]
    assert sorted(int(re.findall(r"PAS-(\d+)\.", one)[0]) for one in numbers) == list(
        range(1, len(every) + 1)
    )
    assert server.run("audit", "verify").returncode == 0


def _each_signed_or_not(server: Server, ids: list[int]) -> None:
    """As the dead server left them: all of a signature, its file too, or nothing; and as many numbers as signatures."""
    signed = 0
    for one in ids:
        row = kept(server, one, "signed_at", "number", "code", "signed_sha256", "delivered_at")
        assert all(value is None for value in row) or all(value is not None for value in row), row
        if row[0] is not None:
            signed += 1
            place = server.settings.data / "files" / row[3][:2] / row[3][2:4] / row[3]
            assert hashlib.sha256(place.read_bytes()).hexdigest() == row[3]
    engine = create_engine(server.settings.database_url)
    with engine.connect() as connection:
        taken = connection.execute(text("SELECT max(next) FROM letter_sequence")).scalar()
    engine.dispose()
    assert (taken or 1) == signed + 1
