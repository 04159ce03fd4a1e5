"""Whom a signature is traced to, and whether its certificate was revoked: judged the same at signing and at reading."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from recaps.errors import CertificateRefused
from recaps.signer import Signer
from recaps.signers import revocation
from tenants.said import say
from tenants.words import N_

_BEFORE = timedelta(minutes=10)
"""An answer that was given so long after the moment of a signature still counts: the letter is rendered in between."""

log = logging.getLogger("karya.recaps")


def require_trusted(
    certificate: Any, chain: list[Any], context: Any, signer: Signer, *, now: datetime
) -> None:
    """Raises:
    CertificateRefused: no authority that we know issued it, or it is revoked.
    """
    from pyhanko_certvalidator import CertificateValidator
    from pyhanko_certvalidator.errors import PathError, RevokedError, ValidationError

    try:
        validator = CertificateValidator(certificate, intermediate_certs=chain, validation_context=context)
        asyncio.run(validator.async_validate_usage(set()))
    except RevokedError:
        raise _revoked() from None
    except (ValidationError, PathError) as error:
        log.warning("certificate refused: %s", type(error).__name__)
        raise CertificateRefused(
            N_("Penerbit sertifikat ini tidak termasuk yang dipercaya di sini; hubungi pengelola sistem.")
        ) from None
    if is_listed(certificate, signer, now):
        raise _revoked()


def _revoked() -> CertificateRefused:
    return CertificateRefused(
        say(N_("Sertifikat ini dicabut penerbitnya. Urus sertifikat baru, lalu tanda tangani lagi."))
    )


def is_listed(certificate: Any, signer: Signer, now: datetime) -> bool:
    """Whether the signer's own lists name a certificate at `now`: one that names no place to ask is looked up nowhere
    else."""
    mine = x509.load_der_x509_certificate(certificate.dump())
    for data in signer.revocations(now=now):
        found = x509.load_der_x509_crl(data)
        entry = found.get_revoked_certificate_by_serial_number(mine.serial_number)
        if found.issuer == mine.issuer and entry is not None and entry.revocation_date_utc <= now:
            return True
    return False


def trusting(
    signer: Signer,
    now: datetime,
    *,
    chain: list[Any] | None = None,
    stamping: list[Any] | None = None,
    ask: bool = False,
) -> Any:
    """Whom to trust, judged at `now`: our anchors, and the revocation lists of that time. `ask`: what the certificates
    of `chain` and of the time stamping service (`stamping`) name is asked first.

    Raises:
        CertificateRefused: one of `chain` is revoked. SignerUnavailable: its issuer can't be asked.
    """
    from asn1crypto import crl as asn1_crl
    from asn1crypto import ocsp as asn1_ocsp
    from asn1crypto import x509 as asn1_x509
    from pyhanko_certvalidator import ValidationContext

    anchors = signer.anchors()
    lists, answers = signer.revocations(now=now), []
    if ask:
        met = {one.dump(): one for one in (*(chain or ()), *(stamping or ()))}
        proof = revocation.gather([x509.load_der_x509_certificate(one) for one in met], anchors, now=now)
        lists, answers = [*lists, *proof.crls], proof.ocsps
    return ValidationContext(
        trust_roots=[
            asn1_x509.Certificate.load(anchor.public_bytes(serialization.Encoding.DER)) for anchor in anchors
        ],
        other_certs=[*(chain or ()), *(stamping or ())],
        crls=[asn1_crl.CertificateList.load(data) for data in lists],
        ocsps=[asn1_ocsp.OCSPResponse.load(data) for data in answers],
        allow_fetching=False,
        revocation_mode="soft-fail",
        moment=now,
        time_tolerance=_BEFORE,
    )
