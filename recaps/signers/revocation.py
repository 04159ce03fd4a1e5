"""Whether certificates were revoked: asked where they say it can be asked, kept for as long as the answer holds.

What comes back travels inside the signed file (PAdES B-LT), so that nobody has to ask again. A certificate that names
a place to ask and gets no answer can't sign: without the answer the file would not be what it says.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID

from recaps.errors import CertificateRefused, SignerUnavailable
from recaps.signers.asking import NotReached, ask
from tenants.said import say
from tenants.words import N_, date_id

log = logging.getLogger("karya.recaps")
_KEPT: Final = timedelta(hours=1)
_MOST: Final = 3
_kept: dict[str, tuple[datetime, bytes]] = {}
_lock = threading.Lock()


@dataclass
class Proof:
    """Lists and answers (DER) that speak of a chain."""

    crls: list[bytes] = field(default_factory=list)
    ocsps: list[bytes] = field(default_factory=list)


def gather(chain: Iterable[x509.Certificate], roots: Iterable[x509.Certificate], *, now: datetime) -> Proof:
    """What says of each certificate of `chain` that it holds; of one that names no place, and of a root, nothing.

    Raises:
        CertificateRefused: one is revoked. SignerUnavailable: one names a place, and none answered.
    """
    known = [*chain, *roots]
    trusted = {one.fingerprint(hashes.SHA256()) for one in roots}
    proof = Proof()
    for certificate in chain:
        if certificate.fingerprint(hashes.SHA256()) in trusted:
            continue
        issuer = next((one for one in known if one.subject == certificate.issuer), None)
        asked, listed = _ocsp_urls(certificate), _crl_urls(certificate)
        if not asked and not listed:
            continue
        if issuer is None:
            continue  # it leads to nobody that is trusted, and is refused for that
        if not (
            _by_ocsp(certificate, issuer, asked, proof, now)
            or _by_list(certificate, issuer, listed, proof, now)
        ):
            raise SignerUnavailable(
                N_("Penerbit sertifikat tidak menjawab apakah sertifikat ini masih berlaku; coba lagi nanti.")
            )
    return proof


def _by_ocsp(
    certificate: x509.Certificate, issuer: x509.Certificate, urls: list[str], proof: Proof, now: datetime
) -> bool:
    if not urls:
        return False
    question = (
        ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, hashes.SHA1()).build()  # noqa: S303 - RFC 6960
    ).public_bytes(serialization.Encoding.DER)
    for url in urls[:_MOST]:
        try:
            got = ask(url, body=question, headers={"Content-Type": "application/ocsp-request"})
            answer = ocsp.load_der_ocsp_response(got.body)
            if got.status != 200 or answer.response_status != ocsp.OCSPResponseStatus.SUCCESSFUL:
                continue
            if answer.serial_number != certificate.serial_number or not _answers_now(answer, now):
                continue
            if not _spoken_by(answer, issuer):
                continue
        except (NotReached, ValueError) as error:
            log.warning("no OCSP answer: %s", error)
            continue
        if answer.certificate_status == ocsp.OCSPCertStatus.REVOKED:
            raise _revoked(answer.revocation_time_utc)
        if answer.certificate_status == ocsp.OCSPCertStatus.GOOD:
            proof.ocsps.append(got.body)
            return True
    return False


def _answers_now(answer: ocsp.OCSPResponse, now: datetime) -> bool:
    until = answer.next_update_utc
    skew = timedelta(minutes=10)
    return answer.this_update_utc - skew <= now and (until is None or now <= until + skew)


def _spoken_by(answer: ocsp.OCSPResponse, issuer: x509.Certificate) -> bool:
    """Whether the answer is signed by the issuer, or by a responder that the issuer named."""
    for speaker in (issuer, *answer.certificates):
        if speaker is not issuer:
            try:
                speaker.verify_directly_issued_by(issuer)
                uses = speaker.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
            except Exception:  # noqa: BLE001, S112 - whatever is wrong with a stranger's certificate, it does not speak
                continue
            if x509.oid.ExtendedKeyUsageOID.OCSP_SIGNING not in uses:
                continue
        if _signed(speaker, answer.signature, answer.tbs_response_bytes, answer.signature_hash_algorithm):
            return True
    return False


def _signed(speaker: x509.Certificate, signature: bytes, data: bytes, algorithm: Any) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

    key = speaker.public_key()
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, data, padding.PKCS1v15(), algorithm)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, data, ec.ECDSA(algorithm))
        else:
            return False
    except InvalidSignature:
        return False
    return True


def _by_list(
    certificate: x509.Certificate, issuer: x509.Certificate, urls: list[str], proof: Proof, now: datetime
) -> bool:
    for url in urls[:_MOST]:
        try:
            data = _list(url, now)
            found = _parsed(data)
            if not found.is_signature_valid(issuer.public_key()):  # type: ignore[arg-type]
                raise ValueError("signed by somebody else")
        except (NotReached, ValueError, TypeError) as error:
            log.warning("no revocation list: %s", error)
            continue
        entry = found.get_revoked_certificate_by_serial_number(certificate.serial_number)
        if entry is not None and entry.revocation_date_utc <= now:
            raise _revoked(entry.revocation_date_utc)
        proof.crls.append(found.public_bytes(serialization.Encoding.DER))
        return True
    return False


def _list(url: str, now: datetime) -> bytes:
    """The list at an address, asked at most once an hour, and never used after its own end."""
    with _lock:
        kept = _kept.get(url)
    if kept is not None and now < kept[0]:
        return kept[1]
    got = ask(url)
    if got.status != 200:
        raise NotReached(f"status {got.status}")
    until = _parsed(got.body).next_update_utc
    if until is not None and until < now:
        raise NotReached("the list is too old")
    with _lock:
        if len(_kept) > 200:
            _kept.clear()
        _kept[url] = (min(now + _KEPT, until or now), got.body)
    return got.body


def _parsed(data: bytes) -> x509.CertificateRevocationList:
    return x509.load_pem_x509_crl(data) if data.startswith(b"-----") else x509.load_der_x509_crl(data)


def _crl_urls(certificate: x509.Certificate) -> list[str]:
    try:
        points = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    except (x509.ExtensionNotFound, ValueError):
        return []
    named = [name.value for point in points for name in (point.full_name or ())]
    return [str(url) for url in named if str(url).lower().startswith(("http://", "https://"))]


def _ocsp_urls(certificate: x509.Certificate) -> list[str]:
    try:
        access = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    except (x509.ExtensionNotFound, ValueError):
        return []
    return [
        str(one.access_location.value)
        for one in access
        if one.access_method == AuthorityInformationAccessOID.OCSP
    ]


def _revoked(at: datetime | None) -> CertificateRefused:
    day = f" pada {date_id(at.astimezone(UTC).date())}" if at else ""
    return CertificateRefused(
        say(
            N_("Sertifikat ini dicabut penerbitnya%(day)s. Urus sertifikat baru, lalu tanda tangani lagi."),
            day=day,
        )
    )
