"""Writing the permission table into FAB's roles and permissions: once, by ``python run.py init``."""

from __future__ import annotations

from typing import Any

from flask_appbuilder.security.sqla.models import (
    Permission,
    PermissionView,
    Role,
    ViewMenu,
    assoc_permissionview_role,
)
from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from tenants.database import transaction
from tenants.officers import ROLE_LABELS
from webapp.security.permissions import FAB_GRANTS, GRANTS, VIEW

Grant = tuple[str, str, str]


def wanted_grants() -> frozenset[Grant]:
    """The table as (permission, view, role)."""
    own = {(f"can_{name}", VIEW, role) for name, roles in GRANTS.items() for role in roles}
    fab = {
        (permission, view, role)
        for view, entries in FAB_GRANTS.items()
        for permissions, roles in entries
        for permission in permissions.split()
        for role in roles
    }
    return frozenset(own | fab)


def sync_permissions(app: Any = None) -> int:
    """Make roles, permissions and grants what the table says, and nothing else; how many grants there are comes back.

    Nine statements where nothing changed; safe to run again and by two processes after each other.

    Raises:
        RuntimeError: after writing, the database does not hold the table.
    """
    wanted = wanted_grants()
    with transaction() as db:
        roles = _named(db, Role, set(ROLE_LABELS))
        permissions = _named(db, Permission, {one[0] for one in wanted})
        views = _named(db, ViewMenu, {one[1] for one in wanted})
        pairs = _pairs(db, {(permissions[p], views[v]) for p, v, _ in wanted})
        grants = {(pairs[permissions[p], views[v]], roles[r]) for p, v, r in wanted}
        _grant(db, grants)
        db.execute(delete(PermissionView).where(PermissionView.id.not_in(list(pairs.values()))))
        db.execute(delete(Permission).where(Permission.id.not_in(list(permissions.values()))))
        db.execute(delete(ViewMenu).where(ViewMenu.id.not_in(list(views.values()))))
        found = held_grants(db)
    if found != wanted:
        raise RuntimeError(f"permissions differ from the table: {sorted(found ^ wanted)[:5]}")
    return len(found)


def held_grants(db: Session) -> frozenset[Grant]:
    """The grants as the database holds them; one statement."""
    link = assoc_permissionview_role.c
    rows = db.execute(
        select(Permission.name, ViewMenu.name, Role.name)
        .select_from(PermissionView)
        .join(Permission, Permission.id == PermissionView.permission_id)
        .join(ViewMenu, ViewMenu.id == PermissionView.view_menu_id)
        .join(assoc_permissionview_role, link.permission_view_id == PermissionView.id)
        .join(Role, Role.id == link.role_id)
    )
    return frozenset((p, v, r) for p, v, r in rows)


def _named(db: Session, kind: Any, names: set[str]) -> dict[str, int]:
    """Name -> id of the rows of these names; the missing ones are made."""
    asked = select(kind.name, kind.id).where(kind.name.in_(names))
    known = dict(db.execute(asked).all())
    missing = sorted(names - known.keys())
    if missing:
        db.execute(insert(kind), [{"name": name} for name in missing])
        known = dict(db.execute(asked).all())
    return known


def _pairs(db: Session, wanted: set[tuple[int, int]]) -> dict[tuple[int, int], int]:
    asked = select(PermissionView.permission_id, PermissionView.view_menu_id, PermissionView.id)
    known = {(p, v): one for p, v, one in db.execute(asked)}
    missing = sorted(wanted - known.keys())
    if missing:
        db.execute(insert(PermissionView), [{"permission_id": p, "view_menu_id": v} for p, v in missing])
        known = {(p, v): one for p, v, one in db.execute(asked)}
    return {pair: one for pair, one in known.items() if pair in wanted}


def _grant(db: Session, wanted: set[tuple[int, int]]) -> None:
    link = assoc_permissionview_role
    held = {
        (p, r): one for one, p, r in db.execute(select(link.c.id, link.c.permission_view_id, link.c.role_id))
    }
    stale = [one for grant, one in held.items() if grant not in wanted]
    if stale:
        db.execute(delete(link).where(link.c.id.in_(stale)))
    missing = sorted(wanted - held.keys())
    if missing:
        db.execute(insert(link), [{"permission_view_id": p, "role_id": r} for p, r in missing])
