"""A signing service on loopback that speaks what ``docs/penandatangan-jarak-jauh.md`` describes."""

from __future__ import annotations

import base64
import json
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, utils

from tests.support.authorities import served

ACCOUNT = ("karya", "rahasia-kantor")
NIK = "6171010101700001"
PASSPHRASE = "Frasa-Sandi-1"


@dataclass
class RemoteService:
    """One person's key. `states` and `broken` are what it answers next, `asked` what it was asked."""

    key: Any
    chain: list[x509.Certificate]
    url: str = ""
    state: str = "ISSUE"
    wrong: int = 0
    """Wrong passphrases so far."""
    broken: list[str] = field(default_factory=list)
    """For each coming request: ``500``, ``slow``, ``cut``, ``garbage`` or ``fine``."""
    asked: list[str] = field(default_factory=list)
    other_key: Any = None
    """Signs with this one instead."""

    def answer(self, path: str, sent: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if path == "/api/v2/user/check/status":
            return 200, {"status": self.state if sent["nik"] == NIK else "NOT_REGISTERED"}
        if path == f"/api/v2/user/certificate/chain/{NIK}":
            der = serialization.Encoding.DER
            return 200, {
                "certificate": [base64.b64encode(one.public_bytes(der)).decode() for one in self.chain]
            }
        if path != "/api/v2/sign/hash" or sent["nik"] != NIK:
            return 404, {"error": "Tidak ditemukan"}
        if sent["passphrase"] != PASSPHRASE:
            self.wrong += 1
            return 400, {"status_code": 2031, "error": "Passphrase anda salah"}
        digest = base64.b64decode(sent["hash"][0])
        made = (self.other_key or self.key).sign(digest, padding.PKCS1v15(), utils.Prehashed(hashes.SHA256()))
        return 200, {"signature": [base64.b64encode(made).decode()]}

    @contextmanager
    def serving(self, *, tls: ssl.SSLContext | None = None) -> Iterator[RemoteService]:
        service = self
        allowed = "Basic " + base64.b64encode(":".join(ACCOUNT).encode()).decode()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._answer({})

            def do_POST(self) -> None:
                self._answer(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

            def _answer(self, sent: dict[str, Any]) -> None:
                service.asked.append(self.path)
                how = service.broken.pop(0) if service.broken else "fine"
                if how == "slow":
                    time.sleep(1.5)
                if how == "cut":
                    self.connection.close()
                    return
                if how == "500":
                    status, body = 500, b"oops"
                elif how == "garbage":
                    status, body = 200, b"<html>"
                elif self.headers.get("Authorization") != allowed:
                    status, body = 401, b"{}"
                else:
                    status, said = service.answer(self.path, sent)
                    body = json.dumps(said).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                """Tests stay quiet."""

        with served(Handler, tls=tls) as url:
            self.url = url
            yield self
