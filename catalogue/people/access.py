"""Showing a name: whoever is shown one is written down in the same transaction, with whose it was and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import insert, select

from catalogue.people.errors import NotInThisUpt
from catalogue.people.models import Person, PersonAccess
from catalogue.people.sealing import Key, opened
from tenants.database import session, transaction
from tenants.officers import UPT_ROLES, Actor
from tenants.words import N_
from workflows.queries import Page

ACTS: Final[dict[str, str]] = {
    "recorded": N_("Mencatat peserta"),
    "changed": N_("Mengubah data"),
    "listed": N_("Melihat daftar peserta"),
    "opened": N_("Membuka data peserta"),
    "training": N_("Melihat peserta pelatihan"),
    "attendance": N_("Mengisi kehadiran"),
    "choosing": N_("Memilih peserta pelatihan"),
    "makers": N_("Memilih pembuat produk"),
    "consent": N_("Membuka surat persetujuan"),
    "withdrawn": N_("Mencabut persetujuan"),
    "award": N_("Menerbitkan sertifikat"),
    "award_file": N_("Mengunduh sertifikat"),
    "litmas": N_("Mencetak catatan kerja untuk Litmas"),
    "erased": N_("Menghapus data peserta"),
}
"""Why a name was shown, in words; what an officer typed of it stands beside."""
LIMIT: Final = 50


@dataclass(frozen=True)
class Known:
    """A person as the officer is shown him."""

    person: Person
    name: str
    number: str
    key: Key

    @property
    def id(self) -> int:
        return self.person.id


@dataclass(frozen=True)
class Seen:
    """One line of the log: `purpose` is "" where none was typed, None once the person's key is gone."""

    access: PersonAccess
    purpose: str | None

    @property
    def act(self) -> str:
        return ACTS.get(self.access.act, self.access.act)


def within_upt(by: Actor) -> int:
    """The UPT of who asks.

    Raises:
        NotInThisUpt: `by` doesn't work at a UPT, or in no role of one.
    """
    if by.upt_id is None or not by.has(*UPT_ROLES):
        raise NotInThisUpt(N_("Nama peserta hanya dibuka oleh petugas UPT-nya."))
    return by.upt_id


def show(
    persons: Iterable[Person],
    act: str,
    *,
    by: Actor,
    now: datetime,
    purpose: str = "",
    sha256: str | None = None,
) -> dict[int, Known]:
    """Open the names of these persons for `by`, and write each down. One statement; those that were erased are left
    out, as there is nothing to open. The caller reads them within the same transaction.

    Raises:
        NotInThisUpt; SealBroken.
    """
    upt_id = within_upt(by)
    known = {one.id: open_one(one) for one in persons if not one.is_erased}
    if not known:
        return known
    rows = [
        {
            "person_id": one.id,
            "upt_id": upt_id,
            "officer_id": by.id,
            "officer_name": by.name[:130],
            "office": by.office[:160],
            "at": now,
            "act": act,
            "purpose_sealed": one.key.seal(purpose) if purpose else None,
            "sha256": sha256,
        }
        for one in known.values()
    ]
    with transaction() as here:
        here.execute(insert(PersonAccess), rows)
    return known


def open_one(person: Person) -> Known:
    """A person's name and number, opened. Only for `show`, and for what is sealed again before anybody sees it.

    Raises:
        SealBroken: another KARYA_SECRET_KEY.
    """
    key = opened(person.key_sealed or "")
    return Known(person, key.open(person.name_sealed or ""), key.open(person.number_sealed or ""), key)


def log(
    *, by: Actor, person_id: int | None = None, before: int | None = None, limit: int = LIMIT
) -> Page[Seen]:
    """Who was shown a name, the newest first; of one person, or of all. One statement.

    Raises:
        Forbidden: `by` is not the head of the UPT.
    """
    by.require("kepala_upt")
    within_upt(by)
    asked = select(PersonAccess, Person.key_sealed).join(Person, Person.id == PersonAccess.person_id)
    if person_id is not None:
        asked = asked.where(PersonAccess.person_id == person_id)
    if before is not None:
        asked = asked.where(PersonAccess.id < before)
    found = session().execute(asked.order_by(PersonAccess.id.desc()).limit(limit + 1)).all()
    shown = [Seen(access, _purpose(access, sealed)) for access, sealed in found[:limit]]
    return Page(shown, str(shown[-1].access.id) if len(found) > limit else None)


def _purpose(access: PersonAccess, key_sealed: str | None) -> str | None:
    if access.purpose_sealed is None:
        return ""
    return opened(key_sealed).open(access.purpose_sealed) if key_sealed else None
