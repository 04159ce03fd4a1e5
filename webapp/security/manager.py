"""The security manager: FAB's, with Karya's officers, its lockout, and the scope of each request."""

from __future__ import annotations

import time
from contextlib import nullcontext
from datetime import datetime, timedelta
from typing import Any

from flask import g, request, session
from flask_appbuilder.security.sqla.manager import SecurityManager
from flask_appbuilder.security.sqla.models import PermissionView, Role
from flask_login import LoginManager, current_user
from sqlalchemy import func, select, update
from sqlalchemy.orm import joinedload, selectinload

from tenants import database, limits
from tenants.clock import now
from tenants.models import Kanwil, Officer
from tenants.officers import scope_of
from tenants.scope import current_or_none, entered, set_for_request
from webapp.access import actor
from webapp.errors import no_token
from webapp.security.sign_in import PasswordView, SignInView
from webapp.security.tokens import TokenApi
from workflows import administration

FAILURES = 8
KEPT_SECONDS = 60
LOCKED_FOR = timedelta(minutes=15)


def rate(text: str) -> tuple[int, timedelta]:
    """`20 per minute` -> how many, within what."""
    count, _, unit = text.partition(" per ")
    return int(count), {"minute": timedelta(minutes=1), "hour": timedelta(hours=1)}[unit.strip()]


def _way() -> str:
    return "api" if request.path.startswith("/api/") else "page"


class KaryaSecurityManager(SecurityManager):
    """FAB's sign-in and permissions. None of FAB's screens for users and roles is registered: officers are kept on
    our own pages, within their Kanwil."""

    user_model = Officer
    authdbview = SignInView
    security_api = TokenApi

    def __init__(self, appbuilder: Any) -> None:
        self._kept: dict[tuple[str, ...], tuple[float, frozenset[tuple[str, str]]]] = {}
        super().__init__(appbuilder)

    def register_views(self) -> None:
        self.appbuilder.add_api(self.security_api)
        self.auth_view = self.authdbview()
        self.appbuilder.add_view_no_menu(self.auth_view)
        self.appbuilder.add_view_no_menu(PasswordView())

    # -- signing in ------------------------------------------------------------------------------------------------

    def auth_user_db(self, username: str, password: str) -> Any:
        """The officer behind a name and password, or None. Failed tries lock the name for a while, on the page and
        on the API together, whether an account of that name exists or not.

        Raises:
            TooMany: the name or the address was tried too often.
        """
        at = now()
        typed = f"name:{(username or '').strip().lower()}"
        address = f"address:{request.remote_addr}"
        limits.require_free(typed, limit=FAILURES, within=LOCKED_FOR, now=at)
        tries, window = rate(database.db.settings.sign_in_limit)
        limits.require_free(address, limit=tries, within=window, now=at)
        officer = super().auth_user_db(username, password)
        if officer is not None and not self._may_enter(officer):
            officer = None
        if officer is None:
            if limits.hit(typed, limit=FAILURES, within=LOCKED_FOR, now=at) == FAILURES:
                self._note_locked(username, at)
            limits.hit(address, limit=tries, within=window, now=at)
            return None
        limits.clear(typed)
        administration.note_sign_in(officer, _way(), now=at)
        return officer

    def _note_locked(self, username: str, at: datetime) -> None:
        officer = self.session.scalars(select(Officer).where(Officer.username == username.strip())).first()
        if officer is not None:
            administration.note_sign_in(officer, _way(), now=at, locked=True)

    def _may_enter(self, officer: Officer) -> bool:
        if officer.tenant_id is None:
            return True
        return self.session.scalar(select(Kanwil.state).where(Kanwil.id == officer.tenant_id)) == "active"

    def get_first_user(self) -> Any:
        return None  # FAB asks only to balance its timing; ours is balanced by the counting of tries

    def update_user_auth_stat(self, user: Any, success: bool = True) -> None:
        values = (
            {
                "login_count": func.coalesce(Officer.login_count, 0) + 1,
                "last_login": now(),
                "fail_login_count": 0,
            }
            if success
            else {"fail_login_count": func.coalesce(Officer.fail_login_count, 0) + 1}
        )
        with database.transaction() as db:
            db.execute(
                update(Officer)
                .where(Officer.id == user.id)
                .values(**values)
                .execution_options(synchronize_session=False)
            )

    def noop_user_update(self, user: Any) -> None:
        return None

    # -- each request ----------------------------------------------------------------------------------------------

    def load_user(self, pk: Any) -> Any:
        officer = self._officer(pk)
        if officer is None or session.get("v") != (officer.session_version or 0):
            return None
        return self._enter(officer)

    def load_user_jwt(self, _header: dict[str, Any], claims: dict[str, Any]) -> Any:
        officer = self._officer(claims["sub"])
        if officer is None or claims.get("v") != (officer.session_version or 0):
            return None
        g.user = officer
        return self._enter(officer)

    def create_login_manager(self, app: Any) -> LoginManager:
        """FAB's, without what reads the session on pages that have none: the remember cookie, a context processor."""
        manager = LoginManager()
        manager.user_loader(self.load_user)
        app.login_manager = manager
        return manager

    def create_jwt_manager(self, app: Any) -> Any:
        manager = super().create_jwt_manager(app)

        for loader in (
            manager.unauthorized_loader,
            manager.invalid_token_loader,
            manager.expired_token_loader,
            manager.revoked_token_loader,
            manager.needs_fresh_token_loader,
            manager.user_lookup_error_loader,
        ):
            loader(no_token)

        @manager.additional_claims_loader
        def version_of(identity: str) -> dict[str, Any]:
            officer = self._officer(identity)
            return {"v": (officer.session_version or 0) if officer else -1}

        return manager

    def _officer(self, pk: Any) -> Officer | None:
        """The officer with his roles, and his Kanwil's state: two statements."""
        with entered(None) if current_or_none() is not None else nullcontext():
            row = self.session.execute(
                select(Officer, Kanwil.state)
                .outerjoin(Kanwil, Kanwil.id == Officer.tenant_id)
                .where(Officer.id == int(pk))
                .options(selectinload(Officer.roles))
            ).first()
            if row is None or not row[0].active or row[1] == "suspended":
                return None
            for one in (
                *row[0].roles,
                row[0],
            ):  # plain data from here on: a rolled back use case must not empty it
                self.session.expunge(one)
        return row[0]  # type: ignore[no-any-return]

    def _enter(self, officer: Officer) -> Officer:
        g.karya_officer, g.karya_language = officer, officer.language
        set_for_request(scope_of(officer))
        return officer

    # -- permissions -----------------------------------------------------------------------------------------------

    def permissions(self) -> frozenset[tuple[str, str]]:
        """(permission, view) of the officer of this request, lent roles included; at most one statement a minute."""
        officer = getattr(g, "karya_officer", None)
        if officer is None:
            return frozenset()
        if "karya_permissions" not in g:
            g.karya_permissions = self._permissions_of(tuple(sorted(actor().roles)))
        return g.karya_permissions  # type: ignore[no-any-return]

    def _permissions_of(self, roles: tuple[str, ...]) -> frozenset[tuple[str, str]]:
        """What these roles may do, kept for a minute: the table changes only when `init` runs."""
        kept = self._kept.get(roles)
        if kept is None or kept[0] < time.monotonic():
            rows = self.session.scalars(
                select(PermissionView)
                .join(PermissionView.role)
                .where(Role.name.in_(roles))
                .options(joinedload(PermissionView.permission), joinedload(PermissionView.view_menu))
            ).unique()
            held = frozenset((row.permission.name, row.view_menu.name) for row in rows)
            kept = self._kept[roles] = (time.monotonic() + KEPT_SECONDS, held)
        return kept[1]

    def has_access(self, permission_name: str, view_name: str) -> bool:
        if getattr(g, "karya_officer", None) is None:
            bool(current_user.is_authenticated)  # loads the officer of the cookie, where there is one
        return (permission_name, view_name) in self.permissions()

    def _has_view_access(self, user: object, permission_name: str, view_name: str) -> bool:
        return self.has_access(permission_name, view_name)

    def is_item_public(self, permission_name: str, view_name: str) -> bool:
        return False

    def get_user_menu_access(self, menu_names: list[str] | None = None) -> set[str]:
        return {view for permission, view in self.permissions() if permission == "menu_access"}
