"""What a Kanwil still lacks before it can work by itself: the facts behind the admin's checklist."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from tenants.database import session
from tenants.models import KanwilSettings, Officer, Role, Upt, officer_roles
from tenants.officers import KANWIL_ROLES

DECIDING = ("pembina", "pemantau", "pengendali", "kadiv", "kakanwil")


@dataclass(frozen=True)
class Setup:
    """How far a Kanwil is set up."""

    settings: KanwilSettings | None
    officers: dict[str, int]
    """Role -> number of open accounts."""
    upts: int
    upts_without_operator: int

    @property
    def missing_roles(self) -> list[str]:
        """The deciding roles that nobody holds."""
        return [role for role in KANWIL_ROLES if role in DECIDING and not self.officers.get(role)]


def setup_state() -> Setup:
    """How far the Kanwil in scope is set up. Three statements."""
    reader = session()
    settings = reader.scalars(select(KanwilSettings)).first()
    link = officer_roles.c
    rows = reader.execute(
        select(Role.name, Officer.upt_id, func.count(Officer.id))
        .join(officer_roles, link.user_id == Officer.id)
        .join(Role, Role.id == link.role_id)
        .where(Officer.active)
        .group_by(Role.name, Officer.upt_id)
    )
    officers: dict[str, int] = {}
    staffed: set[int] = set()
    for role, upt_id, count in rows:
        officers[role] = officers.get(role, 0) + int(count)
        if role == "operator_upt" and upt_id is not None:
            staffed.add(upt_id)
    upts = set(reader.scalars(select(Upt.id).where(Upt.active)))
    return Setup(settings, officers, len(upts), len(upts - staffed))
