"""The register: opening a Kanwil, its UPT and its officers' accounts; the reference data of the country.

Everything here is done by a command or by `admin_kanwil`; each function is one transaction inside the tenant's scope.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import func, insert, select
from werkzeug.security import generate_password_hash

from tenants.database import session, transaction
from tenants.errors import Conflict, Invalid, NotFound
from tenants.models import DirectoryUpt, Kanwil, KanwilSettings, Officer, Role, Upt, officer_roles
from tenants.officers import KANWIL_ROLES, NATIONAL_ROLES, ROLE_LABELS, UPT_ROLES
from tenants.said import say
from tenants.scope import Scope, entered
from tenants.words import N_

REFERENCE = Path(__file__).parent / "data"
_SHORT = (
    ("Lembaga Pemasyarakatan", "Lapas"),
    ("Cabang Rumah Tahanan Negara", "Cabang Rutan"),
    ("Rumah Tahanan Negara", "Rutan"),
    ("Lembaga Pembinaan Khusus Anak", "LPKA"),
    ("Balai Pemasyarakatan", "Bapas"),
    ("Rumah Penyimpanan Benda Sitaan Negara", "Rupbasan"),
)


@dataclass(frozen=True)
class Account:
    """An officer's account to be opened. `password_hash` as werkzeug makes it."""

    username: str
    first_name: str
    last_name: str
    role: str
    password_hash: str
    upt_id: int | None = None
    office: str = ""
    email: str = ""


def short_name(name: str) -> str:
    """The name as screens show it: Lembaga Pemasyarakatan Kelas IIA Pontianak -> Lapas IIA Pontianak."""
    for full, short in _SHORT:
        if name.startswith(full):
            return re.sub(r"\bKelas (?=[IV])", "", name.replace(full, short, 1))
    return name


def slug_of(name: str) -> str:
    """A name as an address: lower case ASCII, words joined by hyphens."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")


def open_kanwil(
    *, code: str, name_kemenkumham: str, name_ditjenpas: str, province: str, capital: str, timezone: str
) -> Kanwil:
    """Open a tenant with its settings. Commits nothing by itself where a transaction is open.

    Raises:
        Conflict: the code is taken.
    """
    with transaction() as db:
        if db.scalar(select(Kanwil.id).where(Kanwil.code == code)) is not None:
            raise Conflict(say(N_("Kode Kanwil %(code)s sudah dipakai."), code=code))
        kanwil = Kanwil(
            code=code,
            name_kemenkumham=name_kemenkumham,
            name_ditjenpas=name_ditjenpas,
            province=province,
            capital=capital,
            timezone=timezone,
            state="active",
        )
        db.add(kanwil)
        db.flush()
    with entered(Scope(kanwil.id)), transaction() as db:
        db.add(
            KanwilSettings(
                address=f"Jalan Pemasyarakatan Nomor 1, {capital}",
                phone="",
                email=f"kanwil.{code}@kemenkumham.contoh.id",
                number_pattern="W." + str(kanwil.id) + "-PAS-{seq}.OT.02.02 Tahun {year}",
                copies=["Sekretaris Direktorat Jenderal Pemasyarakatan", "Arsip"],
            )
        )
    return kanwil


def open_upts(rows: Iterable[dict[str, str]], kanwil: Kanwil) -> list[Upt]:
    """Enter UPT in the scope of their Kanwil and in the public directory. `rows` as upt.csv has them."""
    with transaction() as db:
        made = [
            Upt(
                code=row["upt_code"],
                type=row["type"],
                unit_class=row["class"],
                name=row["name"],
                short_name=short_name(row["name"]),
                city=row["city"],
                slug=slug_of(short_name(row["name"])),
                active=True,
            )
            for row in rows
        ]
        taken = set(
            db.scalars(select(DirectoryUpt.slug).where(DirectoryUpt.slug.in_([u.slug for u in made])))
        )
        for upt in made:
            if upt.slug in taken:
                upt.slug = f"{upt.slug}-{kanwil.code}"
            taken.add(upt.slug)
        db.add_all(made)
        db.flush()
        db.add_all([_listed(upt, kanwil) for upt in made])
    return made


def save_upt(upt_id: int | None, values: dict[str, Any]) -> Upt:
    """Add or change one UPT of the Kanwil in scope; the directory follows in the same transaction.

    Raises:
        Invalid: a name or city is missing, or the code is taken within the Kanwil.
    """
    problems = {
        k: say(N_("Wajib diisi.")) for k in ("name", "type", "city") if not str(values.get(k) or "").strip()
    }
    if problems:
        raise Invalid(fields=problems)
    with transaction() as db:
        upt = db.get(Upt, upt_id) if upt_id is not None else None
        name = str(values["name"]).strip()
        code = str(values.get("code") or "").strip() or slug_of(short_name(name))
        clash = db.scalar(select(Upt.id).where(Upt.code == code))
        if clash is not None and (upt is None or clash != upt.id):
            raise Invalid(fields={"code": N_("Kode ini sudah dipakai UPT lain di Kanwil ini.")})
        if upt is None:
            slug = slug_of(short_name(name))
            if db.scalar(select(func.count()).select_from(DirectoryUpt).where(DirectoryUpt.slug == slug)):
                slug = f"{slug}-{code}"
            upt = Upt(slug=slug, active=True)
            db.add(upt)
        upt.code, upt.name, upt.short_name = code, name, short_name(name)
        upt.type, upt.unit_class = str(values["type"]).strip(), str(values.get("unit_class") or "-").strip()
        upt.city = str(values["city"]).strip()
        db.flush()
        kanwil = db.scalars(select(Kanwil).where(Kanwil.id == upt.tenant_id)).one()
        db.merge(_listed(upt, kanwil))
    return upt


def upts_here(*, all_of_them: bool = False) -> list[Upt]:
    """The UPT of the Kanwil in scope by name, closed ones only with `all_of_them`. One statement."""
    wanted = select(Upt).order_by(Upt.short_name, Upt.id)
    return list(session().scalars(wanted if all_of_them else wanted.where(Upt.active.is_(True))))


def upt_here(upt_id: int) -> Upt:
    """One UPT of the Kanwil in scope.

    Raises:
        NotFound: there is none of that number within reach.
    """
    upt: Upt | None = session().scalar(select(Upt).where(Upt.id == upt_id))
    if upt is None:
        raise NotFound(N_("UPT tidak ditemukan."))
    return upt


def _listed(upt: Upt, kanwil: Kanwil) -> DirectoryUpt:
    return DirectoryUpt(
        upt_id=upt.id,
        code=upt.code,
        name=upt.name,
        short_name=upt.short_name,
        slug=upt.slug,
        type=upt.type,
        city=upt.city,
        kanwil_id=kanwil.id,
        kanwil_code=kanwil.code,
        kanwil_name=kanwil.short_name,
    )


def open_accounts(accounts: Iterable[Account], role_ids: dict[str, int]) -> int:
    """Open accounts in the scope in force (a Kanwil's, or the centre's). Returns how many; two statements."""
    wanted = list(accounts)
    from tenants.scope import current_or_none

    scope = current_or_none()
    tenant_id = scope.tenant_id if isinstance(scope, Scope) else None
    for account in wanted:
        allowed = NATIONAL_ROLES if tenant_id is None else UPT_ROLES if account.upt_id else KANWIL_ROLES
        if account.role not in allowed:
            raise Invalid(
                fields={"role": say(N_("Peran %(role)s tidak berlaku di sini."), role=account.role)}
            )
    with transaction() as db:
        ids = _insert_officers(db, wanted, tenant_id)
        db.execute(
            insert(officer_roles),
            [{"user_id": ids[a.username], "role_id": role_ids[a.role]} for a in wanted],
        )
    return len(wanted)


def _insert_officers(db: Any, wanted: list[Account], tenant_id: int | None) -> dict[str, int]:
    rows = [
        {
            "username": a.username,
            "first_name": a.first_name,
            "last_name": a.last_name,
            "email": a.email or f"{a.username}@karya.contoh.id",
            "password": a.password_hash,
            "active": True,
            "tenant_id": tenant_id,
            "upt_id": a.upt_id,
            "office": a.office or ROLE_LABELS[a.role],
            "login_count": 0,
            "fail_login_count": 0,
            "session_version": 0,
        }
        for a in wanted
    ]
    made = db.execute(insert(Officer).returning(Officer.id, Officer.username), rows)
    return {row.username: row.id for row in made}


def role_ids() -> dict[str, int]:
    """Role name -> id, as FAB keeps them."""
    return {name: id_ for id_, name in session().execute(select(Role.id, Role.name))}


def read_reference(name: str) -> list[dict[str, str]]:
    """The rows of a reference file (`kanwil.csv`, `upt.csv`)."""
    with (REFERENCE / name).open(encoding="utf-8", newline="") as source:
        return list(csv.DictReader(source))


def password_hash(password: str) -> str:
    """A password as it is stored (scrypt, as FAB checks it)."""
    return generate_password_hash(password, method="scrypt")
