"""One HTTP request to a certificate authority or a signing service: to an address that was judged, within seconds,
following no redirect.

What a certificate names is a stranger's word: it leads to the public internet or to an origin that the keeper of the
machine listed (``KARYA_REVOCATION_ALLOW``). What the keeper configured himself is asked wherever it is.
"""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from tenants import database
from workflows.webhooks.addresses import is_public

LARGEST: Final = 16 * 1024 * 1024
_PORTS: Final = {"https": 443, "http": 80}


class NotReached(Exception):
    """Nobody answered, or the address may not be asked; the message says which, without what was sent."""


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    body: bytes


def ask(
    url: str, *, body: bytes | None = None, headers: Mapping[str, str] | None = None,
    seconds: float = 10.0, trusted: bool = False,
) -> Answer:  # fmt: skip
    """GET, or POST where there is a body. `trusted`: the address comes from the settings, not from a certificate.

    Raises:
        NotReached: see there.
    """
    try:
        parts = urlsplit(url)
        scheme, host, port = parts.scheme, parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        raise NotReached("the address can't be read") from None
    if scheme not in _PORTS or not host or parts.username is not None:
        raise NotReached("the address is no web address")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    until = time.monotonic() + seconds
    for place in _places(scheme, host, port, trusted)[:2]:
        left = until - time.monotonic()
        if left <= 0:
            break
        try:
            return _once(scheme, host, port, path, place, body, headers or {}, left)
        except (OSError, http.client.HTTPException) as error:
            said = f"{host}: {type(error).__name__}"
    else:
        raise NotReached(said)
    raise NotReached(f"{host}: no answer within {seconds:.0f} seconds")


def _places(scheme: str, host: str, port: int, trusted: bool) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise NotReached(f"{host}: no such name") from None
    places = list(dict.fromkeys(str(one[4][0]) for one in found))
    shown = f"[{host}]" if ":" in host else host
    listed = f"{scheme}://{shown}:{port}" in database.db.settings.revocation_allow
    if not trusted and not listed and not all(is_public(one) for one in places):
        raise NotReached(f"{host}: an address inside")
    if not places:
        raise NotReached(f"{host}: no such name")
    return places


def _once(
    scheme: str, host: str, port: int, path: str, place: str, body: bytes | None,
    headers: Mapping[str, str], seconds: float,
) -> Answer:  # fmt: skip
    connection = http.client.HTTPConnection(host, port, timeout=seconds)
    connection.sock = socket.create_connection((place, port), seconds)

    def cut() -> None:
        with contextlib.suppress(OSError):
            # TLS's own shutdown would wait for the other side.
            socket.socket.shutdown(connection.sock, socket.SHUT_RDWR)

    timer = threading.Timer(seconds, cut)  # a socket's own timeout begins anew with every byte
    timer.daemon = True
    timer.start()
    try:
        if scheme == "https":
            connection.sock = ssl.create_default_context().wrap_socket(
                connection.sock, server_hostname=host, do_handshake_on_connect=False
            )
            connection.sock.do_handshake()
        named = f"[{host}]" if ":" in host else host
        standard = port == _PORTS[scheme]
        connection.request(
            "GET" if body is None else "POST",
            path,
            body,
            {"Host": named if standard else f"{named}:{port}", "Accept-Encoding": "identity", **headers},
        )
        answer = connection.getresponse()
        data = answer.read(LARGEST + 1)
        if len(data) > LARGEST:
            raise NotReached(f"{host}: the answer is too large")
        return Answer(answer.status, data)
    finally:
        timer.cancel()
        connection.close()
