"""An account's life: opening, closing, passwords. Every change is noted by the caller's audit and ends old sessions."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import selectinload

from tenants.database import session, transaction
from tenants.errors import Forbidden, Invalid, NotFound
from tenants.models import Officer, Role, Upt
from tenants.officers import KANWIL_ROLES, UPT_ROLES, Actor
from tenants.register import Account, open_accounts, password_hash, role_ids
from tenants.said import say
from tenants.tongues import LANGUAGES
from tenants.words import N_, is_whole

MIN_LENGTH = 12
_USERNAME = re.compile(r"^[a-z0-9][a-z0-9._-]{2,62}$")
_COMMON = ("password", "katasandi", "rahasia", "12345678", "qwerty", "indonesia", "pemasyarakatan")


def password_problem(password: str, username: str = "") -> str | None:
    """What is wrong with a password, or None: length first (NIST SP 800-63B), no common word, no account name."""
    if len(password) < MIN_LENGTH:
        return say(
            N_("Paling sedikit %(min_length)s huruf; kalimat pendek lebih mudah diingat."),
            min_length=MIN_LENGTH,
        )
    if len(password) > 200:
        return say(N_("Paling banyak 200 huruf."))
    plain = re.sub(r"[^a-z0-9]", "", password.lower())
    if len(set(password)) < 5 or any(plain.strip("0123456789") == word for word in _COMMON):
        return say(N_("Kata sandi ini terlalu mudah ditebak."))
    if username and username.lower() in password.lower():
        return say(N_("Kata sandi tidak boleh memuat nama pengguna."))
    return None


def change_password(officer_id: int, password: str, *, by: Actor) -> int:
    """Set a new password; the session version comes back, and every session with an older one is over.

    Raises:
        Invalid: the password is too weak.
        NotFound: no such officer within reach.
        Forbidden: it is neither one's own nor that of an officer one keeps.
    """
    if officer_id != by.id and not by.has("admin_kanwil"):
        raise Forbidden()
    with transaction() as db:
        officer = db.scalar(select(Officer).where(Officer.id == officer_id))
        if officer is None:
            raise NotFound()
        problem = password_problem(password, officer.username)
        if problem:
            raise Invalid(fields={"password": problem})
        version = (officer.session_version or 0) + 1
        db.execute(
            update(Officer)
            .where(Officer.id == officer_id)
            .values(password=password_hash(password), session_version=version)
            .execution_options(synchronize_session=False)
        )
    return version


def choose_language(language: str, *, by: Actor) -> None:
    """Keep the language that an officer chose for himself: his pages and his mails come in it. One statement.

    Raises:
        Invalid: it is none of ours.
    """
    if language not in LANGUAGES:
        raise Invalid(fields={"language": N_("Pilih Bahasa Indonesia (id) atau English (en).")})
    with transaction() as db:
        db.execute(
            update(Officer)
            .where(Officer.id == by.id)
            .values(language=language)
            .execution_options(synchronize_session="evaluate")
        )


def open_account(values: dict[str, str], *, by: Actor) -> Officer:
    """Open an officer's account within the Kanwil in scope.

    Raises:
        Invalid: what is missing or taken, by field.
        Forbidden: `by` does not keep officers.
    """
    by.require("admin_kanwil")
    username = values.get("username", "").strip().lower()
    role = values.get("role", "")
    upt_id = int(values["upt_id"]) if is_whole(values.get("upt_id")) else None
    problems: dict[str, str] = {}
    if not _USERNAME.match(username):
        problems["username"] = N_("3-63 huruf kecil, angka, titik atau strip.")
    if not values.get("first_name", "").strip():
        problems["first_name"] = N_("Wajib diisi.")
    if role not in (*UPT_ROLES, *KANWIL_ROLES):
        problems["role"] = N_("Pilih peran.")
    elif role in UPT_ROLES and upt_id is None:
        problems["upt_id"] = N_("Peran ini bertugas di sebuah UPT: pilih UPT-nya.")
    elif role in KANWIL_ROLES:
        upt_id = None
    weak = password_problem(values.get("password", ""), username)
    if weak:
        problems["password"] = weak
    with transaction() as db:
        if upt_id is not None and db.scalar(select(Upt.id).where(Upt.id == upt_id)) is None:
            problems["upt_id"] = N_("UPT tidak ditemukan.")
        if not problems and db.scalar(select(Officer.id).where(Officer.username == username)) is not None:
            problems["username"] = N_("Nama pengguna sudah dipakai.")
        if problems:
            raise Invalid(fields=problems)
        open_accounts(
            [
                Account(
                    username=username,
                    first_name=values["first_name"].strip(),
                    last_name=values.get("last_name", "").strip(),
                    role=role,
                    password_hash=password_hash(values["password"]),
                    upt_id=upt_id,
                    office=values.get("office", "").strip(),
                    email=values.get("email", "").strip(),
                )
            ],
            role_ids(),
        )
        return db.scalars(select(Officer).where(Officer.username == username)).one()


def set_active(officer_id: int, active: bool, *, by: Actor) -> Officer:
    """Close or re-open an account; closing ends its sessions at once.

    Raises:
        NotFound: no such officer in the Kanwil. Forbidden: it is one's own account.
    """
    by.require("admin_kanwil")
    if officer_id == by.id:
        raise Forbidden(N_("Akun sendiri tidak dapat ditutup sendiri."))
    with transaction() as db:
        officer: Officer | None = db.scalar(select(Officer).where(Officer.id == officer_id))
        if officer is None:
            raise NotFound()
        officer.active = active
        officer.session_version = (officer.session_version or 0) + 1
        db.flush()
        return officer


@dataclass(frozen=True)
class OfficerFilters:
    """What the list of officers is narrowed to."""

    role: str | None = None
    upt_id: int | None = None
    q: str = ""
    active: bool | None = None


def officers(filters: OfficerFilters, *, after: int = 0, limit: int = 30) -> tuple[list[Officer], int | None]:
    """A keyset page of the Kanwil's officers with their roles, and what the next one starts after. Two statements."""
    asked = select(Officer).where(Officer.id > after).order_by(Officer.id).limit(limit + 1)
    if filters.role:
        asked = asked.where(Officer.roles.any(Role.name == filters.role))
    if filters.upt_id is not None:
        asked = asked.where(Officer.upt_id == filters.upt_id)
    if filters.active is not None:
        asked = asked.where(Officer.active.is_(filters.active))
    if filters.q:
        like = f"%{_escaped(filters.q.lower())}%"
        full = func.lower(Officer.first_name + " " + Officer.last_name)
        asked = asked.where(or_(Officer.username.like(like, escape="\\"), full.like(like, escape="\\")))
    found = list(session().scalars(asked.options(selectinload(Officer.roles))))
    return found[:limit], found[limit - 1].id if len(found) > limit else None


def officer(officer_id: int) -> Officer:
    """One officer of the Kanwil with his roles. Two statements.

    Raises:
        NotFound: no such officer within reach.
    """
    found = (
        session()
        .scalars(select(Officer).where(Officer.id == officer_id).options(selectinload(Officer.roles)))
        .first()
    )
    if found is None:
        raise NotFound()
    return found


def change_account(officer_id: int, values: dict[str, str], roles: list[str], *, by: Actor) -> Officer:
    """Change an officer's name, office and roles; where he works stays.

    Raises:
        Invalid: by field. NotFound: no such officer. Forbidden: `by` keeps no officers, or would give up his own keys.
    """
    by.require("admin_kanwil")
    typed = {
        key: " ".join(values.get(key, "").split()) for key in ("first_name", "last_name", "office", "email")
    }
    wrong: dict[str, str] = {}
    if not 0 < len(typed["first_name"]) <= 64 or len(typed["last_name"]) > 64:
        wrong["first_name"] = N_("Tulis namanya, paling panjang 64 huruf.")
    if len(typed["office"]) > 160:
        wrong["office"] = N_("Paling panjang 160 huruf.")
    if "@" not in typed["email"] or len(typed["email"]) > 320:
        wrong["email"] = N_("Alamat surel ini tidak lengkap.")
    with transaction() as db:
        row = db.scalars(
            select(Officer).where(Officer.id == officer_id).options(selectinload(Officer.roles))
        ).first()
        if row is None:
            raise NotFound()
        allowed = KANWIL_ROLES if row.upt_id is None else UPT_ROLES
        wanted = sorted(set(roles))
        if not wanted or any(role not in allowed for role in wanted):
            wrong["roles"] = N_("Pilih sedikitnya satu peran yang berlaku di tempat tugasnya.")
        if (
            db.scalar(select(Officer.id).where(Officer.email == typed["email"], Officer.id != officer_id))
            is not None
        ):
            wrong["email"] = N_("Alamat surel ini sudah dipakai petugas lain.")
        if wrong:
            raise Invalid(fields=wrong)
        if officer_id == by.id and "admin_kanwil" not in wanted:
            raise Forbidden(
                N_("Peran admin sendiri tidak dapat dilepas sendiri; minta admin lain melakukannya.")
            )
        for key, value in typed.items():
            setattr(row, key, value)
        row.roles = list(db.scalars(select(Role).where(Role.name.in_(wanted))))
        db.flush()
    return row


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
