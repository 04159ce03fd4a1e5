"""PKCS#12 files of the office: ``<id>.p12`` in a folder, opened with the PIN that its holder types.

``<id>.pem`` beside it, where present, is the certificate alone: pages warn of its end before a PIN was asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12

from recaps.errors import SignerUnavailable, WrongPin
from recaps.signer import Anchors, Certificate, Holder, der, said_of, simple_pen, trusted
from recaps.signers.enrolled import id_of
from tenants.words import N_


class OfficeFiles:
    """One file an officer; keys and certificates are read anew for every signature and kept nowhere."""

    needs_pin = True
    development = False

    def __init__(self, folder: Path, keys: Path, *, earlier: Anchors = ()) -> None:
        self._folder = folder
        self._keys = keys
        self._earlier = earlier

    def certificate(self, holder: Holder, *, now: datetime) -> Certificate | None:
        try:
            found = x509.load_pem_x509_certificates(self._path(holder, ".pem").read_bytes())
        except (OSError, ValueError):
            return None
        return said_of(found[0])

    @contextmanager
    def pen(self, holder: Holder, *, now: datetime, pin: str | None = None) -> Iterator[Any]:
        if not pin:
            raise WrongPin(fields={"pin": N_("Isi PIN sertifikat Anda.")})
        try:
            data = self._path(holder, ".p12").read_bytes()
        except FileNotFoundError:
            raise SignerUnavailable(
                N_("Berkas sertifikat Anda tidak ada; hubungi pengelola sistem.")
            ) from None
        except OSError as error:
            raise SignerUnavailable(N_("Berkas sertifikat Anda tidak dapat dibaca.")) from error
        try:
            key, certificate, others = pkcs12.load_key_and_certificates(data, pin.encode())
        except ValueError:
            raise WrongPin(fields={"pin": N_("PIN salah, atau berkas sertifikatnya rusak.")}) from None
        if key is None or certificate is None:
            raise SignerUnavailable(N_("Berkas sertifikat Anda tidak berisi kunci."))
        plain = key.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        yield simple_pen(plain, der(certificate), [der(one) for one in (*others, *self.anchors())])

    def anchors(self) -> list[x509.Certificate]:
        return [*trusted(self._keys), *self._earlier]

    def revocations(self, *, now: datetime) -> list[bytes]:
        return []

    def _path(self, holder: Holder, ending: str) -> Path:
        return self._folder / f"{id_of(holder, self._keys)}{ending}"
