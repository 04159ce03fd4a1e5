"""Keeping a Kanwil: officers, UPT, letterhead; each accepted change and its audit event are one transaction.

The rules are `tenants`'; this room adds the chain, which lives here.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from tenants import accounts, register, settings, substitutes
from tenants.database import transaction
from tenants.errors import Invalid
from tenants.lifecycle import ACTIVE, tenants_list
from tenants.models import KanwilSettings, Officer, Substitution, Upt
from tenants.officers import ACTING_WORDS, ROLE_LABELS, Actor, acting_in
from tenants.said import say
from tenants.scope import Scope, entered
from tenants.words import N_, date_id
from workflows import audit, calendars, notices, rescheduling
from workflows.models import Closure
from workflows.proof.whole import sealed

_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


def new_password() -> str:
    """A password to hand over once: four groups of five letters that no one confuses (99 bits)."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(5)) for _ in range(4))


def open_account(values: dict[str, str], *, by: Actor, now: datetime) -> tuple[Officer, str]:
    """Open an officer's account; he and the password to hand over come back.

    Raises:
        Invalid, Forbidden: see `tenants.accounts.open_account`.
    """
    password = values.get("password") or new_password()
    with transaction():
        officer = accounts.open_account({**values, "password": password}, by=by)
        payload = {"officer": officer.id, "username": officer.username, "role": values.get("role", "")}
        notices.begin(officer.id, now=now)
        audit.record(audit.KANWIL, "officer.opened", payload, by=by, now=now, upt_id=officer.upt_id)
    return officer, password


def change_account(
    officer_id: int, values: dict[str, str], roles: list[str], *, by: Actor, now: datetime
) -> Officer:
    """Change an officer's name, office and roles.

    Raises:
        Invalid, NotFound, Forbidden: see `tenants.accounts.change_account`.
    """
    with transaction():
        officer = accounts.change_account(officer_id, values, roles, by=by)
        payload = {
            "officer": officer.id,
            "username": officer.username,
            "roles": sorted(set(roles)),
            "office": officer.office,
        }
        audit.record(audit.KANWIL, "officer.changed", payload, by=by, now=now, upt_id=officer.upt_id)
    return officer


def set_active(officer_id: int, active: bool, *, by: Actor, now: datetime) -> Officer:
    """Close or re-open an account.

    Raises:
        NotFound, Forbidden: see `tenants.accounts.set_active`.
    """
    with transaction():
        officer = accounts.set_active(officer_id, active, by=by)
        action = "officer.reopened" if active else "officer.closed"
        payload = {"officer": officer.id, "username": officer.username}
        audit.record(audit.KANWIL, action, payload, by=by, now=now, upt_id=officer.upt_id)
    return officer


def reset_password(officer_id: int, *, by: Actor, now: datetime) -> tuple[Officer, str]:
    """Give an officer a new password to hand over; his open sessions end.

    Raises:
        NotFound, Forbidden: see `tenants.accounts.change_password`.
    """
    by.require("admin_kanwil")
    password = new_password()
    with transaction():
        accounts.change_password(officer_id, password, by=by)
        officer = accounts.officer(officer_id)
        payload = {"officer": officer.id, "username": officer.username}
        audit.record(audit.KANWIL, "officer.password_reset", payload, by=by, now=now, upt_id=officer.upt_id)
    return officer, password


def appoint(values: Mapping[str, str], *, by: Actor, now: datetime) -> Substitution:
    """Lend a role by letter; who stands in is told.

    Raises:
        Invalid, Forbidden: see `tenants.substitutes.appoint`.
    """
    with transaction() as session:
        one = substitutes.appoint(values, by=by, now=now)
        audit.record(audit.KANWIL, "substitute.appointed", _letter(one), by=by, now=now, upt_id=one.upt_id)
        title = say(N_("Anda %(office)s"), office=f"{ACTING_WORDS[one.kind]} {ROLE_LABELS[one.role]}")
        until = say(
            N_("%(first)s sampai %(last)s, surat %(number)s."),
            first=date_id(one.from_on),
            last=date_id(one.until_on),
            number=one.letter_number,
        )
        told = notices.draft("substitute.appointed", title, until, "/beranda/", officer_id=one.substitute_id)
        notices.tell(session, [told], now)
    return one


def revoke(substitution_id: int, *, by: Actor, now: datetime) -> Substitution:
    """End a letter before its day.

    Raises:
        NotFound, Forbidden: see `tenants.substitutes.revoke`.
    """
    with transaction():
        one = substitutes.revoke(substitution_id, by=by, now=now)
        if one.revoked_at == now:
            audit.record(audit.KANWIL, "substitute.revoked", _letter(one), by=by, now=now, upt_id=one.upt_id)
    return one


def _letter(one: Substitution) -> dict[str, Any]:
    return {
        "substitution": one.id,
        "role": one.role,
        "kind": one.kind,
        "principal": one.principal_id,
        "substitute": one.substitute_id,
        "from_on": one.from_on.isoformat(),
        "until_on": one.until_on.isoformat(),
        "letter_number": one.letter_number,
        **sealed(one),
    }


def own_password(password: str, *, by: Actor, now: datetime) -> int:
    """Set one's own password; the session version comes back. The centre's officers have no chain.

    Raises:
        Invalid: the password is too weak.
    """
    with transaction():
        version = accounts.change_password(by.id, password, by=by)
        if by.tenant_id is not None:
            audit.record(
                audit.KANWIL, "officer.password_changed", {"officer": by.id}, by=by, now=now, upt_id=by.upt_id
            )
    return version


def note_sign_in(officer: Officer, way: str, *, now: datetime, locked: bool = False) -> None:
    """Record that an officer signed in, by ``page`` or ``api``, or that his name was locked after too many tries.
    The centre's officers have no chain."""
    if officer.tenant_id is None:
        return
    action = "officer.locked" if locked else "officer.signed_in"
    by = Actor(officer.id, officer.name, frozenset(), officer.tenant_id, officer.upt_id, officer.office or "")
    with entered(Scope(officer.tenant_id, None, officer.id)):
        payload = {"officer": officer.id, "way": way}
        audit.record(audit.KANWIL, action, payload, by=None if locked else by, now=now, upt_id=officer.upt_id)


def save_upt(upt_id: int | None, values: dict[str, Any], *, by: Actor, now: datetime) -> Upt:
    """Add or change a UPT.

    Raises:
        Invalid: see `tenants.register.save_upt`. Forbidden: `by` doesn't keep the Kanwil.
    """
    by.require("admin_kanwil")
    with transaction():
        upt = register.save_upt(upt_id, values)
        payload = {"upt": upt.id, "code": upt.code, "name": upt.name, "city": upt.city, "type": upt.type}
        audit.record(audit.KANWIL, "upt.added" if upt_id is None else "upt.changed", payload, by=by, now=now)
    return upt


def save_settings(values: dict[str, str], *, by: Actor, now: datetime) -> tuple[KanwilSettings, bool]:
    """Save the letterhead; whether something changed comes with it.

    Raises:
        Invalid, Forbidden: see `tenants.settings.save`.
    """
    with transaction():
        row, changed = settings.save(values, by=by)
        if changed:
            audit.record(audit.KANWIL, "settings.changed", changed, by=by, now=now)
    return row, bool(changed)


def set_emblem(data: bytes | None, *, by: Actor, now: datetime) -> None:
    """Keep an emblem for the letterhead, or take it away.

    Raises:
        TooLarge, Unsupported, Forbidden: see `tenants.settings.set_emblem`.
    """
    with transaction():
        digest = settings.set_emblem(data, by=by)
        audit.record(audit.KANWIL, "settings.emblem", {"sha256": digest or ""}, by=by, now=now)


def set_holiday(day: date, kind: str, name: str, *, by: Actor, now: datetime) -> None:
    """Add a day off of the country; every Kanwil's chain says so, since its deadlines follow. Said again, it changes
    nothing.

    Raises:
        Invalid: see `calendars.add_holiday`. Forbidden: `by` doesn't keep the calendar.
    """
    by.require("admin_pusat")
    if calendars.is_holiday(day, kind, name):
        return
    row = calendars.add_holiday(day, kind, name)
    tell_all("holiday.added", {"day": day.isoformat(), "kind": row.kind, "name": row.name}, by, now)


def remove_holiday(day: date, *, by: Actor, now: datetime) -> None:
    """Take a day off back.

    Raises:
        NotFound: it is none. Forbidden: `by` doesn't keep the calendar.
    """
    by.require("admin_pusat")
    calendars.remove_holiday(day)
    tell_all("holiday.removed", {"day": day.isoformat()}, by, now)


def add_closure(day: date, reason: str, *, by: Actor, now: datetime) -> Closure:
    """Add a day on which this Kanwil alone does not work.

    Raises:
        Invalid: the day is there already, or the reason is missing or too long.
        Forbidden: `by` doesn't keep the Kanwil.
    """
    by.require("admin_kanwil")
    reason = " ".join(reason.split())
    with transaction() as session:
        wrong = {}
        if not 0 < len(reason) <= 200:
            wrong["reason"] = N_("Tulis alasannya, paling panjang 200 huruf.")
        if session.scalar(select(Closure.id).where(Closure.day == day)) is not None:
            wrong["day"] = N_("Hari ini sudah tercatat.")
        if wrong:
            raise Invalid(fields=wrong)
        row = Closure(day=day, reason=reason)
        try:
            with session.begin_nested():
                session.add(row)
        except IntegrityError:
            raise Invalid(fields={"day": N_("Hari ini sudah tercatat.")}) from None
        rescheduling.ask(audit.record(audit.KANWIL, "closure.added", _closure(row), by=by, now=now))
    calendars.forget_calendars()
    return row


def remove_closure(closure_id: int, *, by: Actor, now: datetime) -> None:
    """Take such a day back.

    Raises:
        NotFound: there is none within the scope. Forbidden: `by` doesn't keep the Kanwil.
    """
    by.require("admin_kanwil")
    with transaction() as session:
        row = calendars.closure(closure_id)
        rescheduling.ask(audit.record(audit.KANWIL, "closure.removed", _closure(row), by=by, now=now))
        session.delete(row)
        session.flush()
    calendars.forget_calendars()


def _closure(row: Closure) -> dict[str, Any]:
    return {"id": row.id, "day": row.day.isoformat(), "reason": row.reason}


def tell_all(action: str, payload: dict[str, Any], by: Actor, now: datetime) -> None:
    for row in tenants_list():
        if row.state == ACTIVE:
            with acting_in(row.id, by=by, purpose=action, now=now), transaction():
                rescheduling.ask(audit.record(audit.KANWIL, action, payload, by=by, now=now))
