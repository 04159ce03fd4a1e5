"""A certificate authority of the tests', with what it is asked on loopback: revocation list, OCSP, time stamps."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

DER = serialization.Encoding.DER
PEM = serialization.Encoding.PEM


def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


@dataclass
class Authority:
    """Issues certificates, revokes them, and answers about them while `serving`."""

    name: str = "CA Uji"
    days: int = 3650
    url: str = ""
    revoked: dict[int, datetime] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    silent: bool = False
    stamp_days: int = 365

    def __post_init__(self) -> None:
        self.key = _key()
        self.certificate = (
            _builder(self.name, self.name, self.key, now() - timedelta(days=5000), self.days + 5000)
            .add_extension(x509.BasicConstraints(ca=True, path_length=1), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(self.key.public_key()), critical=False)
            .sign(self.key, hashes.SHA256())
        )

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(PEM)

    def trust(self, keys: Path) -> None:
        """Have Karya trust it."""
        (keys / "trusted").mkdir(parents=True, exist_ok=True)
        (keys / "trusted" / "ca.pem").write_bytes(self.pem)

    def issue(
        self, name: str, *, begin: datetime | None = None, days: int = 365, stamping: bool = False, nip: str = "",
        asks: str = "crl",
    ) -> tuple[Any, x509.Certificate]:  # fmt: skip
        """A key and its certificate; `asks`: where its revocation can be asked, ``crl``, ``ocsp`` or nowhere."""
        key = _key()
        made = _builder(name, self.name, key, begin or now() - timedelta(hours=1), days, nip=nip)
        if stamping:
            usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
            made = made.add_extension(usage, critical=True)
        else:
            made = made.add_extension(_SIGNING, critical=True)
        if self.url and asks == "crl":
            point = x509.DistributionPoint(
                [x509.UniformResourceIdentifier(f"{self.url}/ca.crl")], None, None, None
            )
            made = made.add_extension(x509.CRLDistributionPoints([point]), critical=False)
        if self.url and asks == "ocsp":
            place = x509.UniformResourceIdentifier(f"{self.url}/ocsp")
            access = x509.AccessDescription(AuthorityInformationAccessOID.OCSP, place)
            made = made.add_extension(x509.AuthorityInformationAccess([access]), critical=False)
        return key, made.sign(self.key, hashes.SHA256())

    def tls(self, folder: Path) -> ssl.SSLContext:
        """What a server of the name ``localhost`` shows, issued by this authority."""
        key = _key()
        made = _builder("localhost", self.name, key, now() - timedelta(hours=1), 30)
        names = x509.SubjectAlternativeName([x509.DNSName("localhost")])
        certificate = made.add_extension(names, critical=False).sign(self.key, hashes.SHA256())
        plain = key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        path = folder / "tls.pem"
        path.write_bytes(plain + certificate.public_bytes(PEM))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context

    def p12(self, path: Path, name: str, pin: str, **how: Any) -> x509.Certificate:
        """A PKCS#12 file as an office hands it out, and the certificate alone beside it."""
        key, certificate = self.issue(name, **how)
        sealed = serialization.BestAvailableEncryption(pin.encode())
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(
            pkcs12.serialize_key_and_certificates(b"x", key, certificate, [self.certificate], sealed)
        )
        path.with_suffix(".pem").write_bytes(certificate.public_bytes(PEM))
        return certificate

    def revoke(self, certificate: x509.Certificate, at: datetime | None = None) -> None:
        self.revoked[certificate.serial_number] = at or now() - timedelta(minutes=1)

    def crl(self) -> bytes:
        made = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.certificate.subject)
            .last_update(now() - timedelta(minutes=5))
            .next_update(now() + timedelta(days=7))
        )
        for serial, at in self.revoked.items():
            made = made.add_revoked_certificate(x509.RevokedCertificateBuilder(serial, at).build())
        return made.sign(self.key, hashes.SHA256()).public_bytes(DER)

    def ocsp(self, question: bytes) -> bytes:
        asked = ocsp.load_der_ocsp_request(question)
        at = self.revoked.get(asked.serial_number)
        known = ocsp.OCSPCertStatus.REVOKED if at else ocsp.OCSPCertStatus.GOOD
        key_hash = asked.issuer_key_hash, asked.issuer_name_hash
        made = ocsp.OCSPResponseBuilder().add_response_by_hash(
            issuer_name_hash=key_hash[1],
            issuer_key_hash=key_hash[0],
            serial_number=asked.serial_number,
            algorithm=asked.hash_algorithm,
            cert_status=known,
            this_update=now() - timedelta(minutes=5),
            next_update=now() + timedelta(days=1),
            revocation_time=at,
            revocation_reason=None,
        )
        responder = made.responder_id(ocsp.OCSPResponderEncoding.HASH, self.certificate)
        return responder.sign(self.key, hashes.SHA256()).public_bytes(DER)

    def stamp(self, question: bytes) -> bytes:
        from asn1crypto import keys, tsp
        from asn1crypto import x509 as asn1_x509
        from pyhanko.sign.timestamps import DummyTimeStamper
        from pyhanko_certvalidator.registry import SimpleCertificateStore

        if not hasattr(self, "_stamper"):
            key, certificate = self.issue("TSA Uji", stamping=True, days=self.stamp_days)
            plain = key.private_bytes(DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
            self._stamper = DummyTimeStamper(
                tsa_cert=asn1_x509.Certificate.load(certificate.public_bytes(DER)),
                tsa_key=keys.PrivateKeyInfo.load(plain),
                certs_to_embed=SimpleCertificateStore(),
            )
        return bytes(self._stamper.request_tsa_response(tsp.TimeStampReq.load(question)).dump())

    @contextmanager
    def serving(self) -> Iterator[Authority]:
        """Answer on a free port of the loopback address: ``/ca.crl``, ``/ocsp``, ``/tsa``."""
        authority = self

        class Service(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._answer("application/pkix-crl", authority.crl())

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.path == "/tsa":
                    self._answer("application/timestamp-reply", authority.stamp(body))
                else:
                    self._answer("application/ocsp-response", authority.ocsp(body))

            def _answer(self, kind: str, body: bytes) -> None:
                authority.asked.append(self.path)
                self.send_response(503 if authority.silent else 200)
                self.send_header("Content-Type", kind)
                self.end_headers()
                self.wfile.write(b"" if authority.silent else body)

            def log_message(self, *_: Any) -> None:
                """Tests stay quiet."""

        with served(Service) as url:
            self.url = url
            yield self


@contextmanager
def served(handler: type[BaseHTTPRequestHandler], *, tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """A web server on loopback; its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield f"{'https' if tls else 'http'}://{'localhost' if tls else '127.0.0.1'}:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


_SIGNING = x509.KeyUsage(True, True, False, False, False, False, False, False, False)


def _key() -> Any:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _builder(
    name: str, issuer: str, key: Any, begin: datetime, days: int, *, nip: str = ""
) -> x509.CertificateBuilder:
    parts = [x509.NameAttribute(NameOID.COMMON_NAME, name)]
    if nip:
        parts.append(x509.NameAttribute(NameOID.SERIAL_NUMBER, nip))
    return x509.CertificateBuilder(
        issuer_name=x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]),
        subject_name=x509.Name(parts),
        public_key=key.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=begin,
        not_valid_after=begin + timedelta(days=days),
    )
