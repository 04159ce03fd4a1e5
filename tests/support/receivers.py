"""A receiver of webhooks on the loopback address, that answers as it is told and remembers what it heard."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any


@dataclass(frozen=True)
class Heard:
    """One request."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> str:
        return self.headers["Karya-Event"]

    @property
    def uid(self) -> str:
        return self.headers["Karya-Delivery"]

    @property
    def said(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self.body)
        return told

    def verifies(self, secret: str) -> bool:
        """As a receiver would check it: any of the v1 signatures, over the second and the body."""
        parts = [part.partition("=") for part in self.headers["Karya-Signature"].split(",")]
        at = next(value for name, _, value in parts if name == "t")
        made = hmac.new(secret.encode(), f"{at}.".encode() + self.body, hashlib.sha256).hexdigest()
        return any(name == "v1" and hmac.compare_digest(value, made) for name, _, value in parts)


@dataclass
class Receiver:
    """`status` and `answer` are what it answers; `before` runs before it does."""

    port: int = 0
    heard: list[Heard] = field(default_factory=list)
    status: int = 200
    answer: bytes = b"ok"
    headers: dict[str, str] = field(default_factory=dict)
    slow_seconds: float = 0
    before: Callable[[Heard], None] | None = None

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver that listens inside the block."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            heard = Heard(self.path, dict(self.headers.items()), body)
            receiver.heard.append(heard)
            if receiver.before is not None:
                receiver.before(heard)
            time.sleep(receiver.slow_seconds)
            self.send_response(receiver.status)
            for name, value in receiver.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(receiver.answer)))
            self.end_headers()
            self.wfile.write(receiver.answer)

        def log_message(self, *_: Any) -> None:
            return

        def handle(self) -> None:
            try:
                super().handle()
            except OSError:
                return  # the sender has gone

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    receiver.port = server.server_address[1]
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
