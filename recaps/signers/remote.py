"""A remote service in the manner of BSrE: it holds the officer's key, and signs a hash when it is sent his passphrase.

``docs/penandatangan-jarak-jauh.md`` describes what is asked and answered. What is sent again after a cut line signs the
same hash again and changes nothing, so a request may be repeated; a refused passphrase is never tried twice, as the
service counts it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils

from recaps.errors import CertificateRefused, SignerUnavailable, WrongPin
from recaps.signer import Anchors, Certificate, Holder, der, said_of, trusted
from recaps.signers.asking import Answer, NotReached, ask
from recaps.signers.enrolled import id_of
from tenants.said import say
from tenants.words import N_

SECONDS: Final = 20.0
TRIES: Final = 3
PAUSE: Final = 0.5
WRONG_PASSPHRASE: Final = 2031
STATES: Final = {
    "NOT_REGISTERED": N_("Anda belum terdaftar pada layanan tanda tangan."),
    "NEW": N_("Sertifikat Anda belum diterbitkan."),
    "EXPIRED": N_("Sertifikat Anda sudah berakhir. Perpanjang dulu, lalu tanda tangani lagi."),
    "RENEW": N_("Sertifikat Anda harus diperbarui dulu."),
    "REVOKE": N_("Sertifikat Anda sudah dicabut. Urus sertifikat baru, lalu tanda tangani lagi."),
    "SUSPEND": N_("Sertifikat Anda sedang ditangguhkan."),
}
"""What the service says of who may not sign; ``ISSUE`` is who may."""


class RemoteSigner:
    """The service at one address, with the office's own account."""

    needs_pin = True
    development = False

    def __init__(
        self,
        url: str,
        user: str,
        password: str,
        keys: Path,
        *,
        seconds: float = SECONDS,
        earlier: Anchors = (),
    ) -> None:
        self._url = url
        self._account = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
        self._keys = keys
        self._earlier = earlier
        self._seconds = seconds

    def certificate(self, holder: Holder, *, now: datetime) -> Certificate | None:
        """The certificate that the service names; None where it can't be asked: a page is shown without it."""
        try:
            return said_of(self._chain(id_of(holder, self._keys), tries=1, seconds=3.0)[0])
        except (SignerUnavailable, CertificateRefused):
            return None

    @contextmanager
    def pen(self, holder: Holder, *, now: datetime, pin: str | None = None) -> Iterator[Any]:
        if not pin:
            raise WrongPin(fields={"pin": N_("Isi PIN sertifikat Anda.")})
        nik = id_of(holder, self._keys)
        state = str(self._asked("/api/v2/user/check/status", {"nik": nik}).get("status", "")).upper()
        if state != "ISSUE":
            raise CertificateRefused(
                STATES.get(state, N_("Layanan tanda tangan tidak mengizinkan Anda menandatangani."))
            )
        chain = self._chain(nik)
        yield _pen(self, nik, pin, chain, self.anchors())

    def anchors(self) -> list[x509.Certificate]:
        return [*trusted(self._keys), *self._earlier]

    def revocations(self, *, now: datetime) -> list[bytes]:
        return []

    def signature(
        self, nik: str, pin: str, digest: bytes, algorithm: str, certificate: x509.Certificate
    ) -> bytes:
        """The service's signature over a hash, checked against the certificate before anything is made of it."""
        sent = {
            "nik": nik,
            "passphrase": pin,
            "hash": [base64.b64encode(digest).decode()],
            "hashAlgorithm": algorithm,
        }
        found = self._asked("/api/v2/sign/hash", sent).get("signature")
        try:
            made = base64.b64decode(found[0], validate=True)  # type: ignore[index]
            _check(certificate, made, digest, algorithm)
        except (TypeError, IndexError, KeyError, binascii.Error, ValueError, InvalidSignature) as error:
            raise SignerUnavailable(
                N_("Layanan tanda tangan mengirim tanda tangan yang tidak cocok dengan sertifikat Anda.")
            ) from error
        return made

    def _chain(self, nik: str, *, tries: int = TRIES, seconds: float | None = None) -> list[x509.Certificate]:
        """The officer's certificate and those above it."""
        path = f"/api/v2/user/certificate/chain/{quote(nik, safe='')}"
        got = self._asked(path, None, tries=tries, seconds=seconds).get("certificate")
        try:
            found = [x509.load_der_x509_certificate(base64.b64decode(one)) for one in got]  # type: ignore[union-attr]
        except (TypeError, binascii.Error, ValueError) as error:
            raise SignerUnavailable(
                N_("Layanan tanda tangan mengirim sertifikat yang tidak dapat dibaca.")
            ) from error
        if not found:
            raise CertificateRefused(N_("Anda belum mempunyai sertifikat pada layanan tanda tangan."))
        return found

    def _asked(
        self, path: str, content: dict[str, Any] | None, *, tries: int = TRIES, seconds: float | None = None
    ) -> dict[str, Any]:
        body = None if content is None else json.dumps(content).encode()
        headers = {"Authorization": self._account, "Accept": "application/json"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        for left in range(tries - 1, -1, -1):
            try:
                got = ask(
                    self._url + path,
                    body=body,
                    headers=headers,
                    seconds=seconds or self._seconds,
                    trusted=True,
                )
            except NotReached:
                got = None
            if got is not None and got.status < 500 and got.status != 429:
                return _told(got)
            if left:
                time.sleep(PAUSE * (tries - left))
        raise SignerUnavailable(
            N_("Layanan tanda tangan tidak menjawab. Belum ada yang ditandatangani; coba lagi nanti.")
        )


def _told(got: Answer) -> dict[str, Any]:
    """What the service said; a refusal in words. Nothing of what was sent is repeated."""
    try:
        said = json.loads(got.body)
    except ValueError:
        said = None
    if not isinstance(said, dict):
        raise SignerUnavailable(N_("Layanan tanda tangan menjawab dengan cara yang tidak dikenal."))
    if got.status == 200:
        return said
    if said.get("status_code") == WRONG_PASSPHRASE:
        raise WrongPin(
            fields={"pin": N_("PIN (passphrase) salah. Setelah beberapa kali akun Anda terkunci.")}
        )
    if got.status in (401, 403):
        raise SignerUnavailable(N_("Akun Karya ditolak layanan tanda tangan; hubungi pengelola sistem."))
    words = " ".join(str(said.get("error") or said.get("message") or "").split())[:200]
    raise SignerUnavailable(
        say(
            N_("Layanan tanda tangan menolak: %(words)s."),
            words=words or say(N_("kode %(status)s"), status=got.status),
        )
    )


def _pen(
    service: RemoteSigner, nik: str, pin: str, chain: list[x509.Certificate], anchors: list[x509.Certificate]
) -> Any:
    from asn1crypto import x509 as asn1_x509
    from pyhanko.sign.signers import Signer
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    class Pen(Signer):
        """Sends the hash of what is to be signed, once the document is ready."""

        async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
            if dry_run:
                return bytes(_size(chain[0]))
            digest = hashlib.new(digest_algorithm, data).digest()
            return service.signature(
                nik, pin, digest, digest_algorithm.upper().replace("SHA", "SHA-"), chain[0]
            )

    store = SimpleCertificateStore()
    store.register_multiple([asn1_x509.Certificate.load(der(one)) for one in (*chain, *anchors)])
    return Pen(signing_cert=asn1_x509.Certificate.load(der(chain[0])), cert_registry=store)


def _size(certificate: x509.Certificate) -> int:
    key = certificate.public_key()
    return key.key_size // 8 if isinstance(key, rsa.RSAPublicKey) else 160


def _check(certificate: x509.Certificate, made: bytes, digest: bytes, algorithm: str) -> None:
    key = certificate.public_key()
    hashed = utils.Prehashed(getattr(hashes, algorithm.replace("-", ""))())
    if isinstance(key, rsa.RSAPublicKey):
        key.verify(made, digest, padding.PKCS1v15(), hashed)
    elif isinstance(key, ec.EllipticCurvePublicKey):
        key.verify(made, digest, ec.ECDSA(hashed))
    else:
        raise ValueError("a key of another kind")
