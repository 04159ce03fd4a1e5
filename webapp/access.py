"""Who is asking and what he may: the decorators that every officer's page and every API method wears.

``@requires("read_inbox")`` on a page sends a stranger to the sign-in page and answers 403 to the wrong role; on the API
(`requires_api`) it wants a bearer token and answers 401 / 403 as problem details. Permissions are FAB's.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import current_app, g, redirect, request, url_for
from flask_jwt_extended import verify_jwt_in_request
from flask_login import current_user

from tenants import clock
from tenants.centre import lent_to
from tenants.errors import Forbidden
from tenants.officers import Actor, actor_of
from tenants.substitutes import Post, post_of
from webapp.security.permissions import GRANTS, VIEW


def actor() -> Actor:
    """The officer of this request, with what letters lend him today."""
    if "karya_actor" not in g:
        here, officer = post(), g.karya_officer
        g.karya_actor = actor_of(officer, here.acting if here else lent_to(officer, clock.now()))
    return g.karya_actor  # type: ignore[no-any-return]


def post() -> Post | None:
    """Where the officer of this request works; None for the centre. One statement a request."""
    if "karya_post" not in g:
        officer = g.karya_officer
        g.karya_post = post_of(officer, clock.now()) if officer.tenant_id is not None else None
    return g.karya_post  # type: ignore[no-any-return]


def may(permission: str) -> bool:
    """Whether the officer of this request holds a permission of `security.permissions.GRANTS`."""
    if permission not in GRANTS:
        raise KeyError(permission)
    return bool(current_app.appbuilder.sm.has_access(f"can_{permission}", VIEW))  # type: ignore[attr-defined]


def requires(
    permission: str, *, otherwise: tuple[str, str] | None = None
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Let an officer with this permission through.

    `otherwise`: (permission, endpoint) of the page that is the same thing to another role; it is shown the way there.
    """
    return _guard(permission, lambda: None, otherwise)


def requires_api(permission: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """The same for the API: by bearer token alone, never by the browser's cookie."""
    return _guard(permission, verify_jwt_in_request)


def _guard(
    permission: str, verify: Callable[[], Any], otherwise: tuple[str, str] | None = None
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    if permission not in GRANTS:
        raise KeyError(permission)
    by_token = verify is verify_jwt_in_request

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if by_token:
                verify()
            elif not current_user.is_authenticated:
                return to_sign_in()
            if not may(permission):
                if otherwise is not None and may(otherwise[0]):
                    return redirect(url_for(otherwise[1]), 303)
                raise Forbidden(detail={"roles": list(GRANTS[permission])})
            return view(*args, **kwargs)

        guarded.karya_permission = permission  # type: ignore[attr-defined]
        return guarded

    return decorate


def to_sign_in() -> Any:
    """The way of a stranger: to the sign-in page, and from there back here."""
    here = request.full_path.rstrip("?") if request.method == "GET" else url_for("HomeView.home")
    target = url_for("SignInView.login", next=here)
    if request.headers.get("HX-Request"):
        return "", 401, {"HX-Redirect": target}
    return redirect(target)
