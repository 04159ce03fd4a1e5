"""How people and programs see Karya: the app factory, pages, API, templates.

A view parses, calls one use case of a domain room and renders; no rule and no query of its own. Whoever adds a module
to `views/` or `api/` gives it a ``register(app, appbuilder)`` and names it in `_PAGES` or `_APIS`.
"""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

from flask import Flask, g, request, session
from flask_wtf import CSRFProtect

import rooms
from config import Settings
from tenants import database
from tenants.scope import set_for_request
from webapp import assets, errors, fab, headers, shell

HERE = Path(__file__).parent
_PAGES = (
    "public",
    "verification",
    "health",
    "home",
    "language",
    "notices",
    "search",
    "product_sheets",
    "desk",
    "bulk",
    "products",
    "inspections",
    "inbox",
    "cases",
    "minutes",
    "talk",
    "guest",
    "purchases",
    "purchase_imports",
    "purchase_entry",
    "figures",
    "recaps",
    "national_recaps",
    "recap_rounds",
    "obstacles",
    "delivery",
    "reports",
    "officers",
    "settings",
    "substitutes",
    "webhooks",
    "definitions",
    "national_definitions",
    "audit",
    "centre",
    "featured",
)
_APIS = (
    "products",
    "inspections",
    "product_sheets",
    "catalogue",
    "featured",
    "cases",
    "desk",
    "talk",
    "invitations",
    "minutes",
    "saved_views",
    "calendar",
    "purchases",
    "national_imports",
    "purchase_teaching",
    "figures",
    "recaps",
    "national_recaps",
    "obstacles",
    "delivery",
    "reports",
    "verifications",
    "definitions",
    "national_definitions",
    "webhooks",
    "substitutes",
    "notices",
    "openapi",
)
PUBLIC_BLUEPRINTS = frozenset({"public", "verification", "guest", "health", "static", "assets"})
"""Pages without session or cookie; they read through the public connection alone."""


def create_app(settings: Settings) -> Flask:
    """The WSGI application. Opens the database of `settings` for this process."""
    rooms.load()
    if database.db is None or database.db.settings != settings:
        database.configure(settings)
    app = Flask("webapp", root_path=str(HERE), static_folder=None)
    app.config.update(_flask_config(settings))
    app.extensions["karya"] = settings
    app.teardown_request(_end)
    app.url_map.strict_slashes = False
    errors.register(app)
    headers.register(app)
    assets.register(app)
    with app.app_context():
        CSRFProtect(app)
        from webapp.security.builder import KaryaAppBuilder
        from webapp.views.home import HomeView

        appbuilder = KaryaAppBuilder(
            app,
            database.db.sessions,
            indexview=HomeView,
            base_template="appbuilder/base.html",
            update_perms=False,
        )
        app.extensions["babel"].locale_selector = locale
        shell.register(app)
        fab.register(appbuilder)
        for area, names in (("views", _PAGES), ("api", _APIS)):
            for name in names:
                import_module(f"webapp.{area}.{name}").register(app, appbuilder)
    database.db.release()
    return app


def is_public() -> bool:
    """Whether this request is for a page without session."""
    return (request.blueprint or request.endpoint or "static") in PUBLIC_BLUEPRINTS


def locale() -> str:
    """Indonesian, or English where asked: by address on the public pages, by the session on an officer's, by
    Accept-Language where a program comes with a token."""
    if "karya_locale" not in g:
        asked = request.args.get("lang") if is_public() else session.get("locale")
        if asked is None and "Authorization" in request.headers:
            asked = request.accept_languages.best_match(["id", "en"])
        g.karya_locale = asked if asked in ("id", "en") else "id"
    return g.karya_locale  # type: ignore[no-any-return]


def _end(_: BaseException | None = None) -> None:
    database.db.release()
    set_for_request(None)


def _flask_config(settings: Settings) -> dict[str, Any]:
    return {
        "SECRET_KEY": settings.secret_key,
        "JWT_SECRET_KEY": settings.secret_key,
        "JWT_ACCESS_TOKEN_EXPIRES": timedelta(hours=1),
        "JWT_REFRESH_TOKEN_EXPIRES": timedelta(hours=settings.session_hours),
        "FAB_SECURITY_MANAGER_CLASS": "webapp.security.manager.KaryaSecurityManager",
        "FAB_UPDATE_PERMS": False,
        "FAB_CREATE_DB": False,
        "FAB_ADD_SECURITY_VIEWS": True,
        "FAB_ADD_SECURITY_API": False,
        "FAB_API_SWAGGER_UI": False,
        "FAB_API_KEY_ENABLED": False,
        "AUTH_TYPE": 1,
        "AUTH_USER_REGISTRATION": False,
        "APP_NAME": "Karya",
        "BABEL_DEFAULT_LOCALE": "id",
        "BABEL_TRANSLATION_DIRECTORIES": str(HERE / "translations"),
        "LANGUAGES": {"id": {"flag": "id", "name": "Indonesia"}, "en": {"flag": "gb", "name": "English"}},
        "SESSION_COOKIE_NAME": "karya",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": settings.secure_cookies,
        "SESSION_REFRESH_EACH_REQUEST": False,
        "PERMANENT_SESSION_LIFETIME": timedelta(hours=settings.session_hours),
        "WTF_CSRF_TIME_LIMIT": None,
        "MAX_CONTENT_LENGTH": 96 * 1024 * 1024,
        "MAX_FORM_MEMORY_SIZE": 2 * 1024 * 1024,
        "MAX_FORM_PARTS": 2000,
        "TEMPLATES_AUTO_RELOAD": False,
        "SEND_FILE_MAX_AGE_DEFAULT": timedelta(days=30),
        "RATELIMIT_ENABLED": False,
    }
