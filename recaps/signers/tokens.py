"""PKCS#11: a token or an HSM keeps the key and never gives it out; the PIN opens it for one signature.

Who is signed in at a token is a matter of the whole process, not of a session: so one signature at a time, under a
lock, and the session ends with it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from cryptography import x509

from recaps.errors import SignerUnavailable, WrongPin
from recaps.signer import Anchors, Certificate, Holder, der, said_of, trusted
from recaps.signers.enrolled import id_of
from tenants.said import say
from tenants.words import N_

_lock: Final = threading.Lock()


class Tokens:
    """Keys on tokens: one token an officer, or one for all with a label each."""

    needs_pin = True
    development = False

    def __init__(
        self, module: str, token: str, label: str | None, keys: Path, *, earlier: Anchors = ()
    ) -> None:
        self._module = module
        self._token = token
        self._label = label
        self._keys = keys
        self._earlier = earlier

    def certificate(self, holder: Holder, *, now: datetime) -> Certificate | None:
        """What the token shows without a PIN; None where it shows nothing, or isn't there."""
        import pkcs11

        with _lock:
            try:
                with self._find(holder).open() as session:
                    return said_of(self._own(self._certificates(session), holder))
            except (pkcs11.PKCS11Error, SignerUnavailable):
                return None

    @contextmanager
    def pen(self, holder: Holder, *, now: datetime, pin: str | None = None) -> Iterator[Any]:
        import pkcs11
        from asn1crypto import x509 as asn1_x509
        from pyhanko.sign.pkcs11 import PKCS11Signer

        if not pin:
            raise WrongPin(fields={"pin": N_("Isi PIN sertifikat Anda.")})
        with _lock:
            try:
                session = self._find(holder).open(user_pin=pin)
            except (pkcs11.PinIncorrect, pkcs11.PinInvalid, pkcs11.PinLenRange):
                raise WrongPin(
                    fields={"pin": N_("PIN salah. Setelah beberapa kali token terkunci.")}
                ) from None
            except pkcs11.PinLocked:
                raise SignerUnavailable(
                    N_("Token terkunci karena PIN salah berkali-kali; hubungi penerbitnya.")
                ) from None
            except pkcs11.PKCS11Error as error:
                raise _broken(error) from error
            try:
                with session:
                    listed = self._certificates(session)
                    own = self._own(listed, holder)
                    chain = [one for one, _, _ in listed] + self.anchors()
                    label, key_id = next((label, id_) for one, label, id_ in listed if one == own)
                    yield PKCS11Signer(
                        session,
                        signing_cert=asn1_x509.Certificate.load(der(own)),
                        ca_chain=[asn1_x509.Certificate.load(der(one)) for one in chain],
                        key_id=key_id or None,
                        key_label=None if key_id else label,
                        other_certs_to_pull=(),
                        bulk_fetch=False,
                    )
            except pkcs11.PKCS11Error as error:
                raise _broken(error) from error

    def anchors(self) -> list[x509.Certificate]:
        return [*trusted(self._keys), *self._earlier]

    def revocations(self, *, now: datetime) -> list[bytes]:
        return []

    def _find(self, holder: Holder) -> Any:
        import pkcs11

        wanted = self._token.replace("{id}", id_of(holder, self._keys))
        try:
            library = pkcs11.lib(self._module)
            library.reinitialize()  # a token that was plugged in since is seen by a library that looks anew
            return library.get_token(token_label=wanted)
        except pkcs11.NoSuchToken:
            raise SignerUnavailable(say(N_("Token %(wanted)s tidak terpasang."), wanted=wanted)) from None
        except (pkcs11.PKCS11Error, RuntimeError) as error:
            raise _broken(error) from error

    def _certificates(self, session: Any) -> list[tuple[x509.Certificate, str, bytes]]:
        from pkcs11 import Attribute, ObjectClass

        found = []
        for one in session.get_objects({Attribute.CLASS: ObjectClass.CERTIFICATE}):
            try:
                certificate = x509.load_der_x509_certificate(bytes(one[Attribute.VALUE]))
            except ValueError:
                continue
            found.append((certificate, str(one[Attribute.LABEL] or ""), bytes(one[Attribute.ID] or b"")))
        return found

    def _own(self, listed: list[tuple[x509.Certificate, str, bytes]], holder: Holder) -> x509.Certificate:
        """The officer's certificate among those of the token: the one of the label that the setting names, or the only
        one that is no authority's."""
        wanted = self._label.replace("{id}", id_of(holder, self._keys)) if self._label else None
        fitting = [
            one
            for one, label, _ in listed
            if (label == wanted if wanted is not None else not _is_authority(one))
        ]
        if len(fitting) != 1:
            raise SignerUnavailable(
                N_("Token ini berisi lebih dari satu sertifikat yang cocok (KARYA_PKCS11_LABEL).")
                if fitting
                else N_("Token ini tidak berisi sertifikat yang cocok (KARYA_PKCS11_LABEL).")
            )
        return fitting[0]


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return bool(certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca)
    except (x509.ExtensionNotFound, ValueError):
        return False


def _broken(error: Exception) -> SignerUnavailable:
    return SignerUnavailable(say(N_("Token tidak dapat dipakai (%(kind)s)."), kind=type(error).__name__))
