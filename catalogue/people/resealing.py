"""Following a change of KARYA_SECRET_KEY: what lay under the old key is sealed under the one in force."""

from __future__ import annotations

from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy import select

from catalogue.people import sealing
from catalogue.people.access import open_one
from catalogue.people.errors import SealBroken
from catalogue.people.models import Person, ProductCredit
from tenants import database
from tenants.database import transaction


def reseal(old_secret: str) -> int:
    """Seal anew the persons and credits of the UPT in scope; how many were. One transaction; what is sealed under the
    key in force already stays, so that a run that broke off is gone on with.

    Raises:
        SealBroken: something opens under neither key; nothing was written.
    """
    old, new = (sealing.house_key(secret) for secret in (old_secret, database.db.settings.secret_key))
    done = 0
    with transaction() as here:
        for person in here.scalars(select(Person).where(Person.key_sealed.is_not(None)).with_for_update()):
            moved = _moved(person.key_sealed or "", old, new)
            if moved is None:
                continue
            person.key_sealed = moved
            known = open_one(person)
            person.number_index = sealing.index_of(known.number)
            person.words = sealing.word_hashes(known.name)
            done += 1
        for credit in here.scalars(select(ProductCredit).with_for_update()):
            moved = _moved(credit.name_sealed, old, new)
            if moved is not None:
                credit.name_sealed = moved
                done += 1
        here.flush()
    return done


def _moved(sealed: str, old: Fernet, new: Fernet) -> str | None:
    """The same under the new key; None where it lies under it already."""
    try:
        new.decrypt(sealed.encode())
    except InvalidToken:
        pass
    else:
        return None
    try:
        return new.encrypt(old.decrypt(sealed.encode())).decode()
    except InvalidToken:
        raise SealBroken() from None
