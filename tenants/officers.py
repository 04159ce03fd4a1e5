"""Who acts: the person behind a use case, and entering a Kanwil's scope on the centre's behalf."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from tenants.database import transaction
from tenants.errors import Forbidden
from tenants.models import Officer, ReachLog
from tenants.scope import NationalScope, Scope, current_or_none, entered

UPT_ROLES = ("operator_upt", "kepala_upt")
KANWIL_ROLES = ("pembina", "pemantau", "pengendali", "kadiv", "kakanwil", "admin_kanwil")
NATIONAL_ROLES = ("dirjen", "admin_pusat", "auditor")
ROLE_LABELS = {
    "operator_upt": "Operator UPT",
    "kepala_upt": "Kepala UPT",
    "pembina": "Pembina",
    "pemantau": "Pemantau",
    "pengendali": "Pengendali",
    "kadiv": "Kepala Divisi Pemasyarakatan",
    "kakanwil": "Kepala Kantor Wilayah",
    "admin_kanwil": "Admin Kanwil",
    "dirjen": "Direktur Jenderal Pemasyarakatan",
    "admin_pusat": "Admin Pusat",
    "auditor": "Auditor",
}


@dataclass(frozen=True)
class Actor:
    """The officer who acts, as a use case sees him. `office` is what letters and decisions print."""

    id: int
    name: str
    roles: frozenset[str]
    tenant_id: int | None
    upt_id: int | None
    office: str

    def has(self, *roles: str) -> bool:
        """Whether the officer holds one of `roles`."""
        return not self.roles.isdisjoint(roles)

    def require(self, *roles: str) -> None:
        """Raises:
        Forbidden: the officer holds none of `roles`.
        """
        if not self.has(*roles):
            raise Forbidden()


def actor_of(officer: Officer) -> Actor:
    """The actor behind a signed-in officer (costs the statement that reads his roles, once a session)."""
    roles = frozenset(role.name for role in officer.roles)
    label = next((ROLE_LABELS[name] for name in ROLE_LABELS if name in roles), "")
    return Actor(
        id=officer.id,
        name=officer.name,
        roles=roles,
        tenant_id=officer.tenant_id,
        upt_id=officer.upt_id,
        office=officer.office or label,
    )


def scope_of(officer: Officer) -> Scope | NationalScope:
    """The scope an officer works in."""
    if officer.tenant_id is None:
        return NationalScope(officer.id)
    return Scope(officer.tenant_id, officer.upt_id, officer.id)


@contextmanager
def acting_in(tenant_id: int, *, by: Actor, purpose: str, now: datetime) -> Iterator[None]:
    """Enter a Kanwil's scope as an officer of the centre; the entry is logged before anything is done.

    Raises:
        Forbidden: `by` is not of the centre, or a tenant's scope is in force.
    """
    if by.tenant_id is not None or not by.has(*NATIONAL_ROLES) or isinstance(current_or_none(), Scope):
        raise Forbidden()
    with transaction() as session:
        session.add(ReachLog(officer_id=by.id, kanwil_id=tenant_id, purpose=purpose, at=now))
    with entered(Scope(tenant_id, None, by.id)):
        yield
