"""Who holds the pen: one interface for the embedded keys, a token and a remote service.

`EmbeddedSigner` is the default: a PKCS#12 per officer under a development CA, made on first use in
``KARYA_DATA/keys`` and named as such ("CA Pengembangan Karya"), every file sealed with a key derived
from the secret key. The others implement the same `Signer` in `recaps.signers`.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, Protocol

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from recaps.errors import SignerUnavailable
from tenants.words import N_

DEVELOPMENT_CA: Final = "CA Pengembangan Karya"
_CA_YEARS: Final = 10
_CA_FROM: Final = datetime(2020, 1, 1, tzinfo=UTC)
_OFFICER_DAYS: Final = 730
_RENEW_DAYS: Final = 30


Anchors = Sequence[x509.Certificate]


@dataclass(frozen=True)
class Holder:
    """The officer whose certificate signs: who is named in it must be who signs."""

    officer_id: int
    name: str
    office: str
    organisation: str
    username: str = ""
    nip: str = ""


@dataclass(frozen=True)
class Certificate:
    """What a page says of the certificate."""

    holder: str
    issuer: str
    valid_until: datetime
    serial: str
    development: bool
    number: str = ""
    """The holder's own number in it, e.g. his NIP."""


class Signer(Protocol):
    """A way to sign. Implementations say whether they need the holder's PIN; it is never stored."""

    needs_pin: bool
    development: bool

    def certificate(self, holder: Holder, *, now: datetime) -> Certificate | None:
        """The holder's certificate; None where it isn't known before the PIN.

        Raises:
            SignerUnavailable: keys or service can't be used.
        """

    def pen(self, holder: Holder, *, now: datetime, pin: str | None = None) -> AbstractContextManager[Any]:
        """A pyHanko signer for one signature in the holder's name; what it holds open is closed at the end.

        Raises:
            SignerUnavailable, WrongPin, CertificateRefused.
        """

    def anchors(self) -> list[x509.Certificate]:
        """The certificates that signatures of this house are traced to."""

    def revocations(self, *, now: datetime) -> list[bytes]:
        """Revocation lists (DER) to embed, so that a signature can be checked later without asking anyone."""


class EmbeddedSigner:
    """PKCS#12 files in a folder, under a development CA that is made on first use."""

    needs_pin = False
    development = True

    def __init__(self, folder: Path, secret: str) -> None:
        self._folder = folder
        self._seal = (
            HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"karya signing keys 1")
            .derive(secret.encode())
            .hex()
            .encode()
        )
        self._lock = threading.Lock()
        self._open: dict[str, tuple[Any, x509.Certificate]] = {}
        self._listed: tuple[Any, bytes] = None, b""

    def certificate(self, holder: Holder, *, now: datetime) -> Certificate:
        _, certificate = self._officer(holder, now)
        return Certificate(
            holder=holder.name,
            issuer=DEVELOPMENT_CA,
            valid_until=certificate.not_valid_after_utc,
            serial=f"{certificate.serial_number:x}",
            development=True,
        )

    @contextmanager
    def pen(self, holder: Holder, *, now: datetime, pin: str | None = None) -> Iterator[Any]:
        key, certificate = self._officer(holder, now)
        plain = key.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        yield simple_pen(plain, der(certificate), [der(one) for one in self.anchors()])

    def anchors(self) -> list[x509.Certificate]:
        """The development CA, and whom else ``keys/trusted/*.pem`` names: a time stamping service, an earlier CA."""
        _, certificate = self._authority(datetime.now(UTC))
        return [certificate, *trusted(self._folder)]

    def authority(self) -> list[x509.Certificate]:
        """The development CA if there is one: what it signed before another signer was chosen stays traceable."""
        if not (self._folder / "ca.p12").exists():
            return []
        return [self._authority(datetime.now(UTC))[1]]

    def revocations(self, *, now: datetime) -> list[bytes]:
        """The development CA's list of that time; the last one made is kept, as reading a file asks for it twice."""
        named = self._revoked()
        asked, made = self._listed
        if asked != (now, tuple(named)):
            made = self._list(named, now)
            self._listed = (now, tuple(named)), made
        return [made]

    def _list(self, named: list[tuple[int, datetime]], now: datetime) -> bytes:
        key, certificate = self._authority(now)
        made = x509.CertificateRevocationListBuilder()
        for serial, at in named:
            made = made.add_revoked_certificate(x509.RevokedCertificateBuilder(serial, at).build())
        return (
            made.issuer_name(certificate.subject)
            .last_update(now - timedelta(minutes=5))
            .next_update(now + timedelta(days=30))
            .add_extension(x509.CRLNumber(int(now.timestamp())), critical=False)
            .add_extension(_key_identifier(certificate), critical=False)
            .sign(key, hashes.SHA256())
        ).public_bytes(serialization.Encoding.DER)

    def _revoked(self) -> list[tuple[int, datetime]]:
        """What ``keys/revoked.csv`` names: a serial number (hexadecimal) and the instant of its revocation a line."""
        try:
            lines = (self._folder / "revoked.csv").read_text().split()
            pairs = [line.split(",", 1) for line in lines]
            return [(int(serial, 16), datetime.fromisoformat(at)) for serial, at in pairs]
        except FileNotFoundError:
            return []
        except (OSError, ValueError) as error:
            raise SignerUnavailable(N_("Daftar pencabutan (keys/revoked.csv) tidak dapat dibaca.")) from error

    # --- keys ---

    def _authority(self, now: datetime) -> tuple[Any, x509.Certificate]:
        return self._kept("ca", lambda: _make_authority(now))

    def _officer(self, holder: Holder, now: datetime) -> tuple[Any, x509.Certificate]:
        authority = self._authority(now)
        # The name is in the certificate: an officer who changes office or name gets another one.
        who = re.sub(r"[^0-9a-f]", "", _fingerprint(f"{holder.name}|{holder.office}|{holder.organisation}"))[
            :12
        ]
        for generation in range(100):
            pair = self._kept(
                f"officer-{holder.officer_id}-{who}-{generation}",
                lambda: _make_officer(holder, authority, now),
            )
            if pair[1].not_valid_after_utc - now > timedelta(days=_RENEW_DAYS):
                return pair
        raise SignerUnavailable(N_("Sertifikat tidak dapat diperbarui."))

    def _kept(self, name: str, make: Any) -> tuple[Any, x509.Certificate]:
        """The pair of that name; made when it is not there yet. Two processes that make it at once keep
        the same one.
        """
        with self._lock:
            if name in self._open:
                return self._open[name]
            path = self._folder / f"{name}.p12"
            if not path.exists():
                self._make(path, name, make())
            try:
                key, certificate, _ = pkcs12.load_key_and_certificates(path.read_bytes(), self._seal)
            except (OSError, ValueError) as error:
                raise SignerUnavailable(
                    N_("Kunci tanda tangan tidak dapat dibuka; periksa KARYA_SECRET_KEY dan folder keys.")
                ) from error
            if key is None or certificate is None:
                raise SignerUnavailable(N_("Berkas kunci tidak lengkap."))
            self._open[name] = (key, certificate)
            return self._open[name]

    def _make(self, path: Path, name: str, pair: tuple[Any, x509.Certificate]) -> None:
        key, certificate = pair
        sealed = pkcs12.serialize_key_and_certificates(
            name.encode(), key, certificate, None, serialization.BestAvailableEncryption(self._seal)
        )
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            draft = path.with_suffix(f".{secrets.token_hex(6)}.new")
            handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(sealed)
                file.flush()
                os.fsync(file.fileno())
            with contextlib.suppress(FileExistsError):
                os.link(draft, path)
            draft.unlink()
        except OSError as error:
            raise SignerUnavailable(N_("Folder kunci tidak dapat ditulisi.")) from error


def simple_pen(key: bytes, certificate: bytes, others: list[bytes]) -> Any:
    """A pyHanko signer with a key at hand (PKCS#8, DER)."""
    from asn1crypto import keys as asn1_keys
    from asn1crypto import x509 as asn1_x509
    from pyhanko.sign.signers import SimpleSigner
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    store = SimpleCertificateStore()
    store.register_multiple([asn1_x509.Certificate.load(one) for one in (certificate, *others)])
    return SimpleSigner(
        signing_cert=asn1_x509.Certificate.load(certificate),
        signing_key=asn1_keys.PrivateKeyInfo.load(key),
        cert_registry=store,
    )


def trusted(folder: Path) -> list[x509.Certificate]:
    """Whom ``trusted/*.pem`` in the folder of keys names: authorities, a time stamping service.

    Raises:
        SignerUnavailable: one of the files is no certificate.
    """
    try:
        return [
            one
            for path in sorted((folder / "trusted").glob("*.pem"))
            for one in x509.load_pem_x509_certificates(path.read_bytes())
        ]
    except (OSError, ValueError) as error:
        raise SignerUnavailable(N_("Folder keys/trusted berisi berkas yang bukan sertifikat.")) from error


def said_of(certificate: x509.Certificate) -> Certificate:
    """What a page says of an office's certificate."""

    def named(name: x509.Name) -> str:
        found = name.get_attributes_for_oid(NameOID.COMMON_NAME)
        return str(found[0].value) if found else name.rfc4514_string()

    return Certificate(
        holder=named(certificate.subject),
        issuer=named(certificate.issuer),
        valid_until=certificate.not_valid_after_utc,
        serial=f"{certificate.serial_number:x}",
        development=False,
        number=_number(certificate.subject),
    )


def _number(name: x509.Name) -> str:
    found = name.get_attributes_for_oid(NameOID.SERIAL_NUMBER) or name.get_attributes_for_oid(NameOID.USER_ID)
    return str(found[0].value) if found else ""


def _make_authority(now: datetime) -> tuple[Any, x509.Certificate]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=3072)
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "ID"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Karya"),
            x509.NameAttribute(NameOID.COMMON_NAME, DEVELOPMENT_CA),
        ]
    )
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    certificate = (
        _builder(name, name, key.public_key(), _CA_FROM, now + timedelta(days=365 * _CA_YEARS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)
        .add_extension(identifier, critical=False)
        .sign(key, hashes.SHA256())
    )
    return key, certificate


def _within(organisation: str) -> str:
    """The office's name as a certificate can hold it: 64 letters (X.520), its long words short where that is needed."""
    for long, short in (("Direktorat Jenderal", "Ditjen"), ("Kantor Wilayah", "Kanwil")):
        if len(organisation) > 64:
            organisation = organisation.replace(long, short)
    return organisation[:64].rstrip()


def _make_officer(
    holder: Holder, authority: tuple[Any, x509.Certificate], now: datetime
) -> tuple[Any, x509.Certificate]:
    ca_key, ca = authority
    begin = now - timedelta(hours=1)
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "ID"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, _within(holder.organisation) or "Karya"),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "Sertifikat pengembangan"),
            x509.NameAttribute(NameOID.TITLE, holder.office[:64] or "Pejabat"),
            x509.NameAttribute(NameOID.SERIAL_NUMBER, f"officer-{holder.officer_id}"),
            x509.NameAttribute(NameOID.COMMON_NAME, holder.name[:64]),
        ]
    )
    certificate = (
        _builder(subject, ca.subject, key.public_key(), begin, now + timedelta(days=_OFFICER_DAYS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(digital_signature=True, content_commitment=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(_key_identifier(ca), critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    return key, certificate


def _builder(
    subject: x509.Name, issuer: x509.Name, public_key: Any, begin: datetime, end: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(end)
    )


def _usage(**set_: bool) -> x509.KeyUsage:
    names = (
        *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment"),
        *("key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
    )
    return x509.KeyUsage(**{name: set_.get(name, False) for name in names})


def _key_identifier(ca: x509.Certificate) -> x509.AuthorityKeyIdentifier:
    identifier = ca.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier)


def _fingerprint(text: str) -> str:
    digest = hashes.Hash(hashes.SHA256())
    digest.update(text.encode())
    return digest.finalize().hex()


def der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.DER)
