"""A webhook's secret: made here, sealed with a key derived from KARYA_SECRET_KEY, and used to sign."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tenants import database
from workflows.webhooks.errors import SecretLost

PREFIX = "whsec_"


def new_secret() -> str:
    """A secret of 256 bits."""
    return PREFIX + secrets.token_urlsafe(32)


def seal(secret: str) -> str:
    """The secret as it may lie in the database."""
    return _fernet(database.db.settings.secret_key).encrypt(secret.encode()).decode()


def unseal(sealed: str) -> str:
    """The secret itself.

    Raises:
        SecretLost: it was sealed with another key.
    """
    try:
        return _fernet(database.db.settings.secret_key).decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise SecretLost() from None


def signature(held: list[str], body: bytes, at: int) -> str:
    """The value of ``Karya-Signature``: the second it was made and one ``v1`` for each secret that holds."""
    signed = f"{at}.".encode() + body
    made = [hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest() for secret in held]
    return ",".join([f"t={at}", *(f"v1={one}" for one in made)])


@lru_cache(maxsize=4)
def _fernet(secret_key: str) -> Fernet:
    derived = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"karya webhook secrets 1").derive(
        secret_key.encode()
    )
    return Fernet(base64.urlsafe_b64encode(derived))
