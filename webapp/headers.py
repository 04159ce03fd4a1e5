"""What every answer says about itself: content security policy with a nonce, framing, sniffing, referrer, caching."""

from __future__ import annotations

import secrets

from flask import Flask, Response, current_app, g, request


def register(app: Flask) -> None:
    """Add the headers to each answer and `csp_nonce()` to the templates."""
    app.jinja_env.globals["csp_nonce"] = nonce
    app.after_request(_add)


def nonce() -> str:
    """This answer's nonce for its own scripts and styles."""
    if "karya_nonce" not in g:
        g.karya_nonce = secrets.token_urlsafe(16)
    return g.karya_nonce  # type: ignore[no-any-return]


def _add(response: Response) -> Response:
    mark = f" 'nonce-{g.karya_nonce}'" if "karya_nonce" in g else ""
    response.headers.setdefault(
        "Content-Security-Policy",
        f"default-src 'none'; script-src 'self'{mark}; style-src 'self'{mark}; img-src 'self' data: blob:; "
        "font-src 'self'; connect-src 'self'; form-action 'self'; frame-src 'self'; object-src 'self'; "
        "frame-ancestors 'self'; base-uri 'none'; manifest-src 'self'",
    )
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("X-Frame-Options", "SAMEORIGIN")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    response.headers.setdefault("Permissions-Policy", "camera=(self), geolocation=(), microphone=()")
    response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    if current_app.extensions["karya"].base_url.startswith("https://"):
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    if "karya_officer" in g and request.endpoint != "static":
        response.headers["Cache-Control"] = response.headers.get("Cache-Control") or "private, no-store"
    return response
