"""Sealing what is about a person: with a key of his own, which lies sealed itself under a key derived from
KARYA_SECRET_KEY.

Erasing a person destroys his key: whatever was sealed with it, in a log that refuses change, in a copy on a disk, is
then noise. Numbers and words of names are also kept as keyed hashes, so that somebody is found without opening anybody.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import unicodedata
from functools import lru_cache
from typing import Final

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from catalogue.people.errors import SealBroken
from tenants import database
from tenants.scope import current

_WORD: Final = re.compile(r"[^\W_]+")
_SHORT: Final = 20
"""Hex digits that are kept of a word's hash: enough to tell the words of a UPT's names apart, too few to say more."""
MOST_WORDS: Final = 8


class Key:
    """A person's key, opened."""

    def __init__(self, raw: bytes) -> None:
        self._fernet = Fernet(raw)

    def seal(self, text: str) -> str:
        """The text as it may lie in the database."""
        return self._fernet.encrypt(text.encode()).decode()

    def seal_bytes(self, data: bytes) -> bytes:
        """A file as it may lie in the store; never twice the same, so that none is shared."""
        return self._fernet.encrypt(data)

    def open(self, sealed: str) -> str:
        """The text.

        Raises:
            SealBroken: it was sealed with another key.
        """
        return self.open_bytes(sealed.encode()).decode()

    def open_bytes(self, sealed: bytes) -> bytes:
        """The file.

        Raises:
            SealBroken: it was sealed with another key.
        """
        try:
            return self._fernet.decrypt(sealed)
        except InvalidToken:
            raise SealBroken() from None


def new_key() -> tuple[Key, str]:
    """A key for a person, and the same sealed, as his row keeps it."""
    raw = Fernet.generate_key()
    return Key(raw), house_key(_secret()).encrypt(raw).decode()


def opened(sealed: str) -> Key:
    """A person's key from his row.

    Raises:
        SealBroken: it was sealed under another KARYA_SECRET_KEY.
    """
    try:
        return Key(house_key(_secret()).decrypt(sealed.encode()))
    except InvalidToken:
        raise SealBroken() from None


def seal_credit(name: str) -> str:
    """The name that a product carries, sealed with the house's key: the Kanwil publishes it, and has no other key."""
    return house_key(_secret()).encrypt(name.encode()).decode()


def open_credit(sealed: str) -> str:
    """The same, opened.

    Raises:
        SealBroken: it was sealed under another KARYA_SECRET_KEY.
    """
    try:
        return house_key(_secret()).decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise SealBroken() from None


def index_of(number: str) -> str:
    """A registration number as a keyed hash: the same for the same number written otherwise, and in this UPT alone."""
    plain = "".join(_WORD.findall(_plain(number)))
    return _hashed("number", plain)


def word_hashes(name: str) -> list[str]:
    """The words of a name as keyed hashes, in this UPT alone."""
    words = dict.fromkeys(_WORD.findall(_plain(name)))
    return [_hashed("word", word)[:_SHORT] for word in list(words)[:MOST_WORDS]]


def fingerprint(*texts: str) -> str:
    """A keyed hash of what was asked, for an idempotency key: a plain one could be tried out with names."""
    return _hashed("asked", "\x1f".join(texts))


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def _hashed(kind: str, text: str) -> str:
    scope = current()
    message = f"{kind}:{scope.tenant_id}:{scope.upt_id}:{text}".encode()
    return hmac.new(_index_key(_secret()), message, hashlib.sha256).hexdigest()


def _secret() -> str:
    return database.db.settings.secret_key


@lru_cache(maxsize=4)
def house_key(secret_key: str) -> Fernet:
    """The key under which persons' keys lie."""
    return Fernet(base64.urlsafe_b64encode(_derived(secret_key, b"karya persons 1")))


@lru_cache(maxsize=4)
def _index_key(secret_key: str) -> bytes:
    return _derived(secret_key, b"karya persons' index 1")


def _derived(secret_key: str, info: bytes) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=info).derive(secret_key.encode())
