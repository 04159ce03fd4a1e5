"""What lies beside the files of a bundle: a manifest of their hashes, its detached signature, and how to check both."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any, Final

from cryptography.hazmat.primitives import serialization

from recaps.signer import Holder, Signer
from recaps.signers.fitness import require_fit
from workflows.canonical import canonical

SCHEMA: Final = "karya.bundle/1"
MANIFEST, SIGNATURE, SUMS, ANCHORS, README = (
    *("manifest.json", "manifest.json.p7s", "SHA256SUMS"),
    *("sertifikat-ca.pem", "BACALAH.txt"),
)
HOW: Final = """Arsip rekap Karya
=================

manifest.json menyebut setiap berkas di arsip ini dengan SHA-256-nya. manifest.json.p7s ialah tanda tangan elektronik
(CMS terpisah) atas manifest itu.

Memeriksa tanda tangan manifest:

    openssl cms -verify -binary -inform DER -in manifest.json.p7s -content manifest.json \\
        -CAfile sertifikat-ca.pem -out /dev/null

Mintalah sertifikat CA kepada penerbitnya; yang ada di sini hanya salinan untuk memudahkan.

Memeriksa setiap berkas terhadap manifest:

    sha256sum -c SHA256SUMS

Setiap PDF juga bertanda tangan sendiri dan dapat diperiksa di halaman /verifikasi atau dengan
`python run.py recap verify BERKAS`.
"""


def manifest_of(title: str, year: int, files: list[dict[str, Any]], *, by: Holder, now: datetime) -> bytes:
    """The canonical bytes (RFC 8785) of a bundle's manifest. `files`: [{path, sha256, size, kanwil, period, ...}]."""
    return canonical(
        {
            "schema": SCHEMA,
            "title": title,
            "year": year,
            "made_at": now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "made_by": {"name": by.name, "office": by.office, "organisation": by.organisation},
            "files": files,
        }
    )


def sums_of(files: list[dict[str, Any]], manifest_sha256: str) -> bytes:
    """The same hashes as `sha256sum -c` reads them."""
    lines = [f"{one['sha256']}  {one['path']}\n" for one in files]
    return "".join([*lines, f"{manifest_sha256}  {MANIFEST}\n"]).encode()


def detached(
    data: bytes,
    signer: Signer,
    holder: Holder,
    *,
    now: datetime,
    pin: str | None = None,
    tsa_url: str | None = None,
) -> bytes:
    """A detached CMS signature (DER, CAdES attributes) over `data`, with a time stamp where there is a service.

    Raises:
        SignerUnavailable, WrongPin, CertificateRefused: from the signer.
    """
    from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes
    from pyhanko.sign.timestamps import HTTPTimeStamper

    with signer.pen(holder, now=now, pin=pin) as pen:
        require_fit(pen.signing_cert, holder, now=now)
        signed = asyncio.run(
            pen.async_sign_general_data(
                data,
                "sha256",
                detached=True,
                use_cades=True,
                timestamper=HTTPTimeStamper(tsa_url, timeout=20) if tsa_url else None,
                signed_attr_settings=PdfCMSSignedAttributes(signing_time=now),
            )
        )
    return bytes(signed.dump())


def anchors_of(signer: Signer) -> bytes:
    """The certificates that the signature is traced to, as PEM."""
    return b"".join(one.public_bytes(serialization.Encoding.PEM) for one in signer.anchors())
