"""Who stands in at the centre: a letter makes an officer of the centre Plh. or Plt. Direktur Jenderal from day to day.

The Kanwil's letters are rows of a tenant (`tenants.substitutes`); these belong to none. The rules are the same: the
letter names whom it replaces, nobody appoints himself, and it ends by its day or by hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from tenants.database import session, transaction
from tenants.errors import Invalid, NotFound
from tenants.models import CentreSubstitution, Officer, Role
from tenants.officers import ACTING_WORDS, Acting, Actor
from tenants.said import say
from tenants.substitutes import read_days
from tenants.words import N_, is_whole

ROLE: Final = "dirjen"
ZONE: Final = ZoneInfo("Asia/Jakarta")
LENDERS: Final = ("admin_pusat", "dirjen")


def today(now: datetime) -> date:
    """The day at the centre."""
    return now.astimezone(ZONE).date()


def lent_to(officer: Officer, now: datetime) -> tuple[Acting, ...]:
    """What letters lend an officer of the centre at this instant; nothing to whoever holds the office himself. One
    statement, for the holder none."""
    if any(role.name == ROLE for role in officer.roles):
        return ()
    found = session().scalars(in_force(now).where(CentreSubstitution.substitute_id == officer.id))
    return tuple(
        Acting(ROLE, one.kind, one.principal_id, one.principal_name, one.until_on, one.letter_number)
        for one in found
    )


def in_force(now: datetime) -> Any:
    """The letters that hold at this instant."""
    on = today(now)
    return (
        select(CentreSubstitution)
        .where(
            CentreSubstitution.revoked_at.is_(None),
            CentreSubstitution.from_on <= on,
            CentreSubstitution.until_on >= on,
        )
        .order_by(CentreSubstitution.id)
    )


def appoint(values: Mapping[str, str], *, by: Actor, now: datetime) -> CentreSubstitution:
    """Lend the office by letter: ``kind, principal_id, substitute_id, from_on, until_on, letter_number``.

    Raises:
        Invalid: by field: somebody who doesn't hold the office as its holder, a substitute who holds it or is the one
            that appoints, days out of order or gone by, a second substitute for the same days, no letter.
        Forbidden: neither Admin Pusat nor the Direktur Jenderal.
    """
    by.require(*LENDERS)
    kind = values.get("kind") or "plh"
    wrong, days = read_days(values, today(now))
    letter = " ".join(values.get("letter_number", "").split())
    if kind not in ACTING_WORDS:
        wrong["kind"] = N_("Pilih Plh. atau Plt.")
    if not 0 < len(letter) <= 120:
        wrong["letter_number"] = N_("Tulis nomor surat penunjukannya, paling panjang 120 huruf.")
    with transaction() as db:
        people = {one.id: one for one in _officers()}
        principal = _named(people, values.get("principal_id", "")) if kind == "plh" else None
        substitute = _named(people, values.get("substitute_id", ""))
        if kind == "plh" and (principal is None or not _holds(principal)):
            wrong.setdefault("principal_id", N_("Pilih pejabat yang memegang peran ini."))
        if kind == "plt" and any(_holds(one) for one in people.values()):
            wrong["kind"] = N_("Peran ini ada pejabatnya; tunjuk Plh. untuk pejabat yang berhalangan.")
        if substitute is None:
            wrong.setdefault("substitute_id", N_("Pilih petugas yang menggantikan."))
        elif _holds(substitute):
            said = say(N_("%(name)s sudah memegang peran ini sendiri."), name=substitute.name)
            wrong["substitute_id"] = said
        elif substitute.id == by.id:
            wrong["substitute_id"] = N_("Surat untuk diri sendiri dicatat orang lain.")
        if not wrong and _overlaps(days):
            wrong["from_on"] = N_("Pada masa itu sudah ada penggantinya; akhiri surat itu dulu.")
        if wrong or substitute is None:
            raise Invalid(fields=wrong)
        one = CentreSubstitution(
            kind=kind,
            principal_id=principal.id if principal else None,
            principal_name=principal.name if principal else "",
            substitute_id=substitute.id,
            substitute_name=substitute.name,
            from_on=days[0],
            until_on=days[1],
            letter_number=letter,
            created_by=by.id,
            created_at=now,
        )
        db.add(one)
        db.flush()
        return one


def revoke(substitution_id: int, *, by: Actor, now: datetime) -> tuple[CentreSubstitution, bool]:
    """End a letter before its day, and whether this call did; one that is over or revoked stays as it is.

    Raises:
        NotFound: there is none. Forbidden: neither Admin Pusat nor the Direktur Jenderal.
    """
    by.require(*LENDERS)
    with transaction() as db:
        asked = select(CentreSubstitution).where(CentreSubstitution.id == substitution_id).with_for_update()
        one = db.scalars(asked.execution_options(populate_existing=True)).first()
        if one is None:
            raise NotFound()
        ends = one.revoked_at is None and one.until_on >= today(now)
        if ends:
            one.revoked_at, one.revoked_by = now, by.id
            db.flush()
        return one, ends


@dataclass(frozen=True)
class Letter:
    """A letter as the page shows it: ``now``, ``soon``, ``over`` or ``revoked``."""

    row: CentreSubstitution
    state: str


def letters(now: datetime, *, before: int | None = None, limit: int = 30) -> list[Letter]:
    """The letters, newest first; `before` is the id of the last one seen. One statement."""
    asked = select(CentreSubstitution).order_by(CentreSubstitution.id.desc()).limit(limit)
    if before is not None:
        asked = asked.where(CentreSubstitution.id < before)
    return [Letter(one, _state(one, today(now))) for one in session().scalars(asked)]


def letter(substitution_id: int, now: datetime) -> Letter:
    """One letter. One statement.

    Raises:
        NotFound: there is none.
    """
    one = session().get(CentreSubstitution, substitution_id, populate_existing=True)
    if one is None:
        raise NotFound()
    return Letter(one, _state(one, today(now)))


def holders() -> list[Officer]:
    """Who holds the office. Two statements."""
    return [one for one in _officers() if _holds(one)]


def candidates(by: Actor) -> list[Officer]:
    """Whom `by` may appoint. Two statements."""
    return [one for one in _officers() if not _holds(one) and one.id != by.id]


def number_of(username: str) -> str:
    """The number of an officer of the centre, as `appoint` takes it; empty where there is none. One statement."""
    asked = select(Officer.id).where(Officer.username == username, Officer.tenant_id.is_(None))
    found = session().scalar(asked) if username else None
    return "" if found is None else str(found)


def reads_as_dirjen(now: datetime) -> Any:
    """The condition on officers of the centre who hold the office, or stand in for whoever does, at this instant."""
    stands_in = in_force(now).with_only_columns(CentreSubstitution.substitute_id).order_by(None)
    return (
        Officer.tenant_id.is_(None)
        & Officer.active.is_(True)
        & (Officer.roles.any(Role.name == ROLE) | Officer.id.in_(stands_in))
    )


def _officers() -> list[Officer]:
    asked = select(Officer).where(Officer.tenant_id.is_(None), Officer.active.is_(True))
    return list(session().scalars(asked.options(selectinload(Officer.roles)).order_by(Officer.id)))


def _named(people: Mapping[int, Officer], number: str) -> Officer | None:
    return people.get(int(number)) if is_whole(number) else None


def _holds(officer: Officer) -> bool:
    return any(role.name == ROLE for role in officer.roles)


def _overlaps(days: tuple[date, date]) -> bool:
    asked = select(CentreSubstitution.id).where(
        CentreSubstitution.revoked_at.is_(None),
        CentreSubstitution.from_on <= days[1],
        CentreSubstitution.until_on >= days[0],
    )
    return session().scalar(asked.limit(1)) is not None


def _state(one: CentreSubstitution, on: date) -> str:
    if one.revoked_at is not None:
        return "revoked"
    return "over" if one.until_on < on else "soon" if one.from_on > on else "now"
