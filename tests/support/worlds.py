"""The small world of the tests: three Kanwil of the reference data, a few UPT each, an officer a role."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import select
from werkzeug.security import generate_password_hash

from config import Settings
from tenants import database, register
from tenants.models import DirectoryUpt, Kanwil, Officer
from tenants.officers import KANWIL_ROLES, NATIONAL_ROLES, Actor, actor_of
from tenants.register import Account
from tenants.scope import NationalScope, Scope, entered

NOW = datetime(2024, 3, 5, 3, 0, tzinfo=UTC)  # Tuesday, 10.00 in Pontianak and in Serang
PASSWORD = "karya-demo-2024"
UNITS = {
    "kalbar": ("lapas-iia-pontianak", "rutan-iia-pontianak", "lapas-perempuan-iia-pontianak"),
    "banten": ("lapas-i-tangerang", "lapas-perempuan-iia-tangerang"),
    "sumbar": ("lapas-iia-padang", "rutan-iib-padang"),
}
_SHORT = {
    "admin_kanwil": "admin",
    "admin_pusat": "admin.pusat",
    "operator_upt": "operator",
    "kepala_upt": "kepala",
}


@dataclass
class World:
    """Who is there. Usernames are as in the demonstration: `operator.<upt>`, `pembina.<kanwil>`, `dirjen`."""

    kanwil: dict[str, int] = field(default_factory=dict)
    upt: dict[str, int] = field(default_factory=dict)
    officer: dict[str, int] = field(default_factory=dict)
    password: str = PASSWORD

    def scope(self, username: str) -> Scope | NationalScope:
        """The scope in which this officer works."""
        by = self.actor(username)
        return NationalScope(by.id) if by.tenant_id is None else Scope(by.tenant_id, by.upt_id, by.id)

    def actor(self, username: str) -> Actor:
        """The officer as a use case sees him."""
        with database.db.sessions() as session:
            return actor_of(session.scalars(select(Officer).where(Officer.username == username)).one())


def build(settings: Settings) -> None:
    """Migrate, write the permissions, open the tenants: what `run.py init` and an admin would do."""
    import rooms
    from tenants import schema
    from webapp import create_app
    from webapp.security.sync import sync_permissions
    from workflows.calendars import ensure_holidays
    from workflows.definitions import ensure_defaults

    rooms.load()
    database.configure(settings)
    schema.migrate(settings)
    app = create_app(settings)
    with app.app_context():
        sync_permissions(app)
    database.db.release()
    ensure_holidays()
    hashed = generate_password_hash(
        PASSWORD, method="pbkdf2:sha256:1"
    )  # cheap: tests sign in a thousand times
    roles = register.role_ids()
    database.db.release()

    def account(role: str, where: str, upt_id: int | None = None) -> Account:
        name = _SHORT.get(role, role) + (f".{where}" if where else "")
        return Account(name, role.replace("_", " ").title(), where.title() or "Pusat", role, hashed, upt_id)

    with entered(NationalScope()):
        register.open_accounts([account(role, "") for role in NATIONAL_ROLES], roles)
    units = {row["upt_code"]: row for row in register.read_reference("upt.csv")}
    for row in register.read_reference("kanwil.csv"):
        if row["code"] not in UNITS:
            continue
        kanwil = register.open_kanwil(**row)
        with entered(Scope(kanwil.id)), database.transaction():
            upts = register.open_upts([units[code] for code in UNITS[row["code"]]], kanwil)
            accounts = [account(role, kanwil.code) for role in KANWIL_ROLES]
            for upt in upts:
                accounts += [account(role, upt.code, upt.id) for role in ("operator_upt", "kepala_upt")]
            register.open_accounts(accounts, roles)
        ensure_defaults(kanwil.id, now=NOW)


def read() -> World:
    """The world as the database in use has it."""
    world = World()
    with database.public() as session:
        world.kanwil = {code: id_ for id_, code in session.execute(select(Kanwil.id, Kanwil.code))}
        world.upt = {upt.code: upt.upt_id for upt in session.scalars(select(DirectoryUpt))}
    with database.db.sessions() as session:
        world.officer = {name: id_ for id_, name in session.execute(select(Officer.id, Officer.username))}
    database.db.release()
    return world
