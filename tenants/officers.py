"""Who acts: the person behind a use case, and entering a Kanwil's scope on the centre's behalf."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime

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


ACTING_WORDS = {"plh": "Plh.", "plt": "Plt."}
"""Plh. stands in while the holder is away, Plt. while the office is vacant."""


@dataclass(frozen=True)
class Acting:
    """A role that an officer holds for a time by letter, as Plh. or Plt. (`tenants.substitutes`)."""

    role: str
    kind: str
    principal_id: int | None
    principal_name: str
    until_on: date
    letter_number: str


@dataclass(frozen=True)
class Actor:
    """The officer who acts, as a use case sees him. `office` is what letters and decisions print.

    `roles` are those he may act in today; `acting` names the ones among them that he holds for somebody else.
    """

    id: int
    name: str
    roles: frozenset[str]
    tenant_id: int | None
    upt_id: int | None
    office: str
    acting: tuple[Acting, ...] = field(default=())

    def has(self, *roles: str) -> bool:
        """Whether the officer holds one of `roles`."""
        return not self.roles.isdisjoint(roles)

    def substitution(self, role: str) -> Acting | None:
        """The letter by which he holds a role; None where it is his own."""
        return next((one for one in self.acting if one.role == role), None)

    def title(self, role: str) -> str:
        """The office in which he acts: "Pemantau", "Plh. Pemantau"."""
        acting = self.substitution(role)
        words = ROLE_LABELS.get(role, role)
        return f"{ACTING_WORDS[acting.kind]} {words}" if acting else words

    def require(self, *roles: str) -> None:
        """Raises:
        Forbidden: the officer holds none of `roles`.
        """
        if not self.has(*roles):
            raise Forbidden(detail={"roles": list(roles)})


def actor_of(officer: Officer, acting: tuple[Acting, ...] = ()) -> Actor:
    """The actor behind an officer (costs the statement that reads his roles, once a session), with the roles that
    `acting` lends him; one that is his own is his own."""
    own = frozenset(role.name for role in officer.roles)
    label = next((ROLE_LABELS[name] for name in ROLE_LABELS if name in own), "")
    lent = tuple(one for one in acting if one.role not in own)
    roles = own | {one.role for one in lent}
    return Actor(
        id=officer.id,
        name=officer.name,
        roles=roles,
        tenant_id=officer.tenant_id,
        upt_id=officer.upt_id,
        office=officer.office or label,
        acting=lent,
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
