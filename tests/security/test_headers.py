"""What every answer tells the browser, and what it leaves there."""

from __future__ import annotations

import re
from typing import Any

import pytest

PAGES = [
    "/",
    "/katalog",
    "/upt",
    "/kampanye",
    "/verifikasi",
    "/login/",
    "/tidak-ada",
    "/beranda/",
    "/healthz",
]
PUBLIC = [
    "/",
    "/katalog",
    "/upt",
    "/kampanye",
    "/verifikasi",
    "/verifikasi/AAAA-BBBB",
    "/robots.txt",
    "/sitemap.xml",
    "/healthz",
    "/readyz",
    "/metrics",
    "/tidak-ada",
    "/api/v1/catalogue/products",
    "/api/v1/_openapi",
]
OFFICERS = ["/beranda/", "/pemberitahuan", "/produk", "/pembelian/", "/rekap/kendala", "/kata-sandi/"]


def policy(answer: Any) -> dict[str, list[str]]:
    parts = answer.headers["Content-Security-Policy"].split(";")
    return {words[0]: words[1:] for words in (part.split() for part in parts) if words}


@pytest.mark.parametrize("path", PAGES)
def test_every_answer_carries_the_policy(client: Any, path: str) -> None:
    answer = client.get(path)
    allowed = policy(answer)
    assert allowed["default-src"] == ["'none'"]
    for name in ("script-src", "style-src"):
        assert not {"'unsafe-inline'", "'unsafe-eval'", "*", "data:", "https:"} & set(allowed[name])
        assert all(one == "'self'" or one.startswith("'nonce-") for one in allowed[name])
    assert allowed["base-uri"] == ["'none'"]
    assert allowed["form-action"] == ["'self'"]
    assert allowed["frame-ancestors"] in (["'self'"], ["'none'"])
    assert answer.headers["X-Frame-Options"] in ("SAMEORIGIN", "DENY")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] in (
        "same-origin",
        "no-referrer",
        "strict-origin-when-cross-origin",
    )


@pytest.mark.parametrize("path", ["/", "/katalog", "/verifikasi", "/login/", "/tidak-ada", *OFFICERS])
def test_no_page_needs_inline_script_or_style(officer: Any, path: str) -> None:
    page = officer("operator.lapas-iia-pontianak").get(path).text
    nonces = set(re.findall(r"nonce=\"([^\"]+)\"", page))
    for tag in re.findall(r"<(?:script|style)\b[^>]*>", page):
        data = 'type="application/ld+json"' in tag  # read by search engines, executed by nobody
        assert "src=" in tag or "nonce=" in tag or data, tag
    assert not re.findall(r"<[^>]+\son[a-z]+\s*=", page)
    assert not re.findall(r"<[^>]+\sstyle\s*=", page)
    assert "javascript:" not in page
    assert len(nonces) <= 1


def test_a_nonce_is_used_once(client: Any) -> None:
    seen = [
        re.findall(r"'nonce-([^']+)'", client.get("/login/").headers["Content-Security-Policy"])
        for _ in range(3)
    ]
    flat = [one for found in seen for one in set(found)]
    assert len(flat) == len(set(flat))


@pytest.mark.parametrize("path", PUBLIC)
def test_a_public_page_leaves_no_cookie(client: Any, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code < 500
    assert "Set-Cookie" not in answer.headers
    assert "Cookie" not in answer.headers.get("Vary", "")


@pytest.mark.parametrize("path", ["/", "/katalog", "/verifikasi"])
def test_a_public_page_is_the_same_for_an_officer(officer: Any, client: Any, path: str) -> None:
    """It may be cached for everybody, so it may know nobody."""
    strip = re.compile(r"nonce=\"[^\"]+\"")
    mine = officer("pembina.kalbar").get(path)
    assert strip.sub("", mine.text) == strip.sub("", client.get(path).text)
    assert "Set-Cookie" not in mine.headers


def test_the_session_cookie_is_kept_from_scripts_and_other_sites(visitor: Any) -> None:
    cookie = visitor.get("/login/").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_behind_https_cookies_and_the_site_stay_there(settings: Any) -> None:
    import dataclasses

    from tenants import database
    from webapp import create_app

    secure = dataclasses.replace(settings, secure_cookies=True, base_url="https://karya.contoh.id")
    answer = create_app(secure).test_client().get("/login/", base_url="https://karya.contoh.id")
    assert "Secure" in answer.headers["Set-Cookie"]
    assert "max-age" in answer.headers["Strict-Transport-Security"]
    database.db.dispose()


def test_an_officers_page_is_kept_by_no_cache(officer: Any) -> None:
    one = officer("pembina.kalbar")
    for path in ("/beranda/", "/produk", "/kotak-masuk"):
        kept = one.get(path).headers["Cache-Control"]
        assert "no-store" in kept, (path, kept)
