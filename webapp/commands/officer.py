"""``officer``: accounts of the centre and the first ones of a Kanwil; the rest is done on the Kanwil's own page."""

from __future__ import annotations

import click
from sqlalchemy import select, update

from tenants import register
from tenants.accounts import password_problem
from tenants.database import transaction
from tenants.models import Officer, Upt
from tenants.officers import KANWIL_ROLES, NATIONAL_ROLES, UPT_ROLES
from tenants.register import Account
from tenants.scope import NationalScope, Scope, entered
from webapp.commands import inside, json_option, kanwil_named, open_house, say


@click.group(help="Akun petugas.")
def group() -> None:
    pass


@group.command("list", help="Petugas satu Kanwil.")
@click.option("--tenant", required=True)
@json_option
def list_(tenant: str, as_json: bool) -> None:
    open_house()
    with inside(tenant), transaction() as db:
        officers = db.scalars(select(Officer).order_by(Officer.username)).all()
        rows = [
            {
                "username": o.username,
                "name": o.name,
                "roles": [r.name for r in o.roles],
                "active": bool(o.active),
            }
            for o in officers
        ]
    text = "\n".join(f"{r['username']:40} {','.join(r['roles']):16} {r['name']}" for r in rows)
    say(rows, as_json=as_json, text=text)


@group.command(help="Membuka akun; kata sandinya ditanyakan, tidak pernah lewat argumen.")
@click.option("--username", required=True)
@click.option("--role", required=True, type=click.Choice([*NATIONAL_ROLES, *KANWIL_ROLES, *UPT_ROLES]))
@click.option("--name", required=True, help="Nama lengkap.")
@click.option("--office", default="", help="Jabatan seperti tercetak pada surat.")
@click.option("--tenant", help="Kode Kanwil, untuk peran Kanwil dan UPT.")
@click.option("--upt", help="Kode UPT, untuk peran UPT.")
@click.password_option(prompt="Kata sandi", confirmation_prompt="Ulangi")
def create(
    username: str, role: str, name: str, office: str, tenant: str | None, upt: str | None, password: str
) -> None:
    open_house()
    problem = password_problem(password, username)
    if problem:
        raise click.BadParameter(problem, param_hint="password")
    if (role in NATIONAL_ROLES) == bool(tenant):
        raise click.UsageError("--tenant wajib untuk peran Kanwil dan UPT, dan tidak untuk peran pusat")
    first, _, last = name.rpartition(" ")
    scope = Scope(kanwil_named(tenant).id) if tenant else NationalScope()
    with entered(scope), transaction() as db:
        upt_id = None
        if role in UPT_ROLES:
            upt_id = db.scalar(select(Upt.id).where(Upt.code == (upt or "")))
            if upt_id is None:
                raise click.BadParameter("tidak ada UPT dengan kode itu di Kanwil ini", param_hint="--upt")
        if db.scalar(select(Officer.id).where(Officer.username == username)) is not None:
            raise click.BadParameter("nama pengguna sudah dipakai", param_hint="--username")
        made = Account(
            username,
            first or last,
            last if first else "",
            role,
            register.password_hash(password),
            upt_id,
            office,
        )
        register.open_accounts([made], register.role_ids())
    click.echo(f"Akun {username} dibuka.")


@group.command(help="Menutup akun dan mengakhiri semua sesinya.")
@click.argument("username")
@click.option("--tenant", help="Kode Kanwil; tanpa ini akun pusat.")
def close(username: str, tenant: str | None) -> int:
    open_house()
    scope = Scope(kanwil_named(tenant).id) if tenant else NationalScope()
    where = Officer.tenant_id == scope.tenant_id if isinstance(scope, Scope) else Officer.tenant_id.is_(None)
    with entered(scope), transaction() as db:
        changed = db.execute(
            update(Officer)
            .where(Officer.username == username, where)
            .values(active=False, session_version=Officer.session_version + 1)
            .execution_options(synchronize_session=False)
        )
    if not changed.rowcount:  # type: ignore[attr-defined]
        click.echo(f"karya: tidak ada akun {username} di sana.", err=True)
        return 1
    click.echo(f"Akun {username} ditutup.")
    return 0
