"""A mail server on loopback that refuses whom it is told to refuse."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Sink:
    """Enough of RFC 5321 to take mails. `refuses` maps a part of an address to the answer it gets; `dies_after`: so
    many mails are taken, then the server closes."""

    url: str = ""
    refuses: dict[str, str] = field(default_factory=dict)
    dies_after: int | None = None
    taken: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def to(self, part: str) -> int:
        """How many mails a mailbox took."""
        return sum(part in one for one in self.taken)

    def answer(self, address: str) -> str:
        self.asked.append(address)
        if self.dies_after is not None and len(self.taken) >= self.dies_after:
            return "421 4.3.2 closing"
        return next((said for part, said in self.refuses.items() if part in address), "250 ok")


@contextmanager
def sink() -> Iterator[Sink]:
    """A server that runs meanwhile."""
    here = Sink()

    class Line(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"220 sink\r\n")
            data, address = False, ""
            while line := self.rfile.readline():
                if data:
                    if line == b".\r\n":
                        data = False
                        here.taken.append(address)
                        self.wfile.write(b"250 ok\r\n")
                    continue
                word = line.split()[0].upper() if line.split() else b""
                said = "250 ok"
                if word == b"RCPT":
                    address = line.decode().strip()
                    said = here.answer(address)
                elif word == b"DATA":
                    data, said = True, "354 go"
                elif word == b"QUIT":
                    said = "221 bye"
                self.wfile.write(said.encode() + b"\r\n")
                if word == b"QUIT":
                    return

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Line) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        here.url = f"smtp://127.0.0.1:{server.server_address[1]}"
        yield here
        server.shutdown()
