"""The demonstration: the country's 33 Kanwil and their UPT, an account a role, and products in every state.

All of it is made by the use cases that people use, loaded once into an empty database, in demonstration mode only.
Officers' names are invented.
"""

from __future__ import annotations

import hashlib
import time
from pathlib import Path

from sqlalchemy import func, select

from tenants import database, register
from tenants.clock import now
from tenants.errors import Forbidden
from tenants.models import Kanwil
from tenants.officers import KANWIL_ROLES
from tenants.register import Account
from tenants.scope import NationalScope, Scope, entered

PASSWORD = "karya-demo-2024"  # noqa: S105 - the demonstration's, printed by `make run`
DRAWINGS = Path(__file__).parent / "drawings"
_FIRST = (
    "Adi Agus Ahmad Andi Anita Ari Asep Ayu Bambang Bayu Budi Citra Dedi Desi Dewi Dian Eka Eko Endang Fajar Farid "
    "Fitri Galih Hadi Hana Hendra Heru Ika Indah Iwan Joko Kartika Lestari Lina Lukman Maya Mega Nanda Nia Novi Nur "
    "Putri Rahmat Ratna Rina Rizal Rudi Sari Siti Sri Teguh Tono Tri Udin Vina Wahyu Wati Yani Yoga Yudi Yuni Zainal"
).split()
_LAST = (
    "Anggraini Ardiansyah Darmawan Firmansyah Gunawan Hakim Halim Handayani Hartono Hasanah Hidayat Iskandar Kurniawan "
    "Kusuma Lubis Mahendra Maulana Nasution Nugroho Permata Pranata Prasetyo Pratama Purnama Puspita Rahayu Rahman "
    "Ramadhan Saputra Setiawan Siregar Sitompul Suharto Sulistyo Suryadi Susanto Syahputra Tanjung Utami Wibowo Widodo "
    "Wijaya Winata Wulandari Yulianto Yusuf"
).split()
_KNOWN = {
    "pembina.kalbar": ("Rina", "Wulandari"),
    "pemantau.kalbar": ("Dedi", "Kurniawan"),
    "pengendali.kalbar": ("Maya", "Handayani"),
    "kadiv.kalbar": ("Budi", "Santoso"),
    "kakanwil.kalbar": ("Dr. H. Ahmad", "Fauzi"),
    "operator.lapas-iia-pontianak": ("Siti", "Aminah"),
}
_CODE = {"admin_kanwil": "admin"}
_NATIONAL = {"dirjen": "dirjen", "admin_pusat": "admin.pusat", "auditor": "auditor"}


def load() -> str:
    """Load the demonstration into an empty database; a database with any Kanwil is left as it is.

    Raises:
        Forbidden: not in demonstration mode.
    """
    settings = database.db.settings
    if not settings.demo:
        raise Forbidden("Data demonstrasi hanya dimuat dalam mode demonstrasi (KARYA_DEMO=1).")
    with database.public() as session:
        present = session.scalar(select(func.count()).select_from(Kanwil))
    done = settings.data / ".demo-loaded"
    if present:
        if settings.dialect == "sqlite" and not done.exists():
            return "Data sudah ada (pemuatan sebelumnya terputus; hapus folder data untuk memuat ulang)."
        return "Data demonstrasi sudah ada."
    started = time.monotonic()
    _tenants()
    _rooms()
    done.write_text(now().isoformat())
    return f"Data demonstrasi dimuat dalam {time.monotonic() - started:.1f} detik."


def name_of(username: str) -> tuple[str, str]:
    """An invented name, always the same for an account."""
    if username in _KNOWN:
        return _KNOWN[username]
    digest = hashlib.sha256(username.encode()).digest()
    return _FIRST[digest[0] % len(_FIRST)], _LAST[digest[1] % len(_LAST)]


def _tenants() -> None:
    hashed = register.password_hash(PASSWORD)
    roles = register.role_ids()
    units: dict[str, list[dict[str, str]]] = {}
    for row in register.read_reference("upt.csv"):
        units.setdefault(row["kanwil_code"], []).append(row)

    def account(username: str, role: str, upt_id: int | None = None) -> Account:
        first, last = name_of(username)
        return Account(username, first, last, role, hashed, upt_id)

    with entered(NationalScope()):
        register.open_accounts([account(name, role) for role, name in _NATIONAL.items()], roles)
    for row in register.read_reference("kanwil.csv"):
        kanwil = register.open_kanwil(**row)
        with entered(Scope(kanwil.id)), database.transaction():
            upts = register.open_upts(units.get(kanwil.code, []), kanwil)
            accounts = [account(f"{_CODE.get(role, role)}.{kanwil.code}", role) for role in KANWIL_ROLES]
            for upt in upts:
                accounts.append(account(f"operator.{upt.code}", "operator_upt", upt.id))
                accounts.append(account(f"kepala.{upt.code}", "kepala_upt", upt.id))
            register.open_accounts(accounts, roles)


def _rooms() -> None:
    """What each room brings along: definitions, rules of PNBP and targets, products in every state, campaigns."""
    import catalogue.demo
    import sales.campaigns.demo
    import sales.demo
    from tenants.jobs import every_tenant
    from workflows.definitions import ensure_defaults

    for scope in every_tenant():
        with entered(scope):
            ensure_defaults(scope.tenant_id, now=now())
            sales.demo.rules_and_targets(now=now())
    catalogue.demo.load(
        drawings={path.stem: path.read_bytes() for path in sorted(DRAWINGS.glob("*.webp"))}, now=now()
    )
    sales.campaigns.demo.load(now())
