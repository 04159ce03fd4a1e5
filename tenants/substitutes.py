"""Substitutes by letter: who holds a role for somebody else, and until when (Plh. and Plt.).

A lent role is never lent on: only a role held in one's own right can be. Days are those of the Kanwil's calendar.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session, selectinload

from tenants.database import session, transaction
from tenants.errors import Forbidden, Invalid, NotFound
from tenants.models import Kanwil, Officer, Role, Substitution, Upt, officer_roles
from tenants.officers import ACTING_WORDS, ROLE_LABELS, Acting, Actor, actor_of
from tenants.said import say
from tenants.scope import current
from tenants.words import N_, is_whole

LENDABLE = ("pembina", "pemantau", "pengendali", "kadiv", "kakanwil", "kepala_upt")
"""Roles that a letter may lend. Keeping accounts and drafting are not offices that anyone stands in for."""
KADIV_LENDS = ("pembina", "pemantau", "pengendali")
LONGEST = timedelta(days=366)


@dataclass(frozen=True)
class Post:
    """Where an officer works, and what letters lend him today."""

    kanwil: Kanwil
    upt: str | None
    acting: tuple[Acting, ...]


def post_of(officer: Officer, now: datetime) -> Post:
    """The post of an officer of the Kanwil in scope at this instant. One statement."""
    day = now.date()
    rows = (
        session()
        .execute(
            select(Kanwil, Upt.short_name, Substitution)
            .outerjoin(Upt, and_(Upt.tenant_id == Kanwil.id, Upt.id == officer.upt_id))
            .outerjoin(
                Substitution,
                and_(
                    Substitution.tenant_id == Kanwil.id,
                    Substitution.substitute_id == officer.id,
                    Substitution.revoked_at.is_(None),
                    Substitution.from_on <= day + timedelta(days=1),
                    Substitution.until_on >= day - timedelta(days=1),
                ),
            )
            .where(Kanwil.id == officer.tenant_id)
            .order_by(Substitution.id)
        )
        .all()
    )
    kanwil, upt = rows[0][0], rows[0][1]
    today = local_day(now, kanwil.timezone)
    letters = [one for _, _, one in rows if one is not None and in_force(one, today)]
    return Post(kanwil, upt, tuple(_lent(one) for one in letters))


def _lent(one: Substitution) -> Acting:
    return Acting(one.role, one.kind, one.principal_id, one.principal_name, one.until_on, one.letter_number)


def in_force(one: Substitution, on: date) -> bool:
    """Whether a letter lends its role on this day."""
    return one.revoked_at is None and one.from_on <= on <= one.until_on


def local_day(now: datetime, timezone: str) -> date:
    """The day of the Kanwil's calendar at this instant."""
    return now.astimezone(ZoneInfo(timezone)).date()


def actor_at(officer: Officer, now: datetime) -> Actor:
    """The actor behind an officer, with what letters lend him at this instant. One statement."""
    if officer.tenant_id is None:
        from tenants.centre import lent_to

        return actor_of(officer, lent_to(officer, now))
    return actor_of(officer, post_of(officer, now).acting)


def appoint(values: Mapping[str, str], *, by: Actor, now: datetime) -> Substitution:
    """Lend a role by letter: ``role, kind, principal_id, substitute_id, from_on, until_on, letter_number``.

    Raises:
        Invalid: by field: a role that is not lent, somebody without that role as its holder, a substitute who is the
            holder, holds the role already, is away himself on a day of it, or works elsewhere; days out of order or
            gone by; a second substitute for the same holder; no letter.
        Forbidden: `by` may not lend this role (the admin lends all, the Kadiv those of his division's stages).
    """
    role, kind = values.get("role", ""), values.get("kind", "plh")
    _require_lender(role, by)
    with transaction() as db:
        kanwil = db.get_one(Kanwil, current().tenant_id)
        wrong, days = read_days(values, local_day(now, kanwil.timezone))
        if role not in LENDABLE:
            wrong["role"] = N_("Pilih peran yang digantikan.")
        if kind not in ACTING_WORDS:
            wrong["kind"] = N_("Pilih Plh. atau Plt.")
        letter = " ".join(values.get("letter_number", "").split())
        if not 0 < len(letter) <= 120:
            wrong["letter_number"] = N_("Tulis nomor surat penunjukannya, paling panjang 120 huruf.")
        principal = _person(db, values.get("principal_id", "")) if kind == "plh" else None
        substitute = _person(db, values.get("substitute_id", ""))
        if kind == "plh" and (principal is None or role not in _own(principal)):
            wrong.setdefault("principal_id", say(N_("Pilih pejabat yang memegang peran ini.")))
        if substitute is None or not substitute.active:
            wrong.setdefault("substitute_id", say(N_("Pilih petugas yang menggantikan.")))
        if not wrong and substitute is not None:
            wrong |= _conflicts(db, role, kind, principal, substitute, days)
        if wrong or substitute is None:
            raise Invalid(fields=wrong)
        one = Substitution(
            role=role,
            kind=kind,
            upt_id=substitute.upt_id if role == "kepala_upt" else None,
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


def revoke(substitution_id: int, *, by: Actor, now: datetime) -> Substitution:
    """End a letter before its day; one that is over or revoked stays as it is.

    Raises:
        NotFound: there is none within reach. Forbidden: `by` may not lend this role.
    """
    with transaction() as db:
        one = db.scalars(
            select(Substitution).where(Substitution.id == substitution_id).with_for_update()
        ).first()
        if one is None:
            raise NotFound()
        _require_lender(one.role, by)
        if one.revoked_at is None:
            one.revoked_at, one.revoked_by = now, by.id
            db.flush()
        return one


@dataclass(frozen=True)
class Letter:
    """A letter as the page shows it: ``now``, ``soon``, ``over`` or ``revoked``."""

    row: Substitution
    state: str
    upt: str


def letters(now: datetime, *, before: int | None = None, limit: int = 30) -> list[Letter]:
    """The Kanwil's letters, newest first; `before` is the id of the last one seen. One statement."""
    asked = (
        select(Substitution, Kanwil.timezone, Upt.short_name)
        .join(Kanwil, Kanwil.id == Substitution.tenant_id)
        .outerjoin(Upt, Upt.id == Substitution.upt_id)
        .order_by(Substitution.id.desc())
        .limit(limit)
    )
    if before is not None:
        asked = asked.where(Substitution.id < before)
    return [
        Letter(one, _state(one, local_day(now, zone)), upt or "")
        for one, zone, upt in session().execute(asked)
    ]


def letter(substitution_id: int, now: datetime) -> Letter:
    """One letter of the Kanwil. One statement.

    Raises:
        NotFound: there is none within reach.
    """
    found = letters(now, before=substitution_id + 1, limit=1)
    if not found or found[0].row.id != substitution_id:
        raise NotFound()
    return found[0]


def number_of(username: str) -> str:
    """The number of an officer of the Kanwil, as `appoint` takes it; empty where there is none. One statement."""
    asked = select(Officer.id).where(Officer.username == username, Officer.tenant_id == current().tenant_id)
    found = session().scalar(asked) if username else None
    return "" if found is None else str(found)


def holders(role: str | None = None) -> list[Officer]:
    """Open accounts of the Kanwil that hold a lendable role in their own right, by name. Two statements."""
    roles = LENDABLE if role is None else (role,)
    asked = select(Officer).where(
        Officer.tenant_id == current().tenant_id,
        Officer.active.is_(True),
        Officer.roles.any(Role.name.in_(roles)),
    )
    return list(session().scalars(asked.options(selectinload(Officer.roles)).order_by(Officer.first_name)))


@dataclass(frozen=True)
class Absence:
    """An office of the Kanwil that nobody holds today (`letter` None), or that a letter lends to somebody."""

    role: str
    letter: Substitution | None


def absences(now: datetime) -> list[Absence]:
    """The Kanwil's own offices that are vacant or lent today, in the order of the roles. One statement."""
    tenant = current().tenant_id
    held = (
        select(Officer.id)
        .join(officer_roles, officer_roles.c.user_id == Officer.id)
        .where(officer_roles.c.role_id == Role.id, Officer.tenant_id == tenant, Officer.active.is_(True))
        .exists()
    )
    rows = session().execute(
        select(Role.name, held.label("held"), Substitution, Kanwil.timezone)
        .select_from(Role)
        .join(Kanwil, Kanwil.id == tenant)
        .outerjoin(
            Substitution,
            and_(
                Substitution.role == Role.name,
                Substitution.tenant_id == Kanwil.id,
                Substitution.revoked_at.is_(None),
                Substitution.until_on >= now.date() - timedelta(days=1),
            ),
        )
        .where(Role.name.in_([role for role in LENDABLE if role != "kepala_upt"]))
        .order_by(Substitution.id)
    )
    found: dict[str, tuple[bool, list[Substitution]]] = {}
    for role, is_held, letter, zone in rows:
        letters = found.setdefault(role, (is_held, []))[1]
        if letter is not None and in_force(letter, local_day(now, zone)):
            letters.append(letter)
    absent = [Absence(role, one) for role in LENDABLE for one in found.get(role, (True, []))[1]]
    vacant = [Absence(role, None) for role in LENDABLE if found.get(role, (True, [])) == (False, [])]
    return vacant + absent


def _require_lender(role: str, by: Actor) -> None:
    if by.has("admin_kanwil") or (by.has("kadiv") and (role in KADIV_LENDS or role not in LENDABLE)):
        return
    raise Forbidden(N_("Surat untuk peran ini dicatat oleh admin Kanwil."))


def _state(one: Substitution, today: date) -> str:
    if one.revoked_at is not None:
        return "revoked"
    return "over" if one.until_on < today else "soon" if one.from_on > today else "now"


def read_days(values: Mapping[str, str], today: date) -> tuple[dict[str, str], tuple[date, date]]:
    """What is wrong with a letter's ``from_on`` and ``until_on``, by field, and both days."""
    wrong: dict[str, str] = {}
    days: list[date] = []
    for name in ("from_on", "until_on"):
        try:
            days.append(date.fromisoformat(values.get(name, "")))
        except ValueError:
            wrong[name] = N_("Pilih tanggalnya.")
    if not wrong:
        if days[1] < days[0]:
            wrong["until_on"] = N_("Hari terakhir mendahului hari pertama.")
        elif days[1] < today:
            wrong["until_on"] = N_("Masa ini sudah lewat.")
        elif days[1] - days[0] > LONGEST:
            wrong["until_on"] = N_("Paling lama satu tahun.")
    return wrong, (days[0], days[1]) if not wrong else (today, today)


def _person(db: Session, number: str) -> Officer | None:
    if not is_whole(number):
        return None
    asked = select(Officer).where(Officer.id == int(number), Officer.tenant_id == current().tenant_id)
    return db.scalars(asked.options(selectinload(Officer.roles))).first()


def _own(officer: Officer) -> set[str]:
    return {role.name for role in officer.roles}


def _conflicts(
    db: Session,
    role: str,
    kind: str,
    principal: Officer | None,
    substitute: Officer,
    days: tuple[date, date],
) -> dict[str, str]:
    """What stands in the way of a letter whose parts are all there."""
    if principal is not None and principal.id == substitute.id:
        return {"substitute_id": N_("Seseorang tidak menggantikan dirinya sendiri.")}
    if role in _own(substitute):
        return {"substitute_id": say(N_("%(name)s sudah memegang peran ini sendiri."), name=substitute.name)}
    if role == "kepala_upt":
        if substitute.upt_id is None or (principal is not None and principal.upt_id != substitute.upt_id):
            return {"substitute_id": N_("Kepala UPT digantikan oleh petugas UPT itu sendiri.")}
    elif substitute.upt_id is not None:
        return {"substitute_id": N_("Peran di Kanwil digantikan oleh petugas Kanwil.")}
    if kind == "plt" and _is_held(db, role, substitute.upt_id if role == "kepala_upt" else None):
        return {"kind": N_("Peran ini ada pejabatnya; tunjuk Plh. untuk pejabat yang berhalangan.")}
    overlapping = db.scalars(
        select(Substitution).where(
            Substitution.revoked_at.is_(None),
            Substitution.from_on <= days[1],
            Substitution.until_on >= days[0],
            or_(
                Substitution.role == role,
                Substitution.principal_id == substitute.id,
                Substitution.substitute_id == (principal.id if principal is not None else None),
            ),
        )
    ).all()
    for one in overlapping:
        if one.principal_id == substitute.id:
            return {
                "substitute_id": say(
                    N_("%(name)s sendiri berhalangan pada masa itu (%(letter_number)s)."),
                    name=substitute.name,
                    letter_number=one.letter_number,
                )
            }
        if principal is not None and one.substitute_id == principal.id:
            return {
                "principal_id": f"{principal.name} sendiri menggantikan sebagai {ROLE_LABELS[one.role]} pada masa itu"
                f" ({one.letter_number}); akhiri surat itu dulu."
            }
        same_office = one.upt_id == (substitute.upt_id if role == "kepala_upt" else None)
        if one.principal_id == (principal.id if principal else None) and same_office:
            return {
                "principal_id": say(
                    N_("Sudah digantikan %(substitute_name)s pada masa itu (%(letter_number)s)."),
                    substitute_name=one.substitute_name,
                    letter_number=one.letter_number,
                )
            }
        if one.substitute_id == substitute.id:
            return {
                "substitute_id": say(
                    N_("%(name)s sudah memegang peran ini pada masa itu (%(letter_number)s)."),
                    name=substitute.name,
                    letter_number=one.letter_number,
                )
            }
    return {}


def _is_held(db: Session, role: str, upt_id: int | None) -> bool:
    asked = select(Officer.id).where(
        Officer.tenant_id == current().tenant_id,
        Officer.active.is_(True),
        Officer.roles.any(Role.name == role),
    )
    if upt_id is not None:
        asked = asked.where(Officer.upt_id == upt_id)
    return db.scalar(asked.limit(1)) is not None
