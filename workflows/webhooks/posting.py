"""One HTTP request to a receiver: to the address that was judged, within ten seconds, following nothing."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from tenants.errors import KaryaError
from tenants.said import say
from tenants.words import N_
from workflows.webhooks.addresses import Target, read, resolve

SECONDS: Final = 10.0
"""For everything: connecting, sending, and the answer."""
SHOWN: Final = 500
"""Letters kept of an answer."""
LATE: Final = say(N_("Tidak menjawab dalam 10 detik."))
_READ: Final = 2000
_TRIED: Final = 3


@dataclass(frozen=True)
class Outcome:
    """What came of a request. `status` is None where nobody answered."""

    status: int | None
    answer: str

    @property
    def arrived(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


class _Connection(http.client.HTTPConnection):
    """A connection to one address; the target's name goes into Host and, by TLS, into SNI and the certificate's
    check."""

    def __init__(self, target: Target, address: str, seconds: float) -> None:
        super().__init__(target.host, target.port, timeout=seconds)
        self._target = target
        self._address = address

    def connect(self) -> None:
        self.sock = socket.create_connection((self._address, self._target.port), self.timeout)
        if self._target.scheme == "https":
            context = ssl.create_default_context()
            wrapped = context.wrap_socket(
                self.sock, server_hostname=self._target.host, do_handshake_on_connect=False
            )
            self.sock = wrapped  # so that `cut` reaches it while it shakes hands
            wrapped.do_handshake()

    def cut(self) -> None:
        """End it from another thread, whatever it waits for."""
        if self.sock is not None:
            try:
                socket.socket.shutdown(self.sock, socket.SHUT_RDWR)  # TLS's own would wait for the other side
            except OSError:
                return


def post(address: str, body: bytes, headers: Mapping[str, str], *, seconds: float = SECONDS) -> Outcome:
    """Post `body`; a redirect is an answer like any other and is not followed."""
    try:
        target = read(address)
        places = resolve(target)
    except KaryaError as refused:
        return Outcome(None, refused.message)
    until = time.monotonic() + seconds
    outcome = Outcome(None, LATE)
    for place in places[:_TRIED]:
        left = until - time.monotonic()
        if left <= 0:
            break
        outcome = _once(target, place, body, headers, left)
        if outcome.status is not None:
            break
    return outcome


def _once(target: Target, place: str, body: bytes, headers: Mapping[str, str], seconds: float) -> Outcome:
    connection = _Connection(target, place, seconds)
    late = threading.Event()

    def end() -> None:
        late.set()
        connection.cut()

    timer = threading.Timer(seconds, end)  # a socket's own timeout begins anew with every byte
    timer.daemon = True
    timer.start()
    try:
        connection.putrequest("POST", target.path, skip_host=True, skip_accept_encoding=True)
        for name, value in {"Host": target.host_header, "Accept-Encoding": "identity", **headers}.items():
            connection.putheader(name, value)
        connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        answer = connection.getresponse()
        status = answer.status
        try:
            text = answer.read(_READ)
        except (OSError, http.client.HTTPException):
            text = b""  # it has said yes or no; the rest is decoration
        return Outcome(status, readable(text))
    except TimeoutError:
        return Outcome(None, LATE)
    except ssl.SSLError as error:
        return Outcome(None, readable(f"TLS: {error.reason or error}".encode()))
    except (OSError, http.client.HTTPException) as error:
        if late.is_set():
            return Outcome(None, LATE)
        return Outcome(None, readable(f"Tidak dapat dihubungi: {type(error).__name__}.".encode()))
    finally:
        timer.cancel()
        connection.close()


def readable(text: bytes) -> str:
    """What a receiver said, as text that can be shown: bounded, on one line, without control marks."""
    words = text.decode("utf-8", "replace").replace("\x00", "")
    clean = "".join(" " if unicodedata.category(letter)[0] in "CZ" else letter for letter in words)
    return " ".join(clean.split())[:SHOWN]
